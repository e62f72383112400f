"""What notebooks show: sentences, tables, cards, status; figures are those of the samples."""

import base64
import re

import pytest

from thidua_analysis import indicators, publish
from thidua_analysis.charts.series import read
from thidua_analysis.findings import UsageError
from thidua_analysis.publish import status
from thidua_analysis.publish.html import bullets, paragraph, small_line, table_block
from thidua_analysis.vietnamese.text import sort_key

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def ds(samples):
    return status.up_to(samples, 2023)


@pytest.mark.parametrize("make", [paragraph, lambda t: paragraph("x", t), lambda t: bullets([t])])
def test_blocks_escape_text(make):
    block = make(HOSTILE)
    assert "<script" not in block._repr_html_()
    assert HOSTILE in repr(block)


def test_tables_scroll_on_their_own_and_are_named():
    html = table_block([{"a": 1}], "Tên <bảng>", ["Ghi chú"])._repr_html_()
    assert 'role="group" aria-label="Tên &lt;bảng&gt;">' in html


def test_key_figures_are_those_of_the_samples(ds):
    plain = repr(publish.key_figures(ds, 2023))
    assert "67,6%" in plain  # 2.274 of 3.363
    assert "2.274/3.363" in plain
    assert "▲ +3,1 điểm % so với năm 2022" in plain.replace("\N{NO-BREAK SPACE}", " ")
    assert "30/37 chỉ tiêu" in plain
    assert "2.060 sáng kiến" in repr(publish.key_figures(ds, 2023, "targets"))


def test_a_part_opens_with_at_most_four_sentences_and_four_figures(ds):
    for part in ("year", "commendations", "targets", "scores", "trends", "quality"):
        html = publish.headline(ds, 2023, part).html
        facts, cards = html.split("</ul>", 1)
        assert 3 <= facts.count("<li>") <= 4, part
        assert 3 <= cards.count("<li>") <= 4, part
        assert cards.count('class="line"') == cards.count("<li>"), part


def test_the_largest_facts_of_the_year_come_first_with_who_made_them(ds):
    told = publish.headline(ds, 2023).plain.replace("\xa0", " ")
    first = "Toàn khối có 4.674 lượt khen thưởng, tăng 269 lượt so với năm 2022; 67,6% cá nhân"
    assert told.startswith(first)
    assert "Các đơn vị đạt và vượt 30/37 chỉ tiêu, trong đó vượt 29; 7 chỉ tiêu chưa đạt." in told
    assert "tăng 37,1 tỷ đồng so với năm 2022; riêng LĐLĐ tăng 36,2 tỷ đồng." in told
    assert "LĐLĐ dẫn đầu theo điểm thẩm định với 486 điểm, hơn Hội LHPN 6,5 điểm." in told


def test_the_line_of_a_card_says_its_years_and_values_to_who_cannot_see_it(ds):
    html = publish.key_figures(ds, 2023).html
    assert 'alt="Số lượt khen thưởng, 2021: 4.160; 2022: 4.405; 2023: 4.674"' in html


def test_a_line_of_little_change_stays_nearly_flat_and_breaks_where_years_differ():
    def drawn(*heights, joined=(True, True)):
        line = small_line("x", dict(zip((2021, 2022, 2023), heights, strict=True)), joined)
        return base64.b64decode(re.search('base64,([^"]+)', line)[1]).decode()

    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", drawn(43.0, 43.9, 43.3))]
    assert max(heights) - min(heights) < 4
    assert re.search(r'd="M\S+ \S+?L\S+ \S+?M', drawn(1, 2, 3, joined=(True, False)))
    assert small_line("x", {2023: 1.0}, ()) == ""


def test_a_part_that_does_not_exist_is_refused_with_those_that_do(ds):
    with pytest.raises(UsageError) as refused:
        publish.headline(ds, 2023, "nothing")
    assert "commendations" in refused.value.params["known"]


