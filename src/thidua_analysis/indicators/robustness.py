"""How sure an order by points is: other stages, no bonus, each criterion left out, margins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.frames import plain
from thidua_analysis.indicators.lineage import Number
from thidua_analysis.indicators.rows import listed
from thidua_analysis.indicators.scores import criteria, score_total, scores
from thidua_analysis.vietnamese.literals import exactly

SENSITIVITY = ("year", "member", "label", "variant", "left_out", "total", "rank", "moved")
NEIGHBOURS = (
    *("year", "above", "below", "margin", "score_criterion", "score_change"),
    *("weight_criterion", "weight_change"),
)
Points = dict[str, dict[str, Number]]


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
        ``left_out``), ``left_out``, ``total``, ``rank``, ``moved`` (ranks gained on the base).
    """
    stage = stage or ds.bloc.scoring_in(year).decides
    base = _ranks(_whole(ds, year, stage))
    rows = []
    for variant, left_out, totals in _variants(ds, year, stage):
        ranks = _ranks(totals)
        rows += [
            {
                "year": year,
                "member": member,
                "label": ds.bloc.member(member).short,
                "variant": variant,
                "left_out": left_out,
                "total": plain(totals[member]),
                "rank": ranks[member],
                "moved": base[member] - ranks[member] if member in base else None,
            }
            for member in ds.members
            if member in ranks
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
    rows = []
    for above, below in pairwise(order):
        margin = totals[above] - totals[below]
        scored = _room(ds, year, points[below], margin)
        weighed = _weight(points[above], points[below], margin)
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
    points = _points(ds, year, stage)
    bonus = {row["code"] for row in criteria(ds, year) if row["kind"] == "bonus"}
    if bonus:
        yield "no_bonus", None, _without(points, bonus)
    for row in criteria(ds, year):
        yield "without", row["code"], _without(points, {row["code"]})


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
            found[row["member"]][row["code"]] = _signed(row)
    return found


def _signed(row: Record) -> Number:
    score: Number = row["score"]
    return -score if row["kind"] == "deduction" else score


def _without(points: Points, codes: Iterable[str]) -> dict[str, Number]:
    left = set(codes)
    return {
        member: sum(score for code, score in own.items() if code not in left)
        for member, own in points.items()
    }


def _ranks(totals: dict[str, Number]) -> dict[str, int]:
    ordered = sorted(totals.values(), reverse=True)
    return {member: ordered.index(total) + 1 for member, total in totals.items()}


def _room(ds: Dataset, year: int, own: dict[str, Number], margin: Number) -> str | None:
    """First main criterion, the one with most room, in which so many points more are possible."""
    rooms = {
        row["code"]: row["max_score"] - own[row["code"]]
        for row in criteria(ds, year)
        if row["kind"] == "main" and row["code"] in own and row["max_score"] is not None
    }
    best = max(rooms, key=lambda code: rooms[code], default=None)
    return best if best is not None and rooms[best] >= margin else None


def _weight(
    above: dict[str, Number], below: dict[str, Number], margin: Number
) -> tuple[str, Fraction] | None:
    """Return the smallest change of one weight, in percent, at which both have equal points.

    With the weight of a criterion changed by δ the margin becomes margin + δ·(a − b); it is
    zero at δ = −margin / (a − b). A weight cannot fall by more than 100 %.
    """
    changes: dict[str, Fraction] = {}
    for code in above:
        gap: Any = above[code] - below.get(code, 0)
        if gap:
            change = -Fraction(margin) * 100 / Fraction(gap)
            if change >= -100:
                changes[code] = change
    if not changes:
        return None
    best = min(changes, key=lambda code: abs(changes[code]))
    return best, changes[best]
