"""The story of the data: files are read side by side and checked, then become tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from thidua_analysis.findings import NoDataError, Severity, ThiduaError, UsageError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import processed_of, raw_of
from thidua_analysis.messages import speaking
from thidua_analysis.parallel import each
from thidua_analysis.store import inputs, revisions
from thidua_analysis.store.inputs import (
    FileReader,
    failed,
    find_data,
    is_submission,
    load_corrections,
    read_receipts,
    read_withdrawals,
    refuse_unused,
    refused,
)
from thidua_analysis.submission import Submission, read_file
from thidua_analysis.submission.which_form import member_in_path
from thidua_analysis.vietnamese.display import Lang

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from thidua_analysis.dataset import Dataset

Reader = Callable[[Path, Bloc], Submission]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file's findings and the number of its rows by table; the rows themselves are let go."""

    submission: Submission
    counts: dict[str, int]


def check(
    paths: Iterable[Path],
    bloc: Bloc,
    *,
    reader: Reader = read_file,
    progress: Callable[[int, int], None] | None = None,
    raw: Path | None = None,
) -> list[Checked]:
    """Read files side by side and keep what was found, in the order of the paths.

    Files of one member, year and revision name each other. ``progress`` is called with the number
    of files read and their total. In ``raw``, the folder ``data/raw``, files of the year before
    are looked up for whom much money is reported.
    """
    paths = list(paths)
    found: list[Checked] = []
    for one in each(partial(_checked, reader, bloc), paths, lost=_lost):
        found.append(one)
        if progress:
            progress(len(found), len(paths))
    return _compared(found, _earlier(found, reader, bloc, raw) if raw else [])


def _checked(reader: Reader, bloc: Bloc, path: Path) -> Checked:
    submission = read_one(reader, path, bloc)
    counts = {table: len(rows) for table, rows in submission.rows.items()}
    return Checked(replace(submission, rows=revisions.money_rows(submission)), counts)


def read_one(reader: Reader, path: Path, bloc: Bloc) -> Submission:
    """Read one file; that the system refuses to open it is a finding like any other."""
    try:
        return reader(path, bloc)
    except OSError as error:
        return failed(path, error)


def _lost(path: Path) -> Checked:
    return Checked(failed(path), {})


def _earlier(found: list[Checked], reader: Reader, bloc: Bloc, raw: Path) -> list[Submission]:
    """Read what those whose money is so much that it may be wrong sent for the year before.

    Files that are named after others are opened only where somebody's is not among the rest.
    """
    wanted = revisions.before_much_money(c.submission for c in found)
    read, likely, others = list[Submission](), list[Path](), list[Path]()
    for year in sorted({year for _, year in wanted}):
        for path in inputs.in_folder(raw / str(year)):
            named = member_in_path(path, bloc)
            (likely if named is None or (named, year) in wanted else others).append(path)
    for paths in (likely, others):
        counting = (placed.submission for placed in revisions.place(read) if placed.used)
        if wanted - {(one.member, one.year) for one in counting}:
            read += [_checked(reader, bloc, path).submission for path in paths]
    return read


def _compared(found: list[Checked], earlier: list[Submission]) -> list[Checked]:
    """Add what only several files show: two of one member, year and revision, other money."""
    placed = revisions.place(c.submission for c in found)
    first = {p.submission.path for p in placed}
    others = [p for p in revisions.place(earlier) if p.submission.path not in first]
    by_path = {p.file: p.submission for p in revisions.compare_money((*others, *placed))}
    return [replace(c, submission=replace(by_path[c.submission.path], rows={})) for c in found]


