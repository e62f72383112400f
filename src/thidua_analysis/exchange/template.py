"""The template that a member fills in, made from the form that the reader reads it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.exchange import previous, validations
from thidua_analysis.exchange import previous as choices
from thidua_analysis.exchange import previous as guide
from thidua_analysis.exchange.previous import Past, Source, label, past
from thidua_analysis.exchange.safe import Book
from thidua_analysis.exchange.validations import Place, limits, typing_hint, validation, warnings
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Field, Form, Table
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import date

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

_STEPS = 6
_WIDTHS = (34, 62, 44)


def write(book: Book, source: Source, name: str) -> None:
    """Write the sheet.

    Parameters
    ----------
    book
        The template.
    source
        Form, bloc and year.
    name
        Name of whoever fills it in.
    """
    form = source.form
    sheet = book.file.add_worksheet(text("template-instructions"))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    title = text("template-title", title=form.title, year=source.year)
    sheet.set_row(0, 2 * validations.LINE_HEIGHT)
    book.put(sheet, 0, 0, title, **validations.TITLE)
    about = text("template-for", member=name, form=form.id, year=source.year)
    book.put(sheet, 1, 0, about, **{**validations.STRONG, "text_wrap": False})
    row = _steps(book, sheet, source, 3)
    for table in form.tables:
        row = _table(book, sheet, source, table, row + 1)
    validations.print_on_a4(sheet, (0, 0, row, 2), landscape=False)
    sheet.set_footer(f"&C{text('template-print-page')}")
    sheet.protect("", validations.PROTECTION)
    sheet.activate()


def _steps(book: Book, sheet: Any, source: Source, row: int) -> int:
    due = source.bloc.due(source.year)
    words: dict[str, Any] = {
        "sheet": source.form.info.sheet,
        "last": source.year - 1,
        "bloc": source.bloc.called,
        "due": text("template-due", day=date(due)) if due else "",
    }
    for number in range(1, _STEPS + 1):
        book.put(sheet, row, 0, text("template-step", number=number), **validations.STRONG)
        _wrapped(book, sheet, row, text(f"template-step-{number}", "vi", **words))
        row += 1
    return row


def _table(book: Book, sheet: Any, source: Source, table: Table, row: int) -> int:
    """Write how one table is filled in; return the row after it."""
    said = previous.of(source.form, table)
    target = f"internal:'{table.sheet}'!A1"
    sheet.write_url(row, 0, target, book.style(**validations.LINK), string=table.sheet)
    _wrapped(book, sheet, row, said.about)
    for column, word in enumerate(("column", "how", "example")):
        book.put(sheet, row + 1, column, text(f"template-{word}"), **validations.LABEL)
    row += 2
    for field in table.fields:
        sheet.set_row(row, validations.lines(field.heading, _WIDTHS[0]) * validations.LINE_HEIGHT)
        book.put(sheet, row, 0, field.heading, **validations.INPUT)
        book.put(sheet, row, 1, _how(field), **validations.INPUT)
        example = _example(source, field, said.example.get(field.name))
        # as it is typed: with separators it would be against what the steps above ask for
        kind = "number" if isinstance(example, int | float) else field.type
        style = {**validations.INPUT, **validations.of_type(kind), "align": "left"}
        book.put(sheet, row, 2, example, **style)
        row += 1
    return row


def _example(source: Source, field: Field, typed: Any) -> Any:
    """Return an example as a member of this bloc types it."""
    if field.codes is None or typed is None:
        return typed
    labels = source.form.codes[field.codes].items()
    return label(source.form, source.bloc, field.codes, next(c for c, of in labels if typed in of))


def _wrapped(book: Book, sheet: Any, row: int, words: str) -> None:
    """Write a long text over the second and third column, in a row high enough for it."""
    sheet.set_row(row, validations.lines(words, sum(_WIDTHS[1:])) * validations.LINE_HEIGHT)
    sheet.merge_range(row, 1, row, 2, words, book.style(**validations.PLAIN))


def _how(field: Field) -> str:
    required = f"{text('template-required')} " if field.required else ""
    return required + typing_hint(field)


#: rows with an input check, and empty rows that are drawn as such
_CHECKED, _DRAWN = 1000, 18
_INFO_WIDTH = 64
_HEADING_CHARACTERS = re.compile(r"[&\r\n]")


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
    name = choices.full_name(bloc, member) if member else bloc.name
    with Book(path, text("template-title", title=form.title, year=year)) as book:
        lists = choices.choices(form, bloc, year)
        ranges = choices.ranges(lists)
        write(book, source, name)
        _info_sheet(book, source, name, ranges)
        for table in form.tables:
            _TableSheet(book, source, table, ranges).write(name)
        choices.write(book, form.choices, lists)


def _info_sheet(book: Book, source: Source, name: str, ranges: Mapping[str, str]) -> None:
    """Write who reports on which year: labels, filled in where known."""
    form = source.form
    sheet = book.file.add_worksheet(form.info.sheet)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, _INFO_WIDTH)
    known: dict[str, Any] = {"form": form.id, "year": source.year, "bloc": source.bloc.name}
    if source.member:
        known["member"] = name
    for row, field in enumerate(form.info.fields):
        book.put(sheet, row, 0, field.heading, **validations.LABEL)
        value = known.get(field.name, field.default)
        if field.codes and isinstance(value, str):
            value = form.label(field.codes, value)
        style = {**validations.INPUT, **validations.of_type(field.type), "align": "left"}
        sheet.set_row(row, validations.lines(value, _INFO_WIDTH) * validations.LINE_HEIGHT)
        book.put(sheet, row, 1, value, **style, locked=field.name in known)
        if field.name not in known:
            sheet.data_validation(row, 1, row, 1, validation(form, field, ranges, {}))
    validations.print_on_a4(sheet, (0, 0, len(form.info.fields) - 1, 1), landscape=False)
    _running_heads(sheet, form, form.info.sheet, name, source.year)
    sheet.protect("", validations.PROTECTION)


def _running_heads(sheet: Any, form: Form, title: str, name: str, year: int) -> None:
    """Write what stands on every printed page; names are long and have a line to themselves."""
    words = [_HEADING_CHARACTERS.sub(" ", part) for part in (form.id, title, f"{name}, {year}")]
    sheet.set_header("&L{}&R{}".format(*words)[:255])
    page = f"&R{text('template-print-page')}"
    sheet.set_footer(f"&L{words[2]}"[: 255 - len(page)] + page)


class _TableSheet:
    """One table on its sheet: headings, rows filled in, checks, and last year in grey."""

    def __init__(self, book: Book, source: Source, table: Table, ranges: Mapping[str, str]) -> None:
        self.book, self.source, self.table, self.ranges = book, source, table, ranges
        self.guide = guide.of(source.form, table)
        self.past: Past = past(source, table, self.guide)
        self.height = 2 if any(field.group for field in table.fields) else 1
        columns = {field.name: number for number, field in enumerate(table.fields, 1)}
        self.place = Place(columns, self.height + 1, self.height + _CHECKED)
        self.drawn = len(self.past.carried) + _DRAWN
        self.sheet: Any = book.file.add_worksheet(table.sheet)

    def write(self, name: str) -> None:
        """Write the sheet."""
        self._columns()
        self._headings()
        self._rows()
        self._checks()
        self._compared()
        self._set_up(name)

    def _columns(self) -> None:
        """Unlock all columns, so that whole rows can be added and deleted."""
        for number, field in enumerate(self.table.fields):
            style = self.book.style(**validations.of_type(field.type), locked=False)
            width = validations.width(self.source.form, field, self.guide.example.get(field.name))
            self.sheet.set_column(number, number, width, style)
        gap = len(self.table.fields)
        free = self.book.style(locked=False)
        self.sheet.set_column(gap, gap, 3, free)
        for number, name in enumerate(self.past.columns, gap + 1):
            field = self.table.by_name[name]
            example = "" if field.is_numeric else self.guide.example.get(name)
            wide = validations.width(self.source.form, field, example)
            self.sheet.set_column(number, number, max(14, wide), free)
        self.sheet.set_column(gap + len(self.past.columns) + 1, 16383, None, free)
        # columns that are only formatted do not belong to the size that the sheet states
        self.sheet.dim_colmin = self.sheet.dim_colmax = None

    def _headings(self) -> None:
        locked = self.book.style(locked=True)
        for row in range(self.height):
            self.sheet.set_row(row, self._heading_height(row), locked)
        style = self.book.style(**validations.HEADING)
        for number, field in enumerate(self.table.fields):
            top = self.height - 1 if field.group else 0
            if top == self.height - 1:
                self.book.put(self.sheet, top, number, field.heading, **validations.HEADING)
            else:
                self.sheet.merge_range(0, number, self.height - 1, number, field.heading, style)
        for group, first, last in self._groups():
            if first == last:
                self.book.put(self.sheet, 0, first, group, **validations.HEADING)
            else:
                self.sheet.merge_range(0, first, 0, last, group, style)

    def _heading_height(self, row: int) -> float:
        if row < self.height - 1:
            return 30
        return max(validations.height(self.source.form, f, self.height) for f in self.table.fields)

    def _groups(self) -> list[tuple[str, int, int]]:
        """Headings that stand over several columns, with the first and last of these."""
        found: list[tuple[str, int, int]] = []
        for number, field in enumerate(self.table.fields):
            if not field.group:
                continue
            if found and found[-1][0] == field.group and found[-1][2] == number - 1:
                found[-1] = (field.group, found[-1][1], number)
            else:
                found.append((field.group, number, number))
        return found

    def _rows(self) -> None:
        for row in range(self.drawn):
            values = self.past.carried[row] if row < len(self.past.carried) else {}
            self.sheet.set_row(self.height + row, self._row_height(values))
            for number, field in enumerate(self.table.fields):
                style = {**validations.INPUT, **validations.of_type(field.type), "locked": False}
                value = values.get(field.name)
                self.book.put(self.sheet, self.height + row, number, value, **style)

    def _row_height(self, values: Mapping[str, Any]) -> float:
        example = self.guide.example
        lines = (
            validations.lines(
                values.get(f.name), validations.width(self.source.form, f, example.get(f.name))
            )
            for f in self.table.fields
        )
        return max(lines) * validations.LINE_HEIGHT

    def _checks(self) -> None:
        bounds = limits(self.table, self.place)
        for field in self.table.fields:
            bound = bounds.get(field.name, {})
            options = validation(self.source.form, field, self.ranges, bound)
            self.sheet.data_validation(*self.place.span(field.name), options)
            if field.type == "rank":
                cells = validations.a1(*self.place.span(field.name))
                self.sheet.ignore_errors({"number_stored_as_text": cells})
        # contradictions first: not all programs apply a second rule to a cell
        bad = self.book.style(**validations.CONTRADICTION)
        for name, formula in warnings(self.table, self.place):
            rule = {"type": "formula", "criteria": formula, "format": bad}
            self.sheet.conditional_format(*self.place.span(name), rule)
        for field in self.table.fields:
            if field.is_numeric:
                validations.group_thousands(self.book, self.sheet, self.place, field.name)

    def _compared(self) -> None:
        """Write last year beside the table, after an empty column: the reader passes it by."""
        left = len(self.table.fields) + 1
        for number, name in enumerate(self.past.columns):
            field = self.table.by_name[name]
            heading = text("template-compared", year=self.source.year - 1, heading=field.heading)
            self.book.put(
                self.sheet, self.height - 1, left + number, heading, **validations.PAST_HEADING
            )
            for row, values in enumerate(self.past.compared, self.height):
                value = values.get(name)
                style = {
                    **validations.PAST,
                    **validations.shown(field.type, value),
                    "locked": False,
                }
                self.book.put(self.sheet, row, left + number, value, **style)

    def _set_up(self, name: str) -> None:
        fields = self.table.fields
        frozen = min(2, sum(1 for field in fields[:2] if not field.is_numeric))
        self.sheet.freeze_panes(self.height, frozen)
        area = (0, 0, self.height + self.drawn - 1, len(fields) - 1)
        validations.print_on_a4(self.sheet, area, landscape=len(fields) > 4)
        self.sheet.repeat_rows(0, self.height - 1)
        _running_heads(self.sheet, self.source.form, self.table.sheet, name, self.source.year)
        self.sheet.protect("", validations.PROTECTION)
