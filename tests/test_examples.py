"""The examples in docstrings and READMEs are true."""

import doctest
import importlib
import pkgutil
import re
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import thidua_analysis

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(thidua_analysis.__path__, "thidua_analysis.")
    if ">>>" in Path(module.module_finder.find_spec(module.name).origin).read_text("utf-8")
)


def test_there_are_examples():
    assert len(MODULES) > 15


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name):
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_analysts_example_runs_as_printed(tmp_path, monkeypatch, name):
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", tmp_path / "data" / "raw")
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.S)
    made = {}
    for block in code:
        exec(block, made)
    plt.close("all")
    cells = made["td"].trace(made["share"].iloc[0])
    figure = made["share"].iloc[0]
    assert sum(cells.value[cells.role == "numerator"]) == figure["numerator"]
