"""Total rows: compared with the sum of their rows, never added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

from thidua_analysis.excel import Position, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Field
from thidua_analysis.submission.columns import exact, shown, spoken
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.vietnamese.numbers import Kind, parse

Amount = int | Decimal
#: first position of a run of data rows, and the one after its last
Span = tuple[int, int]


def check_totals(part: Extract) -> Iterator[Finding]:
    """A total row says the sum of all rows, of those beside it, or of those of its section.

    Rows that the form leaves out of totals (proposed awards, deductions) may be in it or not. A
    column with an error says nothing; quantities are compared where all have one unit.
    """
    if not part.roles.totals or part.left_out:
        return
    spans = _spans(part)
    for asked in part.table.fields:
        column = part.columns.get(asked.name)
        if asked.name not in part.located.columns or column is None or column.broken:
            continue
        if not asked.is_numeric or not _has_one_unit(part, asked):
            continue
        sums = _Sums(part, asked.name)
        for total in part.roles.totals:
            yield from _check(part, total, asked, sums, spans[total])


def _has_one_unit(part: Extract, asked: Field) -> bool:
    """Whether the values of a column can be added."""
    if asked.type != "number":
        return True
    units = set(part.values(asked.unit)) if asked.unit else set()
    return len(units) == 1 and None not in units and "%" not in units


class _Sums:
    """Sums over runs of rows of one column, with and without the rows that may be left out."""

    def __init__(self, part: Extract, name: str) -> None:
        column = part.columns[name]
        found = (column.exact(p) for p in range(len(part.roles.data)))
        amounts = [v if isinstance(v, (int, Decimal)) else 0 for v in found]
        out = _may_be_left_out(part)
        kept = [0 if p in out else v for p, v in enumerate(amounts)]
        self._every: Sequence[Amount] = [0, *accumulate(amounts)]
        self._kept: Sequence[Amount] = [0, *accumulate(kept)]

    def over(self, span: Span) -> tuple[Amount, Amount]:
        """Sum over all rows of a span, and over those that are never left out."""
        first, last = span
        every, kept = self._every, self._kept
        return every[last] - every[first], kept[last] - kept[first]


def _may_be_left_out(part: Extract) -> set[int]:
    return {
        position
        for name, code in part.table.totals_leave_out.items()
        for position in range(len(part.roles.data))
        if part.value(name, position) == code
    }


def _check(
    part: Extract, total: int, asked: Field, sums: _Sums, spans: Sequence[Span]
) -> Iterator[Finding]:
    at = part.located.columns[asked.name].column
    said = _said(part, total, asked, at)
    if said is None or any(said in sums.over(span) for span in spans):
        return
    whole, _ = sums.over(spans[0])
    yield finding(
        "total-mismatch",
        sheet=part.sheet.name,
        cell=address(total, at),
        heading=asked.heading,
        value=shown(part.sheet.value(total, at)),
        params={"parts": spoken(_in_unit(whole, part.columns[asked.name].scale))},
    )


def _said(part: Extract, total: int, asked: Field, at: int) -> Amount | None:
    """Number of a total row; None where it is blank, broken or no number."""
    value = part.sheet.value(total, at)
    if part.sheet.fault(total, at):
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


def _spans(part: Extract) -> dict[int, list[Span]]:
    """Total row → the runs of rows that it may add up.

    All rows; those since the total before; those until the next one; those of the sections that
    end or begin beside it.
    """
    data, totals = part.roles.data, part.roles.totals
    sections = _sections(part)
    cuts = [0, *(bisect_left(data, total) for total in totals), len(data)]
    spans: dict[int, list[Span]] = {}
    for number, total in enumerate(totals, 1):
        before, at, after = cuts[number - 1 : number + 2]
        beside = [data[p] for p in (at - 1, at) if 0 <= p < len(data)]
        starts = [start for row in beside for start in part.roles.sections.get(row, ())]
        spans[total] = [(0, len(data)), (before, at), (at, after), *(sections[s] for s in starts)]
    return spans


def _sections(part: Extract) -> dict[Position, Span]:
    """Cell of a section row → the run of rows under it."""
    spans: dict[Position, Span] = {}
    for position, row in enumerate(part.roles.data):
        for start in part.roles.sections.get(row, ()):
            spans[start] = spans.get(start, (position, position))[0], position + 1
    return spans
