"""What charts of several years share: how they open, and what stands in for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from thidua_analysis.charts import caption, layout, wording
from thidua_analysis.charts.bars import bars
from thidua_analysis.charts.chart import Chart, compose, empty, nothing
from thidua_analysis.charts.figures import Figures, read
from thidua_analysis.charts.rows import display_rows
from thidua_analysis.messages import text


def over_years(
    frame: pd.DataFrame,
    kind: str,
    draw: Callable[[layout.Sheet, Figures], None],
    *,
    notes: Iterable[str] = (),
    most: int | None = None,
) -> Chart:
    """Return the chart of the years of a frame, titled with the change in the last one.

    Parameters
    ----------
    frame
        Frame of figures by year and at most one breakdown.
    kind
        Kind of chart, for the alternative text.
    draw
        Draws the figures on a sheet.
    notes
        Further sentences for the subtitle.
    most
        Draw no more than so many of the last years.
    """
    if (instead := without_years(frame)) is not None:
        return instead
    figures = read(frame)
    if most and len(figures.years) > most:
        figures = read(frame[frame["year"].isin(figures.years[-most:])])
    changes = figures.changes()
    said = wording.trend(figures, changes)
    if changes and len(figures.series) > 1 and len(figures.years) > 2:
        said = text("said-since", said=said, before=figures.years[-2])
    words = caption.words(figures, kind, said, changes, notes)
    return compose(words, display_rows(figures), lambda sheet: draw(sheet, figures))


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
    note = text("chart-one-year", before=figures.years[-1] - 1)
    if draw and len(wording.ranking(figures.series, figures.years[-1])) > 1:
        return bars(frame, note=note)
    said = f"{wording.standing(figures)}. {note}"
    return nothing(wording.name_of(figures), said, caption.source_of(frame))
