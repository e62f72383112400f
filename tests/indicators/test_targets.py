import datetime as dt
from decimal import Decimal

import pytest

from thidua_analysis import indicators
from thidua_analysis.indicators.selection import listed
from thidua_analysis.indicators.targets import status


def target(planned, actual, direction="higher", name="Chỉ tiêu", unit="căn", **more):
    own = {"planned": planned, "actual": actual, "direction": direction}
    return {"target_name": name, "unit": unit, **own, **more}


@pytest.mark.parametrize(
    ("planned", "actual", "direction", "want"),
    [
        (100, 109.5, "higher", "exceeded"),
        (100, 100, "higher", "met"),
        (100, Decimal("99.99"), "higher", "missed"),
        (0, 5, "higher", None),
        (3, 2, "lower", "exceeded"),
        (3, 3, "lower", "met"),
        (3, 4, "lower", "missed"),
        (0, 0, "lower", "met"),
        (0, 1, "lower", "missed"),
        (3, 0, "lower", "exceeded"),
        (3, None, "lower", None),
        (None, 3, "higher", None),
    ],
)
def test_status_is_judged_on_exact_values(planned, actual, direction, want):
    assert status({"planned": planned, "actual": actual, "direction": direction}) == want


@pytest.mark.parametrize(
    ("planned", "actual", "direction", "text"),
    [
        (Decimal("1.5"), Decimal("1.875"), "higher", "125,0%"),
        (2, 3, "higher", "150,0%"),
        (3, 2, "lower", "150,0%"),
        (40, 47, "lower", "85,1%"),
        (0, 5, "higher", "–"),
        (3, 0, "lower", "–"),
        (9500000000, 14714669968, "higher", "154,9%"),
    ],
)
def test_attainment(made, planned, actual, direction, text):
    ds = made.dataset(made.unit("ldld", targets=[target(planned, actual, direction)]))
    assert made.one(indicators.attainment(ds, member="ldld")).text == text


def test_vuot_9_5_percent_is_dat_109_5_percent(made):
    ds = made.dataset(made.unit("ldld", targets=[target(200, 219)]))
    assert made.one(indicators.attainment(ds)).text == "109,5%"
    assert made.one(indicators.over_target(ds)).text == "9,5%"


def test_targets_are_added_only_where_they_are_the_same(made):
    same = [made.unit(m, targets=[target(50, 40)]) for m in ("ldld", "lhpn")]
    ds = made.dataset(*same)
    assert made.parts(made.one(indicators.attainment(ds, by=["year", "target_name"]))) == (80, 100)
    other = made.dataset(same[0], made.unit("lhpn", targets=[target(50, 40, unit="hộ")]))
    figure = made.one(indicators.attainment(other, by=["year", "target_name"]))
    assert (figure.value, figure.reason) == (None, "không cộng được: mỗi dòng là một số riêng")


def test_percentages_as_targets_are_never_added(made):
    ds = made.dataset(*(made.unit(m, targets=[target(90, 95, unit="%")]) for m in ("ldld", "hnd")))
    assert made.one(indicators.attainment(ds, by=["year", "target_name"])).value is None


def test_18_of_22_targets_5_of_them_exceeded(made):
    rows = [target(10, 10, name=f"a{n}") for n in range(13)]
    rows += [target(10, 11, name=f"b{n}") for n in range(5)]
    rows += [target(10, 9, name=f"c{n}") for n in range(4)]
    rows += [target(10, None, name="chưa có")]
    ds = made.dataset(made.unit("ldld", targets=rows))
    met = made.one(indicators.targets_met(ds, member="ldld"))
    assert (met.text, len(met.lineage.left_out)) == ("18/22", 1)
    assert made.one(indicators.targets_exceeded(ds, member="ldld")).text == "5/22"


def test_days_early_need_both_dates_and_a_met_target(made):
    dates = {"deadline": dt.date(2023, 12, 31), "reached_on": dt.date(2023, 4, 10)}
    late = {"deadline": dt.date(2023, 12, 15), "reached_on": dt.date(2024, 1, 4)}
    rows = [
        target(10, 12, name="sớm", **dates),
        target(10, 12, name="muộn", **late),
        target(10, 9, name="chưa đạt", **dates),
        target(10, 12, name="không ngày"),
    ]
    ds = made.dataset(made.unit("ldld", targets=rows))
    frame = indicators.days_early(ds)
    assert {row["target_name"]: row["value"] for row in listed(frame)} == {
        **{"sớm": 265, "muộn": -20, "không ngày": None},
    }


def test_days_early_are_spread_not_added(made):
    day = dt.date(2023, 12, 31)
    rows = [
        target(1, 1, name=f"a{n}", deadline=day, reached_on=day - dt.timedelta(days=early))
        for n, early in enumerate((265, -20, 56, 7))
    ]
    ds = made.dataset(made.unit("ldld", targets=[*rows, target(1, 1, name="không ngày")]))
    row = made.one(indicators.spread(indicators.days_early(ds)))
    assert (row["count"], row.without) == (4, 1)
    assert (row.least, row.greatest) == (-20, 265)
    assert row.text == "−20 … 32 … 265 ngày"


def test_two_targets_of_one_name_are_told_apart(made):
    twice = [target(10, 12, assigned_by="UBND tỉnh"), target(20, 10, assigned_by="Trung ương Hội")]
    frame = indicators.attainment(made.dataset(made.unit("ldld", targets=twice)))
    assert dict(zip(frame.target_name, frame.text, strict=True)) == {
        "Chỉ tiêu (UBND tỉnh, #2)": "120,0%",
        "Chỉ tiêu (Trung ương Hội, #3)": "50,0%",
    }


def test_a_qualified_part_qualifies_the_share(made):
    over = target(2000, 3000, actual_bound="gt")
    below = target(2000, 3000, name="b", planned_bound="gt")
    ds = made.dataset(made.unit("ldld", targets=[over, below]))
    found = indicators.attainment(ds)
    assert list(found.bound) == ["gt", "lt"]
    assert list(found.text) == ["trên 150,0%", "dưới 150,0%"]
