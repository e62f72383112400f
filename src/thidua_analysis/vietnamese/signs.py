"""Signs that mean the same in every column: digits of full width, and signs for nothing."""

from __future__ import annotations

import re

from .text import clean, key

#: longer than any number or date with its remark; keeps patterns quick and caches small
LONGEST = 200

_HALF_WIDTH = str.maketrans("０１２３４５６７８９．，％／－（）", "0123456789.,%/-()")
_NOTHING = re.compile(r"[-–—−]*|…+|\.{2,}")
#: Latin x, the sign of multiplication and Cyrillic х
_CROSSES = ("x", "×", "\u0445")


def half_width(text: str) -> str:
    """Return the text cleaned, with digits and signs of East Asian width made ordinary."""
    return clean(text.translate(_HALF_WIDTH))


def says_nothing(text: str) -> bool:
    """Whether a cleaned text is blank or a sign such as "-", "–", "…"."""
    return _NOTHING.fullmatch(text) is not None


def is_cross(text: str) -> bool:
    """Whether the text is the "x" that says that a cell does not apply."""
    return key(text) in _CROSSES
