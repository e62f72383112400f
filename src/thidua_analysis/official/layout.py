"""How an official form is laid out: its rows and columns, and the paper that it is printed on."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, field
from msgspec.structs import replace

from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form import config
from thidua_analysis.form.config import Entry
from thidua_analysis.messages import keys, text
from thidua_analysis.store.tidy import schema
from thidua_analysis.vietnamese.display import Lang

#: In a path of headings: the cell above reaches down.
ABOVE = "^"
#: In a heading or label: the award that the column or row is repeated for.
AWARD = "{award}"
_BULLETS = ("", "- ", "+ ")
#: Columns that the forms know beside those of the table.
_MADE = {"movements": {"term"}, "commendations": {"family"}}

Where = dict[str, tuple[str, ...]]
One = TypeVar("One")
Several = Annotated[tuple[One, ...], Meta(min_length=1)]


class Lead(Entry):
    """A column before the figures: what a row is called, its code, its unit."""

    heading: str
    number: str
    holds: Literal["label", "code", "unit"]
    width: Annotated[float, Meta(gt=0)]


class Column(Entry):
    """A column of figures.

    ``path`` holds its headings from the top, ``number`` what the row of numbers prints. Counted
    are the rows that ``where`` accepts, and of these the ``fields`` that the line asks for as
    well. ``ratio`` names the columns that are divided instead. ``each`` repeats the columns of
    one number for every award that occurs.
    """

    id: str
    number: str
    path: Several[str]
    width: Annotated[float, Meta(gt=0)]
    where: Where = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    ratio: tuple[str, str] | None = None
    each: Literal["award"] | None = None


class Line(Entry):
    """A line of the form; without a code it is a heading over the next ones.

    ``unit_turns`` is printed instead of ``unit`` where commendations (lượt) were counted.
    ``reason`` is the message that says why the line cannot be filled. ``usual`` names the
    columns in which the form expects figures.
    """

    label: str
    code: str | None = None
    #: 0 stands out, 1 is a part ("-"), 2 a part of that part ("+")
    level: Literal[0, 1, 2] = 0
    bullet: str | None = None
    #: its code is not printed
    unnumbered: bool = False
    bold: bool = False
    italic: bool = False
    unit: str = ""
    unit_turns: str | None = None
    where: Where = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    reason: str | None = None
    usual: tuple[str, ...] = ()
    each: Literal["award"] | None = None

    @property
    def bullet_shown(self) -> str:
        """The bullet before the label."""
        return _BULLETS[self.level] if self.bullet is None else self.bullet


class Equation(Entry):
    """Something that must hold: the whole is the sum of its parts, or not less than it."""

    along: Literal["rows", "columns"]
    whole: str
    parts: Several[str]
    relation: Literal["=", "≥"] = "="
    #: where it holds: columns (along rows) or rows (along columns); none named: everywhere
    only: tuple[str, ...] = ()
    #: as printed; made from the codes where it is missing
    text: str | None = None
    #: message: what is in the whole and in no part
    gap: str | None = None


class Signature(Entry):
    """Who signs."""

    title: str
    hint: str


class Layout(Entry, kw_only=True):
    """One official form of one circular."""

    id: str
    file: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+$")]
    sheet: Annotated[str, Meta(max_length=31)]
    head: tuple[str, ...]
    title: str
    table: Literal["commendations", "movements"]
    counts: Literal["sum", "distinct"]
    unit_line: str | None = None
    recipient: bool = True
    #: years that the circular is about; None is open
    from_year: int | None = None
    until_year: int | None = None
    where: Where = field(default_factory=dict)
    #: column that adds up all others
    total: str | None = None
    #: level → where its commendations are reported instead
    elsewhere: dict[str, str] = field(default_factory=dict)
    leads: Several[Lead]
    columns: Several[Column]
    lines: Several[Line]
    checks: tuple[Equation, ...] = ()
    signatures: tuple[Signature, ...] = ()
    #: message that names rows in notes
    rows_named: str = "official-rows"
    #: headings that say nothing in a table without merged cells
    generic: tuple[str, ...] = ()
    #: messages that are always printed under the form
    notes: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """Number of rows of headings."""
        return max(len(column.path) for column in self.columns)

    def signed_by(self, bloc: str) -> Layout:
        """Return the form with who signs it, in the words of the bloc's kind."""
        signatures = tuple(
            replace(one, title=one.title.format(bloc=bloc)) for one in self.signatures
        )
        return replace(self, signatures=signatures)

    def __post_init__(self) -> None:
        """Refuse nonsense."""
        for problem in _problems(self):
            raise ValueError(problem)


