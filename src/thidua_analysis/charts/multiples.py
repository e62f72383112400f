"""Small multiples: one panel a group, all on one scale, the others in grey behind."""

from __future__ import annotations

from math import ceil

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import layout, theme
from thidua_analysis.charts.chart import Chart
from thidua_analysis.charts.figures import Figures, Series
from thidua_analysis.charts.lines import draw_series, mark_breaks, scale
from thidua_analysis.charts.years import over_years
from thidua_analysis.messages import text

#: Inches below the lowest panel of each column, where the years stand.
_YEARS = 0.3
#: Inches between a panel's right edge and the next panel's numbers.
_APART = 0.36
#: Inches right of the last panel, for half of the last year.
_EDGE = 0.2


def multiples(frame: pd.DataFrame) -> Chart:
    """Draw every group of a frame of figures in a panel of its own; of one year alone, bars.

    Parameters
    ----------
    frame
        Frame of figures by year and one breakdown.

    Returns
    -------
    Chart
        Panels on one scale; gaps where years must not be compared.
    """
    return over_years(frame, "multiples", _draw, notes=[text("chart-grey")])


def _draw(sheet: layout.Sheet, figures: Figures) -> None:
    count = len(figures.series)
    across = min(count, 3 if count in (3, 5, 6, 9) else 4)
    down = ceil(count / across)
    whole = theme.WIDTH - 2 * theme.MARGIN
    cell_w = (whole + _APART - _EDGE) / across
    cell_h = (sheet.top - sheet.bottom - _YEARS) / down
    width, lines = cell_w - 0.12 - _APART, 2 if cell_h > 1.8 else 1
    names = [_name(one, figures, width, lines) for one in figures.series]
    above = 0.23 + theme.line_height() * max(name.count("\n") + 1 for name in names)
    for index, (one, name) in enumerate(zip(figures.series, names, strict=True)):
        column, row = index % across, index // across
        axes = sheet.axes(
            left=column * cell_w + 0.62,
            right=whole - (column + 1) * cell_w + _APART,
            top=row * cell_h + above,
            bottom=(down - row - 1) * cell_h + _YEARS + 0.18,
        )
        _panel(axes, one, figures)
        axes.tick_params(axis="x", labelbottom=index + across >= count)
        _head(axes, name, _value(one, figures), width)


def _panel(axes: Axes, one: Series, figures: Figures) -> None:
    scale(axes, figures)
    axes.tick_params(axis="y", labelsize=theme.SMALL)
    layout.year_axis(axes, figures.years, theme.SMALL)
    for other in figures.series:
        if other is not one:
            draw_series(axes, other, theme.RULE, "", width=1.2, size=0)
    draw_series(axes, one, theme.NAVY, "o", width=3, size=6)
    mark_breaks(axes, [one], figures.years[0], named=False)


def _value(one: Series, figures: Figures) -> str:
    """Return the last value of a series, with its year where it is not the last one."""
    have = [p for p in one.points if p.value is not None]
    if not have:
        return "–"
    last = have[-1]
    return last.text if last.year == figures.years[-1] else f"{last.text} ({last.year})"


def _name(one: Series, figures: Figures, width: float, lines: int) -> str:
    """Return the name of a panel in the room that its value leaves."""
    room = width - theme.text_width(_value(one, figures), bold=True) - 0.15
    return theme.wrap(one.label, room, theme.LABEL, lines=lines)


def _head(axes: Axes, name: str, value: str, width: float) -> None:
    """Write name and value over a panel, from edge to edge."""
    box, (w, h) = axes.get_position(), layout.figure_size(axes)
    left, y = box.x0 - 0.5 / w, box.y1 + 0.16 / h
    axes.figure.text(left, y, name, ha="left", va="bottom", linespacing=1.0)
    axes.figure.text(
        left + width / w, y, value, ha="right", va="bottom",
        fontproperties=theme.font(bold=True),
    )  # fmt: skip
