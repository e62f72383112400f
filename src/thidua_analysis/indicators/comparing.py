"""Whether a figure may be compared with the year before, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.dictionary import entry, national_breaks
from thidua_analysis.indicators.rows import Scope, values
from thidua_analysis.messages import text
from thidua_analysis.rules import Break

if TYPE_CHECKING:
    from thidua_analysis.indicators.pieces import Figure, Key


def mark(
    ds: Dataset,
    name: str,
    groups: Mapping[Key, Figure],
    by: Sequence[str],
    scope: Scope,
    basis: Sequence[str] = (),
) -> None:
    """Say of each figure whether it may be compared with the year before.

    Parameters
    ----------
    ds
        The dataset.
    name
        Id of the indicator.
    groups
        Figures by key.
    by
        Breakdowns that the key holds.
    scope
        What the call was narrowed down to.
    basis
        Columns of the rows that must be the same in both years, beside the period.
    """
    if "year" not in by:
        return
    at = by.index("year")
    for key, figure in groups.items():
        before = groups.get((*key[:at], key[at] - 1, *key[at + 1 :]))
        reason = figure.reason or _hindrance(
            ds, name, figure, before, place(figure, by, scope), basis
        )
        figure.comparable = reason is None
        figure.reason = reason


def breaks_between(
    ds: Dataset, name: str, own: Mapping[str, Any], first: int, last: int
) -> Iterator[Break]:
    """Yield the breaks that forbid to compare or add figures of two years.

    Parameters
    ----------
    ds
        The dataset, whose bloc declares breaks of its own.
    name
        Id of the indicator.
    own
        Breakdowns of the figure, and what the call was narrowed down to.
    first, last
        The years; a break within either of them touches both.
    """
    national = (national_breaks()[used] for used in entry(name).breaks)
    local = (b for b in ds.bloc.breaks if not b.indicators or name in b.indicators)
    for declared in (*national, *local):
        within = dt.date(first, 1, 1) < declared.from_ <= dt.date(last, 12, 31)
        if within and _touches(declared, own):
            yield declared


def place(figure: Figure, by: Sequence[str], scope: Scope) -> dict[str, Any]:
    """Return where a figure stands: its breakdowns, and what the call was narrowed down to."""
    narrowed = {column: value for column, value in scope.items() if value is not None}
    return {**narrowed, **dict(zip(by, figure.key, strict=True))}


def _touches(declared: Break, own: Mapping[str, Any]) -> bool:
    if declared.breakdowns and not set(declared.breakdowns) & set(own):
        return False
    where = {**declared.where, **({"member": declared.members} if declared.members else {})}
    return all(
        column not in own or set(values(own[column])) & set(codes)
        for column, codes in where.items()
    )


def _hindrance(
    ds: Dataset,
    name: str,
    figure: Figure,
    before: Figure | None,
    own: Mapping[str, Any],
    basis: Sequence[str],
) -> str | None:
    year = own["year"]
    for declared in breaks_between(ds, name, own, year - 1, year):
        return declared.reason(ds.lang)
    if figure.value is None:
        members = ", ".join(_short(ds, m) for m in figure.missing)
        return text("why-incomplete", ds.lang, members=members) if members else None
    if before is None or before.value is None:
        return text("why-no-year-before", ds.lang, year=year - 1)
    for column in ("period", *basis):
        if _values(figure, column) != _values(before, column):
            return text(f"why-{column}", ds.lang)
    for key, differing in (
        ("why-members-differ", _within(figure) ^ _within(before)),
        ("why-in-part", _complete(figure) ^ _complete(before)),
    ):
        if differing:
            members = ", ".join(_short(ds, m) for m in ds.members if m in differing)
            return text(key, ds.lang, members=members)
    return None


def _values(figure: Figure, column: str) -> frozenset[Any]:
    return frozenset(piece.row.get(column) for piece in figure.used)


def _complete(figure: Figure) -> frozenset[str]:
    """Members all of whose rows entered."""
    return _within(figure) - set(figure.lineage.partial)


def _within(figure: Figure) -> frozenset[str]:
    """Members who are in the figure, be it with a part of their rows."""
    return frozenset(figure.expected) - set(figure.missing)


def _short(ds: Dataset, member: str) -> str:
    return ds.bloc.member(member).short
