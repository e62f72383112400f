"""Lists of recipients, added up against the counts; rows and tables that stand twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from msgspec.structs import replace

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import awards
from thidua_analysis.form.awards import COUNTED_AS
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Form, Table
from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission.rows import Datum, Row
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import SheetTexts, is_filled, shown
from thidua_analysis.submission.which_form import year_in_titles, years_named
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.text import key

_KEYS = ("level", "award", "method")
#: level, award in its usual spelling, and method
Identity = tuple[Datum, ...]


@dataclass(slots=True)
class Group:
    """Recipients of one award at one level by one method.

    ``row`` is a row of counts, still 0, that begins with the first of them. ``parts`` maps a
    count to the cells of those counted in it; ``unsure`` are the counts that the list leaves
    open, because a class, sex or people is not known of everybody.
    """

    row: Row
    parts: dict[str, list[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    def counts(self) -> Row:
        """Return the row with every count filled in."""
        counted = {name: len(cells) for name, cells in self.parts.items()}
        parts = {name: tuple(cells) for name, cells in self.parts.items()}
        return replace(self.row, values={**self.row.values, **counted}, parts=parts)

    def add(self, counted: str, part: ReadTable, name: str, position: int) -> None:
        """Count a recipient for what a cell of its row says."""
        self.parts.setdefault(counted, []).append(part.cell(name, position) or "")


#: recipients by what they received, in order of first appearance
Groups = dict[Identity, Group]


def add_up(form: Form, bloc: Bloc, lists: Sequence[ReadTable]) -> tuple[Groups, list[Finding]]:
    """Recipients by level, award and method.

    The findings, on positions (chức vụ) that no rule of the bloc knows, hold nothing typed.
    """
    groups: Groups = {}
    findings: list[Finding] = []
    for part in lists:
        table = form.table(part.table.adds_up_to or "")
        for position in part.kept:
            same = _identity(*(part.value(name, position) for name in _KEYS))
            if same not in groups:
                groups[same] = Group(_first(table, part, position))
            findings += _count(groups[same], part, position, bloc)
    return groups, findings


def _identity(level: Datum, award: Datum, method: Datum) -> Identity:
    return level, awards.fold(awards.canonical(str(award))), method


def _first(table: Table, part: ReadTable, position: int) -> Row:
    """Row of counts, still 0, that begins with a recipient."""
    row = part.row(position)
    values: dict[str, Datum] = {f.name: 0 if f.type == "count" else f.default for f in table.fields}
    values |= {name: row.values[name] for name in _KEYS}
    return Row(
        table.id,
        row.sheet,
        row.row,
        values,
        {name: row.cells[name] for name in _KEYS if name in row.cells},
        typed={name: row.typed[name] for name in _KEYS if name in row.typed},
    )


def _count(into: Group, part: ReadTable, position: int, bloc: Bloc) -> Iterator[Finding]:
    """Count one recipient: as what it is, in its class, by sex and people."""
    subject = cast("awards.Subject", part.values("subject")[position])
    into.add(COUNTED_AS[subject], part, "subject", position)
    if subject == "collective" and part.values("class")[position] == "enterprise":
        into.add("enterprises", part, "class", position)
    if subject != "individual":
        return
    yield from _count_class(into, part, position, bloc)
    for name, code, counted in (
        ("gender", "female", "women"),
        ("ethnicity", "minority", "ethnic_minority"),
    ):
        value = part.values(name)[position]
        if value == code:
            into.add(counted, part, name, position)
        elif value is None:
            into.unsure.add(counted)


def _count_class(into: Group, part: ReadTable, position: int, bloc: Bloc) -> Iterator[Finding]:
    """Class of a person: as given, else by the position; what no rule knows is reported."""
    given = part.values("class")[position]
    is_broken = position in part.columns["class"].broken
    name, known = "class", None if given == "enterprise" else given
    if given is None and not is_broken:
        name = "position"
        text = part.values("position")[position]
        known = bloc.person_class(key(str(text))) if text is not None else None
    if known is not None:
        into.add(str(known), part, name, position)
        return
    into.unsure.add("class")
    if not is_broken:
        at = next((n for n in (name, "class") if n in part.located.columns), "subject")
        heading = part.table.by_name[at].heading
        yield part.report("class-unknown", part.own_cell(at, position), heading)


#: classes of persons
_CLASSES = ("leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct")
#: a count within another: where the whole differs already, its parts are not compared
_WITHIN = {
    "enterprises": "collectives",
    **dict.fromkeys((*_CLASSES, "women", "ethnic_minority"), "individuals"),
}


def disagreements(table: Table, counts: Sequence[Row], listed: Groups) -> Iterator[Finding]:
    """One `lists-disagree` for each count that differs, at the cell of the counts.

    Rows of awards that are only proposed are in no list.
    """
    rest, grouped = dict(listed), dict[Identity, list[Row]]()
    for row in counts:
        if row.values["status"] == "awarded":
            same = _identity(*(row.values[name] for name in _KEYS))
            grouped.setdefault(same, []).append(row)
    for same, rows in grouped.items():
        yield from _differences(table, rows, rest.pop(same, None))
    for group in rest.values():
        row = group.counts()
        name = next(n for n in COUNTED_AS.values() if row.values[n])
        theirs = int(str(row.values[name]))
        yield _disagree(table, row, row.cells.get("award"), name, 0, theirs)


def _differences(table: Table, rows: list[Row], group: Group | None) -> Iterator[Finding]:
    differing: set[str] = set()
    for asked in table.fields:
        name = asked.name
        if asked.type != "count" or _WITHIN.get(name) in differing or _is_open(name, group):
            continue
        given = [int(str(r.values[name])) for r in rows if r.values[name] is not None]
        theirs = len(group.parts.get(name, ())) if group else 0
        if sum(given) == theirs or (not given and name in _WITHIN):
            continue
        differing.add(name)
        row = next((r for r in rows if name in r.cells), rows[0])
        cell = row.cells.get(name) or row.cells.get("award")
        yield _disagree(table, row, cell, name, sum(given), theirs)


def _is_open(name: str, group: Group | None) -> bool:
    """Whether the list does not say enough to compare a count."""
    if group is None:
        return name in _WITHIN
    return name in group.unsure or (name in _CLASSES and "class" in group.unsure)


def _disagree(
    table: Table, row: Row, cell: str | None, name: str, mine: int, theirs: int
) -> Finding:
    award = str(row.values["award"])
    return finding(
        "lists-disagree",
        sheet=row.sheet,
        cell=cell,
        heading=table.by_name[name].heading,
        value=str(mine),
        params={"award": award, "counted": str(mine), "listed": str(theirs)},
    )


def check_caps(
    bloc: Bloc, rows: Iterable[Row], table: Table, year: int | None
) -> Iterator[Finding]:
    """Caps that the bloc file sets, such as at most 15 % of one award's holders for another."""
    granted: dict[str, list[Row]] = {}
    for row in rows if bloc.caps else ():
        if row.values["status"] == "awarded":
            level = row.values["level"]
            name = awards.canonical(str(row.values["award"]), str(level) if level else None)
            granted.setdefault(name, []).append(row)
    for cap in bloc.caps:
        some, base = (granted.get(awards.canonical(name), []) for name in (cap.award, cap.of))
        people, holders = _people(some), _people(base)
        is_exceeded = holders and people * 100 > cap.max_percent * holders
        if cap.year not in (None, year) or not is_exceeded:
            continue
        percent = display.rounded(Fraction(people * 100, holders), 1)
        first = next(r for r in some if r.values["individuals"])
        yield finding(
            "cap-exceeded",
            sheet=first.sheet,
            cell=first.cells.get("individuals") or first.cells.get("award"),
            heading=table.by_name["individuals"].heading,
            value=str(first.values["individuals"]),
            params={
                "award": cap.award,
                "of": cap.of,
                "share": f"{display.number(percent, 1)}%",
                "max": f"{cap.max_percent}%",
            },
        )


