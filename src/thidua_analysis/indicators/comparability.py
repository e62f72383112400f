"""Which members and rows a figure covers, and whether it may be compared with the year before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form.bloc import Break
from thidua_analysis.form.forms import current
from thidua_analysis.indicators.dictionary import entry, functions, national_breaks
from thidua_analysis.indicators.figure import Figure, Key, Number
from thidua_analysis.indicators.selection import UNKNOWN, By, Scope, label, listed, values
from thidua_analysis.messages import text
from thidua_analysis.store import tidy
from thidua_analysis.vietnamese.text import key

#: Parts that differ are named up to so many.
_NAMED = 4


def lost_rows(ds: Dataset, table: str) -> frozenset[tuple[int, str]]:
    """Return year and member of every table that lost a row to an error: its totals are too low."""

    def make() -> frozenset[tuple[int, str]]:
        kept = {(row["file"], row["sheet"], row["row"]) for row in _kept(ds, table)}
        sheets = {line[:2] for line in kept}
        used = {s["file"]: (s["year"], s["member"]) for s in ds.records("submissions") if s["used"]}
        return frozenset(
            used[file]
            for file, sheet, _, line in _errors(ds)
            if file in used and (file, sheet) in sheets and (file, sheet, line) not in kept
        )

    return ds.memo(f"lost rows of {table}", make)


def lost_cells(ds: Dataset, table: str) -> Mapping[str, frozenset[str]]:
    """Return by row id the fields whose cell was refused for an error.

    In the row they are missing like a blank, but what was typed there is unknown, not nothing.
    """

    def make() -> dict[str, frozenset[str]]:
        errors = list(_errors(ds))
        lines: dict[tuple[str, str, int], list[Record]] = {}
        for row in _kept(ds, table) if errors else ():
            lines.setdefault((row["file"], row["sheet"], row["row"]), []).append(row)
        columns = _columns(ds, table, {file for file, *_ in errors}) if lines else {}
        lost: dict[str, frozenset[str]] = {}
        for file, sheet, column, line in errors:
            for row in lines.get((file, sheet, line), ()):
                fields = columns.get((file, sheet, column))
                fields = fields or {one.name for one in tidy.columns()[table]}
                if missing := {name for name in fields if row[name] is None}:
                    lost[row["row_id"]] = lost.get(row["row_id"], frozenset()) | missing
        return lost

    return ds.memo(f"lost cells of {table}", make)


class Cell(NamedTuple):
    """A cell that was read, as the table ``cells`` holds it; see `Dataset`."""

    field: str
    sheet: str
    cell: str
    typed: str | None
    value: str | None
    recipient: bool
    correction: str | None


class Cells:
    """The cells that were read; those of a row are made of the stored columns when asked for."""

    def __init__(self, stored: pa.Table) -> None:
        self._columns = [_each_once(stored[name]) for name in Cell._fields]
        self._places: dict[tuple[str, str], list[int]] = {}
        rows = zip(_each_once(stored["table"]), _each_once(stored["row_id"]), strict=True)
        for at, row in enumerate(rows):
            self._places.setdefault(row, []).append(at)
        self._made: dict[tuple[str, str], dict[str, list[Cell]]] = {}

    def of(self, table: str, row_id: str) -> Mapping[str, Sequence[Cell]]:
        """Return the cells of a row by field."""
        row = table, row_id
        if row not in self._made:
            found = self._made.setdefault(row, {})
            for at in self._places.get(row, ()):
                cell = Cell(*(column[at] for column in self._columns))
                found.setdefault(cell.field, []).append(cell)
        return self._made[row]


def _each_once(column: pa.ChunkedArray) -> list[Any]:
    """Return the values of a column, equal ones as one object."""
    coded = column.combine_chunks().dictionary_encode()
    values = [*coded.dictionary.to_pylist(), None]
    return [values[at] for at in coded.indices.fill_null(len(values) - 1).to_pylist()]


def cells(ds: Dataset) -> Cells:
    """Return the cells that were read."""
    return ds.memo("cells", lambda: Cells(ds.arrow("cells")))


def lost_members(ds: Dataset, table: str) -> frozenset[tuple[int, str]]:
    """Return year and member of every table that lost a row or a cell."""
    refused = lost_cells(ds, table)
    found = ((r["year"], r["member"]) for r in _kept(ds, table) if r["row_id"] in refused)
    return lost_rows(ds, table) | frozenset(found)


def _errors(ds: Dataset) -> Iterator[tuple[str, str, str, int]]:
    """File, sheet, column and line of the cell of every error."""
    for found in ds.records("findings"):
        if found["severity"] == "error" and found["file"] and found["cell"]:
            column = found["cell"].rstrip("0123456789")
            yield found["file"], found["sheet"], column, int(found["cell"][len(column) :])


def _columns(ds: Dataset, table: str, files: set[str]) -> dict[tuple[str, str, str], set[str]]:
    """Fields that were read from each column of the files."""
    found: dict[tuple[str, str, str], set[str]] = {}
    stored = ds.arrow("cells")
    for cell in stored.filter(pc.is_in(stored["file"], pa.array(files, pa.string()))).to_pylist():
        if cell["table"] == table and not cell["recipient"]:
            at = cell["file"], cell["sheet"], cell["cell"].rstrip("0123456789")
            found.setdefault(at, set()).add(cell["field"])
    return found


def _kept(ds: Dataset, table: str) -> tuple[Record, ...]:
    return ds.records(table) if table in tidy.table_names() else ()


class Coverage:
    """Which members are expected to be in the figures of a call, and which of them are.

    ``present`` are year and member of all who reported the table, whatever is asked of it.
    """

    def __init__(
        self, ds: Dataset, table: str, by: By, scope: Scope, present: frozenset[tuple[int, str]]
    ) -> None:
        self._ds, self._by, self._present = ds, by, present
        asked = {column: values(v) for column, v in scope.items() if v is not None}
        self._members = frozenset(map(key, asked.get("member", ds.members)))
        self._blocs = frozenset(map(key, asked.get("bloc", ds.blocs)))
        years = asked.get("year", asked.get("reported_in", ds.years))
        self._years = [year for year in ds.years if year in years]
        self._known: dict[int, dict[str, None]] = {}
        self._lost_rows = lost_rows(ds, table)

    def silent(self) -> Iterator[Key]:
        """Yield the keys of all members expected: who sent nothing is shown without a value."""
        if {"member", "bloc"} & set(self._by) and set(self._by) <= {"year", "member", "bloc"}:
            for year in self._years:
                for member in self._expected(year):
                    where = {"year": year, "member": member, "bloc": self._ds.bloc_of(member)}
                    yield tuple(where[column] for column in self._by)

    def complete(self, figure: Figure) -> None:
        """Say who is expected in a figure, who is missing, and of whom a row was left out."""
        own = dict(zip(self._by, figure.key, strict=True))
        year, member = own.get("year", own.get("reported_in")), own.get("member")
        years = self._years if year is None else [year]
        bloc = own.get("bloc")
        wanted = [
            (y, m)
            for y in years
            for m in self._expected(y, member)
            if bloc is None or self._ds.bloc_of(m) == bloc
        ]
        unusable = {p.who for p in figure.pieces} - {p.who for p in figure.used}
        absent = {pair[1] for pair in wanted if pair not in self._present or pair in unusable}
        partial = {p.row["member"] for p in figure.pieces if p.lost or not p.usable}
        partial |= {pair[1] for pair in wanted if pair in self._lost_rows}
        figure.expected = tuple(dict.fromkeys(m for _, m in wanted))
        figure.missing = tuple(m for m in figure.expected if m in absent)
        incomplete = tuple(m for m in figure.expected if m in partial and m not in absent)
        figure.lineage = replace(figure.lineage, partial=incomplete)

    def _expected(self, year: int, member: str | None = None) -> Collection[str]:
        """Members asked for that are expected in a year, or of them the one that is named."""
        if year not in self._known:
            asked = (m for m in self._ds.expected(year) if key(m) in self._members)
            own = (m for m in asked if key(self._ds.bloc_of(m)) in self._blocs)
            self._known[year] = dict.fromkeys(own)
        found = self._known[year]
        return found if member is None else [m for m in (member,) if m in found]


def mark(
    ds: Dataset, name: str, groups: Mapping[Key, Figure], by: By, scope: Scope, basis: By = ()
) -> None:
    """Say of each figure of an indicator whether it may be compared with the year before.

    The columns of the ``basis`` must be the same in the rows of both years, beside the period.
    """
    if "year" not in by:
        return
    at = by.index("year")
    for place, figure in groups.items():
        before = groups.get((*place[:at], place[at] - 1, *place[at + 1 :]))
        own = standing(figure, by, scope)
        figure.reason = (
            figure.reason
            or _broken(ds, name, own)
            or _unknown(ds, figure, before, own["year"])
            or _unlike(ds, name, figure, before, basis)
        )
        figure.comparable = figure.reason is None


def standing(figure: Figure, by: By, scope: Scope) -> dict[str, Any]:
    """Return where a figure stands: its breakdowns, and what the call was narrowed down to."""
    narrowed = {column: value for column, value in scope.items() if value is not None}
    return {**narrowed, **dict(zip(by, figure.key, strict=True))}


def breaks_between(
    ds: Dataset, name: str, own: Mapping[str, Any], first: int, last: int
) -> Iterator[Break]:
    """Yield the breaks that forbid to compare or add figures of two years.

    ``own`` is where the figure stands; a break within either of the years touches both.
    """
    national = (national_breaks()[used] for used in entry(name).breaks)
    local = (b for b in ds.bloc.breaks if not b.indicators or name in b.indicators)
    for declared in (*national, *local):
        within = dt.date(first, 1, 1) < declared.from_ <= dt.date(last, 12, 31)
        if within and _touches(declared, own):
            yield declared


def across_breaks(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield frames of the series that go on across the breaks within the years of a frame."""
    by, scope = frame.attrs["by"], frame.attrs["scope"]
    datasets = (row["lineage"].ds for row in listed(frame))
    ds: Dataset | None = next(filter(None, datasets), None)
    own = {name: value for name, value in scope.items() if value is not None}
    # a series of all that is counted says nothing of one kind of it
    if ds is None or {"kind", "subject"} & {*own, *by}:
        return
    first, last = int(min(frame["year"])), int(max(frame["year"]))
    found = breaks_between(ds, frame.attrs["indicator"], own, first, last)
    for name in dict.fromkeys(one.instead for one in found if one.instead):
        yield functions()[name](ds, by=by, **scope)


