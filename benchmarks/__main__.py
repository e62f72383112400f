"""Measure and write RESULTS.md: ``python -m benchmarks [--write NAME]``; ``… NAME`` only prints."""

import importlib
import pkgutil
import sys
from itertools import takewhile
from pathlib import Path

import benchmarks
from benchmarks._results import page, part

RESULTS = Path(__file__).parent / "RESULTS.md"


def measure(name: str, *, write: bool) -> None:
    """Print what one of the measurements finds; put it in its place on the page of results."""
    module = importlib.import_module(f"benchmarks.{name}")
    if not hasattr(module, "measure"):
        if not write:
            module.main()
        return
    print(f"# {name}", flush=True)
    results = []
    for one in module.measure():
        print(one.line(), flush=True)
        results.append(one)
    if write:
        before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(page(before, name, part(name, results)), encoding="utf-8")


def main() -> None:
    """Run the measurements named, or all."""
    names = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_")
    words = sys.argv[1:]
    write = not words or words[0] == "--write"
    named = list(takewhile(lambda word: word[0] != "-", words[1:] if words and write else words))
    for name in named or names:
        measure(name, write=write)


if __name__ == "__main__":
    main()
