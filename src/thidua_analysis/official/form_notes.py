"""Notes under the form of movements (0601.N): repeated, incomplete and unusual ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form.model import current
from thidua_analysis.indicators.comparability import lost_cells, lost_members
from thidua_analysis.indicators.counts import SUBJECTS
from thidua_analysis.indicators.movements import begun, identity
from thidua_analysis.messages import text
from thidua_analysis.official.fill import fields_of
from thidua_analysis.official.filled import Empty, Filled, Note, Place
from thidua_analysis.official.refer import column_name, places
from thidua_analysis.vietnamese import display

_EMPTY: tuple[Empty, ...] = ("no-rows", "blank", "mixed", "no-whole")


@dataclass(frozen=True, slots=True)
class Told:
    """What the notes of a form are made from."""

    ds: Dataset
    form: Filled
    #: rows that the form counts
    rows: Sequence[Record]
    #: rows of the year in its table
    all_rows: Sequence[Record]

    def say(self, key: str, about: tuple[Place, ...] = (), /, **params: object) -> Note:
        """Return a note in the language of the dataset."""
        return Note(text(key, self.ds.lang, **params), about)

    def number(self, value: int) -> str:
        """Return a count as printed."""
        return display.number(value, 0, self.ds.lang)

    def where(self, cells: Sequence[Place]) -> str:
        """Return the names of cells."""
        return places(self.form, cells, self.ds.lang)


def general(told: Told) -> tuple[Note, ...]:
    """Return the notes that every form needs, in the order in which they are printed."""
    parts: tuple[Callable[[Told], Iterator[Note]], ...] = (
        *(_illustrative, _layout, _year, _coverage, _periods),
        *(_counted, _not_asked, _empty, _bounds),
    )
    return tuple(note for part in parts for note in part(told))


def _illustrative(told: Told) -> Iterator[Note]:
    if told.form.illustrative:
        yield told.say("official-illustrative")


def _layout(told: Told) -> Iterator[Note]:
    yield from (told.say(key) for key in told.form.layout.notes)


def _year(told: Told) -> Iterator[Note]:
    layout, year = told.form.layout, told.form.year
    first, last = layout.from_year or year, layout.until_year or year
    if not first <= year <= last:
        yield told.say("official-other-circular", year=year, first=first, last=last)


def _coverage(told: Told) -> Iterator[Note]:
    """Say who is in the sums, row by row: one without a number of a member is incomplete."""
    ds, year, table = told.ds, told.form.year, told.form.layout.table
    expected = ds.expected(year)
    sent = ds.reporting(table).get(year, frozenset())
    missing = [member for member in expected if member not in sent]
    lost = [member for member in expected if (year, member) in lost_members(ds, table)]
    counts = {"reporting": len(expected) - len(missing), "expected": len(expected)}
    if missing:
        yield told.say("official-incomplete", **counts, members=_short(ds, missing))
    else:
        yield told.say("official-complete", **counts)
    for members, cells in _lacking(told).items():
        own = [member for member in expected if member in members]
        reporting = sum(member in sent and member not in members for member in expected)
        said = {"reporting": reporting, "expected": len(expected), "members": _short(ds, own)}
        yield told.say("official-row-incomplete", tuple(cells), cells=told.where(cells), **said)
    if lost:
        yield told.say("official-lost", members=_short(ds, lost))


def _lacking(told: Told) -> dict[frozenset[str], list[Place]]:
    """Return members of whom rows of the form lack numbers → the cells of those rows."""
    refused = lost_cells(told.ds, told.form.layout.table)
    found: dict[frozenset[str], list[Place]] = {}
    for line in told.form.coded:
        cells: list[Place] = []
        members: set[str] = set()
        for column in told.form.columns:
            if line.source.reason is not None or column.source.ratio is not None:
                continue
            where, fields = {**column.where, **line.where}, fields_of(line, column)
            if told.form.layout.counts == "sum" and not fields:
                continue
            own = {r["member"] for r in told.rows if _lacks(told, r, where, fields, refused)}
            cells += [(line.code or "", column.id)] * bool(own)
            members |= own
        if members:
            found.setdefault(frozenset(members), []).extend(cells)
    return found


def _lacks(
    told: Told,
    row: Record,
    where: Mapping[str, Collection[Any]],
    fields: Collection[str],
    refused: Mapping[str, frozenset[str]],
) -> bool:
    """Whether a row belongs to a cell, or may belong to it, and does not say how many.

    A part ("trong đó") is missing where its whole is more than 0. An award for people has no
    collectives: of the three subjects one is enough.
    """
    if any(row[column] is not None and row[column] not in own for column, own in where.items()):
        return False
    if any(row[column] is None for column in where):
        return True
    if not fields:
        return False
    parts = _parts(told.form.layout.table)
    silent = all(row[name] is None for name in SUBJECTS)
    return silent or any(
        row[name] is None
        and (name in refused.get(row["row_id"], ()) or row.get(parts.get(name, "")))
        for name in fields
    )


@cache
def _parts(table: str) -> dict[str, str]:
    """Return part → its whole, as the checks of the members' form have them."""
    found: dict[str, str] = {}
    for check in current("unit").table(table).checks:
        names = (check.part,) if check.part else check.parts
        found.update({name: check.whole for name in names if name and check.whole})
    return found


