"""Who reports on which year: from the sheet `Thông tin`, else titles, else the file's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission.checks import is_out_of_year
from thidua_analysis.submission.columns import YEARS, ColumnReader, shown
from thidua_analysis.submission.info import Info, Label, Said, find_infos, only_number, own_number
from thidua_analysis.submission.labels import label_findings
from thidua_analysis.submission.locate import Column
from thidua_analysis.submission.rows import Datum
from thidua_analysis.submission.texts import SheetTexts, accepted, is_blank
from thidua_analysis.submission.which_form import (
    Texts,
    label_of,
    member_in_path,
    member_in_titles,
    which_form,
    year_in_titles,
    years_of_path,
)
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc

#: fields with a whole number, before which their label may be repeated
_NUMBERED = frozenset({"year", "revision"})
#: nobody sends a report more often
_MOST_REVISIONS = 99


@dataclass(slots=True)
class Identity:
    """Who and when, and where it was said; ``values`` holds the rest of `Thông tin`.

    ``info`` is the sheet that the values stand on, if any; ``infos`` are all with labels.
    """

    form: Form | None = None
    values: dict[str, Datum] = field(default_factory=dict)
    info: Info | None = None
    infos: Sequence[Info] = ()

    @property
    def sheet(self) -> str | None:
        """Name of the sheet that says who reports."""
        return self.info.texts.sheet.name if self.info else None

    def read_on(self, texts: SheetTexts) -> set[Position]:
        """Cells of a sheet with a label, or with what stands for it."""
        labels = [one for info in self.meant if info.texts is texts for one in info.labels]
        return {at for label, said in labels for at in ((label.row, label.column), said.place)}

    @property
    def meant(self) -> Iterator[Info]:
        """The sheets that are meant to say who reports; usually one."""
        return (info for info in self.infos if info is self.info or info.is_enough)

    def places(self) -> dict[str, tuple[str, str]]:
        """Sheet and cell of every field of `Thông tin` that has a value there."""
        return {
            name: (self.info.texts.sheet.name, self.info.said[name].address)
            for name, value in self.values.items()
            if self.info and name in self.info.said and value is not None
        }

    def said(self, name: str) -> Said | None:
        """Where the value of a field stands, or would stand beside its label."""
        return self.info.said.get(name) if self.info else None


def identify(texts: Texts, bloc: Bloc, path: PurePath, found: list[Finding]) -> Identity:
    """Read who reports on which year with which form.

    Parameters
    ----------
    texts
        The visible sheets, by name.
    bloc
        The members.
    path
        Where the file lies: its name and its folder may say member and year.
    found
        List to which findings are added.
    """
    infos = find_infos(texts.values())
    identity = Identity(info=infos[0] if infos and infos[0].is_enough else None, infos=infos)
    identity.form = which_form(identity.info, texts, bloc, path, found)
    if identity.form is None:
        return identity
    if identity.info:
        _read_info(identity, identity.form, identity.info, bloc, found)
        found.extend(label_findings(identity.form, identity.info))
        found.extend(_contradictions(identity.form, infos, bloc))
    _fall_back(identity, identity.form, infos, texts, bloc, path, found)
    _check_dates(identity, identity.form, found)
    _check_membership(identity, bloc, found)
    _compare_years(identity, path, found)
    return identity


# --- what the sheet says ------------------------------------------------------------------------


def _read_info(
    identity: Identity, form: Form, info: Info, bloc: Bloc, found: list[Finding]
) -> None:
    for asked in form.info.fields:
        said = info.said.get(asked.name)
        if said is None or asked.name == "form":
            continue
        value = _without_label(asked, said, info.texts)
        read, broken = _read(form, bloc, info.texts, asked, said, value, found)
        if broken or read is not None:
            identity.values[asked.name] = read


def _without_label(asked: Field, said: Said, texts: SheetTexts) -> Value:
    """What stands for a field; the number alone where words of the label are typed before it."""
    value = said.inline or texts.sheet.value(said.row, said.column)
    if asked.name not in _NUMBERED or not isinstance(value, str):
        return value
    text = said.inline or texts.at(said.row, said.column).value
    number = own_number(text or "", asked)
    is_year = asked.type == "year"
    return number if number and (not is_year or int(number) in YEARS) else value


def _read(
    form: Form,
    bloc: Bloc,
    texts: SheetTexts,
    asked: Field,
    said: Said,
    value: Value,
    found: list[Finding],
) -> tuple[Datum, bool]:
    """Value of one field of `Thông tin`, and whether an error stands in its cell."""
    column = Column(asked.name, said.column, said.row)
    raws = ["" if is_blank(value) else value]
    result, own = ColumnReader(form, bloc, texts, asked, column, [said.row], raws).read()
    if asked.name == "revision" and not result.broken and _is_no_revision(result.values[0]):
        own.append(_not_a_revision(texts, asked, said, value))
        result.drop(0)
    found.extend(_as_of_identity(asked, one) for one in own)
    return result.values[0], bool(result.broken)


def _as_of_identity(asked: Field, one: Finding) -> Finding:
    """A year that is no year is a missing year; the number in "Lần thứ 2" is proposed."""
    if asked.name == "year" and one.code == "value-not-in-list":
        return replace(one, code="year-missing", params={})
    if asked.name == "revision" and one.code == "number-format" and one.value:
        return replace(one, suggestion=one.suggestion or only_number(one.value))
    return one


def _is_no_revision(value: Datum) -> bool:
    """Whether a number cannot be that of a sending: 0, or a year in its place."""
    return isinstance(value, int) and not 1 <= value <= _MOST_REVISIONS


def _not_a_revision(texts: SheetTexts, asked: Field, said: Said, value: Value) -> Finding:
    return finding(
        "value-not-in-list",
        sheet=texts.sheet.name,
        cell=said.address,
        heading=asked.heading,
        value=shown(value),
        params={"accepted": "1; 2; 3; …"},
    )


# --- what else is said ----------------------------------------------------------------------------


def _contradictions(form: Form, infos: Sequence[Info], bloc: Bloc) -> Iterator[Finding]:
    """Labels that stand again, on this sheet or another one, with another value."""
    asked = {f.name: f for f in form.info.fields}
    first = infos[0]
    for info in infos:
        for label, said in info.labels:
            other = first.said.get(label.field.name)
            field_ = asked.get(label.field.name)
            if not field_ or not other or (info is first and said == other):
                continue
            if label.is_alias and not (said.inline or info.is_enough):
                continue  # the heading of a column
            wrong: list[Finding] = []
            one = _value(form, bloc, first.texts, field_, other, [])
            again = _value(form, bloc, info.texts, field_, said, wrong)
            if _differ(one, again):
                yield _said_twice(field_, info, label, first, other)
            elif again is None and not label.is_alias:
                yield from wrong


def _value(
    form: Form, bloc: Bloc, texts: SheetTexts, asked: Field, said: Said, found: list[Finding]
) -> Datum:
    return _read(form, bloc, texts, asked, said, _without_label(asked, said, texts), found)[0]


def _differ(first: Datum, second: Datum) -> bool:
    one, other = (key(v) if isinstance(v, str) else v for v in (first, second))
    return one is not None and other is not None and one != other


def _said_twice(asked: Field, info: Info, label: Label, first: Info, other: Said) -> Finding:
    own_sheet = info is first
    place = other.address if own_sheet else f"{first.texts.sheet.name}!{other.address}"
    return finding(
        "heading-duplicate",
        sheet=info.texts.sheet.name,
        cell=address(label.row, label.column),
        heading=asked.heading,
        value=info.texts.shown(label.row, label.column),
        params={"other": place, "of": "label"},
    )


# --- where the sheet says nothing ---------------------------------------------------------------


def _fall_back(
    identity: Identity,
    form: Form,
    infos: Sequence[Info],
    texts: Texts,
    bloc: Bloc,
    path: PurePath,
    found: list[Finding],
) -> None:
    """Take member and year from labels and titles elsewhere, then from the file's name."""
    values = identity.values
    asked = {f.name: f for f in form.info.fields}
    if "year" not in values:
        values["year"] = (
            _labelled(asked["year"], form, infos, bloc)
            or year_in_titles(texts.values())
            or next((year for year, _ in years_of_path(path)), None)
        )
        if values["year"] is None:
            found.append(_missing("year-missing", identity, "year"))
    if "member" not in asked or "member" in values:
        return
    values["member"] = (
        _labelled(asked["member"], form, infos, bloc)
        or member_in_titles(texts.values(), bloc)
        or member_in_path(path, bloc)
    )
    if values["member"] is None:
        names = accepted(m.name for m in bloc.members)
        found.append(_missing("member-unknown", identity, "member", accepted=names))


