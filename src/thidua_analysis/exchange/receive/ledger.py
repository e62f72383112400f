"""Entries added at the end of the analyst's own TOML files; all that stands there stays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from thidua_analysis import config
from thidua_analysis.errors import ConfigError

Value = str | int
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def append(
    path: Path,
    model: type[BaseModel],
    table: str,
    entries: Sequence[Mapping[str, Value]],
    *,
    head: str = "",
) -> None:
    """Add entries ``[[table]]`` at the end of a file.

    Parameters
    ----------
    path
        The file; it is made where there is none.
    model
        What the whole file must hold.
    table
        Name of the array of tables.
    entries
        Key → value; a text that TOML reads as a date by itself is written without quotes.
    head
        Comment at the head of a new file.

    Raises
    ------
    ConfigError
        If the file is wrong, or would be with the entries; it stays as it is then.
    """
    if not entries:
        return
    before = path.read_bytes() if path.exists() else head.encode()
    gap = b"" if not before or before.endswith(b"\n") else b"\n"
    added = gap + "".join(_entry(table, entry) for entry in entries).encode()
    if path.exists():
        config.parse(model, before, str(path))
    try:
        config.parse(model, before + added, str(path))
    except ConfigError as error:
        raise ConfigError("ledger-closed", file=str(path), table=table) from error
    with path.open("ab") as file:
        file.write(added if path.stat().st_size else before + added)
        file.flush()
        os.fsync(file.fileno())


def _entry(table: str, entry: Mapping[str, Value]) -> str:
    lines = [f"{name} = {_written(value)}" for name, value in entry.items()]
    return "\n".join([f"\n[[{table}]]", *lines, ""])


class Day(str):
    """A day in ISO, written as TOML writes days."""

    __slots__ = ()


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Day | int):
        return str(value)
    safe = "".join(_ESCAPES.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in value)
    return f'"{safe}"'
