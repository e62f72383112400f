"""Which cells a figure comes from, and which figures a cell feeds."""

from __future__ import annotations

from typing import Any

import pandas as pd

from thidua_analysis import register
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators.lineage import Lineage
from thidua_analysis.lineage import COLUMNS, cells, fields_of, uses


def trace(figure: pd.Series | str, ds: Dataset | None = None) -> pd.DataFrame:
    """Return the cells that a figure was computed from.

    Parameters
    ----------
    figure
        A row of a frame of figures, or the id of a figure.
    ds
        The dataset; needed for an id only.

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
        If there is no figure with this id.
    """
    if isinstance(figure, str):
        if ds is None:
            raise UsageError("figure-without-data", id=figure)
        figure = register.find(ds, figure)
    found: Lineage = figure["lineage"]
    source = ds or found.ds
    rows = list(cells(source, found)) if source is not None else []
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def feeds(ds: Dataset, file: str, sheet: str, cell: str) -> list[dict[str, Any]]:
    """Return the figures that are computed from a cell; see `register.figures`.

    Parameters
    ----------
    ds
        The dataset.
    file
        Path of the file below ``data/raw``.
    sheet, cell
        Where the cell is, such as ``"Chỉ tiêu"`` and ``"G7"``.

    Raises
    ------
    UsageError
        If nothing was stored from such a cell.
    """
    stored = fields_of(ds, file, sheet, cell)
    if not stored:
        raise UsageError("cell-unknown", file=file, cell=f"{sheet}!{cell}".lstrip("!"))
    years = {row["year"] for row in ds.records("submissions") if row["file"] == file}
    return [
        record
        for year in sorted(years & set(ds.years))
        for frame in register.frames(ds, year)
        for record in register.records(ds, frame[[uses(one, stored) for one in frame["lineage"]]])
    ]
