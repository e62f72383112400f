"""Findings on the headings of a table: unknown, doubled, ambiguous, missing."""

from __future__ import annotations

from collections.abc import Iterator

from thidua_analysis.excel import Sheet, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field
from thidua_analysis.spellings import years_in
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.hints import nearest
from thidua_analysis.submission.tables.headings import Heading, may_mean


def heading_findings(part: Extract) -> Iterator[Finding]:
    """All findings on the headings of a table as read."""
    yield from _unknown(part)
    yield from _doubled(part)
    yield from _ambiguous(part)
    yield from _missing(part)


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
    for heading in part.located.unknown:
        yield finding(
            "heading-unknown",
            sheet=part.sheet.name,
            cell=address(heading.row, heading.column),
            heading=heading.text,
            value=heading.text,
            suggestion=_proposal(part, heading),
        )


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


def _missing(part: Extract) -> Iterator[Finding]:
    """Columns that the form expects: one finding for each, at the table's leftmost heading."""
    corner = part.located.corner
    for asked in part.table.fields:
        if not asked.may_be_absent and _is_missing(part, asked):
            yield finding(
                "heading-missing",
                sheet=part.sheet.name,
                cell=address(corner.row, corner.column),
                heading=asked.heading,
            )


def _is_missing(part: Extract, asked: Field) -> bool:
    """Whether nothing on the sheet stands for a field: no column, section rows or "25/82"."""
    located = part.located
    if asked.name in located.columns or asked.name in {name for name, _, _ in located.doubled}:
        return False
    if any(asked.name in names for _, names in located.ambiguous):
        return False
    if asked.name == part.table.section and part.roles.sections:
        return False
    is_size = any(asked.name == f.size for f in part.table.fields)
    return not (is_size and (asked.name in part.columns or not part.roles.data))
