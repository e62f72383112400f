"""The processed data: assembled from submissions, written all or nothing, read whole."""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import errno
import hashlib
import io
import itertools
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import processed_of
from thidua_analysis.store import tidy
from thidua_analysis.store.tidy import Tables

_AT_CWD, _EXCHANGE = -100, 2
MANIFEST, TABLE = "manifest.json", ".parquet"  # what a store says of itself, and its tables
#: Why the system lets nobody write: no permission, or a folder that can only be read.
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
_TRIES, _WAIT = 40, 0.05
_READ_TRIES, _READ_WAIT = 4, 0.02
#: In a folder whose files change: where new ones wait, with who is at work and what is due.
WORK, _LOCK, _PLAN = ".unfinished", "lock", "plan.json"
PATIENCE = 5.0  # seconds for another process that is at work in the same folder


@dataclass(frozen=True, slots=True)
class _Unit:
    """What changes at the end of `together`: path → what takes its place; None removes it."""

    work: Path
    changes: dict[Path, Path | None]


_UNIT: ContextVar[_Unit | None] = ContextVar("unit", default=None)
_HELD: ContextVar[Mapping[Path, BinaryIO]] = ContextVar("held", default=MappingProxyType({}))
if hasattr(os, "register_at_fork"):  # a copy of this process has not the lock
    os.register_at_fork(after_in_child=lambda: [one.close() for one in _HELD.get().values()])
_numbers = itertools.count()


def replace_folder(home: Path, files: Mapping[str, bytes], lock: Path | None = None) -> None:
    """Make the folder hold exactly these files, all or nothing; locked is the one that it is in."""
    with naming(home), locked(lock := lock or home.parent) as work:
        fresh = work / home.name
        fresh.mkdir()
        for name, content in files.items():
            write_through(fresh / name, content)
        _sync(fresh)
        if not home.exists():
            home.parent.mkdir(parents=True, exist_ok=True)
            fresh.rename(home)
        elif not exchange(fresh, home):
            with together(lock) as unit:
                unit.changes.update(dict.fromkeys(home.iterdir()))
                unit.changes.update({home / name: fresh / name for name in files})
        _sync(home.parent)


def recover(home: Path) -> None:
    """End what a process that died here had begun; who may only look goes on without."""
    if (home / WORK).exists():
        with contextlib.suppress(OSError, UsageError), locked(home, patience=0):
            pass


@contextlib.contextmanager
def locked(home: Path, *, patience: float | None = None) -> Iterator[Path]:
    """Let one process at a time change the files of a folder; yield where it prepares them.

    What one that died was about to do is ended first: a dead process holds no lock. Where another
    one is at work for longer than some seconds, a `UsageError` tells who.
    """
    work = home.absolute() / WORK
    if work in _HELD.get():
        yield work
        return
    try:
        with naming(home):
            handle = _waited_for(work, PATIENCE if patience is None else patience)
    except OSError:
        with contextlib.suppress(OSError):  # where there was only room for a folder
            work.rmdir()
        raise
    token = _HELD.set({**_HELD.get(), work: handle})
    try:
        if (work / _PLAN).exists():
            _carry_out(work, json.loads((work / _PLAN).read_bytes()))
        _clear(work)
        yield work
    finally:
        _HELD.reset(token)
        _leave(work, handle)


def _waited_for(work: Path, patience: float) -> BinaryIO:
    until = time.monotonic() + patience
    while (handle := _taken(work)) is None:
        with contextlib.suppress(FileNotFoundError):  # who had the lock has ended just now
            if time.monotonic() >= until:
                told = [*(work / _LOCK).read_text(encoding="utf-8").split("\n"), "?", "?", "?"]
                named = dict(zip(("what", "since", "process"), told, strict=False))
                raise UsageError("folder-busy", folder=str(work.parent), **named)
        time.sleep(_WAIT)
    return handle


def _taken(work: Path) -> BinaryIO | None:
    """Take the lock and note who has it since when; None where another one has it."""
    called = Path(sys.argv[0]).stem.replace("__main__", "thidua")  # by python -m
    lock, what = work / _LOCK, " ".join([called, *sys.argv[1:2]])
    work.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as opened, contextlib.suppress(FileNotFoundError):
        handle: BinaryIO = opened.enter_context(lock.open("a+b"))
        # one that has just ended has taken its lock and folder away
        if _lock(handle.fileno()) and os.path.samestat(os.fstat(handle.fileno()), lock.stat()):
            with contextlib.suppress(OSError):
                handle.truncate(0)
                told = f"{what}\n{dt.datetime.now():%H:%M %d/%m/%Y}\n{os.getpid()}"
                os.write(handle.fileno(), told.encode())
            opened.pop_all()
            return handle
    return None


def _leave(work: Path, handle: BinaryIO) -> None:
    """Let the next one in: all that is there once the lock is gone is another's."""
    _clear(work)
    if os.name == "nt":  # an open file cannot be removed there, so that of another stays
        handle.close()
    with contextlib.suppress(OSError):
        (work / _LOCK).unlink()
        work.rmdir()
    handle.close()


