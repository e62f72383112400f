"""What figures say in words, and how the members stand by points: how sure, for which honours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import phrases, wording
from thidua_analysis.charts.phrases import MOST_NAMES, listed
from thidua_analysis.charts.series import read, records
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.figure import figure_id
from thidua_analysis.indicators.selection import named
from thidua_analysis.messages import text
from thidua_analysis.publish.html import (
    Block,
    Cell,
    folded,
    paragraph,
    table_block,
)
from thidua_analysis.publish.lists import short
from thidua_analysis.vietnamese.display import NO_VALUE, number, rank


def say(frame: pd.DataFrame) -> Block:
    """Say what a frame of figures shows: level, direction, extremes, who is missing, breaks.

    Parameters
    ----------
    frame
        Frame of figures by at most one breakdown beside the year.
    """
    if frame.empty:
        return paragraph(text("say-nothing"))
    figures = read(frame)
    changes = figures.changes()
    told = [f"{phrases.name_of(figures)} {wording.trend(figures, changes)}."]
    told += wording.details(figures, changes)
    return paragraph(" ".join(told))


def say_roles(ds: Dataset, year: int, *, missing: bool = True) -> Block:
    """Say who leads the bloc in a year, as the bloc's forms and its settings give it.

    Where nothing is given, that is said unless ``missing`` is not wanted.
    """
    told = [
        text(f"say-{role}", year=year, member=name, bloc=ds.bloc.called)
        for role in ("head", "deputy")
        if (name := who_leads(ds, year, role))
    ]
    if not told and missing:
        told = [text("say-no-roles", year=year, bloc=ds.bloc.called)]
    return paragraph(" ".join(told)) if told else Block("", "")


def who_leads(ds: Dataset, year: int, role: str) -> str:
    """Return which member is ``head`` or ``deputy`` in a year; nothing where nobody says it."""
    if len(ds.blocs) > 1:
        return ""
    told = [r["member"] for r in ds.records("roles") if (r["year"], r["role"]) == (year, role)]
    told = [*filter(None, told[::-1]), *(getattr(r, role) for r in ds.bloc.roles if r.year == year)]
    return next((ds.bloc.member(member).name for member in told if member), "")


#: What may be noted of a rank → how it is said.
_REMARKS = {
    "uncertain": "mark-uncertain",
    "tied": "mark-tied",
    "differs": "mark-voted-otherwise",
}


def ranking(ds: Dataset, year: int) -> Block:
    """Return rank, margin to the next, voted rank and whether the rank is sure."""
    found = records(indicators.ranking(ds, year))
    if not any(row["total"] is not None or row["reason"] for row in found):
        return paragraph(text("say-nothing"))
    ranked = sum(row["rank"] is not None for row in found)
    rows = []
    for row in found:
        shown: dict[str, str | Cell] = {text("column-member"): row["label"]}
        shown[text("column-rank")] = rank(row["rank"], ranked) if row["rank"] else NO_VALUE
        shown[text("column-margin")] = _points(row["margin"])
        shown[text("column-voted")] = number(row["voted_rank"], 0)
        remarks = [text(mark) for name, mark in _REMARKS.items() if row[name]]
        shown[text("column-why")] = "; ".join([*remarks, *filter(None, [row["reason"]])])
        rows.append(shown)
    notes = [text("note-ties"), text("note-no-stage"), *_unranked(ds, year, found)]
    stage = text(f"name-stage-{ds.bloc.scoring_in(year).decides}").lower()
    caption = text("table-ranking", year=year, stage=stage)
    return table_block(rows, caption, notes, columns=_filled(rows))


def _unranked(ds: Dataset, year: int, found: Iterable[Record]) -> Iterable[str]:
    """Say among how many the ranks are, where that is not all, and who has no total."""
    ranked = {row["member"] for row in found if row["rank"] is not None}
    wanted = ds.expected(year)
    left = [short(ds, member) for member in wanted if member not in ranked]
    if left:
        words: dict[str, Any] = {"n": len(ranked), "expected": len(wanted)}
        yield text("note-ranked", members=listed(left, "member"), **words)


def sensitivity(ds: Dataset, year: int) -> Block:
    """Return the ranks in those ways of counting that change any; where none does, say so."""
    found = records(indicators.sensitivity(ds, year))
    if not found:
        return paragraph(text("say-nothing"))
    stage = ds.bloc.scoring_in(year).decides
    names = _criteria(ds, year)
    standing = records(indicators.ranking(ds, year))
    members = list(dict.fromkeys(r["label"] for r in standing))
    ranked = len({row["member"] for row in found if row["variant"] == "base"})
    counts = Counter((row["variant"], row["left_out"]) for row in found)
    rows: dict[str, dict[str, str]] = {}
    moved: dict[str, list[str]] = {}
    ways: dict[str, str] = {}
    for row in found:
        way = _way(row, stage, names)
        if row["among"] < max(ranked, counts[row["variant"], row["left_out"]]):
            way = text("way-among", way=way, n=row["among"])
        ways[way] = row["variant"]
        rows.setdefault(way, {})[row["label"]] = _moved(row)
        if row["moved"]:
            moved.setdefault(row["label"], []).append(way)
    said = paragraph(*_sure(moved, ranked, ways), *_unranked(ds, year, standing))
    if not moved:
        return said
    changed = {way for own in moved.values() for way in own}
    table = table_block(
        (
            {text("column-way"): way, **own}
            for way, own in rows.items()
            if way in changed or ways[way] == "base"
        ),
        text("table-sensitivity", year=year),
        [text("note-sensitivity", rest=_listed_ways(ways, changed))],
        columns=[text("column-way"), *members],
    )
    return Block(said.html + table.html, f"{said.plain}\n{table.plain}")


def _listed_ways(ways: Mapping[str, str], changed: Collection[str] = ()) -> str:
    """Return the ways of counting but the first one and those that change a rank, in short."""
    left = {way: variant for way, variant in ways.items() if way not in changed}
    told = [w[:1].lower() + w[1:] for w, v in left.items() if v not in ("base", "without")]
    without = sum(variant == "without" for variant in left.values())
    if without:
        told.append(text("ways-without" if not changed else "ways-without-some", n=without))
    return "; ".join(told) or text("ways-none")


def _way(row: Record, stage: str, names: Mapping[str, str]) -> str:
    variant = row["variant"]
    if variant == "base":
        return text("way-base", stage=text(f"name-stage-{stage}"))
    if variant == "without":
        return text("way-without", criterion=names.get(row["left_out"], row["left_out"]))
    if variant == "no_bonus":
        return text("way-no-bonus")
    return text("way-stage", stage=text(f"name-stage-{variant}"))


def _moved(row: Record) -> str:
    """Return a rank with an arrow where it is another one than by the deciding points."""
    arrow = "▲ " if (row["moved"] or 0) > 0 else "▼ " if row["moved"] else ""
    return f"{arrow}{row['rank']}" if row["rank"] else NO_VALUE


def _sure(
    moved: Mapping[str, list[str]], members: int, ways: Mapping[str, str] | None = None
) -> list[str]:
    if members < 2:
        return [text("say-one-ranked" if members else "say-none-ranked")]
    if not moved:
        return [text("say-all-sure", n=members, ways=_listed_ways(ways or {}))]
    return [
        text("say-unsure", member=member, ways="; ".join(ways)) for member, ways in moved.items()
    ]


def neighbours(ds: Dataset, year: int) -> Block:
    """Return what is the smallest change that makes each two neighbours draw level."""
    names = _criteria(ds, year)
    rows = [
        {
            text("column-above"): short(ds, row["above"]),
            text("column-below"): short(ds, row["below"]),
            text("column-apart"): _points(row["margin"]) if row["margin"] else text("mark-level"),
            text("column-more-points"): _more(row, names),
            text("column-weight"): _weight(row, names),
        }
        for row in records(indicators.neighbours(ds, year))
    ]
    standing = records(indicators.ranking(ds, year))
    if not rows:
        ranked = sum(row["rank"] is not None for row in standing)
        return paragraph(_sure({}, ranked)[0] if standing else text("say-nothing"))
    notes = [text("note-neighbours"), *_unranked(ds, year, standing)]
    kept = [c for c in rows[0] if any(row[c] != NO_VALUE for row in rows)]
    return table_block(rows, text("table-neighbours", year=year), notes, columns=kept)


def _more(row: Record, names: Mapping[str, str]) -> str:
    code = row["score_criterion"]
    if code is None:
        return NO_VALUE
    return f"{names.get(code, code)}: +{_points(row['score_change'])}"


def _weight(row: Record, names: Mapping[str, str]) -> str:
    code, change = row["weight_criterion"], row["weight_change"]
    if code is None or change is None:
        return NO_VALUE
    sign = "+" if change > 0 else "−"
    return f"{names.get(code, code)}: {sign}{number(abs(Fraction(change)), 1)}%"


def proposals(ds: Dataset, year: int) -> Block:
    """Return whom the points propose within the quota of each honour, beside the bloc's vote."""
    chosen = records(indicators.proposals(ds, year))
    if not chosen:
        return paragraph(text("no-quota"))
    voted = _voted(ds, year)
    stage = ds.bloc.scoring_in(year).decides
    rows = []
    for row in chosen:
        places = voted.get(row["honour"], [])
        at = int(row["place"]) - 1
        who = {"year": year, "member": row["member"]}
        points = figure_id("score_total", {**who, "stage": stage})
        votes = figure_id("vote_share", {**who, "honour": row["honour"]})
        rows.append(
            {
                text("column-honour"): row["honour"],
                text("column-seat"): number(row["place"], 0),
                text("column-by-points"): row["label"] or NO_VALUE,
                text("column-score"): Cell(row["text"], points if row["member"] else ""),
                text("column-votes"): Cell(row["votes"], votes) if row["votes"] else NO_VALUE,
                text("column-by-vote"): places[at] if at < len(places) else NO_VALUE,
                text("column-why"): "; ".join(_open_question(row)),
            }
        )
    standing = records(indicators.ranking(ds, year))
    notes = [text("note-proposals", bloc=ds.bloc.called), *_unranked(ds, year, standing)]
    return table_block(rows, text("table-proposals", year=year), notes, columns=_filled(rows))


