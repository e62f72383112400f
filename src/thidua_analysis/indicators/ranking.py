"""The order by points: ranks, ties, proposals beside what was voted, and how sure all that is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd
from msgspec.structs import replace

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form.bloc import Scoring
from thidua_analysis.indicators.dictionary import entry
from thidua_analysis.indicators.figure import Number, framed, plain
from thidua_analysis.indicators.scores import (
    STAGE,
    STAGES,
    competition,
    counted,
    criteria,
    score_total,
    scores,
    totals,
    vote_share,
)
from thidua_analysis.indicators.selection import each_bloc, honour_name, listed, named
from thidua_analysis.indicators.targets import targets_met
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import NO_VALUE

RANKING = (
    *("year", "member", "label", "stage", "total", "text", "rank", "tied", "margin"),
    *("voted_rank", "honour", "differs", "uncertain", "reason"),
)
PROPOSALS = (
    *("year", "honour", "place", "member", "label", "rank", "total", "text"),
    *("votes", "passes", "voted_rank", "voted_honour", "differs", "conditions", "reason"),
)
SENSITIVITY = (
    *("year", "member", "label", "variant", "left_out", "total", "rank", "moved", "among"),
)
NEIGHBOURS = (
    *("year", "above", "below", "margin", "score_criterion", "score_change"),
    *("weight_criterion", "weight_change"),
)
#: Code → kind of criterion and points, deductions below zero.
Points = dict[str, tuple[str, Number]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A member with its points and its rank."""

    member: str
    total: Number
    rank: int
    tied: bool


@each_bloc
def ranking(ds: Dataset, year: int, stage: str | None = None) -> pd.DataFrame:
    """Rank the members by points: 1, 2, 2, 4 on the exact total.

    Ties are decided only by the tie-breaks that the bloc file names, in their order; by default
    they stay ties.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year.
    stage
        ``self``, ``cross`` or ``appraised``; by default the stage that decides.

    Returns
    -------
    pandas.DataFrame
        In order of rank: ``year``, ``member``, ``label``, ``stage``, ``total``, ``text``,
        ``rank``, ``tied``, ``margin`` (points to the next below), ``voted_rank``, ``honour`` (what
        the bloc voted), ``differs`` (whether the voted order differs from that by points),
        ``uncertain`` (whether the rank changes with another stage, without bonus or without one
        criterion; `td.indicators.sensitivity` shows where), ``reason`` (why there is no total).
    """
    stage = stage or ds.bloc.scoring_in(year).decides
    found = _standings(ds, year, stage)
    moved = {row["member"] for row in listed(sensitivity(ds, year, stage)) if row["moved"]}
    voted = {row["member"]: row for row in named(ds, "honours") if row["reported_in"] == year}
    rows = []
    for row in listed(score_total(ds, by=STAGE, year=year, stage=stage)):
        own = found.get(row["member"])
        honour = voted.get(row["member"], {})
        voted_rank = honour.get("voted_rank")
        lower = [s.total for s in found.values() if own and s.total < own.total]
        rows.append(
            {
                "year": year,
                "member": row["member"],
                "label": ds.bloc.member(row["member"]).short,
                "stage": stage,
                "total": row["value"],
                "text": row["text"],
                "rank": own.rank if own else None,
                "tied": own.tied if own else False,
                "margin": own.total - max(lower) if own and lower else None,
                "voted_rank": voted_rank,
                "honour": honour.get("honour"),
                "differs": own is not None and voted_rank not in (None, own.rank),
                "uncertain": row["member"] in moved,
                "reason": row["reason"] if own is None else None,
            }
        )
    rows.sort(key=lambda r: (r["rank"] is None, r["rank"] or 0))
    told = {"indicator": "score_total", "lang": ds.lang, "year": year, "stage": stage}
    return framed(rows, RANKING, told)


