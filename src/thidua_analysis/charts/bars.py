"""Ordered bars: one bar a group, longest on top, with the change on the year before."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from thidua_analysis.charts import caption, layout, theme, wording
from thidua_analysis.charts.chart import Chart, compose, empty
from thidua_analysis.charts.figures import Figures, Point, Series, read
from thidua_analysis.charts.rows import display_rows
from thidua_analysis.charts.wording import Changes
from thidua_analysis.messages import text

#: More bars than these do not fit; the rest stands in the table.
MOST = 14


def bars(frame: pd.DataFrame, *, note: str = "") -> Chart:
    """Draw the last year of a frame of figures as bars that start at 0.

    Parameters
    ----------
    frame
        Frame of figures by one breakdown, with or without years. With the year before in it the
        changes are written beside the bars.
    note
        A further sentence for the subtitle.

    Returns
    -------
    Chart
        Bars in the order of their values.
    """
    if frame.empty:
        return empty(frame)
    figures = read(frame)
    year = figures.years[-1]
    changes = figures.changes()
    ranked = wording.ranking(figures.series, year)
    notes = [note] if note else []
    if len(ranked) > MOST:
        notes.append(text("chart-rows", shown=MOST, all=len(ranked)))
    said = wording.standing(figures)
    words = caption.words(figures, "bars", said, changes, notes)
    return compose(
        words,
        display_rows(figures),
        lambda sheet: _draw(sheet, figures, ranked[:MOST], changes),
    )


def _draw(sheet: layout.Sheet, figures: Figures, ranked: list[Series], changes: Changes) -> None:
    year = figures.years[-1]
    points = [point for one in ranked if (point := one.at(year))]
    labels = [one.label for one in ranked]
    names = layout.label_width(labels, 5.2)
    values = max((theme.text_width(bar_text(p), bold=True) for p in points), default=0.0)
    deltas = [wording.signed_of(o, year) for o in figures.series if o.code in changes]
    delta = max((theme.text_width(d) for d in deltas), default=-0.2) + 0.2
    axes = sheet.axes(left=names + 0.2, right=values + 0.15 + delta, top=0.1)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(0, max((p.value or 0 for p in points), default=1) or 1)
    step = layout.rows(axes, len(ranked))
    thick = min(0.62, 0.45 / step)
    axes.barh(range(len(points)), [p.value or 0 for p in points], height=thick, color=theme.NAVY)
    axes.plot([0, 0], [-0.5, len(points) - 0.5], color=theme.INK, linewidth=1)
    layout.row_labels(axes, labels, names, step)
    for row, (one, point) in enumerate(zip(ranked, points, strict=True)):
        _numbers(axes, row, point, changes, one, figures)


def bar_text(point: Point) -> str:
    """Return the value as printed with its parts: "70,2% (1.582/2.254)"."""
    if point.denominator is None:
        return point.text
    parts = wording.parts(point)
    return point.text if parts in point.text else f"{point.text} ({parts})"


def _numbers(
    axes: Axes, row: int, point: Point, changes: Changes, one: Series, figures: Figures
) -> None:
    per_x, _ = layout.inches_per_unit(axes)
    layout.write(axes, point.height + 0.12 / per_x, row, bar_text(point), bold=True)
    if one.code in changes:
        edge = 1 - theme.MARGIN / theme.WIDTH
        across = blended_transform_factory(axes.figure.transFigure, axes.transData)
        change = wording.signed_of(one, figures.years[-1])
        layout.write(axes, edge, row, change, ha="right", colour=theme.MUTED, transform=across)
