"""From rows to a frame of figures, and a figure in one line as it stands in a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record, exact_column
from thidua_analysis.form.forms import forms, of_forms
from thidua_analysis.form.model import Check, Table
from thidua_analysis.indicators.comparability import (
    Coverage,
    breaks_between,
    lost_cells,
    mark,
    standing,
)
from thidua_analysis.indicators.dictionary import Function, Indicator, entry, recipe
from thidua_analysis.indicators.figure import (
    EXACT_PARTS,
    Deciding,
    Figure,
    FigureId,
    Key,
    Lineage,
    Piece,
    Term,
    combined,
    figure_id,
    narrowed,
    of_difference,
    plain,
    printed,
    quotient,
    shared,
    summed,
)
from thidua_analysis.indicators.selection import (
    UNKNOWN,
    By,
    Rows,
    Scope,
    checked,
    commended,
    exact,
    fitting,
    label,
    once,
    order,
    understood,
    values,
)
from thidua_analysis.messages import language, singular, text
from thidua_analysis.vietnamese.display import NO_VALUE, Lang
from thidua_analysis.vietnamese.quantities import simplest

#: Columns of every frame of figures, after ``indicator`` and the breakdowns.
PARTS = (
    *("numerator", "denominator", "value", "text", "unit"),
    *("reporting", "expected", "missing", "uncovered", "bound", "comparable", "reason", "lineage"),
)
Finish = Callable[[Dataset, Figure], object]

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

#: Parts of a figure that stand as numbers without losing a digit.
_PARTS = frozenset({"numerator", "denominator", "uncovered"})
#: Types of columns, each looked up once: pandas tries all that there are for every name.
_WHOLE, _FLOAT, _TRUTH, _TEXT = map(pd.api.types.pandas_dtype, ("int64", "float64", "bool", "str"))


def figures(
    ds: Dataset,
    name: str,
    rows: Rows,
    piece: Callable[[Record], Piece | None],
    by: By,
    scope: Scope,
    *,
    options: Scope | None = None,
    same: Sequence[str] = (),
    finish: Finish | None = None,
    covered: bool = True,
) -> pd.DataFrame:
    """Add rows up to a frame of figures, as docs/architecture.md describes it.

    ``piece`` says what a row adds, None where the indicator is not about it; ``options`` are
    further words of the call, which with the scope tell figures apart; of the columns ``same``
    only equal values are added; ``finish`` completes a figure whose value is no plain sum or
    quotient; ``covered`` says whether a row is expected of every member.
    """
    about, shown = entry(name), by
    scope = understood(ds, about.table, scope)
    found: Sequence[Record] = checked(name, rows, (*by, *scope))
    years = frozenset(values(scope["year"])) if scope.get("year") is not None else frozenset()
    # a single year is compared with the year before, whether or not it is among the breakdowns
    by = (*by, "year") if len(years) == 1 and "year" not in by else tuple(by)
    narrowed = scope.get("year") is not None and "year" in by
    if narrowed:
        found = rows.of(lambda year: years & {year, year + 1})
    pieces = [(row, piece(row)) for row in found]
    groups: dict[Key, Figure] = {}
    wanted = fitting({**scope, "year": None} if narrowed else scope)
    for made in _pieces(ds, about, (one for one in pieces if wanted(one[0]))):
        key = tuple(UNKNOWN if made.row[c] is None else made.row[c] for c in by)
        groups.setdefault(key, Figure(key)).pieces.append(made)
    present = frozenset(p.who for _, p in pieces if covered and p is not None and p.usable)
    coverage = Coverage(ds, about.table, by, scope, present)
    for key in coverage.silent() if covered else ():
        groups.setdefault(key, Figure(key))
    decisive = _deciding(about, (*by, *scope, *same))
    for figure in groups.values():
        figure.lineage = _lineage(ds, figure, about, decisive)
        if covered:
            coverage.complete(figure)
        add(figure)
        _refuse_mixtures(ds, name, figure, same, by, scope)
        if finish:
            finish(ds, figure)
        figure.unit = figure.unit or about.unit[ds.lang]
        if figure.text == NO_VALUE and figure.value is not None:
            figure.text = printed(about, figure, ds.lang)
    mark(ds, name, groups, by, scope, same)
    kept = [f for f in groups.values() if not narrowed or f.key[by.index("year")] in years]
    return _frame(ds, name, kept, shown, {**scope, **(options or {})})


def _pieces(
    ds: Dataset, about: Indicator, pieces: Iterable[tuple[Record, Piece | None]]
) -> Iterator[Piece]:
    """Yield the pieces; where a cell that one needs was refused for an error, it says so."""
    refused = lost_cells(ds, about.table)
    for row, made in pieces:
        lost = refused.get(row["row_id"], frozenset())
        if "subject" in row:  # such a row is about one of its fields alone
            lost &= {row["subject"]}
        if made is None:
            if lost & about.fields:
                yield Piece(row, None)
        elif not any(lost & set(cells.fields) for cells in made.cells):
            yield made
        # all that is left of a row are zeros: what it says is unknown, not nothing
        elif made.denominator is None and not made.numerator:
            yield Piece(row, None, None, made.cells)
        else:
            yield replace(made, lost=True)


def add(figure: Figure) -> None:
    """Add up what the pieces of a figure give."""
    used = figure.used
    if not used:
        return
    figure.numerator = sum(p.numerator for p in used if p.numerator is not None)
    figure.bound = combined(p.bounds[0] for p in used)
    if used[0].denominator is None:
        figure.value = figure.numerator
        return
    figure.denominator = sum(p.denominator for p in used if p.denominator is not None)
    figure.bound = of_difference(figure.bound, combined(p.bounds[1] for p in used))
    if figure.denominator:
        figure.value = quotient(figure.numerator, figure.denominator)


def _refuse_mixtures(
    ds: Dataset, name: str, figure: Figure, same: Sequence[str], by: By, scope: Scope
) -> None:
    for column in same:
        if len({p.row[column] for p in figure.used}) > 1:
            figure.refuse(text(f"why-mixed-{column}", ds.lang))
    years = {p.row["year"] for p in figure.used}
    if "year" not in by and len(years) > 1:
        own = standing(figure, by, scope)
        for broken in breaks_between(ds, name, own, min(years), max(years)):
            figure.refuse(text("why-years-break", ds.lang, reason=broken.reason(ds.lang)))


def _frame(ds: Dataset, name: str, groups: Sequence[Figure], by: By, scope: Scope) -> pd.DataFrame:
    table, n = entry(name).table, len(by)
    orders = [order(ds, table, c, [f.key[at] for f in groups]) for at, c in enumerate(by)]
    found = sorted(groups, key=lambda f: [o[v] for o, v in zip(orders, f.key, strict=False)])
    outside, asked = narrowed(ds, by, scope)
    rows = [
        {
            "indicator": name,
            **(own := dict(zip(by, figure.key[:n], strict=True))),
            **{part: simplest(getattr(figure, part, None)) for part in PARTS},
            "lineage": _id(figure_id(name, {**outside, **own, **asked}), figure),
            "reporting": len(figure.expected) - len(figure.missing),
            "expected": len(figure.expected),
        }
        for figure in found
    ]
    held = {column: [row[column] for row in rows] for column in ("indicator", *by, *PARTS)}
    years = [column for column in by if column in ("year", "reported_in")]
    coded = [c for c in by if all(isinstance(value, str) for value in held[c])]
    kinds = {
        **dict.fromkeys(("reporting", "expected", *years), _WHOLE),
        **dict.fromkeys(("indicator", "text", "unit", *coded), _TEXT),
        "comparable": _TRUTH,
        "value": _FLOAT,
    }
    frame = pd.DataFrame(
        {
            column: exact_column(values)
            if column in _PARTS
            else pd.Series(values, dtype=kinds.get(column, object))
            for column, values in held.items()
        }
    )
    frame.attrs = {
        "indicator": name,
        "by": list(by),
        "lang": ds.lang,
        "names": {
            c: {str(value): label(ds, c, value) for value in dict.fromkeys(frame[c])}
            for c in by
            if c not in years
        },
        "illustrative": any(p.row.get("illustrative") for f in found for p in f.used),
        "scope": dict(scope),
    }
    return frame


def _id(text: str, figure: Figure) -> FigureId:
    parts = {part: simplest(getattr(figure, part)) for part in EXACT_PARTS}
    return FigureId.of(text, figure.lineage, parts)


def _lineage(
    ds: Dataset, figure: Figure, about: Indicator, decisive: Mapping[str, frozenset[str]]
) -> Lineage:
    left_out = tuple(p.row["row_id"] for p in figure.pieces if not p.usable)
    decided = tuple(
        Deciding(
            table,
            frozenset(id_ for p in figure.pieces for id_ in _judged_by(p.row, table, about)),
            fields,
        )
        for table, fields in decisive.items()
    )
    return Lineage(terms(figure.used, about.table), left_out, decided=decided, ds=ds)


def _judged_by(row: Record, table: str, about: Indicator) -> Sequence[str]:
    """Return the rows of a table by which a row is judged."""
    if table == "submissions":
        return (row["row_id"].partition("#")[0],)  # an id begins with the file
    return (row["row_id"],) if table == about.table else row[table]


def terms(pieces: Iterable[Piece], table: str) -> tuple[Term, ...]:
    """Return the cells of pieces: rows that add the same fields in the same way stand together."""
    rows: dict[Term, list[str]] = {}
    for piece in pieces:
        for cells in piece.cells:
            rows.setdefault(cells, []).append(piece.row["row_id"])
    return tuple(
        replace(cells, table=cells.table or table, rows=tuple(ids)) for cells, ids in rows.items()
    )


def _deciding(about: Indicator, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return by table the fields that decide on the rows of an indicator.

    They are the fields of its formula, those by which rows are chosen and grouped, those without
    which a row is refused, and those that say the unit of any of these or that a rule of the form
    compares with it.
    """
    columns = frozenset(columns)
    own = _of_table(about.table, about.fields | {_MADE_FROM.get(c, c) for c in columns})
    found = {about.table: own} if own else {}
    if about.table == "scores":
        found["criteria"] = _OF_CRITERIA
    return {**found, "submissions": _OF_THE_FILE | (columns & _OF_ITS_VALUES)}


