"""Where figures come from: the cells behind each, the files of a year, what the measures mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape, unescape
from typing import Any, Self

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators import described, entry, functions, selection
from thidua_analysis.indicators.figure import Term
from thidua_analysis.indicators.selection import listed
from thidua_analysis.lineage import register, tracing
from thidua_analysis.lineage.register import PREFIX, anchor
from thidua_analysis.messages import text
from thidua_analysis.publish.html import Block, table_block
from thidua_analysis.vietnamese.digits import places
from thidua_analysis.vietnamese.display import MINUS, date, number

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
_FIGURE = re.compile(r'<a class="cells" [^>]*data-figure="([^"]*)"')
_LINK = re.compile(f'<a class="cells" href="#({PREFIX}[0-9a-f]+)"[^>]*>(.*?)</a>', re.S)

Place = tuple[str | None, str | None, str]


@dataclass(frozen=True)
class Sources:
    """The cells behind the figures of a report."""

    #: id of every indicator → its figures as markup
    sections: Mapping[str, str]
    #: anchors of the figures that have a place
    anchors: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ds: Dataset, year: int, shown: Iterable[str] = ()) -> Self:
        """List every figure of a year, and every other one that markup links to."""
        sections = dict(_sections(ds, year, figures_in(shown)))
        marks = re.findall(f' id="({PREFIX}[0-9a-f]+)"', "".join(sections.values()))
        return cls(sections, frozenset(marks))

    def lead(self, markup: str) -> str:
        """Lead the links of figures to their places; one that has none is no link any more."""
        return _LINK.sub(self._led, markup)

    def _led(self, match: re.Match[str]) -> str:
        if match[1] not in self.anchors:
            return match[2]
        return f'<a class="cells" href="{PAGE}#{match[1]}">{match[2]}</a>'


#: Without a page of sources no figure is a link.
NOWHERE = Sources({})


def figures_in(shown: Iterable[str]) -> list[str]:
    """Return the ids of the figures that markup links to, each once."""
    found = (unescape(name) for markup in shown for name in _FIGURE.findall(markup))
    return list(dict.fromkeys(found))


def _sections(ds: Dataset, year: int, wanted: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield id of every indicator, in the order of the dictionary, with its figures as markup.

    Each figure folds out to its cells: ``2023/ldld.xlsx, Chỉ tiêu (tử số): H9 = 3666``. Figures
    without a value have no cells and are left out.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in functions()}
    for name, row in _figures(ds, year, wanted):
        found[row["indicator"]].setdefault(anchor(name), _figure(ds, year, name, row))
    for indicator, figures in found.items():
        if figures:
            heading = escape(entry(indicator).label[ds.lang])
            yield indicator, f'<h2 id="{indicator}">{heading}</h2>{"".join(figures.values())}'


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
    found = [(n, row.to_dict()) for n, row in others if "year" in row and row["value"] is not None]
    yield from sorted(found, key=lambda figure: -figure[1]["year"])


def _figure(ds: Dataset, year: int, name: str, row: Mapping[Any, Any]) -> str:
    where = [
        ", ".join(selection.label(ds, column, value) for value in values)
        for column, values in register.place(name).items()
        if (column, values) != ("year", (str(year),))
    ]
    head = " · ".join([*where, described(row, ds.lang)])
    places: dict[Place, list[Mapping[str, Any]]] = {}
    for cell in tracing.cells(ds, row["lineage"]):
        place = (cell["file"], cell["sheet"], cell["role"])
        places.setdefault(place, []).append(cell)
    terms = row["lineage"].terms
    items = "".join(_place(ds, place, cell_texts(cells, terms)) for place, cells in places.items())
    items = items or f"<li>{escape(text('source-none', ds.lang))}</li>"
    # an anchor inside a folded part makes the browser open it
    listed_cells = f'<ul id="{anchor(name)}">{items}</ul>'
    return f"<details><summary>{escape(head)}</summary>{listed_cells}</details>"


def _place(ds: Dataset, place: Place, cells: list[str]) -> str:
    file, sheet, role = place
    where = ", ".join(filter(None, [file, sheet])) or text("source-rule", ds.lang)
    told = text(f"role-{role}", ds.lang)
    return f"<li>{escape(f'{where} ({told}): ' + '; '.join(cells))}</li>"


def definitions(*names: str) -> Block:
    """Return what indicators mean and what is left out.

    Parameters
    ----------
    *names
        Ids in the dictionary.

    Raises
    ------
    UsageError
        If there is no such indicator.
    """
    parts, plain = [], []
    for name in names:
        about = entry(name)
        rest = [about.definition["vi"], about.missing["vi"]]
        told = " ".join(f"{one}." if not one.endswith(".") else one for one in rest)
        parts.append(f"<dt>{escape(about.label['vi'])}</dt><dd>{escape(told)}</dd>")
        plain.append(f"{about.label['vi']}: {told}")
    return Block(f"<dl>{''.join(parts)}</dl>", "\n".join(plain))


def sources(ds: Dataset, year: int) -> Block:
    """Return the files of a year that the figures come from."""
    own = text("sender-bloc", bloc=ds.bloc.called.capitalize())
    selection = [
        {
            text("column-file"): row["file"],
            text("column-sender"): ds.bloc.member(row["member"]).short if row["member"] else own,
            text("column-revision"): row["revision"],
            text("column-as-of"): date(row["as_of"]),
            text("column-hash"): str(row["sha256"])[:12],
        }
        for row in ds.records("submissions")
        if row["used"] and row["year"] == year
    ]
    return table_block(selection, text("table-sources", year=year))
