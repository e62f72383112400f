"""Whether a figure may be compared with the year before, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.form.bloc import Break
from thidua_analysis.form.model import current
from thidua_analysis.indicators import rows
from thidua_analysis.indicators.dictionary import entry, functions, national_breaks
from thidua_analysis.indicators.figure import Figure, Key, Number
from thidua_analysis.indicators.rows import Scope, values
from thidua_analysis.messages import text

#: Parts that differ are named up to so many.
_NAMED = 4


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


def across_breaks(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield frames of the series that go on across the breaks within the years of a frame.

    Parameters
    ----------
    frame
        Frame of figures by year.
    """
    by, scope = frame.attrs["by"], frame.attrs["scope"]
    ds: Dataset | None = next((one.ds for one in frame["lineage"] if one.ds), None)
    own = {name: value for name, value in scope.items() if value is not None}
    # a series of all that is counted says nothing of one kind of it
    if ds is None or {"kind", "subject"} & {*own, *by}:
        return
    first, last = int(min(frame["year"])), int(max(frame["year"]))
    found = breaks_between(ds, frame.attrs["indicator"], own, first, last)
    for name in dict.fromkeys(one.instead for one in found if one.instead):
        yield functions()[name](ds, by=by, **scope)


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
        reason = declared.reason(ds.lang)
        if declared.instead is None or "subject" in own:
            return reason
        series = entry(declared.instead).label[ds.lang]
        return text("why-break-instead", ds.lang, reason=reason, series=series)
    if figure.value is None:
        members = ", ".join(_short(ds, m) for m in figure.missing)
        return text("why-incomplete", ds.lang, members=members) if members else None
    if before is None or before.value is None:
        return text("why-no-year-before", ds.lang, year=year - 1)
    for must in ("period", *basis):
        if _values(figure, must) != _values(before, must):
            return text(f"why-{must}", ds.lang)
    if differing := _within(figure) ^ _within(before):
        return text("why-members-differ", ds.lang, members=_names(ds, differing))
    column = entry(name).composed_by
    if column and (parts := _parts_that_differ(ds, name, column, figure, before)):
        return text("why-rows-differ", ds.lang, parts="; ".join(_shortened(ds, parts)))
    # what stood in a row that was lost is unknown: two such rows are not the same
    partial = _lost(figure) | _lost(before) if column else _complete(figure) ^ _complete(before)
    if partial:
        return text("why-partial", ds.lang, members=_names(ds, partial))
    if _few(name, figure) or _few(name, before):
        return text("why-few", ds.lang, least=entry(name).counts_below)
    return None


@dataclass
class _Cover:
    """How far one part of a figure, such as a level of a member, is covered in a year."""

    base: Number = 0
    #: what tells the rows that entered and those that were left out from others of the part
    entered: set[Key] = field(default_factory=set)
    left_out: set[Key] = field(default_factory=set)

    @property
    def is_absent(self) -> bool:
        """Whether no row is about it."""
        return not self.entered | self.left_out

    def is_like(self, other: _Cover) -> bool:
        """Whether what enters is of the same kind in two years: all, nothing, the same rows."""
        if self.is_absent or other.is_absent:
            return self.is_absent and other.is_absent
        if not self.entered or not other.entered:
            return not self.entered and not other.entered
        mixed = self.left_out & self.entered | other.left_out & other.entered
        return self.left_out == other.left_out and not mixed


def _parts_that_differ(
    ds: Dataset, name: str, column: str, figure: Figure, before: Figure
) -> list[str]:
    """Name the parts that are not covered alike in both years, each with what it lacks.

    A part that stands in no row of a year is unknown there, not 0; where it is small in the
    other year, nothing hangs on it.
    """
    now, then = _covers(name, column, figure), _covers(name, column, before)
    told = []
    for part in dict.fromkeys([*now, *then]):
        one, other = now.get(part, _Cover()), then.get(part, _Cover())
        small = max(one.base, other.base) < entry(name).counts_below
        if one.is_like(other) or (small and (one.is_absent or other.is_absent)):
            continue
        worse = one if one.is_absent or one.left_out else other
        label = rows.label(ds, column, part[1])
        why = "part-absent" if worse.is_absent else "part-incomplete"
        year = figure.used[0].row["year"] - (worse is other)
        told.append(text(why, ds.lang, member=_short(ds, part[0]), part=label, year=year))
    return told


def _shortened(ds: Dataset, parts: list[str]) -> list[str]:
    more = len(parts) - _NAMED
    return [*parts[:_NAMED], text("parts-more", ds.lang, n=more)] if more > 0 else parts


def _covers(name: str, column: str, figure: Figure) -> dict[tuple[str, str], _Cover]:
    found: dict[tuple[str, str], _Cover] = {}
    for piece in figure.pieces:
        part = (piece.row["member"], piece.row[column] or rows.UNKNOWN)
        cover = found.setdefault(part, _Cover())
        cover.base += piece.denominator or 0
        own = tuple(piece.row[key] for key in current("unit").table(entry(name).table).key)
        (cover.entered if piece.usable and not piece.lost else cover.left_out).add(own)
    return found


def _few(name: str, figure: Figure) -> bool:
    """Whether the base of a share is too small for a change in points."""
    about = entry(name)
    few = figure.denominator is not None and figure.denominator < about.counts_below
    return about.in_points and few


def _values(figure: Figure, column: str) -> frozenset[Any]:
    return frozenset(piece.row.get(column) for piece in figure.used)


def _complete(figure: Figure) -> frozenset[str]:
    """Members all of whose rows entered."""
    return _within(figure) - set(figure.lineage.partial)


def _lost(figure: Figure) -> frozenset[str]:
    """Members of whom a whole row was lost to an error."""
    left_out = {p.row["member"] for p in figure.pieces if p.lost or not p.usable}
    return frozenset(figure.lineage.partial) - left_out


def _within(figure: Figure) -> frozenset[str]:
    """Members who are in the figure, be it with a part of their rows."""
    return frozenset(figure.expected) - set(figure.missing)


def _names(ds: Dataset, members: frozenset[str]) -> str:
    return ", ".join(_short(ds, m) for m in ds.members if m in members)


def _short(ds: Dataset, member: str) -> str:
    return ds.bloc.member(member).short
