"""Numbers, money and dates as they are printed, in Vietnamese or English; dates as typed; CSV.

Every value is rounded once, half up, from an exact int, Decimal or Fraction; a float is refused.
Dates are day, month, year and never guessed. A text that a spreadsheet would compute is told, and
kept as typed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from thidua_analysis.messages import Lang as Lang
from thidua_analysis.messages import language
from thidua_analysis.vietnamese.quantities import EXACT, Bound, places
from thidua_analysis.vietnamese.text import LONGEST, half_width, is_cross, key, says_nothing

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
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return str.maketrans({",": get_group_symbol(lang), ".": get_decimal_symbol(lang)})


def rounded(value: Exact, decimals: int = 0) -> Decimal:
    """Round half up, away from zero, from the exact value; a float has lost its digits before."""
    if not isinstance(value, int | Decimal | Fraction):
        raise TypeError(f"round from int, Decimal or Fraction, not {type(value).__name__}")
    above, below = value.as_integer_ratio()
    units = (2 * abs(above) * 10**decimals + below) // (2 * below)
    return Decimal(units if above >= 0 else -units).scaleb(-decimals, context=EXACT)


def number(value: Exact | None, decimals: int = 0, lang: Lang | None = None) -> str:
    """Print a number: ``53.211``, ``1.234,5``, ``−5``; in English ``53,211``."""
    if value is None:
        return NO_VALUE
    exact = rounded(value, decimals)
    printed = f"{exact.copy_abs():,f}".translate(_separators(lang or language()))
    return f"{MINUS}{printed}" if exact < 0 else printed


def percent(
    numerator: Exact | None, denominator: Exact | None, decimals: int = 1, lang: Lang | None = None
) -> str:
    """Print a share: ``68,2%`` for 45 of 66; a dash without a denominator or with 0."""
    if numerator is None or not denominator:
        return NO_VALUE
    share = Fraction(numerator) / Fraction(denominator) * 100
    return f"{number(share, decimals, lang)}%"


def points(difference: Exact | None, decimals: int = 1, lang: Lang | None = None) -> str:
    """Print a difference of two percentages, in points: ``+2,3 điểm %``."""
    if difference is None:
        return NO_VALUE
    sign = "+" if rounded(difference, decimals) > 0 else ""
    return f"{sign}{number(difference, decimals, lang)} {_POINTS[lang or language()]}"


def money(
    vnd: Exact | None, decimals: int = 1, lang: Lang | None = None, *, padded: bool = True
) -> str:
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
    return f"{number(value, shown, lang)} {_MONEY[lang or language()][unit]}"


def money_alike(
    amounts: Iterable[Exact | None], lang: Lang | None = None
) -> Callable[[Exact], str]:
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


def money_unit(amounts: Iterable[Exact | None], lang: Lang | None = None) -> tuple[int, str]:
    """Return in how many đồng amounts are printed that stand together, and what that is called."""
    sizes = [abs(Fraction(one)) for one in amounts if one]
    fitting = (u for u in (_BILLION, _MILLION) if sizes and min(sizes) >= Fraction(u, 20))
    unit = next(fitting, 1)
    if sizes and unit == _BILLION and max(sizes) < _BILLION:
        unit = _MILLION
    return unit, _MONEY[lang or language()][unit]


def is_money(unit: str) -> bool:
    """Whether figures of a unit are amounts of money, in whichever language it is named."""
    return any(unit == names[1] for names in _MONEY.values())


def full_money(vnd: Exact | None, lang: Lang | None = None) -> str:
    """Print an amount to the đồng: ``48.500.000.000 đồng``."""
    return NO_VALUE if vnd is None else f"{number(vnd, 0, lang)} {_MONEY[lang or language()][1]}"


_NUMERIC_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_NAMED_DAY = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})")


def date(day: dt.date | None, lang: Lang | None = None) -> str:
    """Print a date: ``10/04/2023``; in English ``10 April 2023``."""
    if day is None:
        return NO_VALUE
    from babel.dates import format_date

    lang = lang or language()
    pattern = "dd/MM/yyyy" if lang == "vi" else "d MMMM yyyy"
    return str(format_date(day, pattern, locale=lang))


def printed_date(text: str) -> dt.date | None:
    """Return the day that `date` has printed as a text, in whichever language."""
    from babel.dates import get_month_names

    found = _NUMERIC_DAY.fullmatch(text) or _NAMED_DAY.fullmatch(text)
    if found is None:
        return None
    months = {name: at for at, name in get_month_names("wide", locale="en").items()}
    month = months.get(found[2]) or (int(found[2]) if found[2].isdecimal() else 0)
    return dt.date(int(found[3]), month, int(found[1])) if month else None


#: Areas and volumes as they are typed.
_POWER = re.compile(r"\b(k?m)([23])\b")


def unit_text(unit: str) -> str:
    """Return a unit as it is printed: m² and m³, however they were typed.

    Examples
    --------
    >>> unit_text("m2"), unit_text("km2 rừng"), unit_text("M2024")
    ('m²', 'km² rừng', 'M2024')
    """
    return _POWER.sub(lambda m: m[1] + "²³"[m[2] == "3"], unit)


def rank(place: int | None, size: int | None = None, lang: Lang | None = None) -> str:
    """Print a rank with the number of those ranked: ``25/82``."""
    if place is None or size is None:
        return number(place, 0, lang)
    return f"{number(place, 0, lang)}/{number(size, 0, lang)}"


def bounded(printed: str, bound: Bound | None, lang: Lang | None = None) -> str:
    """Put the word of a bound before a printed value: ``trên 2.000``."""
    return f"{_BOUNDS[lang or language()][bound]} {printed}" if bound else printed


#: What makes a spreadsheet take a text for a formula or a command, also in full width.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
#: Excel in Việt Nam parts fields at semicolons, whatever the file says.
#: Blanks are taken from their first one on, so that a long run of them costs its length once.
_INNER = re.compile(r'(?<![\s";])((?:[^\S\t\r\n]|")*+[;\t\r\n][\s";]*+)(?=[=+@＝＋＠-])')
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


_NUMERIC = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9.]+)?Z?)?")
_WORDS = re.compile(r"(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})")
_NO_YEAR = re.compile(r"(?:ngày )?([0-9]{1,2})(?:[/.-]| tháng )([0-9]{1,2})")
#: readable, but not one of the accepted forms
_NEARLY_DAY_FIRST = re.compile(r"(?:ngày )?([0-9]{1,2}) ?[/.-] ?([0-9]{1,2}) ?[/.-] ?([0-9]{4})")
_NEARLY_YEAR_FIRST = re.compile(r"([0-9]{4}) ?[/.] ?([0-9]{1,2}) ?[/.] ?([0-9]{1,2})")

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_EXCEL_EPOCH = dt.date(1899, 12, 30)
#: 1954 to 2119: numbers that can be a serial date and hardly anything else
_SERIALS = range(20_000, 80_001)


@dataclass(frozen=True, slots=True)
class DateResult:
    """A date read from a cell, or why there is none.

    ``code`` is a finding; ``suggestion`` is a date as dd/mm/yyyy; ``missing`` means that the
    cell says that there is no date.
    """

    value: dt.date | None
    code: str | None = None
    suggestion: str | None = None
    missing: bool = False


def parse_date(value: object, year: int | None = None) -> DateResult:
    """Read a date: a real one, ``d/m/yyyy``, ISO or "ngày d tháng m năm yyyy".

    A number is no date: its format was lost. The year of the report serves in a suggestion only.
    """
    if isinstance(value, dt.datetime):
        return DateResult(value.date())
    if isinstance(value, dt.date):
        return DateResult(value)
    if value is None:
        return DateResult(None, missing=True)
    if isinstance(value, str):
        typed = value.strip()
        return (
            _parse_text(typed, year) if len(typed) <= LONGEST else DateResult(None, "date-format")
        )
    return DateResult(None, "date-format", _from_serial(value))


def _shown(date: dt.date) -> str:
    return f"{date.day:02}/{date.month:02}/{date.year}"


def _from_serial(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not _SERIALS.start <= value < _SERIALS.stop:
        return None
    return _shown(_EXCEL_EPOCH + dt.timedelta(days=int(value)))


@lru_cache(maxsize=1 << 13)
def _parse_text(typed: str, year: int | None) -> DateResult:
    text = half_width(typed)
    if says_nothing(text):
        return DateResult(None, missing=True)
    name = key(text)
    if is_cross(text):
        return DateResult(None, "not-applicable", missing=True)
    numeric = _NUMERIC.fullmatch(text)
    if numeric:
        return _day_first(numeric[1], numeric[3], numeric[4])
    words = _WORDS.fullmatch(name)
    if words:
        return _day_first(*words.groups())
    iso = _ISO.fullmatch(text)
    if iso:
        date = _date(iso[3], iso[2], iso[1])
        return DateResult(date) if date else DateResult(None, "date-impossible")
    return _rejected(name, year)


def _date(day: str, month: str, year: str) -> dt.date | None:
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _day_first(day: str, month: str, year: str) -> DateResult:
    date = _date(day, month, year)
    if date:
        return DateResult(date)
    swapped = _date(month, day, year) if int(month) > 12 else None
    if swapped:
        return DateResult(None, "date-swapped", _shown(swapped))
    return DateResult(None, "date-impossible")


def _rejected(name: str, year: int | None) -> DateResult:
    no_year = _NO_YEAR.fullmatch(name)
    if no_year:
        day, month = no_year.groups()
        # 2000 is a leap year: 29/2 is a possible day
        if not _date(day, month, "2000"):
            return DateResult(None, "date-impossible")
        date = _date(day, month, str(year)) if year else None
        return DateResult(None, "date-no-year", _shown(date) if date else None)
    day_first = _NEARLY_DAY_FIRST.fullmatch(name)
    year_first = _NEARLY_YEAR_FIRST.fullmatch(name)
    date = None
    if day_first:
        date = _date(*day_first.groups())
    elif year_first:
        date = _date(year_first[3], year_first[2], year_first[1])
    return DateResult(None, "date-format", _shown(date) if date else None)


def _day_and_month(typed: str) -> tuple[int, int]:
    """First and second number of a date such as 12/5/2023, two zeros for any other text."""
    if len(typed) > LONGEST:
        return 0, 0
    numeric = _NUMERIC.fullmatch(typed) or _NUMERIC.fullmatch(half_width(typed))
    return (int(numeric[1]), int(numeric[3])) if numeric else (0, 0)


#: A year that has every day.
_LEAP = "2024"


def column_swapped(values: Iterable[object]) -> bool:
    """Whether the dates of a column have day and month swapped.

    So it is where a text date has a month above 12 and a day up to 12; also where every real date
    has a day up to 12 and every text date one above 12: an English Excel makes real dates of
    exactly those that it can read month first.
    """
    real_days: list[int] = []
    text_days: list[int] = []
    for value in values:
        if isinstance(value, dt.date):
            real_days.append(value.day)
        elif isinstance(value, str):
            day, month = _day_and_month(value.strip())
            if month > 12 and day <= 12:
                return True
            # one that is in no calendar stays text in every Excel
            if _date(str(day), str(month), _LEAP):
                text_days.append(day)
    if not real_days or not text_days:
        return False
    return max(real_days) <= 12 < min(text_days)
