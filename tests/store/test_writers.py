"""Two at work in one folder: one waits a little, then it goes on or says who is at work."""

import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from failing import left_behind
from killing import SENT, add, build, feedback, report

from thidua_analysis import pipeline
from thidua_analysis.exchange.intake import status
from thidua_analysis.findings import UsageError
from thidua_analysis.messages import text
from thidua_analysis.store import disk

pytestmark = pytest.mark.slow

HOLDING = """
import pathlib, sys
from thidua_analysis.store import disk
sys.argv[0] = "thidua"
with disk.locked(pathlib.Path(sys.argv.pop())):
    print("held", flush=True)
    sys.stdin.read()
"""


COPIED = """
import os, pathlib, sys
from thidua_analysis.store import disk
with disk.locked(pathlib.Path(sys.argv[1])):
    if os.fork() == 0:
        print("copied", flush=True)
        sys.stdin.read()
        os._exit(0)
    os._exit(1)
"""


@contextmanager
def at_work(folder):
    """Let another process be at work in a folder until its input is closed."""
    command = [sys.executable, "-c", HOLDING, "report", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout.readline().strip() == b"held"
            yield other
        finally:
            other.kill()


@pytest.fixture
def project(tmp_path):
    """A project with a file that was built, and one that came in since."""
    raw = tmp_path / "data" / "raw"
    (raw / "2023").mkdir(parents=True)
    shutil.copy(SENT / "bloc.toml", raw)
    shutil.copy(SENT / "2023" / "hnd.xlsx", raw / "2023")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01.ipynb").write_text("{}")
    build(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("work", "place"),
    [(build, "data"), (add, "data"), (report, "reports"), (feedback, "reports/2023/gui-lai")],
)
def test_the_second_is_told_who_is_at_work_where_and_since_when(project, monkeypatch, work, place):
    shutil.copy(SENT / "2023" / "dtn.xlsx", project / "data" / "raw" / "2023")
    monkeypatch.setattr(disk, "PATIENCE", 0.2)
    if place != "data":
        build(project)
    with at_work(project / place) as other, pytest.raises(UsageError) as told:
        work(project)
    assert told.value.key == "folder-busy"
    assert told.value.params["folder"] == str(project / place)
    assert told.value.params["what"] == "thidua report"
    assert told.value.params["process"] == str(other.pid)
    said = text(told.value.key, **told.value.params)
    assert "?" not in said
    assert "\n" not in said


def test_the_second_goes_on_when_the_first_ends_in_time(project, monkeypatch):
    shutil.copy(SENT / "2023" / "dtn.xlsx", project / "data" / "raw" / "2023")
    monkeypatch.setattr(disk, "PATIENCE", 60.0)
    with at_work(project / "data") as other:
        threading.Timer(0.3, other.stdin.close).start()
        assert build(project).changed
    assert left_behind(project) == []


def test_a_process_that_was_killed_holds_nobody_up(project, monkeypatch):
    shutil.copy(SENT / "2023" / "dtn.xlsx", project / "data" / "raw" / "2023")
    monkeypatch.setattr(disk, "PATIENCE", 0.0)
    with at_work(project / "data") as other:
        other.kill()
        other.wait()
        assert build(project).changed
    assert left_behind(project) == []


def test_who_only_looks_does_not_wait_for_who_writes(project, monkeypatch):
    monkeypatch.setattr(disk, "PATIENCE", 3600)
    with at_work(project / "data"):
        assert not pipeline.load(project / "data").targets.empty
        assert status(project / "data", 2023).places


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not copied there")
def test_a_copy_of_a_process_that_died_does_not_keep_its_lock(tmp_path):
    command = [sys.executable, "-c", COPIED, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as died:
        assert died.stdout.readline().strip() == b"copied"
        assert died.wait() == 1  # its copy lives until its input is closed
        with disk.locked(tmp_path, patience=0):
            pass
    assert left_behind(tmp_path) == []
