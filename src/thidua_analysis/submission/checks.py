"""The rules on rows: each a small function from rows to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from thidua_analysis import awards
from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Check, Field, Form, Table
from thidua_analysis.submission.extract import Extract, numeric_total
from thidua_analysis.submission.hints import nearest
from thidua_analysis.submission.rows import Datum, Row
from thidua_analysis.vietnamese.numbers import Kind, parse

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

Amount = int | Decimal


def amount(value: Datum) -> Amount | None:
    """A value as a number; None where it is blank or no number."""
    return value if isinstance(value, (int, Decimal)) else None


def check_table(
    form: Form, bloc: Bloc, part: Extract, others: Mapping[str, list[Row]]
) -> Iterator[Finding]:
    """All findings of the rules on one table.

    Parameters
    ----------
    form, bloc
        Rules that the form and the bloc file state.
    part
        The table as read.
    others
        Rows of the submission's other tables, for rules that look across.
    """
    table = part.located.table
    for check in table.checks:
        yield from _RULES[check.rule](check, part, others)
    yield from _duplicates(part)
    yield from _totals(part)
    yield from _dates_in_year(table, part, form)
    if "award" in table.by_name:
        yield from _awards(form, part)


def _at(code: str, row: Row, table: Table, name: str, **params: str) -> Finding:
    value = row.values.get(name)
    return finding(
        code,
        sheet=row.sheet,
        cell=row.cells.get(name),
        heading=table.by_name[name].heading if name in table.by_name else name,
        value=row.typed.get(name) or _shown(value),
        params=params,
    )


def _shown(value: Datum) -> str:
    return "" if value is None else f"{value}".replace(".", ",")


def _bad(part: Extract, row: Row, names: Iterable[str]) -> bool:
    """Whether an error already stands in one of these cells: it suppresses what follows."""
    return any(row.row in part.columns[n].broken for n in names if n in part.columns)


def _sum(check: Check, part: Extract, _: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """Parts that are given must add up to their whole (form 0603.N: 05 = 06 + … + 10)."""
    whole = check.whole or ""
    for row in part.rows:
        given = [v for n in check.parts if (v := amount(row.values[n])) is not None]
        total = amount(row.values[whole])
        if not given or total is None or _bad(part, row, (whole, *check.parts)):
            continue
        if sum(given) != total:
            yield _at("sum-mismatch", row, part.located.table, whole, parts=_shown(sum(given)))


def _part(check: Check, part: Extract, _: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """A part "trong đó" cannot exceed its whole."""
    name, whole = check.part or "", check.whole or ""
    heading = part.located.table.by_name[whole].heading
    for row in part.rows:
        some, all_ = amount(row.values[name]), amount(row.values[whole])
        if some is not None and all_ is not None and some > all_:
            yield _at(
                "part-exceeds-whole", row, part.located.table, name,
                whole=_shown(all_), whole_heading=heading,
            )  # fmt: skip


def _rank(check: Check, part: Extract, _: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """A rank lies between 1 and the number of units ranked."""
    name = check.rank or ""
    for row in part.rows:
        rank, size = amount(row.values[name]), amount(row.values[check.size or ""])
        if rank is not None and size is not None and (rank > size or rank < 1):
            yield _at("rank-exceeds-size", row, part.located.table, name, size=_shown(size))


def _score(check: Check, part: Extract, others: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """A score cannot exceed the maximum of its criterion."""
    table = part.located.table
    names = table.melt.fields if table.melt else (check.score or "",)
    criteria = {
        r.values["code"]: r.values["max_score"] for r in others.get(check.criteria or "", [])
    }
    for row in part.rows:
        most = amount(row.values[check.max] if check.max else criteria.get(row.values["criterion"]))
        for name in names:
            score = amount(row.values[name])
            if score is not None and most is not None and score > most:
                yield _at("score-exceeds-max", row, table, name, max=_shown(most))


def _planned_zero(check: Check, part: Extract, _: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """A plan of 0 gives no attainment."""
    for row in part.rows:
        if row.values[check.planned or ""] == 0:
            yield _at("planned-zero", row, part.located.table, check.planned or "")


_RULES: dict[str, Callable[[Check, Extract, Mapping[str, list[Row]]], Iterator[Finding]]] = {
    "sum": _sum,
    "part": _part,
    "rank": _rank,
    "score": _score,
    "planned-zero": _planned_zero,
}


def _duplicates(part: Extract) -> Iterator[Finding]:
    """A row that says in every field what an earlier one says."""
    if part.located.table.adds_up_to:
        return
    seen: dict[tuple[Datum, ...], Row] = {}
    for row in part.rows:
        content = tuple(row.values.values())
        first = seen.setdefault(content, row)
        if first is row or first.row == row.row:
            continue
        left = part.sheet.value(row.row, part.located.left)
        letters = {c.name: c.column for c in part.located.columns.values()}
        names = sorted((n for n in row.cells), key=lambda n: letters.get(n, 0))
        yield finding(
            "duplicate-row",
            sheet=row.sheet,
            cell=_first_cell(part, row, names),
            value=_shown(row.values[names[0]]) if left in (None, "") else None,
            params={"other": str(first.row)},
        )


def _first_cell(part: Extract, row: Row, names: list[str]) -> str:
    left = part.sheet.value(row.row, part.located.left)
    return row.cells[names[0]] if left in (None, "") else address(row.row, part.located.left)


def _totals(part: Extract) -> Iterator[Finding]:
    """A total row says the sum of all rows, or of the rows of its section."""
    table = part.located.table
    fields = [f for f in table.fields if f.type in ("count", "money", "score")]
    for total in part.roles.totals:
        spans = list(_spans(part, total))
        for asked in fields:
            said = _said(part, total, asked)
            sums = [_added(rows, asked.name) for rows in spans]
            if said is None or said in sums or asked.name not in part.located.columns:
                continue
            if any(_bad(part, row, (asked.name,)) for row in part.rows):
                continue
            yield finding(
                "total-mismatch",
                sheet=part.sheet.name,
                cell=address(total, part.located.columns[asked.name].column),
                heading=asked.heading,
                value=numeric_total(part, total, asked.name),
                params={"parts": _shown(sums[0])},
            )


def _spans(part: Extract, total: int) -> Iterator[list[Row]]:
    """Rows that a total may add up: all; those since the total before; those of a section."""
    yield part.rows
    others = [t for t in part.roles.totals if t < total]
    later = [t for t in part.roles.totals if t > total]
    before = max(others, default=0)
    after = min(later, default=1 << 30)
    yield [r for r in part.rows if before < r.row < total]
    yield [r for r in part.rows if total < r.row < after]
    for start in sorted(set(part.roles.sections.values())):
        yield [r for r in part.rows if part.roles.sections.get(r.row) == start]


def _said(part: Extract, total: int, asked: Field) -> Amount | None:
    column = part.located.columns.get(asked.name)
    value = part.sheet.value(total, column.column) if column else None
    scale = 1
    if asked.type == "money" and column:
        scale = part.scales.get(asked.name, 1)
    if isinstance(value, str):
        kind: Kind = "money" if asked.type == "money" else "number"
        return parse(value, kind, None, scale).value if value.strip() else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    exact = Decimal(f"{value:.15g}") * scale
    return int(exact) if exact == exact.to_integral_value() else exact


def _added(rows: Iterable[Row], name: str) -> Amount:
    return sum((v for r in rows if (v := amount(r.values[name])) is not None), start=0)


def _dates_in_year(table: Table, part: Extract, form: Form) -> Iterator[Finding]:
    """Days on which something was reached lie in the reporting year."""
    year = part.year
    for asked in table.fields:
        if not asked.in_year or year is None:
            continue
        for row in part.rows:
            value = row.values[asked.name]
            if value is not None and getattr(value, "year", year) != year:
                yield _date_finding(row, table, asked, year)


def _date_finding(row: Row, table: Table, asked: Field, year: int) -> Finding:
    value = row.values[asked.name]
    typed = row.typed.get(asked.name) or f"{value:%d/%m/%Y}"
    return finding(
        "date-out-of-year",
        sheet=row.sheet,
        cell=row.cells.get(asked.name),
        heading=asked.heading,
        value=typed,
        params={"year": str(year)},
    )


def _awards(form: Form, part: Extract) -> Iterator[Finding]:
    """Awards are known by name, and their level is the one that the law gives them."""
    table = part.located.table
    levels = table.by_name["level"].codes or "level"
    reported: set[tuple[Datum, Datum]] = set()
    for row in part.rows:
        text, level = str(row.values["award"]), row.values["level"]
        if table.adds_up_to and (text, level) in reported:
            continue
        reported.add((text, level))
        award = awards.match(text)
        if award is None:
            near = nearest(text, {a.name: None for a in awards.awards().values()})
            made = _at("award-unknown", row, table, "award")
            yield finding(
                made.code, sheet=made.sheet, cell=made.cell, heading=made.heading,
                value=text, suggestion=near,
            )  # fmt: skip
        elif level not in award.levels:
            expected = " / ".join(form.label(levels, name) for name in award.levels)
            yield _at(
                "award-level-mismatch", row, table, "award",
                expected=expected, level=form.label(levels, str(level)),
            )  # fmt: skip


def check_caps(
    bloc: Bloc, rows: Iterable[Row], table: Table, year: int | None
) -> Iterator[Finding]:
    """Caps that the bloc file sets, such as at most 15 % of one award's holders for another."""
    granted = [r for r in rows if r.values["status"] == "awarded"]
    for cap in bloc.caps:
        if cap.year is not None and cap.year != year:
            continue
        some = [r for r in granted if awards.canonical(str(r.values["award"])) == cap.award]
        base = [r for r in granted if awards.canonical(str(r.values["award"])) == cap.of]
        people, holders = _added(some, "individuals"), _added(base, "individuals")
        if holders and some and people * 100 > cap.max_percent * holders:
            percent = Decimal(people * 100) / Decimal(holders)
            yield _at(
                "cap-exceeded", some[0], table, "individuals",
                what=f"{cap.award} / {cap.of}", max=f"{cap.max_percent}%",
                share=f"{percent:.1f}%".replace(".", ","),
            )  # fmt: skip
