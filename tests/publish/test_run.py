"""Running notebooks: fresh name spaces, failures named, nothing run twice."""

import json
import os
import sys
from pathlib import Path

import pytest

from thidua_analysis.publish.notebook import Job, run, run_notebooks

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:IPython.*")


def notebook(*sources, tags=()):
    cells = [
        {"cell_type": "code", "source": source, "metadata": {"tags": list(tags) if n == 0 else []},
         "outputs": [], "execution_count": None}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def job(tmp_path, *sources, tags=(), **parameters):
    return Job("x.ipynb", notebook(*sources, tags=tags), parameters, str(tmp_path), str(tmp_path))


def write(folder, name, *sources, tags=()):
    path = folder / name
    path.write_text(json.dumps(notebook(*sources, tags=tags)), encoding="utf-8")
    return path


def outputs(outcome):
    _, ran, _ = outcome
    return [output for cell in ran["cells"] for output in cell["outputs"]]


def failure(outcome):
    return outcome[2]


def texts(outcome):
    return [o.get("text") or o["data"].get("text/plain") for o in outputs(outcome)]


def test_parameters_replace_those_of_the_tagged_cell(tmp_path):
    outcome = run(job(tmp_path, "year = 2023", "year", tags=["parameters"], year=2021))
    assert texts(outcome) == ["2021"]


def test_outputs_keep_their_order(tmp_path):
    outcome = run(job(tmp_path, "print('một')\ndisplay('hai')\nprint('ba')\n'bốn'"))
    assert texts(outcome) == ["một\n", "'hai'", "ba\n", "'bốn'"]


def test_failed_cell_is_numbered_and_ends_the_notebook(tmp_path):
    outcome = run(job(tmp_path, "x = 1", "x / 0", "print('never')"))
    assert failure(outcome).cell == 2
    assert failure(outcome).error == "ZeroDivisionError: division by zero"
    assert [output["output_type"] for output in outputs(outcome)] == ["error"]


@pytest.mark.parametrize("source", ["x = = 1", "  x = 1\n y = 2", "raise SystemExit(3)", "input()"])
def test_any_way_to_fail_is_caught(tmp_path, source):
    assert failure(run(job(tmp_path, source))).cell == 1


def test_modules_beside_a_notebook_are_found_as_in_a_kernel(tmp_path):
    (tmp_path / "words_of_mine.py").write_text("word = 'một'", encoding="utf-8")
    before = [*sys.path]
    assert texts(run(job(tmp_path, "from words_of_mine import word\nprint(word)"))) == ["một\n"]
    assert sys.path == before
    (tmp_path / "words_of_mine.py").write_text("word = 'hai, ba'", encoding="utf-8")
    assert texts(run(job(tmp_path, "import words_of_mine; print(words_of_mine.word)"))) == [
        "hai, ba\n"
    ]


def test_each_run_has_its_own_names_folder_and_environment(tmp_path):
    import matplotlib as mpl

    before = Path.cwd(), mpl.rcParams["font.size"]
    source = (
        "import os, matplotlib as mpl\nmpl.rcParams['font.size'] = 99\nos.environ['LEAK'] = '1'\n"
        "y = 1\nprint(os.getcwd(), os.environ['THIDUA_DATA'])"
    )
    assert texts(run(job(tmp_path, source))) == [f"{tmp_path} {tmp_path}\n"]
    assert failure(run(job(tmp_path, "y"))).cell == 1
    assert (Path.cwd(), mpl.rcParams["font.size"]) == before
    assert "LEAK" not in os.environ


def test_figures_of_pyplot_are_shown(tmp_path):
    outcome = run(job(tmp_path, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"))
    kinds = [set(output["data"]) for output in outputs(outcome)]
    assert any("image/png" in kind for kind in kinds)


def test_styled_tables_are_escaped_in_every_place(tmp_path):
    source = (
        "import pandas as pd\nbad = '<script>x</script>'\n"
        "df = pd.DataFrame({bad: [bad, 1.5]}, index=pd.Index([bad, 'b'], name=bad))\n"
        "df.columns.name = bad\n"
        "df.style.set_caption(bad).format(precision=1).background_gradient(subset=[])"
    )
    outcome = run(job(tmp_path, source))
    html = outputs(outcome)[0]["data"]["text/html"]
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5
    assert "1.5" in html


def test_nothing_is_stored_of_what_was_run(tmp_path):
    source = "get_ipython().history_manager.db\nget_ipython().history_manager.enabled"
    assert texts(run(job(tmp_path, "secret = 1", source))) == ["False"]


@pytest.mark.slow
def test_one_failure_stops_none_of_the_others(tmp_path):
    paths = [
        write(tmp_path, "1.ipynb", "1"),
        write(tmp_path, "2.ipynb", "x = 1", "raise KeyError('thiếu')"),
        write(tmp_path, "3.ipynb", "import os; os._exit(1)"),
        write(tmp_path, "4.ipynb", "3"),
    ]
    result = run_notebooks(paths, {}, tmp_path, workers=2)
    assert result.succeeded == ["1.ipynb", "4.ipynb"]
    assert [str(f) for f in result.failed] == [
        "2.ipynb: ô lệnh [2] bị lỗi: KeyError: 'thiếu'",
        "3.ipynb: ô lệnh [0] bị lỗi: tiến trình chạy sổ tay dừng đột ngột",
    ]


@pytest.mark.slow
def test_a_notebook_that_never_ends_is_given_up(tmp_path):
    paths = [write(tmp_path, "1.ipynb", "while True: pass"), write(tmp_path, "2.ipynb", "2")]
    result = run_notebooks(paths, {}, tmp_path, workers=1, timeout=8)
    assert result.succeeded == ["2.ipynb"]
    assert "quá 8 giây" in str(result.failed[0])


@pytest.mark.slow
def test_unchanged_notebooks_are_not_run_again(tmp_path):
    path, cache = write(tmp_path, "1.ipynb", "year = 1", tags=["parameters"]), tmp_path / "cache"
    told = []

    def again(year=2023, inputs="a"):
        result = run_notebooks(
            [path], {"year": year}, tmp_path, cache=cache, inputs=inputs,
            progress=lambda done, total, name: told.append((done, total, name)),
        )  # fmt: skip
        return len(result.succeeded), len(result.skipped)

    assert again() == (1, 0)
    assert again() == (0, 1)
    assert again(inputs="b") == (1, 0)
    assert again(year=2022, inputs="b") == (1, 0)
    path.write_text(path.read_text(encoding="utf-8").replace("year = 1", "year = 2"))
    assert again(year=2022, inputs="b") == (1, 0)
    assert told[0] == (1, 1, "1.ipynb")


def test_a_damaged_cache_is_no_cache(tmp_path):
    from thidua_analysis.publish.notebook import _cached

    (tmp_path / "1.ipynb.json").write_text("{", encoding="utf-8")
    assert _cached(tmp_path, "1.ipynb", "x") is None


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are held back on POSIX only")
def test_a_process_is_deaf_to_interruptions_from_its_first_moment(tmp_path):
    """One that is interrupted while it imports prints a traceback over the one line of the user."""
    source = "import signal\nprint(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    result = run_notebooks([write(tmp_path, "1.ipynb", source)], {}, tmp_path)
    (cell,) = result.notebooks["1.ipynb"]["cells"]
    assert [output["text"] for output in cell["outputs"]] == ["True\n"]
