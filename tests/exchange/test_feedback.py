"""What goes back to members: a copy of each file that needs one, and a page a member."""

import datetime as dt
import io
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from marked import colours

from thidua_analysis import excel
from thidua_analysis.exchange import listing as said
from thidua_analysis.exchange.feedback import feedback
from thidua_analysis.exchange.listing import FILLS, fixes
from thidua_analysis.exchange.marking import write_marked_copy
from thidua_analysis.exchange.new_book import converted
from thidua_analysis.findings import CODES, NoDataError, UsageError, finding
from thidua_analysis.submission import read_file

pytestmark = pytest.mark.slow

HOSTILE = Path(__file__).parents[1] / "hostile"
SHOULD_FAIL = HOSTILE.parent / "should_fail"
TODAY = dt.date(2024, 1, 15)
EVIL = '"><script>alert(1)</script>'


def spoil(path, cells, revision=None):
    """Type other values into a workbook."""
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    if revision:
        book["Thông tin"]["B6"] = revision
    book.save(path)


WRONG = {
    ("Khen thưởng", "A6"): "Cấp xã",
    ("Khen thưởng", "E7"): "mười",
    ("Khen thưởng", "B8"): None,
    ("Chỉ tiêu", "F2"): "12.34.5",
    ("Chỉ tiêu", "G4"): "trên 2.000",
    ("Xếp hạng", "C2"): 99,
}


@pytest.fixture
def wrong(project):
    """The project, with errors in the file of one member."""
    spoil(project / "data" / "raw" / "2023" / "mttq.xlsx", WRONG)
    return project


@pytest.fixture
def answer(wrong):
    return feedback(wrong / "data", 2023, today=TODAY)


def test_each_file_with_findings_gets_a_copy_and_every_member_a_page(answer, wrong):
    copies = {copy.file: copy for copy in answer.copies}
    assert copies["2023/mttq.xlsx"].how == "marked"
    assert copies["2023/mttq.xlsx"].path.name == "mttq-can-sua.xlsx"
    assert copies["2023/ccb.xls"].path is None  # nothing was found in it
    assert set(answer.pages) == {"mttq", "ldld", "lhpn", "hnd", "ccb", "dtn"}
    assert answer.folder == wrong / "reports" / "2023" / "gui-lai"


def test_every_finding_of_a_file_is_a_coloured_cell_with_a_comment_and_a_line_with_a_link(
    answer, wrong, bloc
):
    source = wrong / "data" / "raw" / "2023" / "mttq.xlsx"
    found = [f for f in read_file(source, bloc).findings if f.cell]
    assert {f.cell for f in found} >= {"A6", "E7", "B8", "F2", "G4", "C2"}
    book = openpyxl.load_workbook(answer.folder / "mttq-can-sua.xlsx")
    links = {c.hyperlink.location for row in book["Cần sửa"] for c in row if c.hyperlink}
    for one in found:
        cell = book[one.sheet][one.cell]
        assert colours(book[one.sheet])[one.cell] == FILLS[one.severity]
        assert said.comment(one, "vi") in cell.comment.text
        assert f"'{one.sheet}'!{one.cell}" in links


def test_the_file_itself_is_not_touched_and_its_values_are_in_the_copy(answer, wrong, bloc):
    source = wrong / "data" / "raw" / "2023" / "mttq.xlsx"
    before, after = read_file(source, bloc), read_file(answer.folder / "mttq-can-sua.xlsx", bloc)
    assert {t: [r.values for r in rows] for t, rows in before.rows.items()} == {
        t: [r.values for r in rows] for t, rows in after.rows.items()
    }
    assert before.findings == after.findings
    with (
        zipfile.ZipFile(source) as one,
        zipfile.ZipFile(answer.folder / "mttq-can-sua.xlsx") as two,
    ):
        unmarked = [n for n in one.namelist() if "sheet1.xml" in n or "sharedStrings" in n]
        assert unmarked
        assert all(one.read(n) == two.read(n) for n in unmarked)


