"""The rows behind a chart as they are printed in its data table."""

from __future__ import annotations

import pandas as pd

from thidua_analysis.charts.figures import Figures
from thidua_analysis.charts.wording import signed
from thidua_analysis.messages import text


def heading(dimension: str) -> str:
    """Return what a column of the labels of a breakdown is headed."""
    try:
        return text(f"dimension-{dimension}")
    except KeyError:
        return text("column-group")


def display_rows(figures: Figures) -> pd.DataFrame:
    """Return one row a figure: group, year, value as printed, its parts, change and coverage."""
    rows = []
    for one in figures.series:
        for point in one.points:
            change = one.change(point.year)
            rows.append(
                {
                    **({heading(figures.dimension): one.label} if figures.dimension else {}),
                    text("column-year"): str(point.year),
                    text("column-value"): point.text,
                    text("column-numerator"): point.numerator,
                    text("column-denominator"): point.denominator,
                    text("column-change"): "–" if change is None else signed(change, figures),
                    **(
                        {text("column-coverage"): f"{point.reporting}/{point.expected}"}
                        if figures.dimension != "member"
                        else {}
                    ),
                }
            )
    table = pd.DataFrame(rows)
    return table.loc[:, [name for name in table.columns if not table[name].isna().all()]]
