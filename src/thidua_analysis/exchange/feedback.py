"""Back to the members: a marked copy of each file, and one page a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import NoDataError, UsageError
from thidua_analysis.exchange.listing import put_right
from thidua_analysis.exchange.marked_copy import How, write_marked_copy
from thidua_analysis.exchange.member_page import Report, page
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.publish.board import draw_up
from thidua_analysis.store.inputs import load_limits
from thidua_analysis.store.revisions import SentFile, chain, sent_files
from thidua_analysis.vietnamese.display import Lang

FOLDER = "gui-lai"
#: Below it: copies that must not be sent any more, since a later file or none is to be mended.
OLD = "cu"
_SUFFIX = "-can-sua"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of one file below ``data/raw``, and how much was found in it.

    ``member`` is None where the file does not say whose it is, ``path`` and ``how`` (it was made)
    where nothing was found; ``fixed`` counts what was put right since the file before.
    """

    file: str
    member: str | None
    path: Path | None
    how: How | None
    errors: int
    warnings: int
    notes: int
    fixed: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was written: copies by file, pages by member; and former copies that were put aside."""

    folder: Path
    copies: tuple[Copy, ...]
    pages: dict[str, Path]
    aside: tuple[Path, ...] = ()


def feedback(
    data: Path,
    year: int,
    member: str | None = None,
    *,
    out: Path | None = None,
    today: dt.date | None = None,
    lang: Lang = "vi",
    progress: Progress | None = None,
) -> Feedback:
    """Write marked copies and pages for a year.

    Parameters
    ----------
    data
        The data folder; it is built first where anything has changed.
    year
        The year.
    member
        Only this member; all by default.
    out
        Folder to write to; ``reports/<year>/gui-lai`` beside the data folder by default.
    today
        The day that the pages count from.
    lang
        Language of the words in the copies; the pages are in Vietnamese.
    progress
        Called with the number of files done, their total and the name of the last one.

    Returns
    -------
    Feedback
        Of several files of one member, the one that counts is answered. Files that could not
        be read, or do not say whose they are, are answered too.

    Raises
    ------
    NoDataError
        If there is no file for the year.
    UsageError
        If the bloc has no such member, or a file cannot be written or put aside.
    """
    pipeline.build(data)
    dataset = Dataset.open(data)
    refuse_unknown(dataset.bloc, member)
    files = sent_files(dataset.manifest)
    years = sorted({file.about for file in files if file.about})
    if year not in years:
        raise NoDataError("no-year", year=year, years=", ".join(map(str, years)))
    chosen = _answered(files, year, member)
    folder = out or data.resolve().parent / "reports" / str(year) / FOLDER
    copies: list[Copy] = []
    for file in chosen:
        copies.append(_copy(data, folder, chain(files, file), file, _taken(copies), lang))
        if progress:
            progress(len(copies), len(chosen), file.file)
    former = {_stem(one) for file in chosen for one in (*chain(files, file), file)}
    aside = _put_aside(folder, former - _taken(copies))
    pages = _pages(dataset, files, year, member, folder, copies, today or dt.date.today())
    return Feedback(folder, tuple(copies), pages, aside)


def _answered(files: Iterable[SentFile], year: int, member: str | None) -> list[SentFile]:
    """Return the files of a year that get an answer: no later one replaces them, none withdrawn."""
    return [
        file
        for file in files
        if file.about == year and member in (None, file.member)
        if not (file.superseded or file.withdrawn)
    ]


def refuse_unknown(bloc: Bloc, member: str | None) -> None:
    """Refuse a member that the bloc does not have.

    Raises
    ------
    UsageError
        If it has not.
    """
    known = [one.id for one in bloc.members]
    if member is not None and member not in known:
        raise UsageError("member-not-in-bloc", name=member, accepted=", ".join(known))


def _stem(file: SentFile) -> str:
    return f"{PurePath(file.file).stem}{_SUFFIX}".casefold()


def _taken(copies: Iterable[Copy]) -> set[str]:
    return {copy.path.stem.casefold() for copy in copies if copy.path}


def _put_aside(folder: Path, stems: set[str]) -> tuple[Path, ...]:
    """Move former copies into a folder of their own, so that nobody sends them by mistake."""
    aside = []
    for path in sorted(folder.glob(f"*{_SUFFIX}.xls[xm]")):
        if path.stem.casefold() in stems:
            target = folder / OLD / path.name
            target.parent.mkdir(exist_ok=True)
            try:
                path.replace(target)
            except OSError as error:
                raise UsageError("output-locked", path=str(path)) from error
            aside.append(target)
    return tuple(aside)


def _copy(
    data: Path,
    folder: Path,
    before: tuple[SentFile, ...],
    file: SentFile,
    taken: set[str],
    lang: Lang,
) -> Copy:
    source = data / "raw" / file.file
    fixed = put_right(before[-1].findings, file.findings) if before else []
    path: Path | None = None
    how: How | None = None
    if file.findings:
        ending = f"-{source.suffix[1:]}" if _stem(file) in taken else ""
        path, how = write_marked_copy(
            source,
            folder / f"{source.stem}{ending}{_SUFFIX}.xlsx",
            file.findings,
            fixed,
            revision=file.revision,
            limits=load_limits(data),
            lang=lang,
        )
    errors, warnings, notes = (file.count(name) for name in ("error", "warning", "note"))
    return Copy(file.file, file.member, path, how, errors, warnings, notes, len(fixed))


def _pages(
    dataset: Dataset,
    files: tuple[SentFile, ...],
    year: int,
    member: str | None,
    folder: Path,
    copies: Iterable[Copy],
    today: dt.date,
) -> dict[str, Path]:
    named = {copy.member: copy.path.name for copy in copies if copy.path}
    pages = {}
    folder.mkdir(parents=True, exist_ok=True)
    received = ((row["file"], row["received"]) for row in dataset.records("submissions"))
    days = {file: day for file, day in received if day}
    for place in draw_up(files, dataset.bloc, days, [year], today).places:
        if place.member and member in (None, place.member):
            words = page(Report(dataset, files, place, today), named.get(place.member))
            pages[place.member] = folder / f"{place.member}.html"
            pages[place.member].write_text(words, encoding="utf-8")
    return pages
