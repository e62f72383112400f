"""Read .xls by xlrd and a scan for what it passes over, and .xlsb record by record."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import NamedTuple
from zipfile import ZipFile

import xlrd
from olefile import OleFileIO
from xlrd.biffh import error_text_from_code
from xlrd.book import Book
from xlrd.sheet import Sheet as XlsSheet

from thidua_analysis.excel.cells import (
    Budget,
    Limits,
    Merge,
    Position,
    Runs,
    Sheet,
    Value,
    Workbook,
    damaged,
    is_blank,
)
from thidua_analysis.excel.number_formats import BUILTIN, from_serial, own_code
from thidua_analysis.excel.package import main_part, relations
from thidua_analysis.excel.xlsx_book import LAST_COLUMN, LAST_ROW

#: Records of .xls: numbers and places are those of [MS-XLS].
_BOF, _EOF, _BOUNDSHEET, _SUPBOOK, _RECALC_ID = 0x0809, 0x000A, 0x0085, 0x01AE, 0x01C1
_FORMULA, _UNCALCED = 0x0006, 0x005E
_WORKSHEET = 0
#: Results of formulas: 0, and the first byte and the last two of the empty text.
_ZERO, _EMPTY_TEXT, _COMPUTE_ON_OPENING = bytes(8), (3, b"\xff\xff"), 0x0002


def read_xls(data: bytes, limits: Limits) -> Workbook:
    """Read an .xls workbook; to be called in a worker process: a broken file may bring it down."""
    stream, budget = workbook_stream(data), Budget(limits)
    # without its container, the chains of which xlrd may follow in circles
    kept = {"formatting_info": True, "on_demand": True, "ragged_rows": True}
    book = xlrd.open_workbook(file_contents=stream, logfile=StringIO(), **kept)
    budget.refuse_sheets(book.nsheets)
    styles = _XlsStyles(book)
    sheets = tuple(_sheet(book, number, styles, budget) for number in range(book.nsheets))
    for sheet, positions in zip(sheets, uncalculated(stream), strict=True):
        sheet.uncalculated = positions
    return Workbook(sheets, bool(book.datemode), links=tuple(_links(stream)))


def workbook_stream(data: bytes) -> bytes:
    """Return the stream of a compound file that holds the workbook."""
    with OleFileIO(BytesIO(data)) as container:
        for name in filter(container.exists, ("Workbook", "Book")):
            return bytes(container.openstream(name).read())
    raise damaged("compound")


def _sheet(book: Book, number: int, styles: _XlsStyles, budget: Budget) -> Sheet:
    source = book.sheet_by_index(number)
    # xlrd counts from 0 and leaves the ends out
    sheet = Sheet(source.name, hidden=bool(source.visibility))
    rows, columns = source.rowinfo_map.items(), source.colinfo_map.items()
    sheet.hidden_rows = {r + 1 for r, row in rows if row.hidden or not row.height}
    sheet.hidden_columns = {c + 1 for c, column in columns if column.hidden or not column.width}
    budget.take_merges(len(source.merged_cells))
    sheet.merges = [_merge(r, end - 1, c, last - 1) for r, end, c, last in source.merged_cells]
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


def _row(source: XlsSheet, row: int, sheet: Sheet, styles: _XlsStyles) -> list[Value]:
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


def _merge(top: int, bottom: int, left: int, right: int) -> Merge:
    """Return a merged range that is counted from 0."""
    if not (top <= bottom < LAST_ROW and left <= right < LAST_COLUMN):
        raise IndexError
    return Merge(top + 1, left + 1, bottom + 1, right + 1)


class _XlsStyles:
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


def xls_records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of the content of each record, up to the end of the stream."""
    while 0 <= at <= len(stream) - 4:
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, at + 4 + size
        at += 4 + size


