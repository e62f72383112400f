"""A figure while it is made: what each row adds, where it comes from, how it is printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import Indicator
from thidua_analysis.messages import text
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import NO_VALUE, Lang
from thidua_analysis.vietnamese.quantities import Bound, places

Number = int | Decimal
Role = Literal["numerator", "denominator", "value"]
Key = tuple[Any, ...]

#: Type of a column → columns of frames that are made of figures. Texts are found out by
#: themselves; what says yes or no, and may be unknown, is one of three.
_KINDS: dict[Any, tuple[str, ...]] = {
    "float64": (
        *("change", "percent", "least", "median", "greatest", "mix", "rate", "total", "margin"),
        *("score_change", "weight_change", "max_score", "self", "cross", "appraised", "gap"),
    ),
    "int64": ("year", "first", "last", "count", "without", "place", "among"),
    "Int64": ("rank", "voted_rank", "moved"),
    "bool": ("comparable", "tied", "uncertain", "explained"),
    "boolean": ("differs", "passes"),
}
_KIND_OF = {column: kind for kind, columns in _KINDS.items() for column in columns}
_REVERSED: dict[Bound, Bound] = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TO_28 = Context(prec=28)


def framed(
    rows: Iterable[Any], columns: Iterable[str], attrs: Mapping[Any, Any] | None = None
) -> pd.DataFrame:
    """Return rows that are made of figures as a frame with the types that pandas computes with.

    What is printed of them stands in columns of its own, made from the exact values.
    """
    made = pd.DataFrame(rows, columns=[*columns], dtype=object)
    for name, values in made.items():
        words = "str" if all(isinstance(value, str) for value in values) else object
        made[name] = values.astype(_KIND_OF.get(str(name), words))
    made.attrs = dict(attrs or {})
    return made


@dataclass(frozen=True, slots=True)
class Term:
    """Cells of some rows that are added up to a part of a figure.

    Each cell adds its value times ``weight``; or 1 where it ``counts`` ("18 targets met"), or
    its day number, as spreadsheets count days, where it gives ``days``. A term of one row, which
    a `Piece` has, names neither rows nor, where it is that of the indicator, the table.
    """

    role: Role
    fields: tuple[str, ...]
    weight: int = 1
    counts: bool = False
    days: bool = False
    table: str = ""
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deciding:
    """Fields by which rows are chosen, grouped, judged or refused, without being added up."""

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

    ``left_out`` are the rows that belong to the figure but lack a cell that it needs, ``partial``
    the members of whom a row was left out or lost to an error, ``decided`` the cells that decide
    which rows are added up, ``ds`` the dataset that the rows are of.
    """

    terms: tuple[Term, ...] = ()
    left_out: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    decided: tuple[Deciding, ...] = ()
    ds: Dataset | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        """Say how much it names, so that a printed frame stays readable: ``24 dòng, 6 tệp``."""
        lang = self.ds.lang if self.ds else None
        files = {row.partition("#")[0] for row in self.rows}
        return text("lineage-short", lang, rows=len(self.rows), files=len(files))

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of all rows that contribute, each once, in order."""
        return tuple(dict.fromkeys(row for term in self.terms for row in term.rows))


#: What a figure prints is made from these, not from the floats that stand in a frame.
EXACT_PARTS = ("numerator", "denominator", "value", "uncovered")


class FigureId(str):
    """The id of a figure as it stands in a frame: a text that knows the exact figure.

    What leaves the program (a pickle, a Parquet file) is the text alone.
    """

    __slots__ = ("exact", "lineage")
    lineage: Lineage
    exact: dict[str, Number | None]

    @classmethod
    def of(cls, text: str, lineage: Lineage, exact: dict[str, Number | None]) -> FigureId:
        """Make the id of a figure."""
        made = cls(text)
        made.lineage, made.exact = lineage, exact
        return made

    def __getattr__(self, name: str) -> Any:
        """Return what the lineage says: its terms, its rows, of whom a part is missing."""
        return getattr(self.lineage, name)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


#: What a call is narrowed down to unless it says otherwise.
USUAL = (("status", "awarded"), ("nature", "given"))
#: Signs that have a meaning in the id of a figure, and how they are written in it.
ESCAPES = (("%", "%25"), ("/", "%2F"), ("=", "%3D"), ("|", "%7C"))


def figure_id(indicator: str, where: Mapping[str, Any]) -> str:
    """Return the id of a figure: its indicator and where it stands.

    Examples
    --------
    >>> figure_id("non_leader_share", {"year": 2023, "level": "state"})
    'non_leader_share/year=2023/level=state'
    """
    parts = (f"{name}={_escaped(value)}" for name, value in where.items())
    return "/".join([indicator, *parts])


def _escaped(value: Any) -> str:
    if isinstance(value, tuple | list | set | frozenset):
        return "|".join(_escaped(part) for part in value)
    printed = str(value)
    for plain_, escaped in ESCAPES:
        printed = printed.replace(plain_, escaped)
    return printed


def narrowed(
    ds: Dataset, by: Collection[str], scope: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a dataset and a call were narrowed down to, as far as nothing else says it.

    So an id finds the same figure in the whole data: it names the members of a part of them, and
    the year where it is one.
    """
    told = {
        name: value
        for name, value in scope.items()
        if value is not None and name not in by and (name, value) not in USUAL
    }
    part: dict[str, Any] = {}
    if "year" not in {*by, *told} and len(ds.years) == 1:
        part["year"] = ds.years[0]
    if "member" not in {*by, *told} and ds.is_part:
        part["member"] = ds.members
    return part, told


