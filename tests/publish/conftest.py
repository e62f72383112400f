"""The sample submissions, read once for all tests of this folder."""

import ast
import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest

from thidua_analysis.charts.chart import Chart
from thidua_analysis.publish import downloads, pack
from thidua_analysis.publish.sources import Sources
from thidua_analysis.publish.status import status, up_to, used_in

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory, request):
    """Data folder of the samples as read; tests that change it copy it first."""
    import thidua_analysis as td

    base = tmp_path_factory.getbasetemp()
    base = base.parent if hasattr(request.config, "workerinput") else base
    data, done, lock = base / "built" / "data", base / "built.done", base / "built.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        for _ in range(600):
            if done.exists():
                return data
            time.sleep(0.2)
        raise TimeoutError(data) from None
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", data / "raw")
    td.load(data)
    done.touch()
    return data


class Shown:
    """What a notebook of the report shows when its cells are run here, without pictures."""

    def __init__(self, path, ds, year):
        self.href = path.stem
        self.title = path.stem
        self.charts, self.markup = [], []
        known = {"display": self.show}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                source = re.sub(r"publish\.opening\(.*\)", "ds", "".join(cell["source"]))
                self.run(
                    source.replace("year = 2023\n", ""), known | {"ds": ds, "year": year}, known
                )

    def run(self, source, given, known):
        known |= given
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), known)
        if last is not None:
            self.show(eval(compile(ast.Expression(last.value), "cell", "eval"), known))

    def show(self, block):
        if block is None:
            return
        if isinstance(block, Chart) and not block.is_empty:
            self.charts.append(block)
            self.markup.append(block.figure_of(""))
        else:
            self.markup.append(block._repr_html_())


@pytest.fixture(scope="session")
def packed(tmp_path_factory):
    """Make the pack of a dataset, as `thidua export` does, but for the pictures."""

    def made(ds, year=2023):
        ds = up_to(ds, year)
        parts = [Shown(path, ds, year) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
        markup = [one for part in parts for one in part.markup]
        charts = tuple(
            pack.Shown(
                f"{part.href}-{at}", part.title, one.title, one.subtitle, one.alt, one.source,
                one.native, tuple(one.data.columns), (), (), {},
            )
            for part in parts
            for at, one in enumerate(part.charts)
        )  # fmt: skip
        illustrative = any(row["illustrative"] for row in used_in(ds, year))
        return pack.Pack(
            ds, year, tmp_path_factory.mktemp("hoi-nghi"), f"Báo cáo năm {year}",
            status(ds, year).plain, illustrative, (), (), (), charts,
            downloads.tables_of(markup), Sources.of(ds, year, markup).rows,
        )  # fmt: skip

    return made


@pytest.fixture(scope="session")
def sample_pack(samples, packed):
    """The pack of the sample submissions."""
    return packed(samples)
