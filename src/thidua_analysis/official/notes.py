"""Notes under a form: who is in it, why cells are empty, and what no row or column shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form.awards import COUNTED_AS, match, never_given_to
from thidua_analysis.form.forms import current, of_forms
from thidua_analysis.indicators import selection as names
from thidua_analysis.indicators.comparability import lost_cells, lost_members
from thidua_analysis.indicators.counts import SUBJECTS, begun, identity
from thidua_analysis.indicators.figure import amount
from thidua_analysis.messages import text
from thidua_analysis.official.crosscheck import column_name, places
from thidua_analysis.official.fill import Empty, Filled, Note, Place, accepts, fields_of
from thidua_analysis.vietnamese import display

_EMPTY: tuple[Empty, ...] = ("no-rows", "blank", "mixed", "no-whole")
#: Fields by which the form breaks movements down.
_FIELDS = ("launched_by", "scope", "duration_months", "method")
#: Parts of the individuals that no official form has a row for.
_WITHOUT_ROW = ("women", "ethnic_minority")
#: At most so many movements, and so many awards, are named in one note.
_MOVEMENTS, _AWARDS = 10, 12
Movements = dict[tuple[Any, ...], list[Record]]
#: Award → field → amount.
_Kinds = defaultdict[str, Counter[str]]


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

    def cells(self, key: str, about: Sequence[Place]) -> Iterator[Note]:
        """Yield a note that names cells, if there are any."""
        if about:
            yield self.say(key, tuple(about), cells=self.where(about))

    def where(self, cells: Sequence[Place]) -> str:
        """Return the names of cells."""
        return places(self.form, cells, self.ds.lang)

    def is_wanted(self, row: Record) -> bool:
        """Whether a row is of the levels that the form is about."""
        levels = self.form.layout.where.get("level")
        return levels is None or row["level"] in levels

    def awarded(self, row: Record) -> bool:
        """Whether a row has the status that the form counts."""
        return row["status"] in self.form.layout.where["status"]

    def award(self, row: Record) -> str:
        """Return the award of a row at its level, as printed."""
        award = names.award_at(row["award"], row["level"])
        return names.label(self.ds, "award", award)

    def at_most(self, limit: int, shown: Sequence[str], sign: str) -> str:
        """Join so many texts, and say how many there are more."""
        more = len(shown) - limit
        told = [text("official-more", self.ds.lang, n=more)] if more > 0 else []
        return sign.join([*shown[:limit], *told])

    def short(self, members: Iterable[str]) -> str:
        """Return the short names of members, each once."""
        return ", ".join(self.ds.bloc.member(member).short for member in dict.fromkeys(members))


def all_notes(told: Told) -> Iterator[Note]:
    """Yield the notes of a form in the order in which they are printed."""
    layout, year = told.form.layout, told.form.year
    if told.form.illustrative:
        yield told.say("official-illustrative")
    yield from (told.say(key) for key in layout.notes)
    first, last = layout.from_year or year, layout.until_year or year
    if not first <= year <= last:
        yield told.say("official-other-circular", year=year, first=first, last=last)
    yield from _coverage(told)
    if early := [row["member"] for row in told.rows if row["period"] != "year"]:
        yield told.say("official-period", members=told.short(early))
    yield from _counted(told)
    yield from _not_asked(told)
    for reason in _EMPTY:  # an empty cell is not 0
        empty = [place for place, cell in told.form.cells.items() if cell.empty == reason]
        yield from told.cells(f"official-empty-{reason}", empty)
    bounded = [place for place, cell in told.form.cells.items() if cell.bound]
    yield from told.cells("official-bounds", bounded)
    yield from _of_awards(told) if layout.table == "commendations" else _of_movements(told)


def _coverage(told: Told) -> Iterator[Note]:
    """Say who is in the sums, row by row: one without a number of a member is incomplete."""
    ds, year, table = told.ds, told.form.year, told.form.layout.table
    expected = ds.expected(year)
    sent = ds.reporting(table).get(year, frozenset())
    missing = [member for member in expected if member not in sent]
    lost = [member for member in expected if (year, member) in lost_members(ds, table)]
    counts = {"reporting": len(expected) - len(missing), "expected": len(expected)}
    if missing:
        yield told.say("official-incomplete", **counts, members=told.short(missing))
    else:
        yield told.say("official-complete", **counts)
    for members, cells in _lacking(told).items():
        own = [member for member in expected if member in members]
        reporting = sum(member in sent and member not in members for member in expected)
        said = {"reporting": reporting, "expected": len(expected), "members": told.short(own)}
        yield told.say("official-row-incomplete", tuple(cells), cells=told.where(cells), **said)
    if lost:
        yield told.say("official-lost", members=told.short(lost))


def _lacking(told: Told) -> dict[frozenset[str], list[Place]]:
    """Return members of whom rows of the form lack numbers → the cells of those rows."""
    refused = lost_cells(told.ds, told.form.layout.table)
    found: dict[frozenset[str], list[Place]] = {}
    for line in told.form.coded:
        cells: list[Place] = []
        members: set[str] = set()
        for column in told.form.columns:
            if line.source.reason is not None or column.is_ratio:
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


@of_forms
def _parts(table: str) -> dict[str, str]:
    """Return part → its whole, as the checks of the members' form have them."""
    found: dict[str, str] = {}
    for check in current("unit").table(table).checks:
        names = (check.part,) if check.part else check.parts
        found.update({name: check.whole for name in names if name and check.whole})
    return found


