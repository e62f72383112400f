"""Text in TCVN3 (.VnTime) and VNI-Windows fonts: how it is recognised and converted, by word."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, cast

from .syllables import is_syllable
from .text import VIETNAMESE_ONLY, clean, repair_lookalikes

Encoding = Literal["tcvn3", "vni"]
Runs = tuple[tuple[str, str | None], ...]
ENCODINGS: tuple[Encoding, ...] = ("tcvn3", "vni")

_HIGH = re.compile("[\u00a1-\u00ff]")
#: letters of all kinds, with the signs and the soft hyphen that are letters in TCVN3
_WORD = re.compile("(?:[^\\W\\d_]|[\u00a1-\u00ff\u0300-\u0323])+")
_FONTS: tuple[tuple[re.Pattern[str], Encoding], ...] = (
    (re.compile(r"\.vn", re.IGNORECASE), "tcvn3"),
    (re.compile(r"vni[- ]", re.IGNORECASE), "vni"),
)
#: without a font to say so, most words must be Vietnamese after conversion
_LEAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Legacy:
    """Text recognised as legacy.

    Parameters
    ----------
    encoding
        Which one.
    text
        The converted text.
    sure
        True where font and words agree: converted and noted. False: shown as a suggestion only.
    """

    encoding: Encoding
    text: str
    sure: bool


@cache
def tables() -> dict[Encoding, dict[str, str]]:
    """Return legacy letter (TCVN3) or pair (VNI) → Unicode letter, for each encoding."""
    data = json.loads(files(__package__).joinpath("legacy_tables.json").read_text("utf-8"))
    return {encoding: data[encoding] for encoding in ENCODINGS}


@cache
def _pattern(encoding: Encoding) -> re.Pattern[str]:
    longest_first = sorted(tables()[encoding], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def convert(text: str, encoding: Encoding, capitals: bool = False) -> str:
    """Convert every legacy letter of a text.

    Parameters
    ----------
    text
        Text typed in the encoding.
    encoding
        ``"tcvn3"`` or ``"vni"``.
    capitals
        The font draws small letters as capitals (TCVN3 fonts whose name ends in H).

    Returns
    -------
    str
        Unicode text, converted in a single scan, longest match first.
    """
    table = tables()[encoding]
    converted = _pattern(encoding).sub(lambda match: table[match[0]], text)
    return converted.upper() if capitals else converted


def may_be_legacy(text: str) -> bool:
    """Whether fonts need looking up at all: the text has a character from U+00A1 to U+00FF."""
    return _HIGH.search(text) is not None


def font_encoding(font: str | None) -> Encoding | None:
    """Return the encoding that a font name stands for; UVN-, UTM- and SVN- fonts are Unicode."""
    if not font:
        return None
    return next((encoding for pattern, encoding in _FONTS if pattern.match(font)), None)


def _draws_capitals(font: str | None) -> bool:
    return bool(font) and font_encoding(font) == "tcvn3" and cast(str, font).endswith("H")


def _known(word: str) -> bool:
    """Whether the word is Vietnamese as it stands."""
    return bool(VIETNAMESE_ONLY.search(word)) or is_syllable(repair_lookalikes(word)[0])


@lru_cache(maxsize=1 << 14)
def _converted(word: str, encoding: Encoding) -> str | None:
    """Return the word converted, or None where it holds letters that the encoding lacks."""
    if not _HIGH.search(word) or VIETNAMESE_ONLY.search(word):
        return None
    table = tables()[encoding]
    rest = _pattern(encoding).sub("", word)
    if _HIGH.search(rest):
        return None
    return _pattern(encoding).sub(lambda match: table[match[0]], word)


@lru_cache(maxsize=1 << 14)
def _supports(word: str, encoding: Encoding) -> bool:
    converted = _converted(word, encoding)
    return (
        converted is not None and converted != word and not _known(word) and is_syllable(converted)
    )


def supporting_words(text: str) -> Counter[str]:
    """Count the different words of a text that speak for each encoding.

    A word speaks for an encoding when it is a possible syllable after conversion and was none
    before. Add the counters of all cells of a sheet and pass the greater one as ``majority``.

    Parameters
    ----------
    text
        Text of one cell, as stored in the file.

    Returns
    -------
    Counter
        Keys ``"tcvn3"`` and ``"vni"``; absent where no word speaks for it.
    """
    counts: Counter[str] = Counter()
    if not _HIGH.search(text):
        return counts
    for word in set(_WORD.findall(text)):
        counts.update(encoding for encoding in ENCODINGS if _supports(word, encoding))
    return counts


def _convert_word(word: str, encoding: Encoding, unicode_too: bool) -> str:
    """Convert one word of a legacy cell, or leave it where it is Unicode already."""
    converted = _converted(word, encoding)
    if converted is None:
        return word
    if _known(word) and (unicode_too or not is_syllable(converted)):
        return word
    return converted


def _all_capitals(text: str) -> bool:
    """Whether a word of at least two plain letters and no small plain letter stands in it."""
    return bool(re.search("[A-Z][^a-z\\s]*[A-Z]", text)) and not re.search("[a-z]", text)


def _convert_cell(text: str, encoding: Encoding, capitals: bool) -> str:
    words = _WORD.findall(text)
    unicode_too = any(VIETNAMESE_ONLY.search(word) for word in words)
    if not unicode_too and encoding == "tcvn3":
        capitals = capitals or _all_capitals(text)

    def replaced(match: re.Match[str]) -> str:
        word = match[0]
        if VIETNAMESE_ONLY.search(word):
            return word
        converted = _convert_word(word, encoding, unicode_too)
        return converted.upper() if capitals else converted

    return _WORD.sub(replaced, text)


def _share_of_syllables(text: str) -> float:
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    return sum(map(is_syllable, words)) / len(words) if words else 0.0


def _unsure(text: str, counts: Counter[str], majority: str | None) -> Legacy | None:
    """Judge text whose font says nothing: two words, or one and the sheet, and good sense."""
    ranked = sorted(ENCODINGS, key=lambda e: (counts[e], e == majority), reverse=True)
    encoding = ranked[0]
    if counts[encoding] < (1 if encoding == majority else 2):
        return None
    if counts[ranked[1]] == counts[encoding] and majority not in ENCODINGS:
        return None
    converted = _convert_cell(text, encoding, capitals=False)
    if _share_of_syllables(converted) < _LEAST_SHARE:
        return None
    return Legacy(encoding, converted, sure=False)


def detect(text: str, font: str | None = None, majority: str | None = None) -> Legacy | None:
    """Recognise legacy text by its characters, its words and its font.

    Parameters
    ----------
    text
        Text of a cell or of one run of it, as stored in the file.
    font
        Name of its font, if known.
    majority
        The encoding for which most words of the sheet speak, if any.

    Returns
    -------
    Legacy or None
        None where the text is Unicode. ``sure`` needs a legacy font and either a word that
        speaks for its encoding or the sheet's majority; words alone only make a suggestion.
    """
    if not _HIGH.search(text):
        return None
    counts = supporting_words(text)
    named = font_encoding(font)
    if named and (counts[named] or (named == majority and not counts)):
        converted = _convert_cell(text, named, _draws_capitals(font))
        return None if converted == text else Legacy(named, converted, sure=True)
    return _unsure(text, counts, majority)


def _same_font_runs(runs: Runs) -> list[tuple[str, str | None]]:
    """Join neighbouring runs whose fonts say the same, so that no word is cut."""
    joined: list[tuple[str, str | None]] = []
    for text, font in runs:
        if joined and (font_encoding(font), _draws_capitals(font)) == (
            font_encoding(joined[-1][1]),
            _draws_capitals(joined[-1][1]),
        ):
            joined[-1] = (joined[-1][0] + text, joined[-1][1])
        else:
            joined.append((text, font))
    return joined


def detect_runs(text: str, runs: Runs, majority: str | None = None) -> Legacy | None:
    """Recognise legacy text in a cell whose parts have different fonts.

    Parameters
    ----------
    text
        Text of the whole cell.
    runs
        Its parts as (text, font name). Ignored where they do not add up to the text.
    majority
        As in `detect`.

    Returns
    -------
    Legacy or None
        Each part judged by its own font; ``sure`` only if every legacy part is.
    """
    if clean("".join(part for part, _ in runs)) != clean(text):
        return detect(text, None, majority)
    judged = [(part, detect(part, font, majority)) for part, font in _same_font_runs(runs)]
    found = [legacy for _, legacy in judged if legacy]
    if not found:
        return None
    joined = "".join(legacy.text if legacy else part for part, legacy in judged)
    return Legacy(found[0].encoding, joined, all(legacy.sure for legacy in found))
