"""The way of one file: bytes → workbook → identity → tables → rows → checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Cell, Limits, Position, Workbook, address, position
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Form, Table
from thidua_analysis.submission.accounting import tally
from thidua_analysis.submission.award_checks import check_caps
from thidua_analysis.submission.checks import check_table, withhold
from thidua_analysis.submission.corrections import (
    Correction,
    OwnHeadings,
    apply,
    with_form_headings,
)
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.identity import Identity, identify
from thidua_analysis.submission.locate import find_tables
from thidua_analysis.submission.outside import Outside
from thidua_analysis.submission.recipients import Group, disagreements, group
from thidua_analysis.submission.recipients import Identity as GroupIdentity
from thidua_analysis.submission.repeated import check_duplicates, other_year, repeated
from thidua_analysis.submission.row_words import says_nothing
from thidua_analysis.submission.rows import Datum, Row, Rows, Submission, Tally
from thidua_analysis.submission.table import extract
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.which_form import (
    is_choices,
    is_guide,
    is_own,
    member_of,
    without_choices,
)
from thidua_analysis.vietnamese.digits import exactly
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc

#: a file with more findings than this is no report; what is wrong in it stays out of the rows
MOST = 100_000


class Found(list[Finding]):
    """A list that takes no more findings once it is full, so that no file fills the memory."""

    def append(self, one: Finding) -> None:
        """Add a finding while there is room."""
        if len(self) < MOST:
            super().append(one)

    def extend(self, several: Iterable[Finding]) -> None:
        """Add findings while there is room; the others are not even made."""
        super().extend(islice(several, max(0, MOST - len(self))))


def table_findings(
    form: Form,
    identity: Identity,
    parts: Mapping[str, Sequence[Extract]],
    texts: Mapping[str, SheetTexts],
) -> Iterator[Finding]:
    """Findings on the sheets of the form that were not sent, or not as tables.

    A sheet that bears the table's name and is blank, or says that there is nothing to report, was
    sent.

    Parameters
    ----------
    form
        The form.
    identity
        Where it is said who reports: `Thông tin` is a sheet of the form as well.
    parts
        Tables as read, by table.
    texts
        The visible sheets by name.
    """
    if identity.sheet is None:
        named = [t for name, t in texts.items() if key(name) == key(form.info.sheet)]
        labels = [f.heading for f in form.info.fields]
        filled = [one for sheet in named for one in _without_headings(labels, sheet, "label")]
        yield from filled or [finding("table-missing", params={"table": form.info.sheet})]
    # a sheet with another table of the form is no blank one of its own name
    used = {part.sheet.name for found in parts.values() for part in found}
    for table in form.tables:
        ids = {table.id, *(t.id for t in form.tables if t.adds_up_to == table.id)}
        if ids & parts.keys():
            continue
        named = [
            t for name, t in texts.items() if key(name) == table.sheet_key and name not in used
        ]
        for sheet in named:
            fields = table.by_name
            yield from _without_headings([fields[name].heading for name in table.expected], sheet)
        if not named and not table.optional:
            yield finding("table-missing", params={"table": table.sheet})


def _without_headings(
    headings: Iterable[str], texts: SheetTexts, of: str = "table"
) -> Iterator[Finding]:
    filled = list(texts.sheet.filled())
    if not filled or any(says_nothing(_text(texts, cell)) for cell in filled):
        return
    yield finding(
        "heading-missing",
        sheet=texts.sheet.name,
        cell=address(filled[0].row, filled[0].column),
        heading="; ".join(headings),
        params={"of": of},
    )


def _text(texts: SheetTexts, cell: Cell) -> str:
    return texts.shown(cell.row, cell.column)


@dataclass(slots=True)
class Reading:
    """All that was found in one workbook, before it is let go.

    ``parts`` are the tables as read, by table, in the order in which they stand; ``repeated`` are
    those that stand again on another sheet and do not count; ``outside`` is what stands beside
    them all, by sheet.
    """

    book: Workbook
    identity: Identity
    parts: dict[str, list[Extract]] = field(default_factory=dict)
    repeated: list[Extract] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    rows: dict[str, Sequence[Row]] = field(default_factory=dict)
    outside: dict[str, Outside] = field(default_factory=dict)

    @property
    def year(self) -> int | None:
        """Year of the report, where it is known."""
        return _whole(self.identity.values.get("year"))


def read_file(
    path: Path,
    bloc: Bloc,
    *,
    limits: Limits = LIMITS,
    corrections: Sequence[Correction] = (),
    mappings: Sequence[OwnHeadings] = (),
    every_cell: bool = False,
) -> Submission:
    """Read one submitted file.

    Parameters
    ----------
    path
        The file; its name and folder may say who reports on which year.
    bloc
        The members and their rules.
    limits
        Limits on size and time.
    corrections
        Corrections of this file's cells, applied before anything is read.
    mappings
        Headings of members' own and what they mean.
    every_cell
        Whether to say of each cell where it went, also of those that are in no row.

    Returns
    -------
    Submission
        Rows and findings. Whatever the file holds, this never raises.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    return read_bytes(
        path.read_bytes(),
        path,
        bloc,
        limits=limits,
        corrections=corrections,
        mappings=mappings,
        every_cell=every_cell,
    )


