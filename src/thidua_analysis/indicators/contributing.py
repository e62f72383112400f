"""What a change of the bloc is made of: the part of each member, level …, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators import names
from thidua_analysis.indicators.changing import signed
from thidua_analysis.indicators.dictionary import entry, functions
from thidua_analysis.indicators.rows import listed
from thidua_analysis.messages import text
from thidua_analysis.vietnamese import display

Row = Mapping[str, Any]


def contributions(ds: Dataset, indicator: str, group: str, year: int, **scope: Any) -> pd.DataFrame:
    """Split the change of a total into what each member, level … contributes, exactly.

    The change of a share is split into ``mix`` (the group has become a larger or smaller part
    of the whole, weighed by how far its share is from the average) and ``rate`` (its own share
    has changed); that of a count is the change of each group. The parts add up to the change.

    Parameters
    ----------
    ds
        The dataset.
    indicator
        Id of an indicator whose parts can be added.
    group
        Column to split by, such as ``member`` or ``level``.
    year
        The later year.
    **scope
        As for the indicator.

    Returns
    -------
    pandas.DataFrame
        One row a group: ``group`` (code), ``label``, ``mix``, ``rate``, ``total`` (exact
        `Fraction`, percentage points of a share), ``text``. ``attrs`` hold ``total``,
        ``before``, ``now``, and ``reason`` where the change may not be computed: then there
        are no rows.

    Raises
    ------
    UsageError
        If the indicator is a list, whose figures are never added.
    """
    about = entry(indicator)
    if about.aggregation != "add":
        raise UsageError("not-additive", name=indicator)
    function = functions()[indicator]
    whole = function(ds, by=("year",), **scope)
    parts = function(ds, by=("year", group), **scope)
    totals = {row["year"]: row for row in listed(whole)}
    now, before = totals.get(year), totals.get(year - 1)
    rows: list[dict[str, Any]] = []
    reason = None if now is None else now["reason"]
    if now is not None and before is not None and now["comparable"]:
        rows = list(_split(ds, parts, group, year, share=now["denominator"] is not None))
    elif reason is None:
        reason = text("why-no-year-before", ds.lang, year=year - 1)
    columns = ["group", "label", "mix", "rate", "total", "text"]
    made = pd.DataFrame(rows, columns=columns, dtype=object)
    made.attrs = {
        "indicator": indicator,
        "group": group,
        "year": year,
        "total": sum((row["total"] for row in rows), Fraction(0)),
        "before": before["text"] if before else display.NO_VALUE,
        "now": now["text"] if now else display.NO_VALUE,
        "reason": reason,
    }
    return made


def _split(
    ds: Dataset, parts: pd.DataFrame, group: str, year: int, *, share: bool
) -> Iterator[dict[str, Any]]:
    rows = listed(parts)
    sides: list[dict[Any, Row]] = [
        {row[group]: row for row in rows if row["year"] == y and row["value"] is not None}
        for y in (year - 1, year)
    ]
    codes = dict.fromkeys(row[group] for row in rows if row["year"] in (year - 1, year))
    averages = _shares(sides)
    for code in codes:
        old, new = (side.get(code) for side in sides)
        mix, rate = Fraction(0), Fraction(0)
        if share:
            mix, rate = _mix_and_rate(old, new, sides, averages)
        else:
            rate = _part(new, "numerator") - _part(old, "numerator")
        about = entry(str(parts.attrs["indicator"]))
        total = mix + rate
        yield {
            "group": code,
            "label": names.label(ds, group, code),
            "mix": mix if share else None,
            "rate": rate if share else None,
            "total": total,
            "text": display.points(total, about.point_decimals, ds.lang)
            if share
            else signed(total, about.kind, about.decimals, ds.lang),
        }


def _mix_and_rate(
    old: Row | None, new: Row | None, sides: list[dict[Any, Row]], averages: list[Fraction]
) -> tuple[Fraction, Fraction]:
    """Parts of the change of a share that a group makes.

    With weights w and shares s, w₁s₁ − w₀s₀ is half of (w₁−w₀)(s₀+s₁) + (s₁−s₀)(w₀+w₁); the
    average share is taken off the mix, which changes no sum, since the weights add to one in
    both years. A group that stands in one year only has no rate of its own.
    """
    weights = [
        _part(row, "denominator") / sum(_part(r, "denominator") for r in side.values())
        for row, side in zip((old, new), sides, strict=True)
    ]
    known = [_share(row) for row in (old, new) if row is not None and row["denominator"]]
    first, last = (known[0], known[-1]) if known else (Fraction(0), Fraction(0))
    average = sum(averages, Fraction(0)) / 2
    mix = (weights[1] - weights[0]) * ((first + last) / 2 - average)
    rate = (last - first) * (weights[0] + weights[1]) / 2
    return mix, rate


def _shares(sides: list[dict[Any, Row]]) -> list[Fraction]:
    return [
        sum((_part(row, "numerator") for row in side.values()), Fraction(0))
        * 100
        / max(sum((_part(row, "denominator") for row in side.values()), Fraction(0)), Fraction(1))
        for side in sides
    ]


def _share(row: Row) -> Fraction:
    return _part(row, "numerator") * 100 / _part(row, "denominator")


def _part(row: Row | None, name: str) -> Fraction:
    return Fraction(row[name] or 0) if row is not None else Fraction(0)
