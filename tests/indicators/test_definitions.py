"""What the figures mean: bases, what is compared with what, and what a figure leaves out."""

import datetime as dt

import pytest

from thidua_analysis import indicators
from thidua_analysis.form import awards
from thidua_analysis.form.bloc import Quota, Scoring
from thidua_analysis.indicators.counts import nature

AWARD = {"level": "province", "award": "Bằng khen của Chủ tịch UBND tỉnh", "status": "awarded"}
CRITERIA = [
    {"code": "A", "criterion": "Nhiệm vụ", "max_score": 100, "kind": "main"},
    {"code": "D", "criterion": "Nộp chậm", "max_score": 5, "kind": "deduction"},
]


def award(name, level, n=1, **more):
    return {"award": name, "level": level, "status": "awarded", "individuals": n, **more}


# --- awards by family and level -----------------------------------------------------------------


def test_an_award_whose_name_does_not_fix_the_level_is_split_by_level(made):
    rows = [award("Giấy khen", "organization", 3), award("Giấy khen", "grassroots", 40)]
    frame = indicators.awards_by_award(made.dataset(made.unit("ldld", commendations=rows)))
    assert dict(zip(frame.award, frame.value, strict=True)) == {
        "Giấy khen (cấp tổ chức)": 3,
        "Giấy khen (cấp cơ sở)": 40,
    }


def test_awards_by_level_are_found_by_their_name_too(made):
    rows = [award("Giấy khen", "organization", 3), award("GK", "grassroots", 40)]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    assert made.one(indicators.commendations(ds, award="Giấy khen")).value == 43
    assert list(indicators.awards_by_award(ds, award="GK").value) == [3, 40]
    assert list(indicators.awards_by_award(ds, award="Giấy khen (cấp cơ sở)").value) == [40]


def test_an_id_names_the_award_in_vietnamese_whatever_language_is_printed(made):
    ds = made.dataset(made.unit("ldld", commendations=[award("Giấy khen", "grassroots", 40)]))
    ds.lang = "en"
    frame = indicators.awards_by_award(ds)
    assert list(frame.award) == ["Giấy khen (cấp cơ sở)"]
    assert frame.attrs["names"]["award"] == {"Giấy khen (cấp cơ sở)": "Giấy khen (grassroots)"}


def test_a_name_that_says_too_little_is_the_award_of_its_level(made):
    rows = [award("Bằng khen", "province", 3), award("Bằng khen UBND tỉnh", "province", 4)]
    figure = made.one(
        indicators.awards_by_award(made.dataset(made.unit("ldld", commendations=rows)))
    )
    assert (figure.award, figure.value) == ("Bằng khen của Chủ tịch UBND tỉnh", 7)
    assert awards.canonical("Giấy khen", "grassroots") == "Giấy khen"


# --- honours ------------------------------------------------------------------------------------


def voted(made, quota, vote, honour, **more):
    scores = [
        {"member": m, "criterion": "A", "stage": "appraised", "score": s}
        for m, s in (("ldld", 90), ("hnd", 80))
    ]
    form = made.bloc_form(
        criteria=CRITERIA[:1],
        scores=scores,
        votes=[{"member": "ldld", "honour": vote, "votes_for": 5, "votes_cast": 6}],
        honours=[{"member": "ldld", "honour": honour, "voted_rank": 1, **more}],
    )
    rules = Scoring(conditions={"BKCT": ("đoàn kết",)})
    return made.dataset(form, quotas=(Quota(honour=quota, places=1),), scoring=(rules,))


@pytest.mark.parametrize(
    ("quota", "vote", "honour", "authority"),
    [
        ("Bằng khen của UBND tỉnh", "Bằng khen của Chủ tịch UBND tỉnh", "BK UBND tỉnh", None),
        ("Bằng khen của Chủ tịch UBND tỉnh", "Bằng khen Chủ tịch UBND tỉnh", "BKCT", "UBND tỉnh"),
        ("BKCT", "Bằng khen UBND tỉnh Lai Châu", "Bằng khen", "UBND tỉnh"),
        ("BKCT", "Bằng khen của Ủy ban nhân dân tỉnh", "Bằng khen", "Chủ tịch UBND tỉnh"),
    ],
)
def test_an_honour_is_one_in_quota_votes_and_proposal(made, quota, vote, honour, authority):
    ds = voted(made, quota, vote, honour, authority=authority)
    row = made.one(indicators.proposals(ds, 2023))
    assert (row.honour, row.votes, row.voted_honour) == (quota, "5/6", quota)
    assert (row.differs, row.conditions) == (False, ("đoàn kết",))


