"""Vietnamese order of words, as the Unicode collation for Vietnamese has it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from .text import clean

#: spaces, punctuation and signs sort before digits, digits before letters
_SIGNS = " _-–—,;:!?.…'‘’\"“”«»()[]{}@*/\\&#%`^+<=>|~$"
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PRIMARY = {sign: chr(rank) for rank, sign in enumerate(_SIGNS + "0123456789" + _LETTERS, 1)}
#: huyền, hỏi, ngã, sắc, nặng
_TONES = {"\u0300": "\x02", "\u0309": "\x03", "\u0303": "\x04", "\u0301": "\x05", "\u0323": "\x06"}
_QUALITY = "\u0302\u0306\u031b"
_NO_MARK = "\x01"


def _letters(text: str) -> list[tuple[str, str]]:
    """Split text into base letters (â is one) with the marks that are left."""
    letters: list[tuple[str, str]] = []
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character) or not letters:
            letters.append((character, ""))
            continue
        base, marks = letters[-1]
        joined = unicodedata.normalize("NFC", base + character)
        if character in _QUALITY and joined.lower() in _PRIMARY:
            letters[-1] = (joined, marks)
        else:
            letters[-1] = (base, marks + character)
    return letters


@lru_cache(maxsize=1 << 14)
def sort_key(text: str) -> tuple[str, str, str]:
    """Return a key that sorts text as a Vietnamese dictionary does.

    The order is a ă â b c d đ e ê … o ô ơ … u ư …; only where all letters agree do the tones
    decide (ngang, huyền, hỏi, ngã, sắc, nặng), and only where these agree small letters stand
    before capitals. Spaces and signs come before digits, digits before letters, so that
    "Hội Nông dân" stands before "Hộim". Letters of other scripts come last.

    Parameters
    ----------
    text
        Any text; it is cleaned first.

    Returns
    -------
    tuple
        Letters, tones, case.

    Examples
    --------
    >>> sorted(["đa", "dạ", "dà", "da"], key=sort_key)
    ['da', 'dà', 'dạ', 'đa']
    """
    letters = _letters(clean(text))
    return (
        "".join(_PRIMARY.get(base.lower(), base.lower()) for base, _ in letters),
        "".join(_NO_MARK + "".join(_TONES.get(m, m) for m in marks) for _, marks in letters),
        "".join("1" if base.isupper() else "0" for base, _ in letters),
    )
