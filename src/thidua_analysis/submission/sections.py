"""What the labels of section rows say of the rows below them, and labels that say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thidua_analysis.excel import Position, Sheet, address
from thidua_analysis.findings import CODES, Finding, finding
from thidua_analysis.form.model import Field, Form
from thidua_analysis.form.spellings import money_scale, years_in
from thidua_analysis.submission.columns import Values, shown
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.headings import Fault, Heading, has_words, may_mean
from thidua_analysis.submission.locate import Column, TablePlace
from thidua_analysis.submission.row_words import section_text
from thidua_analysis.submission.texts import SheetTexts, accepted, nearest
from thidua_analysis.vietnamese.text import key
from thidua_analysis.vietnamese.units import DONG, is_currency, read_unit


def fill_sections(form: Form, texts: SheetTexts, part: Extract, found: list[Finding]) -> None:
    """Let the text of a section row stand for the field that the form names.

    A column of the field that is filled in any row goes before: a blank in it stays blank. The
    nearest section that the field accepts counts, so that a section "1. Tập thể" may stand under
    "I. CẤP TỈNH". A label that is blank or cannot be read is reported, and the rows of its
    section have no value; so is the nearest where a required field accepts none.
    """
    table = part.table
    if table.section is None or not (part.roles.sections or part.roles.unnamed):
        return
    asked = table.by_name[table.section]
    values = part.columns.setdefault(asked.name, Values([None] * len(part.roles.data)))
    if values.broken or any(value is not None for value in values.values):
        return
    labels = _Labels(form, texts, part, asked)
    for position, row in enumerate(part.roles.data):
        places = part.roles.sections.get(row, ())
        at = next((place for place in places if labels.counts(place)), None)
        if at and labels.value(at):
            values.values[position], values.places[position] = labels.value(at), at
        elif at or (places and asked.required):
            values.broken.add(position)
            labels.report(at or places[0])
    for place in part.roles.unnamed:
        labels.report(place)
    found.extend(labels.reported.values())
    found.extend(_errors_beside(part))


def _errors_beside(part: Extract) -> Iterator[Finding]:
    """Errors among the totals that stand beside the label of a section."""
    sheet, fields = part.sheet, part.table.by_name
    for row in part.roles.section_rows if sheet.errors or sheet.uncalculated else ():
        for name, column in part.located.columns.items():
            at = (row, column.column)
            if fields[name].is_numeric and (at in sheet.errors or at in sheet.uncalculated):
                error = sheet.errors.get(at)
                yield finding(
                    "formula-error" if error else "formula-not-calculated",
                    sheet=sheet.name,
                    cell=address(*at),
                    heading=fields[name].heading,
                    value=error,
                )


class _Labels:
    """The labels of the sections of one table, each read and reported once."""

    def __init__(self, form: Form, texts: SheetTexts, part: Extract, asked: Field) -> None:
        self.texts, self.part, self.asked = texts, part, asked
        self.codes = form.code_index[asked.codes] if asked.codes else None
        self.known = form.labels(asked.codes) if asked.codes else ()
        self.reported: dict[Position, Finding] = {}
        self._fault: dict[Position, Finding | None] = {}

    def value(self, place: Position) -> str | None:
        """What a label says; None where it says nothing that the field accepts."""
        if self.fault(place):
            return None
        text = section_text(self.texts.shown(*place))
        return self.codes.get(key(text)) if self.codes is not None else text or None

    def counts(self, place: Position) -> bool:
        """Whether a label settles the field, or would if it could be read."""
        return self.fault(place) is not None or self.value(place) is not None

    def report(self, place: Position) -> None:
        """Report a label that cannot be read or is not accepted."""
        self.reported.setdefault(place, self.fault(place) or self._not_in_list(place))

    def fault(self, place: Position) -> Finding | None:
        """What is wrong with a label, where anything is."""
        if place not in self._fault:
            self._fault[place] = self._find_fault(place)
        return self._fault[place]

    def _find_fault(self, place: Position) -> Finding | None:
        sheet = self.part.sheet
        raw = sheet.value(*place)
        text = self.texts.at(*place)
        if place in sheet.errors:
            return self._made("formula-error", place, sheet.errors[place])
        if place in sheet.uncalculated and not has_words(text.value or ""):
            return self._made("formula-not-calculated", place, None)
        if text.code and CODES[text.code] == "error":
            meant = text.suggestion or text.value
            return self._made(text.code, place, str(raw), meant, encoding="TCVN3/VNI")
        said = section_text(text.value or "")
        if not has_words(said):
            is_listed = bool(self.codes) and raw is not None and not isinstance(raw, str)
            return self._not_in_list(place) if is_listed else self._unnamed(place)
        if self.codes is not None and key(said) not in self.codes and nearest(said, self.known):
            return self._not_in_list(place)
        return None

    def _unnamed(self, place: Position) -> Finding:
        return self._made("required-missing", place, None, of="section")

    def _not_in_list(self, place: Position) -> Finding:
        text = self.texts.shown(*place) or shown(self.part.sheet.value(*place))
        near = nearest(section_text(text), self.known)
        listed = accepted(self.known)
        return self._made("value-not-in-list", place, text, near, accepted=listed)

    def _made(
        self,
        code: str,
        place: Position,
        value: str | None,
        suggestion: str | None = None,
        **params: str,
    ) -> Finding:
        is_private = self.part.table.is_private
        return finding(
            code,
            sheet=self.part.sheet.name,
            cell=address(*place),
            heading=self.asked.heading,
            value=None if is_private else value,
            suggestion=None if is_private and "encoding" in params else suggestion,
            params=params,
        )


#: how far above the headings it may stand
_ROWS_ABOVE = 6
_LINE = re.compile(r"(?:^|.*\W)(?:đơn vị(?: tính)?(?: tiền(?: tệ)?)?|đvt|đv tính)(?:\s*:\s*(.+)|)$")
_BRACKET = re.compile(r"\([^()]*\)?")
_SEVERAL = re.compile(r"\s*[,;]\s*|\s+(?:và|hoặc)\s+")
#: "1.000 USD", "1.000 người"
_THOUSANDS = re.compile(r"1((?:[. ]?000)+)\s*(.+)")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What the line says: a unit of ``money``, of ``foreign`` money, of ``things``, or ``bare``."""

    row: int
    column: int
    kind: str
    scale: int

    def scales(self, asked: Field, column: Column) -> int:
        """Đồng in one unit of a column of money that says nothing itself; 1 for other columns."""
        if asked.type != "money":
            return 1
        return column.scale or (self.scale if self.kind in ("money", "bare") else asked.scale)

    def contradicts(self, asked: Field, column: Column) -> bool:
        """Whether it says another unit than the heading of a column."""
        if asked.type == "count":
            return self.kind in ("things", "bare") and self.scale > 1
        if asked.type != "money":
            return False
        differs = self.kind in ("money", "bare") and column.scale not in (None, self.scale)
        return differs or self.kind == "foreign"


