"""Workbook, Sheet and Cell: what a spreadsheet holds, with addresses, and words for an error."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Value = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Position = tuple[int, int]
#: text of a cell as (text, font name) pieces
Runs = tuple[tuple[str, str | None], ...]


@lru_cache(maxsize=1 << 14)
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 28 is AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the address of a position counted from 1: (7, 7) is G7."""
    return f"{column_letters(column)}{row}"


@lru_cache(maxsize=1 << 14)
def column_number(letters: str) -> int:
    """Return the number of a column from its letters: AB is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def position(reference: str) -> Position:
    """Return the position of a plain address: G7 is (7, 7)."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), column_number(letters)


def is_blank(value: Value) -> bool:
    """Whether a cell holds nothing: spaces are nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, all four bounds counted from 1 and included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its address; ``row`` and ``column`` count from 1."""

    sheet: str
    row: int
    column: int
    value: Value

    @property
    def address(self) -> str:
        """Address within the sheet, such as ``G7``."""
        return address(self.row, self.column)

    @property
    def ref(self) -> str:
        """Address within the workbook, such as ``Chỉ tiêu!G7``."""
        return f"{self.sheet}!{self.address}"


@dataclass(slots=True, eq=False)
class Sheet:
    """One sheet: values by position, and what the values alone do not show.

    ``rows[r - 1][c - 1]`` is the value of the cell in row r, column c; blank is ``""`` or None;
    the lists need not be of equal length. All positions elsewhere count from 1. The reader of a
    format fills it; after that nothing changes it.
    """

    name: str
    rows: list[list[Value]] = field(default_factory=list)
    hidden: bool = False
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    #: cells that show an error, with its text ("#REF!"): their value is blank
    errors: dict[Position, str] = field(default_factory=dict)
    #: formulas without a stored result, or whose result the program must recompute
    uncalculated: set[Position] = field(default_factory=set)
    #: cells with a percent number format: 0.7 shows as 70 %
    percents: set[Position] = field(default_factory=set)
    #: cells whose number format shows another value than they store, or none: 5 for −5
    unlike: set[Position] = field(default_factory=set)
    #: what the file stores where ``rows`` holds what its number format shows: "48,5 tỷ đồng"
    stored: dict[Position, Value] = field(default_factory=dict)
    #: number format codes of date cells and other cells with a format of their own
    formats: dict[Position, str] = field(default_factory=dict)
    #: what cells under merged ranges hold, which nobody sees; `rows` has nothing of it
    covered: dict[Position, Value] = field(default_factory=dict)
    #: font names of texts, which tell the legacy encodings apart
    fonts: dict[Position, str] = field(default_factory=dict)
    #: rich text: only of cells with more than one font
    runs: dict[Position, Runs] = field(default_factory=dict)

    def value(self, row: int, column: int) -> Value:
        """Value at a position counted from 1; None outside the sheet."""
        if row < 1 or column < 1 or row > len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if column <= len(cells) else None

    def fault(self, row: int, column: int) -> str | None:
        """Code of the finding on a cell whose value cannot be taken for what it shows."""
        at = row, column
        if at in self.errors:
            return "formula-error"
        if at in self.uncalculated:
            return "formula-not-calculated"
        return "number-display" if at in self.unlike else None

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a position counted from 1."""
        return Cell(self.name, row, column, self.value(row, column))

    def filled(self) -> Iterator[Cell]:
        """All cells that hold a value, row by row."""
        for r, cells in enumerate(self.rows, 1):
            for c, value in enumerate(cells, 1):
                if value is not None and value != "":
                    yield Cell(self.name, r, c, value)


@dataclass(frozen=True, slots=True, eq=False)
class Workbook:
    """All sheets of a file that passed the gate."""

    sheets: tuple[Sheet, ...]
    #: serial dates count from 1904
    date_1904: bool = False
    #: other workbooks that cells of an .ods or .xls workbook refer to
    links: tuple[str, ...] = ()
    #: formats, fonts and errors are known beside the values
    has_facts: bool = True


#: Longer texts are no word for an error.
_LONGEST_WORD = 40
#: What error words begin with; all other texts are passed over.
_MAY_BE = re.compile(r"[\s=]*(?:[#＃]|err|l[oỗ]|đang t|calc)", re.IGNORECASE)
#: Words by which Excel, LibreOffice and Google Sheets show that a cell has no value.
_WORDS = re.compile(
    r"=?#(?:N/?A|NV|N/D|NAME|REF|DIV/0|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|UNKNOWN|CONNECT"
    r"|BUSY|EXTERNAL|PYTHON|TIMEOUT|ERROR|GETTING_DATA)[!?]?"
    r"|#{3,}|(?:err|lỗi): ?[0-9]{3}"
    r"|(?:loading|đang tải)(?: dữ liệu)?\.*|(?:calculating|đang tính)\.{2,}",
    re.IGNORECASE,
)
#: The same in the language of a program: "#TÊN?", "#WERT!", "#¿NOMBRE?".
_LOCAL_WORD = re.compile(r"=?#[¡¿]?[^\W\d_]{2,20}(?:[ _/][^\W\d_]{1,20})? ?[!?]")


def error_word(text: str) -> str | None:
    """Return the error that a text spells ("Err:502"), None if it is another text."""
    if len(text) > _LONGEST_WORD or not _MAY_BE.match(text):
        return None
    word = " ".join(unicodedata.normalize("NFKC", text).split())
    local = word.isupper() and _LOCAL_WORD.fullmatch(word)
    return word if local or _WORDS.fullmatch(word) else None
