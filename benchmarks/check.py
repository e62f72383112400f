"""`check` against pandas reading the same files, in one process and as commands."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks._forms import write
from benchmarks._results import ROOT, ROUNDS, Result, in_turn, ratio, thidua
from thidua_analysis import pipeline
from thidua_analysis.form.bloc import load_bloc

#: so many files, because the garbage of both is collected now in the one, now in the other
_FILES = 6 * ROUNDS
_PANDAS = "import sys, pandas; pandas.read_excel(sys.argv[1], engine='openpyxl', sheet_name=None)"


def _typical(folder: Path) -> Result:
    """Time of a check / of reading into frames, of 6 sheets with 500 rows, in this process."""
    pairs, bloc = [], load_bloc(ROOT / "tests" / "sample" / "data")
    for seed in range(_FILES + 1):
        path = folder / f"{seed:03}.xlsx"
        write(path, seed)
        start = time.process_time()
        pd.read_excel(path, engine="openpyxl", sheet_name=None)
        between = time.process_time()
        (found,) = pipeline.check([path], bloc)
        pairs.append((time.process_time() - between, between - start))
        assert sum(found.counts.values()) == 500, found
    what = "check of a typical file / `pandas.read_excel` (openpyxl) of it"
    checks, pandas = map(sum, zip(*pairs[1:], strict=True))
    return Result(what, checks / pandas, 0.30)


def measure() -> Iterator[Result]:
    """Yield what checks cost."""
    with tempfile.TemporaryDirectory() as name:
        yield _typical(Path(name))
    samples = sorted(
        path
        for path in (ROOT / "tests" / "sample" / "data" / "raw").glob("20*/*")
        if path.is_file()
    )
    ratios = []
    for path in (one for one in samples if one.match("2023/*.xlsx")):
        pandas = [sys.executable, "-c", _PANDAS, str(path)]
        times = in_turn({"check": thidua("check", str(path)), "pandas": pandas})
        ratios.append(ratio(times["check"], times["pandas"]))
    what = "one `check` process / one that reads the file with pandas (openpyxl)"
    yield Result(f"{what}, {len(ratios)} sample files", statistics.median(ratios), 0.5)
    yield Result("– the dearest of them", max(ratios))
    every = in_turn({"check": thidua("check", *map(str, samples))})
    taken = statistics.median(every["check"])
    yield Result(f"{len(samples)} sample files, whole `check` process", taken, 1.0, "s")
