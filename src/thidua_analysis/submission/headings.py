"""Headings of a sheet matched with the fields of a form, and given to the tables they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from typing import Literal

from thidua_analysis.form.forms import forms, of_forms
from thidua_analysis.form.model import (
    Form,
    Table,
    heading_key,
    money_scale,
    without_bracket,
    years_in,
)
from thidua_analysis.vietnamese.text import key

#: headings of the column that numbers the rows: never stored
ORDINALS = frozenset({"tt", "stt", "số tt", "số thứ tự", "thứ tự", "no"})
#: lower headings that say nothing of their own: the heading above them counts
_BLANKET = frozenset({"tổng số", "số lượng", "cộng", "tổng cộng", "chung", "{year}"})
#: units that a heading of counts may name in brackets
_COUNT_UNITS = frozenset({"người", "lượt", "lượt người", "tập thể", "hộ", "đơn vị", "sl"})
#: a heading shorter than this is part of too many others to be called ambiguous
_SHORTEST_PART = 2
#: so many headings in a row are looked at together when one table is parted from the next
_LONGEST_RUN = 200
#: so many tables may stand side by side
_MOST_BESIDE = 50

#: why a heading cannot be read: nothing stands there; no words do; an error; no result
Fault = Literal["blank", "no-words", "error", "not-calculated"]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading texts over one column, from top to bottom, and the cell of the lowest.

    ``groups`` are the texts to the left in the rows above where the column has none of its own,
    the nearest row first: headings over several columns that were not merged. A heading
    ``continues`` where it is only merged into this column from the left. Where the cell that
    should name the column cannot be read, ``fault`` says why and the path is what it shows;
    ``over`` is such a cell above a heading that can be read.
    """

    column: int
    row: int
    path: tuple[str, ...]
    groups: tuple[str, ...] = ()
    continues: bool = False
    fault: Fault | None = None
    over: Heading | None = None

    @property
    def text(self) -> str:
        """The lowest heading, the one that names the column."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Match:
    """A heading that means one of these fields.

    ``scale`` is đồng in one unit of money, ``unit`` the unit of numbers, where the heading's own
    bracket names one.
    """

    fields: tuple[str, ...]
    scale: int | None = None
    unit: str | None = None


@lru_cache(maxsize=1 << 14)
def leaf_key(text: str) -> str:
    """Comparison form of one heading text."""
    return heading_key(text.replace(">", " "))


def has_words(text: str) -> bool:
    """Whether a text holds a letter: "-", "(1)" and "2022" name no column."""
    return any(map(str.isalpha, text))


def is_ordinal(path: Sequence[str]) -> bool:
    """Whether a column only numbers the rows."""
    return key(path[-1]) in ORDINALS


def match(table: Table, heading: Heading, year: int | None) -> Match | None:
    """Return the fields of a table that a heading names, or None.

    Tried in order: the whole path; its texts read as one ("Giá trị" above "(triệu đồng)"); its
    last two; the lowest alone; where that says nothing of its own ("Tổng số"), the one above;
    the lowest under a heading to the left that was not merged.
    A heading that names other years than that of the report only is another column.
    """
    years = set().union(*map(years_in, heading.path))
    if years and year is not None and year not in years:
        return None
    whole = " ".join(heading.path)
    candidates = (table.headings.get(candidate) for candidate in _candidates(heading, whole))
    found = next(filter(None, candidates), None)
    if found is None:
        return _with_unit(table, whole) or _with_unit(table, heading.text)
    is_money = table.by_name[found[0]].type == "money"
    return Match(found, money_scale(without_bracket(whole)[1]) if is_money else None)


def _candidates(heading: Heading, whole: str) -> Iterator[str]:
    keys = tuple(leaf_key(text) for text in heading.path)
    yield " > ".join(keys)
    yield leaf_key(whole)
    yield " > ".join(keys[-2:])
    yield keys[-1]
    if len(keys) > 1 and keys[-1] in _BLANKET:
        yield keys[-2]
    for group in heading.groups:
        yield f"{leaf_key(group)} > {keys[-1]}"


def may_mean(table: Table, text: str) -> tuple[str, ...]:
    """Names of the fields that a short heading may mean: it is theirs, begins or is part of theirs.

    "Điểm" may be "Điểm tối đa" or "Điểm tự chấm", "Hoàn thành" a day or a deadline.
    """
    said = leaf_key(text)
    if len(said) < _SHORTEST_PART:
        return ()
    begun = (
        names
        for path, names in table.headings.items()
        if path == said or path.startswith(f"{said} ")
    )
    within = ((f.name,) for f in table.fields if f" {said} " in f" {leaf_key(f.heading)} ")
    return tuple(dict.fromkeys(name for names in chain(begun, within) for name in names))


def _with_unit(table: Table, text: str) -> Match | None:
    """Match a heading whose bracket names another unit than the form prints."""
    base, unit = without_bracket(text)
    found = table.headings.get(leaf_key(base)) if unit else None
    if unit is None or not found:
        return None
    asked = table.by_name[found[0]]
    if asked.type == "money":
        scale = money_scale(unit)
        return Match(found, scale) if scale else None
    if asked.type == "count" and without_bracket(asked.heading)[1] is None:
        return Match(found) if key(unit) in _COUNT_UNITS or unit.strip().isdigit() else None
    return Match(found, unit=unit) if asked.type == "number" else None


@dataclass(eq=False)
class HeadingGroup:
    """Headings of one table within a block of heading rows.

    It is asked for its span when all its headings are found.
    """

    table: Table
    columns: dict[str, tuple[Heading, Match]] = field(default_factory=dict)
    ordinals: list[Heading] = field(default_factory=list)
    ignored: list[Heading] = field(default_factory=list)
    unknown: list[Heading] = field(default_factory=list)
    continued: list[Heading] = field(default_factory=list)
    broken: list[Heading] = field(default_factory=list)
    ambiguous: list[tuple[Heading, tuple[str, ...]]] = field(default_factory=list)
    doubled: list[tuple[str, Heading, Heading]] = field(default_factory=list)

    def headings(self) -> Iterator[Heading]:
        """All headings of the table, in no order."""
        named = (h for h, _ in self.columns.values())
        several = (h for h, _ in self.ambiguous), (h for _, _, h in self.doubled)
        others = self.ordinals, self.ignored, self.unknown, self.continued, self.broken
        return chain(named, *several, *others)

    @cached_property
    def span(self) -> range:
        """Columns from the leftmost heading to the rightmost."""
        columns = [h.column for h in self.headings()]
        return range(min(columns), max(columns) + 1)

    @property
    def lacking(self) -> int:
        """How many of the columns that each row needs were not found."""
        return len({f.name for f in self.table.required} - self.columns.keys())

    def is_enough(self, sheet: str) -> bool:
        """Whether so many columns were found that the table is there; fewer on its own sheet."""
        hits = sum(name in self.columns for name in self.table.core)
        share = 3 if self.table.sheet_key == sheet else 2
        return len(self.columns) >= 2 and share * hits >= len(self.table.core)


@of_forms
@lru_cache(maxsize=256)
def assign(
    form_id: str, sheet: str, headings: tuple[Heading, ...], year: int | None
) -> list[HeadingGroup]:
    """Give every run of headings to the table that it fits best; part side-by-side tables.

    A blank column parts two tables, or stands within one: what names more fields counts, of
    equals what makes fewer tables. Most files bear the headings of the template, so that the
    answer is kept.
    """
    grouping = _Grouping(forms()[form_id], sheet, year)
    gaps = [n for n, (a, b) in enumerate(pairwise(headings), 1) if b.column != a.column + 1]
    runs = [headings[a:b] for a, b in pairwise([0, *gaps, len(headings)]) if headings]
    groups = grouping.groups(runs)
    if len(runs) > 1:
        unparted = grouping.groups([headings])
        groups = max(groups, unparted, key=lambda gs: (sum(len(g.columns) for g in gs), -len(gs)))
    for group in groups:
        _tell_apart(group)
    return groups


class _Grouping:
    """Gives runs of headings on a sheet of this name to the tables of a form."""

    def __init__(self, form: Form, sheet: str, year: int | None) -> None:
        self.form, self.sheet, self.year = form, sheet, year

    def groups(self, runs: Sequence[Sequence[Heading]]) -> list[HeadingGroup]:
        """The tables of runs of headings, each run begun anew."""
        groups: list[HeadingGroup] = []
        for run in runs:
            rest = run
            while rest and len(groups) < _MOST_BESIDE:
                group, used = self._best(rest[:_LONGEST_RUN])
                if group is None:
                    if rest is not run:
                        groups[-1].broken.extend(h for h in rest if h.fault)
                        groups[-1].unknown.extend(_named(rest))
                    break
                groups.append(group)
                rest = rest[used:]
        return groups

    def _best(self, headings: Sequence[Heading]) -> tuple[HeadingGroup | None, int]:
        """The table that the first headings name best, and how many of them are its own."""
        found = [self._collect(table, headings) for table in self.form.tables]
        first = next(iter(_named(headings)), headings[0])

        def rank(one: tuple[HeadingGroup, int]) -> tuple[bool, int, bool]:
            columns = one[0].columns
            holds = any(heading is first for heading, _ in columns.values())
            return holds, len(columns), one[0].table.sheet_key == self.sheet

        enough = (one for one in found if one[0].is_enough(self.sheet))
        return max(enough, key=rank, default=(None, 0))

    def _collect(self, table: Table, headings: Sequence[Heading]) -> tuple[HeadingGroup, int]:
        """Match headings from left to right until another table, or the same again, begins."""
        group = HeadingGroup(table)
        for position, heading in enumerate(headings):
            if heading.fault:
                group.broken.append(heading)
                continue
            if heading.continues and group.columns:
                group.continued.append(heading)
                continue
            found = None if is_ordinal(heading.path) else match(table, heading, self.year)
            name = found.fields[0] if found and len(found.fields) == 1 else None
            if found and name and name not in group.columns:
                group.columns[name] = (heading, found)
                continue
            if self._next_begins(group, headings[position:]):
                return group, position
            if is_ordinal(heading.path):
                group.ordinals.append(heading)
            elif leaf_key(heading.text) in table.passed_over:
                group.ignored.append(heading)
            elif name:
                group.doubled.append((name, group.columns[name][0], heading))
            elif heading.over or not _is_named(table, heading):
                group.broken.append(replace(heading, fault="no-words"))
            else:
                group.unknown.append(heading)
        return group, _cut_foreign_tail(group, headings)

    def _next_begins(self, group: HeadingGroup, rest: Sequence[Heading]) -> bool:
        """Whether, this table being complete, those from here on are headings of a next one.

        A heading that cannot be read may be one that a table needs.
        """
        if not group.columns or group.lacking > len(group.broken):
            return False
        return any(self._opens(table, group, rest) for table in self.form.tables)

    def _opens(self, table: Table, group: HeadingGroup, rest: Sequence[Heading]) -> bool:
        """Whether headings without a gap name enough of a table, and nothing new of another.

        A column that numbers the rows stands in front, so that what follows may be anything.
        """
        opening, is_other = HeadingGroup(table), table is not group.table
        is_other = is_other and not is_ordinal(rest[0].path)
        for heading in rest:
            if heading.fault:
                opening.broken.append(heading)
            if heading.fault or is_ordinal(heading.path) or heading.continues:
                continue
            found = match(table, heading, self.year)
            if not found or found.fields[0] in opening.columns:
                break
            own = match(group.table, heading, self.year) if is_other else None
            if own and own.fields[0] not in group.columns:
                break
            opening.columns[found.fields[0]] = (heading, found)
        return opening.lacking <= len(opening.broken) and opening.is_enough(self.sheet)


def _named(headings: Iterable[Heading]) -> list[Heading]:
    return [h for h in headings if not h.fault and not is_ordinal(h.path)]


def _is_named(table: Table, heading: Heading) -> bool:
    """Whether words name a column, or a year under those of a field."""
    above = heading.path[-2:-1]
    return has_words(heading.text) or any(leaf_key(text) in table.headings for text in above)


def _cut_foreign_tail(group: HeadingGroup, headings: Sequence[Heading]) -> int:
    """Leave two or more unknown headings at the right to another table; how many are its own."""
    known = {h.column for h, _ in group.columns.values()}
    known |= {h.column for _, _, h in group.doubled} | {h.column for h in group.ignored}
    used = max((n for n, h in enumerate(headings, 1) if h.column in known), default=0)
    tail = {h.column for h in headings[used:]}
    if not used or sum(h.column in tail for h in group.unknown) < 2:
        return len(headings)
    for kind in (group.unknown, group.ordinals, group.continued, group.broken):
        kind[:] = [h for h in kind if h.column not in tail]
    return used


def _tell_apart(group: HeadingGroup) -> None:
    """Part unknown headings from those that may mean several fields, not all of them found."""
    headings, group.unknown = group.unknown, []
    for heading in headings:
        names = may_mean(group.table, heading.text)
        if len(names) > 1 and not group.columns.keys() >= set(names):
            group.ambiguous.append((heading, names))
        else:
            group.unknown.append(heading)
