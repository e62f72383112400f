"""Sums and shares of what was reported: commendations, initiatives, movements, their results."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.findings import UsageError
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Nature
from thidua_analysis.form.config import Entry
from thidua_analysis.form.forms import current
from thidua_analysis.indicators.dictionary import Function, entry, indicator, packaged
from thidua_analysis.indicators.engine import by_formula, figures
from thidua_analysis.indicators.figure import (
    Figure,
    Number,
    Piece,
    Term,
    bound,
    shared,
    summed,
    whole,
)
from thidua_analysis.indicators.selection import By, Scope, commended, named, once
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.quantities import DONG, read_unit
from thidua_analysis.vietnamese.text import key

#: Whom awards go to: the fields that are added up.
SUBJECTS = ("collectives", "households", "individuals")
#: The five classes of individuals: form 0603.N, rows 06 to 10.
CLASSES = ("leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct")
#: Classes of duration of form 0601.N, rows 06 to 10, as months from and below.
TERMS = (("under_1", 0, 12), ("1", 12, 13), ("1_to_3", 13, 36), ("3_to_5", 36, 60), ("5_up", 60, 0))
LEVEL, MEASURE = ("year", "level"), ("year", "measure")
_ONCE = Term("value", ("name",), counts=True)
#: Dataset, indicator, breakdowns and scope → frame of figures.
_Recipe = Callable[[Dataset, str, By, Scope], pd.DataFrame]


def _by_recipe(name: str, recipe: _Recipe, by: By = ("year",), also: By = ()) -> Function:
    """Make the function of an indicator; by the columns ``also`` it is always broken down."""

    def function(ds: Dataset, by: By = by, **scope: Any) -> pd.DataFrame:
        return recipe(ds, name, (*by, *(column for column in also if column not in by)), scope)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = recipe.__doc__
    return indicator(function)


@indicator
def non_leader_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return people in direct work among all individuals commended.

    Form 0603.N, row 10 by row 05. Only rows whose five classes are all given and add up enter.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``level``, ``award``, ``method`` …
    **scope
        Only rows with these values, such as ``method="regular"``; ``status`` is ``awarded``
        unless given.

    Returns
    -------
    pandas.DataFrame
        Frame of figures.
    """
    return _share(ds, "non_leader_share", by, scope)


def _classified(row: Record) -> bool:
    """Whether the five classes of a row are all given and add up to its individuals."""
    parts = whole(row, CLASSES)
    return parts is not None and parts == row["individuals"]


def _share(ds: Dataset, name: str, by: By, scope: Scope) -> pd.DataFrame:
    """Return a share among the commended, as the dictionary defines it; see `non_leader_share`."""
    numerator, denominator = entry(name).added
    of_classes = not set(CLASSES).isdisjoint(numerator)

    def piece(row: Record) -> Piece | None:
        if whole(row, denominator) is None and not whole(row, numerator):
            return None
        return shared(row, numerator, denominator, usable=not of_classes or _classified(row))

    rows, wanted = commended(ds, by, {"status": "awarded", **scope})
    return figures(ds, name, rows, piece, by, wanted, same=("counted_as",))


# entrepreneurs count as non-leaders here; the two definitions differ by them
non_leader_share_residual = _by_recipe("non_leader_share_residual", _share)
leader_share = _by_recipe("leader_share", _share)
women_share = _by_recipe("women_share", _share)
# they may be women as well: never add the two shares
ethnic_minority_share = _by_recipe("ethnic_minority_share", _share)
enterprise_share = _by_recipe("enterprise_share", _share)


@indicator
def commendations(
    ds: Dataset,
    by: By = ("year",),
    *,
    kind: str | None = None,
    status: str | None = "awarded",
    **scope: Any,
) -> pd.DataFrame:
    """Count commendations.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``level``, ``award``, ``method``,
        ``status``, ``family``, ``counted_as``, ``subject`` (collectives, households,
        individuals).
    kind
        Count only this field: one of the three subjects, ``enterprises``, a person class,
        ``women`` or ``ethnic_minority``; by default the three subjects together.
    status
        ``awarded``, ``proposed``, or None for both apart (then break down by it).
    **scope
        Only rows with these values, such as ``level="province"`` or
        ``method=("regular",)``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; a row without any number is left out and named in ``lineage``.

    Raises
    ------
    UsageError
        If a column, value or kind is unknown.
    """
    return _commended(ds, "commendations", by, {"kind": kind, "status": status, **scope})


