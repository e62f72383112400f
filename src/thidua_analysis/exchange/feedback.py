"""Back to the members: a marked copy of each file, and one page a member."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from thidua_analysis import excel, pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import NoDataError, UsageError
from thidua_analysis.excel import LIMITS, Limits, Sheet, Workbook
from thidua_analysis.excel.cells import Merge, Value
from thidua_analysis.exchange import new_book
from thidua_analysis.exchange.listing import (
    FILLS,
    MOST_LINES,
    Listing,
    comment,
    in_order,
    listing,
    put_right,
)
from thidua_analysis.exchange.marked_package import UnmarkableError
from thidua_analysis.exchange.marking import Mark, mark, threaded
from thidua_analysis.exchange.member_page import Report, page
from thidua_analysis.exchange.new_book import Book
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import current
from thidua_analysis.messages import text
from thidua_analysis.publish.board import draw_up
from thidua_analysis.store.inputs import load_limits
from thidua_analysis.store.revisions import SentFile, chain, sent_files
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


FOLDER = "gui-lai"
#: Below it: copies that must not be sent any more, since a later file or none is to be mended.
OLD = "cu"
_SUFFIX = "-can-sua"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of one file below ``data/raw``, and how much was found in it.

    ``member`` is None where the file does not say whose it is, ``path`` and ``how`` (it was made)
    where nothing was found; ``fixed`` counts what was put right since the file before.
    """

    file: str
    member: str | None
    path: Path | None
    how: How | None
    errors: int
    warnings: int
    notes: int
    fixed: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was written: copies by file, pages by member; and former copies that were put aside."""

    folder: Path
    copies: tuple[Copy, ...]
    pages: dict[str, Path]
    aside: tuple[Path, ...] = ()


def feedback(
    data: Path,
    year: int,
    member: str | None = None,
    *,
    out: Path | None = None,
    today: dt.date | None = None,
    lang: Lang = "vi",
    progress: Progress | None = None,
) -> Feedback:
    """Write marked copies and pages for a year.

    Parameters
    ----------
    data
        The data folder; it is built first where anything has changed.
    year
        The year.
    member
        Only this member; all by default.
    out
        Folder to write to; ``reports/<year>/gui-lai`` beside the data folder by default.
    today
        The day that the pages count from.
    lang
        Language of the words in the copies; the pages are in Vietnamese.
    progress
        Called with the number of files done, their total and the name of the last one.

    Returns
    -------
    Feedback
        Of several files of one member, the one that counts is answered. Files that could not
        be read, or do not say whose they are, are answered too.

    Raises
    ------
    NoDataError
        If there is no file for the year.
    UsageError
        If the bloc has no such member, or a file cannot be written or put aside.
    """
    pipeline.build(data)
    dataset = Dataset.open(data)
    refuse_unknown(dataset.bloc, member)
    files = sent_files(dataset.manifest)
    years = sorted({file.about for file in files if file.about})
    if year not in years:
        raise NoDataError("no-year", year=year, years=", ".join(map(str, years)))
    chosen = _answered(files, year, member)
    folder = out or data.resolve().parent / "reports" / str(year) / FOLDER
    copies: list[Copy] = []
    for file in chosen:
        copies.append(_copy(data, folder, chain(files, file), file, _taken(copies), lang))
        if progress:
            progress(len(copies), len(chosen), file.file)
    former = {_stem(one) for file in chosen for one in (*chain(files, file), file)}
    aside = _put_aside(folder, former - _taken(copies))
    pages = _pages(dataset, files, year, member, folder, copies, today or dt.date.today())
    return Feedback(folder, tuple(copies), pages, aside)


def _answered(files: Iterable[SentFile], year: int, member: str | None) -> list[SentFile]:
    """Return the files of a year that get an answer: no later one replaces them, none withdrawn."""
    return [
        file
        for file in files
        if file.about == year and member in (None, file.member)
        if not (file.superseded or file.withdrawn)
    ]


def refuse_unknown(bloc: Bloc, member: str | None) -> None:
    """Refuse a member that the bloc does not have.

    Raises
    ------
    UsageError
        If it has not.
    """
    known = [one.id for one in bloc.members]
    if member is not None and member not in known:
        raise UsageError("member-not-in-bloc", name=member, accepted=", ".join(known))


def _stem(file: SentFile) -> str:
    return f"{PurePath(file.file).stem}{_SUFFIX}".casefold()


def _taken(copies: Iterable[Copy]) -> set[str]:
    return {copy.path.stem.casefold() for copy in copies if copy.path}


def _put_aside(folder: Path, stems: set[str]) -> tuple[Path, ...]:
    """Move former copies into a folder of their own, so that nobody sends them by mistake."""
    aside = []
    for path in sorted(folder.glob(f"*{_SUFFIX}.xls[xm]")):
        if path.stem.casefold() in stems:
            target = folder / OLD / path.name
            target.parent.mkdir(exist_ok=True)
            try:
                path.replace(target)
            except OSError as error:
                raise UsageError("output-locked", path=str(path)) from error
            aside.append(target)
    return tuple(aside)


def _copy(
    data: Path,
    folder: Path,
    before: tuple[SentFile, ...],
    file: SentFile,
    taken: set[str],
    lang: Lang,
) -> Copy:
    source = data / "raw" / file.file
    fixed = put_right(before[-1].findings, file.findings) if before else []
    path: Path | None = None
    how: How | None = None
    if file.findings:
        ending = f"-{source.suffix[1:]}" if _stem(file) in taken else ""
        path, how = write_marked_copy(
            source,
            folder / f"{source.stem}{ending}{_SUFFIX}.xlsx",
            file.findings,
            fixed,
            revision=file.revision,
            limits=load_limits(data),
            lang=lang,
        )
    errors, warnings, notes = (file.count(name) for name in ("error", "warning", "note"))
    return Copy(file.file, file.member, path, how, errors, warnings, notes, len(fixed))


def _pages(
    dataset: Dataset,
    files: tuple[SentFile, ...],
    year: int,
    member: str | None,
    folder: Path,
    copies: Iterable[Copy],
    today: dt.date,
) -> dict[str, Path]:
    named = {copy.member: copy.path.name for copy in copies if copy.path}
    pages = {}
    folder.mkdir(parents=True, exist_ok=True)
    received = ((row["file"], row["received"]) for row in dataset.records("submissions"))
    days = {file: day for file, day in received if day}
    for place in draw_up(files, dataset.bloc, days, [year], today).places:
        if place.member and member in (None, place.member):
            words = page(Report(dataset, files, place, today), named.get(place.member))
            pages[place.member] = folder / f"{place.member}.html"
            pages[place.member].write_text(words, encoding="utf-8")
    return pages
