"""Lists of recipients, added up; whether the table of counts says the same; caps on awards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import cast

from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import awards
from thidua_analysis.form.awards import COUNTED_AS
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Form, Table
from thidua_analysis.submission.rows import Datum, Row
from thidua_analysis.submission.table import ReadTable
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