def _clear(work: Path) -> None:
    """Remove what was prepared, unless it is due."""
    if (work / _PLAN).exists():
        return
    for path in work.iterdir():
        if path.name != _LOCK:
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where the system cannot."""
    first, second = os.fsencode(one.absolute()), os.fsencode(other.absolute())
    with contextlib.suppress(OSError, AttributeError, TypeError):  # only Linux has such a call
        rename = ctypes.CDLL(None).renameat2
        return bool(rename(_AT_CWD, first, _AT_CWD, second, _EXCHANGE) == 0)
    return False


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of the system name what was to be written, not a file beside it or none."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let the user's interruption wait until the end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def together(home: Path) -> Iterator[_Unit]:
    """Let files of a folder that are written and removed within change at its end, or none.

    What is due is noted at the end: whoever works here next does what one that died then left.
    """
    if (outer := _UNIT.get()) is not None:
        yield outer
        return
    with locked(home) as work:
        unit = _Unit(work, {})
        token = _UNIT.set(unit)
        try:
            yield unit
            with uninterrupted():
                _settle(unit)
        finally:
            _UNIT.reset(token)
            _clear(work)


def _settle(unit: _Unit) -> None:
    work, home = unit.work, unit.work.parent
    due = {
        os.path.relpath(path.absolute(), home): str(fresh.relative_to(home)) if fresh else None
        for path, fresh in unit.changes.items()
    }
    if len(due) > 1:  # a single change is whole by itself
        with naming(home):
            write_through(work / f"{_PLAN}.new", dump(due))
            (work / f"{_PLAN}.new").replace(work / _PLAN)
            _sync(work)
    _carry_out(work, due)


def _carry_out(work: Path, due: Mapping[str, str | None]) -> None:
    """Make the changes that are due; safe to repeat from any point."""
    home = work.parent
    for name, fresh in due.items():
        _move(home / fresh if fresh else None, home / name)
    for folder in {(home / name).parent for name, fresh in due.items() if fresh}:
        _sync(folder)
    with naming(home):
        (work / _PLAN).unlink(missing_ok=True)


def _move(fresh: Path | None, path: Path) -> None:
    """Put a file in its place, or remove it; wait a moment where a program holds it open."""
    for tries_left in reversed(range(_TRIES)):
        try:
            if fresh is None:
                path.unlink(missing_ok=True)
            elif fresh.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                fresh.replace(path)
        except OSError as error:
            if not tries_left:
                error.filename, error.filename2 = str(path), None
                raise
            time.sleep(_WAIT)
        else:
            return


def now(path: Path) -> Path:
    """Return where that is which `together` writes to a path, nowhere if removed; else the path."""
    unit = _UNIT.get()
    return (unit.changes[path] or unit.work / "gone") if unit and path in unit.changes else path


def write_file(path: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Write a file so that at every moment the old or the new one is there."""
    stored = content.encode() if isinstance(content, str) else content
    with together(path.parent) as unit, naming(path):
        if path not in unit.changes and path.is_file() and path.read_bytes() == stored:
            return
        fresh = unit.work / str(next(_numbers))
        (write_through if durable else Path.write_bytes)(fresh, stored)
        unit.changes[path] = fresh


def remove_file(path: Path) -> None:
    """Remove a file, if it is there."""
    with together(path.parent) as unit:
        unit.changes[path] = None


def write_through(path: Path, content: bytes) -> None:
    """Write a file to the disk itself."""
    with naming(path), path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system has that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with naming(folder):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open file, unless another process has done so."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # others cannot read what is locked
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def folder(data: Path) -> Path:
    """Return the folder of the processed data."""
    return data / "processed"


class StoreMissingError(Exception):
    """Raised when there is no whole store in the folder: it must be built."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store as read: its manifest, and the bytes of each table checked against it."""

    manifest: Mapping[str, Any]
    parquet: Mapping[str, bytes]

    def table(self, name: str) -> pa.Table:
        """Return one table, read by one thread: a pool that still runs at the end would abort."""
        file = pq.ParquetFile(pa.BufferReader(self.parquet[name]))
        return file.read(use_threads=False).cast(tidy.schema_of(name))

    def tables(self) -> Tables:
        """Return all tables by name."""
        return {name: self.table(name) for name in self.parquet}


def write(data: Path, tables: Tables, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the processed data by new tables, all or nothing.

    The same tables and manifest give the same bytes.
    """
    encoded = {name: encode(table) for name, table in tables.items()}
    whole = dict(manifest)
    whole["tables"] = {
        name: {"rows": tables[name].num_rows, "sha256": digest(encoded[name])}
        for name in sorted(tables)
    }
    files = {f"{name}{TABLE}": content for name, content in sorted(encoded.items())}
    files[MANIFEST] = dump(whole)
    files[".gitkeep"] = b""
    replace_folder(processed_of(data), files, data)
    return whole


def read(data: Path) -> Store:
    """Read the processed data as one build left them.

    Every table is compared with the hash in the manifest, so that nothing else is mixed in.
    """
    home = processed_of(data)
    for attempt in range(_READ_TRIES):
        time.sleep(_READ_WAIT * attempt)
        recover(data)
        try:
            manifest = json.loads((home / MANIFEST).read_bytes())
            content = {n: (home / f"{n}{TABLE}").read_bytes() for n in manifest["tables"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if all(digest(content[n]) == entry["sha256"] for n, entry in manifest["tables"].items()):
            return Store(manifest, content)
    raise StoreMissingError(str(home))


def encode(table: pa.Table) -> bytes:
    """Return a table as Parquet: the same table always gives the same bytes."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", write_statistics=False, store_schema=True)
    return sink.getvalue()


def dump(content: Mapping[str, Any]) -> bytes:
    """Return JSON that people can read, with a line break at its end."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def digest(content: bytes) -> str:
    """Return the sha256 of some bytes."""
    return hashlib.sha256(content).hexdigest()
