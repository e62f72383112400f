"""Marks in the part of one sheet: the format of cells, and the link to its comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from thidua_analysis.excel import address
from thidua_analysis.exchange.marks.markup import Edit, Tag, UnmarkableError, edited, elements, only
from thidua_analysis.exchange.marks.styles import Styles

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_WANTED = frozenset(
    "worksheet sheetData row c cols col mergeCell drawing legacyDrawing legacyDrawingHF drawingHF "
    "picture oleObjects controls webPublishItems tableParts extLst".split()
)
#: What may stand after the link to comments, in the order of the schema.
_AFTER = frozenset(
    "legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts "
    "extLst".split()
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Position = tuple[int, int]


def position(reference: str) -> Position:
    """Return row and column of an address, both from 1: ``"G7"`` is (7, 7).

    Raises
    ------
    UnmarkableError
        If it is no address.
    """
    matched = _REFERENCE.fullmatch(reference)
    if matched is None:
        raise UnmarkableError(f"address {reference}")
    column = 0
    for letter in matched[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(matched[2]), column


def _bounds(reference: str) -> tuple[Position, Position]:
    first, _, last = reference.partition(":")
    return position(first), position(last or first)


@dataclass(slots=True)
class _Row:
    number: int
    tag: Tag
    cells: list[tuple[int, Tag]] = field(default_factory=list)


class SheetPart:
    """The part of one sheet, and where its rows and cells stand in it.

    Parameters
    ----------
    part
        The part as it is.

    Raises
    ------
    UnmarkableError
        If it holds no cells, or an impossible address.
    """

    def __init__(self, part: bytes) -> None:
        self.part = part
        self._found = elements(part, _WANTED)
        root, data = only(self._found, "worksheet", 0), only(self._found, "sheetData", 1)
        if root is None or data is None:
            raise UnmarkableError("no worksheet")
        self._root, self._data = root, data
        self._prefix = data.prefix.decode()
        self._rows = _rows(self._found)
        self._merges = [_bounds(t.attributes["ref"]) for t in self._found if t.name == "mergeCell"]
        self._edits: list[Edit] = []

    @property
    def drawing(self) -> str | None:
        """Id of the relation to the shapes of comments; None where there are none."""
        tag = only(self._found, "legacyDrawing", 1)
        if tag is None:
            return None
        return next((v for k, v in tag.attributes.items() if k.rpartition(":")[2] == "id"), None)

    def link_drawing(self, relation: str) -> None:
        """Link the sheet to the shapes of its comments."""
        later = (t for t in self._found if t.depth == 1 and t.name in _AFTER)
        at = next((tag.start for tag in later), self._root.close)
        tag = f'<{self._prefix}legacyDrawing xmlns:r="{_RELATIONS}" r:id="{relation}"/>'
        self._edits.append((at, at, tag.encode()))

    def colour(self, wanted: Mapping[Position, str], styles: Styles) -> None:
        """Give cells the fill of their severity, and take those of former marks away.

        Parameters
        ----------
        wanted
            Position of the cell, from 1 → severity.
        styles
            Formats of the workbook.
        """
        todo = dict(wanted)
        for row in self._rows.values():
            for column, tag in row.cells:
                base = int(tag.attributes.get("s", "0") or 0)
                severity = todo.pop((row.number, column), None)
                style = styles.marked(base, severity) if severity else styles.unmarked(base)
                if style not in (None, base):
                    self._edits.append(tag.with_attribute(self.part, "s", str(style)))
        self._add_cells(todo, styles)

    def shown(self, place: Position) -> Position:
        """Return the cell that shows at a place: the first one of a merged range."""
        for (top, left), (bottom, right) in self._merges:
            if top <= place[0] <= bottom and left <= place[1] <= right:
                return top, left
        return place

    def formats(self, row: int, after: int) -> dict[int, int]:
        """Return the formats of a row's cells behind a column, numbered from there."""
        known = self._rows.get(row)
        cells = known.cells if known else []
        return {c - after: int(t.attributes.get("s", "0") or 0) for c, t in cells if c > after}

    def render(self) -> bytes:
        """Return the part with all edits."""
        return edited(self.part, self._edits)

    def _add_cells(self, todo: Mapping[Position, str], styles: Styles) -> None:
        """Add the marked cells that the part does not hold: blank ones."""
        by_row: dict[int, dict[int, str]] = {}
        for (row, column), severity in sorted(todo.items()):
            by_row.setdefault(row, {})[column] = severity
        for number, cells in by_row.items():
            known = self._rows.get(number)
            if known is None:
                self._add_row(number, cells, styles)
            else:
                self._add_to_row(known, cells, styles)

    def _cell(self, row: int, column: int, style: int) -> bytes:
        return f'<{self._prefix}c r="{address(row, column)}" s="{style}"/>'.encode()

    def _add_row(self, number: int, cells: Mapping[int, str], styles: Styles) -> None:
        content = b"".join(
            self._cell(number, c, styles.marked(self._column_style(c), s)) for c, s in cells.items()
        )
        row = f'<{self._prefix}row r="{number}">'.encode() + content
        row += f"</{self._prefix}row>".encode()
        later = [known.tag.start for n, known in self._rows.items() if n > number]
        if later:
            self._edits.append((min(later), min(later), row))
        else:
            self._append(self._data, row)

    def _add_to_row(self, row: _Row, cells: Mapping[int, str], styles: Styles) -> None:
        own = row.tag.attributes.get("s") if row.tag.attributes.get("customFormat") else None
        last = b""
        for column, severity in cells.items():
            base = int(own) if own else self._column_style(column)
            content = self._cell(row.number, column, styles.marked(base, severity))
            after = [tag.start for c, tag in row.cells if c > column]
            if after:
                self._edits.append((min(after), min(after), content))
            else:
                last += content
        if last:
            self._append(row.tag, last)

    def _append(self, holder: Tag, content: bytes) -> None:
        """Add to the end of an element, once more if something was added before."""
        edit = holder.append(self.part, content)
        if holder.empty:
            for number, (start, end, earlier) in enumerate(self._edits):
                if (start, end) == edit[:2]:
                    cut = earlier.rindex(b"</")
                    self._edits[number] = (start, end, earlier[:cut] + content + earlier[cut:])
                    return
        self._edits.append(edit)

    def _column_style(self, column: int) -> int:
        for tag in self._found:
            if tag.name == "col" and int(tag.attributes["min"]) <= column <= int(
                tag.attributes["max"]
            ):
                return int(tag.attributes.get("style", "0"))
        return 0


def _rows(found: list[Tag]) -> dict[int, _Row]:
    """Rows by number with their cells; numbers and addresses may be left out in the part."""
    rows: dict[int, _Row] = {}
    number = column = 0
    for tag in found:
        if tag.name == "row" and tag.parent == "sheetData":
            number = int(tag.attributes.get("r") or number + 1)
            column = 0
            rows[number] = _Row(number, tag)
        elif tag.name == "c" and tag.parent == "row":
            given = tag.attributes.get("r")
            column = position(given)[1] if given else column + 1
            rows[number].cells.append((column, tag))
    return rows
