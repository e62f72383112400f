"""Which cells a figure comes from, and which figures a cell feeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record, plain
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators.comparability import lost_cells
from thidua_analysis.indicators.figure import Deciding, Lineage, Term
from thidua_analysis.indicators.quality import errors
from thidua_analysis.lineage import register
from thidua_analysis.messages import text
from thidua_analysis.store import schema
from thidua_analysis.vietnamese.text import key

#: Columns of the frame of cells.
COLUMNS = (
    *("file", "sheet", "cell", "typed", "value", "role", "correction"),
    *("year", "member", "table", "field", "row_id"),
)
#: Day 0 of spreadsheet day numbers.
_DAY_ZERO = dt.date(1899, 12, 30)
Index = dict[tuple[str, str, str], list[Record]]


def fields_of(ds: Dataset, file: str, sheet: str, cell: str) -> frozenset[tuple[str, str, str]]:
    """Return table, row id and field of everything that was stored from a cell, or would be.

    A cell that was refused for an error leaves its fields blank: the figures that lack it are
    those that it decides on. The address may be written as in a formula: ``'Chỉ tiêu'!$G$7``.
    """
    wanted, address = key(sheet.strip("'")), cell.replace("$", "").upper()
    stored = frozenset(
        (row["table"], row["row_id"], row["field"])
        for row in ds.records("cells")
        if row["file"] == file and row["cell"] == address and key(row["sheet"]) == wanted
    )
    return stored or frozenset(_refused(ds, file, wanted, address))


def _refused(ds: Dataset, file: str, sheet: str, cell: str) -> Iterator[tuple[str, str, str]]:
    """Yield table, row id and field of what an error in a cell left blank."""
    here = (f for f in errors(ds, file) if f["cell"] == cell and key(f["sheet"] or "") == sheet)
    if not any(here):
        return
    line = int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    for table in schema.tables():
        for row in ds.of_file(table, file):
            if row["row"] == line and key(row["sheet"]) == sheet:
                lost = lost_cells(ds, table).get(row["row_id"], ())
                yield from ((table, row["row_id"], field) for field in lost)


def uses(lineage: Lineage, stored: frozenset[tuple[str, str, str]]) -> bool:
    """Whether one of these stored values is added up in a figure, or decides what is."""
    every: tuple[Term | Deciding, ...] = (*lineage.terms, *lineage.decided)
    if any(t == p.table and f in p.fields and r in p.rows for p in every for t, r, f in stored):
        return True
    # how many cells were read counts each of them
    counted = [t.rows for t in lineage.terms if "cells_read" in t.fields]
    return any(row.partition("#")[0] in files for files in counted for _, row, _ in stored)


def cells(ds: Dataset, lineage: Lineage) -> Iterator[Record]:
    """Yield the cells of a figure, or what it takes from a rule, one by one."""
    for term in lineage.terms:
        for row_id in term.rows:
            for name in term.fields:
                yield from _contributions(ds, term, row_id, name)
    for rule in lineage.rules:
        yield {
            **dict.fromkeys(COLUMNS),
            "typed": text(f"rule-{rule.name}", ds.lang),
            "value": plain(rule.amount),
            "role": rule.role,
        }


def _contributions(ds: Dataset, term: Term, row_id: str, name: str) -> Iterator[Record]:
    row = _rows(ds, term.table).get(row_id, {})
    where = {
        **dict.fromkeys(COLUMNS),
        "file": row.get("file"),
        "year": row.get("year"),
        "member": row.get("member"),
        "sheet": row.get("sheet"),
        "role": term.role,
        "table": term.table,
        "field": name,
        "row_id": row_id,
    }
    found = _index(ds).get((term.table, row_id, name), [])
    for cell in found[:1] if term.counts else found:
        value = 1 if term.counts else _number(cell["value"], term.days)
        # what stands in the row of a recipient never leaves the reader: it counts one
        as_stored = None if cell["recipient"] else cell["value"]
        typed = cell["typed"] if cell["typed"] is not None else as_stored
        place = {
            "sheet": cell["sheet"],
            "cell": cell["cell"],
            "typed": typed,
            "correction": cell["correction"],
        }
        yield {**where, **place, "value": plain(value * term.weight)}
    if not found:
        value = 1 if term.counts else _number(row.get(name), term.days)
        if value:
            yield {**where, "cell": row.get("cell"), "value": plain(value * term.weight)}


def _number(value: Any, days: bool) -> Any:
    """Return what a stored value contributes: a number, or the day number of a date."""
    if value is None:
        return 0
    if days:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
        return (day - _DAY_ZERO).days
    return Decimal(value)


def _index(ds: Dataset) -> Index:
    def make() -> Index:
        index: Index = {}
        for cell in ds.records("cells"):
            index.setdefault((cell["table"], cell["row_id"], cell["field"]), []).append(cell)
        return index

    return ds.memo("cells by field", make)


def _rows(ds: Dataset, table: str) -> dict[str, Record]:
    def make() -> dict[str, Record]:
        if table == "submissions":
            return {row["file"]: row for row in ds.records(table)}
        if table == "findings":
            files = {row["file"] for row in ds.records("submissions")}
            return {found["row_id"]: found for file in files for found in errors(ds, file)}
        return {row["row_id"]: row for row in ds.records(table)}

    return ds.memo(f"{table} by id", make)


def trace(figure: pd.Series | str, ds: Dataset | None = None) -> pd.DataFrame:
    """Return the cells that a figure was computed from.

    Parameters
    ----------
    figure
        A row of a frame of figures, or the id of a figure.
    ds
        The dataset; needed for an id only.

    Returns
    -------
    pandas.DataFrame
        One row a cell: ``file``, ``sheet``, ``cell``, ``typed`` (the text as typed), ``value``
        (what it contributes), ``role`` (``numerator``, ``denominator``, ``value``),
        ``correction`` (what the analyst put in its place, and why), ``year``, ``member``,
        ``table``, ``field``, ``row_id``. The values of a role add up to that part of the figure:
        in a count each cell contributes 1, a deduction is negative, a date counts as its day
        number. Where an amount comes from no cell (a cap, a file as a whole), sheet and cell are
        missing.

    Raises
    ------
    UsageError
        If there is no figure with this id.
    """
    if isinstance(figure, str):
        if ds is None:
            raise UsageError("figure-without-data", id=figure)
        figure = register.find(ds, figure)
    found: Lineage = figure["lineage"]
    source = ds or found.ds
    rows = list(cells(source, found)) if source is not None else []
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def feeds(ds: Dataset, file: str, sheet: str, cell: str) -> list[dict[str, Any]]:
    """Return the figures that are computed from a cell; see `register.figures`."""
    stored = fields_of(ds, file, sheet, cell)
    if not stored:
        raise UsageError("cell-unknown", file=file, cell=f"{sheet}!{cell}".lstrip("!"))
    years = {row["year"] for row in ds.records("submissions") if row["file"] == file}
    return [
        record
        for year in sorted(years & set(ds.years))
        for frame in register.frames(ds, year)
        for record in register.records(ds, frame[[uses(one, stored) for one in frame["lineage"]]])
    ]
