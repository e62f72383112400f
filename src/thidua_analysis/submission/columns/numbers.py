"""Columns of numbers: counts, quantities, money, points and ranks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from thidua_analysis.excel.cells import Value
from thidua_analysis.submission.columns.task import (
    Stored,
    Task,
    as_percent,
    read_words,
    shown,
    spoken,
)
from thidua_analysis.submission.rows import Note
from thidua_analysis.vietnamese.literals import places
from thidua_analysis.vietnamese.numbers import (
    Kind,
    Number,
    column_has_dot_decimals,
    from_cell,
    from_date,
    parse,
)
from thidua_analysis.vietnamese.units import DONG, PERCENT, POINTS, read_unit

_KINDS: Mapping[str, Kind] = {
    "count": "count", "number": "number", "money": "money", "score": "number", "rank": "rank",
}  # fmt: skip
#: what a number counts where neither the row nor the form says so
_UNITS = {"score": POINTS}
#: Excel keeps 15 digits
_MOST = 1e15
#: No figure of a bloc is so large; the tables hold every smaller number exactly …
_TOO_LARGE = 10**18
#: … that has no more decimals than these
_DECIMALS = 18
#: a smaller number may have more decimals among its 15 digits
_SMALL = 1e-3
_LEAST = {"count": 0, "score": 0, "rank": 1}


def reads(type_: str) -> bool:
    """Whether fields of a type hold numbers."""
    return type_ in _KINDS


def read_numbers(task: Task) -> None:
    """Read a column of numbers.

    Numbers that can be read in one way only are taken all at once; every other cell is parsed.
    """
    raws, values = task.raws, task.result.values
    kind = _KINDS[task.asked.type]
    values[:] = _plain(task, kind)
    if task.result.scale > 1:
        task.result.typed |= {p: shown(v) for p, v in enumerate(values) if isinstance(v, float)}
    percents = _percents(task)
    if None not in values and not percents:
        return
    doubtful = [
        position
        for position, (raw, value) in enumerate(zip(raws, values, strict=True))
        if (value is None and raw is not None and raw != "") or position in percents
    ]
    if not doubtful:
        return
    dots = column_has_dot_decimals(raws)
    for position in doubtful:
        raw = raws[position]
        if raw is None or raw == "":
            continue
        values[position] = None
        said = read_words(task, position, raw) if isinstance(raw, str) else raw
        if said is not None:
            _take(task, position, raw, _number(task, position, said, kind, dots))


def _plain(task: Task, kind: Kind) -> list[Stored]:
    """Numbers of the file that the field can hold as they are; None for everything else."""
    most = min(_MOST, _TOO_LARGE / task.result.scale)
    least = _LEAST.get(task.asked.type, -most)
    if kind in ("count", "rank"):
        return [
            int(v) if type(v) is float and least <= v < most and v.is_integer() else None
            for v in task.raws
        ]
    return [
        v if type(v) is float and least <= v < most and (v == 0 or abs(v) >= _SMALL) else None
        for v in task.raws
    ]


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
    if unit is not None:
        return str(unit)
    return task.column.unit or task.asked.counts or _UNITS.get(task.asked.type)


def _number(task: Task, position: int, value: Value, kind: Kind, dots: bool) -> Number:
    at = task.rows[position], task.column.column
    unit, scale = _unit(task, position), task.result.scale
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return from_date(value, task.context.sheet.formats.get(at), kind)
    if isinstance(value, str):
        # a unit that stands in the number format is no second one
        formatted = at in task.context.sheet.stored
        by_heading = formatted or not (task.units and task.units[position])
        return parse(value, kind, unit, scale, dots, by_heading)
    number = 0.0 if value is None else value
    return from_cell(number, kind, unit, at in task.context.sheet.percents, scale)


def _as_seen(task: Task, position: int, value: Value) -> str:
    """The cell as the sender sees it: 0.7 in a cell of percentages is 70%."""
    at = task.rows[position], task.column.column
    return as_percent(value) if at in task.context.sheet.percents else shown(value)


def _report(task: Task, position: int, value: Value, number: Number) -> None:
    """Add the findings on a number."""
    seen = _as_seen(task, position, value)
    near = number.suggestion or (spoken(number.value) if number.value is not None else None)
    # the heading of money says another unit than the one in which it is taken
    measure = f" {DONG}" if task.asked.type == "money" else ""
    for code, severity in number.codes:
        task.report(code, position, seen, near, severity, measure=measure, letters=number.letters)


def _can_be_stored(value: int | Decimal) -> bool:
    return -_TOO_LARGE < value < _TOO_LARGE and places(value) <= _DECIMALS


def _take(task: Task, position: int, value: Value, number: Number) -> None:
    result, typed = task.result, shown(value)
    if number.codes:
        _report(task, position, value, number)
    if position in result.broken:
        return
    if number.value is not None and not _can_be_stored(number.value):
        task.report("number-not-finite", position, typed)
        return
    if task.asked.type == "score" and number.value is not None and number.value < 0:
        task.report("number-negative", position, typed)
        return
    if number.fraction and task.asked.type == "rank":
        result.values[position], result.sizes[position] = number.fraction
    elif number.value is not None:
        result.values[position] = number.value
    if not number.missing and (isinstance(value, str) or number.value != value):
        result.typed[position] = typed
    if number.bound or number.remark:
        result.notes[position] = Note(typed, number.bound, number.remark)
