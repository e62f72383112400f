"""Strings to values: text, numbers and dates as people in Vietnam write them."""

from __future__ import annotations

from thidua_analysis.vietnamese.cell_text import Text, may_be_legacy, read_text, supporting_words
from thidua_analysis.vietnamese.dates import DateResult, column_swapped, parse_date
from thidua_analysis.vietnamese.numbers import Number, column_has_dot_decimals
from thidua_analysis.vietnamese.text import clean, key

__all__ = [
    "DateResult",
    "Number",
    "Text",
    "clean",
    "column_has_dot_decimals",
    "column_swapped",
    "key",
    "may_be_legacy",
    "parse_date",
    "read_text",
    "supporting_words",
]
