"""What a spreadsheet holds, with addresses; how much it may hold, and how a file is refused."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache

from thidua_analysis.findings import ConfigError, Finding, finding

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
    #: font names of texts, which tell the legacy encodings apart: see `font`
    fonts: dict[Position, str] = field(default_factory=dict)
    #: the font of texts of which ``fonts`` says nothing
    usual_font: str | None = None
    #: rich text: only of cells with more than one font
    runs: dict[Position, Runs] = field(default_factory=dict)

    def value(self, row: int, column: int) -> Value:
        """Value at a position counted from 1; None outside the sheet."""
        if row < 1 or column < 1 or row > len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if column <= len(cells) else None

    def font(self, row: int, column: int) -> str | None:
        """Name of the font of a text, where it is known."""
        value, own = self.value(row, column), self.fonts.get((row, column))
        is_usual = own is None and isinstance(value, str) and value
        return (self.usual_font if is_usual else own) or None

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


def error_words(texts: Iterable[str]) -> dict[str, str]:
    """Return those of many texts that spell an error, with the error."""
    found = ((text, error_word(text)) for text in filter(_MAY_BE.match, texts))
    return {text: word for text, word in found if word}


#: Less than this and the worker cannot even start its interpreter.
_WORKER_MINIMUM = 256 * 1024**2
#: Names within a file may be as long as their author likes.
_LONGEST, _LONGEST_SHEET, _MOST_NAMES = 200, 100, 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a workbook must keep; the defaults pass every honest file that was measured.

    Parameters
    ----------
    file_bytes
        Size of the file as sent.
    members
        Members of a zip container.
    part_bytes, total_bytes
        Inflated size of one member and of all, counted while inflating.
    ratio, ratio_from_bytes
        Inflated size over compressed size, looked at only above this inflated size: honest
        small parts reach 121.
    sheets
        Sheets of a workbook.
    cells
        Cells of a workbook: the sum over its sheets of last row times last column.
    string_characters
        Characters of one shared string; Excel itself stores no more than 32,767.
    text_characters
        Characters of all text cells together, each reference to a shared string counted.
    merges
        Merged ranges of a workbook.
    rewritten_bytes
        Size of a part in unusual markup, which must be read tag by tag.
    worker_seconds, worker_bytes
        Wall time and address space of the process that reads ``.xls`` and ``.xlsb``; ``.ods`` is
        read in the same time.

    Raises
    ------
    ConfigError
        If a bound is no positive whole number, or the bounds contradict each other.
    """

    file_bytes: int = 100_000_000
    members: int = 1_000
    part_bytes: int = 200_000_000
    total_bytes: int = 500_000_000
    ratio: int = 100
    ratio_from_bytes: int = 20_000_000
    sheets: int = 200
    cells: int = 5_000_000
    string_characters: int = 32_767
    text_characters: int = 100_000_000
    merges: int = 100_000
    rewritten_bytes: int = 50_000_000
    worker_seconds: int = 20
    worker_bytes: int = 2 * 1024**3

    def __post_init__(self) -> None:
        for name, value in self.as_mapping().items():
            # True is an int to Python, and to nobody who edits a file by hand
            if type(value) is not int or value < 1:
                raise ConfigError("limit-wrong", name=name, value=value)
        if self.part_bytes > self.total_bytes:
            raise ConfigError("limit-wrong", name="part_bytes", value=self.part_bytes)
        if self.worker_bytes < _WORKER_MINIMUM:
            raise ConfigError("limit-wrong", name="worker_bytes", value=self.worker_bytes)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Limits:
        """Make limits from a table of a TOML file; what it does not name keeps its default.

        Raises
        ------
        ConfigError
            If it names a limit that does not exist, or gives one that makes no sense.

        Examples
        --------
        >>> Limits.from_mapping({"worker_seconds": 60}).worker_seconds
        60
        """
        known = {field.name for field in fields(cls)}
        for name in mapping:
            if name not in known:
                raise ConfigError("limit-unknown", name=name)
        return cls(**mapping)  # type: ignore[arg-type]

    def as_mapping(self) -> dict[str, int]:
        """All bounds by name."""
        return asdict(self)


LIMITS = Limits()


class Budget:
    """What is left of the limits on cells, text and merged ranges of a workbook."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._cells = self._characters = self._merges = 0

    def refuse_box(self, rows: int, columns: int, sheet: str, at: Position | None = None) -> None:
        """Refuse a sheet down to this row and column if it spans more cells than are left.

        The message names the cell that makes it so large; the last one unless given.
        """
        if self._cells + rows * columns > self.limits.cells:
            cell, sheet = address(*(at or (rows, columns))), sheet[:_LONGEST_SHEET]
            where = f"{sheet}!{cell}"
            place = {"of": "at", "place": where, "sheet": sheet, "cell": cell}
            raise too_large("cells", self.limits.cells, where, **place)

    def take_box(self, rows: int, columns: int, sheet: str) -> None:
        """Count a sheet that is read; see `refuse_box`."""
        self.refuse_box(rows, columns, sheet)
        self._cells += rows * columns

    def take_text(self, characters: int) -> None:
        """Count the text of a cell, or of all cells that repeat it."""
        self._characters += characters
        if self._characters > self.limits.text_characters:
            raise too_large("text_characters", self.limits.text_characters)

    def take_merges(self, number: int) -> None:
        """Count merged ranges."""
        self._merges += number
        if self._merges > self.limits.merges:
            raise too_large("merges", self.limits.merges)

    def refuse_sheets(self, number: int) -> None:
        """Refuse a workbook with too many sheets."""
        if number > self.limits.sheets:
            raise too_large("sheets", self.limits.sheets)


class Refusal(Exception):  # noqa: N818 - not an error of the program
    """Raised within this room when a file is refused; `read` turns it into a finding."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def finding(self) -> Finding:
        """Return the refusal as a finding on the file, or on the cell that it names."""
        params = dict(self.params)
        sheet, cell = params.pop("sheet", None), params.pop("cell", None)
        return finding(self.code, sheet=sheet, cell=cell, params=params)


def listed(names: Iterable[str], separator: str = ", ") -> str:
    """Return names as one text for a message, no more than a reader can take in."""
    first, more = list(names)[: _MOST_NAMES + 1], ""
    if len(first) > _MOST_NAMES:
        first, more = first[:_MOST_NAMES], f"{separator}…"
    return separator.join(name[:_LONGEST] for name in first) + more


def damaged(what: str, **more: str) -> Refusal:
    """Refusal of a file that is broken: ``what`` names the part or the cell."""
    return Refusal("file-damaged", what=what[:_LONGEST], **more)


def too_large(limit: str, most: int, where: str = "", **more: str) -> Refusal:
    """Refusal of a file that asks for more than a limit, which is named as in `Limits`."""
    what = f"{limit} > {most}: {where}" if where else f"{limit} > {most}"
    return Refusal("file-too-large", what=what[:_LONGEST], limit=limit, **more)


def unsafe(sign: str, where: str = "") -> Refusal:
    """Refusal of a file with something in it that only an attack needs."""
    return Refusal("file-unsafe", what=f"{sign}: {where}"[:_LONGEST] if where else sign)
