"""What lies beside the files: limits, corrections, mappings, when each came and which are out."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thidua_analysis.excel import LIMITS, Limits
from thidua_analysis.findings import ConfigError, UsageError, finding, refusal
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import FILE, Entry, Text, blocs_in, raw_of
from thidua_analysis.form.forms import bring, brought_by, current
from thidua_analysis.form.model import heading_key
from thidua_analysis.submission import Submission, read_bytes
from thidua_analysis.submission.texts import (
    Correction,
    CorrectionList,
    OwnHeadingList,
    OwnHeadings,
)

#: endings of spreadsheets that members send
SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
#: Paths of lock files and hidden ones, of settings and remarks beside the data, of answers.
_LEFT_BEHIND = re.compile(
    r"(^|/)(~\$|\.|thumbs\.db$|desktop\.ini$|readme\b|gui-lai/)|\.toml$|-can-sua\.\w+$", re.I
)
_MOST_NAMED = 20
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def find_data(given: Path | None, near: Path | None = None) -> Path:
    """Return the data folder: as given, by THIDUA_DATA, or the nearest one from here upwards.

    The surroundings of the file or folder ``near`` are searched after the working directory's.
    """
    if given is None and (named := os.environ.get("THIDUA_DATA")):
        given = Path(named)
    if given is not None:
        if raw_of(given).is_dir():
            return given
        close = (one for one in (given / "data", *given.parents) if (raw_of(one) / FILE).is_file())
        key = "data-not-there-but" if (near := next(close, None)) else "data-not-there"
        raise UsageError(key, folder=str(given), near=str(near))
    here = Path.cwd()
    if (here / "data" / "raw").is_dir():
        return here / "data"  # also if its bloc.toml is missing: never take another project's
    for start in (here, *([near.resolve()] if near else [])):
        for folder in (start, *start.parents):
            for candidate in (folder, folder / "data"):
                if (candidate / "raw" / FILE).is_file() or blocs_in(candidate):
                    return candidate
    raise UsageError("data-missing")


def is_submission(path: Path) -> bool:
    """Whether a file may be a submission: a spreadsheet, no lock file, not hidden."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", ".", "._"))


def in_folder(folder: Path) -> list[Path]:
    """All submissions below a folder, in the order of their names."""
    return sorted(p for p in folder.rglob("*") if is_submission(p) and p.is_file())


