"""Measure: ``python -m benchmarks`` writes RESULTS.md, ``… NAME [OPTIONS]`` prints one of them."""

import importlib
import pkgutil
import sys
from itertools import takewhile
from pathlib import Path

import benchmarks
from benchmarks._results import table

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Run the measurements named and print them; without a name run all and write them down."""
    names = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_")
    named = list(takewhile(lambda word: word[0] != "-", sys.argv[1:]))
    results = []
    for name in named or names:
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "measure"):
            if named:
                module.main()
            continue
        print(f"# {name}", flush=True)
        for one in module.measure():
            print(one.line(), flush=True)
            results.append(one)
        if not named:
            RESULTS.write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    main()
