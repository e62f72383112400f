"""Sentences with figures, computed from frames: no number in the text is typed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import wording
from thidua_analysis.charts.figures import label, point_of, read, records
from thidua_analysis.dataset import Dataset
from thidua_analysis.links import marked
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import Block, bullets, paragraph
from thidua_analysis.vietnamese.display import number


def say(frame: pd.DataFrame) -> Block:
    """Say what a frame of figures shows: level, direction, extremes, breaks.

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
    """Say how many targets were met and exceeded, the earliest, and which were missed."""
    found = records(indicators.targets_met(ds, by=("year",), year=year))
    if not found or found[0]["value"] is None:
        return paragraph(text("say-nothing"))
    (met,), (exceeded,) = found, records(indicators.targets_exceeded(ds, by=("year",), year=year))
    told = [
        text(
            "say-targets",
            year=year,
            met=marked(met["text"], met["id"]),
            exceeded=marked(number(exceeded["numerator"], 0), exceeded["id"]),
        )
    ]
    told += _early(ds, year)
    return bullets([*told, *_missed(ds, year)])


def _early(ds: Dataset, year: int) -> Iterator[str]:
    early = indicators.days_early(ds, year=year)
    days = [row for row in records(early) if row["value"] is not None]
    if not days:
        return
    best = max(days, key=lambda row: int(row["value"]))
    late = [row for row in days if row["value"] < 0]
    if best["value"] > 0:
        days_early = marked(number(best["value"], 0), best["id"])
        yield text("say-earliest", who=_who(early, best), days=days_early)
    if late:
        listed = "; ".join(_who(early, row) for row in late)
        yield text("say-late", n=len(late), targets=listed)


def _missed(ds: Dataset, year: int) -> Iterator[str]:
    frame = indicators.attainment(ds, year=year)
    points = [(row, point_of(row)) for row in records(frame)]
    missed = [(row, p) for row, p in points if p.value is not None and p.exact < 100]
    if missed:
        listed = "; ".join(f"{_who(frame, row)} ({marked(p.text, p.id)})" for row, p in missed)
        yield text("say-missed", n=len(missed), targets=listed)


def _who(frame: pd.DataFrame, row: dict[str, Any]) -> str:
    return f"{label(frame, 'member', str(row['member']))}: {row['target_name']}"


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
            told.append(text(f"say-{role}", year=year, member=name))
    return paragraph(" ".join(told) or text("say-no-roles", year=year))
