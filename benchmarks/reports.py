"""A report: thidua, a plain script, nbconvert on the same notebooks; its pack; once more."""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._results import ROOT, ROUNDS, Result, ratio, taken, thidua

NOTEBOOKS = ROOT / "notebooks"
YEAR = "2023"

_REPORT = """
import sys
from pathlib import Path
if __name__ == "__main__":
    import thidua_analysis as td
    from thidua_analysis.publish.report import write_report
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    write_report(td.load(data), data, int(sys.argv[3]), out, Path(sys.argv[4]), pdf=False)
"""
_PACK = """
import sys
from pathlib import Path
if __name__ == "__main__":
    import thidua_analysis as td
    td.export(td.load(Path(sys.argv[1])), int(sys.argv[3]), out=Path(sys.argv[2]))
"""


def charts(folder: Path) -> int:
    """Charts on the pages of the parts: a fast run without charts has happened before."""
    return sum(
        page.read_text(encoding="utf-8").count('<figure class="chart"')
        for page in folder.rglob("0*.html")
    )


def _commands(base: Path, data: Path, turn: int) -> dict[str, list[str]]:
    return {
        "report": [sys.executable, f"{base}/report.py", str(data), f"{base}/report{turn}", YEAR,
                   str(NOTEBOOKS)],
        "plain": [sys.executable, "-m", "benchmarks._plain_report", str(data), str(NOTEBOOKS),
                  f"{base}/plain{turn}", YEAR],
        "nbconvert": [sys.executable, "-m", "nbconvert", "--to", "html", "--execute",
                      "--log-level", "ERROR", "--output-dir", f"{base}/nbconvert{turn}",
                      *sorted(map(str, NOTEBOOKS.glob("*.ipynb")))],
        "pack": [sys.executable, f"{base}/pack.py", str(data), f"{base}/pack{turn}", YEAR],
    }  # fmt: skip


def _times(base: Path, data: Path) -> dict[str, list[tuple[float, float]]]:
    """Make the report of a year in every way in turn, all with the same charts; see `taken`."""
    (base / "report.py").write_text(_REPORT, encoding="utf-8")
    (base / "pack.py").write_text(_PACK, encoding="utf-8")
    times: dict[str, list[tuple[float, float]]] = {}
    for turn in range(ROUNDS):
        commands = _commands(base, data, turn)
        for name, command in commands.items():
            shutil.rmtree(base / "reports", ignore_errors=True)
            times.setdefault(name, []).append(taken(command, THIDUA_DATA=str(data)))
        drawn = {name: charts(base / f"{name}{turn}") for name in commands if name != "pack"}
        pictures = len(list((base / f"pack{turn}").rglob("*@2x.png")))
        assert {*drawn.values()} == {pictures}, (drawn, pictures)
    return times


def measure() -> Iterator[Result]:
    """Yield what a report costs that nothing has changed in, then one from the beginning."""
    with tempfile.TemporaryDirectory() as folder:
        base, data = Path(folder), Path(folder) / "data"
        shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", data / "raw")
        shutil.copytree(NOTEBOOKS, base / "notebooks")
        once = thidua("report", "--year", YEAR, "--data", str(data), "--out", f"{base}/kept")
        cold, *again = [taken(once)[0] for _ in range(ROUNDS + 1)]
        yield Result("report, nothing changed", statistics.median(again), 1.0, "s")
        yield Result("– the first time, with its PDF", cold, None, "s")
        times = _times(base, data)
    spent, wall = ({name: [one[at] for one in times[name]] for name in times} for at in (0, 1))
    yield Result("report cold", statistics.median(spent["report"]), None, "s")
    for of, other, bound in (("a plain script that draws the same", "plain", 1.3),
                             ("`nbconvert --execute`", "nbconvert", 0.5)):  # fmt: skip
        yield Result(f"report cold / {of}", ratio(spent["report"], spent[other]), bound)
        yield Result("– in wall time", ratio(wall["report"], wall[other]))
    yield Result("conference pack / report", ratio(spent["pack"], spent["report"]), 2.0)
