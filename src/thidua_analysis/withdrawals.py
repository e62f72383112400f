"""Files that the analyst took out of the count: ``data/raw/withdrawn.toml``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pydantic import Field

from thidua_analysis import config
from thidua_analysis.config import Entry

FILE = "withdrawn.toml"


class Withdrawn(Entry):
    """One file that was taken out, or put back."""

    #: path below data/raw, such as "2023/ldld.xlsx"
    file: str
    on: dt.date
    reason: str
    #: whether it counts again
    undone: bool = False


class Withdrawals(Entry):
    """Everything that ``withdrawn.toml`` says, oldest first."""

    withdrawn: tuple[Withdrawn, ...] = Field(default=())


def read(data: Path) -> dict[str, Withdrawn]:
    """Return the files that are out of the count, each with its last entry.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    path = data / "raw" / FILE
    if not path.exists():
        return {}
    last = {one.file: one for one in config.read(Withdrawals, path).withdrawn}
    return {file: one for file, one in last.items() if not one.undone}
