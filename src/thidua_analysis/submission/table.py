"""A table as read from one place of a sheet: its columns of values and its tidy rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import cast

from thidua_analysis.excel import Merge, Position, Sheet, address
from thidua_analysis.findings import Finding, Severity, finding
from thidua_analysis.form.model import Field, Table
from thidua_analysis.submission.body import Roles
from thidua_analysis.submission.columns import Values, spoken
from thidua_analysis.submission.locate import TablePlace, Unread
from thidua_analysis.submission.rows import Datum, Note, Row


@dataclass(slots=True, eq=False)
class Extract:
    """A table as read from one place of a sheet.

    ``columns`` holds the values of every field by position among the data rows; personal ones
    too, which never leave the reader. ``left_out`` are the positions of rows that a broken key
    keeps out, ``unread`` the columns whose headings are blank or cannot be read.
    """

    located: TablePlace
    sheet: Sheet
    roles: Roles
    year: int | None
    unread: tuple[Unread, ...]
    columns: dict[str, Values] = field(init=False)
    left_out: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = len(self.roles.data)
        self.columns = {f.name: Values([None] * rows) for f in self.table.fields}

    @property
    def table(self) -> Table:
        """The table of the form."""
        return self.located.table

    @property
    def cells_read(self) -> int:
        """Number of filled cells in the data rows, those with an error too."""
        return sum(
            len(column.values) - column.values.count(None) - len(column.places)
            + sum(column.values[position] is None for position in column.broken)
            for column in self.columns.values()
        )  # fmt: skip

    @property
    def kept(self) -> Sequence[int]:
        """Positions of the rows that stand in the result."""
        return [p for p in range(len(self.roles.data)) if p not in self.left_out]

    def values(self, name: str) -> Sequence[Datum]:
        """Values of a field, one for each data row; None where blank, broken or without column."""
        return self.columns[name].values

    def value(self, name: str, position: int) -> Datum:
        """One value; the form's default where the cell is blank."""
        value = self.columns[name].values[position]
        if value is None and position not in self.columns[name].broken:
            return self.table.by_name[name].default
        return value

    def cell(self, name: str, position: int) -> str | None:
        """Address of the cell that holds a value; None for blanks and defaults."""
        column = self.columns[name]
        if column.values[position] is None:
            return None
        place = column.places.get(position)
        return address(*place) if place else self.own_cell(name, position)

    def own_cell(self, name: str, position: int) -> str:
        """Address of the cell of a field in a row, filled or not."""
        at = self.located.columns.get(name)
        return address(self.roles.data[position], at.column if at else self.located.left)

    def report(
        self,
        code: str,
        at: Position | str | None,
        heading: str,
        value: str | None = None,
        *,
        suggestion: str | None = None,
        severity: str | None = None,
        **params: str,
    ) -> Finding:
        """Make a finding on a cell of the sheet."""
        return finding(
            code,
            severity=cast("Severity | None", severity),
            sheet=self.sheet.name,
            cell=address(*at) if isinstance(at, tuple) else at,
            heading=heading,
            value=value,
            suggestion=suggestion,
            params=params,
        )

    def report_value(self, code: str, name: str, position: int, **params: str) -> Finding:
        """Make a finding on a value, which is shown as typed or in Vietnamese digits."""
        said = self.columns[name].typed.get(position) or spoken(self.value(name, position))
        cell, heading = self.cell(name, position), self.table.by_name[name].heading
        return self.report(code, cell, heading, said, **params)

    def rows(self) -> tuple[Row, ...]:
        """The tidy rows: one for each data row, or one a stage where the form melts them."""
        stages = self.table.melt.fields if self.table.melt else (None,)
        return tuple(self.row(position, stage) for position in self.kept for stage in stages)

    def row(self, position: int, stage: str | None = None) -> Row:
        """One tidy row; ``stage`` is the field that a melted row is of."""
        table, melt = self.table, self.table.melt
        values: dict[str, Datum] = {}
        cells: dict[str, str] = {}
        notes: dict[str, Note] = {}
        typed: dict[str, str] = {}
        for name in table.columns:
            source = stage if stage and melt and name == melt.value else name
            if melt and name == melt.into:
                values[name] = stage
            elif name in table.constants:
                values[name] = table.constants[name]
            elif table.by_name[source].type != "personal":
                values[name] = self.value(source, position)
                column = self.columns[source]
                if cell := self.cell(source, position):
                    cells[name] = cell
                if position in column.notes:
                    notes[name] = column.notes[position]
                if position in column.typed:
                    typed[name] = column.typed[position]
        number = self.roles.data[position]
        return Row(table.id, self.sheet.name, number, values, cells, notes, typed)


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
        ranks = part.columns[asked.name]
        for position, size in list(ranks.sizes.items()) if asked.size else ():
            sizes = part.columns[asked.size or ""]
            if position in sizes.broken:
                continue
            if sizes.values[position] is None:
                sizes.values[position] = size
                column = part.located.columns[asked.name].column
                sizes.places[position] = part.roles.data[position], column
            elif sizes.values[position] != size:
                cell, typed = part.own_cell(asked.name, position), ranks.typed.get(position)
                yield part.report("number-fraction", cell, asked.heading, typed)
                ranks.drop(position)


def keep_defaults_out(part: Extract, doubtful: Set[str]) -> None:
    """Keep the form's default out of rows in which an unread column may say otherwise.

    It stays out of all rows for the ``doubtful`` fields: those that an unknown heading may mean.
    """
    unread = {row for one in part.unread if one.may_be_asked for row in one.rows}
    everywhere = part.located.uncertain | doubtful
    for asked in part.table.fields:
        if asked.default is not None and asked.name not in part.located.columns:
            part.columns[asked.name].broken.update(
                position
                for position, row in enumerate(part.roles.data)
                if asked.name in everywhere or row in unread
            )


def require(part: Extract) -> Iterator[Finding]:
    """Report blank required cells, and keep their rows out."""
    for asked in part.table.required:
        column = part.columns[asked.name]
        stands = asked.name in part.located.columns or column.is_used
        is_known = stands and asked.name not in part.located.uncertain
        for position, value in enumerate(column.values):
            if value is not None:
                continue
            part.left_out.add(position)
            if is_known and position not in column.broken:
                cell = part.own_cell(asked.name, position)
                yield part.report("required-missing", cell, asked.heading)
