"""Submissions made by hand from rows, so that every expected figure can be checked by counting."""

from thidua_analysis.form.forms import forms
from thidua_analysis.submission.rows import Note, Row, Submission

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def rows(table, form, *values, sheet=None):
    """Rows of a table; fields not given are missing; a bound is given as ``field_bound``."""
    asked = forms()[form].table(table)
    names = (*asked.columns, *(("max_score",) if table == "scores" else ()))
    made = []
    for number, given in enumerate(values, 2):
        bounds = {k.removesuffix("_bound"): v for k, v in given.items() if k.endswith("_bound")}
        own = {name: given.get(name) for name in names}
        cells = {n: f"{LETTERS[i]}{number}" for i, n in enumerate(names) if own[n] is not None}
        notes = {k: Note(f"{v} {own[k]}", bound=v) for k, v in bounds.items()}
        made.append(Row(table, sheet or asked.sheet, number, own, cells, notes))
    return tuple(made)


def unit(member, year=2023, **given):
    """Submission of a member: ``table=[{field: value}]`` and words of the submission."""
    tables = {name: rows(name, "TDKT-DV/1", *v) for name, v in given.items() if isinstance(v, list)}
    words = {name: value for name, value in given.items() if not isinstance(value, list)}
    path = f"{year}/{member}.xlsx"
    return Submission(path, path, "TDKT-DV/1", member, year, rows=tables, **words)


def bloc_form(year=2023, **given):
    """Submission of the head of the bloc."""
    tables = {name: rows(name, "TDKT-KHOI/1", *v) for name, v in given.items()}
    path = f"{year}/khoi.xlsx"
    return Submission(path, path, "TDKT-KHOI/1", None, year, rows=tables)


def people(level="province", *, classes=(0, 0, 0, 0), direct=0, **more):
    """A row of commendations of individuals whose five classes add up."""
    names = ("leader_ministerial", "leader_department", "entrepreneur", "leader_other")
    own = dict(zip(names, classes, strict=True), direct=direct)
    return {
        "level": level,
        "award": "Bằng khen của Chủ tịch UBND tỉnh",
        "method": "regular",
        "status": "awarded",
        "individuals": sum(own.values()),
        **own,
        **more,
    }
