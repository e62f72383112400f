"""What cells of an .xlsx sheet say: values, errors, formats and fonts, each in its place."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from thidua_analysis.excel.cells import Merge, Position, Sheet, Value, address, column_number
from thidua_analysis.excel.limits import Budget, Refusal, damaged
from thidua_analysis.excel.package import Element
from thidua_analysis.excel.strings import (
    PLAIN_ELEMENT,
    PLAIN_TEXT,
    Text,
    clean,
    stored_text,
    unescaped,
)
from thidua_analysis.excel.styles import Style, from_serial, to_number

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_TRUE = frozenset({"1", "true", "on"})
_TRUTH = {"1": True, "true": True, "0": False, "false": False}
_LONGEST_ERROR = 40
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
#: Shared texts and plain numbers.
_USUAL = (
    r'<c r="([A-Z]{1,3}+)([1-9][0-9]{0,6}+)"(?: s="([0-9]{1,6}+)")?+(?: t="(s)")?+>'
    r"<v>([^<>&\s_]{1,40}+)</v></c>"  # Python takes 1_000 for a number
)
_USUAL_CELL = re.compile(_USUAL, re.ASCII)
#: Such cells in rows that do not say how they look, so many at a time that their parts stay few.
_USUAL_RUN = re.compile(
    rf'(?:{_USUAL}|{_EMPTY}|</row>|<row r="[1-9][0-9]{{0,6}}+"[^<>h]*+>){{1,4096}}+', re.ASCII
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z]+)\s*=\s*["']([^"'<>]*)["']""")
_USUAL_STYLE = Style()


class _Columns(dict[str, int]):
    """Letters of columns → their numbers, counted when they first come."""

    def __missing__(self, letters: str) -> int:
        self[letters] = number = column_number(letters)
        return number


#: three letters have 18,278 columns at most
_COLUMNS = _Columns()
_COLUMN = re.compile(r"[0-9]{1,5}")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, eq=False)
class Book:
    """What all sheets of a workbook share."""

    entries: tuple[Entry, ...]
    date_1904: bool
    #: the program must compute all formulas when it opens the file: stored results are void
    computes: bool
    styles: list[Style]
    strings: list[Text]
    budget: Budget

    @cached_property
    def usual_texts(self) -> dict[str, str]:
        """Number as a cell stores it → shared text that is neither blank nor rich."""
        numbered = enumerate(self.strings)
        return {str(at): t.text for at, t in numbered if not t.runs and t.text.strip()}

    @cached_property
    def usual_fonts(self) -> dict[str, str | None]:
        """Style as a cell names it → its font, where its format says nothing of the value."""
        fonts = {str(at): look.font for at, look in enumerate(self.styles) if not look.code}
        # a cell that names none has the first one
        return {**fonts, "": fonts["0"]} if "0" in fonts else fonts


