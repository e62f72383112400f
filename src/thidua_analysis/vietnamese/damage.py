"""Text whose bytes were read in the wrong encoding: what can be proposed, and what is lost."""

from __future__ import annotations

import re
from itertools import product

from .syllables import is_syllable

#: how the first bytes of Vietnamese letters in UTF-8 look when read as Windows-1252
_MOJIBAKE = re.compile(
    "[\u00c3-\u00c6][^ -~]|\u00c3[ \u00a0]|\u00e1[\u00ba\u00bb]|\u00cc[\u0080-\u00a3€‰ƒ]"
)
_WORD = re.compile(r"[^\W\d_]+")
_ASKED_WORD = re.compile(r"[A-Za-z\u00c0-\u1ef9]+(?:\?{1,2}[A-Za-z\u00c0-\u1ef9]+)+")
#: letters that Windows-1252 lacks, so that saving in it leaves a question mark
_NOT_IN_WINDOWS_1252 = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹđăơư"
_MOST_MARKS = 2
_SHORT = 3


def mojibake(text: str) -> str | None:
    """Return what UTF-8 text read as Windows-1252 was meant to be.

    Parameters
    ----------
    text
        Text of a cell, such as ``Há»™i NÃ´ng dÃ¢n``.

    Returns
    -------
    str or None
        The text repaired, or None where it is not damaged Vietnamese. Only a suggestion.
    """
    if not _MOJIBAKE.search(text):
        return None
    import ftfy  # needed for a handful of cells only, and slow to load

    repaired = str(ftfy.fix_encoding(text))
    if repaired == text:
        repaired = _decoded_whole(text)
    new_words = set(_WORD.findall(repaired)) - set(_WORD.findall(text))
    return repaired if any(map(is_syllable, new_words)) else None


def _decoded_whole(text: str) -> str:
    """Decode a text in which ftfy finds too little damage to be sure: one short word."""
    try:
        return text.encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        return text


def _was_syllable(word: str) -> bool:
    marks = word.count("?")
    if marks > _MOST_MARKS:
        return False
    pieces = word.split("?")
    return any(
        is_syllable("".join(a + b for a, b in zip(pieces, (*letters, ""), strict=True)))
        for letters in product(_NOT_IN_WINDOWS_1252, repeat=marks)
    )


def has_lost(text: str) -> bool:
    """Whether letters of the text are gone: U+FFFD, or ``?`` in the place of a letter.

    Parameters
    ----------
    text
        Text of a cell.

    Returns
    -------
    bool
        ``?`` counts only between two letters of a word that some Vietnamese letter in its
        place makes a syllable ("Ti?n"), and never in an address of the web. A single mark in a
        word of three characters ("b?c") is not enough.
    """
    if "\ufffd" in text:
        return True
    if "?" not in text or "=" in text or "//" in text or "www." in text:
        return False
    damaged = [word for word in _ASKED_WORD.findall(text) if _was_syllable(word)]
    beyond_doubt = text.count("?") > 1 or any(len(word) > _SHORT for word in damaged)
    return bool(damaged) and beyond_doubt
