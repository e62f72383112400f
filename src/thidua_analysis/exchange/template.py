"""The template that a member fills in, made from the form that the reader reads it with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis import pipeline
from thidua_analysis.excel import address
from thidua_analysis.exchange import new_book
from thidua_analysis.exchange.intake import BLOC_STEM
from thidua_analysis.exchange.new_book import LINE_HEIGHT, Book, height, lines, of_type
from thidua_analysis.exchange.template_cells import (
    Place,
    Source,
    full_name,
    guide_of,
    label,
    limits,
    past,
    typing_hint,
    validation,
    warnings,
    write_choices,
)
from thidua_analysis.findings import UsageError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import reports_of
from thidua_analysis.form.forms import current
from thidua_analysis.form.model import Field, Form, Table
from thidua_analysis.messages import text
from thidua_analysis.pipeline import Progress
from thidua_analysis.vietnamese.display import date

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

TEMPLATES = "mau-bao-cao"
_YEARS = range(1990, 2101)
#: rows with an input check, and empty rows that are drawn at least
_CHECKED, _DRAWN = 1000, 8
#: widths of columns in characters: of the instructions, of what is typed, and their bounds
_WIDTHS = (34, 62, 44)
_INFO_WIDTH = 64
_NARROWEST, _WIDEST = 9, 36
#: tables of so few columns are printed upright
_FEW = 4
#: widths are told in digits of a font that all programs know or have a like one for
_DIGITS = ("Arial", 9)
_LAST_COLUMN = 16383
#: What a protected sheet still allows; headings are locked, rows may be added and deleted.
_PROTECTION = {
    "format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True,
    "delete_rows": True,
}  # fmt: skip


def templates(
    data: Path,
    year: int,
    member: str | None = None,
    *,
    out: Path | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the templates of a year: one a member, and that of the bloc.

    Parameters
    ----------
    data
        The data folder: the year before fills in what can be.
    year
        The year to report on.
    member
        Only that of this member, by its id or any of its names.
    out
        Folder to write to; ``reports/<year>/mau-bao-cao`` beside the data folder by default.
    progress
        Called with the number of templates written, their total and the name of the last one.

    Raises
    ------
    UsageError
        If the bloc has no such member in that year, or a file cannot be written.
    """
    bloc = load_bloc(data)
    refuse_year(year)
    member = bloc.named(member) if member else None
    folder = out or reports_of(data) / str(year) / TEMPLATES
    previous = former(data)
    known = [m.id for m in bloc.members_in(year)]
    if member not in (None, *known):
        raise UsageError("member-not-in-bloc", name=member, accepted=", ".join(known))
    chosen = [member] if member else [*known, None]
    written = []
    for one in chosen:
        form = current("unit" if one else "bloc", year)
        path = folder / f"bieu-mau-{year}-{one or BLOC_STEM}.xlsx"
        write_template(form, bloc, year, one, previous, path)
        written.append(path)
        if progress:
            progress(len(written), len(chosen), path.name)
    return written


def refuse_year(year: int) -> None:
    """Refuse a year that cannot be meant: it lies too far away."""
    if year not in _YEARS:
        raise UsageError("year-impossible", year=year)


def former(data: Path) -> Dataset | None:
    """Return the data of former years; None where nothing came in yet."""
    return pipeline.load(data) if pipeline.raw_files(data) else None


def write_template(
    form: Form,
    bloc: Bloc,
    year: int,
    member: str | None,
    previous: Dataset | None,
    path: Path,
) -> None:
    """Write the template of one member, or of the bloc.

    Parameters
    ----------
    form
        Form to fill in.
    bloc
        Names of the members, and the deadline.
    year
        Year to report on.
    member
        Id of the member; None for the bloc's own form, or for a blank one.
    previous
        Data of former years, for what is filled in and compared; None where there are none.
    path
        File to write.

    Raises
    ------
    KeyError
        If the bloc has no such member.
    UsageError
        If the file cannot be written.
    """
    source = Source(previous, form, bloc, year, member)
    name = full_name(bloc, member) if member else bloc.name
    with Book(path, text("template-title", title=form.title, year=year), _DIGITS) as book:
        _instructions(book, source, name)
        _info_sheet(book, source, name)
        for table in form.tables:
            _TableSheet(book, source, table).write(name)
        write_choices(book, form, bloc, year)


