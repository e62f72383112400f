"""One row of a located table: its words, whether it holds figures, whether it is complete."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from thidua_analysis.excel import Merge, Position, Sheet
from thidua_analysis.excel.cells import Value
from thidua_analysis.submission import row_words
from thidua_analysis.submission.locate import TablePlace
from thidua_analysis.submission.texts import SheetTexts


class Grid:
    """Columns of a table from the row under its headings down; a blank cell is ``""`` or None.

    Rows are counted from 0 at ``located.first``, columns from 1 as on the sheet.
    """

    def __init__(self, located: TablePlace, sheet: Sheet, texts: SheetTexts) -> None:
        self.located, self.sheet, self.texts = located, sheet, texts
        self.lines: Sequence[Sequence[Value]] = sheet.rows[located.first - 1 : located.end - 1]
        self.height = len(self.lines)

    @cached_property
    def _columns(self) -> list[Sequence[Value]]:
        rows = slice(self.located.first - 1, self.located.end - 1)
        columns = [column[rows] for column in self.texts.columns]
        spaces = self.texts.spaces
        if spaces:
            columns = [["" if v in spaces else v for v in column] for column in columns]
        return columns

    @cached_property
    def _blank(self) -> Sequence[Value]:
        return [""] * self.height

    def column(self, column: int) -> Sequence[Value]:
        """All cells of a column."""
        return self._columns[column - 1] if column <= len(self._columns) else self._blank

    @cached_property
    def marked(self) -> frozenset[Position]:
        """Cells (row from 0, column) whose value cannot be taken: see `Sheet.fault`."""
        sheet, located = self.sheet, self.located
        if not sheet.errors and not sheet.uncalculated and not sheet.unlike:
            return frozenset()
        return frozenset(
            (row - located.first, column)
            for row, column in (*sheet.errors, *sheet.uncalculated, *sheet.unlike)
            if located.first <= row < located.end and located.left <= column <= located.right
        )

    def number(self, row: int) -> int:
        """Number on the sheet of a row counted from 0."""
        return self.located.first + row

    def texts_in(self, row: int) -> list[tuple[int, str]]:
        """Columns and texts of the text cells of a row, from left to right."""
        cells = self.lines[row]
        number, last = self.number(row), min(self.located.right, len(cells))
        found = (
            (column, self.texts.shown(number, column))
            for column in range(self.located.left, last + 1)
            if isinstance(cells[column - 1], str)
        )
        return [(column, text) for column, text in found if text]


def is_filled(value: Value) -> bool:
    """Whether a cell of a grid holds something."""
    return value is not None and value != ""


def blanks(column: Sequence[Value]) -> Iterable[int]:
    """Rows of the blank cells of a column."""
    if "" in column or None in column:
        return [row for row, value in enumerate(column) if value is None or value == ""]
    return ()


#: a text longer than this is no figure, whatever digits stand in it
_LONGEST_FIGURE = 40
#: a section row is not merged over more rows than this
_TALLEST_SECTION = 3
#: what stands in a column of figures for "none"
_NO_FIGURE = frozenset({"-", "–", "—", "…", "...", "..", "x"})


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in one row, between the leftmost and the rightmost column of the table.

    Parameters
    ----------
    row
        Its number from 0 under the headings.
    texts
        Column and text of its text cells.
    words
        Those of them in columns of the form that are no figures, nor signs in their place, nor
        ordinals.
    ordinal
        What numbers the row, as text.
    numbers
        Whether a number or date stands in the table's columns, other than as text.
    figures
        Whether a number or date stands there, also as text.
    complete
        Whether every required field and at least two fields are filled.
    marked
        Whether a cell shows an error or lacks its result.
    """

    row: int
    texts: tuple[tuple[int, str], ...]
    words: tuple[tuple[int, str], ...]
    ordinal: str
    numbers: bool
    figures: bool
    complete: bool
    marked: bool


