import inspect
import re
from fractions import Fraction

import pandas as pd
import pytest
from chart_frames import (
    NAMES,
    completeness,
    counts,
    crossing,
    empty,
    figure,
    frame,
    members,
    shares,
    stages,
    with_break,
)
from matplotlib.backends.backend_agg import FigureCanvasAgg

from thidua_analysis import charts, indicators, publish
from thidua_analysis.charts.series import read
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError

KINDS = {
    "dumbbells": lambda: charts.dumbbells(shares(5, 2)),
    "line": lambda: charts.line(shares(3, 4)),
    "bars": lambda: charts.bars(counts(5, 2)),
    "scores": lambda: charts.scores(*stages(6)),
    "contributions": lambda: charts.contributions(counts(6, 2)),
    "heatmap": lambda: charts.heatmap(completeness(6)),
    "bump": lambda: charts.bump(crossing(6, 4)),
}


def words_of(chart):
    axes = chart.figure.axes
    return [t.get_text() for t in [*chart.figure.texts, *(t for a in axes for t in a.texts)]]


def lines_of(chart):
    return [line for axes in chart.figure.axes for line in axes.lines]


@pytest.fixture(scope="module", params=KINDS)
def chart(request):
    return KINDS[request.param]()


def test_alt_text_says_the_year_and_a_number(chart):
    assert re.search(r"20\d\d", chart.alt)
    assert re.search(r"\d", re.sub(r"20\d\d", "", chart.alt))
    assert chart.alt.startswith(("Biểu đồ", "Bảng màu"))
    assert chart.alt.endswith("bảng dưới biểu đồ.")


def test_source_and_subtitle_are_there(chart):
    assert chart.source.startswith("Nguồn:")
    assert re.search(r"20\d\d", chart.subtitle)


def test_words_of_the_picture_are_those_of_the_chart(chart):
    shown = {text.get_gid(): text.get_text() for text in chart.figure.texts}
    assert shown["chart-title"].replace("\n", " ") == chart.title
    assert shown["chart-source"].replace("\n", " ") == chart.source


def test_nothing_english_and_no_number_with_a_point(chart):
    words = " ".join([*words_of(chart), chart.alt])
    assert not re.search(r"\b(the|of|in|and|members|score|level)\b", words)
    assert not re.search(r"\d,\d{3}\b|(?<!\d)0\.\d|None|nan", words)


def test_every_kind_has_its_own_alt_text():
    alts = [make().alt for make in KINDS.values()]
    assert len(set(alts)) == len(alts)


def test_illustrative_data_say_so_on_the_picture():
    made = shares(3, 2)
    made.attrs["illustrative"] = True
    chart = charts.dumbbells(made)
    assert chart.source.startswith("Số liệu minh họa")
    assert any(word.startswith("Số liệu minh họa") for word in words_of(chart))


def test_dumbbells_says_rise_in_all_and_changes_in_points():
    rows = [
        figure(n, 66, year=year, level=level)
        for level, pair in {"state": (30, 40), "province": (45, 50)}.items()
        for year, n in zip((2022, 2023), pair, strict=True)
    ]
    chart = charts.dumbbells(frame("non_leader_share", rows))
    assert chart.title.endswith("tăng ở cả 2 cấp")
    assert "▲ +15,2 điểm %" in words_of(chart)
    assert "60,6%" in words_of(chart)
    assert "Cấp Nhà nước" in words_of(chart)


def test_dumbbells_draws_the_values():
    made = shares(3, 2)
    drawn = [
        list(line.get_xdata())
        for line in lines_of(charts.dumbbells(made))
        if len(line.get_xdata()) == 2
    ]
    expected = [[float(v) for v in made[made.member == f"m{n}"]["value"]] for n in range(3)]
    assert sorted(drawn) == sorted(expected)


def test_change_is_taken_from_exact_shares_not_from_printed_ones():
    rows = [
        figure(763, 1233, year=2022, level="province"),
        figure(786, 1224, year=2023, level="province"),
    ]
    chart = charts.dumbbells(frame("non_leader_share", rows))
    assert "▲ +2,3 điểm %" in words_of(chart)  # 2,33 exact; printed 64,2 - 61,9 as well


