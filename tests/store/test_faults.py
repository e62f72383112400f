"""A full disk, a kill at every single step: what was before stays, or all that is new is there."""

import errno
import shutil
import signal
import time
from pathlib import Path

import pytest
from failing import FailingDisk, left_behind
from killing import DAY, FAULTS, SENT, add, build, content, every_step

from thidua_analysis import pipeline
from thidua_analysis.exchange import late
from thidua_analysis.findings import UsageError
from thidua_analysis.store import disk, inputs


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    """A data folder with one file, built."""
    data = tmp_path_factory.mktemp("former") / "data"
    (data / "raw" / "2023").mkdir(parents=True)
    shutil.copy(SENT / "bloc.toml", data / "raw")
    shutil.copy(SENT / "2023" / "hnd.xlsx", data / "raw" / "2023")
    pipeline.build(data)
    return data


def files(data):
    return [entry["file"] for entry in disk.read(data).manifest["files"]]


def no_exchange(patch):
    patch.setattr(disk, "exchange", lambda one, other: False)


@pytest.mark.slow
@FAULTS
@pytest.mark.parametrize("way", [None, no_exchange])
def test_a_build_with_a_fault_at_any_step_leaves_old_or_new_data_and_the_next_repairs(
    former, tmp_path, fault, way
):
    project = shutil.copytree(former.parent, tmp_path / "project")
    shutil.copy(SENT / "2023" / "ldld.xlsx", project / "data" / "raw" / "2023")
    old, new = ["2023/hnd.xlsx"], ["2023/hnd.xlsx", "2023/ldld.xlsx"]
    before, seen = content(former / "processed"), set()
    for state, error, at in every_step(tmp_path, project, build, fault, way):
        data = state / "data"
        if error is not None:
            assert error.filename == str(data / "processed"), at
        looked = content(data / "processed")
        found = files(data)
        assert found in (old, new), at
        if way is None:  # whoever looks at the files themselves sees no mixture either
            assert (found == old) == (looked == before), at
        seen.add(tuple(found))
        build(state)
        assert files(data) == new, at
        assert left_behind(state) == [], at
    assert seen == {tuple(old), tuple(new)}


@pytest.mark.slow
@FAULTS
def test_taking_files_in_with_a_fault_at_any_step_takes_in_all_or_none_with_their_entries(
    former, tmp_path, fault
):
    project = shutil.copytree(former.parent, tmp_path / "project")
    published = 'claim = [{ id = "a", year = 2023, kind = "value" }]\n'
    (project / "data" / "raw" / "published.toml").write_text(published)
    wanted = shutil.copytree(project, tmp_path / "wanted")
    add(wanted)
    assert len(late.ACCEPTED.read(wanted / "data")) == 1
    old, new = (content(one / "data" / "raw") for one in (project, wanted))
    seen = set()
    for state, error, at in every_step(tmp_path, project, add, fault):
        data = state / "data"
        disk.recover(data)
        found = content(data / "raw")
        assert found in (old, new), at
        if error is not None:
            assert Path(error.filename).is_relative_to(data), at
        seen.add(found == new)
        add(state)
        assert content(data / "raw") == new, at
        assert left_behind(state) == [], at
    assert seen == {True, False}


def test_an_entry_that_was_written_by_half_is_not_there_and_those_before_it_stay(
    tmp_path, monkeypatch
):
    (tmp_path / "raw").mkdir()
    inputs.RECEIVED.add(tmp_path, [{"file": "2023/a.xlsx", "on": DAY}])
    before = content(tmp_path)
    for step in range(1, 6):  # up to the sync of what was written
        with monkeypatch.context() as patch:
            FailingDisk(patch, tmp_path, lambda at, n=step: at == n)
            with pytest.raises(OSError, match="No space left"):
                inputs.RECEIVED.add(tmp_path, [{"file": "2023/b.xlsx", "on": DAY}])
        assert content(tmp_path, without=[disk.WORK]) == before, step


def test_files_that_belong_together_change_together_or_not_at_all(tmp_path, monkeypatch):
    for name in ("a", "b", "gone"):
        (tmp_path / name).write_text("old")

    def write():
        with disk.together(tmp_path):
            disk.write_file(tmp_path / "a", "new")
            disk.remove_file(tmp_path / "gone")
            disk.write_file(tmp_path / "b", "new")

    places = {3: "a", 4: "a", 5: "b", 6: "b"}
    for step in range(1, 11):  # up to the moment in which it is noted what is due
        with monkeypatch.context() as patch:
            FailingDisk(patch, tmp_path, lambda at, n=step: at == n)
            with pytest.raises(OSError, match="No space left") as full:
                write()
        assert full.value.errno == errno.ENOSPC
        assert full.value.filename == str(tmp_path / places.get(step, ""))
        left = content(tmp_path, without=[disk.WORK])
        assert left == dict.fromkeys(("a", "b", "gone"), b"old")
    write()
    assert content(tmp_path) == dict.fromkeys(("a", "b"), b"new")


def written_together(folder):
    with disk.together(folder):
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
    read_only(tmp_path)
    ds = td.load(data)
    assert status(data, 2023).places
    assert register.figures(ds, 2023)
    assert td.trace(register.figures(ds, 2023)[0]["id"], ds) is not None
    assert claims.verify(ds).empty
    assert left_behind(data) == []


def test_a_replacement_that_died_does_not_keep_those_out_who_only_look(former, tmp_path, read_only):
    data = shutil.copytree(former, tmp_path / "data")
    (data / disk.WORK).mkdir()
    (data / disk.WORK / "plan.json").write_text('{"processed/manifest.json": ".unfinished/1"}')
    (data / disk.WORK / "1").write_text("{}")
    read_only(tmp_path)
    assert files(data) == ["2023/hnd.xlsx"]


def test_where_something_changed_and_nobody_may_write_this_is_said(former, tmp_path, read_only):
    data = shutil.copytree(former, tmp_path / "data")
    shutil.copy(SENT / "2023" / "ldld.xlsx", data / "raw" / "2023")
    read_only(tmp_path)
    with pytest.raises(UsageError) as refused:
        pipeline.load(data)
    assert refused.value.key == "build-not-allowed"
    assert refused.value.params["folder"] == str(data / "processed")
