"""Number formats and fonts: what a style of an .xlsx means, and what a format makes of a number."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import lru_cache
from typing import Literal, NamedTuple

from thidua_analysis.excel.package import Element, elements

#: Codes behind the numbers that every program knows (ECMA-376 part 1, 18.8.30), as far as they
#: change what a number means.
BUILTIN = {
    **dict.fromkeys((5, 6), '"$"#,##0;("$"#,##0)'),
    **dict.fromkeys((7, 8), '"$"#,##0.00;("$"#,##0.00)'),
    9: "0%",
    10: "0.00%",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}

#: Text in quotes, escaped and padding characters, colours, conditions and locales.
_LITERAL = re.compile(r'"[^"]*"?|[\\_*].|\[[^\]]*\]', re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
#: Excel stores no longer code; on a longer one the patterns here would take their time.
LONGEST = 255
#: First serial number after the last date that Excel knows, 31 December 9999.
_END = 2_958_466
_DAYS_TO_1904 = 1_462
_DAY_MILLISECONDS = 86_400_000


class Style(NamedTuple):
    """What the number in the ``s`` attribute of a cell stands for."""

    #: number format code; ``""`` for General and formats that change nothing
    code: str = ""
    font: str | None = None


def read_styles(part: bytes) -> list[Style]:
    """Read the cell styles of a ``styles.xml``; empty bytes give none."""
    wanted = {"numFmt", "font", "name", "xf"}
    listed = elements(part, wanted, "styles.xml") if part else ()
    codes, fonts, is_of_cells = dict(BUILTIN), list[str | None](), False
    for found in listed:
        if found.parent == "numFmts":
            codes[_number(found, "numFmtId")] = own_code(found.attributes.get("formatCode", ""))
        elif found.name == "font":
            # conditional formats hold fonts too, which no cell names
            is_of_cells = found.parent == "fonts"
            fonts += [None] if is_of_cells else []
        elif found.name == "name" and found.parent == "font" and is_of_cells:
            fonts[-1] = found.attributes.get("val")
    return [
        Style(
            codes.get(_number(found, "numFmtId"), ""),
            fonts[font] if (font := _number(found, "fontId")) < len(fonts) else None,
        )
        for found in listed
        if found.name == "xf" and found.parent == "cellXfs"
    ]


def _number(found: Element, attribute: str) -> int:
    text = found.attributes.get(attribute, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def own_code(code: str) -> str:
    """Return a code as a workbook stores it in the form used here: ``""`` for General."""
    return "" if code.lower() == "general" else code[:LONGEST]


@lru_cache(maxsize=1024)
def date_kind(code: str) -> Literal["date", "duration"] | None:
    """Return what the code makes of a number: a date or time, an elapsed time, or neither.

    Examples
    --------
    >>> date_kind("dd/mm/yyyy"), date_kind("[h]:mm"), date_kind('#,##0 "đồng"')
    ('date', 'duration', None)
    """
    if _ELAPSED.search(re.sub(r'"[^"]*"?', "", code)):
        return "duration"
    bare = _LITERAL.sub("", code)
    return "date" if _DATE_LETTER.search(bare) else None


def to_number(text: str) -> float | None:
    """Return the number that a file stores as text, None if it is none."""
    # Python takes 1_000 for a number
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def from_serial(
    serial: float, code: str, date_1904: bool = False
) -> float | dt.date | dt.datetime | dt.time | dt.timedelta:
    """Return what a number with a format code stands for: days since the epoch, or itself.

    Examples
    --------
    >>> from_serial(45291.0, "d/m/yyyy")
    datetime.date(2023, 12, 31)
    """
    kind = date_kind(code)
    if kind is None or not math.isfinite(serial):
        return serial
    if kind == "duration":
        return dt.timedelta(days=serial) if abs(serial) < _END else serial
    days, milliseconds = divmod(round(serial * _DAY_MILLISECONDS), _DAY_MILLISECONDS)
    end = _END - _DAYS_TO_1904 if date_1904 else _END
    return _moment(days, milliseconds, date_1904) if 0 <= days < end else serial


def _moment(days: int, milliseconds: int, date_1904: bool) -> dt.date | dt.datetime | dt.time:
    rest = dt.timedelta(milliseconds=milliseconds)
    if days == 0:
        return (dt.datetime.min + rest).time()
    day = _epoch(days, date_1904) + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time()) + rest if milliseconds else day


def _epoch(days: int, date_1904: bool) -> dt.date:
    if date_1904:
        return dt.date(1904, 1, 1)
    # Excel counts a 29 February 1900, which never was
    return dt.date(1899, 12, 30) if days >= 60 else dt.date(1899, 12, 31)
