"""`thidua check`: many files side by side, their findings, and nothing kept of their rows."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from thidua_analysis.findings import finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.store import inputs, revisions
from thidua_analysis.submission import Submission, read_file

Thing = TypeVar("Thing")
Result = TypeVar("Result")

#: With fewer things than this, starting processes takes longer than they save.
MANY = 32
#: Handed to a process at a time.
_AT_A_TIME = 4


def each(
    work: Callable[[Thing], Result],
    things: Sequence[Thing],
    *,
    lost: Callable[[Thing], Result],
) -> Iterator[Result]:
    """Yield what a function makes of each of many things, in their order.

    Threads take turns where Python itself computes, so that many things are given to as many
    processes as there are processors; measured, two processes check 600 files in half the time
    of two threads (``benchmarks/check_speed.py``). For that it must be possible to pickle the
    function, the things and the results. What is ``lost`` stands for the result of a thing on
    which a process died.
    """
    if len(things) < 2:
        yield from map(work, things)
    elif len(things) >= MANY and (os.cpu_count() or 1) > 1 and _can_start(work):
        yield from _by_processes(work, things, lost)
    else:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            yield from threads.map(work, things)


def _can_start(work: Callable[[Any], Any]) -> bool:
    """Whether new processes can be started: a script without a main guard cannot start any."""
    if _start_method() == "fork":
        return True
    try:
        with _pool(1) as pool:
            return pool.submit(callable, work).result()
    except BrokenProcessPool:
        return False


def _by_processes(
    work: Callable[[Thing], Result], things: Sequence[Thing], lost: Callable[[Thing], Result]
) -> Iterator[Result]:
    done = 0
    try:
        with _pool(os.cpu_count()) as pool:
            for result in pool.map(work, things, chunksize=_AT_A_TIME):
                done += 1
                yield result
    except BrokenProcessPool:
        # the one that died took the others along: from here on each is on its own
        for thing in things[done:]:
            try:
                with _pool(1) as pool:
                    alone = pool.submit(work, thing).result()
            except BrokenProcessPool:
                alone = lost(thing)
            yield alone


def _pool(processes: int | None) -> ProcessPoolExecutor:
    """New processes; the user's interruption is for the one that waits for them."""
    context = multiprocessing.get_context(_start_method())
    return ProcessPoolExecutor(processes, context, signal.signal, (signal.SIGINT, signal.SIG_IGN))


def _start_method() -> str:
    """A copy of this process starts at once, but only if no other thread may hold a lock in it."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if can_fork else "spawn"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file's findings and the number of its rows by table; the rows themselves are let go."""

    submission: Submission
    counts: dict[str, int]


def check(
    paths: Iterable[Path],
    bloc: Bloc,
    *,
    reader: Callable[[Path, Bloc], Submission] = read_file,
    progress: Callable[[int, int], None] | None = None,
    raw: Path | None = None,
) -> list[Checked]:
    """Read files side by side and keep what was found, in the order of the paths.

    Files of one member, year and revision name each other; money is compared with that of the
    year before, where that is at hand. ``progress`` is called with the number of files read and
    their total. In ``raw``, the folder ``data/raw``, files of the year before are looked up for
    whom much money is reported.
    """
    paths = list(paths)
    found: list[Checked] = []
    for one in each(partial(_checked, reader, bloc), paths, lost=_lost):
        found.append(one)
        if progress:
            progress(len(found), len(paths))
    return _compared(found, _earlier(found, reader, bloc, raw) if raw else [])


def _checked(reader: Callable[[Path, Bloc], Submission], bloc: Bloc, path: Path) -> Checked:
    submission = read_one(reader, path, bloc)
    counts = {table: len(rows) for table, rows in submission.rows.items()}
    return Checked(replace(submission, rows=revisions.money_rows(submission)), counts)


def read_one(reader: Callable[[Path, Bloc], Submission], path: Path, bloc: Bloc) -> Submission:
    """Read one file; that the system refuses to open it is a finding like any other."""
    try:
        return reader(path, bloc)
    except OSError as error:
        return failed(path, error.strerror or type(error).__name__)


def failed(path: Path, what: str = BrokenProcessPool.__name__) -> Submission:
    """Return what stands for a file that could not be read; by default its process died."""
    return Submission(str(path), "", findings=(finding("reader-failed", params={"what": what}),))


def _lost(path: Path) -> Checked:
    return Checked(failed(path), {})


def _earlier(
    found: list[Checked], reader: Callable[[Path, Bloc], Submission], bloc: Bloc, raw: Path
) -> list[Submission]:
    """Read the files of the years before those that report so much money that it may be wrong."""
    given = {(c.submission.member, c.submission.year) for c in found}
    years = {
        (one.year or 0) - 1
        for one in (c.submission for c in found)
        if (one.member, (one.year or 0) - 1) not in given and revisions.holds_much_money(one)
    }
    paths = [path for year in sorted(years) for path in inputs.in_folder(raw / str(year))]
    return [_checked(reader, bloc, path).submission for path in paths]


def _compared(found: list[Checked], earlier: list[Submission]) -> list[Checked]:
    """Add what only several files show: two of one member, year and revision, other money."""
    placed = revisions.place(c.submission for c in found)
    first = {p.submission.path for p in placed}
    others = [p for p in revisions.place(earlier) if p.submission.path not in first]
    by_path = {p.file: p.submission for p in revisions.compare_money((*others, *placed))}
    return [replace(c, submission=replace(by_path[c.submission.path], rows={})) for c in found]
