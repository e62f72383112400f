"""Values that changed so much on the year before that someone should look again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.bloc import Bloc, Jump
from thidua_analysis.form.model import Field, Table, forms, money_scale
from thidua_analysis.store.revisions import Placed
from thidua_analysis.submission.rows import Datum, Row, Submission
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.digits import exactly, places
from thidua_analysis.vietnamese.text import key

Key = tuple[object, ...]
#: money that has changed so many times is given in another unit
_OTHER_UNIT = 1000
#: ten thousand đồng typed where millions are asked for
_MUCH = 10**10


def compare_years(placed: Iterable[Placed], bloc: Bloc) -> tuple[Placed, ...]:
    """Add `jump-year-on-year` to each row that changed more than the bloc file allows.

    Rows are compared with the row of the same key in the report of the same member for the
    year before, where both report a whole year and count the same way. A row gets one finding,
    at its first such value: the parts of a whole move with it.
    """
    return _compare(placed, bloc.jump, money=False)


def compare_money(placed: Iterable[Placed]) -> tuple[Placed, ...]:
    """Add `jump-year-on-year` to money that is 1.000 times that of the year before, or the reverse.

    That is another unit, not another year, so it is told as soon as a file comes in.
    """
    return _compare(placed, Jump(times=_OTHER_UNIT, least=0), money=True)


def money_rows(submission: Submission) -> dict[str, tuple[Row, ...]]:
    """Return the rows of the tables that ask for money: what is kept for `compare_money`."""
    form = forms().get(submission.form or "")
    return {
        table.id: tuple(submission.rows[table.id])
        for table in (form.tables if form else ())
        if table.id in submission.rows and any(f.type == "money" for f in table.fields)
    }


def holds_much_money(submission: Submission) -> bool:
    """Whether a row holds as much as đồng typed for thousands or millions of them would give."""
    form = forms().get(submission.form or "")
    return form is not None and any(
        isinstance(value := row.values[field.name], int | Decimal) and value * scale >= _MUCH
        for table, rows in submission.rows.items()
        for field in form.table(table).fields
        for row in rows
        if (scale := _scale(field, row))
    )


@exactly
def _compare(placed: Iterable[Placed], limit: Jump, *, money: bool) -> tuple[Placed, ...]:
    entries = tuple(placed)
    known = {(p.submission.member, p.submission.year): p.submission for p in entries if p.used}
    return tuple(
        replace(p, submission=_compared(p.submission, known, limit, money)) if p.used else p
        for p in entries
    )


def _compared(
    submission: Submission,
    known: dict[tuple[str | None, int | None], Submission],
    limit: Jump,
    money: bool,
) -> Submission:
    before = known.get((submission.member, (submission.year or 0) - 1))
    if submission.member is None or before is None or not _alike(submission, before):
        return submission
    said = {(f.sheet, f.cell) for f in submission.findings if f.code == "money-implausible"}
    found = tuple(
        jump
        for table in forms()[submission.form or ""].tables
        for jump in _jumps(table, submission, before, limit, money)
        if (jump.sheet, jump.cell) not in said
    )
    return replace(submission, findings=submission.findings + found)


def _alike(one: Submission, other: Submission) -> bool:
    return one.counted_as == other.counted_as and one.period == other.period == "year"


def _is_money(field: Field, row: Row) -> bool:
    return _scale(field, row) > 0 and row.values.get(field.name) is not None


def _scale(field: Field, row: Row) -> int:
    """Đồng in one of a row's values; 0 where it is no money."""
    if field.type == "money":
        return 1
    unit = row.values.get(field.unit) if field.type == "number" and field.unit else None
    return money_scale(str(unit)) or 0 if unit else 0


def _jumps(
    table: Table, now: Submission, before: Submission, limit: Jump, money: bool
) -> Iterator[Finding]:
    fields = [f for f in table.fields if f.type in ("count", "number", "money")]
    previous = _by_key(table, before)
    for known, row in _by_key(table, now).items():
        old = previous.get(known)
        for field in fields if old else ():
            value, earlier = row.values.get(field.name), old.values.get(field.name) if old else None
            if money and not (_is_money(field, row) and value and earlier):
                continue
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
    return display.number(value, places(value))


def _by_key(table: Table, submission: Submission) -> dict[Key, Row]:
    """Rows by their key; rows that share a key are left out."""
    rows = submission.rows.get(table.id, ())
    keys = [row_key(table.key, row.values) for row in rows]
    counts = Counter(keys)
    return {k: row for k, row in zip(keys, rows, strict=True) if counts[k] == 1}


def row_key(names: Iterable[str], values: Mapping[str, Any]) -> Key:
    """Return what tells a row from others: its values of some fields, texts as they compare."""
    found = (values.get(name) for name in names)
    return tuple(key(value) if isinstance(value, str) else value for value in found)
