"""Works on a project of which each operation on the disk fails once, or is the last of a process."""

import datetime as dt
import hashlib
import multiprocessing
import shutil
import signal
from pathlib import Path

import pytest
from failing import DEATH, FailingDisk

SENT = Path(__file__).parents[1] / "data" / "raw"
DAY = dt.date(2023, 12, 18)
#: New processes begin as copies of one that has loaded what they need.
_COPIES = multiprocessing.get_context("forkserver")
_COPIES.set_forkserver_preload(["killing", "thidua_analysis.exchange.feedback"])


def build(project):
    from thidua_analysis import pipeline

    return pipeline.build(project / "data")


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

    return pack.export(pipeline.load(project / "data"), 2023, "all")


def _until(at, work, project, setup):
    with pytest.MonkeyPatch.context() as patch:
        if setup:
            setup(patch)
        FailingDisk(patch, project, lambda number: number == at, DEATH)
        work(project)


def dies(at, work, project, setup=None):
    """Let a process do the work and die at its n-th operation; False where it does fewer."""
    process = _COPIES.Process(target=_until, args=(at, work, project, setup))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def fails(at, work, project, setup=None):
    """Let the n-th operation of the work fail; False where it does fewer, else the error or None.

    An operation that is done again at once, or that need not succeed, is no error.
    """
    with pytest.MonkeyPatch.context() as patch:
        if setup:
            setup(patch)
        failing = FailingDisk(patch, project, lambda number: number == at)
        try:
            work(project)
        except Exception as error:
            return error
        return None if failing.done >= at else False


def every_step(folder, project, work, fault, setup=None, steps=None):
    """Yield a state of the project, and the error, for each operation at which the fault comes."""
    for at in steps or range(1, 1000):
        state = shutil.copytree(project, folder / str(at), symlinks=True)
        came = fault(at, work, state, setup)
        if came is False:
            assert at > 3
            return
        yield state, came if isinstance(came, Exception) else None, at
        shutil.rmtree(state)
    assert steps


def content(folder, without=()):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if not {*without} & {*path.relative_to(folder).parts}
    }
