"""Where every cell of a workbook went: stored, reported, or outside every table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from thidua_analysis.excel import Sheet
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.identity.info import Info
from thidua_analysis.submission.reading import Reading
from thidua_analysis.submission.text.sheet_texts import is_blank
from thidua_analysis.vietnamese.text import clean

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
        kinds.update(((sheet.name, *at), "hidden-sheet") for at in cells if sheet.hidden)
    for parts in reading.parts.values():
        for part in parts:
            kinds.update(_of_part(part, result.read))
    for part in reading.repeated:
        kinds.update(_of_repeated(part))
    if reading.identity.info:
        kinds.update(_of_info(reading, reading.identity.info))
    for place in result.read:
        _file(result, place, kinds.get(place, "elsewhere"))
    return result


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


def _of_info(reading: Reading, info: Info) -> Iterator[tuple[Place, str]]:
    sheet = info.texts.sheet.name
    for label, _ in info.labels:
        yield (sheet, label.row, label.column), "label"
    bad = {(f.sheet, f.cell) for f in reading.found if f.severity == "error"}
    for name, said in info.said.items():
        known = name == "form" or reading.identity.values.get(name) is not None
        is_reported = (sheet, said.address) in bad
        asked = reading.identity.form and any(
            f.name == name for f in reading.identity.form.info.fields
        )
        kind = "reported" if is_reported else "stored" if known or asked else "not-asked"
        yield (sheet, said.row, said.column), kind


def _of_part(part: Extract, read: set[Place]) -> Iterator[tuple[Place, str]]:
    located, sheet = part.located, part.sheet.name
    columns = range(located.left, located.right + 1)
    for row in range(located.top, located.first):
        yield from (((sheet, row, column), "heading") for column in columns)
    for row in range(located.first, part.roles.end):
        for column in columns:
            if (sheet, row, column) in read:
                yield (sheet, row, column), _kind_of_row(part, row)
    for position, row in enumerate(part.roles.data):
        for column in columns:
            yield (sheet, row, column), _kind(part, position, row, column)
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


def _kind(part: Extract, position: int, row: int, column: int) -> str:
    located = part.located
    name = next((n for n, c in located.columns.items() if c.column == column), None)
    if name is None:
        return _kind_of_column(part, column)
    if part.table.by_name[name].type == "personal":
        return "personal"
    values = part.columns[name]
    if position in part.left_out or position in values.broken:
        return "reported"
    if values.values[position] is not None:
        own = position not in values.places or name in _ranks(part)
        return "stored" if own else "covered"
    value = part.sheet.value(row, column)
    return "stored" if isinstance(value, str) and set(clean(value)) <= _NOTHING else "lost"


def _ranks(part: Extract) -> set[str]:
    return {f.name for f in part.table.fields if f.type == "rank"}


def _kind_of_column(part: Extract, column: int) -> str:
    located = part.located
    if column in located.ordinals:
        return "ordinal"
    if column in located.ignored:
        return "not-asked"
    headed = [*(h.column for h in located.unknown), *(one.column for one in part.unread)]
    headed += [h.column for _, *both in located.doubled for h in both]
    headed += [h.column for h, _ in located.ambiguous]
    return "reported" if column in headed else "no-heading"