def _counted(told: Told) -> Iterator[Note]:
    if told.form.layout.counts == "distinct" or len(told.form.counted_as) < 2:
        return
    for counted in told.form.counted_as:
        members = (row["member"] for row in told.rows if row["counted_as"] == counted)
        unit = text(f"unit-{counted}", told.ds.lang)
        yield told.say("official-counted", unit=unit, members=told.short(members))


def _not_asked(told: Told) -> Iterator[Note]:
    reasons: dict[str, list[Place]] = {}
    for line in told.form.coded:
        if line.source.reason is not None:
            cells = [(cell.row, cell.column) for cell in told.form.of_line(line)]
            reasons.setdefault(line.source.reason, []).extend(cells)
    for key, about in reasons.items():
        yield from told.cells(key, about)


def _of_movements(told: Told) -> Iterator[Note]:
    """Yield what must be said of the movements that a form counts."""
    found: Movements = {}
    for row in told.rows:
        found.setdefault(identity(row), []).append(row)
    yield from _repeated(told)
    yield from _blank(told, found)
    yield from _conflicting(told, found)
    # row 02 belongs to column 2, and so on
    unusual = [
        (cell.row, cell.column)
        for line in told.form.coded
        for cell in told.form.of_line(line)
        if line.source.usual and cell.value and cell.column not in line.source.usual
    ]
    yield from told.cells("official-unusual", unusual)
    if later := [[row] for row in told.all_rows if not begun(row, told.form.year)]:
        yield told.say("official-launched-later", names=_names(told, later))


def _repeated(told: Told) -> Iterator[Note]:
    """Print both numbers where members report the same movement."""
    differing = {
        place: cell
        for place, cell in told.form.cells.items()
        if cell.value is not None and cell.reported != cell.value
    }
    if not differing:
        return
    shown = []
    for (row, column), cell in differing.items():
        words = {"row": row, "column": column_name(told.form, column)}
        both = {"value": cell.value, "reported": cell.reported}
        shown.append(text("official-both-numbers", told.ds.lang, **words, **both))
    yield told.say("official-distinct", tuple(differing), cells="; ".join(shown))


def _blank(told: Told, found: Movements) -> Iterator[Note]:
    """Name movements that stand in row 01 or column 1 only, for want of a field."""
    for field in _FIELDS:
        if without := [rows for rows in found.values() if not _said(rows, field)]:
            words = {"field": _heading(field), "names": _names(told, without)}
            yield told.say("official-blank-field", **words)


def _conflicting(told: Told, found: Movements) -> Iterator[Note]:
    """Name movements that members describe differently: they stand in more than one row."""
    for field in _FIELDS[1:]:
        # durations of one class stand in one row
        compared = "term" if field == "duration_months" else field
        if differing := [rows for rows in found.values() if len(_said(rows, compared)) > 1]:
            words = {"field": _heading(field), "names": _names(told, differing)}
            yield told.say("official-conflict", **words)


def _said(rows: Iterable[Record], field: str) -> set[Any]:
    return {row[field] for row in rows if row[field] is not None}


def _heading(field: str) -> str:
    return current("unit").table("movements").by_name[field].heading


def _names(told: Told, movements: Iterable[list[Record]]) -> str:
    quoted = list(dict.fromkeys(f"“{rows[0]['name']}”" for rows in movements))
    return told.at_most(_MOVEMENTS, quoted, ", ")


