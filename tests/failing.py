"""A disk on which one operation fails, or at which the process dies, so that each can be tried."""

import errno
import os
import shutil
import signal
from pathlib import Path

#: The process dies at the operation, as when the system kills it or the power goes.
DEATH = -1


class _Handle:
    """An open file; when its writing fails, half of what was to be written is there."""

    def __init__(self, handle, step):
        self._handle, self._step = handle, step

    def __getattr__(self, name):
        return getattr(self._handle, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._handle.close()

    def write(self, content):
        half = self._handle.write(content[: len(content) // 2])
        self._handle.flush()
        self._step()
        return half + self._handle.write(content[half:])


class FailingDisk:
    """Counts what changes files in a folder and lets operations with some numbers fail.

    Opening to write, writing, syncing, renaming, removing and making folders count, and so does
    the exchange of two folders, which says itself that it could not be done. With ``full`` files
    can be removed.
    """

    def __init__(self, monkeypatch, root, fails, code=errno.ENOSPC, *, full=False):
        from thidua_analysis.store import disk

        self.root, self.fails, self.code, self.done = Path(root), fails, code, 0
        self._asking = False
        open_, fsync, exchange, rmtree = Path.open, os.fsync, disk.exchange, shutil.rmtree

        def opened(path, mode="r", *rest, **options):
            if not (set(mode) & set("wax+")) or not self._within(path):
                return open_(path, mode, *rest, **options)
            self.step(path)
            return _Handle(open_(path, mode, *rest, **options), self.step)

        def synced(descriptor):
            self.step()
            fsync(descriptor)

        def exchanged(one, other):
            return not self._failed() and exchange(one, other)

        def removed(path, *rest, **options):
            if self._within(path):
                self.step(path)
            rmtree(path, *rest, **options)

        monkeypatch.setattr(Path, "open", opened)
        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(disk, "exchange", exchanged)
        if not full:
            monkeypatch.setattr(shutil, "rmtree", removed)
        for name in ("rename", "replace", "mkdir", *(() if full else ("unlink", "rmdir"))):
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))

    def _within(self, path):
        return Path(path).absolute().is_relative_to(self.root)

    def _counted(self, function):
        def call(path, *rest, **options):
            # what has a folder's descriptor is a step of removing a whole folder
            if "dir_fd" not in options and self._within(path):
                self.step(path)
            return function(path, *rest, **options)

        return call

    def _failed(self):
        try:
            self.step()
        except OSError:
            return True
        return False

    def step(self, path=None):
        """Count an operation; the system names the path of those that are given one."""
        if self._asking:  # who decides may work on the disk as well
            return
        self.done += 1
        self._asking = True
        failed = self.fails(self.done)
        self._asking = False
        if not failed:
            return
        if self.code == DEATH:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.code, os.strerror(self.code), *([str(path)] if path else []))


def left_behind(folder):
    """Hidden files and folders, but for what keeps a folder in git."""
    return [p for p in Path(folder).rglob(".*") if p.name not in (".gitkeep", ".cache")]
