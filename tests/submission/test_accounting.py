"""Every cell that was read is stored, reported or listed outside the tables; none is lost."""

import random
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePath

import pytest
from hypothesis import HealthCheck, given, settings

from thidua_analysis import excel
from thidua_analysis.submission.accounting import account, tally
from thidua_analysis.submission.reading import read_workbook

from .conftest import workbooks
from .mutations import mutated, width, with_cell

TESTS = Path(__file__).parents[1]
RAW = TESTS / "sample" / "data" / "raw"
SENT = [*(TESTS / "should_pass").glob("*.*"), *(TESTS / "should_fail").glob("*/*.*")]
SENT += [*RAW.glob("20*/*")]
BOOKS = sorted(p for p in SENT if p.suffix in {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
#: where a number that somebody typed may be: read, reported, or in neither for a reason
REASONS = {
    *("stored", "reported"),
    *("total", "ordinal", "personal", "covered", "not-asked", "other-year"),
    *("hidden", "own-sheet", "choice-list", "guide", "form-unknown"),
}


@pytest.mark.parametrize(
    "path", sorted(RAW.glob("20*/*")), ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_every_cell_of_a_sample_is_accounted_for(path, bloc):
    book = excel.read(path.read_bytes(), path.name).workbook
    read = account(read_workbook(book, path, bloc))
    kinds = Counter(read.values())
    assert not kinds["lost"]
    assert kinds["stored"] > 300
    assert kinds["heading"]


@cache
def opened(path):
    return excel.read(path.read_bytes(), path.name).workbook


def named(reading, sheet, row, column):
    """Whether a finding names a cell, or a range that it stands in."""
    for one in reading.found:
        if one.sheet != sheet or not one.cell:
            continue
        first, _, last = one.params.get("range", one.cell).partition(":")
        (top, left), (bottom, right) = excel.position(first), excel.position(last or first)
        if top <= row <= bottom and left <= column <= right:
            return True
    return False


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_cell_of_any_workbook_is_lost(path, bloc):
    book = opened(path)
    if book is not None:
        found = account(read_workbook(book, PurePath("gửi/tệp.xlsx"), bloc))
        assert "lost" not in found.values()


@pytest.mark.parametrize("seed", range(24))
def test_a_number_typed_anywhere_is_read_reported_or_rightly_passed_over(seed, bloc):
    """After any accident, every cell is accounted for, and a number never as a title or remark."""
    rng = random.Random(seed)
    for _ in range(25):
        path = rng.choice(BOOKS)
        book = opened(path)
        if book is None or sum(len(sheet.rows) for sheet in book.sheets) > 3000:
            continue
        book = mutated(book, rng)
        shown = [n for n, sheet in enumerate(book.sheets) if not sheet.hidden]
        if not shown:
            continue
        number = rng.choice(shown)
        sheet = book.sheets[number]
        at = rng.randint(1, len(sheet.rows) + 5), rng.randint(1, width(sheet) + 4)
        typed = with_cell(sheet, *at, rng.choice([987654.0, "987654", "987.654", 98.7]))
        sheets = (*book.sheets[:number], typed, *book.sheets[number + 1 :])
        reading = read_workbook(replace(book, sheets=sheets), PurePath("gửi/tệp.xlsx"), bloc)
        found = account(reading)
        place = (sheet.name, *at)
        assert "lost" not in found.values(), path.name
        why = found.get(place, "reported")
        assert why in REASONS or named(reading, *place), (path.name, place, why)


@given(book=workbooks())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_filled_cell_of_any_grid_is_lost(book, bloc):
    reading = read_workbook(book, PurePath("gửi/tệp.xlsx"), bloc)
    found = account(reading)
    assert "lost" not in found.values()


def test_a_broken_key_reports_every_cell_of_its_row(read):
    """The row is left out of the rows, so each of its cells stands with the finding."""
    sheet = excel.Sheet(
        "Sáng kiến",
        [
            ["Cấp công nhận", "Số sáng kiến tham gia", "Số được công nhận"],
            ["Cấp tỉnh", 9.0, 6.0],
            ["", 5.0, 2.0],
        ],
    )
    reading = read(excel.Workbook((sheet,)))
    found = account(reading)
    reported = {place[1:] for place, kind in found.items() if kind == "reported"}
    assert reported == {(3, 2), (3, 3)}
    assert [(f.code, f.cell) for f in reading.found if f.cell == "A3"] == [
        ("required-missing", "A3")
    ]
    assert len(reading.rows["initiatives"]) == 1


def of_sheet(name, *rows):
    return excel.Workbook((excel.Sheet(name, [list(row) for row in rows]),))


HEADINGS = ("Cấp công nhận", "Số sáng kiến tham gia", "Số được công nhận")


def test_words_around_a_table_are_listed_with_what_they_are(read):
    book = of_sheet(
        "Sáng kiến",
        ["BÁO CÁO NĂM 2023"],
        HEADINGS,
        ["Cấp tỉnh", 9.0, 6.0, "", "đã duyệt"],
        ["Tổng cộng", 9.0, 6.0],
        [],
        ["Người lập biểu", "", "Chủ tịch"],
        ["Lò Thị B", "", "Giàng A C"],
    )
    found = tally(read(book))
    assert [(one.reason, one.range, one.cells) for one in found.listed] == [
        ("beside", "E3", 1),
        ("heading", "A2:C2", 3),
        ("signature", "A6:A7", 2),
        ("signature", "C6:C7", 2),
        ("title", "A1", 1),
        ("total", "A4:C4", 3),
    ]
    assert (found.read, found.stored, found.reported, found.outside) == (15, 3, 0, 12)


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([["Ghi chú: số liệu tạm tính"], [], ["Cấp cơ sở", 12.0, 8.0]], ("A6:C6", "error")),
        ([["Cấp cơ sở", 12.0, 8.0]], None),
        ([["Người lập biểu"], ["Lò Thị B"], ["Cấp cơ sở", 12.0, 8.0]], ("A6:C6", "error")),
        ([["Người lập biểu"], ["Lò Thị B"], [], ["", 12.0]], ("B7", "warning")),
        ([[], ["Người lập biểu"], ["Điện thoại:", "48,5 tỷ đồng"]], ("A6:B6", "warning")),
    ],
)
def test_rows_under_a_table_are_read_or_reported(read, rows, wanted):
    reading = read(of_sheet("Sáng kiến", HEADINGS, ["Cấp tỉnh", 9.0, 6.0], [], *rows))
    found = [f for f in reading.found if f.code == "cells-not-read"]
    assert [(f.params["range"], f.severity) for f in found] == ([wanted] if wanted else [])
    assert "lost" not in account(reading).values()


def test_a_region_that_a_finding_names_is_reported_once(read):
    """A sheet without its headings is said to lack them, and nothing more."""
    reading = read(of_sheet("Sáng kiến", ["SÁNG KIẾN"], [], ["Mường Tè", 12.0], ["Sìn Hồ", 9.0]))
    codes = {f.code for f in reading.found if f.sheet == "Sáng kiến"}
    assert "cells-not-read" not in codes


def test_one_table_is_one_finding(read):
    heads = ["Huyện", "Hội viên", "Ghi chú"]
    table = [heads, ["Mường Tè", 12.0], [], ["Sìn Hồ", "", "chưa có"]]
    sheets = (
        of_sheet("Sáng kiến", HEADINGS, ["Cấp tỉnh", 9.0, 6.0]).sheets[0],
        excel.Sheet("Phụ lục", [["PHỤ LỤC"], [], *table, ["Tổng", 12.0]]),
    )
    reading = read(excel.Workbook(sheets))
    found = [f for f in reading.found if f.code == "cells-not-read"]
    assert [(f.sheet, f.cell, f.params["range"]) for f in found] == [("Phụ lục", "A3", "A3:C7")]