def _instructions(book: Book, source: Source, name: str) -> None:
    form = source.form
    sheet = book.file.add_worksheet(text("template-instructions"))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    title = text("template-title", title=form.title, year=source.year)
    sheet.set_row(0, 2 * LINE_HEIGHT)
    book.put(sheet, 0, 0, title, **new_book.TITLE)
    about = text("template-for", member=name, form=form.id, year=source.year)
    book.put(sheet, 1, 0, about, **{**new_book.STRONG, "text_wrap": False})
    row = _steps(book, sheet, source, 3)
    for table in form.tables:
        row = _table(book, sheet, source, table, row + 1)
    new_book.print_on(new_book.PAPERS[1], sheet, (0, 0, row, 2))
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.set_footer(f"&C{text('template-print-page')}")
    sheet.protect("", _PROTECTION)
    sheet.activate()


def _steps(book: Book, sheet: Any, source: Source, row: int) -> int:
    due = source.bloc.due(source.year)
    words: dict[str, Any] = {
        "sheet": source.form.info.sheet,
        "last": source.year - 1,
        "bloc": source.bloc.called,
        "due": text("template-due", day=date(due)) if due else "",
    }
    # the fourth speaks of last year's values
    steps = (1, 2, 3, 5, 6) if source.dataset is None else (1, 2, 3, 4, 5, 6)
    for number, step in enumerate(steps, 1):
        book.put(sheet, row, 0, text("template-step", number=number), **new_book.STRONG)
        _wrapped(book, sheet, row, text(f"template-step-{step}", "vi", **words))
        row += 1
    return row


def _table(book: Book, sheet: Any, source: Source, table: Table, row: int) -> int:
    """Write how one table is filled in; return the row after it."""
    guide = guide_of(source.form, table)
    target = f"internal:'{table.sheet}'!A1"
    sheet.write_url(row, 0, target, book.style(**new_book.LINK), string=table.sheet)
    _wrapped(book, sheet, row, guide.about)
    for column, word in enumerate(("column", "how", "example")):
        book.put(sheet, row + 1, column, text(f"template-{word}"), **new_book.LABEL)
    for number, field in enumerate(table.fields, row + 2):
        required = f"{text('template-required')} " if field.required else ""
        sheet.set_row(number, height(field.heading, _WIDTHS[0]))
        book.put(sheet, number, 0, field.heading, **new_book.INPUT)
        book.put(sheet, number, 1, required + typing_hint(field), **new_book.INPUT)
        example = _example(source, field, guide.example.get(field.name))
        # as it is typed: with separators it would be against what the steps above ask for
        kind = "number" if isinstance(example, int | float) else field.type
        book.put(sheet, number, 2, example, **_typed_style(kind))
    return row + 2 + len(table.fields)


def _example(source: Source, field: Field, typed: Any) -> Any:
    """Return an example as a member of this bloc types it."""
    if field.type == "member":
        return full_name(source.bloc, source.bloc.members[0].id)
    if field.codes is None or typed is None:
        return typed
    labels = source.form.codes[field.codes].items()
    return label(source.form, source.bloc, field.codes, next(c for c, of in labels if typed in of))


def _wrapped(book: Book, sheet: Any, row: int, words: str) -> None:
    """Write a long text over the second and third column, in a row high enough for it."""
    sheet.set_row(row, height(words, sum(_WIDTHS[1:])))
    sheet.merge_range(row, 1, row, 2, words, book.style(**new_book.PLAIN))


def _typed_style(kind: str) -> dict[str, Any]:
    return {**new_book.INPUT, **of_type(kind), "align": "left"}


