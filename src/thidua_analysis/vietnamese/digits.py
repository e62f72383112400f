"""The digits of a number: Vietnamese separators, and the foreign ones that are recognised."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import wraps
from typing import Any, Literal, TypeVar, cast

#: no rounding for any number that fits a cell's text
EXACT = Context(prec=400)
#: longer than any number somebody types; also keeps int() within its limit of digits
_LONGEST = 100

Called = TypeVar("Called", bound=Callable[..., Any])


def exactly(function: Called) -> Called:
    """Let a function add, subtract and multiply without rounding.

    The usual context keeps 28 digits, a number of 15 digits and 18 decimals has 33. What divides
    in it must say to how many digits.
    """

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return cast("Called", run)


def places(value: int | Decimal) -> int:
    """Count the decimals of a number, without zeros at its end.

    >>> places(5), places(Decimal("1.50"))
    (0, 1)
    """
    return max(0, -int(Decimal(value).normalize(EXACT).as_tuple().exponent))


Style = Literal["plain", "one-dot", "one-comma", "vietnamese", "us", "dot-decimal", "space"]

#: tried in this order; (style, pattern, sign of the group, sign of the decimals)
_STYLES: tuple[tuple[Style, re.Pattern[str], str, str], ...] = (
    ("plain", re.compile(r"[0-9]+"), "", ""),
    ("one-dot", re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}"), ".", ""),
    ("one-comma", re.compile(r"[1-9][0-9]{0,2},[0-9]{3}"), "", ","),
    ("vietnamese", re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?|[0-9]+,[0-9]+"), ".", ","),
    ("us", re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?"), ",", "."),
    ("dot-decimal", re.compile(r"[0-9]+\.[0-9]+"), "", "."),
    (
        "space",
        re.compile(r"[1-9][0-9]{0,2}( [0-9]{3})+,[0-9]+|[1-9][0-9]{0,2}( [0-9]{3})+"),
        " ",
        ",",
    ),
)
_CODES: dict[Style, str] = {
    "us": "number-us-format",
    "dot-decimal": "number-dot-decimal",
    "space": "number-space-group",
}
_MINUS = ("-", "\u2212", "\u2013")


@dataclass(frozen=True, slots=True)
class Digits:
    """A number as its digits say it, before any unit."""

    value: Decimal
    style: Style

    @property
    def code(self) -> str | None:
        """The finding that the style of writing deserves."""
        return _CODES.get(self.style)


def read_digits(text: str) -> Digits | None:
    """Read digits with their separators and a sign; None where they follow no known grammar.

    A group never begins with 0, so that ``0.700`` is a decimal.
    """
    if len(text) > _LONGEST:
        return None
    negative = text.startswith(_MINUS)
    body = text[1:] if negative else text
    for style, pattern, group, decimals in _STYLES:
        if pattern.fullmatch(body):
            plain = body.replace(group, "") if group else body
            plain = plain.replace(decimals, ".") if decimals else plain
            return Digits(Decimal(f"-{plain}" if negative else plain), style)
    return None
