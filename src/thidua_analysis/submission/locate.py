"""Finding the tables of a form on a sheet: columns, the line of units, where rows begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, pairwise, takewhile
from operator import attrgetter

from thidua_analysis.excel import Sheet, address
from thidua_analysis.excel.cells import Value, is_blank
from thidua_analysis.form.model import Field, Form, Table, is_year, money_scale
from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission.heading_rows import MOST_ROWS, HeadingRows
from thidua_analysis.submission.headings import Heading, HeadingGroup, assign
from thidua_analysis.submission.texts import SheetTexts, shows
from thidua_analysis.vietnamese.quantities import DONG, is_currency, read_unit
from thidua_analysis.vietnamese.text import key

#: how far above the headings the line of units may stand
_ROWS_ABOVE = 6
_LINE = re.compile(r"(?:^|.*\W)(?:đơn vị(?: tính)?(?: tiền(?: tệ)?)?|đvt|đv tính)(?:\s*:\s*(.+)|)$")
_BRACKET = re.compile(r"\([^()]*\)?")
_SEVERAL = re.compile(r"\s*[,;]\s*|\s+(?:và|hoặc)\s+")
#: "1.000 USD", "1.000 người"
_THOUSANDS = re.compile(r"1((?:[. ]?000)+)\s*(.+)")
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
class TablePlace:
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
    groups: list[HeadingGroup]


def find_tables(form: Form, texts: SheetTexts, year: int | None = None) -> list[TablePlace]:
    """Find every table of the form on a sheet, from top to bottom, then from left to right.

    A table counts as found where half of the columns that the form asks for, and at least two,
    stand over each other in one to three rows; on a sheet that bears the table's name a third is
    enough. "Thực hiện năm 2022" is no heading of the report on the year 2023.
    """
    blocks: list[_Block] = []
    rows = HeadingRows(form, texts)
    below, end = 0, len(texts.sheet.rows) + 1
    for row in rows.starts:
        if row <= below:
            continue
        if len(blocks) == _MOST_BLOCKS:
            end = row
            break
        block = _best_block(rows, row, below, year)
        if block:
            blocks.append(block)
            below = block.bottom
    return _with_room(list(_placed(blocks, end, texts.sheet)), texts.sheet)


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
            groups = assign(rows.form.id, name, tuple(headings), year)
            score = sum(len(group.columns) for group in groups)
            equal = score == best_score and best is not None and rows.are_units(top + height - 1)
            if score > best_score or equal:
                best, best_score = _Block(top, top + height - 1, groups), score
    return best


def _placed(blocks: Sequence[_Block], end: int, sheet: Sheet) -> Iterator[TablePlace]:
    """The tables of all blocks, each down to the next headings in its columns."""
    ends = _ends(blocks, end)
    bottoms: dict[int, int] = {}
    for number, block in enumerate(blocks):
        for group in block.groups:
            above = max((bottoms.get(column, 0) for column in group.span), default=0) + 1
            below = ends[number, group.span.start]
            twice = _filled_twice(group, sheet.rows[block.bottom : below - 1])
            yield _place(group, block, below, above, (*group.doubled, *twice))
        for group in block.groups:
            bottoms.update(dict.fromkeys(group.span, block.bottom))


def _ends(blocks: Sequence[_Block], last: int) -> dict[tuple[int, int], int]:
    """Block and first column of each table → first row that is no longer its own."""
    ends: dict[tuple[int, int], int] = {}
    tops: dict[int, int] = {}
    for number in range(len(blocks) - 1, -1, -1):
        for group in blocks[number].groups:
            ends[number, group.span.start] = min(tops.get(column, last) for column in group.span)
        for group in blocks[number].groups:
            tops.update(dict.fromkeys((h.column for h in group.headings()), blocks[number].top))
    return ends


def _filled_twice(
    group: HeadingGroup, lines: Sequence[Sequence[Value]]
) -> Iterator[tuple[str, Heading, Heading]]:
    """Fields whose heading is merged over several columns, more than the first of them filled."""
    names = {heading.path: (name, heading) for name, (heading, _) in group.columns.items()}
    left, right = group.span.start - 1, group.span.stop - 1
    for heading in group.continued:
        # down to the first row in which the columns of the table are blank
        own = takewhile(lambda line: not all(map(is_blank, line[left:right])), lines)
        at = heading.column
        if heading.path in names and any(line[at - 1] for line in own if at <= len(line)):
            yield *names[heading.path], heading


def _place(
    group: HeadingGroup,
    block: _Block,
    end: int,
    above: int,
    doubled: tuple[tuple[str, Heading, Heading], ...],
) -> TablePlace:
    twice = {name for name, _, _ in doubled}
    fields = {heading.path for heading, _ in group.columns.values()}
    # none is headed where the heading of a field is merged into
    without = {h.column for h in group.continued if h.path in fields}
    without |= {h.column for h in group.broken}
    headed = {h.column: h.row for h in group.headings() if h.column not in without}
    # a year that was typed as a number is no unreadable heading over others
    over = {h.over for h, _ in group.columns.values() if h.over}
    words = (h for h in over if h.fault != "blank" and not is_year(h.text))
    return TablePlace(
        table=group.table,
        top=block.top,
        first=block.bottom + 1,
        end=end,
        left=group.span.start,
        right=group.span.stop - 1,
        above=above,
        corner=min(group.headings(), key=lambda h: h.column),
        columns={
            name: Column(name, heading.column, heading.row, found.scale, found.unit)
            for name, (heading, found) in group.columns.items()
            if name not in twice
        },
        headed=headed | {h.column: h.row for _, _, h in doubled},
        ordinals=tuple(h.column for h in group.ordinals),
        ignored=tuple(h.column for h in group.ignored),
        unknown=tuple(group.unknown),
        doubled=doubled,
        ambiguous=tuple(group.ambiguous),
        broken=tuple(group.broken),
        over=tuple(sorted(words, key=lambda h: (h.column, h.row))),
    )


def _with_room(tables: list[TablePlace], sheet: Sheet) -> list[TablePlace]:
    """The tables with the columns around each that no other one beside it takes."""
    width = max(map(len, sheet.rows), default=0)
    taken: dict[int, list[tuple[int, int]]] = {}
    for table in tables:
        for column in range(table.left, table.right + 1):
            taken.setdefault(column, []).append((table.top, table.end))

    def is_free(table: TablePlace, column: int) -> bool:
        return not any(top < table.end and table.top < end for top, end in taken.get(column, ()))

    placed = []
    for table in tables:
        free = partial(is_free, table)
        lefts = range(table.left - 1, max(0, table.left - 1 - _MOST_BESIDE), -1)
        rights = range(table.right + 1, min(width, table.right + _MOST_BESIDE) + 1)
        left = min(takewhile(free, lefts), default=table.left)
        right = max(takewhile(free, rights), default=table.right)
        placed.append(replace(table, beside=range(left, right + 1)))
    return placed


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
        ends = dict.fromkeys((*self.rows[:1], *self.rows[-1:]))
        return ":".join(address(row, self.column) for row in ends)

    @property
    def holds_data(self) -> bool:
        """Whether data rows are filled with more than their numbers."""
        return bool(self.rows) and self.may_be_asked


def unread_columns(place: TablePlace, sheet: Sheet, data: Sequence[int]) -> Iterator[Unread]:
    """Columns in and beside a table whose headings are blank or cannot be read.

    A column without a heading counts where it is filled in some row of data and does more than
    number the rows; beside the table, as far outward as such columns stand.
    """
    look = partial(_column, place, sheet, data)
    for heading in place.broken:
        one = look(heading.column)
        if heading.fault != "blank":
            yield replace(one, heading=heading.over or heading)
        elif one.holds_data:
            row = max(one.heading.row, heading.row)
            yield replace(one, heading=heading.over or replace(heading, row=row))
    yield from (Unread(h, h.column, may_be_asked=False) for h in place.over)
    known = {*place.headed, *(heading.column for heading in place.broken)}
    within = (c for c in range(place.left, place.right + 1) if c not in known)
    yield from (one for one in map(look, within) if one.holds_data)
    lefts = range(place.left - 1, place.beside.start - 1, -1)
    for outward in (lefts, range(place.right + 1, place.beside.stop)):
        yield from takewhile(attrgetter("holds_data"), map(look, outward))


def _column(place: TablePlace, sheet: Sheet, data: Sequence[int], column: int) -> Unread:
    """A column as one without a heading."""

    def is_shown(row: int) -> bool:
        return shows(sheet, (row, column))

    shown, done = set(filter(is_shown, data)), 0
    for merge in sorted((m for m in sheet.merges if m.left == column), key=lambda m: m.top):
        if merge.top > done and place.first <= merge.top < place.end and is_shown(merge.top):
            shown.update(range(merge.top, min(merge.bottom, place.end) + 1))
            done = merge.bottom
    rows = tuple(row for row in data if row in shown)
    heading = Heading(column, _heading_row(place, sheet, column), ("",), fault="blank")
    return Unread(heading, column, rows, not _only_numbers(place, sheet, column, rows))


def _only_numbers(place: TablePlace, sheet: Sheet, column: int, rows: Sequence[int]) -> bool:
    """Whether a column in front holds 1, 2, 3 …, begun anew in any section, or I, II, a, b."""
    front = min((c.column for c in place.columns.values()), default=place.left)
    if column > front or not rows:
        return False
    values = (sheet.value(row, column) for row in rows)
    texts = [
        f"{value:g}" if isinstance(value, (int, float)) else str(value or "").strip(" .")
        for value in values
    ]
    if not all(map(row_words.is_ordinal, texts)):
        return False
    numbers = [int(text) for text in texts if text.isdecimal()]
    return all(b in (a + 1, 1) for a, b in pairwise(numbers))


def _heading_row(place: TablePlace, sheet: Sheet, column: int) -> int:
    """Row in which the heading of a column would stand: its own merged cell's, its neighbours'."""
    own = (m.top for m in sheet.merges if m.left == m.right == column)
    merged = [top for top in own if place.top <= top < place.first]
    if merged:
        return max(merged)
    left = max((c for c in place.headed if c < column), default=0)
    right = min((c for c in place.headed if c > column), default=0)
    rows = {place.headed.get(left), place.headed.get(right)}
    return rows.pop() or place.corner.row if len(rows) == 1 else place.corner.row


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What the line says: a unit of ``money``, of ``foreign`` money, of ``things``, or ``bare``."""

    row: int = 0
    column: int = 0
    kind: str = ""
    scale: int = 1

    def scales(self, asked: Field, column: Column) -> int:
        """Đồng in one unit of a column of money that says nothing itself; 1 for other columns."""
        if asked.type != "money":
            return 1
        return column.scale or (self.scale if self.kind in ("money", "bare") else asked.scale)

    def contradicts(self, asked: Field, column: Column) -> bool:
        """Whether it says another unit than the heading of a column."""
        if asked.type == "count":
            return self.kind in ("things", "bare") and self.scale > 1
        differs = self.kind in ("money", "bare") and column.scale not in (None, self.scale)
        return asked.type == "money" and (differs or self.kind == "foreign")


