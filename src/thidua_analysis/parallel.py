"""Many things at once: side by side on this machine, or by any executor, such as Dask's."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from sys import modules
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from thidua_analysis.findings import UsageError

# what starts threads and processes is loaded where they start: one file needs neither
if TYPE_CHECKING:
    from concurrent.futures import Executor, Future, ProcessPoolExecutor
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Thing = TypeVar("Thing")
Result = TypeVar("Result")
Engine = Literal["local", "dask"]
#: why a process made nothing of a thing; ``""`` where it did
Fate = Literal["", "died", "late"]
#: the position of a thing, and what became of it
Done = tuple[int, Fate, Any]
_LATE: tuple[Fate, Any] = "late", None

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


@dataclass(frozen=True)
class Work(Generic[Thing, Result]):
    """Work for processes: what each loads, by the first thing, and what it makes of each thing.

    So many ``processes`` do it; one that takes more than ``timeout`` seconds for a thing is ended.
    """

    load: Callable[[Thing], object]
    make: Callable[[Thing], Result]
    things: Sequence[Thing]
    processes: int
    timeout: float


def as_done(
    work: Work[Thing, Result], *, lost: Callable[[Thing, Fate], Result]
) -> Generator[Result]:
    """Yield what was made of each thing as soon as it is.

    Linux can copy a process: one loads what the work needs, and copies of it do the work. A
    process that ends at a thing costs none of the others: what is ``lost`` stands for its result.
    Where the user interrupts, no process is waited for.
    """
    if not work.things:
        return
    with closing(_by_copies(work) if sys.platform == "linux" else _side_by_side(work)) as done:
        for at, fate, result in done:
            yield lost(work.things[at], fate) if fate else cast("Result", result)


def _by_copies(work: Work[Any, Any]) -> Generator[Done]:
    import multiprocessing

    context, left = multiprocessing.get_context("spawn"), dict.fromkeys(range(len(work.things)))
    told, tells = context.Pipe(duplex=False)
    copied = context.Process(target=_copy, args=(tells, work))
    _start(copied)
    tells.close()
    try:
        with suppress(EOFError):
            while left:
                done: Done = told.recv()
                del left[done[0]]
                yield done
        yield from ((at, "died", None) for at in left)
    except BaseException:
        copied.kill()
        raise
    finally:
        told.close()
        copied.join()


def _copy(tells: Connection, work: Work[Any, Any]) -> None:
    """Load what the work needs, and let copies of this process do it; no thread may run here."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):  # what cannot be loaded is told by the work that needs it
        work.load(work.things[0])
    parent = parent_process()
    with suppress(BrokenPipeError):
        for done in _side_by_side(work, "fork", [parent.sentinel] if parent else []):
            tells.send(done)
    tells.close()
    os._exit(0)  # nothing is left to tidy up


def _side_by_side(
    work: Work[Any, Any], method: str = "spawn", ends: Sequence[int] = ()
) -> Generator[Done]:
    """Yield what processes made; all end as soon as one of the ``ends`` does."""
    from multiprocessing import connection

    waiting, idle = list(enumerate(work.things))[::-1], list[_Worker]()
    busy: dict[Connection, tuple[_Worker, int, float]] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < work.processes:
                worker = idle.pop() if idle else _Worker(work.make, method)
                at, thing = waiting.pop()
                busy[worker.line] = worker, at, time.monotonic() + work.timeout
                with suppress(OSError):  # one that has died meanwhile is found below
                    worker.line.send(thing)
            # a wait without end cannot be interrupted on Windows
            ready = connection.wait([*busy, *ends], 1)
            if not busy.keys() >= set(ready):
                return
            for line, (worker, at, late) in list(busy.items()):
                if line not in ready and time.monotonic() < late:
                    continue
                del busy[line]
                fate, result = worker.result() if line in ready else _LATE
                if fate:
                    worker.end()
                else:
                    idle.append(worker)
                yield at, fate, result
    finally:
        for worker in (*idle, *(worker for worker, _, _ in busy.values())):
            worker.end()


class _Worker:
    """A process that does one thing after the other, and the line to it."""

    def __init__(self, make: Callable[[Any], object], method: str) -> None:
        import multiprocessing

        context: Any = multiprocessing.get_context(method)
        self.line, own = context.Pipe()
        self._process = context.Process(target=_serve, args=(own, make))
        _start(self._process)
        own.close()

    def result(self) -> tuple[Fate, Any]:
        """Return what it made of a thing, or that it has died of it."""
        try:
            return "", self.line.recv()
        except (EOFError, OSError):
            return "died", None

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()
        self.line.close()


def _serve(line: Connection, make: Callable[[Any], object]) -> None:
    _end_with_parent()
    with suppress(EOFError):
        while True:
            line.send(make(line.recv()))


def _start(process: BaseProcess) -> None:
    """Start a process that the user's interruption never reaches.

    One that came while the process is still importing would print where it was. It waits until
    the process has started, which then ends.
    """
    from multiprocessing import resource_tracker

    from thidua_analysis.store.disk import uninterrupted

    can_block = hasattr(signal, "pthread_sigmask")
    if can_block:
        resource_tracker.ensure_running()  # else it starts below and lets interruptions through
    try:
        with uninterrupted():
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else ()
            try:
                with _apart():
                    process.start()
            finally:
                if can_block:
                    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    except BaseException:
        if process.pid:
            process.kill()
        raise


@contextmanager
def _apart() -> Iterator[None]:
    """Let the processes that start here not run the script of the user again, as all would."""
    main, modules["__main__"] = modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        modules["__main__"] = main


def _end_with_parent() -> None:
    """Make a new process end with the one that waits for it, which alone may be interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


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
        import dask

        # what goes wrong is told in a sentence
        dask.config.set({"logging": {"distributed": "critical", "distributed.client": "critical"}})
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
    still raises is of the executor, not of the work, which makes results of its own errors. One
    that takes nothing more, or lets go of what it has taken, has ended.
    """
    from concurrent.futures import BrokenExecutor, CancelledError

    waiting: deque[tuple[Thing, Future[Result]]] = deque()
    # each thread of Dask's workers has one to do and one that is next
    client = getattr(executor, "_client", None)
    most = max(_WAITING, 2 * sum(client.nthreads().values()) if client else 0)

    def first() -> Result:
        thing, future = waiting.popleft()
        try:
            return future.result()
        except (BrokenExecutor, CancelledError) as error:
            raise UsageError("engine-gone") from error
        except Exception:
            return lost(thing)

    try:
        for thing in things:
            try:
                waiting.append((thing, executor.submit(work, thing)))
            except RuntimeError as error:
                raise UsageError("engine-gone") from error
            if len(waiting) >= most:
                yield first()
        while waiting:
            yield first()
    finally:
        for _, future in waiting:
            future.cancel()


def _can_start(work: Callable[..., object]) -> bool:
    """Whether new processes can be started, and find the work."""
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool

    if multiprocessing.current_process().daemon:
        return False
    if _start_method() == "fork":
        return True
    try:
        with _pool(1) as pool, _apart():
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
            with _apart():
                results = pool.map(work, things, chunksize=_AT_A_TIME)
            for result in results:
                done += 1
                yield result
    except BrokenProcessPool:
        # the one that died took the others along: from here on each is on its own
        for thing in things[done:]:
            try:
                with _pool(1) as pool, _apart():
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
