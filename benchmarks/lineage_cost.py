"""What it costs to store with every value the cell that it came from: build with and without."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from benchmarks._forms import write
from benchmarks._results import ROUNDS, Result, ratio
from thidua_analysis import pipeline
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.store import tidy

FILES = int(os.environ.get("BENCH_FILES", "60"))
DATA = Path(__file__).parents[1] / "tests" / "sample" / "data"


@contextmanager
def without_lineage() -> Iterator[None]:
    """Store no cells: the rows alone."""

    with mock.patch.object(tidy.CellColumns, "add", return_value=None):
        yield


def seconds(data: Path) -> float:
    """Processor time of a whole build; what else the machine does does not count."""
    shutil.rmtree(data / "processed", ignore_errors=True)
    start = time.process_time()
    pipeline.build(data)
    return time.process_time() - start


def generate(data: Path) -> None:
    """Fill a data folder with the reports of the members of the bloc over many years."""
    (data / "raw").mkdir(parents=True)
    shutil.copy(DATA / "raw" / "bloc.toml", data / "raw")
    members = load_bloc(DATA).members
    for seed in range(FILES):
        member, year = members[seed % len(members)], 2000 + seed // len(members)
        folder = data / "raw" / str(year)
        folder.mkdir(exist_ok=True)
        write(folder / f"{member.id}.xlsx", seed, member.name, year)


def measure() -> Iterator[Result]:
    """Yield what lineage adds, for generated and for sample files."""
    with tempfile.TemporaryDirectory() as name:
        generated, samples = Path(name) / "generated", Path(name) / "samples"
        generate(generated)
        shutil.copytree(DATA / "raw", samples / "raw")
        for data in (generated, samples):
            seconds(data)
            pairs = []
            for _ in range(ROUNDS):
                with without_lineage():
                    rows = seconds(data)
                pairs.append((seconds(data), rows))
            what = f"build of the {data.name} files / one that stores no cells"
            yield Result(what, ratio(*zip(*pairs, strict=True)), 1.3)