@dataclass(frozen=True, slots=True)
class Piece:
    """What one row adds to a figure.

    The numerator is None where the row lacks what the figure needs: then it is left out and
    named, and a denominator says how much is not covered. ``bounds`` qualify numerator and
    denominator; ``lost`` says that a cell was refused for an error, so that they are too low.
    """

    row: Record
    numerator: Number | None
    denominator: Number | None = None
    cells: tuple[Term, ...] = ()
    bounds: tuple[Bound | None, Bound | None] = (None, None)
    lost: bool = False

    @property
    def usable(self) -> bool:
        """Whether the row enters the figure."""
        return self.numerator is not None

    @property
    def who(self) -> tuple[int, str]:
        """Year and member of the row."""
        return self.row["year"], self.row["member"]


@dataclass
class Figure:
    """One figure while it is made: what went in, and what came out."""

    key: Key
    pieces: list[Piece] = field(default_factory=list)
    numerator: Number | None = None
    denominator: Number | None = None
    value: Number | None = None
    text: str = NO_VALUE
    unit: str = ""
    expected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    bound: Bound | None = None
    comparable: bool = True
    reason: str | None = None
    lineage: Lineage = field(default_factory=Lineage)

    @cached_property
    def used(self) -> list[Piece]:
        """Pieces that enter, once all are known."""
        return [piece for piece in self.pieces if piece.usable]

    @property
    def uncovered(self) -> Number:
        """What the denominator lacks: that of rows that were left out, as far as it is known."""
        return sum(p.denominator for p in self.pieces if not p.usable and p.denominator is not None)

    def refuse(self, reason: str) -> None:
        """Take the value away, and say why there is none."""
        self.value = self.numerator = self.denominator = None
        self.reason = reason


def stands_alone(ds: Dataset, figure: Figure) -> bool:
    """Whether a figure that is never added is of one row; else it loses its value."""
    if len(figure.used) > 1:
        figure.refuse(text("why-list", ds.lang))
        return False
    return True


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
    return None if None in values else sum(v for v in values if v is not None)


def bound(row: Record, fields: Iterable[str]) -> Bound | None:
    """Return the qualifier of the sum of some fields."""
    return combined(row.get(f"{name}_bound") for name in fields)


def combined(bounds: Iterable[Bound | None]) -> Bound | None:
    """Return the qualifier of a sum: exact + gt = gt; above with below = approx.

    Examples
    --------
    >>> combined([None, "ge", "gt"]), combined(["gt", "lt"]), combined([None, None])
    ('gt', 'approx', None)
    """
    found = {bound for bound in bounds if bound}
    if not found:
        return None
    pairs: tuple[tuple[Bound, Bound], ...] = (("gt", "ge"), ("lt", "le"))
    for strict, loose in pairs:
        if found <= {strict, loose}:
            return strict if strict in found else loose
    return "approx"


def of_difference(first: Bound | None, second: Bound | None) -> Bound | None:
    """Return the qualifier of a difference or quotient: that of the second part is reversed.

    Examples
    --------
    >>> of_difference("gt", None), of_difference(None, "gt"), of_difference("gt", "gt")
    ('gt', 'lt', 'approx')
    """
    return combined([first, _REVERSED.get(second, second) if second else None])


def summed(row: Record, *fields: str) -> Piece:
    """Piece that adds the fields that are given."""
    cells = (Term("value", fields),)
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
    if lower == 0 and not any(row.get(name) for name in numerator):
        upper, usable = 0, True  # nobody of nobody: the row lacks nothing
    if not usable or lower is None:
        upper = None
    cells = (Term("numerator", numerator), Term("denominator", denominator))
    return Piece(row, upper, lower, cells, (bound(row, numerator), bound(row, denominator)))


def exact_share(numerator: Number | Fraction, denominator: Number | Fraction) -> Fraction:
    """Return 100 · n / d, not rounded."""
    return Fraction(numerator) * 100 / Fraction(denominator)


def quotient(numerator: Number, denominator: Number) -> Decimal:
    """Return 100 · n / d to 28 digits; texts and changes are made from the exact parts."""
    share = exact_share(numerator, denominator)
    return _TO_28.divide(Decimal(share.numerator), Decimal(share.denominator))


def printed(about: Indicator, figure: Figure, lang: Lang) -> str:
    """Return a figure with a value as text.

    A share of few is printed as its counts; so is a rank, and a count out of a count.
    """
    upper, lower, value = figure.numerator, figure.denominator, figure.value
    counts = f"{plain(upper or 0, 0, lang)}/{plain(lower or 0, 0, lang)}"
    if about.unit.vi == "%":
        if upper is None or lower is None:
            shown = f"{display.number(value, about.decimals, lang)}%"
        elif lower < about.counts_below:
            shown = counts
        else:
            shown = display.percent(upper, lower, about.decimals, lang)
    elif about.kind in ("rank", "share"):
        shown = counts
    elif about.kind == "amount":
        shown = display.money(value or 0, about.decimals, lang)
    else:
        shown = plain(value or 0, about.decimals, lang)
    return display.bounded(shown, figure.bound, lang)


def plain(value: Number, decimals: int, lang: Lang | None) -> str:
    """Return a number; a count that is not whole keeps the decimals that it has."""
    if decimals == 0 and value != int(value):
        decimals = places(value)
    return display.number(value, decimals, lang)
