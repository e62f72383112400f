"""An official form as data: its lines and columns as printed, and every cell from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators import selection as source
from thidua_analysis.indicators.counts import begun, distinct_movements, term
from thidua_analysis.indicators.engine import add, terms
from thidua_analysis.indicators.figure import (
    Figure,
    Lineage,
    Number,
    of_difference,
    quotient,
    summed,
)
from thidua_analysis.official.layout import AWARD, Column, Layout, Line
from thidua_analysis.vietnamese.quantities import Bound, exactly
from thidua_analysis.vietnamese.text import sort_key

Rows = Sequence[Record]
#: Row code and column id.
Place = tuple[str, str]
#: Why a cell is empty: the form is not asked for it; the subject does not belong to the column;
#: no row is about it; its cells were left blank; turns and people would be added; the whole of a
#: ratio is missing or 0.
Empty = Literal["not-asked", "not-applicable", "no-rows", "blank", "mixed", "no-whole"]
Along = Literal["rows", "columns"]


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column as printed; ``base`` is the id of the layout's column that it was made from."""

    id: str
    base: str
    number: str
    path: tuple[str, ...]
    where: Mapping[str, tuple[Any, ...]]
    source: Column

    @property
    def is_ratio(self) -> bool:
        """Whether two other columns are divided in it."""
        return self.source.ratio is not None


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line as printed; ``code`` is None over the next ones, ``section`` what stands above."""

    code: str | None
    base: str | None
    label: str
    section: tuple[str, ...]
    unit: str
    where: Mapping[str, tuple[Any, ...]]
    source: Line

    @property
    def printed(self) -> str:
        """The label with its bullet."""
        return self.source.bullet_shown + self.label

    @property
    def number(self) -> str:
        """The code as printed."""
        return "" if self.source.unnumbered else self.code or ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a form: its value, a ratio in percent, or why it is empty.

    ``reported`` is the sum of what the members report where distinct movements are counted.
    """

    row: str
    column: str
    value: Number | None = None
    bound: Bound | None = None
    empty: Empty | None = None
    reported: int | None = None
    lineage: Lineage = field(default_factory=Lineage)


@dataclass(frozen=True, slots=True)
class Note:
    """What must be said under the form, and the cells that it is about."""

    text: str
    cells: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One equation (``01 = 02 + 04 + 05``) in one column, or along columns in one row.

    ``holds`` is None where it cannot be told: a side is empty or qualified. ``gap`` says what is
    in the whole and in no part, where that explains all of the difference.
    """

    equation: str
    along: Along
    at: str
    whole: Number | None
    parts: Number | None
    holds: bool | None
    gap: str | None = None


@dataclass(frozen=True)
class Filled:
    """An official form of a year: what it counts (turns, people), its cells, notes and checks."""

    layout: Layout
    year: int
    unit: str
    counted_as: tuple[str, ...]
    illustrative: bool
    lines: tuple[PlacedLine, ...]
    columns: tuple[PlacedColumn, ...]
    cells: Mapping[Place, Cell]
    notes: tuple[Note, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def mismatches(self) -> tuple[Check, ...]:
        """Checks that do not hold."""
        return tuple(check for check in self.checks if check.holds is False)

    @property
    def coded(self) -> tuple[PlacedLine, ...]:
        """Lines with figures."""
        return tuple(line for line in self.lines if line.code is not None)

    def of_line(self, line: PlacedLine) -> Iterator[Cell]:
        """Yield the cells of a line from the left."""
        for column in self.columns if line.code is not None else ():
            yield self.cells[line.code or "", column.id]


def rows_of(ds: Dataset, layout: Layout, year: int) -> tuple[Record, ...]:
    """Return the rows that a form counts.

    Movements are those launched up to the end of the year (form 0601.N does not say which of the
    running ones it wants); commendations are of the levels and the status of the form.
    """
    rows = [row for row in table_rows(ds, layout, year) if accepts(layout.where, row)]
    return tuple(row for row in rows if layout.table != "movements" or begun(row, year))


def table_rows(ds: Dataset, layout: Layout, year: int) -> tuple[Record, ...]:
    """Return the rows of the year of a form's table, with the columns that forms add."""
    if layout.table == "commendations":
        return source.scoped(source.commendations(ds), {"year": year})
    rows = source.scoped(ds.records("movements"), {"year": year})
    return tuple({**row, "term": term(row["duration_months"])} for row in rows)


def accepts(where: Mapping[str, Iterable[Any]], row: Record) -> bool:
    """Whether a row has the values asked for."""
    return all(row[column] in accepted for column, accepted in where.items())


@exactly
def cells(
    layout: Layout, lines: Iterable[PlacedLine], columns: Sequence[PlacedColumn], rows: Rows
) -> dict[Place, Cell]:
    """Return every cell of a form by row code and column id, from the rows that it counts."""
    found: dict[Place, Cell] = {}
    for line in lines:
        if line.code is None:
            continue
        chosen = [row for row in rows if accepts(line.where, row)]
        # ratios are made of other cells, so they come last
        for column in sorted(columns, key=lambda column: column.is_ratio):
            place = line.code, column.id
            if column.source.ratio is None:
                found[place] = _cell(layout, line, column, chosen)
            else:
                upper, lower = (found[line.code, part] for part in column.source.ratio)
                found[place] = _ratio(place, upper, lower)
    return found


