"""Values that changed so much on the year before that someone should look again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from thidua_analysis.bloc import Bloc, Jump
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field, Table, forms
from thidua_analysis.revisions import Placed
from thidua_analysis.submission.rows import Datum, Row, Submission
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.literals import EXACT
from thidua_analysis.vietnamese.text import key

Key = tuple[object, ...]


def compare_years(placed: Iterable[Placed], bloc: Bloc) -> tuple[Placed, ...]:
    """Add `jump-year-on-year` to each row that changed more than the bloc file allows.

    Rows are compared with the row of the same key in the report of the same member for the
    year before, where both report a whole year and count the same way. A row gets one finding,
    at its first such value: the parts of a whole move with it.
    """
    entries = tuple(placed)
    known = {(p.submission.member, p.submission.year): p.submission for p in entries if p.used}
    return tuple(
        replace(p, submission=_compared(p.submission, known, bloc.jump)) if p.used else p
        for p in entries
    )


def _compared(
    submission: Submission,
    known: dict[tuple[str | None, int | None], Submission],
    limit: Jump,
) -> Submission:
    before = known.get((submission.member, (submission.year or 0) - 1))
    if submission.member is None or before is None or not _alike(submission, before):
        return submission
    found = tuple(
        jump
        for table in forms()[submission.form or ""].tables
        for jump in _jumps(table, submission, before, limit)
    )
    return replace(submission, findings=submission.findings + found)


def _alike(one: Submission, other: Submission) -> bool:
    return one.counted_as == other.counted_as and one.period == other.period == "year"


def _jumps(table: Table, now: Submission, before: Submission, limit: Jump) -> Iterator[Finding]:
    fields = [f for f in table.fields if f.type in ("count", "number", "money")]
    previous = _by_key(table, before)
    for row_key, row in _by_key(table, now).items():
        old = previous.get(row_key)
        for field in fields if old else ():
            value, earlier = row.values.get(field.name), old.values.get(field.name) if old else None
            if _is_jump(value, earlier, limit):
                yield finding(
                    "jump-year-on-year",
                    sheet=row.sheet,
                    cell=row.cells.get(field.name),
                    heading=field.heading,
                    value=row.typed.get(field.name) or _printed(value, field),
                    params={
                        "what": field.heading,
                        "value": _printed(value, field),
                        "previous": _printed(earlier, field),
                    },
                )
                break


def _is_jump(value: Datum, earlier: Datum, limit: Jump) -> bool:
    if not isinstance(value, int | Decimal) or not isinstance(earlier, int | Decimal):
        return False
    low, high = sorted((abs(Decimal(value)), abs(Decimal(earlier))))
    return high - low >= limit.least and high >= low * limit.times


def _printed(value: Datum, field: Field) -> str:
    """Print a value with all its digits; money, which is stored in đồng, with its unit."""
    if not isinstance(value, int | Decimal):
        return display.NO_VALUE
    if field.type == "money":
        return display.full_money(value)
    exact = Decimal(value).normalize(EXACT)
    return display.number(exact, max(0, -int(exact.as_tuple().exponent)))


def _by_key(table: Table, submission: Submission) -> dict[Key, Row]:
    """Rows by their key; rows that share a key are left out."""
    rows = submission.rows.get(table.id, ())
    keys = [_key(table, row) for row in rows]
    counts = Counter(keys)
    return {k: row for k, row in zip(keys, rows, strict=True) if counts[k] == 1}


def _key(table: Table, row: Row) -> Key:
    values = (row.values.get(name) for name in table.key)
    return tuple(key(value) if isinstance(value, str) else value for value in values)
