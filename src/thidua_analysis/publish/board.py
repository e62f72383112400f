"""The board: who has sent what for which year, what is missing, late or wrong."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from string import ascii_uppercase
from typing import Any

from msgspec import to_builtins

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.forms import current, forms
from thidua_analysis.form.model import Form
from thidua_analysis.messages import describe, text
from thidua_analysis.store.inputs import Withdrawn
from thidua_analysis.store.revisions import SentFile, chain, sent_files
from thidua_analysis.submission.which_form import member_in_path
from thidua_analysis.vietnamese.display import Lang, date
from thidua_analysis.vietnamese.text import key


@dataclass(frozen=True, slots=True)
class TableState:
    """One table: ``sent``, ``empty``, ``missing`` or ``unreadable``, its rows and findings."""

    state: str
    rows: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Place:
    """How one member stands in one year."""

    year: int
    #: None for the form of the bloc itself
    member: str | None
    #: ``sent``, or ``missing`` where no file counts
    state: str
    #: the file that counts and which revision it is
    file: str | None
    revision: int | None
    #: how many files came in
    files: int
    #: day on which the first file came in; None where it was not recorded
    received: dt.date | None
    #: whether that was after the deadline, without a file whether the deadline has passed; None
    #: where it is not known
    late: bool | None
    #: findings in the file that counts
    errors: int
    warnings: int
    tables: Mapping[str, TableState]
    #: of the file that counts: ``year``, ``six_months`` or ``nine_months``
    period: str | None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A file that does not count: it cannot be read, is of nobody's year, or was withdrawn."""

    #: the year of its folder, else the one that it states
    year: int | None
    file: str
    status: str
    #: whose it is by what it says, else by its name
    member: str | None
    #: the finding for which it does not count
    hindrance: Finding | None
    withdrawn: Withdrawn | None

    def why(self, lang: Lang | None = None) -> str:
        """Return in words why it does not count."""
        if self.withdrawn is not None:
            words = {"on": date(self.withdrawn.on, lang), "reason": self.withdrawn.reason}
            return text("board-withdrawn", lang, **words)
        return describe(self.hindrance, lang) if self.hindrance else ""

    def line(self, lang: Lang | None = None) -> str:
        """Return the file and why it does not count as one line."""
        known = self.status if self.status == "unreadable" else "rejected"
        status = text(f"status-of-{'withdrawn' if self.withdrawn else known}", lang)
        words = text("board-unplaced", lang, file=self.file, status=status, why=self.why(lang))
        return words.strip()

    def record(self, lang: Lang | None) -> dict[str, Any]:
        """Return the file as JSON can hold it."""
        code = self.hindrance.code if self.hindrance else None
        return {
            **{"year": self.year, "file": self.file, "status": self.status, "member": self.member},
            **{"code": "withdrawn" if self.withdrawn else code, "why": self.why(lang)},
            "withdrawn": self.withdrawn and to_builtins(self.withdrawn),
        }


@dataclass(frozen=True, slots=True)
class Board:
    """The places of all members and years, the files that have none, and what nothing reads."""

    places: tuple[Place, ...]
    unplaced: tuple[Unplaced, ...]
    due: Mapping[int, dt.date | None]
    not_read: tuple[str, ...] = ()

    def turned_away(self, place: Place) -> list[Unplaced]:
        """Return the files of a member and year that do not count."""
        here = place.year, place.member
        return [one for one in self.unplaced if (one.year, one.member) == here]

    def records(self, lang: Lang | None = None) -> dict[str, Any]:
        """Return the board as JSON can hold it: days in ISO, reasons in words."""
        return {
            "due": {str(year): day.isoformat() if day else None for year, day in self.due.items()},
            "members": [
                {
                    **asdict(place),
                    "received": place.received and place.received.isoformat(),
                    "why": [one.record(lang) for one in self.turned_away(place)],
                }
                for place in self.places
            ],
            "unplaced": [one.record(lang) for one in self.unplaced],
            "not_read": list(self.not_read),
        }


