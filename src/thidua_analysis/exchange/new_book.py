"""New workbooks: text from submissions is never a formula, and all sheets look alike."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Self

from thidua_analysis.excel import Sheet, Workbook
from thidua_analysis.excel.cells import Merge
from thidua_analysis.findings import UsageError
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import is_risky

Value = str | int | float | Decimal | bool | dt.date | dt.time | dt.timedelta | None
Style = dict[str, Any]

_LONGEST_CELL = 32_767
DATE_FORMAT = "dd/mm/yyyy"
#: Errors of Excel, and a formula that gives each.
_ERRORS = {
    "#N/A": "=NA()",
    **{e: f"={e}" for e in ("#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")},
}
#: how times are shown, by their type
_TIMES = {dt.datetime: f"{DATE_FORMAT} hh:mm:ss", dt.time: "hh:mm:ss", dt.timedelta: "[h]:mm:ss"}
#: The first year of which Excel knows the days.
_FIRST_YEAR = 1900

_LINE = "#BFBFBF"
_FONT: Style = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
TITLE: Style = {**_FONT, "bold": True, "font_size": 16, "font_color": "#12436D"}
PLAIN: Style = {**_FONT, "text_wrap": True}
STRONG: Style = {**PLAIN, "bold": True}
LABEL: Style = {**STRONG, "border": 1, "border_color": _LINE, "bg_color": "#E7EDF3"}
LINK: Style = {**STRONG, "font_color": "#12436D", "underline": 1}
HEADING: Style = {
    **STRONG, "font_color": "#FFFFFF", "bg_color": "#12436D", "border": 1, "border_color": _LINE,
    "align": "center", "valign": "vcenter", "locked": True,
}  # fmt: skip
INPUT: Style = {**PLAIN, "border": 1, "border_color": _LINE}
PAST: Style = {**PLAIN, "bg_color": "#EDEDED", "font_color": "#3D3D3D"}
PAST_HEADING: Style = {**PAST, "bold": True, "align": "center", "valign": "vcenter"}
CONTRADICTION: Style = {"bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True}
#: points of one line of text
LINE_HEIGHT = 16.5
#: Vietnamese separators wherever the program can choose them by the cell.
VIETNAMESE = "[$-42A]"
_HEADING_CHARACTERS = re.compile(r"[&\r\n]")


class Paper(NamedTuple):
    """A sheet of paper: its number, how it lies, and the characters between its margins."""

    number: int
    landscape: bool
    characters: float
    #: rows of one line that it has room for
    rows: int


#: What columns may lose: their text wraps.
_NARROWER = 0.77
#: A4 upright and on its side, and A3 for what is wider.
PAPERS = (Paper(9, False, 96, 32), Paper(9, True, 140, 16), Paper(8, True, 200, 26))


class Book:
    """A new .xlsx workbook in which text is text, numbers are numbers and dates are dates.

    On leaving it is saved where there is a path, see `save`; ``content`` holds its bytes then.

    Examples
    --------
    >>> with Book() as book:
    ...     sheet = book.file.add_worksheet("Số liệu")
    ...     book.put(sheet, 0, 0, "=1+1", bold=True)
    >>> book.content[:2]
    b'PK'
    """

    def __init__(
        self, path: Path | None = None, title: str = "", font: tuple[str, int] = ("Calibri", 11)
    ) -> None:
        """Make a workbook; the widths of columns are told in digits of the font."""
        import xlsxwriter

        self.path, self.content, self._buffer = path, b"", BytesIO()
        self.file = xlsxwriter.Workbook(
            self._buffer,
            {
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "in_memory": True,
                "default_format_properties": {"font_name": font[0], "font_size": font[1]},
            },
        )
        self.file.set_properties({"title": title})
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.file.close()
            self.content = self._buffer.getvalue()
            if self.path:
                save(self.path, self.content)

    def style(self, **properties: Any) -> Any:
        """Return the cell format with these properties of XlsxWriter; the same ones share it."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.file.add_format(dict(key))
        return self._styles[key]

    def put(self, sheet: Any, row: int, column: int, value: Value, **style: Any) -> None:
        """Write one value by its type, with properties of the cell format.

        Rows and columns count from 0. None and NaN leave a blank cell with the style.
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
            fits = len(value) <= _LONGEST_CELL
            shortened = value if fits else value[: _LONGEST_CELL - 1] + "…"
            sheet.write_string(row, column, shortened, self.style(**guarded))

    def put_wrong(self, sheet: Any, row: int, column: int, error: str | None, **style: Any) -> None:
        """Write a cell that shows an error, or that holds a formula without a result (None).

        An error that Excel does not know stays the word for it.
        """
        if error is None:
            sheet.write_formula(row, column, "=NA()", self.style(**style), "")
        elif error in _ERRORS:
            sheet.write_formula(row, column, _ERRORS[error], self.style(**style), error)
        else:
            self.put(sheet, row, column, error, **style)


def of_type(kind: str) -> Style:
    """Return the number format of a type of fields.

    Text is text, so that Excel does not make a date of "1-2" or "25/82". Numbers stay without a
    format: in a formatted cell a typed "3/7" would become the number of a day, without one it
    becomes a date, which the reader notices.
    """
    if kind == "date":
        return {"num_format": DATE_FORMAT, "align": "left"}
    if kind in ("count", "number", "money", "score"):
        return {}
    return {"num_format": "0" if kind == "year" else "@"}


def to_read(kind: str, value: object) -> Style:
    """Return the number format of a value that is there to be read, not typed."""
    if isinstance(value, int):
        return {} if kind == "year" else {"num_format": f"{VIETNAMESE}#,##0"}
    if isinstance(value, float | Decimal):
        return {"num_format": f"{VIETNAMESE}#,##0.0##"}
    return of_type(kind)


def lines(words: object, characters: float) -> int:
    """Return the lines that a text fills in a cell so many characters wide."""
    return max(1, math.ceil(len(str(words or "")) * 1.2 / (characters - 1.5)))


def height(words: object, characters: float) -> float:
    """Return the height in points that a text needs in a cell so many characters wide."""
    return lines(words, characters) * LINE_HEIGHT


def paper_for(widths: Iterable[float], *, upright: bool) -> Paper:
    """Return the smallest paper that columns so wide fit on when they are a little narrower."""
    total = sum(widths) * _NARROWER
    papers = PAPERS if upright else PAPERS[1:]
    return next((paper for paper in papers if total <= paper.characters), papers[-1])


def filled(widths: Mapping[str, float], paper: Paper, least: float) -> dict[str, float]:
    """Return widths in proportion that fill a paper, none below the least, none twice as wide."""
    share = min(1.8, (paper.characters - len(widths)) / sum(widths.values()))
    return {name: max(least, round(width * share, 1)) for name, width in widths.items()}


def print_on(paper: Paper, sheet: Any, area: tuple[int, int, int, int]) -> None:
    """Set up a sheet for a paper, one page wide, with room for heads and signatures."""
    sheet.set_paper(paper.number)
    if paper.landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.5, right=0.5, top=1.15, bottom=1.75)
    sheet.print_area(*area)


def running_heads(sheet: Any, unit: str, title: str, left: str, right: str) -> None:
    """Write what stands on every printed page: unit and title above, who signs below.

    They are no cells: nobody types over them, and the reader sees none of them. Letters keep
    their size where the sheet is made smaller.
    """
    as_large = {"margin": 0.35, "scale_with_doc": False}
    title = f"\n&14&B{title}"
    # in one column, because some programs drop an empty first line: long names would collide
    unit = f"&C&12{_HEADING_CHARACTERS.sub(' ', unit)}"[: 255 - len(title)]
    sheet.set_header(unit + title, as_large)
    sheet.set_footer(f"&L&11{left}&R&11{right}"[:255], as_large)


def save(path: Path, content: bytes) -> Path:
    """Write a file into a folder that is made where there is none; refuse one that is locked."""
    with writing(path):
        write_file(path, content)
    return path


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Refuse what cannot be written, by its own name where that is known."""
    try:
        yield
    except OSError as error:
        raise UsageError("output-locked", path=error.filename or str(path)) from error


