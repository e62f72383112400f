"""The story of the data: files are read side by side and checked, then become tables."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from thidua_analysis.findings import ConfigError, NoDataError, UsageError, finding
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.store import inputs, revisions
from thidua_analysis.store.inputs import (
    FileReader,
    find_data,
    is_submission,
    load_corrections,
    read_receipts,
    read_withdrawals,
    unread,
)
from thidua_analysis.submission import Submission, read_file
from thidua_analysis.submission.texts import Correction
from thidua_analysis.vietnamese.display import Lang

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset


Thing = TypeVar("Thing")
Result = TypeVar("Result")

#: With fewer things than this, starting processes takes longer than they save.
MANY = 32
#: Handed to a process at a time.
_AT_A_TIME = 4


def each(
    work: Callable[[Thing], Result],
    things: Sequence[Thing],
    *,
    lost: Callable[[Thing], Result],
) -> Iterator[Result]:
    """Yield what a function makes of each of many things, in their order.

    Threads take turns where Python itself computes, so that many things are given to as many
    processes as there are processors; measured, two processes check 600 files in half the time
    of two threads (``benchmarks/check_speed.py``). For that it must be possible to pickle the
    function, the things and the results. What is ``lost`` stands for the result of a thing on
    which a process died.
    """
    if len(things) < 2:
        yield from map(work, things)
    elif len(things) >= MANY and (os.cpu_count() or 1) > 1 and _can_start(work):
        yield from _by_processes(work, things, lost)
    else:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            yield from threads.map(work, things)


def _can_start(work: Callable[[Any], Any]) -> bool:
    """Whether new processes can be started: a script without a main guard cannot start any."""
    if _start_method() == "fork":
        return True
    try:
        with _pool(1) as pool:
            return pool.submit(callable, work).result()
    except BrokenProcessPool:
        return False


def _by_processes(
    work: Callable[[Thing], Result], things: Sequence[Thing], lost: Callable[[Thing], Result]
) -> Iterator[Result]:
    done = 0
    try:
        with _pool(os.cpu_count()) as pool:
            for result in pool.map(work, things, chunksize=_AT_A_TIME):
                done += 1
                yield result
    except BrokenProcessPool:
        # the one that died took the others along: from here on each is on its own
        for thing in things[done:]:
            try:
                with _pool(1) as pool:
                    alone = pool.submit(work, thing).result()
            except BrokenProcessPool:
                alone = lost(thing)
            yield alone


def _pool(processes: int | None) -> ProcessPoolExecutor:
    """New processes; the user's interruption is for the one that waits for them."""
    context = multiprocessing.get_context(_start_method())
    return ProcessPoolExecutor(processes, context, signal.signal, (signal.SIGINT, signal.SIG_IGN))


def _start_method() -> str:
    """A copy of this process starts at once, but only if no other thread may hold a lock in it."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if can_fork else "spawn"


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
    return Checked(replace(submission, rows=revisions.money_rows(submission)), counts)


def read_one(reader: Callable[[Path, Bloc], Submission], path: Path, bloc: Bloc) -> Submission:
    """Read one file; that the system refuses to open it is a finding like any other."""
    try:
        return reader(path, bloc)
    except OSError as error:
        return failed(path, error)


def failed(path: Path, why: Exception | str = BrokenProcessPool.__name__) -> Submission:
    """Return what stands for a file that could not be read; by default its process died."""
    params = {"what": why if isinstance(why, str) else type(why).__name__}
    if isinstance(why, OSError):
        gone = isinstance(why, FileNotFoundError)
        params = {"what": why.strerror or type(why).__name__, "of": "gone" if gone else "refused"}
    return Submission(str(path), "", findings=(finding("reader-failed", params=params),))


def _refused(submission: Submission) -> str:
    """Return why the system did not let a file be read; nothing where it did."""
    params = submission.findings[0].params if submission.findings else {}
    return params["what"] if "of" in params else ""


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
        if (one.member, (one.year or 0) - 1) not in given and revisions.holds_much_money(one)
    }
    paths = [path for year in sorted(years) for path in inputs.in_folder(raw / str(year))]
    return [_checked(reader, bloc, path).submission for path in paths]


def _compared(found: list[Checked], earlier: list[Submission]) -> list[Checked]:
    """Add what only several files show: two of one member, year and revision, other money."""
    placed = revisions.place(c.submission for c in found)
    first = {p.submission.path for p in placed}
    others = [p for p in revisions.place(earlier) if p.submission.path not in first]
    by_path = {p.file: p.submission for p in revisions.compare_money((*others, *placed))}
    return [replace(c, submission=replace(by_path[c.submission.path], rows={})) for c in found]


Reader = Callable[[Path, Bloc], Submission]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Parameters
    ----------
    changed
        Whether the processed data were written; False where nothing had changed.
    files
        Number of files found.
    unreadable
        Files that could not be read, by path below ``data/raw``.
    wrong
        Files with errors that count, or that are not known to whom they belong, by path.
    findings
        Number of findings by severity, without those of files that a later one replaces.
    manifest
        The manifest as it is on disk.
    not_read
        Files below ``data/raw`` that are no spreadsheet, or lie in no folder of a year.
    """

    changed: bool
    files: int
    unreadable: tuple[str, ...]
    wrong: tuple[str, ...]
    findings: dict[str, int]
    manifest: dict[str, Any]
    not_read: tuple[str, ...] = ()


