"""Tables of the pages as files: a sheet each, numbers as numbers, text never a formula."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from thidua_analysis.lineage.register import anchor, link
from thidua_analysis.publish.downloads import Cell, csv_of, number_of, tables_of, workbook
from thidua_analysis.publish.html import Cell as Shown
from thidua_analysis.publish.html import table_block

SHARE, MONEY = "women_share/year=2023", "result_value/year=2023"
ROWS = {
    anchor(SHARE): {"value": Decimal("43.29467737"), "text": "43,3%"},
    anchor(MONEY): {"value": Decimal(105_700_000_000), "text": "105,7 tỷ đồng"},
}
CHART = (
    '<figure class="chart"><figcaption><p class="message">Tỷ lệ nữ</p>'
    '<p class="measure">Tỷ lệ nữ (%), 2023.</p></figcaption><img src="data:image/png;base64,AA">'
    '<table><caption>Tỷ lệ nữ</caption><thead><tr><th scope="col">Cấp</th>'
    '<th scope="col" class="figure">2023</th></tr></thead><tbody><tr><th scope="row">=1+1</th>'
    f'<td class="figure">{link("43,3%", SHARE)}</td></tr></tbody></table>'
    '<p class="source">Nguồn: báo cáo.</p></figure>'
)


@pytest.fixture(scope="module")
def tables():
    block = table_block(
        [
            {
                "Đơn vị": "Hội\u00a0CCB",
                "Đạt": Shown("30/37", "targets_met/year=2023"),
                "Ngày": "15/12/2023",
            },
            {"Đơn vị": "Cộng", "Đạt": "–", "Ngày": "–"},
        ],
        "Chỉ tiêu",
        ["Ghi chú."],
    )
    return tables_of([CHART, block.html, CHART])


@pytest.fixture(scope="module")
def book(tables):
    return openpyxl.load_workbook(io.BytesIO(workbook("Khen thưởng", tables, ROWS)))


def test_each_table_is_one_sheet_after_the_list_of_all(book):
    assert book.sheetnames == ["Danh sách bảng", "Bảng 1", "Bảng 2"]
    listed = [row[1].value for row in book["Danh sách bảng"].iter_rows(min_row=3)]
    assert listed == ["Tỷ lệ nữ", "Chỉ tiêu"]
    assert book["Danh sách bảng"]["A3"].hyperlink.location == "'Bảng 1'!A1"


def test_a_sheet_says_what_it_shows_and_where_it_comes_from(book):
    words = [book["Bảng 1"].cell(row, 1).value for row in range(1, 4)]
    assert words == ["Tỷ lệ nữ", "Tỷ lệ nữ (%), 2023.", "Nguồn: báo cáo."]
    assert book["Bảng 2"]["A2"].value == "Ghi chú."


def test_a_share_is_the_exact_number_shown_as_printed(book):
    cell = book["Bảng 1"]["B6"]
    assert cell.value == pytest.approx(0.4329467737)
    assert cell.number_format == "#,##0.0%"


def test_parts_of_a_whole_are_two_numbers_and_a_day_is_a_date(book):
    head, row = [[cell.value for cell in line] for line in book["Bảng 2"].iter_rows(4, 5)]
    assert head == ["Đơn vị", "Đạt", "Đạt: trong tổng số", "Ngày"]
    assert row == ["Hội CCB", 30, 37, dt.datetime(2023, 12, 15)]


def test_rows_below_the_name_of_a_group_carry_it_in_a_column():
    markup = (
        '<table><caption>Chỉ tiêu</caption><thead><tr><th scope="col">Chỉ tiêu</th>'
        '<th scope="col" class="figure">%</th></tr></thead><tbody>'
        '<tr class="group"><th scope="rowgroup" colspan="2">LĐLĐ<span class="more">đạt '
        f"{link('6/7', 'targets_met/year=2023')}</span></th></tr>"
        '<tr><th scope="row">Sáng kiến</th><td class="figure"><span class="bar"></span>159,0%</td>'
        "</tr>"
        '<tr class="group"><th scope="rowgroup" colspan="2">Hội CCB</th></tr>'
        '<tr><th scope="row">Hộ thoát nghèo</th><td class="figure">114,8%</td></tr></tbody></table>'
    )
    (table,) = tables_of([markup])
    assert table.head == ["Nhóm", "Chỉ tiêu", "%"]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["LĐLĐ", "Sáng kiến", "159,0%"],
        ["Hội CCB", "Hộ thoát nghèo", "114,8%"],
    ]
    assert "Chỉ tiêu,LĐLĐ – Sáng kiến,%,159,%," in csv_of([table], {})


def test_text_is_never_a_formula(book, tables):
    cell = book["Bảng 1"]["A6"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert "'=1+1" in csv_of(tables, ROWS)


@pytest.mark.parametrize(
    ("cell", "value", "format_"),
    [
        (Cell("4.674", counts=True), 4674, "#,##0"),
        (
            Cell("▲ +3,1 điểm %", counts=True),
            Decimal("3.1"),
            '+#,##0.0 "điểm %";-#,##0.0 "điểm %";#,##0.0 "điểm %"',
        ),
        (Cell("▼ −0,6 điểm %", counts=True), Decimal("-0.6"), '#,##0.0 "điểm %"'),
        (Cell("1.234 (5/6)", counts=True), 1234, '#,##0 "(5/6)"'),
        (Cell("2023", counts=True), 2023, "0"),
        (Cell("32/37", counts=True), 32, '#,##0"/37"'),
        # the figure is 105.700.000.000 đồng, and this is printed in tỷ
        (Cell("105,7 tỷ đồng", MONEY), Decimal("105.7"), '#,##0.0 "tỷ đồng"'),
    ],
)
def test_what_is_printed_becomes_a_number_with_its_unit(cell, value, format_):
    number = number_of(cell, ROWS)
    assert (number.value, number.format) == (value, format_)


@pytest.mark.parametrize("words", ["2023", "91239453", "–", "hạng 3", "3 báo cáo", "15/12/2023"])
def test_words_and_what_stands_in_no_column_of_figures_stay_text(words):
    assert number_of(Cell(words), ROWS) is None


def test_the_csv_file_has_a_cell_a_line_with_unit_and_id(tables):
    rows = list(csv.reader(io.StringIO(csv_of(tables, ROWS))))
    assert rows[0] == ["Bảng", "Tên bảng", "Dòng", "Cột", "Giá trị", "Đơn vị tính", "Mã số liệu"]
    assert rows[1][2:] == ["'=1+1", "2023", "43.29467737", "%", SHARE]


def test_the_same_tables_give_the_same_file(tables):
    assert workbook("A", tables, ROWS) == workbook("A", tables, ROWS)
