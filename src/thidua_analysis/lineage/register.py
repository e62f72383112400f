"""Every figure of the reports, with an id that stays the same from build to build."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators import entry, functions
from thidua_analysis.indicators import selection as names
from thidua_analysis.indicators.figure import ESCAPES
from thidua_analysis.indicators.selection import listed
from thidua_analysis.vietnamese.text import key

#: How every anchor of a figure begins.
PREFIX = "so-"
#: Around the id and the text of a figure in a sentence; stored text never holds these.
_OPEN, _BETWEEN, _CLOSE = "\x01", "\x02", "\x03"
_MARKED = re.compile(f"{_OPEN}([^{_CLOSE}]*?){_BETWEEN}([^{_CLOSE}]*){_CLOSE}")


def anchor(figure: str) -> str:
    """Return the anchor of a figure: the same for every order and spelling of its breakdowns.

    Examples
    --------
    >>> anchor("rank/year=2023/member=ldld"), anchor("rank/member=LDLD/year=2023")
    ('so-268ef46636b4', 'so-268ef46636b4')
    """
    indicator, *parts = figure.split("/")
    name = "/".join([indicator, *sorted(map(key, parts))])
    return PREFIX + hashlib.sha256(name.encode()).hexdigest()[:12]


def link(shown: str, figure: str | None) -> str:
    """Return a printed figure as markup that leads to its anchor and names its id.

    In Jupyter, where there is no list of cells, the link leads nowhere; the pages of a report
    lead it to theirs. A figure without an id is only escaped.
    """
    if not figure:
        return escape(shown)
    return (
        f'<a class="cells" href="#{anchor(figure)}" data-figure="{escape(figure)}">'
        f"{escape(shown)}</a>"
    )


def marked(shown: str, figure: str | None) -> str:
    """Return a printed figure as it goes into a sentence that becomes markup later.

    Examples
    --------
    >>> unmarked("Tỷ lệ nữ là " + marked("42,0%", "women_share/year=2023") + ".")
    'Tỷ lệ nữ là 42,0%.'
    """
    return f"{_OPEN}{figure}{_BETWEEN}{shown}{_CLOSE}" if figure else shown


def unmarked(words: str) -> str:
    """Return a sentence as plain text."""
    return _MARKED.sub(r"\2", words)


def markup(words: str) -> str:
    """Return a sentence as markup: its text escaped, its figures links."""
    texts = _MARKED.split(words)
    figures = zip(texts[1::3], texts[2::3], texts[3::3], strict=True)
    return escape(texts[0]) + "".join(
        link(shown, figure) + escape(after) for figure, shown, after in figures
    )


def without(figure: str, breakdown: str) -> str:
    """Return the id of the figure that holds all values of one of its breakdowns.

    Examples
    --------
    >>> without("score_total/year=2023/member=ldld/kind=main", "kind")
    'score_total/year=2023/member=ldld'
    """
    kept = (part for part in figure.split("/") if part.partition("=")[0] != breakdown)
    return "/".join(kept)


def ids(frame: pd.DataFrame) -> list[str]:
    """Return the id of every row of a frame of figures.

    What its dataset was narrowed down to is named as well, so that the id finds the same figure
    in the whole data: the members, and the year where it is one.
    """
    return [str(row["id"]) for row in listed(frame)]


def frames(ds: Dataset, year: int) -> Iterator[pd.DataFrame]:
    """Yield the frames of a year's reports: every indicator in the breakdowns of the dictionary."""
    if year not in ds.years:
        years = ", ".join(map(str, ds.years))
        raise UsageError("year-without-data", year=year, accepted=years)
    for name, function in functions().items():
        for by in entry(name).shown:
            yield function(ds, by=by, year=year)


def figures(ds: Dataset, year: int) -> list[dict[str, Any]]:
    """Return every figure of a year's reports.

    ``coverage`` is ``6/6``, or None where no member is expected; ``missing`` are members without
    usable data, ``incomplete`` those of whom a row or cell is missing; ``comparable`` (with the
    year before) is explained by ``reason``; ``uncovered`` is what the denominator lacks, if
    anything.
    """
    return [record for frame in frames(ds, year) for record in records(ds, frame)]


