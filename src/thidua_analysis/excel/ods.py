"""Read the tables of an .ods document: values and facts in one pass over its XML.

No reader of values is of use here: calamine expands repeated rows and cells before anybody can
count them, and tells neither errors nor merged ranges.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from time import monotonic
from urllib.parse import unquote
from xml.etree.ElementTree import Element, TreeBuilder

from thidua_analysis.excel.cells import (
    Budget,
    Limits,
    Merge,
    Position,
    Refusal,
    Runs,
    Sheet,
    Value,
    Workbook,
    is_blank,
    too_large,
    unsafe,
)
from thidua_analysis.excel.number_formats import date_kind, to_number
from thidua_analysis.excel.ods_styles import OdsStyles, short
from thidua_analysis.excel.package import parse

#: Elements that are kept at a time: all styles, or one row. No honest document has as many.
_MOST_KEPT = 500_000
_HIDDEN = ("collapse", "filter")
_GROUPS = ("table:table-row-group", "table:table-column-group")
_CELLS = ("table:table-cell", "table:covered-table-cell")
#: Subtrees that look like rows or text, and are not what a sheet shows in its cells.
_ASIDE = ("office:annotation", "text:note", "text:ruby-text", "office:forms", "table:shapes")
_DEFAULT_STYLE = "table:default-cell-style-name"
#: What a cell without content has if something stands in it all the same.
_SAYING = frozenset({"office:value-type", "calcext:value-type", "table:formula"})
_ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NUM|NULL|N/A)[!?]?|Err:[0-9]{3}")
_PERIOD = re.compile(
    r"(-?)P(?:([0-9]{1,7})D)?T?(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]+)?)S)?"
)
_DAY = dt.timedelta(days=1)
#: How LibreOffice stores a truth value that came from Excel: a formula that gives 1 or 0.
_TRUTH = {"of:=TRUE()": True, "of:=FALSE()": False}
#: Where a result stands that is no text, by its type.
_STORED = {
    **dict.fromkeys(("float", "percentage", "currency"), "office:value"),
    **{kind: f"office:{kind}-value" for kind in ("date", "time", "boolean")},
}
_MOST_SPACES = 32_767


def read_ods(content: bytes, styles: bytes, limits: Limits) -> Workbook:
    """Read a document from ``content.xml`` and ``styles.xml``, which may be empty."""
    document = _Document(limits)
    for name, part in (("styles.xml", styles), ("content.xml", content)):
        if part:
            parse(part, name, document.start, document.end, document.text)
    return Workbook(tuple(document.sheets), links=tuple(document.links))


class _Document:
    """Builds a tree of what tells how cells look; rows leave it as soon as they are read."""

    def __init__(self, limits: Limits) -> None:
        self.sheets: list[Sheet] = []
        self.links: list[str] = []
        self._limits, self._budget = limits, Budget(limits)
        self._end = monotonic() + limits.worker_seconds
        self._builder = TreeBuilder()
        self._open = [self._builder.start("", {})]
        self.text = self._builder.data
        self._seen = self._kept = 0
        self._styles: OdsStyles | None = None
        self._table: _Table | None = None
        #: row, or subtree aside, that is looked at when it is complete
        self._whole: Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a start tag."""
        self._bound()
        name, parent = short(tag), self._open[-1]
        element = self._builder.start(name, {short(key): v for key, v in attributes.items()})
        self._open.append(element)
        if self._whole is not None:
            return
        if self._table:
            if name == "table:table-row" or name in _ASIDE:
                self._whole = element
            elif name in _GROUPS:
                self._table.folded.append(element.get("table:display") == "false")
        elif name == "table:table" and parent.tag == "office:spreadsheet":
            self._budget.refuse_sheets(len(self.sheets) + 1)
            # all of them stand before the first table
            self._styles = self._styles or OdsStyles(self._open[0])
            self._table = _Table(element, self._styles, self._budget)

    def _bound(self) -> None:
        """Refuse what takes more memory or time than any honest document does."""
        self._seen += 1
        self._kept += 1
        if self._kept > _MOST_KEPT:
            raise unsafe("markup", "content.xml")
        if self._seen % 4096 == 0 and monotonic() > self._end:
            raise Refusal("reader-failed", what=f"> {self._limits.worker_seconds} s")

    def end(self, tag: str) -> None:
        """Take an end tag."""
        element = self._open.pop()
        self._builder.end(element.tag)
        if not self._table or self._whole not in (None, element):
            return
        # what is read leaves the tree
        del self._open[-1][-1]
        self._whole, self._kept = None, 0
        if element.tag == "table:table":
            sheet, source = self._table.finished(), self._table.source
            self._table = None
            if source is None:
                self.sheets.append(sheet)
            else:
                self.links.append(source)
        else:
            self._table.add(element)


