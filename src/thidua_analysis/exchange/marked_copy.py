"""`…-can-sua.xlsx`: the copy of a sender's file that shows what to mend, and where."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Limits, Sheet, Workbook
from thidua_analysis.excel.cells import Merge, Value
from thidua_analysis.exchange import said, validations
from thidua_analysis.exchange.marks import Mark, UnmarkableError, mark, threaded
from thidua_analysis.exchange.marks.listing import Listing
from thidua_analysis.exchange.marks.styles import FILLS
from thidua_analysis.exchange.safe import Book
from thidua_analysis.findings import Finding
from thidua_analysis.form.model import current
from thidua_analysis.messages import text
from thidua_analysis.submission.which_form import name_of_list
from thidua_analysis.vietnamese.display import Lang


def write_copy(workbook: Workbook, path: Path) -> None:
    """Write the values of a workbook as .xlsx.

    Parameters
    ----------
    workbook
        The workbook as read.
    path
        File to write. Sheets keep their names, order and hidden state, cells their addresses,
        merges, number formats and fonts as far as these were read.
    """
    with Book(path) as book:
        for sheet in workbook.sheets:
            _write_sheet(book, sheet)


def _write_sheet(book: Book, sheet: Sheet) -> None:
    target = book.file.add_worksheet(sheet.name)
    for cell in sheet.filled():
        position = cell.row, cell.column
        value = sheet.stored.get(position, cell.value)
        _put(book, target, cell.row - 1, cell.column - 1, value, _style(sheet, *position))
    for merge in sheet.merges:
        _merge(book, target, sheet, merge)
    for (row, column), covered in sheet.covered.items():
        _put(book, target, row - 1, column - 1, covered, _style(sheet, row, column))
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


def _merge(book: Book, target: Any, sheet: Sheet, merge: Merge) -> None:
    """Merge a range; one that lies over another, as Excel has none, is left out."""
    from xlsxwriter.exceptions import OverlappingRange

    first = merge.top, merge.left
    value, style = sheet.stored.get(first, sheet.value(*first)), _style(sheet, *first)
    if first != (merge.bottom, merge.right):
        with suppress(OverlappingRange):
            target.merge_range(
                merge.top - 1, merge.left - 1, merge.bottom - 1, merge.right - 1, "", book.style()
            )
    _put(book, target, merge.top - 1, merge.left - 1, value, style)


def _put(book: Book, target: Any, row: int, column: int, value: Value, style: Any) -> None:
    book.put(target, row, column, value if value != "" else None, **style)


def _style(sheet: Sheet, row: int, column: int) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
    if code := sheet.formats.get((row, column)):
        style["num_format"] = code
    if font := sheet.font(row, column):
        style["font_name"] = font
    return style


_LOOKS: dict[str, dict[str, Any]] = {
    "title": validations.TITLE,
    "heading": validations.LABEL,
    "text": validations.PLAIN,
    "link": validations.PLAIN,
    "plain": {**validations.PLAIN, "text_wrap": False},
    **{
        name: {**validations.STRONG, "bg_color": f"#{colour[2:]}"} for name, colour in FILLS.items()
    },
}


def write_list(listing: Listing, path: Path) -> None:
    """Write the list; without the file beside it, it has no links."""
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


#: How a copy was made: the sender's own package, a copy of its values, or the list alone.
How = Literal["marked", "converted", "list"]
SUFFIX = "-can-sua"
_OWN_KINDS = ("xlsx", "xlsm")


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
    """Write a copy of a file in which every finding is marked.

    Parameters
    ----------
    source
        The file as sent; it is only read.
    target
        Where the copy goes; its ending follows what the file is.
    findings
        What was found in it.
    fixed
        What was put right since the file before.
    revision
        The revision of the file.
    limits
        Limits of the reader.
    lang
        Language of the words.

    Returns
    -------
    tuple
        The file written, and how it was made.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    data = source.read_bytes()
    reading = excel.read(data, source.name, limits)

    # a cell with a thread of comments shows that alone
    unseen = threaded(data) if reading.workbook and reading.kind in _OWN_KINDS else frozenset()

    def listing(remark: str = "") -> Listing:
        return said.listing(
            findings,
            fixed,
            sheet=name_of_list(reading.workbook) if reading.workbook else current("unit").mending,
            remark=remark,
            unseen=unseen,
            revision=revision + 1,
            lang=lang,
        )

    listed = said.in_order(findings)[: said.MOST_LINES]
    marks = [_mark(one, lang) for one in listed if one.sheet and one.cell]
    if reading.workbook is None:
        remark = text("copy-list", lang, why=text("copy-why-unreadable", lang))
        return _list_alone(target, listing(remark))
    try:
        if reading.kind in _OWN_KINDS:
            return _written(
                target.with_suffix(f".{reading.kind}"), mark(data, marks, listing())
            ), "marked"
        remark = text("copy-converted", lang, kind=reading.kind)
        copy = _converted(reading.workbook)
        return _written(
            target.with_suffix(".xlsx"), mark(copy, marks, listing(remark))
        ), "converted"
    except UnmarkableError:
        remark = text("copy-list", lang, why=text("copy-why-structure", lang))
        return _list_alone(target, listing(remark))


def _mark(found: Finding, lang: Lang) -> Mark:
    return Mark(str(found.sheet), str(found.cell), found.severity, said.comment(found, lang))


def _converted(workbook: excel.Workbook) -> bytes:

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.xlsx"
        write_copy(workbook, path)
        return path.read_bytes()


def _list_alone(target: Path, listing: Listing) -> tuple[Path, How]:
    """Write a workbook that holds nothing but the list."""
    path = target.with_suffix(".xlsx")
    write_list(listing, path)
    return path, "list"


def _written(path: Path, content: bytes) -> Path:
    from thidua_analysis.errors import UsageError

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError("output-locked", path=str(path)) from error
    return path