def _problems(layout: Layout) -> Iterator[str]:
    columns = [column.id for column in layout.columns]
    codes = [line.code for line in layout.lines if line.code is not None]
    for name in {name for names in (columns, codes) for name in names if names.count(name) > 1}:
        yield f"twice: {name}"
    entries: tuple[Column | Line, ...] = (*layout.columns, *layout.lines)
    fields = [*layout.where, *(name for one in entries for name in (*one.where, *one.fields))]
    known = {*schema(layout.table).names, *_MADE[layout.table]}
    yield from (f"field: {name}" for name in fields if name not in known)
    named = [name for column in layout.columns for name in column.ratio or ()]
    named += [name for line in layout.lines for name in line.usual]
    named += [layout.total] if layout.total else []
    yield from (f"column: {name}" for name in named if name not in columns)
    for check in layout.checks:
        inside, across = (codes, columns) if check.along == "rows" else (columns, codes)
        yield from (f"check: {n}" for n in (check.whole, *check.parts) if n not in inside)
        yield from (f"check: {name}" for name in check.only if name not in across)
    gaps = [check.gap for check in layout.checks if check.gap]
    yield from (f"gap: {name}" for name in gaps if layout.counts == "distinct")
    reasons = [line.reason for line in layout.lines if line.reason]
    messages = (layout.rows_named, *layout.notes, *reasons, *gaps)
    yield from (f"message: {name}" for name in messages if name not in keys())


@cache
def layouts() -> dict[str, Layout]:
    """All official forms by id, in the order of their files; an id that stands twice is refused."""
    found: dict[str, Layout] = {}
    for file, layout in config.packaged(Layout, __package__).items():
        if found.setdefault(layout.id, layout) is not layout:
            raise ConfigError("config-wrong-entry", file=file, entry="id", value=layout.id)
    return found


def layout(form_id: str) -> Layout:
    """Return one official form; an unknown one is refused."""
    if form_id not in layouts():
        raise UsageError("official-unknown", name=form_id, accepted=", ".join(layouts()))
    return layouts()[form_id]


#: Sizes that are tried, in points: what is printed can be read and is not larger than a letter.
SIZES = (13, 12, 11)
#: Points of one unit of column width.
UNIT = 5.25
#: Letters by their width, as shares of their size; fonts that stand in for Times are wider.
_LETTERS = dict.fromkeys("fijlI.,:;-–()[]/ '", 0.33) | dict.fromkeys("mwMW+=%", 0.88)
_CAPITAL, _LETTER = 0.7, 0.53
#: Margins in inches: left and right, top, bottom.
MARGINS = (0.4, 0.4, 0.55)
#: Shares of the page that are filled: digits, by which columns are measured, are wider in fonts
#: that stand in for others, and programs round up the heights of rows.
_SURE, _ROUNDED = 0.92, 0.98


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper: its name, number in a workbook, and width and height in millimetres."""

    name: str
    number: int
    across: int
    down: int

    @property
    def landscape(self) -> bool:
        """Whether it lies on its long side."""
        return self.across > self.down

    @property
    def width(self) -> float:
        """Points between the margins, from left to right."""
        return (self.across / 25.4 * 72 - 2 * MARGINS[0] * 72) * _SURE

    @property
    def height(self) -> float:
        """Points between the margins, from top to bottom."""
        return (self.down / 25.4 * 72 - sum(MARGINS[1:]) * 72) * _ROUNDED


A4, A4_UPRIGHT = Paper("A4", 9, 297, 210), Paper("A4", 9, 210, 297)
A3 = Paper("A3", 8, 420, 297)


def set_up(sheet: Any, paper: Paper, lang: Lang) -> None:
    """Set up a sheet for a paper: its orientation, margins and page numbers.

    A paper that is not in every printer is named.
    """
    sheet.set_paper(paper.number)
    if paper.landscape:
        sheet.set_landscape()
    sheet.set_margins(*MARGINS[:1] * 2, *MARGINS[1:])
    named = f"&L&9{text('official-paper', lang, name=paper.name)}" if paper is A3 else ""
    sheet.set_footer(f"{named}&R&9&P/&N")


def points(widths: Sequence[float]) -> float:
    """Return the width of columns in points: one of width w is 7w + 5 pixels wide."""
    return sum((7 * width + 5) * 0.75 for width in widths)


def breadth(content: str) -> float:
    """Return the width of a text as a share of the size of its letters."""
    return sum(
        _LETTERS.get(letter, _CAPITAL if letter.isupper() else _LETTER)
        for letter in unicodedata.normalize("NFC", content)
    )


def wrapped(content: str, width: float, size: float) -> list[str]:
    """Return the lines of a text in a cell so many units wide, of letters of a size.

    Examples
    --------
    >>> wrapped("Trong đó: Doanh nghiệp", 10, 12)
    ['Trong', 'đó:', 'Doanh', 'nghiệp']
    """
    room, found, left = width * UNIT / size, [""], width * UNIT / size
    for word in content.split():
        needed = breadth(word)
        if found[-1] and needed > left:
            found, left = [*found, ""], room
        found[-1] = f"{found[-1]} {word}".lstrip()
        left -= needed + breadth(" ")
    return found
