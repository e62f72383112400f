"""What opens a part: the data, the lines that say how they stand, and the board in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.errors import UsageError
from thidua_analysis.form.model import current
from thidua_analysis.messages import text
from thidua_analysis.publish.board import Board, Place, board_of
from thidua_analysis.publish.html import Block, escape_styles, table_block, unbroken
from thidua_analysis.vietnamese.display import date

#: Page on which the errors are listed.
QUALITY_PAGE = "06-chat-luong-so-lieu.html"


def status(ds: Dataset, year: int) -> Block:
    """Return the banner and the list of what a reader must know of the data."""
    used = [row for row in ds.records("submissions") if row["used"] and row["year"] == year]
    banner = ""
    if any(row["illustrative"] for row in used):
        banner = f'<div class="banner"><p>{escape(text("status-illustrative"))}</p></div>'
    made = text("page-made-by", version=version("thidua-analysis"), inputs=inputs_of(ds))
    lines = [_who_sent(ds, year, used), *_what_was_sent(ds, used), _found(ds, year), (made, "")]
    items = "".join(
        f'<li>{escape(words)} <a href="{QUALITY_PAGE}">{escape(text(link))}</a></li>'
        if link
        else f"<li>{escape(words)}</li>"
        for words, link in lines
    )
    markup = f'{banner}<div class="status"><ul>{items}</ul></div>'
    return Block(markup, "\n".join(words for words, _ in lines))


#: A line, and the text of a link to the page of quality behind it; none where it is empty.
Line = tuple[str, str]


def _who_sent(ds: Dataset, year: int, used: Sequence[Record]) -> Line:
    expected = ds.expected(year)
    came = {row["member"] for row in used}
    absent = [ds.bloc.member(m).short for m in expected if m not in came]
    words = [
        text("status-sent", year=year, sent=len(expected) - len(absent), expected=len(expected))
    ]
    if absent:
        words.append(text("status-absent", members=", ".join(absent)))
    if times := on_time(ds, year):
        words.append(text("status-time", words=times))
    return " ".join(words), "status-board"


def on_time(ds: Dataset, year: int) -> str:
    """Return how many reports of a year came on time, how many late, and of how many it is unknown.

    Without any report it is empty.
    """
    sent = [p for p in board_of(ds, [year]).places if p.member and p.state == "sent"]
    counts = Counter(place.late for place in sent)
    words = {"on-time": counts[False], "late": counts[True], "unknown": counts[None]}
    return "; ".join(text(f"status-{name}", n=n) for name, n in words.items() if n)


def _what_was_sent(ds: Dataset, used: Sequence[Record]) -> Iterator[Line]:
    """Yield up to which day the data are, who sent a part of the year, and how many sent again."""
    days = sorted(row["as_of"] for row in used if row["as_of"] is not None)
    if days:
        word = "status-day" if days[0] == days[-1] else "status-days"
        yield text(word, first=date(days[0]), last=date(days[-1])), ""
    else:
        yield text("status-no-day"), ""
    parts = [row["member"] for row in used if row["period"] != "year" and row["member"]]
    if parts:
        shorts = ", ".join(ds.bloc.member(m).short for m in parts)
        yield text("status-provisional", members=shorts), ""
    if again := sum(row["revision"] > 1 for row in used):
        yield text("status-revised", n=again), ""


def _found(ds: Dataset, year: int) -> Line:
    rows = [row for row in ds.records("submissions") if row["year"] == year]
    last = [row for row in rows if not (row["superseded"] or row["withdrawn"])]
    errors, warnings = (sum(row[name] for row in last) for name in ("errors", "warnings"))
    word = "status-errors" if errors else "status-warnings" if warnings else "status-clean"
    return text(word, errors=errors, warnings=warnings), "status-quality"


def inputs_of(ds: Dataset) -> str:
    """Return a short hash of all files that were read."""
    told = "".join(f"{entry['file']}{entry['sha256']}" for entry in ds.manifest["files"])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


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
            text("column-errors"): str(place.errors) if place.file else "–",
            text("column-warnings"): str(place.warnings) if place.file else "–",
            **{sheet: _sheet(place, table) for table, sheet in sheets.items()},
        }
        for place in found.places
        if place.member
    ]
    due = date(found.due[year]) if found.due[year] else text("said-unknown")
    caption = text("table-board", year=year, due=due)
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


def _on_time(place: Place) -> str:
    if place.state == "missing":
        return "–"
    if place.late is None:
        return unbroken(text("said-unknown"))
    return unbroken(text("board-was-late" if place.late else "board-was-on-time"))


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
    words = list(map(unbroken, words))
    if wanting:
        words.append(text("board-wanting", sheets=", ".join(wanting)))
    return "; ".join(words)


def _notes(found: Board, called: str) -> Iterator[str]:
    yield text("note-board")
    own = next(place for place in found.places if place.member is None)
    words: dict[str, Any] = {"file": own.file, "errors": own.errors, "warnings": own.warnings}
    key = "note-board-bloc" if own.file else "note-board-no-bloc"
    yield text(key, bloc=called, **words)
    for one in found.unplaced:
        yield one.line()


def opening(year: int) -> Dataset:
    """Load the data up to a year and show what stands behind the figures.

    The data folder is the one that the environment variable ``THIDUA_DATA`` names, or the
    nearest one from the working directory upwards.

    Parameters
    ----------
    year
        The year that the part is about.

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
    ds = up_to(pipeline.load(), year)
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
