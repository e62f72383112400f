"""What cells in plain markup store: which hold blanks only, and which store their value wrongly."""

from __future__ import annotations

import re

from thidua_analysis.excel.refusal import Refusal, damaged
from thidua_analysis.excel.shared_strings import SharedStrings, texts

_AT = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"')
#: content up to the end of the cell, and never into another (see `prescan`)
_CELL = re.compile(
    rb'<c r="[A-Z]{1,3}+[1-9][0-9]{0,6}+"([^<>]*+)>((?:[^<]++|<(?!/?c[\s>/]))*+)</c>'
)
_TYPE = re.compile(rb' t="([a-zA-Z]*)"')
_VALUE = re.compile(rb"<v(?:\s[^<>]*)?>([^<]*)")
_FORMULA = rb"(?:<f(?:\s[^<>]*?)?(?:/>|>[^<]*+</f>))?+"
#: a number of a shared string that is none, for which readers take another; a text within the
#: cell that is stored as a value
_WRONG = re.compile(
    rb' t="s"[^<>]*>\s*+' + _FORMULA + rb"\s*+<v(?:\s[^<>]*)?(?:/>|>(?![0-9]{1,9}</v>))"
    rb'| t="inlineStr"[^<>]*>\s*+' + _FORMULA + rb"\s*+<v[\s>/]"
)
#: the same among cells of the commonest kinds
_WRONG_USUAL = re.compile(rb'"s"><v>(?![0-9]{1,9}<)')
#: digits written as references, which readers of values pass over
_REFERENCE = re.compile(rb"<v(?:\s[^<>]*)?>[^<&]*&#")


def stores_wrongly(body: bytes, *, is_usual: bool = False) -> bool:
    """Whether a cell refers to a shared string by no number, or hides its value otherwise.

    Parameters
    ----------
    body
        Rows and cells in plain markup.
    is_usual
        Whether all cells are of the commonest kinds.
    """
    if is_usual:
        return _WRONG_USUAL.search(body) is not None
    if b"&#" in body and _REFERENCE.search(body):
        return True
    return _WRONG.search(body) is not None


def wrongly_stored(body: bytes, sheet: str) -> Refusal | None:
    """Return the refusal that names the first cell that stores its value wrongly."""
    found = _WRONG.search(body)
    if not found:
        return None
    at = _AT.match(body, body.rfind(b'<c r="', 0, found.start()))
    return damaged_cell(sheet, at[1].decode() if at else "?")


def damaged_cell(sheet: str, cell: str) -> Refusal:
    """Refusal of a file with a cell that nobody can read."""
    what = f"{sheet}!{cell}"
    return damaged(what, of="cell", sheet=sheet, cell=cell)


def without_blanks(body: bytes, strings: SharedStrings, computes: bool) -> bytes:
    """Return rows and cells without those cells that hold nothing but spaces.

    Parameters
    ----------
    body
        Rows and cells in plain markup.
    strings
        Shared strings of the workbook.
    computes
        Whether the workbook must be computed on opening, so that a formula is no blank.
    """

    def kept(match: re.Match[bytes]) -> bytes:
        attributes, content = match.groups()
        kind = _TYPE.search(attributes)
        is_blank = _is_blank(kind[1] if kind else b"n", content, strings, computes)
        return b"" if is_blank else match[0]

    return _CELL.sub(kept, body)


def _is_blank(kind: bytes, content: bytes, strings: SharedStrings, computes: bool) -> bool:
    has_formula = b"<f" in content
    if has_formula and (computes or kind != b"str"):
        return False
    if kind == b"inlineStr":
        return not texts(content).strip()
    value = _VALUE.search(content)
    text = value[1].strip() if value else b""
    if kind == b"s" and text.isdigit():
        return int(text[:9]) in strings.blanks
    # a text without its value may stand as within the cell
    return kind != b"e" and not text.decode("utf-8", "replace").strip() and b"<is" not in content
