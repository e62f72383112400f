"""What opens a part: a few sentences computed from the data, and cards with their years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import phrases, wording
from thidua_analysis.charts.phrases import measure, with_unit
from thidua_analysis.charts.series import Figures, Point, Series, read, records
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators.engine import uncovered
from thidua_analysis.indicators.figure import figure_id
from thidua_analysis.indicators.selection import named
from thidua_analysis.lineage.register import link, marked, markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.publish.html import Block, small_line, unbroken
from thidua_analysis.publish.status import marks_of, on_time, used_in
from thidua_analysis.vietnamese.display import NO_VALUE, number, rank

#: Cards of each part: indicators of the whole bloc; those of scores are of members.
_CARDS = {
    "year": ("commendations", "non_leader_share", "targets_met", "result_value"),
    "commendations": (
        *("commendations", "non_leader_share", "women_share", "ethnic_minority_share"),
    ),
    "targets": ("targets_met", "result_value", "initiatives_recognized", "movements"),
    "scores": (),
    "trends": ("commendations", "non_leader_share", "initiatives_recognized", "result_value"),
    "quality": ("completeness", "error_rate", "timeliness", "revisions"),
}
_BY_LEVEL = ("initiatives_recognized",)
#: So many members have a card where the cards are of members.
_MOST = 4
#: Everything up to the last digit of a printed value; its unit follows.
_NUMBER = re.compile(r".*\d%?")


def headline(ds: Dataset, year: int, part: str = "year") -> Block:
    """Return what a part says first: sentences, then cards with their lines over the years.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year of the report.
    part
        ``year``, ``commendations``, ``targets``, ``scores``, ``trends`` or ``quality``.

    Raises
    ------
    UsageError
        If there is no such part.
    """
    told = facts(ds, year, part)
    items = "".join(f"<li>{markup(one)}</li>" for one in told)
    said = f'<ul class="facts">{items}</ul>' if told else ""
    cards = key_figures(ds, year, part)
    return Block(said + cards.html, "\n".join([*map(unmarked, told), cards.plain]).strip())


def facts(ds: Dataset, year: int, part: str = "year") -> list[str]:
    """Return the sentences of `headline`, their figures marked."""
    if part not in _CARDS:
        raise UsageError("headline-unknown", part=part, known=", ".join(_CARDS))
    return list(_TOLD[part](ds.filter(year=[y for y in ds.years if y <= year]), year))


def _of_year(ds: Dataset, year: int) -> Iterator[str]:
    given = _fact(ds, year, "commendations", "fact-commendations")
    share = _fact(ds, year, "non_leader_share", "fact-non-leaders", change=False)
    lack = "".join(given.partition(" (")[1:])
    if lack and share.endswith(lack):
        given = given.removesuffix(lack)
    if joined := "; ".join(filter(None, [given, share])):
        yield phrases.sentence(joined)
    yield from _targets(ds, year)
    yield from _sentences(_fact(ds, year, "result_value", "fact-value", most=True))
    yield from _first(ds, year)


def _of_commendations(ds: Dataset, year: int) -> Iterator[str]:
    yield from _sentences(_fact(ds, year, "commendations", "fact-commendations", most=True))
    yield from _sentences(_fact(ds, year, "non_leader_share", "fact-non-leaders", parts=True))
    shares = (("women_share", "fact-women"), ("ethnic_minority_share", "fact-minorities"))
    told = [_fact(ds, year, name, key) for name, key in shares]
    if joined := "; ".join(filter(None, told)):
        yield phrases.sentence(joined[:1].upper() + joined[1:])


def _of_targets(ds: Dataset, year: int) -> Iterator[str]:
    yield from _targets(ds, year)
    yield from _sentences(_fact(ds, year, "result_value", "fact-value", most=True))
    told = _fact(ds, year, "initiatives_recognized", "fact-initiatives", most=True)
    yield from _sentences(told)


def _of_scores(ds: Dataset, year: int) -> Iterator[str]:
    yield from _first(ds, year)
    found = [row for row in records(indicators.ranking(ds, year)) if row["rank"] is not None]
    unsure = [row["label"] for row in found if row["uncertain"]]
    if len(found) > 1:
        key = "fact-unsure" if unsure else "fact-sure"
        yield text(key, members=phrases.listed(unsure, "member"), n=len(found))
    honours: dict[str, list[str]] = {}
    for row in named(ds, "honours"):
        if row["year"] == year and row["honour"] and row["member"]:
            short = ds.bloc.member(row["member"]).short
            honours.setdefault(row["honour"], []).append(short)
    if honours:
        listed = "; ".join(f"{name}: {', '.join(who)}" for name, who in honours.items())
        yield text("fact-honours", listed=listed)


def _of_trends(ds: Dataset, year: int) -> Iterator[str]:
    for name in _CARDS["trends"]:
        frame = _frame(ds, name)
        if frame.empty:
            continue
        figures = read(frame)
        known = [p for p in figures.series[0].points if p.value is not None]
        # across a break, from a year that lacks members or between units nothing is compared
        whole = all(p.comparable and p.complete and not p.bound for p in known[1:])
        units = {p.unit for p in known}
        if len(known) < 2 or known[-1].year != year or not whole or len(units) > 1:
            continue
        if not known[0].complete or known[0].bound:
            continue
        first, last = known[0], known[-1]
        key = "rise" if last.compared > first.compared else "fall"
        key = key if last.compared != first.compared else "same"
        words: dict[str, Any] = {
            "name": phrases.name_of_one(figures),
            "first": first.year,
            "last": last.year,
        }
        yield text(f"fact-over-{key}", **words, before=_shown(first), now=_shown(last))


def _of_quality(ds: Dataset, year: int) -> Iterator[str]:
    used = used_in(ds, year)
    yield from _sentences(_fact(ds, year, "completeness", "fact-completeness", change=False))
    if used:
        errors, warnings = marks_of(ds, year)
        key = "errors" if errors else "warnings" if warnings else "clean"
        yield text(f"fact-{key}", errors=errors, warnings=warnings)
    yield from _sentences(on_time(ds, year))
    if again := sum(row["revision"] > 1 for row in used):
        yield text("fact-revised", n=again)


_TOLD = {
    "year": _of_year,
    "commendations": _of_commendations,
    "targets": _of_targets,
    "scores": _of_scores,
    "trends": _of_trends,
    "quality": _of_quality,
}


def _sentences(told: str) -> list[str]:
    return [phrases.sentence(told)] if told else []


def _fact(
    ds: Dataset,
    year: int,
    name: str,
    key: str,
    *,
    change: bool = True,
    parts: bool = False,
    most: bool = False,
) -> str:
    """Return what the whole bloc has, how much more than before, who most; without a value none."""
    frame = _frame(ds.filter(year=[year - 1, year]), name)
    if frame.empty:
        return ""
    figures = read(frame)
    one = figures.series[0]
    point = one.at(year)
    if point is None:
        return ""
    whose = {"all": wording.everyone(ds), "who": wording.everyone(ds, "fact-members")}
    said = text(key, **whose, value=_shown(point))
    beside = [marked(phrases.parts(point), point.id)] if parts and point.denominator else []
    if lack := wording.lacking(figures):
        beside.append(text("fact-so-far", lack=lack))
    said += f" ({'; '.join(beside)})" if beside else ""
    if change:
        said += _change(one, year)
    return said + (_most(ds, year, name, one.change(year)) if most and not lack else "")


def _shown(point: Point) -> str:
    shown = marked(point.text, point.id)
    return with_unit(shown, point.unit)


def _change(one: Series, year: int) -> str:
    change, now = one.change(year), one.at(year)
    if change is None or now is None:
        return ""
    key = "rise" if change > 0 else "fall" if change < 0 else "same"
    by = unbroken(phrases.size(change, now.unit_of_change, one.bound(year)))
    return text(f"fact-{key}", change=by, year=year - 1)


def _most(ds: Dataset, year: int, name: str, change: Fraction | None) -> str:
    """Return which member makes most of a change, else which has most; nothing where unsure."""
    scope = {"level": "unit"} if name in _BY_LEVEL else {}
    by = ("year", "member", *scope)
    near = ds.filter(year=[year - 1, year])
    frame = indicators.functions()[name](near, by=by, **scope)
    if frame.empty:
        return ""
    figures = read(frame)
    ranked = phrases.ranking(figures.series, year)
    if len(ranked) < 2 or wording.unsure(figures, ranked, most=True):
        return ""
    if mostly := _mostly(figures, change):
        return mostly
    top = phrases.tied(ranked, year)
    if len(top) == len(ranked):
        return ""
    names = phrases.listed((one.label for one in top), "member")
    point = top[0].at(year)
    key = "fact-most-tied" if len(top) > 1 else "fact-most"
    return text(key, who=names, value=_shown(point) if point else NO_VALUE)


def _mostly(figures: Figures, change: Fraction | None) -> str:
    """Return the member whose own change is more than half of that of all, in its direction."""
    own, year = figures.changes(), figures.years[-1]
    if not change or any(one.bound(year) for one in figures.series):
        return ""
    if len(own) < len(figures.series) or sum(own.values()) != change:
        return ""
    sizes = [own[one.code] for one in figures.series]
    if (at := phrases.makes_most(sizes, change)) is None:
        return ""
    one = figures.series[at]
    key = "fact-mostly-rise" if change > 0 else "fact-mostly-fall"
    by = unbroken(phrases.size(sizes[at], figures.unit_of_change))
    return text(key, who=one.label, change=by)


def _targets(ds: Dataset, year: int) -> Iterator[str]:
    counted = indicators.targets_met(ds, by=("year",), year=year)
    found = records(counted)
    if not found or found[0]["value"] is None:
        return
    (met,), (over,) = found, records(indicators.targets_exceeded(ds, by=("year",), year=year))
    exceeded = marked(number(over["numerator"], 0), over["id"])
    left = met["denominator"] - met["numerator"]
    key = "fact-targets" if left else "fact-targets-all"
    words = {"met": marked(met["text"], met["id"]), "exceeded": exceeded}
    told = text(key, **words, left=number(left, 0), who=wording.everyone(ds, "fact-members"))
    lack = wording.lacking(read(counted))
    yield phrases.sentence(told + (f" ({text('fact-so-far', lack=lack)})" if lack else ""))


def _first(ds: Dataset, year: int) -> Iterator[str]:
    """Yield who has most points, of how many, and how far ahead; without all totals, nobody."""
    if len(ds.blocs) > 1:  # each has points of its own
        return
    found = records(indicators.ranking(ds, year))
    ranked = [row for row in found if row["rank"] is not None]
    if len(ranked) < 2 or len(ranked) < len(ds.expected(year)):
        return
    stage = text(f"name-stage-{ds.bloc.scoring_in(year).decides}").lower()
    top = [row for row in ranked if row["rank"] == 1]
    if len(top) == len(ranked):
        yield text("fact-level", n=len(top), stage=stage, points=_points_of(top[0]))
        return
    rest = [row["label"] for row in ranked if row["rank"] == len(top) + 1]
    words = {"who": ", ".join(row["label"] for row in top), "rest": phrases.listed(rest, "member")}
    words |= {"points": _points_of(top[0]), "margin": phrases.unrounded(top[0]["margin"] or 0)}
    key = "fact-first" if top[0]["margin"] else "fact-first-alone"
    yield text(key, stage=stage, **words)


def _points_of(row: dict[str, Any]) -> str:
    where = {"year": row["year"], "member": row["member"], "stage": row["stage"]}
    return marked(phrases.unrounded(row["total"]), figure_id("score_total", where))


def key_figures(ds: Dataset, year: int, part: str = "year") -> Block:
    """Return four figures of a part, with their changes to the year before and over the years."""
    found = cards(ds, year, part)
    items = "".join(
        f'<li><span class="label">{escape(name)}</span>'
        f'<span class="value">{_value(value, figure)}</span>'
        + "".join(f'<span class="more">{markup(one)}</span>' for one in more)
        + f"{line}</li>"
        for name, value, more, figure, line in found
    )
    plain = "\n".join(f"{name}: {value} ({' · '.join(more)})" for name, value, more, *_ in found)
    return Block(f'<ul class="cards key">{items}</ul>' if found else "", unmarked(plain))


def cards(ds: Dataset, year: int, part: str = "year") -> list[Card]:
    """Return the cards of `key_figures`."""
    ds = ds.filter(year=[y for y in ds.years if y <= year])
    if part == "scores":
        return list(_of_members(ds, year))
    found = [_card(_frame(ds, name), year) for name in _CARDS[part]]
    # which day a file came in is no figure of the forms: without it there is nothing to show
    return [card for card in found if card[1] != NO_VALUE or part != "quality"]


#: Name, value, further words, id of the figure, and its line over the years as markup.
Card = tuple[str, str, list[str], str, str]


def _frame(ds: Dataset, name: str) -> pd.DataFrame:
    compute = indicators.functions()[name]
    if name in _BY_LEVEL:
        return compute(ds, by=("year", "level"), level="unit")
    return compute(ds, by=("year",))


def _of_members(ds: Dataset, year: int) -> Iterator[Card]:
    """Yield the cards of the members with most points, in their order."""
    ranked = [row for row in records(indicators.ranking(ds, year)) if row["rank"] is not None]
    stage = ds.bloc.scoring_in(year).decides
    for row in ranked[:_MOST]:
        frame = indicators.score_share(ds, by=("year",), member=row["member"], stage=stage)
        _, value, more, figure, line = _card(frame, year)
        name = f"{row['label']} – {text('fact-rank', rank=rank(row['rank'], len(ranked)))}"
        yield name, value, more, figure, line.replace('alt="', f'alt="{escape(row["label"])}, ', 1)


def _value(shown: str, figure: str) -> str:
    """Return a value as markup: its number large and a link, its unit small, neither broken."""
    number, unit = parted(shown)
    number = link(number, figure)
    return f'{number} <span class="unit">{escape(unit)}</span>' if unit else number


def parted(shown: str) -> tuple[str, str]:
    """Return the number of a value that is printed, and its unit."""
    found = _NUMBER.match(shown)
    end = found.end() if found else len(shown)
    return shown[:end], shown[end:].strip()


def _card(frame: pd.DataFrame, year: int) -> Card:
    """Return a card; a dash and the reason where there is no value."""
    name = measure(str(frame.attrs["indicator"]))
    if frame.empty:
        return name, NO_VALUE, [text("said-no-value", year=year)], "", ""
    figures = read(frame)
    one = figures.series[0]
    name = phrases.name_of_one(figures)
    point = next((p for p in one.points if p.year == year), None)
    if point is None or point.value is None:
        why = point.reason if point else ""
        said = text("said-refused" if why else "said-no-value", year=year, reason=why)
        return name, NO_VALUE, [said, *_lacks(point)], "", ""
    value = with_unit(point.text, point.unit)
    more = [marked(phrases.parts(point), point.id)] if point.unit == "%" else []
    if one.change(year) is not None:
        key = "card-change" if one.change(year) else "card-same"
        more.append(text(key, change=phrases.signed_of(one, year), year=year - 1))
    elif why := phrases.why_no_change(one, year):
        more.append(text("card-no-change", year=year - 1, reason=why))
        before = one.at(year - 1)
        if before and before.denominator is not None and value != point.text:
            # parts of too few for a share: both are given, and nothing is computed of them
            had = f"{before.year}: {with_unit(before.text, before.unit)}"
            more.append(marked(had, before.id))
    own = next(row for row in records(frame) if row["year"] == year)
    more += [*filter(None, [uncovered(own)]), *_lacks(point)]
    return name, value, more, point.id, _line(name, one)


def _lacks(point: Point | None) -> list[str]:
    """Return how many members there are where that is not all of them."""
    whole = point is None or not point.expected or point.complete
    return [] if point is None or whole else [wording.coverage([point])]


def _line(name: str, one: Series) -> str:
    """Return the years of a series as a small line; it breaks where years must not be compared."""
    points = [p for p in one.points if p.value is not None]
    joined = [a.year + 1 == b.year and b.comparable for a, b in pairwise(points)]
    told = "; ".join(f"{p.year}: {p.text}" for p in points)
    heights = {p.year: float(p.compared) for p in points}
    return small_line(f"{name}, {told}", heights, joined)
