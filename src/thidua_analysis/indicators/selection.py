"""The rows that an indicator is about, each name in one spelling, and the order of breakdowns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property, wraps
from itertools import chain
from math import isfinite
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from thidua_analysis.dataset import Dataset, Record, as_year
from thidua_analysis.findings import UsageError
from thidua_analysis.form.awards import awards, canonical, match
from thidua_analysis.form.forms import forms, of_forms
from thidua_analysis.indicators.dictionary import refuse_other
from thidua_analysis.indicators.figure import FigureId
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.quantities import exactly, simplest
from thidua_analysis.vietnamese.text import key

#: A scope: column → the value, or the values, that rows must have.
Scope = Mapping[str, Any]
By = Sequence[str]
UNKNOWN = "unknown"
#: Codes that are not of a form, in their order.
_ORDERS = {
    "subject": ("collectives", "households", "individuals"),
    "nature": ("given", "lent"),
    "stage": ("self", "cross", "appraised"),
    "status": ("awarded", "proposed", "exceeded", "met", "missed"),
}
#: Columns that hold names, which senders spell in several ways.
_NAMES = frozenset(
    "movement measure target_name measured_in cluster ranked_by honour name assigned_by".split()
)
#: Columns of a row that cannot be columns of a frame beside its figures.
_NO_BREAKDOWN = frozenset({"unit", "value", "text"})


class Rows(tuple[Record, ...]):
    """Rows of all years, those of a few found without looking at the others."""

    def of(self, years: Callable[[int], object]) -> tuple[Record, ...]:
        """Return the rows of the years that are wanted, in their order."""
        wanted = (places for year, places in self._places.items() if years(year))
        return tuple(self[at] for at in sorted(chain.from_iterable(wanted)))

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for at, row in enumerate(self):
            found.setdefault(row["year"], []).append(at)
        return found


def once(ds: Dataset, name: str, make: Callable[[], Iterable[Record]]) -> Rows:
    """Return rows that are made once for a dataset."""
    return ds.memo(name, lambda: Rows(make()))


def order(ds: Dataset, table: str, column: str, shown: Iterable[Any]) -> dict[Any, tuple[int, int]]:
    """Return the sort key of each value of a breakdown.

    Members stand as in the bloc file, codes as in the form, awards as in the list of awards,
    years rising, texts as they first came; what is not stated comes last.
    """
    if column == "member":
        listed = {member.id: at for at, member in enumerate(ds.bloc.members)}
    elif column == "bloc":
        listed = {bloc: at for at, bloc in enumerate(ds.blocs)}
    elif column == "award":
        listed = {name: at for at, name in enumerate(_award_names())}
    else:
        listed = code_order(table, column)

    def place(value: Any, at: int) -> tuple[int, int]:
        if value == UNKNOWN:
            return (2, 0)
        if isinstance(value, int):
            return (0, value)
        return (0, listed[value]) if value in listed else (1, at)

    return {value: place(value, at) for at, value in enumerate(dict.fromkeys(shown))}


@of_forms
def code_order(table: str, column: str) -> dict[str, int]:
    """Return the place of each code of a breakdown."""
    if column in _ORDERS:
        return {code: at for at, code in enumerate(_ORDERS[column])}
    codes: dict[str, int] = {}
    for form in forms().values():
        for asked in form.tables:
            field = asked.by_name.get(column) if asked.id == table else None
            for code in form.codes[field.codes] if field and field.codes else ():
                codes.setdefault(code, len(codes))
    return codes


@cache
def _award_names() -> tuple[str, ...]:
    """Names of all awards in the order of the list: with their ranks, and at every level."""
    levels = code_order("commendations", "level")
    found: list[str] = []
    for award in dict.fromkeys(awards().values()):
        ranks = ("Nhất", "Nhì", "Ba") if award.ranked else ()
        found += [award.name, *(f"{award.name} hạng {rank}" for rank in ranks)]
        found += [award_at(award.name, level) for level in levels]
    return tuple(found)


def award_at(award: str | None, level: str | None) -> str:
    """Return an award with its level, where the name does not fix it: "Giấy khen (cấp cơ sở)".

    It stands in ids, so it is the same in every language; `label` says it in another.
    """
    known = match(award) if award else None
    if award and known is not None and known.levels == (level,):
        return award
    return (award or UNKNOWN) + _level_in_brackets(level, "vi")


def _level_in_brackets(level: str | None, lang: Lang) -> str:
    stated = text(f"name-level-{level}" if level else "name-unknown", lang)
    return f" ({stated[:1].lower()}{stated[1:]})"


def label(ds: Dataset, column: str, value: Any) -> str:
    """Return the printed name of a code of a breakdown; a text is its own name."""
    if value == UNKNOWN:
        return text("name-unknown", ds.lang)
    if column == "member":
        names = ds.memo("names of members", lambda: {m.id: m.short for m in ds.bloc.members})
        return names.get(value, str(value))
    if column == "bloc":
        return ds.blocs[value].label if value in ds.blocs else str(value)
    for level in (*code_order("commendations", "level"), None) if column == "award" else ():
        at_level = _level_in_brackets(level, "vi")
        if value.endswith(at_level):
            award = label(ds, column, value.removesuffix(at_level))
            return award + _level_in_brackets(level, ds.lang)
    try:
        return text(f"name-{column}-{value}", ds.lang)
    except KeyError:
        return _in_forms(column).get(value, str(value))


@of_forms
def _in_forms(column: str) -> dict[str, str]:
    """Return what forms call their tables, or the codes of a column."""
    tables = [(form, table) for form in forms().values() for table in form.tables]
    if column == "table":
        return {table.id: table.sheet for _, table in tables}
    coded = [(f, t.by_name[column].codes) for f, t in tables if column in t.by_name]
    return {c: labels[0] for f, codes in coded if codes for c, labels in f.codes[codes].items()}


def listed(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame of figures as mappings of column → value."""
    bare = frame.copy(deep=False)
    bare.attrs = {}  # pandas copies them, deep, with every column that is read
    rows = bare.itertuples(index=False, name=None)
    return [exact(dict(zip(frame.columns, row, strict=True))) for row in rows]