def test_first_year_has_no_change(samples):
    plain = repr(publish.key_figures(status.up_to(samples, 2021), 2021))
    assert "▲" not in plain
    told = "không so với năm 2020: không có số liệu năm 2020 để so sánh"
    assert told in plain.replace("\xa0", " ")


def test_a_report_never_shows_years_after_its_own(samples):
    assert status.up_to(samples, 2022).years == (2021, 2022)


def test_a_year_without_data_is_refused_with_the_years_there_are(samples):
    with pytest.raises(UsageError) as refused:
        status.up_to(samples, 1999)
    assert refused.value.params["years"] == "2021, 2022, 2023"


def test_illustrative_data_carry_a_badge_before_everything_else(ds):
    html = status.status(ds, 2023).html
    assert html.startswith('<p class="state"><strong class="badge">Số liệu minh họa')


def test_status_is_one_line_on_coverage_day_and_errors_without_a_hash(ds):
    plain = repr(status.status(ds, 2023))
    assert plain == (
        "Số liệu minh họa, không phải số liệu thật · 6/6 đơn vị đã gửi báo cáo · "
        "Báo cáo không ghi ngày chốt số liệu · Không còn lỗi và cảnh báo"
    )
    assert status.inputs_of(ds) not in status.status(ds, 2023).html
    assert 'href="06-chat-luong-so-lieu.html"' in status.status(ds, 2023).html


def test_status_names_who_is_missing(submissions, bloc):
    from thidua_analysis.dataset import Dataset

    some = [s for s in submissions if not (s.year == 2023 and s.member == "hnd")]
    plain = repr(status.status(Dataset.of(some, bloc), 2023))
    assert "5/6 đơn vị" in plain
    assert "Chưa có báo cáo: Hội Nông dân" in plain


def test_say_tells_level_direction_and_extremes(ds):
    near = ds.filter(year=[2022, 2023])
    plain = repr(publish.say(indicators.non_leader_share(near, by=("year", "level"))))
    assert "tăng ở cả 5 cấp" in plain
    assert "cao nhất là cấp cơ sở (70,2%)" in plain
    assert "thấp nhất là cấp Nhà nước (52,0%)" in plain


def test_say_targets_tells_earliest_and_missed(ds):
    plain = repr(publish.say_targets(ds, 2023))
    assert "trước hạn 265 ngày" in plain
    assert "Thành lập công đoàn cơ sở (92,9%)" in plain


def test_say_roles_names_head_and_deputy(ds):
    assert repr(publish.say_roles(ds, 2023)) == (
        "Trưởng khối năm 2023: Liên đoàn Lao động tỉnh. Phó trưởng khối: Hội Liên hiệp Phụ nữ tỉnh."
    )


def test_table_puts_years_across_with_the_change_and_the_bloc_last(ds):
    block = publish.table(
        indicators.non_leader_share(ds, by=("year", "level")),
        total=indicators.non_leader_share(ds, by=("year",)),
    )
    assert block.html.count("<tr") == 1 + 5 + 1
    assert 'class="total"' in block.html
    assert "Toàn khối" in block.html
    assert "▲ +5,3 điểm %" in block.html


def test_table_of_two_breakdowns_puts_one_across(ds):
    now = ds.filter(year=2023)
    made = indicators.awards_by_subject(now, by=("level", "subject"))
    html = publish.table(made, across="subject").html
    assert "Hộ gia đình</th>" in html
    assert "2.254" in html


def test_partial_coverage_is_marked_in_the_cell(ds):
    html = publish.table(indicators.enterprise_share(ds, by=("year", "level"))).html
    assert "(2/6)" in html
    assert "số đơn vị có số liệu trên số đơn vị phải báo cáo" in html


def test_totals_print_one_measure_a_row(ds):
    lines = repr(publish.totals(indicators.result_value(ds, by=("year",)))).splitlines()
    row = next(line for line in lines if line.strip().startswith("Giá trị"))
    assert row.split()[:8] == ["Giá", "trị", "kết", "quả", "(tỷ", "đồng)", "67,2", "68,7"]


