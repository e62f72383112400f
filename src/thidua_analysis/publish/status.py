"""What opens a part: the data, the lines that say how they stand, and the board in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from thidua_analysis import pipeline
from thidua_analysis.charts import phrases, wording
from thidua_analysis.charts.series import records
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.findings import UsageError
from thidua_analysis.form.forms import current
from thidua_analysis.messages import keys, language, text
from thidua_analysis.publish.board import Board, Place, board_of
from thidua_analysis.publish.html import Block, escape_styles, paragraph, table_block, unbroken
from thidua_analysis.vietnamese.display import date, number

#: Page on which the errors are listed.
QUALITY_PAGE = "06-chat-luong-so-lieu.html"
#: Page on which published figures are compared.
CLAIMS_PAGE = "01-tong-quan.html"


def status(ds: Dataset, year: int) -> Block:
    """Return in one line how the data stand: whether real, whose, until when, what is wrong."""
    used = used_in(ds, year)
    warnings, lines = list(_warnings(ds, year, used)), list(_lines(ds, year, used))
    badges = "".join(f'<strong class="badge">{escape(one)}</strong> ' for one in warnings)
    told = " · ".join(
        f'<a href="{QUALITY_PAGE}">{escape(words)}</a>' if linked else escape(words)
        for words, linked in lines
    )
    plain = " · ".join([*warnings, *(words for words, _ in lines)])
    return Block(f'<p class="state">{badges}{told}</p>', plain)


def used_in(ds: Dataset, year: int) -> list[Record]:
    """Return the files that count for a year."""
    return [row for row in ds.records("submissions") if row["used"] and row["year"] == year]


def sent_of(ds: Dataset, year: int, used: Sequence[Record]) -> dict[str, Any]:
    """Return how many of the members expected have sent, as the words of a text."""
    expected = ds.expected(year)
    sent = len({row["member"] for row in used} & set(expected))
    return {"sent": sent, "expected": len(expected)}


def until(used: Sequence[Record]) -> str:
    """Return until which day the data are; nothing where no file says it."""
    days = sorted(row["as_of"] for row in used if row["as_of"] is not None)
    if not days:
        return ""
    word = "status-day" if days[0] == days[-1] else "status-days"
    return text(word, first=date(days[0]), last=date(days[-1]))


def _warnings(ds: Dataset, year: int, used: Sequence[Record]) -> Iterator[str]:
    """Yield what a reader must know before the figures: not real, not of all, or of half a year."""
    if any(row["illustrative"] for row in used):
        yield text("status-illustrative")
    came = {row["member"] for row in used}
    absent = [ds.bloc.member(m).short for m in ds.expected(year) if m not in came]
    if absent:
        yield text("status-absent", members=phrases.listed(absent, "member"))
    parts = [row["member"] for row in used if row["period"] != "year" and row["member"]]
    if parts:
        shorts = phrases.listed((ds.bloc.member(m).short for m in parts), "member")
        yield text("status-provisional", members=shorts)


def _lines(ds: Dataset, year: int, used: Sequence[Record]) -> Iterator[tuple[str, bool]]:
    """Yield who has sent, until which day, what was found; and whether it leads to the part."""
    yield text("status-sent", **sent_of(ds, year, used)), True
    yield until(used) or text("status-no-day"), False
    errors, warnings = marks_of(ds, year)
    word = "status-errors" if errors else "status-warnings" if warnings else "status-clean"
    yield text(word, errors=errors, warnings=warnings), True


def on_time(ds: Dataset, year: int) -> str:
    """Return how many reports of a year came on time, how many late, and of how many it is unknown.

    Without any report it is empty.
    """
    sent = [p for p in board_of(ds, [year]).places if p.member and p.state == "sent"]
    counts = Counter(place.late for place in sent)
    if sent and counts[None] == len(sent):
        return text("status-none-dated")
    words = {"on-time": counts[False], "late": counts[True], "unknown": counts[None]}
    return "; ".join(text(f"status-{name}", n=n) for name, n in words.items() if n)


def marks_of(ds: Dataset, year: int) -> tuple[int, int]:
    """Return the errors and the warnings in the last files of a year."""
    rows = [row for row in ds.records("submissions") if row["year"] == year]
    last = [row for row in rows if not (row["superseded"] or row["withdrawn"])]
    return sum(row["errors"] for row in last), sum(row["warnings"] for row in last)


def inputs_of(ds: Dataset) -> str:
    """Return a short hash of all files that were read."""
    told = "".join(f"{entry['file']}{entry['sha256']}" for entry in ds.manifest["files"])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def hashes(ds: Dataset, year: int) -> Block:
    """Return the hashes of the files of a year and of all that were read, for analysts."""
    rows = [
        {text("column-file"): row["file"], text("column-hash"): row["sha256"][:12]}
        for row in used_in(ds, year)
    ]
    words = {"inputs": inputs_of(ds), "version": version("thidua-analysis")}
    return table_block(rows, text("page-hashes", **words))


def board(ds: Dataset, year: int) -> Block:
    """Return the board of a year: members down; receipt, errors and the sheets across.

    It does not depend on the day on which it is made: who has sent nothing is missing, not
    overdue; who sent something without a day of receipt is neither late nor on time.
    """
    found = board_of(ds, [year])
    dated = any(place.received for place in found.places)
    asked = {table.id for table in current("unit", year).tables if not table.optional}
    sheets = {table: name for table, name in _sheet_names().items() if table in asked}
    rows = [
        {
            text("column-member"): ds.bloc.member(place.member).short,
            text("column-sent"): _sent(place),
            **(_receipt(place) if dated else {}),
            text("column-revision"): str(place.revision) if place.revision else "–",
            text("column-errors"): str(place.errors) if place.file else "–",
            text("column-warnings"): str(place.warnings) if place.file else "–",
            **{sheet: _sheet(place, table) for table, sheet in sheets.items()},
        }
        for place in found.places
        if place.member
    ]
    due = found.due[year]
    # several blocs together have no day of their own
    key = "table-board" if due else "table-board-no-day"
    caption = text(key, year=year, due=date(due) if due else "")
    return table_block(rows, caption, _notes(found, ds.bloc.called))


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
    columns = [text("column-member"), *years]
    return table_block(rows.values(), text("table-board-years"), columns=columns)


def _sent(place: Place) -> str:
    return unbroken(text("board-sent" if place.state == "sent" else "board-missing"))


def say_complete(frame: pd.DataFrame) -> Block | None:
    """Say that every sheet of every member is complete; None where something is wanting.

    Parameters
    ----------
    frame
        ``completeness`` of one year by member and table.
    """
    rows = records(frame)
    full = all(row["numerator"] == row["denominator"] and row["denominator"] for row in rows)
    if not rows or not full or wording.absent(frame):
        return None
    return paragraph(text("say-complete", year=rows[0]["year"], n=number(len(rows), 0)))


def _receipt(place: Place) -> dict[str, str]:
    return {
        text("column-received"): date(place.received) if place.received else "–",
        text("column-on-time"): _on_time(place),
    }


def _on_time(place: Place) -> str:
    if place.state == "missing" or place.late is None:
        return "–"
    return unbroken(text("board-was-late" if place.late else "board-was-on-time"))


def _sheet(place: Place, table: str) -> str:
    """Return the rows of a sheet and its errors, or what is wrong with the sheet as a whole."""
    one = place.tables.get(table)
    if one is None or place.state == "missing":
        return "–"
    if one.state != "sent":
        return text(f"board-sheet-{one.state}")
    return text("board-rows-errors", rows=one.rows, n=one.errors) if one.errors else str(one.rows)


def _sheet_names() -> dict[str, str]:
    """Return by table what its sheet is called; in another language what the table is about."""
    tables = current("unit").tables
    if language() == "vi":
        return {table.id: table.sheet for table in tables}
    names = {table.id: f"name-table-{table.id}" for table in tables}
    return {t.id: text(names[t.id]) if names[t.id] in keys() else t.sheet for t in tables}


def _in_short(place: Place) -> str:
    if place.state == "missing":
        return _sent(place)
    sheets = _sheet_names()
    wanting = [sheets.get(t, t) for t, one in place.tables.items() if one.state != "sent"]
    again = place.revision and place.revision > 1
    words = [text("board-sent-as", n=place.revision) if again else text("board-sent")]
    words += [] if place.late is None else [_on_time(place)]
    if place.errors or place.warnings:
        words.append(text("board-found", errors=place.errors, warnings=place.warnings))
    words = list(map(unbroken, words))
    if wanting:
        words.append(text("board-wanting", sheets=", ".join(wanting)))
    return "; ".join(words)


def _notes(found: Board, called: str) -> Iterator[str]:
    unknown = any(place.member and place.file and not place.received for place in found.places)
    yield " ".join([text("note-board"), *([text("note-board-undated")] if unknown else [])])
    own = next(place for place in found.places if place.member is None)
    words: dict[str, Any] = {"errors": own.errors, "warnings": own.warnings}
    key = "note-board-bloc" if own.file else "note-board-no-bloc"
    yield text(key, bloc=called, **words)
    for one in found.unplaced:
        yield one.line()


def opening(year: int, member: str | None = None) -> Dataset:
    """Load the data up to a year and show what stands behind the figures.

    The data folder is the one that the environment variable ``THIDUA_DATA`` names, or the
    nearest one from the working directory upwards.

    Parameters
    ----------
    year
        The year that the part is about.
    member
        The member that it is about alone, by its id or any of its names; by default all.

    Returns
    -------
    Dataset
        The data of the year and of the years before it.

    Raises
    ------
    UsageError
        If there is no data folder, or nobody sent anything for the year.
    """
    from IPython import get_ipython
    from IPython.display import display as show

    if (shell := get_ipython()) is not None:
        escape_styles(shell)
    # the look of charts, tables and cards in Jupyter; pages have their own and drop it
    css = (files(__package__) / "templates" / "jupyter.css").read_text(encoding="utf-8")
    show(Block(f"<style>{css}</style>", ""))  # type: ignore[no-untyped-call]
    ds = up_to(pipeline.load(), year).filter(member=member)
    show(status(ds, year))  # type: ignore[no-untyped-call]
    return ds


def up_to(ds: Dataset, year: int) -> Dataset:
    """Return the data of a year and of the years before it.

    Raises
    ------
    UsageError
        If there are no data of the year.
    """
    if year not in ds.years:
        raise UsageError("no-year", year=year, years=", ".join(map(str, ds.years)))
    return ds.filter(year=[y for y in ds.years if y <= year])


def whole(ds: Dataset, year: int) -> Dataset:
    """Return the data of a year and before, of which nobody left out members or years.

    Raises
    ------
    UsageError
        If the folder of the dataset holds more than the dataset.
    """
    own, all_ = up_to(ds, year), Dataset.open(ds.folder or Path(), ds.lang)
    if (own.members, own.years) != (all_.members, up_to(all_, year).years):
        raise UsageError("export-part")
    return own
