"""Proposals for unknown headings: exact, alike with the runner-up, blocked; never decided."""

import tomllib

import msgspec
import openpyxl
import pytest

from thidua_analysis.exchange.mapping import blocked, candidates, confirm, map_headings, toml_line
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form.forms import current
from thidua_analysis.form.model import Table
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader, load_mappings
from thidua_analysis.submission import read_file

UNIT = current("unit")
TARGETS = UNIT.table("targets")


@pytest.fixture
def propose(project, bloc):
    """Proposals for the file of a member after a change of its headings."""
    path = project / "data" / "raw" / "2023" / "mttq.xlsx"

    def of(change):
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        form, found = map_headings(path, read_file(path, bloc))
        assert form is UNIT
        return {one.heading: one for one in found}

    return of


def test_a_heading_that_is_alike_is_proposed_with_the_runner_up_and_the_line_to_paste(propose):
    def change(book):
        book["Chỉ tiêu"]["F1"] = "Kế hoạch được giao đầu năm"

    one = propose(change)["Kế hoạch được giao đầu năm"]
    assert (one.sheet, one.cell, one.table, one.exact) == ("Chỉ tiêu", "F1", "targets", False)
    assert one.best.field == "planned"
    assert one.runner_up is None or one.runner_up.field != "planned"
    aliases = tomllib.loads(one.line)["aliases"]
    assert aliases == [*TARGETS.by_name["planned"].aliases, "Kế hoạch được giao đầu năm"]


def test_a_heading_that_differs_in_signs_only_is_exact():
    (first, *_) = candidates("Hạn-hoàn thành", TARGETS.fields)
    assert (first.field, first.alike, first.blocked) == ("deadline", 100, None)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("kinh phí quý 1", "kinh phí quý 2", "digits"),
        ("số lượng", "số lượng 2", "digits"),
        ("hộ không đạt", "hộ đạt", "negation"),
        ("chưa hoàn thành", "hoàn thành", "negation"),
        ("cán bộ nam", "cán bộ nữ", "gender"),
        ("kế hoạch giao", "kế hoạch", None),
        ("tên phong trào", "tên các phong trào", None),
    ],
)
def test_digits_negation_and_gender_speak_against_a_meaning(one, other, why):
    assert blocked(one, other) == why


def test_what_is_blocked_is_shown_without_a_line(propose):
    def change(book):
        book["Chỉ tiêu"]["F1"] = "Kế hoạch 2"
        book["Chỉ tiêu"]["I1"] = "Ngày chưa hoàn thành"

    found = propose(change)
    assert (found["Kế hoạch 2"].best.blocked, found["Kế hoạch 2"].line) == ("digits", None)
    assert found["Ngày chưa hoàn thành"].best.blocked == "negation"
    assert found["Ngày chưa hoàn thành"].line is None


def test_a_column_of_the_senders_own_is_like_nothing(propose):
    one = propose(lambda book: book["Chỉ tiêu"].__setitem__("K1", "Người phụ trách"))
    assert (one["Người phụ trách"].best, one["Người phụ trách"].line) == (None, None)


def test_fields_that_were_found_already_are_not_proposed(propose):
    """The column Kế hoạch is there: another one cannot be meant for it."""
    one = propose(lambda book: book["Chỉ tiêu"].__setitem__("K1", "Kế hoạch giao thêm"))
    assert all(c is None or c.field != "planned" for c in (
        one["Kế hoạch giao thêm"].best, one["Kế hoạch giao thêm"].runner_up))  # fmt: skip


def test_a_table_of_which_no_heading_is_known_is_read_from_its_sheet(propose):
    def change(book):
        for cell, heading in zip(
            "ABCD", ("Cấp CN", "SK tham gia", "Công nhận", "Làm lợi"), strict=True
        ):
            book["Sáng kiến"][f"{cell}1"] = heading

    found = propose(change)
    assert set(found) >= {"Cấp CN", "SK tham gia"}
    assert found["Cấp CN"].table == "initiatives"
    assert found["Cấp CN"].cell == "A1"


def test_years_become_the_year_of_the_report():
    line = toml_line(TARGETS, "planned", 'Kế hoạch "giao" năm 2023')
    assert tomllib.loads(line)["aliases"][-1] == 'Kế hoạch "giao" năm {year}'


def test_a_file_without_unknown_headings_or_of_no_form_gives_nothing(project, bloc, tmp_path):
    path = project / "data" / "raw" / "2023" / "mttq.xlsx"
    assert map_headings(path, read_file(path, bloc)) == (UNIT, [])
    book = openpyxl.Workbook()
    book.active["A1"] = "khác"
    book.save(tmp_path / "khac.xlsx")
    path = tmp_path / "khac.xlsx"
    assert map_headings(path, read_file(path, bloc)) == (None, [])


