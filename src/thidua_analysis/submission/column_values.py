"""Reading one column by the type of its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from thidua_analysis.excel import address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import finding
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission.columns import (
    Stored,
    Task,
    as_percent,
    read_words,
    report_marked,
    shown,
    spoken,
)
from thidua_analysis.submission.lines import is_filled
from thidua_analysis.submission.rows import Datum, Note
from thidua_analysis.submission.texts import accepted, nearest
from thidua_analysis.vietnamese.cell_text import Text, read_text
from thidua_analysis.vietnamese.dates import column_swapped, parse_date
from thidua_analysis.vietnamese.digits import places
from thidua_analysis.vietnamese.numbers import (
    Kind,
    Number,
    column_has_dot_decimals,
    from_cell,
    from_date,
    parse,
)
from thidua_analysis.vietnamese.text import half_width, key, says_nothing
from thidua_analysis.vietnamese.units import DONG, PERCENT, POINTS, read_unit

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc


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
            _take_number(task, position, raw, _number(task, position, said, kind, dots))


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


def _take_number(task: Task, position: int, value: Value, number: Number) -> None:
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


YEARS = range(1990, 2101)
#: types whose texts stand for something else
_LISTED = frozenset({"code", "member", "year"})


def read_texts(task: Task) -> None:
    """Read a column of text, of codes, members or years.

    Every different text is read once; only cells that need a word of their own, or whose font
    must be looked at, are gone through one by one.
    """
    task = _with_percents(task)
    texts, result = task.context.texts, task.result
    if texts.is_strange:
        read = _read_each(task)
        wanting: Sequence[int] = range(len(read))
        values = _resolved(task, {text.value for text in read})
        result.values[:] = [values.get(text.value) for text in read]
    else:
        # 1 and TRUE are equal to Python, their texts are not
        typed = list(map(_as_text, task.raws))
        of = {raw: read_text(raw) for raw in set(typed)}
        values = _resolved(task, {text.value for text in of.values()})
        known = {raw: values.get(text.value) for raw, text in of.items()}
        result.values[:] = [known[raw] for raw in typed]
        odd = {raw for raw, text in of.items() if text.value != raw or text.code}
        odd |= {raw for raw, value in known.items() if value is None and raw}
        wanting = [p for p, raw in enumerate(typed) if raw in odd] if odd else ()
        read = [of[raw] for raw in typed] if odd else []
    for position in wanting:
        _remark(task, position, _as_text(task.raws[position]), read[position])


def _with_percents(task: Task) -> Task:
    """Read percentages among the texts as the sender sees them."""
    percents, column = task.context.sheet.percents, task.column.column
    if not percents:
        return task
    raws = [
        as_percent(raw) if (row, column) in percents else raw
        for raw, row in zip(task.raws, task.rows, strict=True)
    ]
    return replace(task, raws=raws)


def _read_each(task: Task) -> list[Text]:
    texts, column = task.context.texts, task.column.column
    return [
        texts.of(_as_text(raw), row, column) for raw, row in zip(task.raws, task.rows, strict=True)
    ]


def _as_text(raw: Value) -> str:
    return raw if isinstance(raw, str) else shown(raw)


def _resolved(task: Task, texts: set[str | None]) -> dict[str | None, Datum]:
    """Every different text → what it stands for; none where it stands for nothing."""
    resolve = _resolver(task.context.form, task.context.bloc, task.asked)
    return {text: resolve(text) for text in texts if text}


def _remark(task: Task, position: int, raw: str, text: Text) -> None:
    """Report what is wrong with a cell; keep what was typed where the value says it otherwise."""
    result = task.result
    if text.code and task.asked.type != "personal":
        task.report_text(position, raw, text)
    if not text.value or position in result.broken:
        return
    if result.values[position] is not None:
        if text.value != raw:
            result.typed[position] = raw
    elif key(text.value) and not says_nothing(text.value):
        _not_in_list(task, position, text.value)


def _resolver(form: Form, bloc: Bloc, asked: Field) -> Callable[[str], Datum]:
    if asked.type == "code":
        return partial(_code, form.code_index[asked.codes or ""])
    if asked.type == "member":
        return bloc.match_member
    if asked.type == "year":
        return year_of
    return _required if asked.required else _plain_text


def _code(index: dict[str, str], text: str) -> str | None:
    return index.get(key(text))


def _plain_text(text: str) -> str | None:
    return text or None


def _required(text: str) -> str | None:
    return None if says_nothing(text) else text


def year_of(text: str) -> int | None:
    """Year that a text names: "2023", "Năm 2023"."""
    digits = key(half_width(text)).removeprefix("năm").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) in YEARS else None


def _not_in_list(task: Task, position: int, text: str) -> None:
    asked, context = task.asked, task.context
    code, near = "value-not-in-list", None
    if asked.type == "member":
        code = "member-unknown"
        labels = tuple(m.name for m in context.bloc.members)
        near = nearest(text, (s for m in context.bloc.members for s in (m.name, *m.aliases)))
    elif asked.type == "year":
        labels = (f"{YEARS.start}–{YEARS.stop - 1}",)
    else:
        labels = context.form.shown_labels(asked.codes or "")
        near = nearest(text, context.form.all_labels(asked.codes or ""))
    task.report(code, position, text, near, repeatable=True, accepted=accepted(labels))


def read_column(task: Task, marked: Mapping[int, str]) -> None:
    """Fill the values of a column, and report what cannot be read.

    Parameters
    ----------
    task
        The column.
    marked
        Positions of the cells whose value cannot be taken, with the code of their finding.
    """
    task = report_marked(task, marked)
    if reads(task.asked.type):
        read_numbers(task)
    elif task.asked.type == "date":
        read_dates(task)
    else:
        read_texts(task)
