"""Which form a workbook is: by its code, else by a title, its sheets, its tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Form, current, forms
from thidua_analysis.submission.columns import shown
from thidua_analysis.submission.heading_rows import are_headings
from thidua_analysis.submission.headings import leaf_key
from thidua_analysis.submission.info import Info, Said
from thidua_analysis.submission.locate import find_tables
from thidua_analysis.submission.texts import SheetTexts, accepted, nearest
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc

_TITLE_ROWS = 12
_YEAR_IN_TITLE = re.compile(r"(?<!tháng [0-9] )(?<!tháng [0-9][0-9] )\bnăm\s+((?:19|20)[0-9]{2})\b")
_YEAR_IN_NAME = re.compile(r"(?<!\d)((?:19|20)[0-9]{2})(?!\d)")
_FOLDER = re.compile("(?:19|20)[0-9]{2}")
#: a title that begins so names somebody else
_ADDRESSED = ("kính gửi", "nơi nhận")


def titles(texts: Iterable[SheetTexts]) -> Iterator[str]:
    """Texts above the first headings of each sheet, as they are compared."""
    for of_sheet in texts:
        for row, cells in enumerate(of_sheet.sheet.rows[:_TITLE_ROWS], 1):
            if are_headings(cells):
                break
            for column, value in enumerate(cells, 1):
                if isinstance(value, str) and value:
                    yield key(of_sheet.shown(row, column))


def year_in_titles(texts: Iterable[SheetTexts]) -> int | None:
    """The one year that titles name ("BÁO CÁO NĂM 2023"); days are passed over."""
    years = {year for title in titles(texts) for year in _YEAR_IN_TITLE.findall(title)}
    return int(years.pop()) if len(years) == 1 else None


def years_named(name: str) -> list[int]:
    """Years that the name of a file or sheet states."""
    return [int(year) for year in _YEAR_IN_NAME.findall(name)]


def member_in_titles(texts: Iterable[SheetTexts], bloc: Bloc) -> str | None:
    """The one member that titles name: alone in its cell, else in full within a title."""
    lines = [t for t in titles(texts) if t and not t.startswith(_ADDRESSED)]
    alone = {member for line in lines if (member := bloc.match_member(line))}
    if alone:
        return alone.pop() if len(alone) == 1 else None
    named = {
        member
        for spelling, member in bloc.spellings.items()
        for line in lines
        if _contains(line, spelling)
    }
    return named.pop() if len(named) == 1 else None


def _contains(line: str, spelling: str) -> bool:
    full = spelling.endswith(" tỉnh") or " tỉnh " in spelling
    return full and f" {spelling} " in f" {line} "


def member_in_path(path: PurePath, bloc: Bloc) -> str | None:
    """The member whose name or id the file's name holds, between dashes or spaces."""
    stem = re.sub(r"[_\s]+", " ", _YEAR_IN_NAME.sub(" ", path.stem)).strip(" -")
    parts = [stem, *re.split(r"\s*[-–]\s*", stem), *stem.split(" "), *re.split(r"[\s.-]+", stem)]
    return next(filter(None, (bloc.match_member(part.strip()) for part in parts)), None)


def years_of_path(path: PurePath) -> Iterator[tuple[int, str]]:
    """Years that the file's name and its folder state, with words for the place."""
    named = set(_YEAR_IN_NAME.findall(path.stem))
    if len(named) == 1:
        yield int(named.pop()), path.name
    if _FOLDER.fullmatch(path.parent.name):
        yield int(path.parent.name), path.parent.name


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
    if info and said:
        found.extend(_unread_code(info, said))
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


def _unread_code(info: Info, said: Said) -> Iterator[Finding]:
    """Report a code that shows an error or lacks its result; other signs may tell the form."""
    sheet, at = info.texts.sheet, (said.row, said.column)
    where: dict[str, Any] = {"sheet": sheet.name, "cell": said.address, "heading": label_of("form")}
    if at in sheet.errors:
        yield finding("formula-error", value=sheet.errors[at], **where)
    elif at in sheet.uncalculated:
        yield finding("formula-not-calculated", **where)


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
        places = [p for t in texts.values() for p in find_tables(form, t)]
        scores[form.id] = sum(len(p.columns) for p in places)
    return _clearly_first(scores, 3)


def _clearly_first(scores: Mapping[str, int], least: int) -> Form | None:
    best = max(scores.values())
    leading = [name for name, score in scores.items() if score == best]
    return forms()[leading[0]] if best >= least and len(leading) == 1 else None
