"""No sum is rounded: 15 digits before the comma and 18 behind stay as they are."""

from decimal import Decimal, getcontext, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis import indicators, publish
from thidua_analysis.store import revisions, tidy
from thidua_analysis.submission import rows as output
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.quantities import exactly, places, simplest

LONG = Decimal("123456789012345.123456789012345678")
SMALL = Decimal("0.000000000000000001")


def result(quantity, unit="km", **more):
    return {"movement": "A", "measure": "Đường", "unit": unit, "quantity": quantity, **more}


def test_sums_and_texts_keep_every_digit(made):
    ds = made.dataset(made.unit("ldld", results=[result(LONG), result(SMALL), result(LONG)]))
    figure = made.one(indicators.result_total(ds))
    assert Fraction(figure.value) == 2 * Fraction(LONG) + Fraction(SMALL)
    assert figure.text == "246.913.578.024.690,246913578024691357"


def test_the_store_and_its_frames_keep_every_digit(made):
    sent = made.unit("ldld", results=[result(LONG), result(SMALL)])
    table = tidy.tables(revisions.place([sent]))["results"]
    assert [simplest(v) for v in table.column("quantity").to_pylist()] == [LONG, SMALL]


def test_points_are_added_and_taken_off_exactly(made):
    criteria = [
        {"code": "A", "criterion": "A", "max_score": LONG, "kind": "main"},
        {"code": "B", "criterion": "B", "max_score": LONG, "kind": "deduction"},
    ]
    points = [
        {"member": "ldld", "criterion": code, "stage": "appraised", "score": score}
        for code, score in (("A", LONG), ("B", SMALL))
    ]
    ds = made.dataset(made.bloc_form(criteria=criteria, scores=points))
    figure = made.one(indicators.score_total(ds, by=("year", "member")), member="ldld")
    assert Fraction(figure.value) == Fraction(LONG) - Fraction(SMALL)


@given(st.lists(st.decimals(-LONG, LONG, places=18), min_size=1, max_size=9))
def test_a_function_that_is_exact_rounds_nothing(values):
    total = exactly(sum)(values)
    assert Fraction(total) == sum(map(Fraction, values))
    assert getcontext().prec == 28


@pytest.mark.parametrize("value", [LONG, SMALL, Decimal("1.50"), 7])
def test_the_decimals_of_a_number_are_counted_without_rounding(value):
    assert display.number(value, places(value)).count(",") == (places(value) > 0)
    with localcontext() as context:
        context.prec = 60
        assert Fraction(display.rounded(value, places(value))) == Fraction(value)


def test_a_number_in_json_is_a_float_only_where_that_says_the_same():
    assert output.plain(LONG) == LONG
    assert output.plain(Decimal("0.1")) == 0.1
    assert isinstance(output.plain(Decimal("0.1")), float)
    assert output.plain(Decimal("5.0")) == 5


def test_a_change_from_nothing_like_it_is_compared_exactly(bloc, made):
    rows = [made.unit("hnd", y, results=[result(LONG * y)]) for y in (2022, 2023)]
    placed = revisions.compare_years(revisions.place(rows), bloc)
    assert [p.submission.findings for p in placed] == [(), ()]


def test_a_measure_in_two_units_prints_each_value_on_its_own_row(made):
    given = [result(1200, "hộ", value_vnd=500_000_000), result(3, "xã", value_vnd=70_000_000)]
    ds = made.dataset(made.unit("hnd", results=[*given, result(9, "tổ")]))
    plain_text = repr(publish.results(ds, 2023))
    assert "(triệu đồng)" in plain_text
    for unit, worth in (("hộ", "500,0"), ("xã", "70,0"), ("tổ", "–")):
        (line,) = [row for row in plain_text.splitlines() if unit in row]
        assert worth in line.replace("\N{NO-BREAK SPACE}", " ")
    (total,) = [row for row in plain_text.splitlines() if "Tổng giá trị" in row]
    assert "570,0" in total
