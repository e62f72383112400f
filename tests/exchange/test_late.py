"""Files of a published year that change by hand: noticed, refused, accepted and recorded."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from thidua_analysis.exchange import late
from thidua_analysis.exchange.intake import add
from thidua_analysis.findings import UsageError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DAY = dt.date(2024, 2, 1)


def publish(data, *years):
    claims = "".join(
        f'[[claim]]\nid = "{year}"\nyear = {year}\nkind = "number"\n'
        'text = { vi = "a", en = "a" }\nsource = "a"\n'
        for year in years
    )
    (data / "raw" / "published.toml").write_text(claims, encoding="utf-8")


def edit(path, target=None):
    book = openpyxl.load_workbook(path)
    book["Thông tin"]["B6"] = 3
    book.save(target or path)


@pytest.fixture
def data(project):
    """The data folder after the report of the published year 2023."""
    publish(project / "data", 2023)
    late.hold(project / "data", [2022, 2023])
    return project / "data"


def names(changes):
    return [(change.file, change.how) for change in changes]


def test_a_file_that_is_new_changed_or_gone_in_a_published_year_is_noticed(data):
    folder = data / "raw" / "2023"
    edit(folder / "mttq.xlsx", folder / "mttq_2.xlsx")
    edit(folder / "hnd.xlsx")
    (folder / "dtn.xlsx").unlink()
    found = late.late_changes(data)
    assert names(found) == [
        ("2023/dtn.xlsx", "removed"), ("2023/hnd.xlsx", "changed"), ("2023/mttq_2.xlsx", "added"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="late-changes") as refused:
        late.refuse(found)
    assert refused.value.params == {
        "years": "2023", "added": "2023/mttq_2.xlsx", "changed": "2023/hnd.xlsx",
        "removed": "2023/dtn.xlsx",
    }  # fmt: skip


def test_what_is_no_submission_and_files_of_other_years_are_no_late_change(data):
    edit(data / "raw" / "2022" / "hnd.xlsx")
    for name in ("~$mttq.xlsx", ".DS_Store", "ghi chú.txt"):
        (data / "raw" / "2023" / name).write_bytes(b"x")
    assert late.late_changes(data) == ()


def test_a_year_is_free_until_its_report_after_publication(project):
    data = project / "data"
    late.hold(data, [2022, 2023])
    assert not (data / "raw" / late.HELD.file).exists()
    publish(data, 2023)
    edit(data / "raw" / "2023" / "hnd.xlsx")
    assert late.late_changes(data) == ()
    late.hold(data, [2022])
    assert not (data / "raw" / late.HELD.file).exists()


def test_files_are_held_once(data):
    held = (data / "raw" / late.HELD.file).read_bytes()
    edit(data / "raw" / "2023" / "hnd.xlsx")
    late.hold(data, [2023])
    assert (data / "raw" / late.HELD.file).read_bytes() == held
    assert held.count(b"[[held]]") == 7


def test_all_published_years_are_named_at_once_but_none_after_the_report(data):
    publish(data, 2022, 2023)
    late.hold(data, [2022])
    for year in ("2022", "2023"):
        edit(data / "raw" / year / "hnd.xlsx")
    with pytest.raises(UsageError) as refused:
        late.refuse(late.late_changes(data))
    assert refused.value.params["years"] == "2022, 2023"
    assert refused.value.params["changed"] == "2022/hnd.xlsx, 2023/hnd.xlsx"
    assert names(late.late_changes(data, until=2022)) == [("2022/hnd.xlsx", "changed")]


def test_accepted_changes_are_recorded_with_what_they_replace_and_noticed_no_more(data):
    folder = data / "raw" / "2023"
    edit(folder / "mttq.xlsx", folder / "mttq_2.xlsx")
    edit(folder / "hnd.xlsx")
    (folder / "dtn.xlsx").unlink()
    found = late.late_changes(data)
    late.accept(data, found, "Công văn 12", DAY)
    recorded = {change.file: change for change in late.ACCEPTED.read(data)}
    assert {file: change.replaces for file, change in recorded.items()} == {
        "2023/dtn.xlsx": "", "2023/hnd.xlsx": "2023/hnd.xlsx", "2023/mttq_2.xlsx": "2023/mttq.xlsx",
    }  # fmt: skip
    assert recorded["2023/dtn.xlsx"].sha256 == ""
    assert {(c.on, c.reason) for c in recorded.values()} == {(DAY, "Công văn 12")}
    assert late.late_changes(data) == ()


def test_a_file_put_back_as_published_after_an_accepted_change_is_a_change_again(data):
    path = data / "raw" / "2023" / "hnd.xlsx"
    published = path.read_bytes()
    edit(path)
    late.accept(data, late.late_changes(data), "")
    path.write_bytes(published)
    assert names(late.late_changes(data)) == [("2023/hnd.xlsx", "changed")]


def test_a_file_taken_in_with_add_is_accepted_already_and_held_as_it_came(data, tmp_path):
    source = tmp_path / "gửi.xlsx"
    edit(data / "raw" / "2023" / "mttq.xlsx", source)
    (one,) = add(data, [source], on=DAY, accept=True, reason="muộn")
    assert late.late_changes(data) == ()
    edit(data / "raw" / "2023" / "lhpn.xlsx", data / "raw" / one.file)
    assert names(late.late_changes(data)) == [(one.file, "changed")]


def test_a_change_to_an_accepted_file_is_noticed_before_the_files_are_held(project, tmp_path):
    data, source = project / "data", tmp_path / "gửi.xlsx"
    publish(data, 2023)
    edit(data / "raw" / "2023" / "mttq.xlsx", source)
    (one,) = add(data, [source], on=DAY, accept=True)
    (data / "raw" / one.file).unlink()
    assert names(late.late_changes(data)) == [(one.file, "removed")]


# --- the commands ----------------------------------------------------------------------------


@pytest.fixture
def thidua(data):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "thidua_analysis.cli.app", *map(str, arguments)],
            cwd=data.parent, capture_output=True, text=True, encoding="utf-8", env=os.environ,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    "command",
    [
        *(("build",), ("build", "--json"), ("report", "--all"), ("report", "--year", 2023)),
        ("export", "--year", 2023),
    ],
)
def test_a_late_change_stops_build_report_and_export_with_the_files_and_the_next_step(
    thidua, data, command
):
    edit(data / "raw" / "2023" / "hnd.xlsx")
    before = (data / "processed" / "manifest.json").read_bytes()
    done = thidua(*command)
    assert (done.returncode, done.stdout) == (2, "")
    for words in ("2023/hnd.xlsx", "thidua diff", "--accept"):
        assert words in done.stderr
    assert (data / "processed" / "manifest.json").read_bytes() == before


def test_a_report_of_a_year_before_goes_on(thidua, data):
    edit(data / "raw" / "2023" / "hnd.xlsx")
    done = thidua("report", "--year", 2022)
    assert "late" not in done.stderr
    assert "2023/hnd.xlsx" not in done.stderr


def test_build_with_accept_records_and_goes_on_and_the_next_build_asks_no_more(thidua, data):
    edit(data / "raw" / "2023" / "hnd.xlsx")
    done = thidua("build", "--accept", "--reason", "Công văn 12", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"]
    assert [c.reason for c in late.ACCEPTED.read(data)] == ["Công văn 12"]
    assert thidua("build").returncode == 0


def test_export_with_accept_records_and_writes_the_forms(thidua, data):
    forms = "export", "--what", "forms", "--year"
    edit(data / "raw" / "2023" / "hnd.xlsx")
    assert thidua(*forms, 2022).returncode == 0
    done = thidua(*forms, 2023, "--accept", "--reason", "Công văn 12")
    assert done.returncode == 0, done.stderr
    assert [c.reason for c in late.ACCEPTED.read(data)] == ["Công văn 12"]
    assert thidua(*forms, 2023).returncode == 0


def test_looking_at_a_late_file_needs_no_acceptance(thidua, data):
    folder = data / "raw" / "2023"
    edit(folder / "mttq.xlsx", folder / "mttq_2.xlsx")
    for command in (
        ("check", folder / "mttq_2.xlsx"), ("status",), ("feedback", "--year", 2023),
        ("figures", "--year", 2023),
    ):  # fmt: skip
        assert thidua(*command).returncode == 0, command


def test_a_year_counts_as_published_where_a_figure_of_it_was(project):
    """Not by who leads next year, nor by what was not said; a rise rests on the year before."""
    data = project / "data"
    shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "published.toml", data / "raw")
    claims = (data / "raw" / "published.toml").read_text(encoding="utf-8")
    assert "year = 2024" in claims
    assert late.published_years(data) == {2022, 2023}
    (data / "raw" / "published.toml").write_text("claim = 3\n", encoding="utf-8")
    assert late.published_years(data) == frozenset()


def test_the_report_of_a_published_year_holds_its_files(project):
    """Run twice, as on a fresh clone: the second finds nothing changed and runs no notebook."""
    from click.testing import CliRunner

    from thidua_analysis.cli.app import app

    data = project / "data"
    shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "published.toml", data / "raw")
    (project / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "06_chat_luong_so_lieu.ipynb", project / "notebooks")
    for told in ("chạy 1 sổ tay, 0 sổ tay không đổi", "không có gì thay đổi nên giữ nguyên"):
        done = CliRunner().invoke(app, ["report", "--year", "2023", "--data", str(data)])
        assert done.exit_code == 0, done.output
        assert told in done.output
    assert (data / "raw" / late.HELD.file).read_text(encoding="utf-8").count("[[held]]") == 7
