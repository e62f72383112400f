"""A worksheet that is written from the top: formats, merged texts, and how high its rows are."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from thidua_analysis.csv_text import is_risky
from thidua_analysis.indicators.figure import Number
from thidua_analysis.official.filled import Filled
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.units import Bound

FONT = "Times New Roman"
SIZE = 11
#: Points of one line of text of this size.
_LINE = 14.0
#: Letters of this size in one unit of column width; fonts that stand in for Times are wider.
_LETTERS = 1.05
#: Width of a bold digit in units of column width; stand-ins for Times are wider.
_DIGIT = 1.15
_COUNT, _RATIO = "#,##0", "0.00%"


class Sheet:
    """A worksheet, the form that is written to it, and the row that is being written."""

    def __init__(self, book: Any, form: Filled, lang: Lang, stretch: float = 1.0) -> None:
        self.form, self.lang = form, lang
        self.sheet = book.add_worksheet(form.layout.sheet)
        self.row = 0
        #: points written so far
        self.height = 0.0
        self._book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.widths = [lead.width for lead in form.layout.leads]
        self.widths += [column.source.width for column in form.columns]
        shown = [0] * len(form.layout.leads) + _longest(form, lang)
        self.widths = [
            round(max(width * stretch, letters * _DIGIT + 1.5), 1)
            for width, letters in zip(self.widths, shown, strict=True)
        ]
        for at, width in enumerate(self.widths):
            self.sheet.set_column(at, at, width)

    @property
    def last(self) -> int:
        """Index of the last column."""
        return len(self.widths) - 1

    @property
    def width(self) -> float:
        """Width of all columns in points: one of width w is 7w + 5 pixels wide."""
        return sum((7 * width + 5) * 0.75 for width in self.widths)

    def format(self, **words: Any) -> Any:
        """Return a format, made once."""
        base = {"font_name": FONT, "font_size": SIZE, "valign": "vcenter", "text_wrap": True}
        key = tuple(sorted({**base, **words}.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(dict(key))
        return self._formats[key]

    def put(
        self, left: int, right: int, content: str, *, down_to: int | None = None, **words: Any
    ) -> None:
        """Write text over some columns, from this row down to another."""
        # the prefix keeps the text a text when somebody edits the cell
        style = self.format(**words, **({"quote_prefix": True} if is_risky(content) else {}))
        bottom = self.row if down_to is None else down_to
        if left != right or bottom != self.row:
            self.sheet.merge_range(self.row, left, bottom, right, "", style)
        self.sheet.write_string(self.row, left, content, style)

    def lines(self, content: str, left: int, right: int, size: float = SIZE) -> float:
        """Return the height of a text over some columns, in lines of the usual size."""
        return lines(content, sum(self.widths[left : right + 1]), size)

    def next(self, height: float = 1) -> None:
        """Go on to the next row; this one is so many lines high."""
        points = height * _LINE + 3
        self.sheet.set_row(self.row, points)
        self.height += points
        self.row += 1


def _longest(form: Filled, lang: Lang) -> list[int]:
    """Letters of the longest figure of each column, as it is shown."""
    longest = []
    for column in form.columns:
        ratio = column.source.ratio is not None
        cells = [cell for (_, name), cell in form.cells.items() if name == column.id]
        shown = [
            len(display.bounded("", cell.bound, lang))
            + (len("100.00%") if ratio else len(f"{cell.value:,}"))
            for cell in cells
            if cell.value is not None
        ]
        longest.append(max(shown, default=0))
    return longest


def lines(content: str, width: float, size: float = SIZE) -> float:
    """Return the height of a wrapped text in lines of the usual size.

    Parameters
    ----------
    content
        The text.
    width
        Width of its cell, in units of a column.
    size
        Size of its letters, in points.
    """
    letters = max(1, int(width * _LETTERS * SIZE / size))
    return (len(textwrap.wrap(content, letters)) or 1) * size / SIZE


def spanned(widths: Sequence[float], share: float) -> int:
    """Return the first column that reaches a share of the width of all columns."""
    total, reached = sum(widths), 0.0
    for at, width in enumerate(widths):
        reached += width
        if reached >= share * total:
            return at
    return len(widths) - 1


def number(value: Number, *, ratio: bool) -> float:
    """Return a figure for a spreadsheet; a ratio is rounded half up to two decimals of percent."""
    return float(Fraction(display.rounded(value, 2)) / 100) if ratio else float(value)


def number_format(bound: Bound | None, lang: Lang, *, ratio: bool) -> str:
    """Return a number format; the word of a qualifier belongs to it ("trên 2.000")."""
    word = display.bounded("", bound, lang)
    return (f'"{word}"' if word else "") + (_RATIO if ratio else _COUNT)
