"""The rows behind a chart as they are printed in its data table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from thidua_analysis.charts.figures import Figures, Point, Series
from thidua_analysis.charts.wording import signed_of, why_no_change
from thidua_analysis.messages import text


def heading(dimension: str) -> str:
    """Return what a column of the labels of a breakdown is headed."""
    try:
        return text(f"dimension-{dimension}")
    except KeyError:
        return text("column-group")


def display_rows(figures: Figures) -> pd.DataFrame:
    """Return one row a figure: group, year, value as printed, its parts, change and coverage."""
    points = [(one, point) for one in figures.series for point in one.points]
    table = pd.DataFrame([_row(figures, one, point) for one, point in points])
    shown = table.loc[:, [name for name in table.columns if not table[name].isna().all()]].copy()
    if (why := text("column-why")) in shown:
        shown[why] = shown[why].fillna("")
    shown.attrs["ids"] = {
        (at, column): point.id
        for at, (_, point) in enumerate(points)
        for column in _printed(shown)
        if point.value is not None
    }
    return shown


def _why(figures: Figures, one: Series, point: Point) -> str | None:
    """Return why there is no value or no change; nothing where there is both, or no year before."""
    if point.value is None:
        return point.reason or None
    return (why_no_change(one, point.year) or None) if point.year > figures.years[0] else None


def _printed(table: pd.DataFrame) -> list[str]:
    """Return the columns that print a figure or its parts."""
    columns = [text(f"column-{name}") for name in ("value", "vnd", "numerator", "denominator")]
    return [column for column in columns if column in table]


def _row(figures: Figures, one: Series, point: Point) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if figures.dimension:
        row[heading(figures.dimension)] = one.label
    row[text("column-year")] = str(point.year)
    row[text("column-value")] = point.text
    if point.unit == "đồng":
        row[text("column-vnd")] = point.numerator
    elif any(p.denominator is not None for s in figures.series for p in s.points):
        row[text("column-numerator")] = point.numerator
        row[text("column-denominator")] = point.denominator
    row[text("column-change")] = signed_of(one, point.year)
    if figures.dimension != "member":
        row[text("column-coverage")] = f"{point.reporting}/{point.expected}"
    row[text("column-why")] = _why(figures, one, point)
    return row
