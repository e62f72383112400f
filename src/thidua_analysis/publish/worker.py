"""A process that runs notebooks one after the other, each in a shell and name space of its own.

A kernel would take about three seconds a notebook to start, import and stop; a shell in a process
that has everything loaded takes none, and shows the same: displays, errors, magics.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Job:
    """A notebook to run.

    Parameters
    ----------
    name
        File name, for messages.
    notebook
        The notebook as read from its file.
    parameters
        Values that replace those of the cell tagged ``parameters``.
    folder
        Working directory of the run.
    data
        The data folder.
    """

    name: str
    notebook: dict[str, Any]
    parameters: dict[str, Any]
    folder: str
    data: str


@dataclass(frozen=True)
class Outcome:
    """What became of a notebook.

    Parameters
    ----------
    notebook
        With its outputs, up to the cell that failed.
    failed_cell
        Number of the code cell that failed, as Jupyter counts them: ``[1]``, ``[2]`` …; None
        where all ran, 0 where it was no cell.
    error
        Last line of the error.
    """

    notebook: dict[str, Any]
    failed_cell: int | None = None
    error: str = ""


def serve(connection: Connection) -> None:
    """Run each job that comes in and send its outcome back, until None comes."""
    _preload()
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the whole process
    while (job := connection.recv()) is not None:
        try:
            outcome = run(job)
        except Exception as error:
            outcome = Outcome(job.notebook, 0, f"{type(error).__name__}: {error}")
        connection.send(outcome)


def _preload() -> None:
    """Import what every notebook needs, while the parent prepares the jobs."""
    from thidua_analysis import (
        publish,  # noqa: F401
    )
    from thidua_analysis.publish import shell  # noqa: F401


def run(job: Job) -> Outcome:
    """Run a notebook from top to bottom in a fresh name space.

    The run stops at the first cell that fails.
    """
    notebook = {**job.notebook, "cells": [dict(cell) for cell in job.notebook["cells"]]}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with _surroundings(job) as shell:
        for number, cell in enumerate(cells, start=1):
            source = "".join(cell["source"])
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                source = _with_parameters(source, job.parameters)
                cell["source"] = source
            cell["outputs"], error = shell.execute(source)
            if error:
                return Outcome(notebook, number, error)
    return Outcome(notebook)


def _with_parameters(source: str, parameters: Mapping[str, Any]) -> str:
    """Return the code of a cell with other values, as it runs and as it is shown.

    Examples
    --------
    >>> print(_with_parameters("year = 2023  # năm", {"year": 2022, "most": 3}))
    year = 2022
    most = 3
    """
    for name, value in parameters.items():
        line = f"{name} = {value!r}"
        source, found = re.subn(rf"(?m)^{name}\s*=.*$", line.replace("\\", r"\\"), source)
        if not found:
            source = f"{source.rstrip()}\n{line}"
    return source


@contextlib.contextmanager
def _surroundings(job: Job) -> Iterator[Any]:
    """Give the run its shell, folder and environment, and take everything back afterwards."""
    import matplotlib as mpl
    from IPython.core.pylabtools import select_figure_formats

    from thidua_analysis.publish import html
    from thidua_analysis.publish.shell import Shell

    before, environment, modules = Path.cwd(), dict(os.environ), set(sys.modules)
    main = sys.modules["__main__"]
    os.chdir(job.folder)
    os.environ["THIDUA_DATA"] = job.data
    Shell.clear_instance()
    shell: Any = Shell.instance()
    shell.history_manager.enabled = False
    html.install(shell)
    shell.display_formatter.active_types = shell.display_formatter.format_types
    try:
        with mpl.rc_context():
            shell.run_line_magic("matplotlib", "inline")
            # matplotlib gives the formats of its figures to the first shell only
            select_figure_formats(shell, {"retina"})  # type: ignore[no-untyped-call]
            yield shell
    finally:
        shell.atexit_operations()
        atexit.unregister(shell.atexit_operations)
        Shell.clear_instance()
        sys.modules["__main__"] = main
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)
        for name in set(sys.modules) - modules:
            if _is_beside(name, job.folder):
                del sys.modules[name]


def _is_beside(name: str, folder: str) -> bool:
    """Whether a module was imported from the folder of the notebook."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is not None and Path(file).parent == Path(folder)
