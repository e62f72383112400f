"""An .xlsx copy of a workbook of another kind: its values at their addresses, not its formulas."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from thidua_analysis.excel import Sheet, Workbook
from thidua_analysis.excel.cells import Merge, Value
from thidua_analysis.exchange.safe import Book


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
    for merge in sheet.merges:
        _merge(book, target, sheet, merge)
    for (row, column), covered in sheet.covered.items():
        _put(book, target, row - 1, column - 1, covered, _style(sheet, row, column))
    for row, column in sheet.errors.keys() | sheet.uncalculated:
        error = sheet.errors.get((row, column))
        book.put_wrong(target, row - 1, column - 1, error, **_style(sheet, row, column))
    for row in sheet.hidden_rows:
        target.set_row(row - 1, None, None, {"hidden": True})
    target.autofit(max_width=300)
    for column in sheet.hidden_columns:
        target.set_column(column - 1, column - 1, None, None, {"hidden": True})
    if sheet.hidden:
        target.hide()


def _merge(book: Book, target: Any, sheet: Sheet, merge: Merge) -> None:
    """Merge a range; one that lies over another, as Excel has none, is left out."""
    from xlsxwriter.exceptions import OverlappingRange

    first = merge.top, merge.left
    value, style = sheet.stored.get(first, sheet.value(*first)), _style(sheet, *first)
    if first != (merge.bottom, merge.right):
        with suppress(OverlappingRange):
            target.merge_range(
                merge.top - 1, merge.left - 1, merge.bottom - 1, merge.right - 1, "", book.style()
            )
    _put(book, target, merge.top - 1, merge.left - 1, value, style)


def _put(book: Book, target: Any, row: int, column: int, value: Value, style: Any) -> None:
    book.put(target, row, column, value if value != "" else None, **style)


def _style(sheet: Sheet, row: int, column: int) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
    if code := sheet.formats.get((row, column)):
        style["num_format"] = code
    if font := sheet.font(row, column):
        style["font_name"] = font
    return style
