"""The workbook of an official form: the sheet as printed (A4 landscape) and a plain one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from thidua_analysis.csv_text import is_risky
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators.figure import Number
from thidua_analysis.messages import text
from thidua_analysis.official.crosscheck import check_lines, note_lines
from thidua_analysis.official.fill import Cell, Filled, PlacedLine
from thidua_analysis.official.form_sheet import (
    A4,
    FONT,
    Formats,
    Sheet,
    add_head,
    lines,
    number,
    number_format,
    spanned,
    unit_line,
)
from thidua_analysis.official.layout import ABOVE
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import Lang

_MARKS = {
    "not-asked": "[h]",
    "not-applicable": "[z]",
    "no-rows": "[k]",
    "blank": "[t]",
    "mixed": "[m]",
    "no-whole": "[c]",
}
_NONE = "–"
_TABLE_ROW = 3


class PlainSheets:
    """The sheets ``Số liệu`` and ``Ghi chú`` of a workbook: no fills, text wraps."""

    def __init__(self, book: Any, form: Filled, lang: Lang) -> None:
        self._book, self._form, self._lang = book, form, lang
        self._format = Formats(book, valign="top", border=1)
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
        sheet = self._sheet(text("official-plain-sheet", lang), above)
        units = any(line.unit for line in form.coded)
        heads = list(self._heads(units=units))
        texts = [8, 52, 14] if units else [8, 52]
        widths = [*texts, *[14] * (len(heads) - len(texts) - 1), 26]
        for at, line in enumerate(form.coded, start=_TABLE_ROW + 1):
            # without what stands above it "Thường xuyên" says too little
            written = [line.number or _NONE, " – ".join((*line.section, line.label))]
            written += [line.unit or _NONE] if units else []
            self._texts(sheet, at, written, widths)
            figures = list(form.of_line(line))
            values = [(cell, cell.value) for cell in figures]
            if form.layout.counts == "distinct":
                values += [(cell, cell.reported) for cell in figures]
            for column, (cell, value) in enumerate(values, start=len(written)):
                self._figure(sheet, (at, column), cell, value)
            sheet.write_string(at, len(heads) - 1, self._notes_of(line), self._format())
        self._table(sheet, heads, len(form.coded), "figures", widths)

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
        sheet = self._sheet(text("official-notes-sheet", lang), [about])
        told = [
            (text("official-note-mark", lang, n=n), text("official-notes", lang), note.text)
            for n, note in enumerate(form.notes, start=1)
        ]
        checked = text("official-checks", lang)
        told += [(f"{checked} {n}", checked, t) for n, t in enumerate(check_lines(form, lang), 1)]
        widths = (14, 12, 110)
        for at, words in enumerate(told, start=_TABLE_ROW + 1):
            self._texts(sheet, at, words, widths)
        heads = [text(f"official-head-{name}", lang) for name in ("mark", "kind", "text")]
        self._table(sheet, heads, len(told), "notes", widths)

    def _sheet(self, name: str, above: Sequence[str]) -> Any:
        """Add a sheet with its title and what must be said above its table."""
        sheet = self._book.add_worksheet(name)
        plain = {"font_name": FONT}
        title = self._book.add_format({**plain, "font_size": 14, "bold": True})
        about = self._book.add_format({**plain, "font_size": 11})
        sheet.write_string(0, 0, self._title, title)
        for row, line in enumerate(above, start=1):
            sheet.write_string(row, 0, line, about)
        return sheet

    def _texts(
        self, sheet: Any, at: int, words: Sequence[str], widths: Sequence[float], **style: Any
    ) -> None:
        """Write the texts of a row, which is as high as the longest of them."""
        for column, word in enumerate(words):
            # the prefix keeps the text a text when somebody edits the cell
            prefix = {"quote_prefix": True} if is_risky(word) and not style else {}
            sheet.write_string(at, column, word, self._format(**style, **prefix))
        tallest = max(lines(word, width) for word, width in zip(words, widths, strict=False))
        sheet.set_row(at, tallest * 14 + 3)

    def _table(
        self, sheet: Any, heads: Sequence[str], rows: int, name: str, widths: Sequence[float]
    ) -> None:
        """Mark what was written as a table; it has no filter and no fill."""
        bold = self._format(bold=True)
        options = {
            "name": name,
            "style": None,
            "autofilter": False,
            "banded_rows": False,
            "columns": [{"header": head, "header_format": bold} for head in heads],
        }
        self._texts(sheet, _TABLE_ROW, heads, [width * 0.8 for width in widths], bold=True)
        sheet.add_table(_TABLE_ROW, 0, _TABLE_ROW + rows, len(heads) - 1, options)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)


_MARGINS = {"left": 0.5, "right": 0.5, "top": 0.6, "bottom": 0.6}
#: Widths that are tried, as factors; smaller print than that of the last cannot be read.
_STRETCHES = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
#: Rows left free for a signature.
_SIGNING = 3
#: Text from submissions stays text, whatever it begins with.
_OPTIONS = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
#: The same data give the same bytes: no time of writing.
_NO_TIME = dt.datetime(1980, 1, 1)


def _add(book: Any, form: Filled, lang: Lang) -> None:
    """Add the printed form to a workbook.

    The form with its signatures stands on one page where it fits; what is said under it, which
    is no part of the official form, begins on a new one.
    """
    sheet = Sheet(book, form, lang, _stretch(form, lang))
    headings = _form(sheet)
    if not sheet.fits_on_a_page:
        sheet.sheet.repeat_rows(*headings)
    sheet.sheet.set_h_pagebreaks([sheet.row])
    _under(sheet)
    _page(sheet)


def _form(sheet: Sheet) -> tuple[int, int]:
    """Write the form itself and return the first and last row of its headings."""
    first = add_head(sheet)
    last = sheet.row - 1
    for line in sheet.form.lines:
        _line(sheet, line)
    _signatures(sheet)
    return first, last


def _stretch(form: Filled, lang: Lang) -> float:
    """Return how much wider the columns must be for the form to fit on one page.

    A page is scaled to its width, so that wider columns make the form smaller; a form that is
    too long all the same keeps its widths and goes on on the next page.
    """
    for factor in _STRETCHES:
        tried = Sheet(xlsxwriter.Workbook(BytesIO()), form, lang, factor)
        _form(tried)
        if tried.fits_on_a_page:
            return factor
    return _STRETCHES[0]


def _line(sheet: Sheet, line: PlacedLine) -> None:
    words: dict[str, Any] = {"border": 1, "bold": line.source.bold, "italic": line.source.italic}
    leads = sheet.form.layout.leads
    if line.code is None:
        sheet.put(0, 0, line.printed, align="left", **words)
        for at in range(1, sheet.last + 1):
            sheet.sheet.write_blank(sheet.row, at, None, sheet.format(**words))
        return sheet.next(sheet.lines(line.label, 0, 0, 12))
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
        height = max(height, sheet.lines(content, at, at))
    for at, cell in enumerate(sheet.form.of_line(line), start=len(sheet.form.layout.leads)):
        _figure(sheet, at, cell, words)
    return sheet.next(height)


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


def _under(sheet: Sheet) -> None:
    """Write notes and checks."""
    form, lang = sheet.form, sheet.lang
    for key, told in (
        ("official-notes-of", note_lines(form)),
        ("official-checks-of", check_lines(form, lang)),
    ):
        if not told:
            continue
        heading = text(key, lang, form=form.layout.sheet, year=form.year)
        sheet.put(0, sheet.last, heading, align="left", bold=True)
        sheet.next()
        for line in told:
            sheet.put(0, sheet.last, line, align="left")
            sheet.next(sheet.lines(line, 0, sheet.last))


def _page(sheet: Sheet) -> None:
    page = sheet.sheet
    page.set_landscape()
    page.set_paper(A4)
    page.set_margins(**_MARGINS)
    page.center_horizontally()
    page.fit_to_pages(1, 0)
    page.print_area(0, 0, sheet.row - 1, sheet.last)
    page.set_footer("&R&8&P/&N")
    page.hide_gridlines(2)


def write(form: Filled, folder: Path, lang: Lang) -> Path:
    """Write a form as ``0603N-2023.xlsx``; the language is that of texts not the form's own."""
    path = folder / f"{form.layout.file}-{form.year}.xlsx"
    content = BytesIO()
    book = xlsxwriter.Workbook(content, _OPTIONS)
    title = f"{form.layout.title} – {form.year}"
    book.set_properties({"title": title, "author": form.unit, "created": _NO_TIME})
    book.set_custom_property("Language", "vi-VN" if lang == "vi" else "en-GB")
    _add(book, form, lang)
    PlainSheets(book, form, lang)
    book.close()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, content.getvalue())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError("official-not-written", path=str(path), why=why) from error
    return path
