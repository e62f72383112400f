"""Money of another unit than last year's is told as soon as a file comes in."""

import json

import pytest

from thidua_analysis import pipeline
from thidua_analysis.exchange import intake
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.submission import read_file


def jumps(found):
    return [
        (f.sheet, f.cell) for one in found for f in one.submission.findings
        if f.code == "jump-year-on-year"
    ]  # fmt: skip


@pytest.fixture
def file_of(tmp_path):
    """A small file of a member: what was given, in triệu đồng."""
    import openpyxl

    def make(year, worth, name="tệp"):
        book = openpyxl.Workbook()
        info, sheet = book.active, book.create_sheet("Kết quả phong trào")
        info.title = "Thông tin"
        for line in (
            ("Mã biểu", "TDKT-DV/1"), ("Đơn vị báo cáo", "Hội Nông dân tỉnh"),
            ("Năm báo cáo", year),
        ):  # fmt: skip
            info.append(line)
        sheet.append(["Phong trào", "Kết quả", "Đơn vị tính", "Số lượng", "Giá trị (triệu đồng)"])
        sheet.append(["Vì người nghèo", "Quà tặng", "suất", 1700, worth])
        path = tmp_path / f"{name}-{year}.xlsx"
        book.save(path)
        return path

    return make


@pytest.fixture
def data(tmp_path):
    """A data folder with nothing but the settings of the bloc."""
    import shutil
    from pathlib import Path

    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw" / "bloc.toml", raw)
    return tmp_path / "data"


def test_add_compares_with_last_years_file_in_the_data_folder(data, file_of):
    intake.add(data, [file_of(2022, 850)])
    (added,) = intake.add(data, [file_of(2023, 910_000)])
    assert jumps([added.checked]) == [("Kết quả phong trào", "E2")]


def test_check_compares_with_last_years_file_in_the_data_folder(data, file_of):
    intake.add(data, [file_of(2022, 850)])
    bloc, raw = load_bloc(data), data / "raw"
    assert jumps(pipeline.check([file_of(2023, 910_000)], bloc, raw=raw)) != []
    assert jumps(pipeline.check([file_of(2023, 910_000)], bloc)) == []


def test_a_file_named_after_another_member_is_not_read_for_the_year_before(data, file_of):
    intake.add(data, [file_of(2022, 850)])
    folder = data / "raw" / "2022"
    (folder / "dtn.xlsx").write_bytes((folder / "hnd.xlsx").read_bytes())
    (folder / "so-lieu.xlsx").write_bytes((folder / "hnd.xlsx").read_bytes())
    read = []

    def reader(path, bloc):
        read.append(path.name)
        return read_file(path, bloc)

    now, bloc, raw = file_of(2023, 910_000), load_bloc(data), data / "raw"
    assert jumps(pipeline.check([now], bloc, reader=reader, raw=raw)) != []
    assert read == [now.name, "hnd.xlsx", "so-lieu.xlsx"]


def test_a_file_that_only_its_name_gives_to_another_member_is_compared_as_a_build_does(
    data, file_of
):
    intake.add(data, [file_of(2022, 850)])
    folder, now = data / "raw" / "2022", file_of(2023, 910_000)
    (folder / "hnd.xlsx").rename(folder / "dtn.xlsx")
    found = jumps(pipeline.check([now], load_bloc(data), raw=data / "raw"))
    assert found == [("Kết quả phong trào", "E2")]
    (data / "raw" / "2023").mkdir()
    now.rename(data / "raw" / "2023" / "hnd.xlsx")
    built = pipeline.build(data).manifest["files"][-1]["findings"]
    assert [(f["sheet"], f["cell"]) for f in built if f["code"] == "jump-year-on-year"] == found


def test_check_compares_the_files_that_are_given(data, file_of):
    bloc = load_bloc(data)
    found = pipeline.check([file_of(2023, 850), file_of(2022, 0.9)], bloc)
    assert [jumps([one]) for one in found] == [[], []]
    found = pipeline.check([file_of(2023, 900), file_of(2022, 0.9)], bloc)
    assert [len(jumps([one])) for one in found] == [1, 0]
    assert all(dict(one.submission.rows) == {} for one in found)


def test_money_beyond_the_bound_of_the_form_is_told_once(data, file_of):
    intake.add(data, [file_of(2022, 850)])
    (added,) = intake.add(data, [file_of(2023, 850_000_000)])
    codes = [f.code for f in added.checked.submission.findings if f.code != "table-missing"]
    assert codes == ["money-implausible"]


def test_a_late_change_is_refused_without_a_reason(data, file_of, thidua_in):
    for arguments in (["build"], ["report"], ["add", str(file_of(2023, 850))]):
        for reason in ([], ["--reason", " "]):
            code, said = thidua_in(data, *arguments, "--accept", *reason)
            assert (code, "--reason" in said) == (2, True)
    assert not (data / "raw" / "2023").exists()


@pytest.fixture
def thidua_in(monkeypatch, capsys):
    """Run a command in this process: exit code and all that it said."""
    from thidua_analysis.cli import app

    def run(data, *arguments):
        monkeypatch.setattr("sys.argv", ["thidua", *arguments, "--data", str(data)])
        with pytest.raises(SystemExit) as left:
            app.main()
        said = capsys.readouterr()
        return left.value.code, said.out + said.err

    return run


def test_json_of_a_check_holds_the_finding(data, file_of, thidua_in):
    intake.add(data, [file_of(2022, 850)])
    code, said = thidua_in(data, "check", str(file_of(2023, 910_000)), "--json")
    (one,) = json.loads(said)["files"]
    assert code == 0
    assert [f["cell"] for f in one["findings"] if f["code"] == "jump-year-on-year"] == ["E2"]
