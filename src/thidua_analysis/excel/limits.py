"""How much a workbook may ask of this machine, what of it is left, and how a file is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from thidua_analysis.errors import ConfigError
from thidua_analysis.excel.cells import Position, address
from thidua_analysis.findings import Finding, finding

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