def _touches(declared: Break, own: Mapping[str, Any]) -> bool:
    if declared.breakdowns and not set(declared.breakdowns) & set(own):
        return False
    where = {**declared.where, **({"member": declared.members} if declared.members else {})}
    return all(
        column not in own or set(values(own[column])) & set(codes)
        for column, codes in where.items()
    )


def _broken(ds: Dataset, name: str, own: Mapping[str, Any]) -> str | None:
    declared = next(breaks_between(ds, name, own, own["year"] - 1, own["year"]), None)
    if declared is None:
        return None
    reason = declared.reason(ds.lang)
    if declared.instead is None or "subject" in own:
        return reason
    series = entry(declared.instead).label[ds.lang]
    return text("why-break-instead", ds.lang, reason=reason, series=series)


def _unknown(ds: Dataset, figure: Figure, before: Figure | None, year: int) -> str | None:
    """Say why one of the two has no value; what has none by nature needs no reason."""
    if figure.value is None and figure.missing:
        return text("why-incomplete", ds.lang, members=_names(ds, figure.missing))
    if figure.value is not None and (before is None or before.value is None):
        return text("why-no-year-before", ds.lang, year=year - 1)
    return None


def _unlike(ds: Dataset, name: str, figure: Figure, before: Figure | None, basis: By) -> str | None:
    """Say in what two figures are not made alike."""
    if figure.value is None or before is None:
        return None
    about, both = entry(name), (figure, before)
    for must in ("period", *basis):
        one, other = (frozenset(p.row.get(must) for p in each.used) for each in both)
        if one != other:
            return text(f"why-{must}", ds.lang)
    if differing := _within(figure) ^ _within(before):
        return text("why-members-differ", ds.lang, members=_names(ds, differing))
    column = about.composed_by
    if column and (parts := list(_parts_that_differ(ds, name, column, figure, before))):
        if (more := len(parts) - _NAMED) > 0:
            parts = [*parts[:_NAMED], text("parts-more", ds.lang, n=more)]
        return text("why-rows-differ", ds.lang, parts="; ".join(parts))
    # what stood in a row that was lost is unknown: two such rows are not the same
    partial = _lost(figure) | _lost(before) if column else _complete(figure) ^ _complete(before)
    if partial:
        return text("why-partial", ds.lang, members=_names(ds, partial))
    bases = [each.denominator for each in both if each.denominator is not None]
    if about.in_points and any(base < about.counts_below for base in bases):
        return text("why-few", ds.lang, least=about.counts_below)
    return None


