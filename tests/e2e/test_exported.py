"""A notebook under File → Save and Export as HTML: the plain page of Jupyter, without our look."""

import json
import os
import subprocess
import sys

import pytest
from e2e_report import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELL = """
from thidua_analysis import publish
publish.definitions("commendations", "non_leader_share", "women_share", "targets_met")
"""
#: whether each meaning stands below its own term, and above the next one
BELOW = """() => {
    const boxes = [...document.querySelectorAll("dt, dd")].map(e => e.getBoundingClientRect());
    return boxes.slice(1).map((box, at) => box.top >= boxes[at].bottom - 1);
}"""


def test_in_the_plain_page_of_jupyter_a_meaning_stands_below_its_term(browser, tmp_path):
    cell = {"cell_type": "code", "metadata": {}, "source": CELL, "outputs": []}
    cell |= {"execution_count": None, "id": "a"}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    book = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "x.ipynb").write_text(json.dumps(book), encoding="utf-8")
    asked = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "x.ipynb"]
    own = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(asked, cwd=tmp_path, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.route("http*://**", lambda route: route.abort())
    page.goto((tmp_path / "x.html").as_uri())
    found = page.evaluate(BELOW)
    page.close()
    assert len(found) == 7
    assert all(found)
