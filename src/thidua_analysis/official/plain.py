"""The same figures for screen readers: one table a sheet, one header row, no merged cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from thidua_analysis.csv_text import is_risky
from thidua_analysis.indicators.figure import Number
from thidua_analysis.messages import text
from thidua_analysis.official.crosscheck import check_lines
from thidua_analysis.official.fill import Cell, Filled, PlacedColumn, PlacedLine
from thidua_analysis.official.form_sheet import FONT, lines, number, number_format, unit_line
from thidua_analysis.official.layout import ABOVE
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
_A4 = 9
_TABLE_ROW = 3


class _Formats:
    """Formats of the plain sheets: no fills, text wraps."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": FONT, "font_size": 11, "text_wrap": True, "valign": "top"}
        self._book, self._base = book, base
        self.title = book.add_format({"font_name": FONT, "font_size": 14, "bold": True})
        self.about = book.add_format({"font_name": FONT, "font_size": 11})
        self.head = book.add_format({**base, "bold": True, "border": 1})
        self.text = book.add_format({**base, "border": 1})
        #: for texts that would be computed once somebody edits the cell
        self.risky = book.add_format({**base, "border": 1, "quote_prefix": True})
        self._numbers: dict[str, Any] = {}

    def number(self, shown: str) -> Any:
        """Return the format of figures, made once."""
        if shown not in self._numbers:
            words = {**self._base, "border": 1, "align": "right", "num_format": shown}
            self._numbers[shown] = self._book.add_format(words)
        return self._numbers[shown]


def add(book: Any, form: Filled, lang: Lang) -> None:
    """Add the sheets ``Số liệu`` and ``Ghi chú`` to a workbook."""
    formats = _Formats(book)
    _figures(book, form, lang, formats)
    _notes(book, form, lang, formats)


def _figures(book: Any, form: Filled, lang: Lang, formats: _Formats) -> None:
    """Add the sheet of figures: code, row, unit, one column a column of the form, notes."""
    sheet = book.add_worksheet(text("official-plain-sheet", lang))
    _above(sheet, form, lang, formats)
    units = any(line.unit for line in form.coded)
    heads = list(_heads(form, lang, units=units))
    texts = [8, 52, 14] if units else [8, 52]
    widths = [*texts, *[14] * (len(heads) - len(texts) - 1), 26]
    for at, line in enumerate(form.coded, start=_TABLE_ROW + 1):
        written = [line.number or _NONE, _label(line)]
        written += [line.unit or _NONE] if units else []
        _texts(sheet, at, written, widths, formats.text, formats.risky)
        for column, (cell, value) in enumerate(_values(form, line), start=len(written)):
            _write(sheet, (at, column), form, cell, value, formats, lang)
        sheet.write_string(at, len(heads) - 1, _marks(form, line, lang), formats.text)
    _table(sheet, heads, len(form.coded), "figures", widths, formats)


def _above(sheet: Any, form: Filled, lang: Lang, formats: _Formats) -> None:
    """Write title, what the table is, and what its marks mean."""
    about = text(
        "official-plain-about",
        lang,
        sheet=form.layout.sheet,
        rows=len(form.coded),
        unit=unit_line(form, lang),
    )
    used = dict.fromkeys(cell.empty for cell in form.cells.values() if cell.empty)
    marks = "; ".join(text(f"official-mark-{reason}", lang) for reason in used)
    sheet.write_string(0, 0, _title(form, lang), formats.title)
    sheet.write_string(1, 0, about, formats.about)
    if marks:
        legend = text("official-plain-legend", lang, marks=marks)
        sheet.write_string(2, 0, legend, formats.about)


def _title(form: Filled, lang: Lang) -> str:
    return text("official-plain-title", lang, title=form.layout.title, year=form.year)


def _heads(form: Filled, lang: Lang, *, units: bool) -> Iterator[str]:
    yield text("official-head-code", lang)
    yield text("official-head-label", lang)
    if units:
        yield text("official-head-unit", lang)
    names = [_column(column, form.layout.generic) for column in form.columns]
    yield from names
    if form.layout.counts == "distinct":
        yield from (text("official-head-reported", lang, column=name) for name in names)
    yield text("official-head-notes", lang)


