"""Results of movements: quantities and money, never across units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from thidua_analysis import config
from thidua_analysis.config import Entry
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.pieces import Cells, Figure, Piece, bound, summed
from thidua_analysis.indicators.rows import named
from thidua_analysis.rules import Nature
from thidua_analysis.vietnamese.text import key
from thidua_analysis.vietnamese.units import DONG, read_unit

By = Sequence[str]
MEASURE = ("year", "measure")


class _Measures(Entry):
    """The file: phrases in the names of results whose money is lent."""

    lent: tuple[str, ...]


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
    """Add up the value in đồng of results that were given; see `result_total`.

    Money that is lent or goes round stands apart: ``nature="lent"``, or ``nature`` among the
    breakdowns. A result without a value whose quantity is itself money counts with it.
    """
    if "nature" not in by:
        scope = {"nature": "given", **scope}
    return figures(ds, "result_value", _worth(ds), _value, by, scope)


def _value(row: Record) -> Piece | None:
    if row["value_vnd"] is not None:
        return summed(row, "value_vnd")
    unit = read_unit(row["measured_in"] or "")
    if unit.base != DONG:
        return None
    cells = (Cells("value", ("quantity",), weight=unit.scale),)
    given = None if row["quantity"] is None else row["quantity"] * unit.scale
    return Piece(row, given, None, cells, (bound(row, ["quantity"]), None))


def _worth(ds: Dataset) -> tuple[Record, ...]:
    """Results with the nature of their money: as the bloc says, else as their name tells."""

    def make() -> tuple[Record, ...]:
        said = {key(measure.name): measure.nature for measure in ds.bloc.measures}
        return tuple(
            {**row, "nature": said.get(key(row["measure"] or "")) or nature(row["measure"] or "")}
            for row in named(ds, "results")
        )

    return ds.memo("results with nature", make)


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


def _own_unit(figure: Figure) -> None:
    units = [piece.row["measured_in"] for piece in figure.used if piece.row["measured_in"]]
    if figure.value is not None and units:
        figure.unit = units[0]
