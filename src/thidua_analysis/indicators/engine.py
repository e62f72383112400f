"""A figure in one line: value, parts, unit and coverage, as it stands in a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record, plain
from thidua_analysis.form.model import Check, Table, forms
from thidua_analysis.indicators import comparability
from thidua_analysis.indicators import coverage as losses
from thidua_analysis.indicators import figure as printing
from thidua_analysis.indicators import rows as names
from thidua_analysis.indicators.coverage import Coverage, who
from thidua_analysis.indicators.dictionary import Indicator, entry
from thidua_analysis.indicators.figure import (
    Cells,
    Deciding,
    Figure,
    Key,
    Lineage,
    Piece,
    Term,
    amount,
    bound,
    combined,
    of_quotient,
    quotient,
)
from thidua_analysis.indicators.rows import Scope, checked, scoped, values
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import NO_VALUE, Lang

#: Columns of a breakdown that are made from a field of another name.
_MADE_FROM = {
    "measured_in": "unit",
    "term": "duration_months",
    "family": "award",
    "code": "criterion",
    "kind": "criterion",
}
#: Scores count by what the table of criteria says of their criterion.
_OF_CRITERIA = frozenset({"code", "criterion", "kind", "max_score"})

#: What `Thông tin` says of a file: whose figures they are, and what its values are.
_OF_THE_FILE = frozenset({"form", "member", "year"})
_OF_ITS_VALUES = frozenset({"counted_as", "period"})


def deciding(about: Indicator, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return by table the fields that decide on the rows of an indicator.

    They are the fields of its formula, those by which rows are chosen and grouped, those without
    which a row is refused, and those that say the unit of any of these or that a rule of the form
    compares with it.

    Parameters
    ----------
    about
        The indicator.
    columns
        Columns of breakdowns and of the scope.
    """
    columns = frozenset(columns)
    own = _of_table(about.table, about.fields | {_MADE_FROM.get(c, c) for c in columns})
    found = {about.table: own} if own else {}
    if about.table == "scores":
        found["criteria"] = _OF_CRITERIA
    return {**found, "submissions": _OF_THE_FILE | (columns & _OF_ITS_VALUES)}


@cache
def _of_table(name: str, asked: frozenset[str]) -> frozenset[str]:
    tables = [t for form in forms().values() for t in form.tables if t.id == name]
    return frozenset(field for table in tables for field in _fields(table, asked))


def _fields(table: Table, asked: frozenset[str]) -> set[str]:
    wanted = asked | {field.name for field in table.required}
    beside = {name for check in table.checks if _refused(check) in wanted for name in check.names}
    units = {field.unit for field in table.fields if field.unit and field.name in wanted}
    return {*wanted, *beside, *units} & set(table.columns)


def _refused(check: Check) -> str | None:
    """Return the field in whose cell a rule finds an error."""
    return check.part or check.rank or check.score or check.whole


__all__ = ["PARTS", "amount", "bound", "figures", "quotient"]

#: Columns of every frame of figures, after ``indicator`` and the breakdowns.
PARTS = (
    *("numerator", "denominator", "value", "text", "unit"),
    *("reporting", "expected", "missing", "uncovered", "bound", "comparable", "reason", "lineage"),
)


def figures(
    ds: Dataset,
    name: str,
    rows: Iterable[Record],
    piece: Callable[[Record], Piece | None],
    by: Sequence[str],
    scope: Scope,
    *,
    options: Scope | None = None,
    same: Sequence[str] = (),
    finish: Callable[[Figure], None] | None = None,
    covered: bool = True,
) -> pd.DataFrame:
    """Add rows up to a frame of figures, as docs/architecture.md describes it.

    Parameters
    ----------
    ds
        The dataset that the rows are of.
    name
        Id of the indicator.
    rows
        Rows of its table.
    piece
        What a row adds; None where the indicator is not about it.
    by
        Columns to break down by.
    scope
        Column → the value, or the values, that rows must have.
    options
        Further words of the call, which with the scope tell figures apart.
    same
        Columns in which only equal values are added; where they differ there is no value.
    finish
        What completes a figure whose value is no plain sum or quotient.
    covered
        Whether a row is expected of every member.

    Raises
    ------
    UsageError
        If the rows have no such column.
    """
    about = entry(name)
    rows = checked(name, rows, (*by, *scope))
    shown, by = by, _by_year(by, scope)
    pieces = list(_pieces(ds, about, scoped(rows, _with_year_before(by, scope)), piece))
    groups: dict[Key, Figure] = {}
    for made in pieces:
        key = tuple(_code(made.row, column) for column in by)
        groups.setdefault(key, Figure(key)).pieces.append(made)
    present = frozenset(who(p) for p in map(piece, rows) if p is not None and p.usable)
    coverage = Coverage(ds, about, by, present, scope) if covered else None
    for key in coverage.silent(groups) if coverage else ():
        groups[key] = Figure(key)
    decisive = deciding(about, (*by, *scope, *same))
    for figure in groups.values():
        figure.lineage = _lineage(ds, figure, about, decisive)
        if coverage:
            coverage.complete(figure)
        _add(figure)
        _refuse_mixtures(ds, name, figure, same, by, scope)
        if finish:
            finish(figure)
        _print(ds, figure, about)
    comparability.mark(ds, name, groups, by, scope, same)
    asked = _asked_years(by, scope)
    kept = [f for f in groups.values() if asked is None or f.key[by.index("year")] in asked]
    for figure in kept:
        figure.key = figure.key[: len(shown)]
    frame = _frame(ds, about, name, kept, shown)
    frame.attrs["scope"] = {**scope, **(options or {})}
    return frame


