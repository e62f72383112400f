"""Columns of numbers: counts, quantities, money, points and ranks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from thidua_analysis.excel.cells import Value
from thidua_analysis.submission.columns import Task, shown, spoken
from thidua_analysis.submission.rows import Note
from thidua_analysis.vietnamese.numbers import (
    Kind,
    Number,
    column_has_dot_decimals,
    from_cell,
    from_date,
    parse,
)
from thidua_analysis.vietnamese.units import PERCENT, read_unit

_KINDS: Mapping[str, Kind] = {
    "count": "count", "number": "number", "money": "money", "score": "number", "rank": "rank",
}  # fmt: skip
#: Excel keeps 15 digits
_MOST = 1e15


def reads(type_: str) -> bool:
    """Whether fields of a type hold numbers."""
    return type_ in _KINDS


def read_numbers(task: Task, filled: dict[int, Value]) -> None:
    """Read a column of numbers.

    Parameters
    ----------
    task
        The column, with the units of its rows.
    filled
        Position → value of its cells.
    """
    kind = _KINDS[task.asked.type]
    doubtful = _take_plain(task, kind, filled)
    if not doubtful:
        return
    dots = column_has_dot_decimals([v for v in filled.values() if isinstance(v, str)])
    for position in doubtful:
        value = filled[position]
        _take(task, position, value, _number(task, position, value, kind, dots))


def _take_plain(task: Task, kind: Kind, filled: dict[int, Value]) -> list[int]:
    """Take the numbers that can be read in one way only; return the positions of the others."""
    values = task.result.values
    percents = _percents(task) if kind not in ("count", "rank") else frozenset()
    least = {"count": 0.0, "rank": 1.0}.get(kind, 0.0 if task.asked.type == "score" else -_MOST)
    whole = kind in ("count", "rank")
    doubtful = []
    for position, value in filled.items():
        if type(value) is float and least <= value < _MOST and position not in percents:
            if not whole:
                values[position] = value
                continue
            if value.is_integer():
                values[position] = int(value)
                continue
        doubtful.append(position)
    return doubtful


def _percents(task: Task) -> frozenset[int]:
    """Positions whose number is, or may be, per cent: by the cell's format or the row's unit."""
    sheet, column = task.context.sheet, task.column.column
    found: set[int] = set()
    if sheet.percents:
        found.update(p for p, row in enumerate(task.rows) if (row, column) in sheet.percents)
    units = task.units or ()
    named = {u for u in set(units) if isinstance(u, str) and read_unit(u).base == PERCENT}
    if named:
        found.update(p for p, unit in enumerate(units) if unit in named)
    if task.column.unit and read_unit(task.column.unit).base == PERCENT:
        found.update(range(len(task.rows)))
    return frozenset(found)


def _unit(task: Task, position: int) -> str | None:
    unit = task.units[position] if task.units else None
    return str(unit) if unit is not None else task.column.unit


def _number(task: Task, position: int, value: Value, kind: Kind, dots: bool) -> Number:
    at = task.rows[position], task.column.column
    unit, scale = _unit(task, position), task.result.scale
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return from_date(value, task.context.sheet.formats.get(at), kind)
    if isinstance(value, str):
        return parse(value, kind, unit, scale, dots)
    return from_cell(value or 0, kind, unit, at in task.context.sheet.percents, scale)


def _take(task: Task, position: int, value: Value, number: Number) -> None:
    result, typed = task.result, shown(value)
    for code, severity in number.codes:
        near = number.suggestion or (spoken(number.value) if number.value is not None else None)
        task.report(code, position, typed, near, severity)
    if position in result.broken:
        return
    if task.asked.type == "score" and number.value is not None and number.value < 0:
        task.report("number-negative", position, typed)
        return
    if number.fraction and task.asked.type == "rank":
        result.values[position], result.sizes[position] = number.fraction
    elif number.value is not None:
        result.values[position] = number.value
    if isinstance(value, str) and not number.missing:
        result.typed[position] = typed
    if number.bound or number.remark:
        result.notes[position] = Note(typed, number.bound, number.remark)
