"""Who reports on which year: from the sheet `Thông tin`, else titles, else the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from thidua_analysis.excel import Sheet, Workbook, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field, Form, current, forms
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.locate import Column
from thidua_analysis.submission.roles import is_blank
from thidua_analysis.submission.rows import Datum
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.values import ColumnReader, shown
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

_TITLE_ROWS = 12
_YEAR_IN_TITLE = re.compile(r"\bnăm\s+((?:19|20)\d\d)\b")
_YEAR_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_FORM_ID = re.compile(r"\b(tdkt-[a-z]+)/(\d+)\b")


@dataclass(slots=True)
class Identity:
    """Who and when, and where it was said; ``values`` holds the rest of `Thông tin`."""

    form: Form | None = None
    values: dict[str, Datum] = field(default_factory=dict)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: name of the sheet that the values stand on
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class _Label:
    field: Field
    row: int
    column: int
    inline: str | None = None


def identify(
    book: Workbook,
    texts: Mapping[str, SheetTexts],
    bloc: Bloc,
    path: PurePath,
    found: list[Finding],
) -> Identity:
    """Read who reports on which year with which form.

    Parameters
    ----------
    book, texts
        The workbook and the readers of its visible sheets' texts.
    bloc
        The members.
    path
        Where the file lies: its name and its folder may say member and year.
    found
        List to which findings are added.
    """
    visible = [s for s in book.sheets if not s.hidden]
    identity = Identity()
    sheet, labels = _info_sheet(visible, texts)
    raw = _raw_values(sheet, texts[sheet.name], labels) if sheet else {}
    identity.form = _form(identity, sheet, raw, visible, texts, found)
    if identity.form is None:
        return identity
    if sheet:
        identity.sheet = sheet.name
        _read_info(identity, identity.form, sheet, texts[sheet.name], bloc, raw, found)
    _fall_back(identity, identity.form, visible, texts, bloc, path, raw, found)
    _compare_years(identity, path, found)
    return identity


def _info_sheet(
    visible: list[Sheet], texts: Mapping[str, SheetTexts]
) -> tuple[Sheet | None, list[_Label]]:
    """The sheet that bears the form's labels: by its name, else by three labels or more."""
    best: tuple[Sheet | None, list[_Label]] = (None, [])
    for sheet in visible:
        named = key(sheet.name) in {key(f.info.sheet) for f in forms().values()}
        labels = list(_labels(sheet, texts[sheet.name], len(sheet.rows) if named else 40))
        if labels and (named or len(labels) >= 3) and len(labels) > len(best[1]):
            best = (sheet, labels)
    return best


def _labels(sheet: Sheet, texts: SheetTexts, depth: int) -> Iterator[_Label]:
    known = {k: f for form in forms().values() for k, f in form.info.labels.items()}
    seen: set[str] = set()
    for row, cells in enumerate(sheet.rows[:depth], 1):
        for column, value in enumerate(cells, 1):
            if not isinstance(value, str) or not value or len(value) > 200:
                continue
            text = texts.shown(row, column)
            label, colon, rest = text.partition(":")
            asked = known.get(key(text)) or (known.get(key(label)) if colon else None)
            if asked and asked.name not in seen:
                seen.add(asked.name)
                yield _Label(asked, row, column, rest.strip() or None)


def _raw_values(
    sheet: Sheet, texts: SheetTexts, labels: list[_Label]
) -> dict[str, tuple[int, int, str | None]]:
    """Field → position of its value, and its text where it shares the label's cell."""
    taken = {(label.row, label.column) for label in labels}
    beside = sum((label.row, label.column + 1) in taken for label in labels)
    below = sum((label.row + 1, label.column) in taken for label in labels)
    across = beside > below
    values: dict[str, tuple[int, int, str | None]] = {}
    for label in labels:
        if label.inline:
            values[label.field.name] = (label.row, label.column, label.inline)
            continue
        steps = ((1, 0), (2, 0)) if across else ((0, 1), (0, 2), (0, 3), (0, 4))
        places = [(label.row + r, label.column + c) for r, c in steps]
        filled = [p for p in places if p not in taken and not is_blank(sheet.value(*p))]
        marked = [p for p in places if p in sheet.errors or p in sheet.uncalculated]
        row, column = (filled or marked or places)[0]
        values[label.field.name] = (row, column, None)
    return values


