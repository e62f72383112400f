"""Row and Submission: what one file says, every value with the cell it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from thidua_analysis.findings import UNREADABLE, Finding

Datum = str | int | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class Note:
    """What was typed beside a number: a bound ("trên"), a remark ("tăng 3")."""

    typed: str
    bound: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One tidy row.

    Parameters
    ----------
    table
        Table of the form, such as ``"targets"``.
    sheet, row
        Where it stands; the row counts from 1.
    values
        Every field of the table; missing is None; counts are int, other numbers int or Decimal,
        money is in đồng, codes and members are ids.
    cells
        Field → address of the cell that holds its value; none for blanks and defaults.
    notes
        Field → `Note`, only where a bound or remark was typed.
    typed
        Field → text as typed, only where it says something else than the value.
    parts
        Field → addresses of the recipients' cells that were counted (lists of recipients only).
    """

    table: str
    sheet: str
    row: int
    values: Mapping[str, Datum]
    cells: Mapping[str, str]
    notes: Mapping[str, Note] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> str:
        """One of ``ok``, ``warnings``, ``errors``, ``unreadable``."""
        if any(f.code in UNREADABLE for f in self.findings):
            return "unreadable"
        severities = {f.severity for f in self.findings}
        if "error" in severities:
            return "errors"
        return "warnings" if "warning" in severities else "ok"