def fields_of(line: PlacedLine, column: PlacedColumn) -> tuple[str, ...]:
    """Return the fields that a cell adds: those of its line that its column is about."""
    asked, about = line.source.fields, column.source.fields
    return tuple(name for name in asked or about if not about or name in about)


def _cell(layout: Layout, line: PlacedLine, column: PlacedColumn, rows: Rows) -> Cell:
    place = (line.code or "", column.id)
    if line.source.reason is not None:
        return Cell(*place, empty="not-asked")
    fields = fields_of(line, column)
    if layout.counts == "sum" and not fields:
        return Cell(*place, empty="not-applicable")
    chosen = [row for row in rows if accepts(column.where, row)]
    if not chosen:
        return Cell(*place, empty="no-rows")
    if layout.counts == "distinct":
        value, repeated = distinct_movements(chosen)
        return Cell(*place, value=value, reported=len(chosen), lineage=Lineage(repeated))
    return _sum(place, layout.table, chosen, fields)


def _sum(place: Place, table: str, rows: Rows, fields: tuple[str, ...]) -> Cell:
    """Add fields; blanks only are no 0, and turns and people are not added."""
    given = (summed(row, *(name for name in fields if row[name] is not None)) for row in rows)
    figure = Figure(place, list(given))
    if not figure.used:
        return Cell(*place, empty="blank")
    without = tuple(piece.row["row_id"] for piece in figure.pieces if not piece.usable)
    lineage = Lineage(terms(figure.used, table), without)
    if len({piece.row["counted_as"] for piece in figure.used}) > 1:
        return Cell(*place, empty="mixed", lineage=lineage)
    add(figure)
    return Cell(*place, value=figure.value, bound=figure.bound, lineage=lineage)


def _ratio(place: Place, upper: Cell, lower: Cell) -> Cell:
    """Divide two cells; an empty part is not 0, and of nothing there is no share."""
    if not lower.value:
        return Cell(*place, empty="no-whole")
    if upper.value is None:
        return Cell(*place, empty=upper.empty)
    above = (replace(one, role="numerator") for one in upper.lineage.terms)
    below = (replace(one, role="denominator") for one in lower.lineage.terms)
    left_out = (*upper.lineage.left_out, *lower.lineage.left_out)
    return Cell(
        *place,
        value=quotient(upper.value, lower.value),
        bound=of_difference(upper.bound, lower.bound),
        lineage=Lineage((*above, *below), left_out),
    )


def columns(ds: Dataset, layout: Layout, rows: Rows) -> tuple[PlacedColumn, ...]:
    """Return the columns of a form.

    The columns of a number that are repeated stand once for each award, as form 0602.N prints
    orders, titles and other forms; where none occurs they stand once, without a name.
    """
    placed: list[PlacedColumn] = []
    for _, group in groupby(layout.columns, key=lambda column: (column.number, column.each)):
        same, awards = tuple(group), [None]
        if same[0].each is not None:
            found = {row["award"] for row in rows if accepts(same[0].where, row)}
            awards = sorted(found, key=_award_order(ds, found)) or [None]
        placed += [_column(column, award) for award in awards for column in same]
    return tuple(placed)


def _column(column: Column, award: str | None) -> PlacedColumn:
    where: dict[str, tuple[Any, ...]] = dict(column.where)
    name = column.id
    if award is not None:
        where["award"], name = (award,), f"{column.id}:{award}"
    path = tuple(part.replace(AWARD, award or "") for part in column.path)
    return PlacedColumn(name, column.id, column.number, path, where, column)


def lines(
    ds: Dataset, layout: Layout, rows: Rows, counted_as: Sequence[str]
) -> tuple[PlacedLine, ...]:
    """Return the lines of a form; what its figures count is printed where it says "Người".

    A repeated line stands once for each award and level, as the bloc's summary asks.
    """
    placed: list[PlacedLine] = []
    above: list[str] = []
    for line in layout.lines:
        if line.each is not None:
            placed += _of_awards(ds, line, rows)
            continue
        if line.code is None:
            above = [line.label]
        elif line.level <= 1:
            above = above[:1] if line.level else []
        unit = line.unit_turns if line.unit_turns and counted_as == ["turns"] else line.unit
        section = tuple(above)
        placed.append(PlacedLine(line.code, line.code, line.label, section, unit, line.where, line))
        if line.code is not None and line.level == 1:
            above = [*above[:1], line.label]
    return tuple(placed)


def _of_awards(ds: Dataset, line: Line, rows: Rows) -> Iterator[PlacedLine]:
    """Yield one line for each award and level, in the order of levels, then of the awards."""
    found = {(row["award"], row["level"]) for row in rows if accepts(line.where, row)}
    order = _award_order(ds, {award for award, _ in found})
    levels = source.code_order("commendations", "level")
    ordered = sorted(found, key=lambda pair: (levels.get(pair[1], len(levels)), order(pair[0])))
    for number, (award, level) in enumerate(ordered, start=1):
        where = {**line.where, "award": (award,), "level": (level,)}
        label = line.label.replace(AWARD, source.label(ds, "award", source.award_at(award, level)))
        yield PlacedLine(str(number), line.code, label, (), line.unit, where, line)


def _award_order(ds: Dataset, found: set[str | None]) -> Any:
    ordered = sorted(found, key=lambda award: sort_key(award or ""))
    known = [award or source.UNKNOWN for award in ordered]
    order = source.order(ds, "commendations", "award", known)
    return lambda award: order[award or source.UNKNOWN]
