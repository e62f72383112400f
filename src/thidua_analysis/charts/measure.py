"""Names and definitions of indicators, from the dictionary."""

from __future__ import annotations

from thidua_analysis.indicators.dictionary import dictionary


def measure(indicator: str) -> str:
    """Return the name of an indicator as it is printed."""
    entry = dictionary().get(indicator)
    return entry.label["vi"] if entry else indicator


def definition(indicator: str) -> str:
    """Return what an indicator means; nothing for one that the dictionary does not have."""
    entry = dictionary().get(indicator)
    return entry.definition["vi"] if entry else ""
