"""Two files of one member and year, cell by cell: what changed, what came, what went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import UsageError
from thidua_analysis.exchange.previous import typed
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Field, Form, Table, forms
from thidua_analysis.lineage import drawn, register
from thidua_analysis.messages import text
from thidua_analysis.store import revisions
from thidua_analysis.store.inputs import FileReader
from thidua_analysis.submission.rows import Datum, Row, Submission
from thidua_analysis.vietnamese.digits import places
from thidua_analysis.vietnamese.display import Lang, date, number
from thidua_analysis.vietnamese.text import key


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that differs.

    Parameters
    ----------
    id, indicator, label
        The figure, its indicator, and that one's name.
    by
        Names of its breakdowns in the order of the figure, such as ``("member", "level")``.
    about
        What they are, as printed.
    before, after
        The figure as printed; None where there is none.
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
    """Return each figure and chart of the year's reports that moves.

    Parameters
    ----------
    data
        The data folder: what the other members sent stands beside both files; the notebooks lie
        beside it.
    before, after
        Two files of one member and year.
    bloc
        The members.
    lang
        Language of the labels.
    """
    if after.year is None:
        return Moves([], [])
    others = tuple(_others(data, after, bloc))
    old, new = (
        Dataset.of([*others, replace(one, path=_place(one))], bloc, lang) for one in (before, after)
    )
    notebooks = data.resolve().parent / "notebooks"
    return Moves(_figures(old, new, after.year), drawn.moves(old, new, notebooks, after.year))


def figures_that_move(
    data: Path, before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi"
) -> list[Moved]:
    """Return each figure of the year's reports that moves, with its text before and after.

    See `moves`.
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


def _place(submission: Submission) -> str:
    """Path under which both files stand in the data: the same, so that only values differ."""
    return f"{submission.year}/{submission.member or 'khoi'}.xlsx"


def _others(data: Path, one: Submission, bloc: Bloc) -> Iterator[Submission]:
    """Return the files that count of this year and the one before, but those of the same chain."""
    years = {str(one.year), str((one.year or 0) - 1)}
    paths = [path for path in pipeline.raw_files(data) if path.parent.name in years]
    read = pipeline.read_all(data, paths, bloc, FileReader.of(data))
    for placed in revisions.place(read, withdrawn=revisions.read_withdrawals(data)):
        if placed.used and _chain(placed.submission) != _chain(one):
            yield placed.submission


def _chain(submission: Submission) -> tuple[object, ...]:
    form = forms().get(submission.form or "")
    return form.kind if form else None, submission.member, submission.year


