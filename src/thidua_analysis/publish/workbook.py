"""Workbooks of tables that everybody can read: cover, contents, notes, and one table a sheet."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from thidua_analysis.indicators import entry
from thidua_analysis.messages import text
from thidua_analysis.publish.datapackage import BOM, csv_of, write_data
from thidua_analysis.publish.downloads import (
    Rows,
    Table,
    Typed,
    once,
    slug,
    tables_of,
    typed,
)
from thidua_analysis.publish.native_charts import (
    LINE,
    Drawing,
    Room,
    draw,
    drawing,
    height_of,
    width_of,
    widths_of,
)
from thidua_analysis.publish.page import Part
from thidua_analysis.store.disk import remove_file, write_file
from thidua_analysis.vietnamese.display import NO_VALUE, printed_date

if TYPE_CHECKING:
    from thidua_analysis.publish.pack import Pack, Shown

#: Folder of the files in that of the report, and the name of those with all tables.
TABLES, ALL_TABLES = "bang", "tat-ca-cac-bang"
KINDS = ("xlsx", "csv")
#: The workbook of the pack.
FILE = "tong-hop-so-lieu.xlsx"
_NO_TIME = dt.datetime(1980, 1, 1)
_INK, _MUTED = "#12436D", "#3D3D3D"
_WIDE = 95
#: Letters of a line above a table.
_LONG = 115
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": _INK},
    "name": {"bold": True, "font_size": 14, "font_color": _INK},
    "head": {"bold": True, "text_wrap": True, "bottom": 2, "valign": "bottom"},
    "words": {"text_wrap": True},
    "strong": {"bold": True},
    "muted": {"font_color": _MUTED},
    "link": {"font_color": _INK, "underline": 1, "text_wrap": True},
    "to": {"font_color": _INK, "underline": 1},
    "day": {"num_format": "dd/mm/yyyy", "align": "left", "indent": 1},
}


class Note(NamedTuple):
    """A line of the sheet of notes: what it is about, and what there is to say."""

    about: str
    words: str


class _Book:
    """A workbook that is being written, with one format for each look."""

    def __init__(self, title: str) -> None:
        import xlsxwriter

        self.stream = io.BytesIO()
        safe = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        self.file = xlsxwriter.Workbook(self.stream, {**safe, "in_memory": True})
        self.file.set_properties({"title": title, "created": _NO_TIME})
        self.look = cache(self._look)

    def _look(
        self, name: str, *, right: bool = False, indent: bool = False, number: str = ""
    ) -> Any:
        more: dict[str, Any] = {"align": "left", "indent": 1} if indent else {}
        more = {"align": "right"} if right else more
        told = {"num_format": number} if number else _LOOKS[name]
        font = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
        return self.file.add_format({**font, **told, **more})

    def sheet(self, name: str, title: str) -> Any:
        """Add a sheet that opens with its title and is printed as wide as a page."""
        sheet = self.file.add_worksheet(name)
        sheet.write_string(0, 0, title, self.look("name"))
        sheet.set_row(0, 24)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def list(
        self, sheet: Any, head: Sequence[str], lines: Sequence[Sequence[str]], name: str
    ) -> None:
        """Write lines of texts as a table object below the title."""
        texts = zip(head, zip(*lines, strict=True), strict=True)
        widths = [width_of(column, one, _WIDE) for one, column in texts]
        self.table(sheet, 1, head, len(lines), name, [False] * len(head))
        sheet.set_row(1, height_of(head, widths))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for at, line in enumerate(lines, 2):
            for column, words in enumerate(line):
                look = self.look("words", indent=column > 0)
                sheet.write_string(at, column, words or NO_VALUE, look)
            sheet.set_row(at, height_of(line, widths))

    def table(
        self, sheet: Any, top: int, head: Sequence[str], rows: int, name: str, right: Sequence[bool]
    ) -> None:
        """Mark cells as a table object without filters and without fill."""
        columns = [
            {"header": one, "header_format": self.look("head", right=side, indent=at > 0)}
            for at, (one, side) in enumerate(zip(head, right, strict=True))
        ]
        plain = {"autofilter": False, "banded_rows": False, "style": None}
        named = {"name": slug(name, "_").capitalize(), "columns": columns}
        sheet.add_table(top, 0, top + rows, len(head) - 1, {**plain, **named})
        sheet.repeat_rows(top)

    def bytes(self) -> bytes:
        """Close the workbook and return it, its language set."""
        self.file.close()
        return _told_language(self.stream.getvalue())


def _told_language(package: bytes) -> bytes:
    """Return a workbook that says which language it is in, which its writer cannot tell it."""
    made, lang = io.BytesIO(), text("office-language").encode()
    told = b"<dc:language>%b</dc:language><dc:creator" % lang
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "docProps/core.xml":
                data = data.replace(b"<dc:creator", told)
            elif member.filename.startswith("xl/charts/"):
                data = data.replace(b'"en-US"', b'"%b"' % lang)
            new.writestr(member, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def workbook(
    title: str,
    tables: Sequence[Table | Typed],
    rows: Rows,
    about: Sequence[str] = (),
    charts: Sequence[Shown] = (),
) -> bytes:
    """Return a workbook with a cover, contents, notes and one table a sheet.

    Parameters
    ----------
    title
        What the workbook is called.
    tables
        The tables; each becomes a table object, its numbers real numbers.
    rows
        The figures by their anchors.
    about
        Whose the data are, how they stand: lines of the cover.
    charts
        Charts of the report; one that can be drawn from cells is drawn below its table.
    """
    known = {one.title: one for one in charts if one.native}
    found = [one if isinstance(one, Typed) else typed(one, rows) for one in tables]
    found = [_sourced(one, title, about) for one in found]
    drawn = [drawing(one, known.get(one.table.caption)) for one in found]
    found = [plot.found if plot else one for plot, one in zip(drawn, found, strict=True)]
    told = (note for pair in zip(found, drawn, strict=True) for note in _noted(*pair))
    book, notes = _Book(title), list(dict.fromkeys(told))
    names = [text("workbook-sheet", n=at) for at in range(1, len(found) + 1)]
    _cover(book, title, about)
    _contents(book, title, names, found, drawn)
    if notes:
        sheet = book.sheet(text("workbook-notes"), text("workbook-notes-of", title=title))
        head = [text(f"workbook-head-{name}") for name in ("note", "about", "words")]
        lines = [[text("workbook-note", n=at), *note] for at, note in enumerate(notes, 1)]
        book.list(sheet, head, lines, text("workbook-notes"))
    for name, one, plot in zip(names, found, drawn, strict=True):
        _write(book, name, one, notes, plot)
    return book.bytes()


def _sourced(found: Typed, title: str, about: Sequence[str]) -> Typed:
    """Return a table that says where it comes from; the report where nothing else is told."""
    told = text("workbook-source", told="; ".join([title, *about]))
    return found if found.table.source else found._replace(table=replace(found.table, source=told))


def _cover(book: _Book, title: str, about: Sequence[str]) -> None:
    sheet = book.sheet(text("workbook-cover"), title)
    sheet.set_column(0, 0, 100)
    read = [text(f"workbook-read-{name}") for name in ("sheets", "numbers", "totals", "cells")]
    lines = [(one, "words") for one in (*about, "", *read)]
    lines[len(about)] = text("workbook-read"), "strong"
    sheet.write_string(0, 0, title, book.look("title"))
    for at, (words, look) in enumerate(lines, 1):
        sheet.write_string(at, 0, words, book.look(look))
        sheet.set_row(at, height_of([words], [100]))


def _contents(
    book: _Book,
    title: str,
    names: Sequence[str],
    tables: Sequence[Typed],
    drawn: Sequence[Drawing | None],
) -> None:
    named = text("workbook-contents")
    sheet = book.sheet(named, text("workbook-contents-of", title=title))
    head = [text(f"workbook-head-{name}") for name in ("sheet", "subject", "message", "chart")]
    lines = []
    for name, (table, _), plot in zip(names, tables, drawn, strict=True):
        told = table.caption if table.caption != table.subject else ""
        chart = text("workbook-has-chart" if plot else "workbook-has-no-chart")
        lines.append([name, table.subject, told, chart])
    keep = [0, 1, *([2] if any(line[2] for line in lines) else []), *([3] if any(drawn) else [])]
    lines = [[line[at] for at in keep] for line in lines]
    book.list(sheet, [head[at] for at in keep], lines, named)
    link = book.look("link", indent=True)
    for at, line in enumerate(lines, 2):
        sheet.write_url(at, 1, f"internal:'{line[0]}'!A1", link, line[1])


def _noted(found: Typed, plot: Drawing | None) -> Iterator[Note]:
    """Yield what must be known to read a table: its signs, its measures, what is told of it."""
    table = found.table
    blank = plot.blank if plot else frozenset()
    dashes = sum(cell.text in ("", NO_VALUE) for row in table.rows for cell in row)
    numbers = [number for row in found.numbers for number in row if number]
    signs = {
        "dash": dashes > len(blank),
        "blank": bool(blank),
        "part": any("/" in number.remark for number in numbers),
        "of": any(text("table-out-of", name=name) in table.head for name in table.head),
    }
    for name, there in signs.items():
        if there:
            yield Note(text(f"workbook-{name}"), text(f"workbook-{name}-means"))
    defined = []
    for about in map(entry, table.indicators):
        defined.append(f"{about.definition}.")
        yield Note(str(about.label), f"{defined[-1]} {about.missing}.")
    _, _, rest = table.measure.partition(". ")
    for words in defined:
        rest = rest.replace(words, "")
    own = [note for note in table.notes if note not in (table.measure, table.source)]
    if told := " ".join(filter(None, [" ".join(rest.split()), *own])):
        yield Note(table.subject, told)


def _write(
    book: _Book, name: str, found: Typed, notes: Sequence[Note], plot: Drawing | None
) -> None:
    """Write a table on a sheet of its own, its chart below it."""
    table = found.table
    sheet = book.sheet(name, text("workbook-title", sheet=name, subject=table.subject))
    measured = table.measure.partition(". ")[0]
    message = table.caption if table.caption != table.subject else ""
    told = [message, measured and f"{measured.rstrip('.')}.", table.source]
    lines = [line for words in told for line in _lines(words)]
    for at, line in enumerate(lines, 1):
        sheet.write_string(at, 0, line, book.look("muted"))
    top = len(lines) + 1
    if numbers := sorted(notes.index(note) + 1 for note in _noted(found, plot)):
        listed = ", ".join(text("workbook-note", n=n) for n in numbers)
        place = f"internal:'{text('workbook-notes')}'!A1"
        sheet.write_url(top, 0, place, book.look("to"), text("workbook-see-notes", notes=listed))
        top += 1
    place = f"internal:'{text('workbook-contents')}'!A1"
    sheet.write_url(top, 0, place, book.look("to"), text("workbook-back"))
    top += 1
    right = [any(row[at].counts for row in table.rows) for at in range(len(table.head))]
    columns = ([row[at].text for row in table.rows] for at in range(len(table.head)))
    widths = widths_of(list(zip(columns, table.head, strict=True)))
    book.table(sheet, top, table.head, len(table.rows), f"{name} {table.subject}", right)
    heights = [height_of(table.head, widths)]
    sheet.set_row(top, heights[0])
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for at, row in enumerate(table.rows):
        for column in range(len(row)):
            if plot is None or (at, column) not in plot.blank:
                _cell(book, sheet, found, (at, column), top + 1)
        heights.append(height_of([cell.text for cell in row], widths))
        sheet.set_row(top + 1 + at, heights[-1])
    if plot:
        high = sum(heights) + (top + 1) * LINE
        draw(book.file, sheet, plot, top, Room(7 * sum(widths) + 5 * len(widths), high * 4 / 3))


def _lines(words: str) -> list[str]:
    """Return sentences in lines that are no wider than a page, none broken within itself."""
    whole = [part.replace(" ", "\0") for part in re.split(r"(?<=[.;]) ", words)]
    lines = wrap(" ".join(whole), _LONG, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _cell(book: _Book, sheet: Any, found: Typed, place: tuple[int, int], first: int) -> None:
    """Write a cell as number, sum, day or words; ``first`` is the first row of the table."""
    row, column = place
    cell, number, day = found.table.rows[row][column], found.numbers[row][column], None
    place = first + row, column
    if number is not None:
        look = book.look("words", right=cell.counts, indent=column > 0, number=number.format)
        if row == len(found.numbers) - 1 and _adds_up(found, column):
            from xlsxwriter.utility import xl_range

            above = xl_range(first, column, first + row - 1, column)
            sheet.write_formula(*place, f"=SUM({above})", look, float(number.value))
        else:
            sheet.write_number(*place, number.value, look)
    elif day := printed_date(cell.text):
        sheet.write_datetime(*place, day, book.look("day"))
    else:
        look = book.look("words", right=cell.counts, indent=column > 0)
        sheet.write_string(*place, cell.text or NO_VALUE, look)


def _adds_up(found: Typed, column: int) -> bool:
    """Whether the total of a column is the sum of the numbers above it, to the last digit."""
    *above, total = (row[column] for row in found.numbers)
    known = [number for number in above if number]
    if not found.table.total or total is None or len(known) < 2:
        return False
    alike = len({(n.percent, n.unit, n.bound) for n in [*known, total]}) == 1
    return alike and not total.percent and sum(n.value for n in known) == total.value


def write_tables(
    folder: Path, title: str, parts: Iterable[Part], rows: Rows, about: Sequence[str] = ()
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
    about
        Whose the data are and how they stand, for the covers.

    Returns
    -------
    dict
        Page of a part → links to its files; to those of all tables under no name.
    """
    found = [(part.href, f"{part.title} – {title}", tables_of(part.shown)) for part in parts]
    every = once(table for _, _, tables in found for table in tables)
    known = [typed(table, rows) for table in every]
    links: dict[str, list[dict[str, str]]] = {}
    names = set()
    for href, named, tables in [*found, ("", title, every)]:
        stem = Path(href).stem or ALL_TABLES
        own = [known[every.index(table)] for table in tables]
        for kind in KINDS if tables else ():
            book = kind == "xlsx"
            path = folder / TABLES / f"{stem}.{kind}"
            write_file(path, workbook(named, own, rows, about) if book else f"{BOM}{csv_of(own)}")
            names.add(path.name)
            link = {"href": f"{TABLES}/{path.name}", "title": text(f"page-{kind}")}
            links.setdefault(href, []).append(link)
    for kind in KINDS:
        for path in (folder / TABLES).glob(f"*.{kind}"):
            if path.name not in names:
                remove_file(path)
    return links


def write_workbook(pack: Pack) -> tuple[Path, ...]:
    """Write all tables of the pack: a workbook with charts, and CSV files for who publishes."""
    about = [pack.ds.bloc.name, *pack.state.split(" · ")]
    found = [_sourced(typed(table, pack.rows), pack.title, about) for table in pack.tables]
    path = pack.folder / FILE
    write_file(path, workbook(pack.title, found, pack.rows, about, pack.charts))
    return path, *write_data(pack, found)
