"""Reading one column by the type of its field."""

from __future__ import annotations

from collections.abc import Mapping

from thidua_analysis.submission import number_columns
from thidua_analysis.submission.columns import Task, report_marked
from thidua_analysis.submission.date_columns import read_dates
from thidua_analysis.submission.number_columns import read_numbers
from thidua_analysis.submission.text_columns import read_texts


def read_column(task: Task, marked: Mapping[int, str | None]) -> None:
    """Fill the values of a column, and report what cannot be read.

    Parameters
    ----------
    task
        The column.
    marked
        Positions of the cells that show an error, with it, or lack their result.
    """
    task = report_marked(task, marked)
    if number_columns.reads(task.asked.type):
        read_numbers(task)
    elif task.asked.type == "date":
        read_dates(task)
    else:
        read_texts(task)
