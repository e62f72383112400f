"""The head of every part: which data it is made of, how complete and how real they are."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.metadata import version
from importlib.resources import files as files_of
from typing import Any

from thidua_analysis import files, pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import UsageError
from thidua_analysis.messages import text
from thidua_analysis.publish import escaping
from thidua_analysis.publish.blocks import Block
from thidua_analysis.publish.senders import on_time
from thidua_analysis.vietnamese import display

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
        escaping.install(shell)
    show(Block(f"<style>{_style()}</style>", ""))  # type: ignore[no-untyped-call]
    ds = up_to(pipeline.load(files.find_data(None)), year)
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
