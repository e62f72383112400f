"""Which form a workbook is: by its code, else by a title, its sheets, its tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Form, current, forms
from thidua_analysis.submission.columns.task import shown
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.identity.info import Info, Said
from thidua_analysis.submission.identity.titles import (
    member_in_path,
    member_in_titles,
    titles,
    year_in_titles,
    years_of_path,
)
from thidua_analysis.submission.tables.headings import leaf_key
from thidua_analysis.submission.tables.locate import locate
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

#: so many rows are searched for headings where no form is known
_MOST_LINES = 200
_KINDS: tuple[Literal["unit", "bloc"], ...] = ("unit", "bloc")
Texts = Mapping[str, SheetTexts]
_VERSION = re.compile("[0-9]{1,4}")
_FORM_ID = re.compile(r"\b(tdkt-[a-z]+)\s*/\s*([0-9]{1,4})\b")


def which_form(
    info: Info | None, texts: Texts, bloc: Bloc, path: PurePath, found: list[Finding]
) -> Form | None:
    """Return the form of a workbook.

    Parameters
    ----------
    info
        The sheet that says who reports, if any: its code of the form decides.
    texts
        The visible sheets, by name: a code in a title, their names, their headings.
    bloc, path
        The members, and where the file lies: they say which template to send.
    found
        List to which findings are added.
    """
    said = info.said.get("form") if info else None
    typed = _typed(info, said) if info and said else ""
    if info and said and typed:
        form = _by_code(typed)
        described = {} if form else _described(texts, bloc, path)
        found.extend(_code_findings(info, said, typed, form, described))
        return form
    codes = (_FORM_ID.search(title) for title in titles(texts.values()))
    form = next((f for code in codes if code and (f := _by_code(code[0]))), None)
    form = form or _by_sheets(texts) or _by_tables(texts)
    if form is None:
        found.append(finding("form-unknown", params=_described(texts, bloc, path)))
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


def _code_findings(
    info: Info, said: Said, typed: str, form: Form | None, described: Mapping[str, str]
) -> Iterator[Finding]:
    where: dict[str, Any] = {
        "sheet": info.texts.sheet.name,
        "cell": said.address,
        "heading": label_of("form"),
        "value": typed,
    }
    if form is None:
        near = nearest(typed, forms())
        yield finding("form-unknown", suggestion=near, params=described, **where)
        return
    newest = current(form.kind)
    if key(typed).replace(" ", "").upper() != newest.id:
        yield finding("form-version-old", params={"accepted": newest.id}, **where)


def _described(texts: Texts, bloc: Bloc, path: PurePath) -> dict[str, str]:
    """What can be said of a file whose form is not known: who, when, what matched and lacks."""
    sheets = list(texts.values())
    member = member_in_titles(sheets, bloc) or member_in_path(path, bloc)
    year = year_in_titles(sheets) or next((y for y, _ in years_of_path(path)), None)
    places = max((_heading_places(sheets, current(kind)) for kind in _KINDS), key=len)
    tables = [t for kind in _KINDS for t in current(kind).tables]
    best = max(tables, key=lambda t: len(t.leaves & places.keys()))
    lacks = [best.by_name[n] for n in best.core] if best.leaves & places.keys() else []
    lacking = [f.heading for f in lacks if places.keys().isdisjoint(map(leaf_key, f.spellings()))]
    return {
        "accepted": ", ".join(sorted(forms())),
        "who": next((m.name for m in bloc.members if m.id == member), "–"),
        "year": str(year or "–"),
        "matched": accepted(places.values()) or "–",
        "lacking": accepted(lacking or (t.sheet for t in current("unit").tables)),
        "command": f"thidua template --year {year or '…'} --member {member or '…'}",
    }


def _heading_places(sheets: Iterable[SheetTexts], form: Form) -> dict[str, str]:
    """Comparison form of each text that reads like a heading of a form → where it first stands."""
    found: dict[str, str] = {}
    for of_sheet in sheets:
        for row, cells in enumerate(of_sheet.sheet.rows[:_MOST_LINES], 1):
            for column, value in enumerate(cells, 1):
                text = of_sheet.shown(row, column) if isinstance(value, str) and value else ""
                leaf = leaf_key(text) if text else ""
                if leaf in form.leaves:
                    place = f"{of_sheet.sheet.name}!{address(row, column)} “{text}”"
                    found.setdefault(leaf, place)
    return found


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
