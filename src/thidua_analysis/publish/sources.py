"""Where figures come from: the cells behind each, the files of a year, what the measures mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from html import escape, unescape
from typing import Any, NamedTuple, Self

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators import described, entry, functions, selection
from thidua_analysis.indicators.comparability import across_breaks
from thidua_analysis.indicators.figure import Term
from thidua_analysis.indicators.selection import listed
from thidua_analysis.lineage import register, tracing
from thidua_analysis.lineage.register import PREFIX, anchor
from thidua_analysis.messages import language, text
from thidua_analysis.publish.html import Block
from thidua_analysis.publish.status import used_in
from thidua_analysis.vietnamese.display import MINUS, Lang, date, number
from thidua_analysis.vietnamese.quantities import places

Cell = Mapping[str, Any]

#: So many cells or more below each other are printed as a range.
_RANGE = 3
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
#: A number as spreadsheets store it, not one that was typed with points between thousands.
_STORED = re.compile(r"(?!-?[1-9]\d{0,2}(?:\.\d{3})+$)-?\d+(?:\.\d+)?")
#: Day 0 of spreadsheet day numbers.
_DAY_ZERO = dt.date(1899, 12, 30)
_EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"


def cell_texts(cells: Iterable[Cell], terms: Iterable[Term]) -> list[str]:
    """Return cells of one sheet, as `tracing.cells` yields them, as texts.

    ``H9 = 3.666``, with the text where it says otherwise; ``F2 = 30/03/2023 (trừ)`` for a date; the
    bare address of a cell that counts one, ``C2–C9`` for several. The terms of the figure say what
    is counted and what is a day.
    """
    kinds = {(t.table, name, t.role): t for t in terms for name in t.fields}
    told, counted = [], []
    for cell in cells:
        term = kinds.get((cell["table"], cell["field"], cell["role"]))
        if _counts_one(cell, term):
            counted.append(cell["cell"])
        else:
            told.append(_told(cell, term))
    return [*told, *ranges(counted)]


def _counts_one(cell: Cell, term: Term | None) -> bool:
    """Whether a cell stands for one thing; of what may stand in several, the name is printed."""
    if not cell["cell"] or str(cell["value"]) != "1":
        return False
    if term is not None and term.counts:
        return term.role != "value"
    return cell["typed"] is None


def _told(cell: Cell, term: Term | None) -> str:
    if term is not None and term.counts:
        adds = "" if cell["cell"] else str(cell["value"])
    else:
        adds = _day(cell["value"]) if term is not None and term.days else _number(cell["value"])
    typed = cell["typed"]
    if typed is not None and _STORED.fullmatch(typed):
        typed = _number(Decimal(typed))
    known = adds.removeprefix(MINUS).removesuffix(f" {text('source-less')}")
    # a cell that holds a date, not text, is stored the other way round
    as_date = "/".join(reversed(typed.split("-"))) if typed and term and term.days else typed
    shown = "" if typed is None or known in (typed, as_date) else f" “{typed}”"
    address = f"{cell['cell'] or ''}{shown}".strip()
    return _EQUALS.join(filter(None, [address, adds]))


def _number(value: Any) -> str:
    exact = Decimal(str(value))
    return number(exact, places(exact))


def _day(value: Any) -> str:
    """Return the date of a day number, marked where it is taken off."""
    printed = date(_DAY_ZERO + dt.timedelta(days=abs(int(value))))
    return f"{printed} {text('source-less')}" if int(value) < 0 else printed


def ranges(addresses: Sequence[str]) -> list[str]:
    """Return addresses in the order of the sheet, cells below each other as ranges."""
    known = {a: (len(m[1]), m[1], int(m[2])) for a in addresses if (m := _ADDRESS.fullmatch(a))}
    others = [a for a in dict.fromkeys(addresses) if a not in known]
    return [*_runs(sorted(known.values())), *others]


def _runs(places: Sequence[tuple[int, str, int]]) -> Iterator[str]:
    run: list[int] = []
    for at, (width, column, row) in enumerate(places):
        run.append(row)
        if places[at + 1 : at + 2] == [(width, column, row + 1)]:
            continue
        if len(run) < _RANGE:
            yield from (f"{column}{one}" for one in run)
        else:
            yield f"{column}{run[0]}–{column}{run[-1]}"
        run = []


#: The page of a report that lists the cells behind every figure.
PAGE = "nguon-so-lieu.html"
#: The pages of single members and of indicators, where one page would be too large.
PARTS = "nguon-so-lieu[-_]*.html"
#: Signs of lists that make a page of about 2 MB.
_LARGE = 1_200_000
#: How the anchor of a figure begins where it is printed; see `register.PREFIX`.
PRINTED = "in-"
_FIGURE = re.compile(r'<a class="cells" [^>]*data-figure="([^"]*)"')
_LINK = re.compile(f'<a class="cells" href="#({PREFIX}[0-9a-f]+)"[^>]*>(.*?)</a>', re.S)
#: More cells of a file than these fold.
_SHOWN = 3
#: More days than these are a date, not a time between two.
_DATES = 10_000


class Listed(NamedTuple):
    """A figure with its sources: what it says, itself, a list item for every file."""

    head: str
    row: Mapping[Any, Any]
    items: str
    #: whom alone it is about
    member: str | None = None


@dataclass(frozen=True)
class Sources:
    """The files and cells behind the figures of a report."""

    #: id of every indicator → anchor of each of its figures → the figure
    figures: Mapping[str, Mapping[str, Listed]]
    lang: Lang = "vi"
    #: names of the members by id
    members: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, ds: Dataset, year: int, shown: Iterable[str] = ()) -> Self:
        """List every figure of a year, and every other one that markup links to.

        Figures without a value have no cells and are left out.
        """
        found: dict[str, dict[str, Listed]] = {name: {} for name in functions()}
        for name, row in _figures(ds, year, figures_in(shown)):
            found[row["indicator"]].setdefault(anchor(name), _listed(ds, year, name, row))
        members = {m: ds.bloc.member(m).short for m in ds.members}
        return cls({name: own for name, own in found.items() if own}, ds.lang, members)

    @cached_property
    def rows(self) -> dict[str, Mapping[Any, Any]]:
        """Anchor of every figure that has a place → the figure."""
        return {mark: one.row for own in self.figures.values() for mark, one in own.items()}

    @cached_property
    def parts(self) -> dict[str, tuple[str, Sources]]:
        """Page → its title and figures: all on one; where they are many, a page a member.

        Then figures of several members stand on a page an indicator.
        """
        every = [
            (name, mark, one) for name, own in self.figures.items() for mark, one in own.items()
        ]
        if sum(len(one.head) + len(one.items) for *_, one in every) <= _LARGE:
            return {PAGE: ("", self)}
        stem = PAGE.removesuffix(".html")
        titles = {f"{stem}-{member}.html": name for member, name in self.members.items()}
        titles |= {f"{stem}_{name}.html": entry(name).label[self.lang] for name in self.figures}
        found: dict[str, dict[str, dict[str, Listed]]] = {href: {} for href in titles}
        for name, mark, one in every:
            href = (
                f"{stem}-{one.member}.html" if one.member in self.members else f"{stem}_{name}.html"
            )
            found[href].setdefault(name, {})[mark] = one
        return {
            href: (titles[href], replace(self, figures=own)) for href, own in found.items() if own
        }

    @cached_property
    def pages(self) -> dict[str, str]:
        """Anchor of every figure → the page on which its cells are listed."""
        return {mark: href for href, (_, part) in self.parts.items() for mark in part.rows}

    def lead(self, markup: str, page: str | None = None, printed: set[str] | None = None) -> str:
        """Lead the links of figures to their places; one that has none is no link.

        They stand on the page that is named, or else each on the one that lists it. The anchors
        of the figures are added to those printed so far; where a figure is printed for the first
        time it can be found again.
        """

        def led(match: re.Match[str]) -> str:
            mark, shown = match[1], match[2]
            if mark not in self.rows:
                return shown
            first = printed is not None and mark not in printed
            if printed is not None:
                printed.add(mark)
            back = f' id="{PRINTED}{mark}"' if first else ""
            href = self.pages[mark] if page is None else page
            return f'<a class="cells"{back} href="{href}#{mark}">{shown}</a>'

        return _LINK.sub(led, markup)

    def sections(
        self, pages: Mapping[str, tuple[str, set[str]]], level: int = 2
    ) -> Iterator[tuple[str, str]]:
        """Yield id and markup of every indicator: its heading folds out to its figures.

        Each figure folds out to its files, what each adds to it, their sum, and a way back to where
        it is printed: page → its title and the anchors of the figures on it.
        """
        for name, figures in self.figures.items():
            label = entry(name).label[self.lang]
            head = f'<h{level} id="{name}">{escape(label)}</h{level}>'
            count = escape(text("source-figures", self.lang, n=len(figures)))
            told = "".join(_folded(mark, one, _back(mark, pages)) for mark, one in figures.items())
            summary = f"<summary>{head} <span>{count}</span></summary>"
            yield name, f'<details class="all">{summary}{told}</details>'

    def only(self, printed: set[str]) -> Sources:
        """Return the sources of some figures."""
        kept = {
            name: {mark: one for mark, one in figures.items() if mark in printed}
            for name, figures in self.figures.items()
        }
        return replace(self, figures={name: own for name, own in kept.items() if own})


#: Without a page of sources no figure is a link.
NOWHERE = Sources({})


def rows_of(ds: Dataset, year: int, shown: Iterable[str]) -> dict[str, Mapping[Any, Any]]:
    """Return the figures of `Sources.of` by anchor, without listing what they come from."""
    return {anchor(name): row for name, row in _figures(ds, year, figures_in(shown))}


def figures_in(shown: Iterable[str]) -> list[str]:
    """Return the ids of the figures that markup links to, each once."""
    found = (unescape(name) for markup in shown for name in _FIGURE.findall(markup))
    return list(dict.fromkeys(found))


def _figures(
    ds: Dataset, year: int, wanted: Iterable[str]
) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Yield the figures of a year by id, then those of other ids, the latest years first."""
    known = set()
    for frame in register.frames(ds, year):
        for name, row in zip(register.ids(frame), listed(frame), strict=True):
            if row["value"] is not None:
                known.add(anchor(name))
                yield name, row
    others = register.find_all(ds, [name for name in wanted if anchor(name) not in known])
    found = [(n, row) for n, row in others if "year" in row and row["value"] is not None]
    yield from sorted(found, key=lambda figure: -figure[1]["year"])


