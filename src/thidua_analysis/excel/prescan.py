"""Scan the markup of .xlsx sheets for what a reader of values does not tell, and for its bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Merge, Position, address, column_number
from thidua_analysis.excel.contents import stores_wrongly, without_blanks, wrongly_stored
from thidua_analysis.excel.refusal import damaged
from thidua_analysis.excel.rewrite import rewrite
from thidua_analysis.excel.shared_strings import SharedStrings
from thidua_analysis.excel.skeleton import COLUMNS, lacks_height, usual
from thidua_analysis.excel.styles import Styles

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

# Cells as office programs write them. Whatever else may count as a cell sends the part through
# `rewrite`, after which all of them match: no cell escapes the bounds, or the facts. Possessive
# quantifiers (++) halve the time, because a mismatch is not tried again from every end.
_AT = rb'<c r="([A-Z]{1,3}+)([1-9][0-9]{0,6}+)"'
_TAG = _AT + rb'(?: s="([0-9]{1,6}+)")?+(?: t="([a-zA-Z]{1,9}+)")?+'
_MORE = rb'(?: [a-z]{2}="[0-9]{1,9}+")*+'
_FILLED = re.compile(_TAG + _MORE + rb">")
_EMPTY = re.compile(
    rb'<c r="[A-Z]{1,3}+[1-9][0-9]{0,6}+"(?: s="[0-9]{1,6}+")?+(?: t="[a-zA-Z]{1,9}+")?+'
    + _MORE
    + rb"(?: ?/>|>\s*+</c>)"
)
# content up to the end of the cell, and never into another: a plain .*? would search the rest of
# the sheet again for each cell that is not closed
_CONTENT = rb"((?:[^<]++|<(?!/?c[\s>/]))*+)</c>"
_STYLED = re.compile(_AT + rb' s="([0-9]{1,6}+)"')
_FORMULA = re.compile(_TAG + _MORE + rb">\s*+<f(?=[ >/])" + _CONTENT)
_ERROR = re.compile(_AT + rb'(?: s="[0-9]{1,6}+")?+ t="e"' + _MORE + rb">" + _CONTENT)
_OPENED, _CLOSED = b"<sheetData>", b"</sheetData>"
_PREFIXED = re.compile(rb"<[^<>\s/!?]+:c[\s/>]")
_STORED = re.compile(rb"<v(?:\s[^<>/]*)?>\s*[^<\s]|<is[ >]")
_VALUE = re.compile(rb"<v(?:\s[^<>/]*)?>([^<]*)")
_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"([^<>]*)>')
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_SHOWN = re.compile(rb"""\shidden\s*=\s*["'](?:0|false)["']""")
_NO_SIZE = re.compile(rb"""\s(?:ht|width)\s*=\s*["'](?=[^"']*0)-?0*\.?0*["']""")
_HIDES_ROWS = re.compile(rb"""<sheetFormatPr\s[^<>]*?zeroHeight\s*=\s*["'](?:1|true)["']""")
_COLUMN = re.compile(rb"<col\s([^<>]*)>")
_BOUND = re.compile(rb"""(min|max)\s*=\s*["']([0-9]{1,5})["']""")
_MERGE = re.compile(rb"""<mergeCell\s[^<>]*?ref=["']([^"'<>]*)["']""")
_RANGE = re.compile(rb"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
#: Scanned at a time, so that the tuples of a large sheet do not all live at once.
_CHUNK = 2**20
#: So many cells for each one that is filled are no table: far blanks may be the reason.
_SPARSE, _FEW = 50, 100_000


@dataclass(slots=True, eq=False)
class SheetScan:
    """What the markup of one sheet says; positions count from 1."""

    #: rows and cells with content, plain, without anything around them
    body: bytes
    #: last row and column that hold a value or formula; 0 where they were not measured
    rows: int = 0
    columns: int = 0
    #: cells with content
    filled: int = 0
    #: address of the cell that makes a very large sheet so large
    farthest: str = ""
    uncalculated: frozenset[Position] = frozenset()
    errors: dict[Position, str] = field(default_factory=dict)
    #: number format codes of the cells that may show something else than they store
    codes: dict[Position, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What the scan of any sheet of a workbook needs.

    Parameters
    ----------
    styles, strings
        Styles and shared strings of the workbook.
    budget
        What is left of the workbook's limits; what a sheet takes is counted.
    computes
        Whether the workbook must be computed on opening, so that no stored result is valid.
    among_few
        Whether the workbook has so few sheets that those of the usual size cannot exceed its
        limit on cells (`are_few`): these are not measured before they are read.
    """

    styles: Styles
    strings: SharedStrings
    budget: Budget
    computes: bool = False
    among_few: bool = False


def scan_sheet(part: bytes, name: str, sheet: str, source: Source) -> SheetScan:
    """Scan the part of one sheet.

    Parameters
    ----------
    part
        The part in UTF-8, without document type.
    name, sheet
        Names of the part and of the sheet, for messages.
    source
        The workbook.

    Returns
    -------
    SheetScan

    Raises
    ------
    Refusal
        If the markup is broken, an address is impossible, a cell stores no value that anybody
        can read, or a bound is exceeded.
    """
    scan = _scan_plain(part, source)
    if scan is None:
        plain = rewrite(part, name, source.budget.limits)
        scan = _scan_plain(plain, source)
        if scan is None:
            raise wrongly_stored(plain, sheet) or damaged(name)
    source.budget.take_box(scan.rows, scan.columns, sheet, scan.farthest)
    source.budget.take_merges(len(scan.merges))
    return scan


def measure(scan: SheetScan, source: Source) -> None:
    """Add the last row and column to the scan of a sheet, where they are not known yet.

    Raises
    ------
    Refusal
        If the sheet exceeds a bound.
    """
    if not scan.rows:
        scan.filled = 0
        if not _measure(scan, source):
            raise damaged("sheetData")


def _scan_plain(part: bytes, source: Source) -> SheetScan | None:
    """Scan a sheet in plain markup; None if it is not plain."""
    split = _split(part)
    if split is None:
        return None
    head, body, tail = split
    hides_rows = b"zeroHeight" in head and _HIDES_ROWS.search(head) is not None
    scan = _at_once(body, source.styles) if source.among_few and not hides_rows else None
    scan = scan or _one_by_one(body, source)
    if scan is None or (hides_rows and not _add_hidden_rows(scan, by_default=True)):
        return None
    scan.hidden_columns = _hidden_columns(head, scan.columns or COLUMNS)
    scan.merges = _merges(tail, source.budget)
    return scan


def _at_once(body: bytes, styles: Styles) -> SheetScan | None:
    """Scan rows and cells as a whole; None where each must be looked at."""
    found = usual(body)
    if found is None or 0 in styles.telling or stores_wrongly(body, is_usual=True):
        return None
    if found.has_empty:
        body = _EMPTY.sub(b"", body)
    scan = SheetScan(body, filled=found.filled)
    if styles.telling:
        _add_codes(scan, _STYLED.findall(body), styles)
    return scan


def _one_by_one(body: bytes, source: Source) -> SheetScan | None:
    """Scan every cell; None if one is not plain."""
    # the short search first: sheets are long, and nearly none has such a tag
    if b":c" in body and _PREFIXED.search(body):
        return None
    if b"/>" in body or b'"></c>' in body:
        # formats of empty cells, of which some programs store tens of thousands
        body = _EMPTY.sub(b"", body)
    if stores_wrongly(body):
        return None
    scan = SheetScan(body)
    if not _measure(scan, source):
        return None
    if scan.rows * scan.columns > _FEW + _SPARSE * scan.filled:
        scan = SheetScan(without_blanks(body, source.strings, source.computes))
        if not _measure(scan, source):
            return None
    return scan if _add_facts(scan, source.computes) else None


def _add_facts(scan: SheetScan, computes: bool) -> bool:
    """Note formulas, hidden rows and errors; False if a cell or row is not plain."""
    body = scan.body
    if b"<f" in body and not _add_formulas(scan, computes):
        return False
    if (b"hidden" in body or lacks_height(body)) and not _add_hidden_rows(scan):
        return False
    if b' t="e"' in body:
        scan.errors = _errors(body)
    return True


def _split(part: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Cut a sheet into what stands before, within and after its rows; None if not plain."""
    # one byte is found at once, two are not
    if b"!" in part and b"<!" in part:
        return None
    start = part.find(_OPENED)
    if start < 0:
        head, empty, tail = part.partition(b"<sheetData/>")
        return (head, b"", tail) if empty else None
    end = part.find(_CLOSED, start)
    return None if end < 0 else (part[:start], part[start + len(_OPENED) : end], part[end:])


def _chunks(body: bytes) -> Iterator[bytes]:
    start = 0
    while len(body) - start > _CHUNK:
        cut = body.find(b"<c ", start + _CHUNK)
        if cut < 0:
            break
        yield body[start:cut]
        start = cut
    yield body[start:]


def _measure(scan: SheetScan, source: Source) -> bool:
    """Look at the address and style of every cell; False if one is not plain."""
    for chunk in _chunks(scan.body):
        found = _FILLED.findall(chunk)
        if len(found) != chunk.count(b"<c"):
            return False
        _add_cells(scan, found, source)
    return True


def _add_cells(scan: SheetScan, found: list[tuple[bytes, ...]], source: Source) -> None:
    if not found:
        return
    columns = {letters: column_number(letters.decode()) for letters in {cell[0] for cell in found}}
    rows = {row: int(row) for row in {cell[1] for cell in found}}
    column, row = max(columns.values()), max(rows.values())
    if row > LAST_ROW or column > LAST_COLUMN:
        raise damaged(address(row, column))
    # which cell makes a sheet too large is asked of few
    if row * column > _FEW and (row > scan.rows or column > scan.columns):
        scan.farthest = _farthest(found, columns, rows)
    scan.columns, scan.rows = max(scan.columns, column), max(scan.rows, row)
    scan.filled += len(found)
    # cells may share an address
    source.budget.refuse_box(1, scan.filled, "", "")
    _add_codes(scan, found, source.styles)


def _farthest(
    found: list[tuple[bytes, ...]], columns: dict[bytes, int], rows: dict[bytes, int]
) -> str:
    """Address of the cell that lies farthest out, down or to the right."""
    far = max(found, key=lambda cell: max(rows[cell[1]] / LAST_ROW, columns[cell[0]] / LAST_COLUMN))
    return (far[0] + far[1]).decode()


def _add_codes(scan: SheetScan, found: Iterable[tuple[bytes, ...]], styles: Styles) -> None:
    """Note the format of cells (letters, row, style …) that may show more than their number."""
    if telling := styles.telling:
        wanted = {str(style).encode(): code for style, code in telling.items()}
        if 0 in telling:
            wanted[b""] = telling[0]
        scan.codes.update(
            ((int(row), column_number(letters.decode())), wanted[style])
            for letters, row, style, *_ in found
            if style in wanted
        )


def _add_formulas(scan: SheetScan, computes: bool) -> bool:
    """Note formulas without a valid result; False if there are others than those found."""
    formulas, uncalculated = 0, []
    for match in _FORMULA.finditer(scan.body):
        formulas += 1
        letters, row, _, kind, rest = match.groups()
        # a formula may well give an empty text
        if computes or (kind != b"str" and not _STORED.search(rest)):
            uncalculated.append((int(row), column_number(letters.decode())))
    scan.uncalculated = frozenset(uncalculated)
    return formulas == sum(map(scan.body.count, (b"<f>", b"<f ", b"<f/")))


def _add_hidden_rows(scan: SheetScan, by_default: bool = False) -> bool:
    """Note hidden rows and those without height; False if a row has no address.

    Where rows are hidden by default, those are too that do not say that they are shown.
    """
    rows = _ROW.findall(scan.body)
    scan.hidden_rows = frozenset(
        int(row)
        for row, attributes in rows
        if _is_hidden(attributes) or (by_default and not _SHOWN.search(attributes))
    )
    return len(rows) == scan.body.count(b"<row")


def _is_hidden(attributes: bytes) -> bool:
    """Whether a row or column says that it is hidden, or has no height or width."""
    return bool(_HIDDEN.search(attributes) or _NO_SIZE.search(attributes))


def _errors(body: bytes) -> dict[Position, str]:
    errors = {}
    for letters, row, content in _ERROR.findall(body):
        value = _VALUE.search(content)
        text = value[1].decode("utf-8", "replace").strip() if value else ""
        errors[int(row), column_number(letters.decode())] = text or "#ERROR!"
    return errors


def _hidden_columns(head: bytes, last: int) -> frozenset[int]:
    flags = bytearray(last + 1)
    for attributes in _COLUMN.findall(head):
        bounds = dict(_BOUND.findall(attributes))
        if _is_hidden(b" " + attributes) and len(bounds) == 2:
            shown = slice(int(bounds[b"min"]), min(int(bounds[b"max"]), last) + 1)
            flags[shown] = b"\1" * len(flags[shown])
    return frozenset(column for column, flag in enumerate(flags) if flag)


def _merges(tail: bytes, budget: Budget) -> tuple[Merge, ...]:
    budget.refuse_merges(tail.count(b"<mergeCell") - tail.count(b"<mergeCells"))
    return tuple(merge for ref in _MERGE.findall(tail) if (merge := _merge(ref)))


def _merge(ref: bytes) -> Merge | None:
    matched = _RANGE.fullmatch(ref)
    if not matched:
        raise damaged(ref.decode("utf-8", "replace"))
    left, top, right, bottom = matched.groups()
    if right is None:
        return None
    rows = sorted((int(top), int(bottom)))
    columns = sorted((column_number(left.decode()), column_number(right.decode())))
    if rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
        raise damaged(ref.decode())
    return Merge(rows[0], columns[0], rows[1], columns[1])
