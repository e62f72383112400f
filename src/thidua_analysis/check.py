"""`thidua check`: findings of many files, with a record of each and nothing kept of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from thidua_analysis.findings import finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.parallel import each
from thidua_analysis.store import inputs, jumps, revisions
from thidua_analysis.submission import Submission, read_file


@dataclass(frozen=True, slots=True)
class Checked:
    """A file's findings and the number of its rows by table; the rows themselves are let go."""

    submission: Submission
    counts: dict[str, int]


def check(
    paths: Iterable[Path],
    bloc: Bloc,
    *,
    reader: Callable[[Path, Bloc], Submission] = read_file,
    progress: Callable[[int, int], None] | None = None,
    raw: Path | None = None,
) -> list[Checked]:
    """Read files side by side and keep what was found, in the order of the paths.

    Files of one member, year and revision name each other; money is compared with that of the
    year before, where that is at hand. ``progress`` is called with the number of files read and
    their total. In ``raw``, the folder ``data/raw``, files of the year before are looked up for
    whom much money is reported.
    """
    paths = list(paths)
    found: list[Checked] = []
    for one in each(partial(_checked, reader, bloc), paths, lost=_lost):
        found.append(one)
        if progress:
            progress(len(found), len(paths))
    return _compared(found, _earlier(found, reader, bloc, raw) if raw else [])


def _checked(reader: Callable[[Path, Bloc], Submission], bloc: Bloc, path: Path) -> Checked:
    submission = read_one(reader, path, bloc)
    counts = {table: len(rows) for table, rows in submission.rows.items()}
    return Checked(replace(submission, rows=jumps.money_rows(submission)), counts)


def read_one(reader: Callable[[Path, Bloc], Submission], path: Path, bloc: Bloc) -> Submission:
    """Read one file; that the system refuses to open it is a finding like any other."""
    try:
        return reader(path, bloc)
    except OSError as error:
        return failed(path, error.strerror or type(error).__name__)


def failed(path: Path, what: str = BrokenProcessPool.__name__) -> Submission:
    """Return what stands for a file that could not be read; by default its process died."""
    return Submission(str(path), "", findings=(finding("reader-failed", params={"what": what}),))


def _lost(path: Path) -> Checked:
    return Checked(failed(path), {})


def _earlier(
    found: list[Checked], reader: Callable[[Path, Bloc], Submission], bloc: Bloc, raw: Path
) -> list[Submission]:
    """Read the files of the years before those that report so much money that it may be wrong."""
    given = {(c.submission.member, c.submission.year) for c in found}
    years = {
        (one.year or 0) - 1
        for one in (c.submission for c in found)
        if (one.member, (one.year or 0) - 1) not in given and jumps.holds_much_money(one)
    }
    paths = [path for year in sorted(years) for path in inputs.in_folder(raw / str(year))]
    return [_checked(reader, bloc, path).submission for path in paths]


def _compared(found: list[Checked], earlier: list[Submission]) -> list[Checked]:
    """Add what only several files show: two of one member, year and revision, other money."""
    placed = revisions.place(c.submission for c in found)
    first = {p.submission.path for p in placed}
    others = [p for p in revisions.place(earlier) if p.submission.path not in first]
    by_path = {p.file: p.submission for p in jumps.compare_money((*others, *placed))}
    return [replace(c, submission=replace(by_path[c.submission.path], rows={})) for c in found]