def test_another_honour_is_not_the_same(made):
    row = made.one(indicators.proposals(voted(made, "BKCT", "BKTTg", "Cờ UBND tỉnh"), 2023))
    assert (row.votes, row.differs) == (None, True)


# --- sensitivity --------------------------------------------------------------------------------


def test_each_criterion_is_left_out_in_turn_deductions_too(made):
    scores = [
        {"member": m, "criterion": c, "stage": "appraised", "score": s}
        for m, *own in (("ldld", 92, 20, 3), ("hnd", 90, 20, 0))
        for c, s in zip("ABD", own, strict=True)
    ]
    # without it the deduction alone would be left, which the floor of the bloc makes 0
    second = {"code": "B", "criterion": "Phong trào", "max_score": 50, "kind": "main"}
    ds = made.dataset(made.bloc_form(criteria=[*CRITERIA, second], scores=scores))
    found = indicators.sensitivity(ds, 2023)
    without = found[(found.variant == "without") & (found.left_out == "D")]
    assert dict(zip(without.member, without["rank"], strict=True)) == {"ldld": 1, "hnd": 2}
    assert set(found[found.moved != 0].left_out) == {"D"}


# --- small bases --------------------------------------------------------------------------------


def target(n, met, year=2023):
    rows = [
        {"target_name": f"t{i}", "planned": 10, "actual": 10 if i < met else 9,
         "direction": "higher"}
        for i in range(n)
    ]  # fmt: skip
    return {"year": year, "targets": rows}


def test_a_change_in_points_needs_a_base_of_ten_in_both_years(made):
    def share(before, now):
        ds = made.dataset(
            made.unit("ldld", 2022, commendations=[made.people(direct=before, women=2)]),
            made.unit("ldld", 2023, commendations=[made.people(direct=now, women=3)]),
        )
        return made.one(indicators.changes(indicators.women_share(ds)))

    few = share(9, 12)
    assert (few.before, few.now, few.change, few.change_text) == ("2/9", "25,0%", None, "–")
    assert few.reason == "mẫu số dưới 10: chỉ nêu số, không tính phần trăm"
    assert share(12, 9).change is None
    assert share(10, 10).change_text == "+10,0 điểm %"


def test_a_count_below_ten_has_no_change_in_percent(made):
    def counted(*numbers):
        ds = made.dataset(
            *(
                made.unit("ldld", 2021 + i, commendations=[made.people(direct=n)])
                for i, n in enumerate(numbers)
            )
        )
        return indicators.commendations(ds)

    row = made.one(indicators.changes(counted(4, 5)))
    assert (row.change_text, row.percent, row.percent_text) == ("+1", None, "–")
    assert made.one(indicators.changes(counted(10, 5))).percent_text == "−50,0%"
    assert made.one(indicators.growth(counted(4, 5, 6))).text == "–"


def test_few_errors_among_few_cells_are_counts(made):
    from dataclasses import replace

    from thidua_analysis.findings import finding

    sent = made.unit("ldld", ranks=[{"cluster": "Cụm"}])
    wrong = finding("number-format", sheet="Xếp hạng", cell="C2", value="ba")
    figure = made.one(
        indicators.error_rate(made.dataset(replace(sent, findings=(wrong,))), member="ldld")
    )
    assert figure.text == "1/1"


def test_attainment_and_points_are_measures_whose_base_may_be_small(made):
    ds = made.dataset(made.unit("ldld", **target(1, 1)))
    assert made.one(indicators.attainment(ds)).text == "100,0%"


# --- targets met --------------------------------------------------------------------------------


