"""Headings of a block given to the tables that they name: side by side, again, or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from thidua_analysis.form.model import Form, Table, forms
from thidua_analysis.submission.headings import (
    Heading,
    Match,
    has_words,
    is_ordinal,
    is_passed_over,
    leaf_key,
    match,
    may_mean,
)

#: so many headings in a row are looked at together when one table is parted from the next
_LONGEST_RUN = 200
#: so many tables may stand side by side
_MOST_BESIDE = 50


@dataclass(eq=False)
class Part:
    """Headings of one table within a block of heading rows.

    It is asked for its span when all its headings are found.
    """

    table: Table
    columns: dict[str, tuple[Heading, Match]] = field(default_factory=dict)
    ordinals: list[Heading] = field(default_factory=list)
    ignored: list[Heading] = field(default_factory=list)
    unknown: list[Heading] = field(default_factory=list)
    continued: list[Heading] = field(default_factory=list)
    ambiguous: list[tuple[Heading, tuple[str, ...]]] = field(default_factory=list)
    doubled: list[tuple[str, Heading, Heading]] = field(default_factory=list)
    broken: list[Heading] = field(default_factory=list)

    @property
    def score(self) -> int:
        """How many fields were found."""
        return len(self.columns)

    def headings(self) -> Iterator[Heading]:
        """All headings of the table, in no order."""
        yield from (h for h, _ in self.columns.values())
        yield from self.ordinals
        yield from self.ignored
        yield from self.unknown
        yield from self.continued
        yield from (h for h, _ in self.ambiguous)
        yield from (h for _, _, h in self.doubled)
        yield from self.broken

    @cached_property
    def span(self) -> range:
        """Columns from the leftmost heading to the rightmost."""
        columns = [h.column for h in self.headings()]
        return range(min(columns), max(columns) + 1)

    def holds(self, heading: Heading) -> bool:
        """Whether a heading names one of the fields."""
        return any(h is heading for h, _ in self.columns.values())


@lru_cache(maxsize=256)
def assign(form_id: str, sheet: str, headings: tuple[Heading, ...], year: int | None) -> list[Part]:
    """Give every run of headings to the table that it fits best; part side-by-side tables.

    A blank column parts two tables, or stands within one: what names more fields counts, of
    equals what makes fewer tables. Most files bear the headings of the template, so that the
    answer is kept.
    """
    form = forms()[form_id]
    runs = list(_runs(headings))
    complete = _tables(form, sheet, runs, year)
    if len(runs) > 1:
        unparted = _tables(form, sheet, [headings], year)
        complete = max(complete, unparted, key=lambda ps: (sum(p.score for p in ps), -len(ps)))
    for part in complete:
        _tell_apart(part)
    return complete


def _tables(
    form: Form, sheet: str, runs: Sequence[Sequence[Heading]], year: int | None
) -> list[Part]:
    """The tables of runs of headings, each run begun anew."""
    parts: list[Part] = []
    for run in runs:
        rest: Sequence[Heading] = run
        while rest and len(parts) < _MOST_BESIDE:
            part, used = _best_part(form, sheet, rest, year)
            if part is None:
                if rest is not run:
                    parts[-1].broken.extend(h for h in rest if h.fault)
                    named = (h for h in rest if not h.fault and not is_ordinal(h.path))
                    parts[-1].unknown.extend(named)
                break
            parts.append(part)
            rest = rest[used:]
    return parts


def _runs(headings: Sequence[Heading]) -> Iterator[list[Heading]]:
    """Parts of the heading block without a blank column inside."""
    run: list[Heading] = []
    for heading in headings:
        if run and heading.column != run[-1].column + 1:
            yield run
            run = []
        run.append(heading)
    if run:
        yield run


def _best_part(
    form: Form, sheet: str, headings: Sequence[Heading], year: int | None
) -> tuple[Part | None, int]:
    headings = headings[:_LONGEST_RUN]
    candidates = [_collect(form, sheet, table, headings, year) for table in form.tables]
    enough = [(part, used) for part, used in candidates if _is_enough(part, sheet)]
    if not enough:
        return None, 0
    named = (h for h in headings if not h.fault and not is_ordinal(h.path))
    first = next(named, headings[0])
    return max(
        enough,
        key=lambda c: (c[0].holds(first), c[0].score, c[0].table.sheet_key == sheet),
    )


def _collect(
    form: Form, sheet: str, table: Table, headings: Sequence[Heading], year: int | None
) -> tuple[Part, int]:
    """Match headings from left to right until another table, or the same again, begins."""
    part = Part(table)
    for position, heading in enumerate(headings):
        if heading.fault:
            part.broken.append(heading)
            continue
        if heading.continues and part.score:
            part.continued.append(heading)
            continue
        found = None if is_ordinal(heading.path) else _match(form.id, table.id, heading, year)
        name = found.fields[0] if found and len(found.fields) == 1 else None
        if found and name and name not in part.columns:
            part.columns[name] = (heading, found)
            continue
        if _next_begins(form, sheet, part, headings[position:], year):
            return part, position
        if is_ordinal(heading.path):
            part.ordinals.append(heading)
        elif is_passed_over(table, heading.path):
            part.ignored.append(heading)
        elif name:
            part.doubled.append((name, part.columns[name][0], heading))
        elif heading.over or not _is_named(table, heading):
            part.broken.append(replace(heading, fault="no-words"))
        else:
            part.unknown.append(heading)
    return _cut_foreign_tail(part, headings)


def _is_named(table: Table, heading: Heading) -> bool:
    """Whether words name a column, or a year under those of a field."""
    above = heading.path[-2:-1]
    return has_words(heading.text) or any(leaf_key(text) in table.headings for text in above)


@lru_cache(maxsize=1 << 14)
def _match(form_id: str, table_id: str, heading: Heading, year: int | None) -> Match | None:
    return match(forms()[form_id].table(table_id), heading, year)


def _next_begins(
    form: Form, sheet: str, part: Part, rest: Sequence[Heading], year: int | None
) -> bool:
    """Whether, this table being complete, the headings from here on are those of a next one.

    A heading that cannot be read may be one that a table needs.
    """
    if not part.columns or _needs(part) > len(part.broken):
        return False
    return any(_opens(form, table, sheet, part, rest, year) for table in form.tables)


def _opens(
    form: Form, table: Table, sheet: str, part: Part, rest: Sequence[Heading], year: int | None
) -> bool:
    """Whether headings without a gap name enough of a table, and nothing new of another.

    A column that numbers the rows stands in front, so that what follows may be anything.
    """
    opening, is_front = Part(table), is_ordinal(rest[0].path)
    for heading in rest:
        if heading.fault:
            opening.broken.append(heading)
        if heading.fault or is_ordinal(heading.path) or heading.continues:
            continue
        found = _match(form.id, table.id, heading, year)
        own = _match(form.id, part.table.id, heading, year)
        if not found or found.fields[0] in opening.columns:
            break
        is_own = table is not part.table and own and own.fields[0] not in part.columns
        if is_own and not is_front:
            break
        opening.columns[found.fields[0]] = (heading, found)
    return _needs(opening) <= len(opening.broken) and _is_enough(opening, sheet)


def _needs(part: Part) -> int:
    """How many of the columns that each row needs were not found."""
    return len({f.name for f in part.table.required} - part.columns.keys())


def _cut_foreign_tail(part: Part, headings: Sequence[Heading]) -> tuple[Part, int]:
    """Leave two or more unknown headings at the right to another table."""
    known = {h.column for h, _ in part.columns.values()}
    known |= {h.column for _, _, h in part.doubled} | {h.column for h in part.ignored}
    used = len(headings)
    while used and headings[used - 1].column not in known:
        used -= 1
    tail = {h.column for h in headings[used:]}
    if not used or len([h for h in part.unknown if h.column in tail]) < 2:
        return part, len(headings)
    part.unknown = [h for h in part.unknown if h.column not in tail]
    part.ordinals = [h for h in part.ordinals if h.column not in tail]
    part.continued = [h for h in part.continued if h.column not in tail]
    part.broken = [h for h in part.broken if h.column not in tail]
    return part, used


def _is_enough(part: Part, sheet: str) -> bool:
    expected = part.table.core
    hits = sum(1 for name in expected if name in part.columns)
    share = 3 if part.table.sheet_key == sheet else 2
    return part.score >= 2 and share * hits >= len(expected)


def _tell_apart(part: Part) -> None:
    """Part unknown headings from those that may mean several fields, not all of them found."""
    headings, part.unknown = part.unknown, []
    for heading in headings:
        names = may_mean(part.table, heading.text)
        if len(names) > 1 and not part.columns.keys() >= set(names):
            part.ambiguous.append((heading, names))
        else:
            part.unknown.append(heading)
