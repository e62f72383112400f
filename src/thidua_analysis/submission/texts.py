"""The texts of a sheet as they are read, and proposals of what a text may have meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import chain

from thidua_analysis.excel import Position, Sheet
from thidua_analysis.excel.cells import is_blank
from thidua_analysis.vietnamese.cell_text import Text, may_be_legacy, read_text, supporting_words
from thidua_analysis.vietnamese.text import key

_BLANK = Text(None)
#: signs and letters of Latin-1 that composed Vietnamese never has and legacy text is full of
_STRANGE = re.compile("[\u00a1-\u00bfÄ-ÇËÎ-ÑÖ-ØÛÜÞ-ßä-çëî-ñö-øûüþÿ]")
#: texts that are alike to so many percent may mean the same
_AT_LEAST = 75


class SheetTexts:
    """Reads the text of one sheet's cells, with what all its texts say of their encoding."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    @cached_property
    def strings(self) -> frozenset[str]:
        """All different texts of the sheet, as stored."""
        different = set(chain.from_iterable(self.sheet.rows))
        return frozenset(value for value in different if isinstance(value, str))

    @cached_property
    def blanks(self) -> frozenset[str]:
        """Texts of the sheet that show nothing."""
        return frozenset(text for text in self.strings if not text or text.isspace())

    @cached_property
    def is_strange(self) -> bool:
        """Whether some text of the sheet may be in a legacy encoding."""
        return _STRANGE.search("\n".join(self.strings)) is not None

    @cached_property
    def plain(self) -> Mapping[str, Text]:
        """What the texts of the sheet say; none where that may depend on where they stand."""
        return {} if self.is_strange else {raw: read_text(raw) for raw in self.strings}

    @cached_property
    def majority(self) -> str | None:
        """The legacy encoding for which most words of the sheet speak, if any does."""
        cells = chain.from_iterable(self.sheet.rows)
        times = Counter(value for value in cells if isinstance(value, str))
        votes: Counter[str] = Counter()
        for raw, count in times.items():
            for encoding, words in _support(raw).items():
                votes[encoding] += words * count
        if not votes:
            return None
        (best, most), *others = votes.most_common(2)
        return best if most >= 3 and (not others or most > 2 * others[0][1]) else None

    def of(self, raw: str, row: int, column: int) -> Text:
        """Text of a cell whose raw text is known; ``row`` and ``column`` count from 1."""
        if known := self.plain.get(raw):
            return known
        is_told = self.is_strange and may_be_legacy(raw)
        if not is_told or not (_support(raw) or self.majority):
            return read_text(raw)
        at = row, column
        return read_text(raw, self.sheet.fonts.get(at), self.majority, self.sheet.runs.get(at, ()))

    def at(self, row: int, column: int) -> Text:
        """Text at a position; blank where the cell holds no text."""
        value = self.sheet.value(row, column)
        if not isinstance(value, str) or not value.strip():
            return _BLANK
        return self.of(value, row, column)

    def shown(self, row: int, column: int) -> str:
        """Best reading of a text cell for finding headings and titles; ``""`` where none."""
        found = self.at(row, column)
        return found.value or found.suggestion or ""


@lru_cache(maxsize=1 << 15)
def _support(raw: str) -> Counter[str]:
    """Legacy encodings for which words of a text speak, with their number."""
    return supporting_words(raw)


def shows(sheet: Sheet, at: Position) -> bool:
    """Whether a cell holds something, shows an error or lacks its result."""
    return not is_blank(sheet.value(*at)) or at in sheet.errors or at in sheet.uncalculated


def nearest(text: str, accepted_texts: Iterable[str]) -> str | None:
    """The at most two accepted texts that look most like a text, parted by ``"; "``."""
    return _nearest(text, tuple(accepted_texts))


@lru_cache(maxsize=4096)
def _nearest(text: str, accepted_texts: tuple[str, ...]) -> str | None:
    from rapidfuzz import fuzz, process  # only needed where something is wrong

    different = {key(one): one for one in reversed(accepted_texts)}
    scored = process.extract(
        text, list(different.values()), scorer=fuzz.ratio, processor=str.casefold, limit=2
    )
    return "; ".join(best for best, score, _ in scored if score >= _AT_LEAST) or None


def accepted(texts: Iterable[str], most: int = 8) -> str:
    """A list of accepted texts for a message."""
    listed = list(texts)
    return "; ".join(listed[:most]) + ("; …" if len(listed) > most else "")
