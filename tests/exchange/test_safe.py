"""Text from submissions never becomes a formula in what we write; numbers stay numbers."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from thidua_analysis.exchange.new_book import Book
from thidua_analysis.findings import UsageError
from thidua_analysis.vietnamese.display import csv_field, csv_text

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+SUM(A1:A9)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "  =1+1",
    "{=1+1}",
    "http://example.invalid",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_in_xlsx_as_the_same_text(tmp_path, text):
    path = tmp_path / "a.xlsx"
    with Book(path) as book:
        book.put(book.file.add_worksheet("Trang"), 0, 0, text)
    (cell,) = openpyxl.load_workbook(path)["Trang"][1]
    assert cell.data_type in ("s", "inlineStr")
    assert cell.value.replace("_x000D_", "\r") == text
    assert cell.hyperlink is None


def test_text_that_looks_like_a_formula_stays_text_when_somebody_edits_it(tmp_path):
    path = tmp_path / "a.xlsx"
    with Book(path) as book:
        sheet = book.file.add_worksheet("Trang")
        book.put(sheet, 0, 0, "=1+1")
        book.put(sheet, 0, 1, "Hội")
    risky, plain = openpyxl.load_workbook(path)["Trang"][1]
    assert risky.quotePrefix
    assert not plain.quotePrefix


def test_numbers_and_dates_stay_numbers_and_dates_in_xlsx(tmp_path):
    path = tmp_path / "a.xlsx"
    values = [-5, Decimal("12.5"), 0, dt.date(2024, 12, 20), None, float("nan")]
    with Book(path) as book:
        sheet = book.file.add_worksheet("Trang")
        for column, value in enumerate(values):
            book.put(sheet, 0, column, value)
    cells = openpyxl.load_workbook(path)["Trang"][1]
    assert [c.value for c in cells] == [-5, 12.5, 0, dt.datetime(2024, 12, 20), None, None]


@pytest.mark.parametrize("text", HOSTILE[:8])
def test_hostile_text_is_neutralised_in_csv(text):
    assert csv_field(text).startswith("'")


@pytest.mark.parametrize(
    ("value", "field"),
    [(-5, "-5"), (Decimal("-12.5"), "-12.5"), ("-5,3", "-5,3"), ("+7%", "+7%"), (True, "True"),
     (dt.date(2024, 1, 2), "2024-01-02"), ("Hội - đoàn", "Hội - đoàn"), ("–", "–")],
)  # fmt: skip
def test_numbers_and_harmless_text_stay_as_they_are_in_csv(value, field):
    assert csv_field(value) == field


def test_no_field_of_a_csv_file_starts_a_formula_even_where_excel_parts_at_semicolons():
    rows = [[text] for text in [*HOSTILE[:8], "a;=1+1", 'a;"=1+1', "a\n=1+1", "b;\t@x"]]
    written = csv_text(["=heading"], rows)
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(written), delimiter=delimiter):
            starts = [field.lstrip(' \t\r\n"')[:1] for field in row]
            assert not set(starts) & set("=+@-"), (delimiter, row)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(tmp_path):
    path = tmp_path / "a.xlsx"
    with Book(path) as book:
        book.put(book.file.add_worksheet("Trang"), 0, 0, "ơ" * 40_000)
    (cell,) = openpyxl.load_workbook(path)["Trang"][1]
    assert (len(cell.value), cell.value[-1]) == (32_767, "…")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(UsageError, match="output-locked"), Book(tmp_path / "a.xlsx") as book:
        book.file.add_worksheet("Trang")
