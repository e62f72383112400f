"""The sheet that looks like the printed form: A4 landscape, merged headings, signatures."""

from __future__ import annotations

import datetime as dt
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from thidua_analysis.errors import UsageError
from thidua_analysis.messages import text
from thidua_analysis.official.crosscheck import check_lines, note_lines
from thidua_analysis.official.fill import Cell, Filled, PlacedLine
from thidua_analysis.official.form_sheet import A4, Sheet, add_head, number, number_format, spanned
from thidua_analysis.official.plain import PlainSheets
from thidua_analysis.vietnamese.display import Lang

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
    """Write a form as ``0603N-2023.xlsx``; the language is that of texts not the form's own.

    Raises
    ------
    UsageError
        If the file cannot be written, for instance because it is open in Excel.
    """
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
        _replace(path, content.getvalue())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError("official-not-written", path=str(path), why=why) from error
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that at every moment the old or the new one is there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
