from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.findings import CODES
from thidua_analysis.vietnamese.display import DateResult, column_swapped, parse_date

DAY = dt.date(2023, 4, 10)


@pytest.mark.parametrize(
    "typed",
    [
        "10/4/2023",
        "10/04/2023",
        "10-4-2023",
        "10.04.2023",
        "2023-04-10",
        "2023-04-10T00:00:00",
        "2023-04-10 00:00:00",
        "ngày 10 tháng 4 năm 2023",
        "Ngày  10 tháng\u00a004 năm 2023",
        "NGÀY 10 THÁNG 4 NĂM 2023.",
        "10 tháng 4 năm 2023",
        "nga\u0300y 10 tha\u0301ng 4 na\u0306m 2023",
        "１０/４/２０２３",
        " 10/4/2023\n",
        DAY,
        dt.datetime(2023, 4, 10, 13, 30),
    ],
)
def test_a_date_is_day_month_year(typed: Any) -> None:
    assert parse_date(typed) == DateResult(DAY)


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("31/12", "date-no-year", "31/12/2023"),
        ("31-12", "date-no-year", "31/12/2023"),
        ("ngày 31 tháng 12", "date-no-year", "31/12/2023"),
        ("29/2", "date-no-year", None),
        ("32/12", "date-impossible", None),
        ("30/02/2023", "date-impossible", None),
        ("29/02/2023", "date-impossible", None),
        ("31.4.2023", "date-impossible", None),
        ("0/4/2023", "date-impossible", None),
        ("10/0/2023", "date-impossible", None),
        ("13/13/2023", "date-impossible", None),
        ("10/4/0203", "date-impossible", None),
        ("2023-13-01", "date-impossible", None),
        ("04/13/2023", "date-swapped", "13/04/2023"),
        ("ngày 4 tháng 13 năm 2023", "date-swapped", "13/04/2023"),
        ("02/30/2023", "date-impossible", None),
        ("10/4/23", "date-format", None),
        ("10/4-2023", "date-format", "10/04/2023"),
        ("10 / 4 / 2023", "date-format", "10/04/2023"),
        ("ngày 10/4/2023", "date-format", "10/04/2023"),
        ("2023/04/10", "date-format", "10/04/2023"),
        ("4/2023", "date-format", None),
        ("tháng 4 năm 2023", "date-format", None),
        ("Quý IV/2023", "date-format", None),
        ("2023", "date-format", None),
        ("April 10, 2023", "date-format", None),
        ("đã xong", "date-format", None),
        (45000, "date-format", "15/03/2023"),
        (45000.75, "date-format", "15/03/2023"),
        (2023, "date-format", None),
        (float("nan"), "date-format", None),
        (True, "date-format", None),
        (dt.time(3, 7), "date-format", None),
    ],
)
def test_anything_else_is_reported_and_not_guessed(
    typed: Any, code: str, suggestion: str | None
) -> None:
    assert parse_date(typed, year=2023) == DateResult(None, code, suggestion)


def test_the_leap_day_is_possible_in_a_leap_year() -> None:
    assert parse_date("29/2", year=2024).suggestion == "29/02/2024"
    assert parse_date("29/02/2024").value == dt.date(2024, 2, 29)


def test_without_a_year_of_report_none_is_proposed() -> None:
    assert parse_date("31/12") == DateResult(None, "date-no-year")


@pytest.mark.parametrize("typed", ["", " ", "-", "–", "…", "...", None])
def test_a_sign_for_nothing_is_a_missing_date(typed: Any) -> None:
    assert parse_date(typed) == DateResult(None, missing=True)


def test_a_cross_says_that_a_date_does_not_apply() -> None:
    assert parse_date("x") == DateResult(None, "not-applicable", missing=True)


@pytest.mark.parametrize(
    ("column", "swapped"),
    [
        (["04/13/2023", "05/04/2023"], True),
        (["5/4/2023", "6/4/2023"], False),
        (["13/13/2023"], False),
        # an English Excel turned the ones that it could read month first into dates
        ([dt.date(2023, 5, 4), dt.datetime(2023, 12, 1), "13/04/2023", "25/04/2023"], True),
        ([dt.date(2023, 5, 4), dt.date(2023, 4, 13), "25/04/2023"], False),
        ([dt.date(2023, 5, 4), dt.datetime(2023, 12, 1), "31/02/2023"], False),
        ([dt.date(2024, 5, 4), "29/02/2024"], True),
        ([dt.date(2023, 5, 4), "25/04/2023", "05/04/2023"], False),
        ([dt.date(2023, 5, 4), dt.date(2023, 6, 4)], False),
        (["25/04/2023", "26/04/2023"], False),
        ([dt.date(2023, 5, 4), "ngày 25 tháng 4 năm 2023"], False),
        (["", None, "x", 45000, "31/12"], False),
        ([], False),
    ],
)
def test_a_column_is_swapped_as_a_whole(column: list[Any], swapped: bool) -> None:
    assert column_swapped(column) is swapped


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2199, 12, 31)))
def test_every_date_reads_back_from_every_form(day: dt.date) -> None:
    d, m, y = day.day, day.month, day.year
    for typed in (
        f"{d}/{m}/{y}",
        f"{d:02}-{m:02}-{y}",
        f"{d}.{m:02}.{y}",
        day.isoformat(),
        f"ngày {d:02} tháng {m} năm {y}",
    ):
        assert parse_date(typed) == DateResult(day)


@given(st.one_of(st.text(max_size=20), st.text("0123456789/-. ngàythámă", max_size=25)))
def test_parsing_a_date_never_fails(typed: str) -> None:
    result = parse_date(typed, 2023)
    assert result.code is None or result.code in CODES
    assert result.value is None or not (result.code or result.missing)
    assert result.value or result.code or result.missing
