"""Input checks of the template: what each cell accepts, in Vietnamese, made from the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thidua_analysis.excel import column_letters
from thidua_analysis.form import Check, Field, Form, Table
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
