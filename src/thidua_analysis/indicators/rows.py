"""The rows that an indicator is about: of one table, narrowed down by what the caller asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from thidua_analysis.awards import canonical, match
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.errors import UsageError
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
        column: {_compared(v) for v in values(value)}
        for column, value in scope.items()
        if value is not None
    }
    return tuple(r for r in rows if all(_compared(r[c]) in v for c, v in wanted.items()))


def _compared(value: Any) -> Any:
    return key(value) if isinstance(value, str) else value


def values(value: Any) -> Collection[Any]:
    """Return what a scope accepts: one value, or each of several."""
    single = isinstance(value, str) or not isinstance(value, Iterable)
    return (value,) if single else tuple(value)


def named(ds: Dataset, table: str) -> tuple[Record, ...]:
    """Return the rows of a table, each name in one spelling: the one that came first.

    Names are equal in comparison form ("Hoà giải" and "Hòa giải"). The unit of a row is called
    ``measured_in``, because ``unit`` is the unit of the figure.
    """
    return ds.memo(f"{table} by name", lambda: tuple(_one_spelling(ds.records(table))))


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


def _awards(rows: Iterable[Record]) -> Iterator[Record]:
    for row in rows:
        award = match(row["award"]) if row["award"] else None
        if award is not None and award.status_only:
            continue
        name = canonical(row["award"]) if row["award"] else None
        yield {**row, "award": name, "family": award.family if award else None}
