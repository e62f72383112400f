"""A frame of figures read for drawing: series of points with their texts and labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any

import pandas as pd

from thidua_analysis.findings import UsageError
from thidua_analysis.indicators import functions
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.indicators.figure import of_difference
from thidua_analysis.indicators.selection import listed
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import (
    NO_VALUE,
    bounded,
    is_money,
    money,
    money_alike,
    number,
    unit_text,
)
from thidua_analysis.vietnamese.quantities import Bound, places

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset


#: Columns of the frame that are no breakdown.
MEASURES = frozenset(
    "indicator numerator denominator value text unit reporting expected missing uncovered bound "
    "comparable reason lineage".split()
)


@dataclass(frozen=True)
class Point:
    """One figure of a series.

    Parameters
    ----------
    year
        The year it is about.
    value
        For the place on the axis only; what is printed is ``text``.
    text, numerator, denominator, unit
        As in the frame of figures.
    reporting, expected
        Members with usable data and members expected.
    comparable, reason
        Whether it may be compared with the year before, and why not; why there is no value.
    missing, partial
        Ids of members without usable data, and of those with a part of it.
    bound
        Qualifier of the value.
    id
        What ``thidua trace`` finds it by.
    in_points
        Whether years are compared by the share, so that a change is one of points.
    """

    year: int
    value: float | None
    text: str
    numerator: Any = None
    denominator: Any = None
    unit: str = ""
    reporting: int = 0
    expected: int = 0
    comparable: bool = True
    reason: str = ""
    missing: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    bound: Bound | None = None
    id: str = ""
    in_points: bool = False

    @property
    def compared(self) -> Fraction:
        """The exact value that changes are taken from: of targets met, their share."""
        if self.in_points and self.denominator:
            return Fraction(self.numerator) * 100 / Fraction(self.denominator)
        return self.exact

    @property
    def unit_of_change(self) -> str:
        """Unit in which a change is told: of targets met, that of their share."""
        return "%" if self.in_points else self.unit

    @property
    def complete(self) -> bool:
        """Whether everything of all members expected is in it."""
        return self.reporting >= self.expected and not self.partial

    @property
    def height(self) -> float:
        """The value for the axis; 0 where there is none, which is never drawn."""
        return 0.0 if self.value is None else self.value

    @property
    def exact(self) -> Fraction:
        """The exact value; a share in percent."""
        if self.denominator is not None and self.unit == "%":
            return Fraction(self.numerator) * 100 / Fraction(self.denominator)
        return Fraction(str(self.numerator if self.numerator is not None else self.value))


@dataclass(frozen=True)
class Series:
    """The figures of one member, level, award … over the years."""

    code: str
    label: str
    points: tuple[Point, ...]

    def at(self, year: int) -> Point | None:
        """Return the point of a year if it has a value."""
        found = [p for p in self.points if p.year == year and p.value is not None]
        return found[0] if found else None

    def change(self, year: int) -> Fraction | None:
        """Return the exact change on the year before; None where it must not be computed.

        There is none either where bounds ("trên 2.000") leave open whether it rose or fell.
        """
        now, before = self.at(year), self.at(year - 1)
        if now is None or before is None or not now.comparable or now.unit != before.unit:
            return None
        change = now.compared - before.compared
        bound = self.bound(year)
        sure = not bound or bound in (("gt", "ge") if change > 0 else ("lt", "le"))
        return change if sure and (change or not bound) else None

    def bound(self, year: int) -> Bound | None:
        """Return the qualifier of the change on the year before."""
        now, before = self.at(year), self.at(year - 1)
        return of_difference(now.bound if now else None, before.bound if before else None)


@dataclass(frozen=True)
class Figures:
    """All series of one indicator.

    Parameters
    ----------
    indicator
        Id in the dictionary.
    dimension
        Name of the breakdown beside the year; None where there is one series.
    series
        In the order of the frame.
    years
        All years of the frame, rising.
    scope
        Label of each breakdown that has the same value in all rows.
    rows
        The frame itself.
    """

    indicator: str
    dimension: str | None
    series: tuple[Series, ...]
    years: tuple[int, ...]
    scope: dict[str, str]
    rows: pd.DataFrame

    def changes(self) -> dict[str, Fraction]:
        """Return the exact change of each series in the last year, where it may be computed."""
        found = {one.code: one.change(self.years[-1]) for one in self.series}
        return {code: change for code, change in found.items() if change is not None}

    @property
    def last(self) -> dict[str, Point]:
        """The point of each series in the last year, be it without a value."""
        year = self.years[-1]
        return {o.code: p for o in self.series for p in o.points if p.year == year}

    def refused(self) -> dict[str, str]:
        """Return the labels of series that have data in the last year but no value, and why."""
        return {
            one.label: point.reason
            for one in self.series
            if (point := self.last.get(one.code)) and point.value is None
            if point.reason and not point.missing
        }

    def absent(self) -> list[str]:
        """Return the labels of series of which no usable data came in the last year."""
        wanted = (self.last.get(one.code) for one in self.series)
        return [
            one.label
            for one, point in zip(self.series, wanted, strict=True)
            if point and point.value is None and point.missing
        ]

    @property
    def mixed(self) -> bool:
        """Whether the last values are in several units, so that they cannot be ranked or added."""
        return len({p.unit for p in self.last.values() if p.value is not None}) > 1

    @property
    def unit(self) -> str:
        """Unit as printed; several where the values have several."""
        known = self.rows[self.rows["value"].notna()]["unit"]
        units = known if len(known) else self.rows["unit"]
        return ", ".join(dict.fromkeys(unit_text(str(unit)) for unit in units))

    @property
    def is_share(self) -> bool:
        """Whether the values are percent."""
        return self.unit == "%"

    @property
    def unit_of_change(self) -> str:
        """Unit in which changes are told: of targets met, that of their share."""
        return "%" if _in_points(self.indicator) else self.unit


def year_of(told: Any) -> int:
    """Return the year that a frame of one's own names: a number, its text or a day."""
    year = getattr(told, "year", told)
    if not re.fullmatch(r"\d{1,4}(\.0)?", str(year)):
        raise UsageError("chart-year", value=str(told))
    return int(float(year))


