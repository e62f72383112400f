"""Key figures of a year as cards: value, change and coverage of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import wording
from thidua_analysis.charts.figures import read
from thidua_analysis.charts.measure import measure
from thidua_analysis.dataset import Dataset
from thidua_analysis.links import link, marked, markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import Block
from thidua_analysis.vietnamese.display import NO_VALUE

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
    cards = [_card(frame, year) for frame in _frames(ds, year)]
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


def _card(frame: pd.DataFrame, year: int) -> tuple[str, str, list[str], str]:
    """Return name, value, further words and id; a dash and the reason where there is no value."""
    name = measure(str(frame.attrs["indicator"]))
    if frame.empty:
        return name, NO_VALUE, [text("said-no-value", year=year)], ""
    figures = read(frame)
    one = figures.series[0]
    name = wording.name_of_one(figures)
    point = next((p for p in one.points if p.year == year), None)
    if point is None or point.value is None:
        why = point.reason if point else ""
        said = text("said-refused" if why else "said-no-value", year=year, reason=why)
        cover = [wording.coverage([point])] if point and point.expected else []
        return name, NO_VALUE, [said, *cover], ""
    plain = point.unit in ("%", "đồng")
    value = point.text if plain else f"{point.text} {point.unit}"
    more = [marked(wording.parts(point), point.id)] if point.unit == "%" else []
    if one.change(year) is not None:
        key = "card-change" if one.change(year) else "card-same"
        more.append(text(key, change=wording.signed_of(one, year), year=year - 1))
    elif why := wording.why_no_change(one, year):
        more.append(text("card-no-change", year=year - 1, reason=why))
    more.append(wording.coverage([point]))
    return name, value, more, point.id
