"""Ordered bars from 0: the values of groups, and what each adds to a total or its change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import Native, display_rows, native
from thidua_analysis.charts.chart import Chart, compose, empty, kind_of_chart, nothing
from thidua_analysis.charts.phrases import Changes
from thidua_analysis.charts.series import Figures, Point, Series, point_of, read, whole
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.indicators.figure import combined
from thidua_analysis.lineage.register import marked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import (
    bounded,
    is_money,
    money,
    money_alike,
    money_unit,
)
from thidua_analysis.vietnamese.quantities import Bound

#: More bars than these do not fit; the rest stands in the table.
MOST = 14
#: Inches that the names of the rows may take: the longest title of an award with its level.
_NAMES = 5.9


@kind_of_chart
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
        native_bars(figures, ranked[:MOST], (year,)),
    )


def native_bars(figures: Figures, ranked: Iterable[Series], years: Sequence[int]) -> Native | None:
    """Return bars of some years for other programs; none of bounds, which they would not show."""
    ranked = list(ranked)
    if figures.mixed or any(p.bound for one in ranked for p in one.points if p.year in years):
        return None
    values = {
        str(year): [point.exact if (point := one.at(year)) else None for one in ranked]
        for year in years
    }
    return native("bars", [one.label for one in ranked], values, figures.unit)


def _draw(sheet: layout.Sheet, figures: Figures, ranked: list[Series], changes: Changes) -> None:
    year = figures.years[-1]
    points = [point for one in ranked if (point := one.at(year))]
    labels = [one.label for one in ranked]
    names = sheet.beside(labels, _NAMES)
    values = max((theme.text_width(bar_text(p), bold=True) for p in points), default=0.0)
    deltas = [phrases.signed_of(o, year) for o in figures.series if o.code in changes]
    head = text("dumbbells-change", before=year - 1) if deltas and not sheet.narrow else ""
    delta = max((theme.text_width(d) for d in [*deltas, head] if d), default=-0.2) + 0.2
    right = values + 0.15 + (0.0 if sheet.narrow else delta)
    axes = sheet.axes(names=names, right=right, top=0.4 if head else 0.1)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(0, max((p.value or 0 for p in points), default=1) or 1)
    step = layout.rows(axes, labels, edge=delta)
    thick = layout.thickness(axes, step)
    axes.barh(range(len(points)), [p.value or 0 for p in points], height=thick, color=theme.NAVY)
    if not sheet.narrow:
        axes.plot([0, 0], [-0.5, len(points) - 0.5], color=theme.INK, linewidth=1)
    layout.row_labels(axes, labels, names, step, edge=delta)
    if head:
        layout.at_edge(axes, -0.5 - layout.ABOVE / step, head, size=theme.SMALL)
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


@dataclass(frozen=True)
class _Part:
    """What one group adds to the total or to its change, with the bound of what is printed."""

    label: str
    size: Fraction
    bound: Bound | None = None


@kind_of_chart
def contributions(frame: pd.DataFrame) -> Chart:
    """Draw what each group adds to the total of the last year, largest first, all from 0.

    Parameters
    ----------
    frame
        Frame of figures of a count by one breakdown and one or two years. With two comparable
        years it shows what each group adds to the change, otherwise to the total.

    Returns
    -------
    Chart
        Bars with the total below. A group that makes most of a change is named in the title; one
        group alone becomes a sentence.

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
    parts = _changes(figures, changes) if of_change else _parts(figures)
    said = _said(figures, parts, total, of_change=of_change)
    if len(parts) < 2:
        return nothing(phrases.name_of(figures), said, caption.source_of(frame))
    unit = money_unit(part.size for part in parts)[1] if is_money(figures.unit) else ""
    shown = changes if of_change else {}
    words = caption.words(figures, "contributions", said, shown, unit=unit)
    below = _below(figures, parts, of_change=of_change)
    return compose(
        words,
        display_rows(figures),
        lambda sheet: _draw_parts(sheet, figures, [*parts, below], of_change=of_change),
        None if any(p.bound for p in parts) else _native(figures, parts, of_change=of_change),
    )


def _native(figures: Figures, parts: list[_Part], *, of_change: bool) -> Native:
    year, key = figures.years[-1], "contributions-of-change" if of_change else "contributions-of"
    sizes = {text(key, year=year, before=year - 1): [part.size for part in parts]}
    labels = [part.label for part in parts]
    return native("bars", labels, sizes, figures.unit, signed=of_change)


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


def _changes(figures: Figures, changes: phrases.Changes) -> list[_Part]:
    order = sorted(figures.series, key=lambda one: -changes[one.code])
    return [_Part(one.label, changes[one.code]) for one in order]


