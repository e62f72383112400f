"""Waterfall: how much each group contributes to a total or to its change."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, layout, theme, wording
from thidua_analysis.charts.chart import Chart, compose, empty
from thidua_analysis.charts.figures import Figures, read
from thidua_analysis.charts.rows import display_rows
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.links import marked
from thidua_analysis.messages import text
from thidua_analysis.register import without
from thidua_analysis.vietnamese.display import money, number

#: A bar of the chart: label, where it starts, by how much it moves, whether it is a total.
Step = tuple[str, Fraction, Fraction, bool]


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
    changes = figures.changes()
    of_change = len(changes) == len(figures.series) > 0
    steps = _changes(figures, changes) if of_change else _parts(figures)
    said = _said(figures, steps, of_change)
    notes = [text("waterfall-cut")] if of_change else []
    words = caption.words(figures, "waterfall", said, changes if of_change else {}, notes)
    return compose(words, display_rows(figures), lambda sheet: _draw(sheet, figures, steps))


def _sum(figures: Figures, year: int) -> Fraction:
    return sum((p.exact for one in figures.series if (p := one.at(year))), Fraction(0))


def _changes(figures: Figures, changes: wording.Changes) -> list[Step]:
    year = figures.years[-1]
    start = _sum(figures, year - 1)
    steps: list[Step] = [(text("waterfall-year", year=year - 1), Fraction(0), start, True)]
    order = sorted(figures.series, key=lambda one: -changes[one.code])
    for one in order:
        steps.append((one.label, start, changes[one.code], False))
        start += changes[one.code]
    return [*steps, (text("waterfall-year", year=year), Fraction(0), start, True)]


def _parts(figures: Figures) -> list[Step]:
    year, start = figures.years[-1], Fraction(0)
    steps: list[Step] = []
    for one in wording.ranking(figures.series, year):
        point = one.at(year)
        if point:
            steps.append((one.label, start, point.exact, False))
            start += point.exact
    return [*steps, (text("waterfall-year", year=year), Fraction(0), start, True)]


def _said(figures: Figures, steps: list[Step], of_change: bool) -> str:
    year, total = figures.years[-1], steps[-1][2]
    groups = [step for step in steps if not step[3]]
    if not groups:
        return text("said-none")
    ids = {one.label: point.id for one in figures.series if (point := one.at(year))}
    shown = marked(amount(total, figures.unit), _whole(figures, ids.values()))
    if of_change:
        change = total - steps[0][2]
        key = "said-same" if change == 0 else "said-rise-one" if change > 0 else "said-fall-one"
        size = wording.size(change, figures)
        return text(key, change=size, text=shown, year=year, before=year - 1)
    top = max(groups, key=lambda step: step[2])
    part = marked(amount(top[2], figures.unit), ids.get(top[0]))
    return text("said-total", year=year, total=shown, top=top[0], part=part)


def _whole(figures: Figures, parts: Iterable[str]) -> str:
    """Return the id of the figure that the parts add up to; none where they are not to be added."""
    about = dictionary().get(figures.indicator)
    if about is None or about.aggregation != "add":
        return ""
    return next((without(part, figures.dimension or "") for part in parts), "")


def amount(value: Fraction, unit: str) -> str:
    """Return an amount with its unit; money in the unit that it fills."""
    return money(value) if unit == "đồng" else f"{number(value, 0)} {unit}"


def _draw(sheet: layout.Sheet, figures: Figures, steps: list[Step]) -> None:
    names = layout.label_width([step[0] for step in steps], 5.2)
    shown = [_amount(step, figures.unit, of_change=steps[0][3]) for step in steps]
    values = max(theme.text_width(one, bold=True) for one in shown)
    axes = sheet.axes(left=names + 0.2, right=values + 0.3, top=0.1)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(*_limits(steps))
    height = layout.rows(axes, len(steps))
    thick = min(0.62, 0.45 / height)
    layout.row_labels(axes, [step[0] for step in steps], names, height)
    for row, step in enumerate(steps):
        _step(axes, row, step, thick, mark=steps[0][3])
        mark = 0.12 if step[3] and steps[0][3] else 0.0
        _number(axes, row, max(float(step[1]), float(step[1] + step[2])), shown[row], mark)


def _step(axes: Axes, row: int, step: Step, thick: float, *, mark: bool) -> None:
    """Draw a contribution as a bar, and a total as a bar from 0 or as a mark on a cut axis."""
    _, start, move, total = step
    if row:
        at = float(move if total else start)
        axes.plot([at, at], [row - 1 + thick / 2, row - thick / 2], color=theme.CONTEXT, lw=1)
    if total and mark:
        axes.plot([float(move)], [row], marker="D", markersize=14, color=theme.GREY, clip_on=False)
        return
    colour = theme.GREY if total else theme.TEAL if move >= 0 else theme.PLUM
    axes.barh(row, float(move), left=float(start), height=thick, color=colour)


def _limits(steps: list[Step]) -> tuple[float, float]:
    ends = [float(start + move) for _, start, move, _ in steps]
    if not steps[0][3]:
        return 0.0, max(ends) or 1.0
    low, high = min(ends), max(ends)
    air = (high - low) * 0.05 or 1.0
    return low - air, high + air


def _amount(step: Step, unit: str, *, of_change: bool) -> str:
    _, _, move, total = step
    sign = "" if total or not of_change else "+" if move > 0 else "−" if move < 0 else ""
    return sign + (money(abs(move)) if unit == "đồng" else number(abs(move), 0))


def _number(axes: Axes, row: int, x: float, shown: str, mark: float) -> None:
    per_x, _ = layout.inches_per_unit(axes)
    layout.write(axes, x + (0.12 + mark) / per_x, row, shown, bold=True)