def test_targets_met_are_compared_by_their_share(made):
    ds = made.dataset(
        made.unit("ldld", **target(10, 8, 2022)), made.unit("ldld", **target(20, 15, 2023))
    )
    row = made.one(indicators.changes(indicators.targets_met(ds, by=["year"])))
    assert (row.before, row.now, row.change, row.change_text) == (
        *("8/10", "15/20", -5, "−5,0 điểm %"),
    )


def test_few_targets_stand_as_both_fractions(made):
    ds = made.dataset(
        made.unit("ldld", **target(5, 4, 2022)), made.unit("ldld", **target(6, 5, 2023))
    )
    row = made.one(indicators.changes(indicators.targets_met(ds, by=["year"])))
    assert (row.before, row.now, row.change_text) == ("4/5", "5/6", "–")
    assert row.reason.startswith("mẫu số dưới 10")


# --- comparability by rows ----------------------------------------------------------------------


def by_levels(made, before, now):
    """Two years of a member; each level has people, women or None for a blank."""

    def rows(levels):
        return [
            made.people(lv, direct=n, women=w, method=how[0] if how else "regular")
            for lv, n, w, *how in levels
        ]

    return made.dataset(
        made.unit("ldld", 2022, commendations=rows(before)),
        made.unit("ldld", 2023, commendations=rows(now)),
    )


FULL = [("province", 40, 12), ("grassroots", 100, 60)]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        # left out in one year
        (FULL, [("province", 40, 12), ("grassroots", 100, None)], "LĐLĐ, Cấp cơ sở: năm 2023 có"),
        # left out in both, at other levels: the member is incomplete in both
        (
            [("province", 40, None), ("grassroots", 100, 60)],
            [("province", 40, 12), ("grassroots", 100, None)],
            "Cấp tỉnh: năm 2022 có dòng thiếu",
        ),
        # covered in part, in other parts each year
        (
            [*FULL, ("grassroots", 10, None)],
            [*FULL, ("grassroots", 90, None)],
            "Cấp cơ sở: năm 2023 có dòng thiếu",
        ),
        # no row at all is missing, not 0
        (FULL, FULL[:1], "Cấp cơ sở: năm 2023 không có dòng nào"),
        (FULL[:1], FULL, "Cấp cơ sở: năm 2022 không có dòng nào"),
    ],
)
def test_a_share_of_other_rows_is_not_compared_and_says_so(made, before, now, told):
    frame = indicators.women_share(by_levels(made, before, now), by=["year"], member="ldld")
    figure = made.one(frame, year=2023)
    assert not figure.comparable
    assert figure.reason.startswith("các dòng đủ số liệu khác năm trước")
    assert told in figure.reason
    assert made.one(indicators.changes(frame)).change is None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (FULL, [("province", 50, 12), ("grassroots", 80, 60)]),
        # the same level is left out whole in both years: what is common is compared
        ([*FULL, ("state", 30, None)], [*FULL, ("state", 50, None)]),
        # the same rows of a level are left out in both years
        (
            [*FULL, ("grassroots", 10, None, "thematic")],
            [*FULL, ("grassroots", 90, None, "thematic")],
        ),
        # a few at a level that occurs in one year only
        ([*FULL, ("state", 3, 1)], FULL),
        # a 0 is a number
        (FULL, [("province", 40, 12), ("grassroots", 100, 60), ("state", 0, None)]),
    ],
)
def test_a_share_of_the_same_rows_is_compared(made, before, now):
    figure = made.one(indicators.women_share(by_levels(made, before, now)), year=2023)
    assert (figure.comparable, figure.reason) == (True, None)


# --- what a share does not cover ----------------------------------------------------------------


def test_a_share_says_how_many_individuals_it_does_not_cover(made):
    rows = [made.people(direct=20, women=9), {**AWARD, "individuals": 7}]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    figure = made.one(indicators.women_share(ds))
    assert (made.parts(figure), figure.uncovered) == ((9, 20), 7)
    assert "chưa tính 7 lượt cá nhân thiếu số liệu" in indicators.described(figure)
    whole = made.one(
        indicators.women_share(made.dataset(made.unit("ldld", commendations=rows[:1])))
    )
    assert (whole.uncovered, "chưa tính" in indicators.described(whole)) == (0, False)


