"""How sure an order by points is: other stages, no bonus, each criterion left out, margins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, plain
from thidua_analysis.form.bloc import Scoring
from thidua_analysis.indicators.figure import Number
from thidua_analysis.indicators.rows import listed
from thidua_analysis.indicators.scores import counted, criteria, score_total, scores
from thidua_analysis.vietnamese.digits import exactly

SENSITIVITY = (
    *("year", "member", "label", "variant", "left_out", "total", "rank", "moved", "among"),
)
NEIGHBOURS = (
    *("year", "above", "below", "margin", "score_criterion", "score_change"),
    *("weight_criterion", "weight_change"),
)
#: Member → code → kind of criterion and points, deductions below zero.
Points = dict[str, dict[str, tuple[str, Number]]]


@exactly
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
    base = _whole(ds, year, stage)
    rows = []
    for variant, left_out, totals in _variants(ds, year, stage):
        # a rank among five says nothing beside a rank among six: only who has both is compared
        both = base.keys() & totals.keys()
        before = _ranks({m: t for m, t in base.items() if m in both})
        after = _ranks({m: t for m, t in totals.items() if m in both})
        rows += [
            {
                "year": year,
                "member": member,
                "label": ds.bloc.member(member).short,
                "variant": variant,
                "left_out": left_out,
                "total": plain(totals[member]),
                "rank": after.get(member),
                "moved": before[member] - after[member] if member in both else None,
                "among": len(both),
            }
            for member in ds.members
            if member in totals
        ]
    return pd.DataFrame(rows, columns=list(SENSITIVITY), dtype=object)


@exactly
def uncertain(ds: Dataset, year: int, stage: str | None = None) -> frozenset[str]:
    """Return the members whose rank changes in any other way of counting."""
    frame = sensitivity(ds, year, stage)
    return frozenset(row["member"] for row in listed(frame) if row["moved"])


@exactly
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
        smallest change of the weight of one criterion, in percent (exact `Fraction`), at which
        the two draw level. None where no change can do it.
    """
    stage = stage or ds.bloc.scoring_in(year).decides
    totals = _whole(ds, year, stage)
    points = _points(ds, year, stage)
    order = sorted(totals, key=lambda member: -totals[member])
    rules = ds.bloc.scoring_in(year)
    rows = []
    for above, below in pairwise(order):
        margin = totals[above] - totals[below]
        # two that are level need nothing
        scored = _room(ds, year, points[below], margin) if margin else None
        weighed = _weight(rules, points[above], points[below]) if margin else None
        rows.append(
            {
                "year": year,
                "above": above,
                "below": below,
                "margin": plain(margin),
                "score_criterion": scored,
                "score_change": plain(margin) if scored else None,
                "weight_criterion": weighed[0] if weighed else None,
                "weight_change": weighed[1] if weighed else None,
            }
        )
    return pd.DataFrame(rows, columns=list(NEIGHBOURS), dtype=object)


def _variants(
    ds: Dataset, year: int, stage: str
) -> Iterator[tuple[str, str | None, dict[str, Number]]]:
    yield "base", None, _whole(ds, year, stage)
    for other in ("self", "cross", "appraised"):
        if other != stage:
            yield other, None, _whole(ds, year, other)
    points, rules = _points(ds, year, stage), ds.bloc.scoring_in(year)
    bonus = {row["code"] for row in criteria(ds, year) if row["kind"] == "bonus"}
    if bonus:
        yield "no_bonus", None, _without(rules, points, bonus)
    for row in criteria(ds, year):
        yield "without", row["code"], _without(rules, points, {row["code"]})


def _whole(ds: Dataset, year: int, stage: str) -> dict[str, Number]:
    """Totals by the rules of the bloc, of members that have one."""
    frame = score_total(ds, by=("year", "member", "stage"), year=year, stage=stage)
    return {r["member"]: r["value"] for r in listed(frame) if r["value"] is not None}


