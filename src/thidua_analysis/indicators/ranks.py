"""Ranks that others gave the members, and votes of the bloc: each figure is of one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.lineage import Rule
from thidua_analysis.indicators.pieces import Cells, Figure, Piece, quotient, stands_alone
from thidua_analysis.indicators.rows import named

By = Sequence[str]
CLUSTER = ("year", "member", "cluster")
HONOUR = ("year", "honour", "member")


@indicator
def rank(ds: Dataset, by: By = CLUSTER, **scope: Any) -> pd.DataFrame:
    """Return ranks, printed ``25/82``; ranks are never added.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by; each figure must be one rank.
    **scope
        Only rows with these values, such as ``member="ldld"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures: numerator is the rank, denominator the size.
    """

    def place(figure: Figure) -> None:
        stands_alone(ds, figure)
        figure.value = figure.numerator
        if figure.value is not None and figure.denominator is None:
            figure.text = str(figure.value)

    rows = named(ds, "ranks")
    return figures(ds, "rank", rows, _ranked, by, scope, same=("size",), finish=place)


@indicator
def rank_percentile(ds: Dataset, by: By = CLUSTER, **scope: Any) -> pd.DataFrame:
    """Return the part of the other units that rank behind: (size - rank) / (size - 1).

    The first has 100, the last 0; one unit alone has none. See `rank`.
    """

    def position(figure: Figure) -> None:
        stands_alone(ds, figure)
        if figure.numerator is not None and figure.denominator:
            figure.value = quotient(figure.numerator, figure.denominator)
            itself = Rule("denominator", "itself", -1)
            figure.lineage = replace(figure.lineage, rules=(itself,))

    rows = named(ds, "ranks")
    return figures(ds, "rank_percentile", rows, _behind, by, scope, finish=position)


@indicator
def vote_share(ds: Dataset, by: By = HONOUR, **scope: Any) -> pd.DataFrame:
    """Return votes in favour by votes cast; few votes are printed as counts, ``5/6``.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by; each figure must be one vote.
    **scope
        Only rows with these values, such as ``honour="Cờ thi đua của UBND tỉnh"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; nobody is expected to stand for an honour.
    """
    cells = (Cells("numerator", ("votes_for",)), Cells("denominator", ("votes_cast",)))

    def piece(row: Record) -> Piece:
        if row["votes_for"] is None or not row["votes_cast"]:
            return Piece(row, None, None, cells)
        return Piece(row, row["votes_for"], row["votes_cast"], cells)

    def only_one(figure: Figure) -> None:
        stands_alone(ds, figure)

    rows = named(ds, "votes")
    return figures(ds, "vote_share", rows, piece, by, scope, finish=only_one, covered=False)


def _ranked(row: Record) -> Piece:
    cells = (Cells("numerator", ("rank",)), Cells("denominator", ("size",)))
    return Piece(row, row["rank"], row["size"], cells if row["size"] else cells[:1])


def _behind(row: Record) -> Piece:
    cells = (
        Cells("numerator", ("size",)),
        Cells("numerator", ("rank",), weight=-1),
        Cells("denominator", ("size",)),
    )
    place, size = row["rank"], row["size"]
    if place is None or size is None or size < 2:
        return Piece(row, None, None, cells)
    return Piece(row, size - place, size - 1, cells)
