"""Which forms there are: those of the program, and what a bloc adds to them in its data folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from thidua_analysis.findings import ConfigError
from thidua_analysis.form import config
from thidua_analysis.form.config import Entry, raw_of
from thidua_analysis.form.model import Field, Form, FormId, Table
from thidua_analysis.vietnamese.quantities import known_units

#: Where a bloc keeps what it adds to the forms, and its own indicators; both in ``data/raw``.
FOLDER, INDICATORS = "forms", "indicators.toml"
#: What a table or field may be called, and names that every stored table or folder of data has.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAKEN = frozenset(
    "submissions findings cells year member file sheet row row_id bloc counted_as period"
    " illustrative revision reported_in".split()
)
#: Path → text of what the data folder that was opened last adds to the program.
_brought: dict[str, str] = {}
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
    columns: dict[str, tuple[Field, ...]] = msgspec.field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    codes: dict[str, dict[str, tuple[str, ...]]] = msgspec.field(default_factory=dict)
    tables: tuple[Table, ...] = ()

    def of(self, form: Form, file: str) -> Form:
        """Return a form with what is added to it."""
        known = {table.id: table for table in form.tables}
        headed = {f"{table.id}.{f.name}" for table in form.tables for f in table.fields}
        for name in self.columns:
            config.known(file, "columns", name, known)
        for name in self.aliases:
            config.known(file, "aliases", name, sorted(headed))
        for table in self.tables:
            if table.id in known:
                raise ConfigError("form-has-table", file=file, table=table.id)
        self._refuse_names(known, file)
        codes = {name: {**form.codes.get(name, {}), **own} for name, own in self.codes.items()}
        tables = (*map(self._with_columns, form.tables), *self.tables)
        return replace(form, id=self.id, codes={**form.codes, **codes}, tables=tables)

    def _refuse_names(self, known: Mapping[str, Table], file: str) -> None:
        """Refuse names that a table could not be stored under, or that stand for something else."""
        new = [(f"tables.{n}", table.id) for n, table in enumerate(self.tables, 1)]
        added = {**self.columns, **{table.id: table.fields for table in self.tables}}
        for name, fields in added.items():
            there = [f.name for f in known[name].fields] if name in known else []
            new += [(f"{name}.{n}", f.name) for n, f in enumerate(fields, 1)]
            twice = [f.name for f in fields if (there + [g.name for g in fields]).count(f.name) > 1]
            new += [(f"{name}.{field}", "") for field in twice]
        for place, name in new:
            if not _NAME.fullmatch(name) or name in _TAKEN or name.endswith("_bound"):
                raise ConfigError("form-name", file=file, entry=place, name=name)

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
    paths = [*sorted((raw / FOLDER).glob("*.toml")), raw / INDICATORS]
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
    """All forms that the reader knows, by id."""
    found = dict(_of_the_program())
    for file, content in brought(FOLDER).items():
        own = config.parse(Extension, content, file)
        config.known(file, "extends", own.extends, sorted(found))
        if own.id in found:
            raise ConfigError("form-same-id", file=file, form=own.id)
        found[own.id] = own.of(found[own.extends], file)
        _refuse_nonsense(found[own.id], file)
    return found


def current(kind: Literal["unit", "bloc"]) -> Form:
    """The newest form of a kind."""
    return max((f for f in forms().values() if f.kind == kind), key=lambda f: f.version)


def _refuse_nonsense(form: Form, file: str) -> None:
    """Refuse a form whose entries name fields or lists that do not exist."""
    for field in form.info.fields:
        config.known(file, f"info.{field.name}", field.codes, form.codes)
    for table in form.tables:
        fields: dict[str, Any] = {**table.by_name, **table.constants}
        for field in table.fields:
            config.known(file, f"{table.id}.{field.name}", field.codes, form.codes)
            config.known(file, f"{table.id}.{field.name}", field.unit, fields)
            config.known(file, f"{table.id}.{field.name}", field.size, fields)
            config.known(file, f"{table.id}.{field.name}", field.counts, known_units())
        for name in (*table.key, table.section):
            config.known(file, f"{table.id}.key", name, fields)
        for check in table.checks:
            for name in check.names:
                melted = {table.melt.value: None} if table.melt else {}
                config.known(file, f"{table.id}.checks.{check.rule}", name, {**fields, **melted})
    _ = form.code_index
