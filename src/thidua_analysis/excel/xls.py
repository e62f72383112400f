"""Read an .xls workbook: xlrd for values and facts, a scan for what xlrd passes over.

Numbers and places of records are those of [MS-XLS].
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO

import xlrd
from olefile import OleFileIO
from xlrd.biffh import error_text_from_code
from xlrd.book import Book
from xlrd.sheet import Sheet as XlsSheet

from thidua_analysis.excel.cells import Merge, Position, Runs, Sheet, Value, Workbook, is_blank
from thidua_analysis.excel.limits import Budget, Limits, damaged
from thidua_analysis.excel.number_formats import from_serial, own_code

_BOF, _EOF, _BOUNDSHEET, _SUPBOOK, _RECALC_ID = 0x0809, 0x000A, 0x0085, 0x01AE, 0x01C1
_FORMULA, _UNCALCED = 0x0006, 0x005E
_WORKSHEET = 0
#: Results of formulas: 0, and the first byte and the last two of the empty text.
_ZERO, _EMPTY_TEXT = bytes(8), (3, b"\xff\xff")
_COMPUTE_ON_OPENING = 0x0002


def read_xls(data: bytes, limits: Limits) -> Workbook:
    """Read a workbook; to be called in a worker process, which a broken file may bring down."""
    stream, budget = workbook_stream(data), Budget(limits)
    book = xlrd.open_workbook(
        # without its container, the chains of which xlrd may follow in circles
        file_contents=stream,
        logfile=StringIO(),
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
    )
    budget.refuse_sheets(book.nsheets)
    styles = _Styles(book)
    sheets = tuple(_sheet(book, number, styles, budget) for number in range(book.nsheets))
    for sheet, positions in zip(sheets, uncalculated(stream), strict=True):
        sheet.uncalculated = positions
    return Workbook(sheets, bool(book.datemode), links=tuple(_links(stream)))


def workbook_stream(data: bytes) -> bytes:
    """Return the stream of a compound file that holds the workbook."""
    with OleFileIO(BytesIO(data)) as container:
        for name in ("Workbook", "Book"):
            if container.exists(name):
                stream: bytes = container.openstream(name).read()
                return stream
    raise damaged("compound")


def _sheet(book: Book, number: int, styles: _Styles, budget: Budget) -> Sheet:
    source = book.sheet_by_index(number)
    # xlrd counts from 0 and leaves the ends out
    sheet = Sheet(
        source.name,
        hidden=bool(source.visibility),
        hidden_rows={
            r + 1 for r, row in source.rowinfo_map.items() if row.hidden or not row.height
        },
        hidden_columns={
            c + 1 for c, column in source.colinfo_map.items() if column.hidden or not column.width
        },
    )
    budget.take_merges(len(source.merged_cells))
    sheet.merges = [Merge(r + 1, c + 1, r_end, c_end) for r, r_end, c, c_end in source.merged_cells]
    for row in range(source.nrows):
        sheet.rows.append(_row(source, row, sheet, styles))
        budget.take_text(sum(len(value) for value in sheet.rows[-1] if isinstance(value, str)))
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()
    budget.take_box(len(sheet.rows), max(map(len, sheet.rows), default=0), sheet.name)
    if source.default_row_hidden:
        sheet.hidden_rows.update(range(1, len(sheet.rows) + 1))
    book.unload_sheet(number)
    return sheet


def _row(source: XlsSheet, row: int, sheet: Sheet, styles: _Styles) -> list[Value]:
    """Read one row, without the blank cells at its end; facts are added to the sheet."""
    values: list[Value] = []
    for column in range(source.row_len(row)):
        kind, value = source.cell_type(row, column), source.cell_value(row, column)
        if is_blank(value) or kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        at, style = (row + 1, column + 1), source.cell_xf_index(row, column)
        values += [""] * (column - len(values))
        if code := styles.codes[style]:
            sheet.formats[at] = code
        if kind == xlrd.XL_CELL_ERROR:
            sheet.errors[at] = error_text_from_code.get(value, "#ERROR!")
            values.append("")
        elif kind == xlrd.XL_CELL_BOOLEAN:
            values.append(bool(value))
        elif kind == xlrd.XL_CELL_TEXT:
            values.append(value)
            sheet.fonts[at] = styles.fonts[style]
            if starts := source.rich_text_runlist_map.get((row, column)):
                sheet.runs[at] = styles.runs(value, starts, style)
        else:
            values.append(from_serial(value, code, styles.date_1904))
    return values


class _Styles:
    """Format codes and fonts by the number of a style."""

    def __init__(self, book: Book) -> None:
        self._names = [font.name for font in book.font_list]
        self.date_1904 = bool(book.datemode)
        formats = [book.format_map.get(style.format_key) for style in book.xf_list]
        self.codes = [own_code(known.format_str or "") if known else "" for known in formats]
        self.fonts = [self._name(style.font_index) for style in book.xf_list]

    def _name(self, font: int) -> str:
        return self._names[font] if font < len(self._names) else ""

    def runs(self, text: str, starts: list[tuple[int, int]], style: int) -> Runs:
        """Cut a text where another font starts; offsets count UTF-16 units."""
        units = text.encode("utf-16-le", "surrogatepass")
        bounds = [(0, self.fonts[style]), *((start, self._name(font)) for start, font in starts)]
        ends = [start for start, _ in bounds[1:]] + [len(units)]
        runs = (
            (units[2 * start : 2 * end].decode("utf-16-le", "replace"), name)
            for (start, name), end in zip(bounds, ends, strict=True)
        )
        return tuple((piece, name) for piece, name in runs if piece)


def records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of the content of each record, up to the end of the stream."""
    while 0 <= at <= len(stream) - 4:
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, at + 4 + size
        at += 4 + size


