"""The rows under a table's headings: words, figures, numbering, and which rows sum up others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from thidua_analysis.excel import Merge
from thidua_analysis.excel.cells import Value
from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission.locate import TablePlace
from thidua_analysis.submission.rows import UNNUMBERED, section_rank
from thidua_analysis.submission.texts import SheetTexts, amount, is_filled

#: a text longer than this is no figure, whatever digits stand in it
_LONGEST_FIGURE = 40
#: a section row is not merged over more rows than this
_TALLEST_SECTION = 3
#: what stands in a column of figures for "none"
_NO_FIGURE = frozenset({"-", "–", "—", "…", "...", "..", "x"})


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in one row, between the leftmost and the rightmost column of the table.

    ``texts`` are column and text of its text cells; ``words`` those of them in columns of the
    form that are no figures, nor signs in their place, nor ordinals; ``ordinal`` is what numbers
    the row. ``numbers`` says whether a number or date stands in the table's columns, ``figures``
    also where it is typed as text; ``complete`` whether every required field and at least two
    are filled; ``marked`` whether a cell shows an error or lacks its result.
    """

    row: int
    texts: tuple[tuple[int, str], ...]
    words: tuple[tuple[int, str], ...]
    ordinal: str
    numbers: bool
    figures: bool
    complete: bool
    marked: bool


