"""The rules on rows that a form states: each a small function from a table to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import gt
from typing import TYPE_CHECKING, cast

from thidua_analysis.findings import Finding, Severity, finding
from thidua_analysis.form.model import Check, Field
from thidua_analysis.form.spellings import money_scale, without_bracket
from thidua_analysis.submission.award_checks import check_awards
from thidua_analysis.submission.columns import exact, spoken
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.lines import is_filled
from thidua_analysis.submission.rows import Datum
from thidua_analysis.submission.texts import accepted
from thidua_analysis.submission.totals import check_totals
from thidua_analysis.vietnamese.units import DONG

if TYPE_CHECKING:
    from thidua_analysis.form.model import Form


def withhold(parts: Iterable[Extract], found: Iterable[Finding]) -> None:
    """Drop every value whose cell an error names, whichever rule found it.

    Parameters
    ----------
    parts
        The tables as read.
    found
        All findings of the submission.
    """
    bad = {(f.sheet, f.cell) for f in found if f.severity == "error" and f.cell}
    sheets = {sheet for sheet, _ in bad}
    for part in parts:
        if part.sheet.name not in sheets:
            continue
        for name, column in part.columns.items():
            for position in range(len(column.values)):
                if (part.sheet.name, part.cell(name, position)) in bad:
                    column.drop(position)


Amount = int | Decimal
#: at most so many headings are named beside a blank cell
_NAMED = 2
#: đồng in the largest unit of money, tỷ đồng
_LARGEST_UNIT = 10**9
#: extracts of the submission by table
Parts = Mapping[str, Sequence[Extract]]


def check_table(form: Form, part: Extract, others: Parts) -> Iterator[Finding]:
    """All findings of the rules on one table.

    Parameters
    ----------
    form
        Labels of its codes, for messages.
    part
        The table as read.
    others
        All tables of the submission, for rules that look across.
    """
    for check in part.table.checks:
        yield from _RULES[check.rule](check, part, others)
    yield from _blanks(part)
    yield from check_totals(part)
    yield from _money(part)
    yield from _dates(part)
    if "award" in part.table.by_name:
        yield from check_awards(form, part)


def amount(value: Datum) -> Amount | None:
    """A value as a number; None where it is blank or no number."""
    return value if isinstance(value, (int, Decimal)) else None


def _at(code: str, part: Extract, name: str, position: int, **params: str) -> Finding:
    column = part.columns[name]
    return finding(
        code,
        sheet=part.sheet.name,
        cell=part.cell(name, position),
        heading=part.table.by_name[name].heading,
        value=column.typed.get(position) or spoken(column.exact(position)),
        params=params,
    )


def _rows(part: Extract, names: Sequence[str]) -> Iterator[tuple[int, tuple[Amount | None, ...]]]:
    """Position and amounts of the kept rows in which none of the fields is broken."""
    columns = [part.columns[name] for name in names if name in part.columns]
    skipped = part.left_out.union(*(column.broken for column in columns))
    rows = zip(*(_amounts(part, name) for name in names), strict=True)
    for position, amounts in enumerate(rows):
        if position not in skipped:
            yield position, amounts


def _whole_columns(part: Extract, names: Sequence[str]) -> list[list[int]]:
    """Values of columns that hold a whole number in every row; nothing if one does not."""
    columns = [part.values(name) for name in names]
    complete = not part.left_out and all(set(map(type, column)) == {int} for column in columns)
    return [cast("list[int]", column) for column in columns] if complete else []


def _amounts(part: Extract, name: str) -> Sequence[Amount | None]:
    column = part.columns.get(name)
    if column is None:
        return [None] * len(part.roles.data)
    return [v if type(v) is int else amount(exact(v, column.scale)) for v in column.values]


def _sum(check: Check, part: Extract, _: Parts) -> Iterator[Finding]:
    """Parts that are given must add up to their whole (form 0603.N: 05 = 06 + … + 10).

    Where the column of a part is missing, its headings are reported and nothing is compared.
    """
    whole = check.whole or ""
    if not part.located.columns.keys() >= set(check.parts):
        return
    columns = _whole_columns(part, (whole, *check.parts))
    if columns and columns[0] == list(map(sum, zip(*columns[1:], strict=True))):
        return
    for position, (total, *parts) in _rows(part, (whole, *check.parts)):
        given = [v for v in parts if v is not None]
        if total is not None and given and sum(given) != total:
            yield _at("sum-mismatch", part, whole, position, parts=spoken(sum(given)))


def _part(check: Check, part: Extract, _: Parts) -> Iterator[Finding]:
    """A part "trong đó" cannot exceed its whole."""
    name, whole = check.part or "", check.whole or ""
    heading = part.table.by_name[whole].heading
    columns = _whole_columns(part, (name, whole))
    if columns and not any(map(gt, *columns)):
        return
    for position, (some, all_) in _rows(part, (name, whole)):
        if some is not None and all_ is not None and some > all_:
            yield _at(
                "part-exceeds-whole", part, name, position,
                whole=spoken(all_), whole_heading=heading,
            )  # fmt: skip


def _rank(check: Check, part: Extract, _: Parts) -> Iterator[Finding]:
    """A rank lies between 1 and the number of units ranked."""
    name = check.rank or ""
    for position, (rank, size) in _rows(part, (name, check.size or "")):
        if rank is not None and size is not None and rank > size:
            yield _at("rank-exceeds-size", part, name, position, size=spoken(size))


def _score(check: Check, part: Extract, others: Parts) -> Iterator[Finding]:
    """A score cannot exceed the maximum of its criterion."""
    names = part.table.melt.fields if part.table.melt else (check.score or "",)
    most = _maxima(check, part, others)
    for name in names:
        for position, (score,) in _rows(part, (name,)):
            limit = most(position)
            if score is not None and limit is not None and score > limit:
                yield _at("score-exceeds-max", part, name, position, max=spoken(limit))


def _maxima(check: Check, part: Extract, others: Parts) -> Callable[[int], Amount | None]:
    """Where the maximum of a row stands: in the row, or in the table of criteria."""
    if check.max:
        column = _amounts(part, check.max)
        return lambda position: column[position]
    known: dict[Datum, Amount | None] = {}
    for other in others.get(check.criteria or "", ()):
        for position in other.kept:
            known[other.value("code", position)] = amount(other.value("max_score", position))
    return lambda position: known.get(part.value("criterion", position))


def _plan(check: Check, part: Extract, _: Parts) -> Iterator[Finding]:
    """A target has a plan and a result, or neither where days stand instead of numbers.

    A table in which no target has a number was not filled in at all: nothing is missed there.
    """
    names = (check.planned or "", check.actual or "")
    if not part.located.columns.keys() >= set(names):
        return
    planned, actual = map(part.values, names)
    if None not in planned and None not in actual:
        return
    is_filled_in = any(value is not None for values in (planned, actual) for value in values)
    days = [part.values(name) for name in check.instead]
    for position in part.kept:
        given = tuple(n for n in names if part.values(n)[position] is not None)
        if len(given) == len(names) or any(part.is_broken(n, position) for n in names):
            continue
        blank = next(n for n in names if n not in given)
        is_asked = given or (is_filled_in and all(v[position] is None for v in days))
        if is_asked and not _is_said(part, blank, position):
            yield _blank(part, blank, position, given, "warning")


def _blanks(part: Extract) -> Iterator[Finding]:
    """A whole is given where a part of it is, a rank or score where its limit is."""
    asked: dict[str, list[str]] = {}
    mild: set[str] = set()
    for check in part.table.checks:
        for name, beside in check.asks:
            asked.setdefault(name, []).extend(beside)
            mild |= set() if check.rule in ("sum", "part") else {name}
    for name, parts in asked.items():
        values = part.values(name)
        if name not in part.located.columns or None not in values:
            continue
        if name in mild and not any(value is not None for value in values):
            continue  # a column that nobody filled in
        others = [(other, part.values(other)) for other in parts]
        for position in part.kept:
            if values[position] is not None or part.is_broken(name, position):
                continue
            given = tuple(other for other, beside in others if beside[position])
            if given and not (name in mild and _is_said(part, name, position)):
                yield _blank(part, name, position, given, "warning" if name in mild else None)


def _is_said(part: Extract, name: str, position: int) -> bool:
    """Whether the cell of a missing value says itself that there is none: "x", a dash."""
    at = part.located.columns[name].column
    return is_filled(part.sheet.value(part.roles.data[position], at))


def _blank(
    part: Extract, name: str, position: int, given: Sequence[str], severity: Severity | None
) -> Finding:
    headings = [f"“{part.table.by_name[other].heading}”" for other in given[:_NAMED]]
    more = ["…"] if len(given) > _NAMED else []
    return finding(
        "required-missing",
        severity=severity,
        sheet=part.sheet.name,
        cell=part.own_cell(name, position),
        heading=part.table.by_name[name].heading,
        params={"given": ", ".join(headings + more)} if given else {},
    )


def _planned_zero(check: Check, part: Extract, _: Parts) -> Iterator[Finding]:
    """A plan of 0 gives no attainment; where less is better it is a plan like another."""
    name, direction = check.planned or "", check.direction
    planned = part.values(name)
    for position in part.kept:
        if planned[position] == 0 and not (
            direction and part.value(direction, position) == "lower"
        ):
            yield _at("planned-zero", part, name, position)


def _listed(check: Check, part: Extract, others: Parts) -> Iterator[Finding]:
    """A code is one of the table that lists them, where that was sent."""
    listing = others.get(check.criteria or "", ())
    if any(other.left_out for other in listing):
        return
    codes = [str(code) for other in listing for code in other.values("code")]
    name = check.code or ""
    said = part.values(name)
    for position in part.kept:
        if codes and said[position] is not None and str(said[position]) not in codes:
            yield _at("value-not-in-list", part, name, position, accepted=accepted(codes))


_RULES: dict[str, Callable[[Check, Extract, Parts], Iterator[Finding]]] = {
    "sum": _sum,
    "part": _part,
    "rank": _rank,
    "score": _score,
    "plan": _plan,
    "planned-zero": _planned_zero,
    "listed": _listed,
}


def _money(part: Extract) -> Iterator[Finding]:
    """No row is about so much money: đồng were typed where thousands or millions are asked for."""
    for asked in part.table.fields:
        column = part.columns.get(asked.name)
        if asked.at_most is None or column is None or asked.name not in part.located.columns:
            continue
        values = cast("Sequence[Amount | None]", column.values)
        least = asked.at_most / _LARGEST_UNIT
        for position in [p for p, v in enumerate(values) if v is not None and v >= least]:
            value = amount(column.exact(position))
            unit = _unit(part, asked, position)
            scale = money_scale(unit) or 1
            clear = scale == 1 or _names_its_unit(column.typed.get(position))
            if value is None or clear or position in part.left_out:
                continue
            own = Decimal(value) / scale if asked.type == "money" else Decimal(value)
            if own * scale >= asked.at_most:
                yield _implausible(part, asked, position, own, unit or "")


def _unit(part: Extract, asked: Field, position: int) -> str | None:
    """Unit in which a number is asked for: that of its row, its heading, or the form's heading."""
    if asked.unit and (of_row := part.value(asked.unit, position)):
        return str(of_row)
    return part.located.columns[asked.name].unit or without_bracket(asked.heading)[1]


