"""Numbers that Excel stored as numbers or dates."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import replace
from decimal import Decimal

from .literals import EXACT
from .quantities import Kind, Number, column, complaint, rejected, scaled, whole

_LITERAL_PARTS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_SHOWN_DIGITS = ".15g"


def from_cell(
    value: float | bool,
    kind: Kind,
    unit: str | None = None,
    percent_format: bool = False,
    scale: int = 1,
) -> Number:
    """Read a number that the file stores as a number.

    Excel keeps and shows 15 significant digits, so a fraction is taken with these: 1.1 + 2.2 is
    3.3, not 3.3000000000000003.

    Parameters
    ----------
    value
        The stored value.
    kind, unit, scale
        As in `parse`.
    percent_format
        The cell's number format shows 0.7 as 70 %.

    Returns
    -------
    Number
        In a column of percentages a fraction below 1 without a percent format has two readings
        and is ``number-percent-scale``; 1 and more are taken as percent.
    """
    if isinstance(value, bool):
        return rejected("number-is-boolean")
    if not math.isfinite(value):
        return rejected("number-not-finite")
    asked = column(kind, unit, scale)
    if percent_format and not asked.is_percent and (kind != "number" or asked.unit.base):
        return rejected("number-unit")
    exact = Decimal(int(value)) if value == int(value) else Decimal(format(value, _SHOWN_DIGITS))
    if percent_format:
        exact = exact.scaleb(2, context=EXACT)
    result = whole(scaled(exact, None, asked))
    wrong = complaint(result, asked, percent_format)
    if wrong and isinstance(result, Decimal) and kind == "count":
        return replace(wrong, suggestion=_without_group_sign(result))
    return wrong or Number(result)


def _without_group_sign(value: Decimal) -> str | None:
    """Return the count that an English Excel made a fraction of: 2.306 was typed for 2306.

    Only three decimals can have been a group; 2.3 may have been 2.300.
    """
    thousandfold = value.scaleb(3, context=EXACT)
    count = int(thousandfold)
    return str(count) if 1 <= value < 1000 and count == thousandfold else None


def from_date(
    value: dt.date | dt.time | dt.timedelta, format_code: str | None = None, kind: Kind = "number"
) -> Number:
    """Reject a date in a column of numbers, and say what was probably typed.

    Parameters
    ----------
    value
        The date that Excel made of "3/7" or "12/82"; a time or duration has no suggestion.
    format_code
        Number format of the cell, if known: Excel sets ``d-mmm`` or ``mmm-yy`` by itself.
    kind
        As in `parse`; in a rank column the smaller number stands first.

    Returns
    -------
    Number
        Always ``number-is-date``.
    """
    if not isinstance(value, dt.date):
        return rejected("number-is-date")
    day, month, year = value.day, value.month, f"{value.year % 100:02}"
    order = _order(format_code, value)
    if order == "my":
        return rejected("number-is-date", f"{month}/{year}")
    first, second = (month, day) if order == "md" else (day, month)
    if kind == "rank":
        first, second = sorted((first, second))
    return rejected("number-is-date", f"{first}/{second}")


def _order(format_code: str | None, value: dt.date) -> str:
    """Return the parts of a date in the order of its format, such as "dm" or "my"."""
    if not format_code:
        return "my" if value.day == 1 else "dm"
    letters = _LITERAL_PARTS.sub("", format_code.split(";")[0]).lower()
    order = "".join(dict.fromkeys(re.findall("[dmy]", letters)))
    return order if order in ("dm", "md", "my") else "dm"
