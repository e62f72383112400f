"""One submitted file → its tidy rows and everything that is wrong or remarkable in it."""

from thidua_analysis.submission.reading import read_bytes, read_file
from thidua_analysis.submission.rows import Note, Row, Submission

__all__ = ["Note", "Row", "Submission", "read_bytes", "read_file"]
