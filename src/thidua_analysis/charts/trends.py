"""Line: a measure over the years, labelled at the end, with a gap at a break in the series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import Native, display_rows, native
from thidua_analysis.charts.chart import Chart, compose, empty, kind_of_chart, nothing
from thidua_analysis.charts.group_bars import bars, native_bars
from thidua_analysis.charts.series import Figures, Point, Series, read
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import is_money, number


def over_years(
    frame: pd.DataFrame,
    kind: str,
    draw: Callable[[layout.Sheet, Figures], None],
    *,
    notes: Callable[[Figures], Iterable[str]] = lambda _: (),
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
        Returns further sentences for the subtitle.
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
    words = caption.words(figures, kind, said, changes, [*notes(figures), *_cut(figures)])
    drawn = native_lines(figures)
    if kind == "dumbbells":
        ranked = phrases.ranking(figures.series, figures.years[-1])
        drawn = native_bars(figures, ranked, figures.years) if drawn else None
    return compose(words, display_rows(figures), lambda sheet: draw(sheet, figures), drawn)


def native_lines(figures: Figures) -> Native | None:
    """Return lines for other programs; none of what these would not show: breaks and bounds."""
    points = [point for one in figures.series for point in one.points]
    later = [p for p in points if p.year > figures.years[0] and p.value is not None]
    if figures.mixed or any(p.bound for p in points) or not all(p.comparable for p in later):
        return None
    values = {
        one.label: [p.exact if (p := one.at(year)) else None for year in figures.years]
        for one in figures.series
    }
    return native("lines", map(str, figures.years), values, figures.unit)


def limits(figures: Figures) -> tuple[float, float]:
    """Return where the axis of values begins and ends: of shares that are close not at 0."""
    values = [p.value for one in figures.series for p in one.points if p.value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low < (high - low) * 3 or not figures.is_share:
        low = min(0.0, low)
        return low, high + ((high - low) * 0.05 or 1.0)
    step = 10.0 ** floor(log10(max(high - low, 1.0)))
    return floor((low - step / 4) / step) * step, ceil((high + step / 4) / step) * step


def _cut(figures: Figures) -> Iterator[str]:
    """Yield where the axis begins, if that is not 0."""
    if (low := limits(figures)[0]) > 0:
        yield text("chart-axis-cut", low=f"{number(Decimal(str(low)), 0)}%")


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
    year = figures.years[-1]
    note = text("chart-one-year", before=year - 1) if year else text("chart-no-year")
    if draw and len(phrases.ranking(figures.series, figures.years[-1])) > 1:
        return bars(frame, note=note)
    said = f"{wording.standing(figures)}. {note}"
    source = caption.source_of(figures.rows)
    told = caption.Words(phrases.name_of(figures), "", said, source)
    told = told if year else told.without_year()
    return nothing(told.title, told.alt, source)


#: More lines than these are drawn in grey, the ones that changed most in colour.
COLOURED = 4


@kind_of_chart
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
    names = min(names, sheet.width * 0.42)
    left = 1.1 if is_money(figures.unit) else 0.8
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
    """Set both axes: every year, and the values that occur; see `limits`."""
    axes.set_ylim(*limits(figures))
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
    shown = one.points[:1] if layout.is_narrow(axes) else one.points
    for point in shown:
        if point.value is not None and point is not last:
            following = one.at(point.year + 1)
            rising = following is not None and following.height > point.height
            # where there is no room between the point and the years below it stands on the line
            room = (point.height - axes.get_ylim()[0]) * per_y
            crossed = rising and room <= 0.12 + theme.line_height()
            rising = rising and not crossed
            y = point.height + (-0.12 if rising else 0.12) / per_y
            va = "top" if rising else "bottom"
            halo = layout.HALO if crossed else None
            x = point.year + 0.06 / per_x
            layout.write(axes, x, y, point.text, va=va, bold=True, path_effects=halo, zorder=4)
