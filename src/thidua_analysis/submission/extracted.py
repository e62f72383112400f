"""Extract: a table as read from one place of a sheet, and the tidy rows that it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from thidua_analysis.excel import Sheet, address, column_letters
from thidua_analysis.form.model import Table
from thidua_analysis.submission.body import Roles
from thidua_analysis.submission.columns import Stored, Values
from thidua_analysis.submission.locate import TablePlace, Unread
from thidua_analysis.submission.rows import Datum, Row, Rows


@dataclass(slots=True, eq=False)
class Extract:
    """A table as read from one place of a sheet.

    Parameters
    ----------
    located, sheet, roles
        Where it stands and what its rows are.
    year
        Year of the report.
    columns
        Field → its values, by position among ``roles.data``; personal ones too, which never
        leave the reader.
    left_out
        Positions of the data rows that a broken key keeps out.
    unread
        Columns whose headings are blank or cannot be read.
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
    def withheld(self) -> set[str]:
        """Fields whose default an unread column keeps out of some rows."""
        fields = (f for f in self.table.fields if f.default is not None)
        absent = (f.name for f in fields if f.name not in self.located.columns)
        return {name for name in absent if name in self.columns}

    @property
    def kept(self) -> Sequence[int]:
        """Positions of the rows that stand in the result."""
        every = range(len(self.roles.data))
        return [p for p in every if p not in self.left_out] if self.left_out else every

    def values(self, name: str) -> Sequence[Stored]:
        """Values of a field, one for each data row; None where blank, broken or without column."""
        column = self.columns.get(name)
        return column.values if column else [None] * len(self.roles.data)

    def value(self, name: str, position: int) -> Datum:
        """One exact value; the form's default where the cell is blank."""
        column = self.columns.get(name)
        found = column.exact(position) if column else None
        if found is None and not self.is_broken(name, position):
            return self.table.by_name[name].default
        return found

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

    def rows(self) -> Rows:
        """The tidy rows, built when they are looked at: one a stage where the form melts them."""
        melt = self.table.melt
        stages = melt.fields if melt else (None,)
        kept = self.kept
        return Rows(len(kept) * len(stages), partial(_rows, self, kept, stages))


class _Source(NamedTuple):
    """Where a value of a tidy row comes from: a constant, or a column of the sheet."""

    name: str
    constant: Datum
    column: Values | None = None
    letters: str = ""


def _plan(part: Extract, stage: str | None) -> list[_Source]:
    """Sources of all values of a row, in order; ``stage`` is the column that a melted row is of."""
    table, melt = part.table, part.table.melt
    sources = []
    for name in table.columns:
        if melt and name == melt.into:
            sources.append(_Source(name, stage))
            continue
        if name in table.constants:
            sources.append(_Source(name, table.constants[name]))
            continue
        asked = table.by_name[stage if melt and stage and name == melt.value else name]
        if asked.type != "personal":
            at = part.located.columns.get(asked.name)
            letters = column_letters(at.column) if at else ""
            sources.append(_Source(name, asked.default, part.columns.get(asked.name), letters))
    return sources


def _rows(part: Extract, kept: Sequence[int], stages: Sequence[str | None]) -> Iterator[Row]:
    table, sheet = part.table.id, part.sheet.name
    plans = [_plan(part, stage) for stage in stages]
    sparse = [
        [s for s in plan if s.column and (s.column.notes or s.column.typed)] for plan in plans
    ]
    for position in kept:
        number = part.roles.data[position]
        for plan, noted in zip(plans, sparse, strict=True):
            values: dict[str, Datum] = {}
            cells: dict[str, str] = {}
            for name, constant, column, letters in plan:
                value = column.exact(position) if column else None
                if column is None or value is None:
                    broken = column is not None and position in column.broken
                    values[name] = None if broken else constant
                    continue
                values[name] = value
                place = column.places.get(position)
                cells[name] = address(*place) if place else f"{letters}{number}"
            notes = _sparse(noted, "notes", position)
            yield Row(table, sheet, number, values, cells, notes, _sparse(noted, "typed", position))


def _sparse(sources: list[_Source], kind: str, position: int) -> Mapping[str, Any]:
    found = ((s.name, getattr(s.column, kind).get(position)) for s in sources)
    return {name: entry for name, entry in found if entry is not None}
