"""Sheets as plain data, as they travel from the worker process to the program: JSON, no objects."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thidua_analysis.excel.cells import Merge, Position, Runs, Sheet, Value
from thidua_analysis.excel.display import as_seen


@dataclass(slots=True, eq=False)
class PlainSheet:
    """A sheet with all its facts looked up; the fields are those of `Sheet`."""

    name: str
    rows: list[list[Value]] = field(default_factory=list)
    hidden: bool = False
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[Position, str] = field(default_factory=dict)
    uncalculated: set[Position] = field(default_factory=set)
    formats: dict[Position, str] = field(default_factory=dict)
    fonts: dict[Position, str] = field(default_factory=dict)
    runs: dict[Position, Runs] = field(default_factory=dict)

    def sheet(self) -> Sheet:
        """Return the sheet as the rest of the program knows it."""
        stored = Sheet(
            name=self.name,
            rows=self.rows,
            hidden=self.hidden,
            merges=self.merges,
            hidden_rows=self.hidden_rows,
            hidden_columns=self.hidden_columns,
            errors=self.errors,
            uncalculated=self.uncalculated,
            formats=self.formats,
            fonts=self.fonts,
            runs=self.runs,
        )
        return as_seen(stored, self.formats)


@dataclass(slots=True, eq=False)
class PlainBook:
    """What a worker read.

    Parameters
    ----------
    sheets
        The sheets with cells, in their order.
    date_1904
        Whether serial dates count from 1904.
    has_facts
        Whether error cells, formats, fonts and the like are known beside the values.
    links
        Other files that cells refer to.
    """

    sheets: list[PlainSheet]
    date_1904: bool = False
    has_facts: bool = True
    links: list[str] = field(default_factory=list)


def dump_book(book: PlainBook) -> bytes:
    """Return a book as bytes that `load_book` reads."""
    return dump(
        {
            "date_1904": book.date_1904,
            "has_facts": book.has_facts,
            "links": book.links,
            "sheets": [_plain(sheet) for sheet in book.sheets],
        }
    )


def load_book(loaded: Mapping[str, Any]) -> PlainBook:
    """Return the book that `dump_book` wrote, from the parsed message.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the message is no such book.
    """
    return PlainBook(
        [_sheet(sheet) for sheet in loaded["sheets"]],
        bool(loaded["date_1904"]),
        bool(loaded["has_facts"]),
        [str(link) for link in loaded["links"]],
    )


def dump(message: Mapping[str, Any]) -> bytes:
    """Return a message as bytes."""
    text = json.dumps(message, default=_tagged, ensure_ascii=False, separators=(",", ":"))
    # half a surrogate pair is no text, but some files hold one
    return text.encode("utf-8", "surrogatepass")


def load(message: bytes) -> Any:
    """Parse a message.

    Raises
    ------
    ValueError
        If it is none.
    """
    return json.loads(message.decode("utf-8", "surrogatepass"), object_hook=_untagged)


def _tagged(value: object) -> dict[str, Any]:
    # a datetime is a date too
    if isinstance(value, dt.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, dt.time):
        return {"time": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"duration": [value.days, value.seconds, value.microseconds]}
    raise TypeError(type(value).__name__)


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((tag, value),) = found.items()
    if tag == "datetime":
        return dt.datetime.fromisoformat(value)
    if tag == "date":
        return dt.date.fromisoformat(value)
    if tag == "time":
        return dt.time.fromisoformat(value)
    if tag == "duration":
        return dt.timedelta(*value)
    return found


def _plain(sheet: PlainSheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "rows": sheet.rows,
        "merges": [(m.top, m.left, m.bottom, m.right) for m in sheet.merges],
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "errors": _by_text(sheet.errors),
        "uncalculated": _flat(sheet.uncalculated),
        "formats": _by_text(sheet.formats),
        "fonts": _by_text(sheet.fonts),
        "runs": [(*position, runs) for position, runs in sheet.runs.items()],
    }


def _sheet(plain: Mapping[str, Any]) -> PlainSheet:
    return PlainSheet(
        name=str(plain["name"]),
        hidden=bool(plain["hidden"]),
        rows=plain["rows"],
        merges=[Merge(*bounds) for bounds in plain["merges"]],
        hidden_rows=set(plain["hidden_rows"]),
        hidden_columns=set(plain["hidden_columns"]),
        errors=_by_position(plain["errors"]),
        uncalculated=set(_positions(plain["uncalculated"])),
        formats=_by_position(plain["formats"]),
        fonts=_by_position(plain["fonts"]),
        runs={
            (row, column): tuple((text, font) for text, font in runs)
            for row, column, runs in plain["runs"]
        },
    )


def _flat(positions: Iterable[Position]) -> list[int]:
    return [number for position in positions for number in position]


def _positions(flat: Sequence[int]) -> Iterable[Position]:
    return zip(flat[::2], flat[1::2], strict=True)


def _by_text(texts: Mapping[Position, str]) -> list[tuple[str, list[int]]]:
    """Turn texts by position around: thousands of cells have the same few fonts and formats."""
    grouped: defaultdict[str, list[int]] = defaultdict(list)
    for position, text in texts.items():
        grouped[text] += position
    return list(grouped.items())


def _by_position(grouped: Iterable[tuple[str, Sequence[int]]]) -> dict[Position, str]:
    return {position: text for text, flat in grouped for position in _positions(flat)}
