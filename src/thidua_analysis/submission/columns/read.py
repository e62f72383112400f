"""Reading one column by the type of its field."""

from __future__ import annotations

from collections.abc import Mapping

from thidua_analysis.submission.columns import numbers
from thidua_analysis.submission.columns.dates import read_dates
from thidua_analysis.submission.columns.numbers import read_numbers
from thidua_analysis.submission.columns.task import Task, report_marked
from thidua_analysis.submission.columns.texts import read_texts


def read_column(task: Task, marked: Mapping[int, str]) -> None:
    """Fill the values of a column, and report what cannot be read.

    Parameters
    ----------
    task
        The column.
    marked
        Positions of the cells whose value cannot be taken, with the code of their finding.
    """
    task = report_marked(task, marked)
    if numbers.reads(task.asked.type):
        read_numbers(task)
    elif task.asked.type == "date":
        read_dates(task)
    else:
        read_texts(task)
