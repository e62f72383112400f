"""Proposals for headings that the form does not know: lines for a person to paste."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Limits, Sheet
from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import raw_of
from thidua_analysis.form.forms import current, forms
from thidua_analysis.form.model import Field, Form, Table, heading_key
from thidua_analysis.store.disk import write_file
from thidua_analysis.store.inputs import MAPPINGS_FILE, parse_mappings, toml_value
from thidua_analysis.submission import Submission
from thidua_analysis.submission.headings import is_ordinal
from thidua_analysis.submission.which_form import member_of
from thidua_analysis.vietnamese.text import clean, key

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc

_AT_LEAST = 60
_MOST_ROWS, _LEAST_TEXTS = 15, 3
#: so many headings that are like those of a table make it that table
_LEAST_ALIKE = 2
_NEGATIONS = frozenset("không chưa chẳng ngoài trừ".split())
_GENDERS = frozenset("nam nữ".split())
_DIGITS = re.compile(r"\d+")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a heading may mean: how alike they are in percent, and why it must not be.

    ``blocked`` is ``digits``, ``negation``, ``gender`` or None.
    """

    field: str
    heading: str
    alike: int
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An unknown heading, where it stands, and what it may mean.

    ``exact`` says that the best candidate differs in signs and spaces only. ``line`` is the TOML
    to paste into the form, None where nothing may be proposed.
    """

    sheet: str
    cell: str
    heading: str
    table: str
    exact: bool
    best: Candidate | None
    runner_up: Candidate | None
    line: str | None


def map_headings(
    path: Path, submission: Submission, limits: Limits = LIMITS
) -> tuple[Form | None, list[Proposal]]:
    """Propose meanings for the headings of a file that its form does not know.

    Parameters
    ----------
    path
        The file.
    submission
        The file as read.
    limits
        Limits of the reader.

    Returns
    -------
    tuple
        The form, None where it is not known, and one proposal a heading.
    """
    known = forms().get(submission.form or "")
    form = known or current("unit")
    book = excel.read(path.read_bytes(), path.name, limits).workbook
    sheets = {sheet.name: sheet for sheet in book.sheets if not sheet.hidden} if book else {}
    unknown = [*_unknown(form, submission, sheets), *_unread(form, submission, sheets)]
    found = [_proposal(submission, *one) for one in unknown]
    return (form if known or found else None), found


def _unknown(
    form: Form, submission: Submission, sheets: Mapping[str, Sheet]
) -> Iterator[tuple[Table, str, str, str]]:
    """Yield table, sheet, cell and text of every heading that is not known."""
    unread = []
    for one in submission.findings:
        if one.sheet is None or one.cell is None:
            continue
        table = _table_of(form, submission, one.sheet)
        if one.code == "heading-unknown" and table and one.heading:
            yield table, one.sheet, one.cell, one.heading
        elif one.code == "heading-missing" and table and not submission.rows.get(table.id):
            unread.append((table.id, one.sheet))
    for table_id, name in dict.fromkeys(unread):
        table = form.table(table_id)
        for cell, heading in _heading_row(sheets.get(name)):
            if heading_key(heading) not in table.headings:
                yield table, name, cell, heading


def _unread(
    form: Form, submission: Submission, sheets: Mapping[str, Sheet]
) -> Iterator[tuple[Table, str, str, str]]:
    """The same for sheets of which nothing was read: their headings are an office's own."""
    read = {row.sheet for rows in submission.rows.values() for row in rows}
    read |= {one.sheet for one in submission.findings if one.sheet}
    for name, sheet in sheets.items():
        headings = _heading_row(sheet)
        if name in read or key(name) == key(form.info.sheet) or not headings:
            continue
        table = max(form.tables, key=lambda t: _likeness(t, headings))
        if sum(bool(candidates(text, table.fields)) for _, text in headings) < _LEAST_ALIKE:
            continue
        for cell, heading in headings:
            if heading_key(heading) not in table.headings and not is_ordinal([heading]):
                yield table, name, cell, heading


def _likeness(table: Table, headings: Iterable[tuple[str, str]]) -> int:
    """How much headings are like those of a table, in all."""
    best = (candidates(text, table.fields) for _, text in headings)
    return sum(ranked[0].alike for ranked in best if ranked)


def _table_of(form: Form, submission: Submission, sheet: str) -> Table | None:
    """The table that was read from a sheet, else the one that the sheet is named for."""
    for table in form.tables:
        if any(row.sheet == sheet for row in submission.rows.get(table.id, ())):
            return table
    return next((t for t in form.tables if key(t.sheet) == key(sheet)), None)


