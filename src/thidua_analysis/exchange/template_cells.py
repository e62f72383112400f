"""What the cells of the template hold and accept: last year's values, lists of choices, checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec.structs import replace

from thidua_analysis.excel import column_letters
from thidua_analysis.exchange.new_book import Book
from thidua_analysis.form import awards, config
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.config import Entry
from thidua_analysis.form.forms import current, of_forms
from thidua_analysis.form.model import Check, Field, Form, Table
from thidua_analysis.messages import text
from thidua_analysis.store.revisions import row_key
from thidua_analysis.vietnamese.display import bounded, number
from thidua_analysis.vietnamese.quantities import EXACT, places
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

FILE = "guide.toml"
#: Bounds that Excel sets on the texts of a check.
_TITLE, _MESSAGE = 32, 255
_FIRST_DAY, _LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
#: a code with more spellings than this gathers different things, such as the peoples
_FEW = 10

Options = dict[str, Any]
#: Checks by the type of a field; texts need none.
_NOT_NEGATIVE = {"validate": "decimal", "criteria": ">=", "value": 0}
_CHECKS: dict[str, Options] = {
    "count": {"validate": "integer", "criteria": ">=", "value": 0},
    "year": {"validate": "integer", "criteria": "between", "minimum": 1990, "maximum": 2100},
    "date": {
        "validate": "date", "criteria": "between", "minimum": _FIRST_DAY, "maximum": _LAST_DAY,
    },
    # "trên 2.000" is kept with its word: a warning, no refusal
    "number": {
        "validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15,
        "error_type": "warning",
    },
    "money": _NOT_NEGATIVE,
    "score": _NOT_NEGATIVE,
}  # fmt: skip

Example = str | int | float | dt.date
Values = Mapping[str, Any]


class TableGuide(Entry):
    """What the template says and fills in for one table; see the head of ``guide.toml``."""

    about: str = ""
    example: dict[str, Any] = msgspec.field(default_factory=dict)
    carry: tuple[str, ...] = ()
    rows: Literal["own", "criteria", "grid", "roles"] = "own"
    compare: tuple[str, ...] = ()


def guide_of(form: Form, table: Table) -> TableGuide:
    """Return the guide of a table; an empty one where the file has none.

    Fields that an older or newer version of the form does not have are left out.
    """
    found = guide().get(form.family, {}).get(table.id, TableGuide())
    known = table.by_name
    return replace(
        found,
        example={name: v for name, v in found.example.items() if name in known},
        carry=tuple(name for name in found.carry if name in known),
        compare=tuple(name for name in found.compare if name in known),
    )


@of_forms
def guide() -> dict[str, dict[str, TableGuide]]:
    """Return the guides of all tables by form family and table id.

    Raises
    ------
    ConfigError
        If the file is wrong, or names a table or field that the current form does not have.
    """
    content = (resources.files(__package__) / FILE).read_text(encoding="utf-8")
    entries = config.parse(dict[str, dict[str, TableGuide]], content, FILE)
    for form in (current("unit"), current("bloc")):
        tables = {table.id: table for table in form.tables}
        for table_id, entry in entries.get(form.family, {}).items():
            config.known(FILE, form.family, table_id, tables)
            for name in (*entry.example, *entry.carry, *entry.compare):
                config.known(FILE, f"{form.family}.{table_id}", name, tables[table_id].by_name)
    return entries


@dataclass(frozen=True, slots=True)
class Past:
    """What the template takes over from last year for one table, each row as field → value.

    ``carried`` are the rows to fill in, as the member would type them; ``compared`` those of the
    grey block of some ``columns``: beside ``carried`` row by row, else a list of its own.
    """

    carried: tuple[Values, ...] = ()
    compared: tuple[Values, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the past comes from: the data, whose report, and for which year it is asked."""

    dataset: Dataset | None
    form: Form
    bloc: Bloc
    year: int
    member: str | None = None

    def rows(self, table: str, year: int) -> list[Values]:
        """Return rows of the member's report of a year; all rows of the bloc's own tables."""
        if self.dataset is None:
            return []
        mine = self.form.kind == "unit" and table != "criteria"
        return [
            row
            for row in self.dataset.records(table)
            if row["year"] == year and (not mine or row["member"] == self.member)
        ]

    def typed(self, table: Table, rows: Iterable[Values]) -> list[Values]:
        """Return rows as the member types them into a table."""
        return [
            {f.name: typed(self.form, self.bloc, f, row.get(f.name), row) for f in table.fields}
            for row in rows
        ]

    def choices(self, field: Field) -> tuple[str, ...]:
        """Return what a field is filled in from: the names of the members, or labels."""
        if field.type == "member":
            return tuple(full_name(self.bloc, m.id) for m in self.bloc.members_in(self.year))
        return self.form.labels(field.codes) if field.codes else ()


