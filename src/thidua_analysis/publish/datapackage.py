"""Tables as CSV files, with the description that programs read: a Data Package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from thidua_analysis.indicators import entry
from thidua_analysis.messages import text
from thidua_analysis.publish.downloads import Cell, Number, Typed, indicators_of, slug
from thidua_analysis.store.disk import remove_file, write_file
from thidua_analysis.vietnamese.display import NO_VALUE, csv_text, printed_date

if TYPE_CHECKING:
    from thidua_analysis.publish.pack import Pack

#: Folder of the files in that of the pack, and the name of their description.
FOLDER, FILE = "du-lieu", "datapackage.json"
#: Excel takes a CSV file for one of an old code page unless this mark opens it; others skip it.
BOM = "\ufeff"
_PROFILES = "https://datapackage.org/profiles/2.0/"
_DIALECT = {
    "$schema": f"{_PROFILES}tabledialect.json",
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
}
#: Digits that a program keeps of a number that it reads.
_DOUBLE = Context(prec=15)
_YEARS = range(1900, 2200)


class Column(NamedTuple):
    """A column of a CSV file: heading, type as Table Schema names it, unit, values, definition."""

    name: str
    kind: str
    unit: str
    values: tuple[object, ...]
    about: str = ""


def columns(found: Typed) -> list[Column]:
    """Return the columns of a table in which each has one type and one unit.

    Where units differ, and where something is printed beside numbers or in place of one (how many
    members are in it, "trên", a share of so few that only the counts are told), a column of texts
    follows. A dash for no value is an empty field.
    """
    made: list[Column] = []
    for at, name in enumerate(found.table.head):
        cells = [row[at] for row in found.table.rows]
        numbers = [row[at] for row in found.numbers]
        days = [printed_date(cell.text) for cell in cells]
        if any(c.counts and n for c, n in zip(cells, numbers, strict=True)):
            made += _figures(name, cells, numbers)
        elif any(days) and all(d or not _said(c) for c, d in zip(cells, days, strict=True)):
            made.append(Column(name, "date", "", tuple(days)))
        else:
            made.append(Column(name, "string", "", tuple(_said(cell) or None for cell in cells)))
    return made


def _said(cell: Cell) -> str:
    return "" if cell.text == NO_VALUE else cell.text


def _figures(
    name: str, cells: Sequence[Cell], numbers: Sequence[Number | None]
) -> Iterator[Column]:
    known = [number for number in numbers if number]
    kind = "integer" if all(n.value == int(n.value) and not n.percent for n in known) else "number"
    if all(n.value in _YEARS and not n.grouped for n in known):
        kind = "year"
    units = {number.unit for number in known if not number.same}
    one = units.pop() if len(units) == 1 else ""
    named = indicators_of(cells)
    about = f"{entry(named[0]).definition}." if len(named) == 1 else ""
    values = tuple(None if n is None else plain(n) for n in numbers)
    yield Column(name, kind, one, values, about)
    if units:
        told = tuple(n.unit if n and not n.same else None for n in numbers)
        yield Column(text("workbook-unit-of", name=name), "string", "", told)
    beside = [
        " ".join(filter(None, [n.bound, n.remark.strip("()")])) if n else _said(cell)
        for n, cell in zip(numbers, cells, strict=True)
    ]
    if any(beside):
        told = tuple(one or None for one in beside)
        yield Column(text("workbook-remark-of", name=name), "string", "", told)


def plain(number: Number) -> Decimal:
    """Return a number as it stands in a CSV file: a share in percent, as exact as programs read."""
    value = number.value * 100 if number.percent else number.value
    if value == int(value):
        return Decimal(int(value))
    return _DOUBLE.create_decimal(value).normalize()


def csv_of(tables: Sequence[Typed]) -> str:
    """Return tables as one CSV file, a cell a line: where it stands, its value, unit and id."""
    names = ("table", "caption", "row", "column", "value", "unit", "id")
    lines: list[list[object]] = []
    for at, (table, numbers) in enumerate(tables, 1):
        first = 2 if table.group else 1
        for row, known in zip(table.rows, numbers, strict=True):
            named = " – ".join(cell.text for cell in row[:first])
            for name, cell, number in list(zip(table.head, row, known, strict=True))[first:]:
                value: object = cell.text if number is None or number.same else plain(number)
                unit = " ".join(filter(None, [number.unit, number.remark])) if number else ""
                lines.append([at, table.caption, named, name, value, unit, cell.figure])
    return csv_text([text(f"csv-{name}") for name in names], lines)


def write_data(pack: Pack, tables: Sequence[Typed]) -> tuple[Path, ...]:
    """Write each table as a CSV file, and the data package that describes them all.

    The files are UTF-8 with the mark that Excel needs, parted by commas, with points before
    decimals, shares in percent, and days in ISO. A licence is not stated: nobody has named one.
    """
    folder = pack.folder / FOLDER
    files: dict[str, bytes] = {}
    resources = []
    for at, found in enumerate(tables, 1):
        made = columns(found)
        name = f"bang-{at:02}-{slug(found.table.subject)}"
        rows = zip(*(column.values for column in made), strict=True)
        content = f"{BOM}{csv_text([column.name for column in made], rows)}".encode()
        files[f"{name}.csv"] = content
        resources.append(_resource(name, found, made, content))
    package = {
        "$schema": f"{_PROFILES}datapackage.json",
        "name": f"{slug(pack.ds.bloc.id)}-{pack.year}",
        "title": f"{pack.title} – {pack.ds.bloc.name}",
        "description": pack.state,
        "sources": _sources(tables),
        "resources": resources,
    }
    shown = {key: value for key, value in package.items() if value != []}
    files[FILE] = f"{json.dumps(shown, ensure_ascii=False, indent=1)}\n".encode()
    for name, content in files.items():
        write_file(folder / name, content)
    for path in folder.glob("*.csv"):
        if path.name not in files:
            remove_file(path)
    return tuple(folder / name for name in files)


def _sources(tables: Sequence[Typed]) -> list[dict[str, str]]:
    told = dict.fromkeys(found.table.source for found in tables)
    return [{"title": source} for source in told if source]


def _resource(name: str, found: Typed, made: Sequence[Column], content: bytes) -> Mapping[str, Any]:
    table = found.table
    told = [f"{table.caption}."] * (table.caption != table.subject)
    told += [note for note in table.notes if note != table.source]
    resource = {
        "$schema": f"{_PROFILES}dataresource.json",
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "title": table.subject,
        "description": " ".join(told),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "sources": _sources([found]),
        "dialect": _DIALECT,
        "schema": _schema(made),
    }
    return {key: value for key, value in resource.items() if value not in ("", [])}


def _schema(made: Sequence[Column]) -> Mapping[str, Any]:
    fields = [
        {
            "name": column.name,
            "type": column.kind,
            "title": f"{column.name} ({column.unit})" if column.unit else column.name,
            "unit": column.unit,
            "description": column.about,
        }
        for column in made
    ]
    schema = {
        "$schema": f"{_PROFILES}tableschema.json",
        "fields": [{key: value for key, value in one.items() if value} for one in fields],
        "missingValues": [""],
    }
    return {**schema, **({"primaryKey": key} if (key := _key(made)) else {})}


def _key(made: Sequence[Column]) -> list[str]:
    """Return the first columns that tell rows apart; nothing where words and years do not."""
    named: list[Column] = []
    for column in made:
        if column.kind not in ("string", "year") or None in column.values:
            break
        named.append(column)
        lines = list(zip(*(one.values for one in named), strict=True))
        if len(set(lines)) == len(lines):
            return [one.name for one in named]
    return []
