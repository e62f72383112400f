"""Which forms there are: those of the program, and what a bloc adds to them in its data folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from thidua_analysis.findings import ConfigError
from thidua_analysis.form import config
from thidua_analysis.form.config import FORMS, Entry, raw_of
from thidua_analysis.form.model import Codes, Field, Form, FormId, Table, heading_key
from thidua_analysis.vietnamese.quantities import known_units
from thidua_analysis.vietnamese.text import key

#: Where a bloc keeps its own indicators, in ``data/raw``.
INDICATORS = "indicators.toml"
#: Path → text of what the data folder that was opened last adds to the program.
_brought: dict[str, str] = {}
#: Names that every table has, or that mean something else to a dataset, to figures or to Windows.
RESERVED = frozenset(
    "year member bloc file sheet row row_id counted_as period illustrative revision reported_in "
    "indicator numerator denominator value text reporting expected missing uncovered bound "
    "comparable reason lineage submissions findings cells blocs members years manifest lang folder "
    "filter frame is_part records arrow memo coverage of open of_file bloc_of con prn aux nul "
    # words of the formulas of indicators
    "count distinct mirrored attainment required filled received due lower self appraised main "
    "bonus deduction error cell".split()
)
#: Rule of a check → the words without which it says nothing.
_NEEDS: dict[str, tuple[str, ...]] = {
    "sum": ("whole", "parts"),
    "part": ("whole", "part"),
    "rank": ("rank", "size"),
    "score": (),
    "plan": ("planned", "actual"),
    "planned-zero": ("planned", "direction"),
    "listed": ("code", "criteria"),
}
Line = Callable[[str], int]
Made = TypeVar("Made", bound=Callable[..., Any])
_made: list[Any] = []


class Extension(Entry, kw_only=True):
    """What a bloc adds to a form, which so becomes a new version of it; see ``docs/how-to.md``.

    Parameters
    ----------
    id
        Of the new version: no form of the program has it.
    extends
        Id of the form that it adds to.
    from_year
        First year that is reported by a new version; files of former years are not old for it.
    columns
        Id of a table → further fields of it.
    aliases
        ``table.field`` → further spellings of the heading.
    codes
        Further lists of codes, and further labels of those that there are.
    tables
        Sheets of one's own.
    """

    id: FormId
    extends: str
    from_year: int = 0
    columns: dict[str, tuple[Field, ...]] = msgspec.field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    codes: Codes = msgspec.field(default_factory=dict)
    tables: tuple[Table, ...] = ()

    def of(self, form: Form, file: str, line: Line) -> Form:
        """Return a form with what is added to it."""
        known = sorted(table.id for table in form.tables)
        headed = {f"{table.id}.{f.name}" for table in form.tables for f in table.fields}
        for name in self.columns:
            config.known(file, "columns", name, known, line(name))
        for name in self.aliases:
            config.known(file, "aliases", name, sorted(headed), line(name))
        for table in self.tables:
            for entry in ("adds_up_to", "melt", "constants"):
                if getattr(table, entry):
                    where = {"file": file, "line": line(entry)}
                    raise ConfigError("config-unknown-entry", **where, entry=f"tables.{entry}")
        codes = {name: {**form.codes.get(name, {}), **own} for name, own in self.codes.items()}
        tables = (*map(self._with_columns, form.tables), *self.tables)
        codes = {**form.codes, **codes}
        first = form.from_year if self.id == form.id else self.from_year
        return replace(form, id=self.id, from_year=first, codes=codes, tables=tables)

    def _with_columns(self, table: Table) -> Table:
        added = self.columns.get(table.id, ())
        fields = tuple(
            replace(f, aliases=(*f.aliases, *self.aliases.get(f"{table.id}.{f.name}", ())))
            for f in table.fields
        )
        order = (*table.order, *(f.name for f in added)) if table.order else ()
        return replace(table, fields=(*fields, *added), order=order)


def of_forms(function: Made) -> Made:
    """Keep what a function returns until another data folder brings other forms."""
    _made.append(function if hasattr(function, "cache_clear") else cache(function))
    made: Made = _made[-1]
    return made


def brought_by(data: Path) -> dict[str, str]:
    """Return path → text of what a data folder adds to the forms and indicators.

    Several blocs share the forms of their province.
    """
    raw = raw_of(data).parent if raw_of(data) == data else raw_of(data)
    paths = [*sorted((raw / FORMS).glob("*.toml")), raw / INDICATORS]
    return {str(path): config.text_of(path) for path in paths if path.exists()}


def bring(files: Mapping[str, str]) -> None:
    """Let the forms and indicators of a data folder be known, and forget those of another one.

    Raises
    ------
    ConfigError
        If one of the forms is wrong.
    """
    if files != _brought:
        _brought.clear()
        _brought.update(files)
        for made in _made:
            made.cache_clear()
        try:
            forms()
        except ConfigError:
            _brought.clear()
            raise


def brought_now() -> dict[str, str]:
    """Return path → text of all that is brought now; see `bring`."""
    return dict(_brought)


def brought(name: str) -> dict[str, str]:
    """Return path → text of what was brought in a folder, or as a file, of this name."""
    return {p: said for p, said in _brought.items() if name in (Path(p).name, Path(p).parent.name)}


@cache
def _of_the_program() -> dict[str, Form]:
    found = config.packaged(Form, __package__, "*-[0-9]*.toml")
    for file, form in found.items():
        _refuse_nonsense(form, file)
    return {form.id: form for form in found.values()}


@of_forms
def forms() -> dict[str, Form]:
    """All forms that the reader knows, by id; one of a bloc may extend another of its own."""
    found = dict(_of_the_program())
    told = {file: config.parse(Extension, said, file) for file, said in brought(FORMS).items()}
    while told:
        file = next((f for f, own in told.items() if own.extends in found), next(iter(told)))
        _add(found, told.pop(file), file)
    return found


def _add(found: dict[str, Form], own: Extension, file: str) -> None:
    """Add a form of a bloc to those that there are, unless it contradicts them or itself."""
    content = _brought[file].split("\n")

    def line(name: str) -> int:
        """Return the line on which a name stands."""
        marked = re.compile(rf"""(?<![\w.]){re.escape(name)}(?!\w)""")
        return next((n for n, said in enumerate(content, 1) if marked.search(said)), 1)

    config.known(file, "extends", own.extends, sorted(found), line("extends"))
    base = found[own.extends]
    if own.id in found and (own.id != own.extends or own.columns or own.tables):
        raise ConfigError("form-same-id", file=file, form=own.id)
    made = own.of(base, file, line)
    if made.family != base.family or made.version < base.version:
        raise ConfigError("form-other-family", file=file, line=line("id"), family=base.family)
    for name in _taken(made, base, found):
        raise ConfigError("form-taken", file=file, line=line(name), name=name)
    _refuse_nonsense(made, file, line)
    found[own.id] = made


def _taken(made: Form, base: Form, found: Mapping[str, Form]) -> Iterator[str]:
    """Yield names, headings and sheets of a bloc's form that something else has already.

    Fields of one name in several forms are one column: they must hold values of one kind. Names
    of people are read in the lists of the program alone, where they are kept back.
    """
    before = {table.id: table for table in base.tables}
    several = [(form.kind, table) for form in found.values() for table in form.tables]
    kinds = {(table.id, field.name): field.type for _, table in several for field in table.fields}
    elsewhere = {table.id for kind, table in several if kind != made.kind}
    ids = Counter(table.id for table in made.tables)
    sheets = Counter(table.sheet_key for table in made.tables)
    sheets.update(map(key, (made.info.sheet, made.choices, made.mending)))
    for table in made.tables:
        old = before.get(table.id)
        if ids[table.id] > 1 or (old is None and table.id in RESERVED | elsewhere):
            yield table.id
        if old is None and sheets[table.sheet_key] > 1:
            yield table.sheet
        fields, headings = (old.by_name, old.headings) if old else ({}, {})
        names = Counter((*table.constants, *(field.name for field in table.fields)))
        for name, asked in table.by_name.items():
            other = kinds.get((table.id, name), asked.type) != asked.type
            own = name not in fields
            reserved = name in RESERVED or name.endswith("_bound") or asked.type == "personal"
            if names[name] > 1 or (own and (other or reserved)):
                yield name
        for path, owners in table.headings.items():
            is_read = path in headings or path not in table.passed_over
            if len(owners) > max(1, len(headings.get(path, ()))) or not is_read:
                spelt = (text for field in table.fields for text in field.spellings())
                yield next(text for text in spelt if heading_key(text) == path)


def current(kind: Literal["unit", "bloc"], year: int | None = None) -> Form:
    """The newest form of a kind, or the one that a year is reported by."""
    of_kind = (form for form in forms().values() if form.kind == kind)
    of_year = (form for form in of_kind if year is None or form.from_year <= year)
    return max(of_year, key=lambda form: form.version)


def _refuse_nonsense(form: Form, file: str, line: Line | None = None) -> None:
    """Refuse a form whose entries name fields or lists that do not exist, or lack what they need.

    ``line`` says on which line of the file a name stands.
    """

    def known(entry: str, name: str | None, accepted: Iterable[str]) -> None:
        config.known(file, entry, name, accepted, line(name) if line and name else None)

    def needs(entry: str, name: str, given: object) -> None:
        if not given:
            at = line(name) if line else 1
            raise ConfigError("config-missing-entry", file=file, line=at, entry=entry)

    for field in form.info.fields:
        known(f"info.{field.name}", field.codes, form.codes)
    for table in form.tables:
        fields: dict[str, Any] = {**table.by_name, **table.constants}
        needs(f"{table.id}.fields", table.id, table.fields)
        for field in table.fields:
            place = f"{table.id}.{field.name}"
            known(place, field.codes, form.codes)
            known(place, field.unit, fields)
            known(place, field.size, fields)
            known(place, field.counts, known_units())
            if field.type == "code":
                needs(f"{place}.codes", field.name, field.codes)
                known(place, str(field.default or "") or None, form.codes[field.codes or ""])
            elif field.is_numeric and isinstance(field.default, str):
                known(f"{place}.default", field.default, ["0", "1", "…"])
        for name in (*table.key, *table.order, table.section):
            known(f"{table.id}.key", name, {**fields, **_melted(table)})
        for check in table.checks:
            entry = f"{table.id}.checks.{check.rule}"
            for word in _NEEDS[check.rule]:
                needs(f"{entry}.{word}", check.rule, getattr(check, word))
            for name in check.names:
                known(entry, name, {**fields, **_melted(table)})
    try:
        _ = form.code_index
    except ConfigError as error:
        raise ConfigError(error.key, **{**error.params, "file": file}) from None


def _melted(table: Table) -> dict[str, None]:
    """Return the fields that one row of a sheet becomes several rows by."""
    return dict.fromkeys((table.melt.into, table.melt.value)) if table.melt else {}
