"""Workbooks for the tests of reading: grids of cells as the reader of files gives them."""

import datetime as dt
from pathlib import PurePath

import pytest
from hypothesis import strategies as st

from thidua_analysis.excel import Merge, Sheet, Workbook
from thidua_analysis.excel.number_formats import as_seen
from thidua_analysis.form.forms import forms
from thidua_analysis.submission.reading import read_workbook

LABELS = sorted(
    {label for form in forms().values() for name in form.codes for label in form.all_labels(name)}
)
WORDS = (
    *("Tổng cộng", "Cộng mục I", "I", "II. CẤP TỈNH", "1", "a)", "TT", "STT", "(1)", "Toàn tỉnh"),
    *("NGƯỜI LẬP BIỂU", "(Ký, họ tên)", "Lai Châu, ngày 15 tháng 12 năm 2023"),
    *("không phát sinh", "Ghi chú: số liệu tạm tính", "BÁO CÁO NĂM 2023", "Đơn vị: triệu đồng"),
    *("Hội LHPN tỉnh", "Công an tỉnh", "Giấy khen", "LĐTT", "Bằng khen của Thủ tướng Chính phủ"),
    *("%", "hộ", "triệu đồng", "TC01", "1.234,5", "1,234", "1,234.5", "12.5", "trên 20", "25/82"),
    *("x", "-", "…", "không", "5 người", "48,5 tỷ đồng", "15 (tăng 3)", "6-8", "70%"),
    *("31/12", "30/02/2023", "04/13/2023", "15.12.2023", "\u00a0", "  ", "Ti?n"),
    *("Gia\u0302\u0301y khen", "GiÊy khen", "Há»™i NÃ´ng dÃ¢n"),
)


FORMATS = (
    *("0%", "0.0%", '#,##0" đ"', '0.0" tỷ đồng"', '">"0', '0" nghìn"', "#,##0,,", "00", ";;;"),
    *("0;0", '0"000"', '"Cấp "0', '[<=1]0.0%;0.0"%"', '0;-0;"Không"', '@" x"', "General"),
)


def headings():
    """Texts that are headings, labels or parts of them."""
    texts = {
        text
        for form in forms().values()
        for fields in (form.info.fields, *(t.fields for t in form.tables))
        for field in fields
        for text in (field.heading, *field.aliases)
    }
    return sorted(texts)


VALUES = st.one_of(
    st.sampled_from(("", None)),
    st.sampled_from(("", None)),
    st.sampled_from(LABELS),
    st.sampled_from(WORDS),
    st.integers(-3, 3000).map(float),
    st.floats(),
    st.booleans(),
    st.dates(dt.date(2021, 1, 1), dt.date(2025, 1, 1)),
    st.text(max_size=12),
)


@st.composite
def tables(draw):
    """Rows of a table of some form: its headings in some order, and any cells under them."""
    form = draw(st.sampled_from(sorted(forms().values(), key=lambda f: f.id)))
    table = draw(st.sampled_from(form.tables))
    chosen = [f.heading for f in table.fields if draw(st.integers(0, 9))]
    order = draw(st.permutations(chosen)) if draw(st.booleans()) else chosen
    extra = draw(st.lists(st.sampled_from([*headings(), *WORDS]), max_size=2))
    top = [*order, *extra]
    rows = [top, *draw(st.lists(st.lists(VALUES, max_size=len(top) + 2), max_size=7))]
    shift = draw(st.integers(0, 2))
    return table.sheet, [[""] * shift + row for row in rows]


@st.composite
def sheets(draw, number):
    """A sheet of one or two tables below each other, with merges and marked cells anywhere."""
    name, rows = draw(tables())
    if draw(st.booleans()):
        rows = [*rows, *draw(tables())[1]]
    if draw(st.booleans()):
        rows = [*draw(st.lists(st.lists(VALUES, max_size=4), max_size=3)), *rows]
    positions = st.tuples(st.integers(1, len(rows) + 1), st.integers(1, 12))
    spans = st.tuples(positions, st.integers(0, 3), st.integers(0, 3))
    merges = tuple(
        Merge(row, column, row + down, column + right)
        for (row, column), down, right in draw(st.lists(spans, max_size=3))
    )
    errors = draw(st.dictionaries(positions, st.sampled_from(("#REF!", "#N/A")), max_size=2))
    blanked = [list(row) for row in rows]
    for row, column in errors:
        if row <= len(blanked) and column <= len(blanked[row - 1]):
            blanked[row - 1][column - 1] = ""
    sheet = Sheet(
        f"{name}{number or ''}" if draw(st.booleans()) else f"Trang {number}",
        blanked,
        hidden=draw(st.integers(0, 9)) == 0,
        merges=merges,
        errors=errors,
        uncalculated=set(draw(st.lists(positions, max_size=1))),
        formats=draw(st.dictionaries(positions, st.sampled_from(FORMATS), max_size=4)),
    )
    as_seen(sheet)
    return sheet


@st.composite
def infos(draw):
    """The sheet `Thông tin` of some form, with some of its lines."""
    form = draw(st.sampled_from(sorted(forms().values(), key=lambda f: f.id)))
    said = {"form": form.id, "member": "Hội LHPN tỉnh", "year": 2023.0}
    rows = [
        [f.heading, said.get(f.name) if draw(st.integers(0, 5)) else draw(VALUES)]
        for f in form.info.fields
        if draw(st.integers(0, 5))
    ]
    return Sheet("Thông tin", rows)


@st.composite
def workbooks(draw):
    """A workbook as a member might send it after a very bad day."""
    several = [draw(sheets(n)) for n in range(draw(st.integers(1, 3)))]
    return Workbook((draw(infos()), *several) if draw(st.booleans()) else tuple(several))


@pytest.fixture
def read(bloc):
    """Read a workbook that was not made from a file."""

    def read_it(book, path="gửi/tệp.xlsx"):
        return read_workbook(book, PurePath(path), bloc)

    return read_it
