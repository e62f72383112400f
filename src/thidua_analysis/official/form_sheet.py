"""The worksheet of a printed form, written from the top, with its title and merged headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from thidua_analysis.indicators.figure import Number
from thidua_analysis.messages import text
from thidua_analysis.official.fill import Filled
from thidua_analysis.official.layout import ABOVE, UNIT, Paper, breadth, points, wrapped
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang, is_risky
from thidua_analysis.vietnamese.quantities import Bound

FONT = "Times New Roman"
#: Points of one line of text to the size of its letters.
_LEADING = 1.2
#: What a cell needs beside its text and a step of its indent, in units of column width.
_BESIDE, _INDENT = 1.0, 1.8
#: Share of a column that a text is sure to have, whatever stands in for Times.
_TIGHT = 0.98
#: Vietnamese separators wherever the program can choose them by the cell.
_VIETNAMESE, _COUNT, _RATIO = "[$-42A]", "#,##0", "0.00%"
#: Where the left block of the title ends and the right one begins, as shares of the width.
_LEFT, _RIGHT = 0.26, 0.7
#: The title is larger; headings are bold: they take the room of larger letters.
_TITLE, _BOLD = 1.15, 1.08


class Formats:
    """The formats of the cells of a workbook, each made once."""

    def __init__(self, book: Any, **base: Any) -> None:
        self._book, self._made = book, dict[tuple[tuple[str, Any], ...], Any]()
        self._base = {"font_name": FONT, "text_wrap": True, **base}

    def __call__(self, **words: Any) -> Any:
        """Return a format; the words are those of xlsxwriter."""
        key = tuple(sorted({**self._base, **words}.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]


class Sheet:
    """A worksheet, the form that is written to it, and the row that is being written.

    Its columns fill the width of a paper with letters of a size; ``roomier`` is what the rows of
    the form are higher than their text, in points.
    """

    def __init__(
        self, book: Any, form: Filled, lang: Lang, paper: Paper, size: int, roomier: float = 0.0
    ) -> None:
        self.form, self.lang, self.paper, self.size = form, lang, paper, size
        self.roomier = roomier
        self.sheet = book.add_worksheet(form.layout.sheet)
        self.row = 0
        #: points written so far
        self.height = 0.0
        self.format = Formats(book, valign="vcenter", font_size=size)
        self.widths = _widths(form, lang, paper, size)
        for at, width in enumerate(self.widths):
            self.sheet.set_column(at, at, width)

    @property
    def last(self) -> int:
        """Index of the last column."""
        return len(self.widths) - 1

    @property
    def is_wide_enough(self) -> bool:
        """Whether no word or figure is wider than its column."""
        return points(self.widths) <= self.paper.width + 1

    @property
    def fits_on_a_page(self) -> bool:
        """Whether what was written fits on one page as large as it is."""
        return self.is_wide_enough and self.height <= self.paper.height

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

    def lines(
        self, content: str, left: int, right: int, scale: float = 1.0, indent: int = 0
    ) -> float:
        """Return the height of a text over some columns, in lines of the usual size.

        The scale is that of its letters to the usual ones.
        """
        width = sum(self.widths[left : right + 1]) * _TIGHT - indent * _INDENT
        return len(wrapped(content, width, self.size * scale)) * scale

    def next(self, height: float = 1, roomier: float = 0.0) -> None:
        """Go on to the next row; this one is so many lines high, and some points more."""
        high = round(height * self.size * _LEADING + 2.4 + roomier)
        self.sheet.set_row(self.row, high)
        self.height += high
        self.row += 1


def _widths(form: Filled, lang: Lang, paper: Paper, size: int) -> list[float]:
    """Return the widths of the columns: those of the layout in proportion, on the whole paper.

    None is narrower than the longest word of its headings and its longest figure.
    """
    asked = [lead.width for lead in form.layout.leads]
    asked += [column.source.width for column in form.columns]
    shown = [0.0] * len(form.layout.leads) + _longest(form, lang)
    least = [
        round(max(figure, word) * _BOLD * size / UNIT + _BESIDE, 1)
        for figure, word in zip(shown, _longest_words(form), strict=True)
    ]
    share = 3.0
    while share > 0.3 and points(_at_least(asked, least, share)) > paper.width:
        share -= 0.01
    return _at_least(asked, least, share)


def _at_least(asked: Sequence[float], least: Sequence[float], share: float) -> list[float]:
    return [max(round(a * share, 1), b) for a, b in zip(asked, least, strict=True)]


def _longest_words(form: Filled) -> list[float]:
    """Width of the longest word in the headings that stand over one column alone."""
    paths = [
        *((lead.heading,) for lead in form.layout.leads),
        *(column.path for column in form.columns),
    ]
    longest = [breadth(lead.number) for lead in form.layout.leads]
    longest += [breadth(column.number) for column in form.columns]
    for block in blocks(paths, form.layout.depth):
        if block.left == block.right:
            words = [breadth(word) for word in block.text.split()]
            longest[block.left] = max([longest[block.left], *words])
    return longest


def _longest(form: Filled, lang: Lang) -> list[float]:
    """Width of the longest figure of each column, as it is shown."""
    longest = {column.id: 0.0 for column in form.columns}
    ratios = {column.id for column in form.columns if column.is_ratio}
    for cell in form.cells.values():
        if cell.value is not None:
            shown = "100.00%" if cell.column in ratios else f"{cell.value:,}"
            wide = breadth(display.bounded("", cell.bound, lang) + shown)
            longest[cell.column] = max(longest[cell.column], wide)
    return list(longest.values())


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
    return _VIETNAMESE + (f'"{word}"' if word else "") + (_RATIO if ratio else _COUNT)


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
        sheet.lines(middle[0], left + 1, right - 1, _TITLE * _BOLD),
        sheet.lines(theirs[0], right, sheet.last, _BOLD),
        sheet.lines(ours[0], 0, left, _BOLD) if len(ours) == 1 else 2.0,
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
            words |= {"italic": at > 1, "bold": at < 2}
            words |= {"font_size": round(sheet.size * _TITLE)} if first else {}
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
        sheet.put(at, right, name, align="center", border=1, italic=True)
        at = right + 1
    sheet.next()
