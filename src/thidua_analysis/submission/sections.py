"""What stands around the rows of a table: labels of sections, the line of units, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thidua_analysis.excel import Position, address
from thidua_analysis.findings import CODES, Finding, finding
from thidua_analysis.form.model import Field, Form
from thidua_analysis.form.spellings import money_scale, years_in
from thidua_analysis.submission.columns import shown
from thidua_analysis.submission.headings import Fault, Heading, has_words, may_mean
from thidua_analysis.submission.locate import Column, TablePlace, Unread
from thidua_analysis.submission.row_words import section_text
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import SheetTexts, accepted, nearest
from thidua_analysis.vietnamese.text import key
from thidua_analysis.vietnamese.units import DONG, is_currency, read_unit


def fill_sections(form: Form, texts: SheetTexts, part: ReadTable) -> Iterator[Finding]:
    """Let the text of a section row stand for the field that the form names.

    A column of the field that is filled in any row goes before: a blank in it stays blank. The
    nearest section that the field accepts counts, so that a section "1. Tập thể" may stand under
    "I. CẤP TỈNH". A label that is blank or cannot be read is reported, and the rows of its
    section have no value; so is the nearest where a required field accepts none.
    """
    section, body = part.table.section, part.body
    if section is None or part.columns[section].is_used:
        return
    column, labels = part.columns[section], _Labels(form, texts, part, section)
    for position, row in enumerate(body.data):
        places = body.sections.get(row, ())
        at = next((place for place in places if any(labels.read(place))), None)
        value = labels.read(at)[0] if at else None
        if at and value:
            column.values[position], column.places[position] = value, at
        elif at or (places and labels.asked.required):
            column.broken.add(position)
            labels.report(at or places[0])
    for place in body.unnamed:
        labels.report(place)
    yield from labels.reported.values()
    if body.sections or body.unnamed:
        yield from _errors_beside(part)


def _errors_beside(part: ReadTable) -> Iterator[Finding]:
    """Errors among the totals that stand beside the label of a section."""
    for row in part.body.section_rows:
        for name, column in part.located.columns.items():
            at, asked = (row, column.column), part.table.by_name[name]
            fault = part.sheet.fault(*at)
            if asked.is_numeric and fault in ("formula-error", "formula-not-calculated"):
                yield part.report(fault, at, asked.heading, part.sheet.errors.get(at))


class _Labels:
    """The labels of the sections of one table, each read and reported once."""

    def __init__(self, form: Form, texts: SheetTexts, part: ReadTable, section: str) -> None:
        self.texts, self.part, self.asked = texts, part, part.table.by_name[section]
        codes = self.asked.codes
        self.codes = form.code_index[codes] if codes else None
        self.known = form.labels(codes) if codes else ()
        self.reported: dict[Position, Finding] = {}
        self._read: dict[Position, tuple[str | None, Finding | None]] = {}

    def read(self, place: Position) -> tuple[str | None, Finding | None]:
        """What a label says, if it is what the field accepts, and what is wrong with it."""
        if place not in self._read:
            text, fault = section_text(self.texts.shown(*place)), self._fault(place)
            value = text or None if self.codes is None else self.codes.get(key(text))
            self._read[place] = None if fault else value, fault
        return self._read[place]

    def report(self, place: Position) -> None:
        """Report a label that cannot be read or is not accepted."""
        self.reported.setdefault(place, self.read(place)[1] or self._not_in_list(place))

    def _fault(self, place: Position) -> Finding | None:
        sheet, private = self.part.sheet, self.part.table.is_private
        raw, text = sheet.value(*place), self.texts.at(*place)
        said = section_text(text.value or "")
        if place in sheet.errors:
            return self._made("formula-error", place, sheet.errors[place])
        if place in sheet.uncalculated and not has_words(text.value or ""):
            return self._made("formula-not-calculated", place)
        if text.code and CODES[text.code] == "error":
            meant = None if private else text.suggestion or text.value
            return self._made(text.code, place, str(raw), meant, encoding="TCVN3/VNI")
        is_number = raw is not None and not isinstance(raw, str)
        if not has_words(said) and not (self.codes and is_number):
            return self._made("required-missing", place, of="section")
        is_slip = self.codes and key(said) not in self.codes and nearest(said, self.known)
        return self._not_in_list(place) if is_slip or not has_words(said) else None

    def _not_in_list(self, place: Position) -> Finding:
        text = self.texts.shown(*place) or shown(self.part.sheet.value(*place))
        near = nearest(section_text(text), self.known)
        return self._made("value-not-in-list", place, text, near, accepted=accepted(self.known))

    def _made(
        self, code: str, place: Position, value: str | None = None, near: str | None = None,
        **params: str,
    ) -> Finding:  # fmt: skip
        value = None if self.part.table.is_private else value
        return self.part.report(code, place, self.asked.heading, value, suggestion=near, **params)


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

    row: int = 0
    column: int = 0
    kind: str = ""
    scale: int = 1

    def scales(self, asked: Field, column: Column) -> int:
        """Đồng in one unit of a column of money that says nothing itself; 1 for other columns."""
        if asked.type != "money":
            return 1
        return column.scale or (self.scale if self.kind in ("money", "bare") else asked.scale)

    def contradicts(self, asked: Field, column: Column) -> bool:
        """Whether it says another unit than the heading of a column."""
        if asked.type == "count":
            return self.kind in ("things", "bare") and self.scale > 1
        differs = self.kind in ("money", "bare") and column.scale not in (None, self.scale)
        return asked.type == "money" and (differs or self.kind == "foreign")


def find_unit_line(located: TablePlace, texts: SheetTexts) -> UnitLine:
    """The nearest line above a table that names a unit of money, or scales a count."""
    for row in range(located.top - 1, max(located.above, located.top - _ROWS_ABOVE) - 1, -1):
        cells = texts.sheet.rows[row - 1]
        said = [(c, key(texts.shown(row, c))) for c in range(1, len(cells) + 1) if cells[c - 1]]
        for number, (column, text) in enumerate(said):
            line = _LINE.fullmatch(text)
            if not line:
                continue
            beside = said[number + 1 : number + 2]
            unit = line[1] or (beside[0][1] if beside else "")
            kind, scale = _unit(unit) if unit else ("", 1)
            if kind:
                return UnitLine(row, column, kind, scale)
    return UnitLine()


def _unit(said: str) -> tuple[str, int]:
    """Kind and scale of the unit that a line names; of several, money counts."""
    units = [_one(part) for part in _SEVERAL.split(_BRACKET.sub("", said).strip()) if part]
    money = [unit for unit in units if unit[0] in ("money", "foreign")]
    return (money or (units if len(units) == 1 else [("", 1)]))[0]


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


def report_contradiction(part: ReadTable, line: UnitLine, texts: SheetTexts) -> Iterator[Finding]:
    """Report a line that contradicts headings, and take no number of their columns."""
    doubtful: list[Field] = []
    for asked in part.table.fields:
        column, values = part.located.columns.get(asked.name), part.columns[asked.name]
        if not column or not line.contradicts(asked, column):
            continue
        filled = [p for p, value in enumerate(values.values) if value is not None]
        if filled:
            doubtful.append(asked)
            for position in filled:
                values.drop(position)
    if doubtful:
        at = line.row, line.column
        yield part.report("unit-contradicts", at, doubtful[0].heading, texts.shown(*at))


#: fault of a heading → code of its finding
_FAULTS: Mapping[Fault, str] = {
    "blank": "heading-unknown",
    "no-words": "heading-unknown",
    "error": "formula-error",
    "not-calculated": "formula-not-calculated",
}


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
        meant = _proposal(part, heading)
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
        counts = one.may_be_asked and bool(lacking or (withheld and one.rows))
        text = "" if fault == "no-words" and part.table.is_private else one.heading.text
        yield finding(
            _FAULTS[fault],
            severity="error" if counts else None,
            sheet=part.sheet.name,
            cell=address(*at),
            value=text or one.range or None,
            params={
                "of": _FAULTS[fault] if fault in ("error", "not-calculated") else fault,
                "range": one.range,
                "cells": f" ({one.range})" if one.rows else "",
            },
        )


def may_be_unknown(part: ReadTable) -> set[str]:
    """Names of the fields that a heading may mean which the form does not know."""
    texts = {text for h in part.located.unknown for text in _proposal(part, h).split("; ")}
    return {field.name for field in part.table.fields if field.heading in texts}


def _proposal(part: ReadTable, heading: Heading) -> str:
    """What an unknown heading may have been meant for; a column of another year for nothing."""
    years = set().union(*map(years_in, heading.path))
    if years and part.year not in years:
        return ""
    without = {f.name: f.heading for f in part.table.fields if f.name not in part.located.columns}
    meant = [name for name in may_mean(part.table, heading.text) if name in without]
    return without[meant[0]] if meant else nearest(heading.text, without.values()) or ""


def _is_missing(part: ReadTable, asked: Field) -> bool:
    """Whether nothing on the sheet stands for a field: no column, section rows or "25/82"."""
    if asked.name in part.located.columns or asked.name in part.located.uncertain:
        return False
    if asked.name == part.table.section and part.body.sections:
        return False
    is_size = any(asked.name == f.size for f in part.table.fields)
    return not (is_size and (part.columns[asked.name].is_used or not part.body.data))