def _points(ds: Dataset, year: int, stage: str) -> Points:
    """Signed points by member and code, of members that have a total."""
    counted = _whole(ds, year, stage)
    found: Points = {member: {} for member in counted}
    for row in scores(ds):
        asked = row["year"] == year and row["stage"] == stage and row["member"] in counted
        if asked and row["score"] is not None and row["code"]:
            kind = row["kind"] or "main"
            score = -row["score"] if kind == "deduction" else row["score"]
            found[row["member"]][row["code"]] = kind, score
    return found


def _without(rules: Scoring, points: Points, codes: Iterable[str]) -> dict[str, Number]:
    left = set(codes)
    return {
        member: counted(rules, (one for code, one in own.items() if code not in left))[0]
        for member, own in points.items()
    }


def _ranks(totals: dict[str, Number]) -> dict[str, int]:
    ordered = sorted(totals.values(), reverse=True)
    return {member: ordered.index(total) + 1 for member, total in totals.items()}


def _room(ds: Dataset, year: int, own: dict[str, tuple[str, Number]], margin: Number) -> str | None:
    """First main criterion, the one with most room, in which so many points more are possible."""
    rooms = {
        row["code"]: row["max_score"] - own[row["code"]][1]
        for row in criteria(ds, year)
        if row["kind"] == "main" and row["code"] in own and row["max_score"] is not None
    }
    best = max(rooms, key=lambda code: rooms[code], default=None)
    return best if best is not None and rooms[best] >= margin else None


def _weight(
    rules: Scoring, above: dict[str, tuple[str, Number]], below: dict[str, tuple[str, Number]]
) -> tuple[str, Fraction] | None:
    """Return the smallest change of one weight, in percent, at which both have equal points.

    A weight cannot fall by more than 100 %. The margin is a straight line in the weight between
    the points where a bonus reaches its cap or a total its floor, so that its zeros are found
    piece by piece.
    """
    changes: dict[str, Fraction] = {}
    for code in above.keys() | below.keys():

        def margin(change: Fraction, code: str = code) -> Fraction:
            first, second = (_weighed(rules, own, code, change) for own in (above, below))
            return first - second

        kinks = {k for own in (above, below) for k in _kinks(rules, own, code)}
        ends = sorted({Fraction(-100), Fraction(0), *(k for k in kinks if k > -100)})
        ends.append(ends[-1] + 100)
        zeros = [
            zero
            for left, right in pairwise(ends)
            if (zero := _zero(margin, left, right, last=right == ends[-1])) is not None
        ]
        if zeros:
            changes[code] = min(zeros, key=abs)
    if not changes:
        return None
    best = min(sorted(changes), key=lambda code: abs(changes[code]))
    return best, changes[best]


def _weighed(
    rules: Scoring, own: dict[str, tuple[str, Number]], code: str, change: Fraction
) -> Fraction:
    """Total of a member with the weight of one criterion changed by so many percent."""
    share = 1 + change / 100
    points: Any = (
        (kind, Fraction(score) * (share if name == code else 1))
        for name, (kind, score) in own.items()
    )
    exact: Any = rules.model_copy(
        update={
            "bonus_cap": None if rules.bonus_cap is None else Fraction(rules.bonus_cap),
            "floor": Fraction(rules.floor),
        }
    )
    return Fraction(counted(exact, points)[0])


def _kinks(rules: Scoring, own: dict[str, tuple[str, Number]], code: str) -> Iterator[Fraction]:
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
    margin: Callable[[Fraction], Fraction], left: Fraction, right: Fraction, *, last: bool
) -> Fraction | None:
    """Where a straight piece is zero; the last piece goes on without end."""
    at_left, at_right = margin(left), margin(right)
    if at_left == at_right:
        return left if at_left == 0 else None
    zero = left - at_left * (right - left) / (at_right - at_left)
    return zero if left <= zero and (last or zero <= right) else None
