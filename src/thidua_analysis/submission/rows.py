"""Row and Submission: what one file says, every value with the cell it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from thidua_analysis.findings import UNREADABLE, Finding
from thidua_analysis.messages import describe
from thidua_analysis.vietnamese.quantities import EXACT

if TYPE_CHECKING:
    from thidua_analysis.submission.texts import Correction

Datum = str | int | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class Note:
    """What was typed beside a number: a bound ("trên"), a remark ("tăng 3")."""

    typed: str
    bound: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One tidy row of a table of the form; ``row`` is its number on the sheet.

    ``values`` holds every field of the table: missing is None; counts are int, other numbers int
    or Decimal, money is in đồng, codes and members are ids. By field, ``cells`` are the addresses
    of the cells that hold the values, none for blanks and defaults; ``notes`` and ``typed`` (the
    text where it says something else than the value) are there only where needed; ``parts`` are
    the cells of the recipients that were counted.
    """

    table: str
    sheet: str
    row: int
    values: Mapping[str, Datum]
    cells: Mapping[str, str]
    notes: Mapping[str, Note] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Listed(NamedTuple):
    """Cells that are in no row and no finding: a range without others, why, and how many."""

    sheet: str
    range: str
    reason: str
    cells: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Where the cells of a file went: ``read`` = ``stored`` + ``reported`` + those listed."""

    read: int = 0
    stored: int = 0
    reported: int = 0
    listed: tuple[Listed, ...] = ()

    @property
    def outside(self) -> int:
        """Number of the cells that are listed."""
        return sum(one.cells for one in self.listed)


@dataclass(frozen=True, slots=True)
class Submission:
    """What one file says, and what is wrong with it."""

    path: str
    sha256: str
    form: str | None = None
    member: str | None = None
    year: int | None = None
    revision: int = 1
    period: str = "year"
    counted_as: str = "turns"
    as_of: dt.date | None = None
    illustrative: bool = False
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    #: field of `Thông tin` → sheet and cell of its value, where it stands in one
    said: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    #: filled cells of data rows in all tables, lists of recipients included
    cells_read: int = 0
    #: corrections that were applied, and those whose cell no longer shows the expected text
    corrected: tuple[Correction, ...] = ()
    stale: tuple[Correction, ...] = ()
    #: where every cell went, only where that was asked for
    tally: Tally | None = None

    @property
    def status(self) -> str:
        """One of ``ok``, ``warnings``, ``errors``, ``unreadable``."""
        if any(f.code in UNREADABLE for f in self.findings):
            return "unreadable"
        severities = {f.severity for f in self.findings}
        if "error" in severities:
            return "errors"
        return "warnings" if "warning" in severities else "ok"


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
    """Rows of a table as `thidua rows --json` prints them."""
    return [_row_record(row) for row in rows]


#: what a note says, in the order of the JSON
_NOTED = ("bound", "remark", "typed")


def _row_record(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {name: plain(value) for name, value in row.values.items()}
    record["_row"] = {"sheet": row.sheet, "row": row.row}
    record["_cells"] = dict(row.cells)
    if row.notes:
        record["_notes"] = {
            name: {said: text for said in _NOTED if (text := getattr(note, said)) is not None}
            for name, note in row.notes.items()
        }
    return record


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
