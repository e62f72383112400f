"""Late changes: files of a published year that are not those of its report."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from thidua_analysis import pipeline
from thidua_analysis.errors import ConfigError, UsageError
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import Day, Entry
from thidua_analysis.store import disk, revisions
from thidua_analysis.store.inputs import FileReader
from thidua_analysis.submission import Submission

Value = str | int
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def append(
    path: Path,
    model: type[BaseModel],
    table: str,
    entries: Sequence[Mapping[str, Value]],
    *,
    head: str = "",
) -> None:
    """Add entries ``[[table]]`` at the end of a file.

    Parameters
    ----------
    path
        The file; it is made where there is none.
    model
        What the whole file must hold.
    table
        Name of the array of tables.
    entries
        Key → value; a text that TOML reads as a date by itself is written without quotes.
    head
        Comment at the head of a new file.

    Raises
    ------
    ConfigError
        If the file is wrong, or would be with the entries; it stays as it is then.
    """
    if not entries:
        return
    before = path.read_bytes() if path.exists() else head.encode()
    gap = b"" if not before or before.endswith(b"\n") else b"\n"
    added = gap + "".join(_entry(table, entry) for entry in entries).encode()
    if path.exists():
        config.parse(model, before, str(path))
    try:
        config.parse(model, before + added, str(path))
    except ConfigError as error:
        raise ConfigError("ledger-closed", file=str(path), table=table) from error
    with path.open("ab") as file:
        file.write(added if path.stat().st_size else before + added)
        file.flush()
        os.fsync(file.fileno())


def _entry(table: str, entry: Mapping[str, Value]) -> str:
    lines = [f"{name} = {_written(value)}" for name, value in entry.items()]
    return "\n".join([f"\n[[{table}]]", *lines, ""])


class DayWritten(str):
    """A day in ISO, written as TOML writes days."""

    __slots__ = ()


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, DayWritten | int):
        return str(value)
    safe = "".join(_ESCAPES.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in value)
    return f'"{safe}"'


PUBLISHED_FILE = "published.toml"
ACCEPTED_FILE = "accepted.toml"
_HEAD = (
    "# Thay đổi sau khi số liệu của năm đã công bố và được chấp nhận bằng --accept.\n"
    "# Files that came in, changed or went after their year was published, and were accepted.\n"
)


class Change(Entry):
    """One late file that was accepted."""

    #: path below data/raw
    file: str
    #: empty where the file was taken away
    sha256: str
    on: Day
    #: the file that counted before, itself where it was changed; empty where there was none
    replaces: str = ""
    reason: str = ""


class Accepted(Entry):
    """Everything that ``accepted.toml`` says."""

    accepted: tuple[Change, ...] = Field(default=())


def published_years(data: Path) -> frozenset[int]:
    """Return the years of which ``raw/published.toml`` holds figures.

    A claim that cannot be derived rests on no file, and one on who leads the bloc is made in the
    year before; a claim that a figure rose rests on the year before as well.

    Raises
    ------
    ConfigError
        If the file is no TOML.
    """
    path = data / "raw" / PUBLISHED_FILE
    if not path.exists():
        return frozenset()
    content = config.mapping(config.text_of(path), str(path))
    listed = content.get("claim", [])
    claims = listed if isinstance(listed, list) else []
    return frozenset(year for claim in claims for year in _years(claim))


def _years(claim: object) -> tuple[int, ...]:
    """Return the years whose files a claim rests on."""
    if not isinstance(claim, dict) or not isinstance(year := claim.get("year"), int):
        return ()
    computed = claim.get("computed_from")
    announced = isinstance(computed, dict) and computed.get("table") == "roles"
    if announced or "underivable" in claim:
        return ()
    return (year - 1, year) if claim.get("kind") == "rises" else (year,)


def read(data: Path) -> tuple[Change, ...]:
    """Return the late changes that were accepted.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    path = data / "raw" / ACCEPTED_FILE
    return config.read(Accepted, path).accepted if path.exists() else ()


def record(data: Path, change: Change) -> None:
    """Record an accepted change.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    entry: dict[str, Value] = {
        "file": change.file,
        "sha256": change.sha256,
        "on": DayWritten(change.on.isoformat()),
        "replaces": change.replaces,
        "reason": change.reason,
    }
    append(data / "raw" / ACCEPTED_FILE, Accepted, "accepted", [entry], head=_HEAD)


HELD_FILE = "published-files.toml"
_HEAD_late = (
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
    years = [y for y in sorted(published_years(data)) if until is None or y <= until]
    held, late = _held(data), {change.file: change.sha256 for change in read(data)}
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
        record(
            data,
            Change(
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
    fresh = sorted(y for y in published_years(data) & set(years) if not _of(held, y))
    entries: list[Mapping[str, Value]] = [
        {"file": file, "sha256": sha256}
        for year in fresh
        for file, sha256 in _files(data, year).items()
    ]
    with contextlib.suppress(PermissionError):  # in a folder that is locked nothing changes either
        append(data / "raw" / HELD_FILE, HeldFiles, "held", entries, head=_HEAD_late)


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
    for placed in revisions.place(read, withdrawn=revisions.read_withdrawals(data)):
        one = placed.submission
        if placed.used and (one.member, one.form) == (submission.member, submission.form):
            return placed.file
    return None


def _read(data: Path, bloc: Bloc, path: Path) -> Submission:
    name = path.relative_to(data / "raw").as_posix()
    return replace(FileReader.of(data)(path, bloc), path=name)


def _held(data: Path) -> dict[str, str]:
    path = data / "raw" / HELD_FILE
    if not path.exists():
        return {}
    return {one.file: one.sha256 for one in config.read(HeldFiles, path).held}


def _of(files: Mapping[str, str], year: int) -> dict[str, str]:
    return {file: sha256 for file, sha256 in files.items() if file.startswith(f"{year}/")}


def _files(data: Path, year: int) -> dict[str, str]:
    """Files of a year that may count, with their hashes; empty where one cannot be opened."""
    paths = (path for path in pipeline.raw_files(data) if path.parent.name == str(year))
    named = {f"{year}/{path.name}": path for path in paths}
    out = revisions.read_withdrawals(data)
    return {name: _hash(path) for name, path in named.items() if name not in out}


def _hash(path: Path) -> str:
    try:
        return disk.digest(path.read_bytes())
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