def converted(workbook: Workbook) -> bytes:
    """Return the values of a workbook as .xlsx.

    Sheets keep their names, order and hidden state, cells their addresses, merges, number
    formats and fonts as far as these were read.
    """
    with Book() as book:
        for sheet in workbook.sheets:
            _write_sheet(book, sheet)
    return book.content


def _write_sheet(book: Book, sheet: Sheet) -> None:
    target = book.file.add_worksheet(sheet.name)

    def put(row: int, column: int, value: Any) -> None:
        shown = None if value == "" else value
        book.put(target, row - 1, column - 1, shown, **_style(sheet, row, column))

    for cell in sheet.filled():
        put(cell.row, cell.column, sheet.stored.get((cell.row, cell.column), cell.value))
    for merge in sheet.merges:
        _merge(book, target, merge)
        first = merge.top, merge.left
        put(*first, sheet.stored.get(first, sheet.value(*first)))
    for (row, column), covered in sheet.covered.items():
        put(row, column, covered)
    for row, column in sheet.errors.keys() | sheet.uncalculated:
        error = sheet.errors.get((row, column))
        book.put_wrong(target, row - 1, column - 1, error, **_style(sheet, row, column))
    for row in sheet.hidden_rows:
        target.set_row(row - 1, None, None, {"hidden": True})
    target.autofit(max_width=300)
    for column in sheet.hidden_columns:
        target.set_column(column - 1, column - 1, None, None, {"hidden": True})
    if sheet.hidden:
        target.hide()


def _merge(book: Book, target: Any, merge: Merge) -> None:
    """Merge a range; one that lies over another, as Excel has none, is left out."""
    from xlsxwriter.exceptions import OverlappingRange

    bounds = merge.top - 1, merge.left - 1, merge.bottom - 1, merge.right - 1
    if bounds[:2] != bounds[2:]:
        with suppress(OverlappingRange):
            target.merge_range(*bounds, "", book.style())


def _style(sheet: Sheet, row: int, column: int) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
    if code := sheet.formats.get((row, column)):
        style["num_format"] = code
    if font := sheet.font(row, column):
        style["font_name"] = font
    return style
