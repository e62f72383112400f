"""Blocks of headings on a sheet: where they may stand, and the path of texts over each column."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, lru_cache

from thidua_analysis.excel import Merge, Sheet
from thidua_analysis.excel.cells import Value
from thidua_analysis.form.model import Form, forms
from thidua_analysis.form.spellings import is_year
from thidua_analysis.submission.columns import shown
from thidua_analysis.submission.headings import Fault, Heading, has_words, leaf_key
from thidua_analysis.submission.row_words import quick_key, readings
from thidua_analysis.submission.texts import SheetTexts, is_blank
from thidua_analysis.vietnamese.text import clean

#: headings of a table stand in at most so many rows
MOST_ROWS = 3
_LONGEST_HEADING = 160
#: so many rows under headings show whether a column without one is filled
_ROWS_TO_SEE = 20


def candidate_rows(form: Form, sheet: Sheet, texts: SheetTexts) -> list[int]:
    """Numbers of the rows in which headings of a form may begin.

    At least two different cells of the row read like headings, and in it and the rows below
    stand a quarter of those that some table asks for.
    """
    tables_of = _tables_by_heading(form.id)
    known = {text: ids for text in texts.telling if (ids := tables_of(text))}
    if len(known) < 2:
        return []
    two = frozenset(known)
    rows = [n for n, line in enumerate(texts.lines) if len(two.intersection(line)) >= 2]
    least = {table.id: max(2, -(-len(table.expected) // 4)) for table in form.tables}
    return [n + 1 for n in rows if _holds_enough(sheet.rows[n : n + MOST_ROWS], known, least)]


def may_be_heading(text: str) -> bool:
    """Whether a text reads like a heading of some form."""
    return any(_tables_by_heading(name)(text) for name in forms())


def are_headings(cells: Sequence[Value]) -> bool:
    """Whether at least two different cells of a row read like headings of some form."""
    texts = {value for value in cells if isinstance(value, str) and value}
    return any(sum(1 for t in texts if _tables_by_heading(name)(t)) >= 2 for name in forms())


def _holds_enough(
    lines: Sequence[Sequence[Value]],
    known: Mapping[str, tuple[str, ...]],
    least: Mapping[str, int],
) -> bool:
    """Whether so many columns of some table stand under each other in these rows."""
    columns: dict[str, set[int]] = {}
    for cells in lines:
        for column, value in enumerate(cells):
            for table in known.get(value, ()) if isinstance(value, str) else ():
                columns.setdefault(table, set()).add(column)
    return any(len(found) >= least[table] for table, found in columns.items())


@cache
def _tables_by_heading(form_id: str) -> Callable[[str], tuple[str, ...]]:
    """Return what gives the tables of which a text is a heading, in any spelling or encoding."""
    tables: dict[str, tuple[str, ...]] = {}
    for table in forms()[form_id].tables:
        for leaf in table.leaves:
            tables[leaf] = (*tables.get(leaf, ()), table.id)

    @lru_cache(maxsize=1 << 15)
    def tables_of(text: str) -> tuple[str, ...]:
        if len(text) > _LONGEST_HEADING:
            return ()
        quick = quick_key(text)
        if quick is not None:
            return tables.get(quick, ())
        parts = (part for one in readings(text) for part in (one, one.partition("(")[0]))
        return tuple(dict.fromkeys(t for part in parts for t in tables.get(leaf_key(part), ())))

    return tables_of


class HeadingRows:
    """The rows of a sheet as headings of a form, each read at most once.

    Parameters
    ----------
    form
        Form whose headings are looked for: they decide where a text may be read in two ways.
    texts
        The sheet with the reader of its texts.
    starts
        Numbers of the rows in which headings may begin, in order.
    """

    def __init__(self, form: Form, texts: SheetTexts, starts: Sequence[int] = ()) -> None:
        self.form, self.texts, self.sheet, self.starts = form, texts, texts.sheet, starts
        self._read: dict[int, list[str]] = {}
        self._found: dict[int, dict[int, Heading]] = {}

    def headings(self, top: int, height: int) -> list[Heading] | None:
        """Heading paths over the columns of a block of rows, from left to right.

        None where the last row cannot be a heading row.
        """
        bottom = top + height - 1
        if top < 1 or bottom > len(self.sheet.rows):
            return None
        if height > 1 and self._is_data(bottom):
            return None
        lines = [self._line(row) for row in range(top, bottom + 1)]
        faults = [self._faults(row) for row in range(top, bottom + 1)]
        width = max(*map(len, lines), *(max(found, default=0) for found in faults))
        spans = _Spans(self.sheet, top, bottom)
        lefts = [_open_groups(line, width) for line in lines[:-1]]
        odd = frozenset().union(*faults)
        found = (
            self._heading(lines, spans, lefts, top, column, column in odd or spans.cover(column))
            for column in range(1, width + 1)
        )
        connected = _connected([heading for heading in found if heading])
        blank = self._filled_gaps(connected, top, bottom)
        return sorted((*connected, *blank), key=lambda h: h.column) if blank else connected

    def _filled_gaps(self, headings: Sequence[Heading], top: int, bottom: int) -> list[Heading]:
        """Columns between headings that have none and are filled right under them."""
        if not headings or headings[-1].column - headings[0].column < len(headings):
            return []
        held = {heading.column for heading in headings}
        gaps = [c for c in range(headings[0].column, headings[-1].column) if c not in held]
        at = bisect_right(self.starts, bottom)
        end = self.starts[at] - 1 if at < len(self.starts) else len(self.sheet.rows)
        filled: set[int] = set()
        for cells in self.sheet.rows[bottom : min(end, bottom + _ROWS_TO_SEE)]:
            filled.update(c for c in gaps if c <= len(cells) and not is_blank(cells[c - 1]))
        return [Heading(column, top, ("",), fault="blank") for column in filled]

    def are_units(self, row: int) -> bool:
        """Whether every text of a row stands in brackets: "(triệu đồng)" under "Giá trị"."""
        texts = [text for text in self._line(row) if text]
        return bool(texts) and all(text[0] == "(" and text[-1] == ")" for text in texts)

    def _heading(
        self,
        lines: Sequence[Sequence[str]],
        spans: _Spans,
        lefts: Sequence[Mapping[int, int]],
        top: int,
        column: int,
        odd: bool,
    ) -> Heading | None:
        path: list[str] = []
        lowest, continues = top, True
        for row, line in enumerate(lines, top):
            own = line[column - 1] if column <= len(line) else ""
            continues = continues and not own
            text = own or self._spread(spans, row, column)
            if text and (not path or path[-1] != text):
                path.append(text)
                lowest = row
        broken = self._broken(lines, spans, top, column, path) if odd else None
        if broken or not path:
            return broken
        above = range(lowest - top - 1, -1, -1) if len(path) == 1 else ()
        groups = tuple(lines[n][lefts[n][column] - 1] for n in above if column in lefts[n])
        over = self._over(spans, range(top, lowest), column) if odd else None
        return Heading(column, lowest, tuple(path), groups, continues, over=over)

    def _over(self, spans: _Spans, rows: range, column: int) -> Heading | None:
        """The heading above a column that cannot be read: its own or one merged over several."""
        for row in rows:
            merge = spans.over(row, column)
            at = merge.left if merge else column
            faulty = self._faults(row).get(at)
            if faulty:
                return faulty
            if merge and is_blank(self.sheet.value(row, at)):
                return Heading(at, row, ("",), fault="blank")
        return None

    def _broken(
        self,
        lines: Sequence[Sequence[str]],
        spans: _Spans,
        top: int,
        column: int,
        path: Sequence[str],
    ) -> Heading | None:
        """The heading of a column whose own lowest cell does not say what the column is."""
        for row in range(top + len(lines) - 1, top - 1, -1):
            faulty = self._faults(row).get(column)
            own = lines[row - top][column - 1] if column <= len(lines[row - top]) else ""
            if faulty and own and any(map(has_words, path)):
                return None
            if faulty:
                return faulty
            if own:
                return self._under_group(lines, spans, top, row, column)
        wide = (row for row in range(top, top + len(lines)) if spans.over(row, column))
        group = next(wide, None)
        return self._under_group(lines, spans, top, group, column) if group else None

    def _under_group(
        self, lines: Sequence[Sequence[str]], spans: _Spans, top: int, row: int, column: int
    ) -> Heading | None:
        """The blank under a heading merged over several columns, others of which have their own."""
        merge = spans.over(row, column)
        if merge is None:
            return None
        below = range(merge.bottom + 1, top + len(lines))
        headed = (line[merge.left - 1 : merge.right] for line in lines[below.start - top :])
        is_group = any(map(any, headed)) if below else False
        return Heading(column, below.start, ("",), fault="blank") if is_group else None

    def _faults(self, row: int) -> Mapping[int, Heading]:
        """Cells of a row that should be headings and cannot be read, by column."""
        if row not in self._found:
            cells = enumerate(zip(self.sheet.rows[row - 1], self._line(row), strict=True), 1)
            odd = {at for at, (value, text) in cells if not (text[:1].isalpha() or is_blank(value))}
            odd.update(self._marked.get(row, ()))
            found = ((at, self._faulty(row, at)) for at in sorted(odd))
            self._found[row] = {at: heading for at, heading in found if heading}
        return self._found[row]

    @cached_property
    def _marked(self) -> Mapping[int, set[int]]:
        """Row → columns of its cells that show an error or lack their result."""
        marked: dict[int, set[int]] = {}
        for row, column in (*self.sheet.errors, *self.sheet.uncalculated):
            marked.setdefault(row, set()).add(column)
        return marked

    def _faulty(self, row: int, column: int) -> Heading | None:
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
        tables_of = _tables_by_heading(self.form.id)
        return not any(isinstance(v, str) and v and tables_of(v) for v in cells)

    def _line(self, row: int) -> list[str]:
        """Texts of a row, years among them; ``""`` where there is none."""
        if row not in self._read:
            cells = self.sheet.rows[row - 1]
            self._read[row] = [
                self._shown(row, column) if isinstance(value, str) and value else _year(value)
                for column, value in enumerate(cells, 1)
            ]
        return self._read[row]

    def _shown(self, row: int, column: int) -> str:
        """Text of a heading; on a sheet with legacy text the reading that is a heading."""
        texts, leaves = self.texts, self.form.leaves
        text = texts.shown(row, column)
        if not texts.is_strange or not text or leaf_key(text) in leaves:
            return text
        raw = self.sheet.value(row, column)
        return clean(next((one for one in readings(str(raw)) if leaf_key(one) in leaves), text))

    def _spread(self, spans: _Spans, row: int, column: int) -> str:
        """Text of the merged heading that covers a blank cell in its own top row."""
        merge = spans.over(row, column)
        return (
            self._line(row)[merge.left - 1] if merge and merge.left <= len(self._line(row)) else ""
        )


def _year(value: Value) -> str:
    """A year typed as a number over or under headings, as text."""
    text = shown(value) if isinstance(value, (int, float)) else ""
    return text if is_year(text) else ""


def _connected(headings: Sequence[Heading]) -> list[Heading]:
    """Leave out the cells left and right of all headings that stand apart and are none."""
    named = [n for n, heading in enumerate(headings) if not heading.fault]
    if not named or len(named) == len(headings):
        return list(headings) if named else []
    first, last = named[0], named[-1]
    while first and headings[first - 1].column == headings[first].column - 1:
        first -= 1
    while last + 1 < len(headings) and headings[last + 1].column == headings[last].column + 1:
        last += 1
    return list(headings[first : last + 1])


class _Spans:
    """Merged ranges that begin in some rows, found by the cells of their first row."""

    def __init__(self, sheet: Sheet, top: int, bottom: int) -> None:
        wide = (m for m in sheet.merges if top <= m.top <= bottom and m.right > m.left)
        self._by_row: dict[int, list[Merge]] = {}
        for merge in sorted(wide, key=lambda m: m.left):
            self._by_row.setdefault(merge.top, []).append(merge)

    def cover(self, column: int) -> bool:
        """Whether one of the ranges covers a column."""
        return bool(self._by_row) and any(self.over(row, column) for row in self._by_row)

    def over(self, row: int, column: int) -> Merge | None:
        """The range that begins in a row and covers a column of it."""
        merges = self._by_row.get(row)
        if not merges:
            return None
        at = bisect_right(merges, column, key=lambda m: m.left) - 1
        return merges[at] if at >= 0 and merges[at].right >= column else None


def _open_groups(line: Sequence[str], width: int) -> dict[int, int]:
    """Blank cell of a heading row → column of the nearest text to its left."""
    groups: dict[int, int] = {}
    last = 0
    for column in range(1, width + 1):
        if column <= len(line) and line[column - 1]:
            last = column
        elif last:
            groups[column] = last
    return groups
