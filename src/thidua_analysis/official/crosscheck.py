"""Equations of a form, tried cell by cell, and how notes name cells: ``mã 03: cột 3, 4``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from thidua_analysis.dataset import Record
from thidua_analysis.indicators.figure import Number, amount
from thidua_analysis.messages import text
from thidua_analysis.official.fill import (
    Along,
    Cell,
    Check,
    Filled,
    Place,
    PlacedColumn,
    PlacedLine,
)
from thidua_analysis.official.layout import ABOVE, Equation, Layout
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang
from thidua_analysis.vietnamese.quantities import exactly

#: An equation of more parts than these is printed with the first and the last.
_LISTED = 4
#: More columns than these are told by those that are left, or not one by one.
_NAMED = 5


@exactly
def checks(
    layout: Layout,
    lines: Sequence[PlacedLine],
    columns: Sequence[PlacedColumn],
    cells: Mapping[Place, Cell],
    rows: Iterable[Record],
    lang: Lang,
) -> tuple[Check, ...]:
    """Try every equation of a form in every column or row, but where both sides are empty."""
    by_id = {row["row_id"]: row for row in rows}
    found: list[Check] = []
    for equation in layout.checks:
        for at, whole, parts in _sides(equation, lines, columns, cells):
            empty = all(part.value is None for part in parts)
            # of "≥" no part could be too much
            if not empty or (whole.value is not None and equation.relation == "="):
                found.append(_check(equation, at, whole, parts, by_id, lang))
    return tuple(found)


def _sides(
    equation: Equation,
    lines: Sequence[PlacedLine],
    columns: Sequence[PlacedColumn],
    cells: Mapping[Place, Cell],
) -> Iterator[tuple[str, Cell, list[Cell]]]:
    """Yield where an equation is checked, its whole and its parts."""
    coded = [line for line in lines if line.code is not None]
    if equation.along == "rows":
        whole = [line.code or "" for line in coded if line.base == equation.whole]
        parts = [line.code or "" for line in coded if line.base in equation.parts]
        for column in columns:
            if not column.is_ratio and (column.base in equation.only or not equation.only):
                for code in whole:
                    sides = [cells[part, column.id] for part in parts]
                    yield column.id, cells[code, column.id], sides
        return
    ids = [column.id for column in columns if column.base in equation.parts]
    for line in coded:
        if line.base in equation.only or not equation.only:
            code = line.code or ""
            yield code, cells[code, equation.whole], [cells[code, name] for name in ids]


def _check(
    equation: Equation,
    at: str,
    whole: Cell,
    parts: Sequence[Cell],
    rows: Mapping[str, Record],
    lang: Lang,
) -> Check:
    given = [part.value for part in parts if part.value is not None]
    total = sum(given) if given else None
    holds: bool | None = None
    gap = None
    if whole.value is not None and total is not None:
        holds = whole.value == total if equation.relation == "=" else whole.value >= total
        if not holds and any(cell.bound for cell in (whole, *parts)):
            holds = None
        if not holds and equation.gap and _left(whole, parts, rows) == whole.value - total:
            gap = text(equation.gap, lang)
    return Check(printed(equation, lang), equation.along, at, whole.value, total, holds, gap)


def _left(whole: Cell, parts: Iterable[Cell], rows: Mapping[str, Record]) -> Number:
    """Amount of the rows that are in the whole and in no part."""
    placed = {row_id for part in parts for row_id in part.lineage.rows}
    left: Number = 0
    for term in whole.lineage.terms:
        for row_id in term.rows:
            if row_id not in placed:
                left += amount(rows[row_id], term.fields) or 0
    return left


def printed(equation: Equation, lang: Lang | None = None) -> str:
    """Return an equation as the form prints it.

    Examples
    --------
    >>> printed(Equation(along="rows", whole="01", parts=("02", "04", "05")))
    '01 = 02 + 04 + 05'
    >>> printed(Equation(along="rows", whole="05", parts=("06", "07", "08", "09", "10")))
    '05 = 06 + … + 10'
    """
    if equation.text:
        return equation.text
    shown = list(equation.parts)
    if len(shown) > _LISTED:
        shown = [shown[0], "…", shown[-1]]
    sides = f"{equation.whole} {equation.relation} {' + '.join(shown)}"
    return sides if equation.along == "rows" else text("official-columns", lang, which=sides)


def column_name(form: Filled, column_id: str) -> str:
    """Return the number of a column, with its headings where several share the number."""
    column = next(column for column in form.columns if column.id == column_id)
    return _named(form.columns, [column])[0]


def names_of(form: Filled, along: Along, ats: Collection[str], lang: Lang) -> str:
    """Name where equations were checked: in columns along rows, in rows along columns."""
    if along == "columns":
        codes = [line.code or "" for line in form.coded if line.code in ats]
        return text(form.layout.rows_named, lang, which=_rows(form, codes))
    meant = [column for column in form.columns if column.id in ats]
    return text("official-columns", lang, which=_listed(_named(form.columns, meant)))


def places(form: Filled, cells: Collection[Place], lang: Lang) -> str:
    """Name cells as shortly as they can be told.

    A column all of whose cells are meant is named alone, so is a row of which all that is left
    is meant; cells that cannot be filled by nature need not be meant.
    """
    asked = {place for place, cell in form.cells.items() if cell.empty != "not-applicable"}
    chosen = set(cells)
    of_column = {c.id: {place for place in asked if place[1] == c.id} for c in form.columns}
    whole = [c for c in form.columns if of_column[c.id] and of_column[c.id] <= chosen]
    ids = {column.id for column in whole}
    chosen = {place for place in chosen if place[1] not in ids}
    asked = {place for place in asked if place[1] not in ids}
    groups: dict[str, list[str]] = {}
    for code in [line.code or "" for line in form.coded]:
        meant = [c for c in form.columns if (code, c.id) in chosen]
        rest = [c for c in form.columns if (code, c.id) in asked and c not in meant]
        if meant:
            groups.setdefault(_columns(form, meant, rest, lang) if rest else "", []).append(code)
    told = [text("official-columns", lang, which=_listed(_named(form.columns, whole)))] * bool(
        whole
    )
    for columns, codes in groups.items():
        rows = text(form.layout.rows_named, lang, which=_rows(form, codes))
        told.append(f"{rows}: {columns}" if columns else rows)
    return "; ".join(told)


def _columns(
    form: Filled, meant: Sequence[PlacedColumn], rest: Sequence[PlacedColumn], lang: Lang
) -> str:
    """Name columns of a row; where they are many, those that are left."""
    names, others = _named(form.columns, meant), _named(form.columns, rest)
    if len(names) > _NAMED and len(others) <= _NAMED:
        return text("official-columns-but", lang, which=_listed(others))
    if len(names) > _NAMED and any("(" in name for name in names):
        return text("official-columns-many", lang)
    return text("official-columns", lang, which=_listed(names))


def _named(columns: Sequence[PlacedColumn], meant: Collection[PlacedColumn]) -> list[str]:
    """Name columns; where all under one number or one heading are meant, by that alone."""
    told: dict[str, None] = {}
    for column in columns:
        if column in meant:
            number = column.number.partition("=")[0]
            same = [other for other in columns if other.number == column.number]
            beside = [other for other in same if other.path[:-1] == column.path[:-1]]
            path = [part for part in column.path[2:] if part and part != ABOVE]
            if all(other in meant for other in same):
                told[number] = None
            elif all(other in meant for other in beside) and len(path) > 1:
                told[f"{number} ({', '.join(path[:-1])})"] = None
            else:
                told[f"{number} ({', '.join(path)})"] = None
    return list(told)


def _rows(form: Filled, codes: Sequence[str]) -> str:
    """Join the codes of rows; a row that shows none goes by its label."""
    told = {line.code: (line.number or line.label, at) for at, line in enumerate(form.coded)}
    return _runs([told[code] for code in codes])


def _listed(names: Sequence[str]) -> str:
    """Join the names of columns; three or more numbers in a row as ``10–17``."""
    return _runs(
        [(name, int(name) if name.isdecimal() else -2 * at) for at, name in enumerate(names)]
    )


def _runs(named: Iterable[tuple[str, int]]) -> str:
    """Join names; three or more that stand one after the other as ``06–10``."""
    runs: list[list[tuple[str, int]]] = []
    for name, at in named:
        if runs and at == runs[-1][-1][1] + 1:
            runs[-1].append((name, at))
        else:
            runs.append([(name, at)])
    parts = [
        f"{run[0][0]}–{run[-1][0]}" if len(run) > 2 else ", ".join(name for name, _ in run)
        for run in runs
    ]
    return ", ".join(parts)


def check_lines(form: Filled, lang: Lang) -> list[str]:
    """Return what holds in one line, then each equation that fails or cannot be checked."""
    seen = dict.fromkeys(check.equation for check in form.checks)
    wrong = {check.equation for check in form.checks if check.holds is not True}
    lines = [
        text("official-check-fails", lang, **_words(form, check, lang)) for check in form.mismatches
    ]
    for equation in seen:
        unknown = [c for c in form.checks if c.equation == equation and c.holds is None]
        if unknown:
            where = names_of(form, unknown[0].along, [check.at for check in unknown], lang)
            lines.append(text("official-check-open", lang, equation=equation, where=where))
    holding = [equation for equation in seen if equation not in wrong]
    if holding:
        lines.insert(0, text("official-checks-hold", lang, equations="; ".join(holding)))
    return lines


def _words(form: Filled, check: Check, lang: Lang) -> dict[str, str]:
    whole, parts = check.whole or 0, check.parts or 0
    gap = text("official-difference", lang, gap=check.gap) if check.gap else ""
    return {
        "equation": check.equation,
        "where": names_of(form, check.along, [check.at], lang),
        "whole": display.number(whole, 0, lang),
        "parts": display.number(parts, 0, lang),
        "difference": display.number(whole - parts, 0, lang),
        "gap": f" ({gap})" if gap else "",
    }
