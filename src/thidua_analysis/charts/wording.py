"""Words for figures within a sentence: names, changes, what rose or fell, who is highest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from thidua_analysis.charts.figures import Figures, Point, Series
from thidua_analysis.charts.measure import measure
from thidua_analysis.links import marked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import money, number

_NOUNS = ("level", "member", "award", "method", "subject", "criterion", "launched_by")
#: Breakdowns whose labels are common nouns, written small within a sentence.
_COMMON = ("level", "method", "subject", "launched_by", "kind", "stage")
#: A change in points below this prints as 0,0.
_LEAST = Fraction(1, 20)
Changes = Mapping[str, Fraction]


def name_of(figures: Figures) -> str:
    """Return the name of what is drawn: the measure with what the frame is limited to."""
    scope = dict(figures.scope)
    name = scope.pop("measure", None) or measure(figures.indicator)
    if "level" in scope:
        name = f"{name} {within('level', scope.pop('level'))}"
    return ", ".join([name, *scope.values()])


def name_of_one(figures: Figures) -> str:
    """Return the name of what is drawn where there is one series: with the label of the series."""
    label, name = figures.series[0].label, name_of(figures)
    if figures.dimension == "level":
        return f"{name} {within('level', label)}"
    return ", ".join(filter(None, [name, label]))


def within(dimension: str | None, label: str) -> str:
    """Return a label as it stands within a sentence: "cấp tỉnh", but "Hội LHPN"."""
    return label[:1].lower() + label[1:] if dimension in _COMMON else label


def noun(dimension: str | None) -> str:
    """Return what the things of a breakdown are called, in the plural of the sentence."""
    return text(f"noun-{dimension}" if dimension in _NOUNS else "noun-other")


def size(change: Fraction, figures: Figures) -> str:
    """Return a change without its sign: points for a share, else number and unit."""
    if figures.in_points:
        if 0 < abs(change) < _LEAST:
            return text("chart-points-less", number=number(Fraction(1, 10), 1))
        return text("chart-points", number=number(abs(change), 1))
    if figures.unit == "đồng":
        return money(abs(change))
    return f"{number(abs(change), 0)} {figures.unit}"


def signed(change: Fraction, figures: Figures) -> str:
    """Return a change with an arrow and its sign."""
    if change == 0:
        return text("chart-same")
    arrow = "▲ +" if change > 0 else "▼ −"
    if figures.in_points and abs(change) < _LEAST:
        arrow = arrow[:2]
    return arrow + size(change, figures)


def trend(figures: Figures, changes: Changes) -> str:
    """Return what happened in the last year: in how many groups the measure rose or fell.

    Series of which no comparison is permitted are not in ``changes``.
    """
    if not changes:
        return standing(figures)
    year = figures.years[-1]
    ups = sum(change > 0 for change in changes.values())
    downs = sum(change < 0 for change in changes.values())
    if ups == downs == 0:
        return text("said-same", year=year, before=year - 1)
    if len(figures.series) == 1:
        key = "said-rise-one" if ups else "said-fall-one"
        change = size(next(iter(changes.values())), figures)
        return text(key, change=change, text=_with_unit(figures, figures.series[0]), year=year)
    count = len(figures.series)
    if ups and downs:
        key = "said-mixed"
    elif ups:
        key = "said-rise-all" if ups == count else "said-rise-some"
    else:
        key = "said-fall-all" if downs == count else "said-fall-some"
    return text(key, ups=ups, downs=downs, n=count, noun=noun(figures.dimension))


def standing(figures: Figures) -> str:
    """Return how it stands in the last year: the value, or who is highest."""
    year = figures.years[-1]
    ranked = ranking(figures.series, year)
    if not ranked:
        return text("said-none")
    top = ranked[0]
    if len(figures.series) == 1:
        return text("said-value", year=year, text=_with_unit(figures, top))
    key = "said-top" if figures.is_share else "said-most"
    label = within(figures.dimension, top.label)
    return text(key, year=year, top=label, text=_with_unit(figures, top))


def ranking(series: Iterable[Series], year: int) -> list[Series]:
    """Return the series that have a value in the year, highest first."""
    have = [(one, point) for one in series if (point := one.at(year))]
    return [one for one, point in sorted(have, key=lambda pair: -pair[1].exact)]


def _text(one: Series, year: int) -> str:
    """Return the value of a year, marked as a figure; see `thidua_analysis.links`."""
    point = one.at(year)
    return marked(point.text, point.id) if point else "–"


def parts(point: Point) -> str:
    """Return the parts of a share: "1.582/2.254"."""
    return f"{_unrounded(point.numerator)}/{_unrounded(point.denominator)}"


def _unrounded(value: Any) -> str:
    """Return a part with the decimals that it has: scores may have halves."""
    exact = Fraction(value)
    places = next((n for n in range(2) if (exact * 10**n).denominator == 1), 2)
    return number(exact, places)


def _with_unit(figures: Figures, one: Series) -> str:
    """Return the last value with its unit where the text does not hold it."""
    shown = _text(one, figures.years[-1])
    return shown if figures.unit in ("%", "đồng", "hạng", "") else f"{shown} {figures.unit}"


def breaks(figures: Figures) -> list[str]:
    """Return one sentence for each year that must not be compared with the one before."""
    found = {
        point.year: point.reason
        for one in figures.series
        for point in one.points
        if not point.comparable and point.reason and point.year > figures.years[0]
    }
    return [text("chart-note-break", year=year, reason=why) for year, why in sorted(found.items())]


def sentence(part: str) -> str:
    """Return the part with a full stop."""
    return part if part.endswith((".", "…", "!", "?")) else part + "."


def details(figures: Figures, changes: Changes, *, extremes: bool = True) -> list[str]:
    """Return sentences on the extremes, the largest changes and the breaks."""
    told, year = [], figures.years[-1]
    if len(figures.series) > 1:
        if extremes and (ranked := ranking(figures.series, year)):
            told.append(_extremes(figures, ranked, year))
        told += _largest(figures, changes)
    return [*told, *(sentence(part) for part in breaks(figures))]


def _extremes(figures: Figures, ranked: list[Series], year: int) -> str:
    top, low = ranked[0], ranked[-1]
    return text(
        "alt-extremes",
        year=year,
        top=within(figures.dimension, top.label),
        top_text=_text(top, year),
        low=within(figures.dimension, low.label),
        low_text=_text(low, year),
    )


def _largest(figures: Figures, changes: Changes) -> list[str]:
    if not changes:
        return []
    names = {one.code: within(figures.dimension, one.label) for one in figures.series}
    best = max(changes, key=lambda code: changes[code])
    worst = min(changes, key=lambda code: changes[code])
    said = []
    if changes[best] > 0:
        said.append(text("alt-most", who=names[best], change=size(changes[best], figures)))
    if changes[worst] < 0:
        said.append(text("alt-least", who=names[worst], change=size(changes[worst], figures)))
    return said
