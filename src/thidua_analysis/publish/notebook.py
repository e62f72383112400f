"""Runs notebooks side by side; what has not changed is not run again."""

from __future__ import annotations

import atexit
import base64
import contextlib
import dataclasses
import gc
import hashlib
import io
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thidua_analysis import charts
from thidua_analysis.messages import Lang, language, speaking, text
from thidua_analysis.parallel import Fate, Work, as_done
from thidua_analysis.publish.html import escape_styles
from thidua_analysis.store.disk import recover, write_file

#: Kind of output that holds a chart: its words, what it is drawn from, its files in base64.
CHART = "application/vnd.thidua.chart+json"
#: Seconds after which a notebook is given up.
TIMEOUT = 600.0
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Failure:
    """A notebook that failed, in which cell (as Jupyter counts; 0 where it was none) and why."""

    notebook: str
    cell: int
    error: str

    def __str__(self) -> str:
        return text("run-failed", notebook=self.notebook, cell=self.cell, error=self.error)


@dataclass
class RunResult:
    """Which notebooks ran, of which an earlier run still holds, which stopped at an error."""

    succeeded: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    #: run notebook by name; a failed one up to its error
    notebooks: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A notebook to run: as read from its file, and with what values, where and on which data."""

    name: str
    notebook: dict[str, Any]
    parameters: dict[str, Any]
    folder: str
    data: str
    #: whether charts are kept as files and data, not drawn for pages
    pictures: bool = False
    #: what its texts are in; a text cell has other languages in its metadata
    lang: Lang = "vi"


def run_notebooks(
    paths: Sequence[Path],
    parameters: dict[str, Any],
    data: Path,
    *,
    cache: Path | None = None,
    inputs: str = "",
    pictures: bool = False,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> RunResult:
    """Run notebooks, each in a fresh name space; one that fails stops none of the others.

    The parameters replace those of the cell tagged so. A notebook that stands in the cache is not
    run again, unless it, its parameters or the hash of the other inputs (data and program) have
    changed. By default one a processor runs at a time, at most two. With ``pictures`` each chart is
    shown as `CHART` instead of a picture for a page.
    """
    if cache is not None:
        recover(cache)
    result, keys, jobs = RunResult(), dict[str, str](), list[Job]()
    for path in paths:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        told = json.dumps([path.name, notebook, parameters, inputs, language()], sort_keys=True)
        keys[path.name] = hashlib.sha256(told.encode()).hexdigest()
        if known := _cached(cache, path.name, keys[path.name]):
            result.skipped.append(path.name)
            result.notebooks[path.name] = known
        else:
            folders = str(path.parent.resolve()), str(data.resolve())
            jobs.append(Job(path.name, notebook, parameters, *folders, pictures, language()))
    workers = workers or min(2, os.cpu_count() or 1)
    with contextlib.closing(_outcomes(jobs, workers, timeout)) as outcomes:
        for name, notebook, failure in outcomes:
            result.notebooks[name] = notebook
            if failure:
                result.failed.append(failure)
            else:
                result.succeeded.append(name)
                if cache is not None:
                    kept = {"key": keys[name], "notebook": notebook}
                    told = json.dumps(kept, ensure_ascii=False)
                    write_file(cache / f"{name}.json", told)
            if progress:
                progress(len(result.notebooks), len(keys), name)
    order = list(keys)
    result.succeeded.sort(key=order.index)
    result.failed.sort(key=lambda failure: order.index(failure.notebook))
    return result


def _cached(cache: Path | None, name: str, key: str) -> dict[str, Any] | None:
    if cache is None:
        return None
    try:
        kept = json.loads((cache / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept.get("notebook") if kept.get("key") == key else None


#: Name of a notebook, the notebook with its outputs up to the cell that failed, and the failure.
Outcome = tuple[str, dict[str, Any], Failure | None]


def _outcomes(jobs: Sequence[Job], workers: int, timeout: float) -> Generator[Outcome]:
    """Run jobs in processes; yield what became of each as soon as it is done."""

    def given_up(job: Job, fate: Fate) -> Outcome:
        why = text("run-died" if fate == "died" else "run-timeout", seconds=f"{timeout:.0f}")
        return job.name, job.notebook, Failure(job.name, 0, why)

    return as_done(Work(_load, _tried, jobs, workers, timeout), lost=given_up)


def _load(job: Job) -> None:
    """Load what all notebooks need: charts, and the shell of a notebook without cells."""
    for name in charts.__all__:
        getattr(charts, name)
    run(dataclasses.replace(job, notebook={"cells": []}))


def _tried(job: Job) -> Outcome:
    try:
        return run(job)
    except Exception as error:
        return job.name, job.notebook, Failure(job.name, 0, f"{type(error).__name__}: {error}")


def run(job: Job) -> Outcome:
    """Run a notebook from top to bottom, up to the first cell that fails.

    A kernel would take about three seconds a notebook to start, import and stop; a shell in a
    process that has everything loaded takes none, and shows the same: displays, errors, magics.
    """
    spoken = (
        {**cell, "source": cell.get("metadata", {}).get(job.lang, cell["source"])}
        for cell in job.notebook["cells"]
    )
    notebook = {**job.notebook, "cells": list(spoken)}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with speaking(job.lang), _surroundings(job) as shell:
        for number, cell in enumerate(cells, start=1):
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                cell["source"] = with_parameters("".join(cell["source"]), job.parameters)
            cell["outputs"], error = _shown(shell, "".join(cell["source"]))
            if error:
                return job.name, notebook, Failure(job.name, number, error)
    return job.name, notebook, None


def with_parameters(source: str, parameters: Mapping[str, Any]) -> str:
    """Return the code of a cell with other values, as it runs and as it is shown."""
    for name, value in parameters.items():
        line = f"{name} = {value!r}"
        source, found = re.subn(rf"(?m)^{name}\s*=.*$", line.replace("\\", r"\\"), source)
        if not found:
            source = f"{source.rstrip()}\n{line}"
    return source


@contextlib.contextmanager
def _surroundings(job: Job) -> Iterator[Any]:
    """Give the run its shell, folder and environment, and take everything back afterwards."""
    # only the processes that run notebooks need these
    import matplotlib as mpl
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.pylabtools import select_figure_formats

    gc.freeze()  # a shell that ends looks through all objects, of libraries as well
    environment, modules, main = dict(os.environ), set(sys.modules), sys.modules["__main__"]
    paths = [*sys.path]
    os.environ["THIDUA_DATA"] = job.data
    sys.path.insert(0, job.folder)  # as in a kernel: modules beside a notebook can be imported
    InteractiveShell.clear_instance()
    shell: Any = InteractiveShell.instance()
    shell.history_manager.enabled = False
    # figures go into the page, errors into the outputs
    for name in ("enable_gui", "showtraceback", "showsyntaxerror", "showindentationerror"):
        setattr(shell, name, lambda *_, **__: None)
    escape_styles(shell)
    shell.display_formatter.active_types = shell.display_formatter.format_types
    if job.pictures:
        formatter = shell.display_formatter.mimebundle_formatter
        formatter.for_type_by_name("thidua_analysis.charts.chart", "Chart", _kept)
    try:
        with contextlib.chdir(job.folder), mpl.rc_context():
            shell.run_line_magic("matplotlib", "inline")
            # matplotlib gives the formats of its figures to the first shell only
            select_figure_formats(shell, {"retina"})  # type: ignore[no-untyped-call]
            yield shell
    finally:
        shell.atexit_operations()
        atexit.unregister(shell.atexit_operations)
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = main
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = paths
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).parent == Path(job.folder):
                del sys.modules[name]


def _kept(chart: Any) -> dict[str, Any]:
    """Return a chart as a file keeps it: its words and table as a page has them, what it is of."""
    if chart.is_empty:
        return {"text/html": chart._repr_html_()}
    files = {kind: base64.b64encode(data).decode() for kind, data in chart.files().items()}
    data = chart.data
    told = {
        **{name: getattr(chart, name) for name in ("title", "subtitle", "alt", "source")},
        "native": dataclasses.asdict(chart.native) if chart.native else None,
        "figures": list(dict.fromkeys(data.attrs.get("ids", {}).values())),
        "files": files,
    }
    return {"text/html": chart.figure_of(""), CHART: told}


class _Stream(io.TextIOBase):
    """Adds what is printed to the outputs, between what is shown otherwise."""

    def __init__(self, outputs: list[dict[str, Any]], name: str) -> None:
        self.outputs, self.name = outputs, name

    def write(self, words: str) -> int:
        if self.outputs and self.outputs[-1].get("name") == self.name:
            self.outputs[-1]["text"] += words
        else:
            self.outputs.append({"output_type": "stream", "name": self.name, "text": words})
        return len(words)


def _shown(shell: Any, source: str) -> tuple[list[dict[str, Any]], str]:
    """Run a cell; return its outputs as files store them and the last line of its error."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    shell.display_pub = CapturingDisplayPublisher()  # type: ignore[no-untyped-call]
    outputs: list[dict[str, Any]] = shell.display_pub.outputs

    def show(value: Any) -> None:
        if value is not None and not shell.displayhook.semicolon_at_end_of_expression(source):
            shell.user_ns["_"] = value
            shell.display_pub.publish(*shell.display_formatter.format(value))

    shell.display_trap.hook = show
    with (
        contextlib.redirect_stdout(_Stream(outputs, "stdout")),
        contextlib.redirect_stderr(_Stream(outputs, "stderr")),
    ):
        result = shell.run_cell(source, store_history=False)
    outputs = [
        {"output_type": "display_data", "data": one["data"], "metadata": one["metadata"] or {}}
        if "data" in one
        else one
        for one in outputs
    ]
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return outputs, ""
    lines = [line.rstrip() for line in traceback.format_exception_only(error)]
    told = {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}
    return [*outputs, {"output_type": "error", **told}], lines[-1].strip()
