"""Files come in under a clear name, never over another; who sent what; files taken out again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path, PurePath
from typing import Literal

from msgspec.structs import asdict

from thidua_analysis import pipeline
from thidua_analysis.exchange import late
from thidua_analysis.findings import NoDataError, UsageError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import raw_of
from thidua_analysis.form.forms import forms
from thidua_analysis.pipeline import Checked
from thidua_analysis.publish.board import Board, draw_up
from thidua_analysis.store import disk, inputs
from thidua_analysis.store.inputs import FileReader, Withdrawn, load_limits
from thidua_analysis.store.made import content_hash
from thidua_analysis.store.revisions import folder_year, sent_files
from thidua_analysis.submission import Submission, read_bytes

#: Name of the file of the bloc itself.
BLOC_STEM = "khoi"
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_LONGEST_STEM = 100


def status(data: Path, year: int | None = None, *, today: dt.date | None = None) -> Board:
    """Return the board.

    Parameters
    ----------
    data
        The data folder; it is built first where anything has changed.
    year
        Only this year; by default every year of which a file or a folder is there.
    today
        The day from which a deadline has passed.

    Raises
    ------
    NoDataError
        If there is nothing to show.
    """
    bloc, days = load_bloc(data), inputs.read_receipts(data)
    files = sent_files(pipeline.build(data).manifest) if pipeline.raw_files(data) else ()
    folders = (path.name for path in raw_of(data).glob("[0-9][0-9][0-9][0-9]") if path.is_dir())
    years = sorted({*map(int, folders), *(f.about for f in files if f.about)})
    years = [year] if year else years
    if not years:
        raise NoDataError("no-files", folder=str(raw_of(data)))
    spare = [file for file in pipeline.not_read(data) if folder_year(file) in (*years, None)]
    return draw_up(files, bloc, days, years, today or dt.date.today(), spare)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file: ``added``, or ``known`` where the same bytes had come in before.

    ``file`` is the path below ``data/raw`` of the copy, or of the file that was there already;
    ``checked`` what was found in the copy.
    """

    source: Path
    file: str
    outcome: Literal["added", "known"]
    checked: Checked | None = None


def add(
    data: Path,
    paths: Iterable[Path],
    year: int | None = None,
    *,
    on: dt.date | None = None,
    accept: bool = False,
    reason: str = "",
) -> list[Added]:
    """Take files in.

    Parameters
    ----------
    data
        The data folder.
    paths
        Files as received, or folders of them; they stay where they are.
    year
        Year that they report on; by default what each file says.
    on
        Day of receipt; today by default.
    accept
        Take in files for a year whose figures were published; each is recorded with the file
        that it replaces and the reason.
    reason
        Why a late file was accepted.

    Returns
    -------
    list of Added
        One a file, checked where it now lies.

    Raises
    ------
    UsageError
        If a file does not exist or is no spreadsheet by its name, does not say its year, or
        reports on a published year and ``accept`` was not given. Nothing is copied then.
    ConfigError
        If ``bloc.toml``, ``received.toml`` or ``accepted.toml`` is wrong.
    """
    disk.recover(data)
    bloc = load_bloc(data)
    inputs.read_receipts(data), late.ACCEPTED.read(data)  # refuse before anything is copied
    arrivals = [_arrival(data, path, year, bloc) for path in inputs.given(paths)]
    published = late.published_years(data)
    for arrival in arrivals:
        if arrival.year in published and not accept and not _known(data, arrival):
            raise UsageError("published-year", year=arrival.year, file=arrival.source.name)
    day = on or dt.date.today()
    done: list[Added] = []
    copies: list[Submission] = []
    with disk.together(data) as unit:
        for arrival in arrivals:
            done.append(one := _take_in(data, arrival, day, tuple(unit.changes)))
            if one.outcome == "added" and arrival.year in published:
                copied = replace(arrival.submission, path=one.file)
                replaced = late.counted_before(data, bloc, copied, also=copies)
                late.record(data, one.file, copied.sha256, day, reason, replaced)
                copies.append(copied)
    return _checked(data, bloc, done)


@dataclass(frozen=True, slots=True)
class _Arrival:
    source: Path
    content: bytes
    submission: Submission
    year: int