def test_what_was_put_right_since_the_file_before_is_listed(wrong):
    folder = wrong / "data" / "raw" / "2023"
    shutil.copy(folder / "mttq.xlsx", folder / "mttq_2.xlsx")
    spoil(folder / "mttq_2.xlsx", {("Khen thưởng", "A6"): "Cấp tỉnh"}, revision=3)
    answer = feedback(wrong / "data", 2023, "mttq", today=TODAY)
    (copy,) = answer.copies
    assert (copy.file, copy.fixed) == ("2023/mttq_2.xlsx", 1)
    sheet = openpyxl.load_workbook(copy.path)["Cần sửa"]
    texts = [[c.value for c in row] for row in sheet.iter_rows()]
    at = next(n for n, row in enumerate(texts) if str(row[0]).startswith("Đã sửa so với"))
    assert ["Đã sửa", "Khen thưởng", "A6"] in [row[:3] for row in texts[at:]]
    assert "Đã sửa 1 chỗ" in answer.pages["mttq"].read_text(encoding="utf-8")


@pytest.mark.parametrize(("year", "name"), [("2023", "ccb.xls"), ("2022", "ldld.ods")])
def test_files_of_other_kinds_are_answered_with_a_copy_of_their_values_that_says_so(
    project, tmp_path, bloc, year, name
):
    source = project / "data" / "raw" / year / name
    read = read_file(source, bloc)
    row = read.rows["targets"][0]
    found = finding("number-format", sheet=row.sheet, cell=row.cells["planned"], value="x")
    path, how = write_marked_copy(source, tmp_path / "a-can-sua.xlsx", [found])
    assert (path.suffix, how) == (".xlsx", "converted")
    copy = read_file(path, bloc)
    assert {t: [(r.values, r.cells) for r in rows] for t, rows in read.rows.items()} == {
        t: [(r.values, r.cells) for r in rows] for t, rows in copy.rows.items()
    }
    book = openpyxl.load_workbook(path)
    assert book[row.sheet][row.cells["planned"]].comment
    assert any("bản chép giá trị" in str(c.value) for r in book["Cần sửa"] for c in r)


@pytest.mark.parametrize(
    "case",
    [
        "formula-error/chu-err-502-ods.ods",
        "formula-error/ten-muc-chu-bao-loi-ods.ods",
        "formula-not-calculated/xls-chua-tinh.xls",
        "hidden-data/duoi-o-gop-ods.ods",
        "hidden-data/duoi-o-gop-xls.xls",
    ],
)
def test_a_copy_of_another_kind_that_nobody_mended_is_as_wrong_as_the_file(case, tmp_path, bloc):
    source = SHOULD_FAIL / case
    sent = read_file(source, bloc)
    path, how = write_marked_copy(source, tmp_path / "tệp-can-sua.xlsx", sent.findings)
    returned = read_file(path, bloc)
    assert how == "converted"
    assert _told(returned) == _told(sent)
    again, _ = write_marked_copy(path, tmp_path / "lần hai.xlsx", returned.findings)
    assert _told(read_file(again, bloc)) == _told(sent)


def _told(submission):
    return sorted((f.code, f.sheet or "", f.cell or "", f.value or "") for f in submission.findings)


def test_times_durations_and_old_dates_arrive_in_a_copy_as_they_were(tmp_path):
    values = [dt.time(7, 30), dt.timedelta(hours=36), dt.date(2023, 5, 1), "#N/A", 0.5]
    values.append(dt.datetime(2023, 5, 1, 7, 30))
    sheet = excel.Sheet("Số liệu", [values], errors={(2, 1): "#REF!"}, uncalculated={(2, 2)})
    copy = converted(excel.Workbook((sheet, excel.Sheet("Cũ", [[dt.date(1890, 5, 19)]]))))
    copied, old = excel.read(copy, "a.xlsx").workbook.sheets
    assert copied.rows[0][:3] == values[:3]
    assert copied.rows[0][4:] == values[4:]
    assert copied.errors == {(1, 4): "#N/A", (2, 1): "#REF!"}
    assert (2, 2) in copied.uncalculated
    assert old.rows == [["19/05/1890"]]


@pytest.mark.parametrize(
    "name",
    [
        "number-scaled/xls-dinh-dang-dong.xls",
        "number-display/xls-dinh-dang-an-so.xls",
        "number-display/dinh-dang-them-chu-so.ods",
    ],
)
def test_a_copy_shows_numbers_as_the_file_did(tmp_path, bloc, name):
    source = SHOULD_FAIL / name
    path, _ = write_marked_copy(
        source, tmp_path / "a-can-sua.xlsx", read_file(source, bloc).findings
    )
    one, other = (
        [(f.code, f.sheet, f.cell, f.value) for f in read_file(file, bloc).findings]
        for file in (source, path)
    )
    assert one == other


