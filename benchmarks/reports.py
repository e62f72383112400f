"""A report: thidua, a plain script, nbconvert on the same notebooks; its pack; once more."""

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
#: What the conference pack may take, times the report.
PACK = 2.0

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
    """Measure all in turn, print medians and ratios, fail above the limits."""
    times: dict[str, list[float]] = {"report": [], "plain": [], "nbconvert": [], "pack": []}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = base / "data"
        shutil.copytree(ROOT / "data" / "raw", data / "raw")
        timed([sys.executable, "-c", f"import thidua_analysis as t; t.load({str(data)!r})"], data)
        script, packer = base / "report.py", base / "pack.py"
        script.write_text(_REPORT, encoding="utf-8")
        packer.write_text(_PACK, encoding="utf-8")
        shutil.copytree(NOTEBOOKS, base / "notebooks")
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
                "pack": [sys.executable, str(packer), str(data), f"{base}/pack{turn}", str(YEAR)],
            }  # fmt: skip
            for name, command in commands.items():
                shutil.rmtree(base / "reports", ignore_errors=True)
                times[name].append(timed(command, data))
            drawn = {name: charts(base / f"{name}{turn}") for name in commands if name != "pack"}
            pictures = len(list((base / f"pack{turn}").rglob("*@2x.png")))
            assert {*drawn.values()} == {pictures}, (drawn, pictures)
    for name, all_times in times.items():
        print(f"{name:10} {statistics.median(all_times):6.2f} s  {pictures} charts")
    bounds = (("report", "plain", PLAIN), ("report", "nbconvert", NBCONVERT))
    for one, other, limit in (*bounds, ("pack", "report", PACK)):
        pairs = zip(times[one], times[other], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        print(f"{one} / {other}: {ratio:.2f} (at most {limit})")
        assert ratio <= limit, (one, other)


if __name__ == "__main__":
    main()
