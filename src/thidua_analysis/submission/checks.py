"""The rules on rows that a form states: each a small function from a table to findings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from thidua_analysis.excel import Position
from thidua_analysis.findings import Finding, Severity
from thidua_analysis.form import awards
from thidua_analysis.form.model import Check, Field, Form, money_scale, without_bracket
from thidua_analysis.submission.recipients import check_duplicates
from thidua_analysis.submission.rows import Datum
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import accepted, is_filled, nearest, shown, spoken
from thidua_analysis.vietnamese.numbers import from_cell, parse
from thidua_analysis.vietnamese.quantities import DONG, Kind

Amount = int | Decimal
#: at most so many headings are named beside a blank cell
_NAMED = 2
#: đồng in the largest unit of money, tỷ đồng
_LARGEST_UNIT = 10**9
#: tables of the submission as read, by table of the form
Tables = Mapping[str, Sequence[ReadTable]]


def check(form: Form, tables: Tables) -> Iterator[Finding]:
    """All findings of the rules on the tables of a submission."""
    for parts in tables.values():
        for part in parts:
            for rule in part.table.checks:
                yield from _RULES[rule.rule](rule, part, tables)
            yield from _blanks(part)
            yield from _totals(part)
            yield from _money(part)
            yield from _dates(part)
            if "award" in part.table.by_name:
                yield from _never_given(form, part)
                yield from _award_names(form, part)
        yield from check_duplicates(parts)


def _amount(value: Datum) -> Amount | None:
    return value if isinstance(value, (int, Decimal)) else None


def _rows(part: ReadTable, names: Sequence[str]) -> Iterator[tuple[int, list[Amount | None]]]:
    """Position and amounts of the kept rows in which none of the fields is broken."""
    columns = [part.columns[name] for name in names]
    broken = part.left_out.union(*(column.broken for column in columns))
    for position, values in enumerate(zip(*(column.values for column in columns), strict=True)):
        if position not in broken:
            yield position, [v if isinstance(v, (int, Decimal)) else None for v in values]


def _sum(check: Check, part: ReadTable, _: Tables) -> Iterator[Finding]:
    """Parts that are given must add up to their whole (form 0603.N: 05 = 06 + … + 10).

    Where the column of a part is missing, its headings are reported and nothing is compared.
    """
    whole = check.whole or ""
    if not part.located.columns.keys() >= set(check.parts):
        return
    for position, (total, *parts) in _rows(part, (whole, *check.parts)):
        given = [v for v in parts if v is not None]
        if total is not None and given and sum(given) != total:
            yield part.report_value("sum-mismatch", whole, position, parts=spoken(sum(given)))


def _part(check: Check, part: ReadTable, _: Tables) -> Iterator[Finding]:
    """A part "trong đó" cannot exceed its whole."""
    name, whole = check.part or "", check.whole or ""
    heading = part.table.by_name[whole].heading
    for position, (some, all_) in _rows(part, (name, whole)):
        if some is not None and all_ is not None and some > all_:
            words = {"whole": spoken(all_), "whole_heading": heading}
            yield part.report_value("part-exceeds-whole", name, position, **words)


def _rank(check: Check, part: ReadTable, _: Tables) -> Iterator[Finding]:
    """A rank lies between 1 and the number of units ranked."""
    name = check.rank or ""
    for position, (rank, size) in _rows(part, (name, check.size or "")):
        if rank is not None and size is not None and rank > size:
            yield part.report_value("rank-exceeds-size", name, position, size=spoken(size))


def _score(check: Check, part: ReadTable, others: Tables) -> Iterator[Finding]:
    """A score cannot exceed the maximum of its criterion: in its row, or in their own table."""
    most = {
        other.value("code", position): other.value("max_score", position)
        for other in others.get(check.criteria or "", ())
        for position in other.kept
    }
    limits = part.values(check.max) if check.max else ()
    for name in part.table.melt.fields if part.table.melt else (check.score or "",):
        for position, (score,) in _rows(part, (name,)):
            told = limits[position] if limits else most.get(part.value("criterion", position))
            limit = _amount(told)
            if score is not None and limit is not None and score > limit:
                yield part.report_value("score-exceeds-max", name, position, max=spoken(limit))


def _plan(check: Check, part: ReadTable, _: Tables) -> Iterator[Finding]:
    """A target has a plan and a result, or neither where days stand instead of numbers.

    A table in which no target has a number was not filled in at all: nothing is missed there.
    """
    names = (check.planned or "", check.actual or "")
    if not part.located.columns.keys() >= set(names):
        return
    is_filled_in = any(value is not None for name in names for value in part.values(name))
    days = [part.values(name) for name in check.instead]
    for position in part.kept:
        given = tuple(n for n in names if part.values(n)[position] is not None)
        is_broken = any(position in part.columns[n].broken for n in names)
        if len(given) == len(names) or is_broken:
            continue
        blank = next(n for n in names if n not in given)
        is_asked = given or (is_filled_in and all(v[position] is None for v in days))
        if is_asked and not _is_said(part, blank, position):
            yield _blank(part, blank, position, given, "warning")


def _planned_zero(check: Check, part: ReadTable, _: Tables) -> Iterator[Finding]:
    """A plan of 0 gives no attainment; where less is better it is a plan like another."""
    name, direction = check.planned or "", check.direction
    for position in part.kept:
        is_lower = direction and part.value(direction, position) == "lower"
        if part.values(name)[position] == 0 and not is_lower:
            yield part.report_value("planned-zero", name, position)


def _listed(check: Check, part: ReadTable, others: Tables) -> Iterator[Finding]:
    """A code is one of the table that lists them, where that was sent."""
    listing = others.get(check.criteria or "", ())
    if any(other.left_out for other in listing):
        return
    codes = [str(code) for other in listing for code in other.values("code")]
    name, known = check.code or "", accepted(codes)
    for position in part.kept:
        code = part.values(name)[position]
        if codes and code is not None and str(code) not in codes:
            yield part.report_value("value-not-in-list", name, position, accepted=known)


_RULES: dict[str, Callable[[Check, ReadTable, Tables], Iterator[Finding]]] = {
    "sum": _sum,
    "part": _part,
    "rank": _rank,
    "score": _score,
    "plan": _plan,
    "planned-zero": _planned_zero,
    "listed": _listed,
}


def _blanks(part: ReadTable) -> Iterator[Finding]:
    """A whole is given where a part of it is, a rank or score where its limit is."""
    asked: dict[str, list[str]] = {}
    mild: set[str] = set()
    for check in part.table.checks:
        beside = [n for n in (*check.parts, check.part, check.size, check.max) if n]
        name = check.whole or check.rank or check.score
        if name and beside:
            asked.setdefault(name, []).extend(beside)
            mild |= set() if check.whole else {name}
    for name, others in asked.items():
        column = part.columns[name]
        if name not in part.located.columns:
            continue
        if name in mild and not any(value is not None for value in column.values):
            continue  # a column that nobody filled in
        for position in part.kept:
            if column.values[position] is not None or position in column.broken:
                continue
            given = tuple(other for other in others if part.values(other)[position])
            if given and not (name in mild and _is_said(part, name, position)):
                yield _blank(part, name, position, given, "warning" if name in mild else None)


def _is_said(part: ReadTable, name: str, position: int) -> bool:
    """Whether the cell of a missing value says itself that there is none: "x", a dash."""
    at = part.located.columns[name].column
    return is_filled(part.sheet.value(part.body.data[position], at))


def _blank(
    part: ReadTable, name: str, position: int, given: Sequence[str], severity: Severity | None
) -> Finding:
    fields, cell = part.table.by_name, part.own_cell(name, position)
    headings = [f"“{fields[other].heading}”" for other in given[:_NAMED]]
    more = ["…"] if len(given) > _NAMED else []
    params = {"given": ", ".join(headings + more)} if given else {}
    heading = fields[name].heading
    return part.report("required-missing", cell, heading, severity=severity, **params)


def _money(part: ReadTable) -> Iterator[Finding]:
    """No row is about so much money: đồng were typed where thousands or millions are asked for."""
    for asked in part.table.fields:
        if asked.at_most is None or asked.name not in part.located.columns:
            continue
        for position, (value,) in _rows(part, (asked.name,)):
            if value is None or value < asked.at_most / _LARGEST_UNIT:
                continue
            unit = _unit(part, asked, position) or ""
            scale = money_scale(unit) or 1
            typed = part.columns[asked.name].typed.get(position) or ""
            if scale == 1 or any(map(str.isalpha, typed)):
                continue  # it says itself what it counts
            own = Decimal(value) / scale if asked.type == "money" else Decimal(value)
            if own * scale >= asked.at_most:
                yield part.report(
                    "money-implausible",
                    part.cell(asked.name, position),
                    asked.heading,
                    typed or spoken(own),
                    suggestion=f"{spoken(own)} {DONG}",
                    amount=f"{spoken(own)} {unit}",
                    unit=unit,
                )


def _unit(part: ReadTable, asked: Field, position: int) -> str | None:
    """Unit in which a number is asked for: that of its row, its heading, or the form's heading."""
    if asked.unit and (of_row := part.value(asked.unit, position)):
        return str(of_row)
    return part.located.columns[asked.name].unit or without_bracket(asked.heading)[1]


