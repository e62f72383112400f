"""Findings on the headings of a table: unknown, doubled, ambiguous, missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from thidua_analysis.excel import Position, Sheet, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field
from thidua_analysis.spellings import years_in
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.hints import nearest
from thidua_analysis.submission.tables.headings import Fault, Heading, may_mean

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
    withheld = [f for f in part.table.fields if f.name in part.withheld]
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