def _commended(ds: Dataset, name: str, by: By, options: Scope) -> pd.DataFrame:
    """Count what was commended, as the dictionary defines it; see `commendations`."""
    both_laws = name == "commendations_without_households"
    scope: dict[str, Any] = {"status": "awarded", **options}
    kind = None if both_laws else scope.pop("kind", None)
    counted = [f.name for f in current("unit").table("commendations").fields if f.type == "count"]
    if kind is not None and kind not in counted:
        raise UsageError("kind-unknown", indicator=name, name=kind, accepted=", ".join(counted))
    by_subject = "subject" in by or "subject" in scope

    def piece(row: Record) -> Piece | None:
        given = [subject for subject in SUBJECTS if row[subject] is not None]
        if both_laws and (row["since"] is not None or given == ["households"]):
            return None
        fields = (kind,) if kind else entry(name).added[0]
        made = summed(row, *((row["subject"],) if by_subject else fields))
        # an award for people has no collectives: such a row lacks nothing
        return None if (kind or by_subject) and not made.usable else made

    def unit(ds: Dataset, figure: Figure) -> None:
        counted = {piece.row["counted_as"] for piece in figure.used}
        if len(counted) == 1:
            figure.unit = text(f"unit-{counted.pop()}", ds.lang)

    rows, wanted = commended(ds, by, scope)
    if by_subject:
        apart = ({**row, "subject": subject} for row in rows for subject in SUBJECTS)
        rows = once(ds, f"commendations by subject, award {'award' in by}", lambda: apart)
    words = {"kind": kind} if kind else {}
    same = ("counted_as",)
    return figures(ds, name, rows, piece, by, wanted, options=words, same=same, finish=unit)


# what both laws of 2003 and 2022 know, so that years before and after compare: without households,
# which that of 2003 does not name as subjects, and without titles that that of 2022 has introduced
commendations_without_households = _by_recipe("commendations_without_households", _commended)
awards_by_level = _by_recipe("awards_by_level", _commended, also=("level",))
awards_by_award = _by_recipe("awards_by_award", _commended, also=("award",))
awards_by_method = _by_recipe("awards_by_method", _commended, also=("method",))
awards_by_subject = _by_recipe("awards_by_subject", _commended, also=("subject",))


