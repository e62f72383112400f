"""Formulas of an .xls workbook whose stored result is none.

The format has no place for "not computed", so that programs which do not compute store something
else. These states are told from a result:

- the workbook asks to be computed on opening (RecalcId 0), or Excel saved a sheet while its
  formulas waited to be computed (Uncalced): no result counts;
- the empty text as the result of a sum, a product, a comparison: a program that computes never
  stores it. Where no formula of the workbook has any other result, none was computed;
- 0 with the bit for "compute on opening", which Excel never sets, and no formula of the workbook
  with another result.

A lone 0 or empty text without such a sign may well be the result, and is taken for it. The bit
for "compute always" only says that a formula is volatile.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from thidua_analysis.excel.biff import book_records, records
from thidua_analysis.excel.cells import Position

_BOF, _EOF, _BOUNDSHEET, _RECALC_ID = 0x0809, 0x000A, 0x0085, 0x01C1
_FORMULA, _UNCALCED = 0x0006, 0x005E
_WORKSHEET, _BIFF8 = 0, 0x0600
#: How a result that is no number is marked, and the empty text among those.
_NO_NUMBER, _EMPTY_TEXT = b"\xff\xff", 3
_ZERO = bytes(8)
_COMPUTE_ON_OPENING = 0x0002

# --- tokens of a formula, [MS-XLS] 2.5.198 ------------------------------------------------------

#: Bytes that follow a token, by its number without its class.
_SIZES = {
    **{0x01: 4, 0x02: 4, **dict.fromkeys(range(0x03, 0x17), 0)},
    **{0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8, 0x20: 7, 0x21: 2, 0x22: 3, 0x23: 4, 0x24: 4, 0x25: 8},
    **{0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2A: 4, 0x2B: 8, 0x2C: 4, 0x2D: 8},
    **{0x39: 6, 0x3A: 6, 0x3B: 10, 0x3C: 6, 0x3D: 10},
}
_FIRST_CLASS = 0x20
_PAREN, _TEXT, _ATTRIBUTE, _FUNCTION, _FUNCTION_OF_MANY = 0x15, 0x17, 0x19, 0x21, 0x22
_CHOOSE, _SUM = 0x04, 0x10
#: + - * / ^, comparisons, minus sign, percent sign.
_NUMERIC = frozenset((*range(0x03, 0x08), *range(0x09, 0x0F), 0x13, 0x14))
#: COUNT SUM AVERAGE MIN MAX ABS INT ROUND MOD COUNTA PRODUCT ROUNDUP ROUNDDOWN RANK SUMPRODUCT
#: SUBTOTAL SUMIF COUNTIF COUNTBLANK
_NUMERIC_FUNCTIONS = frozenset(
    (0, 4, 5, 6, 7, 24, 25, 27, 39, 169, 183, 212, 213, 216, 228, 344, 345, 346, 347)
)


@dataclass(slots=True)
class _Formulas:
    """Positions of the formulas of one sheet, by what they store as their result."""

    every: list[Position] = field(default_factory=list)
    #: the empty text
    empty: list[Position] = field(default_factory=list)
    #: the empty text where only a number can be the result
    impossible: list[Position] = field(default_factory=list)
    #: 0, to be computed on opening
    zero: list[Position] = field(default_factory=list)
    is_pending: bool = False

    @property
    def is_computed(self) -> bool:
        """Whether a formula has a result that is neither of these."""
        return len(self.every) > len(self.empty) + len(self.zero)


def uncalculated(stream: bytes) -> list[set[Position]]:
    """Return for each worksheet of a workbook the formulas that have no valid result.

    Parameters
    ----------
    stream
        The stream of the workbook; nothing in it is trusted.
    """
    starts, recomputes, biff8 = [], False, False
    for kind, content in book_records(stream):
        if kind == _BOF and len(content) >= 2:
            biff8 = struct.unpack_from("<H", content)[0] == _BIFF8
        elif kind == _BOUNDSHEET and len(content) >= 6:
            start, _, what = struct.unpack_from("<IBB", content)
            starts += [start] if what == _WORKSHEET else []
        elif kind == _RECALC_ID and len(content) >= 8:
            recomputes = struct.unpack_from("<I", content, 4)[0] == 0
    sheets = [_formulas(stream, start, biff8) for start in starts]
    is_computed = any(sheet.is_computed for sheet in sheets)
    none_computed = not is_computed and any(sheet.impossible for sheet in sheets)
    found = []
    for sheet in sheets:
        positions = set(sheet.every if recomputes or sheet.is_pending else sheet.impossible)
        positions.update(sheet.empty if none_computed else ())
        positions.update(() if is_computed else sheet.zero)
        found.append(positions)
    return found


def _formulas(stream: bytes, start: int, biff8: bool) -> _Formulas:
    """Read the formulas of the sheet that begins at a place of the stream."""
    found, depth = _Formulas(), 0
    for kind, at, end in records(stream, start):
        if kind == _FORMULA and depth == 1 and at + 22 <= end <= len(stream):
            _add(found, stream[at:end], biff8)
        elif kind == _UNCALCED:
            found.is_pending = True
        elif kind == _BOF:
            # charts stand within sheets
            depth += 1
        elif kind == _EOF:
            depth -= 1
        if depth < 1:
            break
    return found


def _add(found: _Formulas, content: bytes, biff8: bool) -> None:
    row, column, _, result, options = struct.unpack_from("<3H8sH", content)
    position = row + 1, column + 1
    found.every.append(position)
    if result[6:] == _NO_NUMBER and result[0] == _EMPTY_TEXT:
        found.empty.append(position)
        if biff8 and _gives_number(content[22 : 22 + int.from_bytes(content[20:22], "little")]):
            found.impossible.append(position)
    elif result == _ZERO and options & _COMPUTE_ON_OPENING:
        found.zero.append(position)


def _gives_number(tokens: bytes) -> bool:
    """Whether the last operation of a formula gives a number, a truth value or an error."""
    last = False
    try:
        for token, content in _tokens(tokens):
            if token == _ATTRIBUTE:
                last = last or bool(content[0] & _SUM)
            elif token in (_FUNCTION, _FUNCTION_OF_MANY):
                number = struct.unpack_from("<H", content, token == _FUNCTION_OF_MANY)[0]
                last = number in _NUMERIC_FUNCTIONS
            elif token != _PAREN:
                last = token in _NUMERIC
    except (IndexError, KeyError, struct.error):
        return False
    return last


def _tokens(tokens: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each token, without its class, and what follows it."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token >= _FIRST_CLASS:
            token = _FIRST_CLASS | (token & 0x9F)
        at += 1
        if token == _TEXT:
            size = 2 + tokens[at] * (2 if tokens[at + 1] & 1 else 1)
        elif token == _ATTRIBUTE:
            size = 3
            if tokens[at] & _CHOOSE:
                size += 2 * (1 + int.from_bytes(tokens[at + 1 : at + 3], "little"))
        else:
            size = _SIZES[token]
        if at + size > len(tokens):
            raise IndexError
        yield token, tokens[at : at + size]
        at += size