@dataclass
class _Cover:
    """How far one part of a figure, such as a level of a member, is covered in a year."""

    base: Number = 0
    #: what tells the rows that entered and those that were left out from others of the part
    entered: set[Key] = field(default_factory=set)
    left_out: set[Key] = field(default_factory=set)

    @property
    def is_absent(self) -> bool:
        """Whether no row is about it."""
        return not self.entered | self.left_out

    def is_like(self, other: _Cover) -> bool:
        """Whether what enters is of the same kind in two years: all, nothing, the same rows."""
        if self.is_absent or other.is_absent:
            return self.is_absent and other.is_absent
        if not self.entered or not other.entered:
            return not self.entered and not other.entered
        mixed = self.left_out & self.entered | other.left_out & other.entered
        return self.left_out == other.left_out and not mixed


def _parts_that_differ(
    ds: Dataset, name: str, column: str, figure: Figure, before: Figure
) -> Iterator[str]:
    """Name the parts that are not covered alike in both years, each with what it lacks.

    A part that stands in no row of a year is unknown there, not 0; where it is small in the
    other year, nothing hangs on it.
    """
    now, then = _covers(name, column, figure), _covers(name, column, before)
    for part in dict.fromkeys([*now, *then]):
        one, other = now.get(part, _Cover()), then.get(part, _Cover())
        small = max(one.base, other.base) < entry(name).counts_below
        if one.is_like(other) or (small and (one.is_absent or other.is_absent)):
            continue
        worse = one if one.is_absent or one.left_out else other
        why = "part-absent" if worse.is_absent else "part-incomplete"
        member, year = part[0], figure.used[0].row["year"] - (worse is other)
        words = {"part": label(ds, column, part[1]), "year": year}
        yield text(why, ds.lang, member=ds.bloc.member(member).short, **words)


def _covers(name: str, column: str, figure: Figure) -> dict[tuple[str, str], _Cover]:
    identity = current("unit").table(entry(name).table).key
    found: dict[tuple[str, str], _Cover] = {}
    for piece in figure.pieces:
        cover = found.setdefault((piece.row["member"], piece.row[column] or UNKNOWN), _Cover())
        cover.base += piece.denominator or 0
        own = tuple(piece.row[name] for name in identity)
        (cover.entered if piece.usable and not piece.lost else cover.left_out).add(own)
    return found


def _within(figure: Figure) -> frozenset[str]:
    """Members who are in the figure, be it with a part of their rows."""
    return frozenset(figure.expected) - set(figure.missing)


def _complete(figure: Figure) -> frozenset[str]:
    """Members all of whose rows entered."""
    return _within(figure) - set(figure.lineage.partial)


def _lost(figure: Figure) -> frozenset[str]:
    """Members of whom a whole row was lost to an error."""
    left_out = {p.row["member"] for p in figure.pieces if p.lost or not p.usable}
    return frozenset(figure.lineage.partial) - left_out


def _names(ds: Dataset, members: Iterable[str]) -> str:
    named = frozenset(members)
    return ", ".join(ds.bloc.member(m).short for m in ds.members if m in named)
