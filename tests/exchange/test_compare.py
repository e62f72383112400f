"""Two files of one report: changed cells, added and removed rows, figures and charts that move."""

import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace as altered

from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange.diff import compare, figures_that_move, moves
from thidua_analysis.findings import UsageError
from thidua_analysis.lineage import tracing
from thidua_analysis.submission import read_file

pytestmark = pytest.mark.slow

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
UNIT = "Toàn dân đoàn kết xây dựng nông thôn mới, đô thị văn minh"


@pytest.fixture
def pair(project, bloc):
    """A file, and a function that gives it back changed."""
    path = project / "data" / "raw" / "2023" / "mttq.xlsx"
    before = read_file(path, bloc)

    def changed(edit):
        book = openpyxl.load_workbook(path)
        edit(book)
        book.save(path.with_name("mttq_2.xlsx"))
        return read_file(path.with_name("mttq_2.xlsx"), bloc)

    return before, changed


def test_a_changed_cell_is_named_with_both_values_and_both_places(pair, bloc):
    before, changed = pair

    def edit(book):
        book["Chỉ tiêu"]["F2"] = 1010
        book["Chỉ tiêu"].insert_rows(2, 1)

    found = compare(before, changed(edit), bloc)
    (one,) = found.changed
    assert (one.table, one.field, one.before, one.after) == ("targets", "planned", "1.007", "1.010")
    assert (one.before_cell, one.after_cell) == ("Chỉ tiêu!F2", "Chỉ tiêu!F3")
    assert "Khu dân cư" in one.row
    assert (found.added, found.removed) == ((), ())


def test_a_difference_is_told_in_english_too(pair, bloc):
    before, changed = pair

    def edit(book):
        book["Chỉ tiêu"]["F2"] = 1010
        book["Chỉ tiêu"]["G2"] = "nhiều"

    found = compare(before, changed(edit), bloc, "en").changed
    assert [one.after for one in found] == ["1,010", "“nhiều” (error)"]


def test_values_are_printed_as_the_form_shows_them(pair, bloc):
    before, changed = pair

    def edit(book):
        book["Kết quả phong trào"]["E2"] = 48500
        book["Chỉ tiêu"]["H2"] = "20/12/2023"
        book["Chỉ tiêu"]["G4"] = "trên 2.000"
        book["Phong trào thi đua"]["C2"] = "Cụm, khối thi đua"
        book["Thông tin"]["B6"] = 3

    found = {
        one.field: (one.before, one.after) for one in compare(before, changed(edit), bloc).changed
    }
    assert found == {
        "value_vnd": ("5.558", "48.500"),
        "deadline": ("15/12/2023", "20/12/2023"),
        "actual": ("241", "trên 2.000"),
        "scope": ("Toàn quốc", "Cụm, khối thi đua"),
        "revision": ("2", "3"),
    }


def test_what_was_typed_wrongly_is_shown_as_such(pair, bloc):
    before, changed = pair
    found = compare(
        before, changed(lambda book: book["Khen thưởng"].__setitem__("E7", "mười")), bloc
    )
    (one,) = found.changed
    assert (one.before, one.after, one.after_cell) == ("6", "“mười” (lỗi)", "Khen thưởng!E7")


def test_rows_that_came_and_went_are_named(pair, bloc):
    before, changed = pair

    def edit(book):
        book["Sáng kiến"]["A3"] = "Toàn quốc"

    found = compare(before, changed(edit), bloc)
    assert [(one.table, one.row) for one in found.added] == [("initiatives", "Toàn quốc")]
    assert [(one.table, one.row) for one in found.removed] == [("initiatives", "Cấp tỉnh")]
    assert found.added[0].cell == "Sáng kiến!A3"


def test_rows_of_one_key_are_matched_in_their_order(pair, bloc):
    before, _ = pair
    row = before.rows["targets"][0]
    twice = replace(before, rows={"targets": (row, row)})
    other = altered(row, values={**row.values, "planned": 5})
    found = compare(twice, replace(before, rows={"targets": (row, other)}), bloc)
    assert [(c.before, c.after) for c in found.changed] == [("1.007", "5")]


