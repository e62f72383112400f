"""Cells outside every table: what they are there for, and regions of data that nobody read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from thidua_analysis.awards import match as award
from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Form
from thidua_analysis.spellings import years_in
from thidua_analysis.submission.columns.texts import YEARS
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.tables.blocks import may_be_heading
from thidua_analysis.submission.text import signs
from thidua_analysis.submission.text.sheet_texts import SheetTexts, is_blank
from thidua_analysis.vietnamese.text import key

#: above, beside or under the tables of a sheet, or on a sheet without one; in a column of another
#: year beside a table, as the template has them; what the words say
Reason = Literal[
    *("title", "beside", "below", "text", "other-year"),
    *("signature", "remark", "nothing-to-report", "total"),
]
#: rows of one region are not further apart than this, nor are its columns
_ROWS_APART, _COLUMNS_APART = 3, 3
#: so many texts side by side, in two rows, are a list; signatures and titles are fewer
_LIST = 3
#: so many headings of a table stand in a row, or under each other
_HEADINGS, _HEADING_ROWS = 2, 3
_LAST_COLUMN = 1 << 15
_LONGEST_FIGURE = 40
_FIGURE = re.compile(r"[-+−–≥≤<>~\s]*\d[\d.,/\s]*%?\s*")
#: a number up to this in front of a text only numbers the text
_LAST_ORDINAL = 99
_LAST_DAY = 31
#: titles of a sheet without a table stand in its first rows
_TITLE_ROWS = 8


class Side(NamedTuple):
    """The filled cells of one row that stand together outside the tables."""

    row: int
    cells: list[tuple[int, Value]]


@dataclass(slots=True)
class Region:
    """A rectangle of cells that may be data and were not read.

    ``fits`` says that it has the shape of rows of the form.
    """

    top: int
    left: int
    bottom: int
    right: int
    fits: bool = False
    figures: bool = False

    @property
    def corner(self) -> str:
        """Address of the cell at the top left."""
        return address(self.top, self.left)

    @property
    def range(self) -> str:
        """Address of the rectangle, "B7" or "B7:D9"."""
        last = address(self.bottom, self.right)
        return self.corner if last == self.corner else f"{self.corner}:{last}"

    @property
    def size(self) -> int:
        """How many cells it covers."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def holds(self, at: Position) -> bool:
        """Whether a cell stands in it."""
        return self.top <= at[0] <= self.bottom and self.left <= at[1] <= self.right


@dataclass(slots=True)
class Outside:
    """What stands outside the tables of one sheet.

    Parameters
    ----------
    zones
        Where the tables stand.
    rows
        Row → what its words say.
    regions
        What may be data.
    reported
        Regions that some finding names already: it says what is wrong.
    """

    zones: Zones
    rows: dict[int, Reason] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    reported: list[Region] = field(default_factory=list)

    def is_reported(self, at: Position) -> bool:
        """Whether a cell stands in a region that is reported."""
        return any(region.holds(at) for region in (*self.regions, *self.reported))

    def reason(self, at: Position) -> Reason:
        """Why a cell is in no table."""
        if self.zones.is_of_other_year(*at):
            return "other-year"
        return self.rows.get(at[0]) or self.zones.zone(at[0])

    def leave(self) -> None:
        """Take the regions as reported: a finding is about the sheet as a whole."""
        self.reported += self.regions
        self.regions = []

    def findings(self) -> Iterator[Finding]:
        """Findings on the regions that nobody read."""
        for region in self.regions:
            yield finding(
                "cells-not-read",
                severity="error" if region.fits else "warning",
                sheet=self.zones.sheet.name,
                cell=region.corner,
                params={"range": region.range},
            )


def survey(
    form: Form,
    texts: SheetTexts,
    parts: Sequence[Extract],
    read: Set[Position],
    named: Set[Position],
) -> Outside:
    """Look at everything on a sheet that stands in none of its tables.

    Parameters
    ----------
    form
        The form that the file is of.
    texts
        The sheet with the reader of its texts.
    parts
        The tables that were read from it.
    read
        Cells that were read otherwise: who reports on what.
    named
        Cells that findings name.
    """
    zones = Zones(texts, parts, read, named)
    result = Outside(zones)
    looks = _Looks(form, texts, parts, result)
    for side in zones.sides():
        looks.look(side)
    for region in looks.found():
        said = any(region.holds(at) and not zones.is_inside(*at) for at in named)
        (result.reported if said else result.regions).append(region)
    return result


