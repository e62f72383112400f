"""The worksheet of a printed form, written from the top, with its title and merged headings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from thidua_analysis.csv_text import is_risky
from thidua_analysis.indicators.figure import Number
from thidua_analysis.messages import text
from thidua_analysis.official.fill import Filled
from thidua_analysis.official.layout import ABOVE
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.quantities import Bound

FONT = "Times New Roman"
SIZE = 11
#: Points of one line of text of this size.
_LINE = 14.0
#: Letters of this size in one unit of column width; fonts that stand in for Times are wider.
_LETTERS = 1.05
#: Width of a bold digit in units of column width; stand-ins for Times are wider.
_DIGIT = 1.15
A4 = 9
#: Height of an A4 page in landscape to its width, inside its margins.
_PAGE = (210 - 2 * 0.6 * 25.4) / (297 - 2 * 0.5 * 25.4)
_COUNT, _RATIO = "#,##0", "0.00%"
#: Where the left block of the title ends and the right one begins, as shares of the width.
_LEFT, _RIGHT = 0.22, 0.72
_TITLE = 13
#: Headings are bold: they take the room of larger letters.
_BOLD = 12.5


class Formats:
    """The formats of the cells of a workbook, each made once."""

    def __init__(self, book: Any, **base: Any) -> None:
        self._book, self._made = book, dict[tuple[tuple[str, Any], ...], Any]()
        self._base = {"font_name": FONT, "font_size": SIZE, "text_wrap": True, **base}

    def __call__(self, **words: Any) -> Any:
        """Return a format; the words are those of xlsxwriter."""
        key = tuple(sorted({**self._base, **words}.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]


class Sheet:
    """A worksheet, the form that is written to it, and the row that is being written."""

    def __init__(self, book: Any, form: Filled, lang: Lang, stretch: float = 1.0) -> None:
        self.form, self.lang = form, lang
        self.sheet = book.add_worksheet(form.layout.sheet)
        self.row = 0
        #: points written so far
        self.height = 0.0
        self.format = Formats(book, valign="vcenter")
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

    @property
    def fits_on_a_page(self) -> bool:
        """Whether what was written fits on one page in landscape when its width does."""
        return self.height <= self.width * _PAGE

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
    longest = {column.id: 0 for column in form.columns}
    ratios = {column.id for column in form.columns if column.is_ratio}
    for cell in form.cells.values():
        if cell.value is not None:
            shown = "100.00%" if cell.column in ratios else f"{cell.value:,}"
            letters = len(display.bounded("", cell.bound, lang) + shown)
            longest[cell.column] = max(longest[cell.column], letters)
    return list(longest.values())


def lines(content: str, width: float, size: float = SIZE) -> float:
    """Return the height of a wrapped text in lines of the usual size.

    The width is that of its cell, in units of a column, the size that of its letters, in points.
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


