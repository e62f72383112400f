"""What a submission lost to errors: whole rows, and single cells of rows that were kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from thidua_analysis import schema

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset, Record

Line = tuple[str, str, int]


def rows(ds: Dataset, table: str) -> frozenset[tuple[int, str]]:
    """Return year and member of every table that lost a row to an error.

    Such a row is in no table, so that a total of that member is too low.
    """
    return ds.memo(f"lost rows of {table}", lambda: _rows(ds, table))


def cells(ds: Dataset, table: str) -> Mapping[str, frozenset[str]]:
    """Return by row id the fields whose cell was refused for an error.

    In the row they are missing like a blank, but what was typed there is unknown, not nothing.
    """
    return ds.memo(f"lost cells of {table}", lambda: _cells(ds, table))


def members(ds: Dataset, table: str) -> frozenset[tuple[int, str]]:
    """Return year and member of every table that lost a row or a cell."""
    refused = cells(ds, table)
    found = ((r["year"], r["member"]) for r in _kept(ds, table) if r["row_id"] in refused)
    return rows(ds, table) | frozenset(found)


def _rows(ds: Dataset, table: str) -> frozenset[tuple[int, str]]:
    kept = {_line(row) for row in _kept(ds, table)}
    sheets = {line[:2] for line in kept}
    used = {s["file"]: (s["year"], s["member"]) for s in ds.records("submissions") if s["used"]}
    return frozenset(
        used[file]
        for file, sheet, _, line in _errors(ds)
        if file in used and (file, sheet) in sheets and (file, sheet, line) not in kept
    )


def _cells(ds: Dataset, table: str) -> dict[str, frozenset[str]]:
    errors = tuple(_errors(ds))
    lines: dict[Line, list[Record]] = {}
    for row in _kept(ds, table) if errors else ():
        lines.setdefault(_line(row), []).append(row)
    columns = _columns(ds, table, {file for file, *_ in errors}) if lines else {}
    lost: dict[str, set[str]] = {}
    for file, sheet, column, line in errors:
        for row in lines.get((file, sheet, line), ()):
            fields = columns.get((file, sheet, column)) or {c.name for c in schema.columns()[table]}
            missing = {name for name in fields if row[name] is None}
            if missing:
                lost.setdefault(row["row_id"], set()).update(missing)
    return {row_id: frozenset(fields) for row_id, fields in lost.items()}


def _errors(ds: Dataset) -> Iterator[tuple[str, str, str, int]]:
    """File, sheet, column and line of the cell of every error."""
    for found in ds.records("findings"):
        if found["severity"] == "error" and found["file"] and found["cell"]:
            cell = found["cell"]
            column = cell.rstrip("0123456789")
            yield found["file"], found["sheet"], column, int(cell[len(column) :])


def _columns(ds: Dataset, table: str, files: set[str]) -> dict[tuple[str, str, str], set[str]]:
    """Fields that were read from each column of the files."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for cell in ds.records("cells"):
        if cell["file"] in files and cell["table"] == table and not cell["recipient"]:
            at = cell["file"], cell["sheet"], cell["cell"].rstrip("0123456789")
            found.setdefault(at, set()).add(cell["field"])
    return found


def _kept(ds: Dataset, table: str) -> tuple[Record, ...]:
    return ds.records(table) if table in schema.tables() else ()


def _line(row: Record) -> Line:
    return row["file"], row["sheet"], row["row"]
