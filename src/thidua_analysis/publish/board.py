"""The board: who has sent what for which year, what is missing, late or wrong."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Form, Table, current, forms
from thidua_analysis.messages import describe, text
from thidua_analysis.store.revisions import SentFile, Withdrawn, chain, sent_files
from thidua_analysis.submission.which_form import member_in_path
from thidua_analysis.vietnamese.display import Lang, date
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    import pandas as pd

    from thidua_analysis.dataset import Dataset


@dataclass(frozen=True, slots=True)
class TableState:
    """One table: ``sent``, ``empty``, ``missing`` or ``unreadable``, its rows and findings."""

    state: str
    rows: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Place:
    """How one member stands in one year.

    Parameters
    ----------
    year, member
        Which place of the board it is; ``member`` is None for the form of the bloc itself.
    state
        ``sent``, or ``missing`` where no file counts.
    file, revision
        The file that counts.
    files
        How many files came in.
    received
        Day on which the first file came in; None where it was not recorded.
    late
        Whether that was after the deadline; None where it is not known. Without a file it is
        whether the deadline has passed.
    errors, warnings
        Findings in the file that counts.
    tables
        Table → how it stands.
    period
        Of the file that counts: ``year``, ``six_months`` or ``nine_months``.
    """

    year: int
    member: str | None
    state: str
    file: str | None
    revision: int | None
    files: int
    received: dt.date | None
    late: bool | None
    errors: int
    warnings: int
    tables: Mapping[str, TableState]
    period: str | None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A file that does not count: it cannot be read, is of nobody's year, or was withdrawn.

    Parameters
    ----------
    year, file, status
        The year of its folder, its path below ``data/raw``, and how it was read.
    member
        Whose it is by what it says, else by its name.
    hindrance
        The finding for which it does not count.
    withdrawn
        Why and since when it was taken out.
    """

    year: int | None
    file: str
    status: str
    member: str | None
    hindrance: Finding | None
    withdrawn: Withdrawn | None

    def why(self, lang: Lang = "vi") -> str:
        """Return in words why it does not count."""
        if self.withdrawn is not None:
            words = {"on": date(self.withdrawn.on, lang), "reason": self.withdrawn.reason}
            return text("board-withdrawn", lang, **words)
        return describe(self.hindrance, lang) if self.hindrance else ""

    def line(self, lang: Lang = "vi") -> str:
        """Return the file and why it does not count as one line."""
        known = self.status if self.status == "unreadable" else "rejected"
        status = text(f"status-of-{'withdrawn' if self.withdrawn else known}", lang)
        words = text("board-unplaced", lang, file=self.file, status=status, why=self.why(lang))
        return words.strip()

    @property
    def code(self) -> str | None:
        """``withdrawn``, or the code of the finding for which it does not count."""
        if self.withdrawn is not None:
            return "withdrawn"
        return self.hindrance.code if self.hindrance else None


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

    def records(self, lang: Lang = "vi") -> dict[str, Any]:
        """Return the board as JSON can hold it: days in ISO, reasons in words."""
        return {
            "due": {str(year): day.isoformat() if day else None for year, day in self.due.items()},
            "members": [
                {
                    **asdict(place),
                    "received": place.received and place.received.isoformat(),
                    "why": [_record(one, lang) for one in self.turned_away(place)],
                }
                for place in self.places
            ],
            "unplaced": [_record(one, lang) for one in self.unplaced],
            "not_read": list(self.not_read),
        }

    def frame(self) -> pd.DataFrame:
        """Return one row a member, year and table for notebooks.

        Returns
        -------
        pandas.DataFrame
            ``year``, ``member``, ``table``, ``state`` (``sent``, ``empty``, ``missing``,
            ``unreadable``), ``rows``, ``late``, ``revision``, ``errors``, ``warnings`` (the last
            four of the whole file).
        """
        import pandas as pd

        rows = [
            {
                "year": place.year,
                "member": place.member,
                "table": table,
                "state": one.state,
                "rows": one.rows,
                "late": place.late,
                "revision": place.revision,
                "errors": place.errors,
                "warnings": place.warnings,
            }
            for place in self.places
            for table, one in place.tables.items()
        ]
        return pd.DataFrame(rows)