def _people(rows: Iterable[Row]) -> int:
    return sum(v for r in rows if isinstance(v := r.values["individuals"], int))


#: what names a recipient beside the award
_RECIPIENT = ("name", "level", "award", "method", "decision")
_NUMBER = re.compile(r"(.+?)(?:\s*\(\d{1,2}\)|_\d{1,2})$")
RowKey = tuple[object, ...]


def check_duplicates(parts: Sequence[ReadTable]) -> Iterator[Finding]:
    """One `duplicate-row` for each row that repeats one of the same table, wherever that stands.

    A row is named by its leftmost filled cell. In a list of recipients only people or bodies
    with a name are compared, and nothing typed is repeated.
    """
    seen: dict[RowKey, tuple[ReadTable, int]] = {}
    for part in parts:
        contents = zip(*(part.values(f.name) for f in part.table.fields), strict=True)
        broken = part.left_out.union(*(c.broken for c in part.columns.values()))
        named = part.values("name") if part.table.is_private else part.body.data
        for position, content in enumerate(contents):
            if position in broken or named[position] is None:
                continue
            if content in seen:
                yield _duplicate(part, part.body.data[position], *seen[content])
            else:
                seen[content] = part, part.body.data[position]


def _duplicate(part: ReadTable, row: int, other: ReadTable, other_row: int) -> Finding:
    left, sheet = part.located.left, part.sheet
    cells = {c: sheet.value(row, c) for c in range(left, part.located.right + 1)}
    column = next((c for c, value in cells.items() if is_filled(value)), left)
    where = "" if other.sheet.name == sheet.name else f" ({other.sheet.name})"
    return finding(
        "duplicate-row",
        sheet=sheet.name,
        cell=address(row, column),
        value=None if part.table.is_private else shown(cells[column]),
        params={"other": f"{other_row}{where}"},
    )


