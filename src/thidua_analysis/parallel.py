"""Many things at once: side by side on this machine, or by any executor, such as Dask's."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from thidua_analysis.findings import UsageError

# what starts threads and processes is loaded where they start: one file needs neither
if TYPE_CHECKING:
    from concurrent.futures import Executor, Future, ProcessPoolExecutor

Thing = TypeVar("Thing")
Result = TypeVar("Result")
Engine = Literal["local", "dask"]

#: With fewer things than this, starting processes takes longer than they save.
MANY = 32
#: Handed to a process at a time.
_AT_A_TIME = 4
#: So many things wait at an executor, at least: few enough to be forgotten soon.
_WAITING = 256
_SECONDS_TO_CONNECT = 30
#: Windows waits for no more processes at once.
_MOST_ON_WINDOWS = 61


def each(
    work: Callable[[Thing], Result],
    things: Sequence[Thing],
    *,
    lost: Callable[[Thing], Result],
    many: int = MANY,
    executor: Executor | None = None,
) -> Iterator[Result]:
    """Yield what a function makes of each of many things, in their order.

    Threads take turns where Python itself computes, so that ``many`` things are given to as many
    processes as there are processors; two processes check many files in half the time of two
    threads. For that it must be possible to pickle the function, the things and the results, as
    it must for an ``executor`` beyond this process.
    What is ``lost`` stands for the result of a thing on which a process died.
    """
    if executor is not None:
        yield from _by_executor(executor, work, things, lost)
    elif len(things) < 2:
        yield from map(work, things)
    elif len(things) >= many and (os.cpu_count() or 1) > 1 and _can_start(work):
        yield from _by_processes(work, things, lost)
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            yield from threads.map(work, things)


@contextmanager
def engine(name: Engine, scheduler: str | None = None) -> Iterator[Executor | None]:
    """Give what computes beside this process: nothing more, or the workers of a Dask cluster.

    Parameters
    ----------
    name
        ``local``: the processors of this machine; ``dask``: the workers of a scheduler.
    scheduler
        Address of the scheduler, such as ``tcp://10.0.0.5:8786``; without one, Dask starts its
        workers on this machine.

    Raises
    ------
    UsageError
        If Dask is not installed, or no scheduler answers at the address.
    """
    if name == "local":
        if scheduler:
            raise UsageError("engine-no-scheduler", address=scheduler)
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("engine-not-installed") from error
    try:
        client = Client(scheduler, timeout=_SECONDS_TO_CONNECT)
    except (OSError, ValueError) as error:
        raise UsageError("engine-no-answer", address=scheduler or "") from error
    with client:
        yield client.get_executor(pure=False)


def _by_executor(
    executor: Executor,
    work: Callable[[Thing], Result],
    things: Sequence[Thing],
    lost: Callable[[Thing], Result],
) -> Iterator[Result]:
    """Keep an executor busy without handing it everything at once.

    An executor gives the thing of a worker that died to another one by itself. What it then
    still raises is of the executor, not of the work, which makes results of its own errors.
    """
    waiting: deque[tuple[Thing, Future[Result]]] = deque()
    # each thread of Dask's workers has one to do and one that is next
    client = getattr(executor, "_client", None)
    most = max(_WAITING, 2 * sum(client.nthreads().values()) if client else 0)

    def first() -> Result:
        thing, future = waiting.popleft()
        try:
            return future.result()
        except Exception:
            return lost(thing)

    try:
        for thing in things:
            waiting.append((thing, executor.submit(work, thing)))
            if len(waiting) >= most:
                yield first()
        while waiting:
            yield first()
    finally:
        for _, future in waiting:
            future.cancel()


def _can_start(work: Callable[..., object]) -> bool:
    """Whether new processes can be started: a script without a main guard cannot start any."""
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool

    if multiprocessing.current_process().daemon:
        return False
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
    from concurrent.futures.process import BrokenProcessPool

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
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context(_start_method())
    if sys.platform == "win32" and processes:
        processes = min(processes, _MOST_ON_WINDOWS)
    return ProcessPoolExecutor(processes, context, signal.signal, (signal.SIGINT, signal.SIG_IGN))


def _start_method() -> str:
    """A copy of this process starts at once, but only if no other thread may hold a lock in it."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if can_fork else "spawn"
