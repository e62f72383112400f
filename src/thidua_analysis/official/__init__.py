"""The official forms 0601 to 0603 and the summary of the bloc: filled, and written as workbooks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from thidua_analysis.charts.wording import whose
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import NoDataError
from thidua_analysis.official.crosscheck import checks
from thidua_analysis.official.fill import Filled, cells, columns, lines, rows_of, table_rows
from thidua_analysis.official.layout import layout, layouts
from thidua_analysis.official.notes import Told, all_notes
from thidua_analysis.vietnamese.display import Lang


def form_ids() -> tuple[str, ...]:
    """Ids of the official forms that can be filled."""
    return tuple(layouts())


def official_form(ds: Dataset, form_id: str, year: int) -> Filled:
    """Fill an official form from the dataset, filtered by member for the form of those members.

    A cell whose sources are all blank, or that no row is about, is empty, not 0; turns (lượt)
    and people are not added; movements are counted once however many members report them.
    Layouts: forms 0601.N, 0602.N, 0603.N of Thông tư 02/2023/TT-BNV as a public
    reimplementation prints them, and the bloc's summary of commendations.

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
    rows = rows_of(ds, asked, year)
    counted = sorted({row["counted_as"] for row in rows}, reverse=True)
    across, down = columns(ds, asked, rows), lines(ds, asked, rows, counted)
    found = cells(asked, down, across, rows)
    filled = Filled(
        layout=asked.signed_by(ds.bloc.called),
        year=year,
        unit=whose(ds),
        counted_as=tuple(counted),
        illustrative=any(row["illustrative"] for row in rows),
        lines=down,
        columns=across,
        cells=found,
        checks=checks(asked, down, across, found, rows, ds.lang),
    )
    told = Told(ds, filled, rows, table_rows(ds, asked, year))
    return replace(filled, notes=tuple(all_notes(told)))


def official_forms(ds: Dataset, year: int) -> tuple[Filled, ...]:
    """Fill every official form of a year; see `official_form`."""
    return tuple(official_form(ds, form_id, year) for form_id in form_ids())


def write_forms(forms: Iterable[Filled], folder: Path, lang: Lang = "vi") -> list[Path]:
    """Write filled forms, one workbook each, into a folder that is made if it is missing.

    A workbook holds the form in its printed layout, the same figures as a plain table that
    screen readers can read, and the notes. Files of the same name are replaced.

    Raises
    ------
    UsageError
        If a file cannot be written.
    """
    from thidua_analysis.official.printed import write

    return [write(form, folder, lang) for form in forms]
