"""Compare what the program says with what it said: ``python -m tests.golden``."""

import argparse
import hashlib
import json
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from . import items

STORED = Path(__file__).with_name("digests.json")
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
OF_WORKBOOKS = {"facts", "check", "rows"}
STORIES = {"of_figures": {"figures"}, "of_pages": {"pages", "drawings"}, "of_forms": {"forms"}}
PARTS = [*sorted(OF_WORKBOOKS), "marks", *sorted(set().union(*STORIES.values()))]
BATCH = 8


def main():
    """Run what was asked for, and say what differs."""
    asked = _arguments()
    wanted = set(asked.only)
    made = _all(list(_jobs(wanted, asked.also)), asked.dump)
    told = {name: digest for name, digest in made if name.split(" ")[0] in wanted}
    stored = json.loads(asked.digests.read_text()) if asked.digests.is_file() else {}
    # what was not run stays as it is
    kept = {name: old for name, old in stored.items() if name.split(" ")[0] not in wanted}
    differ = [*_differences({n: d for n, d in stored.items() if n not in kept}, told)]
    for line in differ:
        print(line)
    if asked.accept:
        lines = json.dumps({**kept, **told}, ensure_ascii=False, indent=0, sort_keys=True)
        asked.digests.write_text(lines + "\n", encoding="utf-8")
    print(f"{len(told)} items, {len(differ)} different")
    sys.exit(bool(differ) and not asked.accept)


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="store what is said now")
    parser.add_argument("--digests", type=Path, default=STORED, help="the file to compare with")
    parser.add_argument(
        "--also", type=Path, nargs="+", default=[], help="folders of more workbooks"
    )
    parser.add_argument("--dump", type=Path, help="folder for the text of each item")
    parser.add_argument("--only", nargs="+", default=PARTS, choices=PARTS, help="parts to run")
    return parser.parse_args()


def _jobs(wanted, also):
    """Yield (function, list of its arguments), the longest first."""
    for story, parts in STORIES.items():
        if parts & wanted:
            yield story, [()]
    found = list(_workbooks(also))
    # one workbook for each thing that can be wrong
    wrong = (one for one in found if one[1].startswith("tests/should_fail/"))
    sent = [*{one[1].split("/")[2]: one for one in wrong}.values()]
    if "marks" in wanted:
        yield from (("of_copy", sent[at : at + BATCH]) for at in range(0, len(sent), BATCH))
    if of := OF_WORKBOOKS & wanted:
        every = [(*one, of) for one in found]
        yield from (("of_workbook", every[at : at + BATCH]) for at in range(0, len(every), BATCH))


def _workbooks(also):
    """Yield workbooks with a name that tells them apart wherever they lie."""
    for folder in (items.ROOT / "tests", *(folder.resolve() for folder in also)):
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in WORKBOOKS and path.is_file():
                yield path, f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _all(jobs, dump):
    with ProcessPoolExecutor(2) as pool:
        running = [pool.submit(_run, *job, dump) for job in jobs]
        for number, done in enumerate(as_completed(running), 1):
            yield from done.result().items()
            print(f"{number}/{len(jobs)}", end="\r", file=sys.stderr)


def _run(function, calls, dump):
    """Return the digest of every item by name."""
    found = {}
    for call in calls:
        for (part, name), text in getattr(items, function)(*call):
            told = text.encode("utf-8", "surrogatepass")
            found[f"{part} {name}"] = hashlib.sha256(told).hexdigest()[:16]
            if dump:
                path = dump / part / f"{name.replace('/', '~')}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(told)
    return found


def _differences(stored, told):
    for name in sorted(stored.keys() | told.keys()):
        if stored.get(name) != told.get(name):
            how = "new" if name not in stored else "lacks" if name not in told else "differs"
            yield f"{how:8}{name}"


if __name__ == "__main__":
    main()
