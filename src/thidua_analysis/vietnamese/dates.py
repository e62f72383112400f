"""Dates as people in Vietnam write them: day, month, year; never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from thidua_analysis.vietnamese.text import LONGEST, half_width, is_cross, key, says_nothing

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
            if day:
                text_days.append(day)
    if not real_days or not text_days:
        return False
    return max(real_days) <= 12 < min(text_days)