def test_no_line_and_no_change_across_a_break():
    chart = charts.dumbbells(with_break(shares(3, 2), 2015))
    assert not [line for line in lines_of(chart) if len(line.get_xdata()) == 2]
    assert not [word for word in words_of(chart) if "điểm %" in word]
    assert "Không so sánh năm 2015 với năm trước" in chart.subtitle
    assert "Không so sánh năm 2015" in chart.alt


def test_line_has_a_gap_at_a_break():
    chart = charts.line(with_break(shares(2, 4), 2016))
    runs = [list(line.get_xdata()) for line in lines_of(chart)]
    assert [2014, 2015] in runs
    assert [2016, 2017] in runs
    assert [2014, 2015, 2016, 2017] not in runs


def test_line_has_a_gap_where_a_year_is_missing():
    made = counts(1, 4)
    chart = charts.line(made[made.year != 2015])
    assert not [line for line in lines_of(chart) if list(line.get_xdata()) == [2014, 2016]]


def test_line_of_money_is_labelled_in_billions():
    money = {2022: 121_600_000_000, 2023: 158_700_000_000}
    rows = [figure(value, unit="đồng", year=year) for year, value in money.items()]
    chart = charts.line(frame("result_value", rows))
    labels = [tick.get_text() for tick in chart.figure.axes[0].get_yticklabels()]
    assert any(re.fullmatch(r"\d+ tỷ", label) for label in labels)
    assert "tăng 37,1 tỷ đồng" in chart.title


def test_more_than_four_lines_keep_four_in_colour():
    chart = charts.line(shares(9, 5))
    colours = {
        line.get_color() for line in lines_of(chart) if line.get_marker() not in ("None", "")
    }
    from thidua_analysis.charts import theme

    assert len(colours - {theme.CONTEXT}) == 4


def test_the_year_compared_with_is_named_where_it_is_not_the_first():
    assert charts.line(counts(6, 3)).title.endswith("so với năm 2015")
    assert "so với" not in charts.line(counts(6, 2)).title


def test_dumbbells_stand_in_one_sorted_column_with_what_each_share_is_of():
    made = shares(5, 2)
    chart = charts.dumbbells(made)
    last = made[made["year"] == 2015].sort_values("value", ascending=False, kind="stable")
    rows = {t.get_text(): t.get_position()[1] for t in chart.figure.axes[0].texts}
    named = [NAMES[int(code[1:])] for code in last["member"]]
    assert sorted(named, key=rows.get) == named
    assert words_of(chart).count("1.000") == 5
    assert "n: mẫu số của tỷ lệ năm 2015" in chart.subtitle


def test_small_numbers_behind_a_share_are_printed():
    rows = [
        figure(n, of, year=year, level=level)
        for level, (n, of) in {"state": (23, 50), "grassroots": (1020, 2254)}.items()
        for year in (2022, 2023)
    ]
    words = words_of(charts.dumbbells(frame("women_share", rows)))
    assert {"50", "2.254"} <= set(words)


@pytest.mark.parametrize("kind", ["dumbbells", "line"])
def test_an_axis_that_does_not_begin_at_zero_says_so(kind):
    made = shares(5, 2)
    chart = getattr(charts, kind)(made)
    axes = chart.figure.axes[0]
    low = int(re.search(r"Trục bắt đầu từ (\d+)%, không từ 0", chart.subtitle)[1])
    assert 0 < low <= made["value"].min()
    assert (axes.get_ylim() if kind == "line" else axes.get_xlim())[0] <= low
    assert "Trục bắt đầu" not in getattr(charts, kind)(counts(5, 2)).subtitle


@pytest.mark.parametrize("kind", ["dumbbells", "bars"])
def test_nobody_is_crowned_where_all_are_nearly_the_same(kind):
    values = {"m0": 672, "m1": 675, "m2": 678}
    rows = [
        figure(n - 30 * (year == 2022), 1000, year=year, member=m)
        for m, n in values.items()
        for year in (2022, 2023)
    ]
    title = getattr(charts, kind)(frame("women_share", rows, {"member": members(3)})).title
    assert "gần như nhau" in title
    assert "67,2%–67,8%" in title
    assert "cao nhất" not in title


def test_a_winner_by_more_than_a_point_is_named():
    rows = [figure(n, 1000, year=2023, member=f"m{at}") for at, n in enumerate((660, 670))]
    title = charts.bars(frame("women_share", rows, {"member": members(2)})).title
    assert "gần như nhau" not in title
    assert f"cao nhất ở {NAMES[1]}" in title