def test_what_is_not_covered_stands_under_the_tables(made):
    from thidua_analysis import publish

    rows = [made.people(direct=20, women=9), {**AWARD, "individuals": 7}]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    words = "chưa tính 7 lượt cá nhân thiếu số liệu"
    assert (
        f"Cấp tỉnh: {words}"
        in publish.table(indicators.women_share(ds, by=("level",)), across="level").plain
    )
    assert words in publish.totals(indicators.women_share(ds, by=("year",))).plain
    assert words in publish.side_by_side(indicators.women_share(ds, by=("member",))).plain


def test_targets_without_a_status_are_told_beside_those_met(made):
    given = target(12, 10)["targets"]
    open_ = {**given[0], "target_name": "chưa có", "actual": None}
    figure = made.one(
        indicators.targets_met(
            made.dataset(made.unit("ldld", targets=[*given, open_])), by=["year"]
        )
    )
    assert (figure.text, figure.uncovered) == ("10/12", 1)
    assert "chưa đánh giá được 1 chỉ tiêu" in indicators.described(figure)


def test_rows_lost_to_errors_in_both_years_are_not_the_same_rows(made):
    from dataclasses import replace

    from thidua_analysis.findings import finding

    lost = finding("value-not-in-list", sheet="Khen thưởng", cell="A9", value="Cấp ngành")
    ds = made.dataset(
        *(
            replace(
                made.unit("ldld", year, commendations=[made.people(direct=20, women=8)]),
                findings=(lost,),
            )
            for year in (2022, 2023)
        )
    )
    figure = made.one(indicators.women_share(ds), year=2023)
    assert figure.reason == "có dòng bị lỗi hoặc thiếu số liệu trong báo cáo của LĐLĐ"
    one = made.dataset(
        made.unit("ldld", 2022, commendations=[made.people(direct=20)]),
        made.unit("ldld", 2023, commendations=[made.people(direct=20), AWARD]),
    )
    # it reported in both years: the members do not differ
    assert "LĐLĐ" in made.one(indicators.commendations(one), year=2023).reason
    assert "số đơn vị" not in made.one(indicators.commendations(one), year=2023).reason


# --- sent on time, complete, right --------------------------------------------------------------


def received(made, *sent, on=None, **changed):
    """Dataset with days of receipt by member."""
    from thidua_analysis.dataset import Dataset
    from thidua_analysis.store.made import assemble

    bloc = made.dataset(**changed).bloc
    days = {f"2023/{m}.xlsx": dt.date.fromisoformat(day) for m, day in (on or {}).items()}
    tables, manifest = assemble(sent, bloc, days)
    return Dataset(tables, bloc, manifest)


def test_a_member_that_never_sent_is_not_on_time_once_the_deadline_has_passed(made):
    on = {"ldld": "2023-12-10", "lhpn": "2023-12-30"}
    sent = [made.unit(m) for m in ("ldld", "lhpn", "hnd")]
    ds = received(made, *sent, on=on)
    figure = made.one(indicators.timeliness(ds))
    # hnd sent on a day that nobody recorded: unknown; three never sent: not on time
    assert (figure.text, figure.missing) == ("1/5", ("hnd",))
    each = indicators.timeliness(ds, by=["year", "member"]).set_index("member").text
    assert dict(each) == {
        **{"mttq": "0/1", "ldld": "1/1", "lhpn": "0/1", "hnd": "–", "ccb": "0/1", "dtn": "0/1"},
    }


def test_before_the_deadline_nobody_is_late(made):
    year = dt.date.today().year + 1
    ds = received(made, made.unit("ldld", year))
    figure = made.one(indicators.timeliness(ds))
    assert (figure.text, len(figure.missing)) == ("–", 6)


ROW = {"level": "province", "award": "Bằng khen của Chủ tịch UBND tỉnh", "method": "regular"}


