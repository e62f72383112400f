"""Submissions of files that have not changed, out of the processed data instead of the files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from thidua_analysis import schema
from thidua_analysis.findings import Finding
from thidua_analysis.form import forms
from thidua_analysis.frames import plain
from thidua_analysis.store import Store
from thidua_analysis.submission.rows import Note, Row, Submission

#: Codes that only the comparison of files gives: they are found again.
_BETWEEN_FILES = frozenset({"duplicate-submission", "jump-year-on-year"})
Record = dict[str, Any]


def unchanged(store: Store, hashes: dict[str, str]) -> dict[str, Submission]:
    """Return the submissions of files that are as they were when the store was built.

    Parameters
    ----------
    store
        The processed data, made by the same program with the same settings.
    hashes
        Path below ``data/raw`` → sha256 of every file as it is now.

    Returns
    -------
    dict
        Path → submission, equal to what reading the file gives. Files that did not count, and
        those that could not be read, are left out: their rows were not stored.
    """
    known = {
        row["file"]: row
        for row in store.table("submissions").to_pylist()
        if row["used"] and hashes.get(row["file"]) == row["sha256"]
    }
    cells = _grouped(store.table("cells").to_pylist(), "row_id")
    findings = _grouped(store.table("findings").to_pylist(), "file")
    rows: dict[str, dict[str, list[Row]]] = {file: {} for file in known}
    for name in schema.tables():
        for record in store.table(name).to_pylist():
            if record["file"] in known:
                form = known[record["file"]]["form"]
                row = _row(name, form, record, cells.get(record["row_id"], []))
                rows[record["file"]].setdefault(name, []).append(row)
    return {
        file: _submission(record, rows[file], cells.get(file, []), findings.get(file, []))
        for file, record in known.items()
    }


def _submission(
    record: Record, rows: dict[str, list[Row]], said: list[Record], findings: list[Record]
) -> Submission:
    return Submission(
        path=record["file"],
        sha256=record["sha256"],
        form=record["form"],
        member=record["member"],
        year=record["year"],
        revision=record["revision"],
        period=record["period"],
        counted_as=record["counted_as"],
        as_of=record["as_of"],
        illustrative=record["illustrative"],
        rows={name: tuple(found) for name, found in rows.items()},
        said={cell["field"]: (cell["sheet"], cell["cell"]) for cell in said},
        findings=tuple(_findings(findings)),
        cells_read=record["cells_read"],
    )


def _row(table: str, form: str, record: Record, cells: Iterable[Record]) -> Row:
    asked = forms()[form].table(table)
    made: dict[str, dict[str, Any]] = {"cells": {}, "notes": {}, "typed": {}, "parts": {}}
    for cell in cells:
        if cell["table"] != table:
            continue
        name = cell["field"]
        if cell["recipient"]:
            made["parts"][name] = (*made["parts"].get(name, ()), cell["cell"])
            continue
        made["cells"][name] = cell["cell"]
        if cell["bound"] is not None or cell["remark"] is not None:
            made["notes"][name] = Note(cell["typed"], cell["bound"], cell["remark"])
        elif cell["typed"] is not None:
            made["typed"][name] = cell["typed"]
    values = {name: plain(record[name]) for name in asked.columns}
    return Row(table, record["sheet"], record["row"], values, **made)


def _findings(records: Iterable[Record]) -> Iterator[Finding]:
    for record in records:
        if record["code"] not in _BETWEEN_FILES:
            words = ("code", "sheet", "cell", "heading", "value", "suggestion", "severity")
            own = {name: record[name] for name in words}
            yield Finding(**own, params=json.loads(record["params"]))


def _grouped(records: Iterable[Record], column: str) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record[column], []).append(record)
    return groups
