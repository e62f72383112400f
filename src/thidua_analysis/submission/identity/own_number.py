"""A whole number typed with words of its own label: "Lần 2" beside "Lần gửi"."""

from __future__ import annotations

import re

from thidua_analysis.form import Field
from thidua_analysis.vietnamese.text import key

_SAID = re.compile(r"([^0-9]*[^0-9\s])\s*([0-9]{1,4})")
_DIGITS = re.compile("[0-9]+")


def own_number(text: str, asked: Field) -> str | None:
    """Return the number of a text that says nothing else but how its label begins.

    Parameters
    ----------
    text
        What was typed: "Lần 2", "Lần gửi 2", "Năm báo cáo 2023".
    asked
        The field.
    """
    said = _SAID.fullmatch(key(text))
    if said is None or int(said[2]) == 0:
        return None
    labels = (f"{key(label)} " for label in (asked.heading, *asked.aliases))
    return said[2] if any(label.startswith(f"{said[1]} ") for label in labels) else None


def only_number(text: str) -> str | None:
    """Return the only number in a text, to be proposed: "2" in "Lần thứ 2"."""
    numbers = _DIGITS.findall(text)
    number = int(numbers[0]) if len(numbers) == 1 and len(numbers[0]) <= 4 else 0
    return str(number) if number else None
