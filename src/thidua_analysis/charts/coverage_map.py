"""Heat map: one cell a member and column, the value written in each, a mark for what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import heading
from thidua_analysis.charts.chart import Chart, compose, empty, kind_of_chart
from thidua_analysis.charts.phrases import definition, measure
from thidua_analysis.charts.series import MEASURES, dataset_of, label, records
from thidua_analysis.findings import UsageError
from thidua_analysis.messages import text


@dataclass(frozen=True)
class _Grid:
    rows: list[str]
    columns: list[str]
    cells: dict[tuple[str, str], tuple[float | None, str]]
    ids: dict[tuple[str, str], str]


@kind_of_chart
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
    dimensions = [*named, "year"] if len(named) == 1 and years else named
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
    unit = str(frame["unit"].iloc[0])
    known = {at: cell for at, cell in grid.cells.items() if cell[0] is not None}
    least = min(values, default=None)
    if missing:
        said = text("said-some-missing", n=places, missing=missing, year=when or 0)
    elif unit == "%":
        key = "said-full" if full == places else "said-some-full"
        said = text(key, full=full, n=places, year=when or 0)
    else:
        ends = sorted(known.values(), key=lambda cell: cell[0] or 0)
        said = text("said-between", least=ends[0][1], most=ends[-1][1], year=when or 0)
    low = [f"{row}, {column}" for (row, column), cell in known.items() if cell[0] == least]
    alt = [text("alt-heatmap", kind=text("kind-heatmap"), label=name, years=when, said=said)]
    if low and least is not None and (unit != "%" or least < 100):
        shown = dict.fromkeys(cell[1] for cell in known.values() if cell[0] == least)
        places_ = phrases.listed(low, sign="; ")
        alt.append(text("alt-lowest", places=places_, text="; ".join(shown)))
    cover = wording.members(frame) if "member" in frame else ""
    cover = cover if cover.endswith(text("chart-incomplete")) else ""
    head = [text("chart-unit", unit=unit) if unit else "", caption.stage(frame), when, cover]
    subtitle = [", ".join(filter(None, head)), definition(str(frame["indicator"].iloc[0]))]
    subtitle.append(text("chart-missing-mark") if missing else "")
    told = caption.Words(
        f"{name} {said}",
        " ".join(phrases.sentence(part) for part in subtitle if part),
        " ".join([*alt, text("chart-table-below")]),
        caption.source_of(frame),
    )
    return told if when else told.without_year()


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
    names = layout.label_width(grid.rows, 1.4 if sheet.narrow else 3.4)
    axes = sheet.axes(names=names, top=0.62)
    layout.bare(axes)
    axes.set_xticks([])
    axes.set_xlim(-0.5, len(grid.columns) - 0.5)
    step = layout.rows(axes, grid.rows, beside=True)
    width = layout.inches_per_unit(axes)[0]
    layout.row_labels(axes, grid.rows, names, step, beside=True)
    for row, name in enumerate(grid.rows):
        for column, head in enumerate(grid.columns):
            value, shown = grid.cells.get((name, head), (None, ""))
            shown = shown.removesuffix("%").removesuffix(",0") if sheet.narrow else shown
            size = theme.SMALL if sheet.narrow else theme.LABEL
            _cell(axes, row, column, value, theme.shorten(shown, width - 0.06, size), size)
    for column, head in enumerate(grid.columns):
        room = theme.PHONE_HEIGHT / 2 if sheet.narrow else width - 0.12
        shown = theme.wrap(head, room, theme.SMALL, balanced=True)
        y, turned = -0.5 - 0.1 / step, 90 if sheet.narrow else 0
        layout.write(
            axes, column, y, shown, ha="center", va="bottom", size=theme.SMALL, rotation=turned
        )


def _cell(axes: Axes, row: int, column: int, value: float | None, shown: str, size: float) -> None:
    box: Any = {"xy": (column - 0.48, row - 0.45), "width": 0.96, "height": 0.9}
    if value is None:
        axes.add_patch(
            Rectangle(**box, facecolor=theme.PAPER, edgecolor=theme.CONTEXT, hatch="///", lw=1)
        )
        named = layout.inches_per_unit(axes)[0] > 0.9
        layout.write(
            axes, column, row, f"✗ {text('chart-missing')}" if named else "✗", ha="center",
            bold=True, size=theme.SMALL,
            bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 3},
        )  # fmt: skip
        return
    colour = _shade(value)
    axes.add_patch(Rectangle(**box, facecolor=colour, edgecolor=theme.NAVY, lw=0.8))
    layout.write(axes, column, row, shown, ha="center", colour=theme.on(colour), size=size)


def _shade(value: float) -> str:
    for limit, colour in ((100, theme.BLUES[0]), (90, theme.BLUES[1]), (60, theme.BLUES[2])):
        if value >= limit:
            return colour
    return theme.BLUES[3]
