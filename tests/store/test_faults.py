"""A full disk at every single step: what was there before stays, or all that is new is there."""

import datetime as dt
import errno
import shutil
import signal
import time
from pathlib import Path

import pytest
from failing import FailingDisk, left_behind

from thidua_analysis import pipeline
from thidua_analysis.exchange import late
from thidua_analysis.exchange.intake import add
from thidua_analysis.findings import UsageError
from thidua_analysis.store import disk, inputs

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw"
DAY = dt.date(2023, 12, 18)


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    """A data folder with one file, built."""
    data = tmp_path_factory.mktemp("former") / "data"
    (data / "raw" / "2023").mkdir(parents=True)
    shutil.copy(RAW / "bloc.toml", data / "raw")
    shutil.copy(RAW / "2023" / "hnd.xlsx", data / "raw" / "2023")
    pipeline.build(data)
    return data


def files(data):
    return [entry["file"] for entry in disk.read(data).manifest["files"]]


def content(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
        for p in folder.rglob("*")
    }


def every_step(monkeypatch, folder, fresh, work, most=300):
    """Yield a fresh state, the error and the number of each step, until none is left to fail."""
    for number in range(1, most):
        state = shutil.copytree(fresh, folder / str(number) / "data")
        error = None
        with monkeypatch.context() as patch:
            failing = FailingDisk(patch, state.parent, lambda at, n=number: at == n)
            try:
                work(state)
            except OSError as raised:
                error = raised
        if failing.done < number:
            assert number > 3
            return
        yield state, error, number
        shutil.rmtree(state.parent)
    raise AssertionError(most)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["exchange", "no-exchange"])
def test_a_build_that_fails_at_any_step_leaves_old_or_new_data_and_the_next_repairs(
    former, tmp_path, monkeypatch, way
):
    if way == "no-exchange":
        monkeypatch.setattr(disk, "exchange", lambda one, other: False)
    with_more = shutil.copytree(former, tmp_path / "with-more" / "data")
    shutil.copy(RAW / "2023" / "ldld.xlsx", with_more / "raw" / "2023")
    read = {
        p: pipeline.read_file(p, inputs.load_bloc(with_more)) for p in pipeline.raw_files(with_more)
    }
    known = {path.name: submission for path, submission in read.items()}
    old, new = ["2023/hnd.xlsx"], ["2023/hnd.xlsx", "2023/ldld.xlsx"]
    seen = set()

    def build(data):
        return pipeline.build(data, reader=lambda path, _: known[path.name])

    for data, error, number in every_step(monkeypatch, tmp_path, with_more, build):
        if error is not None:
            assert error.filename == str(data / "processed"), number
        found = files(data)
        assert found in (old, new), number
        seen.add(tuple(found))
        build(data)
        assert files(data) == new, number
        assert left_behind(data) == [], number
    assert seen == {tuple(old), tuple(new)}


@pytest.mark.slow
def test_taking_files_in_fails_at_any_step_without_a_trace_and_the_next_time_does_it(
    former, tmp_path, monkeypatch
):
    inbox = [RAW / "2023" / "ldld.xlsx", RAW / "2022" / "hnd.xlsx"]
    own = shutil.copytree(former, tmp_path / "own" / "data")
    published = 'claim = [{ id = "a", year = 2023, kind = "value" }]\n'
    (own / "raw" / "published.toml").write_text(published)
    before = content(own / "raw")

    def take(data):
        return add(data, inbox, on=DAY, accept=True, reason="Công văn 12")

    wanted = shutil.copytree(own, tmp_path / "wanted" / "data")
    take(wanted)
    assert len(late.ACCEPTED.read(wanted)) == 1
    for data, error, number in every_step(monkeypatch, tmp_path, own, take):
        assert error is not None
        assert Path(error.filename).is_relative_to(data), number
        assert content(data / "raw") == before, number
        take(data)
        assert content(data / "raw") == content(wanted / "raw"), number
        assert left_behind(data) == [], number


