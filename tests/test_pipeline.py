import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import openpyxl
import pytest

from thidua_analysis import indicators, pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import ConfigError, NoDataError, UsageError, finding
from thidua_analysis.store import disk, made, tidy
from thidua_analysis.submission.rows import Submission

pytestmark = pytest.mark.slow

RAW = Path(__file__).parents[1] / "tests" / "sample" / "data" / "raw"


@pytest.fixture
def reader(submissions):
    """Reads the samples as they are expected, whatever their bytes; notes who asked."""
    known = {s.path: s for s in submissions}
    asked = []

    def read(path, bloc):
        name = "/".join(path.parts[-2:])
        asked.append((name, threading.current_thread().name))
        if path.read_bytes() == b"broken":
            return Submission(str(path), "0", findings=(finding("file-damaged"),))
        return replace(known[name], path=str(path), sha256=disk.digest(path.read_bytes()))

    read.asked = asked
    return read


@pytest.fixture
def data(tmp_path):
    """A data folder with the 21 sample files."""
    shutil.copytree(RAW, tmp_path / "data" / "raw")
    return tmp_path / "data"


def processed(data):
    return {p.name: p.read_bytes() for p in (data / "processed").iterdir()}


def test_a_second_build_reads_nothing_and_writes_nothing(data, reader):
    first = pipeline.build(data, reader=reader)
    assert (first.changed, first.files) == (True, 21)
    before = processed(data)
    reader.asked.clear()
    second = pipeline.build(data, reader=reader)
    assert (second.changed, second.files, reader.asked) == (False, 21, [])
    assert processed(data) == before


@pytest.mark.parametrize("name", ["bloc.toml", "2023/ldld.xlsx"])
def test_a_changed_file_is_built_again(data, reader, name):
    pipeline.build(data, reader=reader)
    with (data / "raw" / name).open("ab") as file:
        file.write(b"\n")
    assert pipeline.build(data, reader=reader).changed


def test_after_a_change_the_bytes_are_those_of_a_first_build(data, reader):
    pipeline.build(data, reader=reader)
    with (data / "raw" / "2023" / "ldld.xlsx").open("ab") as file:
        file.write(b"\n")
    assert pipeline.build(data, reader=reader).changed
    again = processed(data)
    shutil.rmtree(data / "processed")
    pipeline.build(data, reader=reader)
    assert processed(data) == again


def test_changed_settings_are_read_again_with_every_file(data, reader):
    pipeline.build(data, reader=reader)
    with (data / "raw" / "bloc.toml").open("ab") as file:
        file.write(b"\n")
    reader.asked.clear()
    pipeline.build(data, reader=reader)
    assert len(reader.asked) == 21


def test_another_date_of_the_same_file_changes_nothing(data, reader):
    pipeline.build(data, reader=reader)
    (data / "raw" / "2023" / "ldld.xlsx").touch()
    assert not pipeline.build(data, reader=reader).changed


def test_a_removed_or_renamed_file_is_built_again(data, reader):
    pipeline.build(data, reader=reader)
    (data / "raw" / "2023" / "ccb.xls").unlink()
    result = pipeline.build(data, reader=reader)
    assert result.changed
    assert [f["params"]["member_id"] for f in result.manifest["findings"]] == ["ccb"]


def test_an_unreadable_file_stops_no_other(data, reader):
    (data / "raw" / "2023" / "ldld.xlsx").write_bytes(b"broken")
    result = pipeline.build(data, reader=reader)
    assert result.unreadable == ("2023/ldld.xlsx",)
    assert len(Dataset.open(data).commendations.query("year == 2023")) == 19 * 4 + 20


def test_a_reader_that_fails_marks_its_file_alone(data, reader):
    def failing(path, bloc):
        if path.name == "ldld.xlsx":
            raise ValueError("bug")
        return reader(path, bloc)

    result = pipeline.build(data, reader=failing)
    assert result.unreadable == ("2021/ldld.xlsx", "2023/ldld.xlsx")


def test_lock_files_and_hidden_files_are_no_submissions(data, reader):
    for name in ("~$ldld.xlsx", ".hidden.xlsx", "ghi chú.txt", "ảnh.png"):
        (data / "raw" / "2023" / name).write_bytes(b"x")
    assert pipeline.build(data, reader=reader).files == 21