def _by_year(by: Sequence[str], scope: Scope) -> tuple[str, ...]:
    """Return the breakdowns; the year as the last one where the scope leaves a single year.

    So such a figure is the same, and is compared with the year before, whether or not the caller
    breaks down by year.
    """
    year = scope.get("year")
    single = year is not None and len(set(values(year))) == 1
    return (*by, "year") if single and "year" not in by else tuple(by)


def _asked_years(by: Sequence[str], scope: Scope) -> frozenset[int] | None:
    """Return the years that figures by year are narrowed down to; None for all."""
    year = scope.get("year")
    return frozenset(values(year)) if year is not None and "year" in by else None


def _with_year_before(by: Sequence[str], scope: Scope) -> Scope:
    """Return the scope, widened by the years before, with which figures are compared."""
    asked = _asked_years(by, scope)
    return scope if asked is None else {**scope, "year": {*asked, *(y - 1 for y in asked)}}


def _pieces(
    ds: Dataset, about: Indicator, rows: Iterable[Record], piece: Callable[[Record], Piece | None]
) -> Iterator[Piece]:
    """Make the pieces; where a cell that one needs was refused for an error, it says so."""
    refused = losses.cells(ds, about.table)
    for row in rows:
        made = piece(row)
        lost = refused.get(row["row_id"], frozenset()) if refused else frozenset()
        if "subject" in row:  # such a row is about one of its fields alone
            lost &= {row["subject"]}
        if made is None and lost & about.fields:
            yield Piece(row, None)
        elif made is not None:
            needed = {name for cells in made.cells for name in cells.fields} if lost else ()
            if not lost & set(needed):
                yield made
            # all that is left of a row are zeros: what it says is unknown, not nothing
            elif made.denominator is None and not made.numerator:
                yield Piece(row, None, None, made.cells)
            else:
                yield replace(made, lost=True)


def _code(row: Record, column: str) -> Any:
    value = row[column]
    return names.UNKNOWN if value is None else value


def _lineage(
    ds: Dataset, figure: Figure, about: Indicator, decisive: Mapping[str, frozenset[str]]
) -> Lineage:
    left_out = tuple(p.row["row_id"] for p in figure.pieces if not p.usable)
    decided = tuple(
        Deciding(table, frozenset(chain.from_iterable(_rows(about, table, figure))), fields)
        for table, fields in decisive.items()
    )
    return Lineage(_terms(figure.used, about), left_out, decided=decided, ds=ds)


def _rows(about: Indicator, table: str, figure: Figure) -> Iterator[Sequence[str]]:
    """Yield the rows of a table by which each piece is judged."""
    for piece in figure.pieces:
        row = piece.row
        if table == "submissions":
            yield (row["row_id"].partition("#")[0],)  # an id begins with the file
        else:
            yield (row["row_id"],) if table == about.table else row[table]


def _terms(pieces: Iterable[Piece], about: Indicator) -> tuple[Term, ...]:
    """Lineage of pieces: rows that add the same fields in the same way stand together."""
    rows: dict[Cells, list[str]] = {}
    for piece in pieces:
        for cells in piece.cells:
            rows.setdefault(cells, []).append(piece.row["row_id"])
    return tuple(
        Term(c.role, c.table or about.table, tuple(ids), c.fields, c.weight, c.counts, c.days)
        for c, ids in rows.items()
    )


def _add(figure: Figure) -> None:
    used = figure.used
    if not used:
        return
    figure.numerator = sum((p.numerator for p in used if p.numerator is not None), 0)
    figure.bound = combined(p.bounds[0] for p in used)
    if used[0].denominator is None:
        figure.value = figure.numerator
        return
    figure.denominator = sum((p.denominator for p in used if p.denominator is not None), 0)
    figure.bound = of_quotient(figure.bound, combined(p.bounds[1] for p in used))
    if figure.denominator:
        figure.value = quotient(figure.numerator, figure.denominator)


def _refuse_mixtures(
    ds: Dataset, name: str, figure: Figure, same: Sequence[str], by: Sequence[str], scope: Scope
) -> None:
    for column in same:
        if len({p.row[column] for p in figure.used}) > 1:
            figure.value = figure.numerator = figure.denominator = None
            figure.reason = text(f"why-mixed-{column}", ds.lang)
    years = {p.row["year"] for p in figure.used}
    if "year" not in by and len(years) > 1:
        own = comparability.place(figure, by, scope)
        for broken in comparability.breaks_between(ds, name, own, min(years), max(years)):
            figure.value = figure.numerator = figure.denominator = None
            figure.reason = text("why-years-break", ds.lang, reason=broken.reason(ds.lang))


