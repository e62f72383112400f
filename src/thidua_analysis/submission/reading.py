"""The way of one file: bytes → workbook → identity → tables → rows → checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePath

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Limits, Position, Workbook, position
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission.accounting import tally
from thidua_analysis.submission.body import classify
from thidua_analysis.submission.checks import check
from thidua_analysis.submission.columns import ColumnReader
from thidua_analysis.submission.identity import Identity, identify
from thidua_analysis.submission.lines import Grid
from thidua_analysis.submission.locate import (
    TablePlace,
    find_tables,
    find_unit_line,
    unread_columns,
)
from thidua_analysis.submission.outside import Outside, heading_findings
from thidua_analysis.submission.recipients import (
    Groups,
    add_up,
    check_caps,
    disagreements,
    other_year,
    repeated,
)
from thidua_analysis.submission.rows import Datum, Row, Submission, Tally, says_nothing
from thidua_analysis.submission.table import (
    ReadTable,
    fill_sections,
    report_contradiction,
)
from thidua_analysis.submission.texts import (
    Correction,
    OwnHeadings,
    SheetTexts,
    apply,
    is_filled,
    with_form_headings,
)
from thidua_analysis.submission.which_form import (
    is_choices,
    is_guide,
    is_own,
    member_of,
    without_choices,
)
from thidua_analysis.vietnamese.quantities import exactly
from thidua_analysis.vietnamese.text import key

#: a file with more findings than this is no report; what is wrong in it stays out of the rows
MOST = 100_000


class Found(list[Finding]):
    """A list that takes no more findings once it is full, so that no file fills the memory."""

    def extend(self, several: Iterable[Finding]) -> None:
        """Add findings while there is room; the others are not even made."""
        super().extend(islice(several, max(0, MOST - len(self))))


@dataclass(slots=True)
class Reading:
    """All that was found in one workbook, before it is let go.

    ``parts`` are the tables as read, by table, in the order in which they stand; ``repeated`` are
    those that stand again on another sheet and do not count; ``outside`` is what stands beside
    them all, by sheet.
    """

    book: Workbook
    identity: Identity
    parts: dict[str, list[ReadTable]] = field(default_factory=dict)
    repeated: list[ReadTable] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    rows: dict[str, Sequence[Row]] = field(default_factory=dict)
    outside: dict[str, Outside] = field(default_factory=dict)

    @property
    def year(self) -> int | None:
        """Year of the report, where it is known."""
        return _whole(self.identity.values.get("year"))


def read_file(path: Path, bloc: Bloc) -> Submission:
    """Read one submitted file; only one that cannot be opened raises: an OSError."""
    return read_bytes(path.read_bytes(), path, bloc)


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
    """Read one submitted file from its bytes: rows and findings; whatever it holds, never raise.

    ``limits`` bound its size and the time; ``corrections`` of its cells are applied before
    anything is read; ``mappings`` are headings of members' own; ``every_cell`` asks where each
    cell went, also those that are in no row.
    """
    opened = excel.read(data, path.name, limits)
    found = tuple(without_choices(opened.findings))
    cells = Tally() if every_cell else None
    bare = Submission(str(path), opened.sha256, findings=found, tally=cells)
    if opened.workbook is None:
        return bare
    try:
        book, applied, stale = apply(opened.workbook, corrections)
        bare = replace(bare, corrected=applied, stale=stale)
        reading = read_workbook(book, path, bloc)
        if mappings:
            said = reading.identity.values.get("member")
            member = str(said) if said else member_of(book, path, bloc)
            again = with_form_headings(book, mappings, member)
            reading = read_workbook(again, path, bloc) if again else reading
        return _described(bare, reading, tally(reading) if every_cell else None)
    except Exception as error:  # a bug must not cost the other files
        failed = finding("reader-failed", params={"what": type(error).__name__})
        return replace(bare, findings=(*bare.findings, failed), corrected=(), stale=())


def _described(bare: Submission, reading: Reading, cells: Tally | None) -> Submission:
    identity, said = reading.identity, reading.identity.values
    revision, as_of, member = _whole(said.get("revision")), said.get("as_of"), said.get("member")
    # days outside the year are no news where the year itself is in doubt
    in_doubt = any(one.code == "year-mismatch" for one in reading.found)
    found = (one for one in reading.found if not in_doubt or one.code != "date-out-of-year")
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
        cells_read=sum(part.cells_read for part in chain(*reading.parts.values())),
        tally=cells,
        said=identity.places(),
        findings=(*bare.findings, *found),
    )


def _whole(value: Datum) -> int | None:
    return value if isinstance(value, int) else None


@exactly
def read_workbook(book: Workbook, path: PurePath, bloc: Bloc) -> Reading:
    """Read what a workbook says: who reports, every table of the form, and what is wrong.

    ``path`` is where the file lies; its name and folder may say who reports on which year.
    """
    texts = {s.name: SheetTexts(s) for s in book.sheets if not s.hidden and not is_own(s)}
    identity, said = identify(texts, bloc, path)
    found = Found(said)
    reading = Reading(book, identity, found=found)
    form = reading.identity.form
    if form is not None:
        _read_tables(reading, form, texts, bloc)
        found.extend(check(form, reading.parts))
        _collect_rows(reading, form, bloc)
        found.extend(_not_sent(reading, form, texts))
        _look_around(reading, form, texts)
    return reading


def _read_tables(reading: Reading, form: Form, texts: Mapping[str, SheetTexts], bloc: Bloc) -> None:
    """Every table of the form, wherever it stands."""
    places: dict[str, dict[ReadTable, list[Finding]]] = {}
    for of_sheet in texts.values():
        for place in find_tables(form, of_sheet, reading.year):
            part, found = read_table(form, bloc, of_sheet, place, reading.year)
            places.setdefault(place.table.id, {})[part] = found
    for table, parts in places.items():
        again = dict(repeated(list(parts), texts, reading.year))
        reading.repeated.extend(again)
        reading.found.extend(again.values())
        reading.parts[table] = [part for part in parts if part not in again]
    for table, parts in places.items():
        for part in reading.parts[table]:
            reading.found.extend(parts[part])
            reading.found.extend(other_year(part, reading.year))


def read_table(
    form: Form, bloc: Bloc, texts: SheetTexts, located: TablePlace, year: int | None
) -> tuple[ReadTable, list[Finding]]:
    """Read one located table, with the findings on its cells and headings."""
    table, grid, found = located.table, Grid(located, texts), Found()
    section = table.by_name[table.section] if table.section else None
    labels = form.code_index[section.codes].keys() if section and section.codes else frozenset()
    body = classify(grid, labels)
    unread = tuple(unread_columns(located, texts.sheet, body.data))
    part = ReadTable(located, texts.sheet, body, year, unread)
    line = find_unit_line(located, texts)
    units = {f.unit for f in table.fields}
    # the unit of a row is known before its numbers
    for asked in sorted(table.fields, key=lambda f: f.name not in units):
        if asked.name in located.columns:
            scale = line.scales(asked, located.columns[asked.name])
            found.extend(_read_column(form, bloc, grid, part, asked, scale))
    part.keep_defaults_out()
    found.extend(report_contradiction(part, line, texts))
    found.extend(fill_sections(form, texts, part))
    found.extend(part.take_sizes())
    found.extend(part.require())
    found.extend(heading_findings(part))
    return part, found


def _read_column(
    form: Form, bloc: Bloc, grid: Grid, part: ReadTable, asked: Field, scale: int
) -> list[Finding]:
    """Read one column; a text merged over several rows holds in each of them."""
    data, column = part.body.data, part.located.columns[asked.name]
    lines, above, at_column = grid.rows, part.located.first, column.column - 1
    merged = part.merged_rows(asked)
    rows, first, repeats, moved = list(data), dict[int, int](), dict[int, int](), dict[int, int]()
    for at, row in enumerate(data) if merged else ():
        top = row if is_filled(lines[row - above][at_column]) else merged.get(row, row)
        if top in first:
            repeats[at] = first[top]
        else:
            first[top], rows[at] = at, top
            if row != top:
                moved[at] = at
    reader = ColumnReader(
        form,
        bloc,
        grid.texts,
        asked,
        column,
        rows,
        [lines[row - above][at_column] for row in rows],
        part.year,
        part.table.is_private,
        scale,
        part.values(asked.unit) if asked.unit else (),
    )
    values, findings = reader.read()
    for at, source in (moved | repeats).items():
        values.repeat(source, at, (rows[source], column.column))
    part.columns[asked.name] = values
    return findings


def _collect_rows(reading: Reading, form: Form, bloc: Bloc) -> None:
    """Rows of each table: as they stand, or added up from lists where only lists were sent."""
    lists: dict[str, list[ReadTable]] = {t.id: [] for t in form.tables if not t.adds_up_to}
    for table in form.tables:
        if table.adds_up_to:
            lists[table.adds_up_to] += reading.parts.get(table.id, [])
    groups: dict[str, Groups] = {}
    for name, several in lists.items():
        groups[name], unknown = add_up(form, bloc, several)
        reading.found.extend(unknown)
    for name, several in lists.items():
        table, own = form.table(name), reading.parts.get(name, [])
        # they say the same, as far as no row of either was kept out
        if own and groups[name] and not any(part.left_out for part in (*own, *several)):
            reading.found.extend(disagreements(table, _rows(own, groups[name]), groups[name]))
        if bloc.caps and "award" in table.by_name:
            rows = _rows(own, groups[name])
            reading.found.extend(check_caps(bloc, rows, table, reading.year))
    _drop_wrong(reading)
    for name in lists:
        if rows := _rows(reading.parts.get(name, []), groups[name]):
            reading.rows[name] = rows


def _rows(parts: Sequence[ReadTable], groups: Groups) -> tuple[Row, ...]:
    """Rows of a table; those added up from lists where it was not sent, or sent blank."""
    if any(part.body.data for part in parts):
        return tuple(chain.from_iterable(part.rows() for part in parts))
    return tuple(group.counts() for group in groups.values())


def _drop_wrong(reading: Reading) -> None:
    """Drop every value whose cell an error names, whichever rule found it."""
    bad = {(f.sheet, f.cell) for f in reading.found if f.severity == "error" and f.cell}
    sheets = {sheet for sheet, _ in bad}
    for part in chain(*reading.parts.values()):
        for name, column in part.columns.items() if part.sheet.name in sheets else ():
            for at in range(len(column.values)):
                if (part.sheet.name, part.cell(name, at)) in bad:
                    column.drop(at)


def _not_sent(reading: Reading, form: Form, texts: Mapping[str, SheetTexts]) -> Iterator[Finding]:
    """Findings on the sheets of the form that were not sent, or not as tables.

    `Thông tin` is a sheet of the form as well. A sheet that bears the table's name and is blank,
    or says that there is nothing to report, was sent.
    """
    if reading.identity.sheet is None:
        named = [t for name, t in texts.items() if key(name) == key(form.info.sheet)]
        labels = [f.heading for f in form.info.fields]
        filled = [one for sheet in named for one in _without_headings(labels, sheet, "label")]
        yield from filled or [finding("table-missing", params={"table": form.info.sheet})]
    # a sheet with another table of the form is no blank one of its own name
    used = {part.sheet.name for part in chain(*reading.parts.values())}
    unused = {name: of_sheet for name, of_sheet in texts.items() if name not in used}
    for table in form.tables:
        ids = {table.id, *(t.id for t in form.tables if t.adds_up_to == table.id)}
        if ids & reading.parts.keys():
            continue
        named = [of_sheet for name, of_sheet in unused.items() if key(name) == table.sheet_key]
        headings = [table.by_name[name].heading for name in table.expected]
        for of_sheet in named:
            yield from _without_headings(headings, of_sheet, "table")
        if not named and not table.optional:
            yield finding("table-missing", params={"table": table.sheet})


def _without_headings(headings: Iterable[str], texts: SheetTexts, of: str) -> Iterator[Finding]:
    filled = list(texts.sheet.filled())
    if filled and not any(says_nothing(texts.shown(cell.row, cell.column)) for cell in filled):
        yield finding(
            "heading-missing",
            sheet=texts.sheet.name,
            cell=filled[0].address,
            heading="; ".join(headings),
            params={"of": of},
        )


def _look_around(reading: Reading, form: Form, texts: Mapping[str, SheetTexts]) -> None:
    """What stands outside the tables; regions that may be data and that no finding names."""
    parts: dict[str, list[ReadTable]] = {}
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