def test_an_unreadable_file_is_answered_with_the_list_alone(project, tmp_path, bloc):
    source = tmp_path / "la.xlsx"
    source.write_bytes(b"PK\x03\x04" + bytes(60))
    read = read_file(source, bloc)
    path, how = write_marked_copy(source, tmp_path / "la-can-sua.xlsx", read.findings)
    assert how == "list"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Cần sửa"]
    assert any("không đọc được" in str(c.value) for r in book["Cần sửa"] for c in r)


def test_text_from_a_submission_stays_text_in_copy_list_and_page(wrong):
    path = wrong / "data" / "raw" / "2023" / "mttq.xlsx"
    hostile = f"=HYPERLINK({EVIL})"
    book = openpyxl.load_workbook(path)
    cell = book["Khen thưởng"]["E7"]
    cell.value, cell.data_type = hostile, "s"
    book["Chỉ tiêu"]["K1"].value = EVIL
    book.save(path)
    answer = feedback(wrong / "data", 2023, "mttq", today=TODAY)
    sheet = openpyxl.load_workbook(answer.copies[0].path)["Cần sửa"]
    typed = [c for row in sheet for c in row if c.value == hostile]
    assert typed
    assert all(c.data_type in ("s", "inlineStr") and c.quotePrefix for c in typed)
    html = answer.pages["mttq"].read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


SMALL = sorted(p for p in HOSTILE.glob("*.xls*") if p.stat().st_size < 300_000)


@pytest.mark.parametrize("source", SMALL, ids=lambda p: p.name)
def test_whatever_came_in_is_answered_and_keeps_its_values(source, tmp_path):
    """A copy that is marked holds what the file held; what cannot be read gets the list."""
    read = excel.read(source.read_bytes(), source.name)
    sheet = read.workbook.sheets[0].name if read.workbook else "Trang"
    found = finding("number-format", sheet=sheet, cell="B3", value="x")
    path, how = write_marked_copy(source, tmp_path / "a-can-sua.xlsx", [found])
    assert (how == "list") == (read.workbook is None)
    if how == "list":
        return
    copy = excel.read(path.read_bytes(), path.name)
    before, after = read.workbook.sheets, copy.workbook.sheets[1:]
    assert [s.name for s in after] == [s.name for s in before]
    for one, other in zip(before, after, strict=True):
        assert [(c.address, repr(c.value)) for c in one.filled()] == [
            (c.address, repr(c.value)) for c in other.filled()
        ]


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.headings, self.loads, self.ids, self.links = [], [], set(), []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if tag in ("script", "link", "iframe") or given.get("src", "").startswith("http"):
            self.loads.append(tag)
        self.ids.add(given.get("id"))
        if tag == "a":
            self.links.append(given["href"])


def test_a_page_stands_alone_and_its_contents_lead_to_its_parts(answer):
    for path in answer.pages.values():
        page = Outline()
        page.feed(path.read_text(encoding="utf-8"))
        assert page.loads == []
        assert page.headings[0] == "h1"
        assert set(page.headings[1:]) == {"h2"}
        assert {link.removeprefix("#") for link in page.links} <= page.ids
        assert "default-src 'none'" in path.read_text(encoding="utf-8")


def test_a_page_says_what_to_mend_first_what_is_right_and_how_complete_it_is(answer):
    html = answer.pages["mttq"].read_text(encoding="utf-8")
    assert html.count("<li><strong>LỖI:</strong>") == 3
    assert "Trang “Sáng kiến”: 2 dòng, không có lỗi hay cảnh báo." in html
    assert "Trang “Xếp hạng”: " not in html
    assert "mttq-can-sua.xlsx" in html
    assert "chưa ghi ngày nhận" in html


def test_a_member_that_sent_nothing_gets_a_page_too(project):
    (project / "data" / "raw" / "2023" / "dtn.xlsx").unlink()
    answer = feedback(project / "data", 2023, today=dt.date(2023, 12, 1))
    html = answer.pages["dtn"].read_text(encoding="utf-8")
    assert "Chưa nhận được báo cáo năm 2023" in html
    assert "còn 19 ngày" in html


def test_timeliness_follows_the_day_of_receipt(project):
    received = project / "data" / "raw" / "received.toml"
    received.write_text(
        '[[received]]\nfile = "2023/mttq.xlsx"\non = 2023-12-20\n'
        '[[received]]\nfile = "2023/ldld.xlsx"\non = 2023-12-21\n',
        encoding="utf-8",
    )
    pages = feedback(project / "data", 2023, today=TODAY).pages
    assert "đúng hạn 20/12/2023" in pages["mttq"].read_text(encoding="utf-8")
    assert "sau hạn 20/12/2023" in pages["ldld"].read_text(encoding="utf-8")


