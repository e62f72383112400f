"""Do the same with many things at once: few by threads, many by processes of their own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")

#: With fewer things than this, starting processes takes longer than they save.
MANY = 32
#: Handed to a process at a time.
_AT_A_TIME = 4

_work: Callable[[Any], Any]


def each(
    work: Callable[[Thing], Result],
    things: Sequence[Thing],
    *,
    lost: Callable[[Thing], Result],
) -> Iterator[Result]:
    """Yield what a function makes of each of many things, in their order.

    Threads take turns where Python itself computes, so that many things are given to as many
    processes as there are processors; measured, two processes check 600 files in half the time
    of two threads (``benchmarks/check_speed.py``).

    Parameters
    ----------
    work
        The function; it must be possible to pickle it, the things and the results.
    things
        What it is called with.
    lost
        What stands for the result of a thing on which a process died.
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
        with _pool(work, 1) as pool:
            return pool.submit(_is_ready).result()
    except BrokenProcessPool:
        return False


def _is_ready() -> bool:
    return True


def _by_processes(
    work: Callable[[Thing], Result], things: Sequence[Thing], lost: Callable[[Thing], Result]
) -> Iterator[Result]:
    done = 0
    try:
        with _pool(work, os.cpu_count()) as pool:
            for result in pool.map(_call, things, chunksize=_AT_A_TIME):
                done += 1
                yield result
    except BrokenProcessPool:
        # the one that died took the others along: from here on each is on its own
        for thing in things[done:]:
            yield _alone(work, thing, lost)


def _alone(
    work: Callable[[Thing], Result], thing: Thing, lost: Callable[[Thing], Result]
) -> Result:
    try:
        with _pool(work, 1) as pool:
            result: Result = pool.submit(_call, thing).result()
            return result
    except BrokenProcessPool:
        return lost(thing)


def _pool(work: Callable[[Any], Any], processes: int | None) -> ProcessPoolExecutor:
    context = multiprocessing.get_context(_start_method())
    return ProcessPoolExecutor(processes, context, _prepare, (work,))


def _start_method() -> str:
    """A copy of this process starts at once, but only if no other thread may hold a lock in it."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if can_fork else "spawn"


def _prepare(work: Callable[[Any], Any]) -> None:
    """Make a new process ready: the user's interruption is for the one that waits for it."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # what is loaded by now stays: no need to look again and again whether it may go
    gc.freeze()
    _work = work


def _call(thing: Any) -> Any:
    return _work(thing)
