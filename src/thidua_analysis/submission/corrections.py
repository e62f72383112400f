"""What the analyst agreed with senders: corrections of cells, and meanings of their headings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import Field

from thidua_analysis.excel import Sheet, Workbook, position
from thidua_analysis.excel.cells import Value
from thidua_analysis.form.config import Day, Entry
from thidua_analysis.form.model import current, heading_key
from thidua_analysis.submission.texts import SheetTexts, shown
from thidua_analysis.vietnamese.text import clean


class Correction(Entry):
    """One entry of ``data/raw/corrections.toml``.

    ``file`` is the path below ``data/raw``; ``expected`` the text that the cell shows in the file
    as received (``""`` for a blank cell).
    """

    file: str = Field(min_length=1)
    sheet: str = Field(min_length=1)
    cell: str = Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")
    expected: str
    replacement: str | int | float | dt.date
    reason: str = Field(min_length=1)
    reported_on: Day

    @property
    def words(self) -> str:
        """What was done and why, as lineage shows it."""
        change = f"“{self.expected}” → “{self.replacement}”"
        return f"{change} ({self.reported_on:%d/%m/%Y}: {self.reason})"


class CorrectionList(Entry):
    """Everything that ``data/raw/corrections.toml`` says."""

    corrections: tuple[Correction, ...] = ()


def apply(
    book: Workbook, wanted: Iterable[Correction]
) -> tuple[Workbook, tuple[Correction, ...], tuple[Correction, ...]]:
    """Put replacements into the cells of a workbook, also over errors and blank formulas.

    Returned with it are the corrections whose cell shows the expected text, and are applied, and
    those whose cell no longer does.
    """
    sheets = {clean(sheet.name): sheet for sheet in book.sheets}
    applied: list[Correction] = []
    stale: list[Correction] = []
    for one in wanted:
        sheet = sheets.get(clean(one.sheet))
        if sheet is None or _shown(sheet, *position(one.cell)) != clean(one.expected):
            stale.append(one)
            continue
        sheets[clean(one.sheet)] = _replaced(sheet, *position(one.cell), one.replacement)
        applied.append(one)
    made = replace(book, sheets=tuple(sheets[clean(sheet.name)] for sheet in book.sheets))
    return made, tuple(applied), tuple(stale)


def _shown(sheet: Sheet, row: int, column: int) -> str:
    if (row, column) in sheet.errors:
        return sheet.errors[row, column]
    return clean(shown(sheet.value(row, column)))


def _replaced(sheet: Sheet, row: int, column: int, value: Value) -> Sheet:
    rows = [list(cells) for cells in sheet.rows]
    rows += [[] for _ in range(row - len(rows))]
    line = rows[row - 1]
    line += [None] * (column - len(line))
    line[column - 1] = float(value) if isinstance(value, int) else value
    errors = {place: text for place, text in sheet.errors.items() if place != (row, column)}
    return replace(
        sheet,
        rows=rows,
        errors=errors,
        uncalculated=sheet.uncalculated - {(row, column)},
        unlike=sheet.unlike - {(row, column)},
    )


class OwnHeadings(Entry):
    """One entry of ``data/raw/mappings.toml``: headings on a member's sheet → fields of a table.

    Years in the name of the sheet and in headings stand for that of any report.
    """

    member: str = Field(min_length=1)
    sheet: str = Field(min_length=1)
    table: str = Field(min_length=1)
    headings: dict[str, str] = Field(min_length=1)


class OwnHeadingList(Entry):
    """Everything that ``data/raw/mappings.toml`` says."""

    mappings: tuple[OwnHeadings, ...] = ()


def with_form_headings(
    book: Workbook, wanted: Iterable[OwnHeadings], member: str | None
) -> Workbook | None:
    """Put the form's headings in place of a member's own; None where there are none."""
    own = [one for one in wanted if one.member == member]
    sheets = tuple(_with_headings(sheet, own) for sheet in book.sheets)
    changed = any(new is not old for new, old in zip(sheets, book.sheets, strict=True))
    return replace(book, sheets=sheets) if changed else None


def _with_headings(sheet: Sheet, own: Sequence[OwnHeadings]) -> Sheet:
    """The sheet with the form's headings: where one first stands, and wherever two stand."""
    meant = {
        heading_key(heading): current("unit").table(one.table).by_name[field].heading
        for one in own
        if heading_key(one.sheet) == heading_key(sheet.name)
        for heading, field in one.headings.items()
    }
    texts, rows, done = SheetTexts(sheet), list(sheet.rows), set[str]()
    for number, cells in enumerate(sheet.rows if meant else ()):
        read = {c: heading_key(texts.shown(number + 1, c + 1)) for c in range(len(cells))}
        found = {c: text for c, text in read.items() if text in meant}
        if len(found) > 1 or not done.issuperset(found.values()):
            rows[number] = [meant[found[c]] if c in found else v for c, v in enumerate(cells)]
            done.update(found.values())
    return replace(sheet, rows=rows) if done else sheet