def _arrival(data: Path, path: Path, year: int | None, bloc: Bloc) -> _Arrival:
    if path.name.startswith("~$"):
        raise UsageError("lock-file", path=str(path), name=path.name[2:])
    if not inputs.is_submission(path):
        accepted_endings = ", ".join(sorted(inputs.SUFFIXES))
        raise UsageError("not-a-submission", path=str(path), accepted=accepted_endings)
    content = path.read_bytes()
    submission = read_bytes(content, PurePath(path.name), bloc, limits=load_limits(data))
    stated = year or submission.year
    if stated is None:
        raise UsageError("add-no-year", path=str(path))
    return _Arrival(path, content, submission, stated)


def _known(data: Path, arrival: _Arrival, coming: Iterable[Path] = ()) -> str | None:
    """Path below ``data/raw`` of a file of the year with the same bytes, there or coming."""
    size, folder = len(arrival.content), raw_of(data) / str(arrival.year)
    for path in sorted({*folder.glob("*"), *(one for one in coming if one.parent == folder)}):
        now = disk.now(path)
        if now.is_file() and now.stat().st_size == size and now.read_bytes() == arrival.content:
            return path.relative_to(raw_of(data)).as_posix()
    return None


def _take_in(data: Path, arrival: _Arrival, day: dt.date, coming: Sequence[Path]) -> Added:
    if known := _known(data, arrival, coming):
        return Added(arrival.source, known, "known")
    folder = raw_of(data) / str(arrival.year)
    stem = _clear_stem(arrival.submission, arrival.source)
    stems = {one.stem.casefold() for one in (*folder.glob("*"), *coming) if one.parent == folder}
    numbered = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    free = next(one for one in numbered if one.casefold() not in stems)
    target = folder / f"{free}{arrival.source.suffix.lower()}"
    disk.write_file(target, arrival.content, durable=True)
    name = target.relative_to(raw_of(data)).as_posix()
    inputs.RECEIVED.add(data, [{"file": name, "on": day}])
    return Added(arrival.source, name, "added")


def _clear_stem(submission: Submission, source: Path) -> str:
    """Return the name under which a file is kept: the member's id, else its own name."""
    if submission.member:
        return submission.member
    form = forms().get(submission.form or "")
    if form and form.kind == "bloc":
        return BLOC_STEM
    return _UNSAFE.sub("_", source.stem).strip(" ._")[:_LONGEST_STEM] or "tep"


def _checked(data: Path, bloc: Bloc, done: list[Added]) -> list[Added]:
    """Check the copies where they lie: the folder says the year, other files may be twins."""
    targets = [raw_of(data) / one.file for one in done if one.outcome == "added"]
    found = iter(pipeline.check(targets, bloc, reader=FileReader.of(data), raw=raw_of(data)))
    return [replace(one, checked=next(found)) if one.outcome == "added" else one for one in done]


def withdraw(
    data: Path,
    file: Path,
    reason: str,
    *,
    undo: bool = False,
    accept: bool = False,
    on: dt.date | None = None,
) -> Withdrawn:
    """Take a file out of the count, or put it back.

    Parameters
    ----------
    data
        The data folder.
    file
        The file, as named from here or below ``data/raw``.
    reason
        Why; needed to take it out.
    undo
        Put it back.
    accept
        Do so although figures of its year were published; it is recorded as a late change.
    on
        The day; today by default.

    Returns
    -------
    Withdrawn
        The entry that was written.

    Raises
    ------
    UsageError
        If there is no such submission, it is out already (or is not), there is no reason, or
        figures of its year were published and ``accept`` was not given.
    ConfigError
        If ``withdrawn.toml``, ``published.toml`` or ``accepted.toml`` is wrong.
    """
    name, reason = inputs.below_raw(file, data), reason.strip()
    out = inputs.read_withdrawals(data)
    path = raw_of(data) / name
    if path not in pipeline.raw_files(data):
        raise UsageError("withdraw-no-file", file=str(file))
    if (name in out) != undo:
        raise UsageError("withdraw-not-out" if undo else "withdraw-out", file=name)
    if not (reason or undo):
        raise UsageError("withdraw-no-reason", file=name)
    year = folder_year(name)
    published = year in late.published_years(data)
    if published and not accept:
        raise UsageError("withdraw-published", year=year, file=name)
    entry = Withdrawn(file=name, on=on or dt.date.today(), reason=reason, undone=undo)
    with disk.together(data):
        told = {name: value for name, value in asdict(entry).items() if value is not False}
        inputs.WITHDRAWN.add(data, [told])
        if published:
            late.record(data, name, content_hash(path) if undo else "", entry.on, reason)
    return entry