class _Table:
    """One sheet that grows; counts from 1."""

    def __init__(self, element: Element, styles: OdsStyles, budget: Budget) -> None:
        #: the other file that this is the stored copy of a sheet of
        self.source: str | None = None
        #: whether the groups around the rows or columns to come are folded
        self.folded: list[bool] = []
        displays = styles.displays(element.get("table:style-name", ""))
        self._sheet = Sheet(element.get("table:name", ""), hidden=not displays)
        self._styles, self._budget = styles, budget
        self._hidden_columns: list[range] = []
        #: last column of each group of equal ones, and the style of its cells
        self._column_ends: list[int] = []
        self._column_styles: list[str] = []
        self._width = self._columns = self._row = 0

    def add(self, element: Element) -> None:
        """Add what stands directly in the table, once it is complete."""
        if element.tag == "table:table-row":
            self._add_row(element)
        elif element.tag == "table:table-column":
            self._add_columns(element)
        elif element.tag == "table:table-source":
            self.source = unquote(element.get("xlink:href", "")).rpartition("/")[2]
        elif element.tag in _GROUPS:
            self.folded.pop()

    def finished(self) -> Sheet:
        """Return the sheet, once its last row is in."""
        self._budget.take_box(len(self._sheet.rows), self._width, self._sheet.name)
        for columns in self._hidden_columns:
            shown = range(columns.start, min(columns.stop, self._width + 1))
            self._sheet.hidden_columns.update(shown)
        return self._sheet

    def _add_columns(self, element: Element) -> None:
        first = self._columns + 1
        self._columns += _count(element, "table:number-columns-repeated")
        if self._is_hidden(element, "table-column"):
            self._hidden_columns.append(range(first, self._columns + 1))
        self._column_ends.append(self._columns)
        self._column_styles.append(element.get(_DEFAULT_STYLE, ""))

    def _is_hidden(self, element: Element, family: str) -> bool:
        """Whether rows or columns do not show: hidden, filtered, folded, without any size."""
        if element.get("table:visibility") in _HIDDEN or any(self.folded):
            return True
        return self._styles.has_no_size(element.get("table:style-name", ""), family)

    def _add_row(self, element: Element) -> None:
        """Add a row as often as it stands there; blank rows only count."""
        top, self._row = self._row + 1, self._row + _count(element, "table:number-rows-repeated")
        rows, column, values = range(top, self._row + 1), 0, list[Value]()
        for found in (child for child in element if child.tag in _CELLS):
            first, column = column + 1, column + _count(found, "table:number-columns-repeated")
            self._merge(found, top, first)
            if not (len(found) or found.attrib.keys() & _SAYING):
                continue
            most = self._budget.limits.string_characters
            cell = _Cell(found, self._style(found, element, first), self._styles, most)
            if cell.is_blank:
                continue
            self._width = max(self._width, column)
            # before anything is repeated
            last = self._row, column
            self._budget.refuse_box(self._row, self._width, self._sheet.name, last)
            columns = range(first, column + 1)
            self._budget.take_text(len(rows) * len(columns) * len(cell.content))
            cell.put_facts(self._sheet, [(row, column) for row in rows for column in columns])
            values += [""] * (first - 1 - len(values)) + [cell.value] * len(columns)
        if not values:
            return
        self._sheet.rows += [[] for _ in range(top - 1 - len(self._sheet.rows))]
        self._sheet.rows += [list(values) for _ in rows]
        if self._is_hidden(element, "table-row"):
            self._sheet.hidden_rows.update(rows)

    def _merge(self, element: Element, top: int, left: int) -> None:
        rows = _count(element, "table:number-rows-spanned")
        columns = _count(element, "table:number-columns-spanned")
        if rows * columns > 1:
            self._budget.take_merges(1)
            self._sheet.merges.append(Merge(top, left, top + rows - 1, left + columns - 1))

    def _style(self, cell: Element, row: Element, column: int) -> str:
        """Name of the style of a cell: its own, else that of its row, else of its column."""
        style = cell.get("table:style-name") or row.get(_DEFAULT_STYLE)
        group = bisect_left(self._column_ends, column)
        if style or group >= len(self._column_styles):
            return style or ""
        return self._column_styles[group]


