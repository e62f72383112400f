from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.vietnamese.numbers import from_cell, from_date
from thidua_analysis.vietnamese.quantities import Kind, Number


def error(code: str, suggestion: str | None = None) -> Number:
    return Number(None, ((code, "error"),), suggestion=suggestion)


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (12, "count", Number(12)),
        (12.0, "count", Number(12)),
        (0, "count", Number(0)),
        (-0.0, "count", Number(0)),
        (5.5, "number", Number(Decimal("5.5"))),
        (-5.5, "number", Number(Decimal("-5.5"))),
        (1e15, "number", Number(10**15)),
        (2.306, "count", error("number-not-integer", "2306")),
        (2.3, "count", error("number-not-integer", "2300")),
        (53.211, "count", error("number-not-integer", "53211")),
        (0.306, "count", error("number-not-integer")),
        (2.3061, "count", error("number-not-integer")),
        (3.7, "rank", error("number-not-integer")),
        (-3, "count", error("number-negative")),
        (True, "count", error("number-is-boolean")),
        (False, "number", error("number-is-boolean")),
        (math.nan, "count", error("number-not-finite")),
        (math.inf, "money", error("number-not-finite")),
        (float("1e400"), "number", error("number-not-finite")),
    ],
)
def test_a_stored_number_is_read_exactly_or_reported(
    value: float, kind: Kind, read: Number
) -> None:
    number = from_cell(value, kind)
    assert number == read
    assert type(number.value) is type(read.value)


def test_binary_noise_of_a_computed_cell_is_not_read() -> None:
    assert from_cell(1.1 + 2.2, "number").value == Decimal("3.3")
    assert from_cell(0.1 + 0.7, "percent", percent_format=True).value == 80
    assert from_cell(0.07, "percent", percent_format=True).value == 7
    assert from_cell(0.872, "number", "%", percent_format=True).value == Decimal("87.2")
    assert from_cell(2306.0000000000005, "count").value == 2306


def test_a_percent_format_makes_a_fraction_a_percentage() -> None:
    assert from_cell(0.7, "number", "%", percent_format=True) == Number(70)
    assert from_cell(0.7, "number", None, percent_format=True) == Number(70)
    assert from_cell(1.095, "percent", percent_format=True) == Number(Decimal("109.5"))
    assert from_cell(0.007, "percent", percent_format=True) == Number(Decimal("0.7"))


@pytest.mark.parametrize(("kind", "unit"), [("count", None), ("money", None), ("number", "hộ")])
def test_a_percent_format_contradicts_any_other_column(kind: Kind, unit: str | None) -> None:
    assert from_cell(0.7, kind, unit, percent_format=True) == error("number-unit")


@pytest.mark.parametrize("value", [0.7, -0.7, 0.999, 0.001])
def test_a_fraction_without_a_percent_format_has_two_readings(value: float) -> None:
    assert from_cell(value, "number", "%").codes == (("number-percent-scale", "error"),)


@pytest.mark.parametrize("value", [0, 1, 1.5, 70, 109.5])
def test_one_and_more_are_taken_as_percent(value: float) -> None:
    assert from_cell(value, "percent").value == Decimal(str(value))


def test_both_readings_of_a_fraction_are_proposed() -> None:
    assert from_cell(0.7, "percent").suggestion == "0,7%; 70%"


def test_money_comes_out_in_dong() -> None:
    assert from_cell(902.5, "money", scale=10**6) == Number(902_500_000)
    assert from_cell(48.5, "money", "tỷ đồng") == Number(48_500_000_000)
    assert from_cell(48.5, "number", "tỷ đồng") == Number(Decimal("48.5"))
    assert from_cell(1234567, "money") == Number(1_234_567)


@given(st.integers(min_value=0, max_value=10**15 - 1), st.integers(min_value=0, max_value=6))
def test_fifteen_digits_survive_the_float(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    assert from_cell(float(value), "number").value == value


@given(st.floats())
def test_any_float_is_read_or_reported(value: float) -> None:
    for kind in ("count", "number", "money", "percent", "rank"):
        number = from_cell(value, kind, scale=1000 if kind == "money" else 1)
        assert (number.value is None) == bool(number.codes)


@pytest.mark.parametrize(
    ("date", "code", "kind", "suggestion"),
    [
        (dt.date(1982, 12, 1), "mmm-yy", "rank", "12/82"),
        (dt.date(1982, 12, 1), "[$-42A]mmm\\-yy;@", "number", "12/82"),
        (dt.date(2023, 7, 3), "d-mmm", "rank", "3/7"),
        (dt.date(2023, 3, 7), "d-mmm", "rank", "3/7"),
        (dt.datetime(2023, 7, 3), "dd/mm", "number", "3/7"),
        (dt.date(2023, 3, 7), "m/d", "number", "3/7"),
        (dt.date(2023, 7, 3), "dd/mm/yyyy", "number", "3/7"),
        (dt.date(2023, 7, 3), None, "number", "3/7"),
        (dt.date(1982, 12, 1), None, "rank", "12/82"),
        (dt.date(2023, 7, 3), '"ngày" d "tháng" m', "number", "3/7"),
        (dt.time(3, 7), None, "number", None),
        (dt.timedelta(hours=25), "[h]:mm", "count", None),
    ],
)
def test_a_date_in_a_number_column_shows_what_was_typed(
    date: dt.date, code: str | None, kind: Kind, suggestion: str | None
) -> None:
    assert from_date(date, code, kind) == error("number-is-date", suggestion)