def records(ds: Dataset, frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield every figure of a frame; see `figures`."""
    by = [name for name in frame.attrs["by"] if name != "year"]
    for row, found in zip(listed(frame), ids(frame), strict=True):
        about = entry(row["indicator"])
        yield {
            "id": found,
            "indicator": row["indicator"],
            "label": about.label[ds.lang],
            "year": row["year"],
            "by": {name: row[name] for name in by},
            "names": {name: names.label(ds, name, row[name]) for name in by},
            "numerator": row["numerator"],
            "denominator": row["denominator"],
            "value": row["value"],
            "text": row["text"],
            "unit": row["unit"],
            "coverage": f"{row['reporting']}/{row['expected']}" if row["expected"] else None,
            "missing": row["missing"],
            "incomplete": row["lineage"].partial,
            "comparable": row["comparable"],
            "reason": row["reason"],
            **({"uncovered": row["uncovered"]} if row["uncovered"] else {}),
        }


def differ(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Whether a figure says something else than before, be it only behind what is rounded."""
    if before is None or after is None:
        return before is not after
    return (before["text"], before["value"]) != (after["text"], after["value"])


def find(ds: Dataset, wanted: str) -> pd.Series:
    """Return the figure with an id as a row of a frame of figures; an unknown id is refused."""
    call, where = _read(wanted)
    found = _placed(ds, call, [where]).get(tuple(map(key, where.values())), [])
    if len(found) != 1:
        raise UsageError("figure-unknown", id=wanted)
    return pd.Series(found[0])


def find_all(ds: Dataset, wanted: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield figures by id, as rows of frames of figures; ids of no figure are left out.

    A frame is made for all figures of one call, of their years only.
    """
    asked: dict[str, tuple[_Call, dict[str, str]]] = {}
    places: dict[_Call, list[dict[str, str]]] = {}
    for name in wanted:
        with suppress(UsageError):
            asked[name] = call, where = _read(name)
            places.setdefault(call, []).append(where)
    made: dict[_Call, _Places] = {}
    for name, (call, where) in asked.items():
        if call not in made:
            made[call] = {}
            with suppress(UsageError):
                made[call] = _placed(ds, call, places[call])
        found = made[call].get(tuple(map(key, where.values())), [])
        if len(found) == 1:
            yield name, found[0]


def place(figure: str) -> dict[str, tuple[str, ...]]:
    """Return where the figure with an id stands: breakdown → its value, or its values.

    Examples
    --------
    >>> place("commendations/year=2023/method=regular|thematic")
    {'year': ('2023',), 'method': ('regular', 'thematic')}
    """
    parts = (part.partition("=") for part in figure.split("/")[1:])
    return {name: tuple(map(_unescaped, value.split("|"))) for name, _, value in parts}


def _placed(ds: Dataset, call: _Call, asked: Iterable[Mapping[str, str]]) -> _Places:
    """Return the figures of a call, of the years asked for, by where they stand."""
    scope = dict(call.options)
    if "year" in call.by and "year" not in scope:
        scope["year"] = sorted({int(one["year"]) for one in asked if one["year"].isdecimal()})
    found: _Places = {}
    for row in listed(_function(call.indicator)(ds, by=call.by, **scope)):
        found.setdefault(tuple(key(str(row[column])) for column in call.by), []).append(row)
    return found


class _Call(NamedTuple):
    """What an id asks of an indicator."""

    indicator: str
    by: tuple[str, ...]
    options: tuple[tuple[str, Any], ...]


#: Figures of a call by where they stand.
_Places = dict[tuple[str, ...], list[dict[str, Any]]]


def _read(name: str) -> tuple[_Call, dict[str, str]]:
    """Return the call that an id stands for, and where in its frame the figure is."""
    indicator, *parts = name.split("/")
    known = _options(_function(indicator))
    where: dict[str, str] = {}
    options: dict[str, Any] = {}
    for word, _, value in (part.partition("=") for part in parts):
        if word in known or "|" in value:
            options[word] = _option(value)
        else:
            where[word] = _unescaped(value)
    return _Call(indicator, tuple(where), tuple(options.items())), where


def _function(indicator: str) -> Callable[..., pd.DataFrame]:
    """Function of an indicator; an unknown one is refused with the list of all."""
    entry(indicator)
    return functions()[indicator]


def _options(function: Any) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind is p.KEYWORD_ONLY} | {"kind", "status"}


def _option(value: str) -> Any:
    if value in ("True", "False"):
        return value == "True"
    several = tuple(_unescaped(part) for part in value.split("|"))
    return several if len(several) > 1 else several[0]


def _unescaped(value: str) -> str:
    for plain, escaped in reversed(ESCAPES):
        value = value.replace(escaped, plain)
    return value
