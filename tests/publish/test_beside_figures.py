"""What stands beside a figure: what it leaves out, the series that goes on, ties of other bases."""

import pytest
from disturbed import whole
from small import people, unit

from thidua_analysis import charts, indicators, publish
from thidua_analysis.dataset import Dataset
from thidua_analysis.form.bloc import Bloc

AWARD = {"level": "province", "award": "Bằng khen của Chủ tịch UBND tỉnh", "status": "awarded"}


def dataset(*sent):
    return Dataset.of(sent, Bloc(**whole().bloc))


def commended(*rows, year=2023, member="an"):
    return unit(member, year, commendations=list(rows))


def targets(member, n, met, year=2023):
    rows = [
        {"target_name": f"t{i}", "planned": 10, "actual": 10 if i < met else 9,
         "direction": "higher"}
        for i in range(n)
    ]  # fmt: skip
    return unit(member, year, targets=rows)


# --- the series that goes on across 1 January 2024 ----------------------------------------------


def across(*years, **more):
    """Collectives 5, individuals 20 and a rising number; from 2024 households and a new title."""
    sent = []
    for year in years:
        rows = [{**AWARD, "collectives": 5, "individuals": 20 + year - years[0]}]
        if year >= 2024:
            rows.append({**AWARD, "households": 90})
            new = {"award": "Xã tiêu biểu", "level": "province", "status": "awarded"}
            rows.append({**new, "collectives": 2})
        sent.append(commended(*rows, year=year))
    return indicators.commendations(dataset(*sent), **more)


def test_a_table_across_the_new_law_shows_the_series_that_compares():
    lines = publish.totals(across(2022, 2023, 2024)).plain.replace("\xa0", " ").splitlines()
    broken, whole_ = (line for line in lines if line.strip().startswith("Số lượt khen thưởng"))
    assert broken.split("(lượt)")[1].split() == "25 (1/4) 26 (1/4) 119 (1/4) –".split()
    assert "không tính hộ gia đình (lượt)" in whole_
    assert whole_.split("(lượt)")[1].split() == "25 (1/4) 26 (1/4) 27 (1/4) ▲ +1 lượt".split()


@pytest.mark.parametrize(
    "frame",
    [
        across(2022, 2023),
        across(2024, 2025, year=2024),
        # people alone are no part of what the law has changed
        across(2022, 2023, 2024, kind="individuals"),
    ],
    ids=["before", "after", "individuals"],
)
def test_no_other_series_is_shown_where_there_is_no_break(frame):
    shown = publish.totals(frame).plain
    assert "không tính hộ gia đình (lượt)" not in shown


def test_a_series_that_is_asked_for_is_shown_once():
    frame = across(2022, 2023, 2024)
    ds = frame.lineage[0].ds
    shown = publish.totals(frame, indicators.commendations_without_households(ds)).plain
    assert shown.count("không tính hộ gia đình (lượt)") == 1


def test_another_series_is_defined_where_it_is_shown_and_nowhere_else():
    told = [publish.definitions(across(*years)).plain for years in ((2022, 2023), (2023, 2024))]
    assert [said.count("không tính hộ gia đình:") for said in told] == [0, 1]
    assert all(said.startswith("Số lượt khen thưởng:") for said in told)


# --- what a share does not cover ----------------------------------------------------------------


def uncovered():
    full = [people(direct=20, women=9), people("grassroots", direct=30, women=9)]
    return dataset(
        commended(*full, year=2022),
        commended(*full, {**AWARD, "individuals": 7}, year=2023),
    )


def test_what_shares_do_not_cover_is_told_once_a_year():
    left = [{**AWARD, "individuals": n, "level": at} for at, n in (("province", 7), ("state", 5))]
    full = [people(direct=20, women=9), people("state", direct=30, women=9)]
    ds = dataset(*(commended(*full, *left, year=year) for year in (2022, 2023)))
    said = publish.table(indicators.women_share(ds, by=("year", "level"))).plain
    for year in (2022, 2023):
        told = f"{year}, chưa tính lượt cá nhân thiếu số liệu: Cấp Nhà nước 5; Cấp tỉnh 7."
        assert said.count(told) == 1, said


