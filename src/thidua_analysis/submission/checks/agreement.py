"""Whether the table of counts and the list of recipients say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from thidua_analysis.awards import COUNTED_AS
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Table
from thidua_analysis.submission.nominative import Group, Identity, identity
from thidua_analysis.submission.rows import Row

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
