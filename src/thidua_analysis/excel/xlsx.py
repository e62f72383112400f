"""Read an .xlsx or .xlsm package: each sheet once, cell by cell."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from thidua_analysis.excel.cells import (
    Limits,
    Position,
    Refusal,
    Sheet,
    Value,
    Workbook,
    address,
    column_number,
    damaged,
    position,
    too_large,
)
from thidua_analysis.excel.number_formats import from_serial, to_number
from thidua_analysis.excel.package import Element, elements, parse
from thidua_analysis.excel.xlsx_book import (
    LAST_COLUMN,
    LAST_ROW,
    PLAIN_ELEMENT,
    PLAIN_TEXT,
    Book,
    Entry,
    RichText,
    Style,
    Text,
    clean,
    decoded,
    hidden_columns,
    is_hidden,
    is_set,
    merges,
    read_book,
    stored_text,
    unescaped,
)

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
#: Such cells in rows that do not say how they look, so many at a time that their parts stay few;
#: without groups, of which Python loses the ends where a possessive repetition stops within one.
_UNGROUPED = re.sub(r"\((?!\?)", "(?:", _USUAL)
_USUAL_RUN = re.compile(
    rf'(?:{_UNGROUPED}|{_EMPTY}|</row>|<row r="[1-9][0-9]{{0,6}}+"[^<>h]*+>){{1,4096}}+', re.ASCII
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z]+)\s*=\s*["']([^"'<>]*)["']""")
_OPENED, _CLOSED = "<sheetData>", "</sheetData>"
_REFERENCE = re.compile(r"[A-Za-z]{1,3}[1-9][0-9]{0,6}")
_ROW_NUMBER, _STYLE = re.compile(r"[1-9][0-9]{0,6}"), re.compile(r"[0-9]{1,6}")


def read_xlsx(parts: dict[str, bytes], limits: Limits) -> Workbook:
    """Read the parts of a package that passed the gate."""
    book = read_book(parts, limits)
    # taken out, because a large part should not stand in memory twice
    sheets = tuple(_read_sheet(parts.pop(entry.part), entry, book) for entry in book.entries)
    return Workbook(sheets, book.date_1904)


def _read_sheet(part: bytes, entry: Entry, book: Book) -> Sheet:
    cells = _SheetCells(entry, book)
    around = cells.add_plain(decoded(part, entry.part))
    if around is None:
        if len(part) > book.budget.limits.rewritten_bytes:
            raise too_large("rewritten_bytes", book.budget.limits.rewritten_bytes, entry.part)
        around, cells = part, _SheetCells(entry, book)
        _TagReader(cells).read(part, entry.part)
    wanted = {"sheetFormatPr", "col", "mergeCell"}
    return cells.sheet(elements(around, wanted, entry.part))


