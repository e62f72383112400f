"""Read an .xlsx or .xlsm package: the workbook part, then each sheet once, cell by cell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from thidua_analysis.excel.cells import (
    Merge,
    Position,
    Sheet,
    Value,
    Workbook,
    address,
    column_number,
    position,
)
from thidua_analysis.excel.limits import Budget, Limits, Refusal, damaged, too_large
from thidua_analysis.excel.package import Element, Relation, elements, main_part, parse, relations
from thidua_analysis.excel.strings import (
    PLAIN_ELEMENT,
    PLAIN_TEXT,
    RichText,
    Text,
    clean,
    decoded,
    read_strings,
    stored_text,
    unescaped,
)
from thidua_analysis.excel.styles import Style, from_serial, read_styles, to_number

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_TRUE = frozenset({"1", "true", "on"})
_TRUTH = {"1": True, "true": True, "0": False, "false": False}
#: Kinds of sheet without cells for people to fill in: charts, dialogs and old macros.
_NO_CELLS = ("chartsheet", "dialogsheet", "acrosheet")
_NOWHERE = Relation("", "", "")
_LONGEST_ERROR = 40
_USUAL_STYLE = Style()

# Rows and cells as office programs write them, with nothing between them that is not described
# here: markup of any other kind is left to expat, so that no cell escapes the bounds. Possessive
# quantifiers (++) keep the time proportional to the length, whatever stands there.
#: Cells with a format alone, of which some programs store tens of thousands.
_EMPTY = r'<c(?: [a-z]{1,2}="[0-9A-Za-z]{1,10}+")++(?: ?/>|>\s*+</c>)'
_NEXT = re.compile(
    rf"(?:\s++|</row>|{_EMPTY})*+"
    r'(?:<c r="([A-Z]{1,3}+)([1-9][0-9]{0,6}+)"(?: s="([0-9]{1,6}+)")?+(?: t="([a-zA-Z]{1,9}+)")?+'
    r'(?: [a-z]{2}="[0-9]{1,9}+")*+>\s*+(<f(?:\s[^<>/]*+)?(?:/>|>[^<]*+</f>))?+\s*+'
    rf"(?:<v>({PLAIN_TEXT})</v>)?+\s*+(?:<is>{PLAIN_ELEMENT}</is>)?+\s*+</c>"
    r'|<row r="([1-9][0-9]{0,6})"([^<>]*+)>|\Z)',
    re.ASCII,
)
_OPENED, _CLOSED = "<sheetData>", "</sheetData>"
_ATTRIBUTE = re.compile(r"""([a-zA-Z]+)\s*=\s*["']([^"'<>]*)["']""")
_REFERENCE = re.compile(r"[A-Za-z]{1,3}[1-9][0-9]{0,6}")
_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_STYLE = re.compile(r"[0-9]{1,6}")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_column = lru_cache(maxsize=1 << 15)(column_number)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """What all sheets of a workbook share."""

    entries: tuple[_Entry, ...]
    date_1904: bool
    #: the program must compute all formulas when it opens the file: stored results are void
    computes: bool
    styles: list[Style]
    strings: list[Text]
    budget: Budget


def read_xlsx(parts: dict[str, bytes], limits: Limits) -> Workbook:
    """Read the parts of a package that passed the gate.

    Raises
    ------
    Refusal
        With ``file-damaged``, ``file-too-large`` or ``file-unsafe``.
    """
    book = _read_book(parts, limits)
    sheets = tuple(
        # taken out, because a large part should not stand in memory twice
        _read_sheet(parts.pop(entry.part), entry, book)
        for entry in book.entries
    )
    return Workbook(sheets, book.date_1904)


def _read_book(parts: Mapping[str, bytes], limits: Limits) -> _Book:
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
    return _Book(
        entries,
        any(_is_set(found, "workbookPr", "date1904") for found in listed),
        any(_is_set(found, "calcPr", "fullCalcOnLoad") for found in listed),
        read_styles(_of_type(related, "styles", parts)),
        read_strings(_of_type(related, "sharedStrings", parts), limits),
        budget,
    )


def _entry(
    found: Element, related: Mapping[str, Relation], parts: Mapping[str, bytes]
) -> _Entry | None:
    name = found.attributes.get("name", "")
    relation = related.get(found.attributes.get("id", ""), _NOWHERE)
    if relation.kind.endswith(_NO_CELLS):
        return None
    if relation.part not in parts:
        raise damaged(name)
    return _Entry(name, relation.part, found.attributes.get("state", "visible") != "visible")


def _is_set(found: Element, name: str, attribute: str) -> bool:
    return found.name == name and found.attributes.get(attribute, "").lower() in _TRUE


def _of_type(related: Mapping[str, Relation], kind: str, parts: Mapping[str, bytes]) -> bytes:
    named = [relation.part for relation in related.values() if relation.kind == kind]
    return next((parts[part] for part in named if part in parts), b"")


def _read_sheet(part: bytes, entry: _Entry, book: _Book) -> Sheet:
    cells = _Cells(entry, book)
    around = _add_plain(decoded(part, entry.part), cells)
    if around is None:
        if len(part) > book.budget.limits.rewritten_bytes:
            raise too_large("rewritten_bytes", book.budget.limits.rewritten_bytes, entry.part)
        around, cells = part, _Cells(entry, book)
        _TagReader(cells).read(part, entry.part)
    wanted = {"sheetFormatPr", "col", "mergeCell"}
    return cells.sheet(elements(around, wanted, entry.part))


# --- what cells say -----------------------------------------------------------------------------


class _Cells:
    """One sheet that grows, whichever way its markup is read."""

    def __init__(self, entry: _Entry, book: _Book) -> None:
        self._book, self._budget = book, book.budget
        self._sheet = Sheet(entry.name, hidden=entry.hidden)
        self._lines: dict[int, list[Value]] = {}
        #: texts of spaces, which nobody sees: they make no sheet larger
        self._blanks: dict[Position, str] = {}
        #: rows that do not say whether they are hidden
        self._silent_rows: set[int] = set()
        self._rows = self._columns = self._filled = self._characters = 0
        self._lowest = self._rightmost = (0, 0)

    def add_row(self, row: int, attributes: Mapping[str, str]) -> None:
        """Add what a row says of itself."""
        if _is_hidden(attributes, "ht"):
            self._sheet.hidden_rows.add(row)
        elif attributes.get("hidden") not in ("0", "false"):
            self._silent_rows.add(row)

    def add(
        self,
        at: Position,
        style: int,
        kind: str,
        stored: str | None,
        within: Text | None,
        *,
        is_formula: bool,
    ) -> None:
        """Add a cell with content: what it stores as its value, and text that stands within it."""
        sheet, styles = self._sheet, self._book.styles
        look = styles[style] if style < len(styles) else _USUAL_STYLE
        if look.code:
            sheet.formats[at] = look.code
        if look.font:
            sheet.fonts[at] = look.font
        # a formula may well give an empty text
        is_stored = kind == "str" or within or (stored and not stored.isspace())
        if is_formula and (self._book.computes or not is_stored):
            sheet.uncalculated.add(at)
        self._filled += 1
        value = self._value(at, look, kind, stored, within)
        has_mark = at in sheet.uncalculated or at in sheet.errors
        if isinstance(value, str) and not value.strip() and not has_mark:
            self._blanks[at] = value
        else:
            self._put(at, value)

    def _put(self, at: Position, value: Value) -> None:
        row, column = at
        if row > self._rows or column > self._columns:
            self._grow(row, column)
        if isinstance(value, str):
            self._characters += len(value)
        line = self._lines.setdefault(row, [])
        if column > len(line):
            line += [""] * (column - len(line))
        # of two cells with one address the last counts
        line[column - 1] = value

    def _grow(self, row: int, column: int) -> None:
        if row > LAST_ROW or column > LAST_COLUMN:
            raise damaged(address(row, column))
        if row > self._rows:
            self._rows, self._lowest = row, (row, column)
        if column > self._columns:
            self._columns, self._rightmost = column, (row, column)
        self._budget.refuse_box(self._rows, self._columns, self._sheet.name, self._farthest())

    def _farthest(self) -> str:
        """Address of the cell that makes the sheet so large."""
        low, right = self._lowest, self._rightmost
        return address(*(low if low[0] / LAST_ROW > right[1] / LAST_COLUMN else right))

    def _value(
        self, at: Position, look: Style, kind: str, stored: str | None, within: Text | None
    ) -> Value:
        if kind == "e":
            self._sheet.errors[at] = (stored or "").strip() or "#ERROR!"
            return ""
        if stored is None:
            return self._rich(at, look, within) if within else ""
        if kind == "s":
            return self._rich(at, look, self._shared(at, stored))
        if kind == "str":
            return clean(stored)
        if kind == "inlineStr":
            raise self._damaged(at)
        text = stored.strip()
        if kind == "b" and text:
            return self._truth(at, text)
        if kind == "d":
            return _iso_date(text)
        number = to_number(text)
        if number is None or not look.code:
            return text if number is None else number
        return from_serial(number, look.code, self._book.date_1904)

    def _shared(self, at: Position, stored: str) -> Text:
        number, strings = stored.strip(), self._book.strings
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        if not is_number or int(number) >= len(strings):
            raise self._damaged(at)
        return strings[int(number)]

    def _rich(self, at: Position, look: Style, text: Text) -> str:
        if text.runs:
            self._sheet.runs[at] = tuple((piece, font or look.font) for piece, font in text.runs)
        return text.text

    def _truth(self, at: Position, text: str) -> Value:
        """A truth value; one that is none is no number either."""
        truth = _TRUTH.get(text.lower())
        if truth is None:
            self._sheet.errors[at] = text[:_LONGEST_ERROR]
        return "" if truth is None else truth

    def _damaged(self, at: Position) -> Refusal:
        sheet, cell = self._sheet.name, address(*at)
        return damaged(f"{sheet}!{cell}", of="cell", sheet=sheet, cell=cell)

    def sheet(self, around: Iterable[Element]) -> Sheet:
        """Return the sheet, with what stands around its rows."""
        sheet = self._sheet
        # cells may share an address
        self._budget.refuse_box(1, self._filled, sheet.name)
        self._budget.take_box(self._rows, self._columns, sheet.name, self._farthest())
        self._budget.take_text(self._characters)
        for (row, column), text in self._blanks.items():
            if text and row <= self._rows and column <= self._columns:
                self._put((row, column), text)
        blank: list[Value] = [""] * self._columns
        lines = (self._lines.get(row) for row in range(1, self._rows + 1))
        sheet.rows = [line + blank[len(line) :] if line else blank for line in lines]
        if any(_is_set(found, "sheetFormatPr", "zeroHeight") for found in around):
            sheet.hidden_rows |= self._silent_rows
        sheet.hidden_columns = _hidden_columns(around, self._columns)
        merged = [found.attributes.get("ref", "") for found in around if found.name == "mergeCell"]
        self._budget.take_merges(len(merged))
        sheet.merges = [merge for ref in merged if (merge := _merge(ref))]
        return sheet


def _iso_date(text: str) -> Value:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if "T" in text else moment.date()


def _is_hidden(attributes: Mapping[str, str], size: str) -> bool:
    """Whether a row or column says that it is hidden, or has no height or width."""
    return attributes.get("hidden") in ("1", "true") or to_number(attributes.get(size, "1")) == 0


def _hidden_columns(around: Iterable[Element], last: int) -> set[int]:
    flags = bytearray(last + 1)
    for found in around:
        if found.name == "col" and _is_hidden(found.attributes, "width"):
            first, end = (found.attributes.get(name, "") for name in ("min", "max"))
            if _ROW_NUMBER.fullmatch(first) and _ROW_NUMBER.fullmatch(end):
                shown = slice(int(first), min(int(end), last) + 1)
                flags[shown] = b"\1" * len(flags[shown])
    return {column for column, flag in enumerate(flags) if flag}


def _merge(ref: str) -> Merge | None:
    matched = _RANGE.fullmatch(ref)
    if not matched:
        raise damaged(ref)
    left, top, right, bottom = matched.groups()
    if right is None:
        return None
    rows = sorted((int(top), int(bottom)))
    columns = sorted((column_number(left), column_number(right)))
    if rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
        raise damaged(ref)
    return Merge(rows[0], columns[0], rows[1], columns[1])


# --- two ways to read markup --------------------------------------------------------------------


def _add_plain(markup: str, cells: _Cells) -> bytes | None:
    """Add the cells of a sheet in plain markup; return what stands around them, else None."""
    start, end = markup.find(_OPENED), markup.rfind(_CLOSED)
    if start < 0 or end < 0 or "<!" in markup:
        return None
    body, at = markup[start + len(_OPENED) : end], 0
    while found := _NEXT.match(body, at):
        at = found.end()
        letters, digits, style, kind, formula, value, spaced, text, row, attributes = found.groups()
        if letters:
            cells.add(
                (int(digits), _column(letters)),
                int(style or 0),
                kind or "n",
                value and unescaped(value),
                None if text is None else Text(stored_text(text, bool(spaced))),
                is_formula=formula is not None,
            )
        elif row:
            cells.add_row(int(row), dict(_ATTRIBUTE.findall(attributes)))
        else:
            return (markup[:start] + markup[end + len(_CLOSED) :]).encode()
    return None


class _TagReader:
    """Adds the cells of a sheet in any markup while expat reads."""

    def __init__(self, cells: _Cells) -> None:
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
        """Read a part.

        Raises
        ------
        Refusal
            If it is not well formed, is no sheet, or a cell has no possible address.
        """
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
