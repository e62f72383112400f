"""A table as read from one place of a sheet: its columns of values and its tidy rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import cast

from thidua_analysis.excel import Position, Sheet, address
from thidua_analysis.excel.cells import column_letters
from thidua_analysis.findings import Finding, Severity, finding
from thidua_analysis.form.model import Field, Table
from thidua_analysis.submission.body import Body
from thidua_analysis.submission.columns import Values, spoken
from thidua_analysis.submission.locate import TablePlace, Unread
from thidua_analysis.submission.rows import Datum, Note, Row


@dataclass(slots=True, eq=False)
class ReadTable:
    """A table as read from one place of a sheet.

    ``columns`` holds the values of every field by position among the data rows; personal ones
    too, which never leave the reader. ``left_out`` are the positions of rows that a broken key
    keeps out, ``unread`` the columns whose headings are blank or cannot be read.
    """

    located: TablePlace
    sheet: Sheet
    body: Body
    year: int | None
    unread: tuple[Unread, ...]
    columns: dict[str, Values] = field(init=False)
    left_out: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = len(self.body.data)
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
        return [p for p in range(len(self.body.data)) if p not in self.left_out]

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
        return address(self.body.data[position], at.column if at else self.located.left)

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
        made = [self._rows_of(stage, self.kept) for stage in stages]
        return tuple(chain.from_iterable(zip(*made, strict=True)))

    def row(self, position: int) -> Row:
        """One tidy row of a table that is not melted."""
        return next(self._rows_of(None, [position]))

    def _rows_of(self, stage: str | None, positions: Sequence[int]) -> Iterator[Row]:
        """Tidy rows; ``stage`` is the field that melted rows are of."""
        table, sheet = self.table.id, self.sheet.name
        fixed, sources = self._sources(stage)
        noted = [(name, c) for name, c, _, _ in sources if c.notes or c.typed]
        for position in positions:
            number, values = self.body.data[position], dict(fixed)
            cells: dict[str, str] = {}
            notes: dict[str, Note] = {}
            typed: dict[str, str] = {}
            for name, column, letters, default in sources:
                value = column.values[position]
                if value is not None:
                    values[name] = value
                    place = column.places.get(position)
                    cells[name] = address(*place) if place else f"{letters}{number}"
                elif position not in column.broken:
                    values[name] = default
            for name, column in noted:
                if position in column.notes:
                    notes[name] = column.notes[position]
                if position in column.typed:
                    typed[name] = column.typed[position]
            yield Row(table, sheet, number, values, cells, notes, typed)

    def _sources(
        self, stage: str | None
    ) -> tuple[dict[str, Datum], list[tuple[str, Values, str, Datum]]]:
        """What all tidy rows have in common, and what each other value is taken from.

        That is its name, the column, the letters of its cells, and the form's default.
        """
        table, melt = self.table, self.table.melt
        fixed: dict[str, Datum] = {}
        sources: list[tuple[str, Values, str, Datum]] = []
        for name in table.columns:
            source = stage if stage and melt and name == melt.value else name
            if melt and name == melt.into:
                fixed[name] = stage
            elif name in table.constants:
                fixed[name] = table.constants[name]
            elif table.by_name[source].type != "personal":
                fixed[name] = None
                at = self.located.columns.get(source)
                letters = column_letters(at.column if at else self.located.left)
                sources.append((name, self.columns[source], letters, table.by_name[source].default))
        return fixed, sources

    # --- what one column or row says of others ------------------------------------------------

    def merged_rows(self, asked: Field) -> dict[int, int]:
        """Row over which a text is merged → the row in which it stands: of data, or a total.

        A text merged over the total of a group and its rows stands beside the total. Numbers are
        never repeated.
        """
        data, column = self.body.data, self.located.columns[asked.name].column
        found: dict[int, int] = {}
        if not data or asked.is_numeric or asked.type == "rank":
            return found
        known, done = {*data, *self.body.totals}, 0
        tall = (m for m in self.sheet.merges if m.left == column and m.bottom > m.top)
        for merge in sorted(tall, key=lambda m: m.top):
            # ranges that overlap are no work of Excel: what one has covered is not gone over again
            if merge.top > done and merge.top in known:
                done = min(merge.bottom, data[-1])
                found.update(dict.fromkeys(range(merge.top, done + 1), merge.top))
        return found

    def take_sizes(self) -> Iterator[Finding]:
        """Take the size out of a rank typed "25/82"; its cell is the rank's.

        Where the column of sizes says another number, the rank is not taken.
        """
        for asked in self.table.fields:
            ranks = self.columns[asked.name]
            for position, size in list(ranks.sizes.items()) if asked.size else ():
                sizes = self.columns[asked.size or ""]
                if position in sizes.broken:
                    continue
                if sizes.values[position] is None:
                    sizes.values[position] = size
                    column = self.located.columns[asked.name].column
                    sizes.places[position] = self.body.data[position], column
                elif sizes.values[position] != size:
                    cell, typed = self.own_cell(asked.name, position), ranks.typed.get(position)
                    yield self.report("number-fraction", cell, asked.heading, typed)
                    ranks.drop(position)

    def keep_defaults_out(self, doubtful: Set[str]) -> None:
        """Keep the form's default out of rows in which an unread column may say otherwise.

        It stays out of all rows for ``doubtful`` fields: those that an unknown heading may mean.
        """
        unread = {row for one in self.unread if one.may_be_asked for row in one.rows}
        everywhere = self.located.uncertain | doubtful
        for asked in self.table.fields:
            if asked.default is not None and asked.name not in self.located.columns:
                self.columns[asked.name].broken.update(
                    position
                    for position, row in enumerate(self.body.data)
                    if asked.name in everywhere or row in unread
                )

    def require(self) -> Iterator[Finding]:
        """Report blank required cells, and keep their rows out."""
        for asked in self.table.required:
            column = self.columns[asked.name]
            stands = asked.name in self.located.columns or column.is_used
            is_known = stands and asked.name not in self.located.uncertain
            for position, value in enumerate(column.values):
                if value is not None:
                    continue
                self.left_out.add(position)
                if is_known and position not in column.broken:
                    cell = self.own_cell(asked.name, position)
                    yield self.report("required-missing", cell, asked.heading)
