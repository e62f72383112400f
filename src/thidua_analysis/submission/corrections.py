"""Corrections that the analyst agreed with a sender, applied to cells when the file is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from pydantic import Field

from thidua_analysis.excel import Sheet, Workbook, position
from thidua_analysis.excel.cells import Value
from thidua_analysis.form.config import Day, Entry
from thidua_analysis.submission.columns import shown
from thidua_analysis.vietnamese.text import clean


class Correction(Entry):
    """One entry of ``data/raw/corrections.toml``.

    ``file`` is the path below ``data/raw``; ``expected`` the text that the cell shows in the file
    as received (``""`` for a blank cell).
    """

    file: str = Field(min_length=1)
    sheet: str = Field(min_length=1)
    cell: str = Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")
    expected: str
    replacement: str | int | float | dt.date
    reason: str = Field(min_length=1)
    reported_on: Day

    @property
    def words(self) -> str:
        """What was done and why, as lineage shows it."""
        change = f"“{self.expected}” → “{self.replacement}”"
        return f"{change} ({self.reported_on:%d/%m/%Y}: {self.reason})"


class CorrectionList(Entry):
    """Everything that ``data/raw/corrections.toml`` says."""

    corrections: tuple[Correction, ...] = ()


def apply(
    book: Workbook, wanted: Iterable[Correction]
) -> tuple[Workbook, tuple[Correction, ...], tuple[Correction, ...]]:
    """Put replacements into the cells of a workbook, also over errors and blank formulas.

    Returned with it are the corrections whose cell shows the expected text, and are applied, and
    those whose cell no longer does.
    """
    sheets = {clean(sheet.name): sheet for sheet in book.sheets}
    applied: list[Correction] = []
    stale: list[Correction] = []
    for one in wanted:
        sheet = sheets.get(clean(one.sheet))
        if sheet is None or _shown(sheet, *position(one.cell)) != clean(one.expected):
            stale.append(one)
            continue
        sheets[clean(one.sheet)] = _replaced(sheet, *position(one.cell), one.replacement)
        applied.append(one)
    made = replace(book, sheets=tuple(sheets[clean(sheet.name)] for sheet in book.sheets))
    return made, tuple(applied), tuple(stale)


def _shown(sheet: Sheet, row: int, column: int) -> str:
    if (row, column) in sheet.errors:
        return sheet.errors[row, column]
    return clean(shown(sheet.value(row, column)))


def _replaced(sheet: Sheet, row: int, column: int, value: Value) -> Sheet:
    rows = [list(cells) for cells in sheet.rows]
    rows += [[] for _ in range(row - len(rows))]
    line = rows[row - 1]
    line += [None] * (column - len(line))
    line[column - 1] = float(value) if isinstance(value, int) else value
    errors = {place: text for place, text in sheet.errors.items() if place != (row, column)}
    return replace(
        sheet,
        rows=rows,
        errors=errors,
        uncalculated=sheet.uncalculated - {(row, column)},
        unlike=sheet.unlike - {(row, column)},
    )
