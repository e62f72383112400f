"""Tables of the pages as files: a sheet each, numbers as numbers, text never a formula."""

import csv
import io
from decimal import Decimal

import pytest

from thidua_analysis.lineage.register import anchor, link
from thidua_analysis.publish.datapackage import csv_of
from thidua_analysis.publish.downloads import Cell, Table, number_of, tables_of, typed
from thidua_analysis.publish.html import Cell as Shown
from thidua_analysis.publish.html import table_block

SHARE, MONEY, MET = "women_share/year=2023", "result_value/year=2023", "targets_met/year=2023"
ROWS = {
    anchor(SHARE): {"value": Decimal("43.29467737"), "text": "43,3%"},
    anchor(MONEY): {"value": Decimal(105_737_000_000), "unit": "đồng", "text": "105,7 tỷ đồng"},
    anchor(MET): {"value": Decimal(32), "unit": "chỉ tiêu", "text": "32/37"},
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
    assert "Chỉ tiêu,LĐLĐ – Sáng kiến,%,159,%," in csv_of([typed(table, {})])


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
        # a figure of its own, with what it is a part of
        (Cell("32/37", MET, counts=True), 32, '#,##0"/37"'),
        (Cell("trên 2.000", counts=True), 2000, '"trên "#,##0'),
        (Cell("không đổi", counts=True), 0, '"không đổi"'),
        # the figure is 105.737.000.000 đồng, and this is printed in tỷ
        (Cell("105,7 tỷ đồng", MONEY), Decimal("105.737"), '#,##0.0 "tỷ đồng"'),
    ],
)
def test_what_is_printed_becomes_a_number_with_its_unit(cell, value, format_):
    number = number_of(cell, ROWS)
    assert (number.value, number.format) == (value, format_)


@pytest.mark.parametrize(
    "words", ["2023", "91239453", "–", "hạng 3", "3 báo cáo", "15/12/2023", "46,7% → 52,0%"]
)
def test_words_and_what_stands_in_no_column_of_figures_stay_text(words):
    assert number_of(Cell(words), ROWS) is None


def test_the_csv_file_has_a_cell_a_line_with_unit_and_id(tables):
    rows = list(csv.reader(io.StringIO(csv_of([typed(one, ROWS) for one in tables]))))
    assert rows[0] == ["Bảng", "Tên bảng", "Dòng", "Cột", "Giá trị", "Đơn vị tính", "Mã số liệu"]
    assert rows[1][2:] == ["'=1+1", "2023", "43.29467737", "%", SHARE]


def test_a_share_of_so_few_that_its_parts_are_told_is_no_number():
    assert number_of(Cell("3/7 (1/6)", SHARE, counts=True), ROWS) is None


def test_groups_below_a_measure_are_named_with_it():
    rows = [("Sáng kiến (lượt)", "58", "part-of"), ("An", "5", "part"), ("Bình", "53", "part")]
    body = "".join(
        f'<tr class="{mark}"><th scope="row">{name}</th><td class="figure">{told}</td></tr>'
        for name, told, mark in rows
    )
    head = '<tr><th scope="col">Chỉ số</th><th scope="col" class="figure">2023</th></tr>'
    (table,) = tables_of([f"<table><caption>A</caption><thead>{head}</thead>{body}</table>"])
    names = [row[0].text for row in table.rows]
    assert names == ["Sáng kiến (lượt)", "Sáng kiến (lượt): An", "Sáng kiến (lượt): Bình"]


def test_a_column_of_pictures_is_none_and_two_headings_are_never_the_same():
    rows = [[Cell("An"), Cell(""), Cell("5"), Cell("6")]]
    found = typed(Table("A", [], ["Đơn vị", "Qua các năm", "Số", "số"], rows), {})
    assert found.table.head == ["Đơn vị", "Số", "số (2)"]
