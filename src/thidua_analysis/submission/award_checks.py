"""Rules on awards: known by name, at the level that decides on them, within the bloc's caps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import awards
from thidua_analysis.form.model import Form, Table
from thidua_analysis.submission.columns import spoken
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.rows import Datum, Row
from thidua_analysis.submission.texts import nearest
from thidua_analysis.vietnamese import display

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc


def check_awards(form: Form, part: Extract) -> Iterator[Finding]:
    """Awards are known by name, and their level is the one that the law gives them.

    In a list of recipients each award is reported once at each level.
    """
    yield from _recipients(form, part)
    levels = part.table.by_name["level"].codes or "level"
    said = list(zip(part.values("award"), part.values("level"), strict=True))
    wrong = {one for one in set(said) if not _is_right(*one)}
    for position in part.kept if wrong else ():
        if said[position] not in wrong:
            continue
        award, level = map(str, said[position])
        yield _wrong(form, part, position, award, level, levels)
        if part.table.is_private:
            wrong.remove(said[position])


def _recipients(form: Form, part: Extract) -> Iterator[Finding]:
    """An award goes to those whom the law names: a title of collectives not to persons."""
    names = part.values("award")
    wrong = {name: found for name in set(names) if (found := awards.never_given_to(str(name)))}
    for position in part.kept if wrong else ():
        for subject in wrong.get(names[position], ()):
            field = "subject" if part.table.is_private else awards.COUNTED_AS[subject]
            given = part.value(field, position)
            if given == subject or (isinstance(given, int) and given > 0):
                yield _misgiven(form, part, position, field, subject)


def _misgiven(
    form: Form, part: Extract, position: int, field: str, subject: awards.Subject
) -> Finding:
    typed = str(part.value("award", position))
    award = awards.match(typed)
    labels = [form.label("subject", one) for one in award.subjects] if award else []
    given = form.label("subject", subject)
    return finding(
        "award-subject-mismatch",
        sheet=part.sheet.name,
        cell=part.cell(field, position),
        heading=part.table.by_name[field].heading,
        value=given if part.table.is_private else spoken(part.value(field, position)),
        params={
            "award": typed,
            "expected": ", ".join(f"“{label}”" for label in labels),
            "given": f"“{given}”",
        },
    )


def _is_right(name: object, level: object) -> bool:
    award = awards.match(str(name))
    return award is not None and level in award.levels


def _wrong(form: Form, part: Extract, position: int, text: str, level: str, levels: str) -> Finding:
    award = awards.match(text)
    where: dict[str, Any] = {
        "sheet": part.sheet.name,
        "cell": part.cell("award", position),
        "heading": part.table.by_name["award"].heading,
        "value": text,
    }
    if award is None:
        return finding("award-unknown", suggestion=nearest(text, awards.names()), **where)
    expected = " / ".join(f"“{form.label(levels, name)}”" for name in award.levels)
    params = {"expected": expected, "level": f"“{form.label(levels, level)}”"}
    return finding("award-level-mismatch", params=params, **where)


def check_caps(
    bloc: Bloc, rows: Iterable[Row], table: Table, year: int | None
) -> Iterator[Finding]:
    """Caps that the bloc file sets, such as at most 15 % of one award's holders for another."""
    caps = [cap for cap in bloc.caps if cap.year is None or cap.year == year]
    granted = [r for r in rows if r.values["status"] == "awarded"] if caps else []
    for cap in caps:
        some, base = _of(granted, cap.award), _of(granted, cap.of)
        people, holders = _people(some), _people(base)
        if holders and people * 100 > cap.max_percent * holders:
            percent = display.rounded(Fraction(people * 100, holders), 1)
            first = next(r for r in some if r.values["individuals"])
            yield finding(
                "cap-exceeded",
                sheet=first.sheet,
                cell=first.cells.get("individuals") or first.cells.get("award"),
                heading=table.by_name["individuals"].heading,
                value=str(first.values["individuals"]),
                params={
                    "award": cap.award,
                    "of": cap.of,
                    "share": f"{display.number(percent, 1)}%",
                    "max": f"{cap.max_percent}%",
                },
            )


def _of(rows: Iterable[Row], award: str) -> list[Row]:
    wanted = awards.canonical(award)
    return [r for r in rows if _award(r) == wanted]


def _award(row: Row) -> str:
    level = row.values["level"]
    return awards.canonical(str(row.values["award"]), str(level) if level else None)


def _people(rows: Iterable[Row]) -> int:
    values: Iterable[Datum] = (r.values["individuals"] for r in rows)
    return sum(v for v in values if isinstance(v, int))