@each_bloc
def proposals(ds: Dataset, year: int) -> pd.DataFrame:
    """Fill the quota of each honour in order of rank, beside what the bloc voted.

    Honours are filled in the order of the bloc file; a member gets one at most. Where the last
    place is tied, nobody is chosen for it and ``reason`` says who is tied.

    Returns
    -------
    pandas.DataFrame
        One row a place: ``year``, ``honour``, ``place``, ``member``, ``label``, ``rank``,
        ``total``, ``text``, ``votes`` (``6/6``), ``passes`` (whether the votes reach the
        threshold; None where there is no threshold or vote), ``voted_rank``, ``voted_honour``,
        ``differs`` (the bloc voted another honour or none), ``conditions`` (those that an
        analyst must tick), ``reason``.
    """
    rules = ds.bloc.scoring_in(year)
    order = sorted(_standings(ds, year, rules.decides).values(), key=lambda s: s.rank)
    voted = {row["member"]: row for row in named(ds, "honours") if row["reported_in"] == year}
    conditions_of = {honour_name(ds, name): ticked for name, ticked in rules.conditions.items()}
    rows: list[dict[str, Any]] = []
    taken: set[str] = set()
    for quota in (quota for quota in ds.bloc.quotas if quota.year in (None, year)):
        free = [standing for standing in order if standing.member not in taken]
        # members that tie for the last place of the quota
        beyond = free[quota.places].rank if len(free) > quota.places else None
        chosen = [standing for standing in free[: quota.places] if standing.rank != beyond]
        tied = [s for s in free if s.rank == beyond and len(chosen) < quota.places]
        taken |= {standing.member for standing in chosen}
        honour = honour_name(ds, quota.honour)
        conditions = conditions_of.get(honour, ())
        if members := ", ".join(ds.bloc.member(standing.member).short for standing in tied):
            why_open = text("why-tied", ds.lang, members=members, bloc=ds.bloc.called)
        else:
            why_open = text("why-open", ds.lang, places=quota.places, n=len(order))
        for place in range(1, quota.places + 1):
            who = chosen[place - 1] if place <= len(chosen) else None
            row = _proposal(ds, year, honour, who, voted) if who else {"text": NO_VALUE}
            words = {"year": year, "honour": honour, "place": place, "conditions": conditions}
            words["reason"] = None if who else why_open
            rows.append({**dict.fromkeys(PROPOSALS), **row, **words})
    return framed(rows, PROPOSALS, {"lang": ds.lang, "year": year})


def _standings(ds: Dataset, year: int, stage: str) -> dict[str, Standing]:
    """Return rank and total of every member that has a total, by member."""
    reached = totals(ds, year, stage)
    keys: dict[str, tuple[Number | Fraction, ...]] = {m: (-total,) for m, total in reached.items()}
    for name in ds.bloc.scoring_in(year).tie_breaks:
        decide = _TIE_BREAKS[name](ds, year, stage)
        keys = {member: (*key, decide.get(member, Decimal(0))) for member, key in keys.items()}
    ranks = competition(keys)
    return {
        member: Standing(member, reached[member], rank, list(ranks.values()).count(rank) > 1)
        for member, rank in ranks.items()
    }


def _proposal(
    ds: Dataset, year: int, honour: str, who: Standing, voted: Mapping[str, Record]
) -> dict[str, Any]:
    votes = listed(vote_share(ds, year=year, honour=honour, member=who.member))
    ballot = next((row for row in votes if row["value"] is not None), None)
    threshold = ds.bloc.scoring_in(year).vote_threshold
    decided = voted.get(who.member, {})
    return {
        "member": who.member,
        "label": ds.bloc.member(who.member).short,
        "rank": who.rank,
        "total": who.total,
        "text": plain(who.total, entry("score_total").decimals, ds.lang),
        "votes": ballot["text"] if ballot else None,
        "passes": ballot["value"] >= threshold if ballot and threshold is not None else None,
        "voted_rank": decided.get("voted_rank"),
        "voted_honour": decided.get("honour"),
        "differs": bool(voted) and decided.get("honour") != honour,
    }


def _points_of(kind: str) -> Callable[[Dataset, int, str], dict[str, Number]]:
    def decide(ds: Dataset, year: int, stage: str) -> dict[str, Number]:
        rows = listed(score_total(ds, by=(*STAGE, "kind"), year=year, stage=stage, kind=kind))
        return {row["member"]: -row["value"] for row in rows if row["value"] is not None}

    return decide