@of_forms
def _of_table(name: str, asked: frozenset[str]) -> frozenset[str]:
    tables = [t for form in forms().values() for t in form.tables if t.id == name]
    return frozenset(field for table in tables for field in _fields(table, asked))


def _fields(table: Table, asked: frozenset[str]) -> set[str]:
    def refused(check: Check) -> str | None:
        """Return the field in whose cell a rule finds an error."""
        return check.part or check.rank or check.score or check.whole

    wanted = asked | {field.name for field in table.required}
    beside = {name for check in table.checks if refused(check) in wanted for name in check.names}
    units = {field.unit for field in table.fields if field.unit and field.name in wanted}
    return {*wanted, *beside, *units} & set(table.columns)


def by_formula(name: str) -> Callable[[Record], Piece]:
    """Return what a row adds to an indicator by its formula: to a sum, or to one over another."""
    numerator, denominator = entry(name).added

    def piece(row: Record) -> Piece:
        return shared(row, numerator, denominator) if denominator else summed(row, *numerator)

    return piece


@recipe
def of_own(name: str) -> Function:
    """Make the function of an indicator that a bloc brings; of commendations, those that count."""

    def function(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
        table, piece = entry(name).table, by_formula(name)
        if table == "commendations":
            rows, wanted = commended(ds, by, {"status": "awarded", **scope})
            return figures(ds, name, rows, piece, by, wanted, same=("counted_as",))
        rows = once(ds, f"rows of {table}", lambda: ds.records(table))
        return figures(ds, name, rows, piece, by, scope)

    function.__name__, function.__doc__ = name, str(entry(name).definition)
    return function


def described(figure: Mapping[Any, Any], lang: Lang | None = None) -> str:
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
    figure = exact(figure)
    about, shown, unit = entry(figure["indicator"]), str(figure["text"]), str(figure["unit"])
    if about.kind == "rank":
        return text("said-rank", lang, rank=shown)
    parts = ""
    if about.of is not None and figure["denominator"] is not None:
        upper, lower = (plain(figure[part], 0, lang) for part in ("numerator", "denominator"))
        parts = f"{upper}/{lower} {_of(figure, about, lang)}"
    if parts.startswith(f"{shown} "):
        shown, parts = parts, ""
    inside = [parts, uncovered(figure, lang)]
    if figure["expected"]:
        complete = not figure["missing"] and not figure["lineage"].partial
        words = {part: figure[part] for part in ("reporting", "expected")}
        inside.append(text("said-coverage" if complete else "said-incomplete", lang, **words))
    if unit and unit != "%" and about.kind != "amount" and shown != NO_VALUE:
        shown = singular(f"{shown} {unit}", lang)
    told = "; ".join(filter(None, inside))
    return f"{shown} ({told})" if told else shown


def uncovered(figure: Mapping[Any, Any], lang: Lang | None = None) -> str:
    """Return how much of the whole a share does not cover: ``chưa tính 12 lượt cá nhân``."""
    figure = exact(figure)
    if not figure.get("uncovered"):
        return ""
    n = plain(figure["uncovered"], 0, lang)
    about = entry(figure["indicator"])
    key = "said-unjudged" if about.table == "targets" else "said-uncovered"
    return text(key, lang, n=n, of=_of(figure, about, lang))


def _of(figure: Mapping[Any, Any], about: Indicator, lang: Lang | None) -> str:
    """Return what the denominator counts; of commendations lượt or người, as its rows say."""
    words = (about.of or about.unit)[lang or language()]
    if about.table != "commendations":
        return words
    lineage = figure["lineage"]
    rows = frozenset(lineage.rows)
    stored = lineage.ds.records("commendations") if lineage.ds else ()
    found = {row["counted_as"] for row in stored if row["row_id"] in rows}
    counted = ", ".join(text(f"unit-{code}", lang) for code in sorted(found))
    return text("said-counted", lang, unit=counted, of=words) if counted else words