@dataclass(frozen=True, slots=True)
class Block:
    """A heading over some rows and columns, both counted from 0 and both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


def blocks(paths: Sequence[Sequence[str]], depth: int) -> Iterator[Block]:
    """Yield the headings of columns in so many rows, from those of each column from the top.

    ``^`` continues the one above, and so does the rest of a path that is shorter than the depth.

    Examples
    --------
    >>> [b.text for b in blocks([("Tổng số",), ("Chia ra", "Nam"), ("Chia ra", "Nữ")], 2)]
    ['Tổng số', 'Chia ra', 'Nam', 'Nữ']
    """
    full = [tuple(path) + (ABOVE,) * (depth - len(path)) for path in paths]
    for left, path in enumerate(full):
        for top, heading in enumerate(path):
            if heading == ABOVE:
                continue
            bottom = top
            while bottom + 1 < depth and path[bottom + 1] == ABOVE:
                bottom += 1
            same = path[: bottom + 1]
            if left and full[left - 1][: bottom + 1] == same and top < depth - 1:
                continue
            right = left
            while (
                top < depth - 1 and right + 1 < len(full) and full[right + 1][: bottom + 1] == same
            ):
                right += 1
            yield Block(top, left, bottom, right, heading)


def add_head(sheet: Sheet) -> int:
    """Write the top of a form and return the first row of its headings."""
    _title_block(sheet)
    first = sheet.row
    _headings(sheet)
    _numbers(sheet)
    return first


def _title_block(sheet: Sheet) -> None:
    """Write number and circular on the left, the title in the middle, who reports on the right.

    The title and the name of who reports stand over two rows.
    """
    form, lang = sheet.form, sheet.lang
    left = spanned(sheet.widths, _LEFT)
    right = max(spanned(sheet.widths, _RIGHT), left + 2)
    unit = text("official-reporting-unit", lang, unit=form.unit)
    ours = list(form.layout.head) or [unit]
    theirs = [unit if form.layout.head else ""]
    theirs += [text("official-recipient", lang)] if form.layout.recipient else []
    middle = [form.layout.title, text("official-year", lang, year=form.year)]
    middle += [text("official-illustrative-mark", lang)] if form.illustrative else []
    top = sheet.row
    two = max(
        sheet.lines(middle[0], left + 1, right - 1, _TITLE + 1),
        sheet.lines(theirs[0], right, sheet.last),
        sheet.lines(ours[0], 0, left) if len(ours) == 1 else 2.0,
    )
    _column(sheet, top, (0, left), ours, over_two=len(ours) == 1, align="left")
    _column(sheet, top, (left + 1, right - 1), middle, over_two=True, align="center")
    _column(sheet, top, (right, sheet.last), theirs, over_two=True, align="left")
    sheet.row = top
    ends = (len(ours) - 1 if len(ours) > 1 else 1, len(middle), len(theirs))
    for at in range(max(ends) + 1):
        third = ours[at] if at < len(ours) else ""
        sheet.next(max(two / 2 if at < 2 else 1, sheet.lines(third, 0, left)))
    sheet.put(0, sheet.last, unit_line(form, lang), align="right", italic=True)
    sheet.next()


def _column(
    sheet: Sheet,
    top: int,
    span: tuple[int, int],
    texts: Sequence[str],
    *,
    over_two: bool,
    align: str,
) -> None:
    """Write one block of the title: its first text is bold, and stands over two rows if asked."""
    sheet.row = top
    for at, content in enumerate(texts):
        first = at == 0
        words: dict[str, Any] = {
            "align": align,
            "bold": first or align == "center",
            "valign": "top",
        }
        if align == "center":
            words |= {"font_size": _TITLE if first else 11, "italic": at > 1, "bold": at < 2}
        else:
            words["indent"] = int(span[0] > 0)
        bottom = sheet.row + 1 if first and over_two else sheet.row
        sheet.put(*span, content, down_to=bottom, **words)
        sheet.row = bottom + 1


def unit_line(form: Filled, lang: Lang) -> str:
    """Return what the figures count."""
    if form.layout.unit_line or not form.counted_as:
        return form.layout.unit_line or ""
    counted = form.counted_as[0] if len(form.counted_as) == 1 else "mixed"
    return text(f"official-counted-{counted}", lang)


def _headings(sheet: Sheet) -> None:
    form, top = sheet.form, sheet.row
    depth = form.layout.depth
    paths = [(lead.heading,) for lead in form.layout.leads]
    found = list(blocks([*paths, *(column.path for column in form.columns)], depth))
    for block in found:
        sheet.row = top + block.top
        words = {"align": "center", "border": 1, "bold": True}
        sheet.put(block.left, block.right, block.text, down_to=top + block.bottom, **words)
    sheet.row = top
    for height in _heights(sheet, found, depth):
        sheet.next(height)


def _heights(sheet: Sheet, found: Sequence[Block], depth: int) -> list[float]:
    """Lines of each heading row: the lowest row gives way to headings over several rows."""
    needed = [1.0] * depth
    for block in sorted(found, key=lambda block: block.bottom - block.top):
        lines = sheet.lines(block.text, block.left, block.right, _BOLD)
        missing = lines - sum(needed[block.top : block.bottom + 1])
        needed[block.bottom] += max(0.0, missing)
    return needed


def _numbers(sheet: Sheet) -> None:
    """Write the row ``A B C 1 2 3``."""
    names = [lead.number for lead in sheet.form.layout.leads]
    names += [column.number for column in sheet.form.columns]
    at = 0
    for name, same in groupby(names):
        right = at + len(list(same)) - 1
        sheet.put(at, right, name, align="center", border=1, italic=True, font_size=10)
        at = right + 1
    sheet.next()
