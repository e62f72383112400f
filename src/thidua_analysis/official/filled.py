"""A filled form as pure data: lines, columns, cells with their sources, notes, checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from thidua_analysis.indicators.figure import Lineage, Number
from thidua_analysis.official.layout import Column, Layout, Line
from thidua_analysis.vietnamese.units import Bound

#: Row code and column id.
Place = tuple[str, str]
#: Why a cell is empty: the form is not asked for it; the subject does not belong to the column;
#: no row is about it; its cells were left blank; turns and people would be added; the whole of a
#: ratio is missing or 0.
Empty = Literal["not-asked", "not-applicable", "no-rows", "blank", "mixed", "no-whole"]


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column as printed; ``base`` is the id of the layout's column that it was made from."""

    id: str
    base: str
    number: str
    path: tuple[str, ...]
    where: Mapping[str, tuple[Any, ...]]
    source: Column


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
    """One figure of a form.

    Parameters
    ----------
    row, column
        Code of its row and id of its column.
    value
        The figure; of a ratio in percent, exact to 28 digits; None where it is empty.
    bound
        Qualifier of the value ("trên").
    empty
        Why it is empty.
    reported
        Sum of what the members report, where the value counts distinct movements.
    lineage
        Rows and fields that it was computed from.
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
    """One equation in one column or row.

    Parameters
    ----------
    equation
        As printed: ``01 = 02 + 04 + 05``.
    along
        ``rows`` adds up rows in a column, ``columns`` adds up columns in a row.
    at
        Id of the column or code of the row where it was checked.
    whole, parts
        Both sides.
    holds
        None where it cannot be told: a side is empty or qualified.
    gap
        What is in the whole and in no part, where that explains all of the difference.
    """

    equation: str
    along: Literal["rows", "columns"]
    at: str
    whole: Number | None
    parts: Number | None
    holds: bool | None
    gap: str | None = None


@dataclass(frozen=True)
class Filled:
    """An official form of a year; see `thidua_analysis.official.forms.official_form`.

    Parameters
    ----------
    layout
        The form.
    year
        Year reported on.
    unit
        Who reports: the bloc, or the members that the dataset is about.
    counted_as
        What the figures count: ``turns``, ``people``; both where the members differ.
    illustrative
        Whether a figure comes from values that their sender marked as made up.
    lines, columns
        As printed, from the top and from the left.
    cells
        Every cell by row code and column id, the empty ones too.
    notes, checks
        What stands under the form.
    """

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
