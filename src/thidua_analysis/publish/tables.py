"""Tables of figures as they are printed: groups down, years or measures across."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from thidua_analysis.charts import phrases, wording
from thidua_analysis.charts.caption import Drawn, heading
from thidua_analysis.charts.phrases import measure
from thidua_analysis.charts.series import (
    Figures,
    Series,
    dataset_of,
    label,
    point_of,
    read,
    records,
    whole,
)
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators.comparability import across_breaks
from thidua_analysis.indicators.engine import uncovered
from thidua_analysis.lineage.register import marked
from thidua_analysis.messages import text
from thidua_analysis.publish.html import Block, Cell, figure, line, paragraph, table_block
from thidua_analysis.vietnamese.display import bounded, is_money, money_alike, number

#: Heading of a column → what is printed there.
Row = dict[str, str | Cell]
#: Name of a row, and why something in it has no value.
Reason = tuple[str, str]


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
    if down == ["member"] and len(rows) == 1:  # its row says it all
        total = None
    if total is not None and not total.empty:
        rows += _pivot(total, [], across, head)
    notes, reasons = [_absent(frame), *_uncovered({"": frame})], list[Reason]()
    if across == "year":
        _add_changes(rows, frame, total)
        named = {"": frame} | (
            {wording.everyone(dataset_of(total)): total} if total is not None else {}
        )
        notes += _exact(named.values()) if any(text("column-change") in row for row in rows) else []
        reasons = _no_changes(named)
        notes += _in_short(reasons, down[0] if down else None)
    else:
        notes += _refused(frame, down, across)
    if across == "year" and (said := _constant(frame, total)):
        return paragraph(said)
    caption = f"{_named(frame, down if across != 'year' else [])} ({_units(frame)})"
    caption = caption.removesuffix(" ()")
    return table_block(rows, caption, notes, total=total is not None, more=_all(reasons))


def _constant(frame: pd.DataFrame, total: pd.DataFrame | None) -> str:
    """Return the sentence that stands for a table in which nothing changed over the years."""
    told: list[str] = []
    for part in (total, frame):
        if part is None or part.empty:
            continue
        figures = read(part)
        if len(figures.years) < 2 or _absent(part) or _uncovered({"": part}):
            return ""
        for one in figures.series:
            last, later = one.points[-1], one.points[1:]
            sound = all(p.complete for p in one.points) and all(p.comparable for p in later)
            same = last.value is not None and {p.text for p in one.points} == {last.text}
            if not (sound and same and len(one.points) == len(figures.years)):
                return ""
            unit = f" {last.unit}" if not (told or last.unit == "%" or is_money(last.unit)) else ""
            ds = dataset_of(part)
            name = one.label or wording.everyone(ds)
            if one.label or not (ds and ds.is_part):
                name = phrases.within(figures.dimension or "level", name)
            told.append(f"{name} {marked(last.text, last.id)}{unit}")
    if len(told) > phrases.MOST_NAMES:
        return ""
    words = {"name": measure(figures.indicator), "told": "; ".join(told)}
    return text("table-constant", first=figures.years[0], last=figures.years[-1], **words)


def _named(frame: pd.DataFrame, down: list[str]) -> str:
    """Return the name of the measure with what its rows are: "Khen thưởng theo cấp và đơn vị"."""
    name = measure(str(frame["indicator"].iloc[0]))
    if not down:
        return name
    key = "table-and-by" if f" {text('chart-by', noun='')}" in name else "table-by"
    return text(key, name=name, noun=phrases.noun(down[0], many=False))


def _pivot(frame: pd.DataFrame, down: list[str], across: str, head: str) -> list[Row]:
    found: dict[str, Row] = {}
    for row in records(frame):
        name = (
            label(frame, down[0], str(row[down[0]]))
            if down
            else wording.everyone(dataset_of(frame))
        )
        column = str(row[across]) if across == "year" else label(frame, across, str(row[across]))
        found.setdefault(name, {head: name})[column] = _cell(row)
    return list(found.values())


def _cell(row: dict[str, Any]) -> Cell:
    """Return a figure as printed, with a mark where not all members reported all."""
    if row["value"] is None or point_of(row).complete:
        return figure(row)
    if row["reporting"] < row["expected"]:
        return figure(row, f"{row['text']} ({row['reporting']}/{row['expected']})")
    return figure(row, f"{row['text']} ({text('chart-incomplete')})")


def _add_changes(rows: list[Row], frame: pd.DataFrame, total: pd.DataFrame | None) -> None:
    changes: list[str] = []
    for part in (frame, total):
        if part is None or part.empty:
            continue
        figures = read(part)
        if len(figures.years) < 2:
            return
        changes += [phrases.signed_of(one, figures.years[-1]) for one in figures.series]
    if len(changes) == len(rows):
        for row, change in zip(rows, changes, strict=True):
            row[text("column-change")] = change


def _exact(frames: Iterable[pd.DataFrame]) -> list[str]:
    """Say once that changes are exact, where one is not what the printed values give."""
    said = (phrases.exact_changes(read(frame)) for frame in frames if not frame.empty)
    return [phrases.sentence(one) for one in dict.fromkeys(said) if one]


def _no_changes(frames: Mapping[str, pd.DataFrame]) -> list[Reason]:
    """Return the rows of which the last value or its change is not there, each with the reason.

    The frames stand by the name of their row; without one, the labels of the frame name the rows.
    """
    found: list[Reason] = []
    for name, frame in frames.items():
        if frame.empty:
            continue
        figures = read(frame)
        year = figures.years[-1]
        for one in figures.series:
            point = figures.last.get(one.code)
            reason = phrases.why_no_change(one, year)
            if point and point.value is None:
                reason = point.reason
            if reason and (len(figures.years) > 1 or one.at(year) is None):
                found.append((name or one.label, reason))
    return found


def _by_reason(reasons: Iterable[Reason]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, reason in reasons:
        found.setdefault(reason, []).append(name)
    return found


def _in_short(reasons: Iterable[Reason], dimension: str | None = None) -> Iterator[str]:
    """Yield a sentence for each reason with its first rows; see `_all`."""
    for reason, names in _by_reason(reasons).items():
        listed = phrases.listed(names, dimension)
        yield text("table-note-no-change", names=listed, reason=reason)


def _all(reasons: Sequence[Reason]) -> list[str]:
    """Return every row with its reason where the sentences do not name them all."""
    if all(len(names) <= phrases.MOST_NAMES + 1 for names in _by_reason(reasons).values()):
        return []
    return [f"{name}: {reason}" for name, reason in reasons]


def _refused(frame: pd.DataFrame, down: Sequence[str], across: str) -> Iterator[str]:
    """Yield why cells of a table across something else than years have no value."""
    blank = (
        (" – ".join(label(frame, c, str(row[c])) for c in (*down, across)), str(row["reason"]))
        for row in records(frame)
        if row["value"] is None and row["reason"] and not row["missing"]
    )
    for reason, found in _by_reason(blank).items():
        yield phrases.sentence(text("lack-refused", names=phrases.listed(found), reason=reason))


def _units(frame: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(str(unit) for unit in frame["unit"]))


def _uncovered(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say how many individuals the shares do not cover; frames as for `_no_changes`.

    The groups of a year stand in one sentence, which says once what their numbers are.
    """
    told: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for name, frame in frames.items():
        own = [column for column in frame.attrs.get("by", ()) if column in frame]
        for row in records(frame):
            if words := uncovered(row):
                count = number(row["uncovered"], 0)
                shown = {column: label(frame, column, str(row[column])) for column in own}
                year, group = shown.pop("year", ""), ", ".join(shown.values())
                about = ", ".join(filter(None, [name, year])), *words.split(count, 1)
                told.setdefault(about, []).append((group, count))
    return [_without(about, groups) for about, groups in told.items()]


