import datetime as dt
from decimal import Decimal

import pytest

from thidua_analysis import indicators
from thidua_analysis.indicators.counts import term


def result(quantity, unit="suất quà", measure="Quà", **more):
    return {"measure": measure, "unit": unit, "quantity": quantity, **more}


def test_different_units_are_never_added(made):
    ds = made.dataset(
        made.unit("ldld", results=[result(5)]), made.unit("hnd", results=[result(7, "hộ")])
    )
    figure = made.one(indicators.result_total(ds))
    assert (figure.value, figure.reason) == (None, "không cộng các đơn vị tính khác nhau")


def test_two_spellings_of_a_unit_are_one_unit(made):
    ds = made.dataset(
        made.unit("ldld", results=[result(5)]), made.unit("hnd", results=[result(7, "Suất  quà")])
    )
    assert made.one(indicators.result_total(ds)).text == "12"


def test_two_spellings_of_a_result_are_one_result(made):
    ds = made.dataset(
        made.unit("ldld", results=[result(5, measure="Vụ việc hoà giải")]),
        made.unit("hnd", results=[result(7, measure="vụ việc  hòa giải")]),
    )
    assert made.one(indicators.result_total(ds)).value == 12
    assert made.one(indicators.result_total(ds, measure="Vụ việc hòa giải")).value == 12


def test_a_qualifier_travels_into_the_sum(made):
    ds = made.dataset(
        made.unit("ldld", results=[result(2000, quantity_bound="gt")]),
        made.unit("hnd", results=[result(5)]),
    )
    figure = made.one(indicators.result_total(ds))
    assert (figure.bound, figure.text) == ("gt", "trên 2.005")


def test_over_and_under_together_are_about(made):
    ds = made.dataset(
        made.unit("ldld", results=[result(2000, quantity_bound="gt")]),
        made.unit("hnd", results=[result(5, quantity_bound="lt")]),
    )
    assert made.one(indicators.result_total(ds)).text == "khoảng 2.005"


def test_decimals_are_added_exactly(made):
    tenths = [result(Decimal("0.1"), "km"), result(Decimal("0.2"), "km")]
    ds = made.dataset(made.unit("ldld", results=tenths))
    figure = made.one(indicators.result_total(ds))
    assert (figure.value, figure.text) == (Decimal("0.3"), "0,3")


def test_money_is_printed_in_billions(made):
    ds = made.dataset(
        made.unit("ldld", results=[result(1, value_vnd=48_500_000_000)]),
        made.unit("hnd", results=[result(1, value_vnd=902_000_000)]),
    )
    frame = indicators.result_value(ds, by=["year", "member"])
    texts = dict(zip(frame.member, frame.text, strict=True))
    assert (texts["ldld"], texts["hnd"], texts["ccb"]) == ("48,5 tỷ đồng", "902 triệu đồng", "–")


def test_levels_of_initiatives_are_never_added(made):
    rows = [
        {"level": "unit", "submitted": 20, "recognized": 12},
        {"level": "province", "submitted": 3},
    ]
    ds = made.dataset(made.unit("ldld", initiatives=rows))
    assert made.one(indicators.initiatives_submitted(ds, by=["year"])).value is None
    assert made.one(indicators.recognition_rate(ds), level="unit").text == "60,0%"
    assert made.one(indicators.recognition_rate(ds), level="province").text == "–"


def test_a_movement_that_several_report_counts_once(made):
    launched = dt.date(2023, 1, 15)
    national = {"name": "Dân vận khéo", "launched_by": "central", "launched_on": launched}
    own = {"name": "Tết sum vầy", "launched_by": "unit", "launched_on": launched}
    rows = [national, own]
    ds = made.dataset(*(made.unit(m, movements=rows) for m in ("ldld", "lhpn", "hnd")))
    assert made.one(indicators.movements(ds)).value == 4
    assert made.one(indicators.movements(ds, distinct=False)).value == 6
    frame = indicators.movements(ds, by=["year", "launched_by"])
    assert dict(zip(frame.launched_by, frame.value, strict=True)) == {"central": 1, "unit": 3}


def test_a_movement_of_another_year_is_another_movement(made):
    rows = [
        {"name": "Dân vận khéo", "launched_by": "central", "launched_on": dt.date(year, 1, 15)}
        for year in (2022, 2023, 2024)
    ]
    ds = made.dataset(made.unit("ldld", movements=rows))
    assert made.one(indicators.movements(ds)).value == 2


@pytest.mark.parametrize(
    ("months", "want"),
    [
        (11, "under_1"),
        (12, "1"),
        (13, "1_to_3"),
        (35, "1_to_3"),
        (36, "3_to_5"),
        (60, "5_up"),
        (None, None),
    ],
)
def test_the_classes_of_duration_are_those_of_form_0601(months, want):
    assert term(months) == want


@pytest.mark.parametrize(
    ("rank", "size", "text"),
    [(25, 82, "70,4%"), (3, 7, "66,7%"), (1, 7, "100,0%"), (7, 7, "0,0%"), (1, 1, "–")],
)
def test_first_is_100_and_last_is_0(made, rank, size, text):
    ds = made.dataset(made.unit("ldld", ranks=[{"cluster": "Cụm", "rank": rank, "size": size}]))
    assert made.one(indicators.rank_percentile(ds, member="ldld")).text == text


def test_a_rank_without_a_size_is_printed_alone(made):
    ds = made.dataset(made.unit("ldld", ranks=[{"cluster": "Cụm", "rank": 3}]))
    assert made.one(indicators.rank(ds, member="ldld")).text == "3"


def test_who_sent_and_who_did_not(made):
    ds = made.dataset(made.unit("ldld", revision=2), made.unit("hnd"))
    figure = made.one(indicators.sent(ds))
    assert (figure.text, figure.missing) == ("2/6", ("mttq", "lhpn", "ccb", "dtn"))
    assert made.one(indicators.revisions(ds, member="ldld")).value == 1


def test_without_a_date_of_receipt_it_is_unknown_not_late(samples):
    frame = indicators.timeliness(samples, by=["year", "member"], year=2023)
    assert set(frame.text) == {"–"}
    assert all(row.missing == (row.member,) for row in frame.itertuples())
