"""Matching the headings of a sheet with the fields of the form, by path and exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

from thidua_analysis.form.model import Field, Table
from thidua_analysis.form.spellings import heading_key, money_scale, without_bracket, years_in
from thidua_analysis.vietnamese.text import key

#: headings of the column that numbers the rows: never stored
ORDINALS = frozenset({"tt", "stt", "số tt", "số thứ tự", "thứ tự", "no"})
#: lower headings that say nothing of their own: the heading above them counts
_BLANKET = frozenset({"tổng số", "số lượng", "cộng", "tổng cộng", "chung", "{year}"})
#: units that a heading of counts may name in brackets
_COUNT_UNITS = frozenset({"người", "lượt", "lượt người", "tập thể", "hộ", "đơn vị", "sl"})
#: a heading shorter than this is part of too many others to be called ambiguous
_SHORTEST_PART = 2


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


def is_passed_over(table: Table, path: Sequence[str]) -> bool:
    """Whether the form knows the column and does not ask for it."""
    return leaf_key(path[-1]) in table.passed_over


def match(table: Table, heading: Heading, year: int | None) -> Match | None:
    """Return the fields of a table that a heading names, or None.

    Tried in order: the whole path; its texts read as one ("Giá trị" above "(triệu đồng)"); its
    last two; the lowest alone; where that says nothing of its own ("Tổng số"), the one above;
    the lowest under a heading to the left that was not merged.

    Parameters
    ----------
    table
        Table of the form.
    heading
        The heading.
    year
        Year of the report: a heading that names other years only is another column.
    """
    years = set().union(*map(years_in, heading.path))
    if years and year is not None and year not in years:
        return None
    whole = " ".join(heading.path)
    for candidate in _candidates(heading, whole):
        found = table.headings.get(candidate)
        if found:
            return Match(found, _own_scale(table, found, whole))
    return _with_unit(table, whole) or _with_unit(table, heading.text)


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


def _own_scale(table: Table, names: tuple[str, ...], text: str) -> int | None:
    """Scale that the heading itself names; None where it names none."""
    if table.by_name[names[0]].type != "money":
        return None
    return money_scale(without_bracket(text)[1])


def _with_unit(table: Table, text: str) -> Match | None:
    """Match a heading whose bracket names another unit than the form prints."""
    base, unit = without_bracket(text)
    found = table.headings.get(leaf_key(base)) if unit else None
    if unit is None or not found:
        return None
    field: Field = table.by_name[found[0]]
    if field.type == "money":
        scale = money_scale(unit)
        return Match(found, scale) if scale else None
    if field.type == "count" and without_bracket(field.heading)[1] is None:
        return Match(found) if key(unit) in _COUNT_UNITS or unit.strip().isdigit() else None
    return Match(found, unit=unit) if field.type == "number" else None
