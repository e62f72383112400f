"""Input checks of the template: what each cell accepts, in Vietnamese, made from the form."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from thidua_analysis.excel import address, column_letters
from thidua_analysis.exchange.previous import Example
from thidua_analysis.exchange.safe import DATE_FORMAT, Book
from thidua_analysis.form.model import Check, Field, Form, Table
from thidua_analysis.messages import text

#: Bounds that Excel sets on the texts of a check.
_TITLE, _MESSAGE = 32, 255
_FIRST_DAY, _LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
_YEARS = (1990, 2100)

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cells of a table stand: columns by field (from 1), first and last row."""

    columns: Mapping[str, int]
    first: int
    last: int

    def cell(self, name: str, *, fixed: bool = True) -> str:
        """Address of a field's first cell for a formula, its column fixed: ``$H3``."""
        return f"{'$' if fixed else ''}{column_letters(self.columns[name])}{self.first}"

    def span(self, name: str) -> tuple[int, int, int, int]:
        """Rows and columns of a field's cells as XlsxWriter counts, from 0."""
        column = self.columns[name] - 1
        return self.first - 1, column, self.last - 1, column

    def holds(self, *names: str | None) -> bool:
        """Whether all these fields have a column."""
        return all(name in self.columns for name in names)


def validation(form: Form, field: Field, lists: Mapping[str, str], limit: Options) -> Options:
    """Return the input check of a field as XlsxWriter takes it.

    Parameters
    ----------
    form
        The form, for the labels of codes.
    field
        The field.
    lists
        Name of a list of codes (``"award"``, ``"member"`` for those) → name of its range.
    limit
        What `limits` says of the field; may be empty.
    """
    if field.type in ("code", "award", "member"):
        kind: Options = {"validate": "list", "source": f"={lists[field.codes or field.type]}"}
        if field.type == "award":
            kind["error_type"] = "warning"
    else:
        kind = {**_of_type(field), **limit}
    if not kind:
        kind = {"validate": "any"}
    hint = _hint(field, limit)
    words = {
        "input_title": _short(field.heading, _TITLE),
        "input_message": _short(hint, _MESSAGE),
        "error_title": _short(text("template-refused"), _TITLE),
        "error_message": _short(text("template-why", heading=field.heading, hint=hint), _MESSAGE),
    }
    return {name: value for name, value in {**kind, **words}.items() if name != "hint"}


def _of_type(field: Field) -> Options:
    if field.type == "count":
        return {"validate": "integer", "criteria": ">=", "value": 0}
    if field.type == "year":
        first, last = _YEARS
        return {"validate": "integer", "criteria": "between", "minimum": first, "maximum": last}
    if field.type == "date":
        days = {"minimum": _FIRST_DAY, "maximum": _LAST_DAY}
        return {"validate": "date", "criteria": "between", **days}
    if field.type == "number":
        # "trên 2.000" is kept with its word: a warning, no refusal
        wide = {"minimum": -1e15, "maximum": 1e15, "error_type": "warning"}
        return {"validate": "decimal", "criteria": "between", **wide}
    if field.type in ("money", "score"):
        return {"validate": "decimal", "criteria": ">=", "value": 0}
    return {}


def _hint(field: Field, limit: Options) -> str:
    parts = [typing_hint(field)]
    if field.required:
        parts.insert(0, text("template-required"))
    if limit:
        parts.append(limit["hint"])
    return " ".join(parts)


def typing_hint(field: Field) -> str:
    """Return how a field is typed, in one sentence."""
    return text("template-type-rank-size" if field.size else f"template-type-{field.type}")


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


# --- checks between cells of a row -----------------------------------------------------------


def limits(table: Table, place: Place) -> dict[str, Options]:
    """Return for fields that another cell of the row bounds what their check adds."""
    found: dict[str, Options] = {}
    for check in table.checks:
        part, whole = check.part or check.score, check.whole or check.max
        if part and whole and place.holds(part, whole):
            found[part] = _at_most(table.by_name[part], table.by_name[whole], place)
    return found


def _at_most(part: Field, whole: Field, place: Place) -> Options:
    own, bound = place.cell(part.name), place.cell(whole.name)
    is_whole_number = f",{own}=INT({own})" if part.type == "count" else ""
    return {
        "validate": "custom",
        "value": f'=AND(ISNUMBER({own}),{own}>=0{is_whole_number},OR({bound}="",{own}<={bound}))',
        "hint": text("template-at-most", heading=whole.heading),
    }


def warnings(table: Table, place: Place) -> list[tuple[str, str]]:
    """Return field and formula of every cell to colour where the row contradicts itself."""
    return [
        (name, formula) for check in table.checks for name, formula in _contradictions(check, place)
    ]


def _contradictions(check: Check, place: Place) -> list[tuple[str, str]]:
    part, whole = check.part or check.score or check.rank, check.whole or check.max or check.size
    if part and whole and place.holds(part, whole):
        own, bound = place.cell(part), place.cell(whole)
        return [(part, f"=AND(ISNUMBER({own}),ISNUMBER({bound}),{own}>{bound})")]
    if check.rule == "sum" and place.holds(check.whole, *check.parts):
        cells = ",".join(place.cell(name) for name in check.parts)
        total = place.cell(str(check.whole))
        return [(str(check.whole), f"=AND(COUNT({cells})>0,SUM({cells})<>N({total}))")]
    return []


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
