"""Initiatives: submitted, recognised, their rate and benefit; levels stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.pieces import Piece, shared, summed

By = Sequence[str]
LEVEL = ("year", "level")


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
    return _sum(ds, "initiatives_submitted", "submitted", by, scope)


@indicator
def initiatives_recognized(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Add up initiatives recognised; see `initiatives_submitted`."""
    return _sum(ds, "initiatives_recognized", "recognized", by, scope)


@indicator
def initiative_benefit(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Add up the benefit in đồng; see `initiatives_submitted`."""
    return _sum(ds, "initiative_benefit", "benefit_vnd", by, scope)


@indicator
def recognition_rate(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Return initiatives recognised by submitted, of one level; see `initiatives_submitted`."""

    def piece(row: Record) -> Piece:
        return shared(row, ("recognized",), ("submitted",))

    rows = ds.records("initiatives")
    return figures(ds, "recognition_rate", rows, piece, by, scope, same=("level",))


def _sum(ds: Dataset, name: str, field: str, by: By, scope: dict[str, Any]) -> pd.DataFrame:
    rows = ds.records("initiatives")
    return figures(ds, name, rows, lambda row: summed(row, field), by, scope, same=("level",))