def _record(one: Unplaced, lang: Lang) -> dict[str, Any]:
    """Return a file that does not count as JSON can hold it."""
    return {
        **{"year": one.year, "file": one.file, "status": one.status, "member": one.member},
        **{"code": one.code, "why": one.why(lang)},
        "withdrawn": one.withdrawn and one.withdrawn.model_dump(mode="json"),
    }


def board_of(ds: Dataset, years: Iterable[int], today: dt.date | None = None) -> Board:
    """Return the board of a dataset, for reports.

    Parameters
    ----------
    ds
        The data.
    years
        The years to show.
    today
        The day from which a deadline has passed; without it nobody who sent nothing is late.
    """
    days = {row["file"]: row["received"] for row in ds.records("submissions") if row["received"]}
    return board(sent_files(ds.manifest), ds.bloc, days, years, today)


def board(
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
    years = tuple(years)
    places = tuple(
        _place(bloc, files, days, year, member, today)
        for year in years
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
        if not file.used and not file.superseded and file.about in years
    )
    return Board(places, unplaced, {year: bloc.due(year) for year in years}, tuple(not_read))


def _place(
    bloc: Bloc,
    files: Iterable[SentFile],
    days: Mapping[str, dt.date],
    year: int,
    member: str | None,
    today: dt.date | None,
) -> Place:
    kind = "unit" if member else "bloc"
    files = [f for f in files if (f.kind, f.member, f.year) == (kind, member, year)]
    used = next((file for file in files if file.used), None)
    own = [*chain(files, used), used] if used else []
    received = min((days[f.file] for f in own if f.file in days), default=None)
    form = forms()[used.form or ""] if used else current(kind)  # type: ignore[arg-type]
    return Place(
        year=year,
        member=member,
        state="sent" if used else "missing",
        file=used.file if used else None,
        revision=used.revision if used else None,
        files=len(own),
        received=received,
        late=_late(bloc.due(year), received, today, sent=used is not None) if member else None,
        errors=used.count("error") if used else 0,
        warnings=used.count("warning") if used else 0,
        tables=table_states(form, used),
        period=used.period if used else None,
    )


def _late(
    due: dt.date | None, received: dt.date | None, today: dt.date | None, *, sent: bool
) -> bool | None:
    day = received if sent else today
    return None if due is None or day is None else day > due


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
    wrong = Counter((_table_of(form, file, f), f.severity) for f in file.findings)
    return {
        table.id: TableState(
            *(_word(table, file, rows), rows),
            *(wrong[table.id, "error"], wrong[table.id, "warning"]),
        )
        for table in asked
        for rows in [file.counts.get(table.id, 0)]
    }


def _table_of(form: Form, file: SentFile, found: Finding) -> str | None:
    """Return the one table that a finding counts for; None where it is on no sheet of a table.

    Of several tables on a sheet it is the one that has such a heading, then the one whose rows
    are nearest. A list of recipients is part of the table that it adds up to.
    """
    sheet = key(found.sheet or "")
    line = int(found.cell.lstrip(ascii_uppercase)) if found.cell else 0
    near: dict[str, tuple[bool, int]] = {}
    for table in form.tables:
        lines = next((p for s, p in _places(file, table) if key(s) == sheet), None)
        if sheet and (lines or key(table.sheet) == sheet):
            first, last = lines or (line, line)
            lacks = found.heading not in {field.heading for field in table.fields}
            away = max(first - line, line - last, 0)
            name = table.adds_up_to or table.id
            near[name] = min(near.get(name, (lacks, away)), (lacks, away))
    return min(near, key=lambda name: near[name], default=None)


def _places(file: SentFile, table: Table) -> Iterable[tuple[str, Sequence[int]]]:
    return file.places.get(table.id, {}).items()


def _word(table: Table, file: SentFile, rows: int) -> str:
    if rows:
        return "sent"
    if file.status == "unreadable":
        return "unreadable"
    absent = {f.params.get("table") for f in file.findings if f.code == "table-missing"}
    return "missing" if table.sheet in absent else "empty"
