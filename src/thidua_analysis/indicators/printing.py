"""Figures as they are printed: rounded once, half up, with their qualifier."""

from __future__ import annotations

from thidua_analysis.indicators.dictionary import Indicator
from thidua_analysis.indicators.lineage import Number
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.literals import places
from thidua_analysis.vietnamese.units import Bound

NONE = display.NO_VALUE


def figure(
    about: Indicator,
    numerator: Number | None,
    denominator: Number | None,
    value: Number,
    bound: Bound | None,
    lang: Lang,
) -> str:
    """Return a figure as text.

    A share of few is printed as its counts; so is a rank, and a count out of a count.
    """
    if about.kind in ("share", "ratio") and about.unit.vi == "%":
        printed = _percent(about, numerator, denominator, value, lang)
    elif about.kind in ("rank", "share"):
        printed = f"{plain(numerator or 0, 0, lang)}/{plain(denominator or 0, 0, lang)}"
    elif about.kind == "amount":
        printed = display.money(value, about.decimals, lang)
    else:
        printed = plain(value, about.decimals, lang)
    return display.bounded(printed, bound, lang)


def plain(value: Number, decimals: int, lang: Lang) -> str:
    """Return a number; a count that is not whole keeps the decimals that it has."""
    if decimals == 0 and value != int(value):
        decimals = places(value)
    return display.number(value, decimals, lang)


def _percent(
    about: Indicator,
    numerator: Number | None,
    denominator: Number | None,
    value: Number,
    lang: Lang,
) -> str:
    if numerator is None or denominator is None:
        return f"{display.number(value, about.decimals, lang)}%"
    if denominator < about.counts_below:
        return f"{plain(numerator, 0, lang)}/{plain(denominator, 0, lang)}"
    return display.percent(numerator, denominator, about.decimals, lang)
