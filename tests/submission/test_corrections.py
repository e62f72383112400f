"""Corrections: applied when a file is read, shown in lineage, refused when they fit no more."""

import shutil
from pathlib import Path

import pytest

from thidua_analysis import indicators, pipeline
from thidua_analysis.findings import ConfigError
from thidua_analysis.lineage.tracing import trace

ROOT = Path(__file__).parents[2]
PLAN = ("2023/hnd.xlsx", "Chỉ tiêu", "G2", "10388")


def entry(file, sheet, cell, expected, replacement="10400", reason="công văn 12"):
    return (
        f"[[corrections]]\nfile = '{file}'\nsheet = '{sheet}'\ncell = '{cell}'\n"
        f"expected = '{expected}'\nreplacement = {replacement}\nreason = '{reason}'\n"
        "reported_on = 2024-01-05\n"
    )


@pytest.fixture
def project(tmp_path):
    raw = tmp_path / "data" / "raw"
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw" / "2023", raw / "2023")
    for name in ("bloc.toml", "published.toml"):
        shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / name, raw)

    def build(*entries):
        (raw / "corrections.toml").write_text("\n".join(entries), encoding="utf-8")
        return pipeline.load(tmp_path / "data")

    return build


def test_a_correction_replaces_the_value_and_the_file_stays_as_received(project, tmp_path):
    before = (tmp_path / "data" / "raw" / "2023" / "hnd.xlsx").read_bytes()
    ds = project(entry(*PLAN))
    target = ds.targets.query("member == 'hnd' and row == 2").iloc[0]
    assert target["planned"] == 10400
    assert (tmp_path / "data" / "raw" / "2023" / "hnd.xlsx").read_bytes() == before


def test_lineage_shows_what_was_typed_what_replaced_it_and_why(project):
    ds = project(entry(*PLAN))
    cell = ds.cells.query("file == '2023/hnd.xlsx' and sheet == 'Chỉ tiêu' and cell == 'G2'").iloc[
        0
    ]
    assert (cell["typed"], cell["value"]) == ("10388", "10400")
    assert cell["correction"] == "“10388” → “10400” (05/01/2024: công văn 12)"
    frame = indicators.attainment(ds, by=["target_name"], year=2023, member="hnd")
    cells = [trace(row) for _, row in frame.iterrows()]
    assert any("công văn 12" in str(c) for one in cells for c in one["correction"])


def test_a_correction_whose_cell_says_something_else_stops_the_build_and_is_named(project):
    with pytest.raises(ConfigError) as stopped:
        project(entry(*PLAN[:3], "999"))
    assert (stopped.value.key, stopped.value.params["entry"]) == ("correction-stale", 1)


def test_an_entry_for_a_file_that_is_not_there_is_an_error(project):
    with pytest.raises(ConfigError) as stopped:
        project(entry(*PLAN), entry("2023/khong-co.xlsx", "Chỉ tiêu", "G2", "1"))
    assert (stopped.value.key, stopped.value.params["entry"]) == ("correction-without-file", 2)


def test_two_entries_for_one_cell_are_refused(project):
    with pytest.raises(ConfigError) as stopped:
        project(entry(*PLAN), entry(*PLAN, replacement="1"))
    assert stopped.value.key == "correction-twice"


def test_a_correction_counts_again_when_only_another_file_has_changed(project, tmp_path):
    project(entry(*PLAN))
    raw = tmp_path / "data" / "raw" / "2023"
    shutil.copy(raw / "ccb.xls", raw / "ccb-2.xls")
    ds = project(entry(*PLAN))
    cells = ds.cells.query("file == '2023/hnd.xlsx' and sheet == 'Chỉ tiêu' and cell == 'G2'")
    assert cells.iloc[0]["correction"]
