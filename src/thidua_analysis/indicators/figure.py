"""What one row adds to a figure, and the figure while it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Literal

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import Indicator
from thidua_analysis.messages import text
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.digits import places
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.units import Bound

Number = int | Decimal
Role = Literal["numerator", "denominator", "value"]


@dataclass(frozen=True, slots=True)
class Term:
    """Cells of some rows that are added up to a part of a figure.

    Parameters
    ----------
    role
        Part of the figure: ``numerator``, ``denominator``, or ``value`` where it has no
        denominator.
    table
        Table of the rows.
    rows
        Row ids.
    fields
        Fields whose cells are added.
    weight
        What each cell contributes: its value times this.
    counts
        Whether each cell contributes 1, not its value ("18 targets met").
    days
        Whether a date contributes its day number, as spreadsheets count days.
    """

    role: Role
    table: str
    rows: tuple[str, ...]
    fields: tuple[str, ...]
    weight: int = 1
    counts: bool = False
    days: bool = False


@dataclass(frozen=True, slots=True)
class Deciding:
    """Cells that decide whether and where rows count, without being added up themselves.

    Parameters
    ----------
    table
        Table of the rows.
    rows
        Row ids.
    fields
        Fields by which the rows are chosen, grouped, judged or refused.
    """

    table: str
    rows: frozenset[str]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """An amount that comes from a rule instead of a cell, such as a cap on bonus points."""

    role: Role
    name: str
    amount: Number


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a figure comes from.

    Parameters
    ----------
    terms
        The cells that were added up.
    left_out
        Ids of rows that belong to the figure but lack a cell that it needs.
    partial
        Ids of members of whom a row was left out or lost to an error.
    rules
        Amounts that come from rules.
    decided
        The cells that decide which rows are added up.
    ds
        The dataset that the rows are of.
    """

    terms: tuple[Term, ...] = ()
    left_out: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    decided: tuple[Deciding, ...] = ()
    ds: Dataset | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        """Say how much it names, so that a printed frame stays readable: ``24 dòng, 6 tệp``."""
        lang = self.ds.lang if self.ds else "vi"
        files = {row.partition("#")[0] for row in self.rows}
        return text("lineage-short", lang, rows=len(self.rows), files=len(files))

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of all rows that contribute, each once, in order."""
        return tuple(dict.fromkeys(row for term in self.terms for row in term.rows))


_REVERSED: dict[Bound, Bound] = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def combined(bounds: Iterable[Bound | None]) -> Bound | None:
    """Return the qualifier of a sum: exact + gt = gt; above with below = approx.

    Examples
    --------
    >>> combined([None, "ge", "gt"])
    'gt'
    >>> combined(["gt", "lt"])
    'approx'
    >>> combined([None, None]) is None
    True
    """
    found = {bound for bound in bounds if bound}
    if not found:
        return None
    pairs: tuple[tuple[Bound, Bound], ...] = (("gt", "ge"), ("lt", "le"))
    for strict, loose in pairs:
        if found <= {strict, loose}:
            return strict if strict in found else loose
    return "approx"


def of_difference(now: Bound | None, before: Bound | None) -> Bound | None:
    """Return the qualifier of a change: the bound of the year before is reversed.

    Examples
    --------
    >>> of_difference("gt", None), of_difference(None, "gt"), of_difference("gt", "gt")
    ('gt', 'lt', 'approx')
    """
    return combined([now, _REVERSED.get(before, before) if before else None])


def of_quotient(numerator: Bound | None, denominator: Bound | None) -> Bound | None:
    """Return the qualifier of a share: the bound of the denominator is reversed.

    Examples
    --------
    >>> of_quotient(None, "gt")
    'lt'
    """
    return combined([numerator, _REVERSED.get(denominator, denominator) if denominator else None])


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
    text: str = NONE
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