def _without(about: tuple[str, ...], groups: list[tuple[str, str]]) -> str:
    where, before, after = about
    if len(groups) == 1:
        group, count = groups[0]
        where = ", ".join(filter(None, [where, group]))
        return ": ".join(filter(None, [where, f"{before}{count}{after}."]))
    said = ", ".join(filter(None, [where, before.rstrip() + after]))
    return f"{said}: {'; '.join(map(' '.join, groups))}."


def _absent(frame: pd.DataFrame) -> str:
    """Return who is missing, or how the coverage in the cells is to be read."""
    if gone := wording.absent(frame):
        return text("table-note-missing", members=phrases.listed(gone, "member"))
    absent = dict.fromkeys(m for row in frame["missing"] for m in row)
    if not absent:
        return ""
    names = frame.attrs["names"].get("member", {})
    if not set(absent) <= set(names):
        # of one member alone nothing stands in brackets but that it is incomplete
        known = (row for row in records(frame) if row["value"] is not None)
        counted = any(row["reporting"] < row["expected"] for row in known)
        return text("table-note-coverage") if counted else ""
    return text("table-note-missing", members=", ".join(names[m] for m in absent))


def side_by_side(*frames: pd.DataFrame, caption: str = "") -> Block:
    """Print several measures of the same groups beside each other, and of all below.

    Parameters
    ----------
    *frames
        Frames of figures of one year with the same single breakdown.
    caption
        Printed above; by default what the groups are.
    """
    groups = next(name for name in frames[0].attrs["by"] if name != "year")
    rows: dict[str, Row] = {}
    total: Row = {}
    notes: dict[str, None] = {}
    for frame in frames:
        notes |= dict.fromkeys(_why_blank(frame))
        down = next(name for name in frame.attrs["by"] if name != "year")
        head = measure(frame.attrs["indicator"])
        units = _units(frame)
        head = head if units in ("%", "") or is_money(units) else f"{head} ({units})"
        for row in records(frame):
            name = label(frame, down, str(row[down]))
            rows.setdefault(name, {heading(down): name})[head] = _cell(row)
        for row in whole(frame, down):
            if row["value"] is not None:
                total |= {heading(down): wording.everyone(dataset_of(frame)), head: _cell(row)}
    total = total if len(rows) > 1 else {}
    caption = caption or text("table-measures-by", noun=phrases.noun(groups, many=False))
    named = {measure(frame.attrs["indicator"]): frame for frame in frames}
    notes |= dict.fromkeys(_uncovered(named))
    shown = [*rows.values(), *([total] if total else [])]
    return table_block(shown, caption, notes, total=bool(total))