def _periods(told: Told) -> Iterator[Note]:
    early = [row["member"] for row in told.rows if row["period"] != "year"]
    if early:
        yield told.say("official-period", members=_short(told.ds, dict.fromkeys(early)))


def _counted(told: Told) -> Iterator[Note]:
    if told.form.layout.counts == "distinct" or len(told.form.counted_as) < 2:
        return
    for counted in told.form.counted_as:
        members = dict.fromkeys(r["member"] for r in told.rows if r["counted_as"] == counted)
        unit = text(f"unit-{counted}", told.ds.lang)
        yield told.say("official-counted", unit=unit, members=_short(told.ds, members))


def _not_asked(told: Told) -> Iterator[Note]:
    reasons: dict[str, list[Place]] = {}
    for line in told.form.coded:
        if line.source.reason is not None:
            cells = [(cell.row, cell.column) for cell in told.form.of_line(line)]
            reasons.setdefault(line.source.reason, []).extend(cells)
    for key, cells in reasons.items():
        yield told.say(key, tuple(cells), cells=told.where(cells))


def _empty(told: Told) -> Iterator[Note]:
    """Say why cells are empty: an empty cell is not 0."""
    for reason in _EMPTY:
        cells = [place for place, cell in told.form.cells.items() if cell.empty == reason]
        if cells:
            yield told.say(f"official-empty-{reason}", tuple(cells), cells=told.where(cells))


def _bounds(told: Told) -> Iterator[Note]:
    cells = [place for place, cell in told.form.cells.items() if cell.bound]
    if cells:
        yield told.say("official-bounds", tuple(cells), cells=told.where(cells))


def _short(ds: Dataset, members: Sequence[str] | dict[str, None]) -> str:
    return ", ".join(ds.bloc.member(member).short for member in members)


#: Fields by which the form breaks movements down.
_FIELDS = ("launched_by", "scope", "duration_months", "method")
_LISTED = 10
Movements = dict[tuple[Any, ...], list[Record]]


def of_movements(told: Told) -> Iterator[Note]:
    """Yield what must be said of the movements that a form counts."""
    found: Movements = {}
    for row in told.rows:
        found.setdefault(identity(row), []).append(row)
    yield from _repeated(told)
    yield from _blank(told, found)
    yield from _conflicting(told, found)
    yield from _unusual(told)
    yield from _later(told)


def _repeated(told: Told) -> Iterator[Note]:
    """Print both numbers where members report the same movement."""
    differing = {
        place: cell
        for place, cell in told.form.cells.items()
        if cell.value is not None and cell.reported != cell.value
    }
    if not differing:
        return
    shown = [
        text(
            "official-both-numbers",
            told.ds.lang,
            row=row,
            column=column_name(told.form, column),
            value=cell.value,
            reported=cell.reported,
        )
        for (row, column), cell in differing.items()
    ]
    yield told.say("official-distinct", tuple(differing), cells="; ".join(shown))


def _blank(told: Told, found: Movements) -> Iterator[Note]:
    """Name movements that stand in row 01 or column 1 only, for want of a field."""
    for field in _FIELDS:
        without = [rows for rows in found.values() if all(row[field] is None for row in rows)]
        if without:
            yield told.say(
                "official-blank-field", field=_heading(field), names=_names(told, without)
            )


def _conflicting(told: Told, found: Movements) -> Iterator[Note]:
    """Name movements that members describe differently: they stand in more than one row."""
    for field in _FIELDS[1:]:
        # durations of one class stand in one row
        compared = "term" if field == "duration_months" else field
        differing = [
            rows
            for rows in found.values()
            if len({row[compared] for row in rows if row[compared] is not None}) > 1
        ]
        if differing:
            yield told.say(
                "official-conflict", field=_heading(field), names=_names(told, differing)
            )


def _unusual(told: Told) -> Iterator[Note]:
    """Name figures where the form expects none (row 02 belongs to column 2, and so on)."""
    cells = [
        (cell.row, cell.column)
        for line in told.form.coded
        for cell in told.form.of_line(line)
        if line.source.usual and cell.value and cell.column not in line.source.usual
    ]
    if cells:
        yield told.say("official-unusual", tuple(cells), cells=told.where(cells))


def _later(told: Told) -> Iterator[Note]:
    later = [[row] for row in told.all_rows if not begun(row, told.form.year)]
    if later:
        yield told.say("official-launched-later", names=_names(told, later))


def _heading(field: str) -> str:
    return current("unit").table("movements").by_name[field].heading


def _names(told: Told, movements: Iterable[list[Record]]) -> str:
    quoted = list(dict.fromkeys(f"“{rows[0]['name']}”" for rows in movements))
    more = len(quoted) - _LISTED
    if more > 0:
        quoted = [*quoted[:_LISTED], text("official-more", told.ds.lang, n=more)]
    return ", ".join(quoted)