def unread(folder: Path, *, every: bool = False) -> list[Path]:
    """Return the files below a folder that are no spreadsheets, so that nothing reads them.

    What systems and offices leave behind is left out, and so is what this program wrote; with
    ``every``, spreadsheets are returned as well.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if (every or not is_submission(path))
        and not _LEFT_BEHIND.search(path.relative_to(folder).as_posix())
        and path.is_file()
    )


def not_read(paths: Iterable[Path]) -> list[Path]:
    """Files in the folders named on the command line that are no spreadsheets."""
    return [file for path in paths if path.is_dir() for file in unread(path)]


def given(paths: Iterable[Path]) -> Iterator[Path]:
    """Files named on the command line: files as they are, folders by what is in them.

    A file comes once, however often and under whatever paths it is named.
    """
    seen: set[object] = set()
    for path in _named(paths):
        one = _identity(path)
        if one not in seen:
            seen.add(one)
            yield path


def _identity(path: Path) -> object:
    """What two paths to one file have in common, also where letters of either case are one."""
    known = path.stat()
    # copies that share their bytes on the disk are files of their own, by their names
    return (known.st_dev, known.st_ino) if known.st_nlink == 1 and known.st_ino else path.resolve()


def _named(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            files = in_folder(path)
            if not files:
                spare = ", ".join(p.name for p in unread(path)[:_MOST_NAMED])
                key = "no-files-but-others" if spare else "no-files-here"
                key = "no-files" if key == "no-files-here" and (path / FILE).is_file() else key
                raise UsageError(key, folder=str(path), files=spare)
            yield from files
        elif path.exists():
            yield path
        else:
            raise missing(path)


def missing(path: Path) -> UsageError:
    """Return the error for a path that does not exist."""
    return UsageError("path-missing", path=str(path))


def no_file(path: Path) -> UsageError:
    """Return the error for a path that is no file: a folder, or nothing."""
    return UsageError("path-is-folder", path=str(path)) if path.is_dir() else missing(path)


def below_raw(path: Path, data: Path) -> str:
    """Return how the tables name a file: its path below ``data/raw``, with slashes."""
    raw = raw_of(data).resolve()
    for candidate in (path, raw / path):
        if candidate.exists() and candidate.resolve().is_relative_to(raw):
            return candidate.resolve().relative_to(raw).as_posix()
    return path.as_posix()


#: Files of the analyst in data/raw on which the tables depend.
SETTINGS = (
    "bloc.toml",
    "corrections.toml",
    "limits.toml",
    "mappings.toml",
    "received.toml",
    "withdrawn.toml",
)
LIMITS_FILE = "limits.toml"
CORRECTIONS_FILE = "corrections.toml"
MAPPINGS_FILE = "mappings.toml"


def load_limits(data: Path) -> Limits:
    """Limits of the reader: those of ``data/raw/limits.toml`` where it stands, else the usual."""
    path = raw_of(data) / LIMITS_FILE
    if not path.exists():
        return LIMITS
    text = config.text_of(path)
    try:
        return Limits.from_mapping(config.mapping(text, str(path)))
    except ConfigError as error:
        if (name := error.params.get("name")) is None:
            raise
        line = config.line_of(text, (str(name),))
        raise ConfigError(f"{error.key}-at", file=str(path), line=line, **error.params) from None


def load_corrections(data: Path) -> tuple[Correction, ...]:
    """Corrections of ``data/raw/corrections.toml``; none where the file is missing."""
    path = raw_of(data) / CORRECTIONS_FILE
    if not path.exists():
        return ()
    found = config.read(CorrectionList, path).corrections
    places = [(one.file, one.sheet, one.cell) for one in found]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise ConfigError(
                "correction-twice", file=str(path), entry=number + 1, place="!".join(place[1:])
            )
    return found


def refuse_unused(corrections: Iterable[Correction], submissions: Iterable[Submission]) -> None:
    """Refuse to build where a correction did nothing: its cell or its file is another now."""
    by_file = {s.path: s for s in submissions}
    for number, one in enumerate(corrections, 1):
        submission = by_file.get(one.file)
        place = f"{one.file}, {one.sheet}!{one.cell}"
        if submission is None or submission.status == "unreadable":
            raise ConfigError("correction-without-file", entry=number, place=place)
        if one in submission.stale:
            raise ConfigError("correction-stale", entry=number, place=place, text=one.expected)


def load_mappings(data: Path, bloc: Bloc | None = None) -> tuple[OwnHeadings, ...]:
    """Headings of members' own in ``data/raw/mappings.toml``; none where the file is missing."""
    path = raw_of(data) / MAPPINGS_FILE
    return parse_mappings(path.read_bytes(), path, bloc) if path.exists() else ()


def parse_mappings(content: str | bytes, path: Path, bloc: Bloc | None) -> tuple[OwnHeadings, ...]:
    """Check the text of ``mappings.toml``; see `load_mappings`."""
    text = content if isinstance(content, str) else config.decoded(content, str(path))
    found = config.parse(OwnHeadingList, text, str(path)).mappings
    tables = {table.id: table for table in current("unit").tables}
    members = {m.id for m in bloc.members} if bloc else {one.member for one in found}
    seen: dict[tuple[str, ...], int] = {}
    for number, one in enumerate(found):
        entry = "mappings", number
        headed = [(*entry, "headings", heading) for heading in one.headings]
        places = [f"{path}:{config.line_of(text, place)}" for place in (entry, *headed)]
        config.known(places[0], "member", one.member, sorted(members))
        config.known(places[0], "table", one.table, tables)
        for place, (heading, field) in zip(places[1:], one.headings.items(), strict=True):
            config.known(place, heading, field, tables[one.table].by_name)
            same = one.member, heading_key(one.sheet), heading_key(heading)
            if seen.setdefault(same, number) != number or not heading_key(heading):
                raise ConfigError("mapping-twice", file=place, heading=heading)
    return found


def toml_value(value: str | int | dt.date) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | dt.date):
        return str(value)
    safe = "".join(_ESCAPES.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in value)
    return f'"{safe}"'


