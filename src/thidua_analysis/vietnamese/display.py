"""Numbers, money and dates as they are printed, in Vietnamese or English; values in CSV files.

Every value is rounded once, half up, from an exact int, Decimal or Fraction; a float is refused. A
text that a spreadsheet would compute is told, and kept as typed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Literal

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from thidua_analysis.vietnamese.quantities import EXACT, Bound, places

Lang = Literal["vi", "en"]
Exact = int | Decimal | Fraction

MINUS = "\u2212"
#: printed where there is no value, such as a share of nothing
NO_VALUE = "–"

_MILLION, _BILLION = 10**6, 10**9
_MONEY: dict[Lang, dict[int, str]] = {
    "vi": {_BILLION: "tỷ đồng", _MILLION: "triệu đồng", 1: "đồng"},
    "en": {_BILLION: "billion VND", _MILLION: "million VND", 1: "VND"},
}
_POINTS: dict[Lang, str] = {"vi": "điểm %", "en": "pp"}
_BOUNDS: dict[Lang, dict[Bound, str]] = {
    "vi": {"ge": "ít nhất", "gt": "trên", "le": "tối đa", "lt": "dưới", "approx": "khoảng"},
    "en": {"ge": "at least", "gt": "over", "le": "at most", "lt": "under", "approx": "about"},
}


@cache
def _separators(lang: Lang) -> dict[int, str]:
    return str.maketrans({",": get_group_symbol(lang), ".": get_decimal_symbol(lang)})


def rounded(value: Exact, decimals: int = 0) -> Decimal:
    """Round half up, away from zero, from the exact value; a float has lost its digits before."""
    if not isinstance(value, int | Decimal | Fraction):
        raise TypeError(f"round from int, Decimal or Fraction, not {type(value).__name__}")
    above, below = value.as_integer_ratio()
    units = (2 * abs(above) * 10**decimals + below) // (2 * below)
    return Decimal(units if above >= 0 else -units).scaleb(-decimals, context=EXACT)


def number(value: Exact | None, decimals: int = 0, lang: Lang = "vi") -> str:
    """Print a number: ``53.211``, ``1.234,5``, ``−5``; in English ``53,211``."""
    if value is None:
        return NO_VALUE
    exact = rounded(value, decimals)
    printed = f"{exact.copy_abs():,f}".translate(_separators(lang))
    return f"{MINUS}{printed}" if exact < 0 else printed


def percent(
    numerator: Exact | None, denominator: Exact | None, decimals: int = 1, lang: Lang = "vi"
) -> str:
    """Print a share: ``68,2%`` for 45 of 66; a dash without a denominator or with 0."""
    if numerator is None or not denominator:
        return NO_VALUE
    share = Fraction(numerator) / Fraction(denominator) * 100
    return f"{number(share, decimals, lang)}%"


def points(difference: Exact | None, decimals: int = 1, lang: Lang = "vi") -> str:
    """Print a difference of two percentages, in points: ``+2,3 điểm %``."""
    if difference is None:
        return NO_VALUE
    sign = "+" if rounded(difference, decimals) > 0 else ""
    return f"{sign}{number(difference, decimals, lang)} {_POINTS[lang]}"


def money(vnd: Exact | None, decimals: int = 1, lang: Lang = "vi", *, padded: bool = True) -> str:
    """Print an amount in the greatest unit that it fills: ``48,0 tỷ đồng``, ``902 triệu đồng``.

    Of millions zeros at the end are left out, of billions only where they are not ``padded``, as in
    published figures.
    """
    if vnd is None:
        return NO_VALUE
    if abs(Fraction(vnd)) < _MILLION:
        return full_money(vnd, lang)
    # 999.999.999 rounds up to 1.000 triệu: the billion is the unit that it fills
    fills_billion = abs(rounded(Fraction(vnd) / _MILLION, decimals)) >= _BILLION // _MILLION
    unit = _BILLION if fills_billion else _MILLION
    value = rounded(Fraction(vnd) / unit, decimals)
    shown = decimals if padded and fills_billion else places(value)
    return f"{number(value, shown, lang)} {_MONEY[lang][unit]}"


def money_alike(amounts: Iterable[Exact | None], lang: Lang = "vi") -> Callable[[Exact], str]:
    """Return how to print amounts that stand below each other: all in one unit, one decimal.

    It is the greatest unit in which each of them, unless it is 0, has a digit left.

    Examples
    --------
    >>> shown = money_alike([48_500_000_000, 850_000_000])
    >>> shown(48_500_000_000), shown(850_000_000)
    ('48,5 tỷ đồng', '0,9 tỷ đồng')
    """
    unit, name = money_unit(amounts, lang)
    return lambda vnd: f"{number(Fraction(vnd) / unit, int(unit > 1), lang)} {name}"


def money_unit(amounts: Iterable[Exact | None], lang: Lang = "vi") -> tuple[int, str]:
    """Return in how many đồng amounts are printed that stand together, and what that is called."""
    sizes = [abs(Fraction(one)) for one in amounts if one]
    fitting = (u for u in (_BILLION, _MILLION) if sizes and min(sizes) >= Fraction(u, 20))
    unit = next(fitting, 1)
    if sizes and unit == _BILLION and max(sizes) < _BILLION:
        unit = _MILLION
    return unit, _MONEY[lang][unit]


def full_money(vnd: Exact | None, lang: Lang = "vi") -> str:
    """Print an amount to the đồng: ``48.500.000.000 đồng``."""
    return NO_VALUE if vnd is None else f"{number(vnd, 0, lang)} {_MONEY[lang][1]}"


def date(day: dt.date | None, lang: Lang = "vi") -> str:
    """Print a date: ``10/04/2023``; in English ``10 April 2023``."""
    if day is None:
        return NO_VALUE
    pattern = "dd/MM/yyyy" if lang == "vi" else "d MMMM yyyy"
    return str(format_date(day, pattern, locale=lang))


def rank(place: int | None, size: int | None = None, lang: Lang = "vi") -> str:
    """Print a rank with the number of those ranked: ``25/82``."""
    if place is None or size is None:
        return number(place, 0, lang)
    return f"{number(place, 0, lang)}/{number(size, 0, lang)}"


def bounded(printed: str, bound: Bound | None, lang: Lang = "vi") -> str:
    """Put the word of a bound before a printed value: ``trên 2.000``."""
    return f"{_BOUNDS[lang][bound]} {printed}" if bound else printed


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
