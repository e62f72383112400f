from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.numbers import parse

DAY = dt.date(2023, 4, 10)


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (53211, 0, "53.211", "53,211"),
        (Decimal("1234.5"), 1, "1.234,5", "1,234.5"),
        (Decimal("1234.56789"), 4, "1.234,5679", "1,234.5679"),
        (Decimal("2.5"), 0, "3", "3"),
        (Decimal("3.5"), 0, "4", "4"),
        (Decimal("-2.5"), 0, "−3", "−3"),
        (Decimal("0.05"), 1, "0,1", "0.1"),
        (Decimal("-0.04"), 1, "0,0", "0.0"),
        (Fraction(2, 3), 2, "0,67", "0.67"),
        (Fraction(1, 8), 2, "0,13", "0.13"),
        (5, 2, "5,00", "5.00"),
        (10**30 + 1, 0, "1" + 9 * ".000" + ".001", "1" + 9 * ",000" + ",001"),
        (None, 1, "–", "–"),
    ],
)
def test_numbers_are_rounded_half_up_once(value: Any, decimals: int, vi: str, en: str) -> None:
    assert display.number(value, decimals) == vi
    assert display.number(value, decimals, lang="en") == en


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        display.number(0.5, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numerator", "denominator", "decimals", "printed"),
    [
        (45, 66, 1, "68,2%"),
        (233, 1224, 2, "19,04%"),
        (1, 8, 1, "12,5%"),
        (1, 16, 1, "6,3%"),
        (45, 66, 0, "68%"),
        (3666, 2306, 0, "159%"),
        (Decimal("109.5"), 100, 1, "109,5%"),
        (-1, 8, 1, "−12,5%"),
        (0, 7, 1, "0,0%"),
        (1, 0, 1, "–"),
        (None, 7, 1, "–"),
        (7, None, 1, "–"),
    ],
)
def test_a_share_is_printed_from_its_parts(
    numerator: Any, denominator: Any, decimals: int, printed: str
) -> None:
    assert display.percent(numerator, denominator, decimals) == printed


def test_a_share_in_english_has_a_point() -> None:
    assert display.percent(45, 66, lang="en") == "68.2%"


@pytest.mark.parametrize(
    ("difference", "vi", "en"),
    [
        (Fraction(233, 100), "+2,3 điểm %", "+2.3 pp"),
        (Decimal("-2.25"), "−2,3 điểm %", "−2.3 pp"),
        (Decimal("0.04"), "0,0 điểm %", "0.0 pp"),
        (Decimal("-0.04"), "0,0 điểm %", "0.0 pp"),
        (0, "0,0 điểm %", "0.0 pp"),
        (None, "–", "–"),
    ],
)
def test_a_difference_of_shares_is_in_points(difference: Any, vi: str, en: str) -> None:
    assert display.points(difference) == vi
    assert display.points(difference, lang="en") == en


@pytest.mark.parametrize(
    ("vnd", "vi", "en"),
    [
        (48_500_000_000, "48,5 tỷ đồng", "48.5 billion VND"),
        (48_000_000_000, "48,0 tỷ đồng", "48.0 billion VND"),
        (902_000_000, "902 triệu đồng", "902 million VND"),
        (1_000_000, "1 triệu đồng", "1 million VND"),
        (999_940_000, "999,9 triệu đồng", "999.9 million VND"),
        (999_999_999, "1,0 tỷ đồng", "1.0 billion VND"),
        (999_999, "999.999 đồng", "999,999 VND"),
        (0, "0 đồng", "0 VND"),
        (1_234_567_890_000, "1.234,6 tỷ đồng", "1,234.6 billion VND"),
        (-1_500_000, "−1,5 triệu đồng", "−1.5 million VND"),
        (None, "–", "–"),
    ],
)
def test_money_is_printed_in_the_unit_that_it_fills(vnd: Any, vi: str, en: str) -> None:
    assert display.money(vnd) == vi
    assert display.money(vnd, lang="en") == en


def test_published_money_keeps_the_digits_that_were_printed() -> None:
    assert display.money(48_000_000_000, padded=False) == "48 tỷ đồng"


def test_money_in_full_is_printed_to_the_dong() -> None:
    assert display.full_money(48_500_000_000) == "48.500.000.000 đồng"
    assert display.full_money(None) == "–"


def test_dates_are_printed_day_first() -> None:
    assert display.date(DAY) == "10/04/2023"
    assert display.date(DAY, lang="en") == "10 April 2023"
    assert display.date(None) == "–"


def test_a_rank_is_printed_with_the_size_of_the_field() -> None:
    assert display.rank(25, 82) == "25/82"
    assert display.rank(25) == "25"
    assert display.rank(None, 82) == "–"


def test_a_bound_is_a_word_before_the_value() -> None:
    assert display.bounded("2.000", "gt") == "trên 2.000"
    assert display.bounded("2,000", "approx", lang="en") == "about 2,000"
    assert display.bounded("2.000", None) == "2.000"


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12
    )
)
def test_what_is_printed_reads_back(value: Decimal) -> None:
    assert parse(display.number(value, 2), "number").value == value