@dataclass(frozen=True, slots=True)
class Ledger:
    """A file below ``data/raw`` at whose end entries ``[[table]]`` are added; people may edit it.

    ``model`` is what the whole file must hold, ``head`` the comment at the head of a new file.
    """

    file: str
    model: type[Entry]
    table: str
    head: str

    def read(self, data: Path) -> tuple[Any, ...]:
        """Return the entries; none where there is no file."""
        path = raw_of(data) / self.file
        return getattr(config.read(self.model, path), self.table) if path.exists() else ()

    def add(self, data: Path, entries: Sequence[Mapping[str, Any]]) -> None:
        """Add entries; where the file is wrong, or would be with them, it stays as it is."""
        if not entries:
            return
        from thidua_analysis.store import disk  # only those who write need the tables with it

        path = raw_of(data) / self.file
        with disk.together(data):
            now = disk.now(path)
            before = (now.read_bytes() if now.exists() else b"") or self.head.encode()
            added = b"" if before.endswith(b"\n") else b"\n"
            for entry in entries:
                lines = [f"{name} = {toml_value(value)}" for name, value in entry.items()]
                added += "\n".join([f"\n[[{self.table}]]", *lines, ""]).encode()
            config.parse(self.model, before, str(path))
            try:
                config.parse(self.model, before + added, str(path))
            except ConfigError as error:
                raise ConfigError("ledger-closed", file=str(path), table=self.table) from error
            disk.write_file(path, before + added, durable=True)


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads one file of ``data/raw`` with the analyst's limits, corrections and mappings."""

    raw: Path
    limits: Limits
    corrections: tuple[Correction, ...] = ()
    mappings: tuple[OwnHeadings, ...] = ()
    every_cell: bool = False
    #: path → text of what the bloc adds to the forms, for the process that reads
    forms: Mapping[str, str] | None = None

    @classmethod
    def of(cls, data: Path, *, every_cell: bool = False) -> FileReader:
        """Return the reader that the settings of a data folder ask for."""
        bring(forms := brought_by(data))
        bloc = load_bloc(data) if (raw_of(data) / MAPPINGS_FILE).exists() else None
        mappings = load_mappings(data, bloc)
        found = load_limits(data), load_corrections(data), mappings
        return cls(raw_of(data), *found, every_cell, forms)

    def __call__(self, path: Path, bloc: Bloc) -> Submission:
        """Read a file; see `thidua_analysis.submission.read_bytes`."""
        if self.forms is not None:
            bring(self.forms)
        name = below_raw(path, self.raw.parent)
        own = [one for one in self.corrections if one.file == name]
        return read_bytes(
            path.read_bytes(),
            path,
            bloc,
            limits=self.limits,
            corrections=own,
            mappings=self.mappings,
            every_cell=self.every_cell,
        )


class Receipt(Entry):
    """One file and the day on which it came in."""

    #: path below data/raw, such as "2023/ldld.xlsx"
    file: Text
    on: dt.date


class Received(Entry):
    """Everything that ``received.toml`` says."""

    received: tuple[Receipt, ...] = ()


RECEIVED = Ledger(
    "received.toml",
    Received,
    "received",
    "# Ngày nhận từng tệp trong data/raw, do thidua add ghi; có thể sửa tay.\n"
    "# When each file came in; written by thidua add, may be edited.\n",
)


def read_receipts(data: Path) -> dict[str, dt.date]:
    """Return file → day of receipt; empty where nothing was recorded.

    A file that came in twice counts from the first day.
    """
    days: dict[str, dt.date] = {}
    for receipt in RECEIVED.read(data):
        days[receipt.file] = min(receipt.on, days.get(receipt.file, receipt.on))
    return days


class Withdrawn(Entry):
    """One file that was taken out, or put back."""

    #: path below data/raw, such as "2023/ldld.xlsx"
    file: str
    on: dt.date
    reason: str
    #: whether it counts again
    undone: bool = False


class Withdrawals(Entry):
    """Everything that ``withdrawn.toml`` says, oldest first."""

    withdrawn: tuple[Withdrawn, ...] = ()


WITHDRAWN = Ledger(
    "withdrawn.toml",
    Withdrawals,
    "withdrawn",
    "# Tệp không tính vào số liệu, do thidua withdraw ghi; tệp vẫn giữ nguyên trong data/raw.\n"
    "# Files that do not count; written by thidua withdraw. The files stay in data/raw.\n",
)


def read_withdrawals(data: Path) -> dict[str, Withdrawn]:
    """Return the files that are out of the count, each with its last entry."""
    last = {one.file: one for one in WITHDRAWN.read(data)}
    return {file: one for file, one in last.items() if not one.undone}


def failed(path: Path, why: Exception | str = "BrokenProcessPool") -> Submission:
    """Return what stands for a file that could not be read; by default its process died."""
    params = {"what": why if isinstance(why, str) else type(why).__name__}
    if isinstance(why, OSError):
        gone = isinstance(why, FileNotFoundError)
        params = {"what": why.strerror or type(why).__name__, "of": "gone" if gone else "refused"}
        params |= {} if gone else {"why": refusal(why) or "refused-other"}
    return Submission(str(path), "", findings=(finding("reader-failed", params=params),))


def refused(submission: Submission) -> str:
    """Return why the system did not let a file be read; nothing where it did."""
    params = submission.findings[0].params if submission.findings else {}
    return params["what"] if "of" in params else ""
