"""Two files of one member and year, cell by cell: what changed, came and went, and what moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange import late
from thidua_analysis.exchange.template_cells import typed
from thidua_analysis.findings import Finding, UsageError
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.config import notebooks_of
from thidua_analysis.form.forms import forms
from thidua_analysis.form.model import Field, Form, Table
from thidua_analysis.lineage import register, tracing
from thidua_analysis.messages import text
from thidua_analysis.store.revisions import Key, row_key
from thidua_analysis.submission.rows import Datum, Row, Submission
from thidua_analysis.vietnamese.display import Lang, date, number
from thidua_analysis.vietnamese.quantities import places

#: Sheet, row and heading of each cell with an error → what was found there.
Wrong = Mapping[tuple[str, int, str], Finding]
#: Fields of the sheet `Thông tin` that a submission carries.
_INFO = ("revision", "period", "as_of", "counted_as", "illustrative")


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that differs: its text before and after, None where there is none.

    ``by`` names its breakdowns, such as ``("member", "level")``; ``about`` says what they are.
    """

    id: str
    indicator: str
    label: str
    by: tuple[str, ...]
    about: str
    before: str | None
    after: str | None

    @property
    def shows(self) -> bool:
        """Whether the printed figure moves too, not only what rounding hides."""
        return self.before != self.after


class Moves(NamedTuple):
    """The figures that move, and the charts that draw one of them; see `drawn.moves`."""

    figures: list[Moved]
    charts: list[dict[str, Any]]


def moves(
    data: Path, before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi"
) -> Moves:
    """Return each figure and chart of the year's reports that moves from one file to another.

    What the other members sent stands beside both files; the notebooks lie beside the data.
    """
    if after.year is None:
        return Moves([], [])
    counted = late.counted(data, bloc, str(after.year), str(after.year - 1))
    others = [one for one in counted if _chain(one) != _chain(after)]
    # both stand under the same path, so that only values differ
    path = f"{after.year}/{after.member or 'khoi'}.xlsx"
    old, new = (
        Dataset.of([*others, replace(one, path=path)], bloc, lang) for one in (before, after)
    )
    notebooks = notebooks_of(data)
    return Moves(_figures(old, new, after.year), tracing.moves(old, new, notebooks, after.year))


def figures_that_move(
    data: Path, before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi"
) -> list[Moved]:
    """Return each figure of the year's reports that moves, with its text before and after.

    Parameters
    ----------
    data
        The data folder: what the other members sent stands beside both files.
    before, after
        Two files of one member and year.
    bloc
        The members.
    lang
        Language of the labels.
    """
    return moves(data, before, after, bloc, lang).figures


