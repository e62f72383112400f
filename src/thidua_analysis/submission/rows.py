"""Row and Submission: what one file says, every value with the cell it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from thidua_analysis.findings import UNREADABLE, Finding

if TYPE_CHECKING:
    from thidua_analysis.submission.corrections import Correction

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


class Rows(Sequence[Row]):
    """Rows that are built when they are first looked at; their number is known before.

    Parameters
    ----------
    count
        How many there are.
    build
        Gives them in order; called once, and let go with all that it holds.
    """

    def __init__(self, count: int, build: Callable[[], Iterable[Row]]) -> None:
        self._count = count
        self._build: Callable[[], Iterable[Row]] | None = build
        self._rows: tuple[Row, ...] = ()

    def _all(self) -> tuple[Row, ...]:
        build = self._build
        if build is not None:
            self._rows = tuple(build())
            self._build = None
        return self._rows

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        return self._all()[at]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Rows, tuple)) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._count)

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self._all(),)


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
