"""The text of a sheet's cells, with the font and the sheet's majority where they are needed."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache

from thidua_analysis.excel import Sheet
from thidua_analysis.vietnamese.legacy import may_be_legacy, supporting_words
from thidua_analysis.vietnamese.reading import Text, read_text

_BLANK = Text(None)


@lru_cache(maxsize=1 << 15)
def _support(raw: str) -> tuple[tuple[str, int], ...]:
    """Legacy encodings for which words of a text speak, with their number."""
    return tuple(supporting_words(raw).items()) if may_be_legacy(raw) else ()


class SheetTexts:
    """Reads the text of one sheet's cells; ordinary text costs one dictionary look-up."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._plain: dict[str, Text] = {}

    @cached_property
    def majority(self) -> str | None:
        """The legacy encoding for which most words of the sheet speak, if any does."""
        times = Counter(v for cells in self.sheet.rows for v in cells if type(v) is str)
        votes: Counter[str] = Counter()
        for raw, count in times.items():
            for encoding, words in _support(raw):
                votes[encoding] += words * count
        if not votes:
            return None
        (best, most), *others = votes.most_common(2)
        return best if most >= 3 and (not others or most > 2 * others[0][1]) else None

    def of(self, raw: str, row: int, column: int) -> Text:
        """Text of a cell whose raw text is known; ``row`` and ``column`` count from 1."""
        found = self._plain.get(raw)
        if found is not None:
            return found
        if not may_be_legacy(raw) or (not _support(raw) and self.majority is None):
            found = self._plain[raw] = read_text(raw)
            return found
        return read_text(
            raw, self.sheet.font(row, column), self.majority, self.sheet.runs(row, column)
        )

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
