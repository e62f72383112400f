"""Heat map: one cell a member and column, the value written in each, a mark for what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import heading
from thidua_analysis.charts.chart import Chart, compose, empty
from thidua_analysis.charts.series import (
    MEASURES,
    dataset_of,
    definition,
    label,
    measure,
    point_of,
    records,
    whole,
)
from thidua_analysis.errors import UsageError
from thidua_analysis.lineage.register import marked, without
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number

#: More parts than these are drawn as one.
MOST_PARTS = 4


@dataclass(frozen=True)
class _Score:
    name: str
    parts: dict[str, Fraction]
    #: id of each part that is a figure, and of the total under None
    ids: dict[str | None, str]
    total: Fraction


def scores(frame: pd.DataFrame) -> Chart:
    """Draw the points of each member in the parts that they are made of.

    Parameters
    ----------
    frame
        Frame of figures of ``score_total`` of one year and stage, by member and one more
        breakdown: kind or criterion.

    Returns
    -------
    Chart
        Highest total on top; deductions are written, not stacked.

    Raises
    ------
    UsageError
        If the frame has not these two breakdowns.
    """
    if frame.empty:
        return empty(frame)
    others = [str(n) for n in frame.columns if n not in MEASURES | {"year", "member", "stage"}]
    if "member" not in frame or len(others) != 1:
        raise UsageError("chart-two-breakdowns", names=", ".join(["member", *others]))
    found, left = _read(frame, others[0])
    words = _words(frame, found, left)
    return compose(words, _table(found, left), lambda sheet: _draw(sheet, found))


def _read(frame: pd.DataFrame, by: str) -> tuple[list[_Score], dict[str, str]]:
    """Return the members with a total, highest first, and those without one, with the reason."""
    parts: dict[str, dict[str, Fraction]] = {}
    ids: dict[str, dict[str | None, str]] = {}
    for row in records(frame):
        point = point_of(row)
        if point.value is not None:
            member, part = str(row["member"]), label(frame, by, str(row[by]))
            parts.setdefault(member, {})[part] = point.exact
            ids.setdefault(member, {})[part] = point.id
            ids[member][None] = without(point.id, by)
    totals = {str(row["member"]): point_of(row) for row in whole(frame, by)}
    kept = _largest(parts)
    rest = text("scores-rest")
    scores = []
    for member, own in parts.items():
        # the total of the rules of the bloc: a cap on the bonus, a floor, no total with a gap
        total = totals[member].exact if member in totals else sum(own.values(), Fraction(0))
        if member in totals and totals[member].value is None:
            continue
        merged: dict[str, Fraction] = {part: own[part] for part in kept if part in own}
        if other := [value for part, value in own.items() if part not in kept]:
            merged[rest] = sum(other, Fraction(0))
        scores.append(_Score(label(frame, "member", member), merged, ids[member], total))
    known = {score.name for score in scores}
    left: dict[str, str] = {}
    if ds := dataset_of(frame):
        wanted = dict.fromkeys([*ds.expected(int(frame["year"].iloc[0])), *totals])
        for member in (m for m in wanted if ds.bloc.member(m).short not in known):
            reason = totals[member].reason if member in totals else ""
            left[ds.bloc.member(member).short] = reason
    return sorted(scores, key=lambda score: -score.total), left


def _largest(parts: dict[str, dict[str, Fraction]]) -> list[str]:
    """Return the parts that are drawn apart, in the order of the frame."""
    sums: dict[str, Fraction] = {}
    for own in parts.values():
        for part, value in own.items():
            sums[part] = sums.get(part, Fraction(0)) + abs(value)
    if len(sums) <= MOST_PARTS:
        return list(sums)
    chosen = sorted(sums, key=lambda part: -sums[part])[: MOST_PARTS - 1]
    return [part for part in sums if part in chosen]


def _words(frame: pd.DataFrame, found: list[_Score], left: dict[str, str]) -> caption.Words:
    name, year = measure("score_total"), int(frame["year"].iloc[0])
    said = _said(found, left, year)
    alt = [text("alt-scores", kind=text("kind-scores"), label=name, year=year, said=said)]
    if found:
        totals = "; ".join(f"{s.name} {number(s.total, 2)}" for s in found)
        alt.append(text("alt-listed", listed=totals))
    reasons = [f"{who}: {reason}" for who, reason in left.items() if reason]
    notes = [phrases.sentence(one) for one in reasons]
    if any(sum(s.parts.values(), Fraction(0)) != s.total for s in found):
        notes.append(text("scores-rules"))
    head = [f"{name} ({frame['unit'].iloc[0]})", text("chart-by", noun=phrases.noun("member"))]
    cover = text("chart-coverage", reporting=len(found), expected=len(found) + len(left))
    head += [caption.stage(frame), str(year), cover]
    if left:
        head.append(text("chart-incomplete"))
    subtitle = [", ".join(filter(None, head)), definition("score_total"), *notes]
    return caption.Words(
        said,
        " ".join(phrases.sentence(part) for part in subtitle),
        " ".join([*alt, *notes, text("chart-table-below")]),
        caption.source_of(frame),
    )


def _said(found: list[_Score], left: dict[str, str], year: int) -> str:
    """Return who leads; nobody does while others have no total yet."""
    if left:
        words: dict[str, Any] = {"n": len(found), "expected": len(found) + len(left)}
        return text("said-scores-some", year=year, absent=phrases.listed(left, "member"), **words)
    if not found:
        return f"{measure('score_total')} {text('said-none')}"
    first = [score.name for score in found if score.total == found[0].total]
    top = marked(number(found[0].total, 2), found[0].ids[None])
    behind = next((s for s in found if s.total != found[0].total), None)
    gap = number(found[0].total - behind.total, 2) if behind else ""
    key = "said-scores" if len(first) == 1 else "said-scores-joint"
    if not behind:
        key = "said-scores-tied" if len(found) > 1 else "said-scores-one"
    who = phrases.listed(first, "member")
    return text(key, who=who, total=top, year=year, gap=gap, n=len(found))


def _table(found: list[_Score], left: dict[str, str]) -> pd.DataFrame:
    parts = list(dict.fromkeys(part for score in found for part in score.parts))
    dashes = dict.fromkeys([*parts, text("column-total")], "–")
    table = pd.DataFrame(
        [
            {
                heading("member"): score.name,
                **{p: number(score.parts[p], 2) if p in score.parts else "–" for p in parts},
                text("column-total"): number(score.total, 2),
            }
            for score in found
        ]
        + [{heading("member"): who, **dashes, text("column-why"): why} for who, why in left.items()]
    )
    table = table.fillna("")
    table.attrs["ids"] = {
        (at, part or text("column-total")): figure
        for at, score in enumerate(found)
        for part, figure in score.ids.items()
        if part is None or part in score.parts
    }
    return table


def _draw(sheet: layout.Sheet, found: list[_Score]) -> None:
    if not found:
        return
    names = layout.label_width([score.name for score in found], 3.6)
    ends = [_end(score) for score in found]
    right = max(theme.text_width(end, bold=True) for end in ends) + 0.25
    axes = sheet.axes(left=names + 0.2, right=right, top=0.65)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(0, max(float(_stacked(score)) for score in found) or 1)
    step = layout.rows(axes, len(found))
    parts = list(dict.fromkeys(part for score in found for part in score.parts))
    layout.row_labels(axes, [score.name for score in found], names, step)
    for row, score in enumerate(found):
        _bar(axes, row, score, parts, min(0.66, 0.5 / step))
        per_x, _ = layout.inches_per_unit(axes)
        layout.write(axes, float(_stacked(score)) + 0.12 / per_x, row, ends[row], bold=True)
    _heads(axes, found[0], parts, step)


def _stacked(score: _Score) -> Fraction:
    return sum((value for value in score.parts.values() if value > 0), Fraction(0))


def _end(score: _Score) -> str:
    """Return the total with what was deducted."""
    less = sum((value for value in score.parts.values() if value < 0), Fraction(0))
    total = number(score.total, 2)
    return f"{total} ({text('scores-less', points=number(-less, 2))})" if less else total


def _bar(axes: Axes, row: int, score: _Score, parts: list[str], thick: float) -> None:
    left = Fraction(0)
    per_x, _ = layout.inches_per_unit(axes)
    for index, part in enumerate(parts):
        value = score.parts.get(part, Fraction(0))
        if value <= 0:
            continue
        colour = theme.PALETTE[index]
        axes.barh(
            row, float(value), left=float(left), height=thick, color=colour,
            edgecolor=theme.PAPER, linewidth=2,
        )  # fmt: skip
        shown = number(value, 2)
        if theme.text_width(shown) + 0.15 < float(value) * per_x:
            middle = float(left + value / 2)
            layout.write(axes, middle, row, shown, ha="center", colour=theme.on(colour))
        left += value


def _heads(axes: Axes, first: _Score, parts: list[str], step: float) -> None:
    """Name the parts above the first bar, each over its own piece."""
    per_x, _ = layout.inches_per_unit(axes)
    left, middles = Fraction(0), {}
    for part in parts:
        value = max(first.parts.get(part, Fraction(0)), Fraction(0))
        if value:
            middles[part] = float(left + value / 2)
        left += value
    low, high = axes.get_xlim()
    room = (high - low) * per_x / max(1, len(middles)) - 0.15
    shown = [theme.wrap(part, room, theme.SMALL, balanced=True) for part in middles]
    widths = [theme.text_width(row, theme.SMALL) for one in shown for row in one.split("\n")]
    half = max(widths, default=0.0) / 2 / per_x
    at = layout.spread(list(middles.values()), 2 * half + 0.15 / per_x, low + half, high - half / 3)
    for words, middle, x in zip(shown, middles.values(), at, strict=True):
        y = -0.5 - 0.16 / step
        layout.write(axes, x, y, words, ha="center", va="bottom", size=theme.SMALL)
        axes.plot(
            [x, middle], [-0.5 - 0.12 / step, -0.34], color=theme.CONTEXT, lw=1, clip_on=False
        )


@dataclass(frozen=True)
class _Grid:
    rows: list[str]
    columns: list[str]
    cells: dict[tuple[str, str], tuple[float | None, str]]
    ids: dict[tuple[str, str], str]


def heatmap(frame: pd.DataFrame) -> Chart:
    """Draw shares by two breakdowns as a table of coloured cells with text.

    Parameters
    ----------
    frame
        Frame of figures in percent by two breakdowns, the first one down, the last one across;
        the year counts as a breakdown where there are several.

    Raises
    ------
    UsageError
        If the frame has not two breakdowns.
    """
    if frame.empty:
        return empty(frame)
    years = sorted({int(year) for year in frame["year"]}) if "year" in frame else []
    named = [str(name) for name in frame.columns if name not in MEASURES | {"year"}]
    dimensions = [*named, "year"] if len(named) == 1 else named
    if len(dimensions) != 2:
        raise UsageError("chart-two-breakdowns", names=", ".join(dimensions))
    grid = _grid(frame, dimensions[0], dimensions[1])
    words = _words_heatmap(frame, grid, years)
    return compose(
        words,
        _table_heatmap(grid, heading(dimensions[0])),
        lambda sheet: _draw_heatmap(sheet, grid),
    )


def _grid(frame: pd.DataFrame, down: str, across: str) -> _Grid:
    cells, ids = {}, {}
    rows: dict[str, None] = {}
    columns: dict[str, None] = {}
    for row in records(frame):
        first = label(frame, down, str(row[down]))
        second = str(row[across]) if across == "year" else label(frame, across, str(row[across]))
        rows[first] = columns[second] = None
        value = None if row["value"] is None or pd.isna(row["value"]) else float(row["value"])
        cells[first, second] = (value, str(row["text"]))
        if value is not None:
            ids[first, second] = str(row.get("id", ""))
    if down == "member" and (ds := dataset_of(frame)) and "member" not in frame.attrs["scope"]:
        # who sent nothing has no row of figures, but a row of the picture
        years = {int(year) for year in frame["year"]} if "year" in frame else set(ds.years)
        for member in (m for year in sorted(years) for m in ds.expected(year)):
            rows.setdefault(ds.bloc.member(member).short)
    return _Grid(list(rows), list(columns), cells, ids)


def _words_heatmap(frame: pd.DataFrame, grid: _Grid, years: list[int]) -> caption.Words:
    name = measure(str(frame["indicator"].iloc[0]))
    when = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}" if years else ""
    values = [value for value, _ in grid.cells.values() if value is not None]
    places = len(grid.rows) * len(grid.columns)
    full, missing = sum(v >= 100 for v in values), places - len(values)
    everything = full == places
    key = "said-full" if everything else "said-some-missing" if missing else "said-some-full"
    said = text(key, full=full, n=places, missing=missing, year=when)
    known = {at: cell for at, cell in grid.cells.items() if cell[0] is not None}
    least = min(values, default=None)
    low = [f"{row}, {column}" for (row, column), cell in known.items() if cell[0] == least]
    alt = [text("alt-heatmap", kind=text("kind-heatmap"), label=name, years=when, said=said)]
    if low and least is not None and least < 100:
        shown = dict.fromkeys(cell[1] for cell in known.values() if cell[0] == least)
        places_ = phrases.listed(low, sign="; ")
        alt.append(text("alt-lowest", places=places_, text="; ".join(shown)))
    cover = wording.members(frame) if "member" in frame else ""
    head = [f"{name} ({frame['unit'].iloc[0]})", caption.stage(frame), when, cover]
    subtitle = [", ".join(filter(None, head)), definition(str(frame["indicator"].iloc[0]))]
    subtitle.append(text("chart-missing-mark") if missing else "")
    return caption.Words(
        f"{name} {said}",
        " ".join(phrases.sentence(part) for part in subtitle if part),
        " ".join([*alt, text("chart-table-below")]),
        caption.source_of(frame),
    )


def _table_heatmap(grid: _Grid, head: str) -> pd.DataFrame:
    table = pd.DataFrame(
        [
            {head: row, **{c: grid.cells.get((row, c), (None, "–"))[1] for c in grid.columns}}
            for row in grid.rows
        ]
    )
    table.attrs["ids"] = {(grid.rows.index(r), c): name for (r, c), name in grid.ids.items()}
    return table


def _draw_heatmap(sheet: layout.Sheet, grid: _Grid) -> None:
    names = layout.label_width(grid.rows, 3.4)
    axes = sheet.axes(left=names + 0.2, top=0.62)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(-0.5, len(grid.columns) - 0.5)
    step = layout.rows(axes, len(grid.rows))
    width = layout.inches_per_unit(axes)[0]
    layout.row_labels(axes, grid.rows, names, step)
    for row, name in enumerate(grid.rows):
        for column, head in enumerate(grid.columns):
            value, shown = grid.cells.get((name, head), (None, ""))
            _cell(axes, row, column, value, theme.shorten(shown, width - 0.12))
    for column, head in enumerate(grid.columns):
        shown = theme.wrap(head, width - 0.12, theme.SMALL, balanced=True)
        y = -0.5 - 0.1 / step
        layout.write(axes, column, y, shown, ha="center", va="bottom", size=theme.SMALL)


def _cell(axes: Axes, row: int, column: int, value: float | None, shown: str) -> None:
    box: Any = {"xy": (column - 0.48, row - 0.45), "width": 0.96, "height": 0.9}
    if value is None:
        axes.add_patch(
            Rectangle(**box, facecolor=theme.PAPER, edgecolor=theme.CONTEXT, hatch="///", lw=1)
        )
        layout.write(
            axes, column, row, f"✗ {text('chart-missing')}", ha="center", bold=True,
            size=theme.SMALL, bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 3},
        )  # fmt: skip
        return
    colour = _shade(value)
    axes.add_patch(Rectangle(**box, facecolor=colour, edgecolor=theme.NAVY, lw=0.8))
    layout.write(axes, column, row, shown, ha="center", colour=theme.on(colour))


def _shade(value: float) -> str:
    for limit, colour in ((100, theme.BLUES[0]), (90, theme.BLUES[1]), (60, theme.BLUES[2])):
        if value >= limit:
            return colour
    return theme.BLUES[3]
