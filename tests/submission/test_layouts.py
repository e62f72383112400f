"""Tables that the form does not know stand under those of the form and are no rows of them."""

import io
from pathlib import PurePath

import openpyxl
import pytest

from thidua_analysis.submission import read_bytes

INFO = [["Mã biểu", "TDKT-DV/1"], ["Đơn vị báo cáo", "Hội Nông dân tỉnh"], ["Năm báo cáo", 2023]]
TARGETS = [
    ["Phong trào", "Chỉ tiêu", "Đơn vị tính", "Cơ quan giao", "Kế hoạch", "Thực hiện"],
    ["Sản xuất giỏi", "Hộ sản xuất giỏi", "hộ", "UBND tỉnh", 100, 120],
    ["Nông thôn mới", "Đường bê tông", "km", "UBND tỉnh", 30, 28],
]
COUNTS = [
    ["Cấp khen thưởng", "Danh hiệu", "Phương thức", "Tập thể", "Hộ", "Cá nhân"],
    ["Cấp tỉnh", "Bằng khen của Chủ tịch UBND tỉnh", "Thường xuyên", 5, None, 12],
]
FOREIGN = [["TT", "Huyện", "Đoàn viên", "Chi đoàn"], [1, "Tam Đường", 100, 5]]


def rows_of(bloc, table, rows, sheet="Báo cáo"):
    book = openpyxl.Workbook()
    book.active.title = "Thông tin"
    for values in INFO:
        book.active.append(values)
    other = book.create_sheet(sheet)
    for values in rows:
        other.append(values)
    data = io.BytesIO()
    book.save(data)
    submission = read_bytes(data.getvalue(), PurePath("gửi/tệp.xlsx"), bloc)
    return [row.row for row in submission.rows.get(table, ())]


@pytest.mark.parametrize(
    "below",
    [
        [["II. TÌNH HÌNH ĐOÀN VIÊN"], *FOREIGN],
        [["2", "Tình hình đoàn viên"], *FOREIGN],
        FOREIGN,
        [["II. TÌNH HÌNH ĐOÀN VIÊN"], *[row[1:] for row in FOREIGN]],
        [["Biểu số 2: Tình hình đoàn viên"], *[row[1:] for row in FOREIGN]],
        [[], ["PHỤ LỤC 2"], *[row[1:] for row in FOREIGN]],
    ],
)
@pytest.mark.parametrize(("table", "own"), [("targets", TARGETS), ("commendations", COUNTS)])
def test_a_foreign_table_and_its_title_are_no_rows(bloc, table, own, below):
    assert rows_of(bloc, table, [*own, *below]) == list(range(2, len(own) + 1))


@pytest.mark.parametrize("sheet", ["KT", "Danh sách khen thưởng", "Biểu 1"])
def test_counts_are_no_list_of_recipients_whatever_the_sheet_is_called(bloc, sheet):
    assert rows_of(bloc, "commendations", COUNTS, sheet) == [2]


def test_a_section_without_figures_is_no_title_of_another_table(bloc):
    rows = [TARGETS[0], ["I. KẾT QUẢ CHĂM LO HỘI VIÊN"], *TARGETS[1:]]
    assert rows_of(bloc, "targets", rows) == [3, 4]
