"""How the template looks: formats of cells, widths, heights and paper."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from thidua_analysis.excel import address
from thidua_analysis.exchange.issue.guide import Example
from thidua_analysis.exchange.issue.validations import Place
from thidua_analysis.exchange.safe import DATE_FORMAT, Book
from thidua_analysis.form import Field, Form

Style = dict[str, Any]

_LINE = "#BFBFBF"
_FONT: Style = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
TITLE: Style = {**_FONT, "bold": True, "font_size": 16, "font_color": "#12436D"}
PLAIN: Style = {**_FONT, "text_wrap": True}
STRONG: Style = {**PLAIN, "bold": True}
LABEL: Style = {**STRONG, "border": 1, "border_color": _LINE, "bg_color": "#E7EDF3"}
LINK: Style = {**STRONG, "font_color": "#12436D", "underline": 1}
HEADING: Style = {
    **STRONG, "font_color": "#FFFFFF", "bg_color": "#12436D", "border": 1, "border_color": _LINE,
    "align": "center", "valign": "vcenter", "locked": True,
}  # fmt: skip
INPUT: Style = {**PLAIN, "border": 1, "border_color": _LINE}
PAST: Style = {**PLAIN, "bg_color": "#EDEDED", "font_color": "#3D3D3D"}
PAST_HEADING: Style = {**PAST, "bold": True, "align": "center", "valign": "vcenter"}
CONTRADICTION: Style = {"bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True}

#: What a protected sheet still allows; headings are locked, rows may be added and deleted.
PROTECTION: Style = {
    "format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True,
    "delete_rows": True,
}  # fmt: skip

_A4 = 9
_NARROWEST, _WIDEST = 11, 36
#: points of one line of text
LINE_HEIGHT = 16.5


def of_type(kind: str) -> Style:
    """Return the number format of a field.

    Text is text, so that Excel does not make a date of "1-2" or "25/82". Numbers stay without a
    format: in a formatted cell a typed "3/7" would become the number of a day, without one it
    becomes a date, which the reader notices.
    """
    if kind == "date":
        return {"num_format": DATE_FORMAT, "align": "left"}
    if kind in ("count", "number", "money", "score"):
        return {}
    if kind == "year":
        return {"num_format": "0"}
    return {"num_format": "@"}


def shown(kind: str, value: object) -> Style:
    """Return the number format of a value that is there to be read, not typed."""
    if isinstance(value, int):
        return {} if kind == "year" else {"num_format": "#,##0"}
    if isinstance(value, float | Decimal):
        return {"num_format": "#,##0.0##"}
    return of_type(kind)


def group_thousands(book: Book, sheet: Any, place: Place, name: str) -> None:
    """Show whole numbers from 1,000 with separators, without giving the cells a format."""
    cell = place.cell(name)
    formula = f"=AND(ISNUMBER({cell}),ABS({cell})>=1000,{cell}=INT({cell}))"
    grouped = book.style(num_format="#,##0")
    rule = {"type": "formula", "criteria": formula, "format": grouped}
    sheet.conditional_format(*place.span(name), rule)


def width(form: Form, field: Field, example: Example | None) -> float:
    """Width of a column in characters: its labels or example, within reason."""
    longest = (
        max((len(label) for label in form.labels(field.codes)), default=0) if field.codes else 0
    )
    longest = max(longest, len(str(example or "")), len(field.heading) // 4)
    return max(_NARROWEST, min(_WIDEST, longest + 3))


def height(form: Form, field: Field, rows: int) -> float:
    """Height of the heading row that a field's heading needs."""
    needed = lines(field.heading, width(form, field, None) * 0.9)
    spread = rows if not field.group else 1
    return max(2, math.ceil(needed / spread)) * LINE_HEIGHT


def lines(words: object, characters: float) -> int:
    """Lines that a text fills in a cell so many characters wide."""
    return max(1, math.ceil(len(str(words or "")) * 1.15 / characters))


def a1(top: int, left: int, bottom: int, right: int) -> str:
    """Address of a range whose bounds count from 0."""
    return f"{address(top + 1, left + 1)}:{address(bottom + 1, right + 1)}"


def print_on_a4(sheet: Any, area: tuple[int, int, int, int], *, landscape: bool) -> None:
    """Set up a sheet for A4, one page wide."""
    sheet.set_paper(_A4)
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    sheet.print_area(*area)