class Zones:
    """Where on a sheet the tables stand, and the cells beside, above and under them."""

    def __init__(
        self,
        texts: SheetTexts,
        parts: Sequence[Extract],
        read: Set[Position],
        named: Set[Position],
    ) -> None:
        self.sheet, self.parts, self.read, self.named = texts.sheet, parts, read, named
        self.tops = [part.located.top for part in parts]
        self._known = [self._known_columns(part) for part in parts]
        self._others = [frozenset(_other_years(texts, part)) for part in parts]

    def is_inside(self, row: int, column: int) -> bool:
        """Whether a cell stands under a heading of a table, or is one."""
        return column in self._taken(row)

    def is_within(self, side: Side) -> bool:
        """Whether cells stand in rows of a table between two of its columns."""
        return any(
            p.located.first <= side.row < p.roles.end
            and any(p.located.left < column < p.located.right for column, _ in side.cells)
            for p in self.parts
        )

    def is_of_other_year(self, row: int, column: int) -> bool:
        """Whether a cell stands beside a table in a column that bears another year."""
        return any(
            p.located.top <= row < p.roles.end and column in columns
            for p, columns in zip(self.parts, self._others, strict=True)
        )

    def crosses(self, region: Region) -> bool:
        """Whether a rectangle would cover cells of a table."""
        return any(
            p.located.top <= region.bottom
            and region.top < p.roles.end
            and any(region.left <= column <= region.right for column in known)
            for p, known in zip(self.parts, self._known, strict=True)
        )

    def zone(self, row: int) -> Reason:
        """Where a row stands: above the first table, beside one, under one."""
        if not self.parts:
            return "text"
        if row < min(self.tops):
            return "title"
        within = any(p.located.top <= row < p.roles.end for p in self.parts)
        return "beside" if within else "below"

    def sides(self) -> Iterator[Side]:
        """All cells outside the tables by row, those of a row parted by the tables between."""
        rows = self.sheet.rows
        edges = {1, len(rows) + 1}
        for part in self.parts:
            edges |= {part.located.top, part.located.first, part.roles.end}
        for top, end in pairwise(sorted(edges)):
            free = list(_gaps(self._taken(top)))
            headed = [p for p in self.parts if p.located.top <= top < p.located.first]
            for row, cells in enumerate(rows[top - 1 : end - 1], top):
                for columns in free:
                    if any(cells[columns.start - 1 : columns.stop - 1]):
                        yield from self._side(row, columns, cells)
                for part in headed:
                    yield from self._among_headings(part, row, cells)

    def _side(self, row: int, columns: range, cells: Sequence[Value]) -> Iterator[Side]:
        within = cells[columns.start - 1 : columns.stop - 1]
        numbered = enumerate(within, columns.start)
        found = [(c, v) for c, v in numbered if not is_blank(v) and (row, c) not in self.read]
        if found:
            yield Side(row, found)

    def _among_headings(self, part: Extract, row: int, cells: Sequence[Value]) -> Iterator[Side]:
        """Cells in the rows of the headings that are no text, and so no heading."""
        at = part.located
        for column, value in enumerate(cells[at.left - 1 : at.right], at.left):
            if not isinstance(value, str) and not is_blank(value):
                yield Side(row, [(column, value)])

    def _taken(self, row: int) -> set[int]:
        """Columns that belong to tables in a row."""
        taken: set[int] = set()
        for part, known, others in zip(self.parts, self._known, self._others, strict=True):
            at = part.located
            if at.top <= row < at.first:
                taken.update(range(at.left, at.right + 1))
            elif at.first <= row < part.roles.end:
                taken |= known
            if at.top <= row < part.roles.end:
                taken |= others
        return taken

    def _known_columns(self, part: Extract) -> set[int]:
        """Columns of a table that bear a heading, or whose heading cell a finding names."""
        at = part.located
        known = {c.column for c in at.columns.values()} | {*at.ordinals, *at.ignored}
        return known | self.reported_columns(part)

    def reported_columns(self, part: Extract) -> set[int]:
        """Columns of a table whose heading cell is reported; all that it is merged over."""
        at = part.located
        headed = {c.column for c in at.columns.values()}
        named = {c for row, c in self.named if at.top <= row < at.first}
        return _wrong_columns(part) | (named - headed)


