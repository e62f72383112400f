"""A new year: nothing that is there is changed, and what the years before suggest is said."""

import datetime as dt

import openpyxl
import pytest

from thidua_analysis.exchange.template import templates
from thidua_analysis.exchange.year_start import new_year, proposal_words, proposals
from thidua_analysis.findings import UsageError
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.pipeline import load
from thidua_analysis.store.revisions import sent_files
from thidua_analysis.submission import read_file

pytestmark = pytest.mark.slow


def kinds(found):
    return {(one.kind, one.member) for one in found}


def edit(project, year, member, change):
    path = project / "data" / "raw" / str(year) / f"{member}.xlsx"
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def propose(project, year=2024):
    ds = load(project / "data")
    return proposals(ds, sent_files(ds.manifest), load_bloc(project / "data"), year)


def test_a_new_year_has_a_folder_templates_a_checklist_and_the_form_of_the_year(project, bloc):
    done = new_year(project / "data", 2024)
    assert done.folder == project / "data" / "raw" / "2024"
    assert done.folder.is_dir()
    assert done.forms == ("TDKT-DV/1", "TDKT-KHOI/1")
    assert [p.name for p in done.templates] == [
        *(f"bieu-mau-2024-{m}.xlsx" for m in ("mttq", "ldld", "lhpn", "hnd", "ccb", "dtn")),
        "bieu-mau-2024-khoi.xlsx",
    ]
    assert all(read_file(path, bloc).findings == () for path in done.templates)
    text = done.checklist.read_text(encoding="utf-8")
    assert text.startswith("# Việc cần làm cho số liệu năm 2024")
    assert "20/12/2024" in text
    assert all(proposal_words(one, bloc) in text for one in done.proposals)


def test_the_checklist_of_a_cluster_calls_it_one(project):
    path = project / "data" / "raw" / "bloc.toml"
    words = path.read_text(encoding="utf-8").replace("Khối thi đua", "Cụm thi đua")
    path.write_text(words, encoding="utf-8")
    text = new_year(project / "data", 2024).checklist.read_text(encoding="utf-8")
    assert "trưởng cụm nhận mẫu" in text
    assert "khối" not in text.replace("`khoi`", "").lower()


def test_a_checklist_that_somebody_ticks_off_stays(project):
    path = project / "reports" / "2024" / "viec-can-lam.md"
    path.parent.mkdir(parents=True)
    path.write_text("- [x] xong", encoding="utf-8")
    assert new_year(project / "data", 2024).checklist is None
    assert path.read_text(encoding="utf-8") == "- [x] xong"


def test_preparing_a_year_changes_no_file_of_the_data(project):
    raw = project / "data" / "raw"
    before = {p: p.read_bytes() for p in raw.rglob("*") if p.is_file()}
    new_year(project / "data", 2024)
    assert {p: p.read_bytes() for p in raw.rglob("*") if p.is_file()} == before


def test_templates_of_one_member_and_of_a_first_year(project):
    (path,) = templates(project / "data", 2023, "hnd", out=project / "mau")
    assert path == project / "mau" / "bieu-mau-2023-hnd.xlsx"
    with pytest.raises(UsageError, match="member-not-in-bloc"):
        templates(project / "data", 2023, "abc")
    with pytest.raises(UsageError, match="year-impossible"):
        templates(project / "data", 24)


def test_a_member_that_has_left_the_bloc_gets_no_template(project):
    path = project / "data" / "raw" / "bloc.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('id = "dtn"', 'id = "dtn"\nlast_year = 2023'), encoding="utf-8")
    names = [p.name for p in templates(project / "data", 2024)]
    assert "bieu-mau-2024-dtn.xlsx" not in names
    assert len(names) == 6
    with pytest.raises(UsageError, match="member-not-in-bloc"):
        templates(project / "data", 2024, "dtn")


