"""What figures say in a sentence: what rose or fell, who is highest, who is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from thidua_analysis.charts.phrases import (
    Changes,
    is_rank,
    listed,
    noun,
    ranking,
    sentence,
    size,
    tied,
    why_no_change,
    with_unit,
    within,
)
from thidua_analysis.charts.series import Figures, Point, Series, dataset_of
from thidua_analysis.indicators.engine import uncovered
from thidua_analysis.lineage.register import marked
from thidua_analysis.messages import text

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset


def trend(figures: Figures, changes: Changes) -> str:
    """Return what happened in the last year: in how many groups the measure rose or fell.

    Series of which no comparison is permitted are not in ``changes`` and are not counted.
    """
    if not changes:
        return standing(figures)
    year, count = figures.years[-1], len(changes)
    if len(figures.series) == 1:
        return _trend_of_one(figures, next(iter(changes.values())))
    ups = sum(change > 0 for change in changes.values())
    downs = sum(change < 0 for change in changes.values())
    called = noun(figures.dimension)
    if count < len(figures.series):
        called = text("noun-comparable", noun=called)
    if ups and downs:
        key = "said-mixed"
    elif ups:
        key = "said-rise-all" if ups == count > 1 else "said-rise-some"
    elif downs:
        key = "said-fall-all" if downs == count > 1 else "said-fall-some"
    else:
        key = "said-same-all"
    said = text(key, ups=ups, downs=downs, n=count, noun=called, year=year, before=year - 1)
    words = near(figures)
    return text("said-now-near", said=said, **words) if words else said


#: Shares that lie within so many points, and other values within so many percent, are called near.
NEAR = 1


def near(figures: Figures) -> dict[str, str]:
    """Return the least and the largest of the last values, where they are nearly the same.

    Nothing where they differ more, are not all known, or are exactly the same.
    """
    ranked = ranking(figures.series, figures.years[-1], compared=True)
    if not 1 < len(ranked) == len(figures.series) or lacking(figures):
        return {}
    if unsure(figures, ranked, most=True) or unsure(figures, ranked, most=False):
        return {}
    high, low = (one.at(figures.years[-1]) for one in (ranked[0], ranked[-1]))
    if high is None or low is None or {high.unit, low.unit} != {high.unit_of_change}:
        return {}
    apart = high.exact - low.exact
    if not figures.is_share:
        apart = apart * 100 / high.exact if high.exact > 0 else Fraction(NEAR)
    if not 0 < apart < NEAR:
        return {}
    return {"low": marked(low.text, low.id), "high": marked(high.text, high.id)}


def _trend_of_one(figures: Figures, change: Fraction) -> str:
    one, year = figures.series[0], figures.years[-1]
    if not change:
        return text("said-same", year=when(figures), before=year - 1)
    key = "said-rise-one" if change > 0 else "said-fall-one"
    by = size(change, one.points[-1].unit_of_change, one.bound(year))
    return text(key, change=by, text=_with_unit(one, year), year=when(figures))


def standing(figures: Figures) -> str:
    """Return how it stands in the last year: the value, or who is highest.

    Where a value was refused, or its bound leaves it open, nobody is called the highest.
    """
    year = figures.years[-1]
    ranked = ranking(figures.series, year, compared=True)
    if not ranked:
        return no_value(figures)
    if len(figures.series) == 1:
        return text("said-value", year=when(figures), text=_with_unit(ranked[0], year))
    is_share = figures.unit_of_change == "%"
    if why := unsure(figures, ranked, most=True):
        key = "said-top-unsure" if is_share else "said-most-unsure"
        return text(key, year=year, noun=noun(figures.dimension), why=why)
    if ends := near(figures):
        n, called = len(ranked), noun(figures.dimension)
        return text("said-near", year=when(figures), n=n, noun=called, **ends)
    top = tied(ranked, year, compared=True)
    key = "said-top" if is_share else "said-most"
    if len(top) > 1:
        key = "said-level" if len(top) == len(figures.series) else f"{key}-tied"
    names = listed((within(figures.dimension, one.label) for one in top), figures.dimension)
    words: dict[str, Any] = {"n": len(top), "noun": noun(figures.dimension)}
    return text(key, year=when(figures), top=names, text=_texts(top, year, _with_unit), **words)


def when(figures: Figures) -> str:
    """Return the last year, with how much of it there is where it is not all."""
    year = figures.years[-1]
    lack = lacking(figures)
    return text("said-so-far", year=year, lack=lack) if lack else str(year)


def no_value(figures: Figures) -> str:
    """Return why there is no value in the last year."""
    year = figures.years[-1]
    reasons = dict.fromkeys(figures.refused().values())
    if reasons:
        return text("said-refused", year=year, reason="; ".join(reasons))
    known = any(p.value is not None for one in figures.series for p in one.points)
    return text("said-no-value" if known else "said-none", year=year)


def unsure(figures: Figures, ranked: Sequence[Series], *, most: bool) -> str:
    """Return why it cannot be said who is first (or last); nothing where it can."""
    if figures.mixed:
        return text("unsure-units", units=figures.unit)
    if refused := figures.refused():
        reasons = "; ".join(dict.fromkeys(refused.values()))
        names = listed((within(figures.dimension, n) for n in refused), figures.dimension)
        return text("unsure-refused", who=names, reason=reasons)
    year = figures.years[-1]
    order = list(ranked) if most else list(reversed(ranked))
    first = tied(order, year, compared=True)
    beyond, short = (("gt", "ge"), ("lt", "le")) if most else (("lt", "le"), ("gt", "ge"))
    own = {p.bound for one in first if (p := one.at(year))} - {None}
    others = {p.bound for one in order[len(first) :] if (p := one.at(year))} - {None}
    sure = not own if len(first) > 1 else own <= set(beyond)
    return "" if sure and others <= set(short) else text("unsure-bound")


def _text(one: Series, year: int) -> str:
    """Return the value of a year, marked as a figure; see `thidua_analysis.lineage.register`."""
    point = one.at(year)
    return marked(point.text, point.id) if point else "–"


def _texts(group: Iterable[Series], year: int, said: Callable[[Series, int], str] = _text) -> str:
    """Return what equal series have: "50,0%; 3/6" where the base of one is small."""
    found: dict[str, str] = {}
    for one in group:
        point = one.at(year)
        found.setdefault(point.text if point else "", said(one, year))
    return "; ".join(found.values())


def _with_unit(one: Series, year: int) -> str:
    """Return a value with its unit where the text does not hold it."""
    shown, point = _text(one, year), one.at(year)
    unit = point.unit if point else ""
    return shown if is_rank(unit) else with_unit(shown, unit)


def coverage(points: Iterable[Point], dimension: str | None = None) -> str:
    """Return how many members reported: "6/6 đơn vị", marked where it is not all.

    It is that of the least covered group; of blocs, which have members of their own, that of all.
    """
    points = [p for p in points if p.expected]
    if not points:
        return ""
    counts = [(p.reporting, p.expected) for p in points]
    if dimension == "bloc":
        years = dict.fromkeys(p.year for p in points)
        alike = ([p for p in points if p.year == year] for year in years)
        counts = [(sum(p.reporting for p in a), sum(p.expected for p in a)) for a in alike]
    reporting, expected = min(counts, key=lambda one: (one[0] - one[1], one[0]))
    printed = text("chart-coverage", reporting=reporting, expected=expected)
    whole = all(p.complete for p in points)
    return printed if whole else f"{printed}, {text('chart-incomplete')}"


def members(frame: pd.DataFrame, year: int | None = None) -> str:
    """Return how many of the expected members have a value in a frame by member, and others.

    Who sent nothing has no row: the members expected are those of the data behind the figures.

    Parameters
    ----------
    frame
        Frame of figures by member.
    year
        Only this year; by default the least covered of all.
    """
    years = frame["year"] if "year" in frame else pd.Series(0, frame.index)
    known = frame["value"].notna()
    counts = []
    for when in dict.fromkeys(years) if year is None else [year]:
        rows = frame[known & (years == when)]
        reporting = rows["member"].nunique()
        expected = len(_expected(frame, int(when))) or frame["member"].nunique()
        partial = tuple(m for one in rows.get("lineage", ()) for m in getattr(one, "partial", ()))
        point = Point(int(when), None, "", reporting=reporting, expected=expected, partial=partial)
        counts.append(point)
    return coverage(counts)


def _expected(frame: pd.DataFrame, year: int) -> tuple[str, ...]:
    """Return the members that were to report on a year; none where it is not known."""
    ds = None if "member" in frame.attrs.get("scope", {}) else dataset_of(frame)
    return ds.expected(year) if ds and year else ()


def absent(frame: pd.DataFrame) -> list[str]:
    """Return the names of the members that were to report and have no value in a frame by member.

    Nothing where the frame is not by member.
    """
    ds = dataset_of(frame)
    if ds is None or "member" not in frame or "member" in frame.attrs["scope"]:
        return []
    years = {int(year) for year in frame["year"]} if "year" in frame else ds.years[-1:]
    have = set(frame[frame["value"].notna()]["member"])
    wanted = dict.fromkeys(m for year in years for m in ds.expected(year))
    return [ds.bloc.member(m).short for m in wanted if m not in have]


def whose(ds: Dataset) -> str:
    """Return the name of the bloc, or of the members that a dataset was narrowed down to."""
    part = (ds.bloc.member(member).name for member in ds.members)
    return ", ".join(part) if ds.is_part else ds.bloc.name


def everyone(ds: Dataset | None, key: str = "column-bloc") -> str:
    """Return whose the figures of all are: "Toàn khối", or the members of a part of it."""
    if ds is not None and ds.is_part:
        return listed((ds.bloc.member(member).short for member in ds.members), "member")
    return text(key, bloc=ds.bloc.called if ds else text("bloc-called"))


def lacking(figures: Figures) -> str:
    """Return how much of the last year there is where it is not all: "5/6 đơn vị, chưa đủ"."""
    if figures.dimension == "member":
        said = members(figures.rows, figures.years[-1] if "year" in figures.rows else None)
    else:
        said = coverage(figures.last.values(), figures.dimension)
    return said if said.endswith(text("chart-incomplete")) else ""


def who_lacks(figures: Figures) -> list[str]:
    """Return sentences that name who is missing in the last year, wholly or in part."""
    points, ds = figures.last.values(), dataset_of(figures.rows)
    missing = [m for p in points for m in p.missing]
    partial = [m for p in points for m in p.partial]
    if ds and figures.dimension == "member":
        have = {code for code, p in figures.last.items() if p.value is not None}
        refused = {code for code, p in figures.last.items() if p.reason and not p.missing}
        wanted = _expected(figures.rows, figures.years[-1])
        missing += [m for m in wanted if m not in have | refused]
    known = figures.rows.attrs.get("names", {}).get("member", {})

    def short(member: str) -> str:
        return ds.bloc.member(member).short if ds else known.get(member, member)

    said = []
    for key, found in (("lack-missing", missing), ("lack-partial", partial)):
        if found:
            said.append(text(key, members=listed(map(short, found), "member")))
    if refused_ := figures.refused():
        reasons = "; ".join(dict.fromkeys(refused_.values()))
        if figures.dimension:
            names = listed(refused_, figures.dimension)
            said.append(text("lack-refused", names=names, reason=reasons))
    if told := list(_uncovered(figures)):
        said.append(listed(told, figures.dimension, "; "))
    return said


def _uncovered(figures: Figures) -> Iterator[str]:
    """Yield how much the shares of the last year do not cover, each with its label."""
    rows = figures.rows
    if "year" in rows:
        rows = rows[rows["year"] == figures.years[-1]]
    for row in rows.to_dict("records"):
        if words := uncovered(row):
            code = str(row[figures.dimension]) if figures.dimension else ""
            own = next(one.label for one in figures.series if one.code == code)
            yield f"{own}: {words}" if own else words[:1].upper() + words[1:]


def breaks(figures: Figures) -> list[str]:
    """Return sentences on what must not be compared with the year before, and why.

    Where some groups are compared and others are not, the others are named.
    """
    said = []
    for year in figures.years[1:]:
        have = [one for one in figures.series if one.at(year)]
        broken: dict[str, list[str]] = {}
        for one in have:
            if reason := why_no_change(one, year):
                label = within(figures.dimension, one.label)
                broken.setdefault(reason, []).append(label)
        for reason, names in broken.items():
            whole = len(names) == len(have)
            key = "chart-note-break" if whole else "chart-note-break-some"
            who = listed(names, figures.dimension)
            said.append(text(key, year=year, reason=reason, names=who))
    return said


def details(figures: Figures, changes: Changes, *, extremes: bool = True) -> list[str]:
    """Return sentences on the extremes, the largest changes, who is missing and the breaks."""
    told, year = [], figures.years[-1]
    if len(figures.series) > 1:
        if extremes and (ranked := ranking(figures.series, year, compared=True)):
            told += _extremes(figures, ranked, year)
        told += _largest(figures, changes)
    return [*told, *(sentence(part) for part in (*who_lacks(figures), *breaks(figures)))]


def _extremes(figures: Figures, ranked: list[Series], year: int) -> list[str]:
    if any(unsure(figures, ranked, most=most) for most in (True, False)):
        return []
    top, low = (tied(order, year, compared=True) for order in (ranked, ranked[::-1]))
    low.reverse()
    names = [
        listed((within(figures.dimension, o.label) for o in group), figures.dimension)
        for group in (top, low)
    ]
    words = {"top_text": _texts(top, year), "low_text": _texts(low, year)}
    if len(top) == len(ranked):
        key = "alt-level" if len(top) > 1 else "alt-only"
        return [text(key, year=when(figures), names=names[0], text=words["top_text"])]
    called = noun(figures.dimension)
    said = [
        text("alt-tied", names=n, noun=called) if len(g) > 1 else n
        for g, n in zip((top, low), names, strict=True)
    ]
    return [text("alt-extremes", year=when(figures), top=said[0], low=said[1], **words)]


def _largest(figures: Figures, changes: Changes) -> list[str]:
    year = figures.years[-1]
    known = [one for one in figures.series if one.code in changes]
    if not known or figures.mixed or any(one.bound(year) for one in known):
        return []
    said = []
    for key, most in (
        ("alt-most", max(changes.values())),
        ("alt-least", min(changes.values())),
    ):
        if (most > 0) if key == "alt-most" else (most < 0):
            who = [within(figures.dimension, o.label) for o in known if changes[o.code] == most]
            key = f"{key}-tied" if len(who) > 1 else key
            by = size(most, figures.unit_of_change)
            words = {"who": listed(who, figures.dimension), "noun": noun(figures.dimension)}
            said.append(text(key, change=by, **words))
    return said
