"""The template that a member fills in, made from the form that the reader reads it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.bloc import Bloc
from thidua_analysis.exchange.issue import choices, guide, instructions, looks
from thidua_analysis.exchange.issue.previous import Past, Source, past
from thidua_analysis.exchange.issue.validations import Place, limits, validation, warnings
from thidua_analysis.exchange.safe import Book
from thidua_analysis.form import Form, Table
from thidua_analysis.messages import text

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

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
        instructions.write(book, source, name)
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
        book.put(sheet, row, 0, field.heading, **looks.LABEL)
        value = known.get(field.name, field.default)
        if field.codes and isinstance(value, str):
            value = form.label(field.codes, value)
        style = {**looks.INPUT, **looks.of_type(field.type), "align": "left"}
        sheet.set_row(row, looks.lines(value, _INFO_WIDTH) * looks.LINE_HEIGHT)
        book.put(sheet, row, 1, value, **style, locked=field.name in known)
        if field.name not in known:
            sheet.data_validation(row, 1, row, 1, validation(form, field, ranges, {}))
    looks.print_on_a4(sheet, (0, 0, len(form.info.fields) - 1, 1), landscape=False)
    _running_heads(sheet, form, form.info.sheet, name, source.year)
    sheet.protect("", looks.PROTECTION)


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
            style = self.book.style(**looks.of_type(field.type), locked=False)
            width = looks.width(self.source.form, field, self.guide.example.get(field.name))
            self.sheet.set_column(number, number, width, style)
        gap = len(self.table.fields)
        free = self.book.style(locked=False)
        self.sheet.set_column(gap, gap, 3, free)
        for number, name in enumerate(self.past.columns, gap + 1):
            field = self.table.by_name[name]
            example = "" if field.is_numeric else self.guide.example.get(name)
            wide = looks.width(self.source.form, field, example)
            self.sheet.set_column(number, number, max(14, wide), free)
        self.sheet.set_column(gap + len(self.past.columns) + 1, 16383, None, free)
        # columns that are only formatted do not belong to the size that the sheet states
        self.sheet.dim_colmin = self.sheet.dim_colmax = None

    def _headings(self) -> None:
        locked = self.book.style(locked=True)
        for row in range(self.height):
            self.sheet.set_row(row, self._heading_height(row), locked)
        style = self.book.style(**looks.HEADING)
        for number, field in enumerate(self.table.fields):
            top = self.height - 1 if field.group else 0
            if top == self.height - 1:
                self.book.put(self.sheet, top, number, field.heading, **looks.HEADING)
            else:
                self.sheet.merge_range(0, number, self.height - 1, number, field.heading, style)
        for group, first, last in self._groups():
            if first == last:
                self.book.put(self.sheet, 0, first, group, **looks.HEADING)
            else:
                self.sheet.merge_range(0, first, 0, last, group, style)

    def _heading_height(self, row: int) -> float:
        if row < self.height - 1:
            return 30
        return max(looks.height(self.source.form, f, self.height) for f in self.table.fields)

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
                style = {**looks.INPUT, **looks.of_type(field.type), "locked": False}
                value = values.get(field.name)
                self.book.put(self.sheet, self.height + row, number, value, **style)

    def _row_height(self, values: Mapping[str, Any]) -> float:
        example = self.guide.example
        lines = (
            looks.lines(values.get(f.name), looks.width(self.source.form, f, example.get(f.name)))
            for f in self.table.fields
        )
        return max(lines) * looks.LINE_HEIGHT

    def _checks(self) -> None:
        bounds = limits(self.table, self.place)
        for field in self.table.fields:
            bound = bounds.get(field.name, {})
            options = validation(self.source.form, field, self.ranges, bound)
            self.sheet.data_validation(*self.place.span(field.name), options)
            if field.type == "rank":
                cells = looks.a1(*self.place.span(field.name))
                self.sheet.ignore_errors({"number_stored_as_text": cells})
        # contradictions first: not all programs apply a second rule to a cell
        bad = self.book.style(**looks.CONTRADICTION)
        for name, formula in warnings(self.table, self.place):
            rule = {"type": "formula", "criteria": formula, "format": bad}
            self.sheet.conditional_format(*self.place.span(name), rule)
        for field in self.table.fields:
            if field.is_numeric:
                looks.group_thousands(self.book, self.sheet, self.place, field.name)

    def _compared(self) -> None:
        """Write last year beside the table, after an empty column: the reader passes it by."""
        left = len(self.table.fields) + 1
        for number, name in enumerate(self.past.columns):
            field = self.table.by_name[name]
            heading = text("template-compared", year=self.source.year - 1, heading=field.heading)
            self.book.put(self.sheet, self.height - 1, left + number, heading, **looks.PAST_HEADING)
            for row, values in enumerate(self.past.compared, self.height):
                value = values.get(name)
                style = {**looks.PAST, **looks.shown(field.type, value), "locked": False}
                self.book.put(self.sheet, row, left + number, value, **style)

    def _set_up(self, name: str) -> None:
        fields = self.table.fields
        frozen = min(2, sum(1 for field in fields[:2] if not field.is_numeric))
        self.sheet.freeze_panes(self.height, frozen)
        area = (0, 0, self.height + self.drawn - 1, len(fields) - 1)
        looks.print_on_a4(self.sheet, area, landscape=len(fields) > 4)
        self.sheet.repeat_rows(0, self.height - 1)
        _running_heads(self.sheet, self.source.form, self.table.sheet, name, self.source.year)
        self.sheet.protect("", looks.PROTECTION)
