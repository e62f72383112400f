"""A process that runs notebooks one after the other, each in a shell and name space of its own.

A kernel would take about three seconds a notebook to start, import and stop; a shell in a process
that has everything loaded takes none, and shows the same: displays, errors, magics.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Iterator
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
        Number of the code cell that failed, counted from 1 over all cells; None where all ran.
    error
        Last line of the error.
    """

    notebook: dict[str, Any]
    failed_cell: int | None = None
    error: str = ""


def serve(connection: Connection) -> None:
    """Run each job that comes in and send its outcome back, until None comes."""
    _preload()
    while (job := connection.recv()) is not None:
        try:
            outcome = run(job)
        except Exception as error:  # noqa: BLE001 - the run itself must never end the process
            outcome = Outcome(job.notebook, 0, f"{type(error).__name__}: {error}")
        connection.send(outcome)


def _preload() -> None:
    """Import what every notebook needs, while the parent prepares the jobs."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import thidua_analysis.charts
    import thidua_analysis.indicators
    from thidua_analysis.publish import notebook as _  # noqa: F401


def run(job: Job) -> Outcome:
    """Run a notebook from top to bottom in a fresh name space.

    The run stops at the first cell that fails.
    """
    notebook = {**job.notebook, "cells": [dict(cell) for cell in job.notebook["cells"]]}
    cells = list(enumerate(notebook["cells"], start=1))
    with _surroundings(job) as shell:
        for number, cell in cells:
            if cell["cell_type"] != "code":
                continue
            source = "".join(cell["source"])
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                source += "".join(f"\n{name} = {value!r}" for name, value in job.parameters.items())
            cell["outputs"], error = _execute(shell, source)
            if error:
                return Outcome(notebook, number, error)
    return Outcome(notebook)


@contextlib.contextmanager
def _surroundings(job: Job) -> Iterator[Any]:
    """Give the run its shell, folder and environment, and take everything back afterwards."""
    import matplotlib as mpl
    from IPython.core.interactiveshell import InteractiveShell

    before, environment, modules = Path.cwd(), dict(os.environ), set(sys.modules)
    os.chdir(job.folder)
    os.environ["THIDUA_DATA"] = job.data
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.display_formatter.active_types = shell.display_formatter.format_types
    shell.colors = "nocolor"
    try:
        with mpl.rc_context():
            shell.run_line_magic("matplotlib", "inline")
            yield shell
    finally:
        shell.atexit_operations()
        InteractiveShell.clear_instance()
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


def _execute(shell: Any, source: str) -> tuple[list[dict[str, Any]], str]:
    """Run a cell and return its outputs and the last line of its error."""
    from IPython.utils.capture import capture_output

    outputs: list[dict[str, Any]] = []
    with capture_output() as captured, contextlib.redirect_stdin(io.StringIO()):
        result = shell.run_cell(source, store_history=True)
    for name, words in (("stdout", captured.stdout), ("stderr", captured.stderr)):
        if words and not (name == "stdout" and not result.success):
            outputs.append({"output_type": "stream", "name": name, "text": words})
    outputs += [
        {"output_type": "display_data", "data": shown.data or {}, "metadata": shown.metadata or {}}
        for shown in captured.outputs
    ]
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return outputs, ""
    last = traceback.format_exception_only(error)[-1].strip()
    outputs.append(_error(error))
    return outputs, last


def _error(error: BaseException) -> dict[str, Any]:
    lines = traceback.format_exception_only(error)
    return {
        "output_type": "error",
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": [line.rstrip() for line in lines],
    }
