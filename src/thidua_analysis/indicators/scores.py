"""Scores, ranks and votes: totals by stage, share of the maximum, self against appraised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form.bloc import Scoring
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.engine import Finish, figures
from thidua_analysis.indicators.figure import (
    Figure,
    Number,
    Piece,
    Role,
    Rule,
    Term,
    framed,
    quotient,
    stands_alone,
)
from thidua_analysis.indicators.selection import By, Rows, each_bloc, listed, named, once
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.quantities import simplest
from thidua_analysis.vietnamese.text import key

STAGES = ("self", "cross", "appraised")
STAGE = ("year", "member", "stage")
CLUSTER = ("year", "member", "cluster")
HONOUR = ("year", "honour", "member")
_APPRAISAL = (
    *("year", "member", "label", "code", "criterion", "kind", "max_score", *STAGES),
    *("gap", "reason", "explained"),
)
#: Breakdowns within which a figure is not the whole score of a stage.
_WITHIN = frozenset({"criterion", "code", "kind"})
_SIGNS = {"main": 1, "bonus": 1, "deduction": -1}


def scores(ds: Dataset) -> Rows:
    """Return all scores with their criterion: unit forms name it by text, the bloc's by code.

    To each row come ``code``, ``criterion`` (its text), ``kind`` and ``max_score`` from the
    criteria of the year, ``criteria`` (the rows that say so: its own, else all, as any may be
    the one that it misses), and ``scale``, the sum of all maxima but deductions. ``kind`` is
    missing where the bloc has no such criterion; without any criteria of the bloc all are
    ``main``.
    """
    return once(ds, "scores", lambda: _joined(ds))


def criteria(ds: Dataset, year: int, bloc: str | None = None) -> tuple[Record, ...]:
    """Return the criteria of a year, of the one bloc or of one named, in the order of its form."""
    bloc = bloc or ds.bloc.id
    found = once(ds, "criteria", lambda: ds.records("criteria")).of(year.__eq__)
    return tuple(row for row in found if row["bloc"] == bloc)


@indicator
def score_total(ds: Dataset, by: By = STAGE, **scope: Any) -> pd.DataFrame:
    """Return main points plus bonus minus deductions, of one member, year and stage.

    The cap on bonus points and the floor of the bloc file apply. A stage that lacks the score
    of a required criterion has no total: ``reason`` names the gap.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``stage``; also ``criterion``, ``code``,
        ``kind``.
    **scope
        Only rows with these values, such as ``stage="appraised"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures.
    """
    within = _WITHIN & {*by, *scope}
    finish = _total(whole=not within, capped=within <= {"kind"})
    rows, piece = scores(ds), _points(ds)
    return figures(ds, "score_total", rows, piece, by, scope, same=("scale",), finish=finish)


@indicator
def score_share(ds: Dataset, by: By = STAGE, **scope: Any) -> pd.DataFrame:
    """Return the total score by the maximum of the scale, in percent; see `score_total`.

    The bloc file says whether the scale is the main points or counts the bonus as well. Over
    100 % is possible where the bonus stands outside the scale.
    """
    whole = not _WITHIN & {*by, *scope}
    complete = _total(whole=whole)

    def share(ds: Dataset, figure: Figure) -> None:
        complete(ds, figure)
        if figure.value is None:
            return
        figure.value = None
        figure.denominator = _maximum(ds, figure, whole=whole) or None
        if figure.denominator and figure.numerator is not None:
            figure.value = quotient(figure.numerator, figure.denominator)

    piece = _points(ds, "numerator")
    return figures(ds, "score_share", scores(ds), piece, by, scope, finish=share)


@indicator
def score_gap(ds: Dataset, by: By = ("year", "member", "criterion"), **scope: Any) -> pd.DataFrame:
    """Return self minus appraised points, of criteria that have both; see `score_total`."""
    stages: dict[tuple[Any, ...], set[str]] = {}
    for row in scores(ds):
        if row["score"] is not None:
            stages.setdefault(_criterion(row), set()).add(row["stage"])

    def piece(row: Record) -> Piece | None:
        found = stages.get(_criterion(row), set())
        if row["stage"] not in ("self", "appraised") or not {"self", "appraised"} <= found:
            return None
        sign = 1 if row["stage"] == "self" else -1
        return Piece(row, sign * row["score"], None, (Term("value", ("score",), weight=sign),))

    return figures(ds, "score_gap", scores(ds), piece, by, scope, same=("scale",))


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


def _joined(ds: Dataset) -> Iterator[Record]:
    known: dict[tuple[str, int, str], Record] = {}
    scales: dict[tuple[str, int], Number] = {}
    every: dict[tuple[str, int], tuple[str, ...]] = {}
    for row in ds.records("criteria"):
        scale = row["bloc"], row["year"]
        known[(*scale, key(row["code"] or ""))] = row
        known.setdefault((*scale, key(row["criterion"] or "")), row)
        every[scale] = (*every.get(scale, ()), row["row_id"])
        if row["kind"] != "deduction":
            scales[scale] = scales.get(scale, 0) + (row["max_score"] or 0)
    for row in ds.records("scores"):
        # a code that the bloc's form does not list was refused
        said, scale = row["criterion"], (row["bloc"], row["year"])
        found = known.get((*scale, key(said)), {}) if said else {}
        yield {
            **row,
            "code": found.get("code"),
            "criterion": found.get("criterion") or row["criterion"],
            "kind": found.get("kind") if scale in scales else "main",
            "max_score": found.get("max_score", row["max_score"]),
            "criteria": (found["row_id"],) if found else every.get(scale, ()),
            "scale": scales.get(scale),
        }


def _criterion(row: Record) -> tuple[Any, ...]:
    return row["year"], row["member"], row["code"] or key(row["criterion"] or "")


def _points(ds: Dataset, role: Role = "value") -> Callable[[Record], Piece | None]:
    def piece(row: Record) -> Piece | None:
        sign = _SIGNS.get(row["kind"] or "")
        if sign is None:
            return Piece(row, None, None, (Term(role, ("score",)),))
        cells = (Term(role, ("score",), weight=sign),)
        if row["score"] is not None:
            return Piece(row, sign * row["score"], None, cells)
        required = ds.blocs[row["bloc"]].scoring_in(row["year"]).required
        return Piece(row, None, None, cells) if row["kind"] in required else None

    return piece


def _total(*, whole: bool, capped: bool = False) -> Finish:
    """Complete a figure: no total with a gap, cap on the bonus, floor.

    The bonus alone (``capped``) is cut as well, so that the kinds add up to the total.
    """

    def finish(ds: Dataset, figure: Figure) -> None:
        used = figure.used
        if not used:
            return
        year, bloc = used[0].row["year"], used[0].row["bloc"]
        scored = {piece.row["code"] for piece in used}
        required = ds.blocs[bloc].scoring_in(year).required if whole else ()
        asked = [row["code"] for row in criteria(ds, year, bloc) if row["kind"] in required]
        gaps = [code for code in asked if code not in scored]
        if len({tuple(p.row[column] for column in STAGE) for p in used}) > 1:
            figure.reason = text("why-list", ds.lang)
        elif gaps:
            figure.reason = text("why-criterion", ds.lang, criteria=", ".join(gaps))
        elif whole or capped:
            _apply_rules(ds, figure, whole=whole)
        if figure.reason:
            figure.value = figure.numerator = None

    return finish


def counted(
    rules: Scoring, points: Iterable[tuple[str, Number]], *, floor: bool = True
) -> tuple[Number, Number, Number]:
    """Return what points make by the rules of a bloc, what the cap takes and what the floor adds.

    ``points`` are kinds of criteria with their points, deductions below zero; ``floor`` says
    whether the total is lifted to the floor.
    """
    points = list(points)
    total: Number = sum(score for _, score in points)
    bonus: Number = sum(score for kind, score in points if kind == "bonus")
    cut: Number = 0
    if rules.bonus_cap is not None and bonus > rules.bonus_cap:
        cut = rules.bonus_cap - bonus
    lift: Number = 0
    if floor and total + cut < rules.floor:
        lift = rules.floor - total - cut
    return total + cut + lift, cut, lift


def _apply_rules(ds: Dataset, figure: Figure, *, whole: bool) -> None:
    first = figure.used[0].row
    rules = ds.blocs[first["bloc"]].scoring_in(first["year"])
    role = figure.lineage.terms[0].role
    points = [(p.row["kind"] or "main", p.numerator or 0) for p in figure.used]
    total, cut, lift = counted(rules, points, floor=whole)
    applied = (("bonus_cap", cut), ("floor", lift))
    figure.numerator = figure.value = total
    found = tuple(Rule(role, name, amount) for name, amount in applied if amount)
    figure.lineage = replace(figure.lineage, rules=found)


def _maximum(ds: Dataset, figure: Figure, *, whole: bool) -> Number | None:
    """Maximum that a figure is a share of; its cells come into the lineage."""
    year, bloc = figure.used[0].row["year"], figure.used[0].row["bloc"]
    shown = {piece.row["code"] for piece in figure.used}
    kinds = ds.blocs[bloc].scoring_in(year).base.split("+")
    asked = criteria(ds, year, bloc)
    rows = [r for r in asked if (r["kind"] in kinds if whole else r["code"] in shown)]
    table = "criteria" if rows else "scores"
    rows = rows or [piece.row for piece in figure.used]
    ids = tuple(row["row_id"] for row in rows)
    term = Term("denominator", ("max_score",), table=table, rows=ids)
    figure.lineage = replace(figure.lineage, terms=(*figure.lineage.terms, term))
    maxima = [row["max_score"] for row in rows]
    return None if None in maxima else sum(maxima)


@each_bloc
def appraisal(ds: Dataset, year: int) -> pd.DataFrame:
    """Lay the stages of scoring side by side.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year.

    Returns
    -------
    pandas.DataFrame
        One row a member and criterion, in the order of the bloc's form: ``year``, ``member``,
        ``label``, ``code``, ``criterion``, ``kind``, ``max_score``, ``self``, ``cross``,
        ``appraised``, ``gap`` (self minus appraised), ``reason``, ``explained`` (False where the
        two differ, the bloc requires a reason and there is none).
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in scores(ds):
        if row["year"] == year:
            blank = {**row, **dict.fromkeys(STAGES), "reason": None}
            blank["label"] = ds.bloc.member(row["member"]).short
            own = found.setdefault((row["member"], row["code"] or row["criterion"]), blank)
            own[row["stage"]] = row["score"]
            own["reason"] = own["reason"] or row["reason"]
    order = {row["code"]: at for at, row in enumerate(criteria(ds, year))}
    members = {member: at for at, member in enumerate(ds.members)}
    required = ds.bloc.scoring_in(year).reason_required
    rows = sorted(
        found.values(),
        key=lambda r: (members.get(r["member"], len(members)), order.get(r["code"], len(order))),
    )
    for row in rows:
        given = row["self"] is not None and row["appraised"] is not None
        row["gap"] = simplest(row["self"] - row["appraised"]) if given else None
        row["explained"] = not (required and row["gap"] and not row["reason"])
    return framed(rows, _APPRAISAL)


def competition(keys: Mapping[str, Any]) -> dict[str, int]:
    """Rank by keys, the smallest first: equal keys share a rank and the next ones are skipped.

    Examples
    --------
    >>> competition({"a": -9, "b": -8, "c": -8, "d": -5})
    {'a': 1, 'b': 2, 'c': 2, 'd': 4}
    """
    ordered = sorted(keys.values())
    return {member: ordered.index(key) + 1 for member, key in keys.items()}


def totals(ds: Dataset, year: int, stage: str) -> dict[str, Number]:
    """Return the points of the members that have a total, by the rules of the bloc."""
    frame = score_total(ds, by=STAGE, year=year, stage=stage)
    return {row["member"]: row["value"] for row in listed(frame) if row["value"] is not None}