class Grid:
    """The rows of a table from the one under its headings down; a blank cell is ``""`` or None.

    Rows are counted from 0 at ``located.first``, columns from 1 as on the sheet.
    """

    def __init__(self, located: TablePlace, texts: SheetTexts) -> None:
        self.located, self.texts, self.sheet = located, texts, texts.sheet
        fields = {c.column: located.table.by_name[c.name] for c in located.columns.values()}
        self.columns = sorted(fields)
        self.front = self.columns[0] if self.columns else located.left
        self.required = sorted(c for c, f in fields.items() if f.required)
        self.ranked = any(f.type == "rank" for f in fields.values())
        self.numeric = frozenset(
            c for c, f in fields.items() if f.is_numeric or f.type in ("rank", "date", "year")
        )
        #: columns that are not the form's: what stands in them says nothing about the row
        self.foreign = {h.column for h in (*located.unknown, *located.broken)}
        self.foreign.update(located.ignored)
        before = min((c for c in self.columns if c in self.numeric), default=located.right + 1)
        #: the last column in which a label such as "Tổng cộng" may stand
        self.last_label = max([before - 1, *self.required])
        #: cells whose value cannot be taken: see `Sheet.fault`
        self.marked = frozenset(
            (row - located.first, column)
            for row, column in (*self.sheet.errors, *self.sheet.uncalculated, *self.sheet.unlike)
            if located.first <= row < located.end and located.left <= column <= located.right
        )
        self.marked_rows = {row for row, _ in self.marked}
        rows, blanks = self.sheet.rows[located.first - 1 : located.end - 1], texts.blanks
        if any(blanks):
            rows = [["" if value in blanks else value for value in cells] for cells in rows]
        self.rows = [cells + [""] * (located.right - len(cells)) for cells in rows]
        self.height = len(self.rows)

    def cell(self, row: int, column: int) -> Value:
        """What a cell holds."""
        cells = self.rows[row]
        return cells[column - 1] if 0 < column <= len(cells) else ""

    def number(self, row: int) -> int:
        """Number on the sheet of a row counted from 0."""
        return self.located.first + row

    def texts_in(self, row: int) -> list[tuple[int, str]]:
        """Columns and texts of the text cells of a row, from left to right."""
        left, number, found = self.located.left, self.number(row), []
        for column, value in enumerate(self.rows[row][left - 1 : self.located.right], left):
            if isinstance(value, str) and value:
                read = self.texts.of(value, number, column)
                if text := read.best:
                    found.append((column, text))
        return found

    def line(self, row: int) -> Line:
        """Look at one row."""
        texts = tuple(self.texts_in(row))
        words = tuple(
            (c, t)
            for c, t in texts
            if c not in self.foreign
            and not (c in self.numeric and (t.casefold() in _NO_FIGURE or _is_figure(t)))
            and (c in self.columns or not row_words.is_ordinal(t))
        )
        values = self.rows[row]
        held = [c for c in self.columns if is_filled(values[c - 1]) or (row, c) in self.marked]
        numbers = any(is_filled(v := values[c - 1]) and not isinstance(v, str) for c in held)
        return Line(
            row,
            texts,
            words,
            self.ordinal(row),
            numbers,
            numbers or any(c in self.numeric and _is_figure(t) for c, t in texts),
            len(held) > 1 and all(column in held for column in self.required),
            row in self.marked_rows,
        )

    def ordinal(self, row: int) -> str:
        """What numbers the row: in the column for it, else left of the table's first field."""
        for column in (*self.located.ordinals, self.front - 1):
            value = self.cell(row, column)
            text = as_text(value)
            if isinstance(value, str) and value:
                text = self.texts.shown(self.number(row), column)
            if text and row_words.is_ordinal(text):
                return text
        return ""

    @cached_property
    def last_figure(self) -> int:
        """The last row with a number or a date; -1 where none has one."""
        return self.last(lambda row: any(_is_figure(self.cell(row, c)) for c in self.numeric))

    @property
    def has_figures(self) -> bool:
        """Whether numbers or dates stand in the table at all."""
        return self.last_figure >= 0

    def last(self, holds: Callable[[int], bool]) -> int:
        """The last row of which something holds; -1 where it holds of none."""
        return next((row for row in reversed(range(self.height)) if holds(row)), -1)

    def is_empty(self, row: int) -> bool:
        """Whether nothing was typed in a row: pre-filled formulas and their zeros are nothing."""
        columns = range(self.located.left, self.located.right + 1)
        held = ((c, value) for c in columns if is_filled(value := self.cell(row, c)))
        return not any(isinstance(v, str) or (c in self.columns and v != 0) for c, v in held)

    def holds_required(self, row: int) -> bool:
        """Whether every required field is filled."""
        return all(is_filled(self.rows[row][c - 1]) for c in self.required)

    def numbers_columns(self, row: int) -> bool:
        """Whether this is the row "A B C 1 2 3" or "(1) (2) (3)" under the headings."""
        columns = sorted({*self.columns, *self.located.ordinals})
        held = [as_text(value) for c in columns if is_filled(value := self.cell(row, c))]
        marks = [row_words.column_number(text) for text in held]
        numbers = [int(mark) for mark in marks if mark and mark.isdecimal()]
        return len(marks) >= 2 and all(marks) and all(b > a for a, b in pairwise(numbers))

    @cached_property
    def last_untitled(self) -> int:
        """The last row above the titles of the next table: its own last where none follows."""
        left, right = self.located.left - 1, self.located.right

        def is_full(row: int) -> bool:
            cells = [v for v in self.rows[row][left:right] if is_filled(v)]
            return len(cells) > 2 or any(not isinstance(v, str) for v in cells)

        follows = self.located.end <= len(self.sheet.rows)
        return self.last(is_full) if follows else self.height

    @cached_property
    def _wide_merges(self) -> dict[int, list[Merge]]:
        """Merges over several columns by the rows that they cover, as far as a section's may."""
        found: dict[int, list[Merge]] = {}
        for merge in self.sheet.merges:
            if merge.right > merge.left:
                for row in range(merge.top, min(merge.bottom, merge.top + _TALLEST_SECTION) + 1):
                    found.setdefault(row, []).append(merge)
        return found

    def is_merged(self, row: int, column: int) -> bool:
        """Whether a cell is merged with others to its right."""
        merges = self._wide_merges.get(self.number(row), ())
        return any(merge.left <= column <= merge.right for merge in merges)

    def unread_label(self, line: Line, known: Collection[int], *, heads: bool) -> int | None:
        """Column in which the label of a section stands that is blank or cannot be read.

        A row without words has one where it is numbered above others (``heads``), or merged over
        columns; or where all that it shows stands where labels do (``known`` from sections
        above), and is no text. Beside figures that is a label only where rows are numbered and
        this one is not.
        """
        front, row = self.front, line.row
        passed_over = {*self.foreign, *self.located.ordinals}
        columns = range(self.located.left, self.located.right + 1)
        shown = [c for c in columns if is_filled(self.cell(row, c)) or (row, c) in self.marked]
        held = [c for c in shown if c not in passed_over]
        own = [c for c in held if c in {front, *self.required, *known}]
        if heads:
            return next(iter(own), max(known, default=front))
        if self.is_merged(row, front):
            merges = self._wide_merges[self.number(row)]
            return min(m.left for m in merges if m.left <= front <= m.right)
        alone = bool(self.located.ordinals) or len(own) == len(held)
        return own[0] if own and not line.ordinal and alone else None


def _is_figure(value: Value) -> bool:
    if isinstance(value, str):
        if len(value) > _LONGEST_FIGURE or not any(map(str.isdecimal, value)):
            return False
        return not row_words.is_signature(value) and not row_words.is_remark(value)
    return isinstance(value, (int, float, dt.date, dt.time, dt.timedelta))


