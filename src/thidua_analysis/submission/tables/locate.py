"""Finding the tables of a form on a sheet: their columns, and where their rows begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from thidua_analysis.excel import Sheet
from thidua_analysis.form import Form, Table, forms
from thidua_analysis.submission.tables.blocks import MOST_ROWS, HeadingRows, candidate_rows
from thidua_analysis.submission.tables.headings import (
    Heading,
    Match,
    is_ordinal,
    is_passed_over,
    match,
    may_mean,
)
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.vietnamese.text import key

#: so many headings in a row are looked at together when one table is parted from the next
_LONGEST_RUN = 200
#: so many tables may stand side by side, and so many blocks of headings below each other
_MOST_BESIDE = 50
_MOST_BLOCKS = 1000


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
    A field that two headings name stands in ``doubled`` and not in ``columns``.
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
    ordinals: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    unknown: tuple[Heading, ...] = ()
    doubled: tuple[tuple[str, Heading, Heading], ...] = ()
    ambiguous: tuple[tuple[Heading, tuple[str, ...]], ...] = ()


@dataclass(slots=True, eq=False)
class _Part:
    """Headings of one table within a heading block, being collected."""

    table: Table
    columns: dict[str, tuple[Heading, Match]] = field(default_factory=dict)
    ordinals: list[Heading] = field(default_factory=list)
    ignored: list[Heading] = field(default_factory=list)
    unknown: list[Heading] = field(default_factory=list)
    ambiguous: list[tuple[Heading, tuple[str, ...]]] = field(default_factory=list)
    doubled: list[tuple[str, Heading, Heading]] = field(default_factory=list)

    @property
    def score(self) -> int:
        return len(self.columns)

    def headings(self) -> Iterator[Heading]:
        yield from (h for h, _ in self.columns.values())
        yield from self.ordinals
        yield from self.ignored
        yield from self.unknown
        yield from (h for h, _ in self.ambiguous)
        yield from (h for _, _, h in self.doubled)

    def span(self) -> range:
        """Columns from the leftmost heading to the rightmost."""
        columns = [h.column for h in self.headings()]
        return range(min(columns), max(columns) + 1)

    def holds(self, heading: Heading) -> bool:
        """Whether a heading names one of the fields."""
        return any(h is heading for h, _ in self.columns.values())

    def take_tail(self, other: _Part) -> None:
        """Add the columns of a run to the right that alone are no table."""
        self.columns.update(other.columns)
        self.ignored += other.ignored
        self.unknown += other.unknown
        self.doubled += other.doubled


@dataclass(frozen=True, slots=True)
class _Block:
    top: int
    bottom: int
    parts: list[_Part]


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
    rows = HeadingRows(form, texts)
    below, end = 0, len(sheet.rows) + 1
    for row in candidate_rows(form, sheet, texts):
        if row <= below:
            continue
        if len(blocks) == _MOST_BLOCKS:
            end = row
            break
        block = _best_block(rows, row, below, year)
        if block:
            blocks.append(block)
            below = block.bottom
    return list(_placed(blocks, end))


def _best_block(rows: HeadingRows, row: int, below: int, year: int | None) -> _Block | None:
    """The block of heading rows around a row that names most fields; the lowest of equals."""
    best: _Block | None = None
    best_score = 0
    name = key(rows.sheet.name)
    for top in range(row, max(below, row - MOST_ROWS), -1):
        for height in range(row - top + 1, MOST_ROWS + 1):
            headings = rows.headings(top, height)
            if headings is None:
                break
            parts = _assign(rows.form.id, name, tuple(headings), year)
            score = sum(part.score for part in parts)
            if score > best_score:
                best, best_score = _Block(top, top + height - 1, parts), score
    return best


@lru_cache(maxsize=256)
def _assign(
    form_id: str, sheet: str, headings: tuple[Heading, ...], year: int | None
) -> list[_Part]:
    """Give every run of headings to the table that it fits best; part side-by-side tables.

    Most files bear the headings of the template, so that the answer is kept.
    """
    form = forms()[form_id]
    parts: list[_Part] = []
    for run in _runs(headings):
        rest: Sequence[Heading] = run
        while rest and len(parts) < _MOST_BESIDE:
            part, used = _best_part(form, sheet, rest, parts, year)
            if part is None:
                if rest is not run:
                    parts[-1].unknown.extend(h for h in rest if not is_ordinal(h.path))
                break
            if part not in parts:
                parts.append(part)
            rest = rest[used:]
    complete = [p for p in parts if _is_enough(p, sheet)]
    for part in complete:
        _tell_apart(part)
    return complete


def _runs(headings: Sequence[Heading]) -> Iterator[list[Heading]]:
    """Parts of the heading block without a blank column inside."""
    run: list[Heading] = []
    for heading in headings:
        if run and heading.column != run[-1].column + 1:
            yield run
            run = []
        run.append(heading)
    if run:
        yield run


def _best_part(
    form: Form, sheet: str, headings: Sequence[Heading], parts: list[_Part], year: int | None
) -> tuple[_Part | None, int]:
    headings = headings[:_LONGEST_RUN]
    candidates = [_collect(form, sheet, table, headings, year) for table in form.tables]
    enough = [(part, used) for part, used in candidates if _is_enough(part, sheet)]
    if enough:
        first = next((h for h in headings if not is_ordinal(h.path)), headings[0])
        return max(
            enough,
            key=lambda c: (c[0].holds(first), c[0].score, c[0].table.sheet_key == sheet),
        )
    for earlier in parts:
        joined = _collect(form, sheet, earlier.table, headings, year)[0]
        if joined.score and not set(joined.columns) & set(earlier.columns):
            earlier.take_tail(joined)
            return earlier, len(headings)
    return None, 0


def _collect(
    form: Form, sheet: str, table: Table, headings: Sequence[Heading], year: int | None
) -> tuple[_Part, int]:
    """Match headings from left to right until another table, or the same again, begins."""
    part = _Part(table)
    for position, heading in enumerate(headings):
        found = None if is_ordinal(heading.path) else _match(form.id, table.id, heading, year)
        name = found.fields[0] if found and len(found.fields) == 1 else None
        if found and name and name not in part.columns:
            part.columns[name] = (heading, found)
            continue
        if _next_begins(form, sheet, part, headings[position:], year):
            return part, position
        if is_ordinal(heading.path):
            part.ordinals.append(heading)
        elif is_passed_over(table, heading.path):
            part.ignored.append(heading)
        elif name:
            part.doubled.append((name, part.columns[name][0], heading))
        else:
            part.unknown.append(heading)
    return _cut_foreign_tail(part, headings)


@lru_cache(maxsize=1 << 14)
def _match(form_id: str, table_id: str, heading: Heading, year: int | None) -> Match | None:
    return match(forms()[form_id].table(table_id), heading, year)


def _next_begins(
    form: Form, sheet: str, part: _Part, rest: Sequence[Heading], year: int | None
) -> bool:
    """Whether, this table being complete, the headings from here on are those of a next one."""
    if not {f.name for f in part.table.required} <= part.columns.keys():
        return False
    return any(_opens(form, table, sheet, part, rest, year) for table in form.tables)


def _opens(
    form: Form, table: Table, sheet: str, part: _Part, rest: Sequence[Heading], year: int | None
) -> bool:
    """Whether headings without a gap name enough of a table, and nothing new of another."""
    opening = _Part(table)
    for heading in rest:
        if is_ordinal(heading.path):
            continue
        found = _match(form.id, table.id, heading, year)
        own = _match(form.id, part.table.id, heading, year)
        if not found or found.fields[0] in opening.columns:
            break
        if table is not part.table and own and own.fields[0] not in part.columns:
            break
        opening.columns[found.fields[0]] = (heading, found)
    needed = {f.name for f in table.required}
    return needed <= opening.columns.keys() and _is_enough(opening, sheet)


def _cut_foreign_tail(part: _Part, headings: Sequence[Heading]) -> tuple[_Part, int]:
    """Leave two or more unknown headings at the right to another table."""
    known = {h.column for h, _ in part.columns.values()}
    known |= {h.column for _, _, h in part.doubled} | {h.column for h in part.ignored}
    used = len(headings)
    while used and headings[used - 1].column not in known:
        used -= 1
    tail = {h.column for h in headings[used:]}
    if not used or len([h for h in part.unknown if h.column in tail]) < 2:
        return part, len(headings)
    part.unknown = [h for h in part.unknown if h.column not in tail]
    part.ordinals = [h for h in part.ordinals if h.column not in tail]
    return part, used


def _is_enough(part: _Part, sheet: str) -> bool:
    expected = part.table.expected
    hits = sum(1 for name in expected if name in part.columns)
    share = 3 if part.table.sheet_key == sheet else 2
    return part.score >= 2 and share * hits >= len(expected)


def _placed(blocks: Sequence[_Block], end: int) -> Iterator[Located]:
    """The tables of all blocks, each down to the next headings in its columns."""
    ends = _ends(blocks, end)
    bottoms: dict[int, int] = {}
    for number, block in enumerate(blocks):
        for part in block.parts:
            columns = part.span()
            above = max((bottoms.get(column, 0) for column in columns), default=0) + 1
            yield _located(part, block, ends[number, columns.start], above)
        for part in block.parts:
            bottoms.update(dict.fromkeys(part.span(), block.bottom))


def _ends(blocks: Sequence[_Block], last: int) -> dict[tuple[int, int], int]:
    """Block and first column of each table → first row that is no longer its own."""
    ends: dict[tuple[int, int], int] = {}
    tops: dict[int, int] = {}
    for number in range(len(blocks) - 1, -1, -1):
        for part in blocks[number].parts:
            columns = part.span()
            ends[number, columns.start] = min(tops.get(column, last) for column in columns)
        for part in blocks[number].parts:
            tops.update(dict.fromkeys((h.column for h in part.headings()), blocks[number].top))
    return ends


def _located(part: _Part, block: _Block, end: int, above: int) -> Located:
    columns = part.span()
    doubled = {name for name, _, _ in part.doubled}
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
            if name not in doubled
        },
        tuple(h.column for h in part.ordinals),
        tuple(h.column for h in part.ignored),
        tuple(part.unknown),
        tuple(part.doubled),
        tuple(part.ambiguous),
    )


def _tell_apart(part: _Part) -> None:
    """Part unknown headings from those that may mean several fields, not all of them found."""
    headings, part.unknown = part.unknown, []
    for heading in headings:
        names = may_mean(part.table, heading.text)
        if len(names) > 1 and not part.columns.keys() >= set(names):
            part.ambiguous.append((heading, names))
        else:
            part.unknown.append(heading)
