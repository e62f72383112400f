"""Targets: how far they were reached, how many were met, how early."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import Cells, Figure, Piece, bound, stands_alone
from thidua_analysis.indicators.rows import checked, named, scoped
from thidua_analysis.messages import text

By = Sequence[str]
#: What tells one target from another.
TARGET = ("year", "member", "target_name")


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
    return tuple(scoped(checked("targets_met", _targets(ds), tuple(scope)), scope))


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
    finish = _alone_or_alike(ds)
    return figures(ds, "attainment", _targets(ds), _reached, by, scope, finish=finish)


@indicator
def over_target(ds: Dataset, by: By = TARGET, **scope: Any) -> pd.DataFrame:
    """Return attainment minus 100; "vượt 9,5%" is "đạt 109,5%"; see `attainment`."""

    def minus_hundred(figure: Figure) -> None:
        _alone_or_alike(ds)(figure)
        if figure.value is not None and figure.numerator is not None and figure.denominator:
            figure.numerator -= figure.denominator
            figure.value -= 100

    finish = minus_hundred
    return figures(ds, "over_target", _targets(ds), _above, by, scope, finish=finish)


@indicator
def target_status(ds: Dataset, by: By = TARGET, **scope: Any) -> pd.DataFrame:
    """Return of each target whether it was exceeded, met or missed; see `attainment`.

    ``value`` is 1, 0 or -1, ``text`` the word for it, numerator and denominator are actual and
    planned.
    """
    values = {"exceeded": 1, "met": 0, "missed": -1}

    def in_words(figure: Figure) -> None:
        for made in figure.used if stands_alone(ds, figure) else ():
            figure.numerator, figure.denominator = made.row["actual"], made.row["planned"]
            figure.text = text(f"name-status-{made.row['status']}", ds.lang)

    def piece(row: Record) -> Piece:
        cells = (Cells("numerator", ("actual",)), Cells("denominator", ("planned",)))
        return Piece(row, values[row["status"]] if row["status"] else None, None, cells)

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

    def only_one(figure: Figure) -> None:
        stands_alone(ds, figure)

    cells = (
        Cells("value", ("deadline",), days=True),
        Cells("value", ("reached_on",), weight=-1, days=True),
    )

    def piece(row: Record) -> Piece | None:
        if row["status"] not in ("met", "exceeded"):
            return None
        return Piece(row, _days(row), None, cells)

    return figures(ds, "days_early", _targets(ds), piece, by, scope, finish=only_one)


def _targets(ds: Dataset) -> tuple[Record, ...]:
    """Rows of targets, each with its status and a name that no other target of the member has."""
    rows = named(ds, "targets")
    twins = Counter(_name(row) for row in rows)
    return tuple(
        {**row, "status": status(row), "target_name": _told_apart(row, twins)} for row in rows
    )


def _name(row: Record) -> tuple[Any, ...]:
    return row["year"], row["member"], row["target_name"]


def _told_apart(row: Record, twins: Mapping[tuple[Any, ...], int]) -> str:
    """Return the name of a target; of two that share it, with who set it and its row."""
    if twins[_name(row)] == 1:
        return str(row["target_name"])
    told = ", ".join(filter(None, (row["assigned_by"], f"#{row['row']}")))
    return f"{row['target_name']} ({told})"


def _parts(row: Record) -> tuple[str, str]:
    return ("planned", "actual") if row["direction"] == "lower" else ("actual", "planned")


def _reached(row: Record) -> Piece:
    upper, lower = _parts(row)
    cells = (Cells("numerator", (upper,)), Cells("denominator", (lower,)))
    if row[upper] is None or not row[lower] or row["planned"] == 0:
        return Piece(row, None, None, cells)
    return Piece(row, row[upper], row[lower], cells, (bound(row, [upper]), bound(row, [lower])))


def _above(row: Record) -> Piece:
    piece = _reached(row)
    upper, lower = _parts(row)
    cells = (
        Cells("numerator", (upper,)),
        Cells("numerator", (lower,), weight=-1),
        Cells("denominator", (lower,)),
    )
    return Piece(row, piece.numerator, piece.denominator, cells, piece.bounds)


def _alone_or_alike(ds: Dataset) -> Callable[[Figure], None]:
    """Refuse to add targets that are not the same, or that are percentages."""

    def check(figure: Figure) -> None:
        rows = [piece.row for piece in figure.used]
        kinds = {(r["target_name"], r["measured_in"], r["direction"]) for r in rows}
        alike = len(kinds) == 1 and "%" not in (rows[0]["measured_in"] or "")
        if len(rows) > 1 and not (
            alike and len({(r["year"], r["member"]) for r in rows}) == len(rows)
        ):
            figure.value = figure.numerator = figure.denominator = figure.bound = None
            figure.reason = text("why-list", ds.lang)

    return check


def _counted(
    ds: Dataset, name: str, by: By, wanted: tuple[str, ...], scope: dict[str, Any]
) -> pd.DataFrame:
    def piece(row: Record) -> Piece:
        found = row["status"]
        every = Cells("denominator", ("planned",), counts=True)
        met = (Cells("numerator", ("actual",), counts=True),) if found in wanted else ()
        if found is None:
            return Piece(row, None, 1, (every,))
        return Piece(row, int(found in wanted), 1, (*met, every))

    return figures(ds, name, _targets(ds), piece, by, scope, finish=_out_of)


def _out_of(figure: Figure) -> None:
    if figure.numerator is not None and figure.denominator:
        figure.value = figure.numerator


def _days(row: Record) -> int | None:
    deadline, reached = row["deadline"], row["reached_on"]
    if not isinstance(deadline, dt.date) or not isinstance(reached, dt.date):
        return None
    return (deadline - reached).days