def test_an_entry_that_was_written_by_half_goes_and_those_before_it_stay(tmp_path, monkeypatch):
    (tmp_path / "raw").mkdir()
    inputs.RECEIVED.add(tmp_path, [{"file": "2023/a.xlsx", "on": DAY}])
    before = content(tmp_path)
    for step in (2, 3):  # after it was opened: the write, the sync
        with monkeypatch.context() as patch:
            FailingDisk(patch, tmp_path, lambda at, n=step: at == n)
            with pytest.raises(OSError, match=r"received\.toml"):
                inputs.RECEIVED.add(tmp_path, [{"file": "2023/b.xlsx", "on": DAY}])
        assert content(tmp_path) == before


def test_files_that_belong_together_change_together_or_not_at_all(tmp_path, monkeypatch):
    for name in ("a", "b", "gone"):
        (tmp_path / name).write_text("old")

    def write():
        with disk.together():
            disk.write_file(tmp_path / "a", "new")
            disk.remove_file(tmp_path / "gone")
            disk.write_file(tmp_path / "b", "new")

    for step in (1, 2, 3, 4):  # each file is opened and written
        with monkeypatch.context() as patch:
            FailingDisk(patch, tmp_path, lambda at, n=step: at == n)
            with pytest.raises(OSError, match="No space left") as full:
                write()
        assert full.value.errno == errno.ENOSPC
        assert full.value.filename == str(tmp_path / ("a" if step < 3 else "b"))
        assert content(tmp_path) == dict.fromkeys(("a", "b", "gone"), b"old")
    write()
    assert content(tmp_path) == dict.fromkeys(("a", "b"), b"new")


def written_together(folder):
    with disk.together():
        for name in ("a", "b"):
            disk.write_file(folder / name, "new")


@pytest.fixture
def hearing():
    """Let this process hear interruptions, as it does unless a shell runs it in its background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hearing")
def test_an_interruption_while_files_change_places_leaves_all_of_the_new(tmp_path, monkeypatch):
    settle = disk._settle

    def interrupted(staged):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.2)
        settle(staged)

    monkeypatch.setattr(disk, "_settle", interrupted)
    with pytest.raises(KeyboardInterrupt):
        written_together(tmp_path)
    assert content(tmp_path) == dict.fromkeys(("a", "b"), b"new")


@pytest.fixture
def read_only(monkeypatch):
    """Let nothing be written in a folder, whoever asks."""
    return lambda folder: FailingDisk(monkeypatch, folder, lambda _: True, errno.EROFS)


def test_who_only_looks_takes_no_lock_and_needs_no_right_to_write(former, tmp_path, read_only):
    import thidua_analysis as td
    from thidua_analysis.exchange.intake import status
    from thidua_analysis.lineage import claims, register

    data = shutil.copytree(former, tmp_path / "data")
    (data / ".processed.lock").unlink()
    read_only(tmp_path)
    ds = td.load(data)
    assert status(data, 2023).places
    assert register.figures(ds, 2023)
    assert td.trace(register.figures(ds, 2023)[0]["id"], ds) is not None
    assert claims.verify(ds).empty
    assert not (data / ".processed.lock").exists()


def test_a_replacement_that_died_does_not_keep_those_out_who_only_look(former, tmp_path, read_only):
    data = shutil.copytree(former, tmp_path / "data")
    shutil.copytree(data / "processed", data / ".processed.ready")
    read_only(tmp_path)
    assert files(data) == ["2023/hnd.xlsx"]


def test_where_something_changed_and_nobody_may_write_this_is_said(former, tmp_path, read_only):
    data = shutil.copytree(former, tmp_path / "data")
    shutil.copy(RAW / "2023" / "ldld.xlsx", data / "raw" / "2023")
    read_only(tmp_path)
    with pytest.raises(UsageError) as refused:
        pipeline.load(data)
    assert refused.value.key == "build-not-allowed"
    assert refused.value.params["folder"] == str(data / "processed")