_KINDS: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Parameters
    ----------
    changed
        Whether the processed data were written: something had changed.
    files
        Number of files found.
    unreadable
        Files that could not be read, by path below ``data/raw``.
    wrong
        Files that count and have errors, or of nobody known.
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
    executor: Executor | None = None,
) -> BuildResult:
    """Read every file in ``data/raw/<year>/`` and write ``data/processed/``.

    Nothing is done where neither the files nor the settings nor the program have changed. A file
    that cannot be read stops nothing. Of several blocs each is built by itself, from
    ``data/raw/<bloc>/<year>/`` to ``data/processed/<bloc>/``.

    Parameters
    ----------
    data
        The data folder, or the address of one that fsspec knows, such as ``s3://bucket/data``.
    progress
        Called with the number of files read, their total and the path of the last one.
    reader
        What reads one file; `thidua_analysis.submission.read_file` by default.
    executor
        What builds the blocs, such as ``distributed.Client().get_executor()``; by default the
        processors of this machine. Its workers see the data under the same address.

    Raises
    ------
    ConfigError
        If ``bloc.toml`` is missing or wrong.
    NoDataError, UsageError
        If there is no file to read; if nobody may write to the folder.
    """
    from thidua_analysis.store import opened

    if homes := opened.blocs_in(data):
        return _build_each(homes, progress, reader, executor)
    with opened.at_hand(data) as place:
        return _build_one(place, progress, reader, executor)


@speaking("vi")  # what is stored says the same, whoever asks
def _build_one(
    data: Path,
    progress: Progress | None = None,
    reader: Reader | None = None,
    executor: Executor | None = None,
) -> BuildResult:
    # tables take longer to import than a file to check
    from thidua_analysis.store import disk, made

    disk.recover(data)
    program = made.fingerprint(data)  # first: what changes while it is read is read again next time
    bloc = load_bloc(data)
    paths = raw_files(data)
    if not paths:
        spare = ", ".join(file for file in not_read(data) if is_submission(Path(file)))
        words = {"folder": str(raw_of(data)), "files": spare}
        raise NoDataError("no-files-in-years" if spare else "no-files", **words)
    hashes = {name: made.content_hash(path) for name, path in _named(data, paths).items()}
    inputs = disk.digest(disk.dump({"program": program, "files": hashes}))
    with suppress(disk.StoreMissingError):
        stored = disk.read(data).manifest
        if stored.get("inputs") == inputs:
            return _result(data, dict(stored), changed=False)
    reader = reader or FileReader.of(data)
    submissions = read_all(data, paths, bloc, reader, progress, executor)
    hashes |= {s.path: told for s in submissions if (told := s.sha256 or refused(s))}
    inputs = disk.digest(disk.dump({"program": program, "files": hashes}))
    refuse_unused(load_corrections(data), submissions)
    tables, manifest = made.assemble(submissions, bloc, read_receipts(data), read_withdrawals(data))
    whole = {**manifest, "inputs": inputs, "program": program}
    try:
        return _result(data, disk.write(data, tables, whole), changed=True)
    except OSError as error:
        if error.errno in disk.NOT_ALLOWED:
            raise UsageError("build-not-allowed", folder=str(processed_of(data))) from error
        raise


def _build_each(
    homes: Sequence[Path | str],
    progress: Progress | None,
    reader: Reader | None,
    executor: Executor | None,
) -> BuildResult:
    """Build blocs side by side; of each only what is told of it comes back, no table.

    One that cannot be built keeps no other from it: all that failed are told at the end.
    """
    from thidua_analysis.store import made, opened

    work = partial(_build_alone, reader, made.reading())
    many = opened.many(homes)
    each_done = each(work, homes, lost=_lost_bloc, many=many, executor=executor)
    done: dict[str, BuildResult] = {}
    errors: dict[str, ThiduaError] = {}
    for at, (home, one) in enumerate(zip(homes, each_done, strict=True), 1):
        name = PurePath(home).name
        if isinstance(one, ThiduaError):
            errors[name] = one
        else:
            done[name] = one
        if progress:
            progress(at, len(homes), name)
    for error in errors.values():
        if len(errors) == 1:
            raise error
        raise UsageError("blocs-failed", n=len(errors), blocs=", ".join(errors)) from error
    if any(one.files for one in done.values()):
        return _summary(done)
    raise NoDataError("no-files", folder=str(PurePath(homes[0]).parent))


def _build_alone(
    reader: Reader | None, program: str, home: Path | str
) -> BuildResult | ThiduaError:
    """Build a bloc, wherever this runs; return what is told of it, or why it could not be built."""
    from thidua_analysis.store import made, opened

    name = PurePath(home).name
    try:
        if made.reading() != program:
            raise UsageError("engine-other-program", bloc=name)
        with opened.at_hand(home) as place:
            done = _build_one(place, reader=reader)
    except NoDataError:
        return BuildResult(False, 0, (), (), {}, {"years": []})  # nobody has sent anything yet
    except ThiduaError as error:
        return error
    except Exception as error:
        return UsageError("bloc-failed", bloc=name, what=type(error).__name__)
    return replace(done, manifest={"years": done.manifest["years"]})


