"""Tell by its skeleton that a sheet holds only cells of the commonest kinds, and few of them."""

from __future__ import annotations

import re
import string
from typing import NamedTuple

from thidua_analysis.excel.limits import Limits

#: What addresses, style numbers and values are made of; without it all cells of a kind are alike.
_VARYING = (string.digits + string.ascii_uppercase + ".-+").encode()
_STYLE, _NUMBER_TYPE = b' s=""', b' t="n"'
_EMPTY = b'<c r=""/>'
_KINDS = (b'<c r=""><v></v></c>', b'<c r="" t="s"><v></v></c>')
_ROWS = re.compile(rb'(?:\s*+<row r=""[^<>]*+>(?:</row>)?+)*+\s*+')
#: An address with two letters or five digits: it leads out of the largest box that is usual.
_FAR = re.compile(rb'r="(?:[A-Z]{2}|[A-Z]?[0-9]{5})')
#: The height of a row that has none.
_NO_HEIGHT = re.compile(rb""" ht\s*=\s*["'](?=[^"']*0)-?0*\.?0*["']""")
ROWS, COLUMNS = 9_999, 26


class Usual(NamedTuple):
    """A sheet of numbers and shared strings within A1:Z9999; no formula, error or hidden row."""

    #: cells with content
    filled: int
    #: whether cells without content stand between them
    has_empty: bool


def lacks_height(body: bytes) -> bool:
    """Whether a row has no height, so that nobody sees it."""
    return _NO_HEIGHT.search(body) is not None


def are_few(sheets: int, limits: Limits) -> bool:
    """Whether so many sheets of the largest usual size stay within the limit on cells."""
    return sheets * ROWS * COLUMNS <= limits.cells


def usual(body: bytes) -> Usual | None:
    """Look at rows and cells as a whole, a tenth of the work of looking at each.

    All digits and capitals are taken out. What is left of a cell is then one of few texts; what
    is left when these are taken out too must be rows, none of them hidden. Malformed markup may
    pass: every address in it is short all the same, which is what keeps a reader in bounds.

    Parameters
    ----------
    body
        Rows and cells of a sheet.

    Returns
    -------
    Usual or None
        None where another look is needed.
    """
    if lacks_height(body) or _FAR.search(body):
        return None
    filled, rest = _without_cells(body.translate(None, _VARYING))
    has_empty = False
    if not _ROWS.fullmatch(rest):
        rest = rest.replace(_STYLE, b"").replace(_NUMBER_TYPE, b"")
        has_empty = _EMPTY in rest
        more, rest = _without_cells(rest.replace(_EMPTY, b""))
        filled += more
    if b"hidden" in rest or not _ROWS.fullmatch(rest):
        return None
    return Usual(filled, has_empty)


def _without_cells(rest: bytes) -> tuple[int, bytes]:
    """Take out cells of the plain kinds, and count them."""
    filled = 0
    for kind in _KINDS:
        before, rest = len(rest), rest.replace(kind, b"")
        filled += (before - len(rest)) // len(kind)
    return filled, rest
