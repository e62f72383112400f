"""Where on a sheet the tables stand, and the cells beside, above and under them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.form.spellings import years_in
from thidua_analysis.submission.row_words import is_plain_number
from thidua_analysis.submission.table import Extract
from thidua_analysis.submission.texts import SheetTexts, is_blank

#: where a row stands to the tables of its sheet; a sheet without a table is all text
Zone = Literal["title", "beside", "below", "text"]
_LAST_COLUMN = 1 << 15


class Side(NamedTuple):
    """The filled cells of one row that stand together outside the tables."""

    row: int
    cells: list[tuple[int, Value]]


@dataclass(slots=True)
class Region:
    """A rectangle of cells that may be data and were not read.

    ``weight`` says how much speaks for data; ``fits`` that it has the shape of rows of the form.
    """

    top: int
    left: int
    bottom: int
    right: int
    weight: int = 0
    fits: bool = False

    @property
    def corner(self) -> str:
        """Address of the cell at the top left."""
        return address(self.top, self.left)

    @property
    def range(self) -> str:
        """Address of the rectangle, "B7" or "B7:D9"."""
        last = address(self.bottom, self.right)
        return self.corner if last == self.corner else f"{self.corner}:{last}"

    @property
    def size(self) -> int:
        """How many cells it covers."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def holds(self, at: Position) -> bool:
        """Whether a cell stands in it."""
        return self.top <= at[0] <= self.bottom and self.left <= at[1] <= self.right


@dataclass(slots=True)
class _Band:
    """Rows of a sheet, down to the next band, in which the same columns belong to tables."""

    top: int
    zone: Zone
    taken: set[int] = field(default_factory=set)
    #: columns beside a table that bear another year
    others: set[int] = field(default_factory=set)
    #: tables whose headings, and whose rows, run through the band
    headed: list[Extract] = field(default_factory=list)
    filled: list[Extract] = field(default_factory=list)


