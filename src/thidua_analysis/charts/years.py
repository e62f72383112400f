"""What moved over the years: dumbbells of two years, ranks over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import display_rows, native
from thidua_analysis.charts.chart import Chart, compose, kind_of_chart, nothing
from thidua_analysis.charts.phrases import is_rank
from thidua_analysis.charts.series import Figures, Point, Series, read
from thidua_analysis.charts.trends import (
    limits,
    line,
    mark_breaks,
    native_lines,
    over_years,
    segments,
    without_years,
)
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number

#: Inches from a dot to its value.
_GAP = 0.16


@kind_of_chart
def dumbbells(frame: pd.DataFrame) -> Chart:
    """Draw the last two years of a frame of figures; of one year alone, bars.

    Parameters
    ----------
    frame
        Frame of figures by year and at most one breakdown.

    Returns
    -------
    Chart
        One row a group, the highest on top, with its change and what its share is of; the dots
        are joined only where the two years may be compared.
    """
    return over_years(frame, "dumbbells", _draw, notes=_notes, most=2)


def _notes(figures: Figures) -> Iterator[str]:
    if any(_base(one, figures) for one in figures.series):
        yield text("dumbbells-base", year=figures.years[-1])


def _base(one: Series, figures: Figures) -> str:
    """Return what the last share of a group is of: its denominator."""
    point = one.at(figures.years[-1])
    if point is None or point.denominator is None or point.unit != "%":
        return ""
    return number(point.denominator, 0)


def _draw(sheet: layout.Sheet, figures: Figures) -> None:
    year = figures.years[-1]
    ranked = phrases.ranking(figures.series, year)
    ordered = [*ranked, *(one for one in figures.series if one not in ranked)]
    bases = [_base(one, figures) for one in ordered]
    shown = [phrases.signed_of(one, year) for one in ordered]
    if sheet.narrow:
        bases = [f"{text('dumbbells-n')} = {base}" if base else "" for base in bases]
    base, change = _columns(figures, bases, shown)
    edge = 0.0 if sheet.narrow else change
    labels = [one.label for one in ordered]
    names = sheet.beside(labels, 4.4)
    axes = sheet.axes(right=base + edge, top=0.5, bottom=0.4, names=names)
    layout.bare(axes)
    _scale(axes, figures, ordered)
    step = layout.rows(axes, labels, edge=change)
    layout.row_labels(axes, labels, names, step, edge=change)
    for row, one in enumerate(ordered):
        _pair(axes, row, [one.at(when) for when in figures.years])
        layout.at_edge(axes, row, shown[row], inside=0.0 if sheet.narrow else base)
        layout.at_edge(axes, row, bases[row], low=True)
    _heads(axes, figures, step, base)


def _columns(figures: Figures, bases: list[str], shown: list[str]) -> tuple[float, float]:
    """Return how wide the columns at the right edge are: what shares are of, and the changes."""
    head = text("dumbbells-change", before=figures.years[0])
    change = max(*map(theme.text_width, shown), theme.text_width(head, theme.SMALL))
    base = max(map(theme.text_width, bases))
    return base + 0.35 if base else 0.0, change + 0.3


def _scale(axes: Axes, figures: Figures, ordered: list[Series]) -> None:
    """Set the axis so that the values beside the outermost dots have room."""
    texts = [p.text for one in ordered for p in one.points]
    room = max((theme.text_width(value, bold=True) for value in texts), default=0.0) + _GAP
    low, high = limits(figures)
    inches = float(axes.get_position().width) * layout.figure_size(axes)[0]
    spare = (high - low) * room / (inches - 2 * room)
    axes.set_xlim(low - spare, high + spare)
    ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    layout.value_axis(axes, "x", unit=figures.unit)
    axes.tick_params(axis="x", labelsize=theme.SMALL)
    axes.grid(axis="x", color=theme.RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _pair(axes: Axes, row: int, points: list[Point | None]) -> None:
    before, now = points
    style: dict[str, Any] = {"linestyle": "none", "marker": "o", "clip_on": False}
    if before and now and now.comparable:
        ends = [before.height, now.height]
        axes.plot(ends, [row, row], color=theme.CONTEXT, linewidth=3.5, zorder=2)
    if before:
        axes.plot([before.height], [row], **style, **layout.HOLLOW, markersize=11, zorder=3)
    if now:
        axes.plot([now.height], [row], **style, markersize=13, color=theme.NAVY, zorder=4)
    rising = not before or not now or now.height >= before.height
    per_x, _ = layout.inches_per_unit(axes)
    for point, right in ((before, not rising), (now, rising)):
        if point:
            x = point.height + (_GAP if right else -_GAP) / per_x
            side = "left" if right else "right"
            colour = theme.INK if point is now else theme.MUTED
            layout.write(axes, x, row, point.text, ha=side, bold=point is now, colour=colour)


def _heads(axes: Axes, figures: Figures, step: float, base: float) -> None:
    """Write above the rows which dot is which year, and what stands at the right edge."""
    before, now = figures.years
    marks = [(str(before), {"marker": "o", **layout.HOLLOW}), (str(now), {"marker": "o"})]
    layout.key(axes, step, marks)
    if layout.is_narrow(axes):
        return
    y = -0.5 - layout.ABOVE / step
    change = text("dumbbells-change", before=before)
    layout.at_edge(axes, y, change, inside=base, size=theme.SMALL)
    if base:
        layout.at_edge(axes, y, text("dumbbells-n"), size=theme.SMALL)


#: Where years are nearer than so many inches, only the first and the last rank are written.
_NUMBERED = 0.4
Ranks = dict[tuple[str, int], int]


@kind_of_chart
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
        Tied members stand side by side under one rank; one member alone is drawn as `line`.
    """
    if (instead := without_years(frame, draw=False)) is not None:
        return instead
    figures = read(frame)
    if len(figures.series) == 1 and not is_rank(figures.unit):  # the first of one is no rank
        return line(frame)
    ranks = _ranks(figures)
    if _whole(figures, ranks) and all(_same(figures, ranks, when) for when in figures.years):
        first, year = figures.years[0], figures.years[-1]
        said = text("story-same", n=len(figures.series), first=first, year=year)
        return nothing(phrases.name_of(figures), said, caption.source_of(frame))
    said = _story(figures, ranks) or _said(figures, ranks)
    notes = [text("bump-first-on-top")]
    words = caption.words(figures, "bump", said, {}, notes, extremes=False)
    values = {
        one.label: [
            Fraction(ranks[one.code, year]) if (one.code, year) in ranks else None
            for year in figures.years
        ]
        for one in figures.series
    }
    drawn = native(
        "lines", map(str, figures.years), values, str(dictionary()["rank"].unit), reverse=True
    )
    return compose(
        words,
        _table(figures, ranks),
        lambda sheet: _draw_bump(sheet, figures, ranks),
        drawn if native_lines(figures) else None,
    )


