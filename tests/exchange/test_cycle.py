"""The whole exchange of a year, from the template to the report, with nothing retyped."""

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pytest

import thidua_analysis as td
from thidua_analysis import pipeline
from thidua_analysis.exchange.diff import compare, figures_that_move
from thidua_analysis.exchange.feedback import feedback
from thidua_analysis.exchange.intake import add, status
from thidua_analysis.exchange.year_start import new_year
from thidua_analysis.form.forms import current
from thidua_analysis.submission import read_file

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MEMBERS = ("mttq", "ldld", "lhpn", "hnd", "ccb", "dtn")
SENT, SENT_AGAIN = dt.date(2024, 12, 18), dt.date(2025, 1, 6)


def change(path, cells, target):
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    book.save(target)
    return target


def of(board, member):
    (place,) = [p for p in board.places if p.member == member]
    return place


@pytest.fixture
def year(project, bloc, submissions, fill):
    """Templates of 2024, filled in with what members sent for 2023."""
    done = new_year(project / "data", 2024)
    last = {s.member: s for s in submissions if s.year == 2023 and s.member}
    form = current("unit")
    paths = {
        member: fill(path, form, bloc, last[member].rows)
        for member, path in zip(MEMBERS, done.templates, strict=False)
    }
    return project, paths


def test_template_errors_check_feedback_revision_build_and_diff(year, bloc, tmp_path):
    project, filled = year
    data = project / "data"
    wrong = {
        ("Khen thưởng", "A4"): "Cấp huyện",
        ("Khen thưởng", "H5"): "chín",
        ("Chỉ tiêu", "F2"): "12.34.567",
        ("Chỉ tiêu", "H3"): "31/12",
        ("Xếp hạng", "C2"): "=1+1",
    }
    bad = change(filled["mttq"], wrong, tmp_path / "Báo cáo MTTQ.xlsx")

    # the file comes in and is checked
    (one,) = add(data, [bad], on=SENT)
    assert one.file == "2024/mttq.xlsx"
    errors = {(f.sheet, f.cell) for f in one.checked.submission.findings if f.severity == "error"}
    assert errors >= set(wrong)
    place = of(status(data, 2024, today=SENT), "mttq")
    assert (place.late, place.errors >= len(wrong), place.revision) == (False, True, 1)

    # the marked copy goes back
    answer = feedback(data, 2024, "mttq", today=SENT)
    (copy,) = answer.copies
    marked = openpyxl.load_workbook(copy.path)
    assert all(marked[sheet][cell].comment for sheet, cell in wrong)
    assert marked.sheetnames[0] == "Cần sửa"

    # it is mended in the marked copy itself, and sent again
    mended = {
        ("Khen thưởng", "A4"): "Cấp tỉnh",
        ("Khen thưởng", "H5"): 9,
        ("Chỉ tiêu", "F2"): 1100,
        ("Chỉ tiêu", "H3"): dt.date(2024, 12, 31),
        ("Xếp hạng", "C2"): "9",
        ("Thông tin", "B6"): 2,
    }
    right = change(copy.path, mended, tmp_path / "Báo cáo MTTQ lần 2.xlsx")
    (two,) = add(data, [right], on=SENT_AGAIN)
    assert two.file == "2024/mttq_2.xlsx"
    left = [f for f in two.checked.submission.findings if f.severity == "error"]
    assert {(f.sheet, f.cell) for f in left} & set(wrong) == set()

    # the chain: the second counts, the first is kept
    place = of(status(data, 2024, today=SENT_AGAIN), "mttq")
    assert (place.file, place.files, place.revision) == ("2024/mttq_2.xlsx", 2, 2)
    assert (place.received, place.late) == (SENT, False)
    manifest = pipeline.build(data).manifest
    used = {f["file"]: f["used"] for f in manifest["files"] if f["file"].startswith("2024/")}
    assert used == {"2024/mttq.xlsx": False, "2024/mttq_2.xlsx": True}
    assert "2024/mttq.xlsx" not in pipeline.build(data).wrong  # its errors are mended
    again = feedback(data, 2024, "mttq", today=SENT_AGAIN)
    assert [path.name for path in again.aside] == ["mttq-can-sua.xlsx"]
    assert again.aside[0].read_bytes()
    assert not (again.folder / "mttq-can-sua.xlsx").exists()
    assert feedback(data, 2024, "mttq", today=SENT_AGAIN).aside == ()
    page = again.pages["mttq"].read_text(encoding="utf-8")
    assert "so với lần gửi trước" in page

    # what changed, and which figures with it
    first, second = (read_file(data / "raw" / o.file, bloc) for o in (one, two))
    found = compare(first, second, bloc)
    changed = {c.after_cell: c.after for c in found.changed}
    assert changed["Chỉ tiêu!F2"] == "1.100"
    assert changed["Xếp hạng!C2"] == "9"
    assert any(line.cell == "Khen thưởng!A4" for line in found.added)
    moved = {m.indicator for m in figures_that_move(data, first, second, bloc)}
    assert moved >= {"commendations", "attainment", "rank"}


@pytest.mark.slow
def test_a_year_that_went_through_the_exchange_makes_a_report(year):
    project, filled = year
    data = project / "data"
    done = add(data, filled.values(), on=SENT)
    assert [one.file for one in done] == [f"2024/{member}.xlsx" for member in MEMBERS]
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    (data / "raw" / "published.toml").write_text("# chưa công bố\n", encoding="utf-8")
    result = td.report(data, 2024)
    assert result.failed == ()
    front = (project / "reports" / "2024" / "index.html").read_text(encoding="utf-8")
    assert "2024" in front
    assert not [p for p in status(data, 2024).places if p.member and p.state != "sent"]
