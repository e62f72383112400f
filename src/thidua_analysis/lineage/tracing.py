"""Which cells a figure comes from, which figures a cell feeds, and which charts draw these."""

from __future__ import annotations

import ast
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators import comparability, entry, functions
from thidua_analysis.indicators.comparability import Cells, lost_cells
from thidua_analysis.indicators.figure import Deciding, FigureId, Lineage, Term
from thidua_analysis.indicators.quality import errors
from thidua_analysis.indicators.selection import listed
from thidua_analysis.lineage import register
from thidua_analysis.lineage.register import differ, ids
from thidua_analysis.messages import text
from thidua_analysis.store import tidy
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.quantities import simplest
from thidua_analysis.vietnamese.text import key

#: Columns of the frame of cells.
COLUMNS = (
    *("file", "sheet", "cell", "typed", "value", "role", "correction"),
    *("year", "member", "table", "field", "row_id"),
)
#: Day 0 of spreadsheet day numbers.
_DAY_ZERO = dt.date(1899, 12, 30)


def fields_of(ds: Dataset, file: str, sheet: str, cell: str) -> frozenset[tuple[str, str, str]]:
    """Return table, row id and field of everything that was stored from a cell, or would be.

    A cell that was refused for an error leaves its fields blank: the figures that lack it are
    those that it decides on. The address may be written as in a formula: ``'Chỉ tiêu'!$G$7``.
    """
    wanted, address = key(sheet.strip("'")), cell.replace("$", "").upper()
    cells_read = ds.arrow("cells")
    of_file = pc.equal(cells_read["file"], file)
    stored = frozenset(
        (row["table"], row["row_id"], row["field"])
        for row in cells_read.filter(of_file).to_pylist()
        if row["cell"] == address and key(row["sheet"]) == wanted
    )
    return stored or frozenset(_refused(ds, file, wanted, address))


def _refused(ds: Dataset, file: str, sheet: str, cell: str) -> Iterator[tuple[str, str, str]]:
    """Yield table, row id and field of what an error in a cell left blank."""
    here = (f for f in errors(ds, file) if f["cell"] == cell and key(f["sheet"] or "") == sheet)
    if not any(here):
        return
    line = int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    for table in tidy.table_names():
        for row in ds.of_file(table, file):
            if row["row"] == line and key(row["sheet"]) == sheet:
                lost = lost_cells(ds, table).get(row["row_id"], ())
                yield from ((table, row["row_id"], field) for field in lost)


def _using(frame: pd.DataFrame, stored: frozenset[tuple[str, str, str]]) -> pd.DataFrame:
    return frame[[uses(row["lineage"], stored) for row in listed(frame)]]


def uses(lineage: Lineage, stored: frozenset[tuple[str, str, str]]) -> bool:
    """Whether one of these stored values is added up in a figure, or decides what is."""
    every: tuple[Term | Deciding, ...] = (*lineage.terms, *lineage.decided)
    if any(t == p.table and f in p.fields and r in p.rows for p in every for t, r, f in stored):
        return True
    # how many cells were read counts each of them
    counted = [t.rows for t in lineage.terms if "cells_read" in t.fields]
    return any(row.partition("#")[0] in files for files in counted for _, row, _ in stored)


def cells(ds: Dataset, lineage: Lineage) -> Iterator[Record]:
    """Yield the cells of a figure, or what it takes from a rule, one by one."""
    read = comparability.cells(ds)
    for term in lineage.terms:
        rows = _rows(ds, term.table) if term.rows else {}
        for row_id in term.rows:
            yield from _contributions(term, row_id, rows.get(row_id, {}), read)
    for rule in lineage.rules:
        yield {
            **dict.fromkeys(COLUMNS),
            "typed": text(f"rule-{rule.name}", ds.lang),
            "value": simplest(rule.amount),
            "role": rule.role,
        }


def _contributions(term: Term, row_id: str, row: Record, read: Cells) -> Iterator[Record]:
    """Yield the cells of a row that a term adds; where none was read, what the row holds."""
    own = read.of(term.table, row_id)
    where = {name: row.get(name) for name in ("file", "sheet", "cell", "year", "member")}
    where |= {"role": term.role, "table": term.table, "row_id": row_id, "typed": None}
    for name in term.fields:
        found = own.get(name, ())
        for cell in found[:1] if term.counts else found:
            value = 1 if term.counts else _number(cell.value, term.days)
            # what stands in the row of a recipient never leaves the reader: it counts one
            as_stored = None if cell.recipient else cell.value
            yield {
                **where,
                "field": name,
                "sheet": cell.sheet,
                "cell": cell.cell,
                "typed": as_stored if cell.typed is None else cell.typed,
                "correction": cell.correction,
                "value": simplest(value * term.weight),
            }
        if not found:
            value = 1 if term.counts else _number(row.get(name), term.days)
            if value:
                amount = simplest(value * term.weight)
                yield {**where, "field": name, "correction": None, "value": amount}


