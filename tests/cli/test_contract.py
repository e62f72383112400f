"""`thidua check` and `thidua rows` from outside: JSON, exit codes, plain words."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from thidua_analysis.store import inputs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "sample"
HOSTILE = ROOT / "tests" / "hostile"
FILE_KEYS = {"path", "sha256", "status", "form", "member", "year", "revision", "rows", "findings"}
FINDING_KEYS = {"code", "severity", "sheet", "cell", "heading", "value", "message", "suggestion"}


def thidua(*arguments, cwd=SAMPLE):
    return subprocess.run(
        [sys.executable, "-m", "thidua_analysis.cli.app", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip


@pytest.fixture
def project(tmp_path):
    """A project of its own with the samples of 2023."""
    raw = SAMPLE / "data" / "raw"
    shutil.copytree(raw / "2023", tmp_path / "data" / "raw" / "2023")
    for settings in raw.glob("*.toml"):
        shutil.copy(settings, tmp_path / "data" / "raw")
    return tmp_path


def test_check_prints_one_object_with_every_key():
    done = thidua("check", "data/raw/2023/hnd.xlsx", "--json")
    record = json.loads(done.stdout)
    assert list(record) == ["files"]
    (file,) = record["files"]
    assert set(file) == FILE_KEYS
    assert (file["status"], file["form"], file["member"], file["year"], file["revision"]) == (
        "warnings", "TDKT-DV/1", "hnd", 2023, 1,
    )  # fmt: skip
    assert file["rows"]["commendations"] == 19
    assert all(set(finding) == FINDING_KEYS for finding in file["findings"])
    assert done.returncode == 0


def test_check_all_lists_every_cell_that_is_in_no_row_and_no_finding():
    done = thidua("check", "data/raw/2023/hnd.xlsx", "--all", "--json")
    (file,) = json.loads(done.stdout)["files"]
    assert set(file) == FILE_KEYS | {"tally", "outside"}
    counts, listed = file["tally"], file["outside"]
    assert counts["read"] == counts["stored"] + counts["reported"] + counts["outside"]
    assert counts["outside"] == sum(one["cells"] for one in listed)
    assert {"sheet": "Sáng kiến", "range": "A1:E1", "reason": "heading", "cells": 5} in listed


def test_check_all_says_in_words_where_the_cells_went_and_names_nobody():
    signed = ROOT / "tests" / "should_pass" / "khoi-chu-ky.xlsx"
    done = thidua("check", signed, HOSTILE / "42_csv_named_xlsx.xlsx", "--all")
    assert "Sáng kiến · phần ký tên: D5:D7, A6:A7, A9, D9" in done.stdout
    assert "ô có nội dung =" in done.stdout
    assert "Nguyễn Văn Mẫu" not in done.stdout
    for language in ("vi", "en"):
        listed = thidua("check", signed.parent, "data/raw/2023", "--all", "--lang", language)
        assert (listed.returncode, listed.stderr) == (1, "")


def test_warnings_alone_exit_with_0_and_a_whole_year_can_be_checked():
    done = thidua("check", "data/raw/2023", "--json")
    assert done.returncode == 0, done.stdout
    assert len(json.loads(done.stdout)["files"]) == 7


def test_an_unreadable_file_exits_with_3_and_the_others_are_still_checked():
    done = thidua("check", HOSTILE / "42_csv_named_xlsx.xlsx", "data/raw/2023/mttq.xlsx", "--json")
    inputs = json.loads(done.stdout)["files"]
    assert [f["status"] for f in inputs] == ["unreadable", "ok"]
    assert done.returncode == 3


def test_errors_exit_with_1_and_unreadable_wins_over_errors():
    errors = HOSTILE / "00_minimal_ok.xlsx"
    assert thidua("check", errors).returncode == 1
    assert thidua("check", errors, HOSTILE / "44_truncated.xlsx").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "khong-co.xlsx"), "khong-co.xlsx"),
        (("check",), ""),
        (("rows", "khong-co.xlsx"), "khong-co.xlsx"),
        (("check", "data/raw/2024"), "data/raw/2024"),
        (("nonsense",), ""),
        (("check", "data/raw/2023", "--lang", "fr"), ""),
    ],
)
def test_wrong_usage_exits_with_2_and_no_traceback(arguments, words):
    done = thidua(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "vietnamese", "english"),
    [
        (("check",), "Thiếu PATH. Xem cách gọi: thidua check --help", "PATH is missing."),
        (("figures",), "Thiếu --year.", "--year is missing."),
        (("figures", "--years"), "Không có tùy chọn --years.", "There is no option --years."),
        (("figures", "--year", "x"), "Giá trị của --year phải là", "The value of --year must be"),
        (
            ("export", "--year", "2023", "--what", "anh"),
            "Giá trị “anh” của --what không dùng được. Chọn một trong: charts, slides,",
            "The value “anh” of --what cannot be used. Choose one of: charts, slides,",
        ),
        (
            ("export", "--year", "2023", "--what", "slides", "--out", "data/raw/bloc.toml"),
            "Không mở hoặc không ghi được data/raw/bloc.toml",
            "data/raw/bloc.toml cannot be opened or written",
        ),
        (("figures", "--year"), "Tùy chọn --year cần", "The option --year needs"),
        (("nonsense",), "Không có lệnh “nonsense”", "There is no command “nonsense”"),
        (("rows", "data/raw/2023"), "data/raw/2023 là thư mục", "data/raw/2023 is a folder"),
        (("diff", "data", "data"), "data là thư mục", "data is a folder"),
        (
            ("build", "--data", "trong"),
            "trong không phải thư mục dữ liệu",
            "trong is no data folder",
        ),
    ],
)
def test_a_wrong_call_is_explained_in_both_languages(arguments, vietnamese, english, project):
    (project / "trong").mkdir()
    said = {}
    for lang in ("vi", "en"):
        last = ("--lang", lang) if arguments != ("figures", "--year") else ()
        done = thidua(*arguments[:1], *last, *arguments[1:], cwd=project)
        assert (done.returncode, done.stdout) == (2, "")
        said[lang] = done.stderr
    assert vietnamese in said["vi"]
    if arguments != ("figures", "--year"):
        assert english in said["en"]


def test_the_version_is_told():
    assert thidua("--version").stdout.startswith("thidua-analysis ")


@pytest.mark.parametrize("refused", [PermissionError(13, "Permission denied", "x/y.xlsx")])
def test_what_the_system_refuses_is_named_and_no_bug(refused, monkeypatch, capsys):
    from thidua_analysis.cli import app
    from thidua_analysis.store import inputs

    def find_data(*_):
        raise refused

    monkeypatch.setattr(inputs, "find_data", find_data)
    monkeypatch.setattr(sys, "argv", ["thidua", "build"])
    with pytest.raises(SystemExit) as left:
        app.main()
    assert left.value.code == 2
    assert "x/y.xlsx: không có quyền" in capsys.readouterr().err


def test_what_nobody_expected_is_said_without_the_words_of_a_library(monkeypatch, capsys):
    from thidua_analysis.cli import app
    from thidua_analysis.store import inputs

    def find_data(*_):
        raise ValueError("something broke in here")

    monkeypatch.delenv("THIDUA_DEBUG", raising=False)
    monkeypatch.setattr(inputs, "find_data", find_data)
    monkeypatch.setattr(sys, "argv", ["thidua", "build"])
    with pytest.raises(SystemExit) as left:
        app.main()
    said = capsys.readouterr().err
    assert (left.value.code, "broke" in said, "--verbose" in said) == (70, False, True)


def test_who_stops_a_command_is_told_that_nothing_changed(monkeypatch, capsys):
    from thidua_analysis.cli import app
    from thidua_analysis.store import inputs

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(inputs, "find_data", stopped)
    monkeypatch.setattr(sys, "argv", ["thidua", "build"])
    with pytest.raises(SystemExit) as left:
        app.main()
    assert left.value.code == 130
    assert "Đã dừng theo yêu cầu" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("check",), ("rows",), ("map",), ("diff", "a.xlsx")])
def test_a_file_that_the_system_refuses_to_open_cannot_be_read(
    command, tmp_path, monkeypatch, capsys
):
    from thidua_analysis.cli import app
    from thidua_analysis.store import inputs

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "a.xlsx")

    (tmp_path / "a.xlsx").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THIDUA_DATA", str(SAMPLE / "data"))
    monkeypatch.setattr(inputs, "read_bytes", refuse)
    monkeypatch.setattr(sys, "argv", ["thidua", *command, "a.xlsx"])
    with pytest.raises(SystemExit) as left:
        app.main()
    assert left.value.code == 3
    said = capsys.readouterr()
    assert "không có quyền" in said.out + said.err
    assert "Permission denied" not in said.out + said.err


def test_messages_come_in_vietnamese_and_in_english():
    path = HOSTILE / "38_encrypted.xlsx"
    assert "mật khẩu" in thidua("check", path).stdout
    assert "password" in thidua("check", path, "--lang", "en").stdout


def test_rows_of_an_unreadable_file_is_an_empty_object_and_says_why():
    done = thidua("rows", HOSTILE / "44_truncated.xlsx", "--json")
    assert (json.loads(done.stdout), done.returncode) == ({}, 3)
    assert "hỏng" in done.stderr


def test_a_broken_bloc_file_is_named_with_its_line(project):
    bloc = project / "data" / "raw" / "bloc.toml"
    bloc.write_text("id = laichau\n" + bloc.read_text(encoding="utf-8"), encoding="utf-8")
    done = thidua("check", "data/raw/2023/mttq.xlsx", cwd=project)
    assert done.returncode == 2
    assert "bloc.toml" in done.stderr
    assert "dòng 1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_whose_bloc_file_is_gone_is_not_taken_for_another_project(project):
    (project / "data" / "raw" / "bloc.toml").unlink()
    done = thidua("status", cwd=project)
    assert done.returncode == 2
    assert str(project / "data" / "raw" / "bloc.toml") in done.stderr


def test_an_unknown_entry_of_the_bloc_file_is_named(project):
    bloc = project / "data" / "raw" / "bloc.toml"
    bloc.write_text("thanhvien = 1\n" + bloc.read_text(encoding="utf-8"), encoding="utf-8")
    done = thidua("check", "data/raw/2023/mttq.xlsx", cwd=project)
    assert (done.returncode, "thanhvien" in done.stderr) == (2, True)


def test_two_members_with_one_spelling_are_refused(project):
    bloc = project / "data" / "raw" / "bloc.toml"
    text = bloc.read_text(encoding="utf-8").replace('"HNDT"', '"HNDT", "Hội CCB tỉnh"')
    bloc.write_text(text, encoding="utf-8")
    done = thidua("check", "data/raw/2023/mttq.xlsx", cwd=project)
    assert (done.returncode, "Hội CCB tỉnh" in done.stderr) == (2, True)


def test_another_bloc_is_another_file(project):
    """Another province's members are recognised by their own bloc file, without code."""
    bloc = project / "data" / "raw" / "bloc.toml"
    text = bloc.read_text(encoding="utf-8").replace('"Lai Châu"', '"Điện Biên"')
    bloc.write_text(text, encoding="utf-8")
    done = thidua("check", "data/raw/2023/mttq.xlsx", "--json", cwd=project)
    codes = {f["code"] for f in json.loads(done.stdout)["files"][0]["findings"]}
    assert "member-unknown" in codes  # the file names Lai Châu


def test_two_files_of_one_revision_name_each_other(project):
    folder = project / "data" / "raw" / "2023"
    shutil.copy(folder / "ccb.xls", folder / "ccb-2.xls")
    done = thidua("check", folder, "--json", cwd=project)
    twins = [
        f["path"]
        for f in json.loads(done.stdout)["files"]
        if any(x["code"] == "duplicate-submission" for x in f["findings"])
    ]
    assert [Path(p).name for p in twins] == ["ccb-2.xls"]


def test_a_file_that_is_named_several_times_is_checked_once(tmp_path, monkeypatch):
    folder = tmp_path / "2023"
    folder.mkdir()
    (folder / "a.xlsx").write_bytes(b"")
    (tmp_path / "b.xlsx").symlink_to(folder / "a.xlsx")
    (folder / "c.xlsx").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    paths = [folder, folder / "a.xlsx", Path("2023/a.xlsx"), Path("2023/../b.xlsx")]
    assert [path.name for path in inputs.given(paths)] == ["a.xlsx", "c.xlsx"]
