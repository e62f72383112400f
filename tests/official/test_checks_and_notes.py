"""What stands under a form: sums that do not hold, what it cannot show, who is missing."""

import pytest

from thidua_analysis.official import form_ids, official_form


def test_individuals_without_a_class_explain_the_difference(fill, submission, award):
    rows = [
        award(individuals=3, leader_ministerial=0, leader_department=0, entrepreneur=0,
              leader_other=1, direct=2),
        award(individuals=5),
    ]  # fmt: skip
    form = fill("0603.N", submission("ldld", commendations=rows))
    wrong = {check.at: check for check in form.mismatches}
    assert set(wrong) == {"1", "2"}
    assert (wrong["2"].whole, wrong["2"].parts) == (8, 3)
    assert wrong["2"].equation == "05 = 06 + … + 10"
    assert wrong["2"].gap == "cá nhân chưa phân loại đối tượng"


def test_a_difference_that_unclassified_people_do_not_explain_is_not_explained_so(
    fill, submission, award
):
    rows = [award(individuals=9, leader_other=1, direct=2), award(individuals=5)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    assert {check.gap for check in form.mismatches} == {None}


def test_rows_without_a_method_explain_the_difference(fill, submission, award):
    rows = [award(individuals=3), award(method=None, individuals=5)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    (wrong,) = [check for check in form.mismatches if check.at == "2"]
    assert (wrong.equation, wrong.whole, wrong.parts) == ("01 = 11 + … + 17", 8, 3)
    assert wrong.gap == "các dòng không ghi phương thức"


def test_mismatches_stand_among_the_notes(fill, tmp_path, submission, award, book_of, texts):
    rows = [award(individuals=3), award(method=None, individuals=5)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    printed = [
        line for line in texts(book_of(form, tmp_path).worksheets[2]) if "KHÔNG KHỚP" in line
    ]
    assert "KHÔNG KHỚP 01 = 11 + … + 17 ở cột 2: 8 so với 3, chênh 5" in printed[1]
    assert "các dòng không ghi phương thức" in printed[1]


def test_a_qualified_number_keeps_its_word_and_opens_the_check(
    fill, tmp_path, submission, award, told, sheet_of
):
    rows = [award(individuals=100, individuals_bound="gt", leader_ministerial=0,
                  leader_department=0, entrepreneur=0, leader_other=40, direct=58)]  # fmt: skip
    form = fill("0603.N", submission("ldld", commendations=rows))
    assert form.cells["05", "2"].bound == "gt"
    (check,) = [c for c in form.checks if c.equation.startswith("05") and c.at == "2"]
    assert check.holds is None
    assert "mã 01, 05, 11: cột 1, 2" in told(form, "“trên”")
    cells = [cell for row in sheet_of(form, tmp_path) for cell in row if cell.value == 100]
    assert {cell.number_format for cell in cells} == {'[$-42A]"trên "#,##0'}


def test_a_member_that_did_not_report_makes_the_form_incomplete(
    fill, bloc, submission, award, told
):
    form = fill("0603.N", submission("ldld", commendations=[award(individuals=4)]))
    note = told(form, "Chưa đủ")
    assert f"1/{len(bloc.members)} đơn vị" in note
    assert "Hội Nông dân" in note
    assert "LĐLĐ" not in note


def test_a_report_on_half_a_year_is_named(fill, submission, award, told):
    rows = [award(individuals=4)]
    form = fill("0603.N", submission("ldld", period="six_months", commendations=rows))
    assert "LĐLĐ" in told(form, "Chưa đủ năm")


def test_years_of_another_circular_are_marked(samples, told, silent):
    assert "năm 2022 đến 2024" in told(official_form(samples, "0603.N", 2021), "thông tư khác")
    assert silent(official_form(samples, "0603.N", 2022), "thông tư khác")


@pytest.mark.parametrize("form_id", form_ids())
def test_every_form_says_where_its_layout_comes_from(samples, form_id, told):
    assert "phần mềm công khai" in told(official_form(samples, form_id, 2023), "dựng lại")


def test_made_up_values_are_marked(fill, tmp_path, submission, award, sheet_of, texts):
    rows = [award(individuals=4)]
    made = fill("0603.N", submission("ldld", illustrative=True, commendations=rows))
    assert "(Số liệu minh họa)" in texts(sheet_of(made, tmp_path))
    real = fill("0603.N", submission("ldld", commendations=rows))
    assert not any("minh họa" in line for line in texts(sheet_of(real, tmp_path)))


def test_a_form_of_one_member_names_that_member(samples):
    assert official_form(samples.filter(member="ldld"), "0603.N", 2023).unit == (
        "Liên đoàn Lao động tỉnh"
    )


def test_cells_are_named_shortly(fill, submission, award, told):
    rows = [award("Huân chương Lao động hạng Ba", "state", collectives=1),
            award("Huân chương Lao động hạng Nhì", "state", "external", individuals=2)]  # fmt: skip
    form = fill("0602.N", submission("ldld", commendations=rows))
    note = told(form, "không có dòng nào")
    assert "mã 16, 17, 19–21" in note
    assert "mã 18: mọi cột trừ 1, 2 (Huân chương Lao động hạng Nhì)" in note


def test_notes_of_the_summary_name_lines_and_the_total(fill, submission, award, told):
    rows = [award(individuals=3), award(method="external", individuals=1)]
    note = told(fill("bloc-summary", submission("ldld", commendations=rows)), "không có dòng nào")
    assert note.endswith("các đơn vị: cột 10–13, 16, 17.")


def test_the_coverage_is_that_of_each_row(fill, submission, award, told, silent):
    classes = {"leader_ministerial": 0, "leader_department": 0, "entrepreneur": 0}
    whole = {**classes, "individuals": 4, "leader_other": 1, "direct": 3}
    members = ("mttq", "ldld", "lhpn", "hnd", "ccb", "dtn")
    sent = [submission(m, commendations=[award(**whole, collectives=0)]) for m in members[2:]]
    # LĐLĐ gives no classes, MTTQ no enterprises among its collectives
    sent += [submission("ldld", commendations=[award(individuals=4)])]
    sent += [submission("mttq", commendations=[award(**whole, collectives=2)])]
    form = fill("0603.N", *sent)
    assert "6/6 đơn vị" in told(form, "Tổng hợp từ báo cáo")
    classes = told(form, "Riêng mã 06–10")
    assert "5/6 đơn vị ghi đủ; còn thiếu số của LĐLĐ" in classes
    assert "cột 1, 2" in classes
    assert "còn thiếu số của MTTQ" in told(form, "Riêng mã 03")
    assert silent(form, "Riêng mã 05")


def test_rows_by_method_lack_what_has_no_method(fill, submission, award, told):
    rows = [award(individuals=3), award(method=None, individuals=5)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    assert "LĐLĐ" in told(form, "Riêng mã 06–17")


def test_a_row_without_any_number_lacks_in_every_row(fill, submission, award, told):
    form = fill("0603.N", submission("ldld", commendations=[award(individuals=3), award()]))
    assert "0/6 đơn vị ghi đủ" in told(form, "Riêng mã 01–11")


def test_an_award_given_to_those_who_cannot_receive_it_is_named(fill, submission, award, told):
    titles = [award("Tập thể lao động xuất sắc", individuals=3), award("Giấy khen", collectives=2)]
    flags = [award("Cờ thi đua của UBND tỉnh", individuals=2, collectives=1)]
    form = fill("0603.N", submission("ldld", commendations=[*titles, *flags]))
    assert told(form, "không thể nhận", "Cờ thi đua của UBND tỉnh", "2 cá nhân")
