"""What a person sees of the cells: nothing under merged ranges, and error words are errors."""

import pytest

from thidua_analysis.excel import Merge, Reading, Sheet, read
from thidua_analysis.excel.cells import error_word
from thidua_analysis.excel.reader import visible

MERGED = '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'


def sheet(rows, *merges, **facts):
    return Sheet("Chỉ tiêu", rows, merges=merges, **facts)


def covered(reading: Reading) -> list[tuple[str | None, str | None]]:
    return [(one.sheet, one.cell) for one in reading.findings if one.code == "hidden-data"]


def test_a_value_under_a_merged_range_is_reported_at_its_cell_and_not_read(bare) -> None:
    rows = '<row r="1"><c r="A1"><v>5</v></c></row><row r="2"><c r="B2"><v>999</v></c></row>'
    reading = read(bare(rows, after=MERGED), "a.xlsx")
    assert reading.workbook
    found = reading.workbook.sheets[0]
    assert [cell.address for cell in found.filled()] == ["A1"]
    assert found.covered == {(2, 2): 999.0}
    assert covered(reading) == [(found.name, "B2")]


def test_errors_and_formulas_under_a_merged_range_count_as_little(bare) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>5</v></c><c r="B1" t="e"><v>#N/A</v></c></row>'
        '<row r="2"><c r="B2"><f>1+1</f></c></row>'
    )
    reading = read(bare(rows, after=MERGED), "a.xlsx")
    assert reading.workbook
    found = reading.workbook.sheets[0]
    assert not found.errors
    assert not found.uncalculated
    assert [cell for _, cell in covered(reading)] == ["B1", "B2"]


@pytest.mark.parametrize(("shown", "own"), [("Cấp tỉnh", " Cấp  tỉnh"), (5.0, 5.0)])
def test_a_covered_cell_that_repeats_its_range_hides_nothing(shown, own) -> None:
    repeating = sheet([[shown], [own]], Merge(1, 1, 2, 1))
    assert visible(repeating, 100) == []
    assert repeating.rows == [[shown], [""]]


def test_the_number_1_does_not_repeat_the_truth_value_true() -> None:
    found = visible(sheet([[True], [1.0]], Merge(1, 1, 2, 1)), 100)
    assert [one.cell for one in found] == ["A2"]


def test_of_ranges_that_overlap_only_cells_that_are_first_everywhere_show() -> None:
    overlapping = sheet([["a", "b", "c"]], Merge(1, 1, 1, 2), Merge(1, 2, 1, 3))
    found = visible(overlapping, 100)
    assert overlapping.rows == [["a", "", ""]]
    assert [one.cell for one in found] == ["B1", "C1"]


def test_ranges_over_each_other_without_end_are_refused(bare) -> None:
    refs = "".join(f'<mergeCell ref="A1:Z{n}"/>' for n in range(1_000, 41_000))
    cell = '<row r="9999"><c r="Z9999"><v>1</v></c></row>'
    reading = read(bare(cell, after=f"<mergeCells>{refs}</mergeCells>"), "a.xlsx")
    assert [one.code for one in reading.findings] == ["file-damaged"]


@pytest.mark.parametrize(
    "text",
    [
        *("#N/A", "#NAME?", "#REF!", "#DIV/0!", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
        *("#GETTING_DATA", "#ERROR!", "#####", "Err:502", "Lỗi:502", "Loading...", "Đang tải…"),
        *("#TÊN?", "#GIÁ TRỊ!", "#¿NOMBRE?", "#WERT!", " #N/A\u00a0", "＃REF！", "#n/a", "=#REF!"),
    ],
)
def test_words_for_an_error_are_known(text) -> None:
    assert error_word(text)


@pytest.mark.parametrize(
    "text",
    ["#1", "# 1 toàn tỉnh", "#thidua", "Đang tải trọng lớn", "Lỗi: 3", "Calculus", "No. #", "##"],
)
def test_other_texts_with_such_signs_stay_texts(text) -> None:
    assert error_word(text) is None