def _wrong_columns(part: Extract) -> set[int]:
    at = part.located
    headings = [*at.unknown, *(h for h, _ in at.ambiguous)]
    headings += [h for _, *both in at.doubled for h in both]
    wrong = {h.column for h in headings}
    for merge in part.sheet.merges if wrong else ():
        if at.top <= merge.top < at.first and merge.left in wrong:
            wrong.update(range(merge.left, min(merge.right, at.right) + 1))
    return wrong


def _other_years(texts: SheetTexts, part: Extract) -> Iterator[int]:
    """Columns beside a table whose headings name years, and not that of the report."""
    at = part.located
    for row in range(at.top, at.first):
        for column in range(1, len(texts.sheet.rows[row - 1]) + 1):
            if not at.left <= column <= at.right:
                years = years_in(texts.shown(row, column))
                if years and part.year not in years:
                    yield column


def _gaps(taken: set[int]) -> Iterator[range]:
    """Columns between those that are taken, the last without an end."""
    for before, after in pairwise([0, *sorted(taken), _LAST_COLUMN]):
        if after > before + 1:
            yield range(before + 1, after)


class _Looks:
    """Looks at the sides of a sheet from top to bottom and puts what may be data together."""

    def __init__(
        self, form: Form, texts: SheetTexts, parts: Sequence[Extract], result: Outside
    ) -> None:
        self.form, self.texts, self.parts, self.result = form, texts, parts, result
        self.zones = result.zones
        self.sides: dict[int, list[Side]] = {}
        self.regions: list[Region] = []
        self.said: Reason | None = None

    def look(self, side: Side) -> None:
        """Say what a side is, and add it to a region where it may be data."""
        row, zone = side.row, self.zones.zone(side.row)
        words = [text for column, _ in side.cells if (text := self.texts.shown(row, column))]
        said = _said(words) if zone != "title" else None
        if zone == "below":
            self.said = said = said or self.said
        elif zone == "beside":
            self.said = None
        if said:
            self.result.rows.setdefault(row, said)
        self.sides.setdefault(row, []).append(side)
        figures = self._holds_figures(side, words, zone) or self.zones.is_within(side)
        fits = zone == "below" and any(self._fits(part, side) for part in self.parts)
        if figures or fits or (said is None and self._is_listed(side)):
            self._add(side, fits=fits, figures=figures or fits)

    def found(self) -> Iterator[Region]:
        """The regions, with the headings right above them."""
        for region in self.regions:
            self._take_headings(region)
            headings = {text for text in self._words(region) if may_be_heading(text)}
            region.fits = region.fits or len(headings) >= _HEADINGS
            if region.figures or region.bottom > region.top:
                yield region

    # --- what a side holds ------------------------------------------------------------------

    def _holds_figures(self, side: Side, words: Sequence[str], zone: Reason) -> bool:
        cells = side.cells
        if len(words) < len(cells) and _is_date_line(self.texts, side):
            return False
        if len(words) >= 1 and len(cells) > 1 and _is_ordinal(cells[0][1]):
            cells = cells[1:]
        years_are_words = zone == "title" or (zone == "text" and side.row <= _TITLE_ROWS)
        return any(_is_figure(v, years_are_words) for _, v in cells)

    def _fits(self, part: Extract, side: Side) -> bool:
        """Whether a row under a table is one of its rows: all that is required, and a value."""
        if side.row < part.roles.end:
            return False
        columns = {c.column: part.table.by_name[c.name] for c in part.located.columns.values()}
        held = {columns[c].name: (c, v) for c, v in side.cells if c in columns}
        needed = {f.name for f in columns.values() if f.required}
        if len(held) < 2 or not needed <= held.keys():
            return False
        for name, (column, value) in held.items():
            asked = part.table.by_name[name]
            codes = self.form.code_index.get(asked.codes or "", {})
            if key(self.texts.shown(side.row, column)) in codes:
                return True
            if (asked.is_numeric or asked.type in ("rank", "date")) and _is_figure(value):
                return True
        return False

    def _is_listed(self, side: Side) -> bool:
        """Whether texts stand side by side as in a list, not all of them known words."""
        run = 0
        for (before, _), (column, _) in pairwise([(-1, None), *side.cells]):
            run = run + 1 if column == before + 1 else 1
            if run == _LIST:
                break
        shown = (self.texts.shown(side.row, column) for column, _ in side.cells)
        return run >= _LIST and not all(map(self._is_known, shown))

    def _is_known(self, text: str) -> bool:
        """Whether a text is a heading, a label of a list, or an award: a list of choices."""
        folded = key(text)
        labels = self.form.code_index.values()
        return may_be_heading(text) or any(folded in one for one in labels) or bool(award(text))

    # --- regions ----------------------------------------------------------------------------

    def _add(self, side: Side, *, fits: bool, figures: bool) -> None:
        row, left, right = side.row, side.cells[0][0], side.cells[-1][0]
        for region in reversed(self.regions):
            if region.bottom < row - _ROWS_APART:
                continue
            near = left <= region.right + _COLUMNS_APART and region.left <= right + _COLUMNS_APART
            grown = Region(region.top, min(left, region.left), row, max(right, region.right))
            if near and not self.zones.crosses(grown):
                region.left, region.bottom, region.right = grown.left, row, grown.right
                region.fits, region.figures = region.fits or fits, region.figures or figures
                return
        self.regions.append(Region(row, left, row, right, fits, figures))

    def _take_headings(self, region: Region) -> None:
        """Let rows of texts right above a region belong to it."""
        for row in range(region.top - 1, max(0, region.top - 1 - _HEADING_ROWS), -1):
            above = [s for s in self.sides.get(row, ()) if region.left <= s.cells[-1][0]]
            above = [s for s in above if s.cells[0][0] <= region.right]
            words = [self.texts.shown(row, c) for s in above for c, _ in s.cells]
            known = sum(map(may_be_heading, words))
            if region.fits or (len(words) < _LIST and known < _HEADINGS) or _said(words):
                return
            columns = [c for s in above for c, _ in s.cells]
            left, right = min(region.left, *columns), max(region.right, *columns)
            if self.zones.crosses(Region(row, left, region.bottom, right)):
                return
            region.top, region.left, region.right = row, left, right

    def _words(self, region: Region) -> Iterator[str]:
        for row in range(region.top, min(region.bottom, region.top + _HEADING_ROWS) + 1):
            for side in self.sides.get(row, ()):
                for column, value in side.cells:
                    if isinstance(value, str) and region.holds((row, column)):
                        yield self.texts.shown(row, column)


