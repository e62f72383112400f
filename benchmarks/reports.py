"""The report of one year: thidua, one plain script, and nbconvert on the same notebooks."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
YEAR = 2023
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
#: What the report may take: times the plain script, times nbconvert.
PLAIN, NBCONVERT = 1.3, 0.5
CHARTS = 29

_REPORT = """
import sys
from pathlib import Path
if __name__ == "__main__":
    import thidua_analysis as td
    from thidua_analysis.publish.report import write_report
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    write_report(td.load(data), data, int(sys.argv[3]), out, Path(sys.argv[4]), pdf=False)
"""


def timed(command: list[str], data: Path) -> float:
    """Wall time of a command in a process of its own."""
    environment = {**os.environ, "THIDUA_DATA": str(data), "PYTHONWARNINGS": "ignore"}
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, capture_output=True, cwd=ROOT)
    return time.perf_counter() - start


def charts(folder: Path) -> int:
    """Charts on the pages of the parts: a fast run without charts has happened before."""
    return sum(
        page.read_text(encoding="utf-8").count('<figure class="chart"')
        for page in folder.rglob("0*.html")
    )


def main() -> None:
    """Measure the three in turn, print medians and ratios, fail above the limits."""
    times: dict[str, list[float]] = {"report": [], "plain": [], "nbconvert": []}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = base / "data"
        shutil.copytree(ROOT / "data" / "raw", data / "raw")
        timed([sys.executable, "-c", f"import thidua_analysis as t; t.load({str(data)!r})"], data)
        script = base / "report.py"
        script.write_text(_REPORT, encoding="utf-8")
        sources = sorted(map(str, NOTEBOOKS.glob("*.ipynb")))
        for turn in range(ROUNDS):
            commands = {
                "report": [sys.executable, str(script), str(data), f"{base}/report{turn}",
                           str(YEAR), str(NOTEBOOKS)],
                "plain": [sys.executable, "-m", "benchmarks._plain_report", str(data),
                          str(NOTEBOOKS), f"{base}/plain{turn}", str(YEAR)],
                "nbconvert": [sys.executable, "-m", "nbconvert", "--to", "html", "--execute",
                              "--log-level", "ERROR", "--output-dir", f"{base}/nbconvert{turn}",
                              *sources],
            }  # fmt: skip
            for name, command in commands.items():
                times[name].append(timed(command, data))
                found = charts(base / f"{name}{turn}")
                assert found == CHARTS, (name, found)
    for name, all_times in times.items():
        print(f"{name:10} {statistics.median(all_times):6.2f} s  {CHARTS} charts")
    for name, limit in (("plain", PLAIN), ("nbconvert", NBCONVERT)):
        pairs = zip(times["report"], times[name], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        print(f"report / {name}: {ratio:.2f} (at most {limit})")
        assert ratio <= limit, name


if __name__ == "__main__":
    main()
