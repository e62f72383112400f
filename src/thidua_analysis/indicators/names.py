"""Names and order of the codes that figures are broken down by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from thidua_analysis.awards import awards, match
from thidua_analysis.dataset import Dataset
from thidua_analysis.form import forms
from thidua_analysis.messages import text

UNKNOWN = "unknown"
#: Codes that are not of a form, in their order.
_ORDERS = {
    "subject": ("collectives", "households", "individuals"),
    "nature": ("given", "lent"),
    "stage": ("self", "cross", "appraised"),
    "status": ("awarded", "proposed", "exceeded", "met", "missed"),
}


def order(ds: Dataset, table: str, column: str, shown: Iterable[Any]) -> dict[Any, tuple[int, int]]:
    """Return the sort key of each value of a breakdown.

    Members stand as in the bloc file, codes as in the form, awards as in the list of awards,
    years rising, texts as they first came; what is not stated comes last.
    """
    found = tuple(dict.fromkeys(shown))
    if column == "member":
        listed = {m.id: at for at, m in enumerate(ds.bloc.members)}
    elif column == "award":
        listed = {name: at for at, name in enumerate(_award_names(ds))}
    else:
        listed = code_order(table, column)
    return {value: _place(value, listed, at) for at, value in enumerate(found)}


def _place(value: Any, listed: dict[Any, int], at: int) -> tuple[int, int]:
    if value == UNKNOWN:
        return (2, 0)
    if isinstance(value, int):
        return (0, value)
    return (0, listed[value]) if value in listed else (1, at)


@cache
def code_order(table: str, column: str) -> dict[str, int]:
    """Return the place of each code of a breakdown."""
    if column in _ORDERS:
        return {code: at for at, code in enumerate(_ORDERS[column])}
    codes: dict[str, int] = {}
    for form in forms().values():
        for asked in form.tables:
            field = asked.by_name.get(column) if asked.id == table else None
            for code in form.codes[field.codes] if field and field.codes else ():
                codes.setdefault(code, len(codes))
    return codes


def _award_names(ds: Dataset) -> Iterable[str]:
    """Names of all awards in the order of the list: with their ranks, and at every level."""
    levels = code_order("commendations", "level")
    for award in dict.fromkeys(awards().values()):
        yield award.name
        for rank in ("Nhất", "Nhì", "Ba") if award.ranked else ():
            yield f"{award.name} hạng {rank}"
        yield from (award_at(ds, award.name, level) for level in levels)


def award_at(ds: Dataset, award: str | None, level: str | None) -> str:
    """Return an award with its level, where the name does not fix it: "Giấy khen (cấp cơ sở)".

    Parameters
    ----------
    ds
        The dataset, for the language.
    award
        Name under which it is counted.
    level
        Code of the level.
    """
    known = match(award) if award else None
    name = label(ds, "award", award or UNKNOWN)
    if known is not None and known.levels == (level,):
        return name
    stated = label(ds, "level", level or UNKNOWN)
    return f"{name} ({stated[:1].lower()}{stated[1:]})"


def label(ds: Dataset, column: str, value: Any) -> str:
    """Return the printed name of a code; a text is its own name.

    Parameters
    ----------
    ds
        The dataset, for the names of members and the language.
    column
        Breakdown, such as ``level``.
    value
        Code, such as ``province``.
    """
    if value == UNKNOWN:
        return text("name-unknown", ds.lang)
    if column == "member":
        return next((m.short for m in ds.bloc.members if m.id == value), str(value))
    try:
        return text(f"name-{column}-{value}", ds.lang)
    except KeyError:
        return str(value)


def labels(ds: Dataset, column: str, values: Iterable[Any]) -> dict[str, str]:
    """Return the names of all codes of a breakdown that a frame holds."""
    return {str(value): label(ds, column, value) for value in dict.fromkeys(values)}