def _lost_bloc(home: Path | str) -> ThiduaError:
    return UsageError("bloc-lost", bloc=PurePath(home).name)


def _summary(done: Mapping[str, BuildResult]) -> BuildResult:
    """Return what is told of several blocs as that of one build."""

    def named(part: str) -> tuple[str, ...]:
        return tuple(f"{bloc}/{file}" for bloc, one in done.items() for file in getattr(one, part))

    told = {bloc: {"changed": one.changed, "files": one.files} for bloc, one in done.items()}
    years = sorted({year for one in done.values() for year in one.manifest["years"]})
    return BuildResult(
        changed=any(one.changed for one in done.values()),
        files=sum(one.files for one in done.values()),
        unreadable=named("unreadable"),
        wrong=named("wrong"),
        findings={kind: sum(one.findings.get(kind, 0) for one in done.values()) for kind in _KINDS},
        manifest={"blocs": told, "years": years},
        not_read=named("not_read"),
    )


def load(
    data: Path | str | None = None, lang: Lang | None = None, progress: Progress | None = None
) -> Dataset:
    """Build the processed data if anything has changed, and open them.

    Parameters
    ----------
    data
        The data folder, with the files of the members in ``raw/<year>/``, or of several blocs in
        ``raw/<bloc>/<year>/``; by default the nearest one, from the working folder upwards. An
        address that fsspec knows, such as ``s3://bucket/data``, as well.
    lang
        Language of the texts of figures, ``vi`` or ``en``; by default the one that is spoken.
    progress
        See `build`, also for what is raised.
    """
    from thidua_analysis.dataset import Dataset
    from thidua_analysis.store import opened

    if opened.is_address(data):
        build(str(data), progress=progress)
        with opened.at_hand(str(data), sheets=False) as place:
            found = Dataset.open(place, lang)
        found.folder = None  # nothing of the copy is left
        return found
    folder = find_data(Path(data) if data is not None else None)
    build(folder, progress=progress)
    return Dataset.open(folder, lang)


def raw_files(data: Path) -> tuple[Path, ...]:
    """Return the workbooks in ``data/raw/<year>/``, without lock files and hidden ones."""
    folders = (p for p in raw_of(data).glob("*") if p.is_dir() and revisions.folder_year(p.name))
    found = (path for folder in folders for path in folder.iterdir())
    return tuple(sorted(p for p in found if is_submission(p) and p.is_file()))


def not_read(data: Path) -> tuple[str, ...]:
    """Return the files below ``data/raw`` that no build reads, by their path there."""
    read, found = {*raw_files(data)}, inputs.unread(raw_of(data), every=True)
    return tuple(_named(data, (path for path in found if path not in read)))


def read_all(
    data: Path,
    paths: Iterable[Path],
    bloc: Bloc,
    reader: Reader,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> tuple[Submission, ...]:
    """Read the files side by side and return what they say in the order of the paths."""
    named = _named(data, paths)
    work = partial(_safely, reader, bloc)
    read = each(work, list(named.values()), lost=failed, executor=executor)
    found: list[Submission] = []
    for name, submission in zip(named, read, strict=True):
        found.append(replace(submission, path=name))
        if progress:
            progress(len(found), len(named), name)
    return tuple(found)


def _named(data: Path, paths: Iterable[Path]) -> dict[str, Path]:
    """Files by their path below ``data/raw``."""
    return {path.relative_to(raw_of(data)).as_posix(): path for path in paths}


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
        findings={severity: counts[severity] for severity in _KINDS},
        manifest=manifest,
        not_read=not_read(data),
    )


def _safely(reader: Reader, bloc: Bloc, path: Path) -> Submission:
    """Read a file; that it cannot be read is a finding like any other."""
    try:
        return reader(path, bloc)
    except Exception as error:
        return failed(path, error)
