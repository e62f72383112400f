"""Columns of dates."""

from __future__ import annotations

import datetime as dt

from thidua_analysis.excel import address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import finding
from thidua_analysis.submission.columns.task import Task, read_words, shown
from thidua_analysis.submission.extraction.grid import is_filled
from thidua_analysis.vietnamese.dates import column_swapped, parse_date


def read_dates(task: Task) -> None:
    """Read a column of dates; where day and month are swapped in one, none is taken."""
    raws, values = task.raws, task.result.values
    texts = {v for v in raws if type(v) is str}
    read = {text: parse_date(text, task.context.year) for text in texts}
    plain: dict[Value, dt.date] = {
        text: one.value for text, one in read.items() if one.value and not one.code
    }
    # a column of texts alone is swapped only where one of them says so by itself
    mixed = len(plain) < len(texts) or any(isinstance(v, dt.date) for v in raws)
    if mixed and column_swapped(raws):
        _report_swapped(task)
        return
    values[:] = [v if type(v) is dt.date else plain.get(v) for v in raws]
    if plain:
        task.result.typed.update((p, str(v)) for p, v in enumerate(raws) if v in plain)
    if None in values:
        for position, (raw, value) in enumerate(zip(raws, values, strict=True)):
            if value is None and is_filled(raw):
                _take(task, position, raw)


def _take(task: Task, position: int, value: Value) -> None:
    if isinstance(value, bool):
        task.report("date-format", position, shown(value))
        return
    said = read_words(task, position, value) if isinstance(value, str) else value
    if isinstance(value, str) and said is None:
        return
    read = parse_date(said, task.context.year)
    if read.code:
        task.report(read.code, position, shown(value), read.suggestion)
    if read.value is not None and position not in task.result.broken:
        task.result.values[position] = read.value
        if isinstance(value, str):
            task.result.typed[position] = value


def _report_swapped(task: Task) -> None:
    """Report the column at its heading, with the text that gives it away."""
    context = task.context
    texts = [v for v in task.raws if isinstance(v, str) and v]
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
    for position, raw in enumerate(task.raws):
        if is_filled(raw):
            task.result.drop(position)
