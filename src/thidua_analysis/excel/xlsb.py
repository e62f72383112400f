"""Read an .xlsb package record by record; numbers of records and fields are those of [MS-XLSB]."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

from thidua_analysis.excel.cells import Merge, Position, Sheet, Value, Workbook, is_blank
from thidua_analysis.excel.limits import Budget, Limits, damaged
from thidua_analysis.excel.number_formats import BUILTIN, from_serial, own_code
from thidua_analysis.excel.package import main_part, relations

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
_LAST_COLUMN = 16_384
_ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


class _Book(NamedTuple):
    """What all sheets of a workbook share."""

    date_1904: bool
    #: the program must compute all formulas when it opens the file: stored results are void
    computes: bool
    strings: list[str]
    #: format code and font by the number of a style
    styles: list[tuple[str, str]]
    budget: Budget


def read_xlsb(package: bytes, limits: Limits) -> Workbook:
    """Read a package with its names in lower case; to be called in a worker process."""
    with ZipFile(BytesIO(package)) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    main, date_1904, computes = main_part(parts), False, False
    if main not in parts:
        raise damaged(main)
    related = relations(parts, main)
    listed: list[tuple[Sheet, bytes]] = []
    for kind, content in _records(parts[main]):
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
    items = _records(named.get("sharedStrings", b""))
    strings = [_text(content, 1)[0] for kind, content in items if kind == _STRING]
    book = _Book(date_1904, computes, strings, _styles(named.get("styles", b"")), budget)
    for sheet, part in listed:
        _fill(sheet, part, book)
    return Workbook(tuple(sheet for sheet, _ in listed), date_1904)


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
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


def _styles(part: bytes) -> list[tuple[str, str]]:
    codes, fonts, styles, of_cells = dict(BUILTIN), list[str](), list[tuple[str, str]](), False
    for kind, content in _records(part):
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


def _fill(sheet: Sheet, part: bytes, book: _Book) -> None:
    # a cell may stand before all rows
    kind, row, column, hides_rows = 0, 1, 0, False
    for kind, content in _records(part):
        if kind == _ROW:
            row, column = struct.unpack_from("<I", content)[0] + 1, 0
            if hides_rows or _is_hidden(content):
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
                sheet.hidden_columns.update(range(first + 1, min(last + 1, _LAST_COLUMN) + 1))
        elif kind == _MERGE:
            book.budget.take_merges(1)
            top, bottom, left, right = struct.unpack_from("<4I", content)
            sheet.merges.append(Merge(top + 1, left + 1, bottom + 1, right + 1))
    if kind != _SHEET_END:
        raise IndexError
    width = max(map(len, sheet.rows), default=0)
    book.budget.take_box(len(sheet.rows), width, sheet.name)
    sheet.hidden_columns = {column for column in sheet.hidden_columns if column <= width}


def _is_hidden(row: bytes) -> bool:
    """Whether a row says that it is hidden, or has no height."""
    return len(row) > 11 and bool(row[11] & 0x10 or not any(row[8:10]))


def _add_cell(sheet: Sheet, at: Position, kind: int, content: bytes, book: _Book) -> None:
    row, column = at
    style = int.from_bytes(content[4:7], "little")
    code, font = book.styles[style] if style < len(book.styles) else ("", "")
    value = _value(kind, content, code, book)
    waits = book.computes and kind in _FORMULAS
    if is_blank(value) and kind not in _ERRORS and not waits:
        return
    # before anything is filled up
    book.budget.refuse_box(max(row, len(sheet.rows)), column, sheet.name, at)
    sheet.rows += [[] for _ in range(row - len(sheet.rows))]
    line = sheet.rows[row - 1]
    line += [""] * (column - len(line))
    line[column - 1] = value
    if waits:
        sheet.uncalculated.add(at)
    if code:
        sheet.formats[at] = code
    if kind in _ERRORS:
        sheet.errors[at] = _ERROR_TEXTS.get(content[8], "#ERROR!")
    elif isinstance(value, str):
        book.budget.take_text(len(value))
        sheet.fonts[at] = font


def _value(kind: int, content: bytes, code: str, book: _Book) -> Value:
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
