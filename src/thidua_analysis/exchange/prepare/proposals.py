"""What to think about before a new year: proposals from the years before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from thidua_analysis.exchange.prepare.mapping import blocked
from thidua_analysis.findings import Finding
from thidua_analysis.form import current
from thidua_analysis.messages import text
from thidua_analysis.sent import SentFile
from thidua_analysis.vietnamese.display import Lang, percent
from thidua_analysis.vietnamese.literals import exactly
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc
    from thidua_analysis.dataset import Dataset

#: Attainment of the year before above and below which a plan is worth another thought.
_FAR_ABOVE, _FAR_BELOW = Fraction(3, 2), Fraction(1, 2)
#: Two names as alike as this may be one target.
_ALIKE = 85

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to think about: its kind, whom it concerns (None: the bloc), in words."""

    kind: str
    member: str | None
    words: str


def proposals(ds: Dataset | None, files: Iterable[SentFile], bloc: Bloc, year: int,
              lang: Lang = "vi") -> list[Proposal]:  # fmt: skip
    """Compare the years before and propose changes for a new one.

    Parameters
    ----------
    ds
        The data; None where there are none.
    files
        The files that came in.
    bloc
        The bloc file.
    year
        The new year.
    lang
        Language.
    """
    found = list(_of_the_bloc(bloc, year, lang))
    if ds is None:
        return found
    last = [f for f in files if f.used and f.year == year - 1]
    found += _headings(last, lang)
    for member in bloc.members_in(year):
        rows = _targets(ds, year - 1, member.id)
        found += _plans(rows, member.id, lang)
        found += _names(rows, year, member.id, lang)
        found += _come_and_gone(rows, _targets(ds, year - 2, member.id), year, member.id, lang)
    found += _units(ds, year - 1, lang)
    found += _criteria(ds, year, lang)
    return found


def _of_the_bloc(bloc: Bloc, year: int, lang: Lang) -> Iterator[Proposal]:
    if not any(entry.year == year for entry in bloc.roles):
        yield Proposal("roles", None, text("propose-roles", lang, year=year))
    if bloc.deadline is None:
        yield Proposal("deadline", None, text("propose-deadline", lang))


def _headings(files: Iterable[SentFile], lang: Lang) -> Iterator[Proposal]:
    """Headings that the form does not know, and forms of an older version."""
    for file in files:
        unknown = [f for f in file.findings if f.code == "heading-unknown" and f.heading]
        if unknown:
            listed = "; ".join(f"{f.sheet}!{f.cell} “{f.value}”" for f in unknown)
            words = text("propose-headings", lang, file=file.file, headings=listed)
            yield Proposal("headings", file.member, words)
        old = next((f for f in file.findings if f.code == "form-version-old"), None)
        if old is not None:
            yield Proposal("form", file.member, _old_form(file, old, lang))


def _old_form(file: SentFile, old: Finding, lang: Lang) -> str:
    kind = file.kind or "unit"
    form = current(kind)  # type: ignore[arg-type]
    return text("propose-form", lang, file=file.file, old=old.value or "", new=form.id)


# --- targets ---------------------------------------------------------------------------------


def _targets(ds: Dataset, year: int, member: str) -> list[Row]:
    return [r for r in ds.records("targets") if (r["year"], r["member"]) == (year, member)]


def _plans(rows: Iterable[Row], member: str, lang: Lang) -> Iterator[Proposal]:
    for row in rows:
        planned, actual = row["planned"], row["actual"]
        words = {"target": row["target_name"], "unit": row["unit"] or ""}
        if planned is None:
            yield Proposal("no-plan", member, text("propose-no-plan", lang, **words))
        elif planned and actual is not None and row["direction"] != "lower":
            attained = Fraction(actual) / Fraction(planned)
            if not _FAR_BELOW <= attained <= _FAR_ABOVE:
                share = percent(actual, planned, 1, lang)
                said = text("propose-plan", lang, **words, share=share)
                yield Proposal("plan", member, said)


def _names(rows: Iterable[Row], year: int, member: str, lang: Lang) -> Iterator[Proposal]:
    """Names that hold the year, and names so alike that they may be one."""
    names = list(dict.fromkeys(row["target_name"] for row in rows))
    for name in names:
        if re.search(rf"\b{year - 1}\b", name):
            renewed = re.sub(rf"\b{year - 1}\b", str(year), name)
            yield Proposal("year", member, text("propose-year", lang, old=name, new=renewed))
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            if _may_be_one(one, other):
                said = text("propose-same", lang, first=one, second=other)
                yield Proposal("same", member, said)


def _may_be_one(one: str, other: str) -> bool:
    from rapidfuzz import fuzz  # only where years are compared

    first, second = key(one), key(other)
    if first == second or blocked(first, second):
        return False
    return fuzz.ratio(first, second) >= _ALIKE


def _come_and_gone(
    now: Iterable[Row], before: Iterable[Row], year: int, member: str, lang: Lang
) -> Iterator[Proposal]:
    """Targets that came or went from one year to the next; alike ones may have been renamed."""
    new, old = ({key(r["target_name"]): r["target_name"] for r in rows} for rows in (now, before))
    if not new or not old:
        return
    gone = [name for k, name in old.items() if k not in new]
    come = [name for k, name in new.items() if k not in old]
    for name in gone:
        renamed = next((other for other in come if _may_be_one(name, other)), None)
        if renamed:
            come.remove(renamed)
            said = text("propose-renamed", lang, old=name, new=renamed, year=year - 1)
            yield Proposal("renamed", member, said)
        else:
            yield Proposal("gone", member, text("propose-gone", lang, target=name, year=year - 1))
    for name in come:
        yield Proposal("come", member, text("propose-come", lang, target=name, year=year - 1))


def _units(ds: Dataset, year: int, lang: Lang) -> Iterator[Proposal]:
    """Targets of one name that members measure in several units."""
    units: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for row in ds.records("targets"):
        if row["year"] == year and row["unit"]:
            name = names.setdefault(key(row["target_name"]), row["target_name"])
            units.setdefault(name, Counter())[key(row["unit"])] += 1
    for name, found in units.items():
        if len(found) > 1:
            said = text("propose-units", lang, target=name, units=", ".join(sorted(found)))
            yield Proposal("units", None, said)


@exactly
def _criteria(ds: Dataset, year: int, lang: Lang) -> Iterator[Proposal]:
    """The sum of points, where it changed: raw points are not comparable then."""
    sums: dict[int, Any] = {}
    for row in ds.records("criteria"):
        if row["kind"] != "deduction" and row["max_score"] is not None:
            sums[row["year"]] = sums.get(row["year"], 0) + row["max_score"]
    last, before = sums.get(year - 1), sums.get(year - 2)
    if last is not None and before is not None and last != before:
        said = text("propose-criteria", lang, last=last, before=before, year=year - 1)
        yield Proposal("criteria", None, said)