def _info_sheet(book: Book, source: Source, name: str) -> None:
    """Write who reports on which year: labels, filled in where known."""
    form = source.form
    sheet = book.file.add_worksheet(form.info.sheet)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, _INFO_WIDTH)
    known: dict[str, Any] = {"form": form.id, "year": source.year, "bloc": source.bloc.name}
    if source.member:
        known["member"] = name
    for row, field in enumerate(form.info.fields):
        book.put(sheet, row, 0, field.heading, **new_book.LABEL)
        value = known.get(field.name, field.default)
        if field.codes and isinstance(value, str):
            value = form.label(field.codes, value)
        sheet.set_row(row, height(value, _INFO_WIDTH))
        book.put(sheet, row, 1, value, **_typed_style(field.type), locked=field.name in known)
        if field.name not in known:
            sheet.data_validation(row, 1, row, 1, validation(field, {}))
    new_book.print_on(new_book.PAPERS[0], sheet, (0, 0, len(form.info.fields) - 1, 1))
    _running_heads(sheet, source, form.info.sheet, name)
    sheet.protect("", _PROTECTION)


def _running_heads(sheet: Any, source: Source, title: str, name: str) -> None:
    """Write unit, title and year above every printed page, and who signs below it."""
    form, bloc, year = source.form, source.bloc.called, source.year
    signs = text(f"template-signed-{form.kind}", bloc=bloc)
    head = text("template-print-title", title=title.upper(), year=year)
    foot = text("template-print-left", form=form.id), text("template-print-right", head=signs)
    new_book.running_heads(sheet, name, head, *foot)


