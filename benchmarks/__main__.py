"""Run every measurement: ``python -m benchmarks [NAME ... [OPTIONS of the one named]]``."""

import importlib
import pkgutil
import sys
from itertools import takewhile

import benchmarks


def main() -> None:
    """Run the measurements named, or all."""
    found = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_")
    named = list(takewhile(lambda word: word[0] != "-", sys.argv[1:]))
    for name in named or found:
        print(f"# {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
