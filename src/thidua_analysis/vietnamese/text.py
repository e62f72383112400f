"""Vietnamese text: cleaned, compared, its syllables, and whether saving it has damaged it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any

#: "nghiêng" with loose marks has nine characters
_LONGEST_SYLLABLE = 12
_STOPS = ("c", "ch", "p", "t")
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_TONES_BEFORE_STOP = ("\u0301", "\u0323")
_MARKED = "ăâêôơư"
_VOWELS = "aeiouy" + _MARKED


def _tone_places(rhyme: str) -> tuple[int, ...]:
    """Where the tone may stand: both styles of open oa, oe, uy (hoà and hòa)."""
    marked = [i for i, letter in enumerate(rhyme) if letter in _MARKED]
    if marked:
        return (marked[-1],)
    nucleus = len(rhyme) - len(rhyme.lstrip(_VOWELS))
    if nucleus < len(rhyme) or nucleus == 1:
        return (nucleus - 1,)
    if nucleus == 3:
        return (1,)
    return (0, 1) if rhyme in ("oa", "oe", "uy") else (0,)


def _toned(rhyme: str) -> Iterator[str]:
    tones = _TONES_BEFORE_STOP if rhyme.endswith(_STOPS) else _TONES
    for place in _tone_places(rhyme):
        head, tail = rhyme[: place + 1], rhyme[place + 1 :]
        for tone in tones:
            yield unicodedata.normalize("NFC", head + tone + tail)


def _pairs(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    onsets: dict[str, list[str]] = data["onsets"]
    rhymes = {name: words.split() for name, words in data["rhymes"].items()}
    for allowed, endings in (
        (onsets["any"], rhymes["any"]),
        (onsets["back"], [rhyme for rhyme in rhymes["any"] if rhyme[0] not in "eêi"]),
        (onsets["front"], [rhyme for rhyme in rhymes["any"] if rhyme[0] in "eêi"]),
        (onsets["y"], ["y"]),
        ([""], rhymes["without_onset"]),
        (["qu"], rhymes["after_qu"]),
        (["gi"], [rhyme for rhyme in rhymes["any"] if rhyme[0] != "i"] + rhymes["after_gi"]),
        (["g"], rhymes["after_g"]),
    ):
        yield from ((onset, rhyme) for onset in allowed for rhyme in endings)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("syllables.toml").read_text("utf-8"))


@cache
def _syllables() -> frozenset[str]:
    """All syllables, about 18,000; made on first use."""
    pairs = tuple(_pairs(_data()))
    toned = {rhyme: tuple(_toned(rhyme)) for rhyme in {rhyme for _, rhyme in pairs}}
    regular = (onset + form for onset, rhyme in pairs for form in toned[rhyme])
    return frozenset((*regular, *_data()["names"]["words"].split()))


@cache
def _usual() -> frozenset[str]:
    return frozenset(_data()["usual"]["words"].split())


@lru_cache(maxsize=1 << 14)
def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", word.lower())


def is_syllable(word: str) -> bool:
    """Whether a word is a possible Vietnamese syllable, by its spelling alone.

    Rhymes that end in c, ch, p, t take sắc or nặng only. Of other words only a few names ("Đắk",
    "Kạn") are known.
    """
    return len(word) <= _LONGEST_SYLLABLE and _plain(word) in _syllables()


def is_more_usual(one: str, other: str) -> bool:
    """Whether, of two readings of a word, only the first is in everyday use."""
    return _plain(one) in _usual() and _plain(other) not in _usual()


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
    """Return what UTF-8 text read as Windows-1252 (``Há»™i NÃ´ng dÃ¢n``) was meant to be."""
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


@cache
def _asked_syllables() -> frozenset[str]:
    """Syllables with a question mark in the place of one or two letters that can be lost."""
    lost = {s: [at for at, c in enumerate(s) if c in _NOT_IN_WINDOWS_1252] for s in _syllables()}
    return frozenset(
        "".join("?" if at in places else c for at, c in enumerate(syllable))
        for syllable, letters in lost.items()
        for marks in range(1, _MOST_MARKS + 1)
        for places in combinations(letters, marks)
    )


def has_lost(text: str) -> bool:
    """Whether letters of the text are gone: U+FFFD, or ``?`` in the place of a letter.

    ``?`` counts only between two letters of a word that some Vietnamese letter in its place makes a
    syllable ("Ti?n"), and never in an address of the web. A single mark in a word of three
    characters ("b?c") is not enough.
    """
    if "\ufffd" in text:
        return True
    if "?" not in text or "=" in text or "//" in text or "www." in text:
        return False
    damaged = [word for word in _ASKED_WORD.findall(text) if _plain(word) in _asked_syllables()]
    beyond_doubt = text.count("?") > 1 or any(len(word) > _SHORT for word in damaged)
    return bool(damaged) and beyond_doubt


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
    # a Latin letter takes up the loose mark that no Cyrillic one composes with
    return (_composed(repaired), True) if repaired != text else (text, False)


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
