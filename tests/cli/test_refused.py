"""Commands that are interrupted or cannot write: one sentence, the same exit codes, no traces."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from failing import FailingDisk, left_behind

from thidua_analysis import pipeline
from thidua_analysis.cli.app import main
from thidua_analysis.publish import report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:IPython.*"),
]

ROOT = Path(__file__).parents[2]
#: Longer than any start of a process on a machine that is shared.
_SECONDS = 60


def notebook(source):
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two files of 2023 and three notebooks that show a number."""
    raw = tmp_path / "data" / "raw"
    (raw / "2023").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "bloc.toml", raw)
    for name in ("hnd.xlsx", "dtn.xlsx"):
        shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "2023" / name, raw / "2023")
    (tmp_path / "notebooks").mkdir()
    for number in (1, 2, 3):
        (tmp_path / "notebooks" / f"0{number}_x.ipynb").write_text(notebook(f"{number}"))
    pipeline.build(tmp_path / "data")
    monkeypatch.setattr(report, "browser", lambda: None)
    monkeypatch.delenv("THIDUA_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def thidua(monkeypatch, capsys):
    """Run a command here; give its exit code and what it says of errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["thidua", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().err

    return run


COMMANDS = {
    "report": ("report", "--year", 2023),
    "export": ("export", "--year", 2023, "--what", "charts"),
    "feedback": ("feedback", "--year", 2023),
}


@pytest.mark.parametrize("first", [1, 6, 9])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_disk_that_is_full_from_some_step_on_is_said_in_one_sentence(
    project, thidua, monkeypatch, name, first
):
    reports = project / "reports"
    with monkeypatch.context() as patch:
        full = FailingDisk(patch, reports, lambda at: at >= first, full=True)
        code, said = thidua(*COMMANDS[name])
    if full.done < first:
        assert code == 0
        return
    assert code == 2
    assert said.count("\n") == 1
    assert str(reports) in said
    assert "đĩa" in said
    assert "?" not in said
    assert ".tmp" not in said
    assert left_behind(reports) == []
    assert thidua(*COMMANDS[name])[0] == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_nobody_may_write_to_is_said_in_one_sentence(
    project, thidua, monkeypatch, name
):
    with monkeypatch.context() as patch:
        FailingDisk(patch, project / "reports", lambda _: True, errno.EACCES)
        code, said = thidua(*COMMANDS[name])
    assert code == 2
    assert said.count("\n") == 1
    assert str(project / "reports") in said
    assert "quyền" in said


def test_a_report_that_fails_while_its_pages_are_written_leaves_those_of_before(
    project, thidua, monkeypatch
):
    def pages():
        return {p: p.read_bytes() for p in (project / "reports").rglob("*.*") if p.is_file()}

    assert thidua(*COMMANDS["report"])[0] == 0
    before = {p: data for p, data in pages().items() if ".cache" not in p.parts}
    shutil.copy(
        ROOT / "tests" / "sample" / "data" / "raw" / "2023" / "ldld.xlsx",
        project / "data" / "raw" / "2023",
    )
    write = report.write_file

    def full(path, content):
        if path.name == "trinh-chieu.html":  # the last one
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(report, "write_file", full)
        assert thidua(*COMMANDS["report"])[0] == 2
    after = {p: data for p, data in pages().items() if ".cache" not in p.parts}
    assert after == before
    assert thidua(*COMMANDS["report"])[0] == 0
    assert (
        pages()[project / "reports" / "2023" / "index.html"]
        != before[project / "reports" / "2023" / "index.html"]
    )


def test_a_file_that_finds_no_room_is_named_and_nothing_of_it_stays(project, thidua, monkeypatch):
    raw = project / "data" / "raw"
    before = sorted(raw.rglob("*"))
    sent = ROOT / "tests" / "sample" / "data" / "raw" / "2023" / "ldld.xlsx"
    with monkeypatch.context() as patch:
        # there is room for the lock, not for the file
        FailingDisk(patch, raw.parent, lambda at: at >= 3, full=True)
        code, said = thidua("add", sent)
    assert code == 2
    assert str(raw / "2023" / "ldld.xlsx") in said
    assert "ổ đĩa đã đầy" in said
    assert "?" not in said
    assert sorted(raw.rglob("*")) == before
    assert thidua("add", sent)[0] in (0, 1)


#: Runs a command that is interrupted at the moment in which a module begins to be loaded.
WHILE_LOADED = """
import signal, sys
from thidua_analysis.cli import main

class Interrupting:
    def find_spec(self, name, *_):
        if name == wanted:
            signal.raise_signal(signal.SIGINT)

wanted = sys.argv.pop(1)
sys.meta_path.insert(0, Interrupting())
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.mark.parametrize(
    "module",
    ["thidua_analysis.cli.app", "click", "msgspec", "thidua_analysis.pipeline", "pandas"],
)
def test_an_interruption_while_the_program_is_loaded_ends_it_without_a_trace(project, module):
    command = [sys.executable, "-c", WHILE_LOADED, module, "figures", "--year", "2023"]
    done = subprocess.run(
        command, cwd=project, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 130
    assert done.stderr in ("", "Đã dừng theo yêu cầu. Số liệu không bị thay đổi.\n")
    assert done.stdout == ""


def test_the_command_that_is_installed_listens_from_its_first_moment():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["thidua"] == "thidua_analysis.cli:main"


@pytest.mark.skipif(os.name != "posix", reason="a group of processes is interrupted otherwise")
@pytest.mark.parametrize("after", [0.05, 0.3, 0.7, 1.5])
@pytest.mark.parametrize("name", ["report", "export"])
def test_an_interruption_ends_everything_at_once_and_is_said_in_one_line(project, name, after):
    for path in (project / "notebooks").glob("*"):
        path.write_text(notebook("import time; time.sleep(60)"))
    begun = project / "reports" / "2023"
    command = [sys.executable, "-m", "thidua_analysis.cli.app", *map(str, COMMANDS[name])]
    running = subprocess.Popen(
        command, cwd=project, start_new_session=True, text=True, encoding="utf-8",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        # what runs in the background of a shell starts deaf to interruptions
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    until = time.monotonic() + _SECONDS
    while not begun.exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(after)
    os.killpg(running.pid, signal.SIGINT)
    began = time.monotonic()
    _, said = running.communicate(timeout=_SECONDS)
    assert time.monotonic() - began < 3
    assert running.returncode == 130
    assert said == "Đã dừng theo yêu cầu. Số liệu không bị thay đổi.\n"
    assert not list(begun.rglob("*.tmp"))
