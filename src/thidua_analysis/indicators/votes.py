"""Votes of the bloc on whom to propose for which honour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.pieces import Cells, Figure, Piece, stands_alone
from thidua_analysis.indicators.rows import named

By = Sequence[str]


@indicator
def vote_share(ds: Dataset, by: By = ("year", "honour", "member"), **scope: Any) -> pd.DataFrame:
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
