"""The cells under the headings of a located table, by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from thidua_analysis.excel import Position, Sheet
from thidua_analysis.excel.cells import Value
from thidua_analysis.submission.tables.locate import Located
from thidua_analysis.submission.text.sheet_texts import SheetTexts


class Grid:
    """Columns of a table from the row under its headings down; a blank cell is ``""`` or None.

    Rows are counted from 0 at ``located.first``, columns from 1 as on the sheet.
    """

    def __init__(self, located: Located, sheet: Sheet, texts: SheetTexts) -> None:
        self.located, self.sheet, self.texts = located, sheet, texts
        self.lines: Sequence[Sequence[Value]] = sheet.rows[located.first - 1 : located.end - 1]
        self.height = len(self.lines)

    @cached_property
    def _columns(self) -> list[Sequence[Value]]:
        rows = slice(self.located.first - 1, self.located.end - 1)
        columns = [column[rows] for column in self.texts.columns]
        spaces = self.texts.spaces
        if spaces:
            columns = [["" if v in spaces else v for v in column] for column in columns]
        return columns

    @cached_property
    def _blank(self) -> Sequence[Value]:
        return [""] * self.height

    def column(self, column: int) -> Sequence[Value]:
        """All cells of a column."""
        return self._columns[column - 1] if column <= len(self._columns) else self._blank

    @cached_property
    def marked(self) -> frozenset[Position]:
        """Cells (row from 0, column) whose value cannot be taken: see `Sheet.fault`."""
        sheet, located = self.sheet, self.located
        if not sheet.errors and not sheet.uncalculated and not sheet.unlike:
            return frozenset()
        return frozenset(
            (row - located.first, column)
            for row, column in (*sheet.errors, *sheet.uncalculated, *sheet.unlike)
            if located.first <= row < located.end and located.left <= column <= located.right
        )

    def number(self, row: int) -> int:
        """Number on the sheet of a row counted from 0."""
        return self.located.first + row

    def texts_in(self, row: int) -> list[tuple[int, str]]:
        """Columns and texts of the text cells of a row, from left to right."""
        cells = self.lines[row]
        number, last = self.number(row), min(self.located.right, len(cells))
        found = (
            (column, self.texts.shown(number, column))
            for column in range(self.located.left, last + 1)
            if isinstance(cells[column - 1], str)
        )
        return [(column, text) for column, text in found if text]


def is_filled(value: Value) -> bool:
    """Whether a cell of a grid holds something."""
    return value is not None and value != ""


def blanks(column: Sequence[Value]) -> Iterable[int]:
    """Rows of the blank cells of a column."""
    if "" in column or None in column:
        return [row for row, value in enumerate(column) if value is None or value == ""]
    return ()
