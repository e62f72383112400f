"""Columns of the stored tables, made from the forms."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pyarrow as pa

from thidua_analysis.form.model import Field, forms

#: Exact to 18 decimals: more than a spreadsheet cell can hold.
EXACT = pa.decimal128(38, 18)

#: Fields of a row that say where it stands, before the fields of the form.
PLACE = (
    ("year", pa.int64()),
    ("member", pa.string()),
    ("file", pa.string()),
    ("sheet", pa.string()),
    ("row", pa.int64()),
    ("row_id", pa.string()),
)

#: What the submission says of all its rows, after the fields of the form.
CONTEXT = (
    ("counted_as", pa.string()),
    ("period", pa.string()),
    ("illustrative", pa.bool_()),
    ("revision", pa.int64()),
    ("reported_in", pa.int64()),
)

SUBMISSIONS = pa.schema(
    [
        ("file", pa.string()),
        ("sha256", pa.string()),
        ("form", pa.string()),
        ("member", pa.string()),
        ("year", pa.int64()),
        ("folder_year", pa.int64()),
        ("revision", pa.int64()),
        ("period", pa.string()),
        ("counted_as", pa.string()),
        ("as_of", pa.date32()),
        ("received", pa.date32()),
        ("illustrative", pa.bool_()),
        ("status", pa.string()),
        ("used", pa.bool_()),
        ("superseded", pa.bool_()),
        ("withdrawn", pa.bool_()),
        ("rows", pa.int64()),
        ("cells", pa.int64()),
        ("cells_read", pa.int64()),
        ("errors", pa.int64()),
        ("warnings", pa.int64()),
        ("notes", pa.int64()),
    ]
)

FINDINGS = pa.schema(
    [
        ("file", pa.string()),
        ("year", pa.int64()),
        ("member", pa.string()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("sheet", pa.string()),
        ("cell", pa.string()),
        ("heading", pa.string()),
        ("value", pa.string()),
        ("suggestion", pa.string()),
        ("params", pa.string()),
    ]
)

CELLS = pa.schema(
    [
        ("file", pa.string()),
        ("table", pa.string()),
        ("row_id", pa.string()),
        ("field", pa.string()),
        ("sheet", pa.string()),
        ("cell", pa.string()),
        ("typed", pa.string()),
        ("value", pa.string()),
        ("bound", pa.string()),
        ("remark", pa.string()),
        ("recipient", pa.bool_()),
        ("correction", pa.string()),
    ]
)


class Column(NamedTuple):
    """A column of a stored table that holds a field of a form."""

    name: str
    field: Field | None

    @property
    def bounded(self) -> bool:
        """Whether a number in it may be qualified ("trên 2.000")."""
        return self.field is not None and self.field.type in ("count", "number", "money")

    @property
    def type(self) -> pa.DataType:
        """Arrow type of the column."""
        kind = self.field.type if self.field else "text"
        if kind in ("count", "rank", "year"):
            return pa.int64()
        if kind in ("number", "money", "score"):
            return EXACT
        return pa.date32() if kind == "date" else pa.string()


@cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Form fields of every stored table, in the order of the forms; all versions together."""
    tables: dict[str, dict[str, Column]] = {}
    for form in forms().values():
        for table in form.tables:
            if table.adds_up_to:
                continue
            known = tables.setdefault(table.id, {})
            values = {table.melt.value: table.by_name[table.melt.fields[0]]} if table.melt else {}
            fields = {**table.by_name, **values}
            for name in table.columns:
                known.setdefault(name, Column(name, fields.get(name)))
    return {name: tuple(found.values()) for name, found in tables.items()}


@cache
def schema(table: str) -> pa.Schema:
    """Arrow schema of a stored table.

    The columns are `PLACE`, the fields of the form, `CONTEXT`, and for each count, number and
    amount of money ``<field>_bound``. ``year`` and ``member`` are those of the row where the
    table has such a field (roles, votes …), else those of the submission; ``reported_in`` is
    always the year of the submission.
    """
    taken = {name for name, _ in PLACE}
    own = [(c.name, c.type) for c in columns()[table] if c.name not in taken]
    bounds = [(f"{c.name}_bound", pa.string()) for c in columns()[table] if c.bounded]
    return pa.schema([*PLACE, *own, *CONTEXT, *bounds])


def tables() -> tuple[str, ...]:
    """Names of the tables that the forms fill."""
    return tuple(columns())


def stored() -> tuple[str, ...]:
    """Names of all stored tables."""
    return (*tables(), "submissions", "findings", "cells")
