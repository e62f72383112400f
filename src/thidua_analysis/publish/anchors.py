"""Links from a printed figure to the place on the page of sources that lists its cells."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from thidua_analysis.indicators import entry
from thidua_analysis.indicators.rows import listed
from thidua_analysis.register import figure_id, told

#: The page of a report that lists the cells behind every figure.
PAGE = "nguon-so-lieu.html"
_MARK = "so-"


def anchor(indicator: str, where: Mapping[str, Any]) -> str:
    """Return the anchor of a figure, whatever the order of its breakdowns.

    Examples
    --------
    >>> anchor("rank", {"year": 2023, "member": "ldld"})
    'so-268ef46636b4'
    """
    name = figure_id(indicator, dict(sorted(where.items())))
    return _MARK + hashlib.sha256(name.encode()).hexdigest()[:12]


def links(frame: pd.DataFrame) -> list[str | None]:
    """Return for every row of a frame of figures the link to its cells.

    None for figures of earlier years and for breakdowns that the dictionary does not list: the
    page of sources does not hold them. In Jupyter, where there is no such page, the links stay
    within the notebook; `on_page` leads them to it.
    """
    return [_link(frame, row) for row in listed(frame)]


def on_page(markup: str) -> str:
    """Lead the links of figures to the page of sources."""
    return markup.replace(f'href="#{_MARK}', f'href="{PAGE}#{_MARK}')


def _link(frame: pd.DataFrame, row: Mapping[str, Any]) -> str | None:
    ds = row["lineage"].ds
    if ds is None or not ds.years or row["value"] is None:
        return None
    where = {"year": row.get("year"), **told(frame), **{n: row[n] for n in frame.attrs["by"]}}
    if where["year"] is None and len(ds.years) == 1:
        where["year"] = ds.years[0]
    single = all(isinstance(value, str | int) for value in where.values())
    shown = [set(by) for by in entry(row["indicator"]).shown]
    if where["year"] != ds.years[-1] or not single or set(where) not in shown:
        return None
    return f"#{anchor(row['indicator'], where)}"
