"""Our list beside a sender's sheet of its name, and cells that have threads of comments."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from thidua_analysis import excel
from thidua_analysis.exchange.marking import write_marked_copy
from thidua_analysis.submission import read_file

SAMPLE = Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw" / "2023" / "mttq.xlsx"
_OFFICE = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
_THREAD = (
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/'
    'threadedcomments"><threadedComment ref="{cell}" id="{{1}}" personId="{{2}}">'
    "<text>Đã hỏi lại huyện</text></threadedComment></ThreadedComments>"
)


@pytest.fixture
def sent(tmp_path):
    """A file with a wrong level, and the sender's own sheet of that name in it."""
    book = openpyxl.load_workbook(SAMPLE)
    book["Khen thưởng"]["A3"] = "Cấp trời"
    notes = book.create_sheet("Cần sửa")
    notes["A1"] = "Việc cần sửa ở cơ quan"
    path = tmp_path / "mttq.xlsx"
    book.save(path)
    return path


def marked(source, bloc, target):
    return write_marked_copy(source, target, read_file(source, bloc).findings)[0]


def sheets(path):
    book = excel.read(path.read_bytes(), path.name).workbook
    return {sheet.name: sheet.value(1, 1) for sheet in book.sheets}


def test_a_senders_own_sheet_of_that_name_is_kept_and_ours_takes_another(sent, bloc, tmp_path):
    names = sheets(marked(sent, bloc, tmp_path / "a.xlsx"))
    assert names["Cần sửa"] == "Việc cần sửa ở cơ quan"
    assert names["Cần sửa (2)"].startswith("Cần sửa: ")


def test_a_returned_copy_is_marked_again_on_the_same_sheet(sent, bloc, tmp_path):
    first = marked(sent, bloc, tmp_path / "a.xlsx")
    again = marked(first, bloc, tmp_path / "b.xlsx")
    assert sheets(again).keys() == sheets(first).keys()
    found = [(f.code, f.cell) for f in read_file(again, bloc).findings]
    assert found == [(f.code, f.cell) for f in read_file(sent, bloc).findings]


def threaded(path, sheet, cell):
    """Add a thread of comments to a cell, as current Excel stores it."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        rels = f"xl/worksheets/_rels/{sheet}.xml.rels"
        assert rels not in old.namelist()
        new.writestr("xl/threadedComments/threadedComment1.xml", _THREAD.format(cell=cell))
        new.writestr(
            rels,
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId9" Type="{_OFFICE}" '
            'Target="../threadedComments/threadedComment1.xml"/></Relationships>',
        )
    path.write_bytes(out.getvalue())


def test_the_list_says_where_a_thread_of_comments_hides_the_note(sent, bloc, tmp_path):
    number = openpyxl.load_workbook(sent).sheetnames.index("Khen thưởng") + 1
    threaded(sent, f"sheet{number}", "A3")
    copy = marked(sent, bloc, tmp_path / "a.xlsx")
    book = excel.read(copy.read_bytes(), copy.name).workbook
    listing = next(s for s in book.sheets if s.name == "Cần sửa (2)")
    told = [v for row in listing.rows for v in row if isinstance(v, str) and "chuỗi bình luận" in v]
    assert len(told) == 1
