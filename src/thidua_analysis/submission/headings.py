"""Matching the headings of a sheet with the fields of the form, by path and exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from thidua_analysis.form import MONEY_UNITS, Field, Table, heading_key, without_bracket
from thidua_analysis.vietnamese.text import key

#: headings of the column that numbers the rows: never stored
ORDINALS = frozenset({"tt", "stt", "số tt", "số thứ tự", "thứ tự", "no"})
#: lower headings that say nothing of their own: the heading above them counts
_BLANKET = frozenset({"tổng số", "số lượng", "cộng", "tổng cộng", "chung"})
#: units that a heading of counts may name in brackets
_COUNT_UNITS = frozenset({"người", "lượt", "lượt người", "tập thể", "hộ", "đơn vị", "sl"})


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading texts over one column, from top to bottom, and the cell of the lowest."""

    column: int
    row: int
    path: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lowest heading, the one that names the column."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Match:
    """A heading that means one of these fields; ``scale`` is đồng in one unit of money."""

    fields: tuple[str, ...]
    scale: int | None = None


@lru_cache(maxsize=1 << 14)
def leaf_key(text: str) -> str:
    """Comparison form of one heading text."""
    return heading_key(text.replace(">", " "))


def is_ordinal(path: Sequence[str]) -> bool:
    """Whether a column only numbers the rows."""
    return key(path[-1]) in ORDINALS


def match(table: Table, path: tuple[str, ...]) -> Match | None:
    """Return the fields of a table that a heading path names, or None.

    Tried in order: the whole path; its texts read as one; its last two; the lowest alone; and
    where the lowest says nothing of its own ("Tổng số"), the one above.
    """
    keys = tuple(leaf_key(text) for text in path)
    tries = [" > ".join(keys), " ".join(keys), " > ".join(keys[-2:])]
    if len(keys) > 1 and keys[-1] in _BLANKET:
        tries.append(keys[-2])
    tries.append(keys[-1])
    for candidate in dict.fromkeys(tries):
        found = table.headings.get(candidate)
        if found:
            return Match(found, _own_scale(table, found, path[-1]))
    return _with_unit(table, path[-1])


def _own_scale(table: Table, names: tuple[str, ...], text: str) -> int | None:
    """Scale that the heading itself names; None where it names none."""
    if table.by_name[names[0]].type != "money":
        return None
    unit = without_bracket(text)[1]
    return MONEY_UNITS.get(key(unit)) if unit else None


def _with_unit(table: Table, text: str) -> Match | None:
    """Match a heading whose bracket names another unit than the form prints."""
    base, unit = without_bracket(text)
    found = table.headings.get(leaf_key(base)) if unit is not None else None
    if unit is None or not found:
        return None
    field: Field = table.by_name[found[0]]
    if field.type == "money" and key(unit) in MONEY_UNITS:
        return Match(found, MONEY_UNITS[key(unit)])
    if field.type == "count" and without_bracket(field.heading)[1] is None:
        return Match(found) if key(unit) in _COUNT_UNITS or unit.strip().isdigit() else None
    return None
