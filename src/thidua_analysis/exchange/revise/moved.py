"""The figures and charts that move when one file of a member stands in the place of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from thidua_analysis import drawn, pipeline, register, revisions, withdrawals
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


class Moves(NamedTuple):
    """The figures that move, and the charts that draw one of them; see `drawn.moves`."""

    figures: list[Moved]
    charts: list[dict[str, Any]]


def moves(
    data: Path, before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi"
) -> Moves:
    """Return each figure and chart of the year's reports that moves.

    Parameters
    ----------
    data
        The data folder: what the other members sent stands beside both files; the notebooks lie
        beside it.
    before, after
        Two files of one member and year.
    bloc
        The members.
    lang
        Language of the labels.
    """
    if after.year is None:
        return Moves([], [])
    others = tuple(_others(data, after, bloc))
    old, new = (
        Dataset.of([*others, replace(one, path=_place(one))], bloc, lang) for one in (before, after)
    )
    notebooks = data.resolve().parent / "notebooks"
    return Moves(_figures(old, new, after.year), drawn.moves(old, new, notebooks, after.year))


def figures_that_move(
    data: Path, before: Submission, after: Submission, bloc: Bloc, lang: Lang = "vi"
) -> list[Moved]:
    """Return each figure of the year's reports that moves, with its text before and after.

    See `moves`.
    """
    return moves(data, before, after, bloc, lang).figures


def _figures(before: Dataset, after: Dataset, year: int) -> list[Moved]:
    old, new = (
        {f["id"]: f for f in (register.figures(ds, year) if year in ds.years else ())}
        for ds in (before, after)
    )
    return [
        _moved(old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if register.differ(old.get(name), new.get(name))
    ]


def _place(submission: Submission) -> str:
    """Path under which both files stand in the data: the same, so that only values differ."""
    return f"{submission.year}/{submission.member or 'khoi'}.xlsx"


def _others(data: Path, one: Submission, bloc: Bloc) -> Iterator[Submission]:
    """Return the files that count of this year and the one before, but those of the same chain."""
    years = {str(one.year), str((one.year or 0) - 1)}
    paths = [path for path in pipeline.raw_files(data) if path.parent.name in years]
    read = pipeline.read_all(data, paths, bloc, FileReader.of(data))
    for placed in revisions.place(read, withdrawn=withdrawals.read(data)):
        if placed.used and _chain(placed.submission) != _chain(one):
            yield placed.submission


def _chain(submission: Submission) -> tuple[object, ...]:
    form = forms().get(submission.form or "")
    return form.kind if form else None, submission.member, submission.year


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
