"""How figures change: year on year, over many years, and what a change is made of, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from statistics import median
from typing import Any, cast

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators.dictionary import Indicator, entry, functions
from thidua_analysis.indicators.figure import exact_share, framed
from thidua_analysis.indicators.selection import label, listed
from thidua_analysis.messages import text
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import NO_VALUE, Lang

CHANGES = (
    *("before", "now", "change", "change_text", "percent", "percent_text"),
    *("comparable", "reason", "basis"),
)
Row = Mapping[str, Any]


def changes(frame: pd.DataFrame, *, printed: bool = False) -> pd.DataFrame:
    """Return the change of every figure on the year before.

    Parameters
    ----------
    frame
        Frame of figures broken down by year.
    printed
        Take the difference of percentages from the rounded shares, as some sources do, instead
        of the exact ones; ``basis`` says which.

    Returns
    -------
    pandas.DataFrame
        ``indicator``, the breakdowns of the frame, ``before`` and ``now`` (as printed),
        ``change`` (percentage points of a share, else in the unit; ranks gained),
        ``change_text`` (from the exact change), ``percent`` (of counts and money),
        ``percent_text``,
        ``comparable``, ``reason``, ``basis`` (``exact`` or ``printed``). Where the figures may
        not be compared, there is no change and ``reason`` says why. The first year has no row.

    Raises
    ------
    UsageError
        If the frame has no years.
    """
    by, lang = _by_year(frame)
    rows = listed(frame)
    known = {tuple(row[name] for name in by): row for row in rows}
    first = min((row["year"] for row in rows), default=0)
    found = []
    for row in rows:
        if row["year"] > first:
            before = known.get(tuple(row[c] - 1 if c == "year" else row[c] for c in by))
            own = {"indicator": row["indicator"], **{name: row[name] for name in by}}
            found.append({**own, **_change(row, before, printed, lang)})
    return framed(found, ["indicator", *by, *CHANGES], frame.attrs)


def growth(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the compound yearly growth of counts and amounts over the years of a frame.

    There is none where a year lacks a value, may not be compared with the one before, or is not
    positive; ``reason`` says why.

    Parameters
    ----------
    frame
        Frame of figures broken down by year.

    Returns
    -------
    pandas.DataFrame
        ``indicator``, the breakdowns but the year, ``first``, ``last`` (years), ``percent``
        (a year), ``text``, ``reason``.
    """
    by, lang = _by_year(frame)
    others = [name for name in by if name != "year"]
    found = []
    for group, rows in _grouped(frame, others):
        rows = sorted(rows, key=lambda row: int(row["year"]))
        rate, reason = _compound(rows, lang)
        found.append(
            {
                **group,
                "first": rows[0]["year"],
                "last": rows[-1]["year"],
                "percent": rate,
                "text": NO_VALUE if rate is None else _signed_percent(rate, lang),
                "reason": reason,
            }
        )
    columns = ["indicator", *others, "first", "last", "percent", "text", "reason"]
    return framed(found, columns)


def spread(frame: pd.DataFrame, by: Sequence[str] = ("year",)) -> pd.DataFrame:
    """Return least, median and greatest of figures that are never added, such as days early.

    Parameters
    ----------
    frame
        Frame of figures, one row each.
    by
        Breakdowns of the frame to keep.

    Returns
    -------
    pandas.DataFrame
        ``indicator``, the breakdowns, ``count`` (figures with a value), ``least``, ``median``,
        ``greatest``, ``text`` (``−20 … 56 … 265 ngày``), ``without`` (figures
        without a value).
    """
    made, lang = [], _lang(frame)
    for group, rows in _grouped(frame, by):
        found = sorted(value for row in rows if (value := exact(row)) is not None)
        three = (found[0], median(found), found[-1]) if found else (None, None, None)
        printed = NO_VALUE
        if found:
            decimals, unit = entry(rows[0]["indicator"]).decimals, rows[0]["unit"]
            shown = (display.number(value, decimals, lang) for value in three)
            printed = " … ".join(shown) + ("%" if unit == "%" else f" {unit}")
        made.append(
            {
                **group,
                "count": len(found),
                **dict(zip(("least", "median", "greatest"), three, strict=True)),
                "text": printed,
                "without": len(rows) - len(found),
            }
        )
    columns = ["indicator", *by, "count", "least", "median", "greatest", "text", "without"]
    return framed(made, columns)


