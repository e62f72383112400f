"""Text that a spreadsheet would compute: how it is told, and how a CSV file keeps it as typed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

#: What makes a spreadsheet take a text for a formula or a command, also in full width.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
#: Excel in Việt Nam parts fields at semicolons, whatever the file says.
_INNER = re.compile(r"([;\t\r\n][\s\"]*)(?=[=+@＝＋＠-])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*\s?%?")


def is_risky(text: str) -> bool:
    """Whether a program that opens the text as a cell might compute it instead of showing it.

    Examples
    --------
    >>> is_risky("=1+1"), is_risky("-5,3"), is_risky("Hội Nông dân")
    (True, False, False)
    """
    return text.lstrip(" ").startswith(_STARTS) and not _PLAIN_NUMBER.fullmatch(text)


def csv_field(value: object) -> str:
    """Return a value as a field of a CSV file; a risky text gets an apostrophe in front.

    So does what follows a semicolon or a line break in it. Numbers stay numbers, with a
    decimal point; dates are in ISO.

    Examples
    --------
    >>> csv_field("=cmd|' /C calc'!A0"), csv_field(-5), csv_field(None)
    ("'=cmd|' /C calc'!A0", '-5', '')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str):
        return str(value)
    inner = _INNER.sub(r"\1'", value)
    return f"'{inner}" if is_risky(value) else inner


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a whole CSV file as text; write it with the encoding ``utf-8-sig`` for Excel."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([csv_field(heading) for heading in headings])
    writer.writerows([csv_field(value) for value in row] for row in rows)
    return target.getvalue()
