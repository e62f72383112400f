"""Where cells stand to the tables of their sheet, and where every cell of a workbook went."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise, product
from typing import TYPE_CHECKING, Literal, NamedTuple

from thidua_analysis.excel import Position, Sheet, address
from thidua_analysis.excel.cells import Value, is_blank
from thidua_analysis.form.model import years_in
from thidua_analysis.submission.info import Info
from thidua_analysis.submission.rows import Listed, Tally, is_plain_number
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.which_form import is_choices, is_own
from thidua_analysis.vietnamese.text import clean

if TYPE_CHECKING:
    from thidua_analysis.submission.reading import Reading

#: where a row stands to the tables of its sheet; a sheet without a table is all text
Zone = Literal["title", "beside", "below", "text"]
Place = tuple[str, int, int]
_LAST_COLUMN = 1 << 15
#: what a person types for "there is nothing" in a cell
_NOTHING = frozenset("-–—−…. xX×")
#: cells that are not outside
_INSIDE = ("stored", "reported")


class Side(NamedTuple):
    """The filled cells of one row that stand together outside the tables."""

    row: int
    cells: list[tuple[int, Value]]

    @property
    def left(self) -> int:
        """The first column."""
        return self.cells[0][0]

    @property
    def right(self) -> int:
        """The last column."""
        return self.cells[-1][0]


@dataclass(slots=True)
class Region:
    """A rectangle of cells that may be data and were not read.

    ``weight`` says how much speaks for data; ``fits`` that it has the shape of rows of the form.
    """

    top: int
    left: int
    bottom: int
    right: int
    weight: int = 0
    fits: bool = False

    @property
    def corner(self) -> str:
        """Address of the cell at the top left."""
        return address(self.top, self.left)

    @property
    def range(self) -> str:
        """Address of the rectangle, "B7" or "B7:D9"."""
        last = address(self.bottom, self.right)
        return self.corner if last == self.corner else f"{self.corner}:{last}"

    def holds(self, at: Position) -> bool:
        """Whether a cell stands in it."""
        return self.top <= at[0] <= self.bottom and self.left <= at[1] <= self.right


@dataclass(slots=True)
class _Band:
    """Rows of a sheet, down to the next band, in which the same columns belong to tables.

    ``others`` are columns beside a table that bear another year; ``headed`` and ``filled`` the
    tables whose headings, and whose rows, run through the band.
    """

    top: int
    zone: Zone
    taken: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    headed: list[ReadTable] = field(default_factory=list)
    filled: list[ReadTable] = field(default_factory=list)


class Zones:
    """The tables of a sheet, and what stands around them.

    ``read`` are cells that say who reports on what, ``named`` those that findings name.
    """

    def __init__(
        self,
        texts: SheetTexts,
        parts: Sequence[ReadTable],
        read: Set[Position],
        named: Set[Position],
    ) -> None:
        self.sheet, self._read = texts.sheet, read
        self._named: dict[int, set[int]] = {}
        for row, column in named:
            self._named.setdefault(row, set()).add(column)
        places = [(part.located.top, part.located.first, part.body.end) for part in parts]
        self._edges = sorted({1, len(self.sheet.rows) + 1}.union(*places))
        first = min((top for top, _, _ in places), default=0)
        outer: Zone = "below" if parts else "text"
        self._bands = [_Band(top, "title" if top < first else outer) for top in self._edges]
        for part in parts:
            self._enter(part, texts)

    def _enter(self, part: ReadTable, texts: SheetTexts) -> None:
        at, edges = part.located, self._edges
        known = {c.column for c in at.columns.values()} | {*at.ordinals, *at.ignored}
        known |= self.reported_columns(part)
        others = set(_other_years(texts, part))
        for band in self._bands[bisect_left(edges, at.top) : bisect_left(edges, part.body.end)]:
            is_head = band.top < at.first
            band.zone = "beside"
            (band.headed if is_head else band.filled).append(part)
            band.taken |= others.union(range(at.left, at.right + 1) if is_head else known)
            band.others |= others

    def band(self, row: int) -> _Band:
        """The rows around a row with the same tables."""
        return self._bands[bisect_right(self._edges, row) - 1]

    def is_named(self, side: Side) -> bool:
        """Whether a finding names a cell of a side, or the one before it: its label."""
        named = self._named.get(side.row, set())
        label = named - self.band(side.row).taken
        return side.left - 1 in label or any(side.left <= c <= side.right for c in named)

    def is_free(self, region: Region) -> bool:
        """Whether a rectangle covers no cell of a table."""
        first = bisect_right(self._edges, region.top) - 1
        columns = range(region.left, region.right + 1)
        bands = self._bands[first : bisect_right(self._edges, region.bottom)]
        return all(band.taken.isdisjoint(columns) for band in bands)

    def sides(self) -> Iterator[Side]:
        """All cells outside the tables by row, those of a row parted by the tables between."""
        width = max(map(len, self.sheet.rows), default=0)
        for band, end in zip(self._bands, self._edges[1:], strict=False):
            taken = pairwise([0, *sorted(band.taken), _LAST_COLUMN])
            free = [(a + 1, b) for a, b in taken if b > a + 1 and a < width]
            for row, cells in enumerate(self.sheet.rows[band.top - 1 : end - 1], band.top):
                for left, stop in free:
                    within = cells[left - 1 : stop - 1]
                    # zeros alone are what formulas filled in beforehand
                    numbered = enumerate(within, left) if any(within) else ()
                    held = [(c, v) for c, v in numbered if not is_blank(v)]
                    held = [(c, v) for c, v in held if (row, c) not in self._read]
                    if held:
                        yield Side(row, held)
                for part in band.headed:
                    yield from _among_headings(part, row, cells)

    def reported_columns(self, part: ReadTable) -> set[int]:
        """Columns of a table whose heading cell is reported; all that it is merged over."""
        at = part.located
        headings = [*at.unknown, *(h for h, _ in at.ambiguous)]
        headings += [h for _, *both in at.doubled for h in both]
        wrong = {h.column for h in headings}
        for merge in part.sheet.merges if wrong else ():
            if at.top <= merge.top < at.first and merge.left in wrong:
                wrong.update(range(merge.left, min(merge.right, at.right) + 1))
        named = {c for row in range(at.top, at.first) for c in self._named.get(row, ())}
        return wrong | (named - {c.column for c in at.columns.values()})


def _among_headings(part: ReadTable, row: int, cells: Sequence[Value]) -> Iterator[Side]:
    """Cells in the rows of the headings that are no text, and so no heading."""
    at = part.located
    for column, value in enumerate(cells[at.left - 1 : at.right], at.left):
        is_text = isinstance(value, str) and not is_plain_number(value)
        if not is_text and not is_blank(value):
            yield Side(row, [(column, value)])


def _other_years(texts: SheetTexts, part: ReadTable) -> Iterator[int]:
    """Columns beside a table whose headings name years, and not that of the report."""
    at = part.located
    for row in range(at.top, at.first):
        for column in range(1, len(texts.sheet.rows[row - 1]) + 1):
            if not at.left <= column <= at.right:
                years = years_in(texts.shown(row, column))
                if years and part.year not in years:
                    yield column


def account(reading: Reading) -> dict[Place, str]:
    """Say of each cell that holds something, shows an error or lacks its result where it went.

    ``stored`` is one whose value, or whose "none", stands in a row or says who reports;
    ``reported`` one that an error keeps out, alone or with its row or column. The others are
    outside for a reason: heading, ordinal, total, title … ``lost`` would be a cell of a data row
    that is none of these; there never is one.
    """
    kinds = {
        (sheet.name, *at): _outside(reading, sheet, at)
        for sheet in reading.book.sheets
        for at in _cells(sheet)
    }
    found: dict[Place, str] = {}
    for part in chain.from_iterable(reading.parts.values()):
        reported = reading.outside[part.sheet.name].zones.reported_columns(part)
        found.update(_of_part(part, reported, kinds.keys()))
    for part in reading.repeated:
        at, rows = part.located, range(part.located.top, part.body.end)
        cells = ((part.sheet.name, r, c) for r in rows for c in range(at.left, at.right + 1))
        found.update(dict.fromkeys(cells, "reported"))
    for info in reading.identity.meant:
        found.update(_of_info(reading, info))
    return kinds | {place: kind for place, kind in found.items() if place in kinds}


def tally(reading: Reading) -> Tally:
    """Count the cells of a workbook, and list those that are in no row and no finding."""
    kinds = account(reading)
    stored, reported = (sum(kind == one for kind in kinds.values()) for one in _INSIDE)
    order = {sheet.name: number for number, sheet in enumerate(reading.book.sheets)}
    outside = [(order[place[0]], kind, place) for place, kind in kinds.items()]
    listed = [
        Listed(reading.book.sheets[sheet].name, block.range, kind, size)
        for (sheet, kind), cells in groupby(sorted(outside), key=lambda one: one[:2])
        if kind not in _INSIDE
        for block, size in _blocks(place[1:] for _, _, place in cells)
    ]
    return Tally(len(kinds), stored, reported, tuple(listed))


def _blocks(cells: Iterable[Position]) -> Iterator[tuple[Region, int]]:
    """Rectangles without a gap that cover sorted cells, each once, with how many cells."""
    open_: dict[tuple[int, int], Region] = {}
    blocks: list[Region] = []
    for row, line in groupby(cells, key=lambda at: at[0]):
        columns = dict.fromkeys(column for _, column in line)
        starts = [c for c in columns if c - 1 not in columns]
        ends = [c for c in columns if c + 1 not in columns]
        for run in zip(starts, ends, strict=True):
            block = open_.get(run)
            if block is None or block.bottom < row - 1:
                block = open_[run] = Region(row, run[0], row, run[1])
                blocks.append(block)
            block.bottom = row
    for one in blocks:
        yield one, (one.bottom - one.top + 1) * (one.right - one.left + 1)


def _cells(sheet: Sheet) -> Iterator[Position]:
    yield from ((cell.row, cell.column) for cell in sheet.filled() if not is_blank(cell.value))
    yield from sheet.errors
    yield from sheet.uncalculated


def _outside(reading: Reading, sheet: Sheet, at: Position) -> str:
    """What a cell is that stands in no table."""
    if sheet.hidden:
        return "hidden"
    if found := reading.outside.get(sheet.name):
        return "reported" if found.is_reported(at) else found.reason(at)
    if reading.identity.form is None:
        return "form-unknown"
    return "own-sheet" if is_own(sheet) else "choice-list" if is_choices(sheet.name) else "guide"


def _of_info(reading: Reading, info: Info) -> Iterator[tuple[Place, str]]:
    sheet, identity = info.texts.sheet.name, reading.identity
    asked = {f.name for f in identity.form.info.fields} if identity.form else set()
    bad = {(f.sheet, f.cell) for f in reading.found if f.severity == "error"}
    yield from (((sheet, *label.place), "label") for label in info.labels)
    for label in info.labels:
        name = label.field.name
        known = name == "form" or name in asked or identity.values.get(name) is not None
        is_reported = (sheet, label.address) in bad
        kind = "reported" if is_reported else "stored" if known else "not-asked"
        yield (sheet, *label.at), kind


def _of_part(part: ReadTable, reported: set[int], read: Set[Place]) -> Iterator[tuple[Place, str]]:
    at, sheet = part.located, part.sheet
    columns = range(at.left, at.right + 1)
    fields = {c.column: name for name, c in at.columns.items()}
    positions = {row: position for position, row in enumerate(part.body.data)}
    places = product(range(at.top, part.body.end), reported.union(columns))
    for row, column in (place for place in places if (sheet.name, *place) in read):
        value, kind = sheet.value(row, column), ""
        if row < at.first:
            is_text = isinstance(value, str) and not is_plain_number(value)
            kind = "heading" if is_text and column in columns else ""
        elif column in fields and row in positions:
            kind = _kind_of_value(part, fields[column], positions[row], value)
        elif column in reported:
            kind = "reported"
        elif column in at.ordinals:
            kind = "ordinal"
        elif column in at.ignored:
            kind = "not-asked"
        elif column in fields and row in part.body.totals:
            kind = "total"
        elif column in fields:
            is_section = row in part.body.section_rows
            kind = "section" if is_section else part.body.skipped.get(row, "lost")
        if kind:
            yield (sheet.name, row, column), kind
    # cells of section rows, and cells above, whose text stands in a row
    for values in part.columns.values():
        yield from (((sheet.name, *place), "stored") for place in values.places.values())


def _kind_of_value(part: ReadTable, name: str, position: int, value: Value) -> str:
    asked, values = part.table.by_name[name], part.columns[name]
    if asked.type == "personal":
        return "personal"
    if position in part.left_out or position in values.broken:
        return "reported"
    if position in values.places and asked.type != "rank":
        return "covered"
    is_none = isinstance(value, str) and set(clean(value)) <= _NOTHING
    return "stored" if values.values[position] is not None or is_none else "lost"
