"""Whether the table of counts and the list of recipients say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import awards
from thidua_analysis.form.awards import COUNTED_AS
from thidua_analysis.form.model import Form, Table
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.rows import Datum, Row
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc

KEYS = ("level", "award", "method")
Identity = tuple[Datum, ...]


@dataclass(slots=True)
class Group:
    """Recipients of one award at one level by one method.

    ``parts`` maps a count to the cells of those counted in it; ``unsure`` are the counts that
    the list leaves open, because a class, sex or people is not known of everybody.
    """

    row: Row
    parts: dict[str, list[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    def counts(self) -> Row:
        """Return the row with every count filled in."""
        values = dict(self.row.values)
        values.update((name, len(cells)) for name, cells in self.parts.items())
        parts = {name: tuple(cells) for name, cells in self.parts.items()}
        return Row(
            self.row.table, self.row.sheet, self.row.row, values, self.row.cells,
            typed=self.row.typed, parts=parts,
        )  # fmt: skip


def group(
    form: Form, bloc: Bloc, lists: list[Extract], found: list[Finding]
) -> dict[Identity, Group]:
    """Add recipients up by level, award and method.

    Parameters
    ----------
    form, bloc
        The form and the rules that class positions (chức vụ).
    lists
        Lists of recipients as read.
    found
        List to which findings are added; they never hold what was typed.

    Returns
    -------
    dict
        In order of first appearance. Every count is a number, 0 where nobody is.
    """
    groups: dict[Identity, Group] = {}
    for part in lists:
        table = form.table(part.table.adds_up_to or "")
        for position in part.kept:
            same = _identity(part, position)
            if same not in groups:
                groups[same] = Group(_first(table, part, position))
            _count(groups[same], part, position, bloc, found)
    return groups


def identity(row: Row) -> Identity:
    """Level, award in its usual spelling, and method of a row of counts."""
    return row.values["level"], _award(row.values["award"]), row.values["method"]


def _identity(part: Extract, position: int) -> Identity:
    level, award, method = (part.value(name, position) for name in KEYS)
    return level, _award(award), method


def _award(text: Datum) -> str:
    return awards.fold(awards.canonical(str(text)))


def _first(table: Table, part: Extract, position: int) -> Row:
    """Row of counts, still 0, that begins with a recipient."""
    cells = {name: part.cell(name, position) for name in KEYS}
    typed = {name: part.columns[name].typed.get(position) for name in KEYS if name in part.columns}
    values = {
        f.name: part.value(f.name, position) if f.name in KEYS
        else 0 if f.type == "count" else f.default
        for f in table.fields
    }  # fmt: skip
    return Row(
        table.id,
        part.sheet.name,
        part.roles.data[position],
        values,
        {name: cell for name, cell in cells.items() if cell},
        typed={name: text for name, text in typed.items() if text},
    )


def _count(into: Group, part: Extract, position: int, bloc: Bloc, found: list[Finding]) -> None:
    """Count one recipient: as what it is, in its class, by sex and people."""
    subject = cast("awards.Subject", part.values("subject")[position])
    _add(into, COUNTED_AS[subject], part, "subject", position)
    if subject == "collective" and part.values("class")[position] == "enterprise":
        _add(into, "enterprises", part, "class", position)
    if subject != "individual":
        return
    _count_class(into, part, position, bloc, found)
    for name, code, counted in (
        ("gender", "female", "women"),
        ("ethnicity", "minority", "ethnic_minority"),
    ):
        value = part.values(name)[position]
        if value == code:
            _add(into, counted, part, name, position)
        elif value is None:
            into.unsure.add(counted)


def _add(into: Group, counted: str, part: Extract, name: str, position: int) -> None:
    into.parts.setdefault(counted, []).append(part.cell(name, position) or "")


def _count_class(
    into: Group, part: Extract, position: int, bloc: Bloc, found: list[Finding]
) -> None:
    """Class of a person: as given, else by the position; what no rule knows is reported."""
    given = part.values("class")[position]
    name, known = "class", None if given == "enterprise" else given
    if given is None and not part.is_broken("class", position):
        name = "position"
        text = part.values("position")[position]
        known = bloc.person_class(key(str(text))) if text is not None else None
    if known is not None:
        _add(into, str(known), part, name, position)
        return
    into.unsure.add("class")
    if part.is_broken("class", position):
        return
    if name not in part.located.columns:
        name = "class" if "class" in part.located.columns else "subject"
    found.append(
        finding(
            "class-unknown",
            sheet=part.sheet.name,
            cell=part.own_cell(name, position),
            heading=part.table.by_name[name].heading,
        )
    )


#: a count within another: where the whole differs already, its parts are not compared
_WITHIN = {
    "enterprises": "collectives",
    "leader_ministerial": "individuals",
    "leader_department": "individuals",
    "entrepreneur": "individuals",
    "leader_other": "individuals",
    "direct": "individuals",
    "women": "individuals",
    "ethnic_minority": "individuals",
}
_CLASSES = frozenset(_WITHIN) - {"enterprises", "women", "ethnic_minority"}


def disagreements(
    table: Table, counts: Sequence[Row], listed: Mapping[Identity, Group]
) -> Iterator[Finding]:
    """One `lists-disagree` for each count that differs, at the cell of the counts.

    Parameters
    ----------
    table
        The table of counts.
    counts
        Its rows; those only proposed are in no list.
    listed
        Recipients by level, award and method.
    """
    rest = dict(listed)
    for same, rows in _by_identity(counts).items():
        yield from _differences(table, rows, rest.pop(same, None))
    for group in rest.values():
        row = group.counts()
        name = next(n for n in COUNTED_AS.values() if row.values[n])
        theirs = int(str(row.values[name]))
        yield _finding(table, row, row.cells.get("award"), name, 0, theirs)


def _by_identity(counts: Sequence[Row]) -> dict[Identity, list[Row]]:
    grouped: dict[Identity, list[Row]] = {}
    for row in counts:
        if row.values["status"] == "awarded":
            grouped.setdefault(identity(row), []).append(row)
    return grouped


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
        yield _finding(table, row, cell, name, sum(given), theirs)


def _is_open(name: str, group: Group | None) -> bool:
    """Whether the list does not say enough to compare a count."""
    if group is None:
        return name in _WITHIN
    return name in group.unsure or (name in _CLASSES and "class" in group.unsure)


def _finding(
    table: Table, row: Row, cell: str | None, name: str, mine: int, theirs: int
) -> Finding:
    heading = table.by_name[name].heading
    return finding(
        "lists-disagree",
        sheet=row.sheet,
        cell=cell,
        heading=heading,
        value=str(mine),
        params={
            "award": str(row.values["award"]),
            "counted": str(mine),
            "listed": str(theirs),
        },
    )
