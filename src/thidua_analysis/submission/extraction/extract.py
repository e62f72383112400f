"""One located table → its columns of values, with the findings on headings and cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from thidua_analysis.findings import Finding
from thidua_analysis.form import Field, Form, Table
from thidua_analysis.submission.columns.read import read_column
from thidua_analysis.submission.columns.task import Context, Task, Values
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.extraction.fill import (
    fill_merged,
    merged_from_total,
    require,
    take_sizes,
    withhold_defaults,
)
from thidua_analysis.submission.extraction.grid import Grid
from thidua_analysis.submission.extraction.roles import classify
from thidua_analysis.submission.extraction.sections import fill_sections
from thidua_analysis.submission.extraction.unit_line import (
    UnitLine,
    find_unit_line,
    report_contradiction,
)
from thidua_analysis.submission.extraction.unread import unread_columns
from thidua_analysis.submission.tables.locate import Column, Located
from thidua_analysis.submission.tables.structure import heading_findings
from thidua_analysis.submission.text.sheet_texts import SheetTexts

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc


def extract(
    form: Form,
    bloc: Bloc,
    texts: SheetTexts,
    located: Located,
    year: int | None,
    found: list[Finding],
) -> Extract:
    """Read one located table.

    Parameters
    ----------
    form, bloc
        What is asked for and by whom.
    texts, located
        The sheet with the reader of its texts, and where on it the table stands.
    year
        Year of the report.
    found
        List to which findings are added.
    """
    table, sheet = located.table, texts.sheet
    grid = Grid(located, sheet, texts)
    section = table.by_name[table.section] if table.section else None
    labels = form.code_index[section.codes].keys() if section and section.codes else ()
    roles = classify(grid, frozenset(labels))
    result = Extract(located, sheet, roles, year, unread=unread_columns(grid, roles.data))
    context = Context(form, bloc, sheet, texts, year, found, table.is_private)
    line = find_unit_line(located, texts) or UnitLine(0, 0, "", 1)
    for name, column in located.columns.items():
        scale = line.scales(table.by_name[name], column)
        result.columns[name] = Values([None] * len(roles.data), scale)
    for asked in _units_first(table):
        if asked.name in located.columns:
            _read(context, asked, result, grid)
            fill_merged(asked, result)
    withhold_defaults(result)
    found.extend(report_contradiction(result, line, texts))
    fill_sections(form, texts, result, found)
    take_sizes(result, found)
    require(result, found)
    found.extend(heading_findings(result))
    return result


def _units_first(table: Table) -> Iterator[Field]:
    """Fields in an order in which the unit of a row is known before its numbers."""
    units = {f.unit for f in table.fields}
    yield from sorted(table.fields, key=lambda f: f.name not in units)


def _read(context: Context, asked: Field, result: Extract, grid: Grid) -> None:
    column = result.located.columns[asked.name]
    data, first = result.roles.data, result.located.first
    cells = grid.column(column.column)
    whole = len(data) == grid.height
    values = result.columns[asked.name]
    from_above = {} if whole else merged_from_total(asked, result)
    rows = [from_above.get(p, row) for p, row in enumerate(data)] if from_above else data
    raws = cells if whole else [cells[row - first] for row in rows]
    units = result.values(asked.unit) if asked.unit else None
    read_column(
        Task(context, asked, column, rows, raws, values, units), _marked(grid, column, rows)
    )
    for position, row in from_above.items():
        values.places[position] = row, column.column


def _marked(grid: Grid, column: Column, data: Sequence[int]) -> Mapping[int, str]:
    """Position → code of the finding on each of the column's cells that has one by itself."""
    if not grid.marked:
        return {}
    rows = {grid.number(row) for row, at in grid.marked if at == column.column}
    return {
        position: code
        for position, row in enumerate(data)
        if row in rows and (code := grid.sheet.fault(row, column.column))
    }
