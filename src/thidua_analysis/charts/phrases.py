"""Names, numbers and changes as they are said within a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from thidua_analysis.charts.series import Figures, Point, Series
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.lineage.register import marked
from thidua_analysis.messages import singular, text
from thidua_analysis.vietnamese.display import (
    bounded,
    is_money,
    money,
    money_unit,
    number,
    rounded,
)
from thidua_analysis.vietnamese.quantities import Bound

_NOUNS = (
    "target",
    "level",
    "member",
    "bloc",
    "award",
    "method",
    "subject",
    "criterion",
    "launched_by",
)
#: Breakdowns whose labels are common nouns, written small within a sentence.
_COMMON = ("level", "method", "subject", "launched_by", "kind", "stage")
#: A change in points below this prints as 0,0.
_LEAST = Fraction(1, 20)
#: More names than these are counted in a sentence; all of them stand in the table.
MOST_NAMES = 6
Changes = Mapping[str, Fraction]


def measure(indicator: str) -> str:
    """Return the name of an indicator as it is printed."""
    entry = dictionary().get(indicator)
    return str(entry.label) if entry else indicator


def definition(indicator: str) -> str:
    """Return what an indicator means; nothing for one that the dictionary does not have."""
    entry = dictionary().get(indicator)
    return str(entry.definition) if entry else ""


def is_rank(unit: str) -> bool:
    """Whether figures of a unit are ranks, in whichever language it is named."""
    ranks = dictionary()["rank"].unit
    return unit in (ranks.vi, ranks.en)


def with_unit(shown: str, unit: str) -> str:
    """Return a printed value with its unit, unless the text holds it or it has none."""
    return shown if unit in ("%", "") or is_money(unit) else singular(f"{shown} {unit}")


def unit_of(figures: Figures) -> str:
    """Return the unit as values are printed: amounts of money that stand together have one."""
    return _printed_in(figures)[1] if is_money(figures.unit) else figures.unit


def _printed_in(figures: Figures) -> tuple[int, str]:
    known = (p.exact for one in figures.series for p in one.points if p.value is not None)
    return money_unit(known)


def name_of(figures: Figures) -> str:
    """Return the name of what is drawn: the measure with what the frame is limited to."""
    scope = dict(figures.scope)
    name = scope.pop("measure", None) or measure(figures.indicator)
    if "level" in scope:
        name = text("name-at-level", name=name, level=within("level", scope.pop("level")))
    return ", ".join([name, *scope.values()])


def name_of_one(figures: Figures) -> str:
    """Return the name of what is drawn where there is one series: with the label of the series."""
    label, name = figures.series[0].label, name_of(figures)
    if figures.dimension == "level":
        return text("name-at-level", name=name, level=within("level", label))
    return ", ".join(filter(None, [name, label]))


def within(dimension: str | None, label: str) -> str:
    """Return a label as it stands within a sentence: "cấp tỉnh", but "Hội LHPN"."""
    return label[:1].lower() + label[1:] if dimension in _COMMON else label


def noun(dimension: str | None, *, many: bool = True) -> str:
    """Return what the things of a breakdown are called within a sentence, many of them or one."""
    one, _, more = text(f"noun-{dimension}" if dimension in _NOUNS else "noun-other").partition("|")
    return (many and more) or one


def listed(names: Iterable[str], dimension: str | None = None, sign: str = ", ") -> str:
    """Return names within a sentence; of many the first ones and how many more there are."""
    names = list(dict.fromkeys(names))
    if len(names) <= MOST_NAMES + 1:
        return sign.join(names)
    more = text("names-more", n=len(names) - MOST_NAMES, noun=noun(dimension))
    return f"{sign.join(names[:MOST_NAMES])} {more}"


def size(change: Fraction, unit: str, bound: Bound | None = None) -> str:
    """Return a change without its sign: points for a share, else number and unit."""
    if unit == "%":
        if 0 < abs(change) < _LEAST:
            return text("chart-points-less", number=number(Fraction(1, 10), 1))
        printed = text("chart-points", number=number(abs(change), 1))
    elif is_money(unit):
        printed = money(abs(change))
    else:
        printed = with_unit(unrounded(abs(change)), unit)
    # a change of a bounded number is told only where its direction is sure: see `Series.change`
    return bounded(printed, "ge" if bound in ("ge", "le") else "gt") if bound else printed


def signed(change: Fraction, unit: str, bound: Bound | None = None) -> str:
    """Return a change with an arrow and its sign."""
    if change == 0:
        return text("chart-same")
    arrow = "▲ +" if change > 0 else "▼ −"
    if bound or (unit == "%" and abs(change) < _LEAST):
        arrow = arrow[:2]
    return arrow + size(change, unit, bound)


def signed_of(one: Series, year: int) -> str:
    """Return the change of a series on the year before, with its sign; a dash where it has none."""
    change, now = one.change(year), one.at(year)
    return (
        "–"
        if change is None or now is None
        else signed(change, now.unit_of_change, one.bound(year))
    )


def exact_changes(figures: Figures) -> str:
    """Return the note that a change is not what the printed values give; nothing where all are."""
    year, unit = figures.years[-1], figures.unit
    if not (unit == "%" or is_money(unit)):
        return ""
    size = 1 if unit == "%" else _printed_in(figures)[0]
    digits = int(size > 1 or unit == "%")
    for one in figures.series:
        now, before, change = one.at(year), one.at(year - 1), one.change(year)
        if now and before and change is not None:
            exact = now.exact, before.exact, change
            last, first, said = (rounded(Fraction(value) / size, digits) for value in exact)
            if last - first != said:
                return text("changes-exact")
    return ""


def why_no_change(one: Series, year: int) -> str:
    """Return why a series that has a value in a year has no change on the year before."""
    now, before = one.at(year), one.at(year - 1)
    if now is None or one.change(year) is not None:
        return ""
    if not now.comparable or before is None:
        return now.reason or text("why-no-year-before", year=year - 1)
    return text("why-bound" if now.unit == before.unit else "why-measured_in")


def ranking(series: Iterable[Series], year: int, *, compared: bool = False) -> list[Series]:
    """Return the series that have a value in the year, highest first.

    Where it is ``compared``, 6/6 targets met are more than 14/20: their share decides.
    """
    have = [(one, point) for one in series if (point := one.at(year))]
    return [one for one, point in sorted(have, key=lambda pair: -_value(pair[1], compared))]


def tied(order: Sequence[Series], year: int, *, compared: bool = False) -> list[Series]:
    """Return the first series of an order with all that are equal to it; see `ranking`."""
    values = [_value(point, compared) for one in order if (point := one.at(year))]
    return [one for one, value in zip(order, values, strict=True) if value == values[0]]


def _value(point: Point, compared: bool) -> Fraction:
    return point.compared if compared else point.exact


def parts(point: Point) -> str:
    """Return the parts of a share: "1.582/2.254"."""
    return f"{unrounded(point.numerator)}/{unrounded(point.denominator)}"


def makes_most(sizes: Sequence[Fraction], change: Fraction) -> int | None:
    """Return which of several parts makes more than half of a change, in its direction."""
    if not change or len(sizes) < 2:
        return None
    at = max(range(len(sizes)), key=lambda at: sizes[at] / change)
    return at if sizes[at] / change > Fraction(1, 2) else None


def early(days: int, figure: str = "") -> str:
    """Return by how many days something was early or late; the number is marked as the figure."""
    name = "targets-early" if days > 0 else "targets-late" if days < 0 else "targets-on-day"
    return text(name, days=marked(number(abs(days)), figure))


def unrounded(value: Any) -> str:
    """Return a part with the decimals that it has: scores may have halves."""
    exact = Fraction(value)
    places = next((n for n in range(2) if (exact * 10**n).denominator == 1), 2)
    return number(exact, places)


def sentence(part: str) -> str:
    """Return the part with a full stop."""
    return part if part.endswith((".", "…", "!", "?")) else part + "."
