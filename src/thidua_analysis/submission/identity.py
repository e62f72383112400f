"""Who reports on which year: from the sheet `Thông tin`, else titles, else the file's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import Value, is_blank
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission.checks import is_out_of_year
from thidua_analysis.submission.columns import YEARS, ColumnReader
from thidua_analysis.submission.info import (
    Info,
    Label,
    find_infos,
    label_findings,
    only_number,
    own_number,
)
from thidua_analysis.submission.locate import Column
from thidua_analysis.submission.rows import Datum
from thidua_analysis.submission.texts import SheetTexts, accepted, shown
from thidua_analysis.submission.which_form import (
    code_said,
    label_of,
    member_in_path,
    member_in_titles,
    newer_than,
    which_form,
    year_in_titles,
    years_of_path,
)
from thidua_analysis.vietnamese.text import key

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

    @property
    def meant(self) -> Iterator[Info]:
        """The sheets that are meant to say who reports; usually one."""
        return (info for info in self.infos if info is self.info or info.is_enough)

    def read_on(self, texts: SheetTexts) -> set[Position]:
        """Cells of a sheet with a label, or with what stands for it."""
        labels = [one for info in self.meant if info.texts is texts for one in info.labels]
        return {at for label in labels for at in (label.place, label.at)}

    def places(self) -> dict[str, tuple[str, str]]:
        """Sheet and cell of every field of `Thông tin` that has a value there."""
        said = self.info.said if self.info else {}
        known = (name for name, value in self.values.items() if name in said and value is not None)
        return {name: (self.sheet or "", said[name].address) for name in known}

    def finding(self, code: str, name: str, value: str | None = None, **params: str) -> Finding:
        """A finding on the cell of a field; on none where its label does not stand anywhere."""
        said = self.info.said.get(name) if self.info else None
        return finding(
            code,
            sheet=self.sheet if said else None,
            cell=said.address if said else None,
            heading=label_of(name),
            value=value,
            params=params,
        )


def identify(
    texts: Mapping[str, SheetTexts], bloc: Bloc, path: PurePath
) -> tuple[Identity, list[Finding]]:
    """Read who reports on which year with which form, and what is wrong with it.

    The name of a file and its folder may say member and year.
    """
    infos = find_infos(texts.values())
    info = infos[0] if infos and infos[0].is_enough else None
    form, found = which_form(info, texts, bloc, path)
    identity = Identity(form, {}, info, infos)
    if form is None:
        return identity, found
    reader = _Reader(form, bloc)
    if info:
        identity.values, own = reader.values(info)
        found += [*own, *label_findings(form, info), *reader.contradictions(infos)]
    found += _fall_back(identity, reader, texts, path)
    found += [*_version(identity, form), *_dates(identity, form)]
    found += [*_membership(identity, bloc), *_years(identity, path)]
    return identity, found


class _Reader:
    """Reads the values of `Thông tin`."""

    def __init__(self, form: Form, bloc: Bloc) -> None:
        self.form, self.bloc = form, bloc
        self.fields = {asked.name: asked for asked in form.info.fields}

    def values(self, info: Info) -> tuple[dict[str, Datum], list[Finding]]:
        """What the sheet says of each field; None where an error stands in its cell."""
        values: dict[str, Datum] = {}
        found: list[Finding] = []
        for name in self.fields:
            if name in info.said and name != "form":
                value, own = self.read(info.texts, info.said[name])
                found += own
                if value is not None or any(one.severity == "error" for one in own):
                    values[name] = value
        return values, found

    def read(self, texts: SheetTexts, label: Label) -> tuple[Datum, list[Finding]]:
        """Value of one field, and what is wrong with it."""
        asked = self.fields[label.field.name]
        value, row, column = self._without_label(texts, label, asked), *label.at
        raws: list[Value] = ["" if is_blank(value) else value]
        place = Column(asked.name, column, row)
        result, own = ColumnReader(self.form, self.bloc, texts, asked, place, [row], raws).read()
        found = [_as_of_identity(asked, one) for one in own]
        read = result.values[0]
        # 0, or a year in its place, is no number of a sending
        if asked.name == "revision" and isinstance(read, int) and not 1 <= read <= _MOST_REVISIONS:
            wrong = finding(
                "value-not-in-list",
                sheet=texts.sheet.name,
                cell=label.address,
                heading=asked.heading,
                value=shown(value),
                params={"accepted": "1; 2; 3; …"},
            )
            return None, [*found, wrong]
        return read, found

    def _without_label(self, texts: SheetTexts, label: Label, asked: Field) -> Value:
        """What stands for a field; the number alone where words of the label stand before it."""
        value = label.inline or texts.sheet.value(*label.at)
        if asked.name not in _NUMBERED or not isinstance(value, str):
            return value
        number = own_number(label.inline or texts.at(*label.at).value or "", asked)
        is_year = asked.type == "year"
        return number if number and (not is_year or int(number) in YEARS) else value

    def inline(self, infos: Sequence[Info], name: str) -> Datum:
        """Value that stands behind its label on some sheet: "Đơn vị báo cáo: Hội LHPN tỉnh"."""
        for info in infos:
            for label in info.labels:
                if label.field.name == name and label.inline:
                    value, _ = self.read(info.texts, label)
                    if value is not None:
                        return value
        return None

    def contradictions(self, infos: Sequence[Info]) -> Iterator[Finding]:
        """Labels that stand again, on this sheet or another one, with another value."""
        first = infos[0]
        for info in infos:
            for label in info.labels:
                other = first.said.get(label.field.name)
                is_same = info is first and other and label.at == other.at
                if label.field.name not in self.fields or not other or is_same:
                    continue
                if label.is_alias and not (label.inline or info.is_enough):
                    continue  # the heading of a column
                one, again = self.read(first.texts, other)[0], self.read(info.texts, label)
                if _differ(one, again[0]):
                    yield self._said_twice(info, label, first, other)
                elif again[0] is None and not label.is_alias:
                    yield from again[1]

    def _said_twice(self, info: Info, label: Label, first: Info, other: Label) -> Finding:
        place = other.address if info is first else f"{first.texts.sheet.name}!{other.address}"
        return finding(
            "heading-duplicate",
            sheet=info.texts.sheet.name,
            cell=address(*label.place),
            heading=self.fields[label.field.name].heading,
            value=info.texts.shown(*label.place),
            params={"other": place, "of": "label"},
        )


def _as_of_identity(asked: Field, one: Finding) -> Finding:
    """A year that is no year is a missing year; the number in "Lần thứ 2" is proposed."""
    if asked.name == "year" and one.code == "value-not-in-list":
        return replace(one, code="year-missing", params={})
    if asked.name == "revision" and one.code == "number-format" and one.value:
        return replace(one, suggestion=one.suggestion or only_number(one.value))
    return one


def _differ(first: Datum, second: Datum) -> bool:
    one, other = (key(v) if isinstance(v, str) else v for v in (first, second))
    return one is not None and other is not None and one != other


def _fall_back(
    identity: Identity, reader: _Reader, texts: Mapping[str, SheetTexts], path: PurePath
) -> Iterator[Finding]:
    """Take member and year from labels and titles elsewhere, then from the file's name."""
    values, bloc, infos = identity.values, reader.bloc, identity.infos
    if "year" not in values:
        of_path = (year for year, _ in years_of_path(path))
        values["year"] = (
            reader.inline(infos, "year") or year_in_titles(texts.values()) or next(of_path, None)
        )
        if values["year"] is None:
            yield identity.finding("year-missing", "year")
    if "member" in reader.fields and "member" not in values:
        values["member"] = (
            reader.inline(infos, "member")
            or member_in_titles(texts.values(), bloc)
            or member_in_path(path, bloc)
        )
        if values["member"] is None:
            names = accepted(member.name for member in bloc.members)
            yield identity.finding("member-unknown", "member", accepted=names)