@pytest.mark.parametrize(
    ("row", "filled", "required"),
    [
        ({**ROW, "collectives": 4}, 4, 4),
        ({**ROW, "collectives": 0}, 4, 4),
        (ROW, 3, 4),
        ({**ROW, "method": None, "collectives": 4}, 3, 4),
        # individuals with their classes and sex belong together
        ({**ROW, "individuals": 4}, 4, 11),
        ({**ROW, "direct": 4}, 4, 11),
        ({**ROW, "individuals": 0}, 4, 4),
    ],
)
def test_what_a_row_of_commendations_must_give(made, row, filled, required):
    ds = made.dataset(made.unit("ldld", commendations=[row]))
    frame = indicators.completeness(ds, by=["member", "table"], table="commendations")
    assert made.parts(made.one(frame, member="ldld")) == (filled, required)


def test_a_target_without_an_actual_is_not_complete(made):
    given = target(2, 2)["targets"]
    given = [{**given[0], "unit": "căn"}, {**given[1], "unit": "căn", "actual": None}]
    ds = made.dataset(made.unit("ldld", targets=given))
    frame = indicators.completeness(ds, by=["member", "table"], table="targets")
    assert made.parts(made.one(frame, member="ldld")) == (7, 8)


def test_a_member_that_never_sent_has_filled_none_of_its_cells_and_is_named(made):
    ds = made.dataset(made.unit("ldld", commendations=[{**ROW, "collectives": 4}]))
    each = indicators.completeness(ds)
    silent = made.one(each, member="hnd")
    assert (silent.numerator, silent.text, silent.missing) == (0, "0,0%", ("hnd",))
    assert made.one(each, member="ldld").missing == ()
    whole = made.one(indicators.completeness(ds, by=["year"]))
    assert made.parts(whole) == (sum(each.numerator), sum(each.denominator))
    assert (len(whole.missing), whole.reporting) == (5, 1)
    # one row of each of the seven sheets
    assert silent.denominator == 4 + 4 + 3 + 6 + 3 + 3 + 3


def test_the_rate_of_errors_is_by_cells_read_lists_included(bloc, tmp_path):
    from openpyxl import Workbook

    from thidua_analysis.dataset import Dataset
    from thidua_analysis.submission import read_file

    book = Workbook()
    info = book.active
    info.title = "Thông tin"
    for line in (
        *(("Mã biểu", "TDKT-DV/1"), ("Đơn vị báo cáo", "LĐLĐ tỉnh"), ("Năm báo cáo", 2023)),
    ):
        info.append(line)
    people = book.create_sheet("Danh sách khen thưởng")
    people.append(
        ["TT", "Phân loại khen thưởng", "Cấp khen thưởng",
         "Danh hiệu thi đua/Hình thức khen thưởng", "Phương thức khen thưởng", "Giới tính"]
    )  # fmt: skip
    for n in range(1, 13):
        sex = "Nam" if n > 1 else "Nm"
        people.append([n, "cá nhân", "Cấp tỉnh", "BKCT", "Thường xuyên", sex])
    path = tmp_path / "2023" / "ldld.xlsx"
    path.parent.mkdir()
    book.save(path)
    sent = read_file(path, bloc)
    assert [found.cell for found in sent.findings if found.severity == "error"] == ["F2"]
    frame = indicators.error_rate(Dataset.of([sent], bloc), by=["year"])
    # twelve recipients in five columns; the ordinal is no field
    assert (frame.numerator[0], frame.denominator[0], frame.text[0]) == (1, 60, "1,7%")


def test_a_cell_with_an_error_is_not_right_and_is_counted_once(made):
    from dataclasses import replace

    from thidua_analysis.findings import finding

    sent = made.unit("ldld", commendations=[{**ROW, "collectives": 4}])
    cell = sent.rows["commendations"][0].cells["collectives"]
    wrong = finding("number-negative", sheet="Khen thưởng", cell=cell, heading="Tập thể", value="4")
    ds = made.dataset(replace(sent, findings=(wrong,)))
    frame = indicators.completeness(ds, by=["member", "table"], table="commendations")
    assert made.parts(made.one(frame, member="ldld")) == (3, 4)


# --- money of results ---------------------------------------------------------------------------


