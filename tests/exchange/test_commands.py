"""The commands from outside: what they print, write and exit with; no traceback ever."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def thidua(project):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "thidua_analysis.cli.app", *map(str, arguments)],
            cwd=project, capture_output=True, text=True, encoding="utf-8",
            env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip

    return run


def test_template_writes_one_file_and_says_where(thidua, project):
    done = thidua("template", "--year", 2024, "--member", "hnd")
    path = Path(done.stdout.strip())
    assert (done.returncode, path.name) == (0, "bieu-mau-2024-hnd.xlsx")
    assert path.parent == project.resolve() / "reports" / "2024" / "mau-bao-cao"
    record = json.loads(thidua("template", "--year", 2024, "--member", "hnd", "--json").stdout)
    assert record == {"templates": [str(path)]}


def test_add_copies_checks_and_exits_like_check(thidua, project, tmp_path):
    path = tmp_path / "gui.xlsx"
    book = openpyxl.load_workbook(project / "data" / "raw" / "2023" / "mttq.xlsx")
    book["Khen thưởng"]["E7"] = "mười"
    book.save(path)
    done = thidua("add", path, "--on", "05/01/2024")
    assert done.returncode == 1
    assert "data/raw/2023/mttq_2.xlsx" in done.stdout
    assert "Khen thưởng!E7" in done.stdout
    received = (project / "data" / "raw" / "received.toml").read_text(encoding="utf-8")
    assert "on = 2024-01-05" in received
    again = json.loads(thidua("add", path, "--json").stdout)["files"][0]
    assert (again["outcome"], again["file"], again["checked"]) == (
        "known", "2023/mttq_2.xlsx", None,
    )  # fmt: skip


def test_add_to_a_published_year_is_refused_without_accept(thidua, project, tmp_path):
    shutil.copy(
        ROOT / "tests" / "sample" / "data" / "raw" / "published.toml", project / "data" / "raw"
    )
    path = tmp_path / "gui.xlsx"
    book = openpyxl.load_workbook(project / "data" / "raw" / "2023" / "mttq.xlsx")
    book.save(path)
    refused = thidua("add", path)
    assert (refused.returncode, "--accept" in refused.stderr) == (2, True)
    assert thidua("add", path, "--accept", "--reason", "công văn").returncode == 0
    accepted = (project / "data" / "raw" / "accepted.toml").read_text(encoding="utf-8")
    assert 'reason = "công văn"' in accepted


def test_status_prints_the_board_and_the_same_as_json(thidua):
    done = thidua("status", "--year", 2023)
    assert done.returncode == 0
    assert "Hội Nông dân" in done.stdout
    assert "hạn gửi 20/12/2023" in done.stdout
    record = json.loads(thidua("status", "--year", 2023, "--json").stdout)
    assert {m["member"] for m in record["members"]} == {
        "mttq", "ldld", "lhpn", "hnd", "ccb", "dtn", None,
    }  # fmt: skip


def test_feedback_says_what_became_of_each_file(thidua, project):
    done = thidua("feedback", "--year", 2023, "--lang", "en")
    assert done.returncode == 0
    assert "2023/hnd.xlsx → hnd-can-sua.xlsx (marked in the file itself)" in done.stdout
    assert (project / "reports" / "2023" / "gui-lai" / "hnd.html").is_file()
    record = json.loads(thidua("feedback", "--year", 2023, "--member", "hnd", "--json").stdout)
    assert [c["file"] for c in record["copies"]] == ["2023/hnd.xlsx"]


def test_diff_exits_with_1_where_something_changed_and_0_where_nothing_did(thidua, project):
    folder = project / "data" / "raw" / "2023"
    book = openpyxl.load_workbook(folder / "mttq.xlsx")
    book["Sáng kiến"]["C2"] = 42
    book.save(folder / "mttq_2.xlsx")
    done = thidua("diff", folder / "mttq.xlsx", folder / "mttq_2.xlsx")
    assert done.returncode == 1
    assert "Sáng kiến!C2 Số được công nhận [Cấp cơ sở]: 41 → 42" in done.stdout
    record = json.loads(
        thidua("diff", folder / "mttq.xlsx", folder / "mttq_2.xlsx", "--json").stdout
    )
    assert record["changed"][0]["after"] == "42"
    assert {f["indicator"] for f in record["figures"]} >= {"initiatives_recognized"}
    assert thidua("diff", folder / "mttq.xlsx", folder / "mttq.xlsx").returncode == 0


def test_diff_of_an_unreadable_file_exits_with_3_and_of_two_members_with_2(thidua, project):
    folder = project / "data" / "raw" / "2023"
    (folder / "hong.xlsx").write_bytes(b"PK\x03\x04")
    assert thidua("diff", folder / "mttq.xlsx", folder / "hong.xlsx").returncode == 3
    assert thidua("diff", folder / "mttq.xlsx", folder / "hnd.xlsx").returncode == 2


def test_new_year_prints_what_it_made_and_what_to_think_about(thidua):
    done = thidua("new-year", 2024)
    assert done.returncode == 0
    assert "viec-can-lam.md" in done.stdout
    assert "Tỷ lệ (%)" in done.stdout
    record = json.loads(thidua("new-year", 2024, "--json").stdout)
    assert record["checklist"] is None
    assert len(record["templates"]) == 7


def test_map_prints_toml_with_remarks(thidua, project):
    import tomllib

    path = project / "data" / "raw" / "2023" / "mttq.xlsx"
    book = openpyxl.load_workbook(path)
    book["Chỉ tiêu"]["F1"] = "Kế hoạch được giao đầu năm"
    book.save(path)
    done = thidua("map", "2023/mttq.xlsx")
    assert done.returncode == 0
    assert "Kế hoạch được giao đầu năm" in tomllib.loads(done.stdout)["aliases"]
    assert json.loads(thidua("map", path, "--json").stdout)["form"] == "TDKT-DV/1"
    assert "Không có tiêu đề lạ" in thidua("map", path.with_name("ldld.xlsx")).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("template",),
        ("template", "--year", "2024", "--member", "abc"),
        ("add", "khong-co.xlsx"),
        ("add",),
        ("feedback", "--year", "1999"),
        ("diff", "khong-co.xlsx", "khong-co.xlsx"),
        ("new-year", "20"),
        ("map", "khong-co.xlsx"),
        ("status", "--data", "khong-co"),
    ],
)
def test_wrong_usage_exits_with_2_and_no_traceback(thidua, arguments):
    done = thidua(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_help_states_the_exit_codes(thidua):
    for command in ("template", "add", "status", "feedback", "diff", "new-year", "map"):
        assert "Mã thoát" in " ".join(thidua(command, "--help").stdout.split()), command
