"""Columns of a table that are not read, because nobody can say what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from thidua_analysis.excel import address
from thidua_analysis.excel.cells import Value
from thidua_analysis.submission import row_words
from thidua_analysis.submission.columns import is_filled
from thidua_analysis.submission.headings import Heading
from thidua_analysis.submission.lines import Grid


@dataclass(frozen=True, slots=True)
class Unread:
    """A column whose heading is blank or cannot be read, and the data rows in which it is filled.

    The heading may stand over several columns. The column may be one of the form's unless it only
    numbers the rows, or is known in spite of the heading.
    """

    heading: Heading
    column: int
    rows: tuple[int, ...] = ()
    may_be_asked: bool = True

    @property
    def range(self) -> str:
        """Address of its filled cells, such as ``"F3:F21"``; ``""`` where there are none."""
        if not self.rows:
            return ""
        first, last = (address(row, self.column) for row in (self.rows[0], self.rows[-1]))
        return first if first == last else f"{first}:{last}"


def unread_columns(grid: Grid, data: Sequence[int]) -> tuple[Unread, ...]:
    """Columns in and beside a table whose headings are blank or cannot be read.

    A column without a heading counts where it is filled in some row of data; one beside the table
    that only numbers the rows does not.

    Parameters
    ----------
    grid
        The cells under the headings.
    data
        Numbers of the rows that hold data.
    """
    return (*_broken(grid, data), *_without_heading(grid, data))


def _broken(grid: Grid, data: Sequence[int]) -> Iterator[Unread]:
    for heading in grid.located.broken:
        column, rows = heading.column, _filled(grid, data, heading.column)
        numbers, is_blank = _only_numbers(grid, column, rows), heading.fault == "blank"
        if not is_blank or (rows and not numbers):
            row = _heading_row(grid, column) if is_blank else 0
            yield Unread(
                heading.over or replace(heading, row=max(row, heading.row)),
                column,
                rows,
                not numbers,
            )
    yield from (Unread(h, h.column, may_be_asked=False) for h in grid.located.over)


def _without_heading(grid: Grid, data: Sequence[int]) -> Iterator[Unread]:
    """Filled columns without a heading: within the table, then outward as far as they are."""
    located = grid.located
    known = {*located.headed, *(heading.column for heading in located.broken)}
    within = [c for c in range(located.left, located.right + 1) if c not in known]
    for column in within:
        yield from _blank(grid, data, column)
    for outward in (
        range(located.left - 1, located.beside.start - 1, -1),
        range(located.right + 1, located.beside.stop),
    ):
        for column in outward:
            found = list(_blank(grid, data, column))
            if not found:
                break
            yield from found


def _blank(grid: Grid, data: Sequence[int], column: int) -> Iterator[Unread]:
    rows = _filled(grid, data, column)
    if rows and not _only_numbers(grid, column, rows):
        heading = Heading(column, _heading_row(grid, column), ("",), fault="blank")
        yield Unread(heading, column, rows)


def _filled(grid: Grid, data: Sequence[int], column: int) -> tuple[int, ...]:
    """Numbers of the data rows in which a column shows something."""
    sheet, cells, first = grid.sheet, grid.column(column), grid.located.first
    shown = {row for row, at in (*sheet.errors, *sheet.uncalculated) if at == column}
    shown.update(row for row, value in enumerate(cells, first) if is_filled(value))
    if not shown:
        return ()
    done = 0
    for merge in sorted(sheet.merges, key=lambda m: m.top):
        if merge.left == column and merge.top > done and merge.top in shown:
            shown.update(range(merge.top, min(merge.bottom, grid.located.end) + 1))
            done = merge.bottom
    return tuple(row for row in data if row in shown)


def _only_numbers(grid: Grid, column: int, rows: Sequence[int]) -> bool:
    """Whether a column in front holds 1, 2, 3 …, begun anew in any section, or I, II, a, b."""
    located = grid.located
    front = min((c.column for c in located.columns.values()), default=located.left)
    if column > front or not rows:
        return False
    texts = [_text(grid.sheet.value(row, column)) for row in rows]
    numbers = [int(text) for text in texts if text.isdecimal()]
    return all(map(row_words.is_ordinal, texts)) and all(
        b in (a + 1, 1) for a, b in pairwise(numbers)
    )


def _text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value or "").strip(" .")


def _heading_row(grid: Grid, column: int) -> int:
    """Row in which the heading of a column would stand: its own merged cell's, its neighbours'."""
    located = grid.located
    own = (m for m in grid.sheet.merges if m.left == column and m.right == column)
    merged = [m.top for m in own if located.top <= m.top < located.first]
    if merged:
        return max(merged)
    left = max((c for c in located.headed if c < column), default=0)
    right = min((c for c in located.headed if c > column), default=0)
    rows = {located.headed.get(left), located.headed.get(right)}
    return rows.pop() or located.corner.row if len(rows) == 1 else located.corner.row