def past(source: Source, table: Table, guide: TableGuide) -> Past:
    """Return what the template takes over for one table."""
    own = _own(source, table)
    rows = _carried(source, table, guide, own) if guide.carry else []
    carried = tuple({name: row.get(name) for name in guide.carry} for row in rows)
    if not guide.compare:
        return Past(carried)
    if carried:
        known = {row_key(table.key, row): row for row in own}
        beside = (known.get(row_key(table.key, row), {}) for row in carried)
        return Past(carried, tuple(beside), guide.compare)
    names = (name for name in table.key if name not in guide.compare and name in table.by_name)
    return Past((), tuple(own), (*names, *guide.compare) if own else ())


def _own(source: Source, table: Table) -> list[Values]:
    """Rows of the last report, without those that the bloc's form adds to the same table."""
    if table.adds_up_to or table.melt:
        return []
    rows = source.rows(table.id, source.year - 1)
    mine = [row for row in rows if all(row[n] == v for n, v in table.constants.items())]
    return source.typed(table, mine)


def _carried(source: Source, table: Table, guide: TableGuide, own: list[Values]) -> list[Values]:
    """Return the rows to fill in, of the kind that the guide says."""
    if guide.rows == "criteria":
        return _criteria(source, table) or own
    if guide.rows == "grid":
        codes = [row["code"] for row in _criteria(source, source.form.table("criteria"))]
        names = [full_name(source.bloc, m.id) for m in source.bloc.members_in(source.year)]
        return [{"member": name, "criterion": code} for name in names for code in codes]
    if guide.rows == "roles":
        roles = [
            {"year": entry.year, "member": member, "role": role}
            for entry in source.bloc.roles
            for role, member in (("head", entry.head), ("deputy", entry.deputy))
            if entry.year == source.year and member
        ]
        return source.typed(table, roles)
    return own


def _criteria(source: Source, table: Table) -> list[Values]:
    """The bloc's criteria of this year, else of last year."""
    for year in (source.year, source.year - 1):
        rows = source.rows("criteria", year)
        if source.form.kind == "unit":
            rows = [row for row in rows if row["kind"] != "deduction"]
        if rows:
            return source.typed(table, rows)
    return []


def typed(form: Form, bloc: Bloc, field: Field, value: Any, row: Values) -> Any:
    """Return a stored value as the member types it into the form.

    Codes become their labels, members their names, money counts in the unit of its heading, and
    a number with a bound is a text such as "trên 2.000".
    """
    if value is None:
        return None
    if field.type == "code":
        return label(form, bloc, field.codes or "", value)
    if field.type == "member":
        return full_name(bloc, value)
    if field.type == "money":
        value = EXACT.divide(Decimal(value), field.scale)
        value = int(value) if value == value.to_integral_value(context=EXACT) else value
    bound = row.get(f"{field.name}_bound")
    if bound and isinstance(value, int | Decimal):
        return bounded(number(value, places(value)), bound)
    return value


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cells of a table stand: columns by field (from 1), first and last row."""

    columns: Mapping[str, int]
    first: int
    last: int

    def cell(self, name: str) -> str:
        """Address of a field's first cell for a formula, its column fixed: ``$H3``."""
        return f"${column_letters(self.columns[name])}{self.first}"

    def span(self, name: str) -> tuple[int, int, int, int]:
        """Rows and columns of a field's cells as XlsxWriter counts, from 0."""
        column = self.columns[name] - 1
        return self.first - 1, column, self.last - 1, column

    def holds(self, *names: str | None) -> bool:
        """Whether all these fields have a column."""
        return all(name in self.columns for name in names)


def validation(field: Field, limit: Options) -> Options:
    """Return the input check of a field as XlsxWriter takes it, with what `limits` says of it."""
    if field.type in ("code", "award", "member"):
        check: Options = {"validate": "list", "source": f"={_range(field.codes or field.type)}"}
        if field.type == "award":
            check["error_type"] = "warning"
    else:
        check = {**_CHECKS.get(field.type, {"validate": "any"}), **limit}
    required = text("template-required") if field.required else ""
    hint = " ".join(filter(None, (required, typing_hint(field), check.pop("hint", ""))))
    return {
        **check,
        "input_title": _short(field.heading, _TITLE),
        "input_message": _short(hint, _MESSAGE),
        "error_title": _short(text("template-refused"), _TITLE),
        "error_message": _short(text("template-why", heading=field.heading, hint=hint), _MESSAGE),
    }