def _why_blank(frame: pd.DataFrame) -> Iterator[str]:
    """Yield why a measure has no value for some of the groups."""
    down = next(name for name in frame.attrs["by"] if name != "year")
    blank = (
        (label(frame, down, str(row[down])), str(row["reason"]))
        for row in records(frame)
        if row["value"] is None and row["reason"]
    )
    for reason, found in _by_reason(blank).items():
        who = f"{measure(frame.attrs['indicator'])}, {phrases.listed(found, down)}"
        yield phrases.sentence(text("lack-refused", names=who, reason=reason))


def totals(*frames: pd.DataFrame, caption: str = "") -> Block:
    """Print figures over the years: one measure a row, its groups below it, each with its line.

    Where a measure breaks off within the years, the series that goes on across the break follows.

    Parameters
    ----------
    *frames
        Frames of figures by year and at most one breakdown.
    caption
        Printed above.
    """
    rows: list[dict[str, object]] = []
    marks: dict[int, str] = {}
    named: dict[str, pd.DataFrame] = {}
    reasons: list[Reason] = []
    uncovered_: list[str] = []
    parts: list[str] = []
    last = ""
    for frame in _with_series_across(frames):
        figures = read(frame)
        whole = figures.dimension is None or len(figures.series) == 1
        name = phrases.name_of_one(figures) if whole else phrases.name_of(figures)
        shown = money_alike(row["value"] for row in records(frame))
        unit = shown(0).partition(" ")[2] if is_money(figures.unit) else _units(frame)
        name = f"{name} ({unit})".removesuffix(" ()")
        named[name] = frame
        reasons += _reasons(frame, name, whole=whole)
        uncovered_ += _uncovered({name if whole else "": frame})
        if not whole and last != figures.indicator:
            rows.append({text("column-measure"): name})
        last = figures.indicator
        for one in figures.series:
            if not whole:
                marks[len(rows)] = "part"
                parts.append(phrases.noun(figures.dimension))
            rows.append(_over_years(figures, one, name if whole else one.label, name, shown))
    if not rows:
        return table_block([], caption)
    years = sorted({column for row in rows for column in row if column.isdecimal()})
    order = [text("column-measure"), *years]
    order += [text("column-line")] if len(years) > 1 else []
    order.append(text("column-change"))
    for at, row in enumerate(rows):
        if len(row) == 1:
            marks[at] = "head"
            row |= dict.fromkeys(order[1:], "")
    ds = dataset_of(next(iter(named.values())))
    of = wording.everyone(ds)
    each = "" if ds and ds.is_part else text("and-each").join(dict.fromkeys(parts))
    caption = caption or (text("table-totals-parts", all=of, parts=each) if each else of)
    notes = [*dict.fromkeys(map(_absent, named.values())), *uncovered_, *_in_short(reasons)]
    notes += _exact(named.values())
    return table_block(rows, caption, notes, columns=order, more=_all(reasons), marks=marks)


def _reasons(frame: pd.DataFrame, name: str, *, whole: bool) -> list[Reason]:
    """Return what of a measure has no value or change: of its groups, each with its label."""
    if whole:
        return _no_changes({name: frame})
    return [(f"{name}, {label_}", reason) for label_, reason in _no_changes({"": frame})]


def _over_years(
    figures: Figures, one: Series, label: str, name: str, shown: Callable[[Any], str]
) -> dict[str, object]:
    """Return the values of a series by year, its line and its last change.

    Money is ``shown`` without its unit, which stands in the name.
    """
    row: dict[str, object] = {text("column-measure"): label}
    for found in records(figures.rows):
        if figures.dimension is None or str(found[figures.dimension]) == one.code:
            if is_money(figures.unit) and found["value"] is not None:
                amount = shown(found["numerator"]).partition(" ")[0]
                found["text"] = bounded(amount, found["bound"] or None)
            row[str(found["year"])] = _cell(found)
    known = [point for point in one.points if point.value is not None]
    joined = [now.year == before.year + 1 and now.comparable for before, now in pairwise(known)]
    told = "; ".join(f"{point.year}: {point.text}" for point in known)
    full = name if label == name else f"{name}, {label}"
    heights = {point.year: float(point.compared) for point in known}
    row[text("column-line")] = Drawn(line(f"{full}, {told}", heights, joined))
    return {**row, text("column-change"): phrases.signed_of(one, figures.years[-1])}


def _with_series_across(frames: Sequence[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    given = {str(frame.attrs.get("indicator")) for frame in frames}
    for frame in frames:
        if not frame.empty:
            yield frame
            yield from (own for own in across_breaks(frame) if own.attrs["indicator"] not in given)
