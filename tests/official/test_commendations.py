"""Forms 0602.N and 0603.N and the bloc's summary, counted by hand and against the indicators."""

import pytest

from thidua_analysis import indicators
from thidua_analysis.official import official_form

BK, CO = "Bằng khen của Chủ tịch UBND tỉnh", "Cờ thi đua của UBND tỉnh"
CLASSES = ("leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct")


def test_form_0603_counted_by_hand(fill, submission, award, figures):
    form = fill(
        "0603.N",
        submission(
            "ldld",
            commendations=[
                award(BK, collectives=5, enterprises=2, households=1, individuals=10,
                      leader_ministerial=0, leader_department=1, entrepreneur=2, leader_other=3,
                      direct=4),
                award(BK, method="thematic", individuals=3, leader_ministerial=0,
                      leader_department=0, entrepreneur=0, leader_other=1, direct=2),
                award(CO, collectives=2),
                award("Kỷ niệm chương", "central", "dedication", individuals=7,
                      leader_ministerial=0, leader_department=0, entrepreneur=0, leader_other=0,
                      direct=7),
            ],
        ),
    )  # fmt: skip
    assert figures(form) == {
        "01": {"1": 28, "2": 19, "4": 2, "5": 7},
        "02": {"1": 7, "2": 5, "4": 2},
        "03": {"1": 2, "2": 2},
        "04": {"1": 1, "2": 1},
        "05": {"1": 20, "2": 13, "5": 7},
        "06": {"1": 0, "2": 0, "5": 0},
        "07": {"1": 1, "2": 1, "5": 0},
        "08": {"1": 2, "2": 2, "5": 0},
        "09": {"1": 4, "2": 4, "5": 0},
        "10": {"1": 13, "2": 6, "5": 7},
        "11": {"1": 18, "2": 16, "4": 2},
        "12": {"1": 3, "2": 3},
        "15": {"1": 7, "5": 7},
    }
    assert not form.mismatches


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_rows_05_and_10_are_the_individuals_and_direct_workers_of_both_levels(
    samples, published_2023, year
):
    expected = published_2023["non_leader_share"]["by_year_and_level"][str(year)]
    both = [expected["central"], expected["province"]]
    form = official_form(samples, "0603.N", year)
    assert form.cells["05", "1"].value == sum(level["individuals"] for level in both)
    assert form.cells["10", "1"].value == sum(level["direct"] for level in both)
    assert not form.mismatches


def test_every_row_of_0603_is_what_the_indicator_counts(samples):
    form = official_form(samples, "0603.N", 2023)
    families = ("certificate", "fighter", "flag", "badge")
    scope = {"level": ("central", "province"), "family": families, "year": 2023}
    kinds = ("collectives", "enterprises", "households", "individuals", *CLASSES)
    for code, kind in zip([f"{n:02}" for n in range(2, 11)], kinds, strict=True):
        counted = indicators.commendations(samples, ["year"], kind=kind, **scope)
        assert form.cells[code, "1"].value == counted.iloc[0]["value"], code
    methods = indicators.commendations(samples, ["year", "method"], **scope)
    by_method = dict(zip(methods["method"], methods["value"], strict=True))
    assert form.cells["12", "1"].value == by_method["thematic"]
    assert form.cells["15", "1"].value == by_method["dedication"]


@pytest.mark.parametrize("form_id", ["0602.N", "0603.N"])
def test_the_form_of_the_bloc_is_the_sum_of_those_of_its_members(samples, form_id):
    whole = official_form(samples, form_id, 2023)
    added = {}
    for member in samples.members:
        part = official_form(samples.filter(member=member), form_id, 2023)
        for place, cell in part.cells.items():
            if cell.value is not None:
                added[place] = added.get(place, 0) + cell.value
    assert added == {p: c.value for p, c in whole.cells.items() if c.value is not None}


def test_blank_is_empty_and_zero_is_zero(fill, submission, award, told):
    form = fill("0603.N", submission("ldld", commendations=[award(individuals=0)]))
    assert form.cells["05", "2"].value == 0
    assert form.cells["02", "2"].value is None
    assert form.cells["02", "2"].empty == "blank"
    assert "mã 02" in told(form, "không ghi số")
    assert form.cells["05", "3"].empty == "no-rows"
    assert "cột 3–5" in told(form, "không có dòng nào")