class _SheetCells:
    """One sheet that grows, whichever way its markup is read."""

    def __init__(self, entry: Entry, book: Book) -> None:
        self._book, self._budget = book, book.budget
        self._sheet = Sheet(entry.name, hidden=entry.hidden, usual_font=book.usual_fonts.get(""))
        self._lines: defaultdict[int, list[Value]] = defaultdict(list)
        #: texts of spaces, which nobody sees: they make no sheet larger
        self._blanks: dict[Position, str] = {}
        self._shown_rows: set[int] = set()  # those that say that they are not hidden
        self._rows = self._columns = self._filled = 0
        self._lowest = self._rightmost = (0, 0)

    def add_plain(self, markup: str) -> bytes | None:
        """Add the cells of a sheet in plain markup; return what stands around them, else None."""
        start, end = markup.find(_OPENED), markup.rfind(_CLOSED)
        if start < 0 or end < 0 or "<!" in markup:
            return None
        body, at = markup[start + len(_OPENED) : end], 0
        while True:
            while run := _USUAL_RUN.match(body, at):
                self._add_usual(run[0])
                at = run.end()
            found = _NEXT.match(body, at)
            if found is None:
                return None
            at = found.end()
            letters, digits, style, kind, formula, stored, spaced, text, row, said = found.groups()
            if letters:
                within = None if text is None else Text(stored_text(text, bool(spaced)))
                raw, look = stored and unescaped(stored), int(style or 0)
                place, is_formula = (int(digits), column_number(letters)), formula is not None
                self.add(place, look, kind or "n", raw, within, is_formula=is_formula)
            elif row:
                self.add_row(int(row), dict(_ATTRIBUTE.findall(said)))
            else:
                return (markup[:start] + markup[end + len(_CLOSED) :]).encode()

    def _add_usual(self, run: str) -> None:
        """Add cells of shared texts and plain numbers: most of them at a glance."""
        usual, looks = self._book.usual_texts, self._book.usual_fonts
        fonts, usual_font, line = self._sheet.fonts, self._sheet.usual_font, list[Value]()
        known, number, width, filled = "", 0, 0, 0
        for letters, digits, style, kind, stored in _USUAL_CELL.findall(run):
            column = column_number(letters)
            try:
                font = looks[style]
                value: Value = usual[stored] if kind else float(stored)
            except (KeyError, ValueError):
                self.add((int(digits), column), int(style or 0), kind or "n", stored, None)
                continue
            if digits != known or column > width:
                number, known = int(digits), digits
                line, width = self._line(number, column), self._columns
            if gap := column - 1 - len(line):
                if gap < 0:
                    self.add((number, column), int(style or 0), kind or "n", stored, None)
                    continue
                line += [""] * gap
            line.append(value)
            filled += 1
            if kind and font != usual_font:
                fonts[number, column] = font or ""
        self._count(filled)

    def _count(self, cells: int) -> None:
        """Count cells; blank ones may share an address."""
        self._filled += cells
        if self._filled > self._budget.limits.cells:
            self._budget.refuse_box(1, self._filled, self._sheet.name)

    def add_row(self, row: int, attributes: Mapping[str, str]) -> None:
        """Add what a row says of itself."""
        if is_hidden(attributes, "ht"):
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
        is_formula: bool = False,
    ) -> None:
        """Add a cell with content: what it stores as its value, and text that stands within it."""
        sheet, styles = self._sheet, self._book.styles
        if at in sheet.errors or at in sheet.uncalculated:
            raise self._damaged(at)
        look = styles[style] if style < len(styles) else Style()
        if look.code:
            sheet.formats[at] = look.code
        if look.font != sheet.usual_font and (look.code or kind != "n"):
            sheet.fonts[at] = look.font or ""
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
        line = self._line(row, column)
        line += [""] * (column - len(line))
        if line[column - 1] != "":  # which of two cells with one address is meant?
            raise self._damaged(at)
        line[column - 1] = value

    def _line(self, row: int, column: int) -> list[Value]:
        """Return the values of a row, if the bounds allow the sheet to reach this column of it."""
        if row <= self._rows and column <= self._columns:
            return self._lines[row]
        if row > LAST_ROW or column > LAST_COLUMN:
            raise damaged(address(row, column))
        if row > self._rows:
            self._rows, self._lowest = row, (row, column)
        if column > self._columns:
            self._columns, self._rightmost = column, (row, column)
        low, right = self._lowest, self._rightmost
        farthest = low if low[0] / LAST_ROW > right[1] / LAST_COLUMN else right
        self._budget.refuse_box(self._rows, self._columns, self._sheet.name, farthest)
        return self._lines[row]

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
            truth = _TRUTH.get(text.lower())
            if truth is None:
                # it is no number either
                self._sheet.errors[at] = text[:_LONGEST_ERROR]
            return "" if truth is None else truth
        if kind == "d":
            return _iso_date(text)
        if (number := to_number(text)) is None:
            return text
        return from_serial(number, look.code, self._book.date_1904) if look.code else number

    def _shared(self, at: Position, stored: str) -> Text:
        number, strings = stored.strip(), self._book.strings
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        if not is_number or int(number) >= len(strings):
            raise self._damaged(at)
        shared = strings[int(number)]
        return Text(shared) if isinstance(shared, str) else shared

    def _rich(self, at: Position, look: Style, text: Text) -> str:
        if text.runs:
            self._sheet.runs[at] = tuple((piece, font or look.font) for piece, font in text.runs)
        return text.text

    def _damaged(self, at: Position) -> Refusal:
        sheet, cell = self._sheet.name, address(*at)
        return damaged(f"{sheet}!{cell}", of="cell", sheet=sheet, cell=cell)

    def sheet(self, around: Iterable[Element]) -> Sheet:
        """Return the sheet, with what stands around its rows."""
        sheet = self._sheet
        self._budget.take_box(self._rows, self._columns, sheet.name)
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
        sheet.hidden_columns = hidden_columns(around, self._columns)
        sheet.merges = merges(around, self._budget)
        return sheet


def _iso_date(text: str) -> Value:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if "T" in text else moment.date()


class _TagReader:
    """Adds the cells of a sheet in any markup while expat reads."""

    def __init__(self, cells: _SheetCells) -> None:
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
        if self._inline and not self._aside:
            self._inline.text(text)
        elif self._listening and not self._aside and self._value is not None:
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
