"""The same figures for screen readers: one table a sheet, one header row, no merged cells."""

from __future__ import annotations

from typing import Any

from thidua_analysis.messages import text
from thidua_analysis.publish.official_forms.filled import Filled
from thidua_analysis.publish.official_forms.printed import FONT
from thidua_analysis.vietnamese.display import Lang

_MARKS = {
    "not-asked": "[h]",
    "not-applicable": "[z]",
    "no-rows": "[k]",
    "blank": "[t]",
    "mixed": "[m]",
    "no-whole": "[c]",
}
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
    sheet = book.add_worksheet(text("official-plain-sheet", lang))
    _above(sheet, form, lang, formats)
    units = any(line.unit for line in form.coded)
    heads = [text("official-head-code", lang), text("official-head-label", lang)]
    heads += [text("official-head-unit", lang)] if units else []
    texts = len(heads)
    figures = list(_heads(form, lang))
    heads += [*figures, text("official-head-notes", lang)]
    for at, line in enumerate(form.coded, start=_TABLE_ROW + 1):
        words = ["" if line.code == "total" else line.code or "", _label(line)]
        words += [line.unit or text("official-no-note", lang)] if units else []
        for column, word in enumerate(words):
            sheet.write_string(at, column, word or "–", formats.text)
        for column, cell in enumerate(_values(form, line), start=texts):
            _write(sheet, at, column, cell, form, lang, formats)
        sheet.write_string(at, len(heads) - 1, _marks(form, line, lang), formats.text)
    _table(sheet, heads, len(form.coded), formats, "figures")
    widths = [8, 46, 14][:texts] + [16] * len(figures) + [16]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