def test_bars_start_at_zero_and_fall_in_length():
    chart = charts.bars(counts(5, 2))
    axes = chart.figure.axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert axes.get_xlim()[0] == 0
    assert widths == sorted(widths, reverse=True)
    assert len(widths) == 5


def test_bars_print_the_parts_of_a_share():
    rows = [figure(45, 66, year=2023, level="province"), figure(5, 10, year=2023, level="state")]
    chart = charts.bars(frame("non_leader_share", rows))
    assert "68,2% (45/66)" in words_of(chart)


def test_bars_beyond_the_room_are_said_and_stand_in_the_table():
    rows = [figure(n + 1, unit="lượt", year=2023, award=f"Danh hiệu {n}") for n in range(30)]
    chart = charts.bars(frame("awards_by_award", rows))
    assert len(chart.figure.axes[0].patches) == 14
    assert "14 trong 30" in chart.subtitle
    assert len(chart.data) == 30


def test_contributions_start_at_0_largest_first_with_their_total_below():
    made = counts(6, 1)
    chart = charts.contributions(made)
    bars = chart.figure.axes[0].patches
    widths = [bar.get_width() for bar in bars]
    assert {bar.get_x() for bar in bars} == {0}
    assert widths == sorted(widths, reverse=True)
    assert sum(widths) == made["value"].sum()
    assert "Tổng số" in words_of(chart)
    assert f"{made['value'].sum():.0f}" in [w.replace(".", "") for w in words_of(chart)]


def test_contributions_keeps_the_bounds_of_its_parts_and_of_their_sum():
    rows = [figure(n, year=2023, member=f"m{n}", unit="suất") for n in (3, 5)]
    rows[1] |= {"text": "trên 5", "bound": "gt"}
    chart = charts.contributions(frame("result_total", rows, {"member": members(6)}))
    numbers = [t.get_text() for t in chart.figure.axes[0].texts if re.search(r"\d$", t.get_text())]
    assert [n for n in numbers if "Tổng" not in n] == ["trên 5", "3", "trên 8"]


def test_contributions_to_a_change_add_up_from_0():
    made = counts(6, 2)
    chart = charts.contributions(made)
    bars = chart.figure.axes[0].patches
    by_year = made.groupby("year")["value"].sum()
    assert sum(bar.get_width() for bar in bars) == by_year[2015] - by_year[2014]
    assert {bar.get_x() for bar in bars} == {0}


def test_contributions_that_fell_stand_left_of_0_and_do_not_cover_the_names():
    rows = [
        figure(n, unit="lượt", year=year, member=f"m{at}")
        for at, pair in enumerate([(90, 10), (10, 20), (10, 15)])
        for year, n in zip((2022, 2023), pair, strict=True)
    ]
    chart = charts.contributions(frame("commendations", rows, {"member": members(6)}))
    axes = chart.figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [10, 5, -80]
    down = next(t for t in axes.texts if t.get_text() == "−80")
    renderer = FigureCanvasAgg(chart.figure).get_renderer()
    left = down.get_window_extent(renderer).x0
    assert left >= axes.get_window_extent(renderer).x0 - 1


def test_one_member_that_makes_most_of_a_change_is_named_in_the_title():
    rows = [
        figure(n, unit="lượt", year=year, member=f"m{at}")
        for at, pair in enumerate([(10, 90), (10, 15), (10, 12)])
        for year, n in zip((2022, 2023), pair, strict=True)
    ]
    made = frame("commendations", rows, {"member": members(6)})
    assert f"phần lớn do {members(6)['m0']} (+80)" in charts.contributions(made).title
    assert "phần lớn" not in charts.contributions(counts(6, 2)).title


def test_one_member_alone_is_a_sentence_not_a_chart(samples):
    made = indicators.result_total(
        samples, by=("year", "member", "measure"), year=2023, measure="Cây trồng mới"
    )
    chart = charts.contributions(made)
    assert chart.is_empty
    assert chart.title.endswith("8.600 cây")


def test_money_of_a_chart_is_in_one_unit():
    rows = [
        figure(n, unit="đồng", year=2023, member=f"m{at}")
        for at, n in enumerate((48_500_000_000, 850_000_000, 60_000_000))
    ]
    for kind in (charts.contributions, charts.bars):
        shown = words_of(kind(frame("result_value", rows, {"member": members(6)})))
        amounts = [word for word in shown if "đồng" in word and word[0].isdigit()]
        assert [word.partition(" ")[2] for word in amounts] == ["tỷ đồng"] * len(amounts)
        assert "0,1 tỷ đồng" in amounts


