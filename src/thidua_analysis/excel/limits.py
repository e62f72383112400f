"""How much a workbook may ask of this machine; every bound of the reader stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from thidua_analysis.errors import ConfigError

#: Less than this and the worker cannot even start its interpreter.
_WORKER_MINIMUM = 256 * 1024**2


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
        Size of a part in unusual markup, which must be rewritten before it can be read.
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
        return {field.name: getattr(self, field.name) for field in fields(self)}


LIMITS = Limits()