def test_ranking_keeps_score_rank_and_voted_rank_apart(ds):
    plain = repr(publish.ranking(ds, 2023))
    assert next(row for row in plain.splitlines() if "LĐLĐ" in row).split() == [
        "LĐLĐ", "1/6", "6,50", "1",
    ]  # fmt: skip


def test_honours_stand_beside_votes(ds):
    plain = repr(publish.honours(ds, 2023))
    assert "6/6" in plain
    assert "2/6" in plain


def test_ranks_of_several_clusters_stand_apart(ds):
    plain = repr(publish.ranks(ds))
    assert "25/82" in plain
    assert "3/7" in plain


def test_results_are_never_added_across_units(ds):
    plain = repr(publish.results(ds, 2023))
    assert "53.211" in plain
    assert "suất quà" in plain


def test_definitions_come_from_the_dictionary():
    block = publish.definitions("non_leader_share")
    assert "Biểu 0603.N" in block.html
    with pytest.raises(UsageError):
        publish.definitions("nothing")


def test_sources_say_whose_files_and_only_analysts_see_the_hashes(ds):
    plain = repr(publish.sources(ds, 2023))
    assert plain.startswith("Số liệu lấy từ báo cáo của 6 đơn vị và biểu của khối")
    own = {row["sha256"][:12] for row in ds.records("submissions") if row["used"]}
    assert not [one for one in own if one in plain]
    told = repr(status.hashes(ds, 2023))
    assert told.count("2023/") == 7
    assert any(one in told for one in own)
    assert not re.search(r"\.xlsx?", plain)


def test_findings_of_a_clean_year_are_none(ds):
    assert "Không có lỗi" in repr(publish.errors(ds, 2023))


def test_nothing_to_say_is_said(ds):
    none = ds.filter(member=[])
    assert "Chưa có số liệu" in repr(publish.say(indicators.attainment(none)))
    assert "Chưa có số liệu" in repr(publish.say_targets(none, 2023))


def test_figures_of_sentences_are_those_of_the_frames(ds):
    made = indicators.commendations(ds, by=("year",))
    assert read(made).series[0].points[-1].text in repr(publish.say(made))


def test_results_stand_in_the_order_of_a_vietnamese_dictionary(ds):
    found = re.findall(r'<th scope="row"[^>]*>([^<]*)</th>', publish.results(ds, 2023).html)
    assert found.index("Dư nợ ủy thác Ngân hàng Chính sách xã hội tăng thêm") + 1 == found.index(
        "Đất được hiến"
    )
    assert found[:-1] == sorted(found[:-1], key=sort_key)


def test_years_groups_and_lines_stand_in_one_table(ds):
    block = publish.totals(
        indicators.commendations(ds, by=("year",)),
        indicators.commendations(ds, by=("year", "member")),
        indicators.score_share(ds, by=("year", "member"), stage="appraised"),
    )
    assert block.html.count("<table") == 1
    rows = re.findall(r"<tr.*?</tr>", block.html, re.S)
    assert [row for row in rows if "LĐLĐ" in row and 'class="part"' in row]
    assert '<tr class="head"><th scope="row">Tỷ lệ điểm đạt (%)</th><td' in block.html
    # a line for each row of figures, none for the name of a measure without a total
    assert block.html.count('<img class="line"') == 1 + 6 + 6
    assert "▲ +70 lượt" in block.plain


def test_a_line_breaks_where_years_must_not_be_compared(ds):
    frame = indicators.commendations(ds, by=("year",))
    frame["comparable"] = frame["year"] != 2022
    markup = publish.totals(frame).html
    svg = base64.b64decode(re.search(r'svg\+xml;base64,([^"]+)', markup)[1]).decode()
    assert re.search(r'd="M[\d. ]+M[\d. ]+L[\d. ]+"', svg)
