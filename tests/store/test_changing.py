"""Files that change, vanish or cannot be opened for a moment while they are read."""

import shutil

import pytest
from killing import SENT

from thidua_analysis import pipeline
from thidua_analysis.exchange import feedback as answers
from thidua_analysis.findings import UsageError
from thidua_analysis.messages import describe
from thidua_analysis.store import disk
from thidua_analysis.store.inputs import FileReader
from thidua_analysis.store.revisions import sent_files

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path):
    """A data folder with two files."""
    raw = tmp_path / "data" / "raw"
    (raw / "2023").mkdir(parents=True)
    shutil.copy(SENT / "bloc.toml", raw)
    for name in ("hnd.xlsx", "dtn.xlsx"):
        shutil.copy(SENT / "2023" / name, raw / "2023")
    return tmp_path / "data"


def reader(data, file, happens):
    """Read files; something happens just before one is opened."""
    usual = FileReader.of(data)

    def read(path, bloc):
        if path.name == file:
            happens(path)
        return usual(path, bloc)

    return read


def entries(data):
    return {one["file"]: one for one in disk.read(data).manifest["files"]}


def replaced(path):
    shutil.copy(SENT / "2023" / "ldld.xlsx", path)


def test_a_file_that_changes_after_it_was_listed_is_known_by_what_was_read(data):
    pipeline.build(data, reader=reader(data, "hnd.xlsx", replaced))
    path = data / "raw" / "2023" / "hnd.xlsx"
    assert entries(data)["2023/hnd.xlsx"]["sha256"] == disk.digest(path.read_bytes())
    assert not pipeline.build(data).changed


def test_a_file_that_changes_after_it_was_read_is_read_again_next_time(data):
    path = data / "raw" / "2023" / "dtn.xlsx"
    before = disk.digest(path.read_bytes())
    pipeline.build(data)
    replaced(path)
    assert entries(data)["2023/dtn.xlsx"]["sha256"] == before
    assert pipeline.build(data).changed
    assert entries(data)["2023/dtn.xlsx"]["sha256"] == disk.digest(path.read_bytes())


def test_a_file_that_vanishes_while_it_is_read_is_told_and_not_known_the_next_time(data):
    done = pipeline.build(data, reader=reader(data, "hnd.xlsx", lambda path: path.unlink()))
    assert done.unreadable == ("2023/hnd.xlsx",)
    (told,) = next(f for f in sent_files(done.manifest) if f.file == "2023/hnd.xlsx").findings
    assert "xoá, chuyển đi hoặc đổi tên" in describe(told)
    assert pipeline.build(data).unreadable == ()
    assert [*entries(data)] == ["2023/dtn.xlsx"]


def test_a_file_that_comes_back_as_it_was_is_read_again(data):
    path = data / "raw" / "2023" / "hnd.xlsx"
    content = path.read_bytes()
    pipeline.build(data, reader=reader(data, "hnd.xlsx", lambda _: path.unlink()))
    path.write_bytes(content)
    assert pipeline.build(data).unreadable == ()


def test_a_file_that_was_locked_for_a_moment_is_read_again(data):
    def locked(path):
        raise PermissionError(13, "Permission denied", str(path))

    done = pipeline.build(data, reader=reader(data, "hnd.xlsx", locked))
    assert done.unreadable == ("2023/hnd.xlsx",)
    assert pipeline.build(data).unreadable == ()


def test_a_setting_that_changes_while_files_are_read_makes_the_next_build_read_again(data):
    def withdrawn(_):
        (data / "raw" / "withdrawn.toml").write_text(
            '[[withdrawn]]\nfile = "2023/dtn.xlsx"\non = 2024-01-02\nreason = "x"\n'
        )

    pipeline.build(data, reader=reader(data, "hnd.xlsx", withdrawn))
    assert pipeline.build(data).changed


def test_a_file_that_changes_while_it_is_marked_is_told_and_no_copy_is_written(
    data, tmp_path, monkeypatch
):
    path = data / "raw" / "2023" / "hnd.xlsx"
    build = pipeline.build
    monkeypatch.setattr(pipeline, "build", lambda data: (build(data), replaced(path)))
    with pytest.raises(UsageError) as told:
        answers.feedback(data, 2023)
    assert told.value.key == "feedback-changed"
    assert told.value.params["files"] == "2023/hnd.xlsx"
    assert [p for p in (tmp_path / "reports").rglob("*") if p.is_file()] == []
    monkeypatch.undo()
    assert answers.feedback(data, 2023).pages
