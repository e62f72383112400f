"""From the tidy tables to the cells of an official form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators import rows as names
from thidua_analysis.indicators import rows as source
from thidua_analysis.indicators.figure import (
    Lineage,
    Role,
    Term,
    amount,
    bound,
    combined,
    of_difference,
    quotient,
)
from thidua_analysis.indicators.movements import begun, distinct_movements, term
from thidua_analysis.official.filled import Cell, Place, PlacedColumn, PlacedLine
from thidua_analysis.official.layout import AWARD, Column, Layout, Line
from thidua_analysis.vietnamese.digits import exactly

Rows = Sequence[Record]


def rows_of(ds: Dataset, layout: Layout, year: int) -> tuple[Record, ...]:
    """Return the rows that a form counts.

    Movements are those launched up to the end of the year (form 0601.N does not say which of the
    running ones it wants); commendations are of the levels and the status of the form.
    """
    rows = [row for row in table_rows(ds, layout, year) if accepts(layout.where, row)]
    return tuple(row for row in rows if layout.table != "movements" or begun(row, year))


def table_rows(ds: Dataset, layout: Layout, year: int) -> tuple[Record, ...]:
    """Return the rows of the year of a form's table, with the columns that forms add."""
    if layout.table == "commendations":
        return source.scoped(source.commendations(ds), {"year": year})
    rows = source.scoped(ds.records("movements"), {"year": year})
    return tuple({**row, "term": term(row["duration_months"])} for row in rows)


def accepts(where: Mapping[str, Iterable[Any]], row: Record) -> bool:
    """Whether a row has the values asked for."""
    return all(row[column] in accepted for column, accepted in where.items())


@exactly
def cells(
    layout: Layout, lines: Iterable[PlacedLine], columns: Sequence[PlacedColumn], rows: Rows
) -> dict[Place, Cell]:
    """Return every cell of a form by row code and column id.

    Parameters
    ----------
    layout
        The form.
    lines, columns
        As printed.
    rows
        Rows that the form counts.
    """
    found: dict[Place, Cell] = {}
    for line in lines:
        if line.code is None:
            continue
        chosen = [row for row in rows if accepts(line.where, row)]
        for column in columns:
            if column.source.ratio is None:
                found[line.code, column.id] = _cell(layout, line, column, chosen)
        for column in columns:
            if column.source.ratio is not None:
                upper, lower = (found[line.code, part] for part in column.source.ratio)
                found[line.code, column.id] = _ratio(line.code, column.id, upper, lower)
    return found


def fields_of(line: PlacedLine, column: PlacedColumn) -> tuple[str, ...]:
    """Return the fields that a cell adds: those of its line that its column is about."""
    asked, about = line.source.fields, column.source.fields
    return tuple(name for name in asked or about if not about or name in about)


def _cell(layout: Layout, line: PlacedLine, column: PlacedColumn, rows: Rows) -> Cell:
    place = (line.code or "", column.id)
    if line.source.reason is not None:
        return Cell(*place, empty="not-asked")
    fields = fields_of(line, column)
    if layout.counts == "sum" and not fields:
        return Cell(*place, empty="not-applicable")
    chosen = [row for row in rows if accepts(column.where, row)]
    if not chosen:
        return Cell(*place, empty="no-rows")
    if layout.counts == "distinct":
        return _distinct(place, chosen)
    return _sum(place, layout.table, chosen, fields)


def _sum(place: Place, table: str, rows: Rows, fields: tuple[str, ...]) -> Cell:
    """Add fields; blanks only are no 0, and turns and people are not added."""
    given = [row for row in rows if amount(row, fields) is not None]
    if not given:
        return Cell(*place, empty="blank")
    without = tuple(row["row_id"] for row in rows if amount(row, fields) is None)
    lineage = Lineage(_terms(table, given, fields), without)
    if len({row["counted_as"] for row in given}) > 1:
        return Cell(*place, empty="mixed", lineage=lineage)
    value = sum(amount(row, fields) or 0 for row in given)
    qualified = combined(bound(row, fields) for row in given)
    return Cell(*place, value=value, bound=qualified, lineage=lineage)


def _terms(table: str, rows: Rows, fields: tuple[str, ...]) -> tuple[Term, ...]:
    """Cells that are added: rows that give the same fields stand together."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        given = tuple(name for name in fields if row[name] is not None)
        grouped.setdefault(given, []).append(row["row_id"])
    return tuple(
        Term("value", given, table=table, rows=tuple(ids)) for given, ids in grouped.items()
    )


def _distinct(place: Place, rows: Rows) -> Cell:
    """Count movements once, however many members report them (form 0601.N)."""
    value, terms = distinct_movements(rows)
    return Cell(*place, value=value, reported=len(rows), lineage=Lineage(terms))


def _ratio(code: str, column: str, upper: Cell, lower: Cell) -> Cell:
    """Divide two cells; an empty part is not 0, and of nothing there is no share."""
    if not lower.value:
        return Cell(code, column, empty="no-whole")
    if upper.value is None:
        return Cell(code, column, empty=upper.empty)
    terms = (*_as("numerator", upper), *_as("denominator", lower))
    return Cell(
        code,
        column,
        value=quotient(upper.value, lower.value),
        bound=of_difference(upper.bound, lower.bound),
        lineage=Lineage(terms, (*upper.lineage.left_out, *lower.lineage.left_out)),
    )


def _as(role: Role, cell: Cell) -> tuple[Term, ...]:
    return tuple(replace(term, role=role) for term in cell.lineage.terms)


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
