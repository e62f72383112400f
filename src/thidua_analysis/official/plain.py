"""The same figures for screen readers: one table a sheet, one header row, no merged cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from thidua_analysis.csv_text import is_risky
from thidua_analysis.indicators.figure import Number
from thidua_analysis.messages import text
from thidua_analysis.official.crosscheck import check_lines
from thidua_analysis.official.fill import Cell, Filled, PlacedLine
from thidua_analysis.official.form_sheet import A4, FONT, lines, number, number_format, unit_line
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
_TABLE_ROW = 3


class PlainSheets:
    """The sheets ``Số liệu`` and ``Ghi chú`` of a workbook: no fills, text wraps."""

    def __init__(self, book: Any, form: Filled, lang: Lang) -> None:
        self._book, self._form, self._lang = book, form, lang
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._title = text("official-plain-title", lang, title=form.layout.title, year=form.year)
        self._add_figures()
        self._add_notes()

    def _format(self, **words: Any) -> Any:
        """Return a format of cells with borders, made once."""
        base = {"font_name": FONT, "font_size": 11, "text_wrap": True, "valign": "top"}
        key = tuple(sorted({**base, "border": 1, **words}.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(dict(key))
        return self._formats[key]

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
