"""Tables of figures as they are printed: groups down, years or measures across."""

from __future__ import annotations

from typing import Any

import pandas as pd

from thidua_analysis.charts import wording
from thidua_analysis.charts.figures import Figures, label, read, records
from thidua_analysis.charts.measure import measure
from thidua_analysis.charts.rows import heading
from thidua_analysis.errors import UsageError
from thidua_analysis.messages import text
from thidua_analysis.publish.anchors import links
from thidua_analysis.publish.blocks import Block, paragraph, table_block

#: Name of a row and heading of a column.
Place = tuple[str, str]


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
    linked: dict[Place, str] = {}
    rows = _pivot(frame, down, across, head, linked)
    if total is not None and not total.empty:
        rows += _pivot(total, [], across, head, linked)
    if across == "year":
        _add_changes(rows, frame, total)
    caption = f"{_named(frame, down if across != 'year' else [])} ({_units(frame)})"
    data = pd.DataFrame(rows)
    return table_block(data, caption, _note(frame), total=total is not None, links=linked)


def _named(frame: pd.DataFrame, down: list[str]) -> str:
    """Return the name of the measure with what its rows are: "Khen thưởng theo cấp và đơn vị"."""
    name = measure(str(frame["indicator"].iloc[0]))
    if not down:
        return name
    key = "table-and-by" if f" {text('chart-by', noun='')}" in name else "table-by"
    return text(key, name=name, noun=wording.noun(down[0]))


def _pivot(
    frame: pd.DataFrame, down: list[str], across: str, head: str, linked: dict[Place, str]
) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row, link in zip(records(frame), links(frame), strict=True):
        name = label(frame, down[0], str(row[down[0]])) if down else text("column-bloc")
        column = str(row[across]) if across == "year" else label(frame, across, str(row[across]))
        found.setdefault(name, {head: name})[column] = _cell(row)
        linked[name, column] = link or ""
    columns = dict.fromkeys(c for row in found.values() for c in row)
    return [{column: row.get(column, "–") for column in columns} for row in found.values()]


def _cell(row: dict[str, Any]) -> str:
    """Return a figure as printed, with a mark where not all members reported."""
    partial = row["reporting"] < row["expected"] and row["value"] is not None
    return f"{row['text']} ({row['reporting']}/{row['expected']})" if partial else str(row["text"])


def _add_changes(
    rows: list[dict[str, str]], frame: pd.DataFrame, total: pd.DataFrame | None
) -> None:
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


def _units(frame: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(str(unit) for unit in frame["unit"]))


def _note(frame: pd.DataFrame) -> str:
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
    rows: dict[str, dict[str, str]] = {}
    linked: dict[Place, str] = {}
    for frame in frames:
        down = next(name for name in frame.attrs["by"] if name != "year")
        head = measure(frame.attrs["indicator"])
        units = _units(frame)
        head = head if units in ("%", "", "đồng") else f"{head} ({units})"
        for row, link in zip(records(frame), links(frame), strict=True):
            name = label(frame, down, str(row[down]))
            rows.setdefault(name, {heading(down): name})[head] = _cell(row)
            linked[name, head] = link or ""
    columns = dict.fromkeys(c for row in rows.values() for c in row)
    data = pd.DataFrame([{c: row.get(c, "–") for c in columns} for row in rows.values()])
    caption = caption or text("table-measures-by", noun=wording.noun(groups))
    return table_block(data, caption, links=linked)


def totals(*frames: pd.DataFrame, caption: str = "") -> Block:
    """Print figures of the whole bloc over the years, one measure a row.

    Parameters
    ----------
    *frames
        Frames of figures by year alone.
    caption
        Printed above.
    """
    rows = []
    linked: dict[Place, str] = {}
    for frame in frames:
        if frame.empty:
            continue
        figures = read(frame)
        one = figures.series[0]
        name = f"{wording.name_of_one(figures)} ({_units(frame)})".removesuffix(" (đồng)")
        row = {text("column-measure"): name}
        row |= {str(point["year"]): _cell(point) for point in records(frame)}
        years = map(str, frame["year"])
        linked |= {(name, y): link or "" for y, link in zip(years, links(frame), strict=True)}
        changes = figures.changes()
        change = wording.signed(changes[one.code], figures) if one.code in changes else "–"
        rows.append({**row, text("column-change"): change})
    if not rows:
        return paragraph(text("say-nothing"))
    columns = dict.fromkeys(column for row in rows for column in row if column.isdigit())
    order = [text("column-measure"), *sorted(columns), text("column-change")]
    data = pd.DataFrame([{c: row.get(c, "–") for c in order} for row in rows])
    return table_block(data, caption or text("table-totals"), links=linked)
