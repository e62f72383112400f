"""Do the lines and columns of a filled form add up? Equations of the layout, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from thidua_analysis.dataset import Record
from thidua_analysis.indicators.figure import Number, amount
from thidua_analysis.messages import text
from thidua_analysis.official.filled import Cell, Check, Place, PlacedColumn, PlacedLine
from thidua_analysis.official.layout import Equation, Layout
from thidua_analysis.vietnamese.digits import exactly
from thidua_analysis.vietnamese.display import Lang

#: More parts than these are printed as the first and the last.
_LISTED = 4


@exactly
def checks(
    layout: Layout,
    lines: Sequence[PlacedLine],
    columns: Sequence[PlacedColumn],
    cells: Mapping[Place, Cell],
    rows: Iterable[Record],
    lang: Lang,
) -> tuple[Check, ...]:
    """Try every equation of a form in every column or row.

    Parameters
    ----------
    layout
        The form.
    lines, columns, cells
        As filled.
    rows
        Rows that the form counts.
    lang
        Language of what explains a difference.

    Returns
    -------
    tuple of Check
        Columns and rows in which both sides are empty have none.
    """
    by_id = {row["row_id"]: row for row in rows}
    found: list[Check] = []
    for equation in layout.checks:
        for at, whole, parts in _sides(equation, lines, columns, cells):
            if _nothing(equation, whole, parts):
                continue
            found.append(_check(equation, at, whole, parts, by_id, lang))
    return tuple(found)


def _nothing(equation: Equation, whole: Cell, parts: Sequence[Cell]) -> bool:
    """Whether there is nothing to compare: both sides empty, or no part that could be too much."""
    without_parts = all(part.value is None for part in parts)
    return without_parts and (whole.value is None or equation.relation == "≥")


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
            if column.source.ratio is None and (column.base in equation.only or not equation.only):
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


def printed(equation: Equation, lang: Lang = "vi") -> str:
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
