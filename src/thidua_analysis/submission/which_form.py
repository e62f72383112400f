"""Which form a workbook is, what its titles say of it, and which sheets are the template's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import chain, count
from pathlib import PurePath
from typing import Literal

from thidua_analysis.excel import Sheet, Workbook, address
from thidua_analysis.findings import Finding, at, finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.forms import current, forms
from thidua_analysis.form.model import Form
from thidua_analysis.messages import LANGUAGES, text
from thidua_analysis.submission.heading_rows import are_headings
from thidua_analysis.submission.headings import leaf_key
from thidua_analysis.submission.info import Info
from thidua_analysis.submission.locate import find_tables
from thidua_analysis.submission.texts import SheetTexts, accepted, nearest, shown
from thidua_analysis.vietnamese.text import key

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
            words = (of_sheet.shown(row, column) for column in range(1, len(cells) + 1))
            yield from map(key, filter(None, words))


def year_in_titles(texts: Iterable[SheetTexts]) -> int | None:
    """The one year that titles name ("BÁO CÁO NĂM 2023"); days are passed over."""
    years = {year for title in titles(texts) for year in _YEAR_IN_TITLE.findall(title)}
    return int(years.pop()) if len(years) == 1 else None


def years_named(name: str) -> list[int]:
    """Years that the name of a file or sheet states."""
    return [int(year) for year in _YEAR_IN_NAME.findall(name)]


def member_in_titles(texts: Iterable[SheetTexts], bloc: Bloc) -> str | None:
    """The one member that titles name: alone in its cell, else in full within a title."""
    lines = [title for title in titles(texts) if not title.startswith(_ADDRESSED)]
    alone = {member for line in lines if (member := bloc.match_member(line))}
    if alone:
        return alone.pop() if len(alone) == 1 else None
    named = {
        member
        for spelling, member in bloc.spellings.items()
        if " tỉnh " in f"{spelling} " and any(f" {spelling} " in f" {line} " for line in lines)
    }
    return named.pop() if len(named) == 1 else None


def member_in_path(path: PurePath, bloc: Bloc) -> str | None:
    """The member whose name or id the file's name holds, between dashes or spaces."""
    stem = re.sub(r"[_\s]+", " ", _YEAR_IN_NAME.sub(" ", path.stem)).strip(" -")
    parts = [stem, *re.split(r"\s*[-–]\s*", stem), *stem.split(" "), *re.split(r"[\s.-]+", stem)]
    return next(filter(None, (bloc.match_member(part.strip()) for part in parts)), None)


def member_of(book: Workbook, path: PurePath, bloc: Bloc) -> str | None:
    """The member that titles or the file's name name, where the form of a file is not known."""
    sheets = [SheetTexts(sheet) for sheet in book.sheets if not sheet.hidden]
    return member_in_titles(sheets, bloc) or member_in_path(path, bloc)


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
    info: Info | None, texts: Texts, bloc: Bloc, path: PurePath
) -> tuple[Form | None, list[Finding]]:
    """Return the form of a workbook, and what is wrong with how it is said.

    The code on the sheet that says who reports decides, else a code in a title, the names of the
    sheets, their headings.
    """
    found: list[Finding] = []
    label = info.said.get("form") if info else None
    if info and label:
        place, sheet = label.at, info.texts.sheet
        said = partial(finding, sheet=sheet.name, cell=label.address, heading=label_of("form"))
        if typed := code_said(info):
            form = _by_code(typed)
            if form is None:
                params = _described(texts, bloc, path)
                near = nearest(typed, forms())
                return None, [said("form-unknown", value=typed, suggestion=near, params=params)]
            return form, found
        # an error or a missing result: other signs may tell the form
        if place in sheet.errors:
            found.append(said("formula-error", value=sheet.errors[place]))
        elif place in sheet.uncalculated:
            found.append(said("formula-not-calculated"))
    codes = (_FORM_ID.search(title) for title in titles(texts.values()))
    form = next((f for code in codes if code and (f := _by_code(code[0]))), None)
    form = form or _by_sheets(texts) or _by_tables(texts)
    if form is None:
        found.append(finding("form-unknown", params=_described(texts, bloc, path)))
    return form, found


def code_said(info: Info | None) -> str:
    """Return the code of its form that a sheet says, as typed; empty where it says none."""
    if info is None or (label := info.said.get("form")) is None:
        return ""
    shows = info.texts.shown(*label.at) or shown(info.texts.sheet.value(*label.at))
    return label.inline or shows


def newer_than(typed: str, form: Form, year: int | None) -> Form | None:
    """Return the form that a year is reported by, where the code of a form says an older one."""
    newest, (_, _, version) = current(form.kind, year), _code(typed).rpartition("/")
    return newest if int(version) < newest.version else None


