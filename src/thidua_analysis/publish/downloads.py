"""Tables of the pages as data: read from their markup, with exact numbers in their cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, NamedTuple

from thidua_analysis.indicators import entry
from thidua_analysis.lineage.register import anchor
from thidua_analysis.messages import LANGUAGES, text
from thidua_analysis.vietnamese.display import (
    NO_VALUE,
    bounded,
    is_money,
    money,
    number,
    printed_date,
)

#: Figures by their anchors, as `Sources.rows` holds them.
Rows = Mapping[str, Mapping[Any, Any]]
#: A number as it is printed: its bound or sign, itself, what is printed behind it, a remark.
_NUMBER = (
    r"(?:({bounds}) |[▲▼]\s*)?([-−+]?)(\d{{1,3}}(?:{group}\d{{3}})+|\d+)({point}\d+)?(%?)"
    r"(/\d[\d{group}]*)?(|\s(?![\d–→])(?:(?!\s[\d–→])[^/();])*[^/();\s])(\s\([^()]*\))?"
)
_PARTS = r"([\d{group}]+)/([\d{group}]+)(\s\(.*\))?"
_PICTURE = re.compile(r"<img[^>]*>|<source[^>]*>")
#: Where the name of what a chart shows ends and its message begins.
_MESSAGE = re.compile(
    r":| (?:tăng|giảm|không đổi|bằng|từ \d|nay|đạt|năm \d{4}|dẫn đầu"
    r"|up|down|unchanged|from \d|now|in \d{4}|leads)\b.*"
)
#: What is said of the picture of a chart, not of its table.
_OF_PICTURE = re.compile(
    "|".join(
        re.escape(text(key, lang, low="\0", year="\0", shown="\0", all="\0")).replace("\0", "[^.]*")
        for lang in LANGUAGES
        for key in (
            *("chart-axis-cut", "chart-rows", "dumbbells-base", "bump-first-on-top"),
            *("scores-deducted", "targets-scale"),
        )
    )
)
_THOUSAND = 1000
#: Unit of money as it is printed, in each language → so many đồng.
MONEY = {money(10**n, lang=lang).partition(" ")[2]: 10**n for lang in LANGUAGES for n in (0, 6, 9)}
#: Letters of a name made of words; of a heading, which Excel bounds; of words beside a number.
_LONGEST, _HEADING, _WORDS = 60, 240, 60


def _as_printed(form: str, words: str) -> re.Match[str] | None:
    """Match words with a form of numbers, as the language that is spoken prints them."""
    group, point = map(re.escape, number(Decimal("1000.5"), 1)[1::4])
    bounds = "|".join(bounded("", one).strip() for one in ("ge", "gt", "le", "lt", "approx"))
    return re.fullmatch(form.format(bounds=bounds, group=group, point=point), words)


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
    #: of the notes, what is measured in a chart, and where the figures come from
    measure: str = ""
    source: str = ""
    #: whether the last row is the total of those above
    total: bool = False

    def add(self, cell: Cell) -> None:
        """Add a cell to the last row; the first one of a group names the group before."""
        if self.group and not self.rows[-1]:
            named = text("column-group")
            self.head = self.head if self.head[:1] == [named] else [named, *self.head]
            self.rows[-1].append(Cell(self.group))
        self.rows[-1].append(cell)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures are printed in it."""
        return indicators_of(cell for row in self.rows for cell in row)

    @property
    def subject(self) -> str:
        """What it is about: its caption, and for a chart, whose caption is a message, the measure.

        Examples
        --------
        >>> Table("Khen thưởng theo cấp năm 2023: nhiều nhất …", measure="Lượt").subject
        'Khen thưởng theo cấp năm 2023'
        """
        head, colon, _ = self.caption.partition(":")
        if not self.measure:
            return self.caption
        if colon:
            return head
        name, found = _MESSAGE.sub("", self.caption), self.indicators
        label = str(entry(found[0]).label) if len(found) == 1 else ""
        name = name if name.startswith(label) else label
        by = f" {text('chart-by', noun=self.head[0][:1].lower() + self.head[0][1:])}"
        return name if by in name or self.head[0] == text("column-year") else f"{name}{by}"


