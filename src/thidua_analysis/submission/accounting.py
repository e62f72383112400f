"""Where every cell of a workbook went: stored, reported, or outside every table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from itertools import chain, groupby, product
from typing import TYPE_CHECKING

from thidua_analysis.excel import Position, Sheet
from thidua_analysis.excel.cells import Value
from thidua_analysis.submission.body import Body
from thidua_analysis.submission.info import Info
from thidua_analysis.submission.row_words import is_plain_number
from thidua_analysis.submission.rows import Listed, Tally
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import is_blank
from thidua_analysis.submission.which_form import is_choices, is_own
from thidua_analysis.submission.zones import Region
from thidua_analysis.vietnamese.text import clean

if TYPE_CHECKING:
    from thidua_analysis.submission.reading import Reading

Place = tuple[str, int, int]
#: what a person types for "there is nothing" in a cell
_NOTHING = frozenset("-–—−…. xX×")
#: cells that are not outside
_INSIDE = ("stored", "reported")


def account(reading: Reading) -> dict[Place, str]:
    """Say of each cell that holds something, shows an error or lacks its result where it went.

    ``stored`` is one whose value, or whose "none", stands in a row or says who reports;
    ``reported`` one that an error keeps out, alone or with its row or column. The others are
    outside for a reason: heading, ordinal, total, title … ``lost`` would be a cell of a data row
    that is none of these; there never is one.
    """
    kinds = {
        (sheet.name, *at): _outside(reading, sheet, at)
        for sheet in reading.book.sheets
        for at in _cells(sheet)
    }
    found: dict[Place, str] = {}
    for part in chain.from_iterable(reading.parts.values()):
        reported = reading.outside[part.sheet.name].zones.reported_columns(part)
        found.update(_of_part(part, reported, kinds.keys()))
    for part in reading.repeated:
        at, rows = part.located, range(part.located.top, part.body.end)
        cells = ((part.sheet.name, r, c) for r in rows for c in range(at.left, at.right + 1))
        found.update(dict.fromkeys(cells, "reported"))
    for info in reading.identity.meant:
        found.update(_of_info(reading, info))
    return kinds | {place: kind for place, kind in found.items() if place in kinds}


def tally(reading: Reading) -> Tally:
    """Count the cells of a workbook, and list those that are in no row and no finding."""
    kinds = account(reading)
    stored, reported = (sum(kind == one for kind in kinds.values()) for one in _INSIDE)
    order = {sheet.name: number for number, sheet in enumerate(reading.book.sheets)}
    outside = [(order[place[0]], kind, place) for place, kind in kinds.items()]
    listed = [
        Listed(reading.book.sheets[sheet].name, block.range, kind, size)
        for (sheet, kind), cells in groupby(sorted(outside), key=lambda one: one[:2])
        if kind not in _INSIDE
        for block, size in _blocks(place[1:] for _, _, place in cells)
    ]
    return Tally(len(kinds), stored, reported, tuple(listed))


def _blocks(cells: Iterable[Position]) -> Iterator[tuple[Region, int]]:
    """Rectangles without a gap that cover sorted cells, each once, with how many cells."""
    open_: dict[tuple[int, int], Region] = {}
    blocks: list[Region] = []
    for row, line in groupby(cells, key=lambda at: at[0]):
        columns = dict.fromkeys(column for _, column in line)
        starts = [c for c in columns if c - 1 not in columns]
        ends = [c for c in columns if c + 1 not in columns]
        for run in zip(starts, ends, strict=True):
            block = open_.get(run)
            if block is None or block.bottom < row - 1:
                block = open_[run] = Region(row, run[0], row, run[1])
                blocks.append(block)
            block.bottom = row
    for one in blocks:
        yield one, (one.bottom - one.top + 1) * (one.right - one.left + 1)


def _cells(sheet: Sheet) -> Iterator[Position]:
    yield from ((cell.row, cell.column) for cell in sheet.filled() if not is_blank(cell.value))
    yield from sheet.errors
    yield from sheet.uncalculated


def _outside(reading: Reading, sheet: Sheet, at: Position) -> str:
    """What a cell is that stands in no table."""
    if sheet.hidden:
        return "hidden"
    if found := reading.outside.get(sheet.name):
        return "reported" if found.is_reported(at) else found.reason(at)
    if reading.identity.form is None:
        return "form-unknown"
    return "own-sheet" if is_own(sheet) else "choice-list" if is_choices(sheet.name) else "guide"


def _of_info(reading: Reading, info: Info) -> Iterator[tuple[Place, str]]:
    sheet, identity = info.texts.sheet.name, reading.identity
    asked = {f.name for f in identity.form.info.fields} if identity.form else set()
    bad = {(f.sheet, f.cell) for f in reading.found if f.severity == "error"}
    yield from (((sheet, *label.place), "label") for label in info.labels)
    for label in info.labels:
        name = label.field.name
        known = name == "form" or name in asked or identity.values.get(name) is not None
        is_reported = (sheet, label.address) in bad
        kind = "reported" if is_reported else "stored" if known else "not-asked"
        yield (sheet, *label.at), kind


def _of_part(part: ReadTable, reported: set[int], read: Set[Place]) -> Iterator[tuple[Place, str]]:
    at, sheet = part.located, part.sheet
    columns = range(at.left, at.right + 1)
    fields = {c.column: name for name, c in at.columns.items()}
    positions = {row: position for position, row in enumerate(part.body.data)}
    places = product(range(at.top, part.body.end), reported.union(columns))
    for row, column in (place for place in places if (sheet.name, *place) in read):
        value, kind = sheet.value(row, column), ""
        if row < at.first:
            is_text = isinstance(value, str) and not is_plain_number(value)
            kind = "heading" if is_text and column in columns else ""
        elif column in fields and row in positions:
            kind = _kind_of_value(part, fields[column], positions[row], value)
        elif column in reported:
            kind = "reported"
        elif column in at.ordinals:
            kind = "ordinal"
        elif column in at.ignored:
            kind = "not-asked"
        elif column in fields:
            kind = _kind_of_row(part.body, row)
        if kind:
            yield (sheet.name, row, column), kind
    # cells of section rows, and cells above, whose text stands in a row
    for values in part.columns.values():
        yield from (((sheet.name, *place), "stored") for place in values.places.values())


def _kind_of_row(body: Body, row: int) -> str:
    if row in body.totals:
        return "total"
    return "section" if row in body.section_rows else body.skipped.get(row, "lost")


def _kind_of_value(part: ReadTable, name: str, position: int, value: Value) -> str:
    asked, values = part.table.by_name[name], part.columns[name]
    if asked.type == "personal":
        return "personal"
    if position in part.left_out or position in values.broken:
        return "reported"
    if position in values.places and asked.type != "rank":
        return "covered"
    is_none = isinstance(value, str) and set(clean(value)) <= _NOTHING
    return "stored" if values.values[position] is not None or is_none else "lost"
