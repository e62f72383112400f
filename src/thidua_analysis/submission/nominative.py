"""Lists of recipients → rows of counts; names never leave this room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thidua_analysis import awards
from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Form, Table
from thidua_analysis.submission.extract import Extract
from thidua_analysis.submission.rows import Datum, Row
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

KEYS = ("level", "award", "method")
_COUNTED_AS = {
    "individual": "individuals",
    "collective": "collectives",
    "household": "households",
}


@dataclass(slots=True)
class _Group:
    """Recipients of one award at one level by one method."""

    first: int
    values: dict[str, Datum]
    cells: dict[str, str]
    typed: dict[str, str]
    parts: dict[str, list[str]] = field(default_factory=dict)


def add_up(form: Form, bloc: Bloc, lists: list[Extract], found: list[Finding]) -> list[Row]:
    """Add recipients up to the table of counts.

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
    list of Row
        One for each (level, award, method) in order of first appearance; every count is a
        number; ``parts`` names the recipients' cells behind each count.
    """
    rows: list[Row] = []
    for part in lists:
        table = form.table(part.located.table.adds_up_to or "")
        groups = _groups(part, bloc, found)
        rows.extend(_row(table, part, group) for group in groups)
    return rows


def _groups(part: Extract, bloc: Bloc, found: list[Finding]) -> list[_Group]:
    groups: dict[tuple[object, ...], _Group] = {}
    for recipient in part.rows:
        values = recipient.values
        award = awards.fold(awards.canonical(str(values["award"])))
        same = (values["level"], award, values["method"])
        group = groups.get(same)
        if group is None:
            group = groups[same] = _Group(
                recipient.row,
                {name: values[name] for name in KEYS},
                {name: recipient.cells[name] for name in KEYS if name in recipient.cells},
                {name: recipient.typed[name] for name in KEYS if name in recipient.typed},
            )
        for name, cell in _counts(recipient, part, bloc, found):
            group.parts.setdefault(name, []).append(cell)
    return list(groups.values())


def _counts(
    recipient: Row, part: Extract, bloc: Bloc, found: list[Finding]
) -> Iterator[tuple[str, str]]:
    """The counts that a recipient adds one to, and the cell that says so."""
    subject = str(recipient.values["subject"])
    yield _COUNTED_AS[subject], recipient.cells["subject"]
    class_ = recipient.values.get("class")
    if subject == "collective" and class_ == "enterprise":
        yield "enterprises", recipient.cells["class"]
    if subject != "individual":
        return
    person_class, cell = _class(recipient, part, bloc)
    if person_class:
        yield person_class, cell
    elif recipient.row not in _broken(part, "class"):
        found.append(finding("class-unknown", sheet=part.sheet.name, cell=cell, heading="Chức vụ"))
    if recipient.values.get("gender") == "female":
        yield "women", recipient.cells["gender"]
    if recipient.values.get("ethnicity") == "minority":
        yield "ethnic_minority", recipient.cells["ethnicity"]


def _broken(part: Extract, name: str) -> set[int]:
    values = part.columns.get(name)
    return values.broken if values else set()


def _class(recipient: Row, part: Extract, bloc: Bloc) -> tuple[str | None, str]:
    """Person class by its own column, else by the position; and the cell that says it."""
    given = recipient.values.get("class")
    if given is not None and given != "enterprise":
        return str(given), recipient.cells["class"]
    position = part.columns.get("position")
    column = part.located.columns.get("position") or part.located.columns.get("class")
    cell = address(recipient.row, column.column if column else part.located.left)
    text = position.values.get(recipient.row) if position else None
    if text is None or given == "enterprise":
        return ("entrepreneur" if given == "enterprise" else None), cell
    return bloc.person_class(key(str(text))), cell


def _row(table: Table, part: Extract, group: _Group) -> Row:
    values: dict[str, Datum] = {}
    for asked in table.fields:
        if asked.name in KEYS:
            values[asked.name] = group.values[asked.name]
        elif asked.type == "count":
            values[asked.name] = len(group.parts.get(asked.name, ()))
        else:
            values[asked.name] = asked.default
    return Row(
        table.id,
        part.sheet.name,
        group.first,
        values,
        group.cells,
        typed=group.typed,
        parts={name: tuple(cells) for name, cells in group.parts.items()},
    )


def disagreements(counts: list[Row], listed: list[Row], found: list[Finding]) -> None:
    """Report where the table of counts and the list of recipients say different things."""
    by_list = {_identity(row): row for row in listed}
    totals = _by_identity(counts)
    for same, rows in totals.items():
        other = by_list.pop(same, None)
        differing = list(_differences(rows, other))
        if differing:
            name, mine, theirs = differing[0]
            cell = rows[0].cells.get(name) or next(iter(rows[0].cells.values()))
            found.append(_disagree(rows[0], cell, name, mine, theirs, str(mine)))
    for other in by_list.values():
        name = next(n for n in _COUNTED_AS.values() if other.values[n])
        found.append(
            _disagree(other, other.cells["award"], name, 0, int(str(other.values[name])), None)
        )


def _disagree(row: Row, cell: str, name: str, mine: int, theirs: int, value: str | None) -> Finding:
    what = f"{row.values['award']}: {mine} ≠ {theirs}"
    return finding(
        "lists-disagree", sheet=row.sheet, cell=cell, heading=name, value=value,
        params={"what": what},
    )  # fmt: skip


def _identity(row: Row) -> tuple[object, ...]:
    award = awards.fold(awards.canonical(str(row.values["award"])))
    return row.values["level"], award, row.values["method"]


def _by_identity(counts: list[Row]) -> dict[tuple[object, ...], list[Row]]:
    """Granted rows of counts by level, award and method."""
    grouped: dict[tuple[object, ...], list[Row]] = {}
    for row in counts:
        if row.values["status"] == "awarded":
            grouped.setdefault(_identity(row), []).append(row)
    return grouped


def _differences(rows: list[Row], other: Row | None) -> Iterator[tuple[str, int, int]]:
    names = ("collectives", "households", "individuals", "enterprises", "women", "ethnic_minority")
    for name in names:
        given = [r.values[name] for r in rows if r.values[name] is not None]
        mine = sum(int(str(v)) for v in given)
        theirs = int(str(other.values[name])) if other else 0
        if (given or theirs) and mine != theirs and (given or name in _COUNTED_AS.values()):
            yield name, mine, theirs