def _said(words: Sequence[str]) -> Reason | None:
    """What the words of a row under a table say about it."""
    tests: tuple[tuple[Reason, object], ...] = (
        ("signature", signs.is_signature),
        ("signature", signs.is_signatory),
        ("remark", signs.is_remark),
        ("nothing-to-report", signs.says_nothing),
        ("total", signs.is_total),
    )
    return next((why for why, test in tests if any(map(test, words))), None)  # type: ignore[arg-type]


def _is_date_line(texts: SheetTexts, side: Side) -> bool:
    """Whether a row says where and when it was signed, day and year in cells of their own."""
    words = []
    for column, value in side.cells:
        if isinstance(value, (int, float)):
            if not 1 <= value <= _LAST_DAY and value not in YEARS:
                return False
            words.append(f"{value:g}")
        else:
            words.append(texts.shown(side.row, column))
    return signs.is_signature(" ".join(words))


def _is_ordinal(value: Value) -> bool:
    """Whether a value in front of a text only numbers it."""
    if isinstance(value, str):
        return signs.is_ordinal(value)
    return isinstance(value, (int, float)) and value in range(1, _LAST_ORDINAL + 1)


def _is_figure(value: Value, years_are_words: bool = False) -> bool:
    """Whether a cell holds a number or a date; zeros are what formulas filled in beforehand."""
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return not years_are_words
    if isinstance(value, str):
        if len(value) > _LONGEST_FIGURE or not _FIGURE.fullmatch(value):
            return False
        return any(sign in "123456789" for sign in value) and not (
            years_are_words and value.strip() in _YEARS
        )
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value != 0 and not (years_are_words and value in YEARS)


_YEARS = frozenset(map(str, YEARS))
