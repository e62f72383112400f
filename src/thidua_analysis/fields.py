"""One field and one rule of a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from thidua_analysis.config import Entry
from thidua_analysis.spellings import money_scale, without_bracket

FieldType = Literal[
    "text", "personal", "member", "award", "code", "count", "number", "money", "score", "rank",
    "year", "date",
]  # fmt: skip


class Field(Entry):
    """One thing that the form asks for, a column of a table or a line of `Thông tin`.

    ``aliases`` may be paths ("Tập thể > Doanh nghiệp") where a heading stands in two rows, and
    may hold ``{year}``. ``counts`` is the unit of a count: among "người", "5 hộ" is refused.
    ``required`` fields keep a row out where they are blank; ``complete`` ones only count as
    missing: always, or where it is a word, as soon as a field with the same word is above 0.
    ``at_most`` is the most đồng that one row can plausibly mean: more is a question.
    ``dated`` says where the days of a yearly report lie: within its year,
    not before it, or not after it.
    """

    name: str
    heading: str
    type: FieldType
    aliases: tuple[str, ...] = ()
    group: str | None = None
    codes: str | None = None
    required: bool = False
    complete: bool | str = False
    default: str | int | None = None
    column: Literal["expected", "optional"] = "expected"
    unit: str | None = None
    counts: str | None = None
    size: str | None = None
    at_most: int | None = None
    dated: Literal["within", "not-before", "not-after"] | None = None

    @property
    def may_be_absent(self) -> bool:
        """Whether a table without this column is complete."""
        return self.column == "optional" or self.default is not None

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers that can be added."""
        return self.type in ("count", "number", "money", "score")

    @property
    def scale(self) -> int:
        """Đồng in one unit of a money column, as its heading says; 1 otherwise."""
        unit = without_bracket(self.heading)[1]
        return (money_scale(unit) or 1) if self.type == "money" else 1

    def spellings(self) -> Iterator[str]:
        """Every text that names the field: heading, heading without unit, aliases."""
        yield self.heading
        base, unit = without_bracket(self.heading)
        if unit is not None:
            yield base
        yield from self.aliases


class Check(Entry):
    """A rule on the rows of a table; which words it needs depends on the rule."""

    rule: Literal["sum", "part", "rank", "score", "plan", "planned-zero", "listed"]
    whole: str | None = None
    part: str | None = None
    parts: tuple[str, ...] = ()
    rank: str | None = None
    size: str | None = None
    score: str | None = None
    max: str | None = None
    criteria: str | None = None
    planned: str | None = None
    actual: str | None = None
    instead: tuple[str, ...] = ()
    direction: str | None = None
    code: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields that the rule is about."""
        given = (self.whole, self.part, *self.parts, self.rank, self.size, self.score, self.max)
        plan = (self.planned, self.actual, *self.instead, self.direction)
        return tuple(filter(None, (*given, *plan, self.code)))

    @property
    def asks(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Fields that cannot be blank where others are filled, with these others."""
        pairs = {
            "sum": (self.whole, self.parts),
            "part": (self.whole, (self.part,)),
            "rank": (self.rank, (self.size,)),
            "score": (self.score, (self.max,)),
        }
        asked, beside = pairs.get(self.rule, (None, ()))
        named = tuple(filter(None, beside))
        return ((asked, named),) if asked and named else ()


class Melt(Entry):
    """One sheet row gives a row for each of these fields: its name in `into`, value in `value`."""

    into: str
    value: str
    fields: tuple[str, ...]
