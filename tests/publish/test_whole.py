"""A fault at any step: the pages of a report, of a pack, for members stay or are all new."""

import json
import os
import shutil

import openpyxl
import pytest
from failing import left_behind
from killing import (
    FAULTS,
    SENT,
    TEMPORARY,
    build,
    content,
    every_step,
    export,
    feedback,
    remember,
    report,
)

from thidua_analysis.store import disk, made

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:IPython.*"),
]

#: Of states that look alike once what is due is done, the next run is tried in every tenth; in all
#: of them with this variable set, which takes minutes.
EACH = 1 if os.environ.get("THIDUA_EVERY_STEP") else 10
SHOWN = """
import thidua_analysis as td
ds = td.load()
td.charts.bars(td.indicators.awards_by_level(ds, by=("year", "level")))
"""


def notebook(source):
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of one file of which everything was made, and to which more has come since."""
    folder = tmp_path_factory.mktemp("project") / "project"
    sent = folder / "data" / "raw" / "2023"
    sent.mkdir(parents=True)
    shutil.copy(SENT / "bloc.toml", sent.parent)
    shutil.copy(SENT / "2023" / "hnd.xlsx", sent)
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "01_x.ipynb").write_text(notebook(SHOWN))
    build(folder)
    for work in (report, export, feedback):
        work(folder)
    remember(folder)
    shutil.copy(SENT / "2023" / "ldld.xlsx", sent)
    again = openpyxl.load_workbook(sent / "hnd.xlsx")
    again["Thông tin"]["B6"] = 2  # the marked copy of the first is put aside
    again.save(sent / "hnd-2.xlsx")
    build(folder)
    return folder


@FAULTS
@pytest.mark.parametrize(
    ("work", "place"),
    [
        (report, "reports"),
        (export, "reports/2023/hoi-nghi"),
        (feedback, "reports/2023/gui-lai"),
    ],
)
def test_a_fault_at_any_step_leaves_all_old_or_all_new_pages_and_the_next_run_repairs(
    project, tmp_path, fault, work, place
):
    after = shutil.copytree(project, tmp_path / "after")
    work(after)
    old, new = (content(one / place, without=[".cache"]) for one in (project, after))
    assert old != new
    seen, repaired = set(), set()
    for state, error, at in every_step(tmp_path, project, work, fault):
        looked = shutil.copytree(state, tmp_path / "looked" / str(at))
        disk.recover(looked / place)
        found = content(looked / place, without=[".cache"])
        assert found in (old, new), (at, error)
        seen.add(found == new)
        alike = frozenset(content(looked, without=[TEMPORARY]).items())
        shutil.rmtree(looked)
        if alike in repaired and at % EACH:
            continue
        repaired.add(alike)
        work(state)
        assert content(state / place, without=[".cache"]) == new, at
        if work is report:
            told = made.sources(state / "data", state / "reports", 2023, code=False)
            assert made.changes(state / "reports" / "2023", told) == [], at
        assert left_behind(state) == [], at
    assert seen == {True, False}
