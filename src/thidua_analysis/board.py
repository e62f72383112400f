"""The board: who has sent what for which year, what is missing, late or wrong."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from thidua_analysis.bloc import Bloc
from thidua_analysis.form import Form, Table, current, forms
from thidua_analysis.sent import SentFile, chain, sent_files
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


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A file that cannot be read, or does not say whose it is."""

    year: int | None
    file: str
    status: str


@dataclass(frozen=True, slots=True)
class Board:
    """The places of all members and years, and the files that have none."""

    places: tuple[Place, ...]
    unplaced: tuple[Unplaced, ...]
    due: Mapping[int, dt.date | None]

    def records(self) -> dict[str, Any]:
        """Return the board as JSON can hold it: days in ISO."""
        return {
            "due": {str(year): day.isoformat() if day else None for year, day in self.due.items()},
            "members": [
                {**asdict(place), "received": place.received and place.received.isoformat()}
                for place in self.places
            ],
            "unplaced": [asdict(one) for one in self.unplaced],
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
    """
    years = tuple(years)
    places = tuple(
        _place(bloc, files, days, year, member, today)
        for year in years
        for member in (*(m.id for m in bloc.members_in(year)), None)
    )
    unplaced = tuple(
        Unplaced(file.about, file.file, file.status)
        for file in files
        if not file.used and not file.superseded and file.about in years
    )
    return Board(places, unplaced, {year: bloc.due(year) for year in years})


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
    return {table.id: table_state(table, file) for table in form.tables if not table.optional}


def table_state(table: Table, file: SentFile | None) -> TableState:
    """Return the state of one table; findings are those on the sheet that bears its name."""
    if file is None:
        return TableState("missing", 0, 0, 0)
    sheet = key(table.sheet)
    wrong = Counter(f.severity for f in file.findings if f.sheet and key(f.sheet) == sheet)
    rows = file.counts.get(table.id, 0)
    return TableState(_word(table, file, rows), rows, wrong["error"], wrong["warning"])


def _word(table: Table, file: SentFile, rows: int) -> str:
    if rows:
        return "sent"
    if file.status == "unreadable":
        return "unreadable"
    absent = {f.params.get("table") for f in file.findings if f.code == "table-missing"}
    return "missing" if table.sheet in absent else "empty"
