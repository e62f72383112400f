"""The page of sources: the cells behind every figure of a year, in the order of the dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import pandas as pd

from thidua_analysis import lineage, register
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators import described, entry, names
from thidua_analysis.indicators.rows import listed
from thidua_analysis.messages import text
from thidua_analysis.publish.anchors import anchor

Place = tuple[str | None, str | None, str]


def sections(ds: Dataset, year: int) -> Iterator[tuple[str, str]]:
    """Yield id of every indicator with the figures of a year as markup.

    Each figure folds out to its cells: ``2023/ldld.xlsx, Chỉ tiêu (tử số): H9 = 3666``. Figures
    without a value have no cells and are left out.

    Raises
    ------
    UsageError
        If there are no data of the year.
    """
    found: dict[str, list[str]] = {}
    for frame in register.frames(ds, year):
        figures = found.setdefault(frame.attrs["indicator"], [])
        figures += [_figure(ds, frame, row) for row in listed(frame) if row["value"] is not None]
    for indicator, figures in found.items():
        if figures:
            heading = escape(entry(indicator).label[ds.lang])
            yield indicator, f'<h2 id="{indicator}">{heading}</h2>{"".join(figures)}'


def _figure(ds: Dataset, frame: pd.DataFrame, row: Mapping[str, Any]) -> str:
    by = frame.attrs["by"]
    where = [names.label(ds, name, row[name]) for name in by if name != "year"]
    head = " · ".join([*where, described(row, ds.lang)])
    places: dict[Place, list[str]] = {}
    for cell in lineage.cells(ds, row["lineage"]):
        place = (cell["file"], cell["sheet"], cell["role"])
        places.setdefault(place, []).append(_cell(cell))
    items = "".join(_place(ds, place, cells) for place, cells in places.items())
    mark = anchor(row["indicator"], {name: row[name] for name in by})
    # an anchor inside a folded part makes the browser open it
    return f'<details><summary>{escape(head)}</summary><ul id="{mark}">{items}</ul></details>'


def _place(ds: Dataset, place: Place, cells: list[str]) -> str:
    file, sheet, role = place
    where = ", ".join(filter(None, [file, sheet])) or text("source-rule", ds.lang)
    told = text(f"role-{role}", ds.lang)
    return f"<li>{escape(f'{where} ({told}): ' + '; '.join(cells))}</li>"


def _cell(cell: Mapping[str, Any]) -> str:
    """Return a cell with what it adds: ``H9 = 3666``, and the text where it says otherwise."""
    typed, adds = cell["typed"], str(cell["value"])
    shown = f" “{typed}”" if typed is not None and typed not in (adds, adds.lstrip("-")) else ""
    return f"{cell['cell'] or ''}{shown} = {adds}".lstrip(" =")
