"""Ordered bars: one bar a group, longest on top, with the change on the year before."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import display_rows
from thidua_analysis.charts.chart import Chart, compose, empty, nothing
from thidua_analysis.charts.phrases import Changes
from thidua_analysis.charts.series import Figures, Point, Series, point_of, read, whole
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.indicators.figure import combined
from thidua_analysis.lineage.register import marked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import bounded, money
from thidua_analysis.vietnamese.quantities import Bound

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
    ranked = phrases.ranking(figures.series, year)
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
    names = sheet.beside(labels, 5.2)
    values = max((theme.text_width(bar_text(p), bold=True) for p in points), default=0.0)
    deltas = [phrases.signed_of(o, year) for o in figures.series if o.code in changes]
    delta = max((theme.text_width(d) for d in deltas), default=-0.2) + 0.2
    right = values + 0.15 + (0.0 if sheet.narrow else delta)
    axes = sheet.axes(names=names, right=right, top=0.1)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(0, max((p.value or 0 for p in points), default=1) or 1)
    step = layout.rows(axes, labels, edge=delta)
    thick = layout.thickness(axes, step)
    axes.barh(range(len(points)), [p.value or 0 for p in points], height=thick, color=theme.NAVY)
    if not sheet.narrow:
        axes.plot([0, 0], [-0.5, len(points) - 0.5], color=theme.INK, linewidth=1)
    layout.row_labels(axes, labels, names, step, edge=delta)
    for row, (one, point) in enumerate(zip(ranked, points, strict=True)):
        _numbers(axes, row, point, changes, one, figures)


def bar_text(point: Point) -> str:
    """Return the value as printed with its parts: "70,2% (1.582/2.254)"."""
    if point.denominator is None:
        return point.text
    parts = phrases.parts(point)
    return point.text if parts in point.text else f"{point.text} ({parts})"


def _numbers(
    axes: Axes, row: int, point: Point, changes: Changes, one: Series, figures: Figures
) -> None:
    per_x, _ = layout.inches_per_unit(axes)
    layout.write(axes, point.height + 0.12 / per_x, row, bar_text(point), bold=True)
    if one.code in changes:
        change = phrases.signed_of(one, figures.years[-1])
        layout.at_edge(axes, row, change)


#: A bar of the chart: label, where it starts, by how much it moves, whether it is a total, and
#: the bound of what it stands for.
Step = tuple[str, Fraction, Fraction, bool, Bound | None]


def waterfall(frame: pd.DataFrame) -> Chart:
    """Draw what each group adds to the total of the last year.

    Parameters
    ----------
    frame
        Frame of figures of a count by one breakdown and one or two years. With two comparable
        years it shows what each group adds to the change, otherwise to the total.

    Raises
    ------
    UsageError
        If the figures are shares, which do not add up.
    """
    if frame.empty:
        return empty(frame)
    figures = read(frame)
    if figures.is_share:
        raise UsageError("chart-not-additive", unit=figures.unit)
    total = _total(figures)
    if figures.mixed:
        why = text("unsure-units", units=figures.unit)
        said = text("said-no-total", year=wording.when(figures), why=why)
        return nothing(phrases.name_of(figures), said, caption.source_of(frame))
    if total.reason and total.value is None:
        return bars(frame, note=text("said-no-total", year=figures.years[-1], why=total.reason))
    changes = figures.changes()
    vague = any(one.bound(figures.years[-1]) for one in figures.series)
    of_change = not vague and len(changes) == len(figures.series) > 0
    steps = _changes(figures, changes) if of_change else _parts(figures)
    said = _said(figures, steps, total, of_change=of_change)
    notes = [text("waterfall-cut")] if of_change else []
    words = caption.words(figures, "waterfall", said, changes if of_change else {}, notes)
    return compose(
        words, display_rows(figures), lambda sheet: _draw_waterfall(sheet, figures, steps)
    )


def _total(figures: Figures) -> Point:
    """Return the figure that the groups add up to; where they do not, it has a reason instead."""
    year = figures.years[-1]
    about = dictionary().get(figures.indicator)
    if about is not None and about.aggregation != "add":
        return Point(year, None, "–", reason=text("why-list"))
    points = [point for one in figures.series if (point := one.at(year))]
    added = sum((point.exact for point in points), Fraction(0))
    found = [
        row for row in whole(figures.rows, figures.dimension or "") if row.get("year", 0) == year
    ]
    own = point_of(found[0]) if len(found) == 1 else None
    if own and (own.exact == added if own.value is not None else own.reason and points):
        return own
    if refused := figures.refused():
        return Point(year, None, "–", reason="; ".join(dict.fromkeys(refused.values())))
    printed = bounded(_number_of(added, figures.unit), combined(point.bound for point in points))
    return Point(year, float(added), printed, added, unit=figures.unit)


def _sum(figures: Figures, year: int) -> Fraction:
    return sum((p.exact for one in figures.series if (p := one.at(year))), Fraction(0))


def _changes(figures: Figures, changes: phrases.Changes) -> list[Step]:
    year = figures.years[-1]
    start = _sum(figures, year - 1)
    steps: list[Step] = [(text("waterfall-year", year=year - 1), Fraction(0), start, True, None)]
    order = sorted(figures.series, key=lambda one: -changes[one.code])
    for one in order:
        steps.append((one.label, start, changes[one.code], False, None))
        start += changes[one.code]
    return [*steps, (text("waterfall-year", year=year), Fraction(0), start, True, None)]


def _parts(figures: Figures) -> list[Step]:
    year, start = figures.years[-1], Fraction(0)
    steps: list[Step] = []
    for one in phrases.ranking(figures.series, year):
        point = one.at(year)
        if point:
            steps.append((one.label, start, point.exact, False, point.bound))
            start += point.exact
    bound = combined(step[4] for step in steps)
    return [*steps, (text("waterfall-year", year=year), Fraction(0), start, True, bound)]


def _said(figures: Figures, steps: list[Step], total: Point, *, of_change: bool) -> str:
    year = figures.years[-1]
    ranked = phrases.ranking(figures.series, year)
    if not ranked:
        return wording.no_value(figures)
    shown = _linked(total)
    if of_change:
        change = steps[-1][2] - steps[0][2]
        key = "said-same" if change == 0 else "said-rise-one" if change > 0 else "said-fall-one"
        size = phrases.size(change, figures.unit_of_change)
        return text(key, change=size, text=shown, year=wording.when(figures), before=year - 1)
    called, when = phrases.noun(figures.dimension), wording.when(figures)
    if why := wording.unsure(figures, ranked, most=True):
        return text("said-total-unsure", year=when, total=shown, noun=called, why=why)
    top = phrases.tied(ranked, year)
    names = (phrases.within(figures.dimension, one.label) for one in top)
    key = "said-total" if len(top) == 1 else "said-total-tied"
    if len(ranked) == 1:
        key = "said-total-alone"
    elif len(top) == len(figures.series):
        key = "said-total-level"
    words: dict[str, Any] = {
        "top": phrases.listed(names, figures.dimension),
        "n": len(top),
        "noun": called,
    }
    part = _linked(next(point for one in top if (point := one.at(year))))
    return text(key, year=when, total=shown, part=part, **words)


def _linked(point: Point) -> str:
    """Return a value with its unit, marked as a figure."""
    shown = point.text if point.unit == "đồng" else f"{point.text} {point.unit}".rstrip()
    return marked(shown, point.id)


def _number_of(value: Fraction, unit: str) -> str:
    return money(value) if unit == "đồng" else phrases.unrounded(value)


def _draw_waterfall(sheet: layout.Sheet, figures: Figures, steps: list[Step]) -> None:
    names = sheet.beside([step[0] for step in steps], 5.2)
    shown = [_amount(step, figures.unit, of_change=steps[0][3]) for step in steps]
    values = max(theme.text_width(one, bold=True) for one in shown)
    axes = sheet.axes(names=names, right=values + 0.3, top=0.1)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(*_limits(steps))
    height = layout.rows(axes, [step[0] for step in steps])
    thick = layout.thickness(axes, height)
    layout.row_labels(axes, [step[0] for step in steps], names, height)
    for row, step in enumerate(steps):
        _step(axes, row, step, thick, mark=steps[0][3])
        mark = 0.12 if step[3] and steps[0][3] else 0.0
        _number(axes, row, max(float(step[1]), float(step[1] + step[2])), shown[row], mark)


def _step(axes: Axes, row: int, step: Step, thick: float, *, mark: bool) -> None:
    """Draw a contribution as a bar, and a total as a bar from 0 or as a mark on a cut axis."""
    _, start, move, total, _ = step
    if row:
        at = float(move if total else start)
        axes.plot([at, at], [row - 1 + thick / 2, row - thick / 2], color=theme.CONTEXT, lw=1)
    if total and mark:
        axes.plot([float(move)], [row], marker="D", markersize=14, color=theme.GREY, clip_on=False)
        return
    colour = theme.GREY if total else theme.TEAL if move >= 0 else theme.PLUM
    axes.barh(row, float(move), left=float(start), height=thick, color=colour)


def _limits(steps: list[Step]) -> tuple[float, float]:
    ends = [float(start + move) for _, start, move, *_ in steps]
    if not steps[0][3]:
        return 0.0, max(ends) or 1.0
    low, high = min(ends), max(ends)
    air = (high - low) * 0.05 or 1.0
    return low - air, high + air


def _amount(step: Step, unit: str, *, of_change: bool) -> str:
    _, _, move, total, bound = step
    sign = "" if total or not of_change else "+" if move > 0 else "−" if move < 0 else ""
    return bounded(sign + _number_of(abs(move), unit), bound)


def _number(axes: Axes, row: int, x: float, shown: str, mark: float) -> None:
    per_x, _ = layout.inches_per_unit(axes)
    layout.write(axes, x + (0.12 + mark) / per_x, row, shown, bold=True)
