"""Which form a workbook is: by its code, else by a title, its sheets, its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Form, current, forms
from thidua_analysis.submission.columns.task import shown
from thidua_analysis.submission.hints import nearest
from thidua_analysis.submission.identity.info import Info, Said
from thidua_analysis.submission.identity.titles import titles
from thidua_analysis.submission.tables.locate import locate
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.vietnamese.text import key

Texts = Mapping[str, SheetTexts]
_VERSION = re.compile("[0-9]{1,4}")
_FORM_ID = re.compile(r"\b(tdkt-[a-z]+)\s*/\s*([0-9]{1,4})\b")


def which_form(info: Info | None, texts: Texts, found: list[Finding]) -> Form | None:
    """Return the form of a workbook.

    Parameters
    ----------
    info
        The sheet that says who reports, if any: its code of the form decides.
    texts
        The visible sheets, by name: a code in a title, their names, their headings.
    found
        List to which findings are added.
    """
    said = info.said.get("form") if info else None
    typed = _typed(info, said) if info and said else ""
    if info and said and typed:
        form = _by_code(typed)
        found.extend(_code_findings(info, said, typed, form))
        return form
    codes = (_FORM_ID.search(title) for title in titles(texts.values()))
    form = next((f for code in codes if code and (f := _by_code(code[0]))), None)
    form = form or _by_sheets(texts) or _by_tables(texts)
    if form is None:
        found.append(finding("form-unknown", params={"accepted": ", ".join(sorted(forms()))}))
    return form


def _typed(info: Info, said: Said) -> str:
    if said.inline:
        return said.inline
    value = info.texts.sheet.value(said.row, said.column)
    return info.texts.shown(said.row, said.column) or shown(value)


def _by_code(typed: str) -> Form | None:
    """The form with a code; one that is older than all that are known is read as the current."""
    code = key(typed).replace(" ", "").upper()
    if code in forms():
        return forms()[code]
    family, _, version = code.rpartition("/")
    # "²" is a digit to Python, and no number
    number = int(version) if _VERSION.fullmatch(version) else None
    for form in (current("unit"), current("bloc")):
        if form.family == family and number is not None and number < form.version:
            return form
    return None


def _code_findings(info: Info, said: Said, typed: str, form: Form | None) -> Iterator[Finding]:
    where: dict[str, Any] = {
        "sheet": info.texts.sheet.name,
        "cell": said.address,
        "heading": label_of("form"),
        "value": typed,
    }
    if form is None:
        known = {"accepted": ", ".join(sorted(forms()))}
        yield finding("form-unknown", suggestion=nearest(typed, forms()), params=known, **where)
        return
    newest = current(form.kind)
    if key(typed).replace(" ", "").upper() != newest.id:
        yield finding("form-version-old", params={"accepted": newest.id}, **where)


def label_of(name: str) -> str:
    """Label under which the forms ask for a field of `Thông tin`."""
    return next(f.heading for form in forms().values() for f in form.info.fields if f.name == name)


def _by_sheets(texts: Texts) -> Form | None:
    """The form most of whose sheets are there by name, if at least two are."""
    names = set(map(key, texts))
    kinds = (current("unit"), current("bloc"))
    return _clearly_first({f.id: sum(t.sheet_key in names for t in f.tables) for f in kinds}, 2)


def _by_tables(texts: Texts) -> Form | None:
    """The form most of whose headings stand on the sheets, if they make a table of three."""
    scores = {}
    for form in (current("unit"), current("bloc")):
        places = [p for t in texts.values() for p in locate(form, t.sheet, t)]
        scores[form.id] = sum(len(p.columns) for p in places)
    return _clearly_first(scores, 3)


def _clearly_first(scores: Mapping[str, int], least: int) -> Form | None:
    best = max(scores.values())
    leading = [name for name, score in scores.items() if score == best]
    return forms()[leading[0]] if best >= least and len(leading) == 1 else None
