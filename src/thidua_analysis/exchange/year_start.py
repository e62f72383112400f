"""A new year: its folder, the templates, a checklist, and what to think about first."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.exchange.mapping import blocked
from thidua_analysis.exchange.template import TEMPLATES, former, refuse_year, templates
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import FILE, raw_of, reports_of
from thidua_analysis.form.forms import current
from thidua_analysis.messages import text
from thidua_analysis.pipeline import Progress
from thidua_analysis.publish.downloads import slug
from thidua_analysis.store.disk import write_file, write_through
from thidua_analysis.store.inputs import toml_value
from thidua_analysis.store.revisions import SentFile, sent_files
from thidua_analysis.vietnamese.display import Lang, date, percent
from thidua_analysis.vietnamese.quantities import exactly
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

CHECKLIST = "viec-can-lam.md"
_STEPS = 8
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


@dataclass(frozen=True, slots=True)
class YearStart:
    """What was made for a new year: the folder for what comes in, and templates.

    ``checklist`` is None where there was one already, which stays as it is; ``forms`` are the
    ids of the forms of the year, ``proposals`` what to think about first.
    """

    folder: Path
    templates: tuple[Path, ...]
    checklist: Path | None
    forms: tuple[str, ...]
    proposals: tuple[Proposal, ...]


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
    folder = raw_of(data) / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    home = (out or reports_of(data)) / str(year)
    written = templates(data, year, out=home / TEMPLATES, progress=progress)
    ds = former(data)
    files = sent_files(ds.manifest) if ds is not None else ()
    found = tuple(proposals(ds, files, bloc, year, lang))
    checklist = _checklist(home / CHECKLIST, bloc, year, found, lang)
    ids = (current("unit", year).id, current("bloc", year).id)
    return YearStart(folder, tuple(written), checklist, ids, found)


def _checklist(
    path: Path, bloc: Bloc, year: int, found: Iterable[Proposal], lang: Lang
) -> Path | None:
    """Write the checklist, unless somebody ticks one off already."""
    due = bloc.due(year)
    day = date(due, lang) if due else text("said-unknown", lang)
    words = {"year": year, "due": day, "bloc": bloc.called}
    steps = (text(f"checklist-{number}", lang, **words) for number in range(1, _STEPS + 1))
    lines = [f"# {text('checklist-title', lang, **words)}", "", *(f"- [ ] {one}" for one in steps)]
    lines += ["", f"## {text('checklist-proposals', lang)}", ""]
    lines += [f"- [ ] {proposal_words(one, bloc)}" for one in found] or [
        text("checklist-no-proposals", lang)
    ]
    if path.exists():
        return None
    write_file(path, "\n".join([*lines, ""]))
    return path


def proposal_words(one: Proposal, bloc: Bloc) -> str:
    """Return a proposal with the member that it concerns, on one line."""
    member = f"{bloc.member(one.member).short}: " if one.member else ""
    return " ".join(f"{member}{one.words}".split())


#: What a proposal says before it is put into words: its kind, the member, and what it names.
Thought = tuple[str, str | None, Mapping[str, object]]


def proposals(
    ds: Dataset | None, files: Iterable[SentFile], bloc: Bloc, year: int, lang: Lang = "vi"
) -> list[Proposal]:
    """Compare the years before and propose changes for a new one; ``ds`` is None without data."""
    return [
        Proposal(kind, member, text(f"propose-{kind}", lang, **words))
        for kind, member, words in _thoughts(ds, files, bloc, year, lang)
    ]


def _thoughts(
    ds: Dataset | None, files: Iterable[SentFile], bloc: Bloc, year: int, lang: Lang
) -> Iterator[Thought]:
    if not any(entry.year == year for entry in bloc.roles):
        yield "roles", None, {"year": year, "bloc": bloc.called}
    if bloc.deadline is None:
        yield "deadline", None, {}
    if ds is None:
        return
    yield from _headings((f for f in files if f.used and f.year == year - 1), year)
    for member in bloc.members_in(year):
        rows, before = (
            [r for r in ds.records("targets") if (r["year"], r["member"]) == (one, member.id)]
            for one in (year - 1, year - 2)
        )
        yield from _plans(rows, member.id, lang)
        yield from _names(rows, year, member.id)
        yield from _come_and_gone(rows, before, year - 1, member.id)
    yield from _units(row for row in ds.records("targets") if row["year"] == year - 1)
    yield from _criteria(ds, year - 1)


def _headings(files: Iterable[SentFile], year: int) -> Iterator[Thought]:
    """Headings that the form does not know, and forms that are older than that of the new year."""
    for file in files:
        unknown = [f for f in file.findings if f.code == "heading-unknown" and f.heading]
        if unknown:
            listed = "; ".join(f"{f.sheet}!{f.cell} “{f.value}”" for f in unknown)
            yield "headings", file.member, {"file": file.file, "headings": listed}
        said = next((f.value for f in file.findings if f.code == "form-version-old"), file.form)
        new = current("bloc" if file.kind == "bloc" else "unit", year).id
        if said and said != new:
            yield "form", file.member, {"file": file.file, "old": said, "new": new}


def _plans(rows: Iterable[Row], member: str, lang: Lang) -> Iterator[Thought]:
    """Targets without a plan, and plans that were far from what came of them."""
    for row in rows:
        planned, actual = row["planned"], row["actual"]
        words = {"target": row["target_name"], "unit": row["unit"] or ""}
        if planned is None:
            yield "no-plan", member, words
        if not planned or actual is None or row["direction"] == "lower":
            continue
        if not _FAR_BELOW <= Fraction(actual) / Fraction(planned) <= _FAR_ABOVE:
            yield "plan", member, {**words, "share": percent(actual, planned, 1, lang)}


def _names(rows: Iterable[Row], year: int, member: str) -> Iterator[Thought]:
    """Names that hold the year, and names so alike that they may be one."""
    names = list(dict.fromkeys(row["target_name"] for row in rows))
    for name in names:
        renewed = re.sub(rf"\b{year - 1}\b", str(year), name)
        if renewed != name:
            yield "year", member, {"old": name, "new": renewed}
    for one, other in combinations(names, 2):
        if _may_be_one(one, other):
            yield "same", member, {"first": one, "second": other}


def _may_be_one(one: str, other: str) -> bool:
    from rapidfuzz import fuzz  # only where years are compared

    first, second = key(one), key(other)
    if first == second or blocked(first, second):
        return False
    return fuzz.ratio(first, second) >= _ALIKE


def _come_and_gone(
    now: Iterable[Row], before: Iterable[Row], year: int, member: str
) -> Iterator[Thought]:
    """Targets that came or went in a year; alike ones may have been renamed."""
    new, old = ({key(r["target_name"]): r["target_name"] for r in rows} for rows in (now, before))
    if not new or not old:
        return
    come = [name for k, name in new.items() if k not in old]
    for name in (name for k, name in old.items() if k not in new):
        renamed = next((other for other in come if _may_be_one(name, other)), None)
        if renamed:
            come.remove(renamed)
            yield "renamed", member, {"old": name, "new": renamed, "year": year}
        else:
            yield "gone", member, {"target": name, "year": year}
    for name in come:
        yield "come", member, {"target": name, "year": year}


def _units(targets: Iterable[Row]) -> Iterator[Thought]:
    """Targets of one name that members measure in several units."""
    units: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for row in targets:
        if row["unit"]:
            name = names.setdefault(key(row["target_name"]), row["target_name"])
            units.setdefault(name, set()).add(key(row["unit"]))
    for name, found in units.items():
        if len(found) > 1:
            yield "units", None, {"target": name, "units": ", ".join(sorted(found))}


def _criteria(ds: Dataset, year: int) -> Iterator[Thought]:
    """The sum of points, where it changed: raw points are not comparable then."""
    sums = _points(ds)
    last, before = sums.get(year), sums.get(year - 1)
    if last is not None and before is not None and last != before:
        yield "criteria", None, {"last": last, "before": before, "year": year}


@exactly
def _points(ds: Dataset) -> dict[int, Any]:
    sums: dict[int, Any] = {}
    for row in ds.records("criteria"):
        if row["kind"] != "deduction" and row["max_score"] is not None:
            sums[row["year"]] = sums.get(row["year"], 0) + row["max_score"]
    return sums


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid out in a new folder; what was there already stays as it is."""

    folder: Path
    made: tuple[Path, ...]
    kept: tuple[Path, ...]


