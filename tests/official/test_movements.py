"""Form 0601.N: movements counted once, by who launched them, scope, duration and method."""

from thidua_analysis.official import official_form


def test_a_movement_of_several_members_is_one_movement_and_both_numbers_are_printed(
    fill, tmp_path, submission, launch, told, book_of, texts
):
    form = fill(
        "0601.N",
        submission("ldld", movements=[launch("Dân vận khéo"), launch("Xanh", "unit", "unit")]),
        submission("hnd", movements=[launch("Dân  vận khéo"), launch("Xanh", "unit", "unit")]),
        submission("dtn", movements=[launch("DÂN VẬN KHÉO", day="2023-09-30")]),
    )
    assert form.cells["01", "2"].value == 1
    assert form.cells["01", "2"].reported == 3
    assert form.cells["01", "4"].value == 2
    assert form.cells["01", "1"].value == 3
    assert form.cells["01", "1"].reported == 5
    note = told(form, "tính một lần")
    assert "mã 01 cột 1: 3 (cộng báo cáo: 5)" in note
    assert "mã 01 cột 2: 1 (cộng báo cáo: 3)" in note
    assert "mã 01 cột 4" not in note
    assert any(note in line for line in texts(book_of(form, tmp_path).worksheets[2]))


def test_both_numbers_are_silent_where_they_are_the_same(samples, silent):
    assert silent(official_form(samples, "0601.N", 2023), "tính một lần")


def test_durations_stand_in_their_classes_and_one_year_in_row_07(fill, submission, launch):
    rows = [launch(f"M{m}", months=m) for m in (1, 11, 12, 13, 35, 36, 59, 60, 120)]
    form = fill("0601.N", submission("ldld", movements=rows))
    assert [form.cells[code, "1"].value for code in ("06", "07", "08", "09", "10")] == [
        2, 1, 2, 2, 2,
    ]  # fmt: skip
    assert form.cells["01", "1"].value == 9
    assert not form.mismatches


def test_form_0601_counted_by_hand(fill, submission, launch, figures):
    rows = [
        launch("A", "central", "national", 24, "thematic"),
        launch("B", "province", "sector", 12, "regular"),
        launch("C", "province", "sector", 6, "thematic"),
        launch("D", "unit", "bloc", 12, "regular"),
    ]
    form = fill("0601.N", submission("ldld", movements=rows))
    assert figures(form) == {
        "01": {"1": 4, "2": 1, "3": 2, "4": 1},
        "02": {"1": 1, "2": 1},
        "03": {"1": 2, "3": 2},
        "04": {"1": 1, "4": 1},
        "06": {"1": 1, "3": 1},
        "07": {"1": 2, "3": 1, "4": 1},
        "08": {"1": 1, "2": 1},
        "11": {"1": 2, "2": 1, "3": 1},
        "12": {"1": 2, "3": 1, "4": 1},
    }
    assert not form.mismatches


def test_movements_of_earlier_years_count_and_later_ones_do_not(fill, submission, launch, told):
    rows = [launch("Cũ", day="2021-05-01"), launch("Không rõ", day=None),
            launch("Sau", day="2024-01-02")]  # fmt: skip
    form = fill("0601.N", submission("ldld", movements=rows))
    assert form.cells["01", "1"].value == 2
    assert "“Sau”" in told(form, "sau năm báo cáo")


def test_a_blank_field_keeps_a_movement_in_the_total_only_and_names_it(
    fill, submission, launch, told
):
    rows = [launch("A"), launch("B", scope=None, by=None)]
    form = fill("0601.N", submission("ldld", movements=rows))
    assert form.cells["01", "1"].value == 2
    assert form.cells["02", "1"].value == 1
    assert "“B”" in told(form, "Không ghi “Phạm vi”")
    assert "“B”" in told(form, "Không ghi “Cấp phát động”")
    equations = {check.equation for check in form.mismatches}
    assert {"01 = 02 + 03 + 04 + 05", "cột 1 = 2 + 3 + 4"} <= equations


def test_a_field_that_one_member_gives_is_enough(fill, submission, launch, silent):
    form = fill(
        "0601.N",
        submission("ldld", movements=[launch("A", scope=None)]),
        submission("hnd", movements=[launch("A")]),
    )
    assert form.cells["02", "1"].value == 1
    assert silent(form, "Không ghi")
    assert not form.mismatches


def test_a_movement_that_members_describe_differently_is_named(fill, submission, launch, told):
    form = fill(
        "0601.N",
        submission("ldld", movements=[launch("A", months=24)]),
        submission("hnd", movements=[launch("A", scope="sector", months=30)]),
    )
    assert form.cells["01", "1"].value == 1
    assert "“A”" in told(form, "khác nhau")
    assert "Phạm vi" in told(form, "khác nhau")
    assert [check.equation for check in form.mismatches] == ["01 = 02 + 03 + 04 + 05"] * 2


def test_a_scope_in_an_unusual_column_is_printed_and_noted(fill, submission, launch, told):
    rows = [launch("A", "province", "national")]
    form = fill("0601.N", submission("ldld", movements=rows))
    assert form.cells["02", "3"].value == 1
    assert "mã 02: cột 3" in told(form, "thường để trống")