def _dates(part: ReadTable) -> Iterator[Finding]:
    """Days of a yearly report lie where the form says: within its year, not before, not after."""
    year = part.year
    for asked in part.table.fields if year is not None else ():
        for position in part.kept if asked.dated else ():
            value = part.values(asked.name)[position]
            if value is not None and year is not None and is_out_of_year(asked, value, year):
                yield part.report_value("date-out-of-year", asked.name, position, year=str(year))


def is_out_of_year(asked: Field, value: object, year: int) -> bool:
    """Whether a day lies outside the reporting year as far as the field minds."""
    on = getattr(value, "year", year)
    if asked.dated == "within":
        return bool(on != year)
    if asked.dated == "not-before":
        return bool(on < year)
    return asked.dated == "not-after" and bool(on > year)


def _never_given(form: Form, part: ReadTable) -> Iterator[Finding]:
    """An award goes to those whom the law names: a title of collectives not to persons."""
    for position in part.kept:
        typed = str(part.values("award")[position])
        for subject in awards.never_given_to(typed):
            field = "subject" if part.table.is_private else awards.COUNTED_AS[subject]
            count = part.value(field, position)
            if count != subject and not (isinstance(count, int) and count > 0):
                continue
            award, given = awards.match(typed), form.label("subject", subject)
            expected = [form.label("subject", one) for one in award.subjects] if award else []
            yield part.report(
                "award-subject-mismatch",
                part.cell(field, position),
                part.table.by_name[field].heading,
                given if part.table.is_private else spoken(count),
                award=typed,
                expected=", ".join(f"“{label}”" for label in expected),
                given=f"“{given}”",
            )


