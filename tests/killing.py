"""Work on a project of which each operation on the disk fails once, or is the last of a process."""

import contextlib
import datetime as dt
import errno
import hashlib
import itertools
import json
import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path

import pytest
from failing import DEATH, FailingDisk

from thidua_analysis.findings import ThiduaError
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.store import disk

#: An operation fails, as on a full disk; or a process is killed at it.
FAULTS = pytest.mark.parametrize("fault", [errno.ENOSPC, DEATH], ids=["fails", "dies"])
SENT = Path(__file__).parents[1] / "tests" / "sample" / "data" / "raw"
DAY = dt.date(2023, 12, 18)
#: Folder in a project of what is written beside it, on the same disk.
TEMPORARY = "tmp"
#: New processes begin as copies of one that has loaded what they need.
_COPIES = multiprocessing.get_context("forkserver")
_COPIES.set_forkserver_preload(["killing", "thidua_analysis.exchange.feedback"])


@cache
def _read(name, content):
    from thidua_analysis.submission import read_bytes

    return read_bytes(content, Path(name), load_bloc(SENT.parent))


def build(project):
    from thidua_analysis import pipeline

    # what is read is no matter of the disk: each file is read once
    return pipeline.build(project / "data", reader=lambda p, _: _read(p.name, p.read_bytes()))


def add(project):
    from thidua_analysis.exchange import intake

    files = [SENT / "2023" / "ldld.xlsx", SENT / "2022" / "hnd.xlsx"]
    return intake.add(project / "data", files, on=DAY, accept=True, reason="Công văn 12")


def feedback(project):
    from thidua_analysis.exchange import feedback as answers

    return answers.feedback(project / "data", 2023, today=DAY)


@contextlib.contextmanager
def _quick(project):
    """Let the print be a mark of its page, and notebooks show what they showed: `remember` it.

    Only that it is written is tried.
    """
    from thidua_analysis.publish import notebook, pack
    from thidua_analysis.publish import report as reports

    def printed(page, target, profile):
        target.write_bytes(hashlib.sha256(page.read_bytes()).digest())
        return True

    def outcomes(jobs, *_):
        for job in jobs:
            shown = project / "shown" / (pack.FOLDER if job.pictures else "") / f"{job.name}.json"
            yield job.name, json.loads(shown.read_bytes())["notebook"], None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "_printed", printed)
        if (project / "shown").exists():
            patch.setattr(notebook, "_outcomes", outcomes)
        yield


def remember(project):
    shutil.copytree(project / "reports" / "2023" / ".cache", project / "shown")


def report(project):
    from thidua_analysis.publish import report as reports

    with _quick(project):
        return reports.report(project / "data", 2023)


def export(project):
    from thidua_analysis import pipeline
    from thidua_analysis.publish import pack

    with _quick(project):
        # slides and documents are written as the others are, and take long to make
        return pack.export(pipeline.load(project / "data"), 2023, ("charts", "tables", "forms"))


class _Steps:
    """Lets a copy of the process meet a fault at each operation, and the process itself go on.

    So nothing that was done before is done again. Each copy finds the project under its path, and
    what it leaves there is kept under the number of the operation.
    """

    def __init__(self, project, death):
        self.project, self.met = project, 0
        self.ends = -signal.SIGKILL if death else 0

    def __call__(self, at):
        if self.met:
            return False
        # the files that the process has open stay its own
        before = self.project.rename(self.project.with_name("before"))
        shutil.copytree(before, self.project, symlinks=True)
        if (process := os.fork()) == 0:
            self.met = at
            return True
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == self.ends, at
        self.project.rename(self.project.with_name(str(at)))
        before.rename(self.project)
        return False


def _meet(project, work, code, setup):
    """Do the work; a copy of this process that has met its fault notes what it was told."""
    steps, error = _Steps(project, code == DEATH), None
    (project / TEMPORARY).mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(project / TEMPORARY))
        if setup:
            setup(patch)
        FailingDisk(patch, project, steps, code)
        try:
            work(project)
        except (OSError, ThiduaError) as told:
            error = told
    if steps.met:
        project.with_name(f"{steps.met}.error").write_bytes(pickle.dumps(error))
        os._exit(0)
    assert error is None


def every_step(folder, project, work, code, setup=None):
    """Yield what a fault leaves of the project, the error and the number, for each operation.

    The error is None where the process died or the operation could be done anew.
    """
    states = folder / "states"
    here = Path(shutil.copytree(project, states / "here", symlinks=True))
    process = _COPIES.Process(target=_meet, args=(here, work, code, setup))
    process.start()
    process.join()
    assert process.exitcode == 0
    for at in itertools.count(1):
        if not (state := states / str(at)).exists():
            break
        told = states / f"{at}.error"
        error = pickle.loads(told.read_bytes()) if told.exists() else None
        if isinstance(error, OSError) and error.filename:
            error.filename = error.filename.replace(str(here), str(state))
        assert disk.WORK not in str(error), at  # nobody has heard of it
        yield state, error, at
        shutil.rmtree(state)


def content(folder, without=()):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if not {*without} & {*path.relative_to(folder).parts}
    }
