"""Headings of a member's own, for which the analyst has said which field of the form they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import pydantic

from thidua_analysis.excel import Sheet, Workbook
from thidua_analysis.form.config import Entry
from thidua_analysis.form.model import current
from thidua_analysis.form.spellings import heading_key
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.which_form import member_in_path, member_in_titles

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc


class OwnHeadings(Entry):
    """One entry of ``data/raw/mappings.toml``: headings on a member's sheet → fields of a table.

    Years in the name of the sheet and in headings stand for that of any report.
    """

    member: str = pydantic.Field(min_length=1)
    sheet: str = pydantic.Field(min_length=1)
    table: str = pydantic.Field(min_length=1)
    headings: dict[str, str] = pydantic.Field(min_length=1)


class OwnHeadingList(Entry):
    """Everything that ``data/raw/mappings.toml`` says."""

    mappings: tuple[OwnHeadings, ...] = ()


def member_of(book: Workbook, path: PurePath, bloc: Bloc) -> str | None:
    """The member that titles or the file's name name, where the form of a file is not known."""
    sheets = [SheetTexts(sheet) for sheet in book.sheets if not sheet.hidden]
    return member_in_titles(sheets, bloc) or member_in_path(path, bloc)


def with_form_headings(
    book: Workbook, wanted: Iterable[OwnHeadings], member: str | None
) -> Workbook | None:
    """Put the form's headings in place of a member's own; None where there are none.

    Parameters
    ----------
    book
        The workbook as read.
    wanted
        What the analyst has said.
    member
        Whose file it is.
    """
    own = [one for one in wanted if one.member == member]
    sheets = [
        _replaced(sheet, [one for one in own if heading_key(one.sheet) == heading_key(sheet.name)])
        for sheet in book.sheets
    ]
    changed = any(new is not old for new, old in zip(sheets, book.sheets, strict=True))
    return replace(book, sheets=tuple(sheets)) if changed else None


def _replaced(sheet: Sheet, own: Sequence[OwnHeadings]) -> Sheet:
    """The sheet with the form's headings: where one first stands, and wherever two stand."""
    meant = {
        heading_key(heading): current("unit").table(one.table).by_name[field].heading
        for one in own
        for heading, field in one.headings.items()
    }
    if not meant:
        return sheet
    texts, rows, done = SheetTexts(sheet), list(sheet.rows), set[str]()
    for number, cells in enumerate(sheet.rows):
        read = {c: heading_key(texts.shown(number + 1, c + 1)) for c in _texts(cells)}
        found = {c: text for c, text in read.items() if text in meant}
        if len(found) > 1 or not done.issuperset(found.values()):
            rows[number] = [meant[found[c]] if c in found else v for c, v in enumerate(cells)]
            done.update(found.values())
    return replace(sheet, rows=rows) if done else sheet


def _texts(cells: Sequence[object]) -> list[int]:
    return [column for column, value in enumerate(cells) if isinstance(value, str) and value]
