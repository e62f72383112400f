"""`thidua check` on one .xlsx from a cold process, and what importing pandas would add."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 7


def seconds(*arguments: str) -> float:
    """Median wall time of a process."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print the times of an empty interpreter, of `check`, and of importing pandas."""
    empty = seconds("-c", "pass")
    check = seconds("-m", "thidua_analysis.cli.app", "check", "data/raw/2023/mttq.xlsx")
    pandas = seconds("-c", "import pandas")
    print(f"empty interpreter {empty:.2f} s, check {check:.2f} s, import pandas {pandas:.2f} s")


if __name__ == "__main__":
    main()
