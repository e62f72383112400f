"""Which charts the notebooks draw, and from which cells: read from their code, without a run."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators import entry, functions
from thidua_analysis.indicators.rows import listed
from thidua_analysis.lineage.register import differ, ids
from thidua_analysis.lineage.tracing import fields_of, uses
from thidua_analysis.vietnamese.display import Lang

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


def drawings(notebooks: Path) -> Iterator[Drawing]:
    """Yield the charts of all notebooks of a folder, in their order.

    A chart is a call ``charts.KIND(…)`` of calls ``indicators.NAME(ds, by=(…), …)``; words of
    these that are known only when the notebook runs are left out. What cannot be read as a
    notebook or as Python is passed over.
    """
    for path in sorted(notebooks.glob("*.ipynb")):
        yield from _of_notebook(path)


def feeds(ds: Dataset, notebooks: Path, file: str, sheet: str, cell: str) -> list[dict[str, Any]]:
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
            words[keyword.arg or ""] = ast.literal_eval(_resolved(keyword.value, assigned))
        except ValueError:
            continue
    by = words.pop("by", None)
    return Asked(name, None if by is None else tuple(by), words)