def worth(measure, value=None, unit="hộ", quantity=5):
    return {"measure": measure, "unit": unit, "quantity": quantity, "value_vnd": value}


def test_loans_and_revolving_funds_stand_apart_from_gifts(made):
    given = [worth("Suất quà", 100), worth("Nhà Mái ấm", 50)]
    lent = [
        worth(name, 1000)
        for name in ("Hộ được vay vốn", "Quỹ quay vòng", "Vốn giúp nhau không lấy lãi", "Dư nợ")
    ]
    ds = made.dataset(made.unit("ldld", results=[*given, *lent]))
    assert made.one(indicators.result_value(ds, by=["year"])).value == 150
    assert made.one(indicators.result_value(ds, by=["year"], nature="lent")).value == 4000
    both = indicators.result_value(ds, by=["year", "nature"])
    assert dict(zip(both.nature, both.value, strict=True)) == {"given": 150, "lent": 4000}


@pytest.mark.parametrize("name", ["Xe vây quanh", "Hòa giải thành", "Vayu", "Quỹ Vì người nghèo"])
def test_words_that_only_look_like_loans_are_gifts(name):
    assert nature(name) == "given"


@pytest.mark.parametrize(
    "name", ["Giúp nhau vốn không lãi", "Tín chấp ngân hàng", "Ủy thác qua Ngân hàng CSXH"]
)
def test_loans_by_other_names_are_lent(name):
    assert nature(name) == "lent"


def test_a_bloc_may_say_otherwise_of_a_measure(made):
    from thidua_analysis.form.bloc import Measure

    rows = [worth("Quỹ Mái ấm cho vay", 7), worth("Quỹ hội", 5)]
    said = (
        Measure(name="quỹ mái ấm  cho vay", nature="given"),
        Measure(name="Quỹ hội", nature="lent"),
    )
    ds = made.dataset(made.unit("ldld", results=rows), measures=said)
    assert made.one(indicators.result_value(ds, by=["year"])).value == 7


def test_money_reported_as_a_quantity_counts(made):
    rows = [
        worth("Tiền vận động", None, "triệu đồng", 500),
        worth("Quà", 10_000_000, "đồng", 10_000_000),
        worth("Thu nhập", None, "triệu đồng/người", 60),
        worth("Khách", None, "người", 9),
    ]
    ds = made.dataset(made.unit("ldld", results=rows))
    figure = made.one(indicators.result_value(ds, by=["year"]))
    assert (figure.value, figure.text) == (510_000_000, "510 triệu đồng")
    terms = {(t.fields, t.weight) for t in figure.lineage.terms}
    assert terms == {(("quantity",), 10**6), (("value_vnd",), 1)}


# --- across the law of 2022 ---------------------------------------------------------------------


def across_2024(made):
    new = {"award": "Xã tiêu biểu", "level": "province", "status": "awarded", "collectives": 2}
    old = {**AWARD, "collectives": 5, "individuals": 20}
    families = {**AWARD, "households": 90, "method": "thematic"}
    return made.dataset(
        made.unit("ldld", 2023, commendations=[old]),
        made.unit("ldld", 2024, commendations=[{**old, "individuals": 30}, new, families]),
    )


def test_across_the_new_law_a_series_without_households_is_offered(made):
    ds = across_2024(made)
    broken = made.one(indicators.commendations(ds), year=2024)
    assert (broken.value, broken.comparable) == (127, False)
    assert broken.reason.endswith("“Số lượt khen thưởng, không tính hộ gia đình”")
    frame = indicators.commendations_without_households(ds)
    whole = made.one(frame, year=2024)
    assert (whole.value, whole.comparable, whole.lineage.left_out) == (35, True, ())
    assert made.one(indicators.changes(frame)).change_text == "+10"
    assert "01/01/2024" in indicators.entry("commendations_without_households").definition.vi


def test_individuals_alone_go_on_under_the_new_law(made):
    frame = indicators.awards_by_subject(across_2024(made))
    found = {(row.year, row.subject): bool(row.comparable) for row in frame.itertuples()}
    assert found[2024, "individuals"]
    assert not found[2024, "collectives"]
    assert not found[2024, "households"]
