"""Targets and money as the hall reads them: one scale, plan before actual, loans apart."""

import re
from html import unescape

import pytest
from disturbed import DISTURBANCES, disturbed, whole
from small import unit

from thidua_analysis import charts, indicators, publish
from thidua_analysis.dataset import Dataset
from thidua_analysis.form.bloc import Bloc, Member
from thidua_analysis.publish import status

HEADS = ["Chỉ tiêu", "Đơn vị tính", "Kế hoạch", "Thực hiện", "%", "Sớm/chậm", "Mức độ"]
BLOC = {
    "id": "nho",
    "name": "Khối thi đua nhỏ",
    "province": "Lai Châu",
    "members": tuple(Member(id=m, name=f"Hội {m}", short=f"Hội {m}") for m in ("a", "b")),
}


@pytest.fixture(scope="module")
def ds(samples):
    return status.up_to(samples, 2023)


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def cells(row):
    return [text_of(cell) for cell in re.findall(r"<(?:th|td)[ >].*?</(?:th|td)>", row)]


def tables(html):
    """The rows of each table as texts; rows that open a group have one cell."""
    found = re.findall(r"<table.*?</table>", html, re.S)
    return [[cells(row) for row in re.findall(r"<tr.*?</tr>", one, re.S)] for one in found]


def target(name, planned, actual, **more):
    own = {"target_name": name, "unit": "vụ", "direction": "higher", "assigned_by": "bloc"}
    return {**own, "planned": planned, "actual": actual, **more}


def result(measure, value, measured_in="hộ", quantity=10):
    return {"measure": measure, "unit": measured_in, "quantity": quantity, "value_vnd": value}


def of(**units):
    made = [unit(m, year, **sent) for (m, year), sent in units.pop("sent").items()]
    return Dataset.of(made, Bloc(**BLOC))


def test_every_table_of_targets_names_unit_plan_actual_percent_and_days_in_this_order(ds):
    table = tables(publish.targets(ds, 2023).html)[0]
    assert table[0] == HEADS
    rows = [row for row in table[1:] if len(row) > 1]
    house = next(row for row in rows if row[0] == "Nhà Đại đoàn kết xây mới, sửa chữa")
    assert house[1:5] == ["căn", "254", "241", "94,9%"]
    for row in rows:
        planned, actual = (float(n.replace(".", "").replace(",", ".")) for n in row[2:4])
        percent = float(row[4].removesuffix("%").replace(".", "").replace(",", "."))
        assert percent == pytest.approx(actual / planned * 100, abs=0.051)


def test_targets_where_less_is_better_stand_apart_and_have_no_percentage(ds):
    main, limits = tables(publish.targets(ds, 2023).html)
    lower = {r["target_name"] for r in ds.records("targets") if r["direction"] == "lower"}
    assert lower
    assert not lower & {row[0] for row in main}
    told = {row[0]: row[2] for row in limits[1:]}
    assert told["Tai nạn lao động chết người"] == "✓ 2/3 vụ – đạt"
    assert told["Vụ bạo lực gia đình"] == "✗ 47/40 vụ – không đạt"
    assert told["Hộ hội viên nghèo"] == "✓ 19,4/20% – đạt"
    assert not any(re.search(r"\d{3},\d%", cell) for cell in told.values())


def test_the_unmet_come_first_with_each_member(ds):
    table = tables(publish.targets(ds, 2023).html)[0]
    marks, seen = [], []
    for row in table[1:]:
        if len(row) == 1:
            seen.append(marks := [])
        else:
            marks.append(row[-1][0])
    assert len(seen) == 7  # six members and the whole bloc
    assert all(own == sorted(own, key="✗✓".index) for own in seen)
    assert sum(own.count("✗") for own in seen) == 6


def test_all_bars_have_one_scale_and_short_ones_end_left_of_the_line(ds):
    html = publish.targets(ds, 2023).html
    bars = re.findall(
        r'class="bar( short| far)?" style="--zero:([\d.]+)%;--from:([\d.]+)%;--part:([\d.]+)%"'
        r"></span>(?:<a[^>]*>)?([\d.,]+)%", html,
    )  # fmt: skip
    assert len({zero for _, zero, *_ in bars}) == 1
    scales = []
    for kind, zero, start, part, printed in bars:
        zero, start, part = float(zero), float(start), float(part)
        value = float(printed.replace(".", "").replace(",", "."))
        assert (kind == " short") == (value < 100) == (start < zero)
        assert start + part == pytest.approx(zero, abs=0.11) if value < 100 else start == zero
        if abs(value - 100) > 10 and kind != " far":
            scales.append(part / abs(value - 100))
    assert max(scales) - min(scales) < 0.03


def test_targets_end_with_the_whole_bloc(ds):
    assert tables(publish.targets(ds, 2023).html)[0][-1] == [
        "Toàn khối đạt và vượt 30/37 chỉ tiêu, trong đó vượt 29"
    ]


def test_units_are_squared_as_they_are_said():
    ds = of(sent={("a", 2023): {"targets": [target("Hiến đất", 10, 12, unit="m2")],
                                "results": [result("Đất được hiến", None, "m2")]}})  # fmt: skip
    shown = publish.targets(ds, 2023).html + publish.results(ds, 2023).html
    assert "m²" in shown
    assert "m2" not in text_of(shown)


def test_results_are_in_the_order_of_the_alphabet_with_their_sums_below(ds):
    (table,) = tables(publish.results(ds, 2023).html)
    names = [row[0] for row in table[1:]]
    at = names.index
    assert at("Đất được hiến") < at("Đường bê tông") < at("Hộ được vay vốn")
    assert names[-1] == "Tổng giá trị"


