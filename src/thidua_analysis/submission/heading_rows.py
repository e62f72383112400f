"""Rows of a sheet as headings: where they may begin, and the path of texts over each column."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate

from thidua_analysis.excel import Merge
from thidua_analysis.excel.cells import Value, is_blank
from thidua_analysis.form.forms import forms, of_forms
from thidua_analysis.form.model import Form, is_year
from thidua_analysis.submission.headings import Fault, Heading, has_words, leaf_key
from thidua_analysis.submission.rows import readings
from thidua_analysis.submission.texts import SheetTexts, Sieve, shown
from thidua_analysis.vietnamese.text import clean

#: headings of a table stand in at most so many rows
MOST_ROWS = 3
_LONGEST_HEADING = 160
#: so many rows under headings show whether a column without one is filled
_ROWS_TO_SEE = 20


def candidate_rows(form: Form, texts: SheetTexts) -> list[int]:
    """Numbers of the rows in which headings of a form may begin.

    At least two different cells of the row read like headings, and in it and the rows below
    stand a quarter of those that some table asks for.
    """
    known = {text: tables_headed(form.id, text) for text in _headings(form.id)(texts.strings)}
    if len(known) < 2:
        return []
    rows, read = texts.sheet.rows, frozenset[Value](known)
    two = [n for n, cells in enumerate(rows) if len(read.intersection(cells)) >= 2]
    least = {table.id: max(2, -(-len(table.expected) // 4)) for table in form.tables}
    return [n + 1 for n in two if _holds_enough(rows[n : n + MOST_ROWS], known, least)]


def may_be_heading(text: str) -> bool:
    """Whether a text reads like a heading of some form."""
    return any(tables_headed(name, text) for name in forms())


def are_headings(cells: Sequence[Value]) -> bool:
    """Whether at least two different cells of a row read like headings of some form."""
    texts = {value for value in cells if isinstance(value, str) and value}
    return any(sum(bool(tables_headed(name, t)) for t in texts) >= 2 for name in forms())


def _holds_enough(
    lines: Sequence[Sequence[Value]],
    known: Mapping[str, tuple[str, ...]],
    least: Mapping[str, int],
) -> bool:
    """Whether so many columns of some table stand under each other in these rows."""
    columns = {
        (table, column)
        for cells in lines
        for column, value in enumerate(cells)
        if isinstance(value, str)
        for table in known.get(value, ())
    }
    return any(count >= least[table] for table, count in Counter(t for t, _ in columns).items())


@of_forms
@lru_cache(maxsize=1 << 16)
def tables_headed(form_id: str, text: str) -> tuple[str, ...]:
    """Ids of the tables of which a text is a heading, in any spelling or encoding."""
    if len(text) > _LONGEST_HEADING:
        return ()
    tables = _tables_by_leaf(form_id)
    parts = (part for one in readings(text) for part in (one, one.partition("(")[0]))
    return tuple(dict.fromkeys(t for part in parts for t in tables.get(leaf_key(part), ())))


@of_forms
def _headings(form_id: str) -> Sieve:
    return Sieve(partial(tables_headed, form_id))


@of_forms
def _tables_by_leaf(form_id: str) -> dict[str, tuple[str, ...]]:
    tables: dict[str, tuple[str, ...]] = {}
    for table in forms()[form_id].tables:
        for leaf in table.leaves:
            tables[leaf] = (*tables.get(leaf, ()), table.id)
    return tables


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as headings: its texts, years among them, and the cells that cannot be read.

    ``merges`` are ranges over several columns that begin here, by each column that they cover;
    ``lefts`` the columns of the nearest text at or left of each column.
    """

    number: int
    texts: Sequence[str]
    faults: Mapping[int, Heading]
    merges: Mapping[int, Merge]
    lefts: Sequence[int]

    def own(self, column: int) -> str:
        """Text of the very cell."""
        return self.texts[column - 1] if column <= len(self.texts) else ""

    def over(self, column: int) -> str:
        """Text over a column: its own, or that of the merged cell that covers it."""
        merge = self.merges.get(column)
        return self.own(column) or (self.own(merge.left) if merge else "")

    def left(self, column: int) -> str:
        """The nearest text at or left of a column."""
        at = self.lefts[min(column, len(self.lefts)) - 1] if self.lefts else 0
        return self.texts[at - 1] if at else ""