def _listed(ds: Dataset, year: int, name: str, row: Mapping[Any, Any]) -> Listed:
    where = [
        ", ".join(selection.label(ds, column, value) for value in values)
        for column, values in register.place(name).items()
        if (column, values) != ("year", (str(year),))
    ]
    head = " · ".join([*where, described(row, ds.lang)])
    places: dict[tuple[str | None, str | None], list[Cell]] = {}
    for cell in tracing.cells(ds, row["lineage"]):
        places.setdefault((cell["file"], cell["sheet"]), []).append(cell)
    terms = row["lineage"].terms
    items = [_place(ds, place, cells, terms) for place, cells in places.items()]
    if not items:
        items = [f"<li>{escape(text('source-none', ds.lang))}</li>"]
    elif len(items) > 1:
        every = [cell for cells in places.values() for cell in cells]
        total = escape(text("source-sum", ds.lang))
        items.append(
            f'<li class="total"><span>{total}</span><span class="sum">{_sum(every, terms)}</span>'
            "</li>"
        )
    return Listed(head, row, "".join(items), row.get("member"))


def _folded(mark: str, figure: Listed, back: str) -> str:
    # an anchor inside a folded part makes the browser open it
    files = f'<ul class="files" id="{mark}">{figure.items}{back}</ul>'
    return f"<details><summary>{escape(figure.head)}</summary>{files}</details>"