class _TableSheet:
    """One table on its sheet: headings, rows filled in, checks, and last year in grey."""

    def __init__(self, book: Book, source: Source, table: Table) -> None:
        self.book, self.source, self.table = book, source, table
        self.guide = guide_of(source.form, table)
        self.past = past(source, table, self.guide)
        self.height = 2 if any(field.group for field in table.fields) else 1
        columns = {field.name: number for number, field in enumerate(table.fields, 1)}
        self.place = Place(columns, self.height + 1, self.height + _CHECKED)
        examples = self.guide.example
        widths = {f.name: self._width(f, examples.get(f.name, "")) for f in table.fields}
        self.paper = new_book.paper_for(widths.values(), upright=len(widths) <= _FEW)
        self.widths = new_book.filled(widths, self.paper, _NARROWEST)
        self.drawn = max(self.paper.rows, len(self.past.carried) + _DRAWN)
        self.sheet: Any = book.file.add_worksheet(table.sheet)

    def write(self, name: str) -> None:
        """Write the sheet."""
        self._columns()
        self._headings()
        self._rows()
        self._checks()
        self._compared()
        self._set_up(name)

    def _width(self, field: Field, example: object) -> float:
        """Width of a column in characters: headings may take four lines, what is carried two."""
        wide = [len(field.heading) // 4, len(str(example or ""))]
        wide += [len(choice) for choice in self.source.choices(field)]
        wide += [len(str(values.get(field.name, ""))) // 2 for values in self.past.carried]
        return max(_NARROWEST, min(_WIDEST, max(wide) + 3))

    def _columns(self) -> None:
        """Unlock all columns, so that whole rows can be added and deleted."""
        for number, field in enumerate(self.table.fields):
            style = self.book.style(**{**new_book.PLAIN, **of_type(field.type), "locked": False})
            self.sheet.set_column(number, number, self.widths[field.name], style)
        gap = len(self.table.fields)
        free = self.book.style(locked=False)
        self.sheet.set_column(gap, gap, 3, free)
        for number, name in enumerate(self.past.columns, gap + 1):
            field = self.table.by_name[name]
            wide = self._width(field, "") if field.is_numeric else self.widths[name]
            self.sheet.set_column(number, number, max(14, wide), free)
        self.sheet.set_column(gap + len(self.past.columns) + 1, _LAST_COLUMN, None, free)
        # columns that are only formatted do not belong to the size that the sheet states
        self.sheet.dim_colmin = self.sheet.dim_colmax = None

    def _headings(self) -> None:
        fields, last = self.table.fields, self.height - 1
        locked = self.book.style(locked=True)
        if last:
            self.sheet.set_row(0, 30, locked)
        self.sheet.set_row(last, max(map(self._heading_height, fields)), locked)
        for number, field in enumerate(fields):
            self._heading(last if field.group else 0, number, last, number, field.heading)
        for group, several in groupby(enumerate(fields), lambda one: one[1].group):
            if group:
                numbers = [number for number, _ in several]
                self._heading(0, numbers[0], 0, numbers[-1], group)

    def _heading(self, top: int, left: int, bottom: int, right: int, words: str) -> None:
        if (top, left) == (bottom, right):
            self.book.put(self.sheet, top, left, words, **new_book.HEADING)
        else:
            style = self.book.style(**new_book.HEADING)
            self.sheet.merge_range(top, left, bottom, right, words, style)

    def _heading_height(self, field: Field) -> float:
        needed = lines(field.heading, self.widths[field.name] * 0.95)
        spread = 1 if field.group else self.height
        return max(2, math.ceil(needed / spread)) * LINE_HEIGHT

    def _rows(self) -> None:
        for row in range(self.drawn):
            values = self.past.carried[row] if row < len(self.past.carried) else {}
            self.sheet.set_row(self.height + row, self._row_height(values))
            for number, field in enumerate(self.table.fields):
                style = {**new_book.INPUT, **of_type(field.type), "locked": False}
                value = values.get(field.name)
                self.book.put(self.sheet, self.height + row, number, value, **style)

    def _row_height(self, values: Mapping[str, Any]) -> float:
        return max(height(values.get(name), width) for name, width in self.widths.items())

    def _checks(self) -> None:
        bounds = limits(self.table, self.place)
        for field in self.table.fields:
            options = validation(field, bounds.get(field.name, {}))
            top, left, bottom, right = self.place.span(field.name)
            self.sheet.data_validation(top, left, bottom, right, options)
            if field.type == "rank":
                cells = f"{address(top + 1, left + 1)}:{address(bottom + 1, right + 1)}"
                self.sheet.ignore_errors({"number_stored_as_text": cells})
        # contradictions first: not all programs apply a second rule to a cell
        for name, formula in warnings(self.table, self.place):
            self._where(name, formula, **new_book.CONTRADICTION)
        for field in self.table.fields:
            if field.is_numeric:
                # separators from 1,000 on, without giving the cells a format
                cell = self.place.cell(field.name)
                formula = f"=AND(ISNUMBER({cell}),ABS({cell})>=1000,{cell}=INT({cell}))"
                self._where(field.name, formula, num_format=f"{new_book.VIETNAMESE}#,##0")

    def _where(self, name: str, formula: str, **style: Any) -> None:
        """Show the cells of a field in a style where a formula holds."""
        rule = {"type": "formula", "criteria": formula, "format": self.book.style(**style)}
        self.sheet.conditional_format(*self.place.span(name), rule)

    def _compared(self) -> None:
        """Write last year beside the table, after an empty column: the reader passes it by."""
        for column, name in enumerate(self.past.columns, len(self.table.fields) + 1):
            field = self.table.by_name[name]
            heading = text("template-compared", year=self.source.year - 1, heading=field.heading)
            self.book.put(self.sheet, self.height - 1, column, heading, **new_book.PAST_HEADING)
            for row, values in enumerate(self.past.compared, self.height):
                value = values.get(name)
                style = {**new_book.PAST, **new_book.to_read(field.type, value), "locked": False}
                self.book.put(self.sheet, row, column, value, **style)

    def _set_up(self, name: str) -> None:
        fields = self.table.fields
        frozen = min(2, sum(1 for field in fields[:2] if not field.is_numeric))
        self.sheet.freeze_panes(self.height, frozen)
        area = (0, 0, self.height + self.drawn - 1, len(fields) - 1)
        new_book.print_on(self.paper, self.sheet, area)
        self.sheet.repeat_rows(0, self.height - 1)
        _running_heads(self.sheet, self.source, self.table.sheet, name)
        self.sheet.protect("", _PROTECTION)
