"""Runs notebooks side by side; what has not changed is not run again."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from thidua_analysis.messages import text
from thidua_analysis.publish.worker import Job, Outcome, serve

#: Seconds after which a notebook is given up.
TIMEOUT = 600.0
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Failure:
    """A notebook that failed, in which cell and why."""

    notebook: str
    cell: int
    error: str

    def __str__(self) -> str:
        return text("run-failed", notebook=self.notebook, cell=self.cell, error=self.error)


@dataclass
class RunResult:
    """What a run did.

    Parameters
    ----------
    succeeded, skipped
        Names of notebooks that ran, and of those whose earlier run still holds.
    failed
        One `Failure` for each notebook that stopped at an error.
    notebooks
        Run notebook by name, of all that succeeded or were skipped; a failed one up to its error.
    """

    succeeded: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    notebooks: dict[str, dict[str, Any]] = field(default_factory=dict)


def run_notebooks(
    paths: Iterable[Path],
    parameters: Mapping[str, Any],
    data: Path,
    *,
    cache: Path | None = None,
    inputs: str = "",
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> RunResult:
    """Run notebooks, each in a fresh name space; one that fails stops none of the others.

    Parameters
    ----------
    paths
        The notebooks.
    parameters
        Values for the cell tagged ``parameters``.
    data
        The data folder.
    cache
        Folder that keeps run notebooks; None runs all of them.
    inputs
        Hash of everything else that the outputs depend on: data and program.
    workers
        How many run at a time; by default one a processor, at most two.
    timeout
        Seconds after which a notebook is given up.
    progress
        Called with the number done, their total and the name of the last one.
    """
    result, queue = RunResult(), Queue[tuple[Path, Job, str]]()
    paths = list(paths)
    for path in paths:
        job = _job(path, parameters, data)
        key = _key(job, inputs)
        known = _cached(cache, job.name, key)
        if known is None:
            queue.put((path, job, key))
        else:
            result.skipped.append(job.name)
            result.notebooks[job.name] = known
    count = min(workers or min(2, os.cpu_count() or 1), queue.qsize())
    reporter = _Reporter(result, cache, progress, len(paths))
    threads = [
        threading.Thread(target=_work, args=(queue, reporter, timeout)) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order = [path.name for path in paths]
    result.succeeded.sort(key=order.index)
    result.failed.sort(key=lambda failure: order.index(failure.notebook))
    return result


def _job(path: Path, parameters: Mapping[str, Any], data: Path) -> Job:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    folder = str(path.parent.resolve())
    return Job(path.name, notebook, dict(parameters), folder, str(data.resolve()))


def _key(job: Job, inputs: str) -> str:
    told = json.dumps([job.name, job.notebook, job.parameters, inputs], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _cached(cache: Path | None, name: str, key: str) -> dict[str, Any] | None:
    if cache is None:
        return None
    try:
        kept = json.loads((cache / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found: dict[str, Any] | None = kept.get("notebook") if kept.get("key") == key else None
    return found


@dataclass
class _Reporter:
    """Gathers outcomes of all threads."""

    result: RunResult
    cache: Path | None
    progress: Progress | None
    total: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, job: Job, key: str, outcome: Outcome) -> None:
        """Keep one outcome."""
        with self.lock:
            self.result.notebooks[job.name] = outcome.notebook
            if outcome.failed_cell is None:
                self.result.succeeded.append(job.name)
                self._keep(job.name, key, outcome.notebook)
            else:
                failure = Failure(job.name, outcome.failed_cell, outcome.error)
                self.result.failed.append(failure)
            if self.progress:
                self.progress(len(self.result.notebooks), self.total, job.name)

    def _keep(self, name: str, key: str, notebook: dict[str, Any]) -> None:
        if self.cache is None:
            return
        self.cache.mkdir(parents=True, exist_ok=True)
        told = json.dumps({"key": key, "notebook": notebook}, ensure_ascii=False)
        write_atomically(self.cache / f"{name}.json", told)


def _work(queue: Queue[tuple[Path, Job, str]], reporter: _Reporter, timeout: float) -> None:
    """Feed one process with notebooks until there are none left; renew it when it dies."""
    worker: _Worker | None = None
    while True:
        try:
            _, job, key = queue.get_nowait()
        except Empty:
            break
        worker = worker or _Worker()
        outcome = worker.run(job, timeout)
        reporter.tell(job, key, outcome)
        if not worker.process.is_alive():
            worker = None
    if worker:
        worker.stop()


class _Worker:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process: SpawnProcess = context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def run(self, job: Job, timeout: float) -> Outcome:
        try:
            self.connection.send(job)
            if self.connection.poll(timeout):
                outcome: Outcome = self.connection.recv()
                return outcome
            said = text("run-timeout", seconds=f"{timeout:.0f}")
        except (EOFError, OSError):
            said = text("run-died")
        self.process.kill()
        self.process.join()
        return Outcome(job.notebook, 0, said)

    def stop(self) -> None:
        self.connection.send(None)
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
        self.connection.close()


def write_atomically(path: Path, content: str) -> None:
    """Write a text file so that at every moment the old or the new one is there."""
    if path.is_file() and path.read_text(encoding="utf-8") == content:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(content, encoding="utf-8", newline="\n")
    temporary.replace(path)
