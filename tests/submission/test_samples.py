"""The 21 sample submissions give exactly the rows and findings that their senders meant."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path, PurePath

import pytest

from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.submission import read_bytes, read_file
from thidua_analysis.submission import rows as output

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "sample"
RAW = SAMPLE / "data" / "raw"
EXPECTED = ROOT / "tests" / "data" / "expected"
FINDINGS = json.loads((EXPECTED / "findings.json").read_text(encoding="utf-8"))
SUMMARY = json.loads((EXPECTED / "summary.json").read_text(encoding="utf-8"))
FILES = sorted(SUMMARY)
#: one of each format, and the bloc form
BY_COMMAND = ("2021/ccb.xls", "2022/ldld.ods", "2023/lhpn.xlsx", "2023/khoi.xlsx")


def expected_rows(file):
    return json.loads((EXPECTED / file).with_suffix(".json").read_text(encoding="utf-8"))


@cache
def sent(file):
    return read_file(RAW / file, load_bloc(SAMPLE / "data"))


def thidua(*arguments):
    command = [sys.executable, "-m", "thidua_analysis.cli.app", *arguments]
    told = {"capture_output": True, "text": True, "encoding": "utf-8"}
    return subprocess.run(command, cwd=SAMPLE, check=False, **told)


def test_every_sample_file_has_its_expectation():
    files = {f"{p.parent.name}/{p.name}" for p in RAW.glob("20*/*")}
    assert files == set(FILES) == set(FINDINGS)


@pytest.mark.parametrize("file", FILES)
def test_rows_are_those_that_the_sender_meant(file):
    rows = {table: output.row_records(rows) for table, rows in sent(file).rows.items()}
    assert json.loads(json.dumps(rows)) == expected_rows(file)


@pytest.mark.parametrize("file", FILES)
def test_findings_that_must_be_there_are_there(file):
    found = [output.finding_record(f, "vi") for f in sent(file).findings]
    for wanted in FINDINGS[file]:
        given = {name: value for name, value in wanted.items() if value is not None}
        assert any(given.items() <= one.items() for one in found), wanted
    assert not [f for f in found if f["severity"] == "error"]


@pytest.mark.parametrize("file", FILES)
def test_form_member_year_and_counts_are_recognised(file):
    record = output.file_record(sent(file), "vi")
    wanted = SUMMARY[file]
    assert {name: record[name] for name in wanted} == wanted


@pytest.mark.parametrize("file", FILES)
def test_the_file_itself_says_who_reports_whatever_its_name(file, bloc):
    renamed = read_bytes((RAW / file).read_bytes(), PurePath(f"gửi/tệp{Path(file).suffix}"), bloc)
    record = output.file_record(renamed, "vi")
    assert {name: record[name] for name in SUMMARY[file]} == SUMMARY[file]


@pytest.mark.parametrize("file", BY_COMMAND)
def test_command_rows_prints_the_tidy_rows(file):
    done = thidua("rows", str(RAW / file), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == expected_rows(file)


def test_command_check_reports_on_each_file_without_error():
    done = thidua("check", *(str(RAW / file) for file in BY_COMMAND), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    records = json.loads(done.stdout)["files"]
    assert [r["member"] for r in records] == [SUMMARY[f]["member"] for f in BY_COMMAND]
    assert {r["status"] for r in records} <= {"ok", "warnings"}