class Zones:
    """The tables of a sheet, and what stands around them.

    Parameters
    ----------
    texts
        The sheet with the reader of its texts.
    parts
        The tables that were read from it.
    read
        Cells that were read otherwise: who reports on what.
    named
        Cells that findings name.
    """

    def __init__(
        self,
        texts: SheetTexts,
        parts: Sequence[Extract],
        read: Set[Position],
        named: Set[Position],
    ) -> None:
        self.sheet, self.parts, self._read = texts.sheet, parts, read
        self._named: dict[int, set[int]] = {}
        for row, column in named:
            self._named.setdefault(row, set()).add(column)
        edges = {1, len(self.sheet.rows) + 1}
        for part in parts:
            edges |= {part.located.top, part.located.first, part.roles.end}
        self._edges = sorted(edges)
        first = min((part.located.top for part in parts), default=0)
        outer: Zone = "below" if parts else "text"
        self._bands = [_Band(top, "title" if top < first else outer) for top in self._edges]
        for part in parts:
            self._enter(part, texts)

    def _enter(self, part: Extract, texts: SheetTexts) -> None:
        at = part.located
        known = {c.column for c in at.columns.values()} | {*at.ordinals, *at.ignored}
        known |= self.reported_columns(part)
        others = set(_other_years(texts, part))
        for band in self._between(at.top, part.roles.end):
            band.zone = "beside"
            is_head = band.top < at.first
            (band.headed if is_head else band.filled).append(part)
            band.taken |= {*range(at.left, at.right + 1)} if is_head else known
            band.taken |= others
            band.others |= others

    def _between(self, top: int, end: int) -> list[_Band]:
        return self._bands[bisect_left(self._edges, top) : bisect_left(self._edges, end)]

    def _band(self, row: int) -> _Band:
        return self._bands[bisect_right(self._edges, row) - 1]

    def zone(self, row: int) -> Zone:
        """Where a row stands: above the first table, beside one, under one."""
        return self._band(row).zone

    def is_within(self, side: Side) -> bool:
        """Whether cells stand in rows of a table between two of its columns."""
        return any(
            p.located.left < column < p.located.right
            for p in self._band(side.row).filled
            for column, _ in side.cells
        )

    def is_of_other_year(self, row: int, column: int) -> bool:
        """Whether a cell stands beside a table in a column that bears another year."""
        return column in self._band(row).others

    def is_named(self, side: Side) -> bool:
        """Whether a finding names a cell of a side, or the one before it: its label."""
        first, last = side.cells[0][0], side.cells[-1][0]
        named = self._named.get(side.row, set())
        label = named - self._band(side.row).taken
        return first - 1 in label or any(first <= column <= last for column in named)

    def is_in_front(self, side: Side) -> bool:
        """Whether cells stand beside the rows of tables, left of them all."""
        tables = self._band(side.row).filled
        return bool(tables) and all(side.cells[-1][0] < part.located.left for part in tables)

    def is_free(self, region: Region) -> bool:
        """Whether a rectangle covers no cell of a table."""
        first = bisect_right(self._edges, region.top) - 1
        columns = range(region.left, region.right + 1)
        bands = self._bands[first : bisect_right(self._edges, region.bottom)]
        return all(band.taken.isdisjoint(columns) for band in bands)

    def sides(self) -> Iterator[Side]:
        """All cells outside the tables by row, those of a row parted by the tables between."""
        rows = self.sheet.rows
        width = max(map(len, rows), default=0)
        for band, end in zip(self._bands, self._edges[1:], strict=False):
            free = [columns for columns in _gaps(band.taken) if columns.start <= width]
            if not free and not band.headed:
                continue
            for row, cells in enumerate(rows[band.top - 1 : end - 1], band.top):
                for columns in free:
                    if any(cells[columns.start - 1 : columns.stop - 1]):
                        yield from self._side(row, columns, cells)
                for part in band.headed:
                    yield from _among_headings(part, row, cells)

    def _side(self, row: int, columns: range, cells: Sequence[Value]) -> Iterator[Side]:
        within = cells[columns.start - 1 : columns.stop - 1]
        numbered = enumerate(within, columns.start)
        found = [(c, v) for c, v in numbered if not is_blank(v) and (row, c) not in self._read]
        if found:
            yield Side(row, found)

    def reported_columns(self, part: Extract) -> set[int]:
        """Columns of a table whose heading cell is reported; all that it is merged over."""
        at = part.located
        named = {c for row in range(at.top, at.first) for c in self._named.get(row, ())}
        return _wrong_columns(part) | (named - {c.column for c in at.columns.values()})


def _among_headings(part: Extract, row: int, cells: Sequence[Value]) -> Iterator[Side]:
    """Cells in the rows of the headings that are no text, and so no heading."""
    at = part.located
    for column, value in enumerate(cells[at.left - 1 : at.right], at.left):
        is_text = isinstance(value, str) and not is_plain_number(value)
        if not is_text and not is_blank(value):
            yield Side(row, [(column, value)])


def _wrong_columns(part: Extract) -> set[int]:
    at = part.located
    headings = [*at.unknown, *(h for h, _ in at.ambiguous)]
    headings += [h for _, *both in at.doubled for h in both]
    wrong = {h.column for h in headings}
    for merge in part.sheet.merges if wrong else ():
        if at.top <= merge.top < at.first and merge.left in wrong:
            wrong.update(range(merge.left, min(merge.right, at.right) + 1))
    return wrong


def _other_years(texts: SheetTexts, part: Extract) -> Iterator[int]:
    """Columns beside a table whose headings name years, and not that of the report."""
    at = part.located
    for row in range(at.top, at.first):
        for column in range(1, len(texts.sheet.rows[row - 1]) + 1):
            if not at.left <= column <= at.right:
                years = years_in(texts.shown(row, column))
                if years and part.year not in years:
                    yield column


def _gaps(taken: Set[int]) -> Iterator[range]:
    """Columns between those that are taken, the last without an end."""
    for before, after in pairwise([0, *sorted(taken), _LAST_COLUMN]):
        if after > before + 1:
            yield range(before + 1, after)
