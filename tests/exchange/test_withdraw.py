"""What does not count: withdrawn files, files of another year, and files that nothing reads."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from thidua_analysis import indicators, pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange import late
from thidua_analysis.exchange.intake import status, withdraw
from thidua_analysis.findings import UsageError
from thidua_analysis.lineage import register
from thidua_analysis.store import inputs

pytestmark = pytest.mark.slow

DAY = dt.date(2024, 2, 1)


def edit(source, target, revision=3, **cells):
    book = openpyxl.load_workbook(source)
    book["Thông tin"]["B6"] = revision
    for cell, value in cells.items():
        book["Thông tin"][cell] = value
    target.parent.mkdir(exist_ok=True)
    book.save(target)


def place(board, member, year=2023):
    (found,) = [p for p in board.places if (p.member, p.year) == (member, year)]
    return found


def figures(data, year=2023):
    pipeline.build(data)
    return {f["id"]: f["text"] for f in register.figures(Dataset.open(data), year)}


@pytest.fixture
def data(project):
    return project / "data"


@pytest.fixture
def published(data):
    (data / "raw" / "published.toml").write_text(
        '[[claim]]\nid = "a"\nyear = 2023\nkind = "number"\n'
        'text = { vi = "a", en = "a" }\nsource = "a"\n',
        encoding="utf-8",
    )
    late.hold(data, [2023])
    return data


@pytest.fixture
def thidua(project):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "thidua_analysis.cli.app", *map(str, arguments)],
            cwd=project, capture_output=True, text=True, encoding="utf-8", env=os.environ,
        )  # fmt: skip

    return run


# --- withdrawn files -------------------------------------------------------------------------


def test_a_withdrawn_file_stays_and_the_one_before_counts_again(data):
    folder = data / "raw" / "2023"
    before = figures(data)
    edit(folder / "mttq.xlsx", folder / "mttq_2.xlsx")
    assert place(status(data), "mttq").file == "2023/mttq_2.xlsx"
    withdraw(data, folder / "mttq_2.xlsx", "Gửi nhầm", on=DAY)
    board = status(data)
    assert place(board, "mttq").file == "2023/mttq.xlsx"
    assert (folder / "mttq_2.xlsx").is_file()
    assert figures(data) == before
    (out,) = board.turned_away(place(board, "mttq"))
    assert (out.file, out.record("vi")["code"]) == ("2023/mttq_2.xlsx", "withdrawn")
    assert "2023/mttq_2.xlsx" in out.line("vi")
    assert out.why() == "Rút ngày 01/02/2024: Gửi nhầm."
    assert json.loads(json.dumps(board.records("en")))["unplaced"][0]["withdrawn"] == {
        "file": "2023/mttq_2.xlsx", "on": "2024-02-01", "reason": "Gửi nhầm", "undone": False,
    }  # fmt: skip


def test_without_its_only_file_a_member_is_missing_until_it_is_undone(data):
    before = figures(data)
    withdraw(data, data / "raw" / "2023" / "hnd.xlsx", "Đơn vị xin rút", on=DAY)
    found = figures(data)
    assert (found["sent/year=2023"], before["sent/year=2023"]) == ("5/6", "6/6")
    assert place(status(data), "hnd").state == "missing"
    withdraw(data, data / "raw" / "2023" / "hnd.xlsx", "", undo=True)
    assert inputs.read_withdrawals(data) == {}
    assert figures(data) == before
    text = (data / "raw" / inputs.WITHDRAWN.file).read_text(encoding="utf-8")
    assert text.count("[[withdrawn]]") == 2


def test_the_day_of_a_withdrawn_file_is_no_day_of_receipt(data):
    (data / "raw" / "received.toml").write_text(
        '[[received]]\nfile = "2023/mttq.xlsx"\non = 2023-12-01\n', encoding="utf-8"
    )
    assert figures(data)["timeliness/year=2023"] == "1/1"
    withdraw(data, data / "raw" / "2023" / "mttq.xlsx", "Sai", on=DAY)
    assert figures(data)["timeliness/year=2023"] == "0/1"


@pytest.mark.parametrize(
    ("file", "reason", "undo", "key"),
    [
        ("2023/hnd.xlsx", " ", False, "withdraw-no-reason"),
        ("2023/khong-co.xlsx", "Sai", False, "withdraw-no-file"),
        ("bloc.toml", "Sai", False, "withdraw-no-file"),
        ("2023/hnd.xlsx", "", True, "withdraw-not-out"),
        ("2023/ccb.xls", "Sai", False, "withdraw-out"),
    ],
)
def test_what_cannot_be_withdrawn_is_refused_and_nothing_is_written(data, file, reason, undo, key):
    withdraw(data, data / "raw" / "2023" / "ccb.xls", "Sai")
    before = (data / "raw" / inputs.WITHDRAWN.file).read_bytes()
    with pytest.raises(UsageError, match=key):
        withdraw(data, data / "raw" / file, reason, undo=undo)
    assert (data / "raw" / inputs.WITHDRAWN.file).read_bytes() == before


def test_a_file_of_a_published_year_is_withdrawn_only_where_that_is_accepted(published):
    path = published / "raw" / "2023" / "hnd.xlsx"
    with pytest.raises(UsageError, match="withdraw-published"):
        withdraw(published, path, "Sai")
    withdraw(published, path, "Sai", accept=True, on=DAY)
    (change,) = late.ACCEPTED.read(published)
    assert (change.file, change.sha256, change.reason) == ("2023/hnd.xlsx", "", "Sai")
    assert late.late_changes(published) == ()
    with pytest.raises(UsageError, match="withdraw-published"):
        withdraw(published, path, "", undo=True)
    withdraw(published, path, "", undo=True, accept=True)
    assert late.late_changes(published) == ()


def test_a_file_that_was_withdrawn_by_hand_stops_the_build_of_a_published_year(published):
    (published / "raw" / inputs.WITHDRAWN.file).write_text(
        '[[withdrawn]]\nfile = "2023/hnd.xlsx"\non = 2024-02-01\nreason = "Sai"\n', encoding="utf-8"
    )
    (change,) = late.late_changes(published)
    assert (change.file, change.how) == ("2023/hnd.xlsx", "removed")


def test_the_command_says_what_it_did_in_both_languages(thidua, data):
    file = data / "raw" / "2023" / "hnd.xlsx"
    done = thidua("withdraw", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--reason" in done.stderr
    done = thidua("withdraw", file, "--reason", "Gửi nhầm", "--json")
    assert json.loads(done.stdout)["reason"] == "Gửi nhầm"
    assert "(đã rút). Rút ngày" in thidua("status").stdout
    done = thidua("withdraw", file, "--undo", "--lang", "en")
    assert (done.returncode, done.stdout) == (0, "2023/hnd.xlsx counts again.\n")


# --- members by year, and rejected files -----------------------------------------------------


def test_a_report_after_the_last_year_of_a_member_is_reported_and_not_counted(data):
    path = data / "raw" / "bloc.toml"
    bloc = path.read_text(encoding="utf-8")
    assert bloc.count('id = "hnd"\n') == 1
    path.write_text(bloc.replace('id = "hnd"\n', 'id = "hnd"\nlast_year = 2022\n'), "utf-8")
    found = figures(data)
    assert found["sent/year=2023"] == "5/5"
    assert not [n for n in found if n.startswith("commendations/") and "member=hnd" in n]
    board = status(data)
    (out,) = [one for one in board.unplaced if one.member == "hnd"]
    assert (out.year, out.record("vi")["code"]) == (2023, "member-unknown")
    assert "…–2022" in out.why()
    assert place(board, "hnd", 2022).state == "sent"


def test_a_file_of_2023_that_was_given_to_2024_moves_no_figure_of_2023(data):
    (data / "raw" / "received.toml").write_text(
        '[[received]]\nfile = "2024/hnd.xlsx"\non = 2023-12-01\n'
        '[[received]]\nfile = "2023/hnd.xlsx"\non = 2023-12-24\n',
        encoding="utf-8",
    )
    before = figures(data)
    assert before["timeliness/year=2023"] == "0/1"
    edit(data / "raw" / "2023" / "hnd.xlsx", data / "raw" / "2024" / "hnd.xlsx")
    assert figures(data) == before
    row = next(
        row for row in Dataset.open(data).records("submissions") if row["file"] == "2024/hnd.xlsx"
    )
    assert (row["year"], row["used"], row["errors"]) == (2024, False, 1)
    board = status(data)
    (out,) = board.turned_away(place(board, "hnd", 2024))
    assert out.record("vi")["code"] == "year-mismatch"
    assert place(board, "hnd", 2023).files == 1


@pytest.mark.parametrize(
    ("content", "code"), [(b"PK\x03\x04", "file-damaged"), (b"a;b\n1;2\n", "file-not-spreadsheet")]
)
def test_the_true_reason_stands_beside_a_member_that_counts_as_missing(data, content, code):
    (data / "raw" / "2023" / "hnd.xlsx").write_bytes(content)
    board = status(data)
    (out,) = board.turned_away(place(board, "hnd"))
    assert out.record("vi")["code"] == code
    assert place(board, "hnd").state == "missing"


def test_a_file_without_a_known_form_is_the_reason_too(data):
    book = openpyxl.Workbook()
    book.active.append(["Ngày", "Nội dung"])
    book.save(data / "raw" / "2023" / "hnd.xlsx")
    board = status(data)
    assert [one.record("vi")["code"] for one in board.turned_away(place(board, "hnd"))] == [
        "form-unknown"
    ]


def test_half_a_year_is_said_to_be_one(data, thidua):
    path = data / "raw" / "2023" / "mttq.xlsx"
    edit(path, path, B4="6 tháng đầu năm")
    assert place(status(data), "mttq").period == "six_months"
    assert "mới 6 tháng đầu năm" in thidua("status", "--year", 2023).stdout


# --- what nothing reads ----------------------------------------------------------------------


@pytest.fixture
def spare(data):
    """Files that are named, and files that are not."""
    folder = data / "raw" / "2023"
    (folder / "giai-nen").mkdir()
    named = ["bao-cao.docx", "so-lieu.csv", "tat-ca.ZIP", "scan.pdf", "cu.doc", "cu.rar", "khong"]
    for name in (*named, "giai-nen/hnd.xlsx"):
        (folder / name).write_bytes(b"x")
    for name in ("~$mttq.xlsx", ".DS_Store", "Thumbs.db", "hnd-can-sua.html", "desktop.ini"):
        (folder / name).write_bytes(b"x")
    (data / "raw" / "README.md").write_text("a", encoding="utf-8")
    return [f"2023/{name}" for name in (*named, "giai-nen/hnd.xlsx")]


def test_build_and_status_name_every_file_that_nothing_reads(data, spare):
    assert sorted(pipeline.build(data).not_read) == sorted(spare)
    assert sorted(status(data).not_read) == sorted(spare)


def test_the_commands_print_them(thidua, data, spare):
    printed = thidua("check", data / "raw" / "2023")
    for name in spare[:-1]:
        assert name in printed.stdout, name
    record = json.loads(thidua("check", data / "raw" / "2023", "--json").stdout)
    assert len(record["not_read"]) == len(spare) - 1
    assert not any("DS_Store" in name or "~$" in name for name in record["not_read"])
    for command in (("build",), ("status",), ("build", "--json"), ("status", "--json")):
        done = thidua(*command)
        assert all(name in done.stdout for name in spare), (command, done.stderr)


def test_a_folder_with_other_files_alone_names_them(thidua, tmp_path):
    (tmp_path / "chi-co").mkdir()
    (tmp_path / "chi-co" / "bao-cao.docx").write_bytes(b"x")
    done = thidua("check", tmp_path / "chi-co")
    assert (done.returncode, "bao-cao.docx" in done.stderr) == (2, True)


def test_completeness_and_errors_leave_rejected_files_out(data):
    before = indicators.error_rate(_built(data))
    edit(data / "raw" / "2023" / "hnd.xlsx", data / "raw" / "2024" / "hnd.xlsx")
    assert (
        indicators.error_rate(_built(data))
        .drop(columns="lineage")
        .equals(before.drop(columns="lineage"))
    )


def _built(data):
    pipeline.build(data)
    return Dataset.open(data)


def test_a_withdrawn_file_is_checked_only_where_it_is_named(data):
    edit(data / "raw" / "2023" / "hnd.xlsx", data / "raw" / "2023" / "lạ.xlsx", B2="Hội lạ")
    withdraw(data, Path("2023/lạ.xlsx"), "gửi nhầm", on=DAY)

    def checked(*paths):
        command = [
            sys.executable,
            "-m",
            "thidua_analysis",
            "check",
            "--data",
            str(data),
            *map(str, paths),
        ]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")

    whole = checked(data / "raw" / "2023")
    assert (whole.returncode, "member-unknown" in whole.stdout) == (0, False)
    assert f"Không kiểm tra: {data / 'raw' / '2023' / 'lạ.xlsx'} (đã rút)" in whole.stdout
    assert checked(data / "raw" / "2023" / "lạ.xlsx").returncode == 1
