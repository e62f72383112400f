"""The story: what members sent becomes checked data that figures are computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.check import each, failed
from thidua_analysis.errors import ConfigError, NoDataError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.store import disk, revisions
from thidua_analysis.store.disk import content_hash, fingerprint
from thidua_analysis.store.inputs import (
    FileReader,
    find_data,
    is_submission,
    load_corrections,
    read_receipts,
    read_withdrawals,
    unread,
)
from thidua_analysis.submission.corrections import Correction
from thidua_analysis.submission.rows import Submission
from thidua_analysis.vietnamese.display import Lang

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

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
    """
    data = Path(data)
    bloc = load_bloc(data)
    paths = raw_files(data)
    if not paths:
        raise NoDataError("no-files", folder=str(data / "raw"))
    hashes = {name: content_hash(path) for name, path in _named(data, paths).items()}
    program = fingerprint(data)
    inputs = disk.digest(disk.dump({"program": program, "files": hashes}))
    with suppress(disk.StoreMissingError):
        stored = disk.read(data).manifest
        if stored.get("inputs") == inputs:
            return _result(data, dict(stored), changed=False)
    submissions = read_all(data, paths, bloc, reader or FileReader.of(data), progress)
    _refuse_unused(load_corrections(data), submissions)
    tables, manifest = disk.assemble(submissions, bloc, read_receipts(data), read_withdrawals(data))
    made = {**manifest, "inputs": inputs, "program": program}
    return _result(data, disk.write(data, tables, made), changed=True)


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
        return failed(path, type(error).__name__)