def _voted(ds: Dataset, year: int) -> dict[str, list[str]]:
    """Return the members that the bloc voted for each honour, in their order."""
    rows = [r for r in named(ds, "honours") if r["reported_in"] == year and r["honour"]]
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda r: (r["voted_rank"] is None, r["voted_rank"] or 0)):
        found.setdefault(row["honour"], []).append(short(ds, row["member"]))
    return found


def _open_question(row: Record) -> Iterable[str]:
    if row["reason"]:
        yield str(row["reason"])
    if row["differs"]:
        yield text("mark-honour-otherwise")
    if row["passes"] is False:
        yield text("mark-votes-short")
    for condition in row["conditions"] or ():
        yield text("mark-condition", condition=condition)


def say_gaps(ds: Dataset, year: int) -> Block:
    """Say how many criteria were appraised otherwise than self-scored, and which lack a reason."""
    found = records(indicators.appraisal(ds, year))
    rows = [row for row in found if row["gap"]]
    have = {row["member"] for row in found if row["gap"] is not None}
    if not have:
        return paragraph(text("say-nothing"))
    lack = [short(ds, member) for member in ds.expected(year) if member not in have]
    missing = [text("table-note-missing", members=listed(lack, "member"))] if lack else []
    if not rows:
        return paragraph(" ".join([text("say-no-gaps"), *missing]))
    given = sum(bool(row["reason"]) for row in rows)
    key = "say-gaps-explained" if given == len(rows) else "say-gaps"
    told = [text(key, n=len(rows), given=given), *missing]
    open_ = [f"{row['label']}: {row['criterion']}" for row in rows if not row["explained"]]
    if open_:
        names = listed(open_, "criterion", "; ")
        told.append(text("say-gaps-open", n=len(open_), listed=names))
    said = paragraph(" ".join(told))
    if len(open_) <= MOST_NAMES + 1:
        return said
    rest = folded(open_)
    return Block(said.html + rest.html, f"{said.plain}\n{rest.plain}")


def _filled(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the headings, without that of the remarks where there are none."""
    remarks = text("column-why")
    return [c for c in rows[0] if c != remarks or any(row[remarks] for row in rows)]


def _criteria(ds: Dataset, year: int) -> dict[str, str]:
    frame = indicators.appraisal(ds, year)
    return {row["code"]: row["criterion"] for row in records(frame) if row["criterion"]}


def _points(value: Any) -> str:
    return NO_VALUE if value is None else number(value, 2)
