"""A table as read from one place of a sheet: its columns of values and its tidy rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from thidua_analysis.excel import Merge, Sheet, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Field, Table
from thidua_analysis.submission.body import Roles
from thidua_analysis.submission.columns import Values, spoken
from thidua_analysis.submission.locate import TablePlace, Unread
from thidua_analysis.submission.rows import Datum, Note, Row


@dataclass(slots=True, eq=False)
class Extract:
    """A table as read from one place of a sheet.

    ``columns`` holds the values of each field by position among the data rows; personal ones
    too, which never leave the reader. ``left_out`` are the positions of rows that a broken key
    keeps out, ``unread`` the columns whose headings are blank or cannot be read.
    """

    located: TablePlace
    sheet: Sheet
    roles: Roles
    year: int | None = None
    columns: dict[str, Values] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)
    unread: tuple[Unread, ...] = ()

    @property
    def table(self) -> Table:
        """The table of the form."""
        return self.located.table

    @property
    def cells_read(self) -> int:
        """Number of filled cells in the data rows, those with an error too."""
        filled = 0
        for column in self.columns.values():
            filled += len(column.values) - column.values.count(None) - len(column.places)
            filled += sum(column.values[position] is None for position in column.broken)
        return filled

    @property
    def kept(self) -> Sequence[int]:
        """Positions of the rows that stand in the result."""
        return [p for p in range(len(self.roles.data)) if p not in self.left_out]

    def column(self, name: str) -> Values:
        """The values of a field; blank ones are made where it has no column yet."""
        blank = Values([None] * len(self.roles.data))
        return self.columns.setdefault(name, blank)

    def values(self, name: str) -> Sequence[Datum]:
        """Values of a field, one for each data row; None where blank, broken or without column."""
        column = self.columns.get(name)
        return column.values if column else [None] * len(self.roles.data)

    def value(self, name: str, position: int) -> Datum:
        """One value; the form's default where the cell is blank."""
        column = self.columns.get(name)
        value = column.values[position] if column else None
        if value is None and not self.is_broken(name, position):
            return self.table.by_name[name].default
        return value

    def cell(self, name: str, position: int) -> str | None:
        """Address of the cell that holds a value; None for blanks and defaults."""
        column = self.columns.get(name)
        if column is None or column.values[position] is None:
            return None
        place = column.places.get(position)
        return address(*place) if place else self.own_cell(name, position)

    def own_cell(self, name: str, position: int) -> str:
        """Address of the cell of a field in a row, filled or not."""
        at = self.located.columns.get(name)
        return address(self.roles.data[position], at.column if at else self.located.left)

    def is_broken(self, name: str, position: int) -> bool:
        """Whether an error stands in a cell: it suppresses what follows from it."""
        column = self.columns.get(name)
        return column is not None and position in column.broken

    def said(self, name: str, position: int) -> str:
        """A value as the sender sees it: as typed, or in Vietnamese digits."""
        typed = self.columns[name].typed.get(position) if name in self.columns else None
        return typed or spoken(self.value(name, position))

    def finding(self, code: str, name: str, position: int, **what: Any) -> Finding:
        """A finding on the cell of a field in a row: the one that its value comes from."""
        what.setdefault("cell", self.cell(name, position) or self.own_cell(name, position))
        heading = self.table.by_name[name].heading
        return finding(code, sheet=self.sheet.name, heading=heading, **what)

    def rows(self) -> tuple[Row, ...]:
        """The tidy rows: one for each data row, or one a stage where the form melts them."""
        stages = self.table.melt.fields if self.table.melt else (None,)
        return tuple(self.row(position, stage) for position in self.kept for stage in stages)

    def row(self, position: int, stage: str | None = None) -> Row:
        """One tidy row; ``stage`` is the field that a melted row is of."""
        table, melt = self.table, self.table.melt
        constants = {**table.constants, **({melt.into: stage} if melt else {})}
        values: dict[str, Datum] = {}
        cells: dict[str, str] = {}
        notes: dict[str, Note] = {}
        typed: dict[str, str] = {}
        for name in table.columns:
            if name in constants:
                values[name] = constants[name]
                continue
            source = stage if stage and melt and name == melt.value else name
            if table.by_name[source].type == "personal":
                continue
            values[name] = self.value(source, position)
            column = self.columns.get(source)
            if column is None:
                continue
            if cell := self.cell(source, position):
                cells[name] = cell
            if position in column.notes:
                notes[name] = column.notes[position]
            if position in column.typed:
                typed[name] = column.typed[position]
        row = self.roles.data[position]
        return Row(table.id, self.sheet.name, row, values, cells, notes, typed)


