"""Columns of dates."""

from __future__ import annotations

import datetime as dt

from thidua_analysis.excel import address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import finding
from thidua_analysis.submission.columns import Task, shown
from thidua_analysis.vietnamese.dates import column_swapped, parse_date


def read_dates(task: Task, filled: dict[int, Value]) -> None:
    """Read a column of dates; where day and month are swapped in one, none is taken.

    Parameters
    ----------
    task
        The column.
    filled
        Position → value of its cells.
    """
    values = task.result.values
    if set(map(type, filled.values())) == {dt.date}:
        for position, value in filled.items():
            values[position] = value  # type: ignore[assignment]
        return
    if column_swapped(filled.values()):
        _report_swapped(task, filled)
        return
    for position, value in filled.items():
        _take(task, position, value)


def _take(task: Task, position: int, value: Value) -> None:
    if isinstance(value, bool):
        task.report("date-format", position, shown(value))
        return
    read = parse_date(value, task.context.year)
    if read.code:
        task.report(read.code, position, shown(value), read.suggestion)
    if read.value is not None and position not in task.result.broken:
        task.result.values[position] = read.value
        if isinstance(value, str):
            task.result.typed[position] = value


def _report_swapped(task: Task, filled: dict[int, Value]) -> None:
    """Report the column at its heading, with the text that gives it away."""
    context = task.context
    texts = [v for v in filled.values() if isinstance(v, str)]
    culprit = next((t for t in texts if column_swapped([t])), texts[0] if texts else "")
    context.found.append(
        finding(
            "date-swapped",
            sheet=context.sheet.name,
            cell=address(task.column.heading_row, task.column.column),
            heading=task.asked.heading,
            value=None if context.private else shown(culprit),
        )
    )
    task.result.broken.update(filled)