def test_files_are_read_side_by_side(data, reader, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    begun, both = count(), threading.Barrier(2)

    def waiting(path, bloc):
        # the first file is not done before the second has begun: one thread alone never gets on
        if next(begun) < 2:
            both.wait(timeout=30)
        return reader(path, bloc)

    pipeline.build(data, reader=waiting)
    assert len(reader.asked) == 21
    assert len({thread for _, thread in reader.asked}) > 1


def test_progress_names_each_file_once(data, reader):
    told = []
    pipeline.build(data, reader=reader, progress=lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(n, 21) for n in range(1, 22)]
    assert {step[2] for step in told} == {f for f, _ in reader.asked}


def test_an_empty_folder_says_what_to_do(data, reader):
    for folder in ("2021", "2022", "2023"):
        shutil.rmtree(data / "raw" / folder)
    with pytest.raises(NoDataError) as empty:
        pipeline.build(data, reader=reader)
    assert empty.value.key == "no-files"


def test_a_broken_bloc_file_is_named(data, reader):
    (data / "raw" / "bloc.toml").write_text("members = [", encoding="utf-8")
    with pytest.raises(ConfigError):
        pipeline.build(data, reader=reader)


def test_damaged_processed_data_are_built_again(data, reader):
    pipeline.build(data, reader=reader)
    before = processed(data)
    (data / "processed" / "ranks.parquet").write_bytes(b"cut off")
    assert pipeline.build(data, reader=reader).changed
    assert processed(data) == before


def test_two_builds_at_once_leave_one_whole_state(data, reader):
    builds = [
        threading.Thread(target=pipeline.build, args=(data,), kwargs={"reader": reader})
        for _ in range(2)
    ]
    for build in builds:
        build.start()
    for build in builds:
        build.join()
    assert len(Dataset.open(data).submissions) == 21


def test_the_day_of_receipt_comes_from_the_analysts_record(data, reader):
    record = '[[received]]\nfile = "2023/ldld.xlsx"\non = 2023-12-18\n'
    (data / "raw" / "received.toml").write_text(record, encoding="utf-8")
    pipeline.build(data, reader=reader)
    found = Dataset.open(data).submissions.set_index("file").received
    assert str(found["2023/ldld.xlsx"].date()) == "2023-12-18"
    assert found.isna().sum() == 20


@pytest.mark.slow
def test_the_real_files_give_the_expected_tables_by_threads_or_processes(
    data, submissions, bloc, monkeypatch
):
    expected = Dataset.of(submissions, bloc)
    monkeypatch.setattr(pipeline, "each", partial(pipeline.each, many=2))
    first = pipeline.build(data)
    monkeypatch.undo()
    opened = Dataset.open(data)
    for table in tidy.table_names():
        assert opened.records(table) == expected.records(table)
    assert not first.unreadable
    before = processed(data)
    shutil.rmtree(data / "processed")
    pipeline.build(data)
    assert processed(data) == before


@pytest.mark.parametrize(
    ("sheet", "cell", "typed"),
    [
        ("Khen thưởng", "F3", 9.3e18),
        ("Khen thưởng", "F3", "123456789012345678901"),
        ("Sáng kiến", "C2", 1e21),
        ("Sáng kiến", "E2", 1.5e14),  # in millions of đồng
        ("Chỉ tiêu", "H2", 1e300),
    ],
)
def test_a_number_too_large_to_be_true_is_reported_with_its_cell(data, sheet, cell, typed):
    file = data / "raw" / "2023" / "hnd.xlsx"
    book = openpyxl.load_workbook(file)
    book[sheet][cell] = typed
    book.save(file)
    found = pipeline.build(data).manifest
    (sent,) = (f for f in found["files"] if f["file"] == "2023/hnd.xlsx")
    assert [("number-not-finite", sheet, cell)] == [
        (f["code"], f["sheet"], f["cell"]) for f in sent["findings"] if f["severity"] == "error"
    ]
    total = indicators.commendations(Dataset.open(data), year=2023)
    assert ("hnd" in total.lineage[0].partial) == (sheet == "Khen thưởng")


def test_every_module_that_reads_or_stores_decides_whether_to_build_again():
    """Messages, paths and exceptions say how, not what."""
    code = (
        "import sys; from thidua_analysis import submission; "
        "from thidua_analysis.store import disk, inputs; "
        "print(*(m for m in sys.modules if m.startswith('thidua_analysis')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    known = {name.removesuffix(".py").removesuffix("/__init__") for name in made.program_files()}
    loaded = {
        m.removeprefix("thidua_analysis").strip(".").replace(".", "/") for m in done.stdout.split()
    }
    assert loaded - known <= {"", "messages"}
    assert "submission/columns" in known


@pytest.mark.parametrize("given", ["..", "raw", "raw/2023", "raw/2023/hnd.xlsx", "processed"])
def test_what_is_no_data_folder_is_refused_with_the_one_nearby(data, given):
    with pytest.raises(UsageError) as wrong:
        pipeline.load(data / given if given != ".." else data.parent)
    assert wrong.value.params["near"] == str(data)


def test_without_a_data_folder_nearby_none_is_proposed(tmp_path):
    with pytest.raises(UsageError) as wrong:
        pipeline.load(tmp_path / "không có")
    assert wrong.value.key == "data-not-there"
