"""The story: what members sent becomes checked data that figures are computed from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.dataset import plain
from thidua_analysis.errors import ConfigError, NoDataError
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.model import forms
from thidua_analysis.store import disk, revisions, schema
from thidua_analysis.store.disk import Store, content_hash, fingerprint
from thidua_analysis.store.inputs import (
    FileReader,
    find_data,
    is_submission,
    load_corrections,
    unread,
)
from thidua_analysis.submission.corrections import Correction
from thidua_analysis.submission.rows import Note, Row, Submission
from thidua_analysis.vietnamese.display import Lang

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

#: Codes that only the comparison of files gives: they are found again.
_BETWEEN_FILES = frozenset({"duplicate-submission", "jump-year-on-year"})
Record = dict[str, Any]


def unchanged(store: Store, hashes: dict[str, str]) -> dict[str, Submission]:
    """Return the submissions of files that are as they were when the store was built.

    Parameters
    ----------
    store
        The processed data, made by the same program with the same settings.
    hashes
        Path below ``data/raw`` → sha256 of every file as it is now.

    Returns
    -------
    dict
        Path → submission, equal to what reading the file gives. Files that did not count, and
        those that could not be read, are left out: their rows were not stored.
    """
    known = {
        row["file"]: row
        for row in store.table("submissions").to_pylist()
        if row["used"] and hashes.get(row["file"]) == row["sha256"]
    }
    cells = _grouped(store.table("cells").to_pylist(), "row_id")
    findings = _grouped(store.table("findings").to_pylist(), "file")
    rows: dict[str, dict[str, list[Row]]] = {file: {} for file in known}
    for name in schema.tables():
        for record in store.table(name).to_pylist():
            if record["file"] in known:
                form = known[record["file"]]["form"]
                row = _row(name, form, record, cells.get(record["row_id"], []))
                rows[record["file"]].setdefault(name, []).append(row)
    return {
        file: _submission(record, rows[file], cells.get(file, []), findings.get(file, []))
        for file, record in known.items()
    }


def _submission(
    record: Record, rows: dict[str, list[Row]], said: list[Record], findings: list[Record]
) -> Submission:
    return Submission(
        path=record["file"],
        sha256=record["sha256"],
        form=record["form"],
        member=record["member"],
        year=record["year"],
        revision=record["revision"],
        period=record["period"],
        counted_as=record["counted_as"],
        as_of=record["as_of"],
        illustrative=record["illustrative"],
        rows={name: tuple(found) for name, found in rows.items()},
        said={cell["field"]: (cell["sheet"], cell["cell"]) for cell in said},
        findings=tuple(_findings(findings)),
        cells_read=record["cells_read"],
    )


def _row(table: str, form: str, record: Record, cells: Iterable[Record]) -> Row:
    asked = forms()[form].table(table)
    made: dict[str, dict[str, Any]] = {"cells": {}, "notes": {}, "typed": {}, "parts": {}}
    for cell in cells:
        if cell["table"] != table:
            continue
        name = cell["field"]
        if cell["recipient"]:
            made["parts"][name] = (*made["parts"].get(name, ()), cell["cell"])
            continue
        made["cells"][name] = cell["cell"]
        if cell["bound"] is not None or cell["remark"] is not None:
            made["notes"][name] = Note(cell["typed"], cell["bound"], cell["remark"])
        elif cell["typed"] is not None:
            made["typed"][name] = cell["typed"]
    values = {name: plain(record[name]) for name in asked.columns}
    return Row(table, record["sheet"], record["row"], values, **made)


def _findings(records: Iterable[Record]) -> Iterator[Finding]:
    for record in records:
        if record["code"] not in _BETWEEN_FILES:
            words = ("code", "sheet", "cell", "heading", "value", "suggestion", "severity")
            own = {name: record[name] for name in words}
            yield Finding(**own, params=json.loads(record["params"]))


def _grouped(records: Iterable[Record], column: str) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record[column], []).append(record)
    return groups


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
    executor: Executor | None = None,
    reader: Reader | None = None,
) -> BuildResult:
    """Read every file in ``data/raw/<year>/`` and write ``data/processed/``.

    Nothing is done where neither the files nor the settings nor the program have changed; where
    only files have changed, those alone are read. A file that cannot be read stops nothing.

    Parameters
    ----------
    data
        The data folder.
    progress
        Called with the number of files read, their total and the path of the last one.
    executor
        What reads the files; threads by default.
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
    stored = _stored(data)
    if stored is not None and stored.manifest.get("inputs") == inputs:
        return _result(data, dict(stored.manifest), changed=False)
    known: dict[str, Submission] = {}
    if stored is not None and stored.manifest.get("program") == program:
        known = unchanged(stored, hashes)
    corrections = load_corrections(data)
    for one in corrections:
        known.pop(one.file, None)
    reader = reader or FileReader.of(data)
    submissions = read_all(data, paths, bloc, reader, executor, progress, known)
    _refuse_unused(corrections, submissions)
    tables, manifest = disk.assemble(
        submissions, bloc, revisions.read_receipts(data), revisions.read_withdrawals(data)
    )
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
    executor: Executor | None = None,
    progress: Progress | None = None,
    known: Mapping[str, Submission] | None = None,
) -> tuple[Submission, ...]:
    """Read the files side by side and return what they say in the order of the paths.

    Files whose submission is ``known`` already are not read.
    """
    if executor is None:
        with ThreadPoolExecutor() as threads:
            return read_all(data, paths, bloc, reader, threads, progress, known)
    found = dict(known or {})
    named = _named(data, paths)
    unread = {name: path for name, path in named.items() if name not in found}
    results = executor.map(partial(_safely, reader), unread.values(), [bloc] * len(unread))
    for name, submission in zip(unread, results, strict=True):
        found[name] = replace(submission, path=name)
        if progress:
            progress(len(found), len(named), name)
    return tuple(found[name] for name in named)


def _named(data: Path, paths: Iterable[Path]) -> dict[str, Path]:
    """Files by their path below ``data/raw``."""
    return {path.relative_to(data / "raw").as_posix(): path for path in paths}


def _stored(data: Path) -> disk.Store | None:
    try:
        return disk.read(data)
    except disk.StoreMissingError:
        return None


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


def _safely(reader: Reader, path: Path, bloc: Bloc) -> Submission:
    """Read a file; that it cannot be read is a finding like any other."""
    try:
        return reader(path, bloc)
    except Exception as error:
        failed = finding("reader-failed", params={"what": type(error).__name__})
        return Submission(str(path), "", findings=(failed,))
