"""Late changes: files of a published year that are not those of its report."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from thidua_analysis import config, pipeline, revisions, store, withdrawals
from thidua_analysis.bloc import Bloc, load_bloc
from thidua_analysis.config import Entry
from thidua_analysis.errors import UsageError
from thidua_analysis.exchange.receive import accepted, ledger
from thidua_analysis.settings import FileReader
from thidua_analysis.submission import Submission

FILE = "published-files.toml"
_HEAD = (
    "# Các tệp mà báo cáo của năm đã công bố được làm ra từ đó; do thidua report ghi, không sửa tay.\n"  # noqa: E501
    "# The files that the reports of published years were made of; written by thidua report.\n"
)

How = Literal["added", "changed", "removed"]


class Held(Entry):
    """One file of a published year as it was when its report was made."""

    #: path below data/raw
    file: str
    sha256: str


class HeldFiles(Entry):
    """Everything that ``published-files.toml`` says."""

    held: tuple[Held, ...] = Field(default=())


@dataclass(frozen=True, slots=True)
class Late:
    """One file that is not as it was published or accepted; ``sha256`` is empty once removed."""

    file: str
    how: How
    sha256: str


def late_changes(data: Path, until: int | None = None) -> tuple[Late, ...]:
    """Return what is new, changed or gone in the folders of published years.

    A year is compared once its files are held, and with what was accepted since.

    Parameters
    ----------
    data
        The data folder.
    until
        Only this year and those before it, which its report shows as well.

    Raises
    ------
    ConfigError
        If ``published.toml``, ``published-files.toml`` or ``accepted.toml`` is wrong.
    """
    years = [y for y in sorted(accepted.published_years(data)) if until is None or y <= until]
    held, late = _held(data), {change.file: change.sha256 for change in accepted.read(data)}
    return tuple(
        change
        for year in years
        for now in [_files(data, year)]
        for change in _differences((_of(held, year) or now) | _of(late, year), now)
    )


def refuse(changes: Iterable[Late]) -> None:
    """Refuse to go on with changes that nobody has accepted.

    Raises
    ------
    UsageError
        If there is one; it names all files of all years.
    """
    files: dict[How, list[str]] = {"added": [], "changed": [], "removed": []}
    for change in changes:
        files[change.how].append(change.file)
    if not any(files.values()):
        return
    years = sorted({file.split("/")[0] for found in files.values() for file in found})
    words = {how: ", ".join(found) or "–" for how, found in files.items()}
    raise UsageError("late-changes", years=", ".join(years), **words)


def accept(data: Path, changes: Iterable[Late], reason: str, on: dt.date | None = None) -> None:
    """Record changes as accepted, each with the file that it replaces.

    Parameters
    ----------
    data
        The data folder.
    changes
        What has changed.
    reason
        Why it was accepted.
    on
        The day of acceptance; today by default.
    """
    changes = tuple(changes)
    if not changes:
        return
    bloc, day = load_bloc(data), on or dt.date.today()
    fresh = {change.file for change in changes if change.how == "added"}
    for change in changes:
        replaced = change.file if change.how == "changed" else None
        if change.how == "added":
            read = _read(data, bloc, data / "raw" / change.file)
            replaced = counted_before(data, bloc, read, fresh)
        accepted.record(
            data,
            accepted.Change(
                file=change.file,
                sha256=change.sha256,
                on=day,
                replaces=replaced or "",
                reason=reason,
            ),
        )


def hold(data: Path, years: Iterable[int]) -> None:
    """Keep the hashes of the files that a published year is reported from, once.

    Parameters
    ----------
    data
        The data folder.
    years
        The years of the reports; those without published figures are passed over.
    """
    held = _held(data)
    fresh = sorted(y for y in accepted.published_years(data) & set(years) if not _of(held, y))
    entries: list[Mapping[str, ledger.Value]] = [
        {"file": file, "sha256": sha256}
        for year in fresh
        for file, sha256 in _files(data, year).items()
    ]
    with contextlib.suppress(PermissionError):  # in a folder that is locked nothing changes either
        ledger.append(data / "raw" / FILE, HeldFiles, "held", entries, head=_HEAD)


def counted_before(
    data: Path, bloc: Bloc, submission: Submission, without: Collection[str]
) -> str | None:
    """Return the file of the same form, member and year that counts without some files.

    Parameters
    ----------
    data
        The data folder.
    bloc
        The bloc.
    submission
        What the new file says; its path lies below ``data/raw``.
    without
        Files below ``data/raw`` that came in now.
    """
    folder = submission.path.split("/")[0]
    read = [
        _read(data, bloc, path)
        for path in pipeline.raw_files(data)
        if path.parent.name == folder and f"{folder}/{path.name}" not in without
    ]
    for placed in revisions.place(read, withdrawn=withdrawals.read(data)):
        one = placed.submission
        if placed.used and (one.member, one.form) == (submission.member, submission.form):
            return placed.file
    return None


def _read(data: Path, bloc: Bloc, path: Path) -> Submission:
    name = path.relative_to(data / "raw").as_posix()
    return replace(FileReader.of(data)(path, bloc), path=name)


def _held(data: Path) -> dict[str, str]:
    path = data / "raw" / FILE
    if not path.exists():
        return {}
    return {one.file: one.sha256 for one in config.read(HeldFiles, path).held}


def _of(files: Mapping[str, str], year: int) -> dict[str, str]:
    return {file: sha256 for file, sha256 in files.items() if file.startswith(f"{year}/")}


def _files(data: Path, year: int) -> dict[str, str]:
    """Files of a year that may count, with their hashes; empty where one cannot be opened."""
    paths = (path for path in pipeline.raw_files(data) if path.parent.name == str(year))
    named = {f"{year}/{path.name}": path for path in paths}
    out = withdrawals.read(data)
    return {name: _hash(path) for name, path in named.items() if name not in out}


def _hash(path: Path) -> str:
    try:
        return store.digest(path.read_bytes())
    except OSError:
        return ""


def _differences(known: Mapping[str, str], now: Mapping[str, str]) -> list[Late]:
    found = []
    for file in sorted({*known, *now}):
        before, after = known.get(file, ""), now.get(file, "")
        if before != after:
            how: How = "changed" if before and after else "added" if after else "removed"
            found.append(Late(file, how, after))
    return found
