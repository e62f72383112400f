"""What each row under the headings is: data, a section, a total, or the end of the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from thidua_analysis.excel import Position
from thidua_analysis.submission import row_words
from thidua_analysis.submission.headings import is_ordinal
from thidua_analysis.submission.lines import Grid, Line, Lines, blanks, is_filled
from thidua_analysis.submission.nesting import Nesting
from thidua_analysis.submission.row_words import readings
from thidua_analysis.vietnamese.text import key

#: more texts than this are no signature block
_MOST_SIGNATURES = 4
#: texts of a title: its number and its words
_MOST_TITLES = 2
#: "Số thứ tự" and shorter
_LONGEST_ORDINAL = 12
#: more rows without a number than this say nothing
_MOST_UNNUMBERED = 50


#: why a row is no data: numbers of the columns; nothing was typed; it says that there is nothing;
#: it holds only a text beside the table's columns
Skipped = Literal["column-numbers", "blank", "nothing-to-report", "aside"]


@dataclass(slots=True)
class Roles:
    """Rows of a located table by what they are; row numbers count from 1.

    ``sections`` maps a data row to the cells (row, column) of the sections above it, the nearest
    first; ``section_rows`` are the rows of these cells; ``unnamed`` are those of them that hold
    something other than a label. ``skipped`` are the rows that hold no
    data for another reason. ``end`` is the first row after the table.
    """

    data: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    sections: dict[int, tuple[Position, ...]] = field(default_factory=dict)
    section_rows: list[int] = field(default_factory=list)
    unnamed: list[Position] = field(default_factory=list)
    skipped: dict[int, Skipped] = field(default_factory=dict)
    end: int = 0


def classify(grid: Grid, labels: frozenset[str] = frozenset()) -> Roles:
    """Decide for each row under the headings what it is.

    A row in which every required field and one more are filled is data, unless it says that it
    is a total. A row whose only text stands in front is a section; a label such as "Tổng cộng"
    makes a total; the table ends at a signature, at a remark under the last rows, or at the next
    headings. A row with anything else in the table's columns is data too, so that what is
    missing in it is reported. A row in which nothing was typed (formulas that were filled in
    beforehand give zeros or errors) is blank.

    Parameters
    ----------
    grid
        The cells under the headings.
    labels
        Comparison forms of the texts that section rows are known to hold.
    """
    return _Classifier(grid, labels).run()


class _Classifier:
    def __init__(self, grid: Grid, labels: frozenset[str]) -> None:
        self.grid, self.located, self.labels = grid, grid.located, labels
        self.lines = Lines(grid)
        self.nesting = Nesting(grid, self.lines)
        self.required = self.lines.required
        self.roles = Roles(end=self.located.end)
        section = grid.located.table.section
        self.labelled = section in grid.located.columns
        self.can_stand_in = section is not None and not self.labelled
        self.takes_sections = section is not None and not self._has_own(section)
        self.label_columns: dict[int, None] = {}
        self.stack: list[tuple[int, Position]] = []
        self.last_plain = -1

    # --- the rows in order ------------------------------------------------------------------

    def run(self) -> Roles:
        odd = self._odd()
        self.last_plain = _last_but(self.grid.height, sorted(odd))
        odd.update(self._without_figures())
        at, after_blank = 0, False
        for row in sorted(odd):
            self._add_run(at, row)
            after_blank = after_blank and at == row
            at = row + 1
            if self.lines.is_empty(row):
                self._skip(row, "blank")
                after_blank = True
                if self.lines.may_head(row) or row in self.nesting.parents:
                    self._opens_unread(self.lines.line(row))
            elif not self._take(self.lines.line(row), after_blank):
                self.roles.end = min(self.roles.end, self.grid.number(row))
                return self.roles
            else:
                after_blank = False
        self._add_run(at, self.grid.height)
        return self.roles

    def _odd(self) -> set[int]:
        """Rows that need a look of their own; all others are plain data."""
        grid, columns = self.grid, self.lines.columns
        odd = {0, *(row for row, _ in grid.marked)}
        for column in self.required:
            rows = blanks(grid.column(column))
            odd.update(rows)
            odd.update(row + 1 for row in rows)
        if self.labels and not self.labelled:
            odd.update(self._labelled_rows())
        odd.update(self._headed_rows())
        if len(self.required) < 2:
            others = [grid.column(c) for c in columns if c not in self.required]
            odd.update(r for r, cells in enumerate(zip(*others, strict=True)) if not any(cells))
        if not self.required:
            odd.update(range(grid.height))
        odd.update(self._speaking())
        odd.update(self.nesting.turns)
        return {row for row in odd if row < grid.height}

    def _without_figures(self) -> Iterator[int]:
        """Rows of a table of figures that may be none of it: below the last figure, unnumbered."""
        if self.located.table.is_private or not self.lines.has_figures:
            return
        yield from range(self.lines.last_figure + 1, self.grid.height)
        for column in self.located.ordinals[:1]:
            unnumbered = list(blanks(self.grid.column(column)))
            yield from unnumbered if len(unnumbered) <= _MOST_UNNUMBERED else ()

    def _speaking(self) -> Iterator[int]:
        """Rows with a text that may say what the row is."""
        said = self.grid.texts.speaking
        for column in range(self.located.left, self.located.right + 1) if said else ():
            cells = self.grid.column(column)
            if column not in self.lines.numeric and not said.isdisjoint(cells):
                yield from (row for row, value in enumerate(cells) if value in said)

    def _labelled_rows(self) -> Iterator[int]:
        """Rows that begin with a label of the section's field."""
        for column in self.required:
            cells = self.grid.column(column)
            labels = {v for v in set(cells) if isinstance(v, str) and self._is_label(v)}
            yield from (row for row, value in enumerate(cells) if value in labels)

    def _headed_rows(self) -> Iterator[int]:
        """Rows with the heading of the column that numbers the rows of another table."""
        short = (text for text in self.grid.texts.strings if len(text) <= _LONGEST_ORDINAL)
        ordinals = {text for text in short if is_ordinal([text])}
        for column in {self.located.left, *self.located.ordinals, *self.lines.columns[:1]}:
            cells = self.grid.column(column) if ordinals else ()
            if not ordinals.isdisjoint(cells):
                yield from (row for row, value in enumerate(cells) if value in ordinals)

    def _is_label(self, raw: str) -> bool:
        return any(key(row_words.section_text(text)) in self.labels for text in readings(raw))

    def _add_run(self, first: int, last: int) -> None:
        if self.stack:
            for row in range(first, last):
                self._add(row)
        else:
            self.roles.data.extend(range(self.grid.number(first), self.grid.number(last)))

    def _add(self, row: int) -> None:
        number = self.grid.number(row)
        self.roles.data.append(number)
        if self.stack:
            self.roles.sections[number] = tuple(place for _, place in reversed(self.stack))

    # --- one row ----------------------------------------------------------------------------

    def _take(self, line: Line, after_blank: bool) -> bool:
        """Sort one row in; False where the table has ended before it."""
        begun = self.roles.data or self.roles.totals or self.stack
        if not begun and self.lines.numbers_columns(line.row):
            return self._skip(line.row, "column-numbers")
        if begun and self._is_title(line):
            return False
        if begun and self._heads_another(line):
            self._leave_title(line.row - 1)
            return False
        if self._is_total(line):
            self.roles.totals.append(self.grid.number(line.row))
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
        if self.lines.leads_to_next(line.row):
            return False
        return self._take_incomplete(line, after_blank)

    def _is_title(self, line: Line) -> bool:
        """Whether a row is the title of another table."""
        few = len(line.texts) <= _MOST_TITLES and not line.figures
        return few and any(row_words.is_table_title(text) for _, text in line.texts)

    def _heads_another(self, line: Line) -> bool:
        """Whether a row bears the headings of a table that the form does not know."""
        if line.numbers or line.marked or len(line.texts) < 2:
            return False
        return any(is_ordinal([t]) for _, t in line.texts[:2]) or self._heads_numbers(line)

    def _heads_numbers(self, line: Line) -> bool:
        """Whether texts under a lone one head numbers in columns in which texts are asked for."""
        if not line.row or line.row + 1 >= self.grid.height or line.figures:
            return False
        above, below = self.grid.texts_in(line.row - 1), self.grid.lines[line.row + 1]
        own = {c for c, _ in line.texts if c in self.lines.columns and c not in self.lines.numeric}
        return len(above) == 1 and any(
            isinstance(below[c - 1], (int, float)) for c in own if c <= len(below)
        )

    def _leave_title(self, row: int) -> None:
        """Give the row above the headings of another table back to it where it is their title."""
        line, number = self.lines.line(row), self.grid.number(row)
        is_numbered = any(row_words.is_ordinal(text) for _, text in line.texts)
        if line.numbers or len(line.texts) > 1 + is_numbered:
            return
        for rows in (self.roles.data, self.roles.section_rows):
            if rows and rows[-1] == number:
                rows.pop()
                self.roles.end = number

    def _opens_with_totals(self, line: Line) -> bool:
        """Whether a row with all that data needs is a section with its totals nevertheless.

        Its only text must be a label of the section's field, which then has no column; or it
        must sum up the rows that are numbered below it.
        """
        if not line.words or not (line.figures or line.marked):
            return False
        column, text = line.words[0]
        alone = len(line.words) == 1
        labelled = alone and not self.labelled and key(row_words.section_text(text)) in self.labels
        if not labelled and not self.nesting.sums_up(line.row, alone=alone):
            return False
        self._open_section(line, column, text)
        return True

    def _has_own(self, section: str) -> bool:
        """Whether the section's field has a column that is filled in rows of data."""
        if not self.labelled:
            return False
        own = self.located.columns[section].column
        others = [c for c in (*self.required, *self.lines.columns) if c != own][:1]
        cells = (self.grid.column(column) for column in (own, *others))
        return any(all(map(is_filled, row)) for row in zip(*cells, strict=True))

    def _opens_unread(self, line: Line) -> bool:
        """Whether a row heads a section whose label is blank or cannot be read."""
        if not self.takes_sections or line.words:
            return False
        heads = self._is_numbered(line, "") or line.row in self.nesting.parents
        column = self.lines.unread_label(line, self.label_columns, heads=heads)
        if column is None:
            return False
        self._open_section(line, column, "")
        if line.figures or line.marked:
            self.roles.unnamed.append((self.grid.number(line.row), column))
        return True

    def _leave_sections(self, row: int) -> None:
        """End the sections that are numbered as high as a row of data, or lower."""
        rank = self.nesting.ranks[row]
        if rank < row_words.UNNUMBERED:
            self.stack = [entry for entry in self.stack if not self._is_over(*entry, rank)]

    def _is_over(self, rank: int, place: Position, next_rank: int) -> bool:
        if rank < next_rank or rank == row_words.UNNUMBERED:
            return False
        return next_rank <= 1 or place[0] - self.grid.number(0) in self.nesting.parents

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
        if column not in self.lines.columns and not line.figures:
            return self._skip(line.row, "aside")
        self._add(line.row)
        return True

    def _skip(self, row: int, why: Skipped) -> bool:
        self.roles.skipped[self.grid.number(row)] = why
        return True

    def _is_total(self, line: Line) -> bool:
        """Whether the words in front label a total; no total is drawn under ranks."""
        if self.lines.ranked:
            return False
        words = [text for column, text in line.words if column <= self.lines.last_label]
        if any(map(row_words.is_total, words)):
            return True
        if words and all(map(row_words.is_weak_total, words)):
            return not line.complete or self.nesting.sums_all(line.row)
        unnumbered = bool(self.located.ordinals) and not line.ordinal
        if not line.complete or not line.words or not unnumbered:
            return False
        if self._is_label(line.words[0][1]):
            return False
        return self.nesting.sums_all(line.row)

    def _is_signature(self, line: Line) -> bool:
        """Whether a row opens the block of signatures: no figures, few texts, known words."""
        if line.numbers or len(line.texts) > _MOST_SIGNATURES:
            return False
        signed = sum(row_words.is_signature(text) for _, text in line.texts)
        if 2 * signed >= len(line.texts) if line.complete else signed > 0:
            return True
        if line.ordinal or line.row <= self.last_told:
            return False
        offices = sum(row_words.is_signatory(text) for _, text in line.texts)
        return signed + offices == len(line.texts) if line.complete else offices > 0

    @property
    def last_told(self) -> int:
        """The last row that cannot belong to the signatures: with a figure, or plain data."""
        return self.lines.last_figure if self.lines.has_figures else self.last_plain

    def _is_foreign(self, line: Line, after_blank: bool) -> bool:
        """Whether a row of texts stands apart under a table of figures, as signatures do."""
        if not after_blank or line.figures or line.row < self.last_plain or len(line.words) < 2:
            return False
        textual = set(self.lines.columns) - self.lines.numeric
        misplaced = any(column not in textual for column, _ in line.words)
        shouted = all(text.isupper() for _, text in line.words)
        return self.lines.has_figures and (misplaced or shouted)

    # --- sections and remarks ---------------------------------------------------------------

    def _is_section(self, line: Line, column: int, text: str) -> bool:
        """Whether a lone text heads the rows below it.

        Beside figures (the section's totals) only a merged text or one numbered I or A does;
        alone also a label of the section's field, and a text in front of the columns, or in the
        first of them where more than that is required.
        """
        marked = line.marked and not self._is_like_others(line, text)
        if marked or row_words.is_plain_number(text):
            return False
        if self.lines.is_merged(line.row, column) or self._is_numbered(line, text):
            return True
        if line.figures or row_words.is_remark(text):
            return False
        if key(row_words.section_text(text)) in self.labels:
            return True
        if line.ordinal.isdecimal():
            return False
        front = self.lines.columns[0]
        if column < front or column in self.located.ordinals:
            return True
        # where the section's field has no column, such a row stands for it while rows follow
        stands_in = self.can_stand_in and line.row < self.last_plain
        return column == front and (self.required != [front] or stands_in)

    def _is_like_others(self, line: Line, text: str) -> bool:
        """Whether a row with errors is a section: by its label, or numbered as one above."""
        if not self.takes_sections:
            return False
        rank = row_words.section_rank(text, line.ordinal)
        numbered = rank <= 1 and any(rank == other for other, _ in self.stack)
        return numbered or key(row_words.section_text(text)) in self.labels

    def _is_numbered(self, line: Line, text: str) -> bool:
        """Whether a text bears the number of a section: I, II, A, B."""
        if line.ordinal:
            return row_words.section_rank(text, line.ordinal) <= 1
        return row_words.section_rank(text) <= 1

    def _open_section(self, line: Line, column: int, text: str) -> None:
        rank = row_words.section_rank(text, line.ordinal)
        self.stack = [entry for entry in self.stack if entry[0] < rank]
        self.stack.append((rank, (self.grid.number(line.row), column)))
        self.label_columns[column] = None
        self.roles.section_rows.append(self.grid.number(line.row))
        if line.figures:
            self.roles.totals.append(self.grid.number(line.row))

    def _is_remark(self, row: int, column: int, text: str, after_blank: bool) -> bool:
        """Whether a lone text stands under the last rows of the table."""
        if row < self.last_plain:
            return False
        return row_words.is_remark(text) or after_blank or column not in self.required


def _last_but(height: int, odd: list[int]) -> int:
    """The last row that is not among the odd ones; -1 where all are."""
    row = height - 1
    for other in reversed(odd):
        if other < row:
            break
        row = other - 1
    return row
