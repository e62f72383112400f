"""The first sheet of the template: steps, and for each table how to fill it in, with an example.

Fields stand below each other, never in a row: a row of headings would be read as a table.
"""

from __future__ import annotations

from typing import Any

from thidua_analysis.exchange.issue import guide, looks
from thidua_analysis.exchange.issue.previous import Source
from thidua_analysis.exchange.issue.validations import typing_hint
from thidua_analysis.exchange.safe import Book
from thidua_analysis.form import Field, Table
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import date

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
    sheet.set_row(0, 2 * looks.LINE_HEIGHT)
    book.put(sheet, 0, 0, title, **looks.TITLE)
    about = text("template-for", member=name, form=form.id, year=source.year)
    book.put(sheet, 1, 0, about, **{**looks.STRONG, "text_wrap": False})
    row = _steps(book, sheet, source, 3)
    for table in form.tables:
        row = _table(book, sheet, source, table, row + 1)
    looks.print_on_a4(sheet, (0, 0, row, 2), landscape=False)
    sheet.set_footer(f"&C{text('template-print-page')}")
    sheet.protect("", looks.PROTECTION)
    sheet.activate()


def _steps(book: Book, sheet: Any, source: Source, row: int) -> int:
    due = source.bloc.due(source.year)
    words: dict[str, Any] = {
        "sheet": source.form.info.sheet,
        "last": source.year - 1,
        "due": text("template-due", day=date(due)) if due else "",
    }
    for number in range(1, _STEPS + 1):
        book.put(sheet, row, 0, text("template-step", number=number), **looks.STRONG)
        _wrapped(book, sheet, row, text(f"template-step-{number}", "vi", **words))
        row += 1
    return row


def _table(book: Book, sheet: Any, source: Source, table: Table, row: int) -> int:
    """Write how one table is filled in; return the row after it."""
    said = guide.of(source.form, table)
    target = f"internal:'{table.sheet}'!A1"
    sheet.write_url(row, 0, target, book.style(**looks.LINK), string=table.sheet)
    _wrapped(book, sheet, row, said.about)
    for column, word in enumerate(("column", "how", "example")):
        book.put(sheet, row + 1, column, text(f"template-{word}"), **looks.LABEL)
    row += 2
    for field in table.fields:
        sheet.set_row(row, looks.lines(field.heading, _WIDTHS[0]) * looks.LINE_HEIGHT)
        book.put(sheet, row, 0, field.heading, **looks.INPUT)
        book.put(sheet, row, 1, _how(field), **looks.INPUT)
        example = said.example.get(field.name)
        # as it is typed: with separators it would be against what the steps above ask for
        kind = "number" if isinstance(example, int | float) else field.type
        style = {**looks.INPUT, **looks.of_type(kind), "align": "left"}
        book.put(sheet, row, 2, example, **style)
        row += 1
    return row


def _wrapped(book: Book, sheet: Any, row: int, words: str) -> None:
    """Write a long text over the second and third column, in a row high enough for it."""
    sheet.set_row(row, looks.lines(words, sum(_WIDTHS[1:])) * looks.LINE_HEIGHT)
    sheet.merge_range(row, 1, row, 2, words, book.style(**looks.PLAIN))


def _how(field: Field) -> str:
    required = f"{text('template-required')} " if field.required else ""
    return required + typing_hint(field)
