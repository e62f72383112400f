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
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import SheetTexts, is_blank

#: where a row stands to the tables of its sheet; a sheet without a table is all text
Zone = Literal["title", "beside", "below", "text"]
_LAST_COLUMN = 1 << 15


class Side(NamedTuple):
    """The filled cells of one row that stand together outside the tables."""

    row: int
    cells: list[tuple[int, Value]]

    @property
    def left(self) -> int:
        """The first column."""
        return self.cells[0][0]

    @property
    def right(self) -> int:
        """The last column."""
        return self.cells[-1][0]


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

    def holds(self, at: Position) -> bool:
        """Whether a cell stands in it."""
        return self.top <= at[0] <= self.bottom and self.left <= at[1] <= self.right


@dataclass(slots=True)
class _Band:
    """Rows of a sheet, down to the next band, in which the same columns belong to tables.

    ``others`` are columns beside a table that bear another year; ``headed`` and ``filled`` the
    tables whose headings, and whose rows, run through the band.
    """

    top: int
    zone: Zone
    taken: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    headed: list[ReadTable] = field(default_factory=list)
    filled: list[ReadTable] = field(default_factory=list)


class Zones:
    """The tables of a sheet, and what stands around them.

    ``read`` are cells that say who reports on what, ``named`` those that findings name.
    """

    def __init__(
        self,
        texts: SheetTexts,
        parts: Sequence[ReadTable],
        read: Set[Position],
        named: Set[Position],
    ) -> None:
        self.sheet, self._read = texts.sheet, read
        self._named: dict[int, set[int]] = {}
        for row, column in named:
            self._named.setdefault(row, set()).add(column)
        places = [(part.located.top, part.located.first, part.body.end) for part in parts]
        self._edges = sorted({1, len(self.sheet.rows) + 1}.union(*places))
        first = min((top for top, _, _ in places), default=0)
        outer: Zone = "below" if parts else "text"
        self._bands = [_Band(top, "title" if top < first else outer) for top in self._edges]
        for part in parts:
            self._enter(part, texts)

    def _enter(self, part: ReadTable, texts: SheetTexts) -> None:
        at, edges = part.located, self._edges
        known = {c.column for c in at.columns.values()} | {*at.ordinals, *at.ignored}
        known |= self.reported_columns(part)
        others = set(_other_years(texts, part))
        for band in self._bands[bisect_left(edges, at.top) : bisect_left(edges, part.body.end)]:
            is_head = band.top < at.first
            band.zone = "beside"
            (band.headed if is_head else band.filled).append(part)
            band.taken |= others.union(range(at.left, at.right + 1) if is_head else known)
            band.others |= others

    def band(self, row: int) -> _Band:
        """The rows around a row with the same tables."""
        return self._bands[bisect_right(self._edges, row) - 1]

    def is_named(self, side: Side) -> bool:
        """Whether a finding names a cell of a side, or the one before it: its label."""
        named = self._named.get(side.row, set())
        label = named - self.band(side.row).taken
        return side.left - 1 in label or any(side.left <= c <= side.right for c in named)

    def is_free(self, region: Region) -> bool:
        """Whether a rectangle covers no cell of a table."""
        first = bisect_right(self._edges, region.top) - 1
        columns = range(region.left, region.right + 1)
        bands = self._bands[first : bisect_right(self._edges, region.bottom)]
        return all(band.taken.isdisjoint(columns) for band in bands)

    def sides(self) -> Iterator[Side]:
        """All cells outside the tables by row, those of a row parted by the tables between."""
        width = max(map(len, self.sheet.rows), default=0)
        for band, end in zip(self._bands, self._edges[1:], strict=False):
            taken = pairwise([0, *sorted(band.taken), _LAST_COLUMN])
            free = [(a + 1, b) for a, b in taken if b > a + 1 and a < width]
            for row, cells in enumerate(self.sheet.rows[band.top - 1 : end - 1], band.top):
                for left, stop in free:
                    within = cells[left - 1 : stop - 1]
                    # zeros alone are what formulas filled in beforehand
                    numbered = enumerate(within, left) if any(within) else ()
                    held = [(c, v) for c, v in numbered if not is_blank(v)]
                    held = [(c, v) for c, v in held if (row, c) not in self._read]
                    if held:
                        yield Side(row, held)
                for part in band.headed:
                    yield from _among_headings(part, row, cells)

    def reported_columns(self, part: ReadTable) -> set[int]:
        """Columns of a table whose heading cell is reported; all that it is merged over."""
        at = part.located
        headings = [*at.unknown, *(h for h, _ in at.ambiguous)]
        headings += [h for _, *both in at.doubled for h in both]
        wrong = {h.column for h in headings}
        for merge in part.sheet.merges if wrong else ():
            if at.top <= merge.top < at.first and merge.left in wrong:
                wrong.update(range(merge.left, min(merge.right, at.right) + 1))
        named = {c for row in range(at.top, at.first) for c in self._named.get(row, ())}
        return wrong | (named - {c.column for c in at.columns.values()})


def _among_headings(part: ReadTable, row: int, cells: Sequence[Value]) -> Iterator[Side]:
    """Cells in the rows of the headings that are no text, and so no heading."""
    at = part.located
    for column, value in enumerate(cells[at.left - 1 : at.right], at.left):
        is_text = isinstance(value, str) and not is_plain_number(value)
        if not is_text and not is_blank(value):
            yield Side(row, [(column, value)])


def _other_years(texts: SheetTexts, part: ReadTable) -> Iterator[int]:
    """Columns beside a table whose headings name years, and not that of the report."""
    at = part.located
    for row in range(at.top, at.first):
        for column in range(1, len(texts.sheet.rows[row - 1]) + 1):
            if not at.left <= column <= at.right:
                years = years_in(texts.shown(row, column))
                if years and part.year not in years:
                    yield column