def _book_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record on the workbook as a whole, which stand first."""
    for kind, start, end in records(stream):
        if kind == _EOF:
            return
        yield kind, stream[start:end]


def _links(stream: bytes) -> Iterator[str]:
    """Yield the names of other workbooks that cells refer to."""
    for kind, content in _book_records(stream):
        # shorter ones refer to this very workbook
        if kind == _SUPBOOK and len(content) > 5:
            encoding = "utf-16-le" if content[4] & 1 else "latin-1"
            path = content[5:].decode(encoding, "replace")
            # folders are set apart by control characters
            yield re.split(r"[\x00-\x1f/\\]", path)[-1]


@dataclass(slots=True)
class _Formulas:
    """Positions of the formulas of one sheet."""

    every: set[Position] = field(default_factory=set)
    #: whether one has a result that only a program which computes can have stored
    is_computed: bool = False
    #: whether Excel saved the sheet while they waited to be computed
    is_pending: bool = False


def uncalculated(stream: bytes) -> list[set[Position]]:
    """Return for each worksheet of a workbook the formulas that have no valid result.

    The format has no place for "not computed". No result counts where the workbook asks to be
    computed on opening (RecalcId 0) or Excel says of a sheet that its formulas wait (Uncalced).
    Programs that do not compute store the empty text, and leave out the RecalcId that Excel and
    LibreOffice write; or 0 with the bit for "compute on opening", which Excel never sets. Where
    all formulas are of this kind, none was computed. A lone 0 or empty text may be the result.
    """
    starts: list[int] = []
    recalc_id = None
    for kind, content in _book_records(stream):
        if kind == _BOUNDSHEET and len(content) >= 6 and content[5] == _WORKSHEET:
            starts += struct.unpack_from("<I", content)
        elif kind == _RECALC_ID and len(content) >= 8:
            (recalc_id,) = struct.unpack_from("<I", content, 4)
    sheets = [_formulas(stream, start, knows_empty=recalc_id is not None) for start in starts]
    is_void = recalc_id == 0 or not any(sheet.is_computed for sheet in sheets)
    return [sheet.every if is_void or sheet.is_pending else set() for sheet in sheets]


def _formulas(stream: bytes, start: int, *, knows_empty: bool) -> _Formulas:
    """Read the formulas of the sheet that begins at a place of the stream."""
    found, depth = _Formulas(), 0
    for kind, at, end in records(stream, start):
        if kind == _FORMULA and depth == 1 and at + 22 <= end <= len(stream):
            row, column, _, result, options = struct.unpack_from("<3H8sH", stream, at)
            found.every.add((row + 1, column + 1))
            is_zero = result == _ZERO and options & _COMPUTE_ON_OPENING
            is_empty = (result[0], result[6:]) == _EMPTY_TEXT
            found.is_computed |= not (is_zero or (is_empty and not knows_empty))
        elif kind == _UNCALCED:
            found.is_pending = True
        elif kind in (_BOF, _EOF):
            # charts stand within sheets
            depth += 1 if kind == _BOF else -1
        if depth < 1:
            break
    return found
