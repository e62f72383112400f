"""Bump chart: ranks over the years, first on top, a name at both ends of each line."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import layout, theme, wording
from thidua_analysis.charts.chart import Chart, finish
from thidua_analysis.charts.figures import Figures, Point, Series, read
from thidua_analysis.charts.lines import mark_breaks, segments
from thidua_analysis.charts.rows import display_rows
from thidua_analysis.errors import UsageError
from thidua_analysis.messages import text


def bump(frame: pd.DataFrame) -> Chart:
    """Draw ranks over the years.

    Parameters
    ----------
    frame
        Frame of figures of a rank by year and one breakdown; the numerator is the rank, the
        denominator how many are ranked.

    Returns
    -------
    Chart
        Tied members stand side by side under one rank.

    Raises
    ------
    UsageError
        If there are fewer than two years.
    """
    figures = read(frame)
    if len(figures.years) < 2:
        raise UsageError("chart-too-few-years", n=2)
    said = _said(figures)
    notes = [text("bump-first-on-top")]
    words = wording.words(figures, "bump", said, {}, notes, extremes=False)
    with theme.drawing():
        sheet = layout.sheet(words.title, words.subtitle, words.source)
        _draw(sheet, figures)
        return finish(sheet, words, display_rows(figures))


def rank_of(point: Point) -> int:
    """Return the rank that a point is about."""
    return int(point.numerator if point.numerator is not None else point.value or 0)


def _said(figures: Figures) -> str:
    year = figures.years[-1]
    first = [one.label for one in figures.series if (p := one.at(year)) and rank_of(p) == 1]
    moved = sum(
        rank_of(now) != rank_of(before)
        for one in figures.series
        if (now := one.at(year)) and (before := one.at(year - 1))
    )
    return text("said-first", year=year, who=", ".join(first), moved=moved, n=len(figures.series))


def _draw(sheet: layout.Sheet, figures: Figures) -> None:
    names = layout.label_width([one.label for one in figures.series], 3.4)
    axes = sheet.axes(left=names + 0.5, right=names + 0.5, top=0.4, bottom=0.1)
    layout.bare(axes)
    ranks = [rank_of(p) for one in figures.series for p in one.points if p.value is not None]
    axes.set_ylim(max(ranks, default=1) + 0.6, 0.4)
    axes.set_xlim(figures.years[0], figures.years[-1])
    axes.set_yticks([])
    axes.set_xticks(list(figures.years), [str(year) for year in figures.years])
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", length=0, pad=8)
    for index, one in enumerate(figures.series):
        colour = theme.PALETTE[index % len(theme.PALETTE)]
        _line(axes, one, figures, colour)
    for year in (figures.years[0], figures.years[-1]):
        _names(axes, figures, year, names)
    mark_breaks(axes, figures, named=False)


def _place(one: Series, point: Point, figures: Figures) -> float:
    """Return the height of a rank; tied members are moved apart a little."""
    tied = [
        other.code
        for other in figures.series
        if (p := other.at(point.year)) and rank_of(p) == rank_of(point)
    ]
    step = min(0.36, 0.8 / len(tied))
    return rank_of(point) + (tied.index(one.code) - (len(tied) - 1) / 2) * step


def _line(axes: Axes, one: Series, figures: Figures, colour: str) -> None:
    for run in segments(one):
        heights = [_place(one, point, figures) for point in run]
        years = [point.year for point in run]
        axes.plot(years, heights, color=colour, linewidth=3.5, clip_on=False, zorder=2)
        axes.plot(
            years, heights, linestyle="none", marker="o", markersize=22, color=colour,
            markeredgecolor=theme.PAPER, markeredgewidth=1.5, clip_on=False, zorder=3,
        )  # fmt: skip
        for point, height in zip(run, heights, strict=True):
            layout.write(
                axes, point.year, height, str(rank_of(point)), ha="center", bold=True,
                colour=theme.on(colour), size=theme.SMALL, zorder=4,
            )  # fmt: skip


def _names(axes: Axes, figures: Figures, year: int, width: float) -> None:
    per_x, per_y = layout.inches_per_unit(axes)
    have = [(one, point) for one in figures.series if (point := one.at(year))]
    wanted = [_place(one, point, figures) for one, point in have]
    high, low = axes.get_ylim()
    at = layout.spread(wanted, theme.line_height() / per_y, low, high)
    last = year == figures.years[-1]
    for (one, _), y in zip(have, at, strict=True):
        shown = theme.shorten(theme.printable(one.label), width)
        x = year + (0.28 if last else -0.28) / per_x
        layout.write(axes, x, y, shown, ha="left" if last else "right")
