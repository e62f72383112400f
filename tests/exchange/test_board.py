"""The board of who sent what: missing, late, unknown, revisions, errors."""

import datetime as dt
import io
import json

import openpyxl
import pytest
from rich.console import Console

from thidua_analysis.cli import show_exchange
from thidua_analysis.exchange.intake import status
from thidua_analysis.findings import NoDataError

TABLES = {"commendations", "targets", "results", "movements", "initiatives", "ranks", "scores"}


def of(board, member, year=2023):
    (place,) = [p for p in board.places if (p.member, p.year) == (member, year)]
    return place


@pytest.fixture
def received(project):
    (project / "data" / "raw" / "received.toml").write_text(
        '[[received]]\nfile = "2023/mttq.xlsx"\non = 2023-12-20\n'
        '[[received]]\nfile = "2023/ldld.xlsx"\non = 2023-12-21\n',
        encoding="utf-8",
    )
    return project


def test_every_member_stands_on_the_board_in_every_year_with_every_table(project):
    board = status(project / "data", today=dt.date(2024, 1, 1))
    assert {(p.year, p.member) for p in board.places} == {
        (year, member)
        for year in (2022, 2023)
        for member in ("mttq", "ldld", "lhpn", "hnd", "ccb", "dtn", None)
    }
    assert all(set(p.tables) == TABLES for p in board.places if p.member)
    assert of(board, "hnd").tables["targets"].rows == 6
    assert of(board, None).file == "2023/khoi.xlsx"


def test_late_is_after_the_deadline_and_unknown_without_a_receipt(received):
    board = status(received / "data", 2023, today=dt.date(2024, 1, 1))
    assert (of(board, "mttq").late, of(board, "ldld").late, of(board, "hnd").late) == (
        False, True, None,
    )  # fmt: skip


def test_a_member_without_a_file_is_missing_and_overdue_only_after_the_deadline(project):
    (project / "data" / "raw" / "2023" / "dtn.xlsx").unlink()
    before = of(status(project / "data", 2023, today=dt.date(2023, 12, 20)), "dtn")
    after = of(status(project / "data", 2023, today=dt.date(2023, 12, 21)), "dtn")
    assert (before.state, before.late, after.late) == ("missing", False, True)
    assert {one.state for one in after.tables.values()} == {"missing"}
    assert after.file is after.revision is None


def test_a_sheet_that_was_not_sent_and_one_that_is_empty_are_told_apart(project):
    path = project / "data" / "raw" / "2023" / "mttq.xlsx"
    book = openpyxl.load_workbook(path)
    del book["Xếp hạng"]
    book["Sáng kiến"].delete_rows(2, 5)
    book.save(path)
    tables = of(status(project / "data", 2023), "mttq").tables
    assert (tables["ranks"].state, tables["initiatives"].state) == ("missing", "empty")
    assert tables["targets"].state == "sent"


def test_a_chain_of_files_counts_its_newest_revision_and_its_first_receipt(received):
    folder = received / "data" / "raw" / "2023"
    book = openpyxl.load_workbook(folder / "mttq.xlsx")
    book["Thông tin"]["B6"] = 3
    book["Khen thưởng"]["E7"] = "mười"
    book.save(folder / "mttq_2.xlsx")
    with (folder.parent / "received.toml").open("a", encoding="utf-8") as file:
        file.write('[[received]]\nfile = "2023/mttq_2.xlsx"\non = 2024-01-09\n')
    place = of(status(received / "data", 2023), "mttq")
    assert (place.file, place.revision, place.files) == ("2023/mttq_2.xlsx", 3, 2)
    assert (place.received, place.late, place.errors) == (dt.date(2023, 12, 20), False, 1)
    assert place.tables["commendations"].errors == 1


def test_a_narrow_terminal_gets_one_column_for_all_sheets(project, bloc):
    book = openpyxl.load_workbook(project / "data" / "raw" / "2023" / "mttq.xlsx")
    del book["Xếp hạng"]
    book.save(project / "data" / "raw" / "2023" / "mttq.xlsx")
    board = status(project / "data", 2023, today=dt.date(2024, 1, 1))
    for width, words in ((200, "Phong trào thi đua"), (90, "6/7 (thiếu Xếp hạng)")):
        console = Console(width=width, file=io.StringIO())
        show_exchange.print_board(board, bloc, "vi", console)
        lines = console.file.getvalue()
        assert words in lines
        assert all(len(line) <= width for line in lines.splitlines())


def test_files_that_belong_to_nobody_are_listed(project):
    (project / "data" / "raw" / "2023" / "la.xlsx").write_bytes(b"nothing")
    (one,) = status(project / "data", 2023).unplaced
    assert (one.file, one.year, one.status) == ("2023/la.xlsx", 2023, "unreadable")


def test_a_new_year_without_files_shows_everybody_as_missing(project):
    (project / "data" / "raw" / "2024").mkdir()
    board = status(project / "data", today=dt.date(2024, 6, 1))
    assert {p.state for p in board.places if p.year == 2024} == {"missing"}
    assert of(board, "hnd", 2024).late is False


def test_nothing_at_all_is_refused(tmp_path, project):
    data = tmp_path / "empty"
    (data / "raw").mkdir(parents=True)
    (data / "raw" / "bloc.toml").write_bytes((project / "data" / "raw" / "bloc.toml").read_bytes())
    with pytest.raises(NoDataError):
        status(data)


def test_the_board_is_json(project):
    board = status(project / "data", 2023)
    record = json.loads(json.dumps(board.records(), ensure_ascii=False))
    assert record["due"] == {"2023": "2023-12-20"}
    assert {m["member"] for m in record["members"]} >= {"mttq", None}


def test_the_board_of_a_dataset_is_that_of_its_folder(received):
    from thidua_analysis.pipeline import load
    from thidua_analysis.publish.board import board_of

    assert board_of(load(received / "data"), [2023]) == status(received / "data", 2023)


# --- errors by table -------------------------------------------------------------------------


def two_tables_on_a_sheet(path):
    """Move the table of initiatives below that of ranks, and break a cell of each."""
    book = openpyxl.load_workbook(path)
    ranks, initiatives = book["Xếp hạng"], book["Sáng kiến"]
    first = ranks.max_row + 3
    for row in initiatives.iter_rows():
        for cell in row:
            ranks.cell(first + cell.row - 1, cell.column, cell.value)
    del book["Sáng kiến"]
    ranks["C2"] = "một hai"
    ranks.cell(first + 1, 3, "hai ba")
    book.save(path)
    return f"C{first + 1}"


def test_status_and_the_page_of_a_member_count_each_error_once_at_its_table(project, bloc):
    from thidua_analysis.dataset import Dataset
    from thidua_analysis.exchange import feedback
    from thidua_analysis.store.revisions import sent_files

    second = two_tables_on_a_sheet(project / "data" / "raw" / "2023" / "mttq.xlsx")
    place = of(status(project / "data", 2023), "mttq")
    ds = Dataset.open(project / "data")
    files = sent_files(ds.manifest)
    wrong = next(f for f in files if f.file == place.file).findings
    assert {f.cell for f in wrong if f.severity == "error"} >= {"C2", second}
    errors = {name: one.errors for name, one in place.tables.items()}
    assert (errors["ranks"], errors["initiatives"]) == (1, 1)
    assert sum(errors.values()) == place.errors
    report = feedback.Report(ds, files, {}, place, dt.date(2024, 1, 1))
    rows = feedback._tables(report)["table"]["rows"]
    assert [row[3] for row in rows] == list(errors.values())
    right = " ".join(feedback._right_things(report))
    assert "Xếp hạng" not in right
