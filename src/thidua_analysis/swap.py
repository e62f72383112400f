"""Replacing a folder as a whole: whoever looks, whenever a process dies, sees the old or the new.

The new folder is written beside the old one, under a name that marks it as unfinished. When all
of it is on the disk, the two change places in one step, where the system can do that. Elsewhere
the new folder gets a second name, from which on it counts, and is moved in file by file, the
manifest taken away first and put back last; whoever comes next finishes the job (`recover`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_AT_CWD = -100
_EXCHANGE = 2
_MANIFEST = "manifest.json"
_TRIES = 40
_WAIT = 0.05


def replace_folder(home: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold exactly these files.

    Parameters
    ----------
    home
        The folder; its parent lies on the same file system.
    files
        Name → content.

    Raises
    ------
    OSError
        If the disk is full or a program holds a file open and forbids to replace it.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with locked(home):
        _finish(home)
        fresh = home.with_name(f".{home.name}.unfinished")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for name, content in files.items():
            _write_through(fresh / name, content)
        _sync(fresh)
        if not home.exists():
            fresh.rename(home)
        elif exchange(fresh, home):
            _sync(home.parent)
            shutil.rmtree(fresh, ignore_errors=True)
        else:
            fresh.rename(_ready(home))
            _sync(home.parent)
            _finish(home)
        _sync(home.parent)


def recover(home: Path) -> None:
    """Finish a replacement that died after its point of no return; else do nothing."""
    if _ready(home).exists():
        with locked(home):
            _finish(home)


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Let one process at a time replace the folder; a dead process holds no lock."""
    with home.with_name(f".{home.name}.lock").open("a+b") as handle:
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
    if (ready / _MANIFEST).exists():
        home.mkdir(exist_ok=True)
        (home / _MANIFEST).unlink(missing_ok=True)
        for path in sorted(ready.iterdir()):
            if path.name != _MANIFEST:
                _move(path, home / path.name)
        _sync(home)
        _move(ready / _MANIFEST, home / _MANIFEST)
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


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
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
