"""The sheet that looks like the printed form: A4 landscape, merged headings, signatures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from thidua_analysis.indicators.lineage import Number
from thidua_analysis.messages import text
from thidua_analysis.publish.official_forms.filled import Cell, Filled, PlacedLine
from thidua_analysis.publish.official_forms.headings import blocks
from thidua_analysis.publish.official_forms.layout import Lead
from thidua_analysis.publish.official_forms.under import check_lines, note_lines
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.units import Bound

FONT = "Times New Roman"
_A4 = 9
_LINE = 14.0
#: Letters of the form's font in one unit of column width.
_LETTERS = 1.1
_COUNT, _RATIO = "#,##0", "0.00%"


class Sheet:
    """A worksheet with the form's formats and a row at which it is being written."""

    def __init__(self, book: Any, form: Filled, lang: Lang) -> None:
        self.form, self.lang = form, lang
        self.sheet = book.add_worksheet(form.layout.sheet)
        self.row = 0
        self._book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.widths = [lead.width for lead in form.layout.leads]
        self.widths += [column.source.width for column in form.columns]

    @property
    def last(self) -> int:
        """Index of the last column."""
        return len(self.widths) - 1

    def format(self, **words: Any) -> Any:
        """Return a format, made once."""
        base = {"font_name": FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
        key = tuple(sorted({**base, **words}.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(dict(key))
        return self._formats[key]

    def put(
        self, left: int, right: int, content: str, bottom: int | None = None, **words: Any
    ) -> None:
        """Write text over some columns, down to a row."""
        style = self.format(**words)
        bottom = self.row if bottom is None else bottom
        if left == right and bottom == self.row:
            self.sheet.write_string(self.row, left, content, style)
        else:
            self.sheet.merge_range(self.row, left, bottom, right, "", style)
            self.sheet.write_string(self.row, left, content, style)

    def lines(self, content: str, left: int, right: int, size: float = 11) -> int:
        """Return how many lines a text takes over some columns."""
        letters = max(1, int(sum(self.widths[left : right + 1]) * _LETTERS * 11 / size))
        return sum(len(textwrap.wrap(part, letters)) or 1 for part in content.split("\n"))

    def next(self, lines: float = 1) -> None:
        """Go on to the next row; this one is so many lines high."""
        self.sheet.set_row(self.row, lines * _LINE + 3)
        self.row += 1


def add(book: Any, form: Filled, lang: Lang) -> None:
    """Add the printed form to a workbook."""
    sheet = Sheet(book, form, lang)
    for at, width in enumerate(sheet.widths):
        sheet.sheet.set_column(at, at, width)
    _head(sheet)
    first = sheet.row
    _headings(sheet)
    _numbers(sheet)
    sheet.sheet.repeat_rows(first, sheet.row - 1)
    for line in form.lines:
        _line(sheet, line)
    _signatures(sheet)
    _under(sheet)
    _page(sheet)


def _head(sheet: Sheet) -> None:
    """Write number and circular on the left, the title in the middle, who reports on the right."""
    form, lang = sheet.form, sheet.lang
    left, right = _thirds(sheet.widths)
    unit = text("official-reporting-unit", lang, unit=form.unit)
    ours = [part.replace("{unit}", unit) for part in form.layout.head]
    theirs = [] if any("{unit}" in part for part in form.layout.head) else [unit]
    theirs += [text("official-recipient", lang)] if form.layout.recipient else []
    middle = [form.layout.title, text("official-year", lang, year=form.year)]
    middle += [text("official-illustrative-mark", lang)] if form.illustrative else []
    for at in range(max(len(ours), len(theirs), len(middle))):
        shown = [part[at] if at < len(part) else "" for part in (ours, middle, theirs)]
        spans = ((0, left), (left + 1, right - 1), (right, sheet.last))
        sheet.put(*spans[0], shown[0], align="left", bold=at == 0)
        size = 13 if at == 0 else 11
        sheet.put(*spans[1], shown[1], align="center", bold=at < 2, italic=at > 1, font_size=size)
        sheet.put(*spans[2], shown[2], align="left")
        sizes = zip(shown, spans, (11, size, 11), strict=True)
        sheet.next(max(sheet.lines(t, *span, size=s) * s / 11 for t, span, s in sizes))
    sheet.put(0, sheet.last, unit_line(sheet.form, sheet.lang), align="right", italic=True)
    sheet.next()


def _thirds(widths: Sequence[float]) -> tuple[int, int]:
    """Return the last column of the left block and the first of the right block."""
    total, reached, ends = sum(widths), 0.0, []
    for width in widths:
        reached += width
        ends.append(reached / total)
    left = next(at for at, end in enumerate(ends) if end >= 0.24)
    right = next(at for at, end in enumerate(ends) if end > 0.70)
    return left, max(right, left + 2)


def unit_line(form: Filled, lang: Lang) -> str:
    """Return what the figures count."""
    if form.layout.unit_line or not form.counted_as:
        return form.layout.unit_line or ""
    counted = form.counted_as[0] if len(form.counted_as) == 1 else "mixed"
    return text(f"official-counted-{counted}", lang)


def _headings(sheet: Sheet) -> None:
    form = sheet.form
    depth = form.layout.depth
    paths = [(lead.heading,) for lead in form.layout.leads]
    found = list(blocks([*paths, *(column.path for column in form.columns)], depth))
    top = sheet.row
    for block in found:
        sheet.row = top + block.top
        words = {"align": "center", "border": 1, "bold": True}
        sheet.put(block.left, block.right, block.text, top + block.bottom, **words)
    sheet.row = top
    for height in _heights(sheet, found, depth):
        sheet.next(height)


def _heights(sheet: Sheet, found: Sequence[Any], depth: int) -> list[int]:
    """Lines of each heading row: the lowest row gives way to headings over several rows."""
    needed = [1] * depth
    for block in sorted(found, key=lambda block: block.bottom - block.top):
        # headings are bold: fewer letters fit
        lines = sheet.lines(block.text, block.left, block.right, size=12)
        missing = lines - sum(needed[block.top : block.bottom + 1])
        needed[block.bottom] += max(0, missing)
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


def _line(sheet: Sheet, line: PlacedLine) -> None:
    words = {"border": 1, "bold": line.source.bold, "italic": line.source.italic}
    if line.code is None:
        sheet.put(0, 0, line.printed, align="left", **words)
        for at in range(1, sheet.last + 1):
            sheet.sheet.write_blank(sheet.row, at, None, sheet.format(**words))
        return sheet.next(sheet.lines(line.label, 0, 0, size=12))
    leads = sheet.form.layout.leads
    height = 1
    for at, lead in enumerate(leads if not line.source.unnumbered else ()):
        content = _lead(line, lead)
        left = {"align": "left", "indent": line.source.level} if lead.holds == "label" else {}
        sheet.put(at, at, content, **{**words, "align": "center", **left})
        height = max(height, sheet.lines(content, at, at, size=12))
    if line.source.unnumbered:
        sheet.put(0, len(leads) - 1, line.label, **{**words, "align": "center"})
    for at, cell in enumerate(sheet.form.of_line(line), start=len(leads)):
        _figure(sheet, at, cell, words)
    return sheet.next(height)


def _lead(line: PlacedLine, lead: Lead) -> str:
    if lead.holds == "unit":
        return line.unit
    return line.printed if lead.holds == "label" else line.number


def _figure(sheet: Sheet, at: int, cell: Cell, words: dict[str, Any]) -> None:
    """Write a figure with its qualifier; an empty cell stays empty."""
    column = sheet.form.columns[at - len(sheet.form.layout.leads)]
    ratio = column.source.ratio is not None
    shown = number_format(cell.bound, sheet.lang, ratio=ratio)
    style = sheet.format(**{**words, "align": "right", "num_format": shown})
    if cell.value is None:
        sheet.sheet.write_blank(sheet.row, at, None, style)
    else:
        sheet.sheet.write_number(sheet.row, at, number(cell.value, ratio=ratio), style)


def number(value: Number, *, ratio: bool) -> float:
    """Return a figure for a spreadsheet; a ratio is rounded half up to two decimals of percent."""
    return float(Fraction(display.rounded(value, 2)) / 100) if ratio else float(value)


def number_format(bound: Bound | None, lang: Lang, *, ratio: bool) -> str:
    """Return a number format; the word of a qualifier belongs to it ("trên 2.000")."""
    word = display.bounded("", bound, lang)
    return (f'"{word}"' if word else "") + (_RATIO if ratio else _COUNT)


def _signatures(sheet: Sheet) -> None:
    signatures = sheet.form.layout.signatures
    if not signatures:
        return
    sheet.next(0.5)
    middle, _ = _middle(sheet.widths)
    spans = ((0, middle), (middle + 1, sheet.last))
    date = text("official-date-line", sheet.lang)
    for content, words in _signed(date, signatures):
        for span, shown in zip(spans, content, strict=True):
            sheet.put(*span, shown, align="center", **words)
        sheet.next()
    for _ in range(3):
        sheet.next()


def _signed(date: str, signatures: Sequence[Any]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    yield ["", date], {"italic": True}
    yield [one.title for one in signatures], {"bold": True}
    yield [one.hint for one in signatures], {"italic": True}


def _middle(widths: Sequence[float]) -> tuple[int, float]:
    """Return the last column of the left half."""
    half, reached = sum(widths) / 2, 0.0
    for at, width in enumerate(widths):
        reached += width
        if reached >= half:
            return max(0, at - 1) if at else 0, reached
    return len(widths) - 1, reached


def _under(sheet: Sheet) -> None:
    """Write notes and checks; they are no part of the official form."""
    for key, lines in (
        ("official-notes", note_lines(sheet.form)),
        ("official-checks", check_lines(sheet.form, sheet.lang)),
    ):
        if not lines:
            continue
        sheet.put(0, sheet.last, text(key, sheet.lang) + ":", align="left", bold=True)
        sheet.next()
        for line in lines:
            sheet.put(0, sheet.last, line, align="left", font_size=10)
            sheet.next(sheet.lines(line, 0, sheet.last, size=10) * 10 / 11)


def _page(sheet: Sheet) -> None:
    page = sheet.sheet
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.center_horizontally()
    page.fit_to_pages(1, 0)
    page.print_area(0, 0, sheet.row - 1, sheet.last)
    page.set_footer("&R&8&P/&N")
    page.hide_gridlines(0)