class HeadingRows:
    """The rows of a sheet as headings of a form, each read at most once.

    The form decides where a text may be read in two ways; ``starts`` are the rows in which
    headings may begin.
    """

    def __init__(self, form: Form, texts: SheetTexts) -> None:
        self.form, self.texts, self.sheet = form, texts, texts.sheet
        self.starts = candidate_rows(form, texts)
        self._rows: dict[int, _Row] = {}
        self._wide: dict[int, list[Merge]] = {}
        for merge in sorted(self.sheet.merges, key=lambda m: m.left):
            if merge.right > merge.left:
                self._wide.setdefault(merge.top, []).append(merge)
        self._marked: dict[int, set[int]] = {}
        for row, column in (*self.sheet.errors, *self.sheet.uncalculated):
            self._marked.setdefault(row, set()).add(column)

    def headings(self, top: int, height: int) -> list[Heading] | None:
        """Heading paths over the columns of a block of rows, from left to right.

        None where the last row cannot be a heading row.
        """
        bottom = top + height - 1
        if top < 1 or bottom > len(self.sheet.rows) or (height > 1 and self._is_data(bottom)):
            return None
        block = [self._row(number) for number in range(top, bottom + 1)]
        width = max(max(len(row.texts), *row.faults, 0) for row in block)
        found = (self._heading(block, column) for column in range(1, width + 1))
        connected = _connected([heading for heading in found if heading])
        filled = self._filled_gaps(connected, top, bottom)
        return sorted((*connected, *filled), key=lambda h: h.column)

    def are_units(self, row: int) -> bool:
        """Whether every text of a row stands in brackets: "(triệu đồng)" under "Giá trị"."""
        texts = [text for text in self._row(row).texts if text]
        return bool(texts) and all(text[0] == "(" and text[-1] == ")" for text in texts)

    def _filled_gaps(self, headings: Sequence[Heading], top: int, bottom: int) -> list[Heading]:
        """Columns between headings that have none and are filled right under them."""
        held = {heading.column for heading in headings}
        gaps = set(range(min(held, default=0), max(held, default=0))) - held
        at = bisect_right(self.starts, bottom)
        end = self.starts[at] - 1 if at < len(self.starts) else len(self.sheet.rows)
        filled: set[int] = set()
        for cells in self.sheet.rows[bottom : min(end, bottom + _ROWS_TO_SEE)] if gaps else ():
            filled.update(c for c in gaps if c <= len(cells) and not is_blank(cells[c - 1]))
        return [Heading(column, top, ("",), fault="blank") for column in filled]

    def _heading(self, block: Sequence[_Row], column: int) -> Heading | None:
        path: list[str] = []
        lowest = top = block[0].number
        for row in block:
            text = row.over(column)
            if text and text not in path[-1:]:
                path.append(text)
                lowest = row.number
        broken = self._broken(block, column, path)
        if broken or not path:
            return broken
        above = block[: lowest - top]
        lefts = (row.left(column) for row in reversed(above)) if len(path) == 1 else ()
        continues = not any(row.own(column) for row in block)
        over = self._fault_over(above, column)
        return Heading(
            column, lowest, tuple(path), tuple(filter(None, lefts)), continues, None, over
        )

    def _fault_over(self, rows: Sequence[_Row], column: int) -> Heading | None:
        """The heading above a column that cannot be read: its own or one merged over several."""
        for row in rows:
            merge = row.merges.get(column)
            at = merge.left if merge else column
            if at in row.faults:
                return row.faults[at]
            if merge and is_blank(self.sheet.value(row.number, at)):
                return Heading(at, row.number, ("",), fault="blank")
        return None

    def _broken(self, block: Sequence[_Row], column: int, path: Sequence[str]) -> Heading | None:
        """The heading of a column whose own lowest cell does not say what the column is."""
        for row in reversed(block):
            if column in row.faults:
                is_named = row.own(column) and any(map(has_words, path))
                return None if is_named else row.faults[column]
            if row.own(column):
                return _under_group(block, row, column)
        merged = next((row for row in block if column in row.merges), None)
        return _under_group(block, merged, column) if merged else None

    def _row(self, number: int) -> _Row:
        if number not in self._rows:
            self._rows[number] = self._read(number)
        return self._rows[number]

    def _read(self, number: int) -> _Row:
        cells = self.sheet.rows[number - 1]
        texts = [
            self._shown(number, column) if isinstance(value, str) and value else _year(value)
            for column, value in enumerate(cells, 1)
        ]
        columns = sorted({*range(1, len(cells) + 1), *self._marked.get(number, ())})
        faults = {c: fault for c in columns if (fault := self._fault(number, c))}
        merges = {c: m for m in self._wide.get(number, ()) for c in range(m.left, m.right + 1)}
        lefts = accumulate((c if text else 0 for c, text in enumerate(texts, 1)), max)
        return _Row(number, texts, faults, merges, list(lefts))

    def _fault(self, row: int, column: int) -> Heading | None:
        """A cell that should be a heading and cannot be read, with what it shows."""
        sheet, value = self.sheet, self.sheet.value(row, column)
        fault: Fault = "no-words"
        if (row, column) in sheet.errors:
            fault = "error"
        elif isinstance(value, str) and has_words(self._shown(row, column)):
            return None
        elif (row, column) in sheet.uncalculated:
            fault = "not-calculated"
        elif is_blank(value):
            return None
        seen = sheet.errors.get((row, column)) or shown(value).strip()
        return Heading(column, row, (seen,), fault=fault)

    def _is_data(self, row: int) -> bool:
        """Whether a row holds numbers and no heading."""
        cells = self.sheet.rows[row - 1]
        if not any(isinstance(v, (int, float)) and not isinstance(v, bool) for v in cells):
            return False
        return not any(isinstance(v, str) and v and tables_headed(self.form.id, v) for v in cells)

    def _shown(self, row: int, column: int) -> str:
        """Text of a heading; on a sheet with legacy text the reading that is a heading."""
        texts, leaves = self.texts, self.form.leaves
        text = texts.shown(row, column)
        if not texts.is_strange or not text or leaf_key(text) in leaves:
            return text
        raw = self.sheet.value(row, column)
        return clean(next((one for one in readings(str(raw)) if leaf_key(one) in leaves), text))


def _under_group(block: Sequence[_Row], row: _Row, column: int) -> Heading | None:
    """The blank under a heading merged over several columns, others of which have their own."""
    merge = row.merges.get(column)
    if merge is None:
        return None
    below = [row for row in block if row.number > merge.bottom]
    is_group = any(any(row.texts[merge.left - 1 : merge.right]) for row in below)
    return Heading(column, merge.bottom + 1, ("",), fault="blank") if is_group else None


def _year(value: Value) -> str:
    """A year typed as a number over or under headings, as text."""
    text = shown(value) if isinstance(value, (int, float)) else ""
    return text if is_year(text) else ""


def _connected(headings: Sequence[Heading]) -> Sequence[Heading]:
    """Leave out the cells left and right of all headings that stand apart and are none."""
    named = [n for n, heading in enumerate(headings) if not heading.fault]
    if not named:
        return []
    first, last = named[0], named[-1]
    while first and headings[first - 1].column == headings[first].column - 1:
        first -= 1
    while last + 1 < len(headings) and headings[last + 1].column == headings[last].column + 1:
        last += 1
    return headings[first : last + 1]
