"""The board in reports: who has sent what, when, how complete and with how many errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from importlib.metadata import version
from importlib.resources import files as files_of
from typing import Any

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import UsageError
from thidua_analysis.form.model import current
from thidua_analysis.messages import text
from thidua_analysis.publish import html
from thidua_analysis.publish.board import Board, Place, board_of
from thidua_analysis.publish.html import Block, printed, table_block
from thidua_analysis.store import inputs
from thidua_analysis.vietnamese import display
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


#: Page on which the errors are listed.
QUALITY_PAGE = "06-chat-luong-so-lieu.html"


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
        html.install(shell)
    show(Block(f"<style>{_style()}</style>", ""))  # type: ignore[no-untyped-call]
    ds = up_to(pipeline.load(inputs.find_data(None)), year)
    show(status(ds, year))  # type: ignore[no-untyped-call]
    return ds


def _style() -> str:
    """Return the look of charts, tables and cards in Jupyter; pages have their own and drop it."""
    css = files_of(__package__) / "templates" / "jupyter.css"
    return css.read_text(encoding="utf-8")


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


def status(ds: Dataset, year: int) -> Block:
    """Return the banner and the list of what a reader must know of the data."""
    lines = list(_lines(ds, year))
    banner = ""
    if illustrative(ds, year):
        banner = f'<div class="banner"><p>{escape(text("status-illustrative"))}</p></div>'
    items = "".join(f"<li>{line}</li>" for _, line in lines)
    markup = f'{banner}<div class="status"><ul>{items}</ul></div>'
    return Block(markup, "\n".join(plain for plain, _ in lines))


def illustrative(ds: Dataset, year: int) -> bool:
    """Whether a report of the year is marked as made up."""
    return any(row["illustrative"] for row in _used(ds, year))


def _used(ds: Dataset, year: int) -> list[Any]:
    return [row for row in ds.records("submissions") if row["used"] and row["year"] == year]


def _lines(ds: Dataset, year: int) -> Iterator[tuple[str, str]]:
    """Yield each line as plain text and as markup."""
    used = _used(ds, year)
    expected = ds.expected(year)
    came = {row["member"] for row in used}
    absent = [ds.bloc.member(m).short for m in expected if m not in came]
    sent = text("status-sent", year=year, sent=len(expected) - len(absent), expected=len(expected))
    if absent:
        sent = f"{sent} {text('status-absent', members=', '.join(absent))}"
    days = sorted(row["as_of"] for row in used if row["as_of"] is not None)
    cut = text("status-no-day")
    if days:
        first, last = display.date(days[0]), display.date(days[-1])
        key = "status-day" if first == last else "status-days"
        cut = text(key, first=first, last=last)
    parts = [row["member"] for row in used if row["period"] != "year" and row["member"]]
    yield _with_link(f"{sent} {_time(ds, year)}".rstrip(), "status-board")
    words = [cut]
    if parts:
        shorts = ", ".join(ds.bloc.member(m).short for m in parts)
        words.append(text("status-provisional", members=shorts))
    again = sum(row["revision"] > 1 for row in used)
    if again:
        words.append(text("status-revised", n=again))
    yield from ((word, escape(word)) for word in words)
    yield _errors(ds, year)
    made = text("page-made-by", version=version("thidua-analysis"), inputs=inputs_of(ds))
    yield made, escape(made)


def _errors(ds: Dataset, year: int) -> tuple[str, str]:
    rows = [row for row in ds.records("submissions") if row["year"] == year]
    last = [row for row in rows if not (row["superseded"] or row["withdrawn"])]
    errors, warnings = (sum(row[name] for row in last) for name in ("errors", "warnings"))
    key = "status-errors" if errors else "status-warnings" if warnings else "status-clean"
    words = text(key, errors=errors, warnings=warnings)
    return _with_link(words, "status-quality")


def _time(ds: Dataset, year: int) -> str:
    words = on_time(ds, year)
    return text("status-time", words=words) if words else ""


def _with_link(words: str, key: str) -> tuple[str, str]:
    """Return a line, and the line with a link to the page of quality."""
    return words, f'{escape(words)} <a href="{QUALITY_PAGE}">{escape(text(key))}</a>'


def inputs_of(ds: Dataset) -> str:
    """Return a short hash of all files that were read."""
    import hashlib

    told = "".join(f"{entry['file']}{entry['sha256']}" for entry in ds.manifest["files"])
    return hashlib.sha256(told.encode()).hexdigest()[:12]
