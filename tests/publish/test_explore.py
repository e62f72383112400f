"""The notebook to explore with runs in a real kernel, on the data of any bloc."""

import os
import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "kham_pha" / "kham_pha.ipynb"


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["", "2023"])
def test_five_questions_have_an_answer_each_whatever_the_years(gone, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", tmp_path / "data" / "raw")
    if gone:
        shutil.rmtree(tmp_path / "data" / "raw" / gone)
    monkeypatch.setenv("THIDUA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()
    asked = [i for i, c in enumerate(book.cells) if c.source.startswith("## ") and "?" in c.source]
    assert len(asked) == 5
    for at in asked:
        answer = book.cells[at + 1]
        assert len(answer.source.splitlines()) == 3
        assert any("data" in output for output in answer.outputs)
