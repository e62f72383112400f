"""Last year as the template shows it: rows to fill in again, and values to compare with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from thidua_analysis.exchange.validations import full_name, label
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.config import Entry
from thidua_analysis.form.model import Field, Form, Table, current
from thidua_analysis.vietnamese.digits import EXACT, places
from thidua_analysis.vietnamese.display import bounded, number
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

FILE = "guide.toml"

Example = str | int | float | dt.date
Values = Mapping[str, Any]


class TableGuide(Entry):
    """What the template says and fills in for one table; see the head of ``guide.toml``."""

    about: str = ""
    example: dict[str, Example] = pydantic.Field(default_factory=dict)
    carry: tuple[str, ...] = ()
    rows: Literal["own", "criteria", "grid", "roles"] = "own"
    compare: tuple[str, ...] = ()


class _Guide(pydantic.RootModel[dict[str, dict[str, TableGuide]]]):
    pass


def of(form: Form, table: Table) -> TableGuide:
    """Return the guide of a table; an empty one where the file has none.

    Fields that an older or newer version of the form does not have are left out.
    """
    found = guide().get(form.family, {}).get(table.id, TableGuide())
    known = table.by_name
    return found.model_copy(
        update={
            "example": {name: v for name, v in found.example.items() if name in known},
            "carry": tuple(name for name in found.carry if name in known),
            "compare": tuple(name for name in found.compare if name in known),
        }
    )


@cache
def guide() -> dict[str, dict[str, TableGuide]]:
    """Return the guides of all tables by form family and table id.

    Raises
    ------
    ConfigError
        If the file is wrong, or names a table or field that the current form does not have.
    """
    text = (resources.files(__package__) / FILE).read_text(encoding="utf-8")
    entries = config.parse(_Guide, text, FILE).root
    for form in (current("unit"), current("bloc")):
        tables = {table.id: table for table in form.tables}
        for table_id, entry in entries.get(form.family, {}).items():
            config.known(FILE, form.family, table_id, tables)
            for name in (*entry.example, *entry.carry, *entry.compare):
                config.known(FILE, f"{form.family}.{table_id}", name, tables[table_id].by_name)
    return entries


@dataclass(frozen=True, slots=True)
class Past:
    """What the template takes over from last year for one table, each row as field → value.

    ``carried`` are the rows to fill in, as the member would type them; ``compared`` those of the
    grey block of some ``columns``: beside ``carried`` row by row, else a list of its own.
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
        """Return rows of the member's report of a year; all rows of the bloc's own tables."""
        if self.dataset is None:
            return []
        mine = self.form.kind == "unit" and table != "criteria"
        return [
            row
            for row in self.dataset.records(table)
            if row["year"] == year and (not mine or row["member"] == self.member)
        ]

    def typed(self, table: Table, rows: Iterable[Values]) -> list[Values]:
        """Return rows as the member types them into a table."""
        return [
            {f.name: typed(self.form, self.bloc, f, row.get(f.name), row) for f in table.fields}
            for row in rows
        ]


def past(source: Source, table: Table, guide: TableGuide) -> Past:
    """Return what the template takes over for one table."""
    own = _own(source, table)
    rows = _carried(source, table, guide, own) if guide.carry else []
    carried = tuple({name: row.get(name) for name in guide.carry} for row in rows)
    if not guide.compare:
        return Past(carried)
    if carried:
        known = {_key(table, row): row for row in own}
        beside = (known.get(_key(table, row), {}) for row in carried)
        return Past(carried, tuple(beside), guide.compare)
    names = (name for name in table.key if name not in guide.compare and name in table.by_name)
    return Past((), tuple(own), (*names, *guide.compare) if own else ())


def _own(source: Source, table: Table) -> list[Values]:
    """Rows of the last report, without those that the bloc's form adds to the same table."""
    if table.adds_up_to or table.melt:
        return []
    rows = source.rows(table.id, source.year - 1)
    mine = [row for row in rows if all(row[n] == v for n, v in table.constants.items())]
    return source.typed(table, mine)


def _key(table: Table, row: Values) -> tuple[object, ...]:
    values = (row.get(name) for name in table.key)
    return tuple(key(value) if isinstance(value, str) else value for value in values)


def _carried(source: Source, table: Table, guide: TableGuide, own: list[Values]) -> list[Values]:
    """Return the rows to fill in, of the kind that the guide says."""
    if guide.rows == "criteria":
        return _criteria(source, table) or own
    if guide.rows == "grid":
        codes = [row["code"] for row in _criteria(source, source.form.table("criteria"))]
        names = [full_name(source.bloc, m.id) for m in source.bloc.members_in(source.year)]
        return [{"member": name, "criterion": code} for name in names for code in codes]
    if guide.rows == "roles":
        roles = [
            {"year": entry.year, "member": member, "role": role}
            for entry in source.bloc.roles
            for role, member in (("head", entry.head), ("deputy", entry.deputy))
            if entry.year == source.year and member
        ]
        return source.typed(table, roles)
    return own


def _criteria(source: Source, table: Table) -> list[Values]:
    """The bloc's criteria of this year, else of last year."""
    for year in (source.year, source.year - 1):
        rows = source.rows("criteria", year)
        if source.form.kind == "unit":
            rows = [row for row in rows if row["kind"] != "deduction"]
        if rows:
            return source.typed(table, rows)
    return []


def typed(form: Form, bloc: Bloc, field: Field, value: Any, row: Values) -> Any:
    """Return a stored value as the member types it into the form.

    Codes become their labels, members their names, money counts in the unit of its heading, and
    a number with a bound is a text such as "trên 2.000".
    """
    if value is None:
        return None
    if field.type == "code":
        return label(form, bloc, field.codes or "", value)
    if field.type == "member":
        return full_name(bloc, value)
    if field.type == "money":
        value = EXACT.divide(Decimal(value), field.scale)
        value = int(value) if value == value.to_integral_value(context=EXACT) else value
    bound = row.get(f"{field.name}_bound")
    if bound and isinstance(value, int | Decimal):
        return bounded(number(value, places(value)), bound)
    return value