def find_unit_line(located: TablePlace, texts: SheetTexts) -> UnitLine | None:
    """Return the nearest line above a table that names a unit of money, or scales a count."""
    for row in range(located.top - 1, max(located.above, located.top - _ROWS_ABOVE) - 1, -1):
        cells = texts.sheet.rows[row - 1]
        for column, raw in enumerate(cells, 1):
            if not isinstance(raw, str):
                continue
            found = _LINE.fullmatch(key(texts.shown(row, column)))
            said = found and (found[1] or _beside(texts, row, column))
            kind, scale = _unit(said) if said else ("", 1)
            if kind:
                return UnitLine(row, column, kind, scale)
    return None


def _beside(texts: SheetTexts, row: int, column: int) -> str:
    """Text of the next filled cell to the right."""
    cells = texts.sheet.rows[row - 1]
    return next(
        (key(texts.shown(row, at)) for at in range(column + 1, len(cells) + 1) if cells[at - 1]), ""
    )


def _unit(said: str) -> tuple[str, int]:
    """Kind and scale of the unit that a line names; of several, money counts."""
    units = [_one(part) for part in _SEVERAL.split(_BRACKET.sub("", said).strip()) if part]
    telling = [unit for unit in units if unit[0] in ("money", "foreign")]
    return (telling or (units if len(units) == 1 else [("", 1)]))[0]


def _one(text: str) -> tuple[str, int]:
    scale = money_scale(text)
    if scale:
        return ("money" if read_unit(text).base == DONG else "bare"), scale
    thousands = _THOUSANDS.fullmatch(text)
    unit = read_unit(thousands[2] if thousands else text)
    scale = unit.scale * (1000 ** thousands[1].count("000") if thousands else 1)
    if is_currency(unit):
        return "foreign", scale
    return ("things", scale) if unit.base != DONG and scale > 1 else ("", 1)


def report_contradiction(part: Extract, line: UnitLine, texts: SheetTexts) -> Iterator[Finding]:
    """Report a line that contradicts headings, and take no number of their columns."""
    table, columns = part.table, part.located.columns
    doubtful: list[Field] = []
    for asked in table.fields:
        if asked.name not in columns or not line.contradicts(asked, columns[asked.name]):
            continue
        values = part.columns[asked.name]
        filled = [p for p, value in enumerate(values.values) if value is not None]
        for position in filled:
            values.drop(position)
        doubtful += [asked] if filled else []
    if doubtful:
        yield finding(
            "unit-contradicts",
            sheet=part.sheet.name,
            cell=address(line.row, line.column),
            heading=doubtful[0].heading,
            value=texts.shown(line.row, line.column),
        )