def build(
    data: Path | str,
    *,
    progress: Progress | None = None,
    reader: Reader | None = None,
) -> BuildResult:
    """Read every file in ``data/raw/<year>/`` and write ``data/processed/``.

    Nothing is done where neither the files nor the settings nor the program have changed. A file
    that cannot be read stops nothing.

    Parameters
    ----------
    data
        The data folder.
    progress
        Called with the number of files read, their total and the path of the last one.
    reader
        What reads one file; `thidua_analysis.submission.read_file` by default.

    Raises
    ------
    ConfigError
        If ``bloc.toml`` is missing or wrong.
    NoDataError
        If there is no file to read.
    UsageError
        If something has changed and nobody may write to the folder.
    """
    # tables take longer to import than a file to check
    from thidua_analysis.store import disk, made

    data = Path(data)
    disk.recover(data)
    program = made.fingerprint(data)  # first: what changes while it is read is read again next time
    bloc = load_bloc(data)
    paths = raw_files(data)
    if not paths:
        raise NoDataError("no-files", folder=str(data / "raw"))
    hashes = {name: made.content_hash(path) for name, path in _named(data, paths).items()}
    inputs = disk.digest(disk.dump({"program": program, "files": hashes}))
    with suppress(disk.StoreMissingError):
        stored = disk.read(data).manifest
        if stored.get("inputs") == inputs:
            return _result(data, dict(stored), changed=False)
    submissions = read_all(data, paths, bloc, reader or FileReader.of(data), progress)
    hashes |= {s.path: told for s in submissions if (told := s.sha256 or _refused(s))}
    inputs = disk.digest(disk.dump({"program": program, "files": hashes}))
    _refuse_unused(load_corrections(data), submissions)
    tables, manifest = made.assemble(submissions, bloc, read_receipts(data), read_withdrawals(data))
    whole = {**manifest, "inputs": inputs, "program": program}
    try:
        return _result(data, disk.write(data, tables, whole), changed=True)
    except OSError as error:
        if error.errno in disk.NOT_ALLOWED:
            raise UsageError("build-not-allowed", folder=str(disk.folder(data))) from error
        raise


def load(
    data: Path | str | None = None, lang: Lang = "vi", progress: Progress | None = None
) -> Dataset:
    """Build the processed data if anything has changed, and open them.

    Parameters
    ----------
    data
        The data folder, with the files of the members in ``raw/<year>/``; by default the nearest
        one, from the working folder upwards.
    lang
        Language of the texts of figures, ``vi`` or ``en``.
    progress
        See `build`.

    Raises
    ------
    ConfigError
        If ``bloc.toml`` is missing or wrong.
    NoDataError
        If there is no file to read.
    UsageError
        If there is no data folder.
    """
    from thidua_analysis.dataset import Dataset

    folder = find_data(Path(data) if data is not None else None)
    build(folder, progress=progress)
    return Dataset.open(folder, lang)


def raw_files(data: Path) -> tuple[Path, ...]:
    """Return the workbooks in ``data/raw/<year>/``, without lock files and hidden ones."""
    folders = (p for p in (data / "raw").glob("*") if p.is_dir() and revisions.folder_year(p.name))
    found = (path for folder in folders for path in folder.iterdir())
    return tuple(sorted(p for p in found if is_submission(p) and p.is_file()))


def not_read(data: Path) -> tuple[str, ...]:
    """Return the files below ``data/raw`` that no build reads, by their path there."""
    read = set(raw_files(data))
    spare = (p for p in unread(data / "raw", every=True) if p not in read)
    return tuple(_named(data, spare))


def read_all(
    data: Path,
    paths: Iterable[Path],
    bloc: Bloc,
    reader: Reader,
    progress: Progress | None = None,
) -> tuple[Submission, ...]:
    """Read the files side by side and return what they say in the order of the paths."""
    named = _named(data, paths)
    read = each(partial(_safely, reader, bloc), list(named.values()), lost=failed)
    found: list[Submission] = []
    for name, submission in zip(named, read, strict=True):
        found.append(replace(submission, path=name))
        if progress:
            progress(len(found), len(named), name)
    return tuple(found)


def _named(data: Path, paths: Iterable[Path]) -> dict[str, Path]:
    """Files by their path below ``data/raw``."""
    return {path.relative_to(data / "raw").as_posix(): path for path in paths}


def _result(data: Path, manifest: dict[str, Any], *, changed: bool) -> BuildResult:
    files = [entry for entry in manifest["files"] if not entry["withdrawn"]]
    last = [entry for entry in files if not entry["superseded"]]
    found = [f for entry in last for f in entry["findings"]] + list(manifest["findings"])
    counts = Counter(f["severity"] for f in found)
    return BuildResult(
        changed=changed,
        files=len(manifest["files"]),
        unreadable=tuple(entry["file"] for entry in files if entry["status"] == "unreadable"),
        wrong=tuple(entry["file"] for entry in last if entry["status"] == "errors"),
        findings={severity: counts[severity] for severity in ("error", "warning", "note")},
        manifest=manifest,
        not_read=not_read(data),
    )


def _refuse_unused(corrections: Iterable[Correction], submissions: Iterable[Submission]) -> None:
    """Refuse to build where a correction did nothing: its cell or its file is another now."""
    by_file = {s.path: s for s in submissions}
    for number, one in enumerate(corrections, 1):
        submission = by_file.get(one.file)
        place = f"{one.file}, {one.sheet}!{one.cell}"
        if submission is None or submission.status == "unreadable":
            raise ConfigError("correction-without-file", entry=number, place=place)
        if one in submission.stale:
            raise ConfigError("correction-stale", entry=number, place=place, text=one.expected)


def _safely(reader: Reader, bloc: Bloc, path: Path) -> Submission:
    """Read a file; that it cannot be read is a finding like any other."""
    try:
        return reader(path, bloc)
    except Exception as error:
        return failed(path, error)
