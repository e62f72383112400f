"""Finding the tables of a form on a sheet: heading rows, columns, and where the rows begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from thidua_analysis.excel import Merge, Sheet
from thidua_analysis.form import Form, Table
from thidua_analysis.submission.headings import Heading, Match, is_ordinal, leaf_key, match
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.vietnamese.legacy import convert, may_be_legacy, tables
from thidua_analysis.vietnamese.text import key

_MAX_HEADING_ROWS = 3
_LONGEST_HEADING = 160


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a found table: the field, where it stands, its heading cell and scale."""

    name: str
    column: int
    heading_row: int
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A table found on a sheet; rows and columns count from 1, ``end`` is not included."""

    table: Table
    top: int
    first: int
    end: int
    left: int
    right: int
    columns: Mapping[str, Column]
    ordinals: tuple[int, ...] = ()
    unknown: tuple[Heading, ...] = ()
    doubled: tuple[tuple[str, Heading, Heading], ...] = ()
    ambiguous: tuple[tuple[Heading, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class _Part:
    """Headings of one table within a heading block, being collected."""

    table: Table
    columns: dict[str, tuple[Heading, Match]] = field(default_factory=dict)
    ordinals: list[int] = field(default_factory=list)
    unknown: list[Heading] = field(default_factory=list)
    doubled: list[tuple[str, Heading, Heading]] = field(default_factory=list)
    ambiguous: list[tuple[Heading, tuple[str, ...]]] = field(default_factory=list)

    @property
    def score(self) -> int:
        return len(self.columns)

    def headings(self) -> Iterator[int]:
        yield from (h.column for h, _ in self.columns.values())
        yield from self.ordinals
        yield from (h.column for h in self.unknown)
        yield from (h.column for _, _, h in self.doubled)
        yield from (h.column for h, _ in self.ambiguous)


def locate(form: Form, sheet: Sheet, texts: SheetTexts) -> list[Located]:
    """Find every table of the form on a sheet.

    Parameters
    ----------
    form
        Form whose tables are looked for.
    sheet, texts
        The sheet and the reader of its texts.

    Returns
    -------
    list of Located
        From top to bottom, then from left to right. A table counts as found where half of the
        columns that the form asks for, and at least two, stand over each other in one to three
        rows; on a sheet that bears the table's name a third is enough.
    """
    blocks: list[tuple[int, int, list[_Part]]] = []
    rows = _candidate_rows(form, sheet)
    position = 0
    while position < len(rows):
        top = rows[position]
        height, parts = _best_block(form, sheet, texts, top)
        if not parts:
            position += 1
            continue
        blocks.append((top, top + height - 1, parts))
        while position < len(rows) and rows[position] < top + height:
            position += 1
    return _with_extent(sheet, blocks)


def _candidate_rows(form: Form, sheet: Sheet) -> list[int]:
    """Rows in which at least two cells read like a heading of the form."""
    known: dict[object, bool] = {}
    leaves = frozenset(
        part for t in form.tables for path in t.headings for part in path.split(" > ")
    )

    def is_heading(value: object) -> bool:
        if not isinstance(value, str) or not value or len(value) > _LONGEST_HEADING:
            return False
        if value not in known:
            known[value] = any(reading in leaves for reading in _readings(value))
        return known[value]

    found = []
    for number, cells in enumerate(sheet.rows, 1):
        hits = 0
        for value in cells:
            if value and is_heading(value):
                hits += 1
                if hits == 2:
                    found.append(number)
                    break
    return found


def _readings(value: str) -> Iterator[str]:
    """Comparison forms that a heading may have, also where it is in a legacy encoding."""
    yield leaf_key(value)
    yield leaf_key(value.partition("(")[0])
    if may_be_legacy(value):
        for encoding in tables():
            yield leaf_key(convert(value, encoding))


def _best_block(form: Form, sheet: Sheet, texts: SheetTexts, top: int) -> tuple[int, list[_Part]]:
    best: tuple[int, list[_Part]] = (1, [])
    best_score = 0
    for height in range(1, _MAX_HEADING_ROWS + 1):
        headings = _headings(sheet, texts, top, height)
        if headings is None:
            break
        parts = _assign(form, sheet, headings)
        score = sum(part.score for part in parts)
        if score > best_score:
            best, best_score = (height, parts), score
    return best


def _headings(sheet: Sheet, texts: SheetTexts, top: int, height: int) -> list[Heading] | None:
    """Heading paths of a block; None where its last row is no heading row."""
    bottom = top + height - 1
    width = max((len(sheet.rows[r - 1]) for r in range(top, min(bottom, len(sheet.rows)) + 1)),
                default=0)  # fmt: skip
    if bottom > len(sheet.rows):
        return None
    if height > 1 and any(
        isinstance(v, (int, float)) and not isinstance(v, bool) for v in sheet.rows[bottom - 1]
    ):
        return None
    spans = {(m.top, c): m for m in sheet.merges if m.top <= bottom and m.bottom >= top
             for c in range(m.left, min(m.right, width) + 1)}  # fmt: skip
    found = []
    for column in range(1, width + 1):
        path: list[str] = []
        lowest = top
        for row in range(top, bottom + 1):
            text = texts.shown(row, column) or _spread(texts, spans, row, column)
            if text and (not path or path[-1] != text):
                path.append(text)
                lowest = row
        if path:
            found.append(Heading(column, lowest, tuple(path)))
    return found


def _spread(
    texts: SheetTexts, spans: Mapping[tuple[int, int], Merge], row: int, column: int
) -> str:
    """Text of the merged heading that covers a blank cell in its own top row."""
    merge = spans.get((row, column))
    return texts.shown(merge.top, merge.left) if merge else ""


def _assign(form: Form, sheet: Sheet, headings: Sequence[Heading]) -> list[_Part]:
    """Give every run of headings to the table that it fits best; part side-by-side tables."""
    parts: list[_Part] = []
    for run in _runs(headings):
        rest: Sequence[Heading] = run
        while rest:
            part, used = _best_part(form, sheet, rest, parts)
            if part is None:
                if rest is not run:
                    parts[-1].unknown.extend(h for h in rest if not is_ordinal(h.path))
                break
            if part not in parts:
                parts.append(part)
            rest = rest[used:]
    return [p for p in parts if _is_enough(p, sheet)]


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
    form: Form, sheet: Sheet, headings: Sequence[Heading], parts: list[_Part]
) -> tuple[_Part | None, int]:
    candidates = [_collect(table, headings) for table in form.tables]
    part, used = max(
        candidates, key=lambda c: (c[0].score, key(sheet.name) == key(c[0].table.sheet))
    )
    if _is_enough(part, sheet):
        return part, used
    for earlier in parts:
        joined = _collect(earlier.table, headings)[0]
        if joined.score and not set(joined.columns) & set(earlier.columns):
            earlier.columns.update(joined.columns)
            earlier.unknown.extend(joined.unknown)
            return earlier, len(headings)
    return None, 0


def _collect(table: Table, headings: Sequence[Heading]) -> tuple[_Part, int]:
    """Match headings from left to right until a second table seems to begin."""
    part = _Part(table)
    for position, heading in enumerate(headings):
        if is_ordinal(heading.path):
            if part.score >= 2 and _begins_again(table, headings[position + 1 :], part):
                return part, position
            part.ordinals.append(heading.column)
            continue
        found = match(table, heading.path)
        if found is None:
            part.unknown.append(heading)
        elif len(found.fields) > 1:
            part.ambiguous.append((heading, found.fields))
        elif found.fields[0] in part.columns:
            if _begins_again(table, headings[position:], part):
                return part, position
            part.doubled.append((found.fields[0], part.columns[found.fields[0]][0], heading))
        else:
            part.columns[found.fields[0]] = (heading, found)
    return _cut_foreign_tail(part, headings)


def _begins_again(table: Table, rest: Sequence[Heading], part: _Part) -> bool:
    """Whether the headings from here on repeat a table that is already complete."""
    again = [m.fields[0] for h in rest if (m := match(table, h.path))]
    needed = {f.name for f in table.required}
    return len(again) >= 2 and needed <= set(again) and needed <= set(part.columns)


def _cut_foreign_tail(part: _Part, headings: Sequence[Heading]) -> tuple[_Part, int]:
    """Leave two or more unknown headings at the right to another table."""
    known = {h.column for h, _ in part.columns.values()}
    used = len(headings)
    while used and headings[used - 1].column not in known:
        used -= 1
    tail = headings[used:]
    if len([h for h in tail if not is_ordinal(h.path)]) < 2 or not used:
        return part, len(headings)
    columns = {h.column for h in tail}
    part.unknown = [h for h in part.unknown if h.column not in columns]
    part.ordinals = [c for c in part.ordinals if c not in columns]
    return part, used


def _is_enough(part: _Part, sheet: Sheet) -> bool:
    expected = [f for f in part.table.fields if not f.may_be_absent]
    hits = sum(1 for f in expected if f.name in part.columns)
    if key(sheet.name) == key(part.table.sheet):
        return part.score >= 2 and 3 * hits >= len(expected)
    return part.score >= 2 and 2 * hits >= len(expected)


def _with_extent(sheet: Sheet, blocks: Sequence[tuple[int, int, list[_Part]]]) -> list[Located]:
    found: list[Located] = []
    for number, (top, bottom, parts) in enumerate(blocks):
        for part in parts:
            columns = sorted(part.headings())
            left, right = columns[0], columns[-1]
            end = len(sheet.rows) + 1
            for later_top, _, later_parts in blocks[number + 1 :]:
                if any(left <= c <= right for p in later_parts for c in p.headings()):
                    end = later_top
                    break
            found.append(_located(part, top, bottom, end, left, right))
    return found


def _located(part: _Part, top: int, bottom: int, end: int, left: int, right: int) -> Located:
    return Located(
        part.table,
        top,
        bottom + 1,
        end,
        left,
        right,
        {
            name: Column(name, heading.column, heading.row, found.scale)
            for name, (heading, found) in part.columns.items()
        },
        tuple(part.ordinals),
        tuple(part.unknown),
        tuple(part.doubled),
        tuple(part.ambiguous),
    )
