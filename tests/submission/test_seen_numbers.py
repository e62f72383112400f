"""A formatted number is what its typed twin is, whatever the table asks for in its place."""

import io
from decimal import Decimal
from pathlib import PurePath

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from thidua_analysis.submission import read_bytes

HEADINGS = ("Phong trào", "Kết quả", "Đơn vị tính", "Số lượng", "Giá trị (triệu đồng)", "Ghi chú")
UNITS = ("hộ", "%", "triệu đồng", "suất quà", "")
WORDS = ("", " đ", " triệu đồng", " tỷ", " hộ", "%", " USD", " nghìn", " (tăng 3)")
BOUNDS = ("", ">", "khoảng ", "USD ", "Đợt ")

NUMBERS = st.one_of(st.integers(1, 10**12), st.decimals(0, 10**6, places=2))
AFFIXES = st.tuples(st.sampled_from(BOUNDS), st.sampled_from(WORDS))
CELLS = st.tuples(NUMBERS, AFFIXES).filter(lambda cell: any(cell[1]))
ROWS = st.lists(st.tuples(st.sampled_from(UNITS), CELLS, CELLS, CELLS), min_size=1, max_size=8)


def formatted(cell):
    """The number, and the format code that adds the words."""
    number, (before, behind) = cell
    return float(number), f'"{before}"0{f"{chr(34)}{behind}{chr(34)}" if behind else ""}'


def typed(cell):
    number, (before, behind) = cell
    plain = f"{Decimal(format(float(number), '.15g')):f}".replace(".", ",")
    plain = plain.rstrip("0").rstrip(",") if "," in plain else plain
    return f"{before}{plain}{behind}", None


def workbook(rows, write):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Kết quả phong trào")
        sheet.write_row(0, 0, HEADINGS)
        for number, (unit, *cells) in enumerate(rows, 1):
            sheet.write_row(number, 0, ["Nông thôn mới", f"Kết quả {number}", unit])
            for column, cell in enumerate(cells, 3):
                value, code = write(cell)
                style = book.add_format({"num_format": code}) if code else None
                sheet.write(number, column, value, style)
    return out.getvalue()


def says_its_unit_once(row):
    """A unit that only the format repeats is the row's own; typed behind the digits it is two."""
    unit, *cells = row
    return not any(behind and behind.strip() in unit for _, (_, behind) in cells)


@settings(max_examples=40, deadline=None)
@given(ROWS.map(lambda rows: list(filter(says_its_unit_once, rows))).filter(bool))
def test_a_formatted_cell_is_read_as_its_typed_twin(bloc, rows):
    one, other = (
        read_bytes(workbook(rows, write), PurePath("2023/hnd.xlsx"), bloc)
        for write in (formatted, typed)
    )
    assert [(f.code, f.severity, f.cell, f.value, f.suggestion) for f in one.findings] == [
        (f.code, f.severity, f.cell, f.value, f.suggestion) for f in other.findings
    ]
    assert [(r.values, r.notes) for r in one.rows["results"]] == [
        (r.values, r.notes) for r in other.rows["results"]
    ]
