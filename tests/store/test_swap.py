import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from thidua_analysis.store import disk

pytestmark = pytest.mark.slow

OLD = {"a.parquet": b"old a", "gone.parquet": b"old", "manifest.json": b"old manifest"}
NEW = {"a.parquet": b"new a", "b.parquet": b"new b", "manifest.json": b"new manifest"}

#: Runs a replacement that dies at the n-th call to the operating system, as in a power cut.
KILLED = textwrap.dedent(
    """
    import os, pathlib, shutil, signal, sys
    from thidua_analysis.store import disk

    left = int(sys.argv[2])
    if sys.argv[3] == "no-exchange":
        disk.exchange = lambda one, other: False

    def dying(function):
        def call(*args, **options):
            global left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return function(*args, **options)
        return call

    for name in ("rename", "replace", "unlink", "mkdir", "open"):
        setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
    os.fsync = dying(os.fsync)
    disk.exchange = dying(disk.exchange)
    shutil.rmtree = dying(shutil.rmtree)
    new = {"a.parquet": b"new a", "b.parquet": b"new b", "manifest.json": b"new manifest"}
    disk.replace_folder(pathlib.Path(sys.argv[1]), new)
    print("done")
    """
)


def content(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}


def test_the_folder_holds_exactly_the_new_files(tmp_path):
    home = tmp_path / "processed"
    disk.replace_folder(home, OLD)
    disk.replace_folder(home, NEW)
    assert content(home) == NEW
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["processed"]


def test_without_an_exchange_of_folders_the_files_are_moved(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "exchange", lambda one, other: False)
    home = tmp_path / "processed"
    disk.replace_folder(home, OLD)
    disk.replace_folder(home, NEW)
    assert {name: content(home)[name] for name in NEW} == NEW
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["processed"]


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
@pytest.mark.parametrize("way", ["exchange", "no-exchange"])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_state_whole(tmp_path, way):
    seen = set()
    for step in range(60):
        home = tmp_path / f"{step}" / "processed"
        home.parent.mkdir()
        disk.replace_folder(home, OLD)
        command = [sys.executable, "-c", KILLED, str(home), str(step), way]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        if way == "exchange":
            # whoever looks at the files themselves sees no mixture either
            assert content(home) in (OLD, NEW)
        disk.recover(home.parent)
        state = {name: data for name, data in content(home).items() if name != "gone.parquet"}
        old = {name: data for name, data in OLD.items() if name != "gone.parquet"}
        assert state in (old, NEW)
        seen.add("new" if state == NEW else "old")
        if done.returncode == 0:
            break
    assert seen == {"old", "new"}
    assert done.returncode == 0
    assert json.dumps(done.stdout.strip()) == '"done"'


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_build_after_a_kill_cleans_up(tmp_path):
    home = tmp_path / "processed"
    disk.replace_folder(home, OLD)
    subprocess.run([sys.executable, "-c", KILLED, str(home), "6", "no-exchange"], check=False)
    disk.replace_folder(home, NEW)
    assert content(home) == NEW
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["processed"]
