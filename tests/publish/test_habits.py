"""What people do by hand works as well: a kernel from any folder, nbconvert, papermill."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHARTS = {"01": 1, "02": 7, "03": 3, "04": 1, "05": 1, "06": 0}
TEMPLATES = ROOT / "src" / "thidua_analysis" / "publish" / "templates"
pytestmark = pytest.mark.slow


#: What "Run All" does: a kernel of its own, in the folder of the notebook.
RUN_ALL = """
import sys
sys.modules["rfc3987_syntax"] = None
import nbformat
from nbclient import NotebookClient
made = nbformat.read(sys.argv[1], 4)
NotebookClient(made, kernel_name="python3").execute()
nbformat.write(made, sys.argv[1])
"""


@pytest.fixture
def data(built):
    return built


def run(data, *command, cwd, how="-m"):
    environment = {**os.environ, "THIDUA_DATA": str(data), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, how, *command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def charts(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [o for c in cells for o in c.get("outputs", []) if "data" in o]
    return sum('<figure class="chart"' in "".join(o["data"].get("text/html", "")) for o in shown)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_runs_alone_in_a_kernel_from_another_folder(path, data, tmp_path):
    copy = tmp_path / "elsewhere" / path.name
    copy.parent.mkdir()
    shutil.copy(path, copy)
    run(data, RUN_ALL, copy.name, cwd=copy.parent, how="-c")
    assert charts(copy) == CHARTS[path.stem[:2]]


def test_papermill_sets_the_year(data, tmp_path):
    out = tmp_path / "out.ipynb"
    arguments = ("--no-progress-bar", str(PATHS[3]), str(out), "-p", "year", "2022")
    run(data, "papermill", *arguments, cwd=tmp_path)
    assert charts(out) == 1
    assert "năm 2022" in out.read_text(encoding="utf-8")


def test_nbconvert_writes_the_same_page(data, tmp_path):
    shutil.copy(PATHS[3], tmp_path / "x.ipynb")
    extra = f"--TemplateExporter.extra_template_basedirs={TEMPLATES}"
    run(data, "nbconvert", "--to", "html", "--execute", "--template", "thidua", extra, "x.ipynb",
        cwd=tmp_path)  # fmt: skip
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert '<html lang="vi">' in page
    assert page.count('<figure class="chart"') == 1
    assert "default-src 'none'" in page
    assert '<a href="#muc-1">' in page
    assert "require" not in page
    assert len(page) < 300_000


def test_exporter_of_the_menu_writes_the_same_page(tmp_path):
    from thidua_analysis.publish.presentation import ThiduaExporter

    page, resources = ThiduaExporter().from_filename(str(PATHS[0]))
    assert "<h1>Tổng quan</h1>" in page
    assert '<html lang="vi">' in page
    assert resources["output_extension"] == ".html"
