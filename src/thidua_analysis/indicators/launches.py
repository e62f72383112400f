"""Emulation movements: one that several members report is one movement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.lineage import Term
from thidua_analysis.indicators.pieces import Cells, Figure, Piece
from thidua_analysis.indicators.rows import named
from thidua_analysis.vietnamese.text import key

By = Sequence[str]
#: Classes of duration of form 0601.N, rows 06 to 10, as months from and below.
TERMS = (("under_1", 0, 12), ("1", 12, 13), ("1_to_3", 13, 36), ("3_to_5", 36, 60), ("5_up", 60, 0))


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
        launched = row["launched_on"]
        if isinstance(launched, dt.date) and launched.year > row["year"]:
            return None
        return Piece(row, 1, None, (Cells("value", ("name",), counts=True),))

    rows = tuple(_rows(ds))
    finish = _once if distinct else None
    options = {} if distinct else {"distinct": False}
    return figures(ds, "movements", rows, piece, by, scope, options=options, finish=finish)


def identity(row: Record) -> tuple[Any, ...]:
    """Return what tells one movement from another."""
    launched = row["launched_on"]
    year = launched.year if isinstance(launched, dt.date) else None
    member = row["member"] if row["launched_by"] == "unit" else None
    return row["launched_by"], key(row["name"]), year, member


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


def _rows(ds: Dataset) -> Iterator[Record]:
    for row in named(ds, "movements"):
        yield {**row, "term": term(row["duration_months"])}


def _once(figure: Figure) -> None:
    first: dict[tuple[Any, ...], str] = {}
    again = []
    for piece in figure.used:
        row_id = piece.row["row_id"]
        if first.setdefault(identity(piece.row), row_id) != row_id:
            again.append(row_id)
    if not figure.used:
        return
    figure.value = figure.numerator = len(first)
    terms = [Term("value", "movements", tuple(first.values()), ("name",), counts=True)]
    if again:
        terms.append(Term("value", "movements", tuple(again), ("name",), weight=0, counts=True))
    figure.lineage = replace(figure.lineage, terms=tuple(terms))
