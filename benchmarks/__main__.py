"""Run every measurement: ``python -m benchmarks [NAME ...]``."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Run the measurements named, or all."""
    found = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_")
    for name in sys.argv[1:] or found:
        print(f"# {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
