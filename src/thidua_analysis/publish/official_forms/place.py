"""From a layout to its lines and columns as printed: repeated for the awards that occur."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators import names
from thidua_analysis.publish.official_forms.fill import accepts
from thidua_analysis.publish.official_forms.filled import PlacedColumn, PlacedLine
from thidua_analysis.publish.official_forms.layout import AWARD, Column, Layout, Line

Rows = Sequence[Record]


def columns(ds: Dataset, layout: Layout, rows: Rows) -> tuple[PlacedColumn, ...]:
    """Return the columns of a form.

    The columns of a number that are repeated stand once for each award, as form 0602.N prints
    orders, titles and other forms; where none occurs they stand once, without a name.
    """
    placed: list[PlacedColumn] = []
    for _, group in groupby(layout.columns, key=lambda column: (column.number, column.each)):
        same = tuple(group)
        if same[0].each is None:
            placed += [_column(column) for column in same]
            continue
        found = {row["award"] for row in rows if accepts(same[0].where, row)}
        for award in sorted(found, key=_award_order(ds, found)) or [None]:
            placed += [_column(column, award) for column in same]
    return tuple(placed)


def lines(
    ds: Dataset, layout: Layout, rows: Rows, counted_as: Sequence[str]
) -> tuple[PlacedLine, ...]:
    """Return the lines of a form.

    A repeated line stands once for each award and level, as the bloc's summary asks.

    Parameters
    ----------
    ds
        The dataset.
    layout
        The form.
    rows
        Rows that it counts.
    counted_as
        What the figures count; it is printed where the form says "Người".
    """
    placed: list[PlacedLine] = []
    above: list[str] = []
    for line in layout.lines:
        if line.each is not None:
            placed += _of_awards(ds, line, rows)
            continue
        if line.code is None:
            above = [line.label]
        elif line.level <= 1:
            above = above[:1] if line.level else []
        unit = line.unit_turns if line.unit_turns and counted_as == ["turns"] else line.unit
        section = tuple(above)
        placed.append(PlacedLine(line.code, line.code, line.label, section, unit, line.where, line))
        if line.code is not None and line.level == 1:
            above = [*above[:1], line.label]
    return tuple(placed)


def _column(column: Column, award: str | None = None) -> PlacedColumn:
    where: dict[str, tuple[Any, ...]] = dict(column.where)
    name = column.id
    if award is not None:
        where["award"], name = (award,), f"{column.id}:{award}"
    path = tuple(part.replace(AWARD, award or "") for part in column.path)
    return PlacedColumn(name, column.id, column.number, path, where, column)


def _of_awards(ds: Dataset, line: Line, rows: Rows) -> Iterator[PlacedLine]:
    """Yield one line for each award and level, in the order of levels, then of the awards."""
    found = {(row["award"], row["level"]) for row in rows if accepts(line.where, row)}
    order = _award_order(ds, {award for award, _ in found})
    levels = names.code_order("commendations", "level")
    ordered = sorted(found, key=lambda pair: (levels.get(pair[1], len(levels)), order(pair[0])))
    for number, (award, level) in enumerate(ordered, start=1):
        where = {**line.where, "award": (award,), "level": (level,)}
        label = line.label.replace(AWARD, names.award_at(ds, award, level))
        yield PlacedLine(str(number), line.code, label, (), line.unit, where, line)


def _award_order(ds: Dataset, found: set[str | None]) -> Any:
    known = [award if award is not None else names.UNKNOWN for award in sorted(found, key=str)]
    order = names.order(ds, "commendations", "award", known)
    return lambda award: order[award if award is not None else names.UNKNOWN]