def indicators_of(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Return the ids of the indicators whose figures are printed in cells."""
    return tuple(dict.fromkeys(c.figure.partition("/")[0] for c in cells if c.figure))


@dataclass(frozen=True)
class Number:
    """A number with the decimals and the words around it that are printed."""

    value: Decimal
    places: int = 0
    behind: str = ""
    percent: bool = False
    signed: bool = False
    #: whether points stand between its thousands, as not in a year
    grouped: bool = True
    #: in brackets behind it, such as how many members are in it
    remark: str = ""
    bound: str = ""
    #: printed or not
    unit: str = ""

    @property
    def same(self) -> bool:
        """Whether it is a change of nothing, which is told in words."""
        return self.behind == text("chart-same")

    @property
    def format(self) -> str:
        """Return the format of its cell in a workbook."""
        if self.same:
            return f'"{self.behind}"'
        digits = ("#,##0" if self.grouped else "0") + (
            "." + "0" * self.places if self.places else ""
        )
        digits += "%" if self.percent else ""
        if told := " ".join(filter(None, [self.behind, self.remark])):
            space = "" if told[0] == "/" else " "
            digits += '{}"{}"'.format(space, told.replace('"', ""))
        if self.bound:
            digits = f'"{self.bound} "{digits}'
        return f"+{digits};-{digits};{digits}" if self.signed else digits

    def within(self, unit: str) -> Number:
        """Return the same amount of money in another unit, no digit less."""
        power = len(str(MONEY[unit])) - len(str(MONEY[self.unit]))
        told = unit if self.behind == self.unit else self.behind
        value, places = self.value.scaleb(-power), self.places + power
        return replace(self, value=value, places=max(places, 0), behind=told, unit=unit)


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
        self._row, self._lead = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kinds = given.get("class", "").split()
        if tag == "figure":
            self._said, self._first = [], len(self.tables)
        elif tag == "table":
            self.tables.append(Table(notes=list(self._said), measure=" ".join(self._said)))
        elif tag == "br" and self._texts is not None:
            self._texts.append(" ")
        elif tag in ("caption", "th", "td"):
            self._texts, self._kind = [], tag
            self._cell = {"counts": "figure" in kinds, "scope": given.get("scope")}
        elif tag == "span" and "more" in kinds and self._cell.get("scope") == "rowgroup":
            self._cell["end"] = len(self._texts or [])
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
            self._row = next((k for k in kinds if k in ("head", "part", "total")), "")
            self.tables[-1].total = self._row == "total"
        elif tag == "p" and {"measure", "source", "note"} & set(kinds):
            self._texts = []
            self._kind = next(k for k in kinds if k in ("measure", "source", "note"))
        elif tag == "a" and "data-figure" in given:
            self._cell["figure"] = given["data-figure"]

    def handle_data(self, data: str) -> None:
        if self._texts is not None:
            self._texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._said = []
        if tag == "tr" and self._row != "part" and self.tables and self.tables[-1].rows[-1]:
            self._lead = self.tables[-1].rows[-1][0].text
            if self._row == "head":
                self.tables[-1].rows.pop()
        if self._texts is None or tag not in ("caption", "th", "td", "p"):
            return
        end = self._cell.get("end") if self._kind == "th" else None
        words = " ".join("".join(self._texts[:end]).split())
        self._texts = None
        if self._kind in ("measure", "note"):
            words = " ".join(_OF_PICTURE.sub("", words).replace(" .", "").split())
        if self._kind == "measure":
            self._said.append(words)
        elif self._kind in ("source", "note"):
            self._told(words)
        elif self._kind == "caption":
            self.tables[-1].caption = words
        elif self._cell["scope"] == "col":
            self.tables[-1].head.append(words)
        elif self._cell["scope"] == "rowgroup":
            self.tables[-1].group = words
        elif self.tables:
            # a group in a table of several measures is named with the measure
            named = self._row == "part" and not self.tables[-1].rows[-1]
            words = f"{self._lead}: {words}" if named and self._lead else words
            cell = Cell(words, self._cell.get("figure", ""), self._cell["counts"])
            self.tables[-1].add(cell)

    def _told(self, words: str) -> None:
        source = self._kind == "source"
        for table in self.tables[self._first :] if source else self.tables[-1:]:
            table.notes += [words] if words else []
            table.source = words if source else table.source


def tables_of(shown: Iterable[str]) -> list[Table]:
    """Return the tables in markup as cells show it, each once, in its order."""
    found: list[Table] = []
    for markup in shown:
        reader = _Reader()
        reader.feed(_PICTURE.sub("", markup))
        for table in reader.tables:
            table.rows = [row for row in table.rows if row]
            found += [table] if table.head and table.rows else []
    return once(found)


def once(tables: Iterable[Table]) -> list[Table]:
    """Return tables without those that stood there before."""
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
    if cell.counts and cell.text == text("chart-same"):
        return Number(Decimal(), behind=cell.text)
    found = _as_printed(_NUMBER, cell.text) if cell.counts or cell.figure else None
    if found is None or printed_date(cell.text) or len(cell.text) > _WORDS:
        return None
    bound, sign, whole, decimals, percent, of, behind, remark = (
        one or "" for one in found.groups()
    )
    printed = re.sub(r"\D", "", whole) + decimals.replace(",", ".")
    value = Decimal(printed) * (-1 if sign in ("-", "−") else 1)
    places = max(len(decimals) - 1, 0)
    unit = "%" if percent else behind.strip()
    row = rows.get(anchor(cell.figure)) if cell.figure else None
    if of and (row is None or row.get("unit") == "%" or row["value"] != value):
        return None  # a share of so few that its parts are told, which are no percent
    if row is not None:
        value, unit = _exact(row, value, places, unit)
    value = value / 100 if percent else value
    grouped = not whole.isdecimal() or abs(value) < _THOUSAND
    return Number(
        value, places, behind.strip(), bool(percent), sign == "+", grouped,
        f"{of}{remark}".strip(), bound, unit,
    )  # fmt: skip


def _exact(row: Mapping[Any, Any], value: Decimal, places: int, unit: str) -> tuple[Decimal, str]:
    """Return the exact value of a figure in the unit in which it is printed, and that unit.

    What is printed may be a part of the figure: then it is as exact as it is.
    """
    exact, own = Decimal(str(row["value"])), str(row.get("unit", ""))
    units = [u for u in MONEY.items() if own in u[0]] if is_money(own) else [(own, 1)]
    for named, size in units:
        if abs(exact / size - value) < Decimal(1).scaleb(-places):
            # a printed part of a share is a count, also where it equals the share
            return exact / size, unit or ("" if own == "%" else named)
    return value, unit


class Typed(NamedTuple):
    """A table to compute with: parts of a whole are two columns, and each cell with its number."""

    table: Table
    numbers: tuple[tuple[Number | None, ...], ...]


def typed(table: Table, rows: Rows) -> Typed:
    """Return a table with its numbers; money of one column is in one unit.

    Parts printed as "30/37" are two columns, and columns without any text are none.
    """
    table = _split(table)
    found = [[number_of(cell, rows) for cell in row] for row in table.rows]
    columns = [_alike(column) for column in zip(*found, strict=True)]
    return Typed(table, tuple(zip(*columns, strict=True)))


def _alike(column: Sequence[Number | None]) -> list[Number | None]:
    units = {one.unit for one in column if one and one.unit}
    if len(units) < 2 or not units <= set(MONEY):
        return list(column)
    largest = max(units, key=lambda unit: MONEY[unit])
    return [one.within(largest) if one and one.unit else one for one in column]


def _split(table: Table) -> Table:
    """Return a table of even rows in which parts of a whole are two columns; see `typed`."""
    width = len(table.head)
    rows = [[*row[:width], *[Cell("")] * (width - len(row))] for row in table.rows]
    head: list[str] = []
    cells: list[list[Cell]] = [[] for _ in rows]
    for at, name in enumerate(table.head):
        column = [row[at] for row in rows]
        if not any(cell.text for cell in column):
            continue
        parted = at > 0 and any(_as_printed(_PARTS, cell.text) for cell in column)
        parted &= all(_as_printed(_PARTS, c.text) or c.text == NO_VALUE for c in column)
        head += [name, text("table-out-of", name=name)] if parted else [name]
        for row, cell in zip(cells, column, strict=True):
            row += _parts(cell, parted)
    return replace(table, head=_apart(head), rows=cells)


def _apart(names: Iterable[str]) -> list[str]:
    """Return headings of which no two are the same, nor any empty."""
    found: list[str] = []
    for at, name in enumerate((name[:_HEADING] for name in names), 1):
        known = {one.lower() for one in found}
        again = (f"{name or at} ({n})" for n in range(2, len(known) + 3))
        found.append(next(one for one in (name, *again) if one and one.lower() not in known))
    return found


def _parts(cell: Cell, parted: bool) -> list[Cell]:
    found = _as_printed(_PARTS, cell.text) if parted else None
    if not parted:
        return [cell]
    if found is None:
        return [cell, Cell(NO_VALUE)]
    part = Cell(f"{found[1]}{found[3] or ''}", cell.figure, counts=True)
    return [part, Cell(found[2], counts=True)]


def slug(words: str, sign: str = "-") -> str:
    """Return words as a name of plain letters, cut at a word.

    Examples
    --------
    >>> slug("Khen thưởng theo đối tượng và cấp (lượt)")
    'khen-thuong-theo-doi-tuong-va-cap-luot'
    """
    plain = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    name = sign.join(re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f]", "", plain)))
    return name if len(name) <= _LONGEST else name[:_LONGEST].rpartition(sign)[0]