def _grouped(frame: pd.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict[str, Any], list[Row]]]:
    """Yield indicator and breakdowns of each group of figures, and the figures."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in listed(frame):
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    for group, rows in groups.items():
        yield {"indicator": rows[0]["indicator"], **dict(zip(by, group, strict=True))}, rows


def exact(row: Row) -> Fraction | None:
    """Return the exact value by which a figure is compared: of a share from its parts."""
    if row["value"] is None:
        return None
    about = entry(row["indicator"])
    if row["denominator"] is not None and about.in_points:
        return exact_share(row["numerator"], row["denominator"])
    return Fraction(row["value"])


def _change(now: Row, before: Row | None, printed: bool, lang: Lang) -> dict[str, Any]:
    about = entry(now["indicator"])
    rounded = printed and about.in_points
    made: dict[str, Any] = {
        "before": before["text"] if before else NO_VALUE,
        "now": now["text"],
        "change": None,
        "change_text": NO_VALUE,
        "percent": None,
        "percent_text": NO_VALUE,
        "comparable": now["comparable"],
        "reason": now["reason"],
        "basis": "printed" if rounded else "exact",
    }
    value, old = exact(now), exact(before) if before else None
    if not now["comparable"] or value is None or old is None:
        return made
    if rounded:
        value, old = (Fraction(display.rounded(v, about.point_decimals)) for v in (value, old))
    made["change"] = old - value if about.kind == "rank" else value - old
    made["change_text"] = _signed(about, made["change"], lang)
    if old and _has_percent(about, old):
        made["percent"] = made["change"] * 100 / old
        made["percent_text"] = _signed_percent(made["percent"], lang)
    return made


def _has_percent(about: Indicator, base: Fraction) -> bool:
    """Whether a change may be said in percent: of money, and of a count that is not too small."""
    return about.kind == "amount" or (about.kind == "count" and base >= about.counts_below)


def _signed(about: Indicator, change: Fraction, lang: Lang) -> str:
    """Return a change with its sign: in points, money in its greatest unit, or a number."""
    if about.in_points:
        return display.points(change, about.point_decimals, lang)
    shown = display.money if about.kind == "amount" else display.number
    return ("+" if change > 0 else "") + shown(change, about.decimals, lang)


def _signed_percent(percent: Fraction | Decimal, lang: Lang) -> str:
    return f"{'+' if percent > 0 else ''}{display.number(percent, 1, lang)}%"


def _compound(rows: list[Row], lang: Lang) -> tuple[Decimal | None, str | None]:
    about = entry(rows[0]["indicator"])
    if about.kind not in ("count", "amount"):
        return None, text("why-no-growth", lang)
    for row, before in zip(rows[1:], rows, strict=False):
        if row["year"] != before["year"] + 1:
            return None, text("why-no-year-before", lang, year=row["year"] - 1)
        if not row["comparable"]:
            return None, row["reason"]
    if len(rows) < 2 or any(row["value"] is None or row["value"] <= 0 for row in rows):
        return None, text("why-no-growth", lang)
    if not _has_percent(about, Fraction(rows[0]["value"])):
        return None, text("why-few", lang, least=about.counts_below)
    ratio = Fraction(rows[-1]["value"]) / Fraction(rows[0]["value"])
    with localcontext() as context:
        context.prec = 28
        quotient = Decimal(ratio.numerator) / Decimal(ratio.denominator)
        return (quotient ** (Decimal(1) / (len(rows) - 1)) - 1) * 100, None


def _by_year(frame: pd.DataFrame) -> tuple[list[str], Lang]:
    lang, by = _lang(frame), list(frame.attrs.get("by", []))
    if "year" not in by:
        raise UsageError("needs-years", indicator=str(frame.attrs.get("indicator", "")))
    return by, lang


def _lang(frame: pd.DataFrame) -> Lang:
    if "lang" not in getattr(frame, "attrs", ()):
        raise UsageError("needs-figures", kind=type(frame).__name__)
    return cast("Lang", frame.attrs["lang"])


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
        One row a group: ``group`` (code), ``label``, ``mix``, ``rate``, ``total``
        (percentage points of a share), ``text``. ``attrs`` hold ``total``,
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
    told = {
        "indicator": indicator,
        "group": group,
        "year": year,
        "total": float(sum(row["total"] for row in rows)),
        "before": before["text"] if before else NO_VALUE,
        "now": now["text"] if now else NO_VALUE,
        "reason": reason,
    }
    return framed(rows, columns, told)


def _split(
    ds: Dataset, parts: pd.DataFrame, group: str, year: int, *, share: bool
) -> Iterator[dict[str, Any]]:
    about = entry(str(parts.attrs["indicator"]))
    rows = listed(parts)
    sides: list[dict[Any, Row]] = [
        {row[group]: row for row in rows if row["year"] == y and row["value"] is not None}
        for y in (year - 1, year)
    ]
    for code in dict.fromkeys(row[group] for row in rows if row["year"] in (year - 1, year)):
        old, new = (side.get(code) for side in sides)
        mix, rate = None, None
        if share:
            mix, rate = _mix_and_rate(old, new, sides)
            total = mix + rate
        else:
            total = _part(new, "numerator") - _part(old, "numerator")
        yield {
            "group": code,
            "label": label(ds, group, code),
            "mix": mix,
            "rate": rate,
            "total": total,
            "text": _signed(about, total, ds.lang),
        }


def _mix_and_rate(
    old: Row | None, new: Row | None, sides: list[dict[Any, Row]]
) -> tuple[Fraction, Fraction]:
    """Parts of the change of a share that a group makes.

    With weights w and shares s, w₁s₁ − w₀s₀ is half of (w₁−w₀)(s₀+s₁) + (s₁−s₀)(w₀+w₁); the
    average share is taken off the mix, which changes no sum, since the weights add to one in
    both years. A group that stands in one year only has no rate of its own.
    """
    uppers, lowers = (
        [sum((_part(row, name) for row in side.values()), Fraction(0)) for side in sides]
        for name in ("numerator", "denominator")
    )
    weights = [
        _part(row, "denominator") / (lower or Fraction(1))
        for row, lower in zip((old, new), lowers, strict=True)
    ]
    averages = [exact_share(u, n or Fraction(1)) for u, n in zip(uppers, lowers, strict=True)]
    known = [
        exact_share(row["numerator"] or 0, row["denominator"])
        for row in (old, new)
        if row is not None and row["denominator"]
    ] or [Fraction(0)]
    first, last = known[0], known[-1]
    mix = (weights[1] - weights[0]) * ((first + last) / 2 - sum(averages, Fraction(0)) / 2)
    rate = (last - first) * (weights[0] + weights[1]) / 2
    return mix, rate


def _part(row: Row | None, name: str) -> Fraction:
    return Fraction(row[name] or 0) if row is not None else Fraction(0)
