"""Read an .xlsb package: calamine for values, a scan of its records for what calamine hides.

The numbers of records and the places of fields are those of [MS-XLSB].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile

from thidua_analysis.excel.archive import pack
from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Merge, address
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.relations import main_part, relations
from thidua_analysis.excel.styles import BUILTIN, own_code
from thidua_analysis.excel.values_alone import values_alone
from thidua_analysis.excel.wire import PlainBook, PlainSheet

_ROW, _MERGE, _COLUMNS = 0, 176, 60
#: Cells without a column, each to the right of the cell before, and the same with one. They are
#: in no specification; SheetJS writes them, LibreOffice reads them.
_SHORT = {**{kind: kind - 11 for kind in range(12, 19)}, 61: 62}
#: Cells with a value: RK number, error, truth value, number, text, shared text; then formulas.
_PLAIN_TEXT, _TEXT_RESULT, _LAST_CELL, _RICH_TEXT = 6, 8, 11, 62
_VALUES, _FORMULAS = (*range(2, 8), _RICH_TEXT), range(8, 12)
_ERRORS, _TEXTS = (3, 11), (6, 7, 8, _RICH_TEXT)
_SHEET, _PROPERTIES, _CALCULATION = 156, 153, 157
_STRING, _SHARED_TEXT, _DEFAULTS = 19, 7, 485
_FONT, _FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END = 43, 44, 47, 617, 618
#: So many cells for each one that is filled are no table.
_SPARSE, _FEW = 50, 100_000
_ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


@dataclass(slots=True)
class _Looks:
    codes: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Book:
    sheets: list[tuple[str, str]] = field(default_factory=list)
    date_1904: bool = False
    computes_on_load: bool = False


def read_xlsb(package: bytes, limits: Limits) -> PlainBook:
    """Read a package; to be called in a worker process.

    Parameters
    ----------
    package
        A zip container with the parts that matter, names in lower case.
    limits
        Bounds of the workbook.

    Raises
    ------
    Refusal
        With ``file-damaged`` or ``file-too-large``.
    """
    with ZipFile(BytesIO(package)) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    try:
        book, budget = _book(parts), Budget(limits)
        changed = _plain_parts(book, parts)
        if changed:
            parts |= changed
            package = pack({name: [part] for name, part in parts.items()})
        looks = _looks(parts.get("xl/styles.bin", b""))
        facts = {
            name: _facts(name, parts[part], looks, book.computes_on_load, budget)
            for name, part in book.sheets
            if part in parts
        }
    except (struct.error, IndexError, UnicodeDecodeError):
        # the scan knows less of the format than the reader of values, which has the last word
        return PlainBook(values_alone(package, Budget(limits)), has_facts=False)
    sheets = [_with_facts(sheet, facts) for sheet in values_alone(package, Budget(limits))]
    return PlainBook(sheets, book.date_1904)


def _with_facts(sheet: PlainSheet, facts: Mapping[str, PlainSheet]) -> PlainSheet:
    known = facts.get(sheet.name)
    if known is None:
        return sheet
    known.name, known.rows, known.hidden = sheet.name, sheet.rows, sheet.hidden
    return known


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record; both lengths are stored seven bits a byte."""
    at = 0
    while at < len(part):
        kind, at = _varying(part, at, 2)
        size, at = _varying(part, at, 4)
        yield kind, part[at : at + size]
        at += size


