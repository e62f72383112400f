"""The forms: what is asked for, how its headings may be spelt, and with which checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thidua_analysis.findings import ConfigError
from thidua_analysis.form.config import Entry, Text
from thidua_analysis.vietnamese.quantities import DONG, read_unit
from thidua_analysis.vietnamese.text import key

_BRACKET = re.compile(r"\((?:\s*(?:ĐVT|Đơn vị(?: tính)?)\s*:)?([^()]*)\)\s*$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:0000|(?:19|20)\d\d)\b")

#: a name of a field or table, which is that of a column or file as well
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
#: list of codes → code → its labels, the first of which is printed
Codes = dict[str, dict[Name, Annotated[tuple[Text, ...], Meta(min_length=1)]]]
#: "TDKT-DV/1": family and version
FormId = Annotated[str, Meta(pattern=r"^[A-Z]+(-[A-Z]+)*/\d+$")]
FieldType = Literal[
    "text", "personal", "member", "award", "code", "count", "number", "money", "score", "rank",
    "year", "date",
]  # fmt: skip


def heading_key(path: str) -> str:
    """Comparison form of a heading path: parts joined by `` > ``, years as ``{year}``.

    Examples
    --------
    >>> heading_key("Thực hiện năm 2023")
    'thực hiện năm {year}'
    """
    parts = (key(part) for part in path.replace("{year}", "0000").split(">"))
    return " > ".join(_YEAR.sub("{year}", part) for part in parts)


def years_in(text: str) -> set[int]:
    """Years that a text names."""
    return {int(year) for year in _YEAR.findall(text)}


def is_year(text: str) -> bool:
    """Whether a text is a year and nothing else."""
    return _YEAR.fullmatch(text) is not None


def without_bracket(text: str) -> tuple[str, str | None]:
    """Split a text from the bracket at its end.

    Examples
    --------
    >>> without_bracket("Giá trị (triệu đồng)")
    ('Giá trị', 'triệu đồng')
    >>> without_bracket("Giá trị (ĐVT: triệu đồng)")
    ('Giá trị', 'triệu đồng')
    """
    bracket = _BRACKET.search(text)
    return (text[: bracket.start()].rstrip(), bracket[1].strip()) if bracket else (text, None)


def money_scale(unit: str | None) -> int | None:
    """Đồng in one unit of money ("triệu đồng", "tr.đ", "tỷ"); None where it is no money.

    Examples
    --------
    >>> money_scale("1.000 đồng"), money_scale("người")
    (1000, None)
    """
    if not unit:
        return None
    named = read_unit(unit)
    is_money = named.base == DONG or (named.base == "" and named.scale > 1)
    return named.scale if is_money else None


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

    name: Name
    heading: Text
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


class Melt(Entry):
    """One sheet row gives a row for each of these fields: its name in `into`, value in `value`."""

    into: str
    value: str
    fields: tuple[str, ...]


#: a code with more labels than this stands for many things: the peoples of a country
_MANY_LABELS = 9


class Table(Entry):
    """One table of a form, usually one sheet.

    ``section`` is the field for which the text of a section row stands; ``ignored`` are headings
    of columns that are known, not asked for and never read; rows with a value of
    ``totals_leave_out`` need not be in a total.
    """

    id: Name
    sheet: Annotated[str, Meta(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    section: str | None = None
    optional: bool = False
    adds_up_to: str | None = None
    ignored: tuple[str, ...] = ()
    totals_leave_out: Mapping[str, str] = msgspec.field(default_factory=dict)
    constants: Mapping[str, str] = msgspec.field(default_factory=dict)
    melt: Melt | None = None
    order: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the values of one tidy row, in order."""
        if self.order:
            return self.order
        return (*self.constants, *(f.name for f in self.fields))

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """Fields without which a row says nothing."""
        return tuple(f for f in self.fields if f.required)

    @cached_property
    def headings(self) -> dict[str, tuple[str, ...]]:
        """Comparison form of every heading path → names of the fields that it may mean."""
        table: dict[str, tuple[str, ...]] = {}
        for field in self.fields:
            for text in field.spellings():
                path = heading_key(text)
                if field.name not in table.get(path, ()):
                    table[path] = (*table.get(path, ()), field.name)
        return table

    @cached_property
    def passed_over(self) -> frozenset[str]:
        """Comparison forms of the headings whose columns are never read."""
        return frozenset(map(heading_key, self.ignored))

    @cached_property
    def expected(self) -> tuple[str, ...]:
        """Names of the fields whose columns a complete table has."""
        return tuple(f.name for f in self.fields if not f.may_be_absent)

    @cached_property
    def core(self) -> tuple[str, ...]:
        """Names of the expected fields but those of a group, which may be left out as a whole."""
        return tuple(name for name in self.expected if not self.by_name[name].group)

    @cached_property
    def sheet_key(self) -> str:
        """Comparison form of the sheet's name."""
        return key(self.sheet)

    @cached_property
    def is_private(self) -> bool:
        """Whether the table lists people: what is typed there is never repeated."""
        return any(f.type == "personal" for f in self.fields)

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Comparison forms of all single headings, parts of paths as well."""
        paths = (*self.headings, *self.passed_over)
        return frozenset(part for path in paths for part in path.split(" > "))


class Info(Entry):
    """The sheet that says who reports on what: label beside value."""

    sheet: str
    fields: tuple[Field, ...]

    @cached_property
    def labels(self) -> dict[str, Field]:
        """Comparison form of every label → field."""
        return {key(text): f for f in self.fields for text in (f.heading, *f.aliases)}


class Form(Entry, kw_only=True):
    """A form and its version."""

    id: FormId
    kind: Literal["unit", "bloc"]
    title: str
    #: first year that is reported by it
    from_year: int = 0
    info: Info
    #: hidden sheet of the issued template with the lists that its cells choose from
    choices: str = "Danh sách chọn"
    #: sheet in front of a marked copy with the list of what to mend
    mending: str = "Cần sửa"
    codes: Codes
    tables: tuple[Table, ...]

    @property
    def family(self) -> str:
        """The id without its version."""
        return self.id.rpartition("/")[0]

    @property
    def version(self) -> int:
        """The version, counted from 1."""
        return int(self.id.rpartition("/")[2])

    def table(self, table_id: str) -> Table:
        """Return a table by its id."""
        return self._by_id[table_id]

    @cached_property
    def _by_id(self) -> dict[str, Table]:
        return {t.id: t for t in self.tables}

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Comparison forms of all single headings of all tables."""
        return frozenset().union(*(t.leaves for t in self.tables))

    @cached_property
    def code_index(self) -> dict[str, dict[str, str]]:
        """List of codes → comparison form of every label → code.

        A label matches with or without its part in brackets.
        """
        return {name: _label_index(name, labels) for name, labels in self.codes.items()}

    def labels(self, codes: str) -> tuple[str, ...]:
        """The labels that a list of codes prints, one a code."""
        return tuple(labels[0] for labels in self.codes[codes].values())

    def all_labels(self, codes: str) -> tuple[str, ...]:
        """Every label that a list of codes accepts."""
        return tuple(label for labels in self.codes[codes].values() for label in labels)

    def shown_labels(self, codes: str) -> tuple[str, ...]:
        """The labels that a message names: one a code, or all where a code stands for many."""
        many = any(len(labels) > _MANY_LABELS for labels in self.codes[codes].values())
        return self.all_labels(codes) if many else self.labels(codes)

    def label(self, codes: str, code: str) -> str:
        """The label of one code."""
        return self.codes[codes][code][0]


def _label_index(name: str, labels: dict[str, tuple[str, ...]]) -> dict[str, str]:
    index: dict[str, str] = {}
    for code, texts in labels.items():
        for text in texts:
            for spelling in {key(text), key(without_bracket(text)[0])}:
                if index.setdefault(spelling, code) != code:
                    raise ConfigError(
                        "config-collision",
                        file=name,
                        spelling=text,
                        first=index[spelling],
                        second=code,
                    )
    return index
