"""How cells of an .xlsx sheet look: number format, font, rich text; looked up only when asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from thidua_analysis.excel.cells import Position, Runs, address, column_number
from thidua_analysis.excel.shared_strings import SharedStrings, runs
from thidua_analysis.excel.styles import Styles

_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"')
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"')
_STYLE = re.compile(rb' s="([0-9]{1,6})"')
_INDEX = re.compile(rb"<v>([0-9]{1,9})</v>")


class Appearance:
    """Looks cells up in the markup of a sheet, one by one.

    Most sheets are never asked, so that nothing is prepared before the first question. Safe to
    share between threads: what is prepared depends on the markup alone.

    Parameters
    ----------
    body
        Rows and cells in plain markup, as scanned.
    styles, strings
        Styles and shared strings of the workbook.
    """

    def __init__(self, body: bytes, styles: Styles, strings: SharedStrings) -> None:
        self._body = body
        self._styles = styles
        self._strings = strings

    def font(self, row: int, column: int) -> str | None:
        """Name of the font of a cell, None if there is no such cell or it names no font."""
        cell = self._cell(row, column)
        return self._styles.font(_style(cell[0])) if cell else None

    def runs(self, row: int, column: int) -> Runs:
        """Rich text of a cell as (text, font name) runs; empty where it has one font."""
        cell = self._cell(row, column)
        if not cell:
            return ()
        tag, content = cell
        if b' t="s"' in tag:
            return self._shared_runs(content, _style(tag))
        if b' t="inlineStr"' in tag:
            return runs(content, self._styles.font(_style(tag)))
        return ()

    def code(self, row: int, column: int) -> str:
        """Number format code of a cell; ``""`` for General."""
        cell = self._cell(row, column)
        return self._styles.code(_style(cell[0])) if cell else ""

    def positions(self) -> Iterator[Position]:
        """Yield the positions of all cells with content."""
        for match in _CELL.finditer(self._body):
            yield int(match[2]), column_number(match[1].decode())

    def _shared_runs(self, content: bytes, style: int) -> Runs:
        index = _INDEX.search(content)
        items = self._strings.items
        if not index or int(index[1]) >= len(items):
            return ()
        return runs(items[int(index[1])], self._styles.font(style))

    def _cell(self, row: int, column: int) -> tuple[bytes, bytes] | None:
        """Start tag and content of a cell."""
        marker = b'<c r="%b"' % address(row, column).encode()
        start = self._rows.get(row, -1)
        found = -1
        if start >= 0:
            # of two cells with one address the last counts
            found = self._body.rfind(marker, start, self._body.find(b"</row>", start))
        if found < 0:
            # a cell may stand among those of another row
            found = self._body.rfind(marker)
        if found < 0:
            return None
        tag, _, rest = self._body[found : self._body.find(b"</c>", found)].partition(b">")
        return tag, rest

    @cached_property
    def _rows(self) -> dict[int, int]:
        return {int(match[1]): match.start() for match in _ROW.finditer(self._body)}


class Formats(Mapping[Position, str]):
    """Number format codes by position, read from the markup when asked.

    Parameters
    ----------
    appearance
        The cells of the sheet.
    """

    def __init__(self, appearance: Appearance) -> None:
        self._appearance = appearance

    def __getitem__(self, position: Position) -> str:
        code = self._appearance.code(*position)
        if not code:
            raise KeyError(position)
        return code

    def __iter__(self) -> Iterator[Position]:
        seen = dict.fromkeys(self._appearance.positions())
        return (position for position in seen if position in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _style(tag: bytes) -> int:
    found = _STYLE.search(tag)
    return int(found[1]) if found else 0
