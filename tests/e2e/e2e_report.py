"""Writes a report once for all test processes."""

import os
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def once(folder, make):
    """Let the first of several test processes make a folder, the others wait for it."""
    done, lock = folder.with_suffix(".done"), folder.with_suffix(".lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        for _ in range(900):
            if done.exists():
                return folder
            time.sleep(0.2)
        raise TimeoutError(folder) from None
    folder.mkdir()
    make(folder)
    done.touch()
    return folder


def shared(tmp_path_factory, worker_id):
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def write_report(data, out, year, notebooks=ROOT / "notebooks"):
    import thidua_analysis as td
    from thidua_analysis.publish.report import write_report as write

    return write(td.load(data), data, year, out, notebooks, pdf=False)