def _print(ds: Dataset, figure: Figure, about: Indicator) -> None:
    figure.unit = figure.unit or about.unit[ds.lang]
    if figure.text == printing.NONE and figure.value is not None:
        figure.text = printing.figure(
            about, figure.numerator, figure.denominator, figure.value, figure.bound, ds.lang
        )


def _frame(
    ds: Dataset, about: Indicator, name: str, groups: Sequence[Figure], by: Sequence[str]
) -> pd.DataFrame:
    orders = [
        names.order(ds, about.table, c, [f.key[at] for f in groups]) for at, c in enumerate(by)
    ]
    found = sorted(groups, key=lambda f: tuple(o[v] for o, v in zip(orders, f.key, strict=True)))
    rows = [
        {
            "indicator": name,
            **dict(zip(by, figure.key, strict=True)),
            **{part: plain(getattr(figure, part, None)) for part in PARTS},
            "reporting": len(figure.expected) - len(figure.missing),
            "expected": len(figure.expected),
        }
        for figure in found
    ]
    frame = pd.DataFrame(rows, columns=["indicator", *by, *PARTS], dtype=object)
    years = [c for c in by if c in ("year", "reported_in")]
    for column in ("reporting", "expected", *years):
        frame[column] = frame[column].astype("int64")
    coded = [c for c in by if all(isinstance(v, str) for v in frame[c])]
    for column in ("indicator", "text", "unit", *coded):
        frame[column] = frame[column].astype("str")
    frame["comparable"] = frame["comparable"].astype("bool")
    frame.attrs = {
        "indicator": name,
        "by": list(by),
        "lang": ds.lang,
        "names": {c: names.labels(ds, c, frame[c]) for c in by if c not in years},
        "illustrative": any(p.row.get("illustrative") for f in found for p in f.used),
    }
    return frame


def described(figure: Mapping[Any, Any], lang: Lang = "vi") -> str:
    """Return a figure with what it is made of.

    Parameters
    ----------
    figure
        A row of a frame of figures.
    lang
        Language of the words.

    Returns
    -------
    str
        Such as ``68,2% (45/66 lượt cá nhân; 6/6 đơn vị)``, ``5/6 phiếu``, ``hạng 25/82``.
    """
    about = entry(figure["indicator"])
    printed = str(figure["text"])
    if about.kind == "rank":
        return text("said-rank", lang, rank=printed)
    parts = _parts(figure, lang)
    if parts.startswith(f"{printed} "):
        printed, parts = parts, ""
    inside = [parts, uncovered(figure, lang), _coverage(figure, lang)]
    unit = str(figure["unit"])
    if unit and unit != "%" and about.kind != "amount" and printed != NO_VALUE:
        printed = f"{printed} {unit}"
    told = "; ".join(part for part in inside if part)
    return f"{printed} ({told})" if told else printed


def _parts(figure: Mapping[Any, Any], lang: Lang) -> str:
    about = entry(figure["indicator"])
    if about.of is None or figure["denominator"] is None:
        return ""
    upper = printing.plain(figure["numerator"], 0, lang)
    lower = printing.plain(figure["denominator"], 0, lang)
    words = about.of[lang]
    if about.table == "commendations":
        words = text("said-counted", lang, unit=_counted(figure, lang), of=words)
    return f"{upper}/{lower} {words}"


def uncovered(figure: Mapping[Any, Any], lang: Lang = "vi") -> str:
    """Return how much of the whole a share does not cover: ``chưa tính 12 lượt cá nhân``."""
    if not figure.get("uncovered"):
        return ""
    about = entry(figure["indicator"])
    words = about.of[lang] if about.of else about.unit[lang]
    if about.table == "commendations" and (counted := _counted(figure, lang)):
        words = text("said-counted", lang, unit=counted, of=words)
    n = printing.plain(figure["uncovered"], 0, lang)
    key = "said-unjudged" if about.table == "targets" else "said-uncovered"
    return text(key, lang, n=n, of=words)


def _counted(figure: Mapping[Any, Any], lang: Lang) -> str:
    """Return what was counted, lượt or người, as the rows of the figure say."""
    lineage = figure["lineage"]
    rows = frozenset(lineage.rows)
    found = {r["counted_as"] for r in lineage.ds.records("commendations") if r["row_id"] in rows}
    return ", ".join(text(f"unit-{code}", lang) for code in sorted(found))


def _coverage(figure: Mapping[Any, Any], lang: Lang) -> str:
    if not figure["expected"]:
        return ""
    complete = not figure["missing"] and not figure["lineage"].partial
    key = "said-coverage" if complete else "said-incomplete"
    return text(key, lang, reporting=figure["reporting"], expected=figure["expected"])
