"""Last year as the template shows it: rows to fill in again, and values to compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from thidua_analysis.bloc import Bloc
from thidua_analysis.exchange.issue.choices import full_name
from thidua_analysis.exchange.issue.guide import TableGuide
from thidua_analysis.form import Field, Form, Table
from thidua_analysis.vietnamese.display import bounded, number
from thidua_analysis.vietnamese.literals import EXACT, places
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """What the template takes over from last year for one table.

    Parameters
    ----------
    carried
        Rows to fill in: field → value as the member would type it.
    compared
        Rows of the grey block, field → value; beside ``carried`` row by row where there is
        any, else a list of its own.
    columns
        Fields of the grey block, in order.
    """

    carried: tuple[Values, ...] = ()
    compared: tuple[Values, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the past comes from: the data, whose report, and for which year it is asked."""

    dataset: Dataset | None
    form: Form
    bloc: Bloc
    year: int
    member: str | None = None

    def rows(self, table: str, year: int) -> list[Values]:
        """Rows of the member's report of a year; all rows of the bloc's own tables."""
        if self.dataset is None:
            return []
        mine = self.form.kind == "unit" and table != "criteria"
        return [
            row
            for row in self.dataset.records(table)
            if row["year"] == year and (not mine or row["member"] == self.member)
        ]


def past(source: Source, table: Table, guide: TableGuide) -> Past:
    """Return what the template takes over for one table."""
    own = _typed_rows(source, table, _own_rows(source, table))
    carried = _ROWS[guide.rows](source, table, own) if guide.carry else []
    carried = [{name: row.get(name) for name in guide.carry} for row in carried]
    if not guide.compare:
        return Past(tuple(carried))
    if carried:
        compared = _beside(table, carried, own)
        return Past(tuple(carried), tuple(compared), guide.compare)
    names = tuple(name for name in table.key if name not in guide.compare and name in table.by_name)
    return Past((), tuple(own), (*names, *guide.compare) if own else ())


def _own_rows(source: Source, table: Table) -> list[Values]:
    """Rows of the last report, without those that the bloc's form adds to the same table."""
    if table.adds_up_to or table.melt:
        return []
    rows = source.rows(table.id, _last(source))
    return [row for row in rows if all(row[n] == v for n, v in table.constants.items())]


def _last(source: Source) -> int:
    return source.year - 1


def _beside(table: Table, carried: Iterable[Values], own: Iterable[Values]) -> list[Values]:
    """Last year's row of the same key for each carried row; an empty one where there is none."""
    known = {_key(table, row): row for row in own}
    return [known.get(_key(table, row), {}) for row in carried]


def _key(table: Table, row: Values) -> tuple[object, ...]:
    values = (row.get(name) for name in table.key)
    return tuple(key(value) if isinstance(value, str) else value for value in values)


# --- rows that are carried over ---------------------------------------------------------------


def _own(source: Source, table: Table, own: list[Values]) -> list[Values]:
    return own


def _criteria(source: Source, table: Table, own: list[Values]) -> list[Values]:
    """The bloc's criteria of this year, else of last year, else those of the own report."""
    for year in (source.year, _last(source)):
        rows = source.rows("criteria", year)
        if source.form.kind == "unit":
            rows = [row for row in rows if row["kind"] != "deduction"]
        if rows:
            return _typed_rows(source, table, rows)
    return own


def _grid(source: Source, table: Table, own: list[Values]) -> list[Values]:
    """Every member with the code of every criterion."""
    codes = [row["code"] for row in _criteria(source, source.form.table("criteria"), [])]
    members = source.bloc.members_in(source.year)
    return [
        {"member": full_name(source.bloc, member.id), "criterion": code}
        for member in members
        for code in codes
    ]


def _roles(source: Source, table: Table, own: list[Values]) -> list[Values]:
    rows: list[Values] = []
    for entry in source.bloc.roles:
        for role, member in (("head", entry.head), ("deputy", entry.deputy)):
            if entry.year == source.year and member:
                rows.append({"year": entry.year, "member": member, "role": role})
    return _typed_rows(source, table, rows)


_ROWS: dict[str, Callable[[Source, Table, list[Values]], list[Values]]] = {
    "own": _own,
    "criteria": _criteria,
    "grid": _grid,
    "roles": _roles,
}


# --- values as they are typed -----------------------------------------------------------------


def _typed_rows(source: Source, table: Table, rows: Iterable[Values]) -> list[Values]:
    return [
        {
            field.name: typed(source.form, source.bloc, field, row.get(field.name), row)
            for field in table.fields
        }
        for row in rows
    ]


def typed(form: Form, bloc: Bloc, field: Field, value: Any, row: Values) -> Any:
    """Return a stored value as the member types it into the form.

    Codes become their labels, members their names, money counts in the unit of its heading, and
    a number with a bound is a text such as "trên 2.000".
    """
    if value is None:
        return None
    if field.type == "code":
        return form.label(field.codes or "", value)
    if field.type == "member":
        return full_name(bloc, value)
    if field.type == "money":
        value = _plain(EXACT.divide(Decimal(value), field.scale))
    bound = row.get(f"{field.name}_bound")
    if bound and isinstance(value, int | Decimal):
        return bounded(number(value, places(value)), bound)
    return value


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value(context=EXACT) else value