def printed(value: float, unit: str) -> str:
    """Return a number with at most two decimals as charts print it with its unit."""
    if pd.isna(value):
        return NO_VALUE
    exact = Decimal(str(value))
    if is_money(unit):
        return money(exact)
    return number(exact, 1) + "%" if unit == "%" else number(exact, min(places(exact), 2))


def read(frame: pd.DataFrame) -> Figures:
    """Read a frame of figures with at most one breakdown beside the year.

    Raises
    ------
    UsageError
        If the frame is empty, has more than one breakdown that varies, or two rows of one figure.
    """
    if frame.empty:
        raise UsageError("chart-empty")
    breakdowns, scope = _breakdowns(frame)
    if len(breakdowns) > 1:
        raise UsageError("chart-breakdowns", names=", ".join(breakdowns))
    dimension = breakdowns[0] if breakdowns else None
    groups: dict[str, list[Point]] = {}
    for row in records(frame):
        groups.setdefault(str(row[dimension]) if dimension else "", []).append(point_of(row))
    shown = _money_alike(point for points in groups.values() for point in points)
    series = tuple(
        Series(
            code,
            label(frame, dimension, code),
            tuple(sorted(map(shown, points), key=lambda p: p.year)),
        )
        for code, points in groups.items()
    )
    for one in series:
        if twice := [b.year for a, b in pairwise(one.points) if a.year == b.year]:
            which = ", ".join(filter(None, [one.label, str(twice[0] or "")]))
            raise UsageError("chart-repeated", which=which or "value")
    years = tuple(sorted({point.year for one in series for point in one.points}))
    return Figures(str(frame["indicator"].iloc[0]), dimension, series, years, scope, frame)


def _money_alike(points: Iterable[Point]) -> Callable[[Point], Point]:
    """Return how to print points of money: all amounts of a frame in one unit."""
    amounts = [p.numerator for p in points if is_money(p.unit) and p.value is not None]
    shown = money_alike(amounts)

    def alike(point: Point) -> Point:
        if not is_money(point.unit) or point.value is None or len(amounts) < 2:
            return point
        return replace(point, text=bounded(shown(point.numerator), point.bound))

    return alike


def _breakdowns(frame: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    """Return the breakdowns, and the labels of those that are the same in all rows.

    A lonely breakdown stays one.
    """
    names = [str(name) for name in frame.columns if name not in MEASURES | {"year"}]
    constant = [name for name in names if frame[name].nunique(dropna=False) == 1]
    if len(names) == 1:
        constant = []
    scope = {name: label(frame, name, str(frame[name].iloc[0])) for name in constant}
    return [name for name in names if name not in constant], scope


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame; of two columns of one name the last one counts."""
    unique = frame.loc[:, ~frame.columns.duplicated(keep="last")]
    year = frame.attrs.get("scope", {}).get("year")
    usual = {"year": int(year)} if isinstance(year, Integral) else {}
    rows = [{**usual, **row} for row in listed(unique)]
    return [{str(name): value for name, value in row.items()} for row in rows]


def point_of(row: dict[str, Any]) -> Point:
    """Return a row of a frame as a point."""
    value, missing = row["value"], row.get("missing")
    return Point(
        year=int(row.get("year", 0)),
        value=None if value is None else float(value),
        text=str(row["text"]),
        numerator=row.get("numerator"),
        denominator=row.get("denominator"),
        unit=unit_text(str(row["unit"])),
        reporting=int(row.get("reporting", 0)),
        expected=int(row.get("expected", 0)),
        comparable=bool(row.get("comparable", True)),
        reason=str(row.get("reason") or ""),
        missing=() if missing is None or isinstance(missing, str) else tuple(missing),
        partial=tuple(getattr(row.get("lineage"), "partial", ())),
        bound=row.get("bound") or None,
        id=str(row.get("id", "")),
        in_points=_in_points(str(row.get("indicator", ""))),
    )


def _in_points(indicator: str) -> bool:
    known = dictionary().get(indicator)
    return known is not None and known.in_points


def dataset_of(frame: pd.DataFrame) -> Dataset | None:
    """Return the data behind a frame of figures; None where it was made without any."""
    found = frame.get("lineage", ())
    return next((one.ds for one in found if getattr(one, "ds", None)), None)


def whole(frame: pd.DataFrame, *dimensions: str) -> list[dict[str, Any]]:
    """Return the rows of the figures that a frame breaks down by these dimensions.

    Nothing where the frame was made without data.
    """
    ds, about = dataset_of(frame), frame.attrs
    if ds is None or not {"by", "scope", "indicator"} <= set(about):
        return []
    by = tuple(name for name in about["by"] if name not in dimensions)
    scope = {name: value for name, value in about["scope"].items() if name not in dimensions}
    return records(functions()[about["indicator"]](ds, by=by, **scope))


def label(frame: pd.DataFrame, dimension: str | None, code: str) -> str:
    """Return the printed name of a member, level …: from the frame's names, else the catalogue."""
    if dimension is None:
        return ""
    names: dict[str, str] = frame.attrs.get("names", {}).get(dimension, {})
    if code in names:
        return names[code]
    try:
        return text(f"name-{dimension}-{code}")
    except KeyError:
        return code
