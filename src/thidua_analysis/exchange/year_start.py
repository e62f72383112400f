"""A new year: its folder, the templates, a checklist, and what to think about first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis import pipeline
from thidua_analysis.errors import UsageError
from thidua_analysis.exchange.feedback import refuse_unknown
from thidua_analysis.exchange.intake import BLOC_STEM
from thidua_analysis.exchange.mapping import blocked
from thidua_analysis.exchange.template import write_template
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.model import current
from thidua_analysis.messages import text
from thidua_analysis.publish.sent import SentFile, sent_files
from thidua_analysis.vietnamese.digits import exactly
from thidua_analysis.vietnamese.display import Lang, date, percent
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
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
        yield Proposal("roles", None, text("propose-roles", lang, year=year, bloc=bloc.called))
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


TEMPLATES = "mau-bao-cao"
CHECKLIST = "viec-can-lam.md"
_STEPS = 8
_YEARS = range(1990, 2101)
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class YearStart:
    """What was made for a new year.

    Parameters
    ----------
    folder
        Folder for what comes in.
    templates
        One a member, and that of the bloc.
    checklist
        The list of what to do; None where there was one already, which stays as it is.
    forms
        Ids of the forms of the year.
    proposals
        What to think about first.
    """

    folder: Path
    templates: tuple[Path, ...]
    checklist: Path | None
    forms: tuple[str, ...]
    proposals: tuple[Proposal, ...]


def templates(
    data: Path,
    year: int,
    member: str | None = None,
    *,
    out: Path | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the templates of a year: one a member, and that of the bloc.

    Parameters
    ----------
    data
        The data folder: the year before fills in what can be.
    year
        The year to report on.
    member
        Only that of this member.
    out
        Folder to write to; ``reports/<year>/mau-bao-cao`` beside the data folder by default.
    progress
        Called with the number of templates written, their total and the name of the last one.

    Raises
    ------
    UsageError
        If the bloc has no such member in that year, or a file cannot be written.
    """
    bloc = load_bloc(data)
    refuse_year(year)
    refuse_unknown(bloc, member)
    folder = out or data.resolve().parent / "reports" / str(year) / TEMPLATES
    previous = former(data)
    chosen: list[str | None] = [m.id for m in bloc.members_in(year) if member in (None, m.id)]
    if member is not None and not chosen:
        known = ", ".join(m.id for m in bloc.members_in(year))
        raise UsageError("member-not-in-bloc", name=member, accepted=known)
    if member is None:
        chosen.append(None)
    written = []
    for one in chosen:
        form = current("unit" if one else "bloc")
        path = folder / f"bieu-mau-{year}-{one or BLOC_STEM}.xlsx"
        write_template(form, bloc, year, one, previous, path)
        written.append(path)
        if progress:
            progress(len(written), len(chosen), path.name)
    return written


def refuse_year(year: int) -> None:
    """Refuse a year that cannot be meant.

    Raises
    ------
    UsageError
        If it lies too far away.
    """
    if year not in _YEARS:
        raise UsageError("year-impossible", year=year)


def former(data: Path) -> Dataset | None:
    """Return the data of former years; None where nothing came in yet."""
    if not pipeline.raw_files(data):
        return None
    return pipeline.load(data)


def new_year(
    data: Path, year: int, *, out: Path | None = None, lang: Lang = "vi",
    progress: Progress | None = None,
) -> YearStart:  # fmt: skip
    """Prepare a year: nothing that is there already is changed, templates are made anew.

    Parameters
    ----------
    data
        The data folder.
    year
        The new year.
    out
        Folder of all reports; ``reports`` beside the data folder by default.
    lang
        Language of the proposals.
    progress
        See `templates`.

    Raises
    ------
    UsageError
        If a file cannot be written.
    """
    bloc = load_bloc(data)
    refuse_year(year)
    folder = data / "raw" / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    home = (out or data.resolve().parent / "reports") / str(year)
    written = templates(data, year, out=home / TEMPLATES, progress=progress)
    ds = former(data)
    files = sent_files(ds.manifest) if ds is not None else ()
    found = tuple(proposals(ds, files, bloc, year, lang))
    checklist = _checklist(home / CHECKLIST, bloc, year, found, lang)
    ids = (current("unit").id, current("bloc").id)
    return YearStart(folder, tuple(written), checklist, ids, found)


def _checklist(
    path: Path, bloc: Bloc, year: int, found: Iterable[Proposal], lang: Lang
) -> Path | None:
    """Write the checklist, unless somebody ticks one off already."""
    due = bloc.due(year)
    day = date(due, lang) if due else text("said-unknown", lang)
    words = {"year": year, "due": day, "bloc": bloc.called}
    lines = [f"# {text('checklist-title', lang, **words)}", ""]
    lines += [
        f"- [ ] {text(f'checklist-{number}', lang, **words)}" for number in range(1, _STEPS + 1)
    ]
    lines += ["", f"## {text('checklist-proposals', lang)}", ""]
    lines += [f"- [ ] {proposal_words(one, bloc)}" for one in found] or [
        text("checklist-no-proposals", lang)
    ]
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join([*lines, ""]))
    except FileExistsError:
        return None
    return path


def proposal_words(one: Proposal, bloc: Bloc) -> str:
    """Return a proposal with the member that it concerns, on one line."""
    member = f"{bloc.member(one.member).short}: " if one.member else ""
    return " ".join(f"{member}{one.words}".split())
