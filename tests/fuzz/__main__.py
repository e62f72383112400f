"""Run one target: ``python -m tests.fuzz xlsx --runs 1000000``; what fails is kept as a file."""

import argparse
import resource
import sys
import time
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["thidua_analysis"]):
    from . import targets
    from .inputs import mutated, respelt, seeds

CRASHERS = Path(__file__).parents[1] / "crashers"
#: processor time that makes an input a fault, and the greatest length of a text and of a file
SECONDS, TEXT, FILE = 5, 250, 40_000
#: bytes that a run may take, what it keeps of its inputs included
MEMORY = 3 * 2**30
#: bytes before a text that say how it is read
HEADS = {"numbers": 1, "texts": 1, "number-formats": 8}


def main() -> None:
    """Run what was asked for, until it is done or something fails."""
    asked = _arguments()
    target = targets.TARGETS[asked.target]
    is_file = target in (targets.gate, targets.workbook, targets.submission)

    def timed(data: bytes) -> None:
        start = time.process_time()
        target(data)
        took = time.process_time() - start
        assert took < SECONDS, f"{took:.1f} s"

    keep = asked.keep / asked.target
    keep.mkdir(parents=True, exist_ok=True)
    corpus = asked.corpus or targets.ROOT / ".fuzz" / asked.target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(asked.target)):
        (corpus / f"seed-{number:04}").write_bytes(seed)
    options = {
        "runs": asked.runs, "seed": asked.seed, "max_total_time": asked.seconds, "timeout": 30,
        "rss_limit_mb": 0, "max_len": FILE if is_file else TEXT,
        "artifact_prefix": f"{keep}/", "print_final_stats": 1,
    }  # fmt: skip
    arguments = [sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(corpus)]
    # what libFuzzer measures begins with the greatest size that its parent ever had
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    change = mutated if is_file else partial(respelt, head=HEADS.get(asked.target, 0))
    # atheris has its Mutate only once it runs
    atheris.Setup(arguments, timed, custom_mutator=lambda *a: change(atheris.Mutate, *a))
    atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--runs", type=int, default=100_000, help="inputs to try")
    parser.add_argument("--seconds", type=int, default=0, help="stop after so long; 0 is never")
    parser.add_argument("--seed", type=int, default=1, help="the same one tries the same inputs")
    parser.add_argument("--corpus", type=Path, help="folder that keeps what led to new code")
    parser.add_argument("--keep", type=Path, default=CRASHERS, help="folder for what fails")
    return parser.parse_args()


if __name__ == "__main__":
    main()