def _ranks(figures: Figures) -> Ranks:
    """Return the rank of each series in each year: as given, else by the exact values."""
    ranks: Ranks = {}
    for year in figures.years:
        have = {one.code: point for one in figures.series if (point := one.at(year))}
        for code, point in have.items():
            if is_rank(figures.unit):
                ranks[code, year] = int(point.numerator)
            else:
                ranks[code, year] = 1 + sum(p.exact > point.exact for p in have.values())
    return ranks


def _whole(figures: Figures, ranks: Ranks) -> bool:
    """Whether all have a rank in all years, and every year may be compared with the one before."""
    codes = [one.code for one in figures.series]
    later = (p for one in figures.series for p in one.points if p.year > figures.years[0])
    return (
        len(codes) > 1
        and figures.years == tuple(range(figures.years[0], figures.years[-1] + 1))
        and all((code, year) in ranks for code in codes for year in figures.years)
        and all(point.comparable for point in later)
        and not wording.lacking(figures)
    )


def _same(figures: Figures, ranks: Ranks, year: int) -> bool:
    return all(ranks[o.code, year] == ranks[o.code, figures.years[0]] for o in figures.series)


def _story(figures: Figures, ranks: Ranks) -> str:
    """Return who climbed and who fell most over all the years; nothing where that is not known."""
    first, year = figures.years[0], figures.years[-1]
    level = len({ranks.get((one.code, year)) for one in figures.series}) == 1
    if not _whole(figures, ranks) or level or _same(figures, ranks, year):
        return ""
    steps = {one: ranks[one.code, first] - ranks[one.code, year] for one in figures.series}
    told = []
    for key, most in (("story-up", max(steps.values())), ("story-down", min(steps.values()))):
        if (most > 0) != (key == "story-up") or not most:
            continue
        who = [one for one, moved in steps.items() if moved == most]
        before, now = (ranks[who[0].code, when] for when in (first, year))
        names = phrases.listed((one.label for one in who), figures.dimension)
        key += "-tied" if len(who) > 1 else ""
        told.append(text(key, who=names, steps=abs(most), before=before, now=now))
    return text("said-story", told="; ".join(told), first=first, year=year)


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
    if len(now) == 1 and not is_rank(figures.unit):
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
    if is_rank(figures.unit):
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
    left = 0.2 if sheet.narrow else names + 0.5
    axes = sheet.axes(left=left, right=names + 0.5, top=0.4, bottom=0.1)
    layout.bare(axes)
    lowest = max((_place(code, year, ranks) for code, year in ranks), default=1.0)
    if sheet.narrow:
        layout.rows(axes, [""] * ceil(lowest), beside=True, pitch=0.6)
    axes.set_ylim(lowest + 0.6, 0.4)
    axes.set_xlim(figures.years[0], figures.years[-1])
    axes.set_yticks([])
    layout.year_axis(axes, figures.years)
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", length=0, pad=8)
    for index, one in enumerate(figures.series):
        _rank_line(axes, one, ranks, theme.PALETTE[index % len(theme.PALETTE)])
    for year in figures.years[-1:] if sheet.narrow else (figures.years[0], figures.years[-1]):
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
    close = layout.inches_per_unit(axes)[0] < _NUMBERED
    ends = {round(limit) for limit in axes.get_xlim()}
    for run in segments(one):
        years = [point.year for point in run]
        heights = [_place(one.code, year, ranks) for year in years]
        axes.plot(years, heights, color=colour, linewidth=3.5, clip_on=False, zorder=2)
        for year, height in zip(years, heights, strict=True):
            plain = close and year not in ends
            axes.plot(
                [year], [height], linestyle="none", marker="o", markersize=9 if plain else 22,
                color=colour, markeredgecolor=theme.PAPER, markeredgewidth=1.5, clip_on=False,
                zorder=3,
            )  # fmt: skip
            if plain:
                continue
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
