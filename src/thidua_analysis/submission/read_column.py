"""Reading one column by the type of its field."""

from __future__ import annotations

from collections.abc import Mapping

from thidua_analysis.submission import number_columns
from thidua_analysis.submission.columns import Task, take_marked
from thidua_analysis.submission.date_columns import read_dates
from thidua_analysis.submission.number_columns import read_numbers
from thidua_analysis.submission.text_columns import read_texts


def read_column(task: Task, marked: Mapping[int, int]) -> None:
    """Fill the values of a column, and report what cannot be read.

    Parameters
    ----------
    task
        The column.
    marked
        Row number → position of its cells that show an error or lack a result.
    """
    filled = take_marked(task, marked)
    if not filled:
        return
    if number_columns.reads(task.asked.type):
        read_numbers(task, filled)
    elif task.asked.type == "date":
        read_dates(task, filled)
    else:
        read_texts(task, filled)
