"""Rows that say in every field what an earlier row says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.submission.columns.task import shown
from thidua_analysis.submission.extraction.extracted import Extract

Place = tuple[Extract, int]


def check_duplicates(parts: Sequence[Extract]) -> Iterator[Finding]:
    """One `duplicate-row` for each row that repeats one of the same table.

    A row is named by its leftmost filled cell. In a list of recipients only people or bodies
    with a name are compared, and nothing typed is repeated.

    Parameters
    ----------
    parts
        All places of the submission where one table stands.
    """
    seen: dict[tuple[object, ...], Place] = {}
    for part in parts:
        columns = [part.values(f.name) for f in part.table.fields]
        if len(parts) == 1 and any(len(set(column)) == len(column) for column in columns):
            return
        contents = list(zip(*columns, strict=True))
        broken = set().union(*(c.broken for c in part.columns.values()), part.left_out)
        if len(parts) == 1 and len(set(contents)) == len(contents):
            return
        named = part.values("name") if part.table.is_private else None
        for position, content in enumerate(contents):
            if position in broken or (named is not None and named[position] is None):
                continue
            if content in seen:
                yield _finding(part, position, seen[content])
            else:
                seen[content] = part, position


def _finding(part: Extract, position: int, first: Place) -> Finding:
    other, other_position = first
    row, other_row = part.roles.data[position], other.roles.data[other_position]
    column = _leftmost(part, row)
    same_sheet = other.sheet.name == part.sheet.name
    return finding(
        "duplicate-row",
        sheet=part.sheet.name,
        cell=address(row, column),
        value=None if part.table.is_private else shown(part.sheet.value(row, column)),
        params={"other": str(other_row) if same_sheet else f"{other_row} ({other.sheet.name})"},
    )


def _leftmost(part: Extract, row: int) -> int:
    """Leftmost filled column of a row within its table."""
    columns = range(part.located.left, part.located.right + 1)
    return next(
        (c for c in columns if part.sheet.value(row, c) not in (None, "")), part.located.left
    )
