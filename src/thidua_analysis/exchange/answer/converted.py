"""An .xlsx copy of a workbook of another kind: its values at their addresses, not its formulas."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from thidua_analysis.excel import Sheet, Workbook
from thidua_analysis.excel.cells import Value
from thidua_analysis.exchange.safe import DATE_FORMAT, Book


def write_copy(workbook: Workbook, path: Path) -> None:
    """Write the values of a workbook as .xlsx.

    Parameters
    ----------
    workbook
        The workbook as read.
    path
        File to write. Sheets keep their names, order and hidden state, cells their addresses,
        merges, number formats and fonts as far as these were read.
    """
    with Book(path) as book:
        for sheet in workbook.sheets:
            _write_sheet(book, sheet)


def _write_sheet(book: Book, sheet: Sheet) -> None:
    target = book.file.add_worksheet(sheet.name)
    for cell in sheet.filled():
        position = cell.row, cell.column
        value = sheet.stored.get(position, cell.value)
        _put(book, target, cell.row - 1, cell.column - 1, value, _style(sheet, *position))
    for (row, column), error in sheet.errors.items():
        book.put(target, row - 1, column - 1, error)
    for merge in sheet.merges:
        bounds = (merge.top - 1, merge.left - 1, merge.bottom - 1, merge.right - 1)
        value = sheet.stored.get((merge.top, merge.left), sheet.value(merge.top, merge.left))
        target.merge_range(*bounds, "", book.style())
        style = _style(sheet, merge.top, merge.left)
        _put(book, target, merge.top - 1, merge.left - 1, value, style)
    for row in sheet.hidden_rows:
        target.set_row(row - 1, None, None, {"hidden": True})
    target.autofit(max_width=300)
    for column in sheet.hidden_columns:
        target.set_column(column - 1, column - 1, None, None, {"hidden": True})
    if sheet.hidden:
        target.hide()


def _put(book: Book, target: Any, row: int, column: int, value: Value, style: Any) -> None:
    if isinstance(value, dt.time | dt.timedelta):
        value = str(value)
    book.put(target, row, column, value if value != "" else None, **style)


def _style(sheet: Sheet, row: int, column: int) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
    if code := sheet.formats.get((row, column)):
        style["num_format"] = code
    elif isinstance(sheet.value(row, column), dt.date):
        style["num_format"] = DATE_FORMAT
    if font := sheet.font(row, column):
        style["font_name"] = font
    return style
