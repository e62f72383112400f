"""Scan the markup of .xlsx sheets for what a reader of values does not tell, and for its bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Merge, Position, address
from thidua_analysis.excel.refusal import damaged
from thidua_analysis.excel.rewrite import column_number, rewrite
from thidua_analysis.excel.skeleton import COLUMNS, usual
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
_COLUMN = re.compile(rb"<col\s([^<>]*)>")
_BOUND = re.compile(rb"""(min|max)\s*=\s*["']([0-9]{1,5})["']""")
_MERGE = re.compile(rb"""<mergeCell\s[^<>]*?ref=["']([^"'<>]*)["']""")
_RANGE = re.compile(rb"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
#: Scanned at a time, so that the tuples of a large sheet do not all live at once.
_CHUNK = 2**20


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
    uncalculated: frozenset[Position] = frozenset()
    errors: dict[Position, str] = field(default_factory=dict)
    #: number format codes of the cells that may show something else than they store
    codes: dict[Position, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Merge, ...] = ()


def scan_sheet(
    part: bytes,
    name: str,
    styles: Styles,
    budget: Budget,
    computes: bool = False,
    *,
    among_few: bool = False,
) -> SheetScan:
    """Scan the part of one sheet.

    Parameters
    ----------
    part
        The part in UTF-8, without document type.
    name
        Name of the part, for messages.
    styles
        Styles of the workbook.
    budget
        What is left of the workbook's limits; what the sheet takes is counted.
    computes
        Whether the workbook must be computed on opening, so that no stored result is valid.
    among_few
        Whether the workbook has so few sheets that those of the usual size cannot exceed its
        limit on cells (`are_few`): these are not measured before they are read.

    Returns
    -------
    SheetScan

    Raises
    ------
    Refusal
        If the markup is broken, an address is impossible, or a bound is exceeded.
    """
    scan = _scan_plain(part, styles, budget, computes, among_few)
    if scan is None:
        plain = rewrite(part, name, budget.limits)
        scan = _scan_plain(plain, styles, budget, computes, among_few)
    if scan is None:
        raise damaged(name)
    budget.take_box(scan.rows, scan.columns)
    budget.take_merges(len(scan.merges))
    return scan


def measure(scan: SheetScan, styles: Styles, budget: Budget) -> None:
    """Add the last row and column to the scan of a sheet, where they are not known yet.

    Raises
    ------
    Refusal
        If the sheet exceeds a bound.
    """
    if not scan.rows:
        scan.filled = 0
        if not _measure(scan, styles, budget):
            raise damaged("sheetData")


def _scan_plain(
    part: bytes, styles: Styles, budget: Budget, computes: bool, among_few: bool
) -> SheetScan | None:
    """Scan a sheet in plain markup; None if it is not plain."""
    split = _split(part)
    if split is None:
        return None
    head, body, tail = split
    scan = _at_once(body, styles) if among_few else None
    scan = scan or _one_by_one(body, styles, budget, computes)
    if scan is None:
        return None
    scan.hidden_columns = _hidden_columns(head, scan.columns or COLUMNS)
    scan.merges = _merges(tail, budget)
    return scan


def _at_once(body: bytes, styles: Styles) -> SheetScan | None:
    """Scan rows and cells as a whole; None where each must be looked at."""
    found = usual(body)
    if found is None or 0 in styles.telling:
        return None
    if found.has_empty:
        body = _EMPTY.sub(b"", body)
    scan = SheetScan(body, filled=found.filled)
    if styles.telling:
        _add_codes(scan, _STYLED.findall(body), styles)
    return scan


def _one_by_one(body: bytes, styles: Styles, budget: Budget, computes: bool) -> SheetScan | None:
    """Scan every cell; None if one is not plain."""
    # the short search first: sheets are long, and nearly none has such a tag
    if b":c" in body and _PREFIXED.search(body):
        return None
    if b"/>" in body or b'"></c>' in body:
        # formats of empty cells, of which some programs store tens of thousands
        body = _EMPTY.sub(b"", body)
    scan = SheetScan(body)
    if not _measure(scan, styles, budget):
        return None
    if b"<f" in body and not _add_formulas(scan, computes):
        return None
    if b"hidden" in body and not _add_hidden_rows(scan):
        return None
    if b' t="e"' in body:
        scan.errors = _errors(body)
    return scan


def position(reference: str) -> Position:
    """Return the position of a plain address: G7 is (7, 7)."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), column_number(letters)


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


def _measure(scan: SheetScan, styles: Styles, budget: Budget) -> bool:
    """Look at the address and style of every cell; False if one is not plain."""
    for chunk in _chunks(scan.body):
        found = _FILLED.findall(chunk)
        if len(found) != chunk.count(b"<c"):
            return False
        _add_cells(scan, found, styles, budget)
    return True


def _add_cells(
    scan: SheetScan, found: list[tuple[bytes, ...]], styles: Styles, budget: Budget
) -> None:
    if not found:
        return
    columns = {letters: column_number(letters.decode()) for letters in {cell[0] for cell in found}}
    scan.columns = max(scan.columns, *columns.values())
    scan.rows = max(scan.rows, *map(int, {cell[1] for cell in found}))
    scan.filled += len(found)
    if scan.columns > LAST_COLUMN or scan.rows > LAST_ROW:
        raise damaged(address(scan.rows, scan.columns))
    budget.refuse_box(scan.rows, scan.columns)
    # cells may share an address
    budget.refuse_box(1, scan.filled)
    _add_codes(scan, found, styles)


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


def _add_hidden_rows(scan: SheetScan) -> bool:
    """Note hidden rows; False if a row has no address."""
    rows = _ROW.findall(scan.body)
    scan.hidden_rows = frozenset(int(row) for row, attributes in rows if _HIDDEN.search(attributes))
    return len(rows) == scan.body.count(b"<row")


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
        if _HIDDEN.search(b" " + attributes) and len(bounds) == 2:
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