def _form(
    identity: Identity,
    sheet: Sheet | None,
    raw: Mapping[str, tuple[int, int, str | None]],
    visible: list[Sheet],
    texts: Mapping[str, SheetTexts],
    found: list[Finding],
) -> Form | None:
    """The form: by its code on the sheet, else in a title, else by the sheets' names."""
    known = ", ".join(forms())
    if sheet and "form" in raw:
        row, column, inline = raw["form"]
        typed = inline or texts[sheet.name].shown(row, column) or shown(sheet.value(row, column))
        if typed:
            identity.places["form"] = (sheet.name, address(row, column))
            form = _by_code(typed, sheet.name, address(row, column), found)
            if form is None:
                found.append(
                    finding(
                        "form-unknown",
                        sheet=sheet.name,
                        cell=address(row, column),
                        heading="Mã biểu",
                        value=typed,
                        suggestion=nearest(typed, forms()),
                        params={"typed": f" (“{typed}”)", "accepted": known},
                    )
                )
            return form
    for title in _titles(visible, texts):
        code = _FORM_ID.search(key(title))
        form = forms().get(code[0].upper()) if code else None
        if form:
            return form
    form = _by_sheets(visible)
    if form is None:
        found.append(finding("form-unknown", params={"typed": "", "accepted": known}))
    return form


def _by_code(typed: str, sheet: str, cell: str, found: list[Finding]) -> Form | None:
    """The form with a code; an older version than the current one is read and noted."""
    code = key(typed).replace(" ", "").upper()
    if code in forms():
        form = forms()[code]
        newest = current(form.kind)
        if form.version < newest.version:
            _old_version(typed, newest, sheet, cell, found)
        return form
    family, _, version = code.rpartition("/")
    if not version.isdigit():
        return None
    for form in (current("unit"), current("bloc")):
        if form.family == family and int(version) < form.version:
            _old_version(typed, form, sheet, cell, found)
            return form
    return None


def _old_version(typed: str, newest: Form, sheet: str, cell: str, found: list[Finding]) -> None:
    found.append(
        finding(
            "form-version-old",
            sheet=sheet,
            cell=cell,
            heading="Mã biểu",
            value=typed,
            params={"accepted": newest.id},
        )
    )


def _by_sheets(visible: list[Sheet]) -> Form | None:
    """The form most of whose sheets are there by name, if at least two are."""
    names = {key(s.name) for s in visible}
    scored = [
        (sum(key(t.sheet) in names for t in form.tables), form)
        for form in (current("unit"), current("bloc"))
    ]
    count, form = max(scored, key=lambda pair: pair[0])
    return form if count >= 2 and [c for c, _ in scored].count(count) == 1 else None


def _read_info(
    identity: Identity,
    form: Form,
    sheet: Sheet,
    texts: SheetTexts,
    bloc: Bloc,
    raw: Mapping[str, tuple[int, int, str | None]],
    found: list[Finding],
) -> None:
    for asked in form.info.fields:
        if asked.name not in raw or asked.name == "form":
            continue
        row, column, inline = raw[asked.name]
        on = _with_inline(sheet, row, column, inline) if inline else sheet
        reader = ColumnReader(form, bloc, on, SheetTexts(on) if inline else texts, None, found)
        values = reader.read(asked, Column(asked.name, column, row), [row])
        if row in values.broken:
            identity.values[asked.name] = None
        elif row in values.values:
            identity.values[asked.name] = values.values[row]
        identity.places[asked.name] = (sheet.name, address(row, column))


