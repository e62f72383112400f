"""Results of measurements: times of processes in turn, ratios pair by pair, the page of both."""

import datetime as dt
import math
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))

_HEAD = """# Measured

Made by `make bench`; one part anew by `python -m benchmarks --write NAME`. Times are processor
time of whole processes with all that they start, unless a line says otherwise; what is compared
ran in turn, and a ratio is the median of the pairs.
"""
_PART = """
## {name}
{day}, {machine}, {cores} processors, Python {python}

| what | bound | measured | |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing measured: ``value`` in ``unit`` must not exceed ``bound``, where there is one."""

    what: str
    value: float
    bound: float | None = None
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the bound holds."""
        return self.bound is None or self.value <= self.bound

    def line(self) -> str:
        """Return the line of the table."""
        bound = "" if self.bound is None else f"≤ {self._printed(self.bound)}"
        told = "" if self.bound is None else "met" if self.is_met else "**not met**"
        return f"| {self.what} | {bound} | {self._printed(self.value)} | {told} |"

    def _printed(self, number: float) -> str:
        """Print a number so that one above its bound never looks like the bound."""
        decimals = 0 if number >= 100 else 2
        up = math.ceil if number == self.value and not self.is_met else round
        return f"{up(number * 10**decimals) / 10**decimals:,.{decimals}f} {self.unit}".rstrip()


def part(name: str, results: Iterable[Result]) -> str:
    """Return the part of the page that says what one measurement found."""
    head = _PART.format(
        name=name,
        day=dt.date.today(),
        machine=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
        python=platform.python_version(),
    )
    return head + "".join(f"{one.line()}\n" for one in results)


def page(before: str, name: str, own: str) -> str:
    """Return the page of results with one part in the place of what it said before."""
    _, *parts = re.split(r"\n(?=## )", before)
    kept = {one.split("\n", 1)[0].removeprefix("## "): f"\n{one}" for one in parts}
    return _HEAD + "".join(said for _, said in sorted({**kept, name: own}.items()))


def peak() -> float:
    """Most memory of this process, in MiB; `getrusage` counts that of the one that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = re.search(r"VmHWM:\s*([0-9]+)", status.read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else math.nan


def thidua(*arguments: str) -> list[str]:
    """Return the command `thidua` as its users start it."""
    program = "from thidua_analysis.cli.app import main; main()"
    return [sys.executable, "-c", program, *arguments]


def taken(command: Sequence[str], **environment: str) -> tuple[float, float]:
    """Processor time of a process and of all that it waits for, and wall time, in seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    own = {**os.environ, "PYTHONWARNINGS": "ignore", **environment}
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, check=False)
    wall = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{command}: {done.returncode}\n{done.stderr.decode()[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def in_turn(commands: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """Processor times of commands that run in turn, after one round for what is kept on disk."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 1):
        for name, command in commands.items():
            spent, _ = taken(command)
            if turn:
                times[name].append(spent)
    return times


def ratio(one: Iterable[float], other: Iterable[float]) -> float:
    """Median of the ratios of what ran in the same turn."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))