def test_the_most_useful_fixes_come_first():
    found = [
        finding("heading-unknown", sheet="A", cell="K1"),
        *[finding("number-format", sheet="A", cell=f"F{n}", heading="KH") for n in range(9)],
        *[finding("date-format", sheet="A", cell=f"H{n}", heading="Hạn") for n in range(3)],
        finding("heading-missing", sheet="B", cell="A1", heading="Cấp"),
        finding("number-scaled", sheet="B", cell="A7"),
    ]
    codes = [group[0].code for group in fixes(found)]
    assert codes == ["heading-missing", "number-format", "date-format", "heading-unknown"]


def test_the_sentence_that_says_what_is_wrong_is_parted_from_the_others():
    one = finding("value-not-in-list", value="a. B (x. y)", heading="Cấp",
                  params={"accepted": "Cấp tỉnh; …"})  # fmt: skip
    wrong, accepted = said.halves(one, "vi")
    assert wrong.endswith("Cấp”.")
    assert accepted.startswith("Chấp nhận: Cấp tỉnh")


def test_every_code_belongs_to_one_kind():
    listed = [code for codes in said.kinds().values() for code in codes]
    assert sorted(listed) == sorted(CODES)


def test_put_right_counts_each_finding_once():
    two = [
        finding("number-format", sheet="A", cell=c, heading="KH", value="x") for c in ("F2", "F3")
    ]
    assert len(said.put_right(two, two[:1])) == 1
    assert said.put_right([finding("number-scaled", value="x")], []) == []


def test_a_year_without_files_and_a_member_that_does_not_exist_are_refused(project):
    with pytest.raises(NoDataError):
        feedback(project / "data", 2019)
    with pytest.raises(UsageError):
        feedback(project / "data", 2023, "abc")


@pytest.mark.office
@pytest.mark.slow
def test_the_marked_copy_of_a_sample_opens_in_libreoffice_with_all_its_marks(answer, office, bloc):
    path = answer.folder / "mttq-can-sua.xlsx"
    saved = office(path, "xlsx")
    before, after = openpyxl.load_workbook(path), openpyxl.load_workbook(saved)
    for sheet in before.worksheets:
        marked = {c.coordinate for row in sheet for c in row if c.comment}
        assert marked == {c.coordinate for r in after[sheet.title] for c in r if c.comment}
    assert read_file(path, bloc).findings == read_file(saved, bloc).findings
    assert office(path, "pdf").stat().st_size > 5_000


def test_a_copy_in_memory_is_a_whole_package(answer):
    with zipfile.ZipFile(io.BytesIO((answer.folder / "mttq-can-sua.xlsx").read_bytes())) as package:
        assert package.testzip() is None


def test_a_file_with_very_many_findings_is_marked_as_far_as_excel_can_show_it(wrong, tmp_path):
    source = wrong / "data" / "raw" / "2023" / "mttq.xlsx"
    many = [finding("number-format", sheet="Chỉ tiêu", cell=f"F{n}", value="x")
            for n in range(2, said.MOST_LINES + 12)]  # fmt: skip
    path, how = write_marked_copy(source, tmp_path / "a-can-sua.xlsx", many)
    book = openpyxl.load_workbook(path)
    assert how == "marked"
    assert sum(c.comment is not None for row in book["Chỉ tiêu"] for c in row) == said.MOST_LINES
    texts = [str(row[0].value) for row in book["Cần sửa"].iter_rows()]
    assert "10 chỗ nữa" in texts[-1]


def test_a_package_that_cannot_be_marked_is_answered_with_the_list_and_says_so(wrong, tmp_path):
    """The strict kind of the format has other names for all relations."""
    source = wrong / "data" / "raw" / "2023" / "mttq.xlsx"
    strict = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(strict, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith(".rels"):
                part = part.replace(
                    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
                )
            new.writestr(name, part)
    found = finding("number-format", sheet="Chỉ tiêu", cell="F2", value="x")
    path, how = write_marked_copy(strict, tmp_path / "strict-can-sua.xlsx", [found])
    assert how == "list"
    book = openpyxl.load_workbook(path)
    assert any("cấu trúc tệp khác thường" in str(c.value) for r in book["Cần sửa"] for c in r)
