"""The board in reports: who has sent what, when, how complete and with how many errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from thidua_analysis.board import Board, Place, board_of
from thidua_analysis.dataset import Dataset
from thidua_analysis.form import current
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import Block, printed, table_block
from thidua_analysis.vietnamese.display import date


def board(ds: Dataset, year: int) -> Block:
    """Return the board of a year: members down; receipt, errors and the sheets across.

    It does not depend on the day on which it is made: who has sent nothing is missing, not
    overdue; who sent something without a day of receipt is neither late nor on time.
    """
    found = board_of(ds, [year])
    sheets = {table.id: table.sheet for table in current("unit").tables if not table.optional}
    rows = [
        {
            text("column-member"): ds.bloc.member(place.member).short,
            text("column-sent"): _sent(place),
            text("column-received"): date(place.received) if place.received else "–",
            text("column-on-time"): _on_time(place),
            text("column-revision"): str(place.revision) if place.revision else "–",
            text("column-errors"): _known(place, place.errors),
            text("column-warnings"): _known(place, place.warnings),
            **{sheet: _sheet(place, table) for table, sheet in sheets.items()},
        }
        for place in found.places
        if place.member
    ]
    caption = text("table-board", year=year, due=_due(found, year))
    return table_block(printed(rows), caption, " ".join(_notes(found, ds.bloc.called)))


def board_of_years(ds: Dataset) -> Block:
    """Return the boards of all years in short: members down, years across, one text each."""
    found = board_of(ds, ds.years)
    rows: dict[str, dict[str, str]] = {}
    for place in found.places:
        if place.member:
            name = ds.bloc.member(place.member).short
            row = rows.setdefault(name, {text("column-member"): name})
            row[str(place.year)] = _in_short(place)
    years = sorted(map(str, ds.years))
    return table_block(
        printed(list(rows.values()), [text("column-member"), *years]), text("table-board-years")
    )


def on_time(ds: Dataset, year: int) -> str:
    """Return how many reports of a year came on time, how many late, and of how many it is unknown.

    Without any report it is empty.
    """
    sent = [p for p in board_of(ds, [year]).places if p.member and p.state == "sent"]
    counts = Counter(place.late for place in sent)
    words = {"on-time": counts[False], "late": counts[True], "unknown": counts[None]}
    return "; ".join(text(f"status-{name}", n=n) for name, n in words.items() if n)


def _whole(words: str) -> str:
    """Return a short text that is not broken into lines."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _sent(place: Place) -> str:
    return _whole(text("board-sent" if place.state == "sent" else "board-missing"))


def _on_time(place: Place) -> str:
    if place.state == "missing":
        return "–"
    if place.late is None:
        return _whole(text("said-unknown"))
    return _whole(text("board-was-late" if place.late else "board-was-on-time"))


def _known(place: Place, count: int) -> str:
    return str(count) if place.state == "sent" else "–"


def _sheet(place: Place, table: str) -> str:
    """Return the rows of a sheet and its errors, or what is wrong with the sheet as a whole."""
    one = place.tables.get(table)
    if one is None or place.state == "missing":
        return "–"
    if one.state != "sent":
        return text(f"board-sheet-{one.state}")
    return text("board-rows-errors", rows=one.rows, n=one.errors) if one.errors else str(one.rows)


def _in_short(place: Place) -> str:
    if place.state == "missing":
        return _sent(place)
    sheets = {table.id: table.sheet for table in current("unit").tables}
    wanting = [sheets.get(t, t) for t, one in place.tables.items() if one.state != "sent"]
    words = [
        text("board-sent-as", n=place.revision),
        text("board-time-unknown") if place.late is None else _on_time(place),
        text("board-found", errors=place.errors, warnings=place.warnings),
    ]
    words = [_whole(part) for part in words]
    if wanting:
        words.append(text("board-wanting", sheets=", ".join(wanting)))
    return "; ".join(words)


def _due(found: Board, year: int) -> str:
    due = found.due[year]
    return date(due) if due else text("said-unknown")


def _notes(found: Board, called: str) -> Iterator[str]:
    yield text("note-board")
    own = next(place for place in found.places if place.member is None)
    words: dict[str, Any] = {"file": own.file, "errors": own.errors, "warnings": own.warnings}
    key = "note-board-bloc" if own.file else "note-board-no-bloc"
    yield text(key, bloc=called, **words)
    for one in found.unplaced:
        yield one.line()
