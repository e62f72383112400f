"""`…-can-sua.xlsx`: the copy of a sender's file that shows what to mend, and where."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from thidua_analysis import excel
from thidua_analysis.errors import UsageError
from thidua_analysis.excel import LIMITS, Limits, Sheet, Workbook
from thidua_analysis.excel.cells import Merge, Value
from thidua_analysis.exchange import new_book
from thidua_analysis.exchange.listing import FILLS, MOST_LINES, Listing, comment, in_order, listing
from thidua_analysis.exchange.marked_package import UnmarkableError
from thidua_analysis.exchange.marking import Mark, mark, threaded
from thidua_analysis.exchange.new_book import Book
from thidua_analysis.findings import Finding
from thidua_analysis.form.model import current
from thidua_analysis.messages import text
from thidua_analysis.submission.which_form import name_of_list
from thidua_analysis.vietnamese.display import Lang

#: How a copy was made: the sender's own package, a copy of its values, or the list alone.
How = Literal["marked", "converted", "list"]
_OWN_KINDS = ("xlsx", "xlsm")
_LOOKS: dict[str, dict[str, Any]] = {
    "title": new_book.TITLE,
    "heading": new_book.LABEL,
    "text": new_book.PLAIN,
    "link": new_book.PLAIN,
    "plain": {**new_book.PLAIN, "text_wrap": False},
    **{name: {**new_book.STRONG, "bg_color": f"#{colour[2:]}"} for name, colour in FILLS.items()},
}


def write_marked_copy(
    source: Path,
    target: Path,
    findings: Sequence[Finding],
    fixed: Iterable[Finding] = (),
    *,
    revision: int = 1,
    limits: Limits = LIMITS,
    lang: Lang = "vi",
) -> tuple[Path, How]:
    """Write a copy of a file in which every finding is marked, and say how it was made.

    The ending of the target follows what the file is. The list also says what was put right
    since the file before (``fixed``), and which revision the next file states.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    data = source.read_bytes()
    reading = excel.read(data, source.name, limits)
    book, own = reading.workbook, reading.kind in _OWN_KINDS

    def listed(remark: str = "") -> Listing:
        return listing(
            findings,
            fixed,
            sheet=name_of_list(book) if book else current("unit").mending,
            remark=remark,
            unseen=threaded(data) if book and own else (),
            revision=revision + 1,
            lang=lang,
        )

    def list_alone(why: str) -> tuple[Path, How]:
        remark = text("copy-list", lang, why=text(f"copy-why-{why}", lang))
        write_list(listed(remark), target.with_suffix(".xlsx"))
        return target.with_suffix(".xlsx"), "list"

    if book is None:
        return list_alone("unreadable")
    marks = [
        Mark(one.sheet, one.cell, one.severity, comment(one, lang))
        for one in in_order(findings)[:MOST_LINES]
        if one.sheet and one.cell
    ]
    try:
        if own:
            path = target.with_suffix(f".{reading.kind}")
            return _written(path, mark(data, marks, listed())), "marked"
        remark = text("copy-converted", lang, kind=reading.kind)
        copy = mark(_converted(book), marks, listed(remark))
        return _written(target.with_suffix(".xlsx"), copy), "converted"
    except UnmarkableError:
        return list_alone("structure")


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError("output-locked", path=str(path)) from error
    return path


def write_list(listing: Listing, path: Path) -> None:
    """Write a workbook that holds nothing but the list; without the file it has no links."""
    with Book(path, listing.sheet) as book:
        sheet = book.file.add_worksheet(listing.sheet)
        for column, width in enumerate(listing.widths):
            sheet.set_column(column, column, width)
        for row, entries in enumerate(listing.rows):
            for column, entry in enumerate(entries):
                if entry.text:
                    book.put(sheet, row, column, entry.text, **_LOOKS[entry.look])
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)


# --- the values of a file that is no .xlsx ---------------------------------------------------


def _converted(workbook: Workbook) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.xlsx"
        write_copy(workbook, path)
        return path.read_bytes()


def write_copy(workbook: Workbook, path: Path) -> None:
    """Write the values of a workbook as .xlsx.

    Sheets keep their names, order and hidden state, cells their addresses, merges, number
    formats and fonts as far as these were read.
    """
    with Book(path) as book:
        for sheet in workbook.sheets:
            _write_sheet(book, sheet)


def _write_sheet(book: Book, sheet: Sheet) -> None:
    target = book.file.add_worksheet(sheet.name)

    def put(row: int, column: int, value: Value) -> None:
        shown = None if value == "" else value
        book.put(target, row - 1, column - 1, shown, **_style(sheet, row, column))

    for cell in sheet.filled():
        put(cell.row, cell.column, sheet.stored.get((cell.row, cell.column), cell.value))
    for merge in sheet.merges:
        _merge(book, target, merge)
        first = merge.top, merge.left
        put(*first, sheet.stored.get(first, sheet.value(*first)))
    for (row, column), covered in sheet.covered.items():
        put(row, column, covered)
    for row, column in sheet.errors.keys() | sheet.uncalculated:
        error = sheet.errors.get((row, column))
        book.put_wrong(target, row - 1, column - 1, error, **_style(sheet, row, column))
    for row in sheet.hidden_rows:
        target.set_row(row - 1, None, None, {"hidden": True})
    target.autofit(max_width=300)
    for column in sheet.hidden_columns:
        target.set_column(column - 1, column - 1, None, None, {"hidden": True})
    if sheet.hidden:
        target.hide()


def _merge(book: Book, target: Any, merge: Merge) -> None:
    """Merge a range; one that lies over another, as Excel has none, is left out."""
    from xlsxwriter.exceptions import OverlappingRange

    bounds = merge.top - 1, merge.left - 1, merge.bottom - 1, merge.right - 1
    if bounds[:2] != bounds[2:]:
        with suppress(OverlappingRange):
            target.merge_range(*bounds, "", book.style())


def _style(sheet: Sheet, row: int, column: int) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
    if code := sheet.formats.get((row, column)):
        style["num_format"] = code
    if font := sheet.fonts.get((row, column)):
        style["font_name"] = font
    return style