def _with_inline(sheet: Sheet, row: int, column: int, text: str) -> Sheet:
    """The sheet as if the value stood alone in the cell that it shares with its label."""
    rows = [list(cells) for cells in sheet.rows[:row]]
    rows[row - 1][column - 1] = text
    return Sheet(sheet.name, rows)


def _titles(visible: list[Sheet], texts: Mapping[str, SheetTexts]) -> Iterator[str]:
    for sheet in visible:
        for row, cells in enumerate(sheet.rows[:_TITLE_ROWS], 1):
            for column, value in enumerate(cells, 1):
                if isinstance(value, str) and value:
                    yield texts[sheet.name].shown(row, column)


def _fall_back(
    identity: Identity,
    form: Form,
    visible: list[Sheet],
    texts: Mapping[str, SheetTexts],
    bloc: Bloc,
    path: PurePath,
    raw: Mapping[str, tuple[int, int, str | None]],
    found: list[Finding],
) -> None:
    """Take member and year from titles, then from the file's name and folder."""
    values = identity.values
    if "year" not in values:
        values["year"] = _year_elsewhere(visible, texts, path)
        if values["year"] is None:
            found.append(_missing("year-missing", identity, raw, form))
    if form.kind == "bloc" or "member" in values:
        return
    values["member"] = next(
        filter(None, map(bloc.match_member, _titles(visible, texts))), None
    ) or next(filter(None, map(bloc.match_member, _name_parts(path))), None)
    if values["member"] is None:
        names = accepted(m.name for m in bloc.members)
        missing = _missing("member-unknown", identity, raw, form)
        found.append(
            finding(
                missing.code, sheet=missing.sheet, cell=missing.cell, heading=missing.heading,
                value="", params={"accepted": names},
            )
        )  # fmt: skip


def _missing(
    code: str,
    identity: Identity,
    raw: Mapping[str, tuple[int, int, str | None]],
    form: Form,
) -> Finding:
    name = "year" if code == "year-missing" else "member"
    heading = next(f.heading for f in form.info.fields if f.name == name)
    if identity.sheet is None or name not in raw:
        return finding(code, heading=heading)
    row, column, _ = raw[name]
    return finding(code, sheet=identity.sheet, cell=address(row, column), heading=heading)


def _year_elsewhere(
    visible: list[Sheet], texts: Mapping[str, SheetTexts], path: PurePath
) -> int | None:
    for title in _titles(visible, texts):
        said = _YEAR_IN_TITLE.search(key(title))
        if said:
            return int(said[1])
    return next((year for year, _ in _years_of_path(path)), None)


def _name_parts(path: PurePath) -> Iterator[str]:
    stem = re.sub(r"[_\s]+", " ", _YEAR_IN_NAME.sub(" ", path.stem)).strip(" -")
    yield stem
    yield from (part.strip() for part in re.split(r"\s*[-–]\s*", stem))
    yield from stem.split(" ")


def _years_of_path(path: PurePath) -> Iterator[tuple[int, str]]:
    """Years that the file's name and its folder state, with words for the place."""
    named = _YEAR_IN_NAME.findall(path.stem)
    if len(set(named)) == 1:
        yield int(named[0]), path.name
    folder = path.parent.name
    if re.fullmatch(r"(?:19|20)\d\d", folder):
        yield int(folder), folder


def _compare_years(identity: Identity, path: PurePath, found: list[Finding]) -> None:
    year = identity.values.get("year")
    place = identity.places.get("year")
    if not isinstance(year, int):
        return
    for expected, where in _years_of_path(path):
        if expected != year:
            found.append(
                finding(
                    "year-mismatch",
                    sheet=place[0] if place else None,
                    cell=place[1] if place else None,
                    heading="Năm báo cáo",
                    value=str(year),
                    params={"place": f"“{where}”", "expected": str(expected)},
                )
            )
            return