def read_bytes(
    data: bytes,
    path: PurePath,
    bloc: Bloc,
    *,
    limits: Limits = LIMITS,
    corrections: Sequence[Correction] = (),
    mappings: Sequence[OwnHeadings] = (),
    every_cell: bool = False,
) -> Submission:
    """Read one submitted file from its bytes; see `read_file`."""
    opened = excel.read(data, path.name, limits)
    found = tuple(without_choices(opened.findings))
    bare = Submission(
        str(path), opened.sha256, findings=found, tally=Tally() if every_cell else None
    )
    if opened.workbook is None:
        return bare
    try:
        book, applied, stale = apply(opened.workbook, corrections)
        bare = replace(bare, corrected=applied, stale=stale)
        reading = read_workbook(book, path, bloc)
        if mappings:
            reading = _read_again(reading, path, bloc, mappings)
        return _described(bare, reading, tally(reading) if every_cell else None)
    except Exception as error:  # a bug must not cost the other files
        failed = finding("reader-failed", params={"what": type(error).__name__})
        return replace(bare, findings=(*bare.findings, failed), corrected=(), stale=())


def _read_again(
    reading: Reading, path: PurePath, bloc: Bloc, mappings: Sequence[OwnHeadings]
) -> Reading:
    """Read a workbook with the form's headings in place of those of its member's own."""
    said = reading.identity.values.get("member")
    member = str(said) if said else member_of(reading.book, path, bloc)
    book = with_form_headings(reading.book, mappings, member)
    return read_workbook(book, path, bloc) if book else reading


@exactly
def read_workbook(book: Workbook, path: PurePath, bloc: Bloc) -> Reading:
    """Read what a workbook says: who reports, every table of the form, and what is wrong.

    Parameters
    ----------
    book
        The workbook.
    path
        Where the file lies.
    bloc
        The members and their rules.
    """
    texts = {s.name: SheetTexts(s) for s in book.sheets if not s.hidden and not is_own(s)}
    identity, said = identify(texts, bloc, path)
    found = Found(said)
    reading = Reading(book, identity, found=found)
    form = reading.identity.form
    if form is not None:
        _read_tables(reading, form, texts, bloc)
        _check(reading, form)
        _collect_rows(reading, form, bloc)
        found.extend(table_findings(form, reading.identity, reading.parts, texts))
        _look_around(reading, form, texts)
    return reading


def _read_tables(reading: Reading, form: Form, texts: Mapping[str, SheetTexts], bloc: Bloc) -> None:
    """Every table of the form, wherever it stands."""
    parts: dict[str, list[tuple[Extract, Found]]] = {}
    for of_sheet in texts.values():
        for place in find_tables(form, of_sheet, reading.year):
            own = Found()
            part = extract(form, bloc, of_sheet, place, reading.year, own)
            parts.setdefault(place.table.id, []).append((part, own))
    for table, places in parts.items():
        again = list(repeated([part for part, _ in places], texts, reading.year))
        reading.repeated.extend(one.part for one in again)
        reading.found.extend(one.finding() for one in again)
        reading.parts[table] = [part for part, _ in places if part not in reading.repeated]
    for part, own in chain.from_iterable(parts.values()):
        if part not in reading.repeated:
            reading.found.extend(own)
            reading.found.extend(filter(None, [other_year(part, reading.year)]))


