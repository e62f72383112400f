"""What each row under the headings is: data, a section, a total, or the end of the table."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Literal

from thidua_analysis.excel import Position
from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission.headings import is_ordinal
from thidua_analysis.submission.lines import Grid, Line, Nesting
from thidua_analysis.submission.texts import Sieve, is_filled
from thidua_analysis.vietnamese.cell_text import read_text
from thidua_analysis.vietnamese.text import key

#: more texts than this are no signature block
_MOST_SIGNATURES = 4
#: texts of a title: its number and its words
_MOST_TITLES = 2
#: more rows without a number than this say nothing
_MOST_UNNUMBERED = 50

#: why a row is no data: numbers of the columns; nothing was typed; it says that there is nothing;
#: it holds only a text beside the table's columns
Skipped = Literal["column-numbers", "blank", "nothing-to-report", "aside"]


@dataclass(slots=True)
class Body:
    """Rows of a located table by what they are; row numbers count from 1.

    ``sections`` maps a data row to the cells (row, column) of the sections above it, the nearest
    first; ``section_rows`` are the rows of these cells; ``unnamed`` are those of them that hold
    something other than a label. ``skipped`` are the rows that hold no data for another reason.
    ``end`` is the first row after the table.
    """

    data: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    sections: dict[int, tuple[Position, ...]] = field(default_factory=dict)
    section_rows: list[int] = field(default_factory=list)
    unnamed: list[Position] = field(default_factory=list)
    skipped: dict[int, Skipped] = field(default_factory=dict)
    end: int = 0


def classify(grid: Grid, labels: Set[str] = frozenset()) -> Body:
    """Decide for each row under the headings what it is.

    A row in which every required field and one more are filled is data, unless it says that it
    is a total. A row whose only text stands in front is a section; a label such as "Tổng cộng"
    makes a total; the table ends at a signature, at a remark under the last rows, or at the next
    headings. A row with anything else in the table's columns is data too, so that what is
    missing in it is reported. A row in which nothing was typed (formulas that were filled in
    beforehand give zeros or errors) is blank. ``labels`` are comparison forms of the texts that
    section rows are known to hold.
    """
    return _Classifier(grid, labels).run()


@Sieve
def _telling(raw: str) -> bool:
    """Find the texts of cells that may say that their row is more, or less, than data."""
    return _may_say(read_text(raw).best)


@lru_cache(maxsize=1 << 14)
def _may_say(text: str) -> bool:
    """Whether a text may say that its row is more, or less, than data."""
    tests = (
        row_words.is_total,
        row_words.is_weak_total,
        row_words.is_signature,
        row_words.is_remark,
        row_words.says_nothing,
        row_words.is_section_number,
        row_words.is_table_title,
    )
    is_numbered = row_words.section_rank(text) <= 1 or is_ordinal([text])
    return is_numbered or any(test(text) for test in tests)


class _Classifier:
    def __init__(self, grid: Grid, labels: Set[str]) -> None:
        self.grid, self.located, self.labels = grid, grid.located, labels
        self.nesting = Nesting(grid)
        self.body = Body(end=self.located.end)
        section = self.located.table.section
        self.labelled = section in self.located.columns
        self.can_stand_in = section is not None and not self.labelled
        self.takes_sections = section is not None and not self._has_own(section)
        self.label_columns: dict[int, None] = {}
        #: sections that are open: their rank, and the cell of their label
        self.stack: list[tuple[int, Position]] = []

    def _has_own(self, section: str) -> bool:
        """Whether the section's field has a column that is filled in rows of data."""
        if not self.labelled:
            return False
        own = self.located.columns[section].column
        other = next((c for c in (*self.grid.required, *self.grid.columns) if c != own), own)
        pairs = ((cells[own - 1], cells[other - 1]) for cells in self.grid.rows)
        return any(is_filled(one) and is_filled(two) for one, two in pairs)

    def run(self) -> Body:
        """Sort the rows in, in order, down to the end of the table."""
        after_blank = False
        for row in range(self.grid.height):
            if self.body.data and row in self._usual:
                self._add(row)
                after_blank = False
                continue
            line, is_blank = self.grid.line(row), self.grid.is_empty(row)
            if is_blank:
                self._skip(row, "blank")
                is_merged = self.grid.is_merged(row, self.grid.front)
                if line.marked or is_merged or row in self.nesting.parents:
                    self._opens_unread(line)
            elif not self._take(line, after_blank):
                self.body.end = min(self.body.end, self.grid.number(row))
                break
            after_blank = is_blank
        return self.body

    @cached_property
    def _usual(self) -> Set[int]:
        """Rows that need no closer look, which takes a third of the time of a file.

        In a table without sections and levels a row is data that is complete, holds a number, and
        no text that says what its row is.
        """
        grid, found = self.grid, set[int]()
        may_be = len(grid.columns) > 1 and grid.required and not grid.texts.is_strange
        if self.takes_sections or self.nesting.is_nested or not may_be:
            return found
        texts = {v for v in set(chain.from_iterable(grid.rows)) if isinstance(v, str)}
        telling = _telling(texts)
        if self.labels and not self.labelled:
            telling |= {text for text in texts if self._is_label(read_text(text).best)}
        pick = itemgetter(*(column - 1 for column in grid.columns))
        for row, cells in enumerate(grid.rows):
            # neither blank nor 0, which formulas give that were filled in beforehand
            held = list(filter(None, pick(cells)))
            has_number = len(held) > 1 and not {*map(type, held)} <= {str}
            if has_number and grid.holds_required(row) and telling.isdisjoint(cells):
                found.add(row)
        return found - grid.marked_rows - self._apart

    @cached_property
    def last_plain(self) -> int:
        """The last row that is complete, below one that is filled; -1 where none is."""
        holds = self.grid.holds_required
        return self.grid.last(lambda row: row > 0 and holds(row - 1) and self._is_plain(row))

    def _is_plain(self, row: int) -> bool:
        """Whether a row is complete, and nothing speaks against data."""
        grid, line = self.grid, self.grid.line(row)
        if not grid.required or not line.complete or line.marked:
            return False
        told = (text for column, text in line.texts if column not in grid.numeric)
        is_doubtful = row in self._apart or row in self.nesting.parents
        return not is_doubtful and not any(map(self._tells, told))

    def _tells(self, text: str) -> bool:
        return _may_say(text) or (not self.labelled and self._is_label(text))

    @cached_property
    def _apart(self) -> Set[int]:
        """Rows that may be none of a table of figures: below the last of these, or unnumbered."""
        grid = self.grid
        if self.located.table.is_private or not grid.has_figures:
            return frozenset()
        columns, rows = self.located.ordinals[:1], range(grid.height)
        unnumbered = {r for c in columns for r in rows if not is_filled(grid.cell(r, c))}
        below = range(grid.last_figure + 1, grid.height)
        return {*below, *(unnumbered if len(unnumbered) <= _MOST_UNNUMBERED else ())}

    def _add(self, row: int) -> None:
        number = self.grid.number(row)
        self.body.data.append(number)
        if self.stack:
            self.body.sections[number] = tuple(place for _, place in reversed(self.stack))

    def _skip(self, row: int, why: Skipped) -> bool:
        self.body.skipped[self.grid.number(row)] = why
        return True

    def _take(self, line: Line, after_blank: bool) -> bool:
        """Sort one row in; False where the table has ended before it."""
        begun = self.body.data or self.body.totals or self.stack
        if not begun and self.grid.numbers_columns(line.row):
            return self._skip(line.row, "column-numbers")
        if begun and self._is_title(line):
            return False
        if begun and self._heads_another(line):
            self._leave_title(line.row - 1)
            return False
        if self._is_total(line):
            self.body.totals.append(self.grid.number(line.row))
            return True
        if self._is_signature(line) or self._is_foreign(line, after_blank):
            return False
        if self._opens_unread(line):
            return True
        if line.complete:
            if not self._opens_with_totals(line):
                self._leave_sections(line.row)
                self._add(line.row)
            return True
        return line.row <= self.grid.last_untitled and self._take_incomplete(line, after_blank)

    def _take_incomplete(self, line: Line, after_blank: bool) -> bool:
        if not line.words and not line.figures:
            return self._skip(line.row, "blank")
        if len(line.words) != 1:
            self._add(line.row)
            return True
        column, text = line.words[0]
        if not line.figures and row_words.says_nothing(text):
            return self._skip(line.row, "nothing-to-report")
        if self._is_section(line, column, text):
            self._open_section(line, column, text)
            return True
        if not line.figures and self._is_remark(line.row, column, text, after_blank):
            return False
        if column not in self.grid.columns and not line.figures:
            return self._skip(line.row, "aside")
        self._add(line.row)
        return True

    def _is_title(self, line: Line) -> bool:
        few = len(line.texts) <= _MOST_TITLES and not line.figures
        return few and any(row_words.is_table_title(text) for _, text in line.texts)

    def _heads_another(self, line: Line) -> bool:
        """Whether a row bears the headings of a table that the form does not know."""
        if line.numbers or line.marked or len(line.texts) < 2:
            return False
        return any(is_ordinal([t]) for _, t in line.texts[:2]) or self._heads_numbers(line)

    def _heads_numbers(self, line: Line) -> bool:
        """Whether texts under a lone one head numbers in columns in which texts are asked for."""
        grid, row = self.grid, line.row
        if not row or row + 1 >= grid.height or line.figures or len(grid.texts_in(row - 1)) != 1:
            return False
        own = {c for c, _ in line.texts if c in grid.columns and c not in grid.numeric}
        return any(isinstance(grid.cell(row + 1, c), (int, float)) for c in own)

    def _leave_title(self, row: int) -> None:
        """Give the row above the headings of another table back to it where it is their title."""
        line, number = self.grid.line(row), self.grid.number(row)
        is_numbered = any(row_words.is_ordinal(text) for _, text in line.texts)
        if line.numbers or len(line.texts) > 1 + is_numbered:
            return
        for rows in (self.body.data, self.body.section_rows):
            if rows and rows[-1] == number:
                rows.pop()
                self.body.end = number

    def _is_signature(self, line: Line) -> bool:
        """Whether a row opens the block of signatures: no figures, few texts, known words."""
        if line.numbers or len(line.texts) > _MOST_SIGNATURES:
            return False
        signed = sum(row_words.is_signature(text) for _, text in line.texts)
        if 2 * signed >= len(line.texts) if line.complete else signed > 0:
            return True
        # the last row that cannot belong to the signatures: with a figure, or plain data
        grid = self.grid
        last_told = grid.last_figure if grid.has_figures else self.last_plain
        if line.ordinal or line.row <= last_told:
            return False
        offices = sum(row_words.is_signatory(text) for _, text in line.texts)
        return signed + offices == len(line.texts) if line.complete else offices > 0

    def _is_foreign(self, line: Line, after_blank: bool) -> bool:
        """Whether a row of texts stands apart under a table of figures, as signatures do."""
        if not after_blank or line.figures or len(line.words) < 2:
            return False
        if line.row < self.last_plain or not self.grid.has_figures:
            return False
        textual = set(self.grid.columns) - self.grid.numeric
        misplaced = any(column not in textual for column, _ in line.words)
        return misplaced or all(text.isupper() for _, text in line.words)

    def _is_remark(self, row: int, column: int, text: str, after_blank: bool) -> bool:
        """Whether a lone text stands under the last rows of the table."""
        is_apart = row_words.is_remark(text) or after_blank or column not in self.grid.required
        return is_apart and row >= self.last_plain

    def _is_total(self, line: Line) -> bool:
        """Whether the words in front label a total; no total is drawn under ranks."""
        if self.grid.ranked:
            return False
        words = [t for c, t in line.words if c <= self.grid.last_label]
        if any(map(row_words.is_total, words)):
            return True
        if words and all(map(row_words.is_weak_total, words)):
            return not line.complete or self.nesting.sums_all(line.row)
        if not line.complete or not line.words or line.row not in self._apart:
            return False
        return not self._is_label(line.words[0][1]) and self.nesting.sums_all(line.row)

    def _opens_with_totals(self, line: Line) -> bool:
        """Whether a row with all that data needs is a section with its totals nevertheless.

        Its only text must be a label of the section's field, which then has no column; or it
        must sum up the rows that are numbered below it.
        """
        if not line.words or not (line.figures or line.marked):
            return False
        column, text = line.words[0]
        alone = len(line.words) == 1
        labelled = alone and not self.labelled and self._is_label(text)
        if not labelled and not self.nesting.sums_up(line.row, alone=alone):
            return False
        self._open_section(line, column, text)
        return True

    def _is_label(self, text: str) -> bool:
        return bool(self.labels) and key(row_words.section_text(text)) in self.labels

    def _is_section(self, line: Line, column: int, text: str) -> bool:
        """Whether a lone text heads the rows below it.

        Beside figures (the section's totals) only a merged text or one numbered I or A does;
        alone also a label of the section's field, and a text in front of the columns, or in the
        first of them where more than that is required.
        """
        marked = line.marked and not self._is_like_others(line, text)
        if marked or row_words.is_plain_number(text):
            return False
        if self.grid.is_merged(line.row, column) or self._is_numbered(line, text):
            return True
        if line.figures or row_words.is_remark(text):
            return False
        if self._is_label(text):
            return True
        if line.ordinal.isdecimal():
            return False
        front = self.grid.front
        if column < front or column in self.located.ordinals:
            return True
        # where the section's field has no column, such a row stands for it while rows follow
        stands_in = self.can_stand_in and line.row < self.last_plain
        return column == front and (self.grid.required != [front] or stands_in)

    def _is_like_others(self, line: Line, text: str) -> bool:
        """Whether a row with errors is a section: by its label, or numbered as one above."""
        rank = row_words.section_rank(text, line.ordinal)
        numbered = rank <= 1 and any(rank == other for other, _ in self.stack)
        return self.takes_sections and (numbered or self._is_label(text))

    def _is_numbered(self, line: Line, text: str) -> bool:
        return row_words.section_rank(text, line.ordinal) <= 1

    def _opens_unread(self, line: Line) -> bool:
        """Whether a row heads a section whose label is blank or cannot be read."""
        if not self.takes_sections or line.words:
            return False
        heads = self._is_numbered(line, "") or line.row in self.nesting.parents
        column = self.grid.unread_label(line, self.label_columns, heads=heads)
        if column is None:
            return False
        self._open_section(line, column, "")
        if line.figures or line.marked:
            self.body.unnamed.append((self.grid.number(line.row), column))
        return True

    def _open_section(self, line: Line, column: int, text: str) -> None:
        rank, number = row_words.section_rank(text, line.ordinal), self.grid.number(line.row)
        self.stack = [entry for entry in self.stack if entry[0] < rank]
        self.stack.append((rank, (number, column)))
        self.label_columns[column] = None
        self.body.section_rows.append(number)
        if line.figures:
            self.body.totals.append(number)

    def _leave_sections(self, row: int) -> None:
        """End the sections that are numbered as high as a row of data, or lower."""
        rank, first = self.nesting.ranks[row], self.grid.number(0)
        if rank == row_words.UNNUMBERED:
            return
        self.stack = [
            (own, at)
            for own, at in self.stack
            if own < rank
            or own == row_words.UNNUMBERED
            or not (rank <= 1 or at[0] - first in self.nesting.parents)
        ]