def test_loans_and_revolving_funds_stand_in_a_column_of_their_own(ds):
    (table,) = tables(publish.results(ds, 2023).html)
    assert table[0][3:] == [
        "Giá trị quà tặng, hỗ trợ (tỷ đồng)",
        "Vốn vay, quỹ quay vòng (tỷ đồng)",
    ]
    worth = {row[0]: row[3:] for row in table[1:]}
    assert worth["Suất quà tặng hộ khó khăn"] == ["50,8", "–"]
    assert worth["Vốn giúp nhau không lấy lãi"] == ["–", "2,7"]
    assert worth["Tổng giá trị"] == ["105,7", "104,7"]


def test_a_column_of_money_has_one_unit_and_one_decimal(ds):
    (table,) = tables(publish.results(ds, 2023).html)
    for row in table[1:]:
        assert all(re.fullmatch(r"–|[\d.]+,\d", cell) for cell in row[3:])


def test_a_chart_of_money_has_one_unit_and_one_decimal(ds):
    chart = charts.contributions(
        indicators.result_value(ds.filter(year=[2022, 2023]), by=("year", "member"))
    )
    amounts = [t.get_text() for t in chart.figure.axes[0].texts if "đồng" in t.get_text()]
    assert len(amounts) == 7
    assert all(re.fullmatch(r"[+−]?\d+,\d tỷ đồng", amount) for amount in amounts)


def test_one_member_that_makes_most_of_a_change_is_named_in_the_title(ds):
    near = ds.filter(year=[2022, 2023])
    worth = charts.contributions(indicators.result_value(near, by=("year", "member")))
    assert worth.title.endswith("phần lớn do LĐLĐ (+36,2 tỷ đồng)")
    shared = charts.contributions(indicators.commendations(near, by=("year", "member")))
    assert "phần lớn" not in shared.title


@pytest.mark.parametrize("sizes", [(10, 30), (30, 10)])
def test_contributions_are_sorted_bars_from_zero(sizes):
    rows = {
        (m, year): {"results": [result("Quà tặng", (n + (year - 2022) * n) * 10**9)]}
        for m, n in zip("ab", sizes, strict=True)
        for year in (2022, 2023)
    }
    frame = indicators.result_value(of(sent=rows), by=("year", "member"))
    chart = charts.contributions(frame)
    bars = chart.figure.axes[0].patches
    assert [bar.get_x() for bar in bars] == [0, 0]
    assert [bar.get_width() for bar in bars] == [30 * 10**9, 10 * 10**9]
    assert "không bắt đầu từ 0" not in chart.subtitle


def test_what_one_member_alone_has_is_a_sentence_that_names_it():
    rows = {("a", 2023): {"results": [result("Cây trồng mới", None, "cây", 8600)]},
            ("b", 2023): {"results": [result("Quà tặng", None, "suất", 5)]}}  # fmt: skip
    ds = of(sent=rows)
    assert publish.shared_measures(ds, 2023) == ()
    by = ("year", "member", "measure")
    chart = charts.contributions(indicators.result_total(ds, by=by, measure="Cây trồng mới"))
    assert chart.is_empty
    assert chart.title == "Cây trồng mới, Hội a năm 2023: 8.600 cây"


def test_what_several_members_report_in_one_unit_is_drawn_the_most_shared_first():
    rows = {(m, 2023): {"results": [result("Quà tặng", None, "suất", 5)]} for m in "ab"}
    rows["a", 2023]["results"].append(result("Cây trồng mới", None, "cây", 8600))
    assert publish.shared_measures(of(sent=rows), 2023) == ("Quà tặng",)


def test_a_table_in_which_nothing_changed_is_a_sentence(ds):
    block = publish.table(
        indicators.movements(ds, by=("year", "launched_by")),
        total=indicators.movements(ds, by=("year",)),
    )
    assert "<table" not in block.html
    assert block.plain.startswith(
        "Số phong trào thi đua không đổi trong các năm 2021–2023: toàn khối 19 phong trào; cấp "
    )
    changing = publish.table(indicators.initiatives_submitted(ds, by=("year", "level")))
    assert "<table" in changing.html


def test_measures_side_by_side_end_with_the_whole_bloc(ds):
    now = ds.filter(year=2023)
    block = publish.side_by_side(
        indicators.commendations(now, by=("member",)),
        indicators.non_leader_share(now, by=("member",)),
        indicators.score_share(now, by=("member",), stage="appraised"),
    )
    (table,) = tables(block.html)
    assert table[-1][:3] == ["Toàn khối", "4.674", "67,6%"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DISTURBANCES))
def test_targets_of_a_disturbed_bloc_say_no_more_than_there_is(name):
    ds = disturbed(name).dataset()
    for year in ds.years:
        block = publish.targets(ds, year)
        shown = tables(block.html)
        rows = [row for table in shown for row in table[1:] if len(row) > 1]
        judged = [r for r in ds.records("targets") if r["year"] == year]
        assert len(rows) == len(judged)
        assert "None" not in text_of(block.html)
        assert publish.results(ds, year).html


def test_targets_escape_what_was_typed():
    own = [target("<b>x</b>", 1, 1, unit="<i>vụ</i>"), target("<u>y</u>", 1, 1, direction="lower")]
    ds = of(sent={("a", 2023): {"targets": own}})
    html = publish.targets(ds, 2023).html
    assert not re.search(r"<[biu]>", html)


def test_without_targets_it_is_said():
    assert "<table" not in publish.targets(whole(years=(2023,)).dataset(), 2020).html
