"""The board of a data folder as it is today."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from thidua_analysis import pipeline, receipts
from thidua_analysis.bloc import load_bloc
from thidua_analysis.board import Board, board
from thidua_analysis.errors import NoDataError
from thidua_analysis.revisions import folder_year
from thidua_analysis.sent import sent_files


def status(data: Path, year: int | None = None, *, today: dt.date | None = None) -> Board:
    """Return the board.

    Parameters
    ----------
    data
        The data folder; it is built first where anything has changed.
    year
        Only this year; by default every year of which a file or a folder is there.
    today
        The day from which a deadline has passed.

    Raises
    ------
    NoDataError
        If there is nothing to show.
    """
    bloc, days = load_bloc(data), receipts.read(data)
    files = sent_files(pipeline.build(data).manifest) if pipeline.raw_files(data) else ()
    years = [year] if year else sorted({*_folders(data), *(f.about for f in files if f.about)})
    if not years:
        raise NoDataError("no-files", folder=str(data / "raw"))
    spare = [file for file in pipeline.not_read(data) if folder_year(file) in (*years, None)]
    return board(files, bloc, days, years, today or dt.date.today(), spare)


def _folders(data: Path) -> set[int]:
    names = (path.name for path in (data / "raw").glob("*") if path.is_dir())
    return {int(name) for name in names if name.isdecimal() and len(name) == 4}