def test_the_same_file_differs_in_nothing(pair, bloc):
    before, _ = pair
    assert compare(before, before, bloc).is_empty


def test_stages_of_the_blocs_scores_are_told_apart(project, bloc):
    path = project / "data" / "raw" / "2023" / "khoi.xlsx"
    before = read_file(path, bloc)
    book = openpyxl.load_workbook(path)
    book["Thẩm định"]["E2"] = 129
    book.save(path)
    (one,) = compare(before, read_file(path, bloc), bloc).changed
    assert (one.before, one.after) == ("130", "129")
    assert "Điểm khối thẩm định" in one.row


@pytest.mark.parametrize("change", [{"member": "hnd"}, {"year": 2022}, {"form": "TDKT-KHOI/1"}])
def test_files_of_two_reports_are_not_compared(pair, bloc, change):
    before, _ = pair
    with pytest.raises(UsageError, match="diff-of-two-reports"):
        compare(before, replace(before, **change), bloc)


# --- figures and charts ----------------------------------------------------------------------


def test_each_figure_that_moves_is_named_with_before_and_after(pair, bloc, project):
    before, changed = pair
    after = changed(lambda book: book["Sáng kiến"].__setitem__("C2", 42))
    moved = {one.id: one for one in figures_that_move(project / "data", before, after, bloc)}
    own = moved["initiatives_recognized/year=2023/member=mttq/level=unit"]
    assert (own.before, own.after) == ("41", "42")
    assert own.by == ("member", "level")
    assert "MTTQ" in own.about
    assert all("initiative" in one.indicator or "recognition" in one.indicator
               for one in moved.values())  # fmt: skip


def test_a_figure_of_the_bloc_moves_by_what_the_member_changed(pair, bloc, project):
    before, changed = pair
    after = changed(lambda book: book["Khen thưởng"].__setitem__("E4", 12))
    was = before.rows["commendations"][1].values["collectives"]
    moved = {one.id: one for one in figures_that_move(project / "data", before, after, bloc)}
    total = moved["commendations/year=2023"]
    numbers = [int(text.replace(".", "")) for text in (total.before, total.after)]
    assert numbers[1] - numbers[0] == 12 - was


def test_nothing_moves_where_only_a_remark_changed(pair, bloc, project):
    before, changed = pair
    after = changed(lambda book: book["Chỉ tiêu"].__setitem__("J2", "đã rà soát"))
    assert figures_that_move(project / "data", before, after, bloc) == []


def test_a_chart_moves_with_the_figures_that_it_draws(pair, bloc, project):
    before, changed = pair
    after = changed(lambda book: book["Khen thưởng"].__setitem__("E4", 12))
    shutil.copytree(NOTEBOOKS, project / "notebooks")
    figures, charts = moves(project / "data", before, after, bloc)
    moved = {one.id for one in figures}
    assert ("02_khen_thuong.ipynb", "bars") in {(c["notebook"], c["kind"]) for c in charts}
    tracing = {name for chart in charts for name in chart["figures"]}
    assert tracing & moved
    assert not {name.split("/")[0] for name in tracing} & {"attainment", "score_share"}


def test_every_chart_that_moves_was_announced_by_the_trace_of_the_cell(pair, bloc, project):
    """The target is missed afterwards: its chart and the days it was early move."""
    before, changed = pair
    after = changed(lambda book: book["Chỉ tiêu"].__setitem__("H2", 1))
    shutil.copytree(NOTEBOOKS, project / "notebooks")
    _, charts = moves(project / "data", before, after, bloc)
    ds = Dataset.open(project / "data")
    fed = tracing.charts_fed(ds, NOTEBOOKS, "2023/mttq.xlsx", "Chỉ tiêu", "H2")
    announced = {(c["notebook"], c["section"], c["kind"]) for c in fed}
    assert charts
    assert {(c["notebook"], c["section"], c["kind"]) for c in charts} <= announced
