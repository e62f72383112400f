"""Which fields of a row decide whether and where it counts, beside those that are added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from thidua_analysis.form import Check, Table, forms
from thidua_analysis.indicators.dictionary import Indicator

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