def _of_awards(told: Told) -> Iterator[Note]:
    """Yield what a form of commendations leaves out, with its amounts."""
    if told.form.layout.total:
        yield from _without_column(told)
    else:
        yield from _without_method(told)
    yield from _misgiven(told)
    yield from _elsewhere(told)
    proposed = (row for row in told.all_rows if not told.awarded(row) and told.is_wanted(row))
    if counted := _amounts(told, proposed):  # it is never added to what was awarded
        yield told.say("official-proposed", counted=counted)
    yield from _status_only(told)
    shown = []
    for name in _WITHOUT_ROW:
        given = [row for row in told.rows if row[name] is not None]
        if given:
            what = text(f"official-{name}", told.ds.lang)
            shown.append(f"{what} {_amounts(told, given, (name,))}")
    if shown:
        yield told.say("official-no-row", groups=", ".join(shown))


def _without_column(told: Told) -> Iterator[Note]:
    """Name awards that no column takes: all of them, or a kind of recipient."""
    columns = [c for c in told.form.columns if c.id != told.form.layout.total]
    total = next(c for c in told.form.columns if c.id == told.form.layout.total)
    outside, inside = _Kinds(Counter), _Kinds(Counter)
    for row in told.rows:
        found = inside if accepts(total.where, row) else outside
        taking = [column for column in columns if accepts(column.where, row)]
        for name in SUBJECTS:
            taken = any(name in c.source.fields or not c.source.fields for c in taking)
            if row[name] and not taken:
                found[told.award(row)][name] += row[name]
    for key, found in (("official-no-column", outside), ("official-only-total", inside)):
        if found:
            yield told.say(key, awards=_listed(told, found))


def _misgiven(told: Told) -> Iterator[Note]:
    """Name awards given to those who cannot receive them, as `check` does."""
    found = _Kinds(Counter)
    for row in told.rows:
        for subject in never_given_to(row["award"] or ""):
            kind = COUNTED_AS[subject]
            if row[kind]:
                found[told.award(row)][kind] += row[kind]
    if found:
        yield told.say("official-misgiven", awards=_listed(told, found))


def _listed(told: Told, found: _Kinds) -> str:
    """Return awards with their amounts: ``Tập thể lao động xuất sắc (48 tập thể)``."""
    shown = []
    for award, kinds in found.items():
        counted = ", ".join(
            f"{told.number(n)} {names.label(told.ds, 'subject', kind).lower()}"
            for kind, n in kinds.items()
        )
        shown.append(f"{award} ({counted})")
    return told.at_most(_AWARDS, shown, "; ")


def _without_method(told: Told) -> Iterator[Note]:
    """Name methods that no column takes: column 3 is then more than 6 + 10 + 14 + 16."""
    taken = {m for c in told.form.columns for m in c.where.get("method", ())}
    rest: dict[str, list[Record]] = {}
    for row in told.rows:
        if row["method"] not in taken:
            rest.setdefault(row["method"] or names.UNKNOWN, []).append(row)
    shown = [
        f"{names.label(told.ds, 'method', method)}: {counted}"
        for method, rows in rest.items()
        if (counted := _amounts(told, rows))
    ]
    if shown:
        yield told.say("official-no-method", methods="; ".join(shown))


def _elsewhere(told: Told) -> Iterator[Note]:
    """Name levels that the form is not about, with what they have."""
    others = [row for row in told.all_rows if told.awarded(row) and not told.is_wanted(row)]
    shown = []
    for level in names.code_order("commendations", "level"):
        counted = _amounts(told, (row for row in others if row["level"] == level))
        if counted:
            name = names.label(told.ds, "level", level)
            goes_to = told.form.layout.elsewhere.get(level)
            shown.append(f"{name}: {counted}" + (f" ({goes_to})" if goes_to else ""))
    if shown:
        yield told.say("official-elsewhere", levels="; ".join(shown))
    unknown = [row for row in others if row["level"] is None]
    if counted := _amounts(told, unknown):
        members = told.short(row["member"] for row in unknown)
        yield told.say("official-no-level", counted=counted, members=members)


def _status_only(told: Told) -> Iterator[Note]:
    """Say that a status of tens of thousands (Gia đình văn hóa) is no commendation."""
    found = {
        award.name
        for row in told.ds.records("commendations")
        if row["year"] == told.form.year
        and row["award"]
        and told.is_wanted(row)
        and (award := match(row["award"])) is not None
        and award.status_only
    }
    if found:
        yield told.say("official-status-only", awards=", ".join(sorted(found)))


def _amounts(told: Told, rows: Iterable[Record], fields: tuple[str, ...] = SUBJECTS) -> str:
    """Return the sum of fields, turns and people apart: ``96 lượt, 12 người``."""
    sums: Counter[str] = Counter()
    for row in rows:
        counted = amount(row, fields)
        if counted is not None:
            sums[row["counted_as"]] += int(counted)
    parts = (f"{told.number(n)} {text(f'unit-{c}', told.ds.lang)}" for c, n in sums.items())
    return ", ".join(parts)