def _figures(before: Dataset, after: Dataset, year: int) -> list[Moved]:
    old, new = (
        {f["id"]: f for f in (register.figures(ds, year) if year in ds.years else ())}
        for ds in (before, after)
    )
    return [
        _moved(old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if register.differ(old.get(name), new.get(name))
    ]


def _moved(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Moved:
    figure = new or old or {}
    return Moved(
        *(figure["id"], figure["indicator"], figure["label"], tuple(figure["by"])),
        " · ".join(str(name) for name in figure["names"].values()),
        *(one["text"] if one else None for one in (old, new)),
    )


def _chain(submission: Submission) -> Key:
    form = forms().get(submission.form or "")
    return form.kind if form else None, submission.member, submission.year


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs: what it was and is, as printed, and where; None for a blank.

    ``table`` is None for a line of `Thông tin`; ``row`` is what the row is about: the values of
    its key; cells are named such as ``"Chỉ tiêu!G7"``.
    """

    table: str | None
    row: str
    field: str
    heading: str
    before: str | None
    after: str | None
    before_cell: str | None = None
    after_cell: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row that stands in one of the files only: its table, its key as printed, its place."""

    table: str
    row: str
    cell: str


@dataclass(frozen=True, slots=True)
class Difference:
    """How the second file differs from the first."""

    changed: tuple[Change, ...]
    added: tuple[Line, ...]
    removed: tuple[Line, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.changed or self.added or self.removed)


def compare(before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi") -> Difference:
    """Compare two files.

    Rows are matched by the key of their table (a list of targets by movement, target, unit and
    who assigned it); rows that share a key, in their order.

    Parameters
    ----------
    before, after
        The files as read.
    bloc
        Names of the members.
    lang
        Language of numbers, days and remarks; codes are shown as the form has them.

    Raises
    ------
    UsageError
        If they are not of one member, year and kind of form.
    """
    form = _common_form(before, after)
    changed = list(_info_changes(before, after, form, bloc, lang))
    wrong = _typed_wrongly(before), _typed_wrongly(after)
    added: list[Line] = []
    removed: list[Line] = []
    for table in form.tables:
        if table.adds_up_to:
            continue
        shown = _Shown(form, table, bloc, lang)
        old, new = (shown.by_key(one.rows.get(table.id, ())) for one in (before, after))
        removed += [shown.line(row) for known, row in old.items() if known not in new]
        added += [shown.line(row) for known, row in new.items() if known not in old]
        for known, row in new.items():
            if known in old:
                changed += shown.changes((old[known], row), wrong)
    return Difference(tuple(changed), tuple(added), tuple(removed))


def _common_form(before: Submission, after: Submission) -> Form:
    chains = _chain(before), _chain(after)
    form = forms().get(after.form or "")
    if form is None or chains[0] != chains[1]:
        first, second = (
            " · ".join(str(part or "?") for part in (one.form, one.member, one.year))
            for one in (before, after)
        )
        raise UsageError("diff-of-two-reports", first=first, second=second)
    return form


def _info_changes(
    before: Submission, after: Submission, form: Form, bloc: Bloc, lang: Lang
) -> Iterator[Change]:
    fields = {field.name: field for field in form.info.fields}
    for name in _INFO:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name in fields:
            field = fields[name]
            codes = (("no", "yes")[v] if isinstance(v, bool) else v for v in (old, new))
            values = (_printed(form, bloc, field, code, {}, lang) for code in codes)
            yield Change(None, form.info.sheet, name, field.heading, *values)


def _typed_wrongly(submission: Submission) -> Wrong:
    return {
        (str(f.sheet), int("".join(filter(str.isdigit, f.cell))), str(f.heading)): f
        for f in submission.findings
        if f.severity == "error" and f.cell
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """Prints the rows of one table."""

    form: Form
    table: Table
    bloc: Bloc
    lang: Lang

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that tell rows apart."""
        melt = self.table.melt
        return (*self.table.key, melt.into) if melt else self.table.key

    def by_key(self, rows: Sequence[Row]) -> dict[Key, Row]:
        """Return rows by their key and how often that stood before."""
        seen: Counter[Key] = Counter()
        found: dict[Key, Row] = {}
        for row in rows:
            known = row_key(self.key, row.values)
            found[(*known, seen[known])] = row
            seen[known] += 1
        return found

    def line(self, row: Row) -> Line:
        """Return a row that has no match."""
        cell = next(iter(row.cells.values()), f"A{row.row}")
        return Line(self.table.id, self.about(row), f"{row.sheet}!{cell}")

    def about(self, row: Row) -> str:
        """Return what a row is about."""
        return " · ".join(filter(None, (self.value(row, name) for name in self.key)))

    def changes(self, rows: tuple[Row, Row], wrong: tuple[Wrong, Wrong]) -> Iterator[Change]:
        """Yield the values that differ between a row before and after."""
        about = self.about(rows[1])
        for name in self.table.columns:
            old, new = ((row.values.get(name), _bound(row, name)) for row in rows)
            if old == new:
                continue
            field = self.field(name)
            heading = field.heading if field else name
            before, before_cell = self.cell(rows[0], wrong[0], name, heading)
            after, after_cell = self.cell(rows[1], wrong[1], name, heading)
            yield Change(
                self.table.id, about, name, heading, before, after, before_cell, after_cell
            )

    def cell(
        self, row: Row, wrong: Wrong, name: str, heading: str
    ) -> tuple[str | None, str | None]:
        """Return a value as printed and its cell; what was typed where that is an error."""
        found = wrong.get((row.sheet, row.row, heading))
        if found and row.values.get(name) is None:
            typed_as = text("diff-wrong", self.lang, value=found.value or "")
            return typed_as, f"{found.sheet}!{found.cell}"
        cell = row.cells.get(name)
        return self.value(row, name), f"{row.sheet}!{cell}" if cell else None

    def field(self, name: str) -> Field | None:
        """Return the field of a column; that of a melted value is any of its columns."""
        if self.table.melt and name == self.table.melt.value:
            name = self.table.melt.fields[0]
        return self.table.by_name.get(name)

    def value(self, row: Row, name: str) -> str | None:
        """Return a value as printed."""
        value, field = row.values.get(name), self.field(name)
        if self.table.melt and name == self.table.melt.into:
            return self.table.by_name[str(value)].heading
        if field is None:
            return None if value is None else str(value)
        bound = {f"{name}_bound": _bound(row, name)}
        return _printed(self.form, self.bloc, field, value, bound, self.lang)


def _printed(
    form: Form, bloc: Bloc, field: Field, value: Datum, row: Mapping[str, Any], lang: Lang
) -> str | None:
    shown = typed(form, bloc, field, value, row)
    if shown is None or isinstance(shown, str):
        return shown
    if hasattr(shown, "isoformat"):
        return date(shown, lang)
    return str(shown) if field.type == "year" else number(shown, places(shown), lang)


def _bound(row: Row, name: str) -> str | None:
    note = row.notes.get(name)
    return note.bound if note else None