def _book_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record on the workbook as a whole, which stand first."""
    for kind, start, end in xls_records(stream):
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
    for kind, at, end in xls_records(stream, start):
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


#: Records of .xlsb: numbers and fields are those of [MS-XLSB].
_ROW, _BLANK, _MERGE, _COLUMNS, _DEFAULTS = 0, 1, 176, 60, 485
#: Cells by what they hold; of two numbers the second is that of a formula. All others are texts.
_RK, _ERRORS, _TRUTHS, _NUMBERS, _SHARED_TEXT = 2, (3, 11), (4, 10), (5, 9), 7
_RICH_TEXT, _FORMULAS = 62, range(8, 12)
_CELLS = (*range(_BLANK, 12), _RICH_TEXT)
#: Cells without a column, each to the right of the cell before, and the same with one. They are
#: in no specification; SheetJS writes them, LibreOffice reads them.
_SHORT = {**{kind: kind - 11 for kind in range(12, 19)}, 61: _RICH_TEXT}
_SHEET_END, _SHEET, _PROPERTIES, _CALCULATION, _STRING = 130, 156, 153, 157, 19
_FONT, _FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END = 43, 44, 47, 617, 618


class _XlsbBook(NamedTuple):
    """What all sheets of a workbook share."""

    date_1904: bool
    #: the program must compute all formulas when it opens the file: stored results are void
    computes: bool
    strings: list[str]
    #: format code and font by the number of a style
    styles: list[tuple[str, str]]
    budget: Budget


def read_xlsb(package: bytes, limits: Limits) -> Workbook:
    """Read an .xlsb package with its names in lower case; to be called in a worker process."""
    with ZipFile(BytesIO(package)) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    main, date_1904, computes = main_part(parts), False, False
    if main not in parts:
        raise damaged(main)
    related = relations(parts, main)
    listed: list[tuple[Sheet, bytes]] = []
    for kind, content in _xlsb_records(parts[main]):
        if kind == _SHEET:
            relation, end = _text(content, 8)
            if relation in related and related[relation].kind == "worksheet":
                sheet = Sheet(_text(content, end)[0], hidden=any(content[:4]))
                listed.append((sheet, parts[related[relation].part]))
        elif kind == _PROPERTIES:
            date_1904 = bool(content[0] & 1)
        elif kind == _CALCULATION:
            computes = bool(content[24] & 1)
    budget = Budget(limits)
    budget.refuse_sheets(len(listed))
    named = {relation.kind: parts.get(relation.part, b"") for relation in related.values()}
    items = _xlsb_records(named.get("sharedStrings", b""))
    strings = [_text(content, 1)[0] for kind, content in items if kind == _STRING]
    book = _XlsbBook(date_1904, computes, strings, _xlsb_styles(named.get("styles", b"")), budget)
    for sheet, part in listed:
        _fill(sheet, part, book)
    return Workbook(tuple(sheet for sheet, _ in listed), date_1904)


def _xlsb_records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record; both lengths are stored seven bits a byte."""
    at = 0
    while at < len(part):
        kind, at = _varying(part, at, 2)
        size, at = _varying(part, at, 4)
        if at + size > len(part):
            raise IndexError
        yield kind, part[at : at + size]
        at += size


