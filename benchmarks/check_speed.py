"""`check` on many typical files against python-calamine reading the same bytes into lists."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from python_calamine import load_workbook

from benchmarks._forms import write

FILES = int(os.environ.get("BENCH_FILES", "600"))
ROUNDS = 5
DATA = Path(__file__).parents[1] / "data"


def read_with_calamine(path: Path) -> int:
    """Read all sheets of one file into lists, nothing else."""
    book = load_workbook(BytesIO(path.read_bytes()))
    return sum(
        len(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        for name in book.sheet_names
    )


def calamine(paths: list[Path]) -> None:
    """Read all files side by side with the same number of threads as `check`."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        assert all(threads.map(read_with_calamine, paths))


def check(paths: list[Path]) -> None:
    """Check all files."""
    from thidua_analysis.form.bloc import load_bloc
    from thidua_analysis.pipeline import check

    found = check(paths, load_bloc(DATA))
    assert all(sum(one.counts.values()) == 500 for one in found), found[0]


def seconds(run: Callable[[list[Path]], None], paths: list[Path]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    run(paths)
    return time.perf_counter() - start


def peak(count: int, folder: Path) -> float:
    """Peak memory in MiB of a process that checks so many files."""
    code = (
        "import sys; from pathlib import Path; from benchmarks import check_speed as b; "
        f"b.check(sorted(Path({str(folder)!r}).glob('*.xlsx'))[:{count}]); print(b.memory())"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    return float(done.stdout)


def memory() -> float:
    """Peak memory in MiB of this process or of one that it started, whichever took more."""
    both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return max(resource.getrusage(who).ru_maxrss for who in both) / 1024


def main() -> None:
    """Print both times, their ratio pair by pair, and peak memory by number of files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(FILES):
            write(folder / f"{seed:04}.xlsx", seed)
        paths = sorted(folder.glob("*.xlsx"))
        seconds(check, paths[:20])
        pairs = [(seconds(calamine, paths), seconds(check, paths)) for _ in range(ROUNDS)]
        alone, checked = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{FILES} files: calamine {alone:.2f} s, check {checked:.2f} s, ratio {ratio:.2f}")
        few, many = peak(max(FILES // 6, 1), folder), peak(FILES, folder)
        print(f"peak memory of a process: {FILES // 6} files {few:.0f} MiB, "
              f"{FILES} files {many:.0f} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
