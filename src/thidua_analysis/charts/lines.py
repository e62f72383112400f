"""Line: a measure over the years, labelled at the end, with a gap at a break in the series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import layout, theme
from thidua_analysis.charts.chart import Chart
from thidua_analysis.charts.figures import Figures, Point, Series
from thidua_analysis.charts.years import over_years
from thidua_analysis.messages import text

#: More lines than these are drawn in grey, the ones that changed most in colour.
COLOURED = 4


def line(frame: pd.DataFrame) -> Chart:
    """Draw a frame of figures over all its years; of one year alone, bars.

    Parameters
    ----------
    frame
        Frame of figures by year and at most one breakdown.

    Returns
    -------
    Chart
        No line crosses a year that must not be compared with the one before.
    """
    return over_years(frame, "line", _draw)


def _draw(sheet: layout.Sheet, figures: Figures) -> None:
    names = max(theme.text_width(_end_label(one), bold=True) for one in figures.series)
    names = min(names, 5.0)
    left = 1.1 if figures.unit == "đồng" else 0.8
    axes = sheet.axes(left=left, right=names + 0.45, top=0.45, bottom=0.5)
    scale(axes, figures)
    coloured = _coloured(figures)
    for one in figures.series:
        place = coloured.index(one) if one in coloured else None
        draw_series(axes, one, _colour(place), theme.MARKERS[place or 0])
    mark_breaks(axes, figures.series, figures.years[0])
    _labels(axes, figures, coloured, names)
    if len(figures.series) == 1:
        _values(axes, figures.series[0])


def _colour(place: int | None) -> str:
    return theme.CONTEXT if place is None else theme.PALETTE[place]


def _coloured(figures: Figures) -> list[Series]:
    if len(figures.series) <= COLOURED:
        return list(figures.series)
    changes = figures.changes()
    by_change = sorted(figures.series, key=lambda one: -abs(changes.get(one.code, Fraction(0))))
    chosen = by_change[:COLOURED]
    return [one for one in figures.series if one in chosen]


def scale(axes: Axes, figures: Figures) -> None:
    """Set both axes: every year, and the values that occur with a little air."""
    values = [p.value for one in figures.series for p in one.points if p.value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = (high - low) * 0.12 or max(abs(high) * 0.1, 1.0)
    floor = low - air if figures.is_share else min(0.0, low - air)
    axes.set_ylim(max(0.0, floor) if low >= 0 else floor, high + air)
    axes.set_xlim(figures.years[0] - 0.15, figures.years[-1] + 0.05)
    layout.year_axis(axes, figures.years)
    height = axes.get_position().height * layout.figure_size(axes)[1]
    axes.locator_params(axis="y", nbins=max(1, min(5, int(height / 0.3))))
    layout.value_axis(axes, "y", unit=figures.unit)
    axes.grid(axis="y", color=theme.RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    layout.bare(axes)
    axes.tick_params(axis="x", pad=10)


def segments(one: Series) -> Iterator[list[Point]]:
    """Split a series where a year is missing or must not be compared with the one before."""
    run: list[Point] = []
    for point in one.points:
        broken = not run or point.year != run[-1].year + 1 or not point.comparable
        if point.value is None or (broken and run):
            yield run
            run = []
        if point.value is not None:
            run.append(point)
    yield run


def draw_series(
    axes: Axes, one: Series, colour: str, marker: str, *, width: float = 3.0, size: float = 9.0
) -> None:
    """Draw the unbroken parts of a series."""
    for run in segments(one):
        axes.plot(
            [p.year for p in run],
            [p.height for p in run],
            color=colour,
            linewidth=width,
            marker=marker,
            markersize=size,
            markeredgecolor=theme.PAPER,
            clip_on=False,
        )


def mark_breaks(axes: Axes, series: Iterable[Series], first: int, *, named: bool = True) -> None:
    """Draw a dashed line before each year in which nothing is compared with the one before."""
    shown = [p for one in series for p in one.points if p.value is not None and p.year > first]
    broken = {p.year for p in shown if not p.comparable and p.reason}
    years = broken - {p.year for p in shown if p.comparable}
    _, high = layout.figure_size(axes)
    above = 1 + 0.1 / (axes.get_position().height * high)
    for year in years:
        axes.axvline(year - 0.5, color=theme.CONTEXT, linewidth=1.2, linestyle=(0, (4, 3)))
        if named:
            layout.write(
                axes, year - 0.5, above, text("chart-break"), ha="center", va="bottom",
                colour=theme.MUTED, size=theme.SMALL, transform=axes.get_xaxis_transform(),
            )  # fmt: skip


def _end_label(one: Series) -> str:
    point = _last(one)
    return theme.printable(f"{point.text if point else '–'}  {one.label}".strip())


def _last(one: Series) -> Point | None:
    have = [p for p in one.points if p.value is not None]
    return have[-1] if have else None


def _labels(axes: Axes, figures: Figures, coloured: list[Series], width: float) -> None:
    per_x, per_y = layout.inches_per_unit(axes)
    low, high = axes.get_ylim()
    ends = [(one, point) for one in figures.series if (point := _last(one))]
    at = layout.spread([p.height for _, p in ends], theme.line_height() / per_y, low, high)
    for (one, point), y in zip(ends, at, strict=True):
        x = figures.years[-1] + 0.25 / per_x
        axes.plot(
            [point.year + 0.08 / per_x, x - 0.04 / per_x], [point.height, y],
            color=theme.RULE, linewidth=1, clip_on=False, zorder=1,
        )  # fmt: skip
        shown = theme.shorten(_end_label(one), width, bold=True)
        strong = one in coloured
        layout.write(axes, x, y, shown, bold=strong, colour=theme.INK if strong else theme.MUTED)


def _values(axes: Axes, one: Series) -> None:
    """Write the earlier values of a lonely line beside its points, clear of the line."""
    per_x, per_y = layout.inches_per_unit(axes)
    last = _last(one)
    for point in one.points:
        if point.value is not None and point is not last:
            following = one.at(point.year + 1)
            rising = following is not None and following.height > point.height
            # above the line where there is no room between the point and the years below
            room = (point.height - axes.get_ylim()[0]) * per_y
            rising = rising and room > 0.12 + theme.line_height()
            y = point.height + (-0.12 if rising else 0.12) / per_y
            va = "top" if rising else "bottom"
            layout.write(axes, point.year + 0.06 / per_x, y, point.text, va=va, bold=True)
