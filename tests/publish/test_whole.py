"""A fault at any step: the pages of a report, of a pack, for members stay or are all new."""

import json
import shutil

import pytest
from failing import left_behind
from killing import SENT, build, content, dies, every_step, export, fails, feedback, report

from thidua_analysis.store import disk, made

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:IPython.*"),
]

FAULTS = pytest.mark.parametrize("fault", [fails, dies])
SHOWN = """
import thidua_analysis as td
ds = td.load()
td.charts.bars(td.indicators.awards_by_level(ds, by=("year", "level")))
"""
#: So many operations stand for all: at first folders are made, at last files change places. Of
#: these fewer fail, as one that does not die tries again at once.
MOST = {dies: 20, fails: 12}


def notebook(source):
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with one file, built, and a notebook."""
    folder = tmp_path_factory.mktemp("project") / "project"
    (folder / "data" / "raw" / "2023").mkdir(parents=True)
    shutil.copy(SENT / "bloc.toml", folder / "data" / "raw")
    shutil.copy(SENT / "2023" / "hnd.xlsx", folder / "data" / "raw" / "2023")
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "01_x.ipynb").write_text(notebook(SHOWN))
    build(folder)
    return folder


def with_more(project, folder, work, kept):
    """Let the work be done, another file come in, and return the states before and after it.

    What notebooks show of the new data is known: only that it is written is tried.
    """
    work(project)
    shutil.copy(SENT / "2023" / "ldld.xlsx", project / "data" / "raw" / "2023")
    build(project)
    new = shutil.copytree(project, folder / "new")
    work(new)
    for name in new.glob(f"{kept}/0*.json") if kept else ():
        shutil.copy(name, project / name.relative_to(new))
    return project, new


@pytest.fixture
def copied(project, tmp_path):
    return shutil.copytree(project, tmp_path / "project")


@FAULTS
@pytest.mark.parametrize(
    ("work", "place", "cache"),
    [
        (report, "reports", "reports/2023/.cache"),
        (export, "reports/2023/hoi-nghi", "reports/2023/.cache/hoi-nghi"),
        (feedback, "reports/2023/gui-lai", None),
    ],
)
def test_a_fault_at_any_step_leaves_all_old_or_all_new_pages_and_the_next_run_repairs(
    copied, tmp_path, fault, work, place, cache
):
    before, after = with_more(copied, tmp_path, work, cache)
    old, new = (content(one / place, without=[".cache"]) for one in (before, after))
    assert old != new
    seen = set()
    for state, error, at in every_step(tmp_path, before, work, fault, most=MOST[fault]):
        disk.recover(state / place)
        found = content(state / place, without=[".cache"])
        assert found in (old, new), (at, error)
        seen.add(found == new)
        work(state)
        assert content(state / place, without=[".cache"]) == new, at
        if work is report:
            told = made.sources(state / "data", state / "reports", 2023, code=False)
            assert made.changes(state / "reports" / "2023", told) == [], at
        assert left_behind(state) == [], at
    assert seen == {True, False}
