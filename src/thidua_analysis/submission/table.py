"""One located table → its columns of values, with the findings on headings and cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from thidua_analysis.excel import Merge
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Field, Form, Table
from thidua_analysis.submission.body import classify
from thidua_analysis.submission.column_values import read_column
from thidua_analysis.submission.columns import Context, Task, Values
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.lines import Grid
from thidua_analysis.submission.locate import Column, TablePlace, unread_columns
from thidua_analysis.submission.sections import (
    UnitLine,
    fill_sections,
    find_unit_line,
    heading_findings,
    may_be_unknown,
    report_contradiction,
)
from thidua_analysis.submission.texts import SheetTexts

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc


def fill_merged(asked: Field, part: Extract) -> None:
    """Let a text merged over several rows hold in each of them; numbers are never repeated."""
    done = 0
    for merge in _tall_merges(asked, part):
        # ranges that overlap are no work of Excel: what one has covered is not gone over again
        if merge.top > done:
            _spread(merge, part, part.columns[asked.name])
            done = merge.bottom


def merged_from_total(asked: Field, part: Extract) -> dict[int, int]:
    """Position of a data row → number of the total row in which its merged text stands.

    A text merged over the total of a group and its rows stands beside the total.
    """
    data, totals = part.roles.data, set(part.roles.totals)
    found: dict[int, int] = {}
    for merge in _tall_merges(asked, part) if totals else ():
        if merge.top in totals:
            position = bisect_left(data, merge.top)
            if position < len(data) and data[position] <= merge.bottom:
                found[position] = merge.top
    return found


def _tall_merges(asked: Field, part: Extract) -> list[Merge]:
    """Ranges merged over several rows of the column of a text, from top to bottom."""
    column = part.located.columns.get(asked.name)
    if column is None or asked.is_numeric or asked.type == "rank":
        return []
    tall = [m for m in part.sheet.merges if m.left == column.column and m.bottom > m.top]
    return sorted(tall, key=lambda m: m.top)


def _spread(merge: Merge, part: Extract, values: Values) -> None:
    data = part.roles.data
    top, last = bisect_left(data, merge.top), bisect_right(data, merge.bottom)
    stands_at = values.places.get(top, (data[top], merge.left)) if top < last else None
    if stands_at != (merge.top, merge.left):
        return
    for position in range(top + 1, last):
        if values.values[position] is not None:
            continue
        if top in values.broken:
            values.broken.add(position)
        elif values.values[top] is not None:
            values.values[position] = values.values[top]
            values.places[position] = (merge.top, merge.left)


def take_sizes(part: Extract, found: list[Finding]) -> None:
    """Take the size out of a rank typed "25/82"; its cell is the rank's.

    Where the column of sizes says another number, the rank is not taken.
    """
    for asked in part.table.fields:
        ranks = part.columns.get(asked.name)
        if asked.size is None or ranks is None or not ranks.sizes:
            continue
        sizes = part.columns.setdefault(asked.size, Values([None] * len(part.roles.data)))
        at = part.located.columns[asked.name].column
        for position, size in list(ranks.sizes.items()):
            if position in sizes.broken:
                continue
            if sizes.values[position] is None:
                sizes.values[position] = size
                sizes.places[position] = (part.roles.data[position], at)
            elif sizes.values[position] != size:
                _refuse_fraction(part, asked, position, found)


def _refuse_fraction(part: Extract, asked: Field, position: int, found: list[Finding]) -> None:
    ranks = part.columns[asked.name]
    found.append(
        finding(
            "number-fraction",
            sheet=part.sheet.name,
            cell=part.own_cell(asked.name, position),
            heading=asked.heading,
            value=ranks.typed.get(position),
        )
    )
    ranks.drop(position)


def withhold_defaults(part: Extract) -> None:
    """Keep the form's default out of rows in which an unread column may say otherwise."""
    rows = part.roles.data
    unread = {row for one in part.unread if one.may_be_asked for row in one.rows}
    for asked in part.table.fields:
        if asked.default is None or asked.name in part.located.columns:
            continue
        everywhere = asked.name in part.located.uncertain or may_be_unknown(part, asked)
        broken = {p for p, row in enumerate(rows) if everywhere or row in unread}
        if broken:
            part.columns[asked.name] = Values([None] * len(rows), broken=broken)


def require(part: Extract, found: list[Finding]) -> None:
    """Report blank required cells, and keep their rows out."""
    uncertain = part.located.uncertain
    for asked in part.table.required:
        values = part.columns.get(asked.name)
        if values is not None and None not in values.values:
            continue
        for position in range(len(part.roles.data)):
            if values and values.values[position] is not None:
                continue
            part.left_out.add(position)
            if values is None or position in values.broken or asked.name in uncertain:
                continue
            found.append(
                finding(
                    "required-missing",
                    sheet=part.sheet.name,
                    cell=part.own_cell(asked.name, position),
                    heading=asked.heading,
                )
            )


def extract(
    form: Form,
    bloc: Bloc,
    texts: SheetTexts,
    located: TablePlace,
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
    unread = tuple(unread_columns(located, sheet, roles.data))
    result = Extract(located, sheet, roles, year, unread=unread)
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
