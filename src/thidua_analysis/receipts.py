"""When files came in: ``data/raw/received.toml``, kept beside the files themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pydantic import Field

from thidua_analysis import config
from thidua_analysis.config import Day, Entry, Text

FILE = "received.toml"


class Receipt(Entry):
    """One file and the day on which it came in."""

    #: path below data/raw, such as "2023/ldld.xlsx"
    file: Text
    on: Day


class Received(Entry):
    """Everything that ``received.toml`` says."""

    received: tuple[Receipt, ...] = Field(default=())


def read(data: Path) -> dict[str, dt.date]:
    """Return file → day of receipt; empty where nothing was recorded.

    A file that came in twice counts from the first day.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    path = data / "raw" / FILE
    if not path.exists():
        return {}
    days: dict[str, dt.date] = {}
    for receipt in config.read(Received, path).received:
        days[receipt.file] = min(receipt.on, days.get(receipt.file, receipt.on))
    return days
