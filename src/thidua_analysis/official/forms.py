"""Official forms of a year: filled from the dataset, written as workbooks as they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.errors import NoDataError
from thidua_analysis.indicators.figure import Lineage
from thidua_analysis.official import crosscheck, fill, form_notes
from thidua_analysis.official.award_notes import of_awards
from thidua_analysis.official.filled import Cell, Check, Filled, Note, Place
from thidua_analysis.official.form_notes import of_movements
from thidua_analysis.official.layout import Layout, layout, layouts
from thidua_analysis.vietnamese.display import Lang

__all__ = [
    "Cell",
    "Check",
    "Filled",
    "Note",
    "form_ids",
    "lineage",
    "official_form",
    "official_forms",
    "write_forms",
    "write_official",
]


def form_ids() -> tuple[str, ...]:
    """Ids of the official forms that can be filled."""
    return tuple(layouts())


def official_form(ds: Dataset, form_id: str, year: int) -> Filled:
    """Fill an official form from the dataset.

    A cell whose sources are all blank, or that no row is about, is empty, not 0; turns (lượt)
    and people are not added; movements are counted once however many members report them.
    Layouts: forms 0601.N, 0602.N, 0603.N of Thông tư 02/2023/TT-BNV as a public
    reimplementation prints them, and the bloc's summary of commendations.

    Parameters
    ----------
    ds
        The dataset; filtered by member it gives the form of those members.
    form_id
        ``0601.N``, ``0602.N``, ``0603.N`` or ``bloc-summary``.
    year
        Year reported on.

    Returns
    -------
    Filled
        Lines, columns and cells with their lineage; notes on what the form cannot show; the
        checks of rows and columns.

    Raises
    ------
    NoDataError
        If nobody reported on the year.
    UsageError
        If there is no such form.
    """
    asked = layout(form_id)
    if year not in ds.years:
        raise NoDataError("no-year", year=year, years=", ".join(map(str, ds.years)))
    rows = fill.rows_of(ds, asked, year)
    counted = sorted({row["counted_as"] for row in rows}, reverse=True)
    columns = fill.columns(ds, asked, rows)
    lines = fill.lines(ds, asked, rows, counted)
    cells = fill.cells(asked, lines, columns, rows)
    filled = Filled(
        layout=_signed(asked, ds),
        year=year,
        unit=_unit(ds),
        counted_as=tuple(counted),
        illustrative=any(row["illustrative"] for row in rows),
        lines=lines,
        columns=columns,
        cells=cells,
        checks=crosscheck.checks(asked, lines, columns, cells, rows, ds.lang),
    )
    return replace(filled, notes=_notes(ds, filled, rows))


def _signed(asked: Layout, ds: Dataset) -> Layout:
    """Return the form with who signs it, in the words of the bloc's kind."""
    signatures = tuple(
        one.model_copy(update={"title": one.title.format(bloc=ds.bloc.called)})
        for one in asked.signatures
    )
    return asked.model_copy(update={"signatures": signatures})


def lineage(filled: Filled) -> dict[Place, Lineage]:
    """Return where each figure of a form comes from, by row code and column id."""
    return {fill: cell.lineage for fill, cell in filled.cells.items() if cell.value is not None}


def write_official(ds: Dataset, year: int, folder: Path) -> list[Path]:
    """Write all official forms of a year, one workbook each.

    Each workbook holds the form in its printed layout, the same figures as a plain table that
    screen readers can read, and the notes.

    Parameters
    ----------
    ds
        The dataset.
    year
        Year reported on.
    folder
        Where to write; made if it is missing, files of the same name are replaced.

    Returns
    -------
    list of Path
        ``0601N-2023.xlsx``, ``0602N-2023.xlsx``, ``0603N-2023.xlsx``,
        ``tong-hop-khen-thuong-2023.xlsx``.

    Raises
    ------
    NoDataError
        If nobody reported on the year.
    UsageError
        If a file cannot be written.
    """
    return write_forms(official_forms(ds, year), folder, ds.lang)


def official_forms(ds: Dataset, year: int) -> tuple[Filled, ...]:
    """Fill every official form of a year; see `official_form`."""
    return tuple(official_form(ds, form_id, year) for form_id in form_ids())


def write_forms(forms: Iterable[Filled], folder: Path, lang: Lang = "vi") -> list[Path]:
    """Write filled forms, one workbook each; see `write_official`.

    Raises
    ------
    UsageError
        If a file cannot be written.
    """
    from thidua_analysis.official.printed import write

    return [write(form, folder, lang) for form in forms]


def _unit(ds: Dataset) -> str:
    """Who reports: the bloc, or the members that the dataset was filtered to."""
    if len(ds.members) == len(ds.bloc.members):
        return ds.bloc.name
    return ", ".join(ds.bloc.member(member).name for member in ds.members)


def _notes(ds: Dataset, filled: Filled, rows: tuple[Record, ...]) -> tuple[Note, ...]:
    told = form_notes.Told(ds, filled, rows, fill.table_rows(ds, filled.layout, filled.year))
    own = of_awards if filled.layout.table == "commendations" else of_movements
    return (*form_notes.general(told), *own(told))