def _column(column: PlacedColumn, generic: Sequence[str]) -> str:
    """Return the number of a column and all its headings, which no other column has."""
    path = [part for part in column.path if part and part != ABOVE and part not in generic]
    return f"{column.number}. {' – '.join(path)}"


def _label(line: PlacedLine) -> str:
    """Return a label with what stands above it: without it "Thường xuyên" says too little."""
    return " – ".join((*line.section, line.label))


def _values(form: Filled, line: PlacedLine) -> Iterator[tuple[Cell, Number | None]]:
    cells = list(form.of_line(line))
    yield from ((cell, cell.value) for cell in cells)
    if form.layout.counts == "distinct":
        yield from ((cell, cell.reported) for cell in cells)


def _write(
    sheet: Any,
    at: tuple[int, int],
    form: Filled,
    cell: Cell,
    value: Number | None,
    formats: _Formats,
    lang: Lang,
) -> None:
    """Write a figure, or the mark that says why there is none."""
    if value is None:
        sheet.write_string(*at, _MARKS[cell.empty or "no-rows"], formats.number("General"))
        return
    ratio = any(c.is_ratio for c in form.columns if c.id == cell.column)
    style = formats.number(number_format(cell.bound, lang, ratio=ratio))
    sheet.write_number(*at, number(value, ratio=ratio), style)


def _marks(form: Filled, line: PlacedLine, lang: Lang) -> str:
    """Return the notes that name a cell of a line."""
    named = [
        text("official-note-mark", lang, n=number)
        for number, note in enumerate(form.notes, start=1)
        if any(row == line.code for row, _ in note.cells)
    ]
    return ", ".join(named) or _NONE


def _texts(
    sheet: Any, at: int, words: Sequence[str], widths: Sequence[float], style: Any, risky: Any
) -> None:
    """Write the texts of a row, which is as high as the longest of them."""
    for column, word in enumerate(words):
        sheet.write_string(at, column, word, risky if is_risky(word) else style)
    tallest = max(lines(word, width) for word, width in zip(words, widths, strict=False))
    sheet.set_row(at, tallest * 14 + 3)


def _table(
    sheet: Any,
    heads: Sequence[str],
    rows: int,
    name: str,
    widths: Sequence[float],
    formats: _Formats,
) -> None:
    """Mark what was written as a table; it has no filter and no fill."""
    options = {
        "name": name,
        "style": None,
        "autofilter": False,
        "banded_rows": False,
        "columns": [{"header": head, "header_format": formats.head} for head in heads],
    }
    narrower = [width * 0.8 for width in widths]
    _texts(sheet, _TABLE_ROW, heads, narrower, formats.head, formats.head)
    sheet.add_table(_TABLE_ROW, 0, _TABLE_ROW + rows, len(heads) - 1, options)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)


def _notes(book: Any, form: Filled, lang: Lang, formats: _Formats) -> None:
    """Add the sheet of notes and checks."""
    sheet = book.add_worksheet(text("official-notes-sheet", lang))
    sheet.write_string(0, 0, _title(form, lang), formats.title)
    about = text("official-notes-about", lang, sheet=form.layout.sheet)
    sheet.write_string(1, 0, about, formats.about)
    told = [
        (text("official-note-mark", lang, n=n), text("official-notes", lang), note.text)
        for n, note in enumerate(form.notes, start=1)
    ]
    checked = text("official-checks", lang)
    told += [(f"{checked} {n}", checked, t) for n, t in enumerate(check_lines(form, lang), 1)]
    widths = (14, 12, 110)
    for at, words in enumerate(told, start=_TABLE_ROW + 1):
        _texts(sheet, at, words, widths, formats.text, formats.risky)
    heads = [text(f"official-head-{name}", lang) for name in ("mark", "kind", "text")]
    _table(sheet, heads, len(told), "notes", widths, formats)
