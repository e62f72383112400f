"""The reporting itself: who sent, on time, how often, how complete, with how many errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.form import Form, forms
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.lineage import Rule
from thidua_analysis.indicators.pieces import Cells, Figure, Piece

By = Sequence[str]


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
        every = Cells("denominator", ("file",), counts=True)
        came = (Cells("numerator", ("file",), counts=True),) if row["used"] else ()
        return Piece(row, int(row["used"]), 1, (*came, every))

    def out_of(figure: Figure) -> None:
        figure.value = figure.numerator
        absent = {p.row["member"] for p in figure.used if not p.row["used"]}
        figure.missing = tuple(m for m in figure.expected if m in absent)

    return figures(ds, "sent", tuple(_expected(ds)), piece, by, scope, finish=out_of)


@indicator
def timeliness(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return members whose first file came in by the due date, of those whose date is known.

    Dates of receipt come from ``received.toml``; a member without one is left out and named as
    missing: unknown is not late. See `sent`.
    """

    def piece(row: Record) -> Piece:
        due = ds.bloc.due(row["year"])
        every = Cells("denominator", ("received",), counts=True)
        if row["received"] is None or due is None:
            return Piece(row, None, None, (every,))
        timely = row["received"] <= due
        cells = (Cells("numerator", ("received",), counts=True),) if timely else ()
        return Piece(row, int(timely), 1, (*cells, every))

    return figures(ds, "timeliness", tuple(_expected(ds)), piece, by, scope)


@indicator
def revisions(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Count how often reports were sent again: the revision that counts, minus one.

    See `sent`.
    """

    def piece(row: Record) -> Piece | None:
        if not row["used"]:
            return None
        return Piece(row, row["revision"] - 1, None, (Cells("value", ("revision",)),))

    def first_sendings(figure: Figure) -> None:
        if figure.used:
            rule = Rule("value", "first_sending", -len(figure.used))
            figure.lineage = replace(figure.lineage, rules=(rule,))

    rows = tuple(_expected(ds))
    return figures(ds, "revisions", rows, piece, by, scope, finish=first_sendings)


@indicator
def error_rate(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Return errors by cells stored or reported, in percent; see `sent`."""

    def piece(row: Record) -> Piece:
        one = Cells("denominator", ("cell",), counts=True)
        if row["table"] == "submissions":
            stored = Cells("denominator", ("cells",), table="submissions")
            return Piece(row, 0, row["cells"], (stored,))
        return Piece(row, 1, 1, (Cells("numerator", ("cell",), counts=True), one))

    return figures(ds, "error_rate", tuple(_cells_and_errors(ds)), piece, by, scope)


@indicator
def completeness(ds: Dataset, by: By = ("year", "member"), **scope: Any) -> pd.DataFrame:
    """Return required cells that are filled and free of errors, of all required cells.

    Required cells are those of the required fields in every row that was sent, and one for
    each sheet of the form that was not sent. Also by ``table``. See `sent`.
    """

    def piece(row: Record) -> Piece:
        need, have = row["required"], row["filled"]
        cells = (
            Cells("numerator", have, counts=True, table=row["of"]),
            Cells("denominator", need, counts=True, table=row["of"]),
        )
        return Piece(row, len(have), len(need), cells)

    return figures(ds, "completeness", tuple(_required(ds)), piece, by, scope)


def _expected(ds: Dataset) -> Iterator[Record]:
    """One row per member expected in a year: its report that counts, or that there is none."""
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
                "row_id": used["file"] if used else f"{year}/{member}",
                "used": used is not None,
                "received": min(days, default=None),
                "revision": used["revision"] if used else None,
                "illustrative": used["illustrative"] if used else False,
            }


def _units(ds: Dataset) -> Iterator[tuple[Record, Form]]:
    for row in ds.records("submissions"):
        form = forms().get(row["form"] or "")
        if row["used"] and form is not None and form.kind == "unit":
            yield row, form


def _cells_and_errors(ds: Dataset) -> Iterator[Record]:
    for row, _ in _units(ds):
        yield {**row, "table": "submissions", "row_id": row["file"]}
        for found in errors(ds, row["file"]):
            yield {**row, "table": "findings", "row_id": found["row_id"]}


def errors(ds: Dataset, file: str) -> list[Record]:
    """Return the errors of a file that name a cell, each with an id as ``row_id``."""
    return [
        {**found, "row_id": f"{file}#{found['sheet']}!{found['cell']}:{found['code']}"}
        for found in ds.of_file("findings", file)
        if found["severity"] == "error" and found["cell"]
    ]


def _required(ds: Dataset) -> Iterator[Record]:
    for row, form in _units(ds):
        own = {"year": row["year"], "member": row["member"], "illustrative": row["illustrative"]}
        wrong = errors(ds, row["file"])
        for table in form.tables:
            if table.adds_up_to:
                continue
            names = tuple(field.name for field in table.required)
            sheets = {table.sheet}
            rows = ds.of_file(table.id, row["file"])
            for line in rows:
                sheets.add(line["sheet"])
                filled = tuple(name for name in names if line[name] is not None)
                what = {"table": table.id, "of": table.id, "row_id": line["row_id"]}
                yield {**own, **what, "required": names, "filled": filled}
            lost = [f for f in wrong if f["sheet"] in sheets and _is_required(table, f)]
            for found in lost:
                what = {"table": table.id, "of": "findings", "row_id": found["row_id"]}
                yield {**own, **what, "required": ("cell",), "filled": ()}
            if not rows and not lost:
                what = {"table": table.id, "of": "submissions", "row_id": row["file"]}
                yield {**own, **what, "required": ("file",), "filled": ()}


def _is_required(table: Any, found: Record) -> bool:
    return found["heading"] in {field.heading for field in table.required}
