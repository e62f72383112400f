"""What is shown where a chart of several years has one year only, or nothing at all."""

from __future__ import annotations

import pandas as pd

from thidua_analysis.charts import caption, wording
from thidua_analysis.charts.bars import bars
from thidua_analysis.charts.chart import Chart, nothing
from thidua_analysis.charts.figures import read
from thidua_analysis.charts.measure import measure
from thidua_analysis.messages import text


def without_years(frame: pd.DataFrame, *, draw: bool = True) -> Chart | None:
    """Return what stands in for a chart of years: bars of the only year, or a sentence.

    A sentence alone where ``draw`` is false.

    None where there are two years or more.
    """
    if frame.empty:
        return empty(frame)
    figures = read(frame)
    if len(figures.years) > 1:
        return None
    note = text("chart-one-year", year=figures.years[-1])
    if draw and len(wording.ranking(figures.series, figures.years[-1])) > 1:
        return bars(frame, note=note)
    said = f"{wording.standing(figures)}. {note}"
    return nothing(wording.name_of(figures), said, caption.source_of(frame))


def empty(frame: pd.DataFrame) -> Chart:
    """Return the sentence that there is nothing to draw."""
    name = measure(str(frame.attrs.get("indicator", "")))
    return nothing(name, text("said-none"), caption.source_of(frame))
