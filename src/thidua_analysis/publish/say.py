"""Sentences with figures, computed from frames: no number in the text is typed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import wording
from thidua_analysis.charts.figures import read, records
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.targets import judged, why_open
from thidua_analysis.links import marked
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import Block, bullets, paragraph
from thidua_analysis.vietnamese.display import number


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
    told = [f"{wording.name_of(figures)} {wording.trend(figures, changes)}."]
    told += wording.details(figures, changes)
    return paragraph(" ".join(told))


def say_targets(ds: Dataset, year: int) -> Block:
    """Say how many targets were met and exceeded, the earliest, the missed, those left open."""
    found = records(indicators.targets_met(ds, by=("year",), year=year))
    if not found:
        return paragraph(text("say-nothing"))
    (met,), (exceeded,) = found, records(indicators.targets_exceeded(ds, by=("year",), year=year))
    told = [text("say-targets-none", year=year)]
    if met["value"] is not None:
        told = [
            text(
                "say-targets",
                year=year,
                met=marked(met["text"], met["id"]),
                exceeded=marked(number(exceeded["numerator"], 0), exceeded["id"]),
            )
        ]
    if met["missing"]:
        absent = ", ".join(ds.bloc.member(member).short for member in met["missing"])
        told.append(wording.sentence(text("lack-missing", members=absent)))
    lists = [*_missed(ds, year), *_open(ds, year)]
    return bullets([*told, *_early(ds, year), *lists])


def _early(ds: Dataset, year: int) -> Iterator[str]:
    early = indicators.days_early(ds, year=year)
    days = [row for row in records(early) if row["value"] is not None]
    if not days:
        return
    best = max(int(row["value"]) for row in days)
    first = [row for row in days if row["value"] == best]
    late = [row for row in days if row["value"] < 0]
    if best > 0:
        key = "say-earliest-tied" if len(first) > 1 else "say-earliest"
        who = wording.listed((_who(ds, row) for row in first), "target", "; ")
        yield text(key, who=who, days=marked(number(best, 0), first[0]["id"]))
    if late:
        listed = "; ".join(_who(ds, row) for row in late)
        yield text("say-late", n=len(late), targets=listed)


def _missed(ds: Dataset, year: int) -> Iterator[str]:
    missed = [row for row in judged(ds, year=year) if row["status"] == "missed"]
    if not missed:
        return
    percent = {_target(row): row for row in records(indicators.attainment(ds, year=year))}
    listed = []
    for row in missed:
        own = percent.get(_target(row))
        counts = {name: wording.unrounded(row[name]) for name in ("planned", "actual")}
        printed = text("targets-counts", **counts)
        if own and own["value"] is not None:
            printed = marked(own["text"], own["id"])
        listed.append(f"{_who(ds, row)} ({printed})")
    yield text("say-missed", n=len(missed), targets="; ".join(listed))


def _open(ds: Dataset, year: int) -> Iterator[str]:
    left = [row for row in judged(ds, year=year) if not row["status"]]
    if left:
        listed = "; ".join(f"{_who(ds, row)} ({why_open(row)})" for row in left)
        yield text("say-open", n=len(left), targets=listed)


def _target(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["year"], row["member"], row["target_name"]


def _who(ds: Dataset, row: Mapping[str, Any]) -> str:
    return f"{ds.bloc.member(row['member']).short}: {row['target_name']}"


def say_roles(ds: Dataset, year: int) -> Block:
    """Say who leads the bloc in a year, as the bloc's forms and its settings give it."""
    told = []
    for role in ("head", "deputy"):
        members = [
            row["member"]
            for row in ds.records("roles")
            if row["year"] == year and row["role"] == role and row["member"]
        ]
        if members:
            name = ds.bloc.member(members[-1]).name
            told.append(text(f"say-{role}", year=year, member=name, bloc=ds.bloc.called))
    return paragraph(" ".join(told) or text("say-no-roles", year=year, bloc=ds.bloc.called))