def fill_merged(asked: Field, part: Extract) -> None:
    """Let a text merged over several rows hold in each of them; numbers are never repeated."""
    done = 0
    for merge in _tall_merges(asked, part):
        # ranges that overlap are no work of Excel: what one has covered is not gone over again
        if merge.top > done:
            _spread(merge, part, part.columns[asked.name])
            done = merge.bottom


def merged_from_total(asked: Field, part: Extract) -> dict[int, int]:
    """Position of a data row → number of the total row in which its merged text stands.

    A text merged over the total of a group and its rows stands beside the total.
    """
    data, found = part.roles.data, {}
    for merge in _tall_merges(asked, part) if part.roles.totals else ():
        position = bisect_left(data, merge.top)
        below = data[position] if position < len(data) else merge.bottom + 1
        if merge.top in part.roles.totals and below <= merge.bottom:
            found[position] = merge.top
    return found


def _tall_merges(asked: Field, part: Extract) -> list[Merge]:
    """Ranges merged over several rows of the column of a text, from top to bottom."""
    column = part.located.columns[asked.name].column
    if asked.is_numeric or asked.type == "rank":
        return []
    tall = [m for m in part.sheet.merges if m.left == column and m.bottom > m.top]
    return sorted(tall, key=lambda m: m.top)


def _spread(merge: Merge, part: Extract, values: Values) -> None:
    data = part.roles.data
    top, last = bisect_left(data, merge.top), bisect_right(data, merge.bottom)
    corner = merge.top, merge.left
    if top == last or values.places.get(top, (data[top], merge.left)) != corner:
        return
    for position in range(top + 1, last):
        if values.values[position] is not None:
            continue
        if top in values.broken:
            values.broken.add(position)
        elif values.values[top] is not None:
            values.values[position] = values.values[top]
            values.places[position] = corner


def take_sizes(part: Extract) -> Iterator[Finding]:
    """Take the size out of a rank typed "25/82"; its cell is the rank's.

    Where the column of sizes says another number, the rank is not taken.
    """
    for asked in part.table.fields:
        ranks = part.columns.get(asked.name)
        if asked.size is None or ranks is None or not ranks.sizes:
            continue
        sizes = part.column(asked.size)
        at = part.located.columns[asked.name].column
        for position, size in list(ranks.sizes.items()):
            if position in sizes.broken:
                continue
            if sizes.values[position] is None:
                sizes.values[position] = size
                sizes.places[position] = (part.roles.data[position], at)
            elif sizes.values[position] != size:
                typed = ranks.typed.get(position)
                yield part.finding("number-fraction", asked.name, position, value=typed)
                ranks.drop(position)


def keep_defaults_out(part: Extract, doubtful: Set[str]) -> None:
    """Keep the form's default out of rows in which an unread column may say otherwise.

    It stays out of all rows for the ``doubtful`` fields: those that an unknown heading may mean.
    """
    unread = {row for one in part.unread if one.may_be_asked for row in one.rows}
    for asked in part.table.fields:
        if asked.default is None or asked.name in part.located.columns:
            continue
        everywhere = asked.name in part.located.uncertain or asked.name in doubtful
        broken = {p for p, row in enumerate(part.roles.data) if everywhere or row in unread}
        if broken:
            part.column(asked.name).broken = broken


def require(part: Extract) -> Iterator[Finding]:
    """Report blank required cells, and keep their rows out."""
    for asked in part.table.required:
        column = part.columns.get(asked.name)
        for position, value in enumerate(part.values(asked.name)):
            if value is not None:
                continue
            part.left_out.add(position)
            is_known = column is not None and position not in column.broken
            if is_known and asked.name not in part.located.uncertain:
                yield part.finding("required-missing", asked.name, position)
