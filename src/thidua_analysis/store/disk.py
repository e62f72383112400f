"""The processed data: assembled from submissions, written all or nothing, read whole."""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import errno
import hashlib
import io
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.config import processed_of
from thidua_analysis.store import revisions, tidy
from thidua_analysis.store.inputs import Withdrawn
from thidua_analysis.store.revisions import Placed
from thidua_analysis.store.tidy import Tables, finding_record
from thidua_analysis.submission.rows import Submission

_AT_CWD = -100
_EXCHANGE = 2
MANIFEST = "manifest.json"
#: Ending of the files of tables.
TABLE = ".parquet"
FORMAT = 1
#: Why the system lets nobody write: no permission, or a folder that can only be read.
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
_TRIES, _WAIT = 40, 0.05


def replace_folder(home: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold exactly these files, all or nothing."""
    with naming(home):
        home.parent.mkdir(parents=True, exist_ok=True)
        with locked(home):
            _finish(home)
            fresh = home.with_name(f".{home.name}.unfinished")
            shutil.rmtree(fresh, ignore_errors=True)
            try:
                _fill(fresh, files)
                _swap(fresh, home)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


def _fill(fresh: Path, files: Mapping[str, bytes]) -> None:
    fresh.mkdir()
    for name, content in files.items():
        write_through(fresh / name, content)
    _sync(fresh)


def _swap(fresh: Path, home: Path) -> None:
    if not home.exists():
        fresh.rename(home)
    elif not exchange(fresh, home):
        fresh.rename(_ready(home))
        _sync(home.parent)
        _finish(home)
    _sync(home.parent)


def recover(home: Path) -> None:
    """Finish a replacement that died after its point of no return; else do nothing."""
    if _ready(home).exists():
        # who may only look goes on with what there is
        with contextlib.suppress(OSError), locked(home):
            _finish(home)


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Let one process at a time replace the folder; a dead process holds no lock."""
    with naming(home.parent):
        handle = home.with_name(f".{home.name}.lock").open("a+b")
    with handle:
        _lock(handle.fileno())
        yield


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    paths = (os.fsencode(one.absolute()), os.fsencode(other.absolute()))
    return bool(rename(_AT_CWD, paths[0], _AT_CWD, paths[1], _EXCHANGE) == 0)


def _ready(home: Path) -> Path:
    return home.with_name(f".{home.name}.ready")


def _finish(home: Path) -> None:
    """Move a folder that counts already to its place; safe to repeat from any point."""
    ready = _ready(home)
    if not ready.exists():
        return
    if (ready / MANIFEST).exists():
        home.mkdir(exist_ok=True)
        (home / MANIFEST).unlink(missing_ok=True)
        for path in sorted(ready.iterdir()):
            if path.name != MANIFEST:
                _move(path, home / path.name)
        _sync(home)
        _move(ready / MANIFEST, home / MANIFEST)
        _sync(home)
    shutil.rmtree(ready, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    """Replace a file; wait a moment where another program holds it open."""
    for tries_left in reversed(range(_TRIES)):
        try:
            source.replace(target)
        except PermissionError:
            if not tries_left:
                raise
            time.sleep(_WAIT)
        else:
            return


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


#: What changes at the end of `together`: path → the file that takes its place; None removes it.
_STAGED: ContextVar[dict[Path, Path | None] | None] = ContextVar("staged", default=None)


@contextlib.contextmanager
def together() -> Iterator[dict[Path, Path | None]]:
    """Let the files written and removed within change at its end, or none where it fails."""
    if (outer := _STAGED.get()) is not None:
        yield outer
        return
    staged: dict[Path, Path | None] = {}
    token = _STAGED.set(staged)
    try:
        yield staged
        with uninterrupted():
            _settle(staged)
    finally:
        _STAGED.reset(token)
        for fresh in filter(None, staged.values()):
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)


def _settle(staged: Mapping[Path, Path | None]) -> None:
    for path, fresh in staged.items():
        with naming(path):
            fresh.replace(path) if fresh else path.unlink(missing_ok=True)


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file so that at every moment the old or the new one is there."""
    stored = content.encode() if isinstance(content, str) else content
    with together() as staged, naming(path):
        if path not in staged and path.is_file() and path.read_bytes() == stored:
            return
        fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        staged[path] = fresh
        fresh.write_bytes(stored)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there."""
    with together() as staged:
        staged[path] = None


def write_through(path: Path, content: bytes, mode: str = "wb") -> None:
    """Write a file to the disk itself."""
    with naming(path), path.open(mode) as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system has that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        for tries_left in reversed(range(_TRIES)):
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:
                if not tries_left:
                    raise
            else:
                return
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


_READ_TRIES, _READ_WAIT = 4, 0.02


class StoreMissingError(Exception):
    """Raised when there is no whole store in the folder: it must be built."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store as read: its manifest, and the bytes of each table checked against it."""

    manifest: Mapping[str, Any]
    parquet: Mapping[str, bytes]

    def table(self, name: str) -> pa.Table:
        """Return one table.

        Read by one thread from memory: a pool of readers may still run when the program ends,
        and then aborts it.
        """
        file = pq.ParquetFile(pa.BufferReader(self.parquet[name]))
        return file.read(use_threads=False).cast(tidy.schema_of(name))

    def tables(self) -> Tables:
        """Return all tables by name."""
        return {name: self.table(name) for name in self.parquet}


def write(data: Path, tables: Tables, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the processed data by new tables, all or nothing.

    A kill at any moment leaves the old state or the new one. The same
    tables and manifest give the same bytes.
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
    replace_folder(processed_of(data), files)
    return whole


def read(data: Path) -> Store:
    """Read the processed data as one build left them.

    Every table is compared with the hash in the manifest, so that a build that ends meanwhile,
    or a file changed by hand, is never mixed in.
    """
    home = processed_of(data)
    for attempt in range(_READ_TRIES):
        time.sleep(_READ_WAIT * attempt)
        recover(home)
        try:
            manifest = json.loads((home / MANIFEST).read_bytes())
            content = {n: (home / f"{n}{TABLE}").read_bytes() for n in manifest["tables"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if all(digest(content[n]) == entry["sha256"] for n, entry in manifest["tables"].items()):
            return Store(manifest, content)
    raise StoreMissingError(str(home))


def entry(placed: Placed) -> dict[str, Any]:
    """Return what the manifest says of a file."""
    submission = placed.submission
    return {
        "file": submission.path,
        "sha256": submission.sha256,
        "form": submission.form,
        "member": submission.member,
        "year": submission.year,
        "revision": submission.revision,
        "status": submission.status,
        "used": placed.used,
        "superseded": placed.superseded,
        "withdrawn": placed.withdrawn and placed.withdrawn.model_dump(mode="json"),
        "period": submission.period,
        "places": tidy.places(submission),
        "counts": {t: len(rows) for t in tidy.table_names() if (rows := submission.rows.get(t))},
        "findings": [finding_record(found) for found in submission.findings],
    }


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


def assemble(
    submissions: Iterable[Submission],
    bloc: Bloc,
    received: Mapping[str, dt.date] | None = None,
    withdrawn: Mapping[str, Withdrawn] | None = None,
) -> tuple[Tables, dict[str, Any]]:
    """Return the tables and the manifest of submissions, in whatever order they come."""
    placed = revisions.place(submissions, received, withdrawn)
    placed = revisions.compare_years(placed, bloc)
    missing = revisions.missing_members(placed, bloc)
    manifest = {
        "format": FORMAT,
        "bloc": bloc.id,
        "years": sorted({p.submission.year for p in placed if p.used and p.submission.year}),
        "files": [entry(p) for p in placed],
        "findings": [finding_record(found) for found in missing],
    }
    return tidy.tables(placed, missing, received), manifest


def content_hash(path: Path) -> str:
    """Return the sha256 of a file, or what keeps it from being opened."""
    try:
        return digest(path.read_bytes())
    except OSError as error:
        return type(error).__name__