def _varying(part: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for shift in range(most):
        byte = part[at]
        at += 1
        number |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            break
    return number, at


def _text(content: bytes, at: int) -> tuple[str, int]:
    """Text with its length before it, and where it ends; an absent one is empty."""
    (length,) = struct.unpack_from("<I", content, at)
    length = 0 if length == 0xFFFFFFFF else length
    end = at + 4 + 2 * length
    if end > len(content):
        raise IndexError
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def _xlsb_styles(part: bytes) -> list[tuple[str, str]]:
    codes, fonts, styles, of_cells = dict(BUILTIN), list[str](), list[tuple[str, str]](), False
    for kind, content in _xlsb_records(part):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", content)[0]] = own_code(_text(content, 2)[0])
        elif kind == _FONT:
            fonts.append(_text(content, 21)[0])
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            of_cells = kind == _STYLES_BEGIN
        elif kind == _STYLE and of_cells:
            _, number_format, font = struct.unpack_from("<3H", content)
            name = fonts[font] if font < len(fonts) else ""
            styles.append((codes.get(number_format, ""), name))
    return styles


def _fill(sheet: Sheet, part: bytes, book: _XlsbBook) -> None:
    kind, row, column, hides_rows = 0, 1, 0, False
    for kind, content in _xlsb_records(part):
        if kind == _ROW:
            row, column = struct.unpack_from("<I", content)[0] + 1, 0
            # a row says that it is hidden, or has no height
            if hides_rows or (len(content) > 11 and (content[11] & 0x10 or not any(content[8:10]))):
                sheet.hidden_rows.add(row)
        elif kind in _SHORT or kind in _CELLS:
            if kind in _SHORT:
                kind, content = _SHORT[kind], struct.pack("<I", column) + content
            column = struct.unpack_from("<I", content)[0] + 1
            if kind != _BLANK:
                _add_cell(sheet, (row, column), kind, content, book)
        elif kind == _DEFAULTS:
            hides_rows = bool(content[8] & 2)
        elif kind == _COLUMNS:
            first, last = struct.unpack_from("<2I", content)
            if content[16] & 1 or not any(content[8:12]):
                sheet.hidden_columns.update(range(first + 1, min(last + 1, LAST_COLUMN) + 1))
        elif kind == _MERGE:
            book.budget.take_merges(1)
            sheet.merges.append(_merge(*struct.unpack_from("<4I", content)))
    if kind != _SHEET_END:
        raise IndexError
    width = max(map(len, sheet.rows), default=0)
    book.budget.take_box(len(sheet.rows), width, sheet.name)
    sheet.hidden_columns = {column for column in sheet.hidden_columns if column <= width}


def _add_cell(sheet: Sheet, at: Position, kind: int, content: bytes, book: _XlsbBook) -> None:
    row, column = at
    style = int.from_bytes(content[4:7], "little")
    code, font = book.styles[style] if style < len(book.styles) else ("", "")
    value = _value(kind, content, code, book)
    waits = book.computes and kind in _FORMULAS
    if is_blank(value) and kind not in _ERRORS and not waits:
        return
    book.budget.refuse_box(max(row, len(sheet.rows)), column, sheet.name, at)
    sheet.rows += [[] for _ in range(row - len(sheet.rows))]
    line = sheet.rows[row - 1]
    if column <= len(line):  # cells stand from left to right, and once
        raise IndexError
    line += [""] * (column - 1 - len(line)) + [value]
    if waits:
        sheet.uncalculated.add(at)
    if code:
        sheet.formats[at] = code
    if kind in _ERRORS:
        sheet.errors[at] = error_text_from_code.get(content[8], "#ERROR!")
    elif isinstance(value, str):
        book.budget.take_text(len(value))
        sheet.fonts[at] = font


def _value(kind: int, content: bytes, code: str, book: _XlsbBook) -> Value:
    if kind in _ERRORS:
        return ""
    if kind in _TRUTHS:
        return bool(content[8])
    if kind == _RK or kind in _NUMBERS:
        number = _rk(content) if kind == _RK else struct.unpack_from("<d", content, 8)[0]
        return from_serial(number, code, book.date_1904)
    if kind == _SHARED_TEXT:
        return book.strings[int.from_bytes(content[8:12], "little")]
    return _text(content, 9 if kind == _RICH_TEXT else 8)[0]


def _rk(content: bytes) -> float:
    """Return a number of 30 bits: a whole one, or the first bits of another; maybe in hundreds."""
    (bits,) = struct.unpack_from("<i", content, 8)
    (fraction,) = struct.unpack("<d", struct.pack("<ii", 0, bits & ~3))
    number: float = bits >> 2 if bits & 2 else fraction
    return number / 100 if bits & 1 else number
