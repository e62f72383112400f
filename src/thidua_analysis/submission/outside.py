"""Cells outside every table: what they are there for, and regions of data that nobody read."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

from thidua_analysis.excel import Position
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.awards import match as award
from thidua_analysis.form.model import Form
from thidua_analysis.submission import row_words
from thidua_analysis.submission.columns import YEARS
from thidua_analysis.submission.heading_rows import may_be_heading
from thidua_analysis.submission.table import Extract
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.zones import Region, Side, Zone, Zones
from thidua_analysis.vietnamese.numbers import parse
from thidua_analysis.vietnamese.text import key

#: what the words of a row say
Said = Literal["signature", "remark", "nothing-to-report", "total"]
#: rows of one region are not further apart than this, nor are its columns
_ROWS_APART, _COLUMNS_APART = 3, 3
#: so many texts side by side, in two rows, are a list; signatures and titles are fewer
_LIST, _ENOUGH = 3, 2
#: so many headings of a table stand in a row, or under each other
_HEADINGS, _HEADING_ROWS = 2, 3
#: rows are compared with so many tables above them
_MOST_ABOVE = 8
#: so many regions may lie side by side
_NEAREST = 64
_LONGEST_FIGURE = 40
_FIGURE = re.compile(r"[-+−–≥≤<>~\s]*\d[\d.,/\s]*%?\s*")
_ORDINAL = re.compile(r"\(?(\d{1,2})\)?[.)]?")
_DAYS = frozenset({*map(str, range(1, 32)), *(f"0{day}" for day in range(1, 10))})
#: titles of a sheet without a table stand in its first rows
_TITLE_ROWS = 8


@dataclass
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
        Those that some finding names already: it says what is wrong.
    """

    zones: Zones
    rows: dict[int, Said] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    reported: list[Region] = field(default_factory=list)

    @cached_property
    def _by_row(self) -> dict[int, list[Region]]:
        found: dict[int, list[Region]] = {}
        for region in (*self.regions, *self.reported):
            for row in range(region.top, region.bottom + 1):
                found.setdefault(row, []).append(region)
        return found

    def is_reported(self, at: Position) -> bool:
        """Whether a cell stands in a region that is reported."""
        return any(region.holds(at) for region in self._by_row.get(at[0], ()))

    def reason(self, at: Position) -> Said | Zone | Literal["other-year"]:
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
    result.regions += looks.found()
    return result