def test_sentences_charts_and_cards_say_how_many_a_share_does_not_cover():
    ds, words = uncovered(), "hưa tính 7 lượt cá nhân thiếu số liệu"
    frame = indicators.women_share(ds)
    assert f"C{words}." in publish.say(frame).plain
    chart = charts.line(frame)
    assert f"C{words}." in chart.alt
    assert f"C{words}." in chart.subtitle
    cards = publish.key_figures(ds, 2023, "commendations").plain.splitlines()
    card = next(one for one in cards if "Tỷ lệ nữ" in one)
    assert f"· c{words}" in card


def test_a_chart_names_the_level_that_a_share_does_not_cover():
    chart = charts.dumbbells(indicators.women_share(uncovered(), by=("year", "level")))
    assert "Cấp tỉnh: chưa tính 7 lượt cá nhân thiếu số liệu." in chart.alt
    assert "Cấp cơ sở: chưa tính" not in chart.alt


def test_what_was_not_covered_in_an_earlier_year_is_not_told_of_the_last():
    ds = dataset(
        commended(people(direct=20, women=9), {**AWARD, "individuals": 7}, year=2022),
        commended(people(direct=20, women=9), year=2023),
    )
    assert "hưa tính" not in publish.say(indicators.women_share(ds)).plain


# --- shares of other bases ----------------------------------------------------------------------


def test_who_has_met_most_of_its_targets_is_highest_not_who_has_most_targets():
    frame = indicators.targets_met(dataset(targets("an", 20, 14), targets("binh", 12, 12)))
    said = publish.say(frame).plain
    assert "cao nhất ở Hội Bình (12/12 chỉ tiêu)" in said
    assert "cao nhất là Hội Bình (12/12), thấp nhất là Hội An (14/20)" in said


def test_members_that_are_level_on_other_bases_each_have_their_own_text():
    rows = {"an": people(direct=20, women=10), "binh": people(direct=6, women=3)}
    ds = dataset(*(commended(row, member=member) for member, row in rows.items()))
    said = publish.say(indicators.women_share(ds, by=("year", "member"))).plain
    # no percentage of six people
    assert "Hội An, Hội Bình (50,0%; 3/6)" in said


def test_the_lowest_cells_of_a_heat_map_each_have_their_own_text():
    frame = indicators.completeness(
        dataset(commended({**AWARD, "collectives": 4, "method": "regular"})),
        by=("year", "member", "table"),
    )
    assert "(0/4; 0/3; 0/6)." in charts.heatmap(frame).alt


def test_a_figure_that_did_not_change_says_how_many_reported():
    sent = [commended(people(direct=20, women=9), year=year) for year in (2022, 2023)]
    chart = charts.line(indicators.women_share(dataset(*sent)))
    assert "năm 2023, theo số liệu đã có (1/4 đơn vị, chưa đủ) không đổi" in chart.title


# --- money that is not in the value of results --------------------------------------------------


def test_money_whose_unit_does_not_say_dong_is_named():
    rows = [
        {"measure": "Quỹ", "unit": "tỷ", "quantity": 2},
        {"measure": "Tài trợ", "unit": "USD", "quantity": 100},
        {"measure": "Quà", "unit": "suất", "quantity": 3},
        {"measure": "Ủng hộ", "unit": "triệu đồng", "quantity": 5},
        {"measure": "Nhà", "unit": "tỷ", "quantity": 1, "value_vnd": 10**9},
    ]
    shown = publish.results(dataset(unit("an", 2023, results=rows)), 2023).plain
    told = shown.splitlines()[-1]
    assert told.endswith("không ghi là đồng: “Quỹ” (tỷ), “Tài trợ” (USD).")


def test_sums_of_results_name_the_members_that_are_not_in_them():
    rows = [{"measure": "Nhà", "unit": "căn", "quantity": 1, "value_vnd": 10**9}]
    shown = publish.results(dataset(unit("an", 2023, results=rows)), 2023).plain
    assert "Chưa đủ số liệu: chưa có của " in shown
    sent = [unit(member.id, 2023, results=rows) for member in dataset().bloc.members]
    assert "chưa có của" not in publish.results(dataset(*sent), 2023).plain


def test_of_one_member_no_note_speaks_of_numbers_in_brackets(samples):
    by = ("year", "level")
    all_, one = (
        publish.table(indicators.enterprise_share(ds, by=by)).plain
        for ds in (samples, samples.filter(member="ldld"))
    )
    assert "Trong ngoặc là số đơn vị" in all_
    assert "(chưa đủ)" in one
    assert "Trong ngoặc là số đơn vị" not in one
