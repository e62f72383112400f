"""How sure an order by points is: other stages, no bonus, each criterion left out, margins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, plain
from thidua_analysis.form.bloc import Scoring
from thidua_analysis.indicators.figure import Number
from thidua_analysis.indicators.scores import STAGES, competition, counted, criteria, scores, totals
from thidua_analysis.vietnamese.digits import exactly

SENSITIVITY = (
    *("year", "member", "label", "variant", "left_out", "total", "rank", "moved", "among"),
)
NEIGHBOURS = (
    *("year", "above", "below", "margin", "score_criterion", "score_change"),
    *("weight_criterion", "weight_change"),
)
#: Code → kind of criterion and points, deductions below zero.
Points = dict[str, tuple[str, Number]]


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
    base = totals(ds, year, stage)
    rows = []
    for variant, left_out, varied in _variants(ds, year, stage, base):
        # a rank among five says nothing beside a rank among six: only who has both is compared
        both = base.keys() & varied.keys()
        before, after = (competition({m: -one[m] for m in both}) for one in (base, varied))
        rows += [
            {
                "year": year,
                "member": member,
                "label": ds.bloc.member(member).short,
                "variant": variant,
                "left_out": left_out,
                "total": plain(varied[member]),
                "rank": after.get(member),
                "moved": before[member] - after[member] if member in both else None,
                "among": len(both),
            }
            for member in ds.members
            if member in varied
        ]
    return pd.DataFrame(rows, columns=list(SENSITIVITY), dtype=object)


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
    best = min(sorted(changes), key=lambda code: abs(changes[code]), default=None)
    return (best, changes[best]) if best is not None else None


def _weighed(rules: Scoring, own: Points, code: str, change: Fraction) -> Fraction:
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
    margin: Callable[[Fraction], Fraction], left: Fraction, right: Fraction, *, last: bool
) -> Fraction | None:
    """Where a straight piece is zero; the last piece goes on without end."""
    at_left, at_right = margin(left), margin(right)
    if at_left == at_right:
        return left if at_left == 0 else None
    zero = left - at_left * (right - left) / (at_right - at_left)
    return zero if left <= zero and (last or zero <= right) else None