def _heading_row(sheet: Sheet | None) -> list[tuple[str, str]]:
    """Cells and texts of the first row that could be one of headings."""
    for number, values in enumerate(sheet.rows[:_MOST_ROWS] if sheet else (), 1):
        texts = [
            (excel.address(number, column), clean(value))
            for column, value in enumerate(values, 1)
            if isinstance(value, str) and value.strip()
        ]
        if len(texts) >= _LEAST_TEXTS:
            return texts
    return []


def _proposal(
    submission: Submission, table: Table, sheet: str, cell: str, heading: str
) -> Proposal:
    rows = [row for row in submission.rows.get(table.id, ()) if row.sheet == sheet]
    taken = {name for row in rows for name in row.cells}
    # what no column of the sheet was found for; what must not be meant comes last
    ranked = candidates(heading, [field for field in table.fields if field.name not in taken])
    best = next(iter(ranked), None)
    runner_up = next((one for one in ranked if best and one.field != best.field), None)
    free = best is not None and best.blocked is None
    line = toml_line(table, best.field, heading) if best and free else None
    exact = best is not None and free and best.alike == 100
    return Proposal(sheet, cell, heading, table.id, exact, best, runner_up, line)


def candidates(heading: str, fields: Iterable[Field]) -> list[Candidate]:
    """Return the fields that a heading may mean, the most alike first.

    A candidate is blocked where digits, a negation or a word of gender stand in one of the two
    only: "Kinh phí quý 1" is not "Kinh phí quý 2", "không đạt" is not "đạt".
    """
    found = [_candidate(heading, field) for field in fields]
    kept = [one for one in found if one.alike >= _AT_LEAST]
    return sorted(kept, key=lambda one: (one.blocked is not None, -one.alike))


def _candidate(heading: str, field: Field) -> Candidate:
    from rapidfuzz import fuzz  # only where a heading is unknown

    best = Candidate(field.name, field.heading, 0)
    asked = heading_key(heading)
    for spelling in (field.heading, *field.aliases):
        other = heading_key(spelling)
        if _SEPARATORS.sub("", asked) == _SEPARATORS.sub("", other):
            return Candidate(field.name, field.heading, 100)
        whole, words = fuzz.ratio(asked, other), fuzz.token_set_ratio(asked, other)
        alike = min(99, int(max(whole, 0.85 * words)))
        if alike > best.alike:
            best = Candidate(field.name, field.heading, alike, blocked(asked, other))
    return best


def blocked(one: str, other: str) -> str | None:
    """Return why two headings must not mean the same, None where nothing speaks against it."""
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return "digits"
    words = [frozenset(re.findall(r"\w+", text)) for text in (one, other)]
    if words[0] & _NEGATIONS != words[1] & _NEGATIONS:
        return "negation"
    if words[0] & _GENDERS != words[1] & _GENDERS:
        return "gender"
    return None


def toml_line(table: Table, field: str, heading: str) -> str:
    """Return the line that teaches the form a heading, with the aliases that it has already."""
    spelling = _YEAR.sub("{year}", clean(heading)).replace(" > ", " ")
    aliases = [*table.by_name[field].aliases, spelling]
    return f"aliases = [{', '.join(map(toml_value, dict.fromkeys(aliases)))}]"


def confirm(
    data: Path, bloc: Bloc, member: str | None, found: Sequence[Proposal], said: Iterable[str]
) -> Path:
    """Keep what headings of a member's own mean, for all its files from now on.

    ``said`` holds ``SHEET!CELL=FIELD`` for each of the headings that the form does not know; the
    entries are added to ``raw/mappings.toml``.
    """
    if member is None:
        raise UsageError("map-member-unknown")
    places = {f"{one.sheet}!{one.cell}": one for one in found}
    headings: dict[tuple[str, str], list[str]] = {}
    for text in said:
        place, _, field = text.rpartition("=")
        if place not in places:
            raise UsageError("map-no-heading", place=place or text)
        one = places[place]
        line = f"{toml_value(clean(one.heading))} = {toml_value(field)}"
        headings.setdefault((one.sheet, one.table), []).append(line)
    path = raw_of(data) / MAPPINGS_FILE
    entries = []
    for (sheet, table), lines in headings.items():
        told = {"member": member, "sheet": sheet, "table": table}
        entry = (f"{name} = {toml_value(value)}" for name, value in told.items())
        entries.append("\n".join(["[[mappings]]", *entry, "[mappings.headings]", *lines, ""]))
    before = path.read_text("utf-8").rstrip() + "\n\n" if path.exists() else ""
    content = before + "\n".join(entries)
    parse_mappings(content, path, bloc)
    write_file(path, content)
    return path


def member_named(path: Path, bloc: Bloc, limits: Limits = LIMITS) -> str | None:
    """The member that the titles of a file name, or its own name."""
    book = excel.read(path.read_bytes(), path.name, limits).workbook
    return member_of(book, path, bloc) if book else None
