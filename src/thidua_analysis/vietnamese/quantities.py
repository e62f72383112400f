"""What a number is once read, and what its column asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from .literals import EXACT
from .units import DONG, PERCENT, Bound, Unit, read_unit

Kind = Literal["count", "number", "money", "percent", "rank"]
#: code of a finding, and its severity where it differs from the usual one
Code = tuple[str, Literal["error", "warning", "note"] | None]
RANK = "hạng"


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from a cell, or why there is none.

    Parameters
    ----------
    value
        int where whole, else Decimal; money in đồng. None where missing or rejected.
    codes
        Findings as (code, severity); severity None means the code's usual one.
    bound
        ``ge``, ``gt``, ``le``, ``lt`` or ``approx`` where a word such as "trên" stood before.
    remark
        Text that stood in brackets behind the number.
    suggestion
        What may have been meant; two proposals are parted by ``"; "``.
    missing
        The cell says that there is no value ("-", "…", "x", blank).
    fraction
        The two numbers of "25/82".
    letters
        Letters that were typed for digits: the "O" of "2O".
    """

    value: int | Decimal | None
    codes: tuple[Code, ...] = ()
    bound: Bound | None = None
    remark: str | None = None
    suggestion: str | None = None
    missing: bool = False
    fraction: tuple[int, int] | None = None
    letters: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What the column and the row ask for.

    ``by_row`` is whether the row's own unit names the scale, and not the heading.
    """

    kind: Kind
    unit: Unit
    dot_decimals: bool = False
    by_row: bool = False

    @property
    def is_percent(self) -> bool:
        """Whether values are percentages."""
        return self.unit.base == PERCENT

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers from 0 make sense."""
        return self.kind in ("count", "rank")


@lru_cache(maxsize=1024)
def column(
    kind: Kind,
    unit: str | None,
    scale: int = 1,
    dot_decimals: bool = False,
    by_heading: bool = False,
) -> Column:
    """Combine the kind of a column, the unit of the row and the scale in the heading.

    "Đơn vị: triệu đồng" above a table and the same in the heading scale once, so a unit that
    has a scale of its own takes the place of the heading's.

    Raises
    ------
    ValueError
        If the scale is no power of ten.
    """
    if scale != 10 ** _zeros(scale):
        raise ValueError(f"scale is no power of ten: {scale}")
    named = read_unit(unit or "")
    by_row = named.scale > 1 and not by_heading
    if kind == "percent":
        named = Unit(1, PERCENT)
    elif kind == "rank":
        named = Unit(1, RANK)
    elif kind == "money":
        named = Unit(named.scale if named.scale > 1 and named.base == DONG else scale, DONG)
    elif named.scale == 1:
        named = Unit(scale, named.base)
    return Column(kind, named, dot_decimals, by_row)


def rejected(
    code: str, suggestion: str | None = None, fraction: tuple[int, int] | None = None
) -> Number:
    """Return a number without value, with an error."""
    return Number(None, ((code, "error"),), suggestion=suggestion, fraction=fraction)


def whole(value: Decimal) -> int | Decimal:
    """Return an int where the value is whole; else the Decimal with the digits as typed."""
    return int(value) if value == value.to_integral_value(context=EXACT) else value


def scaled(value: Decimal, typed: Unit | None, asked: Column) -> Decimal:
    """Bring a value to the column's result, exactly.

    Parameters
    ----------
    value
        As its digits say.
    typed
        The unit behind the digits where it names a scale of its own, else None.
    asked
        The column: money comes out in đồng, everything else in the column's unit.
    """
    column_zeros = _zeros(asked.unit.scale)
    if typed is None:
        return value.scaleb(column_zeros if asked.kind == "money" else 0, context=EXACT)
    zeros = _zeros(typed.scale) - (0 if asked.kind == "money" else column_zeros)
    return value.scaleb(zeros, context=EXACT)


def _zeros(scale: int) -> int:
    return len(str(scale)) - 1


def as_typed(value: Decimal) -> str:
    """Write a value without grouping and with a decimal comma, for suggestions."""
    text = f"{value:f}".replace(".", ",")
    return text.rstrip("0").rstrip(",") if "," in text else text


def complaint(value: int | Decimal, asked: Column, signed: bool = False) -> Number | None:
    """Return the error of a value that its column cannot hold, if any.

    Parameters
    ----------
    value
        In the column's unit.
    asked
        The column.
    signed
        The cell itself says per cent, by a sign or by its number format.
    """
    if asked.is_whole and isinstance(value, Decimal):
        return rejected("number-not-integer")
    if asked.is_whole and value < 0:
        return rejected("number-negative")
    if asked.kind == "rank" and value == 0:
        return rejected("number-format")
    if asked.is_percent and not signed and isinstance(value, Decimal) and -1 < value < 1:
        percent = as_typed(value.scaleb(2, context=EXACT))
        return rejected("number-percent-scale", f"{as_typed(value)}%; {percent}%")
    return None
