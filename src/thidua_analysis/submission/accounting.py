"""Where every cell of a workbook went: stored, reported, or outside every table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from thidua_analysis.excel import Position, Sheet
from thidua_analysis.submission.info import Info
from thidua_analysis.submission.row_words import is_plain_number
from thidua_analysis.submission.rows import Listed, Tally
from thidua_analysis.submission.sheet_kinds import is_choices, is_own
from thidua_analysis.submission.table import Extract
from thidua_analysis.submission.texts import is_blank
from thidua_analysis.submission.zones import Region, Zones
from thidua_analysis.vietnamese.text import clean

if TYPE_CHECKING:
    from thidua_analysis.submission.reading import Reading

Place = tuple[str, int, int]
#: what a person types for "there is nothing" in a cell
_NOTHING = frozenset("-–—−…. xX×")


@dataclass(slots=True)
class Account:
    """Cells of a workbook, each counted once, as (sheet, row, column) from 1.

    Parameters
    ----------
    read
        Every cell that holds something, shows an error or lacks its result.
    stored
        Those whose value, or whose "none", stands in a row or says who reports.
    reported
        Those that an error keeps out, with their row or column where it is that which is wrong.
    outside
        The others by reason: headings, ordinals, personal, totals, titles …
    lost
        Cells of data rows that are none of these. There are never any.
    """

    read: set[Place] = field(default_factory=set)
    stored: set[Place] = field(default_factory=set)
    reported: set[Place] = field(default_factory=set)
    outside: dict[str, set[Place]] = field(default_factory=dict)
    lost: set[Place] = field(default_factory=set)

    @property
    def balances(self) -> bool:
        """Whether cells read = cells stored + cells reported + cells outside, and none is lost."""
        groups = [self.stored, self.reported, *self.outside.values()]
        total = sum(map(len, groups))
        return not self.lost and total == len(self.read) and set().union(*groups) == self.read


def account(reading: Reading) -> Account:
    """Say of each cell of a workbook where it went.

    Parameters
    ----------
    reading
        The workbook with all that was found in it.
    """
    result = Account()
    kinds: dict[Place, str] = {}
    for sheet in reading.book.sheets:
        cells = set(_cells(sheet))
        result.read |= {(sheet.name, *at) for at in cells}
        kinds.update(((sheet.name, *at), _outside(reading, sheet, at)) for at in cells)
    for parts in reading.parts.values():
        for part in parts:
            kinds.update(_of_part(part, reading.outside[part.sheet.name].zones, result.read))
    for part in reading.repeated:
        kinds.update(_of_repeated(part))
    for info in reading.identity.meant:
        kinds.update(_of_info(reading, info))
    for place in result.read:
        _file(result, place, kinds[place])
    return result


def tally(reading: Reading) -> Tally:
    """Count the cells of a workbook, and list those that are in no row and no finding."""
    found = account(reading)
    order = {sheet.name: number for number, sheet in enumerate(reading.book.sheets)}
    listed = [
        Listed(sheet, block.range, reason, block.size)
        for reason, places in found.outside.items()
        for sheet, cells in groupby(sorted(places), key=lambda place: place[0])
        for block in _blocks((row, column) for _, row, column in cells)
    ]
    listed.sort(key=lambda one: (order[one.sheet], one.reason))
    return Tally(len(found.read), len(found.stored), len(found.reported), tuple(listed))


def _blocks(cells: Iterable[Position]) -> Iterator[Region]:
    """Rectangles without a gap that cover sorted cells, each once, from top to bottom."""
    open_: dict[tuple[int, int], Region] = {}
    blocks: list[Region] = []
    for row, line in groupby(cells, key=lambda at: at[0]):
        columns = [column for _, column in line]
        starts = [c for n, c in enumerate(columns) if n == 0 or columns[n - 1] < c - 1]
        ends = [c for n, c in enumerate(columns) if columns[n + 1 : n + 2] != [c + 1]]
        for run in zip(starts, ends, strict=True):
            block = open_.get(run)
            if block is None or block.bottom < row - 1:
                block = open_[run] = Region(row, run[0], row, run[1])
                blocks.append(block)
            block.bottom = row
    yield from blocks


def _file(result: Account, place: Place, kind: str) -> None:
    named = {"stored": result.stored, "reported": result.reported, "lost": result.lost}
    group = named[kind] if kind in named else result.outside.setdefault(kind, set())
    group.add(place)


def _cells(sheet: Sheet) -> Iterator[tuple[int, int]]:
    for cell in sheet.filled():
        if not is_blank(cell.value):
            yield cell.row, cell.column
    yield from sheet.errors
    yield from sheet.uncalculated


def _outside(reading: Reading, sheet: Sheet, at: Position) -> str:
    """What a cell is that stands in no table."""
    if sheet.hidden:
        return "hidden"
    found = reading.outside.get(sheet.name)
    if found is None:
        return _unread_sheet(sheet) if reading.identity.form else "form-unknown"
    return "reported" if found.is_reported(at) else found.reason(at)


def _of_info(reading: Reading, info: Info) -> Iterator[tuple[Place, str]]:
    sheet = info.texts.sheet.name
    for label, _ in info.labels:
        yield (sheet, label.row, label.column), "label"
    bad = {(f.sheet, f.cell) for f in reading.found if f.severity == "error"}
    for label, said in info.labels:
        name = label.field.name
        known = name == "form" or reading.identity.values.get(name) is not None
        is_reported = (sheet, said.address) in bad
        asked = reading.identity.form and any(
            f.name == name for f in reading.identity.form.info.fields
        )
        kind = "reported" if is_reported else "stored" if known or asked else "not-asked"
        yield (sheet, said.row, said.column), kind


def _of_part(part: Extract, zones: Zones, read: set[Place]) -> Iterator[tuple[Place, str]]:
    located, sheet = part.located, part.sheet.name
    columns = range(located.left, located.right + 1)
    reported = zones.reported_columns(part)
    fields = {c.column: name for name, c in located.columns.items()}
    positions = {row: position for position, row in enumerate(part.roles.data)}
    for row in range(located.top, part.roles.end):
        for column in (*columns, *(reported - set(columns))):
            place = sheet, row, column
            if place not in read:
                continue
            if row < located.first:
                value = part.sheet.value(row, column)
                is_text = isinstance(value, str) and not is_plain_number(value)
                if column in columns and is_text:
                    yield place, "heading"
            elif column in fields and row in positions:
                yield place, _kind(part, fields[column], positions[row], place)
            elif column in reported:
                yield place, "reported"
            elif column in located.ordinals:
                yield place, "ordinal"
            elif column in located.ignored:
                yield place, "not-asked"
            elif column in fields:
                yield place, _kind_of_row(part, row)
    yield from _used_sections(part)


def _of_repeated(part: Extract) -> Iterator[tuple[Place, str]]:
    """Cells of a table that stands again on another sheet."""
    for row in range(part.located.top, part.roles.end):
        for column in range(part.located.left, part.located.right + 1):
            yield (part.sheet.name, row, column), "reported"


def _kind_of_row(part: Extract, row: int) -> str:
    if row in part.roles.totals:
        return "total"
    if row in part.roles.section_rows:
        return "section"
    return part.roles.skipped.get(row, "lost")


def _used_sections(part: Extract) -> Iterator[tuple[Place, str]]:
    """Cells of section rows, and cells above, whose text stands in a row."""
    for values in part.columns.values():
        for place in values.places.values():
            yield (part.sheet.name, *place), "stored"


def _kind(part: Extract, name: str, position: int, place: Place) -> str:
    asked, values = part.table.by_name[name], part.columns[name]
    if asked.type == "personal":
        return "personal"
    if position in part.left_out or position in values.broken:
        return "reported"
    if position in values.places and asked.type != "rank":
        return "covered"
    if values.values[position] is not None:
        return "stored"
    value = part.sheet.value(*place[1:])
    return "stored" if isinstance(value, str) and set(clean(value)) <= _NOTHING else "lost"


def _unread_sheet(sheet: Sheet) -> str:
    return "own-sheet" if is_own(sheet) else "choice-list" if is_choices(sheet.name) else "guide"