def _labelled(asked: Field, form: Form, infos: Iterable[Info], bloc: Bloc) -> Datum:
    """Value that stands behind its label on some sheet: "Đơn vị báo cáo: Hội LHPN tỉnh"."""
    for info in infos:
        for label, said in info.labels:
            if label.field.name == asked.name and said.inline:
                value, _ = _read(form, bloc, info.texts, asked, said, said.inline, [])
                if value is not None:
                    return value
    return None


def _missing(code: str, identity: Identity, name: str, **params: str) -> Finding:
    said = identity.said(name)
    return finding(
        code,
        sheet=identity.sheet if said else None,
        cell=said.address if said else None,
        heading=label_of(name),
        params=params,
    )


# --- whether it all fits ------------------------------------------------------------------------


def _check_dates(identity: Identity, form: Form, found: list[Finding]) -> None:
    """The day of the figures does not lie before the year that they are of."""
    year = identity.values.get("year")
    for asked in form.info.fields:
        value, said = identity.values.get(asked.name), identity.said(asked.name)
        if asked.dated and said and isinstance(year, int) and is_out_of_year(asked, value, year):
            found.append(
                finding(
                    "date-out-of-year",
                    sheet=identity.sheet,
                    cell=said.address,
                    heading=asked.heading,
                    value=shown(value),  # type: ignore[arg-type]
                    params={"year": str(year)},
                )
            )


def _check_membership(identity: Identity, bloc: Bloc, found: list[Finding]) -> None:
    """The member is one that reports on the year: it has joined by then, and has not left."""
    member, year = identity.values.get("member"), identity.values.get("year")
    if not isinstance(year, int) or member is None:
        return
    if member not in {one.id for one in bloc.members_in(year)}:
        about = bloc.member(str(member))
        years = f"{about.first_year or '…'}–{about.last_year or '…'}"
        words = {"member": about.name, "year": str(year), "years": years}
        found.append(_missing("member-unknown", identity, "member", of="year", **words))


def _compare_years(identity: Identity, path: PurePath, found: list[Finding]) -> None:
    """The year in the file is that of its folder and of its name."""
    year, said = identity.values.get("year"), identity.said("year")
    if not isinstance(year, int):
        return
    for expected, where in years_of_path(path):
        if expected != year:
            found.append(
                finding(
                    "year-mismatch",
                    sheet=identity.sheet if said else None,
                    cell=said.address if said else None,
                    heading=label_of("year"),
                    value=str(year),
                    params={"place": where, "expected": str(expected)},
                )
            )
            return