def exact(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a row with the exact parts of its figure, where it is that of a frame of figures.

    Of any other row a float is the shortest decimal that it stands for, and what pandas holds in
    the place of nothing is nothing again.
    """
    id_ = row.get("lineage")
    if not isinstance(id_, FigureId):
        return {name: _as_made(value) for name, value in row.items()}
    return {**row, **id_.exact, "lineage": id_.lineage, "id": str(id_)}


def _as_made(value: Any) -> Any:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    value = value.item() if isinstance(value, np.generic) else value
    finite = isinstance(value, float) and isfinite(value)
    return simplest(Decimal(repr(value))) if finite else value


def checked(name: str, rows: Rows, columns: Iterable[str]) -> Rows:
    """Return the rows; a column that is none, to break down by or to narrow down, is refused."""
    for column in columns if rows else ():
        if column not in rows[0] or column in _NO_BREAKDOWN:
            known = [c for c in rows[0] if not c.endswith("_bound") and c not in _NO_BREAKDOWN]
            raise UsageError("by-unknown", indicator=name, name=column, accepted=", ".join(known))
    return rows


def scoped(rows: Iterable[Record], scope: Scope) -> tuple[Record, ...]:
    """Return the rows that have the values asked for; see `fitting`."""
    return tuple(filter(fitting(scope), rows))


def fitting(scope: Scope) -> Callable[[Record], bool]:
    """Return whether a row has the values asked for; a value None asks for nothing."""
    wanted = {
        column: {_compared(column, v) for v in values(value)}
        for column, value in scope.items()
        if value is not None
    }
    return lambda row: all(_compared(c, row[c]) in found for c, found in wanted.items())


def _compared(column: str, value: Any) -> Any:
    """Return what tells values apart; the spellings of one award are one value."""
    if not isinstance(value, str):
        return value
    return key(canonical(value) if column in ("award", "honour") else value)


def values(value: Any) -> Collection[Any]:
    """Return what a scope accepts: one value, or each of several."""
    single = isinstance(value, str) or not isinstance(value, Iterable)
    return (value,) if single else tuple(value)


def understood(ds: Dataset, table: str, scope: Scope) -> dict[str, Any]:
    """Return a scope by the codes of the data: members by any of their names, codes by theirs.

    Raises
    ------
    UsageError
        If there is no such member, bloc or code; the message lists those that there are.
    """
    names = {
        "member": {key(form): id_ for form, id_ in ds.bloc.spellings.items()},
        "bloc": {key(one.label): one.id for one in ds.blocs.values()},
    }
    listed_ = {"member": [m.id for m in ds.bloc.members], "bloc": list(ds.blocs)}

    def one(column: str, value: Any) -> Any:
        value = value.item() if hasattr(value, "item") else value  # a number of numpy
        if column == "year" and isinstance(value, str):
            return as_year(value, ds.years)
        codes = listed_.get(column) or list(code_order(table, column))
        if not isinstance(value, str) or not codes or value == UNKNOWN:
            return value
        known = names.get(column) or {key(label(ds, column, code)): code for code in codes}
        known = {**known, **{key(code): code for code in codes}}
        if key(value) not in known:
            accepted = ", ".join(codes)
            raise UsageError("scope-unknown", column=column, value=value, accepted=accepted)
        return known[key(value)]

    def each(column: str, value: Any) -> Any:
        if value is None or isinstance(value, str) or not isinstance(value, Iterable):
            return None if value is None else one(column, value)
        return tuple(one(column, part) for part in value)

    return {column: each(column, value) for column, value in scope.items()}


Asked = TypeVar("Asked", bound=Callable[..., pd.DataFrame])


def each_bloc(function: Asked) -> Asked:
    """Let a function that goes by the rules of a bloc be asked of several, without rounding.

    Each goes by its own rules; the frames stand below each other, named in a column ``bloc``.
    """
    exact = exactly(function)

    @wraps(function)
    def run(ds: Dataset, year: int, *args: Any, **options: Any) -> pd.DataFrame:
        refuse_other(ds)
        year = as_year(year, ds.years)
        if len(ds.blocs) == 1:
            return exact(ds, year, *args, **options)
        found = [exact(ds.filter(bloc=bloc), year, *args, **options) for bloc in ds.blocs]
        for bloc, one in zip(ds.blocs, found, strict=True):
            one.insert(0, "bloc", bloc)
        return pd.concat(found, ignore_index=True)

    return cast("Asked", run)


def named(ds: Dataset, table: str) -> Rows:
    """Return the rows of a table, each name in one spelling: the one that came first.

    Names are equal in comparison form ("Hoà giải" and "Hòa giải"). The unit of a row is called
    ``measured_in``, because ``unit`` is the unit of the figure. An honour has the name that
    the quotas of the bloc give it, else the one that came first in votes and honours.
    """
    return once(ds, f"{table} by name", lambda: _one_spelling(ds, table))


def _one_spelling(ds: Dataset, table: str) -> Iterator[Record]:
    first: dict[tuple[str, str], str] = {}
    for row in ds.records(table):
        renamed = {"measured_in" if c == "unit" else c: v for c, v in row.items()}
        if renamed.get("honour"):
            renamed["honour"] = honour_name(ds, renamed["honour"], renamed.get("authority"))
        for column in _NAMES & renamed.keys():
            if typed := renamed[column]:
                renamed[column] = first.setdefault((column, key(typed)), typed)
        yield renamed


def honour_name(ds: Dataset, honour: str, authority: str | None = None) -> str:
    """Return the one name of an honour: its spellings, in whatever table, are one award.

    The authority that gives it completes a name that says too little alone ("Bằng khen").
    """
    full = _full_honour(honour, authority)
    return ds.memo("honour names", lambda: _honour_names(ds)).get(key(full), full)


def _honour_names(ds: Dataset) -> dict[str, str]:
    typed = [(quota.honour, None) for quota in ds.bloc.quotas]
    for table in ("votes", "honours"):
        typed += [(r["honour"], r.get("authority")) for r in ds.records(table) if r["honour"]]
    found: dict[str, str] = {}
    for honour, authority in typed:
        full = _full_honour(honour, authority)
        found.setdefault(key(full), honour if full == canonical(honour) else full)
    return found


def _full_honour(honour: str, authority: str | None) -> str:
    award = match(honour)
    if award is not None and award.incomplete and authority:
        return canonical(f"{honour} {authority}") if match(f"{honour} {authority}") else honour
    return canonical(honour)


def commendations(ds: Dataset) -> Rows:
    """Return the rows of commendations, each award under one name.

    Titles that are a status of tens of thousands (Gia đình văn hóa) are no commendations and
    are left out.
    """

    def make() -> Iterator[Record]:
        for row in ds.records("commendations"):
            award = match(row["award"]) if row["award"] else None
            if award is None or not award.status_only:
                name = canonical(row["award"], row["level"]) if row["award"] else None
                family, since = (award.family, award.from_) if award else (None, None)
                yield {**row, "award": name, "family": family, "since": since}

    return once(ds, "commendation rows", make)


def commended(ds: Dataset, by: By, scope: Scope) -> tuple[Rows, Scope]:
    """Return the rows of commendations for figures with some breakdowns, and the scope for them.

    By award each stands at its level, as far as its name does not fix it: "Giấy khen" of a
    provincial organisation and of a commune are two awards.
    """
    rows = commendations(ds)
    if "award" not in by:
        return rows, scope
    if scope.get("award") is not None:
        asked = scoped(rows, {"award": scope["award"]})
        found = {award_at(row["award"], row["level"]) for row in asked}
        scope = {**scope, "award": (*values(scope["award"]), *sorted(found))}

    def make() -> Iterator[Record]:
        for row in rows:
            yield {**row, "award": award_at(row["award"], row["level"]) if row["award"] else None}

    return once(ds, "commendation rows at their level", make), scope
