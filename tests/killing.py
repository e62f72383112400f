"""Work on a project of which each operation on the disk fails once, or is the last of a process."""

import datetime as dt
import errno
import hashlib
import multiprocessing
import os
import shutil
import signal
from functools import cache
from pathlib import Path

import pytest
from failing import DEATH, FailingDisk

from thidua_analysis.findings import ThiduaError
from thidua_analysis.form.bloc import load_bloc

SENT = Path(__file__).parents[1] / "tests" / "sample" / "data" / "raw"
DAY = dt.date(2023, 12, 18)
#: So many operations are tried of those with which a work begins.
_FIRST = 9
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


def report(project):
    """Make the report; the print is a mark of its page, so that no browser is needed."""
    from thidua_analysis.publish import report as reports

    def printed(page, target, profile):
        target.write_bytes(hashlib.sha256(page.read_bytes()).digest())
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "_printed", printed)
        return reports.report(project / "data", 2023)


def export(project):
    from thidua_analysis import pipeline
    from thidua_analysis.publish import pack

    # slides and documents are written as the others are, and take long to make
    return pack.export(pipeline.load(project / "data"), 2023, ("charts", "tables", "forms"))


def _disk(project, work, fails, setup, code=errno.ENOSPC):
    """Do the work on such a disk; return how many operations it took."""
    with pytest.MonkeyPatch.context() as patch:
        if setup:
            setup(patch)
        disk = FailingDisk(patch, project, fails, code)
        work(project)
    return disk.done


def fails(folder, project, work, setup, most):
    """Let each operation fail; yield the state and the error, None where it could be done anew."""
    for at in _steps(folder, project, work, setup, most):
        state, error = _copied(project, folder, at), None
        try:
            _disk(state, work, at.__eq__, setup)
        except (OSError, ThiduaError) as raised:
            error = raised
        yield state, error, at


def dies(folder, project, work, setup, most):
    """Let a process die at each operation; yield the states, without an error."""
    process = _COPIES.Process(target=_die, args=(folder, project, work, setup, most))
    process.start()
    process.join()
    assert process.exitcode == 0
    for state in sorted(
        (p for p in folder.iterdir() if p.name.isdigit()), key=lambda p: int(p.name)
    ):
        yield state, None, int(state.name)


def _die(folder, project, work, setup, most):
    for at in _steps(folder, project, work, setup, most):
        state = _copied(project, folder, at)
        if (process := os.fork()) == 0:
            _disk(state, work, at.__eq__, setup, DEATH)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL


def _steps(folder, project, work, setup, most):
    """Return the numbers of the operations to try; all that the work needs is loaded then.

    Of more than so many, the first and the last: between them one file after another is prepared.
    """
    many = _disk(_copied(project, folder, "whole"), work, lambda _: False, setup)
    return [at for at in range(1, many + 1) if at <= _FIRST or at > many + _FIRST - most]


def _copied(project, folder, at):
    return Path(shutil.copytree(project, folder / str(at), symlinks=True))


def every_step(folder, project, work, fault, setup=None, most=1000):
    """Yield a state of the project, and the error, for each operation at which the fault comes."""
    (folder / "states").mkdir()
    for state, error, at in fault(folder / "states", project, work, setup, most):
        yield state, error, at
        shutil.rmtree(state)


def content(folder, without=()):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if not {*without} & {*path.relative_to(folder).parts}
    }