def board_of(ds: Dataset, years: Iterable[int]) -> Board:
    """Return the board of a dataset, on which nobody who sent nothing is late."""
    days = {row["file"]: row["received"] for row in ds.records("submissions") if row["received"]}
    found = draw_up(sent_files(ds.manifest), ds.bloc, days, years, None)
    own = (*ds.members, None)
    return replace(
        found,
        places=tuple(place for place in found.places if place.member in own),
        unplaced=tuple(file for file in found.unplaced if file.member in own or not ds.is_part),
    )


def draw_up(
    files: Sequence[SentFile],
    bloc: Bloc,
    days: Mapping[str, dt.date],
    years: Iterable[int],
    today: dt.date | None,
    not_read: Sequence[str] = (),
) -> Board:
    """Return the board of files.

    Parameters
    ----------
    files
        What came in.
    bloc
        Who is expected to report, and by when.
    days
        File → day of receipt, where that is known.
    years
        The years to show.
    today
        The day from which a deadline has passed; without it nobody who sent nothing is late.
    not_read
        Files beside them that are no submissions.
    """
    due = {year: bloc.due(year) for year in years}
    places = tuple(
        _place(files, days, year, member, due[year] if member else None, today)
        for year in due
        for member in (*(m.id for m in bloc.members_in(year)), None)
    )
    unplaced = tuple(
        Unplaced(
            *(file.about, file.file, file.status),
            file.member or member_in_path(PurePath(file.file), bloc),
            file.hindrance,
            file.withdrawn,
        )
        for file in files
        if not file.used and not file.superseded and file.about in due
    )
    return Board(places, unplaced, due, tuple(not_read))


def _place(
    files: Iterable[SentFile],
    days: Mapping[str, dt.date],
    year: int,
    member: str | None,
    due: dt.date | None,
    today: dt.date | None,
) -> Place:
    kind = "unit" if member else "bloc"
    files = [f for f in files if (f.kind, f.member, f.year) == (kind, member, year)]
    used = next((file for file in files if file.used), None)
    own = [*chain(files, used), used] if used else []
    received = min((days[f.file] for f in own if f.file in days), default=None)
    form = forms()[used.form or ""] if used else current(kind)  # type: ignore[arg-type]
    day = received if used else today
    return Place(
        year=year,
        member=member,
        state="sent" if used else "missing",
        file=used.file if used else None,
        revision=used.revision if used else None,
        files=len(own),
        received=received,
        late=day > due if day and due else None,
        errors=used.count("error") if used else 0,
        warnings=used.count("warning") if used else 0,
        tables=table_states(form, used),
        period=used.period if used else None,
    )


def table_states(form: Form, file: SentFile | None) -> dict[str, TableState]:
    """Return the state of every table that a complete report has.

    Parameters
    ----------
    form
        The form.
    file
        The file that counts; None where there is none.
    """
    asked = [table for table in form.tables if not table.optional]
    if file is None:
        return {table.id: TableState("missing", 0, 0, 0) for table in asked}
    absent = {f.params.get("table") for f in file.findings if f.code == "table-missing"}
    wrong = Counter((_table_of(form, file, f), f.severity) for f in file.findings)
    states = {}
    for table in asked:
        rows = file.counts.get(table.id, 0)
        state = "missing" if table.sheet in absent else "empty"
        if rows or file.status == "unreadable":
            state = "sent" if rows else "unreadable"
        found = wrong[table.id, "error"], wrong[table.id, "warning"]
        states[table.id] = TableState(state, rows, *found)
    return states


def _table_of(form: Form, file: SentFile, found: Finding) -> str | None:
    """Return the one table that a finding counts for; None where it is on no sheet of a table.

    Of several tables on a sheet it is the one that has such a heading, then the one whose rows
    are nearest. A list of recipients is part of the table that it adds up to.
    """
    sheet = key(found.sheet or "")
    line = int(found.cell.lstrip(ascii_uppercase)) if found.cell else 0
    near: dict[str, tuple[bool, int]] = {}
    for table in form.tables:
        places = file.places.get(table.id, {}).items()
        lines = next((lines for name, lines in places if key(name) == sheet), None)
        if sheet and (lines or key(table.sheet) == sheet):
            first, last = lines or (line, line)
            lacks = found.heading not in {field.heading for field in table.fields}
            away = max(first - line, line - last, 0)
            name = table.adds_up_to or table.id
            near[name] = min(near.get(name, (lacks, away)), (lacks, away))
    return min(near, key=lambda name: near[name], default=None)
