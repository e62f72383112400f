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
    width = theme.WIDTH - 2 * theme.MARGIN
    cell_w, cell_h = width / across, (sheet.top - sheet.bottom) / down
    for index, one in enumerate(figures.series):
        column, row = index % across, index // across
        axes = sheet.axes(
            left=column * cell_w + 0.62,
            right=width - (column + 1) * cell_w + 0.2,
            top=row * cell_h + 0.5,
            bottom=(down - row - 1) * cell_h + 0.36,
        )
        _panel(axes, one, figures, cell_w - 0.2)


def _panel(axes: Axes, one: Series, figures: Figures, width: float) -> None:
    scale(axes, figures)
    axes.tick_params(axis="y", labelsize=theme.SMALL)
    layout.year_axis(axes, figures.years, theme.SMALL)
    for other in figures.series:
        if other is not one:
            draw_series(axes, other, theme.RULE, "", width=1.2, size=0)
    draw_series(axes, one, theme.NAVY, "o", width=3, size=6)
    mark_breaks(axes, [one], figures.years[0], named=False)
    box = axes.get_position()
    w, h = layout.figure_size(axes)
    have = [p for p in one.points if p.value is not None]
    value = have[-1].text if have else "–"
    if have and have[-1].year != figures.years[-1]:
        value = f"{value} ({have[-1].year})"
    room = width - theme.text_width(value, bold=True) - 0.15
    axes.figure.text(
        box.x0 - 0.5 / w, box.y1 + 0.16 / h, theme.shorten(theme.printable(one.label), room),
        ha="left", va="bottom",
    )  # fmt: skip
    axes.figure.text(
        box.x0 - 0.5 / w + width / w, box.y1 + 0.16 / h, value,
        ha="right", va="bottom", fontproperties=theme.font(bold=True),
    )  # fmt: skip
