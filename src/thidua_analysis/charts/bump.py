"""Bump chart: ranks over the years, first on top, a name at both ends of each line."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, layout, theme, wording
from thidua_analysis.charts.chart import Chart, compose
from thidua_analysis.charts.figures import Figures, Series, read
from thidua_analysis.charts.lines import mark_breaks, segments
from thidua_analysis.charts.rows import display_rows
from thidua_analysis.charts.years import without_years
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number

#: Unit of figures that are ranks.
RANK = "hạng"
Ranks = dict[tuple[str, int], int]


def bump(frame: pd.DataFrame) -> Chart:
    """Draw ranks over the years; of one year alone, a sentence: there is no movement to draw.

    Parameters
    ----------
    frame
        Frame of figures by year and one breakdown. Ranks are drawn as they are, other figures
        are ranked by their exact values: 1, 2, 2, 4.

    Returns
    -------
    Chart
        Tied members stand side by side under one rank.
    """
    if (instead := without_years(frame, draw=False)) is not None:
        return instead
    figures = read(frame)
    ranks = _ranks(figures)
    said = _said(figures, ranks)
    notes = [text("bump-first-on-top")]
    words = caption.words(figures, "bump", said, {}, notes, extremes=False)
    return compose(words, _table(figures, ranks), lambda sheet: _draw(sheet, figures, ranks))


def _ranks(figures: Figures) -> Ranks:
    """Return the rank of each series in each year: as given, else by the exact values."""
    ranks: Ranks = {}
    for year in figures.years:
        have = {one.code: point for one in figures.series if (point := one.at(year))}
        for code, point in have.items():
            if figures.unit == RANK:
                ranks[code, year] = int(point.numerator)
            else:
                ranks[code, year] = 1 + sum(p.exact > point.exact for p in have.values())
    return ranks


def _said(figures: Figures, ranks: Ranks) -> str:
    year = figures.years[-1]
    names = {one.code: one.label for one in figures.series}
    now = [code for code in names if (code, year) in ranks]
    if not now:
        return wording.no_value(figures)
    if lack := wording.lacking(figures):
        return text("said-first-unsure", year=year, lack=lack)
    moved = _moved(figures, ranks)
    best = min(ranks[code, year] for code in now)
    first = [names[code] for code in now if ranks[code, year] == best]
    words: dict[str, Any] = {
        "year": year,
        "rank": best,
        "who": wording.listed(first, figures.dimension),
    }
    if len(now) == 1 and figures.unit != RANK:
        return text("said-one-ranked", **words)
    key = "said-first" if len(first) == 1 else "said-first-tied"
    if len(first) == len(now) > 1:
        key = "said-ranks-level"
    return "; ".join(filter(None, [text(key, n=len(now), **words), moved]))


def _moved(figures: Figures, ranks: Ranks) -> str:
    """Return how many changed places among those with a rank in both years."""
    year = figures.years[-1]
    codes = [one.code for one in figures.series]
    both = [c for c in codes if (c, year) in ranks and (c, year - 1) in ranks]
    if not both:
        return ""
    if figures.unit == RANK:
        moved = sum(ranks[c, year] != ranks[c, year - 1] for c in both)
    else:
        before, now = (
            {c: sum(ranks[o, when] < ranks[c, when] for o in both) for c in both}
            for when in (year - 1, year)
        )
        moved = sum(before[c] != now[c] for c in both)
    same = all(((c, year) in ranks) == ((c, year - 1) in ranks) for c in codes)
    return text("said-moved" if same else "said-moved-among", moved=moved, n=len(both))


def _table(figures: Figures, ranks: Ranks) -> pd.DataFrame:
    rows = display_rows(figures)
    places = [
        number(ranks.get((one.code, point.year)), 0)
        for one in figures.series
        for point in one.points
    ]
    rows.insert(2, text("column-rank"), places)
    return rows


def _draw(sheet: layout.Sheet, figures: Figures, ranks: Ranks) -> None:
    names = layout.label_width([one.label for one in figures.series], 3.4)
    axes = sheet.axes(left=names + 0.5, right=names + 0.5, top=0.4, bottom=0.1)
    layout.bare(axes)
    lowest = max((_place(code, year, ranks) for code, year in ranks), default=1.0)
    axes.set_ylim(lowest + 0.6, 0.4)
    axes.set_xlim(figures.years[0], figures.years[-1])
    axes.set_yticks([])
    layout.year_axis(axes, figures.years)
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", length=0, pad=8)
    for index, one in enumerate(figures.series):
        _line(axes, one, ranks, theme.PALETTE[index % len(theme.PALETTE)])
    for year in (figures.years[0], figures.years[-1]):
        _names(axes, figures, ranks, year, names)
    mark_breaks(axes, figures.series, figures.years[0], named=False)


def _place(code: str, year: int, ranks: Ranks) -> float:
    """Return the height of a rank; tied members share the room down to the next rank."""
    rank = ranks[code, year]
    of_year = {other: place for (other, when), place in ranks.items() if when == year}
    tied = [other for other, place in of_year.items() if place == rank]
    below = min((place for place in of_year.values() if place > rank), default=rank + len(tied))
    return rank + tied.index(code) * min(0.8, (below - rank) / len(tied))


def _line(axes: Axes, one: Series, ranks: Ranks, colour: str) -> None:
    for run in segments(one):
        years = [point.year for point in run]
        heights = [_place(one.code, year, ranks) for year in years]
        axes.plot(years, heights, color=colour, linewidth=3.5, clip_on=False, zorder=2)
        axes.plot(
            years, heights, linestyle="none", marker="o", markersize=22, color=colour,
            markeredgecolor=theme.PAPER, markeredgewidth=1.5, clip_on=False, zorder=3,
        )  # fmt: skip
        for year, height in zip(years, heights, strict=True):
            layout.write(
                axes, year, height, str(ranks[one.code, year]), ha="center", bold=True,
                colour=theme.on(colour), size=theme.SMALL, zorder=4,
            )  # fmt: skip


def _names(axes: Axes, figures: Figures, ranks: Ranks, year: int, width: float) -> None:
    per_x, per_y = layout.inches_per_unit(axes)
    have = [one for one in figures.series if (one.code, year) in ranks]
    wanted = [_place(one.code, year, ranks) for one in have]
    high, low = axes.get_ylim()
    at = layout.spread(wanted, theme.line_height() / per_y, low, high)
    last = year == figures.years[-1]
    for one, y in zip(have, at, strict=True):
        shown = theme.shorten(theme.printable(one.label), width)
        x = year + (0.28 if last else -0.28) / per_x
        layout.write(axes, x, y, shown, ha="left" if last else "right")
