"""The figures and charts that move when one file of a member stands in the place of another."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thidua_analysis import pipeline, register, revisions
from thidua_analysis.bloc import Bloc
from thidua_analysis.dataset import Dataset
from thidua_analysis.form import forms
from thidua_analysis.settings import FileReader
from thidua_analysis.submission.rows import Submission
from thidua_analysis.vietnamese.display import Lang


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that differs.

    Parameters
    ----------
    id, indicator, label
        The figure, its indicator, and that one's name.
    by
        Names of its breakdowns in the order of the figure, such as ``("member", "level")``.
    about
        What they are, as printed.
    before, after
        The figure as printed; None where there is none.
    """

    id: str
    indicator: str
    label: str
    by: tuple[str, ...]
    about: str
    before: str | None
    after: str | None

    @property
    def shows(self) -> bool:
        """Whether the printed figure moves too, not only what rounding hides."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a notebook and the indicator that it draws, with its breakdowns."""

    notebook: str
    kind: str
    indicator: str
    by: tuple[str, ...]


def figures_that_move(
    data: Path, before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi"
) -> list[Moved]:
    """Return each figure of the year's reports that moves, with its text before and after.

    Parameters
    ----------
    data
        The data folder: what the other members sent stands beside both files.
    before, after
        Two files of one member and year.
    bloc
        The members.
    lang
        Language of the labels.
    """
    year = after.year
    if year is None:
        return []
    others = tuple(_others(data, after, bloc))
    sides = []
    for one in (before, after):
        ds = Dataset.of(
            [*others, replace(one, path=_place(one), findings=one.findings)], bloc, lang
        )
        found = register.figures(ds, year) if year in ds.years else []
        sides.append({figure["id"]: figure for figure in found})
    old, new = sides
    return [
        _moved(old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if _text(old.get(name)) != _text(new.get(name))
    ]


def _place(submission: Submission) -> str:
    """Path under which both files stand in the data: the same, so that only values differ."""
    return f"{submission.year}/{submission.member or 'khoi'}.xlsx"


def _others(data: Path, one: Submission, bloc: Bloc) -> Iterator[Submission]:
    """Return the files that count of this year and the one before, but those of the same chain."""
    years = {str(one.year), str((one.year or 0) - 1)}
    paths = [path for path in pipeline.raw_files(data) if path.parent.name in years]
    read = pipeline.read_all(data, paths, bloc, FileReader.of(data))
    for placed in revisions.place(read):
        if placed.used and _chain(placed.submission) != _chain(one):
            yield placed.submission


def _chain(submission: Submission) -> tuple[object, ...]:
    form = forms().get(submission.form or "")
    return form.kind if form else None, submission.member, submission.year


def _text(figure: dict[str, Any] | None) -> tuple[object, object] | None:
    return (figure["text"], figure["value"]) if figure else None


def _moved(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Moved:
    figure = new or old or {}
    about = " · ".join(str(name) for name in figure["names"].values())
    return Moved(
        figure["id"],
        figure["indicator"],
        figure["label"],
        tuple(figure["by"]),
        about,
        old["text"] if old else None,
        new["text"] if new else None,
    )


# --- charts ----------------------------------------------------------------------------------


def charts(notebooks: Path) -> Iterator[Chart]:
    """Yield the charts that notebooks draw of an indicator: ``charts.slope(indicators.x(…))``.

    Parameters
    ----------
    notebooks
        Folder of the notebooks; what is no notebook in it is passed by.
    """
    for path in sorted(notebooks.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        for cell in cells:
            if cell.get("cell_type") == "code":
                yield from _drawn(path.stem, "".join(cell.get("source", "")))


def _drawn(notebook: str, source: str) -> Iterator[Chart]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        kind = _called(node, "charts")
        if kind is None or not isinstance(node, ast.Call):
            continue
        for inner in ast.walk(node):
            indicator = _called(inner, "indicators")
            if indicator and isinstance(inner, ast.Call):
                yield Chart(notebook, kind, indicator, _by(inner))


def _called(node: ast.AST, room: str) -> str | None:
    """Name of the function of a room that a call is of: ``charts.slope(…)`` is slope."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
    return node.func.attr if name == room else None


def _by(call: ast.Call) -> tuple[str, ...]:
    for word in call.keywords:
        if word.arg == "by" and isinstance(word.value, ast.Tuple | ast.List):
            names = [n.value for n in word.value.elts if isinstance(n, ast.Constant)]
            return tuple(str(name) for name in names if name != "year")
    return ()


def charts_that_move(moved: Iterable[Moved], drawn: Iterable[Chart]) -> list[Chart]:
    """Return the charts that draw a figure that moves: same indicator, same breakdowns."""
    touched = {(one.indicator, frozenset(one.by)) for one in moved}
    return list(
        dict.fromkeys(one for one in drawn if (one.indicator, frozenset(one.by)) in touched)
    )
