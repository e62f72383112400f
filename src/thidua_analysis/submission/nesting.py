"""Rows numbered under each other (I, 1, 1.1, a): which of them sum up those below."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from thidua_analysis.excel.cells import Value
from thidua_analysis.submission import row_words
from thidua_analysis.submission.columns import exact
from thidua_analysis.submission.lines import Grid, Lines, is_filled
from thidua_analysis.vietnamese.numbers import parse

#: a table longer than this is not numbered in levels
_MOST_ROWS = 5000
#: rank of the numbers 1, 2, 3
_PLAIN = 2
#: figures of a table that are added up, whatever the rows are about
_SUMMABLE = frozenset({"count", "money", "score"})
Amount = int | Decimal


class Nesting:
    """The rows of a grid by the level of their numbering."""

    def __init__(self, grid: Grid, lines: Lines) -> None:
        self.grid, self.lines = grid, lines
        fields = grid.located.table.by_name
        columns = grid.located.columns.values()
        self.numeric = {c.column for c in columns if fields[c.name].is_numeric}
        self.summable = {c.column for c in columns if fields[c.name].type in _SUMMABLE}

    @cached_property
    def parents(self) -> frozenset[int]:
        """Numbered rows whose next is numbered on a lower level."""
        return frozenset(row for row, below in self._pairs if self.ranks[row] < self.ranks[below])

    @property
    def turns(self) -> set[int]:
        """Rows with which the level of the numbering goes down or up."""
        return {*self.parents, *(b for row, b in self._pairs if self.ranks[row] > self.ranks[b])}

    def sums_up(self, row: int, *, alone: bool) -> bool:
        """Whether a row with all that data needs is the heading of the rows numbered below it.

        A row with a single text is, where one of its figures is the sum of those below, or where
        all are counts, scores or money that stand below as well, rightly added up or not. A row
        with more texts is where two rows or more add up to all its figures.

        Parameters
        ----------
        row
            The row, counted from 0.
        alone
            Whether it holds a single text.
        """
        children = self._children(row)
        if not children:
            return False
        said = {c: a for c in self.numeric if (a := self._amount(row, c)) is not None}
        equal = {c for c, a in said.items() if a and self._sum(children, c) == a}
        is_added = bool(said) and said.keys() <= self.summable
        if not alone:
            return len(children) > 1 and is_added and said.keys() == equal
        if equal:
            return True
        given = [c for c in said if any(self._amount(r, c) is not None for r in children)]
        return is_added and row in self.parents and len(given) == len(said)

    def sums_all(self, row: int) -> bool:
        """Whether all counts, scores and money of a row are the sums of all other rows'."""
        others = [r for r in range(self.grid.height) if r != row and self._is_data(r)]
        said = {c: a for c in self.summable if (a := self._amount(row, c)) is not None}
        if len(others) < 2 or not any(said.values()):
            return False
        return all(self._sum(others, c) == a for c, a in said.items())

    def _is_data(self, row: int) -> bool:
        filled = [c for c in self.lines.required if is_filled(self._cell(row, c))]
        return filled == self.lines.required and not self._is_total(row)

    def _children(self, row: int) -> list[int]:
        """Rows on the next level below a row, down to the next one on its own level or a total."""
        below: list[int] = []
        for other in range(row + 1, self.grid.height):
            if self.ranks[other] <= self.ranks[row] or self._is_total(other):
                break
            below.append(other)
        nearest = min((self.ranks[other] for other in below), default=0)
        return [other for other in below if self.ranks[other] == nearest]

    @property
    def _pairs(self) -> list[tuple[int, int]]:
        """Numbered rows, each with the next."""
        return list(
            pairwise(r for r, rank in enumerate(self.ranks) if rank != row_words.UNNUMBERED)
        )

    @cached_property
    def ranks(self) -> Sequence[int]:
        """How high each row stands by its numbering: A, then I, then 1, then a."""
        if not self._is_nested:
            return [row_words.UNNUMBERED] * self.grid.height
        return [self._rank(row) for row in range(self.grid.height)]

    @cached_property
    def _is_nested(self) -> bool:
        """Whether something in front of the rows is numbered otherwise than 1, 2, 3."""
        if self.grid.height > _MOST_ROWS or not self.numeric:
            return False
        located = self.grid.located
        ordinals = {v for c in located.ordinals for v in self.grid.column(c)}
        words = {v for c in self._fronts for v in self.grid.column(c) if isinstance(v, str)}
        ranks = {row_words.section_rank(word) for word in words}
        ranks |= {row_words.section_rank("", _as_text(v)) for v in ordinals if is_filled(v)}
        return not ranks <= {_PLAIN, row_words.UNNUMBERED}

    @cached_property
    def _fronts(self) -> list[int]:
        """Columns whose texts may begin with a number."""
        first = self.lines.columns[:1]
        return sorted({*first, *self.lines.required, *(c - 1 for c in first if c > 1)})

    def _rank(self, row: int) -> int:
        ordinal = self.lines.ordinal(row)
        if ordinal:
            return row_words.section_rank("", ordinal)
        shown, number = self.grid.texts.shown, self.grid.number(row)
        texts = (shown(number, c) for c in self._fronts if isinstance(self._cell(row, c), str))
        return min(map(row_words.section_rank, texts), default=row_words.UNNUMBERED)

    def _is_total(self, row: int) -> bool:
        return any(row_words.is_total(text) for _, text in self.grid.texts_in(row))

    def _cell(self, row: int, column: int) -> Value:
        return self.grid.column(column)[row]

    def _sum(self, rows: Sequence[int], column: int) -> Amount:
        amounts = (self._amount(row, column) for row in rows)
        return sum((amount for amount in amounts if amount is not None), start=Decimal(0))

    def _amount(self, row: int, column: int) -> Amount | None:
        """Number in a cell, also one typed as text."""
        value = self._cell(row, column)
        if isinstance(value, str):
            return parse(value, "number").value if value.strip() else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        found = exact(float(value), 1)
        return found if isinstance(found, (int, Decimal)) else None


def _as_text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