def _version(identity: Identity, form: Form) -> Iterator[Finding]:
    """The code says the form by which its year is reported."""
    year, typed = identity.values.get("year"), code_said(identity.info)
    if typed and (newer := newer_than(typed, form, year if isinstance(year, int) else None)):
        yield identity.finding("form-version-old", "form", typed, accepted=newer.id)


def _dates(identity: Identity, form: Form) -> Iterator[Finding]:
    """The day of the figures does not lie before the year that they are of."""
    year, said = identity.values.get("year"), identity.info.said if identity.info else {}
    if not isinstance(year, int):
        return
    for asked in form.info.fields:
        value = identity.values.get(asked.name)
        if asked.dated and asked.name in said and is_out_of_year(asked, value, year):
            typed = shown(value)  # type: ignore[arg-type]
            yield identity.finding("date-out-of-year", asked.name, typed, year=str(year))


def _membership(identity: Identity, bloc: Bloc) -> Iterator[Finding]:
    """The member is one that reports on the year: it has joined by then, and has not left."""
    member, year = identity.values.get("member"), identity.values.get("year")
    if not isinstance(year, int) or member is None:
        return
    if member not in {one.id for one in bloc.members_in(year)}:
        about = bloc.member(str(member))
        years = f"{about.first_year or '…'}–{about.last_year or '…'}"
        words = {"member": about.name, "year": str(year), "years": years}
        yield identity.finding("member-unknown", "member", of="year", **words)


def _years(identity: Identity, path: PurePath) -> Iterator[Finding]:
    """The year in the file is that of its folder and of its name."""
    year = identity.values.get("year")
    others = ((other, where) for other, where in years_of_path(path) if other != year)
    for expected, where in others if isinstance(year, int) else ():
        said = {"place": where, "expected": str(expected)}
        yield identity.finding("year-mismatch", "year", str(year), **said)
        return