def _award_names(form: Form, part: ReadTable) -> Iterator[Finding]:
    """Awards are known by name, and their level is the one that the law gives them.

    In a list of recipients each award is reported once at each level.
    """
    codes = part.table.by_name["level"].codes or "level"
    told: set[tuple[str, str]] = set()
    for position in part.kept:
        text, level = (str(part.values(name)[position]) for name in ("award", "level"))
        award = awards.match(text)
        if (award and level in award.levels) or (part.table.is_private and (text, level) in told):
            continue
        told.add((text, level))
        cell, heading = part.cell("award", position), part.table.by_name["award"].heading
        if award is None:
            near = nearest(text, awards.names())
            yield part.report("award-unknown", cell, heading, text, suggestion=near)
            continue
        *levels, own = (f"“{form.label(codes, name)}”" for name in (*award.levels, level))
        words = {"expected": " / ".join(levels), "level": own}
        yield part.report("award-level-mismatch", cell, heading, text, **words)


#: first position of a run of data rows, and the one after its last
Span = tuple[int, int]


def _totals(part: ReadTable) -> Iterator[Finding]:
    """A total row says the sum of all rows, of those beside it, or of those of its section.

    Rows that the form leaves out of totals (proposed awards, deductions) may be in it or not. A
    column with an error says nothing; quantities are compared where all have one unit.
    """
    if not part.body.totals or part.left_out:
        return
    spans = _spans(part)
    for asked in part.table.fields:
        at = part.located.columns.get(asked.name)
        if at is None or not asked.is_numeric or not _can_be_added(part, asked):
            continue
        sums = _sums(part, asked.name)
        for row in part.body.totals:
            said = _said(part, asked, row, at.column)
            alike = {every[b] - every[a] for every in sums for a, b in spans[row]}
            if said is not None and said not in alike:
                scale, whole = part.columns[asked.name].scale, sums[0][-1]
                parts = spoken(whole if scale == 1 else Decimal(whole) / scale)
                cell, typed = (row, at.column), shown(part.sheet.value(row, at.column))
                yield part.report("total-mismatch", cell, asked.heading, typed, parts=parts)


