"""Last year as the template shows it: rows to fill in again, and values to compare with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from thidua_analysis.excel import column_letters
from thidua_analysis.exchange.safe import Book
from thidua_analysis.form import awards, config
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
    for kind in ("unit", "bloc"):
        form = current(kind)
        for table_id, entry in entries.get(form.family, {}).items():
            tables = {table.id: table for table in form.tables}
            config.known(FILE, form.family, table_id, tables)
            for name in (*entry.example, *entry.carry, *entry.compare):
                config.known(FILE, f"{form.family}.{table_id}", name, tables[table_id].by_name)
    return entries


#: a code with more spellings than this gathers different things, such as the peoples
_FEW = 10


def choices(form: Form, bloc: Bloc, year: int) -> dict[str, tuple[str, ...]]:
    """Return every list that a field of the form chooses from, by its name.

    Lists of codes have the name of the form; ``award`` are the awards of the year, ``member``
    the names of the members.
    """
    fields = [*form.info.fields, *(f for table in form.tables for f in table.fields)]
    found: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if field.type == "code" and field.codes:
            found[field.codes] = _labels(form, bloc, field.codes)
        elif field.type == "award":
            found["award"] = tuple(dict.fromkeys(_awards(year)))
        elif field.type == "member":
            found["member"] = tuple(full_name(bloc, m.id) for m in bloc.members_in(year))
    return found


def full_name(bloc: Bloc, member: str) -> str:
    """Return the official name of a member with its province."""
    return f"{bloc.member(member).name} {bloc.province}"


def label(form: Form, bloc: Bloc, codes: str, code: str) -> str:
    """Return the label of a code: that of the bloc's kind ("Trưởng cụm") where there is one."""
    labels = form.codes[codes][code]
    return next((one for one in labels if one.endswith(f" {bloc.called}")), labels[0])


def _labels(form: Form, bloc: Bloc, codes: str) -> tuple[str, ...]:
    """One label a code; all spellings where a code gathers many names, such as peoples."""
    labels = form.codes[codes]
    if any(len(texts) > _FEW for texts in labels.values()):
        return tuple(text for texts in labels.values() for text in texts)
    return tuple(label(form, bloc, codes, code) for code in labels)


def _awards(year: int) -> Iterator[str]:
    """Names of the awards that exist in a year, with their classes."""
    for award in awards.awards().values():
        if (award.from_ or year) <= year <= (award.until or year):
            if award.ranked:
                yield from (f"{award.name} hạng {rank}" for rank in ("Nhất", "Nhì", "Ba"))
            else:
                yield award.name


def ranges(found: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the name of the range that holds each list."""
    return {entry: f"chon_{entry}" for entry in found}


def write(book: Book, name: str, found: Mapping[str, tuple[str, ...]]) -> None:
    """Write the lists on a hidden sheet and name the range of each.

    Ranges serve lists of any length and with commas in their entries, which a check that holds
    the entries themselves (at most 255 characters) does not.
    """
    sheet = book.file.add_worksheet(name)
    names = ranges(found)
    for column, (entry, texts) in enumerate(found.items()):
        book.put(sheet, 0, column, entry, bold=True)
        for row, label in enumerate(texts, 1):
            book.put(sheet, row, column, label, num_format="@")
        letters = column_letters(column + 1)
        span = f"${letters}$2:${letters}${max(2, len(texts) + 1)}"
        book.file.define_name(names[entry], f"='{name}'!{span}")
    sheet.protect()
    sheet.hide()


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
        return label(form, bloc, field.codes or "", value)
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
