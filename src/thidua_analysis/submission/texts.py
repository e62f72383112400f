"""The text of a sheet's cells, with the font and the sheet's majority where they are needed."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from thidua_analysis.excel import Sheet
from thidua_analysis.vietnamese.legacy import may_be_legacy, supporting_words
from thidua_analysis.vietnamese.reading import Text, read_text

_BLANK = Text(None)


class SheetTexts:
    """Reads the text of one sheet's cells; ordinary text costs one dictionary look-up."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._plain: dict[str, Text] = {}

    @cached_property
    def majority(self) -> str | None:
        """The legacy encoding for which most words of the sheet speak, if any does."""
        votes: Counter[str] = Counter()
        for cell in self.sheet.filled():
            if isinstance(cell.value, str) and may_be_legacy(cell.value):
                votes.update(supporting_words(cell.value))
        if not votes:
            return None
        (best, count), *others = votes.most_common(2)
        return best if count >= 3 and (not others or count > 2 * others[0][1]) else None

    def of(self, raw: str, row: int, column: int) -> Text:
        """Text of a cell whose raw text is known; ``row`` and ``column`` count from 1."""
        found = self._plain.get(raw)
        if found is not None:
            return found
        if not may_be_legacy(raw):
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
