"""One column of a table: raw cells in, values and findings out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from thidua_analysis.excel import Position, Sheet, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, Severity, finding
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission.rows import Datum, Note
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.vietnamese.cell_text import Text
from thidua_analysis.vietnamese.numbers import from_cell

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.submission.locate import Column

#: a value, or a number as the file stores it: made exact when a row is built
Stored = Datum | float


@dataclass(slots=True)
class Values:
    """The values of one column, by position among the data rows (from 0).

    Parameters
    ----------
    values
        One for each data row; None where blank or broken.
    scale
        Đồng in one unit, for the numbers of ``values`` that are still floats.
    broken
        Positions whose cell holds an error: no value, and no follow-on findings.
    notes, typed
        Bounds and remarks; texts as typed where they say something else than the value.
    sizes
        The second number of a rank typed "25/82".
    places
        Where the value stands if not in the row's own cell: above in a merged cell, in a section
        row, in the rank's cell.
    """

    values: list[Stored]
    scale: int = 1
    broken: set[int] = field(default_factory=set)
    notes: dict[int, Note] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    places: dict[int, Position] = field(default_factory=dict)

    def drop(self, position: int) -> None:
        """Keep a value out: an error stands in its cell."""
        self.values[position] = None
        self.broken.add(position)
        for entries in (self.notes, self.typed, self.sizes, self.places):
            entries.pop(position, None)

    def exact(self, position: int) -> Datum:
        """Value with the digits that Excel shows: 15 significant ones."""
        return exact(self.values[position], self.scale)


def exact(value: Stored, scale: int = 1) -> Datum:
    """Make a stored number exact; every other value stays."""
    if not isinstance(value, float):
        return value
    return from_cell(value, "money" if scale > 1 else "number", None, scale=scale).value


@dataclass(frozen=True, slots=True)
class Context:
    """What the reading of every column of a table needs.

    ``private`` keeps what was typed out of findings (lists of recipients).
    """

    form: Form
    bloc: Bloc
    sheet: Sheet
    texts: SheetTexts
    year: int | None
    found: list[Finding]
    private: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One column to read.

    Parameters
    ----------
    context
        The table that it belongs to.
    asked
        The field.
    column
        Where it stands.
    rows
        Numbers of the data rows, counted from 1.
    raws
        Its cells in these rows; ``""`` or None is blank.
    result
        The values, filled in by the reader of the field's type.
    units
        Unit of each row, for quantities.
    """

    context: Context
    asked: Field
    column: Column
    rows: Sequence[int]
    raws: Sequence[Value]
    result: Values
    units: Sequence[Stored] | None = None

    def report(
        self,
        code: str,
        position: int,
        value: str | None,
        suggestion: str | None = None,
        severity: Severity | None = None,
        repeatable: bool = False,
        **params: str,
    ) -> None:
        """Add a finding on one cell; an error breaks the cell.

        ``repeatable`` says that the suggestion comes from the form, so that it may be shown even
        where nothing typed may be.
        """
        context = self.context
        made = finding(
            code,
            severity=severity,
            sheet=context.sheet.name,
            cell=address(self.rows[position], self.column.column),
            heading=self.asked.heading,
            value=None if context.private else value,
            suggestion=None if context.private and not repeatable else suggestion,
            params=params,
        )
        context.found.append(made)
        if made.severity == "error":
            self.result.drop(position)

    def report_text(self, position: int, raw: str, text: Text) -> None:
        """Add the finding on the text of a cell: converted, mended, lost."""
        meant = text.suggestion or text.value
        self.report(text.code or "", position, raw, meant, encoding="TCVN3/VNI")


def read_words(task: Task, position: int, raw: str) -> str | None:
    """Words of a cell that should hold a number or a date, out of whatever encoding.

    None where an error on the text itself is reported.
    """
    if raw.isascii() and "?" not in raw:
        return raw
    text = task.context.texts.of(raw, task.rows[position], task.column.column)
    if not text.code:
        return raw
    task.report_text(position, raw, text)
    return text.value


def report_marked(task: Task, marked: Mapping[int, str]) -> Task:
    """Report cells whose value cannot be taken; return the task with these blank.

    Parameters
    ----------
    task
        The column.
    marked
        Position among the data rows → code of the finding, as `Sheet.fault` gives it.
    """
    if not marked:
        return task
    sheet, column = task.context.sheet, task.column.column
    for position, code in marked.items():
        error = sheet.errors.get((task.rows[position], column))
        stored = shown(task.raws[position]) if code == "number-display" else None
        task.report(code, position, error or stored)
    raws = ["" if position in marked else value for position, value in enumerate(task.raws)]
    return replace(task, raws=raws)


def shown(value: Value) -> str:
    """A cell's value as the sender sees it, for messages and lineage."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return "" if value is None else str(value)


def as_percent(value: Value) -> str:
    """The value of a cell of percentages as the sender sees it: 0.7 is 70%."""
    if not isinstance(value, float):
        return shown(value)
    percent = from_cell(value, "percent", percent_format=True).value
    return shown(value) if percent is None else f"{spoken(percent)}%"


def spoken(value: Datum | float) -> str:
    """A number in Vietnamese digits, other values as text, for messages."""
    value = exact(value)
    if isinstance(value, dt.date):
        return shown(value)
    if not isinstance(value, (int, Decimal)):
        return "" if value is None else value
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")
