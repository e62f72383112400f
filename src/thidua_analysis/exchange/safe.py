"""Workbooks in which text from submissions is never a formula, always as typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from thidua_analysis.csv_text import is_risky
from thidua_analysis.errors import UsageError

Value = str | int | float | Decimal | bool | dt.date | dt.time | dt.timedelta | None

_LONGEST_CELL = 32_767
DATE_FORMAT = "dd/mm/yyyy"
#: Errors of Excel, and a formula that gives each.
_ERRORS = {
    "#N/A": "=NA()",
    "#NAME?": "=#NAME?",
    "#REF!": "=#REF!",
    "#VALUE!": "=#VALUE!",
    "#DIV/0!": "=#DIV/0!",
    "#NUM!": "=#NUM!",
    "#NULL!": "=#NULL!",
}
#: how times are shown, by their type
_TIMES = {dt.datetime: f"{DATE_FORMAT} hh:mm:ss", dt.time: "hh:mm:ss", dt.timedelta: "[h]:mm:ss"}
#: The first year of which Excel knows the days.
_FIRST_YEAR = 1900


class Book:
    """A new .xlsx workbook in which text is text, numbers are numbers and dates are dates.

    Parameters
    ----------
    path
        File to write; its folder is made.
    title
        Title in the document's properties.

    Raises
    ------
    UsageError
        On leaving, if the file cannot be written (often: it is open in Excel).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Book(Path(folder) / "a.xlsx") as book:
    ...     sheet = book.file.add_worksheet("Số liệu")
    ...     book.put(sheet, 0, 0, "=1+1", bold=True)
    """

    def __init__(self, path: Path, title: str = "") -> None:
        import xlsxwriter

        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.file = xlsxwriter.Workbook(
            str(path),
            {
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "in_memory": True,
            },
        )
        self.file.set_properties({"title": title})
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()

    def close(self) -> None:
        """Write the file."""
        from xlsxwriter.exceptions import FileCreateError

        try:
            self.file.close()
        except (FileCreateError, OSError) as error:
            raise UsageError("output-locked", path=str(self.path)) from error

    def style(self, **properties: Any) -> Any:
        """Return the cell format with these properties of XlsxWriter; the same ones share it."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.file.add_format(dict(key))
        return self._styles[key]

    def put(self, sheet: Any, row: int, column: int, value: Value, **style: Any) -> None:
        """Write one value by its type; rows and columns count from 0.

        Parameters
        ----------
        sheet
            A worksheet of ``file``.
        row, column
            Place of the cell.
        value
            What to write; None and NaN leave a blank cell with the style.
        **style
            Properties of the cell format.
        """
        if value is None or value != value:
            sheet.write_blank(row, column, None, self.style(**style))
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self.style(**style))
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, column, value, self.style(**style))
        elif isinstance(value, dt.date) and value.year < _FIRST_YEAR:
            sheet.write_string(row, column, value.strftime("%d/%m/%Y"), self.style(**style))
        elif isinstance(value, dt.date | dt.time | dt.timedelta):
            shown = {"num_format": _TIMES.get(type(value), DATE_FORMAT), **style}
            sheet.write_datetime(row, column, value, self.style(**shown))
        else:
            # the prefix keeps the text a text when somebody edits the cell
            guarded = {"quote_prefix": True, **style} if is_risky(value) else style
            sheet.write_string(row, column, _fitting(value), self.style(**guarded))

    def put_wrong(self, sheet: Any, row: int, column: int, error: str | None, **style: Any) -> None:
        """Write a cell that shows an error, or that holds a formula without a result.

        Parameters
        ----------
        sheet, row, column, **style
            As for `put`.
        error
            What it shows; None for a formula that was not computed. An error that Excel does not
            know stays the word for it.
        """
        if error is None:
            sheet.write_formula(row, column, "=NA()", self.style(**style), "")
        elif error in _ERRORS:
            formula = _ERRORS[error]
            sheet.write_formula(row, column, formula, self.style(**style), error)
        else:
            self.put(sheet, row, column, error, **style)


def _fitting(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
