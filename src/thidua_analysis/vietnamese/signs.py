"""Signs that mean the same in every column: digits of full width, and signs for nothing."""

from __future__ import annotations

import re

from .text import clean, key

#: longer than any number or date with its remark; keeps patterns quick and caches small
LONGEST = 200

#: East Asian width, the slashes of fractions, and the hyphens that editors of text put in
_ORDINARY = str.maketrans(
    "０１２３４５６７８９．，％／－（）＜＞＝～⁄∕\u2010\u2011\u2012", "0123456789.,%/-()<>=~//---"
)
_NOTHING = re.compile(r"[-–—―−]*|…+|\.{2,}")
#: Latin x, the sign of multiplication and Cyrillic х
_CROSSES = ("x", "×", "\u0445")


def half_width(text: str) -> str:
    """Return the text cleaned, with digits and signs of other shapes made ordinary ones."""
    return clean(text.translate(_ORDINARY))


def says_nothing(text: str) -> bool:
    """Whether a cleaned text is blank or a sign such as "-", "–", "…"."""
    return _NOTHING.fullmatch(text) is not None


def is_cross(text: str) -> bool:
    """Whether the text is the "x" that says that a cell does not apply."""
    return key(text) in _CROSSES
