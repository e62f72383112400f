"""Key figures of a year as cards: value, change and coverage of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import wording
from thidua_analysis.charts.figures import read
from thidua_analysis.dataset import Dataset
from thidua_analysis.links import link, marked, markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import Block

#: Everything up to the last digit of a printed value; its unit follows.
_NUMBER = re.compile(r".*\d%?")


def key_figures(ds: Dataset, year: int) -> Block:
    """Return the figures that open the report.

    Parameters
    ----------
    ds
        The dataset, with the year before for the changes.
    year
        The year.
    """
    cards = [card for frame in _frames(ds, year) if (card := _card(frame, year))]
    items = "".join(
        f'<li><span class="label">{escape(name)}</span>'
        f'<span class="value">{_value(value, figure)}</span>'
        + "".join(f'<span class="more">{markup(one)}</span>' for one in more)
        + "</li>"
        for name, value, more, figure in cards
    )
    plain = "\n".join(f"{name}: {value} ({' · '.join(more)})" for name, value, more, _ in cards)
    return Block(f'<ul class="cards">{items}</ul>', unmarked(plain))


def _value(shown: str, figure: str) -> str:
    """Return a value as markup: its number large and a link, its unit small, neither broken."""
    found = _NUMBER.match(shown)
    end = found.end() if found else len(shown)
    number, unit = link(shown[:end], figure), shown[end:].strip()
    return f'{number} <span class="unit">{escape(unit)}</span>' if unit else number


def _frames(ds: Dataset, year: int) -> Iterator[pd.DataFrame]:
    near = ds.filter(year=[y for y in ds.years if year - 1 <= y <= year])
    yield indicators.commendations(near, by=("year",))
    yield indicators.non_leader_share(near, by=("year",))
    yield indicators.women_share(near, by=("year",))
    yield indicators.targets_met(near, by=("year",))
    yield indicators.initiatives_recognized(near, by=("year", "level"), level="unit")
    yield indicators.result_value(near, by=("year",))
    yield indicators.movements(near, by=("year",))


def _card(frame: pd.DataFrame, year: int) -> tuple[str, str, list[str], str] | None:
    if frame.empty:
        return None
    figures = read(frame)
    point = figures.series[0].at(year)
    if point is None:
        return None
    change = figures.series[0].change(year)
    plain = point.unit in ("%", "đồng")
    more = [point.text if plain else f"{point.text} {point.unit}"]
    value = more.pop()
    if point.unit == "%":
        more.append(marked(wording.parts(point), point.id))
    if change is not None and figures.indicator != "targets_met":
        key = "card-change" if change else "card-same"
        more.append(text(key, change=wording.signed(change, figures), year=year - 1))
    more.append(text("chart-coverage", reporting=point.reporting, expected=point.expected))
    return wording.name_of_one(figures), value, more, point.id
