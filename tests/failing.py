"""A disk on which one operation fails, as a full one lets it, so that every one can be tried."""

import errno
import os
from pathlib import Path


class _Handle:
    """An open file; where its writing fails, half of what was written is there."""

    def __init__(self, handle, step):
        self._handle, self._step = handle, step

    def __getattr__(self, name):
        return getattr(self._handle, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._handle.close()

    def write(self, content):
        try:
            self._step()
        except OSError:
            self._handle.write(content[: len(content) // 2])
            raise
        return self._handle.write(content)


class FailingDisk:
    """Counts what changes files in a folder and lets operations with some numbers fail.

    Opening to write, writing, syncing, renaming and making folders count, and so does the exchange
    of two folders, which says itself that it could not be done.
    """

    def __init__(self, monkeypatch, root, fails, code=errno.ENOSPC):
        from thidua_analysis.store import disk

        self.root, self.fails, self.code, self.done = Path(root), fails, code, 0
        open_, fsync, exchange = Path.open, os.fsync, disk.exchange

        def opened(path, mode="r", *rest, **options):
            if not (set(mode) & set("wax+")) or not self._within(path):
                return open_(path, mode, *rest, **options)
            self.step(path)
            return _Handle(open_(path, mode, *rest, **options), self.step)

        def synced(descriptor):
            self.step()
            fsync(descriptor)

        def exchanged(one, other):
            try:
                self.step()
            except OSError:
                return False
            return exchange(one, other)

        monkeypatch.setattr(Path, "open", opened)
        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(disk, "exchange", exchanged)
        for name in ("rename", "replace", "mkdir"):
            monkeypatch.setattr(Path, name, self._counted(getattr(Path, name)))

    def _within(self, path):
        return path.absolute().is_relative_to(self.root)

    def _counted(self, function):
        def call(path, *rest, **options):
            if self._within(path):
                self.step(path)
            return function(path, *rest, **options)

        return call

    def step(self, path=None):
        """Count an operation; the system names the path of those that are given one."""
        self.done += 1
        if self.fails(self.done):
            raise OSError(self.code, os.strerror(self.code), path and str(path))


def left_behind(folder):
    """Hidden files and folders, but for the lock, which stays, and what keeps a folder in git."""
    kept = (".processed.lock", ".gitkeep")
    return [p for p in Path(folder).rglob(".*") if p.name not in kept]
