"""Tables of the pages as files to work on: a workbook and a CSV file for each part."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from textwrap import wrap
from typing import Any

from thidua_analysis.lineage.register import anchor
from thidua_analysis.messages import text
from thidua_analysis.publish.page import Part
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import NO_VALUE, csv_text

#: Folder of the files in that of the report, and the name of those with all tables.
TABLES, ALL_TABLES = "bang", "tat-ca-cac-bang"
KINDS = ("xlsx", "csv")
#: Figures by their anchors, as `Sources.rows` holds them.
Rows = Mapping[str, Mapping[Any, Any]]

#: A number as it is printed: its sign, itself, and what is printed behind it.
_NUMBER = re.compile(r"(?:[▲▼]\s*)?([-−+]?)(\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?(%?)(|[\s/].*)")
_PARTS = re.compile(r"([\d.]+)/([\d.]+)(\s\(.*\))?")
_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_PICTURE = re.compile(r"<img[^>]*>|<source[^>]*>")
_THOUSAND = 1000
_NO_TIME = dt.datetime(1980, 1, 1)
_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
_WIDEST, _LETTER, _LINE = 60, 1.15, 16.5


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, and the id of the figure that is printed in it."""

    text: str
    figure: str = ""
    #: whether it stands in a column of figures
    counts: bool = False


@dataclass
class Table:
    """A table of a page: caption, what is said around it, headings, rows."""

    caption: str = ""
    notes: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    #: what the rows are about that are read now; it is a column of its own
    group: str = ""

    def add(self, cell: Cell) -> None:
        """Add a cell to the last row; the first one of a group names the group before."""
        if self.group and not self.rows[-1]:
            named = text("column-group")
            self.head = self.head if self.head[:1] == [named] else [named, *self.head]
            self.rows[-1].append(Cell(self.group))
        self.rows[-1].append(cell)


@dataclass(frozen=True)
class Number:
    """A number with the decimals and the words behind it that are printed."""

    value: Decimal
    places: int = 0
    behind: str = ""
    percent: bool = False
    signed: bool = False
    #: whether points stand between its thousands, as not in a year
    grouped: bool = True

    @property
    def format(self) -> str:
        """Return the format of its cell in a workbook."""
        digits = ("#,##0" if self.grouped else "0") + (
            "." + "0" * self.places if self.places else ""
        )
        digits += "%" if self.percent else ""
        if self.behind:
            space = "" if self.behind[0] == "/" else " "
            digits += '{}"{}"'.format(space, self.behind.replace('"', ""))
        return f"+{digits};-{digits};{digits}" if self.signed else digits