def _code(typed: str) -> str:
    return key(typed).replace(" ", "").upper()


def _by_code(typed: str) -> Form | None:
    """The form with a code; one that is older than all that are known is read as the current."""
    code = _code(typed)
    if code in forms():
        return forms()[code]
    family, _, version = code.rpartition("/")
    # "²" is a digit to Python, and no number
    number = int(version) if _VERSION.fullmatch(version) else None
    for form in map(current, _KINDS):
        if form.family == family and number is not None and number < form.version:
            return form
    return None


def _described(texts: Texts, bloc: Bloc, path: PurePath) -> dict[str, str]:
    """What can be said of a file whose form is not known: who, when, what matched and lacks."""
    sheets = list(texts.values())
    member = member_in_titles(sheets, bloc) or member_in_path(path, bloc)
    year = year_in_titles(sheets) or next((y for y, _ in years_of_path(path)), None)
    places = max((_heading_places(sheets, current(kind)) for kind in _KINDS), key=len)
    best = max(
        (table for kind in _KINDS for table in current(kind).tables),
        key=lambda table: len(table.leaves & places.keys()),
    )
    core = [best.by_name[n] for n in best.core] if best.leaves & places.keys() else []
    lacking = [f.heading for f in core if places.keys().isdisjoint(map(leaf_key, f.spellings()))]
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
    for texts in sheets:
        for row, cells in enumerate(texts.sheet.rows[:_MOST_LINES], 1):
            for column in range(1, len(cells) + 1):
                text = texts.shown(row, column)
                leaf = leaf_key(text)
                if text and leaf in form.leaves:
                    place = f"{texts.sheet.name}!{address(row, column)} “{text}”"
                    found.setdefault(leaf, place)
    return found


def label_of(name: str) -> str:
    """Label under which the forms ask for a field of `Thông tin`."""
    return next(f.heading for form in forms().values() for f in form.info.fields if f.name == name)


def _by_sheets(texts: Texts) -> Form | None:
    """The form most of whose sheets are there by name, if at least two are."""
    names = set(map(key, texts))
    return _clearly_first(lambda form: sum(t.sheet_key in names for t in form.tables), least=2)


def _by_tables(texts: Texts) -> Form | None:
    """The form most of whose headings stand on the sheets, if they make a table of three."""

    def score(form: Form) -> int:
        places = chain.from_iterable(find_tables(form, one) for one in texts.values())
        return sum(len(place.columns) for place in places)

    return _clearly_first(score, least=3)


def _clearly_first(score: Callable[[Form], int], least: int) -> Form | None:
    unit, bloc = (current(kind) for kind in _KINDS)
    of_unit, of_bloc = score(unit), score(bloc)
    if of_unit == of_bloc or max(of_unit, of_bloc) < least:
        return None
    return unit if of_unit > of_bloc else bloc


def is_own(sheet: Sheet) -> bool:
    """Whether a sheet is the list of what to mend, in front of a marked copy that came back.

    A sender may name a sheet so as well: ours is known by its title.
    """
    title = sheet.value(1, 1)
    named = any(sheet.name.startswith(form.mending) for form in forms().values())
    return named and isinstance(title, str) and any(p.fullmatch(title) for p in _list_titles())


@cache
def _list_titles() -> list[re.Pattern[str]]:
    """How the title of the list reads, in every language and with any numbers."""
    said = (text("list-title", lang, errors=0, warnings=0, notes=0) for lang in LANGUAGES)
    return [re.compile(re.escape(title).replace("0", "[0-9]+")) for title in said]


def name_of_list(book: Workbook) -> str:
    """Return the name of the list in a workbook: that of the one before, else one that is free."""
    former = next((sheet.name for sheet in book.sheets if is_own(sheet)), None)
    taken = {sheet.name.casefold() for sheet in book.sheets}
    wanted = current("unit").mending
    free = (name for n in count(2) if (name := f"{wanted} ({n})").casefold() not in taken)
    return former or (next(free) if wanted.casefold() in taken else wanted)


def is_choices(sheet: str) -> bool:
    """Whether a sheet holds the template's lists of choices."""
    return any(sheet == form.choices for form in forms().values())


def is_guide(sheet: Sheet) -> bool:
    """Whether a sheet is the template's, and says how to fill it in: known by its first step."""
    named = sheet.name == text("template-instructions")
    return named and sheet.value(4, 1) == text("template-step", number=1)


def without_choices(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave the template's lists of choices out of what is said to be hidden."""
    for one in findings:
        if one.code != "hidden-data" or one.cell:
            yield one
            continue
        places = [place for place in one.params["what"].split("; ") if not is_choices(place)]
        if places:
            yield at(one, params={**one.params, "what": "; ".join(places)})