@pytest.mark.parametrize(("before", "noted"), [(68_660_000_000, True), (68_600_000_000, False)])
def test_where_printed_values_do_not_give_the_change_the_chart_and_the_table_say_why(before, noted):
    amounts = {2022: before, 2023: 105_740_000_000}
    rows = [
        figure(amount // n, unit="đồng", year=year, member=f"m{n}")
        for year, amount in amounts.items()
        for n in (1, 2)
    ]
    made = frame("result_value", rows, {"member": members(3)})
    made["id"], made.attrs["by"] = "", ("year", "member")
    told = charts.contributions(made).subtitle, publish.table(made).plain
    assert [said.count("số chưa làm tròn.") for said in told] == [noted, noted]
    assert told[0].startswith("Đơn vị tính: tỷ đồng, theo đơn vị, 2022 và 2023.")


def test_contributions_refuses_shares():
    with pytest.raises(UsageError) as refused:
        charts.contributions(shares(3, 2))
    assert refused.value.key == "chart-not-additive"


def dots(chart):
    """Where each dot of a row stands, by row; marks of the key stand above the rows."""
    found = {}
    for line in lines_of(chart):
        if len(line.get_xdata()) == 1 and line.get_ydata()[0] == int(line.get_ydata()[0]) >= 0:
            found.setdefault(line.get_ydata()[0], []).append(line.get_xdata()[0])
    return {row: sorted(places) for row, places in found.items()}


def test_scores_stand_where_their_printed_points_say():
    chart = charts.scores(*stages(4))
    columns = ["Tự chấm", "Kiểm tra chéo", "Thẩm định"]
    printed = [
        sorted(float(row[c].replace(",", ".")) for c in columns) for _, row in chart.data.iterrows()
    ]
    assert list(dots(chart).values()) == printed
    shown = words_of(chart)
    assert all(row[c] in shown for _, row in chart.data.iterrows() for c in columns)


def test_scores_draw_the_maximum_of_the_year_and_end_there():
    chart = charts.scores(*stages(4))
    axes = chart.figure.axes[0]
    assert axes.get_xlim()[1] == 500
    assert any(list(line.get_xdata()) == [500, 500] for line in axes.lines)
    assert "tối đa 500" in [tick.get_text() for tick in axes.get_xticklabels()]
    assert "Điểm tối đa của năm: 500" in chart.subtitle
    assert "Trục bắt đầu từ 450, không từ 0" in chart.subtitle


def test_scores_draw_deductions_as_long_as_they_are():
    chart = charts.scores(*stages(2))
    lengths = [line.get_xdata() for line in lines_of(chart) if line.get_linestyle() == "--"]
    assert [max(x) - min(x) for x in lengths] == [5]
    assert "−5,00" in words_of(chart)
    assert sorted(chart.data["Điểm trừ"]) == ["–", "−5,00"]


def test_scores_without_a_maximum_draw_none():
    chart = charts.scores(stages(3)[0])
    assert "tối đa" not in chart.subtitle
    assert chart.data.columns.tolist() == ["Đơn vị", "Tự chấm", "Kiểm tra chéo", "Thẩm định"]


def test_heatmap_marks_what_is_missing_by_more_than_a_colour():
    made = completeness(6)
    chart = charts.heatmap(made)
    missing = sum(value is None for value in made["value"])
    assert words_of(chart).count("✗ thiếu") == missing
    assert sum(bool(patch.get_hatch()) for patch in chart.figure.axes[0].patches) == missing
    assert f"thiếu {missing}/42" in chart.title


def test_bump_ranks_ties_as_ties():
    rows = [
        figure(value, 500, year=year, member=f"m{n}")
        for year, values in ((2022, [440, 470, 460, 450]), (2023, [486, 480, 480, 450]))
        for n, value in enumerate(values)
    ]
    data = charts.bump(frame("score_share", rows, {"member": members(4)})).data
    assert data[data["Năm"] == "2023"]["Hạng"].tolist() == ["1", "2", "2", "4"]


def test_the_title_of_ranks_tells_who_climbed_and_who_fell():
    orders = {2021: (1, 2, 3), 2022: (2, 1, 3), 2023: (3, 2, 1)}
    rows = [
        {**figure(rank, 3, unit="hạng", year=year, member=f"m{n}"), "text": f"{rank}/3"}
        for year, ranks in orders.items()
        for n, rank in enumerate(ranks)
    ]
    title = charts.bump(frame("rank", rows, {"member": members(3)})).title
    told = f"{NAMES[2]} từ hạng 3 lên hạng 1; {NAMES[0]} từ hạng 1 xuống hạng 3"
    assert title.endswith(f"từ 2021 đến 2023: {told}")


def test_ranks_that_never_change_are_said_not_drawn():
    made = shares(6, 2, close=False)
    again = made[made["year"] == 2014].assign(year=2015)
    still = pd.concat([made[made["year"] == 2014], again])
    still.attrs = made.attrs
    chart = charts.bump(still)
    assert chart.is_empty
    assert "từ 2014 đến 2015: thứ hạng của cả 6 đơn vị không đổi" in chart._repr_html_()


def test_bump_takes_given_ranks_as_they_are():
    rows = [
        {**figure(rank, 82, unit="hạng", year=year, member="m1"), "text": f"{rank}/82"}
        for year, rank in ((2022, 32), (2023, 25))
    ]
    chart = charts.bump(frame("rank", rows, {"member": members(2)}))
    assert "hạng 25" in chart.title


def test_partial_coverage_is_said():
    made = shares(1, 2).drop(columns="member")
    made["reporting"] = 5
    assert "5/6 đơn vị, chưa đủ" in charts.dumbbells(made).subtitle


def test_a_missing_value_is_left_out_and_stays_in_the_table():
    rows = [figure(1, 2, year=2023, member="m0"), empty(year=2023, member="m1")]
    chart = charts.bars(frame("women_share", rows, {"member": members(2)}))
    assert len(chart.figure.axes[0].patches) == 1
    assert len(chart.data) == 2


def test_a_breakdown_with_one_value_goes_into_the_title():
    rows = [
        figure(n, unit="suất quà", year=2023, member=f"m{n}", measure="Suất quà") for n in (1, 2)
    ]
    assert charts.bars(frame("result_total", rows)).title.startswith("Suất quà năm 2023")


@pytest.mark.parametrize("kind", ["dumbbells", "line"])
def test_one_year_alone_becomes_bars_that_say_so(kind):
    chart = getattr(charts, kind)(shares(3, 1))
    assert len(chart.figure.axes[0].patches) == 3
    assert "Không có số liệu năm 2013 để so sánh" in chart.subtitle


def test_ranks_of_one_year_alone_become_a_sentence():
    chart = charts.bump(shares(3, 1))
    assert chart.is_empty
    assert "Không có số liệu năm 2013 để so sánh" in chart._repr_html_()


def test_parts_of_a_share_keep_their_halves():
    rows = [figure(Fraction("958.5"), 1000, year=2021, member=m) for m in ("m1", "m2")]
    assert "(958,5/1.000)" in " ".join(words_of(charts.bars(frame("score_share", rows))))


def test_a_change_too_small_to_print_is_not_printed_as_nothing():
    rows = [figure(n, 10_000, year=y, member="m1") for y, n in ((2022, 4000), (2023, 4001))]
    changed = charts.dumbbells(frame("women_share", rows)).data["So với năm trước"]
    assert list(changed)[-1] == "▲ dưới 0,1 điểm %"


@pytest.mark.parametrize("kind", ["dumbbells", "line"])
def test_one_figure_alone_becomes_a_sentence(kind):
    chart = getattr(charts, kind)(counts(1, 1).drop(columns="member"))
    assert chart.is_empty
    assert chart._repr_html_() == (
        '<p class="note">Số lượt khen thưởng năm 2014 là 1.000 lượt. '
        "Không có số liệu năm 2013 để so sánh.</p>"
    )


@pytest.mark.parametrize("kind", charts.__all__[1:])
def test_nothing_to_draw_becomes_a_sentence(kind, tmp_path):
    none = shares(1, 1).iloc[:0]
    none.attrs["indicator"] = "women_share"
    chart = getattr(charts, kind)(none)
    assert chart.is_empty
    assert (
        chart._repr_html_()
        == '<p class="note">Tỷ lệ nữ trong số cá nhân được khen thưởng chưa có số liệu để vẽ.</p>'
    )
    assert chart.save(tmp_path / "x.png").is_file()


def test_two_breakdowns_are_refused_with_their_names():
    made = completeness(3).drop(columns="year").assign(year=2023)
    with pytest.raises(UsageError) as refused:
        charts.bars(made)
    assert refused.value.params["names"] == "member, table"


OWN = pd.DataFrame(
    {
        "huyện": ["Sìn Hồ", "Tam Đường", "Tân Uyên"] * 2,
        "year": [2022] * 3 + [2023] * 3,
        "value": [3, 5.25, 7, 4, 6, 1],
    }
)


@pytest.mark.parametrize("kind", ["bars", "line", "dumbbells", "bump", "contributions"])
def test_a_frame_of_ones_own_is_drawn_and_never_called_a_report_of_members(kind):
    chart = getattr(charts, kind)(OWN)
    assert not chart.is_empty
    assert chart.source == "Nguồn: số liệu do người vẽ cung cấp."
    assert any("Sìn Hồ" in words for words in words_of(chart))
    assert "5,25" in chart.data.to_string()


def test_of_a_frame_without_years_no_year_is_told():
    by_index = OWN.iloc[:3].set_index("huyện")[["value"]]
    for made in (by_index, OWN.iloc[:3].drop(columns="year").assign(unit="%")):
        chart = charts.bars(made)
        assert "Tân Uyên" in chart.title
        assert not re.search(r"\b0\b(?!%)|năm", f"{chart.title} {chart.subtitle} {chart.alt}")
        assert "Cao nhất là Tân Uyên" in chart.alt
    grid = pd.DataFrame({"a": ["x", "y"], "b": ["p", "p"], "value": [100.0, None], "unit": "%"})
    assert charts.heatmap(grid).title == "Số liệu thiếu 1/2 mục"


def test_a_year_that_a_frame_is_limited_to_is_told(samples):
    chart = charts.bars(indicators.commendations(samples, by="member", year=2023))
    assert "năm 2023" in chart.title


def test_a_frame_without_numbers_is_refused_with_the_columns_that_it_has():
    for wrong in (OWN.rename(columns={"value": "số"}), OWN.assign(value="ba")):
        with pytest.raises(UsageError) as refused:
            charts.bars(wrong)
        assert refused.value.params["columns"] == ", ".join(wrong.columns)


def test_a_chart_takes_a_title_of_ones_own_wherever_it_is_shown(tmp_path):
    for name, draw in KINDS.items():
        given = draw()
        chart = given.titled("Đoàn viên <dẫn đầu>", "Quý I")
        assert {"Đoàn viên <dẫn đầu>", "Quý I"} <= {" ".join(w.split()) for w in words_of(chart)}, (
            name
        )
        assert given.title not in words_of(chart)
        assert "Đoàn viên &lt;dẫn đầu&gt;" in chart._repr_html_()
        assert chart.alt.startswith("Đoàn viên <dẫn đầu>. ")
        assert chart.data is given.data
    assert given.titled("A").subtitle == given.subtitle
    assert charts.bars(shares(2, 2).iloc[:0]).titled("Chưa có gì").title == "Chưa có gì"
    assert chart.save(tmp_path / "a.png").is_file()


def test_a_title_is_given_with_the_call_too():
    chart = charts.bars(OWN, title="Ba huyện", subtitle="Quý I")
    assert (chart.title, chart.subtitle) == ("Ba huyện", "Quý I")
    assert charts.line(OWN, title="Ba huyện").subtitle == charts.line(OWN).subtitle
    assert {"title", "subtitle"} <= set(inspect.signature(charts.heatmap).parameters)


def test_a_frame_that_lacks_what_a_kind_needs_is_refused_with_what_is_missing():
    with pytest.raises(UsageError) as refused:
        charts.scores(OWN)
    assert refused.value.params["columns"] == "member, stage"
    with pytest.raises(UsageError, match="huyện"):
        charts.heatmap(OWN.iloc[:3].drop(columns="year"))
    said = charts.bump(OWN.iloc[:3].drop(columns="year"))
    assert "năm 0" not in said.title
    assert said.source == "Nguồn: số liệu do người vẽ cung cấp."


def test_words_are_in_the_language_of_the_dataset_whatever_is_spoken(samples):
    english = Dataset(samples._tables, samples.bloc, samples.manifest, lang="en")
    chart = charts.bars(indicators.commendations(english, by="member", year=2023))
    assert chart.title.startswith("Commendations in 2023: most for LĐLĐ (1,247")
    html = chart._repr_html_()
    assert "Illustrative data, not real. Source: reports of the members" in html
    assert not re.search("Nguồn|Bảng số liệu|Đơn vị<", html)
    table = publish.table(indicators.awards_by_level(english, by=("year", "level")))
    assert "Grassroots" in table.plain
    assert "Cấp cơ sở" not in table.plain
    assert publish.definitions("women_share", lang="en").plain.startswith("Share of women")


def test_exact_values_are_kept_to_the_end():
    point = shares(1, 1)
    from thidua_analysis.charts.series import read

    assert read(point).series[0].points[0].exact == Fraction(400, 10)


ANY_KIND = ["bars", "line", "dumbbells", "bump", "contributions", "heatmap"]


@pytest.mark.parametrize("kind", ANY_KIND)
def test_what_pandas_made_of_a_frame_of_figures_is_drawn(kind, samples, tmp_path):
    figures = indicators.commendations(samples, by=("year", "member"))
    added = figures.groupby(["year", "member"], as_index=False).value.sum()
    drawn = getattr(charts, kind)(added)
    assert kind == "bump" or "Nông dân" in " ".join(words_of(drawn))
    assert drawn.source.endswith("số liệu do người vẽ cung cấp.")
    figures.to_parquet(tmp_path / "a.parquet")
    figures.to_csv(tmp_path / "a.csv", index=False)
    whole = getattr(charts, kind)(figures)
    stored = getattr(charts, kind)(pd.read_parquet(tmp_path / "a.parquet"))
    assert stored.title == whole.title
    told = getattr(charts, kind)(pd.read_csv(tmp_path / "a.csv"))
    assert "(, )" not in told.subtitle + told.alt
    assert ("chưa nói được" in told.title) == ("chưa nói được" in whole.title)


def test_who_is_missing_is_told_of_a_stored_frame_too(samples, tmp_path):
    figures = indicators.commendations(samples.filter(year=2023), by="year")
    figures["missing"] = [("ccb", "hnd")] * len(figures)
    figures.to_parquet(tmp_path / "a.parquet")
    (point,) = read(pd.read_parquet(tmp_path / "a.parquet")).series[0].points
    assert point.missing == ("ccb", "hnd")


@pytest.mark.parametrize("kind", ANY_KIND)
def test_the_source_of_a_frame_of_ones_own_is_whoever_drew_it(kind):
    for own in (OWN, OWN.iloc[:0], OWN[["huyện", "value"]].assign(year=[2022, 2023] * 3)[:2]):
        assert getattr(charts, kind)(own).source == "Nguồn: số liệu do người vẽ cung cấp."


def test_a_series_and_years_as_days_are_drawn():
    by_name = OWN.groupby("huyện")["value"].sum()
    assert "Tam Đường" in charts.bars(by_name).title
    days = OWN.assign(year=pd.to_datetime(OWN["year"].astype(str)))
    assert charts.line(days).title == charts.line(OWN).title
    endless = charts.bars(OWN.assign(value=OWN["value"] / [0, 1, 1, 0, 1, 1]))
    assert "Sìn Hồ" not in endless.title


def test_a_heatmap_of_other_than_shares_tells_its_range():
    chart = charts.heatmap(OWN)
    assert chart.title == "Số liệu năm 2022–2023: từ 1 đến 7"
    assert chart.subtitle == "2022–2023."


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ([1, 2], "chart-no-frame"),
        (OWN.assign(value=OWN["value"] > 3), "chart-columns"),
        (OWN.assign(year=[2022.5] * 6), "chart-year"),
        (OWN.assign(year=["nay"] * 6), "chart-year"),
        (OWN.assign(year=[None] * 6), "chart-year"),
        (pd.concat([OWN, OWN]), "chart-repeated"),
        (pd.DataFrame({"value": [1, 2]}), "chart-repeated"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(wrong, key):
    with pytest.raises(UsageError) as refused:
        charts.bars(wrong)
    assert refused.value.key == key
    assert "{" not in str(refused.value)


def test_a_file_of_another_kind_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match=r"a\.gif.*\.png"):
        charts.bars(OWN).save("a.gif")
