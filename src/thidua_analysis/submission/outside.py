"""What no table takes: cells outside, what they are there for, headings that nobody knows."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from functools import cached_property
from typing import Literal

from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.awards import match as award
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission.accounting import Region, Side, Zone, Zones
from thidua_analysis.submission.columns import YEARS
from thidua_analysis.submission.heading_rows import may_be_heading
from thidua_analysis.submission.locate import Unread
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import SheetTexts
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
_YEARS = frozenset(map(str, YEARS))
#: titles of a sheet without a table stand in its first rows
_TITLE_ROWS = 8


class Outside:
    """What stands outside the tables of one sheet, looked at from top to bottom.

    ``read`` are cells that say who reports on what, ``named`` those that findings name.
    ``regions`` may be data that nobody read; ``reported`` are those that some finding names
    already: it says what is wrong.
    """

    def __init__(
        self,
        form: Form,
        texts: SheetTexts,
        parts: Sequence[ReadTable],
        read: Set[Position],
        named: Set[Position],
    ) -> None:
        self.form, self.texts, self.zones = form, texts, Zones(texts, parts, read, named)
        self.parts = sorted(parts, key=lambda part: part.body.end)
        self.rows: dict[int, Said] = {}
        self.regions: list[Region] = []
        self.reported: list[Region] = []
        self._sides: dict[int, list[Side]] = {}
        self._said: Said | None = None
        self._counted: dict[int, int] = {}
        for side in self.zones.sides():
            self._look(side)
        self.regions = [region for region in self.regions if self._is_data(region)]

    def is_reported(self, at: Position) -> bool:
        """Whether a cell stands in a region that is reported."""
        return any(region.holds(at) for region in self._by_row.get(at[0], ()))

    @cached_property
    def _by_row(self) -> dict[int, list[Region]]:
        found: dict[int, list[Region]] = {}
        for region in (*self.regions, *self.reported):
            for row in range(region.top, region.bottom + 1):
                found.setdefault(row, []).append(region)
        return found

    def reason(self, at: Position) -> Said | Zone | Literal["other-year"]:
        """Why a cell is in no table."""
        band = self.zones.band(at[0])
        return "other-year" if at[1] in band.others else self.rows.get(at[0]) or band.zone

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
                sheet=self.texts.sheet.name,
                cell=region.corner,
                params={"range": region.range},
            )

    # --- what a side holds ------------------------------------------------------------------

    def _look(self, side: Side) -> None:
        """Say what a side is, and add it to a region where it may be data."""
        row, zone = side.row, self.zones.band(side.row).zone
        if self.zones.is_named(side):
            self.reported.append(Region(row, side.left, row, side.right))
            return
        words = list(filter(None, self._words(side)))
        own = _said(words) if zone != "title" else None
        if zone == "beside":
            self._said = None
        elif own in ("signature", "remark"):
            self._said = own
        said = own or (self._said if zone == "below" else None)
        if said:
            self.rows.setdefault(row, said)
        self._sides.setdefault(row, []).append(side)
        figures = self._holds_figures(side, bool(words)) or self._is_within(side)
        fits = zone == "below" and any(self._fits(part, side) for part in self._above(row))
        listed = own is None and said != "signature" and self._is_listed(side)
        if figures or fits or listed:
            self._add(side, _ENOUGH if figures or fits else 1, fits)
        elif said is None and zone != "title":
            self._adjoin(side)

    def _words(self, side: Side) -> list[str]:
        return [self.texts.shown(side.row, column) for column, _ in side.cells]

    def _above(self, row: int) -> Sequence[ReadTable]:
        """The tables that ended last before a row."""
        ended = bisect_right(self.parts, row, key=lambda part: part.body.end)
        return self.parts[max(0, ended - _MOST_ABOVE) : ended]

    def _holds_figures(self, side: Side, has_words: bool) -> bool:
        """Whether figures stand there that neither date a line nor number a text."""
        zone, cells = self.zones.band(side.row).zone, side.cells
        if len(cells) > 1 and self._is_date_line(side):
            return False
        may_number = (has_words and len(cells) > 1) or self._is_in_front(side)
        if may_number and self._is_ordinal(*cells[0]):
            cells = cells[1:]
        is_title = zone == "title" or (zone == "text" and side.row <= _TITLE_ROWS)
        return any(_is_figure(value, is_title) for _, value in cells)

    def _is_in_front(self, side: Side) -> bool:
        """Whether cells stand beside the rows of tables, left of them all."""
        tables = self.zones.band(side.row).filled
        return bool(tables) and all(side.right < part.located.left for part in tables)

    def _is_within(self, side: Side) -> bool:
        """Whether cells stand in rows of a table between two of its columns."""
        places = [part.located for part in self.zones.band(side.row).filled]
        return any(at.left < column < at.right for at in places for column, _ in side.cells)

    def _is_date_line(self, side: Side) -> bool:
        """Whether a row says where and when it was signed, day and year in cells of their own."""
        words = []
        for (_, value), text in zip(side.cells, self._words(side), strict=True):
            word = f"{value:g}" if isinstance(value, (int, float)) else text
            if _is_figure(value) and word not in _DAYS and word not in _YEARS:
                return False
            words.append(word)
        return row_words.is_signature(" ".join(words))

    def _is_ordinal(self, column: int, value: Value) -> bool:
        """Whether a value in front of a text numbers it: 1, or one more than the last above."""
        typed = _ORDINAL.fullmatch(value) if isinstance(value, str) else None
        number = int(typed[1]) if typed else value
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            return False
        if number not in (1, self._counted.get(column, 0) + 1):
            return False
        self._counted[column] = int(number)
        return True

    def _fits(self, part: ReadTable, side: Side) -> bool:
        """Whether a row under a table is one of its rows: all that is required, and a value."""
        columns = {c.column: part.table.by_name[c.name] for c in part.located.columns.values()}
        held = [(columns[c], c, v) for c, v in side.cells if c in columns]
        needed = {f.name for f in columns.values() if f.required}
        if len(held) < 2 or not needed <= {f.name for f, _, _ in held}:
            return False
        found = False
        for asked, column, value in held:
            codes = self.form.code_index.get(asked.codes or "", {})
            is_label = key(self.texts.shown(side.row, column)) in codes
            if codes and asked.required and not is_label:
                return False
            figures = asked.is_numeric or asked.type in ("rank", "date")
            found = found or is_label or (figures and _is_figure(value))
        return found

    def _is_listed(self, side: Side) -> bool:
        """Whether texts stand side by side as in a list, not all of them known words."""
        held = {column for column, _ in side.cells}
        runs = any(held.issuperset(range(column, column + _LIST)) for column in held)
        return runs and not all(map(self._is_known, self._words(side)))

    def _is_known(self, text: str) -> bool:
        """Whether a text is a heading, a label of a list, or an award: a list of choices."""
        folded = key(text)
        labels = self.form.code_index.values()
        return may_be_heading(text) or any(folded in one for one in labels) or bool(award(text))

    # --- regions ----------------------------------------------------------------------------

    def _adjoin(self, side: Side) -> None:
        """Let a text belong to the region right above it."""
        for region in self.regions[-_NEAREST:]:
            over = side.left <= region.right and region.left <= side.right
            if region.bottom == side.row - 1 and over:
                self._grow(region, side)
                return

    def _add(self, side: Side, weight: int, fits: bool) -> None:
        for region in reversed(self.regions[-_NEAREST:]):
            near = side.left <= region.right + _COLUMNS_APART
            near = near and region.left <= side.right + _COLUMNS_APART
            near = near and region.bottom >= side.row - _ROWS_APART
            if near and self._grow(region, side):
                region.weight, region.fits = region.weight + weight, region.fits or fits
                return
        self.regions.append(Region(side.row, side.left, side.row, side.right, weight, fits))

    def _grow(self, region: Region, side: Side) -> bool:
        """Let a side belong to a region, unless the rectangle would cover a table."""
        left, right = min(region.left, side.left), max(region.right, side.right)
        top, bottom = min(region.top, side.row), max(region.bottom, side.row)
        # the rows that it covers already are looked at again only where it grows wider
        wider = left < region.left or right > region.right or top < region.top
        first = top if wider else region.bottom + 1
        if not self.zones.is_free(Region(first, left, bottom, right)):
            return False
        region.top, region.left, region.bottom, region.right = top, left, bottom, right
        return True

    def _is_data(self, region: Region) -> bool:
        """Whether enough speaks for data, once the region has the headings right above it."""
        if not region.fits:
            self._take_headings(region)
            rows = range(region.top, min(region.bottom, region.top + _HEADING_ROWS) + 1)
            words = {
                self.texts.shown(row, column)
                for row in rows
                for side in self._sides.get(row, ())
                for column, value in side.cells
                if isinstance(value, str) and region.holds((row, column))
            }
            region.fits = sum(map(may_be_heading, words)) >= _HEADINGS
        return region.weight >= _ENOUGH

    def _take_headings(self, region: Region) -> None:
        """Let rows of texts right above a region belong to it."""
        for row in range(region.top - 1, max(0, region.top - 1 - _HEADING_ROWS), -1):
            for side in self._sides.get(row, ()):
                words = self._words(side)
                over = region.left <= side.right and side.left <= region.right
                heads = len(words) >= _LIST or sum(map(may_be_heading, words)) >= _HEADINGS
                beside = self.zones.band(row).zone == "beside"
                if over and (heads or beside) and not _said(words):
                    self._grow(region, side)
            if region.top != row:
                return


def _said(words: Sequence[str]) -> Said | None:
    """What the words of a row under a table say about it."""
    if any(row_words.is_signature(word) or row_words.is_signatory(word) for word in words):
        return "signature"
    if any(map(row_words.is_remark, words)):
        return "remark"
    if any(map(row_words.says_nothing, words)):
        return "nothing-to-report"
    return "total" if any(map(row_words.is_total, words)) else None


def _is_figure(value: Value, is_title: bool = False) -> bool:
    """Whether a cell holds a number or a date; zeros are what formulas filled in beforehand.

    Years and days are words of a title, as are numbers with what they count.
    """
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return not is_title
    if isinstance(value, (int, float)):
        return not isinstance(value, bool) and value != 0 and not (is_title and value in YEARS)
    text = (value or "").strip()
    if len(text) > _LONGEST_FIGURE or not any(map(str.isdigit, text)):
        return False
    if _FIGURE.fullmatch(text):
        return any(sign in "123456789" for sign in text) and not (is_title and text in _YEARS)
    return not is_title and bool(parse(text, "number").value)


#: fault of a heading that is none of its words → code of its finding
_FAULTS = {"error": "formula-error", "not-calculated": "formula-not-calculated"}


def heading_findings(part: ReadTable) -> Iterator[Finding]:
    """All findings on the headings of a table as read."""
    located, fields = part.located, part.table.by_name
    lacking = [f for f in part.table.fields if not f.may_be_absent and _is_missing(part, f)]
    #: fields whose default an unread column keeps out of some rows
    withheld = [
        f
        for f in part.table.fields
        if f.default is not None and f.name not in located.columns and part.columns[f.name].is_used
    ]
    for heading in located.unknown:
        meant = part.proposal(heading)
        is_error = any(field.heading in meant.split("; ") for field in withheld)
        yield part.report(
            "heading-unknown", (heading.row, heading.column), heading.text, heading.text,
            suggestion=meant or None, severity="error" if is_error else None,
        )  # fmt: skip
    yield from _unread(part, lacking, withheld)
    for name, first, second in located.doubled:
        at, other = (second.row, second.column), address(first.row, first.column)
        heading_ = fields[name].heading
        yield part.report("heading-duplicate", at, heading_, second.text, other=other)
    for heading, names in located.ambiguous:
        at, text = (heading.row, heading.column), heading.text
        meant = "; ".join(f"“{fields[name].heading}”" for name in names)
        yield part.report("heading-ambiguous", at, text, text, accepted=meant)
    # a heading that cannot be read may be the one that lacks: it is reported already
    if len(lacking) > sum(one.may_be_asked for one in part.unread):
        at = located.corner.row, located.corner.column
        yield from (part.report("heading-missing", at, asked.heading) for asked in lacking)


def _unread(
    part: ReadTable, lacking: Sequence[Field], withheld: Sequence[Field]
) -> Iterator[Finding]:
    """Headings that are blank or no words: an error where they may be those of the form."""
    cells: dict[Position, Unread] = {}
    for one in part.unread:
        cells.setdefault((one.heading.row, one.heading.column), one)
    for at, one in cells.items():
        fault = one.heading.fault or "blank"
        code = _FAULTS.get(fault, "heading-unknown")
        counts = one.may_be_asked and bool(lacking or (withheld and one.rows))
        text = "" if fault == "no-words" and part.table.is_private else one.heading.text
        yield finding(
            code,
            severity="error" if counts else None,
            sheet=part.sheet.name,
            cell=address(*at),
            value=text or one.range or None,
            params={
                "of": code if fault in _FAULTS else fault,
                "range": one.range,
                "cells": f" ({one.range})" if one.rows else "",
            },
        )


def _is_missing(part: ReadTable, asked: Field) -> bool:
    """Whether nothing on the sheet stands for a field: no column, section rows or "25/82"."""
    if asked.name in part.located.columns or asked.name in part.located.uncertain:
        return False
    if asked.name == part.table.section and part.body.sections:
        return False
    is_size = any(asked.name == f.size for f in part.table.fields)
    return not (is_size and (part.columns[asked.name].is_used or not part.body.data))