def _number(value: Any, days: bool) -> Any:
    """Return what a stored value contributes: a number, or the day number of a date."""
    if value is None:
        return 0
    if days:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
        return (day - _DAY_ZERO).days
    return Decimal(value)


def _rows(ds: Dataset, table: str) -> dict[str, Record]:
    def make() -> dict[str, Record]:
        if table == "submissions":
            return {row["file"]: row for row in ds.records(table)}
        if table == "findings":
            files = {row["file"] for row in ds.records("submissions")}
            return {found["row_id"]: found for file in files for found in errors(ds, file)}
        return {row["row_id"]: row for row in ds.records(table)}

    return ds.memo(f"{table} by id", make)


def trace(figure: pd.Series | str, ds: Dataset | None = None) -> pd.DataFrame:
    """Return the cells that a figure was computed from.

    Parameters
    ----------
    figure
        A row of a frame of figures, or the id of a figure, which stands in its ``lineage``.
    ds
        The dataset; for an id read from elsewhere, by default the nearest data folder's.

    Returns
    -------
    pandas.DataFrame
        One row a cell: ``file``, ``sheet``, ``cell``, ``typed`` (the text as typed), ``value``
        (what it contributes), ``role`` (``numerator``, ``denominator``, ``value``),
        ``correction`` (what the analyst put in its place, and why), ``year``, ``member``,
        ``table``, ``field``, ``row_id``. The values of a role add up to that part of the figure:
        in a count each cell contributes 1, a deduction is negative, a date counts as its day
        number. Where an amount comes from no cell (a cap, a file as a whole), sheet and cell are
        missing.

    Raises
    ------
    UsageError
        If there is no figure with this id, or what is asked about is no figure.
    """
    row: Any = figure if isinstance(figure, (pd.Series, Mapping)) else {}
    what: Any = figure if isinstance(figure, str) else row.get("lineage")
    if not isinstance(what, (str, Lineage)):
        raise UsageError("trace-no-figure", kind=type(figure).__name__)
    if type(what) is str:  # an id that was read from elsewhere
        what = register.find(ds or pipeline.load(), what)["lineage"]
    found: Lineage = what.lineage if isinstance(what, FigureId) else what
    source = ds or found.ds
    rows = list(cells(source, found)) if source is not None else []
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def feeds(ds: Dataset, file: str, sheet: str, cell: str) -> list[dict[str, Any]]:
    """Return the figures that are computed from a cell; see `register.figures`."""
    stored = fields_of(ds, file, sheet, cell)
    if not stored:
        cells_read = ds.arrow("cells")
        of_file = cells_read.filter(pc.equal(cells_read["file"], file))
        sheets = of_file["sheet"].unique().to_pylist()
        if sheets and key(sheet.strip("'")) not in map(key, sheets):
            accepted = ", ".join(sheets)
            raise UsageError("sheet-unknown", sheet=sheet, file=file, accepted=accepted)
        raise UsageError("cell-unknown", file=file, cell=f"{sheet}!{cell}".lstrip("!"))
    years = {row["year"] for row in ds.records("submissions") if row["file"] == file}
    return [
        record
        for year in sorted(years & set(ds.years))
        for frame in register.frames(ds, year)
        for record in register.records(ds, _using(frame, stored))
    ]


Assigned = dict[str, ast.expr]


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of an indicator as it stands in a notebook: what is written out in it."""

    indicator: str
    by: tuple[str, ...] | None
    scope: dict[str, Any]

    def frame(self, ds: Dataset, year: int) -> pd.DataFrame:
        """Return its figures of a year."""
        by = {} if self.by is None else {"by": self.by}
        return functions()[self.indicator](ds, **by, **{**self.scope, "year": year})


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart of a notebook: where it stands, its kind and the indicators that it draws."""

    notebook: str
    section: str
    kind: str
    asked: tuple[Asked, ...]


#: Tables that are seen like a chart → the figures that they draw.
_TABLES = {"targets": ("attainment", "days_early", "target_status")}


