"""Tables of figures as they are printed: groups down, years or measures across."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from thidua_analysis.charts import wording
from thidua_analysis.charts.figures import Figures, label, read, records
from thidua_analysis.charts.measure import measure
from thidua_analysis.charts.rows import heading
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators.saying import uncovered
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import (
    Block,
    Cell,
    figure,
    paragraph,
    printed,
    table_block,
)

#: Heading of a column → what is printed there.
Row = dict[str, str | Cell]


def table(frame: pd.DataFrame, *, across: str = "year", total: pd.DataFrame | None = None) -> Block:
    """Print a frame of figures with one breakdown down and another one across.

    Parameters
    ----------
    frame
        Frame of figures.
    across
        Breakdown whose values become columns. Across years the change in the last one is added.
    total
        Frame of the same figures without the breakdown down: becomes the last row.
    """
    if frame.empty:
        return paragraph(text("say-nothing"))
    down = [name for name in frame.attrs["by"] if name != across]
    if across not in frame or len(down) > 1:
        raise UsageError("chart-two-breakdowns", names=", ".join([*down, across]))
    head = heading(down[0]) if down else text("column-group")
    rows = _pivot(frame, down, across, head)
    if total is not None and not total.empty:
        rows += _pivot(total, [], across, head)
    notes = [_note(frame)]
    if across == "year":
        _add_changes(rows, frame, total)
        notes += _no_changes(
            {"": frame} | ({text("column-bloc"): total} if total is not None else {})
        )
    caption = f"{_named(frame, down if across != 'year' else [])} ({_units(frame)})"
    note = " ".join(filter(None, notes))
    return table_block(printed(rows), caption, note, total=total is not None)


def _named(frame: pd.DataFrame, down: list[str]) -> str:
    """Return the name of the measure with what its rows are: "Khen thưởng theo cấp và đơn vị"."""
    name = measure(str(frame["indicator"].iloc[0]))
    if not down:
        return name
    key = "table-and-by" if f" {text('chart-by', noun='')}" in name else "table-by"
    return text(key, name=name, noun=wording.noun(down[0]))


def _pivot(frame: pd.DataFrame, down: list[str], across: str, head: str) -> list[Row]:
    found: dict[str, Row] = {}
    for row in records(frame):
        name = label(frame, down[0], str(row[down[0]])) if down else text("column-bloc")
        column = str(row[across]) if across == "year" else label(frame, across, str(row[across]))
        found.setdefault(name, {head: name})[column] = _cell(row)
    return list(found.values())


def _cell(row: dict[str, Any]) -> Cell:
    """Return a figure as printed, with a mark where not all members reported."""
    if row["reporting"] < row["expected"] and row["value"] is not None:
        return figure(row, f"{row['text']} ({row['reporting']}/{row['expected']})")
    return figure(row)


def _add_changes(rows: list[Row], frame: pd.DataFrame, total: pd.DataFrame | None) -> None:
    changes: list[str] = []
    for part in (frame, total):
        if part is None or part.empty:
            continue
        figures = read(part)
        if len(figures.years) < 2:
            return
        changes += [_change(figures, one.code) for one in figures.series]
    if len(changes) == len(rows):
        for row, change in zip(rows, changes, strict=True):
            row[text("column-change")] = change


def _change(figures: Figures, code: str) -> str:
    found = figures.changes()
    return wording.signed(found[code], figures) if code in found else "–"


def _no_changes(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say of which rows no change is computed though both years have a value, and why.

    Parameters
    ----------
    frames
        Name of a row → frame of its figures; without a name, the labels of the frame name them.
    """
    found: dict[str, list[str]] = {}
    for name, frame in frames.items():
        if frame.empty:
            continue
        figures = read(frame)
        year = figures.years[-1]
        for one in figures.series:
            now, before = one.at(year), one.at(year - 1)
            if now and before and not now.comparable:
                found.setdefault(now.reason, []).append(name or one.label)
    return [
        text("table-note-no-change", names=", ".join(names), reason=reason)
        for reason, names in found.items()
    ]


def _units(frame: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(str(unit) for unit in frame["unit"]))


def _note(frame: pd.DataFrame) -> str:
    """Return who is missing and what is not covered, as it stands under a table."""
    return " ".join(filter(None, [_absent(frame), *_uncovered({"": frame})]))


def _uncovered(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say how many individuals the shares do not cover, as their rows are incomplete.

    Parameters
    ----------
    frames
        As for `_no_changes`.
    """
    told = []
    for name, frame in frames.items():
        own = [column for column in frame.attrs.get("by", ()) if column in frame]
        for row in records(frame):
            if words := uncovered(row):
                where = [name, *(label(frame, column, str(row[column])) for column in own)]
                told.append(f"{', '.join(filter(None, where))}: {words}")
    return [text("table-note-uncovered", told="; ".join(told))] if told else []


def _absent(frame: pd.DataFrame) -> str:
    """Return who is missing, or how the coverage in the cells is to be read."""
    absent = dict.fromkeys(m for row in frame["missing"] for m in row)
    if not absent:
        return ""
    names = frame.attrs["names"].get("member", {})
    if not set(absent) <= set(names):
        return text("table-note-coverage")
    return text("table-note-missing", members=", ".join(names[m] for m in absent))


def side_by_side(*frames: pd.DataFrame, caption: str = "") -> Block:
    """Print several measures of the same groups beside each other.

    Parameters
    ----------
    *frames
        Frames of figures of one year with the same single breakdown.
    caption
        Printed above; by default what the groups are.
    """
    groups = next(name for name in frames[0].attrs["by"] if name != "year")
    rows: dict[str, Row] = {}
    for frame in frames:
        down = next(name for name in frame.attrs["by"] if name != "year")
        head = measure(frame.attrs["indicator"])
        units = _units(frame)
        head = head if units in ("%", "", "đồng") else f"{head} ({units})"
        for row in records(frame):
            name = label(frame, down, str(row[down]))
            rows.setdefault(name, {heading(down): name})[head] = _cell(row)
    caption = caption or text("table-measures-by", noun=wording.noun(groups))
    named = {measure(frame.attrs["indicator"]): frame for frame in frames}
    return table_block(printed(list(rows.values())), caption, " ".join(_uncovered(named)))


def totals(*frames: pd.DataFrame, caption: str = "") -> Block:
    """Print figures of the whole bloc over the years, one measure a row.

    Parameters
    ----------
    *frames
        Frames of figures by year alone.
    caption
        Printed above.
    """
    rows: list[Row] = []
    named: dict[str, pd.DataFrame] = {}
    for frame in frames:
        if frame.empty:
            continue
        figures = read(frame)
        one = figures.series[0]
        name = f"{wording.name_of_one(figures)} ({_units(frame)})".removesuffix(" (đồng)")
        named[name] = frame
        row: Row = {text("column-measure"): name}
        row |= {str(point["year"]): _cell(point) for point in records(frame)}
        changes = figures.changes()
        change = wording.signed(changes[one.code], figures) if one.code in changes else "–"
        rows.append({**row, text("column-change"): change})
    if not rows:
        return paragraph(text("say-nothing"))
    columns = dict.fromkeys(column for row in rows for column in row if column.isdigit())
    order = [text("column-measure"), *sorted(columns), text("column-change")]
    note = " ".join([*_uncovered(named), *_no_changes(named)])
    return table_block(printed(rows, order), caption or text("table-totals"), note)
