"""The order by points: ranks, ties, proposals for honours beside what was voted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.dataset import plain as as_stored
from thidua_analysis.indicators.dictionary import entry, indicator
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import Figure, Number, Piece, Rule, Term, plain, stands_alone
from thidua_analysis.indicators.robustness import sensitivity
from thidua_analysis.indicators.scores import STAGE, competition, score_total, totals
from thidua_analysis.indicators.selection import By, honour_name, listed, named
from thidua_analysis.indicators.targets import targets_met
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.digits import exactly
from thidua_analysis.vietnamese.display import NO_VALUE

CLUSTER = ("year", "member", "cluster")
HONOUR = ("year", "honour", "member")
RANKING = (
    *("year", "member", "label", "stage", "total", "text", "rank", "tied", "margin"),
    *("voted_rank", "honour", "differs", "uncertain", "reason"),
)
PROPOSALS = (
    *("year", "honour", "place", "member", "label", "rank", "total", "text"),
    *("votes", "passes", "voted_rank", "voted_honour", "differs", "conditions", "reason"),
)


@indicator
def rank(ds: Dataset, by: By = CLUSTER, **scope: Any) -> pd.DataFrame:
    """Return ranks, printed ``25/82``; ranks are never added.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by; each figure must be one rank.
    **scope
        Only rows with these values, such as ``member="ldld"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures: numerator is the rank, denominator the size.
    """

    def piece(row: Record) -> Piece:
        cells = (Term("numerator", ("rank",)), Term("denominator", ("size",)))
        return Piece(row, row["rank"], row["size"], cells if row["size"] else cells[:1])

    def place(ds: Dataset, figure: Figure) -> None:
        stands_alone(ds, figure)
        figure.value = figure.numerator
        if figure.value is not None and figure.denominator is None:
            figure.text = str(figure.value)

    rows, same = named(ds, "ranks"), ("size",)
    return figures(ds, "rank", rows, piece, by, scope, same=same, finish=place)


@indicator
def rank_percentile(ds: Dataset, by: By = CLUSTER, **scope: Any) -> pd.DataFrame:
    """Return the part of the other units that rank behind: (size - rank) / (size - 1).

    The first has 100, the last 0; one unit alone has none. See `rank`.
    """
    cells = (
        Term("numerator", ("size",)),
        Term("numerator", ("rank",), weight=-1),
        Term("denominator", ("size",)),
    )

    def piece(row: Record) -> Piece:
        place, size = row["rank"], row["size"]
        if place is None or size is None or size < 2:
            return Piece(row, None, None, cells)
        return Piece(row, size - place, size - 1, cells)

    def position(ds: Dataset, figure: Figure) -> None:
        stands_alone(ds, figure)
        if figure.numerator is not None and figure.denominator:
            itself = Rule("denominator", "itself", -1)
            figure.lineage = replace(figure.lineage, rules=(itself,))

    rows = named(ds, "ranks")
    return figures(ds, "rank_percentile", rows, piece, by, scope, finish=position)


@indicator
def vote_share(ds: Dataset, by: By = HONOUR, **scope: Any) -> pd.DataFrame:
    """Return votes in favour by votes cast; few votes are printed as counts, ``5/6``.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by; each figure must be one vote.
    **scope
        Only rows with these values, such as ``honour="Cờ thi đua của UBND tỉnh"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; nobody is expected to stand for an honour.
    """
    cells = (Term("numerator", ("votes_for",)), Term("denominator", ("votes_cast",)))

    def piece(row: Record) -> Piece:
        if row["votes_for"] is None or not row["votes_cast"]:
            return Piece(row, None, None, cells)
        return Piece(row, row["votes_for"], row["votes_cast"], cells)

    rows = named(ds, "votes")
    return figures(ds, "vote_share", rows, piece, by, scope, finish=stands_alone, covered=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """A member with its points and its rank."""

    member: str
    total: Number
    rank: int
    tied: bool


@exactly
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
        In order of rank: ``year``, ``member``, ``label``, ``stage``, ``total`` (exact), ``text``,
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
                "margin": as_stored(own.total - max(lower)) if own and lower else None,
                "voted_rank": voted_rank,
                "honour": honour.get("honour"),
                "differs": own is not None and voted_rank not in (None, own.rank),
                "uncertain": row["member"] in moved,
                "reason": row["reason"] if own is None else None,
            }
        )
    rows.sort(key=lambda r: (r["rank"] is None, r["rank"] or 0))
    made = pd.DataFrame(rows, columns=list(RANKING), dtype=object)
    made.attrs = {"indicator": "score_total", "lang": ds.lang, "year": year, "stage": stage}
    return made


@exactly
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
    for quota in ds.bloc.quotas:
        if quota.year not in (None, year):
            continue
        free = [standing for standing in order if standing.member not in taken]
        chosen, tied = _filled(free, quota.places)
        taken |= {standing.member for standing in chosen}
        honour = honour_name(ds, quota.honour)
        conditions = conditions_of.get(honour, ())
        if members := ", ".join(ds.bloc.member(standing.member).short for standing in tied):
            why_open = text("why-tied", ds.lang, members=members, bloc=ds.bloc.called)
        else:
            why_open = text("why-open", ds.lang, places=quota.places, n=len(order))
        for place in range(1, quota.places + 1):
            who = chosen[place - 1] if place <= len(chosen) else None
            row = dict.fromkeys(PROPOSALS) | {"text": NO_VALUE}
            if who is not None:
                row = _proposal(ds, year, honour, who, voted)
            words = {"year": year, "honour": honour, "place": place, "conditions": conditions}
            rows.append({**row, **words, "reason": None if who else why_open})
    made = pd.DataFrame(rows, columns=list(PROPOSALS), dtype=object)
    made.attrs = {"lang": ds.lang, "year": year}
    return made


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


def _filled(free: Sequence[Standing], places: int) -> tuple[list[Standing], list[Standing]]:
    """Members within the quota, and those that tie for its last place."""
    if len(free) <= places or free[places - 1].rank != free[places].rank:
        return list(free[:places]), []
    last = free[places].rank
    tied = [standing for standing in free if standing.rank == last]
    return [standing for standing in free[:places] if standing.rank != last], tied


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


def _points_of(kind: str, sign: int) -> Callable[[Dataset, int, str], dict[str, Number]]:
    def decide(ds: Dataset, year: int, stage: str) -> dict[str, Number]:
        by = ("year", "member", "stage", "kind")
        rows = listed(score_total(ds, by=by, year=year, stage=stage, kind=kind))
        return {row["member"]: sign * row["value"] for row in rows if row["value"] is not None}

    return decide


def _targets(ds: Dataset, year: int, stage: str) -> dict[str, Fraction]:
    rows = listed(targets_met(ds, year=year))
    return {
        row["member"]: -Fraction(row["numerator"]) / Fraction(row["denominator"])
        for row in rows
        if row["denominator"]
    }


def _votes(ds: Dataset, year: int, stage: str) -> dict[str, Number]:
    best: dict[str, Number] = {}
    for row in listed(vote_share(ds, year=year)):
        if row["value"] is not None:
            best[row["member"]] = min(-row["value"], best.get(row["member"], 0))
    return best


#: Tie-break → member → number; the smaller one goes first.
_TIE_BREAKS: dict[str, Callable[[Dataset, int, str], Mapping[str, Number | Fraction]]] = {
    "main": _points_of("main", -1),
    # deductions have negative points: fewer are nearer to zero
    "fewer-deductions": _points_of("deduction", -1),
    "targets-met": _targets,
    "votes": _votes,
}
