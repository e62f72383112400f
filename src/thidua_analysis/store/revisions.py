"""Which of several files of one member and year counts, and what is missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from thidua_analysis.findings import UNREADABLE, Finding, Severity, finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.config import Day, Entry, Text
from thidua_analysis.form.model import forms
from thidua_analysis.store.inputs import Ledger
from thidua_analysis.submission.rows import Submission


class Receipt(Entry):
    """One file and the day on which it came in."""

    #: path below data/raw, such as "2023/ldld.xlsx"
    file: Text
    on: Day


class Received(Entry):
    """Everything that ``received.toml`` says."""

    received: tuple[Receipt, ...] = Field(default=())


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

    withdrawn: tuple[Withdrawn, ...] = Field(default=())


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


#: Errors after which it is not known whose file this is: nothing of it is used.
UNIDENTIFIED = UNREADABLE | {"form-unknown", "year-missing", "year-mismatch"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A submission with its place in the chain of its member and year."""

    submission: Submission
    used: bool
    superseded: bool = False
    #: why the analyst took it out of the count; None where it was not
    withdrawn: Withdrawn | None = None

    @property
    def file(self) -> str:
        """Path of the file below ``data/raw``."""
        return self.submission.path

    @property
    def about(self) -> int | None:
        """The year to which it belongs: of a file that does not count, that of its folder."""
        if self.used or self.superseded:
            return self.submission.year
        return folder_year(self.file) or self.submission.year


def folder_year(path: str) -> int | None:
    """Year of the folder that a file lies in; None where the folder is no year."""
    folder = path.split("/", 1)[0]
    return int(folder) if re.fullmatch("(19|20)[0-9]{2}", folder) else None


def natural(path: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which ``ccb`` comes before ``ccb (2)`` and that before ``ccb (10)``."""
    stem = path.rpartition(".")[0] or path
    parts = re.split("([0-9]{1,100})", stem.casefold())
    return tuple(
        (1, int(part), "") if number % 2 else (0, 0, part)
        for number, part in enumerate(parts)
        if part
    )


def place(
    submissions: Iterable[Submission],
    received: Mapping[str, dt.date] | None = None,
    withdrawn: Mapping[str, Withdrawn] | None = None,
) -> tuple[Placed, ...]:
    """Decide which files count: of one form, member and year the newest that was not withdrawn.

    Files of the same revision count by the day on which they came in, where that is known, then
    by file name, the last one, and carry `duplicate-submission`. The result is in the order of
    the file names whatever the order of the input.
    """
    chains: dict[tuple[str, str | None, int | None], list[Submission]] = {}
    placed: list[Placed] = []
    for submission in submissions:
        out = (withdrawn or {}).get(submission.path)
        if out is None and _identified(submission):
            kind = forms()[submission.form or ""].kind
            chains.setdefault((kind, submission.member, submission.year), []).append(submission)
        else:
            placed.append(Placed(submission, used=False, withdrawn=out))
    for sendings in chains.values():
        placed += _ranked(sendings, received or {})
    return tuple(sorted(placed, key=lambda p: (natural(p.file), p.file)))


def missing_members(placed: Iterable[Placed], bloc: Bloc) -> tuple[Finding, ...]:
    """One `member-missing` for each member expected in a year of which nothing can be used.

    The years are those of the folders and of the files that count.
    """
    years: set[int] = set()
    sent: set[tuple[int | None, str | None]] = set()
    for entry in placed:
        folder = folder_year(entry.file)
        years |= {folder} if folder else set()
        if entry.used:
            sent.add((entry.submission.year, entry.submission.member))
            years |= {entry.submission.year} if entry.submission.year else set()
    return tuple(
        finding(
            "member-missing",
            params={"member": member.short, "member_id": member.id, "year": str(year)},
        )
        for year in sorted(years)
        for member in bloc.members_in(year)
        if (year, member.id) not in sent
    )


def rejects(found: Finding) -> bool:
    """Whether nothing of a file is used for this finding: unread, or of nobody's year."""
    left = found.code == "member-unknown" and "of" in found.params
    return left or found.code in UNIDENTIFIED


def _identified(submission: Submission) -> bool:
    if any(map(rejects, submission.findings)):
        return False
    form = forms().get(submission.form or "")
    if form is None or submission.year is None:
        return False
    return submission.member is not None or form.kind == "bloc"


def _ranked(sendings: list[Submission], received: Mapping[str, dt.date]) -> list[Placed]:
    def newness(one: Submission) -> tuple[object, ...]:
        day = received.get(one.path, dt.date.min)
        return one.revision, day, natural(one.path), one.path

    ordered = sorted(sendings, key=newness)
    placed = []
    for at, submission in enumerate(ordered):
        last = at == len(ordered) - 1
        twins = [s.path for s in ordered[:at] if s.revision == submission.revision]
        if twins:
            twin = finding("duplicate-submission", params={"other": twins[-1]})
            submission = replace(submission, findings=(*submission.findings, twin))
        placed.append(Placed(submission, used=last, superseded=not last))
    return placed


@dataclass(frozen=True, slots=True)
class SentFile:
    """What the manifest says of one file below ``data/raw``."""

    file: str
    form: str | None
    member: str | None
    year: int | None
    revision: int
    status: str
    used: bool
    superseded: bool
    withdrawn: Withdrawn | None
    period: str
    counts: Mapping[str, int]
    places: Mapping[str, Mapping[str, Sequence[int]]]
    findings: tuple[Finding, ...]

    @property
    def kind(self) -> str | None:
        """``unit`` or ``bloc``; None where the form is not known."""
        form = forms().get(self.form or "")
        return form.kind if form else None

    @property
    def about(self) -> int | None:
        """The year of its folder, else the year that it states."""
        return folder_year(self.file) or self.year

    @property
    def hindrance(self) -> Finding | None:
        """The finding for which nothing of it is used; None where there is none."""
        unknown = (f for f in self.findings if f.code == "member-unknown")
        return next((f for f in self.findings if rejects(f)), next(unknown, None))

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(found.severity == severity for found in self.findings)


def sent_files(manifest: Mapping[str, Any]) -> tuple[SentFile, ...]:
    """Return the files that came in, as the manifest of the last build knows them."""
    names = [one.name for one in fields(SentFile)]
    return tuple(
        SentFile(
            **{name: entry[name] for name in names if name not in ("withdrawn", "findings")},
            withdrawn=Withdrawn(**entry["withdrawn"]) if entry["withdrawn"] else None,
            findings=tuple(Finding(**found) for found in entry["findings"]),
        )
        for entry in manifest["files"]
    )


def chain(files: Iterable[SentFile], one: SentFile) -> tuple[SentFile, ...]:
    """Return the files of the same form, member and year that came before one, oldest first."""

    def age(file: SentFile) -> tuple[object, ...]:
        return file.revision, natural(file.file), file.file

    same = (
        other
        for other in files
        if other.used | other.superseded
        and (other.kind, other.member, other.year) == (one.kind, one.member, one.year)
    )
    return tuple(sorted((other for other in same if age(other) < age(one)), key=age))
