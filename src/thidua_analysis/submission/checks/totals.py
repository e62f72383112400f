"""Total rows: compared with the sum of their rows, never added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field
from thidua_analysis.submission.columns.task import exact, shown, spoken
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.vietnamese.numbers import Kind, parse

Amount = int | Decimal


def check_totals(part: Extract) -> Iterator[Finding]:
    """A total row says the sum of all rows, of those beside it, or of those of its section.

    Rows that the form leaves out of totals (proposed awards, deductions) may be in it or not. A
    column with an error says nothing; quantities are compared where all have one unit.
    """
    if not part.roles.totals or part.left_out:
        return
    for asked in part.table.fields:
        column = part.columns.get(asked.name)
        if asked.name not in part.located.columns or column is None or column.broken:
            continue
        if not asked.is_numeric or not _has_one_unit(part, asked):
            continue
        for total in part.roles.totals:
            yield from _check(part, total, asked)


def _has_one_unit(part: Extract, asked: Field) -> bool:
    """Whether the values of a column can be added."""
    if asked.type != "number":
        return True
    units = set(part.values(asked.unit)) if asked.unit else set()
    return len(units) == 1 and None not in units and "%" not in units


def _check(part: Extract, total: int, asked: Field) -> Iterator[Finding]:
    at = part.located.columns[asked.name].column
    said = _said(part, total, asked, at)
    if said is None:
        return
    sums = [_added(part, rows, asked.name) for rows in _spans(part, total)]
    if said in sums:
        return
    yield finding(
        "total-mismatch",
        sheet=part.sheet.name,
        cell=address(total, at),
        heading=asked.heading,
        value=shown(part.sheet.value(total, at)),
        params={"parts": spoken(_in_unit(sums[0], part.columns[asked.name].scale))},
    )


def _said(part: Extract, total: int, asked: Field, at: int) -> Amount | None:
    """Number of a total row; None where it is blank, broken or no number."""
    value = part.sheet.value(total, at)
    if (total, at) in part.sheet.errors or (total, at) in part.sheet.uncalculated:
        return None
    scale = part.columns[asked.name].scale
    if isinstance(value, str):
        kind: Kind = "money" if asked.type == "money" else "number"
        return parse(value, kind, None, scale).value if value.strip() else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    found = exact(float(value), scale)
    return found if isinstance(found, (int, Decimal)) else None


def _in_unit(value: Amount, scale: int) -> Amount:
    """A sum in the unit of its column."""
    return value if scale == 1 else Decimal(value) / scale


def _added(part: Extract, positions: Sequence[int], name: str) -> Amount:
    column = part.columns[name]
    values = (column.exact(p) for p in positions)
    return sum((v for v in values if isinstance(v, (int, Decimal))), start=0)


def _spans(part: Extract, total: int) -> Iterator[Sequence[int]]:
    """Positions of the rows that a total may add up."""
    left_out = {
        p
        for name, code in part.table.totals_leave_out.items()
        for p in range(len(part.roles.data))
        if part.value(name, p) == code
    }
    for span in _whole_spans(part, total):
        yield span
        if left_out.intersection(span):
            yield [p for p in span if p not in left_out]


def _whole_spans(part: Extract, total: int) -> Iterator[Sequence[int]]:
    """All rows; those since the total before, or until the next one; those of a section."""
    data, totals = part.roles.data, part.roles.totals
    before = max((t for t in totals if t < total), default=0)
    after = min((t for t in totals if t > total), default=1 << 30)
    yield range(len(data))
    yield [p for p, row in enumerate(data) if before < row < total]
    yield [p for p, row in enumerate(data) if total < row < after]
    starts = {place for places in part.roles.sections.values() for place in places}
    for start in sorted(starts):
        yield [p for p, row in enumerate(data) if start in part.roles.sections.get(row, ())]
