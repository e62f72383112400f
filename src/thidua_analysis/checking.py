"""`thidua check`: findings of many files, with a record of each and nothing kept of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from thidua_analysis import revisions
from thidua_analysis.bloc import Bloc
from thidua_analysis.findings import finding
from thidua_analysis.side_by_side import each
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
) -> list[Checked]:
    """Read files side by side and keep what was found.

    Parameters
    ----------
    paths
        The files.
    bloc
        The members and their rules.
    reader
        What reads one file.
    progress
        Called with the number of files read and their total.

    Returns
    -------
    list of Checked
        In the order of the paths; files of one member, year and revision name each other.
    """
    paths = list(paths)
    found: list[Checked] = []
    for one in each(partial(_checked, reader, bloc), paths, lost=_lost):
        found.append(one)
        if progress:
            progress(len(found), len(paths))
    return _with_twins(found)


def _checked(reader: Callable[[Path, Bloc], Submission], bloc: Bloc, path: Path) -> Checked:
    submission = read_one(reader, path, bloc)
    counts = {table: len(rows) for table, rows in submission.rows.items()}
    return Checked(replace(submission, rows={}), counts)


def read_one(reader: Callable[[Path, Bloc], Submission], path: Path, bloc: Bloc) -> Submission:
    """Read one file; that the system refuses to open it is a finding like any other."""
    try:
        return reader(path, bloc)
    except OSError as error:
        return _failed(path, error.strerror or type(error).__name__)


def _lost(path: Path) -> Checked:
    return Checked(_failed(path, BrokenProcessPool.__name__), {})


def _failed(path: Path, what: str) -> Submission:
    return Submission(str(path), "", findings=(finding("reader-failed", params={"what": what}),))


def _with_twins(found: list[Checked]) -> list[Checked]:
    """Add `duplicate-submission` where two files say the same member, year and revision."""
    placed = {p.file: p.submission for p in revisions.place(c.submission for c in found)}
    return [replace(c, submission=placed[c.submission.path]) for c in found]
