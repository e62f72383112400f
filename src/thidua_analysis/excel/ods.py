"""Read the tables of an .ods document: values and facts in one pass over its XML.

There is a reader of values for this format in calamine, but it expands repeated rows and cells
before anybody can count them, and tells an error from a blank no more than elsewhere. Its own
scan would cost the same pass as reading does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from urllib.parse import unquote

from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Merge, Position, Value, address
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.markup import parse
from thidua_analysis.excel.ods_cells import OdsCell, count
from thidua_analysis.excel.ods_styles import OdsStyles, short, shortened
from thidua_analysis.excel.wire import PlainBook, PlainSheet

_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
#: Subtrees that look like tables or text, and are not what a sheet shows in its cells.
_ASIDE = frozenset(
    {
        "office:annotation",
        "text:note",
        "text:ruby-text",
        "office:forms",
        "table:shapes",
        "table:tracked-changes",
        "table:dde-links",
        "table:content-validations",
    }
)
_HIDDEN = frozenset({"collapse", "filter"})
_GROUPS = frozenset({"table:table-row-group", "table:table-column-group"})
_DEFAULT_STYLE = "table:default-cell-style-name"


def read_ods(content: bytes, styles: bytes, limits: Limits) -> PlainBook:
    """Read a document.

    Parameters
    ----------
    content, styles
        The parts ``content.xml`` and ``styles.xml`` in UTF-8, without document type; the latter
        may be empty.
    limits
        Bounds of the workbook.

    Raises
    ------
    Refusal
        With ``file-damaged`` or ``file-too-large``.
    """
    known = OdsStyles()
    if styles:
        parse(
            styles,
            "styles.xml",
            lambda tag, attributes: known.start(short(tag), shortened(attributes)),
            lambda tag: known.end(short(tag)),
            known.text,
        )
    reader = _Reader(known, Budget(limits))
    parse(content, "content.xml", reader.start, reader.end, reader.text)
    return PlainBook(reader.sheets, links=reader.links)


class _Reader:
    """Builds sheets while expat reads."""

    def __init__(self, styles: OdsStyles, budget: Budget) -> None:
        self.sheets: list[PlainSheet] = []
        self.links: list[str] = []
        self._styles, self._budget = styles, budget
        self._table: _Table | None = None
        self._cell: OdsCell | None = None
        self._aside = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take a start tag."""
        name = short(tag)
        if self._aside or name in _ASIDE or (self._cell and name.startswith("draw:")):
            self._aside += 1
        elif self._cell:
            self._cell.start(name, shortened(attributes))
        elif self._table:
            self._in_table(name, shortened(attributes))
        elif name == "table:table":
            self._budget.refuse_sheets(len(self.sheets) + 1)
            self._table = _Table(shortened(attributes), self._styles, self._budget)
        else:
            self._styles.start(name, shortened(attributes))

    def _in_table(self, name: str, attributes: Mapping[str, str]) -> None:
        table = self._table
        assert table  # noqa: S101 - the caller has looked
        if name == "table:table-source":
            # the stored copy of a sheet of another file
            table.source = unquote(attributes.get("xlink:href", "")).rpartition("/")[2]
        elif name == "table:table-column":
            table.add_columns(attributes)
        elif name == "table:table-row":
            table.start_row(attributes)
        elif name in _GROUPS:
            table.collapsed.append(attributes.get("table:display") == "false")
        elif name in _CELLS:
            self._cell = table.start_cell(attributes)

    def text(self, text: str) -> None:
        """Take text."""
        if self._aside:
            return
        if self._cell:
            self._cell.text(text)
        elif not self._table:
            self._styles.text(text)

    def end(self, tag: str) -> None:
        """Take an end tag."""
        name = short(tag)
        if self._aside:
            self._aside -= 1
        elif self._cell and name in _CELLS:
            if self._table:
                self._table.add_cell(self._cell)
            self._cell = None
        elif self._cell:
            self._cell.end(name)
        elif self._table and name == "table:table-row":
            self._table.end_row()
        elif self._table and name in _GROUPS and self._table.collapsed:
            self._table.collapsed.pop()
        elif self._table and name == "table:table":
            self._end_table(self._table)
        elif not self._table:
            self._styles.end(name)

    def _end_table(self, table: _Table) -> None:
        self._table = None
        if table.source is None:
            self.sheets.append(table.finished())
        else:
            self.links.append(table.source)