class _Cell:
    """One cell, or many that are equal."""

    def __init__(self, element: Element, style: str, styles: OdsStyles, most: int) -> None:
        kind = element.get("office:value-type", "")
        pieces, is_formula = list(_pieces(element, most)), "table:formula" in element.attrib
        self.content = "".join(text for text, _ in pieces)
        self.error = ""
        if element.get("calcext:value-type") == "error":
            self.error = self.content or "#ERROR!"
        elif is_formula and _ERROR.fullmatch(self.content):
            # older programs store an error as a number or text that a formula gave
            self.error = self.content
        self.code = styles.code(style) or _code(element, kind)
        self.value = "" if self.error else _value(element, kind, self.content, self.code)
        # an empty text is a result
        has_result = self.content or kind == "string" or element.get(_STORED.get(kind, ""))
        self.is_uncalculated = is_formula and not has_result
        self.font = styles.font(style) if isinstance(self.value, str) else None
        self.runs = _runs(pieces, self.font, styles)

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return is_blank(self.value) and not self.error and not self.is_uncalculated

    def put_facts(self, sheet: Sheet, positions: Sequence[Position]) -> None:
        """Tell a sheet all about it but its value."""
        if self.is_uncalculated:
            sheet.uncalculated.update(positions)
        if self.error:
            sheet.errors |= dict.fromkeys(positions, self.error)
        if self.code:
            sheet.formats |= dict.fromkeys(positions, self.code)
        if self.font:
            sheet.fonts |= dict.fromkeys(positions, self.font)
        if self.runs:
            sheet.runs |= dict.fromkeys(positions, self.runs)


def _code(element: Element, kind: str) -> str:
    """Number format code that the type of a value says, where its style says none."""
    currency = element.get("office:currency", "")
    if kind == "currency" and currency.isalpha():
        return f'0" {currency}"'
    return "0%" if kind == "percentage" else ""


def _paragraphs(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == "text:p":
            yield child
        elif child.tag not in _ASIDE and not child.tag.startswith("draw:"):
            yield from _paragraphs(child)


def _pieces(cell: Element, most: int) -> Iterator[tuple[str, str]]:
    """Texts of a cell with their styles; white space counts as one space, as in HTML.

    They are counted as they come: one element may stand for any number of spaces.
    """
    length = 0
    for number, paragraph in enumerate(_paragraphs(cell)):
        if number:
            yield "\n", ""
        after_space = True
        for text, style, is_literal in _texts(paragraph, ""):
            shown = text if is_literal else re.sub(r"[ \t\r\n]+", " ", text)
            if after_space and not is_literal:
                shown = shown.removeprefix(" ")
            length += len(shown)
            if length > most:
                raise too_large("string_characters", most)
            if shown:
                yield shown, style
                after_space = shown.endswith(" ") and not is_literal


def _texts(element: Element, style: str) -> Iterator[tuple[str, str, bool]]:
    """Texts of an element with their styles, and whether they are to be taken literally."""
    if element.tag == "text:s":
        yield " " * min(_count(element, "text:c"), _MOST_SPACES), style, True
    elif element.tag in ("text:tab", "text:line-break"):
        yield "\t" if element.tag == "text:tab" else "\n", style, True
    elif element.tag not in _ASIDE and not element.tag.startswith("draw:"):
        if element.tag == "text:span":
            style = element.get("text:style-name", "")
        yield element.text or "", style, False
        for child in element:
            yield from _texts(child, style)
            yield child.tail or "", style, False


def _runs(pieces: Sequence[tuple[str, str]], font: str | None, styles: OdsStyles) -> Runs:
    """Rich text; empty where all of it has the font of the cell."""
    runs: list[tuple[str, str | None]] = []
    for text, style in pieces:
        own = (styles.font(style, "text") if style else None) or font
        if runs and runs[-1][1] == own:
            runs[-1] = runs[-1][0] + text, own
        else:
            runs.append((text, own))
    return () if all(own == font for _, own in runs) else tuple(runs)


def _value(element: Element, kind: str, content: str, code: str) -> Value:
    """Return the value of a cell, or what it shows where that makes no sense."""
    if (truth := _TRUTH.get(element.get("table:formula", ""))) is not None:
        return truth
    stored = element.get(_STORED.get(kind, "office:string-value"))
    if kind == "boolean":
        return stored == "true"
    if kind not in _STORED:
        return content if stored is None else stored
    if kind == "date":
        value: Value = _date(stored or "")
    elif kind == "time":
        value = _time(stored or "", is_elapsed=date_kind(code) == "duration")
    else:
        value = to_number(stored or "")
    return content if value is None else value


def _date(text: str) -> dt.date | None:
    try:
        moment = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    return moment if moment.time() != dt.time() else moment.date()


def _time(text: str, *, is_elapsed: bool) -> dt.time | dt.timedelta | None:
    """A time of the day; where the cell shows elapsed time, or more than a day, a duration."""
    matched = _PERIOD.fullmatch(text)
    if not matched:
        return None
    sign, *numbers = matched.groups()
    days, hours, minutes, seconds = (float(number or 0) for number in numbers)
    period = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if sign:
        return -period
    return period if is_elapsed or period >= _DAY else (dt.datetime.min + period).time()


def _count(element: Element, name: str) -> int:
    """Return a number of repetitions: 1 unless an attribute says more."""
    text = element.get(name, "1")
    if not (text.isascii() and text.isdigit()):
        return 1
    # any longer number is far beyond every limit
    return max(1, int(text[:12]))
