"""The page of sources: the cells behind every figure of a report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any, Self

from thidua_analysis import lineage, register
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators import described, entry, functions, names
from thidua_analysis.indicators.rows import listed
from thidua_analysis.links import PREFIX, anchor
from thidua_analysis.messages import text
from thidua_analysis.publish.cell_texts import cell_texts

#: The page of a report that lists the cells behind every figure.
PAGE = "nguon-so-lieu.html"
_FIGURE = re.compile(r'<a class="cells" [^>]*data-figure="([^"]*)"')
_LINK = re.compile(f'<a class="cells" href="#({PREFIX}[0-9a-f]+)"[^>]*>(.*?)</a>', re.S)

Place = tuple[str | None, str | None, str]


@dataclass(frozen=True)
class Sources:
    """The cells behind the figures of a report.

    Parameters
    ----------
    sections
        Id of every indicator → its figures as markup.
    anchors
        Anchors of the figures that have a place.
    """

    sections: Mapping[str, str]
    anchors: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ds: Dataset, year: int, shown: Iterable[str] = ()) -> Self:
        """List every figure of a year, and every other one that pages link to.

        Parameters
        ----------
        ds
            The dataset up to the year.
        year
            The year of the report.
        shown
            Markup whose links name figures: of earlier years, or in other breakdowns.
        """
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

    Raises
    ------
    UsageError
        If there are no data of the year.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in functions()}
    for name, row in _of_year(ds, year):
        found[row["indicator"]].setdefault(anchor(name), _figure(ds, year, name, row))
    known = {mark for figures in found.values() for mark in figures}
    for name, other in _others(ds, [name for name in wanted if anchor(name) not in known]):
        found[other["indicator"]].setdefault(anchor(name), _figure(ds, year, name, other))
    for indicator, figures in found.items():
        if figures:
            heading = escape(entry(indicator).label[ds.lang])
            yield indicator, f'<h2 id="{indicator}">{heading}</h2>{"".join(figures.values())}'


def _of_year(ds: Dataset, year: int) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    for frame in register.frames(ds, year):
        for name, row in zip(register.ids(frame), listed(frame), strict=True):
            if row["value"] is not None:
                yield name, row


def _others(ds: Dataset, wanted: list[str]) -> list[tuple[str, Mapping[Any, Any]]]:
    """Return the figures of other ids, the latest years first; ids of no figure are left out."""
    found = register.find_all(ds, wanted)
    known = [(n, row.to_dict()) for n, row in found if "year" in row and row["value"] is not None]
    return sorted(known, key=lambda figure: -figure[1]["year"])


def _figure(ds: Dataset, year: int, name: str, row: Mapping[Any, Any]) -> str:
    where = [
        ", ".join(names.label(ds, column, value) for value in values)
        for column, values in register.place(name).items()
        if (column, values) != ("year", (str(year),))
    ]
    head = " · ".join([*where, described(row, ds.lang)])
    places: dict[Place, list[Mapping[str, Any]]] = {}
    for cell in lineage.cells(ds, row["lineage"]):
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
