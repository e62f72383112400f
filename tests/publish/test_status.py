"""The board in reports: who has sent what, in words, the same on every day."""

import shutil
from html.parser import HTMLParser

import openpyxl
import pytest

import thidua_analysis as td
from thidua_analysis import publish
from thidua_analysis.dataset import Dataset
from thidua_analysis.publish import status

pytestmark = pytest.mark.slow


class Table(HTMLParser):
    """The rows of a table, by the text of their first cell."""

    def __init__(self, block):
        super().__init__()
        self.rows, self.cells, self.scopes, self.inside = [], [], [], False
        self.feed(block.html)
        head, *rest = self.rows
        self.by_member = {row[0]: dict(zip(head, row, strict=True)) for row in rest}

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.inside = True
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("th", "td")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.replace("\xa0", " ")


@pytest.fixture
def mixed(tmp_path, built):
    """2023 with one file on time, one late, one missing, one with an error and sheets wanting."""
    data = tmp_path / "data"
    shutil.copytree(built / "raw", data / "raw")
    (data / "raw" / "received.toml").write_text(
        '[[received]]\nfile = "2023/mttq.xlsx"\non = 2023-12-20\n'
        '[[received]]\nfile = "2023/ldld.xlsx"\non = 2023-12-21\n',
        encoding="utf-8",
    )
    (data / "raw" / "2023" / "dtn.xlsx").unlink()
    (data / "raw" / "2023" / "la.xlsx").write_bytes(b"nothing")
    path = data / "raw" / "2023" / "hnd.xlsx"
    book = openpyxl.load_workbook(path)
    book["Khen thưởng"]["E7"] = "mười"
    book["Thông tin"]["B6"] = 3
    del book["Xếp hạng"]
    book["Sáng kiến"].delete_rows(2, 9)
    book.save(path)
    return status.up_to(td.load(data), 2023)


def test_the_board_says_in_words_who_sent_what_and_when(mixed):
    rows = Table(publish.board(mixed, 2023)).by_member
    told = {m: (r["Báo cáo"], r["Ngày nhận"], r["Thời hạn"], r["Lần gửi"]) for m, r in rows.items()}
    assert told["MTTQ"] == ("✓ đã gửi", "20/12/2023", "✓ đúng hạn", "2")
    assert told["LĐLĐ"] == ("✓ đã gửi", "21/12/2023", "✗ muộn", "1")
    assert told["Hội Nông dân"] == ("✓ đã gửi", "–", "–", "3")
    assert told["Tỉnh đoàn"] == ("✗ chưa gửi", "–", "–", "–")
    assert len(rows) == 6


def test_the_board_tells_missing_empty_and_wrong_sheets_apart(mixed):
    row = Table(publish.board(mixed, 2023)).by_member["Hội Nông dân"]
    assert (row["Xếp hạng"], row["Sáng kiến"]) == ("✗ thiếu", "○ trống")
    assert "✗ 1 lỗi" in row["Khen thưởng"]
    assert row["Chỉ tiêu"] == "6"
    assert row["Lỗi"] == "1"


def test_the_board_has_a_caption_with_the_deadline_and_scopes(mixed):
    block = publish.board(mixed, 2023)
    assert "<caption>Từng đơn vị, năm 2023 (hạn gửi 20/12/2023)</caption>" in block.html
    assert set(Table(block).scopes) == {"col", "row"}
    assert "Biểu của khối: đã gửi (0 lỗi" in block.plain
    assert "2023/la.xlsx (không đọc được)" in block.plain


def test_the_boards_of_all_years_stand_beside_each_other(mixed):
    rows = Table(publish.board_of_years(mixed)).by_member
    assert list(rows["MTTQ"]) == ["Đơn vị", "2021", "2022", "2023"]
    assert rows["Tỉnh đoàn"]["2023"] == "✗ chưa gửi"
    assert rows["Hội Nông dân"]["2023"].endswith("✗ thiếu trang: Sáng kiến, Xếp hạng")
    assert rows["MTTQ"]["2022"] == "✓ đã gửi"
    assert rows["MTTQ"]["2023"].startswith("✓ đã gửi, lần 2; ✓ đúng hạn")


def test_the_part_on_quality_says_how_many_were_on_time(mixed):
    told = publish.headline(mixed, 2023, "quality").plain
    unknown = "3 đơn vị chưa ghi ngày nhận nên chưa xác định được đúng hạn"
    assert f"1 đơn vị đúng hạn; 1 đơn vị muộn; {unknown}." in told


def test_the_head_of_every_page_leads_to_who_has_sent_what(mixed):
    shown = status.status(mixed, 2023)
    assert f'<a href="{status.QUALITY_PAGE}">5/6 đơn vị đã gửi báo cáo</a>' in shown.html
    assert "Chưa có báo cáo: Tỉnh đoàn" in shown.plain


def test_what_nobody_noted_has_no_column_and_is_said_once(samples):
    board = publish.board(status.up_to(samples, 2023), 2023)
    assert "Ngày nhận" not in board.html
    assert "Đơn vị chưa ghi ngày nhận thì chưa xác định được đúng hạn." in board.plain
    told = publish.headline(samples, 2023, "quality").plain
    assert "Chưa ghi ngày nhận nên chưa xác định được đúng hạn." in told


def test_without_any_report_nothing_is_said_of_time(samples, bloc, submissions):
    nobody = Dataset.of([s for s in submissions if s.path == "2023/khoi.xlsx"], bloc)
    assert status.on_time(nobody, 2023) == ""