def _names_its_unit(typed: str | None) -> bool:
    return typed is not None and any(map(str.isalpha, typed))


def _implausible(part: Extract, asked: Field, position: int, value: Decimal, unit: str) -> Finding:
    return finding(
        "money-implausible",
        sheet=part.sheet.name,
        cell=part.cell(asked.name, position),
        heading=asked.heading,
        value=part.columns[asked.name].typed.get(position) or spoken(value),
        suggestion=f"{spoken(value)} {DONG}",
        params={"amount": f"{spoken(value)} {unit}", "unit": unit},
    )


def _dates(part: Extract) -> Iterator[Finding]:
    """Days of a yearly report lie where the form says: within its year, not before, not after."""
    year = part.year
    for asked in part.table.fields:
        if asked.dated is None or year is None or asked.name not in part.columns:
            continue
        values = part.values(asked.name)
        wrong = {v for v in set(values) if v is not None and is_out_of_year(asked, v, year)}
        for position in part.kept if wrong else ():
            if values[position] in wrong:
                yield _at("date-out-of-year", part, asked.name, position, year=str(year))


def is_out_of_year(asked: Field, value: object, year: int) -> bool:
    """Whether a day lies outside the reporting year as far as the field minds."""
    on = getattr(value, "year", year)
    if asked.dated == "within":
        return bool(on != year)
    if asked.dated == "not-before":
        return bool(on < year)
    return asked.dated == "not-after" and bool(on > year)