def as_text(value: Value) -> str:
    """A number or a text as it would be typed."""
    return f"{value:g}" if isinstance(value, (int, float)) else str(value or "")


#: a table longer than this is not numbered in levels
_MOST_ROWS = 5000
#: rank of the numbers 1, 2, 3
_PLAIN = 2
#: figures of a table that are added up, whatever the rows are about
_SUMMABLE = frozenset({"count", "money", "score"})


class Nesting:
    """The rows of a grid by the level of their numbering (I, 1, 1.1, a)."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.located = grid, grid.located
        fields = self.located.table.by_name
        columns = self.located.columns.values()
        self.numeric = {c.column for c in columns if fields[c.name].is_numeric}
        self.summable = {c.column for c in columns if fields[c.name].type in _SUMMABLE}
        #: columns whose texts may begin with a number
        self.fronts = {grid.front, *grid.required, max(grid.front - 1, 1)}

    @cached_property
    def ranks(self) -> Sequence[int]:
        """How high each row stands by its numbering: A, then I, then 1, then a."""
        if not self.is_nested:
            return [UNNUMBERED] * self.grid.height
        return [self._rank(row) for row in range(self.grid.height)]

    @cached_property
    def is_nested(self) -> bool:
        """Whether something in front of the rows is numbered otherwise than 1, 2, 3."""
        if self.grid.height > _MOST_ROWS or not self.numeric:
            return False
        rows, ordinals = self.grid.rows, self.located.ordinals
        ranks = {section_rank("", as_text(cells[c - 1])) for c in ordinals for cells in rows}
        words = {cells[c - 1] for c in self.fronts for cells in rows}
        ranks |= {section_rank(word) for word in words if isinstance(word, str)}
        return not ranks <= {_PLAIN, UNNUMBERED}

    def _rank(self, row: int) -> int:
        ordinal = self.grid.ordinal(row)
        if ordinal:
            return section_rank("", ordinal)
        shown, number = self.grid.texts.shown, self.grid.number(row)
        return min(section_rank(shown(number, c)) for c in self.fronts)

    @cached_property
    def parents(self) -> frozenset[int]:
        """Numbered rows whose next is numbered on a lower level."""
        numbered = [row for row, rank in enumerate(self.ranks) if rank != UNNUMBERED]
        pairs = pairwise(numbered)
        return frozenset(row for row, below in pairs if self.ranks[row] < self.ranks[below])

    def sums_up(self, row: int, *, alone: bool) -> bool:
        """Whether a row with all that data needs is the heading of the rows numbered below it.

        A row with a single text (``alone``) is, where one of its figures is the sum of those
        below, or where all are counts, scores or money that stand below as well, rightly added up
        or not. A row with more texts is where two rows or more add up to all its figures.
        """
        children = self._children(row)
        if not children:
            return False
        said = self._figures(row, self.numeric)
        equal = {c for c, figure in said.items() if figure and self._sum(children, c) == figure}
        is_added = bool(said) and said.keys() <= self.summable
        if not alone:
            return len(children) > 1 and is_added and said.keys() == equal
        below = {c for child in children for c in self._figures(child, self.numeric)}
        return bool(equal) or (is_added and row in self.parents and said.keys() <= below)

    def sums_all(self, row: int) -> bool:
        """Whether all counts, scores and money of a row are the sums of all other rows'."""
        others = [r for r in range(self.grid.height) if r != row and self._is_data(r)]
        said = self._figures(row, self.summable)
        if len(others) < 2 or not any(said.values()):
            return False
        return all(self._sum(others, c) == figure for c, figure in said.items())

    def _is_data(self, row: int) -> bool:
        return self.grid.holds_required(row) and not self._is_total(row)

    def _children(self, row: int) -> list[int]:
        """Rows on the next level below a row, down to the next one on its own level or a total."""
        below: list[int] = []
        for other in range(row + 1, self.grid.height):
            if self.ranks[other] <= self.ranks[row] or self._is_total(other):
                break
            below.append(other)
        nearest = min((self.ranks[other] for other in below), default=0)
        return [other for other in below if self.ranks[other] == nearest]

    def _is_total(self, row: int) -> bool:
        return any(row_words.is_total(text) for _, text in self.grid.texts_in(row))

    def _figures(self, row: int, columns: Collection[int]) -> dict[int, int | Decimal]:
        """Numbers of a row by column, also those typed as text."""
        found = ((c, amount(self.grid.cell(row, c))) for c in columns)
        return {c: figure for c, figure in found if figure is not None}

    def _sum(self, rows: Sequence[int], column: int) -> int | Decimal:
        return sum(figure for r in rows for figure in self._figures(r, [column]).values())