def test_one_blank_among_numbers_is_left_out_and_named(fill, submission, award):
    rows = [award(collectives=3), award(individuals=4)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    cell = form.cells["02", "2"]
    assert cell.value == 3
    assert cell.lineage.left_out == ("2023/ldld.xlsx#Khen thưởng!3",)


@pytest.mark.parametrize(
    ("counted_as", "unit", "line"),
    [("turns", "Lượt người", "lượt khen thưởng"), ("people", "Người", "người, tập thể, hộ")],
)
def test_the_form_says_what_was_counted(
    fill, tmp_path, counted_as, unit, line, submission, award, sheet_of, texts
):
    rows = [award(individuals=4)]
    form = fill("0603.N", submission("ldld", counted_as=counted_as, commendations=rows))
    assert {row.unit for row in form.lines if row.code in ("05", "10")} == {unit}
    printed = texts(sheet_of(form, tmp_path))
    assert any(line in content for content in printed)
    assert unit in printed


def test_turns_and_people_are_not_added(fill, submission, award, told):
    form = fill(
        "0603.N",
        submission("ldld", commendations=[award(individuals=4), award(CO, collectives=1)]),
        submission("hnd", counted_as="people", commendations=[award(individuals=3)]),
    )
    assert form.cells["05", "2"].value is None
    assert form.cells["05", "2"].empty == "mixed"
    assert form.cells["02", "4"].value == 1
    assert "LĐLĐ" in told(form, "Đếm theo lượt")
    assert "Hội Nông dân" in told(form, "Đếm theo người")
    assert "05" in told(form, "không cộng được")


def test_what_was_only_proposed_is_not_counted(fill, submission, award, told):
    rows = [award(individuals=4), award(status="proposed", individuals=9)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    assert form.cells["01", "1"].value == 4
    assert "9 lượt" in told(form, "đề nghị")


def test_awards_without_a_column_are_named_with_their_amounts(fill, submission, award, told):
    rows = [
        award(individuals=4),
        award("Tập thể lao động xuất sắc", collectives=6),
        award("Bằng Lao động sáng tạo", "central", individuals=2),
    ]
    form = fill("0603.N", submission("ldld", commendations=rows))
    assert form.cells["01", "1"].value == 4
    note = told(form, "Không có cột")
    assert "Tập thể lao động xuất sắc (cấp tỉnh) (6 tập thể)" in note
    assert "Bằng Lao động sáng tạo (2 cá nhân)" in note


def test_awards_without_a_level_may_be_of_the_form_and_are_named(fill, submission, award, told):
    rows = [award(individuals=4), award("Giấy khen", None, individuals=3)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    assert told(form, "không ghi cấp").endswith("có thể thuộc biểu này: 3 lượt (LĐLĐ).")
    assert not any("Không thuộc biểu này" in note.text for note in form.notes)


def test_levels_without_a_form_and_groups_without_a_row_are_named(fill, submission, award, told):
    rows = [
        award(individuals=4, women=3, ethnic_minority=1),
        award("Giấy khen", "grassroots", collectives=2, individuals=30),
        award("Giấy khen", "organization", individuals=11),
        award("Bằng khen của Thủ tướng Chính phủ", "state", individuals=1),
    ]
    form = fill("0603.N", submission("ldld", commendations=rows))
    note = told(form, "Không thuộc biểu này")
    assert "Cấp cơ sở: 32 lượt (không có biểu)" in note
    assert "Cấp tổ chức: 11 lượt (không có biểu)" in note
    assert "Cấp Nhà nước: 1 lượt (biểu 0602.N)" in note
    assert told(form, "không có dòng cho").endswith("nữ 3 lượt, dân tộc thiểu số 1 lượt.")


def test_a_status_of_families_is_no_commendation(fill, submission, award, told):
    rows = [award("Giấy khen", "grassroots", individuals=4),
            award("Gia đình văn hóa", "grassroots", households=49084)]  # fmt: skip
    form = fill("bloc-summary", submission("ldld", commendations=rows))
    assert form.cells["total", "3"].value == 4
    assert "Gia đình văn hóa" in told(form, "Không tính là khen thưởng")


def test_form_0602_counted_by_hand(fill, submission, award, figures, told):
    order, other = "Huân chương Lao động hạng Ba", "Huân chương Lao động hạng Nhì"
    form = fill(
        "0602.N",
        submission("ldld", commendations=[
            award(order, "state", individuals=2, leader_other=2),
            award(other, "state", collectives=1),
            award("Cờ thi đua của Chính phủ", "state", collectives=3),
            award("BKTTg", "state", "thematic", collectives=1, households=2, individuals=4),
        ]),
    )  # fmt: skip
    second, third = (f"2-collectives:{other}", f"2-individuals:{order}")
    assert [c.id for c in form.columns][1:5] == [
        second, f"2-individuals:{other}", f"2-collectives:{order}", third,
    ]  # fmt: skip
    assert figures(form) == {
        "1": {"1": 13, second: 1, third: 2, "6": 3, "7-collectives": 1, "7-individuals": 4},
        "6": {"1": 5, second: 1, "6": 3, "7-collectives": 1},
        "8": {"1": 2},
        "9": {"1": 6, third: 2, "7-individuals": 4},
        "13": {"1": 2, third: 2},
        "15": {"1": 6, second: 1, third: 2, "6": 3},
        "16": {"1": 7, "7-collectives": 1, "7-individuals": 4},
    }
    assert "2 hộ gia đình" in told(form, "không thuộc cột nào khác")


def test_who_submitted_is_not_asked_and_stays_empty(samples, told):
    form = official_form(samples, "0602.N", 2023)
    assert {form.cells[code, c.id].empty for code in ("2", "3") for c in form.columns} == {
        "not-asked"
    }
    assert "mã 2, 3" in told(form, "cơ quan trình")


def test_codes_4_and_5_do_not_occur_in_0602(samples):
    codes = [line.code for line in official_form(samples, "0602.N", 2023).coded]
    assert codes == [str(n) for n in (1, 2, 3, *range(6, 22))]


def test_recipients_that_no_column_of_0602_takes_are_named(fill, submission, award, told):
    rows = [award("Chiến sĩ thi đua toàn quốc", "state", collectives=1, individuals=2)]
    form = fill("0602.N", submission("ldld", commendations=rows))
    assert form.cells["6", "1"].value == 1
    assert "(1 tập thể)" in told(form, "không thuộc cột nào khác")
    assert "cột 1 = 2 + … + 9" not in {check.equation for check in form.mismatches}


def test_summary_counted_by_hand(fill, submission, award, figures, told):
    form = fill(
        "bloc-summary",
        submission("ldld", commendations=[
            award("Giấy khen", "grassroots", collectives=1, enterprises=1, individuals=20,
                  leader_ministerial=0, leader_department=1, entrepreneur=2, leader_other=5,
                  direct=12),
            award("Giấy khen", "grassroots", "thematic", individuals=6, leader_other=2, direct=4),
            award("Giấy khen", "grassroots", "unscheduled", individuals=4, direct=4),
            award("Giấy khen", "grassroots", "dedication", individuals=1),
            award("Giấy khen", "organization", "external", individuals=1),
            award(BK, individuals=3),
        ]),
    )  # fmt: skip
    assert [line.label for line in form.lines] == [
        BK, "Giấy khen (cấp tổ chức)", "Giấy khen (cấp cơ sở)", "Tổng cộng",
    ]  # fmt: skip
    grassroots = figures(form)["3"]
    assert {c: v for c, v in grassroots.items() if c not in ("7", "11")} == {
        "3": 32, "4": 1, "5": 31, "6": 21, "8": 6, "9": 12, "10": 10, "12": 2, "13": 8,
    }  # fmt: skip
    assert (round(grassroots["7"], 4), round(grassroots["11"], 4)) == (65.625, 31.25)
    assert figures(form)["2"]["14"] == 1
    assert figures(form)["total"]["3"] == 36
    assert "Cống hiến: 1 lượt" in told(form, "không có cột cho phương thức")
    assert not form.mismatches


def test_ratios_are_rounded_half_up_from_the_exact_share(
    fill, tmp_path, submission, award, sheet_of
):
    rows = [award(individuals=21), award(method="thematic", individuals=11)]
    form = fill("bloc-summary", submission("ldld", commendations=rows))
    values = [cell.value for row in sheet_of(form, tmp_path).iter_rows() for cell in row]
    # 21/32 = 65,625 and 11/32 = 34,375: binary halves would go to the even digit
    assert {0.6563, 0.3438} <= set(values)


def test_an_award_without_a_total_has_no_ratio(fill, submission, award, told):
    rows = [award(individuals=0), award(CO, collectives=2, method="external")]
    form = fill("bloc-summary", submission("ldld", commendations=rows))
    code = next(line.code for line in form.lines if line.label == BK)
    assert form.cells[code, "7"].value is None
    assert form.cells[code, "7"].empty == "no-whole"
    assert "Không có tỷ lệ" in told(form, "Không có tỷ lệ")


def test_the_total_of_the_samples_is_what_the_indicator_counts(samples):
    form = official_form(samples, "bloc-summary", 2023)
    counted = indicators.commendations(samples, ["year"], year=2023).iloc[0]["value"]
    assert form.cells["total", "3"].value == counted
    assert not form.mismatches