def test_roles_and_deadline_that_are_not_set_are_asked_for(project):
    assert ("roles", None) not in kinds(propose(project, 2024))
    assert ("roles", None) in kinds(propose(project, 2025))
    path = project / "data" / "raw" / "bloc.toml"
    text = path.read_text(encoding="utf-8").replace(
        "[deadline]\nyear = 0\nmonth = 12\nday = 20\n", ""
    )
    path.write_text(text, encoding="utf-8")
    assert ("deadline", None) in kinds(propose(project))


def test_unknown_headings_and_old_forms_of_last_year_are_named(project):
    found = propose(project)
    assert ("headings", "hnd") in kinds(found)
    (words,) = [one.words for one in found if one.kind == "headings"]
    assert "Chỉ tiêu!L1 “Tỷ lệ (%)”" in words


def test_plans_that_were_far_off_or_not_there_are_asked_about(project):
    def change(book):
        book["Chỉ tiêu"]["F2"], book["Chỉ tiêu"]["G2"] = 100, 746
        book["Chỉ tiêu"]["F3"] = None
        book["Chỉ tiêu"]["G4"] = 10

    edit(project, 2023, "mttq", change)
    mine = [one for one in propose(project) if one.member == "mttq"]
    assert [one.kind for one in mine].count("plan") == 2
    assert any("746,0%" in one.words for one in mine)
    assert ("no-plan", "mttq") in kinds(mine)


def test_a_lower_is_better_target_below_its_plan_is_no_reason_to_ask(project):
    def change(book):
        book["Chỉ tiêu"]["E2"] = "Càng thấp càng tốt"
        book["Chỉ tiêu"]["F2"], book["Chỉ tiêu"]["G2"] = 100, 10

    edit(project, 2023, "mttq", change)
    assert not [o for o in propose(project) if o.kind == "plan" and o.member == "mttq"]


def test_names_with_the_year_or_nearly_alike_are_proposed_to_be_changed(project):
    def change(book):
        book["Chỉ tiêu"]["B2"] = "Quỹ Vì người nghèo năm 2023"
        book["Chỉ tiêu"]["B3"] = "Nhà Đại đoàn kết xây mới, sửa chữa lại"

    edit(project, 2023, "mttq", change)
    mine = {one.kind: one.words for one in propose(project) if one.member == "mttq"}
    assert "“Quỹ Vì người nghèo năm 2024”" in mine["year"]
    assert "Nhà Đại đoàn kết xây mới, sửa chữa lại" in mine["same"]


def test_targets_that_came_went_or_were_renamed_are_told_apart(project):
    def change(book):
        book["Chỉ tiêu"]["B2"] = "Khu dân cư tổ chức tốt Ngày hội Đại đoàn kết"
        book["Chỉ tiêu"]["B3"] = "Chuyển đổi số ở cơ sở"

    edit(project, 2023, "mttq", change)
    mine = {one.kind for one in propose(project) if one.member == "mttq"}
    assert mine >= {"renamed", "gone", "come"}


def test_a_change_of_the_sum_of_points_and_of_units_is_said(project):
    def change(book):
        book["Chỉ tiêu"]["B2"] = "Quỹ Hỗ trợ nông dân tăng thêm"
        book["Chỉ tiêu"]["C2"] = "tỷ đồng"

    edit(project, 2023, "mttq", change)
    found = {one.kind: one.words for one in propose(project) if one.member is None}
    assert "500" in found["criteria"]
    assert "triệu đồng" in found["units"]
    assert "tỷ đồng" in found["units"]


def test_without_any_data_only_the_bloc_file_is_looked_at(bloc):
    assert kinds(proposals(None, (), bloc, 2030)) == {("roles", None)}


def test_the_year_of_the_template_is_this_one_and_not_that_of_the_data(project, bloc):
    (path,) = templates(project / "data", 2024, "hnd")
    read = read_file(path, bloc)
    assert read.year == 2024
    assert read.as_of is None or read.as_of > dt.date(2023, 12, 31)