class _Reader(HTMLParser):
    """Reads the tables of markup; what is said of a chart goes with the table of its data."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self._texts: list[str] | None = None
        self._cell: dict[str, Any] = {}
        self._said: list[str] = []
        self._kind = ""
        self._first = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kinds = given.get("class", "").split()
        if tag == "figure":
            self._said, self._first = [], len(self.tables)
        elif tag == "table":
            self.tables.append(Table(notes=list(self._said)))
        elif tag == "br" and self._texts is not None:
            self._texts.append(" ")
        elif tag in ("caption", "th", "td"):
            self._texts, self._kind = [], tag
            self._cell = {"counts": "figure" in kinds, "scope": given.get("scope")}
        elif tag == "span" and "more" in kinds and self._cell.get("scope") == "rowgroup":
            self._cell["end"] = len(self._texts or [])
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag == "p" and {"measure", "source", "note"} & set(kinds):
            self._texts, self._kind = (
                [],
                next(k for k in kinds if k in ("measure", "source", "note")),
            )
        elif tag == "a" and "data-figure" in given:
            self._cell["figure"] = given["data-figure"]

    def handle_data(self, data: str) -> None:
        if self._texts is not None:
            self._texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._said = []
        if self._texts is None or tag not in ("caption", "th", "td", "p"):
            return
        end = self._cell.get("end") if self._kind == "th" else None
        words = " ".join("".join(self._texts[:end]).split())
        self._texts = None
        if self._kind == "measure":
            self._said.append(words)
        elif self._kind in ("source", "note"):
            for table in self.tables[self._first :] if self._kind == "source" else self.tables[-1:]:
                table.notes.append(words)
        elif self._kind == "caption":
            self.tables[-1].caption = words
        elif self._cell["scope"] == "col":
            self.tables[-1].head.append(words)
        elif self._cell["scope"] == "rowgroup":
            self.tables[-1].group = words
        elif self.tables:
            cell = Cell(words, self._cell.get("figure", ""), self._cell["counts"])
            self.tables[-1].add(cell)


def tables_of(shown: Iterable[str]) -> list[Table]:
    """Return the tables in markup as cells show it, each once, in its order."""
    found: list[Table] = []
    for markup in shown:
        reader = _Reader()
        reader.feed(_PICTURE.sub("", markup))
        for table in reader.tables:
            table.rows = [row for row in table.rows if row]
            found += [table] if table.head and table.rows else []
    return _once(found)


def _once(tables: Iterable[Table]) -> list[Table]:
    found: list[Table] = []
    for table in tables:
        if table not in found:
            found.append(table)
    return found


def number_of(cell: Cell, rows: Rows) -> Number | None:
    """Return the number of a cell, exact where its figure is known; None for words.

    Examples
    --------
    >>> found = number_of(Cell("−1.234,5 điểm", counts=True), {})
    >>> found.value, found.format
    (Decimal('-1234.5'), '#,##0.0 "điểm"')
    """
    found = _NUMBER.fullmatch(cell.text) if cell.counts or cell.figure else None
    if found is None or _DAY.fullmatch(cell.text):
        return None
    sign, whole, decimals, percent, behind = found.groups()
    printed = whole.replace(".", "") + (decimals or "").replace(",", ".")
    value = Decimal(printed) * (-1 if sign in ("-", "−") else 1)
    places = len(decimals or ",") - 1
    row = rows.get(anchor(cell.figure)) if cell.figure else None
    if row is not None:
        exact = Decimal(str(row["value"]))
        # what is printed may be a part of the figure, or it in another unit
        value = exact if abs(exact - value) < Decimal(1).scaleb(-places) else value
    value = value / 100 if percent else value
    grouped = "." in whole or abs(value) < _THOUSAND
    return Number(value, places, behind.strip(), bool(percent), sign == "+", grouped)


def _split(table: Table) -> Table:
    """Return a table in which parts of a whole, printed as "30/37", are two columns."""
    width = len(table.head)
    parted = [
        at
        for at in range(1, width)
        if all(len(row) == width for row in table.rows)
        and any(_PARTS.fullmatch(row[at].text) for row in table.rows)
        and all(_PARTS.fullmatch(row[at].text) or row[at].text == NO_VALUE for row in table.rows)
    ]
    if not parted:
        return table
    head = [
        name
        for at, one in enumerate(table.head)
        for name in ([one, text("table-out-of", name=one)] if at in parted else [one])
    ]
    rows = [
        [c for at, one in enumerate(row) for c in _parts(one, at in parted)] for row in table.rows
    ]
    return Table(table.caption, table.notes, head, rows, table.group)


def _parts(cell: Cell, parted: bool) -> list[Cell]:
    found = _PARTS.fullmatch(cell.text) if parted else None
    if not parted:
        return [cell]
    if found is None:
        return [cell, Cell(NO_VALUE)]
    part = Cell(f"{found[1]}{found[3] or ''}", cell.figure, counts=True)
    return [part, Cell(found[2], counts=True)]


def workbook(title: str, tables: Sequence[Table], rows: Rows) -> bytes:
    """Return a workbook with a list of its tables and one table a sheet; numbers are numbers."""
    import xlsxwriter

    stream = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, {**safe, "in_memory": True})
    book.set_properties({"title": title, "created": _NO_TIME})
    strong = book.add_format({**_FONT, "bold": True, "font_size": 16, "font_color": "#12436D"})
    plain = book.add_format({**_FONT, "text_wrap": True})
    link = book.add_format({**_FONT, "font_color": "#12436D", "underline": 1})
    first = book.add_worksheet(text("table-list"))
    first.write_string(0, 0, title, strong)
    first.set_column(0, 0, 12)
    first.set_column(1, 1, 100)
    first.fit_to_pages(1, 0)
    for at, table in enumerate(tables, 1):
        name = text("table-sheet", n=at)
        first.write_url(at + 1, 0, f"internal:'{name}'!A1", link, name)
        first.write_string(at + 1, 1, table.caption, plain)
        _write(book, book.add_worksheet(name), _split(table), rows)
    book.close()
    return stream.getvalue()


def _write(book: Any, sheet: Any, table: Table, rows: Rows) -> None:
    strong = book.add_format({**_FONT, "bold": True, "font_size": 14, "font_color": "#12436D"})
    bold = {**_FONT, "bold": True, "text_wrap": True, "bottom": 2, "valign": "bottom"}
    words = {**_FONT, "text_wrap": True}
    looks = {
        (name, right): book.add_format({**look, **({"align": "right"} if right else {})})
        for name, look in (("head", bold), ("words", words))
        for right in (False, True)
    }
    muted = book.add_format({**_FONT, "font_color": "#3D3D3D"})
    sheet.write_string(0, 0, table.caption, strong)
    widths = [_width(table, column) for column in range(len(table.head))]
    # lines no longer than the table is wide: what runs over it would not be printed
    notes = [line for note in table.notes for line in wrap(note, max(60, int(sum(widths))))]
    for at, line in enumerate(notes, 1):
        sheet.write_string(at, 0, line, muted)
    top = len(notes) + 2
    for column, (name, width) in enumerate(zip(table.head, widths, strict=True)):
        right = any(row[column].counts for row in table.rows if column < len(row))
        sheet.write_string(top, column, name, looks["head", right])
        sheet.set_column(column, column, width)
    sheet.set_row(top, _height(table.head, widths))
    for at, row in enumerate(table.rows, top + 1):
        for column, cell in enumerate(row):
            number, day = number_of(cell, rows), _DAY.fullmatch(cell.text)
            if number is not None:
                shown = book.add_format({**_FONT, "num_format": number.format})
                sheet.write_number(at, column, number.value, shown)
            elif day:
                shown = book.add_format({**_FONT, "num_format": "dd/mm/yyyy", "align": "left"})
                given = dt.date(int(day[3]), int(day[2]), int(day[1]))
                sheet.write_datetime(at, column, given, shown)
            else:
                sheet.write_string(at, column, cell.text, looks["words", cell.counts])
        sheet.set_row(at, _height([cell.text for cell in row], widths))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)


def _width(table: Table, column: int) -> float:
    """Return the width of a column that holds its longest cell and the words of its heading."""
    longest = max((len(row[column].text) for row in table.rows if column < len(row)), default=0)
    word = max(map(len, table.head[column].split()), default=0)
    return min(max(longest, word, 8) * _LETTER + 2, _WIDEST)


def _height(words: Sequence[str], widths: Sequence[float]) -> float:
    """Return the height of a row in which the longest of its texts is seen to its end."""
    known = zip(words, widths, strict=False)
    lines = [len(wrap(one, int(width))) for one, width in known if len(one) > int(width) > 0]
    return _LINE * max([1, *lines])


def csv_of(tables: Sequence[Table], rows: Rows) -> str:
    """Return tables as one CSV file, a cell a line: where it stands, its value, unit and id."""
    names = ("table", "caption", "row", "column", "value", "unit", "id")
    lines: list[list[object]] = []
    for at, table in enumerate(map(_split, tables), 1):
        names_of_row = 2 if table.group else 1
        for row in table.rows:
            named = " – ".join(cell.text for cell in row[:names_of_row])
            shown = zip(table.head[names_of_row:], row[names_of_row:], strict=False)
            for name, cell in shown:
                number = None if "/" in cell.text else number_of(cell, rows)
                value: object = cell.text if number is None else number.value
                unit = "" if number is None else number.behind
                if number is not None and number.percent:
                    value, unit = (number.value * 100).normalize(), "%"
                lines.append([at, table.caption, named, name, value, unit, cell.figure])
    return csv_text([text(f"csv-{name}") for name in names], lines)


def write_tables(
    folder: Path, title: str, parts: Iterable[Part], rows: Rows
) -> dict[str, list[dict[str, str]]]:
    """Write the tables of a report as files.

    Parameters
    ----------
    folder
        That of the report; the files go to `TABLES` in it, and others of an earlier run go.
    title
        What the report is called.
    parts
        The run notebooks; each with tables gets a workbook and a CSV file.
    rows
        The figures by their anchors.

    Returns
    -------
    dict
        Page of a part → links to its files; to those of all tables under no name.
    """
    found = [(part.href, f"{part.title} – {title}", tables_of(part.shown)) for part in parts]
    whole = ("", title, _once(table for _, _, tables in found for table in tables))
    links: dict[str, list[dict[str, str]]] = {}
    names = set()
    for href, named, tables in [*found, whole]:
        stem = Path(href).stem or ALL_TABLES
        for kind in KINDS if tables else ():
            book = kind == "xlsx"
            path = folder / TABLES / f"{stem}.{kind}"
            path.parent.mkdir(exist_ok=True)
            write_file(
                path, workbook(named, tables, rows) if book else f"\ufeff{csv_of(tables, rows)}"
            )
            names.add(path.name)
            link = {"href": f"{TABLES}/{path.name}", "title": text(f"page-{kind}")}
            links.setdefault(href, []).append(link)
    for kind in KINDS:
        for path in (folder / TABLES).glob(f"*.{kind}"):
            if path.name not in names:
                path.unlink()
    return links
