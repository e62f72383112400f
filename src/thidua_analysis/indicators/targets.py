"""Targets: how far they were reached, how many were met, how early."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import Figure, Piece, Term, bound, stands_alone
from thidua_analysis.indicators.selection import By, Rows, checked, named, once, scoped
from thidua_analysis.messages import text

#: What tells one target from another.
TARGET = ("year", "member", "target_name")
_STATUS = {"exceeded": 1, "met": 0, "missed": -1}


def status(row: Record) -> str | None:
    """Return ``exceeded``, ``met``, ``missed``, or None where the row cannot say.

    Judged on exact values. Higher is better with a plan of 0 says nothing; lower is better with
    a plan of 0 is met only by an actual of 0.
    """
    planned, actual = row["planned"], row["actual"]
    if planned is None or actual is None:
        return None
    if row["direction"] == "lower":
        if planned == 0:
            return "met" if actual == 0 else "missed"
        planned, actual = actual, planned
    elif planned == 0:
        return None
    return "met" if actual == planned else "exceeded" if actual > planned else "missed"


def why_open(row: Record) -> str:
    """Return why a target has no status; see `status`."""
    planned, actual = row["planned"], row["actual"]
    if planned is None and actual is None:
        return text("targets-nothing")
    if planned is None or actual is None:
        return text("targets-no-plan" if planned is None else "targets-no-actual")
    return text("targets-plan-zero")


def judged(ds: Dataset, **scope: Any) -> tuple[Record, ...]:
    """Return the targets with their ``status`` and a ``target_name`` of their own.

    It is what `targets_met` counts, `target_status` shows and sentences name.
    """
    return scoped(checked("targets_met", _targets(ds), tuple(scope)), scope)


def _targets(ds: Dataset) -> Rows:
    """Rows of targets, each with its status and a name that no other target of the member has.

    Of two that share a name, it is told who set each, and in which row it stands.
    """

    def make() -> Iterator[Record]:
        rows = named(ds, "targets")
        names = Counter(tuple(row[column] for column in TARGET) for row in rows)
        for row in rows:
            name = str(row["target_name"])
            if names[tuple(row[column] for column in TARGET)] > 1:
                told = ", ".join(filter(None, (row["assigned_by"], f"#{row['row']}")))
                name = f"{name} ({told})"
            yield {**row, "status": status(row), "target_name": name}

    return once(ds, "judged targets", make)


@indicator
def attainment(ds: Dataset, by: By = TARGET, **scope: Any) -> pd.DataFrame:
    """Return actual by planned in percent; planned by actual where lower is better.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by; by default each target stands alone. Targets are added only
        where they are the same in name, unit and direction, and the unit is no percentage.
    **scope
        Only rows with these values, such as ``member="ldld"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; numerator and denominator are the parts of the quotient.
    """
    return figures(ds, "attainment", _targets(ds), _reached, by, scope, finish=_refuse_unlike)


@indicator
def over_target(ds: Dataset, by: By = TARGET, **scope: Any) -> pd.DataFrame:
    """Return attainment minus 100; "vượt 9,5%" is "đạt 109,5%"; see `attainment`."""

    def piece(row: Record) -> Piece:
        upper, lower = _parts(row)
        taken_off = Term("numerator", (lower,), weight=-1)
        cells = (Term("numerator", (upper,)), taken_off, Term("denominator", (lower,)))
        reached = _reached(row)
        return Piece(row, reached.numerator, reached.denominator, cells, reached.bounds)

    def minus_hundred(ds: Dataset, figure: Figure) -> None:
        _refuse_unlike(ds, figure)
        if figure.value is not None and figure.numerator is not None and figure.denominator:
            figure.numerator -= figure.denominator
            figure.value -= 100

    return figures(ds, "over_target", _targets(ds), piece, by, scope, finish=minus_hundred)


@indicator
def target_status(ds: Dataset, by: By = TARGET, **scope: Any) -> pd.DataFrame:
    """Return of each target whether it was exceeded, met or missed; see `attainment`.

    ``value`` is 1, 0 or -1, ``text`` the word for it, numerator and denominator are actual and
    planned.
    """

    def piece(row: Record) -> Piece:
        cells = (Term("numerator", ("actual",)), Term("denominator", ("planned",)))
        return Piece(row, _STATUS[row["status"]] if row["status"] else None, None, cells)

    def in_words(ds: Dataset, figure: Figure) -> None:
        for made in figure.used if stands_alone(ds, figure) else ():
            figure.numerator, figure.denominator = made.row["actual"], made.row["planned"]
            figure.text = text(f"name-status-{made.row['status']}", ds.lang)

    return figures(ds, "target_status", _targets(ds), piece, by, scope, finish=in_words)


@indicator
def targets_met(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Count the targets met or exceeded among those with a status: ``18/22``.

    Targets without a plan or an actual value are left out and named in ``lineage``.
    """
    return _counted(ds, "targets_met", by, ("met", "exceeded"), scope)


@indicator
def targets_exceeded(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Count the targets exceeded among those with a status; see `targets_met`."""
    return _counted(ds, "targets_exceeded", by, ("exceeded",), scope)


@indicator
def days_early(ds: Dataset, by: By = TARGET, **scope: Any) -> pd.DataFrame:
    """Return deadline minus day of completion in calendar days; negative is late.

    Only met targets with both dates; days of several targets are never added.
    """

    def piece(row: Record) -> Piece | None:
        if row["status"] not in ("met", "exceeded"):
            return None
        due, reached, days = row["deadline"], row["reached_on"], None
        if isinstance(due, dt.date) and isinstance(reached, dt.date):
            days = (due - reached).days
        taken_off = Term("value", ("reached_on",), weight=-1, days=True)
        return Piece(row, days, None, (Term("value", ("deadline",), days=True), taken_off))

    return figures(ds, "days_early", _targets(ds), piece, by, scope, finish=stands_alone)


def _parts(row: Record) -> tuple[str, str]:
    return ("planned", "actual") if row["direction"] == "lower" else ("actual", "planned")


def _reached(row: Record) -> Piece:
    upper, lower = _parts(row)
    cells = (Term("numerator", (upper,)), Term("denominator", (lower,)))
    if row[upper] is None or not row[lower] or row["planned"] == 0:
        return Piece(row, None, None, cells)
    return Piece(row, row[upper], row[lower], cells, (bound(row, [upper]), bound(row, [lower])))


def _refuse_unlike(ds: Dataset, figure: Figure) -> None:
    """Refuse to add targets that are not the same, or that are percentages."""
    rows = [piece.row for piece in figure.used]
    if len(rows) < 2:
        return
    kinds = {(r["target_name"], r["measured_in"], r["direction"]) for r in rows}
    senders = {(r["year"], r["member"]) for r in rows}
    percentage = "%" in (rows[0]["measured_in"] or "")
    if len(kinds) > 1 or percentage or len(senders) < len(rows):
        figure.bound = None
        figure.refuse(text("why-list", ds.lang))


def _counted(
    ds: Dataset, name: str, by: By, wanted: tuple[str, ...], scope: dict[str, Any]
) -> pd.DataFrame:
    def piece(row: Record) -> Piece:
        every = Term("denominator", ("planned",), counts=True)
        if row["status"] is None:
            return Piece(row, None, 1, (every,))
        met = (Term("numerator", ("actual",), counts=True),) if row["status"] in wanted else ()
        return Piece(row, len(met), 1, (*met, every))

    def out_of(_: Dataset, figure: Figure) -> None:
        if figure.numerator is not None and figure.denominator:
            figure.value = figure.numerator

    return figures(ds, name, _targets(ds), piece, by, scope, finish=out_of)
