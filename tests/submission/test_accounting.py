"""Every cell that was read is stored, reported or listed outside the tables; none is lost."""

from pathlib import Path, PurePath

import pytest
from hypothesis import HealthCheck, given, settings

from thidua_analysis import excel
from thidua_analysis.submission.accounting import account
from thidua_analysis.submission.reading import read_workbook

from .conftest import workbooks

RAW = Path(__file__).parents[2] / "data" / "raw"


@pytest.mark.parametrize(
    "path", sorted(RAW.glob("20*/*")), ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_every_cell_of_a_sample_is_accounted_for(path, bloc):
    book = excel.read(path.read_bytes(), path.name).workbook
    read = account(read_workbook(book, path, bloc))
    assert read.balances, sorted(read.lost)
    assert len(read.stored) > 300
    assert read.outside["heading"]


@given(book=workbooks())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_filled_cell_of_any_grid_is_lost(book, bloc):
    reading = read_workbook(book, PurePath("gửi/tệp.xlsx"), bloc)
    found = account(reading)
    assert found.balances, sorted(found.lost)


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
    assert {p[1:] for p in found.reported} == {(3, 2), (3, 3)}
    assert [(f.code, f.cell) for f in reading.found if f.cell == "A3"] == [
        ("required-missing", "A3")
    ]
    assert len(reading.rows["initiatives"]) == 1