class SheetCells:
    """One sheet that grows, whichever way its markup is read."""

    def __init__(self, entry: Entry, book: Book) -> None:
        self._book, self._budget = book, book.budget
        self._sheet = Sheet(entry.name, hidden=entry.hidden)
        self._lines: defaultdict[int, list[Value]] = defaultdict(list)
        #: texts of spaces, which nobody sees: they make no sheet larger
        self._blanks: dict[Position, str] = {}
        #: rows that say that they are not hidden
        self._shown_rows: set[int] = set()
        self._rows = self._columns = self._filled = 0
        self._lowest = self._rightmost = (0, 0)

    def add_plain(self, body: str) -> bool:
        """Add rows and cells in plain markup; False where it is not plain to its end."""
        at = 0
        while True:
            while run := _USUAL_RUN.match(body, at):
                self._add_usual(run[0])
                at = run.end()
            found = _NEXT.match(body, at)
            if found is None:
                return False
            at = found.end()
            letters, digits, style, kind, formula, stored, spaced, text, row, said = found.groups()
            if letters:
                within = None if text is None else Text(stored_text(text, bool(spaced)))
                raw, look = stored and unescaped(stored), int(style or 0)
                place, is_formula = (int(digits), _COLUMNS[letters]), formula is not None
                self.add(place, look, kind or "n", raw, within, is_formula=is_formula)
            elif row:
                self.add_row(int(row), dict(_ATTRIBUTE.findall(said)))
            else:
                return True

    def _add_usual(self, run: str) -> None:
        """Add cells of shared texts and plain numbers: most of them at a glance."""
        usual, looks = self._book.usual_texts, self._book.usual_fonts
        lines, fonts, columns, line = self._lines, self._sheet.fonts, _COLUMNS, list[Value]()
        known, number, width, filled = "", 0, 0, 0
        for letters, digits, style, kind, stored in _USUAL_CELL.findall(run):
            column = columns[letters]
            try:
                font = looks[style]
                value: Value = usual[stored] if kind else float(stored)
            except (KeyError, ValueError):
                place = int(digits), column
                self.add(place, int(style or 0), kind or "n", stored, None, is_formula=False)
                continue
            if digits != known or column > width:
                number, known = int(digits), digits
                self._fit(number, column)
                line, width = lines[number], self._columns
            if len(line) == column - 1:
                line.append(value)
            else:
                line += [""] * (column - len(line))
                line[column - 1] = value
            filled += 1
            if kind and font:
                fonts[number, column] = font
        self._count(filled)

    def _count(self, cells: int) -> None:
        """Count cells; several may share an address."""
        self._filled += cells
        if self._filled > self._budget.limits.cells:
            self._budget.refuse_box(1, self._filled, self._sheet.name)

    def add_row(self, row: int, attributes: Mapping[str, str]) -> None:
        """Add what a row says of itself."""
        if _is_hidden(attributes, "ht"):
            self._sheet.hidden_rows.add(row)
        elif attributes.get("hidden") in ("0", "false"):
            self._shown_rows.add(row)

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
        if look.font and (look.code or kind != "n"):
            sheet.fonts[at] = look.font
        if is_formula:
            # a formula may well give an empty text
            is_stored = kind == "str" or within or (stored and not stored.isspace())
            if self._book.computes or not is_stored:
                sheet.uncalculated.add(at)
        self._count(1)
        value = self._value(at, look, kind, stored, within)
        is_blank = isinstance(value, str) and not value.strip()
        if is_blank and at not in sheet.uncalculated and at not in sheet.errors:
            self._blanks[at] = str(value)
        else:
            self._put(at, value)

    def _put(self, at: Position, value: Value) -> None:
        row, column = at
        self._fit(row, column)
        line = self._lines[row]
        if column > len(line):
            line += [""] * (column - len(line))
        # of two cells with one address the last counts
        line[column - 1] = value

    def _fit(self, row: int, column: int) -> None:
        """Let the sheet reach this row and column, if its bounds allow it."""
        if row <= self._rows and column <= self._columns:
            return
        if row > LAST_ROW or column > LAST_COLUMN:
            raise damaged(address(row, column))
        if row > self._rows:
            self._rows, self._lowest = row, (row, column)
        if column > self._columns:
            self._columns, self._rightmost = column, (row, column)
        self._budget.refuse_box(self._rows, self._columns, self._sheet.name, self._farthest())

    def _farthest(self) -> Position:
        """Position of the cell that makes the sheet so large."""
        low, right = self._lowest, self._rightmost
        return low if low[0] / LAST_ROW > right[1] / LAST_COLUMN else right

    def _value(
        self, at: Position, look: Style, kind: str, stored: str | None, within: Text | None
    ) -> Value:
        if kind == "n" and stored:
            # most cells
            return self._number(stored.strip(), look)
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
        return self._number(text, look)

    def _number(self, text: str, look: Style) -> Value:
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
        self._budget.take_box(self._rows, self._columns, sheet.name, self._farthest())
        for (row, column), text in self._blanks.items():
            if text and row <= self._rows and column <= self._columns:
                self._put((row, column), text)
        texts = (v for line in self._lines.values() for v in line if isinstance(v, str))
        self._budget.take_text(sum(map(len, texts)))
        blank: list[Value] = [""] * self._columns
        lines = (self._lines.get(row) for row in range(1, self._rows + 1))
        sheet.rows = [line + blank[len(line) :] if line else blank for line in lines]
        if any(is_set(found, "sheetFormatPr", "zeroHeight") for found in around):
            sheet.hidden_rows |= self._lines.keys() - self._shown_rows
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
            if _COLUMN.fullmatch(first) and _COLUMN.fullmatch(end):
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


def is_set(found: Element, name: str, attribute: str) -> bool:
    """Whether this is the element of that name, and its attribute says yes."""
    return found.name == name and found.attributes.get(attribute, "").lower() in _TRUE
