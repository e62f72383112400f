"""The notebooks as files: thin, Vietnamese, stored without outputs, free of typed figures."""

import ast
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module", params=PATHS, ids=lambda path: path.stem)
def cells(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def sources(cells, kind):
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def test_the_six_parts_are_there():
    assert [path.stem[:2] for path in PATHS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_kernel_is_plain_python(path):
    told = json.loads(path.read_text(encoding="utf-8"))["metadata"]["kernelspec"]
    assert told["name"] == "python3"


def test_stored_without_outputs(cells):
    assert all(not c["outputs"] and c["execution_count"] is None
               for c in cells if c["cell_type"] == "code")  # fmt: skip


def test_opens_with_what_it_presents_then_the_year_then_the_first_screen(cells):
    assert re.match(r"# .+\n\nPhần này trình bày ", "".join(cells[0]["source"]))
    assert "".join(cells[3]["source"]).startswith("publish.headline(ds, year")
    assert cells[1]["metadata"]["tags"] == ["parameters"]
    year, *member = "".join(cells[1]["source"]).splitlines()
    assert year == "year = 2023"
    # points are compared between members: that part has no report of one alone
    compares = "publish.ranking(ds, year)" in sources(cells, "code")
    assert [line.partition("  #")[0] for line in member] == ([] if compares else ["member = None"])


def test_ends_with_definitions_and_sources(cells):
    code = sources(cells, "code")
    assert code[-2].startswith("publish.definitions(")
    assert code[-1] == "publish.sources(ds, year)"


def test_no_digit_in_prose_that_no_call_produced(cells):
    for words in sources(cells, "markdown"):
        assert not re.search(r"\d", words), words


def test_headings_come_in_order(cells):
    levels = [len(m[1]) for words in sources(cells, "markdown")
              for m in re.finditer(r"^(#+) ", words, re.M)]  # fmt: skip
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_cells_are_short_and_hold_no_logic(cells):
    for source in sources(cells, "code"):
        assert source.count("\n") < 16
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.BinOp) or (
                isinstance(node, ast.BinOp) and ast.unparse(node) == "year - 1"
            )


def test_no_path_of_one_machine(cells):
    for source in sources(cells, "code"):
        assert not re.search(r"[A-Za-z]:\\|/home|/Users|\.\./|open\(", source)


def test_markdown_is_vietnamese(cells):
    for words in sources(cells, "markdown"):
        assert re.search(r"[ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụ]", words.lower()), words
