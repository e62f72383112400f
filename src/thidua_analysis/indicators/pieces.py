"""What one row adds to a figure, and the figure while it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators import printing
from thidua_analysis.indicators.bounds import combined
from thidua_analysis.indicators.lineage import Lineage, Number, Role
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.units import Bound

Key = tuple[Any, ...]
_TO_28 = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Cells:
    """Fields of a row that are added to one part of a figure; see `Term`."""

    role: Role
    fields: tuple[str, ...]
    weight: int = 1
    counts: bool = False
    days: bool = False
    #: table of the row, where it is not that of the indicator
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What one row adds to a figure.

    Parameters
    ----------
    row
        The row.
    numerator, denominator
        Amounts that it adds; the numerator is None where the row does not have what the figure
        needs: then it is left out and named, and a denominator says how much is not covered.
    cells
        The cells that these amounts stand in.
    bounds
        Qualifiers of numerator and denominator.
    lost
        Whether one of these cells was refused for an error, so that the amounts are too low.
    """

    row: Record
    numerator: Number | None
    denominator: Number | None = None
    cells: tuple[Cells, ...] = ()
    bounds: tuple[Bound | None, Bound | None] = (None, None)
    lost: bool = False

    @property
    def usable(self) -> bool:
        """Whether the row enters the figure."""
        return self.numerator is not None


@dataclass
class Figure:
    """One figure while it is made: what went in, and what came out."""

    key: Key
    pieces: list[Piece] = field(default_factory=list)
    numerator: Number | None = None
    denominator: Number | None = None
    value: Number | None = None
    text: str = printing.NONE
    unit: str = ""
    expected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    bound: Bound | None = None
    comparable: bool = True
    reason: str | None = None
    lineage: Lineage = field(default_factory=Lineage)

    @property
    def used(self) -> list[Piece]:
        """Pieces that enter."""
        return [piece for piece in self.pieces if piece.usable]

    @property
    def uncovered(self) -> Number:
        """What the denominator lacks: that of rows that were left out, as far as it is known."""
        left_out = (piece.denominator for piece in self.pieces if not piece.usable)
        return sum((amount for amount in left_out if amount is not None), 0)


def stands_alone(ds: Dataset, figure: Figure) -> bool:
    """Whether a figure that is never added is of one row; else it loses its value."""
    if len(figure.used) <= 1:
        return True
    figure.value = figure.numerator = figure.denominator = None
    figure.reason = text("why-list", ds.lang)
    return False


def amount(row: Record, fields: Iterable[str]) -> Number | None:
    """Sum of the fields that are given; None where none is.

    Examples
    --------
    >>> amount({"collectives": 2, "households": None}, ["collectives", "households"])
    2
    """
    given = [row[name] for name in fields if row.get(name) is not None]
    return sum(given) if given else None


def whole(row: Record, fields: Iterable[str]) -> Number | None:
    """Sum of the fields; None where one is not given."""
    values = [row.get(name) for name in fields]
    return None if any(v is None for v in values) else sum(v for v in values if v is not None)


def bound(row: Record, fields: Iterable[str]) -> Bound | None:
    """Return the qualifier of the sum of some fields."""
    return combined(row.get(f"{name}_bound") for name in fields)


def summed(row: Record, *fields: str, role: Role = "value") -> Piece:
    """Piece that adds the fields that are given."""
    cells = (Cells(role, fields),)
    return Piece(row, amount(row, fields), None, cells, (bound(row, fields), None))


def shared(
    row: Record,
    numerator: tuple[str, ...],
    denominator: tuple[str, ...],
    *,
    usable: bool = True,
) -> Piece:
    """Piece that adds to a share; it enters only with both parts given."""
    upper, lower = whole(row, numerator), whole(row, denominator)
    cells = (Cells("numerator", numerator), Cells("denominator", denominator))
    bounds = (bound(row, numerator), bound(row, denominator))
    if lower == 0 and not any(row.get(name) for name in numerator):
        upper, usable = 0, True  # nobody of nobody: the row lacks nothing
    if not usable or upper is None or lower is None:
        return Piece(row, None, lower, cells, bounds)
    return Piece(row, upper, lower, cells, bounds)


def quotient(numerator: Number, denominator: Number) -> Decimal:
    """Return 100 · n / d to 28 digits; texts and changes are made from the exact parts."""
    share = Fraction(numerator) * 100 / Fraction(denominator)
    return _TO_28.divide(Decimal(share.numerator), Decimal(share.denominator))
