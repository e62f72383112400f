"""The tidy tables of all years: their schema, and how submissions become them, cell by cell."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import pyarrow as pa

from thidua_analysis.findings import Finding
from thidua_analysis.form.forms import forms, of_forms
from thidua_analysis.form.model import Field
from thidua_analysis.store.revisions import Placed, folder_year
from thidua_analysis.submission.rows import Datum, Row, Submission

#: Exact to 18 decimals: more than a spreadsheet cell can hold.
EXACT = pa.decimal128(38, 18)

#: Fields of a row that say where it stands, before the fields of the form.
PLACE = (
    ("year", pa.int64()),
    ("member", pa.string()),
    ("file", pa.string()),
    ("sheet", pa.string()),
    ("row", pa.int64()),
    ("row_id", pa.string()),
)

#: What the submission says of all its rows, after the fields of the form.
CONTEXT = (
    ("counted_as", pa.string()),
    ("period", pa.string()),
    ("illustrative", pa.bool_()),
    ("revision", pa.int64()),
    ("reported_in", pa.int64()),
)

SUBMISSIONS = pa.schema(
    [
        ("file", pa.string()),
        ("sha256", pa.string()),
        ("form", pa.string()),
        ("member", pa.string()),
        ("year", pa.int64()),
        ("folder_year", pa.int64()),
        ("revision", pa.int64()),
        ("period", pa.string()),
        ("counted_as", pa.string()),
        ("as_of", pa.date32()),
        ("received", pa.date32()),
        ("illustrative", pa.bool_()),
        ("status", pa.string()),
        ("used", pa.bool_()),
        ("superseded", pa.bool_()),
        ("withdrawn", pa.bool_()),
        ("rows", pa.int64()),
        ("cells", pa.int64()),
        ("cells_read", pa.int64()),
        ("errors", pa.int64()),
        ("warnings", pa.int64()),
        ("notes", pa.int64()),
    ]
)

FINDINGS = pa.schema(
    [
        ("file", pa.string()),
        ("year", pa.int64()),
        ("member", pa.string()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("sheet", pa.string()),
        ("cell", pa.string()),
        ("heading", pa.string()),
        ("value", pa.string()),
        ("suggestion", pa.string()),
        ("params", pa.string()),
    ]
)

CELLS = pa.schema(
    [
        ("file", pa.string()),
        ("table", pa.string()),
        ("row_id", pa.string()),
        ("field", pa.string()),
        ("sheet", pa.string()),
        ("cell", pa.string()),
        ("typed", pa.string()),
        ("value", pa.string()),
        ("bound", pa.string()),
        ("remark", pa.string()),
        ("recipient", pa.bool_()),
        ("correction", pa.string()),
    ]
)


class Column(NamedTuple):
    """A column of a stored table that holds a field of a form."""

    name: str
    field: Field | None

    @property
    def bounded(self) -> bool:
        """Whether a number in it may be qualified ("trên 2.000")."""
        return self.field is not None and self.field.type in ("count", "number", "money")

    @property
    def type(self) -> pa.DataType:
        """Arrow type of the column."""
        kind = self.field.type if self.field else "text"
        if kind in ("count", "rank", "year"):
            return pa.int64()
        if kind in ("number", "money", "score"):
            return EXACT
        return pa.date32() if kind == "date" else pa.string()


@of_forms
def columns() -> dict[str, tuple[Column, ...]]:
    """Form fields of every stored table, in the order of the forms; all versions together."""
    table_names: dict[str, dict[str, Column]] = {}
    for form in forms().values():
        for table in form.tables:
            if table.adds_up_to:
                continue
            known = table_names.setdefault(table.id, {})
            values = {table.melt.value: table.by_name[table.melt.fields[0]]} if table.melt else {}
            fields = {**table.by_name, **values}
            for name in table.columns:
                known.setdefault(name, Column(name, fields.get(name)))
    return {name: tuple(found.values()) for name, found in table_names.items()}


@of_forms
def schema(table: str) -> pa.Schema:
    """Arrow schema of a stored table.

    The columns are `PLACE`, the fields of the form, `CONTEXT`, and for each count, number and
    amount of money ``<field>_bound``. ``year`` and ``member`` are those of the row where the
    table has such a field (roles, votes …), else those of the submission; ``reported_in`` is
    always the year of the submission.
    """
    taken = {name for name, _ in PLACE}
    own = [(c.name, c.type) for c in columns()[table] if c.name not in taken]
    bounds = [(f"{c.name}_bound", pa.string()) for c in columns()[table] if c.bounded]
    return pa.schema([*PLACE, *own, *CONTEXT, *bounds])


def table_names() -> tuple[str, ...]:
    """Names of the tables that the forms fill."""
    return tuple(columns())


def stored() -> tuple[str, ...]:
    """Names of all stored tables."""
    return (*table_names(), "submissions", "findings", "cells")


Tables = dict[str, pa.Table]
_STEP = Decimal(1).scaleb(-18)


def tables(
    placed: Iterable[Placed],
    missing: Iterable[Finding] = (),
    received: Mapping[str, dt.date] | None = None,
) -> Tables:
    """Make every stored table from the submissions, in the order of the rows to come.

    Rows of files that do not count are left out, their findings are kept; ``missing`` are
    findings that belong to no file.
    """
    entries = tuple(placed)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in table_names()}
    cells = CellColumns()
    for entry in entries:
        if entry.used:
            for name, row, row_id in numbered(entry.submission):
                rows[name].append(_tidy(entry.submission, name, row, row_id))
                cells.add(entry.submission, name, row, row_id)
            cells.add_said(entry.submission)
    found = {n: pa.Table.from_pylist(r, schema(n)) for n, r in rows.items()}
    found["submissions"] = pa.Table.from_pylist(
        [
            {**_submission(entry, cells.counts), "received": (received or {}).get(entry.file)}
            for entry in entries
        ],
        SUBMISSIONS,
    )
    found["findings"] = pa.Table.from_pylist(list(_findings(entries, tuple(missing))), FINDINGS)
    found["cells"] = pa.Table.from_pydict(cells.columns, CELLS)
    return found


def numbered(submission: Submission) -> Iterator[tuple[str, Row, str]]:
    """Yield table, row and row id of every row: ``2023/ldld.xlsx#Chỉ tiêu!9``.

    A second row from the same line of a sheet (the stages of the bloc form) gets ``/2``.
    """
    for name in table_names():
        seen: Counter[str] = Counter()
        for row in submission.rows.get(name, ()):
            line = f"{submission.path}#{row.sheet}!{row.row}"
            seen[line] += 1
            yield name, row, line if seen[line] == 1 else f"{line}/{seen[line]}"


def finding_record(found: Finding) -> dict[str, Any]:
    """Return a finding as plain words, in the order in which it is stored."""
    return {
        "code": found.code,
        "severity": found.severity,
        "sheet": found.sheet,
        "cell": found.cell,
        "heading": found.heading,
        "value": found.value,
        "suggestion": found.suggestion,
        "params": dict(sorted(found.params.items())),
    }


def written(value: Datum) -> str | None:
    """Return a value as stored with its cell: plain digits, ISO dates."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value is None else str(value)