@indicator
def initiatives_submitted(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Add up initiatives submitted.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``level``. One initiative may stand at
        several levels: a figure that would add levels has no value.
    **scope
        Only rows with these values, such as ``level="unit"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures.
    """
    return _initiatives(ds, "initiatives_submitted", by, scope)


def _initiatives(ds: Dataset, name: str, by: By, scope: Scope) -> pd.DataFrame:
    """Add up or divide, as the dictionary defines it; see `initiatives_submitted`."""
    rows = once(ds, "initiatives", lambda: ds.records("initiatives"))
    return figures(ds, name, rows, by_formula(name), by, scope, same=("level",))


initiatives_recognized = _by_recipe("initiatives_recognized", _initiatives, LEVEL)
initiative_benefit = _by_recipe("initiative_benefit", _initiatives, LEVEL)
recognition_rate = _by_recipe("recognition_rate", _initiatives, LEVEL)


@indicator
def movements(
    ds: Dataset, by: By = ("year",), *, distinct: bool = True, **scope: Any
) -> pd.DataFrame:
    """Count movements, each once in a figure however many members report it.

    Two rows are one movement if who launched it, its name in comparison form and the year of
    launching are the same; for movements of a unit also the member (form 0601.N). Movements
    launched up to the end of the year are counted, those still running from earlier too.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``launched_by``, ``scope``, ``method``,
        ``term`` (class of duration of form 0601.N).
    distinct
        False counts the rows, which is the sum of what the members report.
    **scope
        Only rows with these values.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; ``lineage`` names all rows, those that repeat a movement with no
        weight.
    """

    def piece(row: Record) -> Piece | None:
        return Piece(row, 1, None, (_ONCE,)) if begun(row, row["year"]) else None

    def each_once(_: Dataset, figure: Figure) -> None:
        if figure.used:
            figure.value, terms = distinct_movements([piece.row for piece in figure.used])
            figure.numerator = figure.value
            figure.lineage = replace(figure.lineage, terms=terms)

    with_term = ({**r, "term": term(r["duration_months"])} for r in named(ds, "movements"))
    rows = once(ds, "movements with their term", lambda: with_term)
    finish, options = (each_once, {}) if distinct else (None, {"distinct": False})
    return figures(ds, "movements", rows, piece, by, scope, options=options, finish=finish)


def begun(row: Record, year: int) -> bool:
    """Whether a movement was launched by the end of a year; without a date it counts."""
    launched = row["launched_on"]
    return not isinstance(launched, dt.date) or launched.year <= year


def identity(row: Record) -> tuple[Any, ...]:
    """Return what tells one movement from another."""
    launched = row["launched_on"]
    year = launched.year if isinstance(launched, dt.date) else None
    member = row["member"] if row["launched_by"] == "unit" else None
    return row["launched_by"], key(row["name"]), year, member


def distinct_movements(rows: Sequence[Record]) -> tuple[int, tuple[Term, ...]]:
    """Count movements once, however many members report them, and tell the rows that repeat one."""
    first: dict[tuple[Any, ...], str] = {}
    for row in rows:
        first.setdefault(identity(row), row["row_id"])
    kept = frozenset(first.values())
    again = tuple(row["row_id"] for row in rows if row["row_id"] not in kept)
    counted = replace(_ONCE, table="movements", rows=tuple(first.values()))
    repeated = (replace(counted, rows=again, weight=0),) if again else ()
    return len(first), (counted, *repeated)


def term(months: int | None) -> str | None:
    """Return the class of duration of form 0601.N, rows 06 to 10; 12 months are one year.

    Examples
    --------
    >>> term(12), term(13), term(60)
    ('1', '1_to_3', '5_up')
    """
    if months is None:
        return None
    return next(n for n, low, below in TERMS if low <= months and (months < below or not below))


@indicator
def result_total(ds: Dataset, by: By = MEASURE, **scope: Any) -> pd.DataFrame:
    """Add up quantities by measure and unit.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``movement``, ``measure``,
        ``measured_in``.
        Where a figure would add different units it has no value.
    **scope
        Only rows with these values, such as ``measure="Suất quà tặng hộ khó khăn"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; ``unit`` is the unit of the rows.
    """

    def piece(row: Record) -> Piece:
        return summed(row, "quantity")

    def own_unit(_: Dataset, figure: Figure) -> None:
        units = [piece.row["measured_in"] for piece in figure.used if piece.row["measured_in"]]
        if figure.value is not None and units:
            figure.unit = units[0]

    rows, same = named(ds, "results"), ("measured_in",)
    return figures(ds, "result_total", rows, piece, by, scope, same=same, finish=own_unit)


@indicator
def result_value(ds: Dataset, by: By = MEASURE, **scope: Any) -> pd.DataFrame:
    """Add up the value in đồng of results that were given; see `result_total`.

    Money that is lent or goes round stands apart: ``nature="lent"``, or ``nature`` among the
    breakdowns. A result without a value whose quantity is itself money counts with it.
    """

    def piece(row: Record) -> Piece | None:
        if row["value_vnd"] is not None:
            return summed(row, "value_vnd")
        unit = read_unit(row["measured_in"] or "")
        if unit.base != DONG:
            return None
        given: Number | None = row["quantity"]
        cells = (Term("value", ("quantity",), weight=unit.scale),)
        money = None if given is None else given * unit.scale
        return Piece(row, money, None, cells, (bound(row, ["quantity"]), None))

    def with_nature() -> Iterator[Record]:
        """Yield results with the nature of their money, as the bloc or else their name says."""
        said = {(b.id, key(one.name)): one.nature for b in ds.blocs.values() for one in b.measures}
        for row in named(ds, "results"):
            measure = row["measure"] or ""
            yield {**row, "nature": said.get((row["bloc"], key(measure))) or nature(measure)}

    if "nature" not in by:
        scope = {"nature": "given", **scope}
    rows = once(ds, "results with nature", with_nature)
    return figures(ds, "result_value", rows, piece, by, scope)


def nature(measure: str) -> Nature:
    """Return whether the money of a result was given, or lent and is paid back, by its name.

    Examples
    --------
    >>> nature("Hộ được vay vốn"), nature("Suất quà tặng hộ khó khăn")
    ('lent', 'given')
    """
    return "lent" if _lent().search(key(measure)) else "given"


class _Measures(Entry):
    lent: tuple[str, ...]


@cache
def _lent() -> re.Pattern[str]:
    phrases = map(key, config.parse(_Measures, packaged("measures.toml"), "measures.toml").lent)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")