def typing_hint(field: Field) -> str:
    """Return how a field is typed, in one sentence."""
    return text("template-type-rank-size" if field.size else f"template-type-{field.type}")


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def limits(table: Table, place: Place) -> dict[str, Options]:
    """Return for fields that another cell of the row bounds what their check adds."""
    found: dict[str, Options] = {}
    for check in table.checks:
        part, whole = check.part or check.score, check.whole or check.max
        if part and whole and place.holds(part, whole):
            found[part] = _at_most(table.by_name[part], table.by_name[whole], place)
    return found


def _at_most(part: Field, whole: Field, place: Place) -> Options:
    own, bound = place.cell(part.name), place.cell(whole.name)
    is_whole_number = f",{own}=INT({own})" if part.type == "count" else ""
    return {
        "validate": "custom",
        "value": f'=AND(ISNUMBER({own}),{own}>=0{is_whole_number},OR({bound}="",{own}<={bound}))',
        "hint": text("template-at-most", heading=whole.heading),
    }


def warnings(table: Table, place: Place) -> list[tuple[str, str]]:
    """Return field and formula of every cell to colour where the row contradicts itself."""
    return [found for check in table.checks for found in _contradictions(check, place)]


def _contradictions(check: Check, place: Place) -> Iterator[tuple[str, str]]:
    part, whole = check.part or check.score or check.rank, check.whole or check.max or check.size
    if part and whole and place.holds(part, whole):
        own, bound = place.cell(part), place.cell(whole)
        yield part, f"=AND(ISNUMBER({own}),ISNUMBER({bound}),{own}>{bound})"
    elif check.rule == "sum" and check.whole and place.holds(check.whole, *check.parts):
        cells = ",".join(place.cell(name) for name in check.parts)
        yield check.whole, f"=AND(COUNT({cells})>0,SUM({cells})<>N({place.cell(check.whole)}))"


def write_choices(book: Book, form: Form, bloc: Bloc, year: int) -> None:
    """Write the lists on a hidden sheet and name the range of each.

    Ranges serve lists of any length and with commas in their entries, which a check that holds
    the entries themselves (at most 255 characters) does not.
    """
    sheet = book.file.add_worksheet(form.choices)
    for column, (entry, texts) in enumerate(choices(form, bloc, year).items()):
        book.put(sheet, 0, column, entry, bold=True)
        for row, choice in enumerate(texts, 1):
            book.put(sheet, row, column, choice, num_format="@")
        letters = column_letters(column + 1)
        span = f"${letters}$2:${letters}${max(2, len(texts) + 1)}"
        book.file.define_name(_range(entry), f"='{form.choices}'!{span}")
    sheet.protect()
    sheet.hide()


def _range(entry: str) -> str:
    return f"chon_{entry}"


def choices(form: Form, bloc: Bloc, year: int) -> dict[str, tuple[str, ...]]:
    """Return every list that a field of the form chooses from, by its name.

    Lists of codes have the name of the form; ``award`` are the awards of the year, ``member``
    the names of the members.
    """
    found: dict[str, tuple[str, ...]] = {}
    for field in (*form.info.fields, *(f for table in form.tables for f in table.fields)):
        if field.type == "code" and field.codes:
            found[field.codes] = _labels(form, bloc, field.codes)
        elif field.type == "award":
            found["award"] = tuple(dict.fromkeys(_awards(year)))
        elif field.type == "member":
            found["member"] = tuple(full_name(bloc, m.id) for m in bloc.members_in(year))
    return found


def full_name(bloc: Bloc, member: str) -> str:
    """Return the official name of a member, with the province where it ends in "tỉnh" alone."""
    name = bloc.member(member).name
    return f"{name} {bloc.province}" if "tỉnh" in key(name).split() else name


def label(form: Form, bloc: Bloc, codes: str, code: str) -> str:
    """Return the label of a code: that of the bloc's kind ("Trưởng cụm") where there is one."""
    labels = form.codes[codes][code]
    return next((one for one in labels if one.endswith(f" {bloc.called}")), labels[0])


def _labels(form: Form, bloc: Bloc, codes: str) -> tuple[str, ...]:
    """One label a code; all spellings where a code gathers many names, such as peoples."""
    labels = form.codes[codes]
    if any(len(texts) > _FEW for texts in labels.values()):
        return tuple(text for texts in labels.values() for text in texts)
    return tuple(label(form, bloc, codes, code) for code in labels)


def _awards(year: int) -> Iterator[str]:
    """Names of the awards that exist in a year, with their classes."""
    for award in awards.awards().values():
        if (award.from_ or year) <= year <= (award.until or year):
            if award.ranked:
                yield from (f"{award.name} hạng {rank}" for rank in ("Nhất", "Nhì", "Ba"))
            else:
                yield award.name