class _Looks:
    """Looks at the sides of a sheet from top to bottom and puts what may be data together."""

    def __init__(
        self, form: Form, texts: SheetTexts, parts: Sequence[Extract], result: Outside
    ) -> None:
        self.form, self.texts, self.result = form, texts, result
        self.parts = sorted(parts, key=lambda part: part.roles.end)
        self.zones = result.zones
        self.sides: dict[int, list[Side]] = {}
        self.regions: list[Region] = []
        self.said: Said | None = None
        self.counted: dict[int, int] = {}

    def look(self, side: Side) -> None:
        """Say what a side is, and add it to a region where it may be data."""
        row, zone = side.row, self.zones.zone(side.row)
        if self.zones.is_named(side):
            columns = side.cells[0][0], side.cells[-1][0]
            self.result.reported.append(Region(row, columns[0], row, columns[1]))
            return
        words = [text for column, _ in side.cells if (text := self.texts.shown(row, column))]
        own = _said(words) if zone != "title" else None
        if zone == "beside":
            self.said = None
        elif own in ("signature", "remark"):
            self.said = own
        said = own or (self.said if zone == "below" else None)
        if said:
            self.result.rows.setdefault(row, said)
        self.sides.setdefault(row, []).append(side)
        figures = self._holds_figures(side, words, zone) or self.zones.is_within(side)
        fits = zone == "below" and any(self._fits(part, side) for part in self._above(row))
        listed = own is None and said != "signature" and self._is_listed(side)
        if figures or fits or listed:
            self._add(side, _ENOUGH if figures or fits else 1, fits)
        elif said is None and zone != "title":
            self._adjoin(side)

    def found(self) -> Iterator[Region]:
        """The regions, with the headings right above them."""
        for region in self.regions:
            if not region.fits:
                self._take_headings(region)
            headings = {text for text in self._words(region) if may_be_heading(text)}
            region.fits = region.fits or len(headings) >= _HEADINGS
            if region.weight >= _ENOUGH:
                yield region

    def _above(self, row: int) -> Sequence[Extract]:
        """The tables that ended last before a row."""
        ended = bisect_right(self.parts, row, key=lambda part: part.roles.end)
        return self.parts[max(0, ended - _MOST_ABOVE) : ended]

    # --- what a side holds ------------------------------------------------------------------

    def _holds_figures(self, side: Side, words: Sequence[str], zone: Zone) -> bool:
        cells = side.cells
        if len(cells) > 1 and _is_date_line(self.texts, side):
            return False
        numbers = bool(words) and len(cells) > 1
        if (numbers or self.zones.is_in_front(side)) and self._is_ordinal(*cells[0]):
            cells = cells[1:]
        is_title = zone == "title" or (zone == "text" and side.row <= _TITLE_ROWS)
        return any(_is_figure(v, is_title) for _, v in cells)

    def _is_ordinal(self, column: int, value: Value) -> bool:
        """Whether a value in front of a text numbers it: 1, or one more than the last above."""
        typed = _ORDINAL.fullmatch(value) if isinstance(value, str) else None
        number = int(typed[1]) if typed else value
        expected = 1, self.counted.get(column, 0) + 1
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            return False
        if number not in expected:
            return False
        self.counted[column] = int(number)
        return True

    def _fits(self, part: Extract, side: Side) -> bool:
        """Whether a row under a table is one of its rows: all that is required, and a value."""
        columns = {c.column: part.table.by_name[c.name] for c in part.located.columns.values()}
        held = {columns[c].name: (c, v) for c, v in side.cells if c in columns}
        needed = {f.name for f in columns.values() if f.required}
        if len(held) < 2 or not needed <= held.keys():
            return False
        found = False
        for name, (column, value) in held.items():
            asked = part.table.by_name[name]
            codes = self.form.code_index.get(asked.codes or "", {})
            is_label = key(self.texts.shown(side.row, column)) in codes
            if codes and asked.required and not is_label:
                return False
            figures = asked.is_numeric or asked.type in ("rank", "date")
            found = found or is_label or (figures and _is_figure(value))
        return found

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

    def _adjoin(self, side: Side) -> None:
        """Let a text belong to the region right above it."""
        left, right = side.cells[0][0], side.cells[-1][0]
        for region in self.regions[-_NEAREST:]:
            if region.bottom == side.row - 1 and left <= region.right and region.left <= right:
                self._grow(region, side)
                return

    def _add(self, side: Side, weight: int, fits: bool) -> None:
        row, left, right = side.row, side.cells[0][0], side.cells[-1][0]
        for region in reversed(self.regions[-_NEAREST:]):
            if region.bottom < row - _ROWS_APART:
                continue
            near = left <= region.right + _COLUMNS_APART and region.left <= right + _COLUMNS_APART
            if near and self._grow(region, side):
                region.weight, region.fits = region.weight + weight, region.fits or fits
                return
        self.regions.append(Region(row, left, row, right, weight, fits))

    def _grow(self, region: Region, side: Side) -> bool:
        """Let a side belong to a region, unless the rectangle would cover a table."""
        left = min(region.left, side.cells[0][0])
        right = max(region.right, side.cells[-1][0])
        top, bottom = min(region.top, side.row), max(region.bottom, side.row)
        # the rows that it covers already are looked at again only where it grows wider
        wider = left < region.left or right > region.right or top < region.top
        first = top if wider else region.bottom + 1
        if not self.zones.is_free(Region(first, left, bottom, right)):
            return False
        region.top, region.left, region.bottom, region.right = top, left, bottom, right
        return True

    def _take_headings(self, region: Region) -> None:
        """Let rows of texts right above a region belong to it."""
        for row in range(region.top - 1, max(0, region.top - 1 - _HEADING_ROWS), -1):
            for side in self.sides.get(row, ()):
                words = [self.texts.shown(row, column) for column, _ in side.cells]
                over = region.left <= side.cells[-1][0] and side.cells[0][0] <= region.right
                heads = len(words) >= _LIST or sum(map(may_be_heading, words)) >= _HEADINGS
                beside = self.zones.zone(row) == "beside"
                if over and (heads or beside) and not _said(words):
                    self._grow(region, side)
            if region.top != row:
                return

    def _words(self, region: Region) -> Iterator[str]:
        for row in range(region.top, min(region.bottom, region.top + _HEADING_ROWS) + 1):
            for side in self.sides.get(row, ()):
                for column, value in side.cells:
                    if isinstance(value, str) and region.holds((row, column)):
                        yield self.texts.shown(row, column)


_SIGNS: tuple[tuple[Said, Callable[[str], bool]], ...] = (
    ("signature", row_words.is_signature),
    ("signature", row_words.is_signatory),
    ("remark", row_words.is_remark),
    ("nothing-to-report", row_words.says_nothing),
    ("total", row_words.is_total),
)


def _said(words: Sequence[str]) -> Said | None:
    """What the words of a row under a table say about it."""
    return next((why for why, test in _SIGNS if any(map(test, words))), None)


def _is_date_line(texts: SheetTexts, side: Side) -> bool:
    """Whether a row says where and when it was signed, day and year in cells of their own."""
    words = []
    for column, value in side.cells:
        word = f"{value:g}" if isinstance(value, (int, float)) else texts.shown(side.row, column)
        if _is_figure(value) and word not in _DAYS and word not in _YEARS:
            return False
        words.append(word)
    return row_words.is_signature(" ".join(words))


def _is_figure(value: Value, is_title: bool = False) -> bool:
    """Whether a cell holds a number or a date; zeros are what formulas filled in beforehand.

    Years and days are words of a title, as are numbers with what they count.
    """
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return not is_title
    if isinstance(value, str):
        return _is_typed_figure(value.strip(), is_title)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value != 0 and not (is_title and value in YEARS)


def _is_typed_figure(text: str, is_title: bool) -> bool:
    if len(text) > _LONGEST_FIGURE or not any(map(str.isdigit, text)):
        return False
    if _FIGURE.fullmatch(text):
        return any(sign in "123456789" for sign in text) and not (is_title and text in _YEARS)
    return not is_title and bool(parse(text, "number").value)


_YEARS = frozenset(map(str, YEARS))
