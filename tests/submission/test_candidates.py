"""Which rows of a sheet are looked at as headings at all."""

from thidua_analysis.excel import Sheet
from thidua_analysis.form.forms import current
from thidua_analysis.submission.heading_rows import candidate_rows
from thidua_analysis.submission.texts import SheetTexts


def test_recipients_whose_words_are_headings_elsewhere_begin_no_table():
    headings = ["Họ và tên", "Giới tính", "Dân tộc", "Phân loại khen thưởng", "Cấp khen thưởng"]
    people = [["Người Thứ Một", "Nữ", "Thái", "cá nhân", "Cấp tỉnh"]] * 3
    sheet = Sheet("Danh sách khen thưởng", [headings, *people])
    assert candidate_rows(current("unit"), SheetTexts(sheet)) == [1]
