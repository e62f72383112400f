"""What a figure was computed from: tables, rows and fields, never copies of the values."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from thidua_analysis.messages import text

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

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
