"""Slope: two years side by side, one line a group, labels at both ends."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import layout, theme, wording
from thidua_analysis.charts.chart import Chart
from thidua_analysis.charts.figures import Figures, Series
from thidua_analysis.charts.wording import Changes
from thidua_analysis.charts.years import over_years

_LEFT, _RIGHT = 0.0, 1.0


def slope(frame: pd.DataFrame) -> Chart:
    """Draw the last two years of a frame of figures; of one year alone, bars.

    Parameters
    ----------
    frame
        Frame of figures by year and at most one breakdown.

    Returns
    -------
    Chart
        Lines are drawn only where the two years may be compared; elsewhere both ends stand
        alone.
    """
    return over_years(frame, "slope", _draw, most=2)


def _draw(sheet: layout.Sheet, figures: Figures) -> None:
    changes = figures.changes()
    names = max((theme.text_width(one.label) for one in figures.series), default=0.0)
    names = min(names, 4.2)
    texts = [p.text for one in figures.series for p in one.points]
    values = max(theme.text_width(value, bold=True) for value in texts)
    shown = (wording.signed_of(o, figures.years[-1]) for o in figures.series if o.code in changes)
    delta = max(map(theme.text_width, shown), default=0)
    axes = sheet.axes(left=values + 0.3, right=values + names + delta + 0.75, top=0.35, bottom=0.1)
    layout.bare(axes)
    axes.set_xlim(_LEFT, _RIGHT)
    axes.set_yticks([])
    axes.set_xticks([_LEFT, _RIGHT], [str(year) for year in figures.years])
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", pad=6, labelcolor=theme.INK)
    for place in (_LEFT, _RIGHT):
        axes.axvline(place, color=theme.RULE, linewidth=1, zorder=0)
    heights = [p.value for one in figures.series for p in one.points if p.value is not None]
    low, high = min(heights, default=0.0), max(heights, default=1.0)
    room = (high - low) * 0.06 or 1.0
    axes.set_ylim(low - room, high + room)
    for index, one in enumerate(figures.series):
        _line(axes, one, figures, index)
    _ends(axes, figures, changes, values, names)


def _colour(index: int) -> str:
    return theme.PALETTE[index % len(theme.PALETTE)]


def _line(axes: Axes, one: Series, figures: Figures, index: int) -> None:
    before, now = (one.at(year) for year in figures.years)
    marker = theme.MARKERS[index % len(theme.MARKERS)]
    style: dict[str, Any] = {"color": _colour(index), "marker": marker, "markersize": 10}
    style |= {"markeredgecolor": theme.PAPER, "markeredgewidth": 1.2, "clip_on": False}
    if before and now and now.comparable:
        axes.plot([_LEFT, _RIGHT], [before.height, now.height], linewidth=3, **style)
        return
    for place, point in ((_LEFT, before), (_RIGHT, now)):
        if point:
            axes.plot([place], [point.height], linestyle="none", **style)


def _ends(axes: Axes, figures: Figures, changes: Changes, values: float, names: float) -> None:
    per_x, per_y = layout.inches_per_unit(axes)
    gap = theme.line_height() / per_y
    low, high = axes.get_ylim()
    for place, year in zip((_LEFT, _RIGHT), figures.years, strict=True):
        have = [(one, point) for one in figures.series if (point := one.at(year))]
        at = layout.spread([point.height for _, point in have], gap, low, high)
        for (one, point), y in zip(have, at, strict=True):
            right = place == _RIGHT
            side = 1 if right else -1
            _leader(axes, place, side / per_x, point.height, y)
            x = place + side * 0.28 / per_x
            layout.write(axes, x, y, point.text, ha="left" if right else "right", bold=True)
            if right:
                _name(axes, x + (values + 0.15) / per_x, y, one, figures, changes, names / per_x)


def _leader(axes: Axes, place: float, inch: float, value: float, y: float) -> None:
    if value != y:
        axes.plot(
            [place + inch * 0.1, place + inch * 0.24], [value, y],
            color=theme.RULE, linewidth=1, clip_on=False, zorder=1,
        )  # fmt: skip


def _name(
    axes: Axes,
    x: float,
    y: float,
    one: Series,
    figures: Figures,
    changes: Changes,
    width: float,
) -> None:
    per_x, _ = layout.inches_per_unit(axes)
    shown = theme.shorten(theme.printable(one.label), width * per_x)
    layout.write(axes, x, y, shown)
    if one.code in changes:
        change = wording.signed_of(one, figures.years[-1])
        layout.write(axes, x + width + 0.15 / per_x, y, change, colour=theme.MUTED)
