"""Text of a cell as it can be stored, or a finding: legacy fonts, lost letters, look-alikes."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

from thidua_analysis.vietnamese.text import (
    ABBREVIATION,
    REMEMBERED,
    VIETNAMESE_ONLY,
    clean,
    has_lost,
    is_more_usual,
    is_syllable,
    mojibake,
    repair_lookalikes,
)

Encoding = Literal["tcvn3", "vni"]
#: how a word reads: only converted, only as it stands, both ways (the usual one first), no way
Verdict = Literal[
    "legacy",
    "unicode",
    "rather legacy",
    "rather unicode",
    "either",
    "neither",
    "abbreviation",
    "plain",
]
Runs = tuple[tuple[str, str | None], ...]
ENCODINGS: tuple[Encoding, ...] = ("tcvn3", "vni")

_HIGH = re.compile("[\u00a1-\u00ff]")
#: letters of all kinds, with the signs and the soft hyphen that are letters in TCVN3
_WORD = re.compile("(?:[^\\W\\d_]|[\u00a1-\u00ff\u0300-\u0323])+")
_FONTS: tuple[tuple[re.Pattern[str], Encoding], ...] = (
    (re.compile(r"\.vn", re.IGNORECASE), "tcvn3"),
    (re.compile(r"vni[- ]", re.IGNORECASE), "vni"),
)
#: no word of one syllable is longer in any encoding
_LONGEST_WORD = 20
#: without a font to say so, most words must be Vietnamese after conversion
_LEAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Legacy:
    """Text recognised as legacy, converted."""

    encoding: Encoding
    text: str
    #: font and words agree: converted and noted; else only shown as a suggestion
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


def convert(text: str, encoding: Encoding) -> str:
    """Convert every legacy letter of a text."""
    table = tables()[encoding]
    return _pattern(encoding).sub(lambda match: table[match[0]], text)


def may_be_legacy(text: str) -> bool:
    """Whether fonts need looking up at all: the text has a character from U+00A1 to U+00FF."""
    return _HIGH.search(text) is not None


def font_encoding(font: str | None) -> Encoding | None:
    """Return the encoding that a font name stands for; UVN-, UTM- and SVN- fonts are Unicode."""
    if not font:
        return None
    return next((encoding for pattern, encoding in _FONTS if pattern.match(font)), None)


def _draws_capitals(font: str | None) -> bool:
    """Whether small letters show as capitals: in TCVN3 fonts whose name ends in H."""
    return bool(font) and font_encoding(font) == "tcvn3" and cast(str, font).endswith("H")


def _known(word: str) -> bool:
    """Whether the word is Vietnamese as it stands; "vÒ" with its capital is not."""
    in_one_case = word.isupper() or word[1:] == word[1:].lower()
    return in_one_case and is_syllable(repair_lookalikes(word)[0])


def _judge(word: str, encoding: Encoding) -> tuple[Verdict, str]:
    """Return how a word reads in an encoding, and the word so read."""
    return _judge_short(word, encoding) if len(word) <= _LONGEST_WORD else ("plain", word)


@lru_cache(maxsize=1 << 14)
def _judge_short(word: str, encoding: Encoding) -> tuple[Verdict, str]:
    if VIETNAMESE_ONLY.search(word):
        return "unicode", word
    if not _HIGH.search(word):
        return "plain", word
    converted = convert(word, encoding)
    if _HIGH.search(_pattern(encoding).sub("", word)):
        return "unicode", word
    if converted == word:
        return "plain", word
    if _known(word):
        return _judge_known(word, converted)
    # a sign between words ("·", "§") is no word, though in TCVN3 it is a letter
    if is_syllable(converted) and any(map(str.isalpha, word)):
        return "legacy", converted
    return ("abbreviation" if ABBREVIATION.fullmatch(converted) else "neither"), converted


def _judge_known(word: str, converted: str) -> tuple[Verdict, str]:
    if not is_syllable(converted):
        return "rather unicode", word
    if is_more_usual(converted, word):
        return "rather legacy", converted
    return ("rather unicode" if is_more_usual(word, converted) else "either"), converted


def supporting_words(text: str) -> Counter[str]:
    """Count the different words of a text that speak for each encoding.

    A word speaks for an encoding when it is a possible syllable after conversion and was none
    before. Add the counters of all cells of a sheet and pass the greater one as ``majority``.
    """
    counts: Counter[str] = Counter()
    if not _HIGH.search(text):
        return counts
    for word in set(_WORD.findall(text)):
        counts.update(e for e in ENCODINGS if _judge(word, e)[0] == "legacy")
    return counts


def _verdicts(text: str, encoding: Encoding) -> Counter[Verdict]:
    return Counter(_judge(word, encoding)[0] for word in set(_WORD.findall(text)))


def _all_capitals(text: str) -> bool:
    """Whether a word of at least two plain letters and no small plain letter stands in it."""
    return bool(re.search("[A-Z][^a-z\\s]*[A-Z]", text)) and not re.search("[a-z]", text)


def _convert_words(text: str, encoding: Encoding, capitals: bool) -> str:
    """Convert a legacy cell word by word; words that are Unicode already stay."""
    wanted: set[Verdict] = {"legacy", "rather legacy", "abbreviation"}
    verdicts = _verdicts(text, encoding)
    mixed = verdicts["unicode"] or verdicts["rather unicode"] > verdicts["legacy"]
    if not mixed:
        wanted |= {"either", "rather unicode", "neither"}
        capitals = capitals or (encoding == "tcvn3" and _all_capitals(text))

    def converted(match: re.Match[str]) -> str:
        verdict, word = _judge(match[0], encoding)
        if verdict in wanted:
            return word.upper() if capitals else word
        return match[0].upper() if capitals and verdict == "plain" else match[0]

    return _WORD.sub(converted, text)


def _share_of_syllables(text: str) -> float:
    """Share of syllables among the words; abbreviations in capitals do not count."""
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    syllables = sum(map(is_syllable, words))
    others = sum(not is_syllable(word) and not word.isupper() for word in words)
    return syllables / (syllables + others) if syllables else 0.0


def _unsure(text: str, counts: Counter[str], majority: str | None) -> Legacy | None:
    """Judge text whose font says nothing: two words, or one and the sheet, and good sense."""
    encoding, other = sorted(ENCODINGS, key=lambda e: (counts[e], e == majority), reverse=True)
    if counts[encoding] < (1 if encoding == majority else 2):
        return None
    if counts[other] == counts[encoding] and encoding != majority:
        return None
    converted = _convert_words(text, encoding, capitals=False)
    if _share_of_syllables(converted) < _LEAST_SHARE:
        return None
    return Legacy(encoding, converted, sure=False)


def _by_font(text: str, named: Encoding, font: str | None, majority: str | None) -> Legacy | None:
    """Judge text in a legacy font: borne out by a word, or by the sheet and no word against."""
    verdicts = _verdicts(text, named)
    against = verdicts["unicode"] or verdicts["rather unicode"]
    if not verdicts["legacy"] and (named != majority or against or set(verdicts) == {"plain"}):
        return None
    sure = any(verdicts[v] for v in ("legacy", "rather legacy", "either", "abbreviation"))
    return Legacy(named, _convert_words(text, named, _draws_capitals(font)), sure)


def detect(text: str, font: str | None = None, majority: str | None = None) -> Legacy | None:
    """Recognise legacy text by its characters, its words and its font.

    It is sure only in a legacy font, and with a word that speaks for its encoding or the sheet's
    majority; words alone only make a suggestion.
    """
    if not _HIGH.search(text):
        return None
    named = font_encoding(font)
    by_font = _by_font(text, named, font, majority) if named else None
    return by_font or _unsure(text, supporting_words(text), majority)


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
    """Recognise legacy text in a cell whose parts have different fonts, each by its own.

    It is sure only if every legacy part is. Parts that do not add up to the text count for nothing.
    """
    if clean("".join(part for part, _ in runs)) != clean(text):
        return detect(text, None, majority)
    judged = [(part, detect(part, font, majority)) for part, font in _same_font_runs(runs)]
    found = [legacy for _, legacy in judged if legacy]
    if not found:
        return None
    joined = "".join(legacy.text if legacy else part for part, legacy in judged)
    return Legacy(found[0].encoding, joined, all(legacy.sure for legacy in found))


class Text(NamedTuple):
    """Text read from a cell.

    ``value`` is None where ``code`` is an error; ``suggestion`` is what the text may have been.
    """

    value: str | None
    code: str | None = None
    suggestion: str | None = None

    @property
    def best(self) -> str:
        """What it says, else what it may have been; ``""`` where neither is known."""
        return self.value or self.suggestion or ""


def _damaged(raw: str) -> Text | None:
    if has_lost(raw):
        return Text(None, "text-lost")
    proposal = mojibake(raw)
    return Text(None, "text-mojibake", clean(proposal)) if proposal else None


def _legacy(raw: str, font: str | None, majority: str | None, runs: Runs) -> Text | None:
    if not may_be_legacy(raw):
        return None
    legacy = detect_runs(raw, runs, majority) if runs else detect(raw, font, majority)
    if legacy is None:
        return None
    converted = clean(legacy.text)
    if legacy.sure:
        return Text(converted, "text-converted")
    return Text(None, "text-legacy-unsure", converted)


def read_text(
    raw: str, font: str | None = None, majority: str | None = None, runs: Runs = ()
) -> Text:
    """Read the text of a cell: legacy conversion, composition, repair, invisible marks, spaces.

    Font, majority (the encoding for which most words of the sheet speak) and runs are needed only
    where `may_be_legacy`.
    """
    read = _read if len(raw) <= REMEMBERED else _read.__wrapped__
    # what is remembered under a text alone is found sooner
    return read(raw, font, majority, runs) if font or majority or runs else read(raw)


@lru_cache(maxsize=1 << 16)
def _read(raw: str, font: str | None = None, majority: str | None = None, runs: Runs = ()) -> Text:
    if raw.isascii() and "?" not in raw:
        return Text(clean(raw))
    found = _damaged(raw) or _legacy(raw, font, majority, runs)
    if found:
        return found
    repaired, changed = repair_lookalikes(clean(raw))
    return Text(repaired, "text-lookalike" if changed else None)
