"""Bump chart: ranks over the years, first on top, a name at both ends of each line."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import display_rows
from thidua_analysis.charts.chart import Chart, compose
from thidua_analysis.charts.phrases import Changes
from thidua_analysis.charts.series import Figures, Series, read
from thidua_analysis.charts.trends import mark_breaks, over_years, segments, without_years
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number

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
    shown = (phrases.signed_of(o, figures.years[-1]) for o in figures.series if o.code in changes)
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
        change = phrases.signed_of(one, figures.years[-1])
        layout.write(axes, x + width + 0.15 / per_x, y, change, colour=theme.MUTED)


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
    return compose(words, _table(figures, ranks), lambda sheet: _draw_bump(sheet, figures, ranks))


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
        "who": phrases.listed(first, figures.dimension),
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


def _draw_bump(sheet: layout.Sheet, figures: Figures, ranks: Ranks) -> None:
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
        _rank_line(axes, one, ranks, theme.PALETTE[index % len(theme.PALETTE)])
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


def _rank_line(axes: Axes, one: Series, ranks: Ranks, colour: str) -> None:
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