def _back(mark: str, pages: Mapping[str, tuple[str, set[str]]]) -> str:
    """Return the pages on which a figure is printed as a list item; nothing where it is on none."""
    found = [
        f'<a href="{page}#{PRINTED}{mark}">{escape(title)}</a>'
        for page, (title, printed) in pages.items()
        if mark in printed
    ]
    if not found:
        return ""
    return f'<li class="back">{escape(text("source-back"))} {", ".join(found)}</li>'


def _place(
    ds: Dataset, place: tuple[str | None, str | None], cells: list[Cell], terms: Sequence[Term]
) -> str:
    """Return what a sheet adds to a figure as a list item; its cells fold where they are many."""
    where = " · ".join(filter(None, place)) or text("source-rule", ds.lang)
    told = []
    for role in dict.fromkeys(cell["role"] for cell in cells):
        own = cell_texts([cell for cell in cells if cell["role"] == role], terms)
        named = "" if role == "value" else f"{text(f'role-{role}', ds.lang)}: "
        told.append(named + "; ".join(own))
    listed = escape("; ".join(told))
    shown = f'<span class="of">{listed}</span>'
    if len(cells) > _SHOWN:
        head = escape(text("source-cells", ds.lang, n=len(cells)))
        shown = f'<details class="of"><summary>{head}</summary>{listed}</details>'
    amount = f'<span class="sum">{_sum(cells, terms)}</span>'
    return f"<li><span>{escape(where)}</span>{amount}{shown}</li>"


