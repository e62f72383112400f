"""Read an .xlsx or .xlsm package: the workbook part, then each sheet once, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Mapping

from thidua_analysis.excel.cells import Sheet, Workbook, address, position
from thidua_analysis.excel.limits import Budget, Limits, damaged, too_large
from thidua_analysis.excel.package import Element, Relation, elements, main_part, parse, relations
from thidua_analysis.excel.strings import RichText, Text, decoded, read_strings
from thidua_analysis.excel.styles import read_styles
from thidua_analysis.excel.xlsx_cells import LAST_COLUMN, LAST_ROW, Book, Entry, SheetCells, is_set

#: Kinds of sheet without cells for people to fill in: charts, dialogs and old macros.
_NO_CELLS = ("chartsheet", "dialogsheet", "acrosheet")
_NOWHERE = Relation("", "", "")

_OPENED, _CLOSED = "<sheetData>", "</sheetData>"
_REFERENCE = re.compile(r"[A-Za-z]{1,3}[1-9][0-9]{0,6}")
_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_STYLE = re.compile(r"[0-9]{1,6}")


def read_xlsx(parts: dict[str, bytes], limits: Limits) -> Workbook:
    """Read the parts of a package that passed the gate."""
    book = _read_book(parts, limits)
    sheets = tuple(
        # taken out, because a large part should not stand in memory twice
        _read_sheet(parts.pop(entry.part), entry, book)
        for entry in book.entries
    )
    return Workbook(sheets, book.date_1904)


def _read_book(parts: Mapping[str, bytes], limits: Limits) -> Book:
    main = main_part(parts)
    if main not in parts:
        raise damaged(main)
    related = relations(parts, main)
    listed = elements(parts[main], {"sheet", "workbookPr", "calcPr"}, main)
    sheets = [found for found in listed if found.name == "sheet" and found.parent == "sheets"]
    budget = Budget(limits)
    budget.refuse_sheets(len(sheets))
    entries = tuple(entry for found in sheets if (entry := _entry(found, related, parts)))
    if len({entry.part for entry in entries}) < len(entries):
        raise damaged(main)
    return Book(
        entries,
        any(is_set(found, "workbookPr", "date1904") for found in listed),
        any(is_set(found, "calcPr", "fullCalcOnLoad") for found in listed),
        read_styles(_of_type(related, "styles", parts)),
        read_strings(_of_type(related, "sharedStrings", parts), limits),
        budget,
    )


def _entry(
    found: Element, related: Mapping[str, Relation], parts: Mapping[str, bytes]
) -> Entry | None:
    name = found.attributes.get("name", "")
    relation = related.get(found.attributes.get("id", ""), _NOWHERE)
    if relation.kind.endswith(_NO_CELLS):
        return None
    if relation.part not in parts:
        raise damaged(name)
    return Entry(name, relation.part, found.attributes.get("state", "visible") != "visible")


def _of_type(related: Mapping[str, Relation], kind: str, parts: Mapping[str, bytes]) -> bytes:
    named = [relation.part for relation in related.values() if relation.kind == kind]
    return next((parts[part] for part in named if part in parts), b"")


def _read_sheet(part: bytes, entry: Entry, book: Book) -> Sheet:
    cells = SheetCells(entry, book)
    around = _add_plain(decoded(part, entry.part), cells)
    if around is None:
        if len(part) > book.budget.limits.rewritten_bytes:
            raise too_large("rewritten_bytes", book.budget.limits.rewritten_bytes, entry.part)
        around, cells = part, SheetCells(entry, book)
        _TagReader(cells).read(part, entry.part)
    wanted = {"sheetFormatPr", "col", "mergeCell"}
    return cells.sheet(elements(around, wanted, entry.part))


def _add_plain(markup: str, cells: SheetCells) -> bytes | None:
    """Add the cells of a sheet in plain markup; return what stands around them, else None."""
    start, end = markup.find(_OPENED), markup.rfind(_CLOSED)
    if start < 0 or end < 0 or "<!" in markup:
        return None
    if not cells.add_plain(markup[start + len(_OPENED) : end]):
        return None
    return (markup[:start] + markup[end + len(_CLOSED) :]).encode()


class _TagReader:
    """Adds the cells of a sheet in any markup while expat reads."""

    def __init__(self, cells: SheetCells) -> None:
        self._cells = cells
        self._namespace: str | None = None
        self._is_within = self._was_within = self._listening = self._has_formula = False
        self._row = self._column = self._aside = 0
        self._at = (0, 0)
        self._cell: Mapping[str, str] | None = None
        self._value: list[str] | None = None
        self._inline: RichText | None = None
        self._within: Text | None = None

    def read(self, part: bytes, name: str) -> None:
        """Read a part."""
        parse(part, name, self._start, self._end, self._text)
        if not self._was_within:
            raise damaged(name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if self._namespace is None:
            self._namespace = namespace
        if self._aside or name == "extLst":
            self._aside += 1
        elif namespace != self._namespace:
            return
        elif self._inline:
            self._inline.start(name, attributes)
        elif self._cell is not None:
            self._start_within(name)
        elif name == "sheetData":
            self._is_within = self._was_within = True
        elif self._is_within and name == "row":
            self._start_row(attributes)
        elif self._is_within and name == "c":
            self._start_cell(attributes)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        given = attributes.get("r", "")
        if given and not _ROW_NUMBER.fullmatch(given):
            raise damaged(given)
        self._row, self._column = int(given) if given else self._row + 1, 0
        self._cells.add_row(self._row, attributes)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        given = attributes.get("r", "")
        if given and not _REFERENCE.fullmatch(given):
            raise damaged(given)
        self._at = position(given.upper()) if given else (self._row, self._column + 1)
        self._column = self._at[1]
        if not 1 <= self._at[0] <= LAST_ROW or self._column > LAST_COLUMN:
            raise damaged(address(*self._at))
        self._cell, self._has_formula = attributes, False
        self._value = self._within = None

    def _start_within(self, name: str) -> None:
        if name == "f":
            self._has_formula = True
        elif name == "v":
            self._value, self._listening = [], True
        elif name == "is":
            self._inline = RichText()

    def _text(self, text: str) -> None:
        if self._aside:
            return
        if self._inline:
            self._inline.text(text)
        elif self._listening and self._value is not None:
            self._value.append(text)

    def _end(self, tag: str) -> None:
        namespace, _, name = tag.rpartition(" ")
        if self._aside:
            self._aside -= 1
        elif namespace != self._namespace:
            return
        elif self._inline and name != "is":
            self._inline.end(name)
        elif self._inline:
            self._within, self._inline = self._inline.finished(), None
        elif name == "v":
            self._listening = False
        elif name == "c" and self._cell is not None:
            self._end_cell(self._cell)
        elif name == "sheetData":
            self._is_within = False

    def _end_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell, self._listening = None, False
        value = None if self._value is None else "".join(self._value)
        if self._has_formula or value is not None or self._within:
            style = attributes.get("s", "")
            number = int(style) if _STYLE.fullmatch(style) else 0
            kind = attributes.get("t", "n")
            self._cells.add(
                self._at, number, kind, value, self._within, is_formula=self._has_formula
            )