def _look_around(reading: Reading, form: Form, texts: Mapping[str, SheetTexts]) -> None:
    """What stands outside the tables; regions that may be data and that no finding names."""
    parts: dict[str, list[Extract]] = {}
    for part in chain(*reading.parts.values(), reading.repeated):
        parts.setdefault(part.sheet.name, []).append(part)
    named: dict[str, set[Position]] = {}
    for one in reading.found:
        if one.sheet and one.cell:
            first, _, last = (one.params.get("range") or one.cell).partition(":")
            (top, left), (bottom, _) = position(first), position(last or first)
            places = {position(one.cell), *((row, left) for row in range(top, bottom + 1))}
            named.setdefault(one.sheet, set()).update(places)
    headless = {one.sheet for one in reading.found if one.code == "heading-missing"}
    for name, of_sheet in texts.items():
        if not is_choices(name) and not is_guide(of_sheet.sheet):
            read = reading.identity.read_on(of_sheet)
            around = Outside(form, of_sheet, parts.get(name, ()), read, named.get(name, set()))
            if name in headless and name not in parts:
                around.leave()
            reading.outside[name] = around
            reading.found.extend(around.findings())


def _check(reading: Reading, form: Form) -> None:
    for parts in reading.parts.values():
        for part in parts:
            reading.found.extend(check_table(form, part, reading.parts))
        reading.found.extend(check_duplicates(parts))


def _collect_rows(reading: Reading, form: Form, bloc: Bloc) -> None:
    """Rows of each table: as they stand, or added up from lists where only lists were sent."""
    listed = {t.id: _listed(reading, form, t, bloc) for t in form.tables if not t.adds_up_to}
    for name, groups in listed.items():
        _compare(reading, form, form.table(name), groups)
        rows = _rows(reading, name, groups)
        if bloc.caps and rows and "award" in form.table(name).by_name:
            reading.found.extend(check_caps(bloc, rows, form.table(name), reading.year))
    withhold(chain.from_iterable(reading.parts.values()), reading.found)
    for name, groups in listed.items():
        rows = _rows(reading, name, groups)
        if rows:
            reading.rows[name] = rows


def _compare(
    reading: Reading, form: Form, table: Table, groups: Mapping[GroupIdentity, Group]
) -> None:
    """Counts and lists say the same, as far as no row of either was kept out."""
    own = reading.parts.get(table.id, [])
    if own and groups and not any(p.left_out for p in (*own, *_lists(reading, form, table))):
        rows = _rows(reading, table.id, groups)
        reading.found.extend(disagreements(table, rows, groups))


def _rows(reading: Reading, name: str, groups: Mapping[GroupIdentity, Group]) -> Sequence[Row]:
    """Rows of a table; those added up from lists where it was not sent, or sent blank."""
    parts = reading.parts.get(name, [])
    own = [rows for part in parts if (rows := part.rows())]
    if len(own) == 1:
        return own[0]
    if own or any(part.roles.data for part in parts):
        return Rows(sum(map(len, own)), lambda: chain.from_iterable(own))
    return tuple(group.counts() for group in groups.values())


def _lists(reading: Reading, form: Form, table: Table) -> list[Extract]:
    """Lists of recipients that add up to a table."""
    ids = [t.id for t in form.tables if t.adds_up_to == table.id]
    return [part for name in ids for part in reading.parts.get(name, [])]


def _listed(reading: Reading, form: Form, table: Table, bloc: Bloc) -> dict[GroupIdentity, Group]:
    lists = _lists(reading, form, table)
    return group(form, bloc, lists, reading.found) if lists else {}


def _described(bare: Submission, reading: Reading, cells: Tally | None) -> Submission:
    identity = reading.identity
    said = identity.values
    revision, as_of, member = _whole(said.get("revision")), said.get("as_of"), said.get("member")
    return replace(
        bare,
        form=identity.form.id if identity.form else None,
        member=str(member) if member else None,
        year=reading.year,
        revision=revision if revision is not None else 1,
        period=str(said.get("period") or "year"),
        counted_as=str(said.get("counted_as") or "turns"),
        as_of=as_of if isinstance(as_of, dt.date) else None,
        illustrative=said.get("illustrative") == "yes",
        rows=reading.rows,
        cells_read=sum(part.cells_read for parts in reading.parts.values() for part in parts),
        tally=cells,
        said=identity.places(),
        findings=(*bare.findings, *_without_follow_ons(reading.found)),
    )


def _without_follow_ons(found: Iterable[Finding]) -> list[Finding]:
    """Leave out days outside the year where the year itself is in doubt."""
    kept = list(found)
    if not any(one.code == "year-mismatch" for one in kept):
        return kept
    return [one for one in kept if one.code != "date-out-of-year"]


def _whole(value: Datum) -> int | None:
    return value if isinstance(value, int) else None
