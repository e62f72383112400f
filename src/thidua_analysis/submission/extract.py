"""One located table → its tidy rows, every value with its cell, and the findings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thidua_analysis.excel import Merge, Sheet, address, column_letters
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import MONEY_UNITS, Field, Form
from thidua_analysis.submission.hints import nearest
from thidua_analysis.submission.locate import Column, Located
from thidua_analysis.submission.roles import Roles, classify, is_blank, section_text
from thidua_analysis.submission.rows import Datum, Note, Row
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.values import ColumnReader, Values, shown
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

_UNIT_LINE = re.compile(r"(?:đơn vị(?: tính)?|đvt|đv tính)\s*:\s*(.+)")


@dataclass(slots=True)
class Extract:
    """A table as read from one place of a sheet.

    ``broken`` are the rows (by number) that an error keeps out of ``rows``.
    """

    located: Located
    sheet: Sheet
    roles: Roles
    year: int | None = None
    scales: dict[str, int] = field(default_factory=dict)
    columns: dict[str, Values] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)


def extract(
    form: Form,
    bloc: Bloc,
    sheet: Sheet,
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
    sheet, texts, located
        Where it stands.
    year
        Year of the report.
    found
        List to which findings are added.
    """
    result = Extract(located, sheet, classify(located, sheet, texts), year)
    _heading_findings(result, found)
    private = located.table.adds_up_to is not None
    reader = ColumnReader(form, bloc, sheet, texts, year, found, private)
    units: Mapping[int, str] = {}
    for asked in located.table.fields:
        column = located.columns.get(asked.name)
        if column is None:
            continue
        if asked.unit:
            units = _units(result.columns.get(asked.unit))
        scale = result.scales[asked.name] = _scale(asked, column, located, texts)
        values = reader.read(asked, column, result.roles.data, scale, units)
        _fill_merged(asked, column, sheet, result.roles.data, values)
        result.columns[asked.name] = values
    _fill_from_sections(form, texts, result)
    _require(result, found)
    result.rows = _rows(result)
    return result


def _units(values: Values | None) -> Mapping[int, str]:
    return {} if values is None else {r: str(v) for r, v in values.values.items()}


def _scale(asked: Field, column: Column, located: Located, texts: SheetTexts) -> int:
    """Đồng in one unit of money: by the heading, else the line above it, else the form."""
    if asked.type != "money":
        return 1
    if column.scale:
        return column.scale
    for row in range(located.top - 1, max(0, located.top - 7), -1):
        for at in range(1, len(texts.sheet.rows[row - 1]) + 1):
            line = _UNIT_LINE.fullmatch(key(texts.shown(row, at)))
            if line and key(line[1]) in MONEY_UNITS:
                return MONEY_UNITS[key(line[1])]
    return asked.scale


def _heading_findings(result: Extract, found: list[Finding]) -> None:
    located, sheet = result.located, result.sheet
    fields = located.table.by_name
    found.extend(
        finding(
            "heading-unknown",
            sheet=sheet.name,
            cell=address(heading.row, heading.column),
            heading=heading.text,
            value=heading.text,
            suggestion=nearest(heading.text, _still_missing(located)),
        )
        for heading in located.unknown
    )
    for name, first, second in located.doubled:
        found.append(
            finding(
                "heading-duplicate",
                sheet=sheet.name,
                cell=address(second.row, second.column),
                heading=fields[name].heading,
                value=second.text,
                params={"other": address(first.row, first.column)},
            )
        )
    for heading, names in located.ambiguous:
        found.append(
            finding(
                "heading-ambiguous",
                sheet=sheet.name,
                cell=address(heading.row, heading.column),
                heading=heading.text,
                value=heading.text,
                params={"accepted": "; ".join(fields[n].heading for n in names)},
            )
        )
    _missing_headings(result, found)


def _still_missing(located: Located) -> list[str]:
    return [f.heading for f in located.table.fields if f.name not in located.columns]


def _missing_headings(result: Extract, found: list[Finding]) -> None:
    located, sheet, table = result.located, result.sheet, result.located.table
    uncertain = {name for _, names in located.ambiguous for name in names}
    for asked in table.fields:
        if asked.name in located.columns or asked.may_be_absent or asked.name in uncertain:
            continue
        if asked.name == table.section and result.roles.sections:
            continue
        if any(asked.name == f.size for f in table.fields):
            continue
        found.append(
            finding(
                "heading-missing",
                sheet=sheet.name,
                cell=address(located.top, located.left),
                heading=asked.heading,
            )
        )


