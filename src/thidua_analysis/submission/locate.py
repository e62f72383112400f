"""Finding the tables of a form on a sheet: their columns, and where their rows begin and end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from thidua_analysis.excel import Sheet
from thidua_analysis.excel.cells import Value
from thidua_analysis.form.model import Form, Table
from thidua_analysis.form.spellings import is_year
from thidua_analysis.submission.blocks import MOST_ROWS, HeadingRows, candidate_rows
from thidua_analysis.submission.heading_groups import Part, assign
from thidua_analysis.submission.headings import Heading
from thidua_analysis.submission.texts import SheetTexts, is_blank
from thidua_analysis.vietnamese.text import key

#: so many blocks of headings may stand below each other
_MOST_BLOCKS = 1000
#: so many columns beside a table are looked at for what has no heading
_MOST_BESIDE = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a found table: the field, where it stands, its heading cell.

    ``scale`` and ``unit`` are those that the heading's own bracket names.
    """

    name: str
    column: int
    heading_row: int
    scale: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A table found on a sheet; rows and columns count from 1, ``end`` is not included.

    ``above`` is the first row that belongs to no earlier table; ``corner`` the leftmost heading.
    A field that two headings name stands in ``doubled`` and not in ``columns``. ``headed`` maps
    the columns with a heading to its row, ``broken`` are headings that cannot be read, ``over``
    those above headings that can, and ``beside`` are the columns of the table and around it that
    are no other table's.
    """

    table: Table
    top: int
    first: int
    end: int
    left: int
    right: int
    above: int
    corner: Heading
    columns: Mapping[str, Column]
    headed: Mapping[int, int]
    ordinals: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    unknown: tuple[Heading, ...] = ()
    doubled: tuple[tuple[str, Heading, Heading], ...] = ()
    ambiguous: tuple[tuple[Heading, tuple[str, ...]], ...] = ()
    broken: tuple[Heading, ...] = ()
    over: tuple[Heading, ...] = ()
    beside: range = range(0)

    @property
    def uncertain(self) -> frozenset[str]:
        """Names of the fields that two headings name, or that a heading may or may not mean."""
        names = (names for _, names in self.ambiguous)
        return frozenset(chain((name for name, _, _ in self.doubled), *names))


@dataclass(frozen=True, slots=True)
class _Block:
    top: int
    bottom: int
    parts: list[Part]


def locate(form: Form, sheet: Sheet, texts: SheetTexts, year: int | None = None) -> list[Located]:
    """Find every table of the form on a sheet.

    Parameters
    ----------
    form
        Form whose tables are looked for.
    sheet, texts
        The sheet and the reader of its texts.
    year
        Year of the report: "Thực hiện năm 2022" is no heading of the report on 2023.

    Returns
    -------
    list of Located
        From top to bottom, then from left to right. A table counts as found where half of the
        columns that the form asks for, and at least two, stand over each other in one to three
        rows; on a sheet that bears the table's name a third is enough.
    """
    blocks: list[_Block] = []
    starts = candidate_rows(form, sheet, texts)
    rows = HeadingRows(form, texts, starts)
    below, end = 0, len(sheet.rows) + 1
    for row in starts:
        if row <= below:
            continue
        if len(blocks) == _MOST_BLOCKS:
            end = row
            break
        block = _best_block(rows, row, below, year)
        if block:
            blocks.append(block)
            below = block.bottom
    return _with_room(list(_placed(blocks, end, sheet)), texts.width)


def _with_room(tables: list[Located], width: int) -> list[Located]:
    """The tables with the columns around each that no other one beside it takes."""
    taken: dict[int, list[tuple[int, int]]] = {}
    for table in tables if len(tables) > 1 else ():
        for column in range(table.left, table.right + 1):
            taken.setdefault(column, []).append((table.top, table.end))

    def is_free(table: Located, column: int) -> bool:
        others = taken.get(column, ())
        at = bisect_left(others, (table.end, 0)) - 1
        return at < 0 or others[at][1] <= table.top

    placed = []
    for table in tables:
        left, right = table.left, table.right
        while left > max(1, table.left - _MOST_BESIDE) and is_free(table, left - 1):
            left -= 1
        while right < min(width, table.right + _MOST_BESIDE) and is_free(table, right + 1):
            right += 1
        placed.append(replace(table, beside=range(left, right + 1)))
    return placed


def _best_block(rows: HeadingRows, row: int, below: int, year: int | None) -> _Block | None:
    """The block of heading rows around a row that names most fields; the lowest of equals.

    A row of units in brackets under the headings is theirs.
    """
    best: _Block | None = None
    best_score = 0
    name = key(rows.sheet.name)
    for top in range(row, max(below, row - MOST_ROWS), -1):
        for height in range(row - top + 1, MOST_ROWS + 1):
            headings = rows.headings(top, height)
            if headings is None:
                break
            parts = assign(rows.form.id, name, tuple(headings), year)
            score = sum(part.score for part in parts)
            equal = score == best_score and best is not None and rows.are_units(top + height - 1)
            if score > best_score or equal:
                best, best_score = _Block(top, top + height - 1, parts), score
    return best


def _placed(blocks: Sequence[_Block], end: int, sheet: Sheet) -> Iterator[Located]:
    """The tables of all blocks, each down to the next headings in its columns."""
    ends = _ends(blocks, end)
    bottoms: dict[int, int] = {}
    for number, block in enumerate(blocks):
        for part in block.parts:
            columns = part.span
            above = max((bottoms.get(column, 0) for column in columns), default=0) + 1
            below = ends[number, columns.start]
            doubled = (*part.doubled, *_filled_twice(part, sheet.rows[block.bottom : below - 1]))
            yield _located(part, block, below, above, doubled)
        for part in block.parts:
            bottoms.update(dict.fromkeys(part.span, block.bottom))


def _filled_twice(
    part: Part, lines: Sequence[Sequence[Value]]
) -> list[tuple[str, Heading, Heading]]:
    """Fields whose heading is merged over several columns, more than the first of them filled."""
    found = []
    names = {heading.path: (name, heading) for name, (heading, _) in part.columns.items()}
    for heading in part.continued:
        known = names.get(heading.path)
        if known and any(line[heading.column - 1] for line in _unbroken(lines, part.span)):
            found.append((*known, heading))
    return found


def _unbroken(lines: Sequence[Sequence[Value]], columns: range) -> Iterator[Sequence[Value]]:
    """Rows down to the first in which the columns of a table are blank, padded to them."""
    for line in lines:
        if all(is_blank(value) for value in line[columns.start - 1 : columns.stop - 1]):
            return
        yield [*line, *[""] * (columns.stop - 1 - len(line))]


def _ends(blocks: Sequence[_Block], last: int) -> dict[tuple[int, int], int]:
    """Block and first column of each table → first row that is no longer its own."""
    ends: dict[tuple[int, int], int] = {}
    tops: dict[int, int] = {}
    for number in range(len(blocks) - 1, -1, -1):
        for part in blocks[number].parts:
            columns = part.span
            ends[number, columns.start] = min(tops.get(column, last) for column in columns)
        for part in blocks[number].parts:
            tops.update(dict.fromkeys((h.column for h in part.headings()), blocks[number].top))
    return ends


def _located(
    part: Part,
    block: _Block,
    end: int,
    above: int,
    doubled: tuple[tuple[str, Heading, Heading], ...],
) -> Located:
    columns = part.span
    twice = {name for name, _, _ in doubled}
    return Located(
        part.table,
        block.top,
        block.bottom + 1,
        end,
        columns.start,
        columns.stop - 1,
        above,
        min(part.headings(), key=lambda h: h.column),
        {
            name: Column(name, heading.column, heading.row, found.scale, found.unit)
            for name, (heading, found) in part.columns.items()
            if name not in twice
        },
        {**_headed(part), **{h.column: h.row for _, _, h in doubled}},
        tuple(h.column for h in part.ordinals),
        tuple(h.column for h in part.ignored),
        tuple(part.unknown),
        doubled,
        tuple(part.ambiguous),
        tuple(part.broken),
        _over(part),
    )


def _over(part: Part) -> tuple[Heading, ...]:
    """Unreadable headings over such as are known all the same; a year typed as number is none."""
    over = {h.over for h, _ in part.columns.values() if h.over}
    words = (h for h in over if h.fault != "blank" and not is_year(h.text))
    return tuple(sorted(words, key=lambda h: (h.column, h.row)))


def _headed(part: Part) -> dict[int, int]:
    """Columns with a heading → its row; none where the heading of a field is merged into."""
    fields = {heading.path for heading, _ in part.columns.values()}
    without = {h.column for h in part.continued if h.path in fields}
    without |= {h.column for h in part.broken}
    return {h.column: h.row for h in part.headings() if h.column not in without}