def repeated(
    parts: Sequence[ReadTable], texts: Mapping[str, SheetTexts], year: int | None
) -> Iterator[tuple[ReadTable, Finding]]:
    """Places of one table that must not be added to the others, with the finding on each.

    The sheet that bears the form's name counts, else the one with most rows; real continuations,
    whose rows are others and whose names say nothing else, count too.
    """
    sheets: dict[str, list[ReadTable]] = {}
    for part in parts:
        sheets.setdefault(part.sheet.name, []).append(part)
    if len(sheets) < 2:
        return
    why = {name: _says(name, sheets, texts[name], year) for name in sheets}
    first, *others = sorted(sheets, key=lambda name: _rank(sheets[name], why[name]))
    seen: dict[RowKey, tuple[str, int]] = {}
    for name in (first, *others):
        rows = [(row, at) for part in sheets[name] for at, row in _keys(part)]
        again = next(((*seen[row], at) for row, at in rows if row in seen), None)
        is_other = why[name] is not None and why[first] is None
        if not is_other and not again:
            seen.update((row, (name, at)) for row, at in rows)
            continue
        other, other_row, row = (first, 0, 0) if is_other or not again else again
        for part in sheets[name]:
            if part.body.data:
                said = why[name] if is_other else None
                yield part, _table_repeated(part, said or "rows", other, row, other_row)


def _table_repeated(part: ReadTable, why: str, other: str, row: int, other_row: int) -> Finding:
    at, rows = part.located.corner, {"row": str(row), "other_row": str(other_row)}
    where = at.row, at.column
    return part.report("table-repeated", where, part.table.sheet, of=why, other=other, **rows)


def _rank(parts: Sequence[ReadTable], why: str | None) -> tuple[bool, bool, int]:
    named = key(parts[0].sheet.name) == parts[0].table.sheet_key
    return why is not None, not named, -sum(len(part.kept) for part in parts)


def _keys(part: ReadTable) -> Iterator[tuple[int, RowKey]]:
    """Number and identity of each row that has one."""
    table = part.table
    names = [n for n in (_RECIPIENT if table.is_private else table.key) if n in table.by_name]
    broken = part.left_out.union(*(part.columns[name].broken for name in names))
    # people and bodies are known by their name, other rows by anything
    needed = 1 if table.is_private else len(names)
    rows = zip(*(_compared(part, name) for name in names), strict=True)
    for at, values in enumerate(rows):
        if at not in broken and values[:needed].count(None) < needed:
            yield part.body.data[at], values


def _compared(part: ReadTable, name: str) -> list[object]:
    """The values of a column as they are compared; the form's default where a cell is blank."""
    asked = part.table.by_name[name]
    read = _award if asked.type == "award" else key
    values = (asked.default if value is None else value for value in part.values(name))
    return [read(value) if isinstance(value, str) else value for value in values]


def _award(text: str) -> str:
    return awards.fold(awards.canonical(text))


def _says(
    name: str, sheets: Mapping[str, Sequence[ReadTable]], texts: SheetTexts, year: int | None
) -> str | None:
    """Whether a sheet is another year's, a draft or a copy, by its name or its title."""
    if year is not None:
        titled = year_in_titles([texts])
        if _is_other_year(years_named(name), year) or titled not in (None, year):
            return "year"
    words = _words(name)
    others = {_words(other) for other in (*sheets, sheets[name][0].table.sheet) if other != name}
    numbered, rest = _NUMBER.match(name.strip()), row_words.without_draft(words)
    is_copy = numbered and _words(numbered[1]) in others
    is_remnant = rest is not None and (not rest or rest in others)
    return "draft" if row_words.is_draft(words) or is_copy or is_remnant else None


def other_year(part: ReadTable, year: int | None) -> Iterator[Finding]:
    """The finding on a table that counts though its sheet is named for another year."""
    years, corner = years_named(part.sheet.name), part.located.corner
    rest = [word for word in _words(part.sheet.name).split() if not word.isdigit()]
    # a movement may bear a year in its name
    is_named = " ".join(rest).removesuffix(" năm") == part.table.sheet_key
    if year is not None and is_named and _is_other_year(years, year):
        at, words = (corner.row, corner.column), {"of": "sheet", "expected": str(years[0])}
        yield part.report("year-mismatch", at, part.table.sheet, str(year), **words)


def _is_other_year(years: Sequence[int], year: int) -> bool:
    return bool(years) and not min(years) <= year <= max(years)


def _words(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", key(name))).strip()
