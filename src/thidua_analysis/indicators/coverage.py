"""Which members are expected to be in a figure, and which of them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.dictionary import Indicator
from thidua_analysis.indicators.figure import Figure, Key, Piece
from thidua_analysis.indicators.rows import Scope, values
from thidua_analysis.store import schema
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.dataset import Record

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


class Coverage:
    """Which members are expected to be in a figure, and which of them are.

    Parameters
    ----------
    ds, about, by, scope
        As for `figures`.
    present
        Year and member of all who reported the table, whatever is asked of it.
    """

    def __init__(
        self,
        ds: Dataset,
        about: Indicator,
        by: Sequence[str],
        present: frozenset[tuple[int, str]],
        scope: Scope,
    ) -> None:
        self._ds, self._by, self._present = ds, tuple(by), present
        asked = {column: values(v) for column, v in scope.items() if v is not None}
        self._members = frozenset(map(key, asked.get("member", ds.members)))
        years = asked.get("year", asked.get("reported_in", ds.years))
        self._years = tuple(year for year in ds.years if year in years)
        self._by_year: dict[int, dict[str, None]] = {}
        self._lost_rows = rows(ds, about.table)

    def silent(self, groups: Mapping[Key, Figure]) -> list[Key]:
        """Return keys of members that are expected and sent nothing: shown without a value."""
        if "member" not in self._by or not set(self._by) <= {"year", "member"}:
            return []
        keys = (
            tuple(year if column == "year" else member for column in self._by)
            for year in self._years
            for member in self._expected(year)
        )
        return [one for one in dict.fromkeys(keys) if one not in groups]

    def complete(self, figure: Figure) -> None:
        """Say who is expected in a figure, who is missing, and of whom a row was left out."""
        own = dict(zip(self._by, figure.key, strict=True))
        year = own.get("year", own.get("reported_in"))
        years = self._years if year is None else (year,)
        wanted = [(y, m) for y in years for m in self._expected(y, own.get("member"))]
        unusable = {who(p) for p in figure.pieces} - {who(p) for p in figure.used}
        absent = {pair[1] for pair in wanted if pair not in self._present or pair in unusable}
        partial = {p.row["member"] for p in figure.pieces if not p.usable}
        partial |= {p.row["member"] for p in figure.used if p.lost}
        partial |= {pair[1] for pair in wanted if pair in self._lost_rows}
        figure.expected = tuple(dict.fromkeys(member for _, member in wanted))
        figure.missing = tuple(m for m in figure.expected if m in absent)
        incomplete = tuple(m for m in figure.expected if m in partial and m not in absent)
        figure.lineage = replace(figure.lineage, partial=incomplete)

    def _expected(self, year: int, member: str | None = None) -> tuple[str, ...]:
        if year not in self._by_year:
            everyone = (m for m in self._ds.expected(year) if key(m) in self._members)
            self._by_year[year] = dict.fromkeys(everyone)
        expected = self._by_year[year]
        if member is not None:
            return (member,) if member in expected else ()
        return tuple(expected)


def who(piece: Piece) -> tuple[int, str]:
    """Return year and member of the row of a piece."""
    return piece.row["year"], piece.row["member"]
