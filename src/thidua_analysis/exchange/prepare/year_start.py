"""A new year: its folder, the templates, a checklist, and what to think about first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thidua_analysis import pipeline
from thidua_analysis.bloc import Bloc, load_bloc
from thidua_analysis.errors import UsageError
from thidua_analysis.exchange.answer.feedback import refuse_unknown
from thidua_analysis.exchange.issue.template import write_template
from thidua_analysis.exchange.prepare.proposals import Proposal, proposals
from thidua_analysis.exchange.receive.intake import BLOC_STEM
from thidua_analysis.form import current
from thidua_analysis.messages import text
from thidua_analysis.sent import sent_files
from thidua_analysis.vietnamese.display import Lang, date

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset

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
    words = {"year": year, "due": date(due, lang) if due else text("said-unknown", lang)}
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
