"""Columns of text: names, codes, members, years, awards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from thidua_analysis.excel.cells import Value
from thidua_analysis.form import Field, Form
from thidua_analysis.submission.columns import Task, shown
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.rows import Datum
from thidua_analysis.vietnamese.reading import Text
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

YEARS = range(1990, 2101)
#: what stands for "none" in a list or a required text
_NONE = frozenset({"", "-", "–", "—", "…", "..."})


def read_texts(task: Task, filled: dict[int, Value]) -> None:
    """Read a column of text, of codes, members or years.

    Parameters
    ----------
    task
        The column.
    filled
        Position → value of its cells.
    """
    asked, result = task.asked, task.result
    raws = {p: v if isinstance(v, str) else shown(v) for p, v in filled.items()}
    rows = [task.rows[p] for p in raws]
    texts = task.context.texts.of_column(list(raws.values()), rows, task.column.column)
    values = _resolved(task.context.form, task.context.bloc, asked, texts)
    for position, raw, text in zip(raws, raws.values(), texts, strict=True):
        if text.code and asked.type != "personal":
            _report_text(task, position, raw, text)
        if text.value is None or position in result.broken:
            continue
        value = values[text.value]
        if value is not None:
            result.values[position] = value
            if text.value != raw:
                result.typed[position] = raw
        elif key(text.value) not in _NONE and text.value not in _NONE:
            _not_in_list(task, position, text.value)


def _resolved(form: Form, bloc: Bloc, asked: Field, texts: list[Text]) -> dict[str, Datum]:
    """Every different text → what it stands for; None where it stands for nothing."""
    resolve = _resolver(form, bloc, asked)
    return {text: resolve(text) for text in {t.value for t in texts} if text is not None}


def _resolver(form: Form, bloc: Bloc, asked: Field) -> Callable[[str], Datum]:
    if asked.type == "code":
        return partial(_code, form.code_index[asked.codes or ""])
    if asked.type == "member":
        return bloc.match_member
    if asked.type == "year":
        return year_of
    return partial(_plain, _NONE if asked.required else frozenset(("",)))


def _code(index: dict[str, str], text: str) -> str | None:
    return index.get(key(text))


def _plain(none: frozenset[str], text: str) -> str | None:
    return None if text in none else text


def year_of(text: str) -> int | None:
    """Year that a text names: "2023", "Năm 2023"."""
    digits = key(text).removeprefix("năm").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) in YEARS else None


def _report_text(task: Task, position: int, raw: str, text: Text) -> None:
    task.report(
        text.code or "",
        position,
        raw,
        text.suggestion or text.value,
        encoding="TCVN3/VNI",
    )


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
