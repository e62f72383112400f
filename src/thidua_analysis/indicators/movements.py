"""Movements, each counted once, and their results: quantities and money, never across units."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Nature
from thidua_analysis.form.config import Entry
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import Figure, Number, Piece, Term, bound, summed
from thidua_analysis.indicators.selection import By, named
from thidua_analysis.vietnamese.text import key
from thidua_analysis.vietnamese.units import DONG, read_unit

#: Classes of duration of form 0601.N, rows 06 to 10, as months from and below.
TERMS = (("under_1", 0, 12), ("1", 12, 13), ("1_to_3", 13, 36), ("3_to_5", 36, 60), ("5_up", 60, 0))
MEASURE = ("year", "measure")
_ONCE = Term("value", ("name",), counts=True)


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

    def once(_: Dataset, figure: Figure) -> None:
        if figure.used:
            figure.value, terms = distinct_movements([piece.row for piece in figure.used])
            figure.numerator = figure.value
            figure.lineage = replace(figure.lineage, terms=terms)

    rows = [{**row, "term": term(row["duration_months"])} for row in named(ds, "movements")]
    finish = once if distinct else None
    options = {} if distinct else {"distinct": False}
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
        said = {key(measure.name): measure.nature for measure in ds.bloc.measures}
        for row in named(ds, "results"):
            measure = row["measure"] or ""
            yield {**row, "nature": said.get(key(measure)) or nature(measure)}

    if "nature" not in by:
        scope = {"nature": "given", **scope}
    rows = ds.memo("results with nature", lambda: tuple(with_nature()))
    return figures(ds, "result_value", rows, piece, by, scope)


class _Measures(Entry):
    """The file: phrases in the names of results whose money is lent."""

    lent: tuple[str, ...]


def nature(measure: str) -> Nature:
    """Return whether the money of a result was given, or lent and is paid back, by its name.

    Examples
    --------
    >>> nature("Hộ được vay vốn"), nature("Suất quà tặng hộ khó khăn")
    ('lent', 'given')
    """
    return "lent" if _lent().search(key(measure)) else "given"


@cache
def _lent() -> re.Pattern[str]:
    text = (resources.files(__package__) / "measures.toml").read_text(encoding="utf-8")
    phrases = map(key, config.parse(_Measures, text, "measures.toml").lent)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")