def _sum(cells: Iterable[Cell], terms: Iterable[Term]) -> str:
    """Return what cells add up to: a value, or numerator and denominator."""
    sums: dict[str, Decimal] = {}
    for cell in cells:
        role = cell["role"]
        sums[role] = sums.get(role, Decimal()) + Decimal(str(cell["value"]))
    if "value" in sums:
        total = sums["value"]
        dates = abs(total) > _DATES and any(term.days for term in terms)
        return _day(total) if dates else _number(total)
    return "/".join(_number(sums.get(role, Decimal())) for role in ("numerator", "denominator"))


#: In Jupyter terms float beside what they mean, and where that is long beside that of others;
#: pages, which have a look of their own, drop it.
_PLAIN = 'style="float:none;width:auto;clear:both"'


def definitions(*names: str | pd.DataFrame, lang: Lang | None = None) -> Block:
    """Return what indicators mean and what is left out.

    Parameters
    ----------
    *names
        Ids in the dictionary; a frame stands for its indicator and for the series that go on
        across breaks within its years.
    lang
        Language of the words; by default the one that is spoken.

    Raises
    ------
    UsageError
        If there is no such indicator.
    """
    parts, plain, ids = [], [], list[str]()
    for one in names:
        frames = [] if isinstance(one, str) else [one, *across_breaks(one)]
        ids += [one] if isinstance(one, str) else [frame.attrs["indicator"] for frame in frames]
    for name in ids:
        about, said = entry(name), lang or language()
        rest = [about.definition[said], about.missing[said]]
        told = " ".join(f"{one}." if not one.endswith(".") else one for one in rest)
        parts.append(f"<dt {_PLAIN}>{escape(about.label[said])}</dt>")
        parts.append(f"<dd {_PLAIN}>{escape(told)}</dd>")
        plain.append(f"{about.label[said]}: {told}")
    return Block(f"<dl>{''.join(parts)}</dl>", "\n".join(plain))


def sources(ds: Dataset, year: int) -> Block:
    """Return whose files of a year the figures come from, with a link to their cells."""
    used = used_in(ds, year)
    members = sum(row["member"] is not None for row in used)
    key = "say-sources-bloc" if members < len(used) else "say-sources"
    told, name = text(key, n=members, bloc=ds.bloc.called), text("page-sources")
    link = f'<a href="{PAGE}">{escape(name)}</a>'
    return Block(f"<p>{escape(told)} {link}.</p>", f"{told} {name}.")