def _can_be_added(part: ReadTable, asked: Field) -> bool:
    """Whether the values of a column can be added: none is broken, all have one unit."""
    if part.columns[asked.name].broken:
        return False
    units = set(part.values(asked.unit)) if asked.unit else set()
    return asked.type != "number" or (len(units) == 1 and units.isdisjoint({None, "%"}))


def _sums(part: ReadTable, name: str) -> tuple[list[Amount], list[Amount]]:
    """Running sums of a column, with and without the rows that may be left out of totals."""
    out = part.table.totals_leave_out.items()
    amounts = [_amount(value) or 0 for value in part.values(name)]
    kept = [
        0 if any(part.value(other, position) == code for other, code in out) else value
        for position, value in enumerate(amounts)
    ]
    return [0, *accumulate(amounts)], [0, *accumulate(kept)]


def _said(part: ReadTable, asked: Field, row: int, column: int) -> Amount | None:
    """Number of a total row; None where it is blank, broken or no number."""
    value, scale = part.sheet.value(row, column), part.columns[asked.name].scale
    if part.sheet.fault(row, column) or isinstance(value, bool):
        return None
    if isinstance(value, str):
        kind: Kind = "money" if asked.type == "money" else "number"
        return parse(value, kind, None, scale).value if value.strip() else None
    if not isinstance(value, (int, float)):
        return None
    return from_cell(value, "money" if scale > 1 else "number", None, scale=scale).value


def _spans(part: ReadTable) -> dict[int, list[Span]]:
    """Total row → the runs of rows that it may add up.

    All rows; those since the total before; those until the next one; those of the sections that
    end or begin beside it.
    """
    data, totals, of_row = part.body.data, part.body.totals, part.body.sections
    sections: dict[Position, Span] = {}
    for position, row in enumerate(data):
        for start in of_row.get(row, ()):
            sections[start] = sections.get(start, (position, position))[0], position + 1
    cuts = [0, *(bisect_left(data, total) for total in totals), len(data)]
    spans: dict[int, list[Span]] = {}
    for number, total in enumerate(totals, 1):
        before, at, after = cuts[number - 1 : number + 2]
        beside = [data[p] for p in (at - 1, at) if 0 <= p < len(data)]
        starts = [start for row in beside for start in of_row.get(row, ())]
        spans[total] = [(0, len(data)), (before, at), (at, after), *(sections[s] for s in starts)]
    return spans
