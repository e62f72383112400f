"""Vietnamese text in one form: cleaned for storing, and a comparison form for matching."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from thidua_analysis.vietnamese.syllables import is_syllable

#: longer texts do not come twice, and would fill the memory
REMEMBERED = 200

#: letters with marks that only Vietnamese uses, as single characters or as loose marks
VIETNAMESE_ONLY = re.compile(
    "[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u0300-\u0323\u1ea0-\u1ef9]"
)

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_QUALITY = "\u0302\u0306"
_TONE = "\u0300\u0301\u0303\u0309"
_DISORDER = re.compile(
    f"(?<=[aeoAEO])[{_TONE}{_QUALITY}]{{2,}}|(?<=[aeoAEO]\u0323)[{_TONE}{_QUALITY}]{{2,}}"
)
_LOOSE_QUALITY = re.compile(f"[{_QUALITY}]")

#: open oa, oe, uy with the tone on the second vowel; in "quý" the u belongs to the onset
_TONE_ON_SECOND = re.compile("(?:(?<!q)u[ỳýỷỹỵ]|o[àáảãạèéẻẽẹ])(?![\\w\u0300-\u036f])")
_ENDS = " .,:;*()"
#: signs that people set with and without spaces: commas between words, brackets, slashes
_LOOSE_SIGN = re.compile(r"(?<=[^\W\d_]) ?, ?(?=[^\W\d_])|(?<=\w) ?\( ?| \)| ?/ ?")
_SET_SIGNS = {",": ", ", "(": " (", ")": ")", "/": "/"}

_WORD = re.compile(r"[^\W\d_]+")
_LOOKALIKES = str.maketrans("ðÐƉɖ", "đĐĐđ")
_FOREIGN = "асеіјорѕухАВЕІКМНОРСТУХοΑΒΕΗΙΚΜΝΟΡΤΥΧ"
_FOREIGN_LOOKALIKES = str.maketrans(_FOREIGN, "aceijopsyxABEIKMHOPCTYXoABEHIKMNOPTYX")
_SUSPECT = re.compile(f"[ðÐƉɖ{_FOREIGN}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
#: such as HĐND or QĐ: capitals without a vowel
ABBREVIATION = re.compile("[BCDĐGHKLMNPQRSTVX]{2,8}")


def _marks_in_order(match: re.Match[str]) -> str:
    return "".join(sorted(match[0], key=_TONE.__contains__))


def _composed(text: str) -> str:
    """NFC, with the mark of the vowel before the tone so that both compose."""
    text = unicodedata.normalize("NFC", text)
    if not _LOOSE_QUALITY.search(text):
        return text
    loose = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _DISORDER.sub(_marks_in_order, loose))


def clean(text: str) -> str:
    """Return the text as it is stored: NFC, no invisible characters, single spaces.

    The tone stays where it was typed (``hoà`` stays ``hoà``). Legacy encodings must have been
    converted before, because the soft hyphen is a letter in one of them.
    """
    return _clean(text) if len(text) <= REMEMBERED else _clean.__wrapped__(text)


@lru_cache(maxsize=1 << 16)
def _clean(text: str) -> str:
    if not text.isascii():
        text = _composed(_INVISIBLE.sub("", text))
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def _tone_on_first(match: re.Match[str]) -> str:
    loose = unicodedata.normalize("NFD", match[0])
    return unicodedata.normalize("NFC", loose[0] + loose[2] + loose[1])


def key(text: str) -> str:
    """Return the form under which names and headings are compared, always exactly.

    Cleaned, casefolded, one style of tone placement (``hoà`` as ``hòa``; ``quý`` has one style
    only), signs spaced in one way, without ``.,:;*()`` at the ends. Marks are never stripped: 843
    of 15,543 Vietnamese place names would collide.
    """
    return _key(text) if len(text) <= REMEMBERED else _key.__wrapped__(text)


@lru_cache(maxsize=1 << 16)
def _key(text: str) -> str:
    folded = clean(clean(text).casefold()).strip(_ENDS)
    if "," in folded or "(" in folded or "/" in folded:
        folded = _LOOSE_SIGN.sub(lambda found: _SET_SIGNS[found[0].strip()], folded)
    return folded if folded.isascii() else _TONE_ON_SECOND.sub(_tone_on_first, folded)


def _repaired_word(match: re.Match[str]) -> str:
    word = match[0]
    if not _SUSPECT.search(word):
        return word
    repaired = word.translate(_LOOKALIKES)
    if _LATIN.search(word):
        repaired = repaired.translate(_FOREIGN_LOOKALIKES)
    vietnamese = (
        is_syllable(repaired) or ABBREVIATION.fullmatch(repaired) or VIETNAMESE_ONLY.search(word)
    )
    return repaired if vietnamese else word


def repair_lookalikes(text: str) -> tuple[str, bool]:
    """Replace letters that only look Vietnamese (ð, Ɖ, Cyrillic а), and say whether any was.

    Only inside words that are otherwise Vietnamese: "HÐND" is, "Guðrún" stays.
    """
    if not _SUSPECT.search(text):
        return text, False
    repaired = _WORD.sub(_repaired_word, text)
    return repaired, repaired != text


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


#: spaces, punctuation and signs sort before digits, digits before letters
_SIGNS = " _-–—,;:!?.…'‘’\"“”«»()[]{}@*/\\&#%`^+<=>|~$"
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PRIMARY = {sign: chr(rank) for rank, sign in enumerate(_SIGNS + "0123456789" + _ALPHABET, 1)}
#: huyền, hỏi, ngã, sắc, nặng
_TONE_RANKS = dict(zip("\u0300\u0309\u0303\u0301\u0323", "\x02\x03\x04\x05\x06", strict=True))
_SHAPE = "\u0302\u0306\u031b"
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
        if character in _SHAPE and joined.lower() in _PRIMARY:
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
        "".join(_NO_MARK + "".join(_TONE_RANKS.get(m, m) for m in marks) for _, marks in letters),
        "".join("1" if base.isupper() else "0" for base, _ in letters),
    )