def find_unit_line(located: TablePlace, texts: SheetTexts) -> UnitLine:
    """The nearest line above a table that names a unit of money, or scales a count."""
    for row in range(located.top - 1, max(located.above, located.top - _ROWS_ABOVE) - 1, -1):
        cells = texts.sheet.rows[row - 1]
        said = [(c, key(texts.shown(row, c))) for c in range(1, len(cells) + 1) if cells[c - 1]]
        for number, (column, text) in enumerate(said):
            line = _LINE.fullmatch(text)
            if not line:
                continue
            beside = said[number + 1 : number + 2]
            unit = line[1] or (beside[0][1] if beside else "")
            kind, scale = _unit(unit) if unit else ("", 1)
            if kind:
                return UnitLine(row, column, kind, scale)
    return UnitLine()


def _unit(said: str) -> tuple[str, int]:
    """Kind and scale of the unit that a line names; of several, money counts."""
    units = [_one(part) for part in _SEVERAL.split(_BRACKET.sub("", said).strip()) if part]
    money = [unit for unit in units if unit[0] in ("money", "foreign")]
    return (money or (units if len(units) == 1 else [("", 1)]))[0]


def _one(text: str) -> tuple[str, int]:
    scale = money_scale(text)
    if scale:
        return ("money" if read_unit(text).base == DONG else "bare"), scale
    thousands = _THOUSANDS.fullmatch(text)
    unit = read_unit(thousands[2] if thousands else text)
    scale = unit.scale * (1000 ** thousands[1].count("000") if thousands else 1)
    if is_currency(unit):
        return "foreign", scale
    return ("things", scale) if unit.base != DONG and scale > 1 else ("", 1)
