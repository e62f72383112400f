"""Read an .xls workbook: xlrd for values and facts, calamine for what xlrd refuses.

On the samples both give the same values. xlrd is preferred because values and facts then come
from one reading of one cell, because it knows an error from a blank, and because it is pure
Python: a broken file ends in an exception, not in an abort.
"""

from __future__ import annotations

from io import StringIO

import xlrd
from xlrd.biffh import error_text_from_code
from xlrd.book import Book
from xlrd.formatting import Format
from xlrd.sheet import Sheet

from thidua_analysis.excel.biff import links
from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Merge, Runs, Value
from thidua_analysis.excel.compound import workbook_stream
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.refusal import Refusal
from thidua_analysis.excel.styles import from_serial, own_code
from thidua_analysis.excel.values_alone import values_alone
from thidua_analysis.excel.wire import PlainBook, PlainSheet
from thidua_analysis.excel.xls_formulas import uncalculated


def read_xls(data: bytes, limits: Limits) -> PlainBook:
    """Read a workbook; to be called in a worker process.

    Parameters
    ----------
    data
        The file.
    limits
        Bounds of the workbook.

    Raises
    ------
    Refusal
        With ``file-encrypted``, ``file-damaged`` or ``file-too-large``.
    """
    try:
        return _with_facts(workbook_stream(data), Budget(limits))
    except Refusal as refusal:
        if refusal.code != "file-damaged":
            raise
    except Exception as error:
        if "encrypted" in str(error):
            raise Refusal("file-encrypted") from error
    return PlainBook(values_alone(data, Budget(limits)), has_facts=False)


def _with_facts(stream: bytes, budget: Budget) -> PlainBook:
    book = xlrd.open_workbook(
        # without its container, the chains of which xlrd may follow in circles
        file_contents=stream,
        logfile=StringIO(),
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
    )
    budget.refuse_sheets(book.nsheets)
    sheets = [_sheet(book, number, budget) for number in range(book.nsheets)]
    for sheet, positions in zip(sheets, uncalculated(stream), strict=True):
        sheet.uncalculated = positions
    return PlainBook(sheets, bool(book.datemode), links=list(links(stream)))


def _sheet(book: Book, number: int, budget: Budget) -> PlainSheet:
    source = book.sheet_by_index(number)
    sheet = PlainSheet(source.name, hidden=bool(source.visibility))
    looks = _Looks(book)
    budget.refuse_merges(len(source.merged_cells))
    for row in range(source.nrows):
        sheet.rows.append(_row(source, row, sheet, looks, budget))
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()
    budget.take_box(len(sheet.rows), max(map(len, sheet.rows), default=0), sheet.name)
    budget.take_merges(len(source.merged_cells))
    # xlrd counts from 0 and leaves the ends out
    sheet.merges = [Merge(r + 1, c + 1, r_end, c_end) for r, r_end, c, c_end in source.merged_cells]
    sheet.hidden_rows = {
        row + 1 for row, info in source.rowinfo_map.items() if info.hidden or not info.height
    }
    if source.default_row_hidden:
        sheet.hidden_rows.update(range(1, len(sheet.rows) + 1))
    sheet.hidden_columns = {
        column + 1 for column, info in source.colinfo_map.items() if info.hidden or not info.width
    }
    book.unload_sheet(number)
    return sheet


def _row(source: Sheet, row: int, sheet: PlainSheet, looks: _Looks, budget: Budget) -> list[Value]:
    """Read one row, without the blank cells at its end; facts are added to the sheet."""
    values: list[Value] = []
    for column in range(source.row_len(row)):
        kind, value = source.cell_type(row, column), source.cell_value(row, column)
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        if isinstance(value, str) and not value.strip():
            continue
        values += [""] * (column - len(values))
        position = row + 1, column + 1
        style = source.cell_xf_index(row, column)
        if code := looks.codes[style]:
            sheet.formats[position] = code
        if kind == xlrd.XL_CELL_ERROR:
            sheet.errors[position] = error_text_from_code.get(value, "#ERROR!")
            values.append("")
        elif kind == xlrd.XL_CELL_BOOLEAN:
            values.append(bool(value))
        elif kind == xlrd.XL_CELL_TEXT:
            values.append(value)
            budget.take_text(len(value))
            sheet.fonts[position] = looks.fonts[style]
            runs = source.rich_text_runlist_map.get((row, column))
            if runs:
                sheet.runs[position] = looks.runs(value, runs, looks.fonts[style])
        else:
            values.append(from_serial(value, code, looks.date_1904))
    return values


class _Looks:
    """Format codes and fonts by the number of a style."""

    def __init__(self, book: Book) -> None:
        self._names = [font.name for font in book.font_list]
        self.date_1904 = bool(book.datemode)
        self.codes = [_code(book.format_map.get(style.format_key)) for style in book.xf_list]
        self.fonts = [self._name(style.font_index) for style in book.xf_list]

    def _name(self, font: int) -> str:
        return self._names[font] if font < len(self._names) else ""

    def runs(self, text: str, starts: list[tuple[int, int]], font: str) -> Runs:
        """Cut a text where another font starts; offsets count UTF-16 units."""
        units = text.encode("utf-16-le", "surrogatepass")
        bounds = [(0, font), *((start, self._name(number)) for start, number in starts)]
        ends = [start for start, _ in bounds[1:]] + [len(units)]
        runs = (
            (units[2 * start : 2 * end].decode("utf-16-le", "replace"), name)
            for (start, name), end in zip(bounds, ends, strict=True)
        )
        return tuple((piece, name) for piece, name in runs if piece)


def _code(found: Format | None) -> str:
    return own_code(found.format_str or "") if found else ""
