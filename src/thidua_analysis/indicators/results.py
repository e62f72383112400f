"""Results of movements: quantities and money, never across units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.pieces import Figure, Piece, summed
from thidua_analysis.indicators.rows import named

By = Sequence[str]
MEASURE = ("year", "measure")


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
    return figures(
        ds,
        "result_total",
        named(ds, "results"),
        lambda row: summed(row, "quantity"),
        by,
        scope,
        same=("measured_in",),
        finish=_own_unit,
    )


@indicator
def result_value(ds: Dataset, by: By = MEASURE, **scope: Any) -> pd.DataFrame:
    """Add up the value in đồng of results; see `result_total`."""

    def piece(row: Record) -> Piece | None:
        return None if row["value_vnd"] is None else summed(row, "value_vnd")

    return figures(ds, "result_value", named(ds, "results"), piece, by, scope)


def _own_unit(figure: Figure) -> None:
    units = [piece.row["measured_in"] for piece in figure.used if piece.row["measured_in"]]
    if figure.value is not None and units:
        figure.unit = units[0]
