"""Findings and rows as JSON: the contract of `thidua check` and `thidua rows`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from thidua_analysis.findings import Finding
from thidua_analysis.messages import describe
from thidua_analysis.submission.rows import Datum, Note, Row, Submission, Tally
from thidua_analysis.vietnamese.literals import EXACT


def file_record(submission: Submission, lang: str) -> dict[str, Any]:
    """What `thidua check --json` says about one file."""
    return {
        "path": submission.path,
        "sha256": submission.sha256,
        "status": submission.status,
        "form": submission.form,
        "member": submission.member,
        "year": submission.year,
        "revision": submission.revision if submission.form else None,
        "rows": {table: len(rows) for table, rows in submission.rows.items()},
        "findings": [finding_record(f, lang) for f in submission.findings],
    }


def cells_record(tally: Tally) -> dict[str, Any]:
    """What `thidua check --all --json` adds: where every cell went, and those in no row."""
    counts = {name: getattr(tally, name) for name in ("read", "stored", "reported", "outside")}
    return {"tally": counts, "outside": [one._asdict() for one in tally.listed]}


def finding_record(found: Finding, lang: str) -> dict[str, Any]:
    """What the JSON says about one finding."""
    return {
        "code": found.code,
        "severity": found.severity,
        "sheet": found.sheet,
        "cell": found.cell,
        "heading": found.heading,
        "value": found.value,
        "message": describe(found, lang),
        "suggestion": found.suggestion,
    }


def row_records(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows of a table as `thidua rows --json` prints them."""
    return [_row_record(row) for row in rows]


def _row_record(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {name: plain(value) for name, value in row.values.items()}
    record["_row"] = {"sheet": row.sheet, "row": row.row}
    record["_cells"] = dict(row.cells)
    if row.notes:
        record["_notes"] = {name: _note_record(note) for name, note in row.notes.items()}
    return record


def _note_record(note: Note) -> dict[str, str]:
    said = {"bound": note.bound, "remark": note.remark, "typed": note.typed}
    return {name: text for name, text in said.items() if text is not None}


def plain(value: Datum) -> str | int | float | Decimal | None:
    """Return a value as JSON can hold it: dates in ISO, whole numbers without a point.

    A number with more digits than a float keeps stays a Decimal, which `print_json` writes out.
    """
    if isinstance(value, Decimal):
        if value == value.to_integral_value(context=EXACT):
            return int(value)
        short = float(value)
        return short if Decimal(repr(short)) == value else value
    return value.isoformat() if isinstance(value, dt.date) else value
