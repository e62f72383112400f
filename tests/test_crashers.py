"""What once made a reader fail is read as it should be; a short search finds nothing new."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import ROOT, TARGETS
from thidua_analysis.excel import read

CRASHERS = Path(__file__).with_name("crashers")
FOUND = {f"{path.parent.name}/{path.name}": path for path in sorted(CRASHERS.glob("*/*"))}


def test_every_folder_is_that_of_a_target():
    assert {path.name for path in CRASHERS.iterdir()} <= TARGETS.keys()


@pytest.mark.parametrize("name", FOUND)
def test_what_made_a_target_fail_does_so_no_more(name):
    TARGETS[FOUND[name].parent.name](FOUND[name].read_bytes())


def test_a_cell_of_spaces_without_end_is_too_large():
    (found,) = read(FOUND["ods/cell-of-spaces"].read_bytes(), "a.ods").findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "string_characters")


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_a_short_search_finds_nothing(target, tmp_path):
    pytest.importorskip("atheris")
    asked = ["--runs", "1000", "--keep", tmp_path / "found", "--corpus", tmp_path / "corpus"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, *asked],
        cwd=ROOT,
        # the same inputs each time
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # it stops at the end of a handful of inputs
    ran = re.search(r"Done (\d+) runs", done.stderr)
    assert ran, done.stderr[-3000:]
    assert int(ran[1]) >= 1000