def lay_out(
    folder: Path, name: str, province: str, members: Sequence[tuple[str, str]] = ()
) -> Laid:
    """Lay out the places of a bloc: ``data/raw/bloc.toml``, notebooks, what git leaves out.

    Parameters
    ----------
    folder
        The folder of the project, existing or not; nothing that is there is written over.
    name, province
        Names of the bloc and of its province.
    members
        Name and short name of each member; by default the six organisations of a province.

    Raises
    ------
    ConfigError
        If the bloc file that comes out of this is wrong, such as two members of one name.
    """
    here = resources.files(__package__)
    listed = "\n".join(map(_member, members)) if members else _text_of(here / "don-vi-moi.toml")
    words = {
        "id": toml_value(slug(name)),
        "name": toml_value(name),
        "province": toml_value(province),
    }
    bloc = _text_of(here / "bloc-moi.txt").format(members=listed, **words)
    with tempfile.TemporaryDirectory() as trial:
        (Path(trial) / "raw").mkdir()
        write_through(Path(trial) / "raw" / FILE, bloc.encode())
        load_bloc(Path(trial))
    files = {Path("data") / "raw" / FILE: bloc, Path(".gitignore"): "data/processed/\nreports/\n"}
    for path in sorted(_notebooks().rglob("*.ipynb")):
        files[Path("notebooks") / path.relative_to(_notebooks())] = path.read_text(encoding="utf-8")
    made: list[Path] = []
    kept: list[Path] = []
    for place, content in files.items():
        (kept if (folder / place).exists() else made).append(place)
        if place in made:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            write_file(folder / place, content)
    return Laid(folder, tuple(made), tuple(kept))


def _member(member: tuple[str, str]) -> str:
    name, short = member
    id_ = slug(short)
    id_ = id_ if id_[:1].isalpha() else f"dv-{id_}"
    lines = ("[[members]]", f"id = {toml_value(id_)}", f"name = {toml_value(name)}")
    return "\n".join([*lines, f"short = {toml_value(short)}", ""])


def _text_of(file: Any) -> str:
    told: str = file.read_text(encoding="utf-8")
    return told


def _notebooks() -> Path:
    """Return the folder of the notebooks: in an installed package, or in the checkout."""
    package = Path(str(resources.files("thidua_analysis")))
    packaged = package / "notebooks"
    return packaged if packaged.is_dir() else package.parents[1] / "notebooks"
