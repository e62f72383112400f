"""Columns of text: names, codes, members, years, awards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from thidua_analysis.excel.cells import Value
from thidua_analysis.form import Field, Form
from thidua_analysis.submission.columns.task import Task, as_percent, shown
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.rows import Datum
from thidua_analysis.submission.text.usual import usual_text
from thidua_analysis.vietnamese.reading import Text
from thidua_analysis.vietnamese.signs import half_width, says_nothing
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

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
    if _is_plain(task):
        result.values[:] = [raw or None for raw in cast("Sequence[str]", task.raws)]
        return
    if texts.is_strange:
        read = _read_each(task)
        wanting: Sequence[int] = range(len(read))
        values = _resolved(task, {text.value for text in read})
        result.values[:] = [values.get(text.value) for text in read]
    else:
        # 1 and TRUE are equal to Python, their texts are not
        typed = list(map(_as_text, task.raws))
        of = {raw: usual_text(raw) for raw in set(typed)}
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


def _is_plain(task: Task) -> bool:
    """Whether every cell of a column of free text says what is to be stored, or nothing."""
    return (
        task.asked.type not in _LISTED
        and task.context.texts.are_plain
        and set(map(type, task.raws)) == {str}
        and not (task.asked.required and any(map(says_nothing, _different(task))))
    )


def _different(task: Task) -> set[str]:
    """The different texts of a column that holds nothing else."""
    return set(filter(None, cast("Sequence[str]", task.raws)))


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
    return _required if asked.required else _plain


def _code(index: dict[str, str], text: str) -> str | None:
    return index.get(key(text))


def _plain(text: str) -> str | None:
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
