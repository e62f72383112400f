"""Which words are Vietnamese syllables: onsets, rhymes and tones of the written language."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

#: "nghiêng" with loose marks has nine characters
_LONGEST = 12
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
    toned = {rhyme: tuple(_toned(rhyme)) for _, rhyme in pairs}
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
    return len(word) <= _LONGEST and _plain(word) in _syllables()


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

    ``?`` counts only between two letters of a word that some Vietnamese letter in its place makes a
    syllable ("Ti?n"), and never in an address of the web. A single mark in a word of three
    characters ("b?c") is not enough.
    """
    if "\ufffd" in text:
        return True
    if "?" not in text or "=" in text or "//" in text or "www." in text:
        return False
    damaged = [word for word in _ASKED_WORD.findall(text) if _was_syllable(word)]
    beyond_doubt = text.count("?") > 1 or any(len(word) > _SHORT for word in damaged)
    return bool(damaged) and beyond_doubt
