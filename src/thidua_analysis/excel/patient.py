"""A slower reader of .xlsx values, for workbooks that pass the gate and that calamine refuses."""

from __future__ import annotations

import datetime as dt
import re

from thidua_analysis.excel.cells import Value, position
from thidua_analysis.excel.contents import damaged_cell
from thidua_analysis.excel.markup import parse
from thidua_analysis.excel.number_formats import from_serial, to_number
from thidua_analysis.excel.prescan import SheetScan
from thidua_analysis.excel.shared_strings import SharedStrings, decode_escapes
from thidua_analysis.excel.styles import Styles

_INDEX = re.compile(r"[0-9]{1,9}")
_LONGEST_ERROR = 40
_TRUTH = {"1": True, "true": True, "0": False, "false": False}


def read_patiently(
    scan: SheetScan, sheet: str, styles: Styles, strings: SharedStrings, date_1904: bool
) -> list[list[Value]]:
    """Read the values of one sheet from its markup.

    One cell that cannot be understood does not cost the whole workbook: a date in the year
    9999999 is given as the number that stands there, a truth value of 2 becomes an error of the
    scan, and the rules for values report it.

    Parameters
    ----------
    scan
        The sheet as scanned; errors are added to it.
    sheet
        Name of the sheet, for messages.
    styles, strings
        Styles and shared strings of the workbook.
    date_1904
        Whether dates count from 1904.

    Returns
    -------
    list of rows
        From row 1 and column A on.

    Raises
    ------
    Refusal
        If the markup is not well formed or a cell refers to a string that is not there.
    """
    reader = _Reader(scan, sheet, styles, strings, date_1904)
    # rows may carry attributes whose prefix is bound outside of what was scanned
    parse(
        b"<sheetData>" + scan.body + b"</sheetData>",
        "sheet",
        reader.start,
        reader.end,
        reader.text,
        separator=None,
    )
    return reader.rows


class _Reader:
    """Collects one cell at a time while expat reads."""

    def __init__(
        self, scan: SheetScan, sheet: str, styles: Styles, strings: SharedStrings, date_1904: bool
    ) -> None:
        self._sheet, self._errors = sheet, scan.errors
        self.rows: list[list[Value]] = [[""] * scan.columns for _ in range(scan.rows)]
        self._styles, self._strings, self._date_1904 = styles, strings, date_1904
        self._cell: dict[str, str] = {}
        self._pieces: list[str] = []
        self._listening = False
        self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell, self._pieces = attributes, []
        elif tag == "rPh":
            self._phonetic = True
        self._listening = tag in ("v", "t") and not self._phonetic

    def text(self, text: str) -> None:
        if self._listening:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        self._listening = False
        if tag == "rPh":
            self._phonetic = False
        elif tag == "c" and self._pieces:
            row, column = position(self._cell["r"])
            self.rows[row - 1][column - 1] = self._value("".join(self._pieces))

    def _value(self, text: str) -> Value:
        kind = self._cell.get("t", "n")
        if kind == "s":
            return self._shared(text)
        if kind in ("str", "inlineStr"):
            return decode_escapes(text)
        if kind == "d":
            return _iso_date(text.strip())
        if kind == "b":
            return self._truth(text.strip())
        return "" if kind == "e" else self._number(text)

    def _truth(self, text: str) -> Value:
        """A truth value; one that is none is no number either."""
        truth = _TRUTH.get(text.lower())
        if truth is None:
            self._errors[position(self._cell["r"])] = text[:_LONGEST_ERROR]
        return "" if truth is None else truth

    def _shared(self, text: str) -> str:
        index = int(text) if _INDEX.fullmatch(text) else -1
        if not 0 <= index < len(self._strings.items):
            raise damaged_cell(self._sheet, self._cell["r"])
        return self._strings.text(index)

    def _number(self, text: str) -> Value:
        number = to_number(text)
        if number is None:
            return text
        code = self._styles.code(int(self._cell.get("s", "0")))
        return from_serial(number, code, self._date_1904)


def _iso_date(text: str) -> Value:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if "T" in text else moment.date()