def _tidy(submission: Submission, table: str, row: Row, row_id: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "year": submission.year,
        "member": submission.member,
        "file": submission.path,
        "sheet": row.sheet,
        "row": row.row,
        "row_id": row_id,
        "counted_as": submission.counted_as,
        "period": submission.period,
        "illustrative": submission.illustrative,
        "revision": submission.revision,
        "reported_in": submission.year,
    }
    for column in columns()[table]:
        value = row.values.get(column.name)
        if value is None and column.name in record:
            continue
        record[column.name] = _fitting(value, column.type)
        if column.bounded and column.name in row.notes:
            record[f"{column.name}_bound"] = row.notes[column.name].bound
    return record


def _fitting(value: Datum, kind: pa.DataType) -> Any:
    """Return the value with the decimals of its column; the reader refuses larger ones."""
    if kind == EXACT and isinstance(value, int | Decimal):
        with localcontext() as context:
            context.prec = 60
            return Decimal(value).quantize(_STEP)
    return value


class CellColumns:
    """The table of cells, column by column: there are many times more cells than rows."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in CELLS.names}
        #: number of cells by file
        self.counts: Counter[str] = Counter()

    def add(self, submission: Submission, table: str, row: Row, row_id: str) -> None:
        """Add the cells of a row; each recipient of a list is a cell of its own."""
        fields = list(row.cells)
        values = map(row.values.get, fields)
        self._add(
            len(fields),
            file=submission.path,
            table=table,
            row_id=row_id,
            sheet=row.sheet,
            field=fields,
            cell=list(row.cells.values()),
            value=[str(v) if type(v) is int else written(v) for v in values],
            recipient=False,
            **_remarks(submission, row, fields),
        )
        for field, parts in row.parts.items():
            place = {"file": submission.path, "table": table, "row_id": row_id, "sheet": row.sheet}
            own = {"field": field, "cell": list(parts), "value": "1", "recipient": True}
            self._add(len(parts), **place, **own)

    def add_said(self, submission: Submission) -> None:
        """Add the cells that say who reports and when; they are no cells of a table."""
        for name, (sheet, cell) in submission.said.items():
            value = written(getattr(submission, name, None))
            place = {"file": submission.path, "table": "submissions", "row_id": submission.path}
            own = {"field": name, "sheet": sheet, "cell": cell, "value": value, "recipient": False}
            self._add(1, **place, **own)

    def _add(self, count: int, **values: Any) -> None:
        """Add cells: a list holds one value each, anything else is that of all."""
        self.counts[values["file"]] += count if values["table"] != "submissions" else 0
        for name, column in self.columns.items():
            value = values.get(name)
            column += value if isinstance(value, list) else [value] * count


def _remarks(submission: Submission, row: Row, fields: list[str]) -> dict[str, list[Any]]:
    """What was typed where it is not the value, bounds, remarks and corrections; mostly none."""
    if not (row.typed or row.notes or submission.corrected):
        return {}
    corrected = {(one.sheet, one.cell): one for one in submission.corrected}
    corrections = [corrected.get((row.sheet, row.cells[name])) for name in fields]
    notes = [row.notes.get(name) for name in fields]
    typed = [
        note.typed if note else row.typed.get(name)
        for name, note in zip(fields, notes, strict=True)
    ]
    return {
        "typed": [c.expected if c else t for c, t in zip(corrections, typed, strict=True)],
        "bound": [note.bound if note else None for note in notes],
        "remark": [note.remark if note else None for note in notes],
        "correction": [one.words if one else None for one in corrections],
    }


def _submission(entry: Placed, cells: Mapping[str, int]) -> dict[str, Any]:
    submission = entry.submission
    severities = Counter(f.severity for f in submission.findings)
    return {
        "file": submission.path,
        "sha256": submission.sha256,
        "form": submission.form,
        "member": submission.member,
        "year": entry.about,
        "folder_year": folder_year(submission.path),
        "revision": submission.revision,
        "period": submission.period,
        "counted_as": submission.counted_as,
        "as_of": submission.as_of,
        "illustrative": submission.illustrative,
        "status": submission.status,
        "used": entry.used,
        "superseded": entry.superseded,
        "withdrawn": entry.withdrawn is not None,
        "rows": sum(len(rows) for rows in submission.rows.values()),
        "cells": cells.get(submission.path, 0),
        "cells_read": submission.cells_read or cells.get(submission.path, 0),
        "errors": severities["error"],
        "warnings": severities["warning"],
        "notes": severities["note"],
    }


def _findings(placed: tuple[Placed, ...], missing: tuple[Finding, ...]) -> Iterator[dict[str, Any]]:
    for entry in placed:
        submission = entry.submission
        for found in submission.findings:
            where = {"file": entry.file, "year": entry.about, "member": submission.member}
            yield {**where, **_flat(found)}
    for found in missing:
        where = {
            "file": None,
            "year": int(found.params["year"]),
            "member": found.params["member_id"],
        }
        yield {**where, **_flat(found)}


def _flat(found: Finding) -> dict[str, Any]:
    record = finding_record(found)
    return {**record, "params": json.dumps(record["params"], ensure_ascii=False)}


def places(submission: Submission) -> dict[str, dict[str, list[int]]]:
    """Return by table and sheet the first and the last line that rows stand in."""
    found: dict[str, dict[str, list[int]]] = {}
    for table in table_names():
        for row in submission.rows.get(table, ()):
            lines = found.setdefault(table, {}).setdefault(row.sheet, [row.row, row.row])
            lines[:] = min(lines[0], row.row), max(lines[1], row.row)
    return found


def schema_of(name: str) -> pa.Schema:
    """Return the columns of any stored table."""
    fixed = {"submissions": SUBMISSIONS, "findings": FINDINGS, "cells": CELLS}
    return fixed.get(name) or schema(name)