def _parts(figures: Figures) -> list[_Part]:
    year = figures.years[-1]
    ranked = ((one, one.at(year)) for one in phrases.ranking(figures.series, year))
    return [_Part(one.label, point.exact, point.bound) for one, point in ranked if point]


def _below(figures: Figures, parts: list[_Part], *, of_change: bool) -> _Part:
    """Return what all parts come to; it is written below them."""
    label = text("contributions-change" if of_change else "contributions-total")
    bound = None if of_change else combined(part.bound for part in parts)
    return _Part(label, sum((part.size for part in parts), Fraction(0)), bound)


def _said(figures: Figures, parts: list[_Part], total: Point, *, of_change: bool) -> str:
    year = figures.years[-1]
    ranked = phrases.ranking(figures.series, year)
    if not ranked:
        return wording.no_value(figures)
    shown = _linked(total)
    if of_change:
        change = sum((part.size for part in parts), Fraction(0))
        key = "said-same" if change == 0 else "said-rise-one" if change > 0 else "said-fall-one"
        size = phrases.size(change, figures.unit_of_change)
        said = text(key, change=size, text=shown, year=wording.when(figures), before=year - 1)
        if (at := phrases.makes_most([part.size for part in parts], change)) is not None:
            most = parts[at]
            part = _signed(most.size, _amounts(parts, figures.unit)(abs(most.size)))
            said = text("said-mostly", said=said, top=most.label, part=part)
        return said
    called, when = phrases.noun(figures.dimension), wording.when(figures)
    if why := wording.unsure(figures, ranked, most=True):
        return text("said-total-unsure", year=when, total=shown, noun=called, why=why)
    top = phrases.tied(ranked, year)
    names = (phrases.within(figures.dimension, one.label) for one in top)
    key = "said-total" if len(top) == 1 else "said-total-tied"
    if len(ranked) == 1:
        key = "said-total-alone" if ranked[0].label else "said-total-only"
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
    return marked(phrases.with_unit(point.text, point.unit), point.id)


def _number_of(value: Fraction, unit: str) -> str:
    return money(value) if is_money(unit) else phrases.unrounded(value)


def _amounts(parts: Iterable[_Part], unit: str) -> Callable[[Fraction], str]:
    """Return how the sizes of parts are printed: money all in one unit."""
    if is_money(unit):
        return money_alike(part.size for part in parts)
    return phrases.unrounded


def _signed(size: Fraction, shown: str) -> str:
    return f"+{shown}" if size > 0 else f"−{shown}" if size < 0 else shown


def _draw_parts(
    sheet: layout.Sheet, figures: Figures, parts: list[_Part], *, of_change: bool
) -> None:
    """Draw the bars from 0; the last part is the sum, a number without a bar."""
    labels = [part.label for part in parts]
    amount = _amounts(parts, figures.unit)
    shown = [
        bounded(
            _signed(part.size, amount(abs(part.size))) if of_change else amount(part.size),
            part.bound,
        )
        for part in parts
    ]
    names = sheet.beside(labels, _NAMES)
    values = max(theme.text_width(one, bold=True) for one in shown) + 0.3
    sizes = [float(part.size) for part in parts[:-1]]
    low = min(0.0, *sizes)
    axes = sheet.axes(names=names, right=values, top=0.1)
    layout.bare(axes)
    axes.set_xticks([])
    high = max(0.0, *sizes) or float(low == 0)
    axes.set_xlim(low, high)
    if low:
        # the numbers of what went down stand left of their bars
        width = layout.inches_per_unit(axes)[0] * (high - low)
        axes.set_xlim(low - values * (high - low) / (width - values), high)
    step = layout.rows(axes, labels)
    layout.row_labels(axes, labels, names, step)
    colours = [theme.TEAL if size >= 0 else theme.PLUM for size in sizes]
    axes.barh(range(len(sizes)), sizes, height=layout.thickness(axes, step), color=colours)
    axes.plot([0, 0], [-0.5, len(sizes) - 0.5], color=theme.INK, linewidth=1)
    # on a phone the name of the sum stands above its row
    above = 0.5 + (0.15 / step if sheet.narrow else 0.0)
    axes.axhline(len(sizes) - above, color=theme.RULE, linewidth=1)
    per_x, _ = layout.inches_per_unit(axes)
    for row, (size, words) in enumerate(zip([*sizes, 0.0], shown, strict=True)):
        left = size < 0
        at = size + (-0.12 if left else 0.12) / per_x
        layout.write(axes, at, row, words, bold=True, ha="right" if left else "left")
