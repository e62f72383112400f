"""The rows that an indicator is about: of one table, narrowed down by what the caller asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from thidua_analysis.awards import canonical, match
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators import names
from thidua_analysis.vietnamese.text import key

#: A scope: column → the value, or the values, that rows must have.
Scope = Mapping[str, Any]
#: Columns that hold names, which senders spell in several ways.
_NAMES = frozenset(
    "movement measure target_name measured_in cluster ranked_by honour name assigned_by".split()
)
#: Columns of a row that cannot be columns of a frame beside its figures.
_NO_BREAKDOWN = frozenset({"unit", "value", "text"})


def listed(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame of figures as mappings of column → value."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def checked(name: str, rows: Iterable[Record], columns: Iterable[str]) -> tuple[Record, ...]:
    """Return the rows, refusing columns that they do not have.

    Raises
    ------
    UsageError
        If there is no such column to break down by or to narrow down.
    """
    rows = tuple(rows)
    for column in columns if rows else ():
        if column not in rows[0] or column in _NO_BREAKDOWN:
            accepted = [c for c in rows[0] if not c.endswith("_bound") and c not in _NO_BREAKDOWN]
            raise UsageError(
                "by-unknown", indicator=name, name=column, accepted=", ".join(accepted)
            )
    return rows


def scoped(rows: Iterable[Record], scope: Scope) -> tuple[Record, ...]:
    """Return the rows that have the values asked for; a value None asks for nothing."""
    wanted = {
        column: {_compared(column, v) for v in values(value)}
        for column, value in scope.items()
        if value is not None
    }
    return tuple(r for r in rows if all(_compared(c, r[c]) in v for c, v in wanted.items()))


def _compared(column: str, value: Any) -> Any:
    """Return what tells values apart; the spellings of one award are one value."""
    if not isinstance(value, str):
        return value
    return key(canonical(value) if column in ("award", "honour") else value)


def values(value: Any) -> Collection[Any]:
    """Return what a scope accepts: one value, or each of several."""
    single = isinstance(value, str) or not isinstance(value, Iterable)
    return (value,) if single else tuple(value)


def named(ds: Dataset, table: str) -> tuple[Record, ...]:
    """Return the rows of a table, each name in one spelling: the one that came first.

    Names are equal in comparison form ("Hoà giải" and "Hòa giải"). The unit of a row is called
    ``measured_in``, because ``unit`` is the unit of the figure. An honour has the name that
    the quotas of the bloc give it, else the one that came first in votes and honours.
    """
    return ds.memo(f"{table} by name", lambda: tuple(_one_spelling(_with_honours(ds, table))))


def honour_name(ds: Dataset, honour: str, authority: str | None = None) -> str:
    """Return the one name of an honour: its spellings, in whatever table, are one award.

    Parameters
    ----------
    ds
        The dataset.
    honour
        As typed.
    authority
        Who gives it, which completes a name that says too little alone ("Bằng khen").
    """
    known = ds.memo("honour names", lambda: _honour_names(ds))
    full = _full_honour(honour, authority)
    return known.get(key(full), full)


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


def _with_honours(ds: Dataset, table: str) -> Iterator[Record]:
    for row in ds.records(table):
        honour = row.get("honour")
        if honour:
            yield {**row, "honour": honour_name(ds, honour, row.get("authority"))}
        else:
            yield row


def _one_spelling(rows: Iterable[Record]) -> Iterator[Record]:
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        renamed = {"measured_in" if c == "unit" else c: v for c, v in row.items()}
        for column in _NAMES & renamed.keys():
            typed = renamed[column]
            if typed:
                renamed[column] = first.setdefault((column, key(typed)), typed)
        yield renamed


def commendations(ds: Dataset) -> tuple[Record, ...]:
    """Return the rows of commendations, each award under one name.

    Titles that are a status of tens of thousands (Gia đình văn hóa) are no commendations and
    are left out.
    """
    return ds.memo("commendation rows", lambda: tuple(_awards(ds.records("commendations"))))


def commended(ds: Dataset, by: Sequence[str], scope: Scope) -> tuple[Sequence[Record], Scope]:
    """Return the rows of commendations for figures with some breakdowns, and the scope for them.

    By award each stands at its level, as far as its name does not fix it: "Giấy khen" of a
    provincial organisation and of a commune are two awards.
    """
    rows = commendations(ds)
    if "award" not in by:
        return rows, scope
    asked = scoped(rows, {"award": scope.get("award")})
    if scope.get("award") is not None:
        found = {names.award_at(ds, row["award"], row["level"]) for row in asked}
        scope = {**scope, "award": (*values(scope["award"]), *sorted(found))}
    return _at_levels(ds, rows), scope


def _at_levels(ds: Dataset, rows: Iterable[Record]) -> tuple[Record, ...]:
    def make() -> tuple[Record, ...]:
        return tuple(
            {**r, "award": names.award_at(ds, r["award"], r["level"]) if r["award"] else None}
            for r in rows
        )

    return ds.memo("commendation rows at their level", make)


def _awards(rows: Iterable[Record]) -> Iterator[Record]:
    for row in rows:
        award = match(row["award"]) if row["award"] else None
        if award is not None and award.status_only:
            continue
        name = canonical(row["award"], row["level"]) if row["award"] else None
        family, since = (award.family, award.from_) if award else (None, None)
        yield {**row, "award": name, "family": family, "since": since}