#: fault of a heading → code of its finding, which of its wordings
_FAULTS: Mapping[Fault, tuple[str, str]] = {
    "blank": ("heading-unknown", "blank"),
    "no-words": ("heading-unknown", "no-words"),
    "error": ("formula-error", "formula-error"),
    "not-calculated": ("formula-not-calculated", "formula-not-calculated"),
}


def heading_findings(part: Extract) -> Iterator[Finding]:
    """All findings on the headings of a table as read."""
    lacking = [f for f in part.table.fields if not f.may_be_absent and _is_missing(part, f)]
    yield from _unknown(part)
    yield from _unread(part, lacking)
    yield from _doubled(part)
    yield from _ambiguous(part)
    yield from _missing(part, lacking)


def _at(code: str, sheet: Sheet, at: Heading, heading: str, **params: str) -> Finding:
    return finding(
        code,
        sheet=sheet.name,
        cell=address(at.row, at.column),
        heading=heading,
        value=at.text,
        params=params,
    )


def _unknown(part: Extract) -> Iterator[Finding]:
    """Headings that the form does not know: an error where one keeps a default out."""
    withheld = [part.table.by_name[name] for name in part.withheld]
    for heading in part.located.unknown:
        suggestion = _proposal(part, heading)
        is_meant = any(_is_meant(field, suggestion) for field in withheld)
        yield finding(
            "heading-unknown",
            severity="error" if is_meant else None,
            sheet=part.sheet.name,
            cell=address(heading.row, heading.column),
            heading=heading.text,
            value=heading.text,
            suggestion=suggestion,
        )


def _unread(part: Extract, lacking: Sequence[Field]) -> Iterator[Finding]:
    """Headings that are blank or no words: an error where they may be those of the form."""
    cells: set[Position] = set()
    for one in part.unread:
        if (one.heading.row, one.heading.column) in cells:
            continue
        cells.add((one.heading.row, one.heading.column))
        code, wording = _FAULTS[one.heading.fault or "blank"]
        counts = one.may_be_asked and bool(lacking or (part.withheld and one.rows))
        hides = one.heading.fault == "no-words" and part.table.is_private
        yield finding(
            code,
            severity="error" if counts else None,
            sheet=part.sheet.name,
            cell=address(one.heading.row, one.heading.column),
            value=(one.range if hides else one.heading.text or one.range) or None,
            params={
                "of": wording,
                "range": one.range,
                "cells": f" ({one.range})" if one.rows else "",
            },
        )


def may_be_unknown(part: Extract, asked: Field) -> bool:
    """Whether a heading that the form does not know looks like that of a field."""
    return any(_is_meant(asked, _proposal(part, heading)) for heading in part.located.unknown)


def _is_meant(asked: Field, suggestion: str | None) -> bool:
    return asked.heading in (suggestion or "").split("; ")


def _proposal(part: Extract, heading: Heading) -> str | None:
    """What an unknown heading may have been meant for; a column of another year for nothing."""
    years = set().union(*map(years_in, heading.path))
    if years and part.year not in years:
        return None
    without = {f.name: f.heading for f in part.table.fields if f.name not in part.located.columns}
    meant = [name for name in may_mean(part.table, heading.text) if name in without]
    return without[meant[0]] if meant else nearest(heading.text, without.values())


def _doubled(part: Extract) -> Iterator[Finding]:
    fields = part.table.by_name
    for name, first, second in part.located.doubled:
        other = address(first.row, first.column)
        yield _at("heading-duplicate", part.sheet, second, fields[name].heading, other=other)


def _ambiguous(part: Extract) -> Iterator[Finding]:
    fields = part.table.by_name
    for heading, names in part.located.ambiguous:
        accepted = "; ".join(f"“{fields[name].heading}”" for name in names)
        yield _at("heading-ambiguous", part.sheet, heading, heading.text, accepted=accepted)


def _missing(part: Extract, lacking: Sequence[Field]) -> Iterator[Finding]:
    """Columns that the form expects: one finding for each, at the table's leftmost heading.

    A heading that cannot be read may be the one that lacks: it is reported already.
    """
    if len(lacking) <= sum(one.may_be_asked for one in part.unread):
        return
    corner = part.located.corner
    for asked in lacking:
        yield finding(
            "heading-missing",
            sheet=part.sheet.name,
            cell=address(corner.row, corner.column),
            heading=asked.heading,
        )


def _is_missing(part: Extract, asked: Field) -> bool:
    """Whether nothing on the sheet stands for a field: no column, section rows or "25/82"."""
    located = part.located
    if asked.name in located.columns or asked.name in located.uncertain:
        return False
    if asked.name == part.table.section and part.roles.sections:
        return False
    is_size = any(asked.name == f.size for f in part.table.fields)
    return not (is_size and (asked.name in part.columns or not part.roles.data))
