"""From the rows of a table to the frame of figures: grouping, adding, coverage, texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record, plain
from thidua_analysis.indicators import comparing, names, printing
from thidua_analysis.indicators.bounds import combined, of_quotient
from thidua_analysis.indicators.dictionary import Indicator, entry
from thidua_analysis.indicators.lineage import Lineage, Number, Role, Term
from thidua_analysis.indicators.rows import Scope, checked, scoped, values
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.units import Bound

#: Columns of every frame of figures, after ``indicator`` and the breakdowns.
PARTS = (
    *("numerator", "denominator", "value", "text", "unit"),
    *("reporting", "expected", "missing", "bound", "comparable", "reason", "lineage"),
)
Key = tuple[Any, ...]


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
        Amounts that it adds; None where it does not have what the figure needs: then it is left
        out and named.
    cells
        The cells that these amounts stand in.
    bounds
        Qualifiers of numerator and denominator.
    """

    row: Record
    numerator: Number | None
    denominator: Number | None = None
    cells: tuple[Cells, ...] = ()
    bounds: tuple[Bound | None, Bound | None] = (None, None)

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


def figures(
    ds: Dataset,
    name: str,
    rows: Iterable[Record],
    piece: Callable[[Record], Piece | None],
    by: Sequence[str],
    scope: Scope,
    *,
    options: Scope | None = None,
    same: Sequence[str] = (),
    finish: Callable[[Figure], None] | None = None,
    covered: bool = True,
) -> pd.DataFrame:
    """Add rows up to a frame of figures, as docs/architecture.md describes it.

    Parameters
    ----------
    ds
        The dataset that the rows are of.
    name
        Id of the indicator.
    rows
        Rows of its table.
    piece
        What a row adds; None where the indicator is not about it.
    by
        Columns to break down by.
    scope
        Column → the value, or the values, that rows must have.
    options
        Further words of the call, which with the scope tell figures apart.
    same
        Columns in which only equal values are added; where they differ there is no value.
    finish
        What completes a figure whose value is no plain sum or quotient.
    covered
        Whether a row is expected of every member.

    Raises
    ------
    UsageError
        If the rows have no such column.
    """
    about = entry(name)
    rows = checked(name, rows, (*by, *scope))
    later = {c: v for c, v in scope.items() if c == "year" and "year" in by}
    kept = scoped(rows, {c: v for c, v in scope.items() if c not in later})
    pieces = [made for row in kept if (made := piece(row)) is not None]
    groups: dict[Key, Figure] = {}
    for made in pieces:
        key = tuple(_code(made.row, column) for column in by)
        groups.setdefault(key, Figure(key)).pieces.append(made)
    present = frozenset(_who(p) for p in map(piece, rows) if p is not None and p.usable)
    coverage = Coverage(ds, about, by, present, scope) if covered else None
    for key in coverage.silent(groups) if coverage else ():
        groups[key] = Figure(key)
    for figure in groups.values():
        figure.lineage = _lineage(ds, figure, about)
        if coverage:
            coverage.complete(figure)
        _add(figure)
        _refuse_mixtures(ds, name, figure, same, by, scope)
        if finish:
            finish(figure)
        _print(ds, figure, about)
    comparing.mark(ds, name, groups, by, scope, same)
    shown = [
        f for f in groups.values() if not later or f.key[by.index("year")] in values(later["year"])
    ]
    frame = _frame(ds, about, name, shown, by)
    frame.attrs["scope"] = {**scope, **(options or {})}
    return frame


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
    given = tuple(name for name in fields if row.get(name) is not None)
    return Piece(row, amount(row, fields), None, (Cells(role, given),), (bound(row, given), None))


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
    if not usable or upper is None or lower is None:
        return Piece(row, None, None, cells, bounds)
    return Piece(row, upper, lower, cells, bounds)


def quotient(numerator: Number, denominator: Number) -> Decimal:
    """Return 100 · n / d to 28 digits; texts and changes are made from the exact parts."""
    share = Fraction(numerator) * 100 / Fraction(denominator)
    return Decimal(share.numerator) / Decimal(share.denominator)


def _code(row: Record, column: str) -> Any:
    value = row[column]
    return names.UNKNOWN if value is None else value