def test_a_proposed_alias_is_accepted_by_the_form():
    """What is pasted is read: the heading then names its field."""
    from thidua_analysis.submission.headings import Heading, match

    line = toml_line(TARGETS, "planned", "Kế hoạch được giao đầu năm")
    told = msgspec.to_builtins(TARGETS)
    for field in told["fields"]:
        if field["name"] == "planned":
            field["aliases"] = tomllib.loads(line)["aliases"]
    taught = msgspec.convert(told, Table)
    found = match(taught, Heading(1, 1, ("Kế hoạch được giao đầu năm",)), 2023)
    assert found.fields == ("planned",)


OWN = {"A": ("Cấp khen", "level"), "B": ("Danh hiệu được khen", "award"),
       "C": ("Phương thức xét", "method"), "D": ("Số tập thể khen", "collectives"),
       "E": ("Số hộ khen", "households"), "F": ("Số cá nhân khen", "individuals")}  # fmt: skip


def own_file(path, year):
    """A file of a member with a title, a table in the office's own words, and no code."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = f"KT {year}"
    sheet.append(["HỘI NÔNG DÂN TỈNH"])
    sheet.append([f"KẾT QUẢ KHEN THƯỞNG NĂM {year}"])
    sheet.append([])
    sheet.append([heading for heading, _ in OWN.values()])
    sheet.append(["Cấp tỉnh", "Bằng khen của Chủ tịch UBND tỉnh", "Thường xuyên", 5, None, 12])
    book.save(path)
    return path


def test_a_file_of_no_known_form_gets_proposals(tmp_path, bloc):
    path = own_file(tmp_path / "kt.xlsx", 2023)
    submission = read_file(path, bloc)
    assert submission.form is None
    form, found = map_headings(path, submission)
    assert form is UNIT
    assert {one.heading: one.best.field for one in found} == dict(OWN.values())


def test_what_was_confirmed_is_used_for_the_next_files_of_that_member(project, bloc):
    data = project / "data"
    path = own_file(data / "raw" / "2023" / "kt.xlsx", 2023)
    _, found = map_headings(path, read_file(path, bloc))
    said = [f"KT 2023!{column}4={field}" for column, (_, field) in OWN.items()]
    confirm(data, bloc, "hnd", found, said)
    later = own_file(project / "kt.xlsx", 2024)
    for file in (path, later):
        submission = FileReader.of(data)(file, bloc)
        (row,) = submission.rows["commendations"]
        assert (row.values["level"], row.values["individuals"]) == ("province", 12)
        assert row.cells["individuals"] == "F5"
    assert "mappings.toml" in inputs.SETTINGS
    others = own_file(project / "ldld.xlsx", 2024)
    book = openpyxl.load_workbook(others)
    book.active["A1"] = "LIÊN ĐOÀN LAO ĐỘNG TỈNH"
    book.save(others)
    assert FileReader.of(data)(others, bloc).form is None


@pytest.mark.parametrize(
    ("line", "wrong", "named"),
    [
        ('"Cấp khen" = "levl"', '"Cấp khen" = "level"', ":7"),
        ('table = "khen"', 'table = "commendations"', ":2"),
        ('member = "hndd"', 'member = "hnd"', ":2"),
    ],
)
def test_a_mapping_that_names_nothing_is_refused_with_its_line(project, bloc, line, wrong, named):
    content = (
        '# của đơn vị\n[[mappings]]\nmember = "hnd"\nsheet = "KT"\ntable = "commendations"\n'
        '[mappings.headings]\n"Cấp khen" = "level"\n'
    )
    path = project / "data" / "raw" / "mappings.toml"
    path.write_text(content.replace(wrong, line), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_mappings(project / "data", bloc)
    assert str(refused.value.params["file"]).endswith(f"mappings.toml{named}")


def test_one_heading_means_one_field(project, bloc):
    entry = (
        '[[mappings]]\nmember = "hnd"\nsheet = "KT 2023"\ntable = "commendations"\n'
        'headings = { "Cấp khen" = "level" }\n'
    )
    path = project / "data" / "raw" / "mappings.toml"
    path.write_text(entry + entry.replace("2023", "2024"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_mappings(project / "data", bloc)
    assert refused.value.key == "mapping-twice"


def test_a_confirmation_names_a_heading_that_is_not_known(project, bloc):
    path = own_file(project / "kt.xlsx", 2023)
    _, found = map_headings(path, read_file(path, bloc))
    for member, said, key in (("hnd", "KT 2023!Z9=level", "map-no-heading"),
                              (None, "KT 2023!A4=level", "map-member-unknown")):  # fmt: skip
        with pytest.raises(UsageError) as refused:
            confirm(project / "data", bloc, member, found, [said])
        assert refused.value.key == key
    with pytest.raises(ConfigError):
        confirm(project / "data", bloc, "hnd", found, ["KT 2023!A4=levl"])
    assert not (project / "data" / "raw" / "mappings.toml").exists()