def drawings(notebooks: Path) -> Iterator[Drawing]:
    """Yield the charts of all notebooks of a folder, in their order.

    A chart is a call ``charts.KIND(…)`` of calls ``indicators.NAME(ds, by=(…), …)``; words of
    these that are known only when the notebook runs are left out. What cannot be read as a
    notebook or as Python is passed over.
    """
    for path in sorted(notebooks.glob("*.ipynb")):
        yield from _of_notebook(path)


def charts_fed(
    ds: Dataset, notebooks: Path, file: str, sheet: str, cell: str
) -> list[dict[str, Any]]:
    """Return the charts of the year of a file that draw a figure computed from a cell.

    Returns
    -------
    list of dict
        ``notebook``, ``section`` (heading above the chart), ``kind``, ``label`` (what it
        shows), ``figures`` (ids of the figures in it that the cell feeds).
    """
    stored = fields_of(ds, file, sheet, cell)
    years = [s["year"] for s in ds.records("submissions") if s["file"] == file and s["used"]]

    def fed(asked: Asked) -> Iterator[str]:
        for year in years if stored else ():
            for name, row in _figures(asked, ds, year).items():
                if uses(row["lineage"], stored):
                    yield name

    return _listed(notebooks, fed, ds.lang)


def moves(before: Dataset, after: Dataset, notebooks: Path, year: int) -> list[dict[str, Any]]:
    """Return the charts of a year that draw a figure which differs between two datasets.

    Returns
    -------
    list of dict
        As `feeds` does, with the figures that differ.
    """

    def moved(asked: Asked) -> Iterator[str]:
        old, new = (_figures(asked, ds, year) for ds in (before, after))
        yield from (n for n in dict.fromkeys([*old, *new]) if differ(old.get(n), new.get(n)))

    return _listed(notebooks, moved, after.lang)


def _listed(
    notebooks: Path, chosen: Callable[[Asked], Iterable[str]], lang: Lang
) -> list[dict[str, Any]]:
    """Return the charts of which some figures are chosen."""
    found = []
    for drawing in drawings(notebooks):
        figures = list(dict.fromkeys(name for asked in drawing.asked for name in chosen(asked)))
        if figures:
            labels = dict.fromkeys(entry(asked.indicator).label[lang] for asked in drawing.asked)
            found.append(
                {
                    "notebook": drawing.notebook,
                    "section": drawing.section,
                    "kind": drawing.kind,
                    "label": "; ".join(labels),
                    "figures": figures,
                }
            )
    return found


def _figures(asked: Asked, ds: Dataset, year: int) -> dict[str, dict[str, Any]]:
    """Return the figures of a call by id; none where it asks for what is not there."""
    try:
        frame = asked.frame(ds, year)
    except UsageError:
        return {}
    return dict(zip(ids(frame), listed(frame), strict=True))


def _of_notebook(path: Path) -> Iterator[Drawing]:
    for section, tree, assigned in _cells(path):
        for kind, chart in _calls(tree, "charts"):
            asked = tuple(
                _asked(name, call, assigned)
                for part in chart.args
                for name, call in _calls(_resolved(part, assigned), "indicators")
            )
            if asked:
                yield Drawing(path.name, section, kind, asked)
        for kind, _ in _calls(tree, "publish"):
            if names := _TABLES.get(kind):
                yield Drawing(path.name, section, kind, tuple(Asked(n, None, {}) for n in names))


def _cells(path: Path) -> Iterator[tuple[str, ast.Module, Assigned]]:
    """Yield heading, code and all names assigned so far of every code cell."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return
    section, assigned = path.stem, Assigned()
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            headings = [line for line in source.splitlines() if line.startswith("#")]
            section = headings[-1].lstrip("# ") if headings else section
        elif tree := _parsed(source):
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    assigned[node.targets[0].id] = node.value
            yield section, tree, assigned


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _calls(tree: ast.AST, module: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield name and call of every function of a module that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            known = module != "indicators" or node.func.attr in functions()
            if known and isinstance(owner, ast.Name) and owner.id == module:
                yield node.func.attr, node


def _resolved(node: ast.expr, assigned: Assigned) -> ast.expr:
    return assigned.get(node.id, node) if isinstance(node, ast.Name) else node


def _asked(name: str, call: ast.Call, assigned: Assigned) -> Asked:
    words: dict[str, Any] = {}
    for keyword in call.keywords:
        try:
            given = ast.literal_eval(_resolved(keyword.value, assigned))
        except ValueError:
            continue
        words |= {keyword.arg: given} if keyword.arg else given
    by = words.pop("by", None)
    return Asked(name, None if by is None else tuple(by), words)
