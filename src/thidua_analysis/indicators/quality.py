"""The reporting itself: who sent, on time, how often, how complete, with how many errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from string import ascii_uppercase
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form.forms import current, forms
from thidua_analysis.form.model import Form, Table
from thidua_analysis.indicators.comparability import cells
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import Figure, Piece, Rule, Term
from thidua_analysis.indicators.selection import By, Rows, once


@indicator
def sent(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Count the members with a usable report among those expected: ``5/6``.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``.
    **scope
        Only rows with these values.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; ``missing`` names those who sent nothing.
    """

    def piece(row: Record) -> Piece:
        return Piece(row, int(row["used"]), 1, _counted("file", came=row["used"]))

    def out_of(_: Dataset, figure: Figure) -> None:
        figure.value = figure.numerator
        absent = {p.row["member"] for p in figure.used if not p.row["used"]}
        figure.missing = tuple(m for m in figure.expected if m in absent)

    return figures(ds, "sent", _expected(ds), piece, by, scope, finish=out_of)


@indicator
def timeliness(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return members whose first file came in by the due date, of the members expected.

    Dates of receipt come from ``received.toml``; a member whose file has none is left out and
    named as missing: unknown is not late. One that never sent is not on time once the due date
    has passed, and unknown before. See `sent`.
    """
    today = dt.date.today()

    def piece(row: Record) -> Piece:
        due = ds.blocs[row["bloc"]].due(row["year"])
        overdue = not row["came"] and due is not None and due < today
        if due is None or (row["received"] is None and not overdue):
            return Piece(row, None, None, _counted("received", came=False))
        timely = not overdue and row["received"] <= due
        return Piece(row, int(timely), 1, _counted("received", came=timely))

    return figures(ds, "timeliness", _expected(ds), piece, by, scope)


@indicator
def revisions(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Count how often reports were sent again: the revision that counts, minus one; see `sent`."""

    def piece(row: Record) -> Piece | None:
        if not row["used"]:
            return None
        return Piece(row, row["revision"] - 1, None, (Term("value", ("revision",)),))

    def first_sendings(_: Dataset, figure: Figure) -> None:
        if figure.used:
            rule = Rule("value", "first_sending", -len(figure.used))
            figure.lineage = replace(figure.lineage, rules=(rule,))

    return figures(ds, "revisions", _expected(ds), piece, by, scope, finish=first_sendings)


@indicator
def error_rate(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Return errors by cells read, lists of recipients included, in percent; see `sent`."""

    def rows() -> Iterator[Record]:
        for row, _ in _units(ds):
            yield {**row, "table": "submissions", "row_id": row["file"]}
            for found in errors(ds, row["file"]):
                yield {**row, "table": "findings", "row_id": found["row_id"]}

    def piece(row: Record) -> Piece:
        if row["table"] == "submissions":
            read = Term("denominator", ("cells_read",), table="submissions")
            return Piece(row, 0, row["cells_read"], (read,))
        return Piece(row, 1, 0, (Term("numerator", ("cell",), counts=True),))

    return figures(ds, "error_rate", once(ds, "cells read", rows), piece, by, scope)


@indicator
def completeness(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Return required cells that are filled and free of errors, of all required cells.

    Required are, in every row that was sent, the fields that the form marks so (`complete`); of
    a sheet that was not sent, the cells of one row. A member that sent nothing has filled 0 of
    one row a sheet, and is named as missing. Also by ``table``. See `sent`.
    """

    def piece(row: Record) -> Piece:
        need, have = row["required"], row["filled"]
        cells = (
            Term("numerator", have, counts=True, table=row["of"]),
            Term("denominator", need, counts=True, table=row["of"]),
        )
        return Piece(row, len(have), len(need), cells)

    def named(_: Dataset, figure: Figure) -> None:
        came = {p.row["member"] for p in figure.used if p.row["came"]}
        silent = {p.row["member"] for p in figure.used} - came
        figure.missing = tuple(m for m in figure.expected if m in silent)

    rows = once(ds, "required cells", lambda: _required(ds))
    return figures(ds, "completeness", rows, piece, by, scope, finish=named)


def _counted(field: str, *, came: bool) -> tuple[Term, ...]:
    every = Term("denominator", (field,), counts=True)
    return (Term("numerator", (field,), counts=True), every) if came else (every,)


def _expected(ds: Dataset) -> Rows:
    """One row per member expected in a year: its report that counts, or that there is none."""
    return once(ds, "expected reports", lambda: _reports(ds))


def _reports(ds: Dataset) -> Iterator[Record]:
    files: dict[tuple[int, str], list[Record]] = {}
    for row in ds.records("submissions"):
        if row["used"] or row["superseded"]:  # what was rejected or withdrawn never came
            files.setdefault((row["year"], row["member"]), []).append(row)
    for year in ds.years:
        for member in ds.expected(year):
            own = files.get((year, member), [])
            used = next((row for row in own if row["used"]), None)
            days = [row["received"] for row in own if row["received"] is not None]
            yield {
                "year": year,
                "member": member,
                "bloc": ds.bloc_of(member),
                "row_id": used["file"] if used else f"{year}/{member}",
                "used": used is not None,
                "came": bool(own),
                "received": min(days, default=None),
                "revision": used["revision"] if used else None,
                "illustrative": used["illustrative"] if used else False,
            }


def _units(ds: Dataset) -> Iterator[tuple[Record, Form]]:
    for row in ds.records("submissions"):
        form = forms().get(row["form"] or "")
        if row["used"] and form is not None and form.kind == "unit":
            yield row, form


def errors(ds: Dataset, file: str) -> list[Record]:
    """Return the errors of a file that name a cell, each with an id as ``row_id``."""
    return [
        {**found, "row_id": f"{file}#{found['sheet']}!{found['cell']}:{found['code']}"}
        for found in ds.of_file("findings", file)
        if found["severity"] == "error" and found["cell"]
    ]


def _required(ds: Dataset) -> Iterator[Record]:
    """One row per row of a sheet that was sent, or should have been, with its required cells."""
    came: set[tuple[int, str]] = set()
    for row, form in _units(ds):
        came.add((row["year"], row["member"]))
        own = {name: row[name] for name in ("year", "member", "bloc", "illustrative")}
        for table in form.tables:
            for found in _of_table(ds, row["file"], table) if not table.adds_up_to else ():
                yield {**own, "came": True, "table": table.id, **found}
    for row in _expected(ds):
        if (row["year"], row["member"]) not in came:
            for table in current("unit", row["year"]).tables:
                if not table.adds_up_to:
                    yield {**row, "came": False, "table": table.id, **_none_of(table)}


def _of_table(ds: Dataset, file: str, table: Table) -> Iterator[Record]:
    rows, wrong = ds.of_file(table.id, file), errors(ds, file)
    bad = {(found["sheet"], found["cell"]) for found in wrong}
    for line in rows:
        need = required(table, line)
        at = [(table.id, line["row_id"], name) for name in need if line[name] is not None]
        filled = tuple(key[-1] for key in at if not (bad and bad & _addresses(ds, key)))
        yield {"of": table.id, "row_id": line["row_id"], "required": need, "filled": filled}
    # the row of an error may be lost with it
    sheets = {table.sheet, *(line["sheet"] for line in rows)}
    kept = {(line["sheet"], line["row"]) for line in rows}
    asked = {f.heading for f in table.fields if f.required or f.complete}
    lost = [
        found["row_id"]
        for found in wrong
        if found["sheet"] in sheets
        and found["heading"] in asked
        and (found["sheet"], int(found["cell"].strip(ascii_uppercase))) not in kept
    ]
    for row_id in lost:
        yield {"of": "findings", "row_id": row_id, "required": ("cell",), "filled": ()}
    if not rows and not lost:
        yield {**_none_of(table), "row_id": file}


def required(table: Table, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that a row of a table must give.

    Those that the form wants in every row, and of those that belong together (the individuals,
    their classes and sex) all as soon as one is above 0; a row that has none of them lacks one.
    """
    always = [f.name for f in table.fields if f.required or f.complete is True]
    together: dict[str, list[str]] = {}
    for field in table.fields:
        if isinstance(field.complete, str):
            together.setdefault(field.complete, []).append(field.name)
    touched = [names for names in together.values() if any(row.get(name) for name in names)]
    if together and not touched:
        every = [name for names in together.values() for name in names]
        given = [name for name in every if row.get(name) is not None]
        touched = [given[:1] or every[:1]]
    return (*always, *(name for names in touched for name in names))


def _none_of(table: Table) -> Record:
    """The cells of one row of a sheet, none of them filled."""
    return {"of": "submissions", "required": required(table, {}), "filled": ()}


def _addresses(ds: Dataset, key: tuple[str, str, str]) -> set[tuple[str, str]]:
    """Return sheet and cell of the value of a table, row and field."""
    table, row_id, field = key
    found = cells(ds).of(table, row_id).get(field, ())
    return {(one.sheet, one.cell) for one in found if not one.recipient}