def _moved(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Moved:
    figure = new or old or {}
    about = " · ".join(str(name) for name in figure["names"].values())
    return Moved(
        figure["id"],
        figure["indicator"],
        figure["label"],
        tuple(figure["by"]),
        about,
        old["text"] if old else None,
        new["text"] if new else None,
    )


Key = tuple[object, ...]
Wrong = Mapping[tuple[str, int, str], Finding]
#: Fields of the sheet `Thông tin` that a submission carries.
_INFO = ("revision", "period", "as_of", "counted_as", "illustrative")


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs.

    Parameters
    ----------
    table
        Table; None for a line of `Thông tin`.
    row
        What the row is about: the values of its key, as printed.
    field, heading
        The field and its heading in the form.
    before, after
        The values as printed; None where the cell is blank.
    before_cell, after_cell
        Where they stand, such as ``"Chỉ tiêu!G7"``; None for a blank.
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
    changed: list[Change] = list(_info_changes(before, after, form, bloc, lang))
    wrong = _typed_wrongly(before), _typed_wrongly(after)
    added: list[Line] = []
    removed: list[Line] = []
    for table in form.tables:
        if table.adds_up_to:
            continue
        shown = _Shown(form, table, bloc, wrong, lang)
        old, new = (_by_key(table, s.rows.get(table.id, ())) for s in (before, after))
        removed += [shown.line(row) for k, row in old.items() if k not in new]
        for row_key, row in new.items():
            earlier = old.get(row_key)
            if earlier is None:
                added.append(shown.line(row))
            else:
                changed += shown.changes(earlier, row)
    return Difference(tuple(changed), tuple(added), tuple(removed))


def _common_form(before: Submission, after: Submission) -> Form:
    one, other = forms().get(before.form or ""), forms().get(after.form or "")
    same = one and other and one.kind == other.kind
    about = [(s.member, s.year) for s in (before, after)]
    if not same or about[0] != about[1]:
        raise UsageError(
            "diff-of-two-reports",
            first=_about(before),
            second=_about(after),
        )
    assert other is not None  # noqa: S101 - both are known here
    return other


def _about(submission: Submission) -> str:
    return " · ".join(
        str(part or "?") for part in (submission.form, submission.member, submission.year)
    )


def _by_key(table: Table, rows: Sequence[Row]) -> dict[Key, Row]:
    """Rows by their key and how often that stood before."""
    names = (*table.key, *((table.melt.into,) if table.melt else ()))
    seen: Counter[Key] = Counter()
    found: dict[Key, Row] = {}
    for row in rows:
        values = (row.values.get(name) for name in names)
        row_key = tuple(key(v) if isinstance(v, str) else v for v in values)
        found[(*row_key, seen[row_key])] = row
        seen[row_key] += 1
    return found


def _info_changes(
    before: Submission, after: Submission, form: Form, bloc: Bloc, lang: Lang
) -> Iterator[Change]:
    fields = {field.name: field for field in form.info.fields}
    for name in _INFO:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name in fields:
            field = fields[name]
            values = [_printed(form, bloc, field, _code(value), {}, lang) for value in (old, new)]
            yield Change(None, form.info.sheet, name, field.heading, *values)


def _code(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _typed_wrongly(submission: Submission) -> Wrong:
    """Sheet, row and heading of each cell with an error → what was found there."""
    return {
        (str(f.sheet), int("".join(filter(str.isdigit, f.cell))), str(f.heading)): f
        for f in submission.findings
        if f.severity == "error" and f.cell
    }


class _Shown:
    """Prints the rows of one table."""

    def __init__(
        self, form: Form, table: Table, bloc: Bloc, wrong: tuple[Wrong, Wrong], lang: Lang
    ) -> None:
        self.form, self.table, self.bloc, self.wrong = form, table, bloc, wrong
        self.lang = lang

    def line(self, row: Row) -> Line:
        """Return a row that has no match."""
        return Line(self.table.id, self.about(row), f"{row.sheet}!{_first_cell(row)}")

    def about(self, row: Row) -> str:
        """Return what a row is about."""
        names = (*self.table.key, *((self.table.melt.into,) if self.table.melt else ()))
        texts = (self.value(row, name) for name in names)
        return " · ".join(text for text in texts if text)

    def changes(self, before: Row, after: Row) -> Iterator[Change]:
        """Yield the values that differ."""
        for name in self.table.columns:
            if before.values.get(name) == after.values.get(name) and _bound(before, name) == _bound(
                after, name
            ):
                continue
            field = self.field(name)
            heading = field.heading if field else name
            old, old_cell = self.cell(before, name, heading, self.wrong[0])
            new, new_cell = self.cell(after, name, heading, self.wrong[1])
            yield Change(
                self.table.id, self.about(after), name, heading, old, new, old_cell, new_cell
            )

    def cell(
        self, row: Row, name: str, heading: str, wrong: Wrong
    ) -> tuple[str | None, str | None]:
        """Return a value as printed and its cell; what was typed where that is an error."""
        if row.values.get(name) is None:
            found = wrong.get((row.sheet, row.row, heading))
            if found:
                typed_as = text("diff-wrong", self.lang, value=found.value or "")
                return typed_as, f"{found.sheet}!{found.cell}"
        return self.value(row, name), _cell(row, name)

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
        bound = _bound(row, name)
        return _printed(self.form, self.bloc, field, value, {f"{name}_bound": bound}, self.lang)


def _printed(
    form: Form, bloc: Bloc, field: Field, value: Datum, row: Mapping[str, Any], lang: Lang
) -> str | None:
    shown = typed(form, bloc, field, value, row)
    if shown is None:
        return None
    if isinstance(shown, str):
        return shown
    if hasattr(shown, "isoformat"):
        return date(shown, lang)
    if field.type == "year":
        return str(shown)
    return number(shown, places(shown), lang)


def _bound(row: Row, name: str) -> str | None:
    note = row.notes.get(name)
    return note.bound if note else None


def _cell(row: Row, name: str) -> str | None:
    cell = row.cells.get(name)
    return f"{row.sheet}!{cell}" if cell else None


def _first_cell(row: Row) -> str:
    return next(iter(row.cells.values()), f"A{row.row}")