class Lines:
    """Looks at single rows of a grid."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.located = grid, grid.located
        fields = grid.located.table.by_name
        by_column = {c.column: fields[c.name] for c in grid.located.columns.values()}
        self.columns = sorted(by_column)
        self.required = sorted(c for c, f in by_column.items() if f.required)
        self.ranked = any(f.type == "rank" for f in by_column.values())
        self.numeric = frozenset(
            c for c, f in by_column.items() if f.is_numeric or f.type in ("rank", "date", "year")
        )
        #: columns that are not the form's: what stands in them says nothing about the row
        located = grid.located
        self.foreign = {h.column for h in (*located.unknown, *located.broken)}
        self.foreign.update(located.ignored)
        before = min((c for c in self.columns if c in self.numeric), default=grid.located.right + 1)
        #: the last column in which a label such as "Tổng cộng" may stand
        self.last_label = max([before - 1, *self.required])
        self._marked_rows = frozenset(row for row, _ in grid.marked)

    @property
    def has_figures(self) -> bool:
        """Whether numbers or dates stand in the table at all."""
        return self.last_figure >= 0

    @cached_property
    def last_figure(self) -> int:
        """The last row with a number or a date; -1 where none has one."""
        columns = [self.grid.column(column) for column in self.numeric]
        for row in range(self.grid.height - 1, -1, -1):
            if any(self._is_figure(cells[row]) for cells in columns):
                return row
        return -1

    def line(self, row: int) -> Line:
        """Look at one row."""
        texts = tuple(self.grid.texts_in(row))
        words = [(c, t) for c, t in texts if c not in self.foreign]
        words = [(c, t) for c, t in words if not self._stands_for_figure(c, t)]
        cells = [(c, self.grid.column(c)[row]) for c in self.columns]
        numbers = any(is_filled(v) and not isinstance(v, str) for _, v in cells)
        held = [c for c, v in cells if is_filled(v) or (row, c) in self.grid.marked]
        return Line(
            row,
            texts,
            tuple((c, t) for c, t in words if c in self.columns or not row_words.is_ordinal(t)),
            self.ordinal(row),
            numbers,
            numbers or any(c in self.columns and self._is_figure_at(c, t) for c, t in texts),
            len(held) > 1 and all(column in held for column in self.required),
            row in self._marked_rows,
        )

    def ordinal(self, row: int) -> str:
        """What numbers the row: in the column for it, else left of the table's first field."""
        front = self.columns[0] if self.columns else self.located.left
        for column in (*self.located.ordinals, front - 1):
            if column < 1:
                continue
            value = self.grid.column(column)[row]
            text = f"{value:g}" if isinstance(value, (int, float)) else ""
            if isinstance(value, str):
                text = self.grid.texts.shown(self.grid.number(row), column)
            if text and row_words.is_ordinal(text):
                return text
        return ""

    def _is_figure_at(self, column: int, text: str) -> bool:
        return column in self.numeric and self._is_figure(text)

    def _stands_for_figure(self, column: int, text: str) -> bool:
        no_figure = column in self.numeric and text.casefold() in _NO_FIGURE
        return no_figure or self._is_figure_at(column, text)

    @staticmethod
    def _is_figure(value: Value) -> bool:
        if isinstance(value, str):
            short = len(value) <= _LONGEST_FIGURE
            if not short or not any(map(str.isdecimal, value)):
                return False
            return not row_words.is_signature(value) and not row_words.is_remark(value)
        return isinstance(value, (int, float, dt.date, dt.time, dt.timedelta))

    def is_empty(self, row: int) -> bool:
        """Whether nothing was typed in a row: pre-filled formulas and their zeros are nothing."""
        cells = self.grid.lines[row]
        for column in range(self.located.left, min(self.located.right, len(cells)) + 1):
            value = cells[column - 1]
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            if isinstance(value, str) or (column in self.columns and value != 0):
                return False
        return True

    def numbers_columns(self, row: int) -> bool:
        """Whether this is the row "A B C 1 2 3" or "(1) (2) (3)" under the headings."""
        marks = []
        for column in sorted({*self.columns, *self.located.ordinals}):
            value = self.grid.column(column)[row]
            if not is_filled(value):
                continue
            text = f"{value:g}" if isinstance(value, (int, float)) else str(value)
            mark = row_words.column_number(text)
            if not mark:
                return False
            marks.append(mark)
        numbers = [int(m) for m in marks if m.isdecimal()]
        return len(marks) >= 2 and all(b > a for a, b in pairwise(numbers))

    @cached_property
    def last_full(self) -> int:
        """The last row before the next table that holds more than titles; -1 where none does."""
        left, right = self.located.left - 1, self.located.right
        for row in range(self.grid.height - 1, -1, -1):
            cells = [v for v in self.grid.lines[row][left:right] if is_filled(v)]
            if len(cells) > 2 or any(not isinstance(v, str) for v in cells):
                return row
        return -1

    def leads_to_next(self, row: int) -> bool:
        """Whether only titles stand between this row and the next table's headings."""
        return self.located.end <= len(self.grid.sheet.rows) and row > self.last_full

    @cached_property
    def _wide_merges(self) -> dict[int, list[Merge]]:
        """Merges over several columns by the rows that they cover, as far as a section's may."""
        found: dict[int, list[Merge]] = {}
        for merge in self.grid.sheet.merges:
            if merge.right > merge.left:
                for row in range(merge.top, min(merge.bottom, merge.top + _TALLEST_SECTION) + 1):
                    found.setdefault(row, []).append(merge)
        return found

    def may_head(self, row: int) -> bool:
        """Whether a row in which nothing was typed may be the heading of a section all the same."""
        return row in self._marked_rows or self.is_merged(row, self.columns[0])

    def unread_label(self, line: Line, known: Collection[int], *, heads: bool) -> int | None:
        """Column in which the label of a section stands that is blank or cannot be read.

        Such a row is numbered above others, or merged over columns; or all that it shows stands
        where labels do, and is no text. Beside figures that is a label only where rows are
        numbered and this one is not.

        Parameters
        ----------
        line
            A row without words.
        known
            Columns in which the labels of sections stood above.
        heads
            Whether it is numbered I or A, or above the rows that follow.
        """
        front = self.columns[0]
        held = [c for c in range(self.located.left, self.located.right + 1) if self._shows(line, c)]
        held = [c for c in held if c not in self.foreign and c not in self.located.ordinals]
        own = [c for c in held if c in {front, *self.required, *known}]
        usual = next(iter(own), max(known, default=front))
        if heads:
            return usual
        if self.is_merged(line.row, front):
            merges = self._wide_merges[self.grid.number(line.row)]
            return min(m.left for m in merges if m.left <= front <= m.right)
        numbered = bool(self.located.ordinals) and not line.ordinal
        if own and not line.ordinal and (numbered or len(own) == len(held)):
            return own[0]
        return None

    def _shows(self, line: Line, column: int) -> bool:
        value = self.grid.column(column)[line.row]
        return is_filled(value) or (line.row, column) in self.grid.marked

    def is_merged(self, row: int, column: int) -> bool:
        """Whether a cell is merged with others to its right."""
        merges = self._wide_merges.get(self.grid.number(row), ())
        return any(merge.left <= column <= merge.right for merge in merges)
