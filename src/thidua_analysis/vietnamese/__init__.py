"""Strings to values: text, numbers and dates as people in Vietnam write them."""

from __future__ import annotations

from .dates import DateResult, column_swapped, parse_date
from .legacy import may_be_legacy, supporting_words
from .numbers import Number, column_has_dot_decimals
from .reading import Text, read_text
from .text import clean, key

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