def _targets(ds: Dataset, year: int, stage: str) -> dict[str, Fraction]:
    rows = [row for row in listed(targets_met(ds, year=year)) if row["denominator"]]
    return {r["member"]: -Fraction(r["numerator"]) / Fraction(r["denominator"]) for r in rows}


def _votes(ds: Dataset, year: int, stage: str) -> dict[str, Number]:
    best: dict[str, Number] = {}
    for row in listed(vote_share(ds, year=year)):
        if row["value"] is not None:
            best[row["member"]] = min(-row["value"], best.get(row["member"], 0))
    return best


#: Tie-break → member → number; the smaller one goes first.
_TIE_BREAKS: dict[str, Callable[[Dataset, int, str], Mapping[str, Number | Fraction]]] = {
    "main": _points_of("main"),
    # deductions have negative points: fewer are nearer to zero
    "fewer-deductions": _points_of("deduction"),
    "targets-met": _targets,
    "votes": _votes,
}


@each_bloc
def sensitivity(ds: Dataset, year: int, stage: str | None = None) -> pd.DataFrame:
    """Return the ranks that the members would have in other ways of counting.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year.
    stage
        Stage to vary; by default the one that decides.

    Returns
    -------
    pandas.DataFrame
        ``year``, ``member``, ``label``, ``variant`` (``base``; ``self``, ``cross``,
        ``appraised``: by that stage; ``no_bonus``; ``without``: without the criterion
        ``left_out``), ``left_out``, ``total`` (by the rules of the bloc), ``rank`` and
        ``moved`` (ranks gained on the base), both among the ``among`` members that have a total
        here and in the base; None for others.
    """
    stage = stage or ds.bloc.scoring_in(year).decides
    base = totals(ds, year, stage)
    rows = []
    for variant, left_out, varied in _variants(ds, year, stage, base):
        # a rank among five says nothing beside a rank among six: only who has both is compared
        both = base.keys() & varied.keys()
        before, after = (competition({m: -one[m] for m in both}) for one in (base, varied))
        for member in ds.members:
            if member in varied:
                who = year, member, ds.bloc.member(member).short, variant, left_out
                moved = before[member] - after[member] if member in both else None
                rows.append((*who, varied[member], after.get(member), moved, len(both)))
    return framed(rows, SENSITIVITY)


@each_bloc
def neighbours(ds: Dataset, year: int, stage: str | None = None) -> pd.DataFrame:
    """Return what it takes to swap each two neighbours of the order.

    Parameters
    ----------
    ds, year, stage
        As for `sensitivity`.

    Returns
    -------
    pandas.DataFrame
        ``year``, ``above``, ``below`` (members), ``margin`` (points between them),
        ``score_criterion`` and ``score_change``: the criterion with room in which the lower one
        needs so many points more to draw level; ``weight_criterion`` and ``weight_change``: the
        smallest change of the weight of one criterion, in percent, at which
        the two draw level. None where no change can do it.
    """
    rules = ds.bloc.scoring_in(year)
    stage = stage or rules.decides
    reached = totals(ds, year, stage)
    points = _points(ds, year, stage, reached)
    rows = []
    for above, below in pairwise(sorted(reached, key=lambda member: -reached[member])):
        margin = reached[above] - reached[below]
        # two that are level need nothing
        scored = _room(ds, year, points[below], margin) if margin else None
        weighed = _weight(rules, points[above], points[below]) if margin else None
        who = year, above, below, margin
        rows.append((*who, scored, who[-1] if scored else None, *(weighed or (None, None))))
    return framed(rows, NEIGHBOURS)