class _Table:
    """One sheet that grows; counts from 1."""

    def __init__(self, attributes: Mapping[str, str], styles: OdsStyles, budget: Budget) -> None:
        self.source: str | None = None
        #: whether the groups around the rows or columns to come are folded
        self.collapsed: list[bool] = []
        self._sheet = PlainSheet(
            attributes.get("table:name", ""),
            hidden=not styles.displays(attributes.get("table:style-name", "")),
        )
        self._styles, self._budget = styles, budget
        self._hidden_columns: list[range] = []
        #: last column of each group of equal ones, and the style of its cells
        self._column_ends: list[int] = []
        self._column_styles: list[str] = []
        self._width = self._columns = self._row = self._column = 0
        self._row_attributes: Mapping[str, str] = {}
        self._filled: list[tuple[int, int, OdsCell]] = []

    def add_columns(self, attributes: Mapping[str, str]) -> None:
        """Add columns that look alike."""
        first = self._columns + 1
        self._columns += count(attributes, "table:number-columns-repeated")
        if self._is_hidden(attributes, "table-column"):
            self._hidden_columns.append(range(first, self._columns + 1))
        self._column_ends.append(self._columns)
        self._column_styles.append(attributes.get(_DEFAULT_STYLE, ""))

    def _is_hidden(self, attributes: Mapping[str, str], family: str) -> bool:
        """Whether rows or columns do not show: hidden, filtered, folded, without any size."""
        if attributes.get("table:visibility") in _HIDDEN or any(self.collapsed):
            return True
        return self._styles.has_no_size(attributes.get("table:style-name", ""), family)

    def start_row(self, attributes: Mapping[str, str]) -> None:
        """Begin a row, or many that are equal."""
        self._row_attributes, self._column, self._filled = attributes, 0, []

    def start_cell(self, attributes: Mapping[str, str]) -> OdsCell:
        """Begin a cell; one that names no style has that of its row or column."""
        style = attributes.get("table:style-name") or self._row_attributes.get(_DEFAULT_STYLE)
        if not style:
            group = bisect_left(self._column_ends, self._column + 1)
            style = self._column_styles[group] if group < len(self._column_styles) else ""
        return OdsCell(attributes, style, self._styles)

    def add_cell(self, cell: OdsCell) -> None:
        """Add a cell, or many that are equal."""
        first = self._column + 1
        repeated = count(cell.attributes, "table:number-columns-repeated")
        self._column += repeated
        self._merge(cell.attributes, first)
        if not cell.is_blank:
            self._filled.append((first, repeated, cell))

    def _merge(self, attributes: Mapping[str, str], left: int) -> None:
        rows = count(attributes, "table:number-rows-spanned")
        columns = count(attributes, "table:number-columns-spanned")
        if rows * columns > 1:
            self._budget.take_merges(1)
            top = self._row + 1
            self._sheet.merges.append(Merge(top, left, top + rows - 1, left + columns - 1))

    def end_row(self) -> None:
        """Add the row as often as it stands there; blank rows only count."""
        first = self._row + 1
        repeated = count(self._row_attributes, "table:number-rows-repeated")
        self._row += repeated
        if not self._filled:
            return
        last, times, _ = self._filled[-1]
        self._width = max(self._width, last + times - 1)
        # before anything is repeated
        cell = address(self._row, last + times - 1)
        self._budget.refuse_box(self._row, self._width, self._sheet.name, cell)
        rows = range(first, self._row + 1)
        self._sheet.rows += [[]] * (first - 1 - len(self._sheet.rows))
        self._repeat(rows)
        if self._is_hidden(self._row_attributes, "table-row"):
            self._sheet.hidden_rows.update(rows)

    def _repeat(self, rows: range) -> None:
        """Add equal rows with all facts of their cells."""
        values: list[Value] = []
        for first, times, cell in self._filled:
            values += [""] * (first - 1 - len(values)) + [cell.value] * times
            positions = [(row, first + n) for row in rows for n in range(times)]
            self._budget.take_text(len(positions) * len(cell.content))
            self._add_facts(positions, cell)
        self._sheet.rows += [values] * len(rows)

    def _add_facts(self, positions: list[Position], cell: OdsCell) -> None:
        sheet = self._sheet
        if cell.error:
            sheet.errors |= dict.fromkeys(positions, cell.error)
        if cell.is_uncalculated:
            sheet.uncalculated.update(positions)
        if cell.code:
            sheet.formats |= dict.fromkeys(positions, cell.code)
        if cell.font:
            sheet.fonts |= dict.fromkeys(positions, cell.font)
        if cell.runs:
            sheet.runs |= dict.fromkeys(positions, cell.runs)

    def finished(self) -> PlainSheet:
        """Return the sheet, once its last row is in."""
        self._budget.take_box(len(self._sheet.rows), self._width, self._sheet.name)
        for columns in self._hidden_columns:
            self._sheet.hidden_columns.update(
                range(columns.start, min(columns.stop, self._width + 1))
            )
        return self._sheet
