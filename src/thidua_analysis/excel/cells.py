"""Workbook, Sheet and Cell: what a spreadsheet holds, each value with its address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Value = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Position = tuple[int, int]


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 28 is AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the address of a position counted from 1: (7, 7) is G7."""
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, all four bounds counted from 1 and included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its address; ``row`` and ``column`` count from 1."""

    sheet: str
    row: int
    column: int
    value: Value

    @property
    def address(self) -> str:
        """Address within the sheet, such as ``G7``."""
        return address(self.row, self.column)

    @property
    def ref(self) -> str:
        """Address within the workbook, such as ``Chỉ tiêu!G7``."""
        return f"{self.sheet}!{self.address}"


def _no_font(row: int, column: int) -> str | None:
    return None


def _no_runs(row: int, column: int) -> tuple[tuple[str, str | None], ...]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet: values by position, and what the values alone do not show.

    ``rows[r - 1][c - 1]`` is the value of the cell in row r, column c; blank is ``""`` or None;
    the lists need not be of equal length. All positions elsewhere count from 1.
    """

    name: str
    rows: Sequence[Sequence[Value]]
    hidden: bool = False
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    #: cells that show an error, with its text ("#REF!"): calamine gives them as blank
    errors: Mapping[Position, str] = field(default_factory=dict)
    #: formulas without a stored result, or whose result the program must recompute
    uncalculated: frozenset[Position] = frozenset()
    #: cells with a percent number format: 0.7 shows as 70 %
    percents: frozenset[Position] = frozenset()
    #: cells whose number format shows another value than they store, or none: 5 for −5
    unlike: frozenset[Position] = frozenset()
    #: what the file stores where ``rows`` holds what its number format shows: "48,5 tỷ đồng"
    stored: Mapping[Position, Value] = field(default_factory=dict)
    #: number format codes of date cells and other cells with a format of their own, where known
    formats: Mapping[Position, str] = field(default_factory=dict)
    #: what cells under merged ranges hold, which nobody sees; `rows` has nothing of it
    covered: Mapping[Position, Value] = field(default_factory=dict)
    #: font name of a cell, looked up only when text looks like a legacy encoding
    font: Callable[[int, int], str | None] = _no_font
    #: rich text of a cell as (text, font name) runs; empty where the cell has one font
    runs: Callable[[int, int], tuple[tuple[str, str | None], ...]] = _no_runs

    def value(self, row: int, column: int) -> Value:
        """Value at a position counted from 1; None outside the sheet."""
        if row < 1 or column < 1 or row > len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if column <= len(cells) else None

    def fault(self, row: int, column: int) -> str | None:
        """Code of the finding on a cell whose value cannot be taken for what it shows."""
        at = row, column
        if at in self.errors:
            return "formula-error"
        if at in self.uncalculated:
            return "formula-not-calculated"
        return "number-display" if at in self.unlike else None

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a position counted from 1."""
        return Cell(self.name, row, column, self.value(row, column))

    def filled(self) -> Iterator[Cell]:
        """All cells that hold a value, row by row."""
        for r, cells in enumerate(self.rows, 1):
            for c, value in enumerate(cells, 1):
                if value is not None and value != "":
                    yield Cell(self.name, r, c, value)


@dataclass(frozen=True, slots=True, eq=False)
class Workbook:
    """All sheets of a file that passed the gate."""

    sheets: tuple[Sheet, ...]
    kind: str = "xlsx"
    #: serial dates count from 1904
    date_1904: bool = False