def _plain_parts(book: _Book, parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Sheets that must be written anew before they are read, by their parts."""
    changed: dict[str, bytes] = {}
    for _, name in book.sheets:
        if name not in parts:
            continue
        part = parts[name]
        if any(kind in _SHORT or kind == _RICH_TEXT for kind, _ in _records(part)):
            part = _with_usual_cells(part)
        if _is_sparse(part):
            part = _without_blanks(part, _blank_strings(parts))
        if part is not parts[name]:
            changed[name] = part
    return changed


def _is_sparse(part: bytes) -> bool:
    """Whether a sheet spans so many cells for what it holds that blanks may be the reason."""
    row = last_column = cells = 0
    for kind, content in _records(part):
        if kind == _ROW:
            row = struct.unpack_from("<I", content)[0] + 1
        elif kind in _VALUES or kind in _FORMULAS:
            last_column = max(last_column, struct.unpack_from("<I", content)[0] + 1)
            cells += 1
    return row * last_column > _FEW + _SPARSE * cells


def _blank_strings(parts: Mapping[str, bytes]) -> frozenset[int]:
    """Numbers of the shared strings that hold nothing but spaces."""
    part = next((part for name, part in parts.items() if name.endswith("sharedstrings.bin")), b"")
    items = (content for kind, content in _records(part) if kind == _STRING)
    return frozenset(n for n, item in enumerate(items) if not _text(item, 1)[0].strip())


def _without_blanks(part: bytes, blanks: frozenset[int]) -> bytes:
    """Leave out texts that hold nothing but spaces."""
    out = bytearray()
    for kind, content in _records(part):
        if kind == _SHARED_TEXT and struct.unpack_from("<I", content, 8)[0] in blanks:
            continue
        if kind in (_PLAIN_TEXT, _TEXT_RESULT) and not _text(content, 8)[0].strip():
            continue
        out += _varied(kind) + _varied(len(content)) + content
    return bytes(out)


def _with_usual_cells(part: bytes) -> bytes:
    """Give short cells a column, and leave rich texts their text: calamine passes over both."""
    out, column = bytearray(), -1
    for kind, content in _records(part):
        if kind in _SHORT:
            column += 1
            cell = _SHORT[kind], struct.pack("<I", column) + content
        else:
            cell = kind, content
            if kind == _ROW:
                column = -1
            elif kind <= _LAST_CELL or kind == _RICH_TEXT:
                column = struct.unpack_from("<I", content)[0]
        if cell[0] == _RICH_TEXT:
            _, end = _text(cell[1], 9)
            cell = _PLAIN_TEXT, cell[1][:8] + cell[1][9:end]
        out += _varied(cell[0]) + _varied(len(cell[1])) + cell[1]
    return bytes(out)


def _varied(number: int) -> bytes:
    """Return a number as `_varying` reads it."""
    out = bytearray()
    while number >= 0x80:
        out.append(0x80 | (number & 0x7F))
        number >>= 7
    return bytes((*out, number))


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


def _book(parts: Mapping[str, bytes]) -> _Book:
    book, main = _Book(), main_part(parts)
    related = relations(parts, main)
    for kind, content in _records(parts.get(main, b"")):
        if kind == _SHEET:
            relation, end = _text(content, 8)
            name, _ = _text(content, end)
            part = related[relation].part if relation in related else ""
            book.sheets.append((name, part))
        elif kind == _PROPERTIES:
            book.date_1904 = bool(content[0] & 1)
        elif kind == _CALCULATION:
            book.computes_on_load = bool(content[24] & 1)
    return book


def _looks(part: bytes) -> _Looks:
    codes, fonts, looks, of_cells = dict(BUILTIN), [], _Looks(), False
    for kind, content in _records(part):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", content)[0]] = own_code(_text(content, 2)[0])
        elif kind == _FONT:
            fonts.append(_text(content, 21)[0])
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            of_cells = kind == _STYLES_BEGIN
        elif kind == _STYLE and of_cells:
            _, number_format, font = struct.unpack_from("<3H", content)
            looks.codes.append(codes.get(number_format, ""))
            looks.fonts.append(fonts[font] if font < len(fonts) else "")
    return looks


def _facts(name: str, part: bytes, looks: _Looks, computes: bool, budget: Budget) -> PlainSheet:
    sheet, row, last_row, last_column, hides_rows = PlainSheet(""), 0, 0, 0, False
    for kind, content in _records(part):
        if kind == _ROW:
            row = struct.unpack_from("<I", content)[0] + 1
            if hides_rows or _is_hidden_row(content):
                sheet.hidden_rows.add(row)
        elif kind == _DEFAULTS:
            hides_rows = bool(content[8] & 2)
        elif kind in _VALUES or kind in _FORMULAS:
            column = struct.unpack_from("<I", content)[0] + 1
            # a cell may stand before all rows
            last_row, last_column = max(last_row, row, 1), max(last_column, column)
            budget.refuse_box(last_row, last_column, name, address(row or 1, column))
            _add_cell(sheet, (row, column), kind, content, looks)
            if computes and kind in _FORMULAS:
                sheet.uncalculated.add((row, column))
        elif kind == _COLUMNS:
            first, last = struct.unpack_from("<2I", content)
            if content[16] & 1 or not any(content[8:12]):
                sheet.hidden_columns.update(range(first + 1, min(last, 16_383) + 2))
        elif kind == _MERGE:
            budget.take_merges(1)
            top, bottom, left, right = struct.unpack_from("<4I", content)
            sheet.merges.append(Merge(top + 1, left + 1, bottom + 1, right + 1))
    budget.take_box(last_row, last_column, name)
    sheet.hidden_columns = {column for column in sheet.hidden_columns if column <= last_column}
    return sheet


def _is_hidden_row(content: bytes) -> bool:
    """Whether a row says that it is hidden, or has no height."""
    return len(content) > 11 and bool(content[11] & 0x10 or not any(content[8:10]))


def _add_cell(
    sheet: PlainSheet, position: tuple[int, int], kind: int, content: bytes, looks: _Looks
) -> None:
    style = int.from_bytes(content[4:7], "little")
    code = looks.codes[style] if style < len(looks.codes) else ""
    if code:
        sheet.formats[position] = code
    if kind in _ERRORS:
        sheet.errors[position] = _ERROR_TEXTS.get(content[8], "#ERROR!")
    elif kind in _TEXTS and style < len(looks.fonts):
        sheet.fonts[position] = looks.fonts[style]
