"""The way of one file: bytes → workbook → identity → tables → rows → checks."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Limits, Sheet
from thidua_analysis.findings import Finding, at, finding
from thidua_analysis.form import Form, Table, forms
from thidua_analysis.submission import nominative
from thidua_analysis.submission.checks import check_caps, check_table
from thidua_analysis.submission.extract import Extract, extract
from thidua_analysis.submission.identify import Identity, identify
from thidua_analysis.submission.locate import locate
from thidua_analysis.submission.rows import Datum, Row, Submission
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc


def read_file(path: Path, bloc: Bloc, *, limits: Limits = LIMITS) -> Submission:
    """Read one submitted file.

    Parameters
    ----------
    path
        The file; its name and folder may say who reports on which year.
    bloc
        The members and their rules.
    limits
        Limits on size and time.

    Returns
    -------
    Submission
        Rows and findings. Whatever the file holds, this never raises.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    return read_bytes(path.read_bytes(), path, bloc, limits=limits)


def read_bytes(data: bytes, path: PurePath, bloc: Bloc, *, limits: Limits = LIMITS) -> Submission:
    """Read one submitted file from its bytes; see `read_file`."""
    reading = excel.read(data, path.name, limits)
    if reading.workbook is None:
        return Submission(str(path), reading.sha256, findings=reading.findings)
    try:
        return _submission(reading, path, bloc)
    except Exception as error:  # a bug must not cost the other files
        failed = finding("reader-failed", params={"what": type(error).__name__})
        digest = hashlib.sha256(data).hexdigest()
        return Submission(str(path), digest, findings=(*reading.findings, failed))


def _submission(reading: excel.Reading, path: PurePath, bloc: Bloc) -> Submission:
    found: list[Finding] = list(_without_choices(reading.findings))
    book = reading.workbook
    assert book is not None  # noqa: S101 - the caller has looked
    visible = [s for s in book.sheets if not s.hidden]
    texts = {s.name: SheetTexts(s) for s in visible}
    identity = identify(book, texts, bloc, path, found)
    rows: dict[str, tuple[Row, ...]] = {}
    if identity.form is not None:
        year = _whole(identity.values.get("year"))
        parts = _extracts(identity, identity.form, visible, texts, bloc, year, found)
        rows = _tables(identity.form, parts, visible, bloc, year, found)
    return _described(Submission(str(path), reading.sha256), identity, rows, found)


def _without_choices(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave the template's own lists out of what is said to be hidden."""
    own = {form.choices for form in forms().values()}
    for one in findings:
        if one.code == "hidden-data":
            places = [p for p in one.params["what"].split("; ") if p not in own]
            if not places:
                continue
            one = at(one, params={"what": "; ".join(places)})
        yield one


def _extracts(
    identity: Identity,
    form: Form,
    visible: list[Sheet],
    texts: Mapping[str, SheetTexts],
    bloc: Bloc,
    year: int | None,
    found: list[Finding],
) -> list[Extract]:
    """Every table of the form, wherever it stands."""
    parts: list[Extract] = []
    for sheet in visible:
        if sheet.name == identity.sheet and len(sheet.rows) < 2 * len(form.info.fields) + 12:
            located = []
        else:
            located = locate(form, sheet, texts[sheet.name])
        parts.extend(
            extract(form, bloc, sheet, texts[sheet.name], place, year, found) for place in located
        )
    return parts


def _tables(
    form: Form,
    parts: list[Extract],
    visible: list[Sheet],
    bloc: Bloc,
    year: int | None,
    found: list[Finding],
) -> dict[str, tuple[Row, ...]]:
    raw: dict[str, list[Row]] = {}
    for part in parts:
        raw.setdefault(part.located.table.id, []).extend(part.rows)
    for part in parts:
        found.extend(check_table(form, bloc, part, raw))
    listed = nominative.add_up(form, bloc, [p for p in parts if p.located.table.adds_up_to], found)
    rows: dict[str, tuple[Row, ...]] = {}
    for table in form.tables:
        if table.adds_up_to:
            continue
        own = raw.get(table.id, [])
        lists = [t for t in form.tables if t.adds_up_to == table.id]
        if lists and own and listed:
            nominative.disagreements(own, listed, found)
        kept = own or (listed if lists else [])
        if lists:
            found.extend(check_caps(bloc, kept, table, year))
        melted = [one for row in kept for one in _melted(table, row)]
        if melted:
            rows[table.id] = tuple(melted)
        elif not _was_sent(table, lists, parts, visible, found):
            found.append(finding("table-missing", params={"table": table.sheet}))
    return rows


def _was_sent(
    table: Table,
    lists: list[Table],
    parts: list[Extract],
    visible: list[Sheet],
    found: list[Finding],
) -> bool:
    """Whether the table's sheet was sent; one without its headings is reported."""
    if any(p.located.table.id in {t.id for t in (table, *lists)} for p in parts):
        return True
    named = [s for s in visible if key(s.name) == key(table.sheet)]
    for sheet in named:
        first = next(sheet.filled(), None)
        if first is not None:
            headings = "; ".join(f.heading for f in table.fields if not f.may_be_absent)
            found.append(
                finding("heading-missing", sheet=sheet.name, cell=first.address, heading=headings)
            )
    return bool(named)


def _melted(table: Table, row: Row) -> list[Row]:
    """One row for each stage where the form keeps stages in columns."""
    melt = table.melt
    if melt is None:
        return [row]
    rows = []
    for name in melt.fields:
        values = {
            column: name if column == melt.into
            else row.values[name if column == melt.value else column]
            for column in table.columns
        }  # fmt: skip
        rows.append(
            Row(
                row.table,
                row.sheet,
                row.row,
                values,
                _renamed(row.cells, melt.fields, name, melt.value),
                _renamed(row.notes, melt.fields, name, melt.value),
                _renamed(row.typed, melt.fields, name, melt.value),
            )
        )
    return rows


def _renamed(
    entries: Mapping[str, Any], dropped: tuple[str, ...], kept: str, name: str
) -> dict[str, Any]:
    chosen = {k: v for k, v in entries.items() if k not in dropped}
    if kept in entries:
        chosen[name] = entries[kept]
    return chosen


def _described(
    bare: Submission,
    identity: Identity,
    rows: dict[str, tuple[Row, ...]],
    found: list[Finding],
) -> Submission:
    said = identity.values
    revision = _whole(said.get("revision"))
    as_of = said.get("as_of")
    member = said.get("member")
    return Submission(
        bare.path,
        bare.sha256,
        form=identity.form.id if identity.form else None,
        member=str(member) if member else None,
        year=_whole(said.get("year")),
        revision=revision if revision is not None else 1,
        period=str(said.get("period") or "year"),
        counted_as=str(said.get("counted_as") or "turns"),
        as_of=as_of if isinstance(as_of, dt.date) else None,
        illustrative=said.get("illustrative") == "yes",
        rows=rows,
        findings=tuple(found),
    )


def _whole(value: Datum) -> int | None:
    return value if isinstance(value, int) else None
