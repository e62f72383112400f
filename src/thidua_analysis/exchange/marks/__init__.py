"""Marking cells in a sender's own workbook: the package is edited, never written anew."""

from thidua_analysis.exchange.marks.markup import UnmarkableError
from thidua_analysis.exchange.marks.workbook import Mark, mark, threaded

__all__ = ["Mark", "UnmarkableError", "mark", "threaded"]