def _fill_merged(
    asked: Field, column: Column, sheet: Sheet, rows: list[int], values: Values
) -> None:
    """Let a text merged over several rows hold in each of them; numbers are never repeated."""
    if asked.is_numeric or asked.type == "rank":
        return
    for merge in sheet.merges:
        if merge.bottom > merge.top and merge.left == column.column:
            _spread(merge, rows, values)


def _spread(merge: Merge, rows: list[int], values: Values) -> None:
    if merge.top not in values.values:
        return
    for row in rows:
        if merge.top < row <= merge.bottom and row not in values.values:
            values.values[row] = values.values[merge.top]
            values.origin[row] = merge.top


def _fill_from_sections(form: Form, texts: SheetTexts, result: Extract) -> None:
    """Let the text of a section row stand for the field that the form names."""
    table = result.located.table
    if table.section is None or not result.roles.sections:
        return
    asked = table.by_name[table.section]
    values = result.columns.setdefault(asked.name, Values())
    for row, (at, column) in result.roles.sections.items():
        if row in values.values or row in values.broken:
            continue
        text: Datum = section_text(texts.shown(at, column))
        if asked.codes:
            text = form.code_index[asked.codes].get(key(str(text)))
        if text:
            values.values[row] = text
            values.places[row] = (at, column)


def _require(result: Extract, found: list[Finding]) -> None:
    """Report blank required cells, and keep their rows out."""
    located = result.located
    for asked in located.table.required:
        values = result.columns.get(asked.name)
        column = located.columns.get(asked.name)
        for row in result.roles.data:
            if values and row in values.values:
                continue
            result.broken.add(row)
            if values is None or row in values.broken:
                continue
            at = column.column if column else located.left
            found.append(
                finding(
                    "required-missing",
                    sheet=result.sheet.name,
                    cell=address(row, at),
                    heading=asked.heading,
                )
            )


def _rows(result: Extract) -> list[Row]:
    located, sheet = result.located, result.sheet
    table = located.table
    fields = [f for f in table.fields if f.type != "personal"]
    letters = {c.name: column_letters(c.column) for c in located.columns.values()}
    _fractions(result)
    rows: list[Row] = []
    for number in result.roles.data:
        if number in result.broken:
            continue
        values: dict[str, Datum] = dict(table.constants)
        cells: dict[str, str] = {}
        notes: dict[str, Note] = {}
        typed: dict[str, str] = {}
        for asked in fields:
            name = asked.name
            column = result.columns.get(name)
            value = column.values.get(number) if column else None
            if value is None:
                blank = column is None or number not in column.broken
                values[name] = asked.default if blank else None
                continue
            assert column is not None  # noqa: S101 - a value has a column
            values[name] = value
            cells[name] = _cell(column, number, letters.get(name, ""))
            if number in column.notes:
                notes[name] = column.notes[number]
            if number in column.typed:
                typed[name] = column.typed[number]
        rows.append(Row(table.id, sheet.name, number, values, cells, notes, typed))
    return rows


def _cell(column: Values, row: int, letters: str) -> str:
    if row in column.places:
        return address(*column.places[row])
    return f"{letters}{column.origin.get(row, row)}"


def _fractions(result: Extract) -> None:
    """Take the size out of a rank typed "25/82"; its cell is the rank's."""
    for asked in result.located.table.fields:
        ranks = result.columns.get(asked.name)
        if asked.size is None or ranks is None or not ranks.fractions:
            continue
        sizes = result.columns.setdefault(asked.size, Values())
        at = result.located.columns[asked.name].column
        for row, size in ranks.fractions.items():
            if row not in sizes.values and row not in sizes.broken:
                sizes.values[row] = size
                sizes.places[row] = (row, at)


def numeric_total(extract_: Extract, row: int, name: str) -> str | None:
    """Text of a total row's cell in the column of a field; None where blank."""
    column = extract_.located.columns.get(name)
    value = extract_.sheet.value(row, column.column) if column else None
    return None if is_blank(value) else shown(value)
