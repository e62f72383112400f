"""The workbook part of an .xlsx package: which sheets there are, where, and how it counts dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.markup import Element, elements
from thidua_analysis.excel.refusal import damaged, too_large
from thidua_analysis.excel.relations import Relation, main_part, relations

_TRUE = frozenset({"1", "true", "on"})
#: Kinds of sheet without cells for people to fill in: charts, dialogs and old macros.
_NO_CELLS = ("chartsheet", "dialogsheet", "acrosheet")
_NOWHERE = Relation("", "", "")


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What the workbook part says, with the names of the parts that it refers to."""

    sheets: tuple[SheetEntry, ...]
    date_1904: bool
    #: the program must compute all formulas when it opens the file: stored results are void
    computes_on_load: bool
    styles: str | None
    strings: str | None


def read_book(parts: Mapping[str, bytes], limits: Limits) -> Book:
    """Read the workbook part of a package.

    Parameters
    ----------
    parts
        Inflated parts by name in lower case.
    limits
        Bounds of the workbook.

    Raises
    ------
    Refusal
        If there is none, a sheet has no part, or there are too many sheets.
    """
    main = main_part(parts)
    if main not in parts:
        raise damaged(main)
    related = relations(parts, main)
    listed = elements(parts[main], {"sheet", "workbookPr", "calcPr"}, main)
    entries = [found for found in listed if found.name == "sheet" and found.parent == "sheets"]
    if len(entries) > limits.sheets:
        raise too_large("sheets", limits.sheets)
    sheets = tuple(sheet for found in entries if (sheet := _sheet(found, related, parts)))
    if len({sheet.part for sheet in sheets}) < len(sheets):
        raise damaged(main)
    return Book(
        sheets,
        any(_is_set(found, "workbookPr", "date1904") for found in listed),
        any(_is_set(found, "calcPr", "fullCalcOnLoad") for found in listed),
        _of_type(related, "styles", parts),
        _of_type(related, "sharedStrings", parts),
    )


def _sheet(
    found: Element, related: Mapping[str, Relation], parts: Mapping[str, bytes]
) -> SheetEntry | None:
    name = found.attributes.get("name", "")
    relation = related.get(found.attributes.get("id", ""), _NOWHERE)
    if relation.kind.endswith(_NO_CELLS):
        return None
    if relation.part not in parts:
        raise damaged(name)
    hidden = found.attributes.get("state", "visible") != "visible"
    return SheetEntry(name, relation.part, hidden)


def _is_set(found: Element, name: str, attribute: str) -> bool:
    return found.name == name and found.attributes.get(attribute, "").lower() in _TRUE


def _of_type(related: Mapping[str, Relation], kind: str, parts: Mapping[str, bytes]) -> str | None:
    named = [relation.part for relation in related.values() if relation.kind == kind]
    return next((part for part in named if part in parts), None)