def _variants(
    ds: Dataset, year: int, stage: str, base: dict[str, Number]
) -> Iterator[tuple[str, str | None, dict[str, Number]]]:
    """Yield a name, the criterion left out and the totals of each way of counting."""
    rules, points = ds.bloc.scoring_in(year), _points(ds, year, stage, base)

    def without(codes: Collection[str]) -> dict[str, Number]:
        kept = {m: [own[code] for code in own if code not in codes] for m, own in points.items()}
        return {member: counted(rules, own)[0] for member, own in kept.items()}

    yield "base", None, base
    for other in STAGES:
        if other != stage:
            yield other, None, totals(ds, year, other)
    if bonus := {row["code"] for row in criteria(ds, year) if row["kind"] == "bonus"}:
        yield "no_bonus", None, without(bonus)
    for row in criteria(ds, year):
        yield "without", row["code"], without({row["code"]})


def _points(ds: Dataset, year: int, stage: str, members: Collection[str]) -> dict[str, Points]:
    """Points by criterion of some members."""
    found: dict[str, Points] = {member: {} for member in members}
    for row in scores(ds):
        asked = row["year"] == year and row["stage"] == stage and row["member"] in found
        if asked and row["score"] is not None and row["code"]:
            kind = row["kind"] or "main"
            score = -row["score"] if kind == "deduction" else row["score"]
            found[row["member"]][row["code"]] = kind, score
    return found


def _room(ds: Dataset, year: int, own: Points, margin: Number) -> str | None:
    """First main criterion, the one with most room, in which so many points more are possible."""
    rooms = {
        row["code"]: row["max_score"] - own[row["code"]][1]
        for row in criteria(ds, year)
        if row["kind"] == "main" and row["code"] in own and row["max_score"] is not None
    }
    best = max(rooms, key=lambda code: rooms[code], default=None)
    return best if best is not None and rooms[best] >= margin else None


def _weight(rules: Scoring, above: Points, below: Points) -> tuple[str, Fraction] | None:
    """Return the smallest change of one weight, in percent, at which both have equal points.

    A weight cannot fall by more than 100 %. The margin is a straight line in the weight between
    the points where a bonus reaches its cap or a total its floor, so that its zeros are found
    piece by piece.
    """
    cap = None if rules.bonus_cap is None else Fraction(rules.bonus_cap)
    exact: Any = replace(rules, bonus_cap=cap, floor=Fraction(rules.floor))

    def total(own: Points, code: str, change: Fraction) -> Fraction:
        shares = {code: 1 + change / 100}
        points: Any = ((k, Fraction(n) * shares.get(name, 1)) for name, (k, n) in own.items())
        return Fraction(counted(exact, points)[0])

    changes: dict[str, Fraction] = {}
    for code in above.keys() | below.keys():
        kinks = {k for own in (above, below) for k in _kinks(rules, own, code)}
        ends = sorted({Fraction(-100), Fraction(0), *(k for k in kinks if k > -100)})
        ends.append(ends[-1] + 100)
        margins = [(at, total(above, code, at) - total(below, code, at)) for at in ends]
        pieces = list(pairwise(margins))
        zeros = [_zero(*piece, last=piece is pieces[-1]) for piece in pieces]
        if found := [zero for zero in zeros if zero is not None]:
            changes[code] = min(found, key=abs)
    best = min(sorted(changes), key=lambda code: abs(changes[code]), default=None)
    return (best, changes[best]) if best is not None else None


def _kinks(rules: Scoring, own: Points, code: str) -> Iterator[Fraction]:
    """Changes of a weight, in percent, at which a bonus reaches its cap or a total its floor."""
    kind, score = own.get(code, ("main", 0))
    if not score:
        return
    if kind == "bonus" and rules.bonus_cap is not None:
        bonus = sum(points for other, points in own.values() if other == "bonus")
        yield Fraction(rules.bonus_cap - bonus) * 100 / Fraction(score)
    total = counted(rules, own.values(), floor=False)[0]
    yield Fraction(rules.floor - total) * 100 / Fraction(score)


def _zero(
    left: tuple[Fraction, Fraction], right: tuple[Fraction, Fraction], *, last: bool
) -> Fraction | None:
    """Where a straight piece between two points is zero; the last piece goes on without end."""
    (start, at_start), (end, at_end) = left, right
    if at_start == at_end:
        return start if at_start == 0 else None
    zero = start - at_start * (end - start) / (at_end - at_start)
    return zero if start <= zero and (last or zero <= end) else None