class Coverage:
    """Which members are expected to be in a figure, and which of them are.

    Parameters
    ----------
    ds, about, by, scope
        As for `figures`.
    present
        Year and member of all who reported the table, whatever is asked of it.
    """

    def __init__(
        self,
        ds: Dataset,
        about: Indicator,
        by: Sequence[str],
        present: frozenset[tuple[int, str]],
        scope: Scope,
    ) -> None:
        self._ds, self._by, self._present = ds, tuple(by), present
        asked = scope.get("member")
        self._members = frozenset(values(asked) if asked else ds.members)
        self._by_year: dict[int, dict[str, None]] = {}
        self._losses = ds.losses(about.table)

    def silent(self, groups: Mapping[Key, Figure]) -> list[Key]:
        """Return keys of members that are expected and sent nothing: shown without a value."""
        if "member" not in self._by or not set(self._by) <= {"year", "member"}:
            return []
        years = self._ds.years if "year" in self._by else self._ds.years[-1:]
        keys = (
            tuple(year if column == "year" else member for column in self._by)
            for year in years
            for member in self._expected(year)
        )
        return [key for key in keys if key not in groups]

    def complete(self, figure: Figure) -> None:
        """Say who is expected in a figure, who is missing, and of whom a row was left out."""
        own = dict(zip(self._by, figure.key, strict=True))
        years = (own["year"],) if "year" in own else self._ds.years
        wanted = [(y, m) for y in years for m in self._expected(y, own.get("member"))]
        unusable = {_who(p) for p in figure.pieces} - {_who(p) for p in figure.used}
        absent = {who[1] for who in wanted if who not in self._present or who in unusable}
        partial = {p.row["member"] for p in figure.pieces if not p.usable}
        partial |= {who[1] for who in wanted if who in self._losses}
        figure.expected = tuple(dict.fromkeys(member for _, member in wanted))
        figure.missing = tuple(m for m in figure.expected if m in absent)
        incomplete = tuple(m for m in figure.expected if m in partial and m not in absent)
        figure.lineage = replace(figure.lineage, partial=incomplete)

    def _expected(self, year: int, member: str | None = None) -> tuple[str, ...]:
        if year not in self._by_year:
            everyone = (m for m in self._ds.expected(year) if m in self._members)
            self._by_year[year] = dict.fromkeys(everyone)
        expected = self._by_year[year]
        if member is not None:
            return (member,) if member in expected else ()
        return tuple(expected)


def _who(piece: Piece) -> tuple[int, str]:
    return piece.row["year"], piece.row["member"]


def _lineage(ds: Dataset, figure: Figure, about: Indicator) -> Lineage:
    left_out = tuple(p.row["row_id"] for p in figure.pieces if not p.usable)
    return Lineage(_terms(figure.used, about), left_out, ds=ds)


def _terms(pieces: Iterable[Piece], about: Indicator) -> tuple[Term, ...]:
    """Lineage of pieces: rows that add the same fields in the same way stand together."""
    rows: dict[Cells, list[str]] = {}
    for piece in pieces:
        for cells in piece.cells:
            rows.setdefault(cells, []).append(piece.row["row_id"])
    return tuple(
        Term(c.role, c.table or about.table, tuple(ids), c.fields, c.weight, c.counts, c.days)
        for c, ids in rows.items()
    )


def _add(figure: Figure) -> None:
    used = figure.used
    if not used:
        return
    figure.numerator = sum((p.numerator for p in used if p.numerator is not None), 0)
    figure.bound = combined(p.bounds[0] for p in used)
    if used[0].denominator is None:
        figure.value = figure.numerator
        return
    figure.denominator = sum((p.denominator for p in used if p.denominator is not None), 0)
    figure.bound = of_quotient(figure.bound, combined(p.bounds[1] for p in used))
    if figure.denominator:
        figure.value = quotient(figure.numerator, figure.denominator)


def _refuse_mixtures(
    ds: Dataset, name: str, figure: Figure, same: Sequence[str], by: Sequence[str], scope: Scope
) -> None:
    for column in same:
        if len({p.row[column] for p in figure.used}) > 1:
            figure.value = figure.numerator = figure.denominator = None
            figure.reason = text(f"why-mixed-{column}", ds.lang)
    years = {p.row["year"] for p in figure.used}
    if "year" not in by and len(years) > 1:
        own = comparing.place(figure, by, scope)
        for broken in comparing.breaks_between(ds, name, own, min(years), max(years)):
            figure.value = figure.numerator = figure.denominator = None
            figure.reason = text("why-years-break", ds.lang, reason=broken.reason(ds.lang))


def _print(ds: Dataset, figure: Figure, about: Indicator) -> None:
    figure.unit = figure.unit or about.unit[ds.lang]
    if figure.text == printing.NONE and figure.value is not None:
        figure.text = printing.figure(
            about, figure.numerator, figure.denominator, figure.value, figure.bound, ds.lang
        )


def _frame(
    ds: Dataset, about: Indicator, name: str, groups: Sequence[Figure], by: Sequence[str]
) -> pd.DataFrame:
    orders = [
        names.order(ds, about.table, c, [f.key[at] for f in groups]) for at, c in enumerate(by)
    ]
    found = sorted(groups, key=lambda f: tuple(o[v] for o, v in zip(orders, f.key, strict=True)))
    rows = [
        {
            "indicator": name,
            **dict(zip(by, figure.key, strict=True)),
            **{part: plain(getattr(figure, part, None)) for part in PARTS},
            "reporting": len(figure.expected) - len(figure.missing),
            "expected": len(figure.expected),
        }
        for figure in found
    ]
    frame = pd.DataFrame(rows, columns=["indicator", *by, *PARTS], dtype=object)
    years = [c for c in by if c in ("year", "reported_in")]
    for column in ("reporting", "expected", *years):
        frame[column] = frame[column].astype("int64")
    coded = [c for c in by if all(isinstance(v, str) for v in frame[c])]
    for column in ("indicator", "text", "unit", *coded):
        frame[column] = frame[column].astype("str")
    frame["comparable"] = frame["comparable"].astype("bool")
    frame.attrs = {
        "indicator": name,
        "by": list(by),
        "lang": ds.lang,
        "names": {c: names.labels(ds, c, frame[c]) for c in by if c not in years},
        "illustrative": any(p.row.get("illustrative") for f in found for p in f.used),
    }
    return frame
