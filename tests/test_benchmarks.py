"""What is measured is written down line by line; the workbooks that are measured are real ones."""

import pytest

from benchmarks import national
from benchmarks.__main__ import main
from benchmarks._results import Result, page, part, ratio
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.submission import read_file


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (Result("ratio", 0.5, 0.5), "| ratio | ≤ 0.50 | 0.50 | met |"),
        (Result("ratio", 0.61, 0.5), "| ratio | ≤ 0.50 | 0.61 | **not met** |"),
        (Result("time", 1.004, 1.0, "s"), "| time | ≤ 1.00 s | 1.01 s | **not met** |"),
        (Result("time", 0.996, 1.0, "s"), "| time | ≤ 1.00 s | 1.00 s | met |"),
        (Result("cost", 2345.6, None, "ms"), "| cost |  | 2,346 ms |  |"),
    ],
)
def test_a_line_says_whether_the_bound_is_met(result, line):
    assert result.line() == line


def test_a_part_has_a_line_for_each_result():
    said = part("check", [Result("one", 1), Result("two", 2, 1)])
    lines = "| one |  | 1.00 |  |\n| two | ≤ 1.00 | 2.00 | **not met** |\n"
    assert said.startswith("\n## check\n")
    assert said.endswith(f"|---|---|---|---|\n{lines}")


def test_what_is_measured_anew_takes_the_place_of_what_was_there():
    first = page(page("", "b", part("b", [Result("old", 1)])), "c", part("c", [Result("kept", 1)]))
    again = page(
        page(first, "b", part("b", [Result("new", 1)])), "a", part("a", [Result("added", 1)])
    )
    places = [
        again.index(word) for word in ("# Measured", "## a", "added", "| new", "## c", "kept")
    ]
    assert places == sorted(places)
    assert "old" not in again


def test_a_ratio_is_the_median_of_those_of_each_turn():
    assert ratio([1, 4, 30], [2, 4, 10]) == 1


@pytest.mark.parametrize("write", [False, True])
def test_what_is_named_is_printed_and_written_down_if_asked(monkeypatch, capsys, tmp_path, write):
    page = tmp_path / "RESULTS.md"
    monkeypatch.setattr("benchmarks.__main__.RESULTS", page)
    monkeypatch.setattr("benchmarks.national.measure", lambda: [Result("cost", 3, 2, "ms")])
    monkeypatch.setattr("sys.argv", ["benchmarks", *["--write"] * write, "national"])
    main()
    line = "| cost | ≤ 2.00 ms | 3.00 ms | **not met** |"
    assert line in capsys.readouterr().out
    assert page.exists() == write
    assert not write or line in page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def blocs(tmp_path_factory):
    """Two blocs of a province, and a bit of a third."""
    data = tmp_path_factory.mktemp("national") / "data"
    national.generate(data, 13)
    return data / "raw"


def test_generated_workbooks_are_read_and_some_have_errors(blocs):
    said = {
        path.relative_to(blocs).as_posix(): read_file(path, load_bloc(path.parents[1]))
        for path in sorted(blocs.glob("*/2023/*"))
    }
    assert len(said) == 13
    assert {one.member for one in said.values()} == {
        m.id for m in load_bloc(blocs / "khoi-00000").members
    }
    wrong = [name for name, one in said.items() if one.status not in ("ok", "warnings")]
    assert wrong == ["khoi-00001/2023/mttq.xlsx"]
    assert {one.year for one in said.values()} == {2023}


def test_generated_workbooks_differ_and_are_the_same_again(blocs, tmp_path):
    national.generate(tmp_path / "data", 13)
    files = {path.relative_to(blocs): path.read_bytes() for path in blocs.glob("*/2023/*")}
    again = tmp_path / "data" / "raw"
    assert files == {path.relative_to(again): path.read_bytes() for path in again.glob("*/2023/*")}
    assert len(set(files.values())) == len(files)
