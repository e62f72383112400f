"""The workbook of an official form: the sheet as printed, which fills its paper, and plain ones."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from thidua_analysis.findings import UsageError, refusal
from thidua_analysis.indicators.figure import Number
from thidua_analysis.messages import text
from thidua_analysis.official.crosscheck import check_lines
from thidua_analysis.official.fill import Cell, Filled, PlacedLine
from thidua_analysis.official.form_sheet import (
    FONT,
    Formats,
    Sheet,
    add_head,
    number,
    number_format,
    spanned,
    unit_line,
)
from thidua_analysis.official.layout import (
    A3,
    A4,
    A4_UPRIGHT,
    ABOVE,
    SIZES,
    Paper,
    points,
    set_up,
    wrapped,
)
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import Lang, is_risky

_MARKS = {
    "not-asked": "[h]",
    "not-applicable": "[z]",
    "no-rows": "[k]",
    "blank": "[t]",
    "mixed": "[m]",
    "no-whole": "[c]",
}
_NONE = "–"
#: Letters of the plain sheets and the points of a line of them.
_PLAIN, _PLAIN_LINE = 12, 15.5
#: What of a column the bold letters of its heading have; the widths that figures may have, and
#: the most lines of a heading.
_BOLD, _FIGURES, _HIGHEST = 0.87, (9.0, 10.5, 12.0, 14.0, 16.0, 18.0, 20.0), 13


class PlainSheets:
    """The sheets ``Số liệu`` and ``Ghi chú`` of a workbook: no fills, text wraps."""

    def __init__(self, book: Any, form: Filled, lang: Lang) -> None:
        self._book, self._form, self._lang = book, form, lang
        self._format = Formats(book, valign="top", border=1, font_size=_PLAIN)
        self._title = text("official-plain-title", lang, title=form.layout.title, year=form.year)
        self._add_figures()
        self._add_notes()

    def _add_figures(self) -> None:
        """Add the sheet of figures: code, row, unit, one column a column of the form, notes."""
        form, lang = self._form, self._lang
        about = {"sheet": form.layout.sheet, "rows": len(form.coded), "unit": unit_line(form, lang)}
        above = [text("official-plain-about", lang, **about)]
        used = dict.fromkeys(cell.empty for cell in form.cells.values() if cell.empty)
        if marks := "; ".join(text(f"official-mark-{reason}", lang) for reason in used):
            above.append(text("official-plain-legend", lang, marks=marks))
        units = any(line.unit for line in form.coded)
        heads = list(self._heads(units=units))
        texts, notes = [6, 38, 10] if units else [6, 38], 14
        figures_of = len(heads) - len(texts) - 1
        own = heads[len(texts) : -1]
        paper, each, pages = _wide(points([*texts, notes]), points(texts[:2]), own)
        widths = [*texts, *[each] * figures_of, notes]
        sheet, top = self._sheet(text("official-plain-sheet", lang), above, paper)
        for at, line in enumerate(form.coded, start=top + 1):
            # without what stands above it "Thường xuyên" says too little
            written = [line.number or _NONE, " – ".join((*line.section, line.label))]
            written += [line.unit or _NONE] if units else []
            noted = {len(heads) - 1: self._notes_of(line)}
            self._texts(sheet, at, dict(enumerate(written)) | noted, widths)
            figures = list(form.of_line(line))
            values = [(cell, cell.value) for cell in figures]
            if form.layout.counts == "distinct":
                values += [(cell, cell.reported) for cell in figures]
            for column, (cell, value) in enumerate(values, start=len(written)):
                self._figure(sheet, (at, column), cell, value)
        self._table(sheet, top, heads, len(form.coded), "figures", widths)
        sheet.repeat_columns(0, 1)
        sheet.fit_to_pages(pages, 0)

    def _heads(self, *, units: bool) -> Iterator[str]:
        yield from (text(f"official-head-{name}", self._lang) for name in ("code", "label"))
        if units:
            yield text("official-head-unit", self._lang)
        passed_over = ("", ABOVE, *self._form.layout.generic)
        names = []
        for column in self._form.columns:  # the number and all headings, which no other has
            path = " – ".join(part for part in column.path if part not in passed_over)
            names.append(f"{column.number}. {path}")
        yield from names
        if self._form.layout.counts == "distinct":
            for name in names:
                yield text("official-head-reported", self._lang, column=name)
        yield text("official-head-notes", self._lang)

    def _figure(self, sheet: Any, at: tuple[int, int], cell: Cell, value: Number | None) -> None:
        """Write a figure, or the mark that says why there is none."""
        if value is None:
            style = self._format(align="right", num_format="General")
            sheet.write_string(*at, _MARKS[cell.empty or "no-rows"], style)
            return
        ratio = any(c.is_ratio for c in self._form.columns if c.id == cell.column)
        shown = number_format(cell.bound, self._lang, ratio=ratio)
        style = self._format(align="right", num_format=shown)
        sheet.write_number(*at, number(value, ratio=ratio), style)

    def _notes_of(self, line: PlacedLine) -> str:
        """Return the notes that name a cell of a line."""
        named = [
            text("official-note-mark", self._lang, n=n)
            for n, note in enumerate(self._form.notes, start=1)
            if any(row == line.code for row, _ in note.cells)
        ]
        return ", ".join(named) or _NONE

    def _add_notes(self) -> None:
        """Add the sheet of notes and checks."""
        form, lang = self._form, self._lang
        about = text("official-notes-about", lang, sheet=form.layout.sheet)
        sheet, top = self._sheet(text("official-notes-sheet", lang), [about], A4_UPRIGHT)
        told = [
            (text("official-note-mark", lang, n=n), text("official-notes", lang), note.text)
            for n, note in enumerate(form.notes, start=1)
        ]
        checked = text("official-checks", lang)
        told += [(f"{checked} {n}", checked, t) for n, t in enumerate(check_lines(form, lang), 1)]
        widths = (14, 12, 68)
        for at, words in enumerate(told, start=top + 1):
            self._texts(sheet, at, dict(enumerate(words)), widths)
        heads = [text(f"official-head-{name}", lang) for name in ("mark", "kind", "text")]
        self._table(sheet, top, heads, len(told), "notes", widths)
        sheet.fit_to_pages(1, 0)

    def _sheet(self, name: str, above: Sequence[str], paper: Paper) -> tuple[Any, int]:
        """Add a sheet with its title and what must be said above its table; return it and its row.

        No cell is merged: what is longer than the paper is wide goes on in the next row.
        """
        sheet = self._book.add_worksheet(name)
        set_up(sheet, paper, self._lang)
        plain, width, row = {"font_name": FONT}, paper.width / 7, 0
        title = self._book.add_format({**plain, "font_size": 14, "bold": True})
        about = self._book.add_format({**plain, "font_size": _PLAIN})
        told = [(self._title, 15.5, title), *((one, _PLAIN, about) for one in above)]
        for words, size, style in told:
            for line in wrapped(words, width, size):
                sheet.write_string(row, 0, line, style)
                row += 1
        return sheet, row + 1

    def _texts(
        self, sheet: Any, at: int, words: Mapping[int, str], widths: Sequence[float], **style: Any
    ) -> None:
        """Write the texts of a row by their columns; it is as high as the longest of them."""
        for column, word in words.items():
            # the prefix keeps the text a text when somebody edits the cell
            more: dict[str, Any] = {"quote_prefix": True} if is_risky(word) and not style else {}
            # the last column keeps clear of the figures before it
            more |= {"align": "left", "indent": 1} if column == len(widths) - 1 else {}
            sheet.write_string(at, column, word, self._format(**style, **more))
        tallest = max(len(wrapped(w, widths[c] * 0.95, _PLAIN)) for c, w in words.items())
        sheet.set_row(at, tallest * _PLAIN_LINE + 3)

    def _table(
        self, sheet: Any, top: int, heads: Sequence[str], rows: int, name: str,
        widths: Sequence[float],
    ) -> None:  # fmt: skip
        """Mark what was written as a table; it has no filter and no fill."""
        bold = self._format(bold=True)
        options = {
            "name": name,
            "style": None,
            "autofilter": False,
            "banded_rows": False,
            "columns": [{"header": head, "header_format": bold} for head in heads],
        }
        narrower = [width * _BOLD / 0.95 for width in widths]
        self._texts(sheet, top, dict(enumerate(heads)), narrower, bold=True)
        sheet.repeat_rows(top)
        sheet.add_table(top, 0, top + rows, len(heads) - 1, options)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)


def _wide(texts: float, repeated: float, heads: Sequence[str]) -> tuple[Paper, float, int]:
    """Return the paper of a plain table, the width of its figures, and how many pages wide it is.

    The columns of text and those repeated on each page are so many points wide; no heading of the
    figures takes more lines than a person reads in a column.
    """
    fitting = (w for w in _FIGURES if max(_lines(head, w) for head in heads) <= _HIGHEST)
    least = next(fitting, _FIGURES[-1])
    for paper, narrowest in ((A4, 10.5), (A3, 9.0)):
        # letters of 12 points may be printed a little smaller
        each = ((paper.width * 1.07 - texts) / len(heads) / 0.75 - 5) / 7
        if each >= max(least, narrowest):
            return paper, max(min(math.floor(each * 10) / 10, 14.0), least), 1
    wide = texts + len(heads) * points([least])
    return A3, least, math.ceil((wide - repeated) / (A3.width - repeated))


def _lines(head: str, width: float) -> int:
    return len(wrapped(head, width * _BOLD, _PLAIN))


#: Papers that are tried; offices print a form that is too wide for A4 on A3.
_PAPERS = ((A4, A4_UPRIGHT), (A3,))
#: A row of the form is at most so many points higher than its text, to fill the page.
_ROOMIEST = 9.0
#: Rows left free for a signature.
_SIGNING = 3
#: Text from submissions stays text, whatever it begins with.
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    # widths of columns are told in its digits: of this font all programs know a like one
    "default_format_properties": {"font_name": "Arial", "font_size": 9},
}
#: The same data give the same bytes: no time of writing.
_NO_TIME = dt.datetime(1980, 1, 1)


def _add(book: Any, form: Filled, lang: Lang) -> None:
    """Add the printed form to a workbook: with its signatures, on one page where it fits."""
    paper, size, roomier = _laid_out(form, lang)
    sheet = Sheet(book, form, lang, paper, size, roomier)
    headings = _form(sheet)
    page = sheet.sheet
    set_up(page, paper, lang)
    page.center_horizontally()
    page.print_area(0, 0, sheet.row - 1, sheet.last)
    page.hide_gridlines(2)
    page.fit_to_pages(1, int(sheet.fits_on_a_page))
    if not sheet.fits_on_a_page:
        page.repeat_rows(*headings)


def _form(sheet: Sheet) -> tuple[int, int]:
    """Write the form itself and return the first and last row of its headings."""
    first = add_head(sheet)
    last = sheet.row - 1
    for line in sheet.form.lines:
        _line(sheet, line)
    _signatures(sheet)
    return first, last


def _laid_out(form: Filled, lang: Lang) -> tuple[Paper, int, float]:
    """Return the paper and the size of letters with which the form fits on one page best.

    The third value is how much higher than their text its rows may be. A form that is too long
    for every paper goes on on the next page, of A4 if its columns have room there.
    """
    wide: list[tuple[Paper, int]] = []
    for papers in _PAPERS:
        for size in SIZES:
            for paper in papers:
                tried = Sheet(xlsxwriter.Workbook(BytesIO()), form, lang, paper, size)
                _form(tried)
                if tried.fits_on_a_page:
                    left = paper.height - tried.height
                    return paper, size, min(_ROOMIEST, left // len(form.lines))
                wide += [(paper, size)] if tried.is_wide_enough else []
    return (*(wide[0] if wide else (A3, SIZES[-1])), 0.0)


def _line(sheet: Sheet, line: PlacedLine) -> None:
    words: dict[str, Any] = {"border": 1, "bold": line.source.bold, "italic": line.source.italic}
    leads = sheet.form.layout.leads
    if line.code is None:
        sheet.put(0, 0, line.printed, align="left", **words)
        for at in range(1, sheet.last + 1):
            sheet.sheet.write_blank(sheet.row, at, None, sheet.format(**words))
        return sheet.next(sheet.lines(line.label, 0, 0, 1.1), sheet.roomier)
    height = 1.0
    if line.source.unnumbered:
        sheet.put(0, len(leads) - 1, line.label, **{**words, "align": "center"})
        leads = ()
    texts = {"label": line.printed, "code": line.number, "unit": line.unit}
    for at, lead in enumerate(leads):
        content = texts[lead.holds]
        style: dict[str, Any] = {**words, "align": "center"}
        if lead.holds == "label":
            style |= {"align": "left", "indent": line.source.level}
        sheet.put(at, at, content, **style)
        height = max(height, sheet.lines(content, at, at, indent=style.get("indent", 0)))
    for at, cell in enumerate(sheet.form.of_line(line), start=len(sheet.form.layout.leads)):
        _figure(sheet, at, cell, words)
    return sheet.next(height, sheet.roomier)


def _figure(sheet: Sheet, at: int, cell: Cell, words: dict[str, Any]) -> None:
    """Write a figure with its qualifier; an empty cell stays empty."""
    column = sheet.form.columns[at - len(sheet.form.layout.leads)]
    ratio = column.is_ratio
    shown = number_format(cell.bound, sheet.lang, ratio=ratio)
    style = sheet.format(**{**words, "align": "center", "num_format": shown})
    if cell.value is None:
        sheet.sheet.write_blank(sheet.row, at, None, style)
    else:
        sheet.sheet.write_number(sheet.row, at, number(cell.value, ratio=ratio), style)


def _signatures(sheet: Sheet) -> None:
    signatures = sheet.form.layout.signatures
    if not signatures:
        return
    sheet.next(0.3)
    middle = spanned(sheet.widths[:-1], 0.5)
    spans = ((0, middle), (middle + 1, sheet.last))
    signed: tuple[tuple[list[str], dict[str, Any]], ...] = (
        (["", text("official-date-line", sheet.lang)], {"italic": True}),
        ([one.title for one in signatures], {"bold": True}),
        ([one.hint for one in signatures], {"italic": True}),
    )
    for content, words in signed:
        for span, shown in zip(spans, content, strict=True):
            sheet.put(*span, shown, align="center", **words)
        sheet.next()
    for _ in range(_SIGNING):
        sheet.next()


def write(form: Filled, folder: Path, lang: Lang) -> Path:
    """Write a form as ``0603N-2023.xlsx``; the language is that of texts not the form's own."""
    path = folder / f"{form.layout.file}-{form.year}.xlsx"
    content = BytesIO()
    book = xlsxwriter.Workbook(content, deepcopy(_OPTIONS))  # it writes into what it is given
    title = f"{form.layout.title} – {form.year}"
    book.set_properties({"title": title, "author": form.unit, "created": _NO_TIME})
    book.set_custom_property("Language", "vi-VN" if lang == "vi" else "en-GB")
    _add(book, form, lang)
    PlainSheets(book, form, lang)
    book.close()
    try:
        write_file(path, content.getvalue())
    except OSError as error:
        why = text(refusal(error) or "refused-other", lang)
        raise UsageError("file-refused", path=str(path), why=why) from error
    return path
