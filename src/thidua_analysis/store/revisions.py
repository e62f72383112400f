"""Which of several files of one member and year counts, what is missing, and what has jumped."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from thidua_analysis.findings import UNREADABLE, Finding, Severity, finding
from thidua_analysis.form.bloc import Bloc, Jump
from thidua_analysis.form.forms import forms
from thidua_analysis.form.model import Field, Table, money_scale
from thidua_analysis.store.inputs import Withdrawn
from thidua_analysis.submission.rows import Datum, Row, Submission
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.quantities import exactly, places
from thidua_analysis.vietnamese.text import key

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


Key = tuple[object, ...]
#: money that has changed so many times is given in another unit
_OTHER_UNIT = 1000
#: ten thousand đồng typed where millions are asked for
_MUCH = 10**10


def compare_years(placed: Iterable[Placed], bloc: Bloc) -> tuple[Placed, ...]:
    """Add `jump-year-on-year` to each row that changed more than the bloc file allows.

    Rows are compared with the row of the same key in the report of the same member for the
    year before, where both report a whole year and count the same way. A row gets one finding,
    at its first such value: the parts of a whole move with it.
    """
    return _compare(placed, bloc.jump, money=False)


def compare_money(placed: Iterable[Placed]) -> tuple[Placed, ...]:
    """Add `jump-year-on-year` to money that is 1.000 times that of the year before, or the reverse.

    That is another unit, not another year, so it is told as soon as a file comes in.
    """
    return _compare(placed, Jump(times=_OTHER_UNIT, least=0), money=True)


def money_rows(submission: Submission) -> dict[str, tuple[Row, ...]]:
    """Return the rows of the tables that ask for money: what is kept for `compare_money`."""
    form = forms().get(submission.form or "")
    return {
        table.id: tuple(submission.rows[table.id])
        for table in (form.tables if form else ())
        if table.id in submission.rows and any(f.type == "money" for f in table.fields)
    }


def before_much_money(submissions: Iterable[Submission]) -> set[tuple[str, int]]:
    """Return member and year of the reports, not given, that tell whether much money is wrong."""
    told = [(one.member, one.year or 0, one) for one in submissions]
    given = {(member, year) for member, year, _ in told}
    return {
        (member, year - 1)
        for member, year, one in told
        if member and (member, year - 1) not in given and _holds_much_money(one)
    }


def _holds_much_money(submission: Submission) -> bool:
    """Whether a row holds as much as đồng typed for thousands or millions of them would give."""
    form = forms().get(submission.form or "")
    return form is not None and any(
        isinstance(value := row.values[field.name], int | Decimal) and value * scale >= _MUCH
        for table, rows in submission.rows.items()
        for field in form.table(table).fields
        for row in rows
        if (scale := _scale(field, row))
    )


@exactly
def _compare(placed: Iterable[Placed], limit: Jump, *, money: bool) -> tuple[Placed, ...]:
    entries = tuple(placed)
    known = {(p.submission.member, p.submission.year): p.submission for p in entries if p.used}
    return tuple(
        replace(p, submission=_compared(p.submission, known, limit, money)) if p.used else p
        for p in entries
    )


def _compared(
    submission: Submission,
    known: dict[tuple[str | None, int | None], Submission],
    limit: Jump,
    money: bool,
) -> Submission:
    before = known.get((submission.member, (submission.year or 0) - 1))
    if submission.member is None or before is None or not _alike(submission, before):
        return submission
    said = {(f.sheet, f.cell) for f in submission.findings if f.code == "money-implausible"}
    found = tuple(
        jump
        for table in forms()[submission.form or ""].tables
        for jump in _jumps(table, submission, before, limit, money)
        if (jump.sheet, jump.cell) not in said
    )
    return replace(submission, findings=submission.findings + found)


def _alike(one: Submission, other: Submission) -> bool:
    return one.counted_as == other.counted_as and one.period == other.period == "year"


def _is_money(field: Field, row: Row) -> bool:
    return _scale(field, row) > 0 and row.values.get(field.name) is not None


def _scale(field: Field, row: Row) -> int:
    """Đồng in one of a row's values; 0 where it is no money."""
    if field.type == "money":
        return 1
    unit = row.values.get(field.unit) if field.type == "number" and field.unit else None
    return money_scale(str(unit)) or 0 if unit else 0


def _jumps(
    table: Table, now: Submission, before: Submission, limit: Jump, money: bool
) -> Iterator[Finding]:
    fields = [f for f in table.fields if f.type in ("count", "number", "money")]
    previous = _by_key(table, before)
    for known, row in _by_key(table, now).items():
        old = previous.get(known)
        for field in fields if old else ():
            value, earlier = row.values.get(field.name), old.values.get(field.name) if old else None
            if money and not (_is_money(field, row) and value and earlier):
                continue
            if _is_jump(value, earlier, limit):
                yield finding(
                    "jump-year-on-year",
                    sheet=row.sheet,
                    cell=row.cells.get(field.name),
                    heading=field.heading,
                    value=row.typed.get(field.name) or _printed(value, field),
                    params={
                        "what": field.heading,
                        "value": _printed(value, field),
                        "previous": _printed(earlier, field),
                    },
                )
                break


def _is_jump(value: Datum, earlier: Datum, limit: Jump) -> bool:
    if not isinstance(value, int | Decimal) or not isinstance(earlier, int | Decimal):
        return False
    low, high = sorted((abs(Decimal(value)), abs(Decimal(earlier))))
    return high - low >= limit.least and high >= low * limit.times


def _printed(value: Datum, field: Field) -> str:
    """Print a value with all its digits; money, which is stored in đồng, with its unit."""
    if not isinstance(value, int | Decimal):
        return display.NO_VALUE
    if field.type == "money":
        return display.full_money(value)
    return display.number(value, places(value))


def _by_key(table: Table, submission: Submission) -> dict[Key, Row]:
    """Rows by their key; rows that share a key are left out."""
    rows = submission.rows.get(table.id, ())
    keys = [row_key(table.key, row.values) for row in rows]
    counts = Counter(keys)
    return {k: row for k, row in zip(keys, rows, strict=True) if counts[k] == 1}


def row_key(names: Iterable[str], values: Mapping[str, Any]) -> Key:
    """Return what tells a row from others: its values of some fields, texts as they compare."""
    found = (values.get(name) for name in names)
    return tuple(key(value) if isinstance(value, str) else value for value in found)
