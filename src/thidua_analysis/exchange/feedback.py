"""Back to the members: a marked copy of each file, and one page a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import NoDataError, UsageError
from thidua_analysis.exchange import listing as said
from thidua_analysis.exchange.marked_copy import SUFFIX, How, write_marked_copy
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Form, current, forms
from thidua_analysis.publish.sent import SentFile, chain, sent_files
from thidua_analysis.store.inputs import load_limits
from thidua_analysis.vietnamese.display import Lang


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of one member's report for a year.

    Parameters
    ----------
    dataset
        All data, also of other years.
    files
        All files that came in.
    member, year
        Whose report it is.
    today
        The day on which the page is written.
    """

    dataset: Dataset
    files: tuple[SentFile, ...]
    member: str
    year: int
    today: dt.date

    @property
    def own(self) -> list[SentFile]:
        """The member's files for the year, oldest first."""
        found = [f for f in self.files if (f.member, f.year) == (self.member, self.year)]
        return [one for last in found if last.used for one in (*chain(found, last), last)]

    @property
    def used(self) -> SentFile | None:
        """The file that counts."""
        return self.own[-1] if self.own else None

    @property
    def fixed(self) -> list[Finding]:
        """What was put right since the file before."""
        if len(self.own) < 2:
            return []
        return said.put_right(self.own[-2].findings, self.own[-1].findings)

    @property
    def form(self) -> Form:
        """The form that was filled in, else the current one."""
        return forms()[self.used.form or ""] if self.used else current("unit")

    def received(self, file: SentFile) -> dt.date | None:
        """Return the day on which a file came in, if it was recorded."""
        rows = self.dataset.records("submissions")
        return next((row["received"] for row in rows if row["file"] == file.file), None)

    @property
    def first_received(self) -> dt.date | None:
        """The day on which the first file came in."""
        days = [day for file in self.own if (day := self.received(file))]
        return min(days, default=None)


FOLDER = "gui-lai"
#: Below it: copies that must not be sent any more, since a later file or none is to be mended.
OLD = "cu"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of one file.

    Parameters
    ----------
    file
        Path below ``data/raw``.
    member
        Whose file it is; None where the file does not say.
    path, how
        The copy and how it was made; None where nothing was found in the file.
    errors, warnings, notes, fixed
        Numbers of errors, warnings and notes, and of what was put right since the file before.
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
    from thidua_analysis.dataset import Dataset

    pipeline.build(data)
    dataset = Dataset.open(data)
    refuse_unknown(dataset.bloc, member)
    files = sent_files(dataset.manifest)
    chosen = answered(files, year, member)
    years = sorted({file.about for file in files if file.about})
    if not any(file.about == year for file in files):
        raise NoDataError("no-year", year=year, years=", ".join(map(str, years)))
    folder = out or data.resolve().parent / "reports" / str(year) / FOLDER
    copies: list[Copy] = []
    for file in chosen:
        copies.append(_copy(data, folder, files, file, _taken(copies), lang))
        if progress:
            progress(len(copies), len(chosen), file.file)
    aside = _put_aside(folder, _former(files, chosen) - _taken(copies))
    pages = _pages(dataset, files, year, member, folder, copies, today or dt.date.today())
    return Feedback(folder, tuple(copies), pages, aside)


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


def answered(
    files: Iterable[SentFile], year: int, member: str | None = None
) -> tuple[SentFile, ...]:
    """Return the files of a year that get an answer: no later one replaces them, none withdrawn."""
    return tuple(
        file
        for file in files
        if file.about == year and not (file.superseded or file.withdrawn)
        if member is None or file.member == member
    )


def _taken(copies: Iterable[Copy]) -> set[str]:
    return {copy.path.stem.casefold() for copy in copies if copy.path}


def _former(files: tuple[SentFile, ...], chosen: Iterable[SentFile]) -> set[str]:
    """Return the names of copies that this file or those before it had."""
    return {
        f"{PurePath(one.file).stem}{SUFFIX}".casefold()
        for file in chosen
        for one in (*chain(files, file), file)
    }


def _put_aside(folder: Path, stems: set[str]) -> tuple[Path, ...]:
    """Move former copies into a folder of their own, so that nobody sends them by mistake."""
    found = sorted(folder.glob(f"*{SUFFIX}.xls[xm]")) if folder.is_dir() else []
    aside = []
    for path in found:
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
    files: Iterable[SentFile],
    file: SentFile,
    taken: set[str],
    lang: Lang,
) -> Copy:
    source = data / "raw" / file.file
    before = chain(files, file)
    fixed = said.put_right(before[-1].findings, file.findings) if before else []
    path: Path | None = None
    how: How | None = None
    if file.findings:
        stem = f"{source.stem}{SUFFIX}"
        if stem.casefold() in taken:
            stem = f"{source.stem}-{source.suffix[1:]}{SUFFIX}"
        path, how = write_marked_copy(
            source,
            folder / f"{stem}.xlsx",
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
    from thidua_analysis.exchange.member_page import page

    named = {copy.member: copy.path.name for copy in copies if copy.path}
    pages = {}
    folder.mkdir(parents=True, exist_ok=True)
    for one in dataset.bloc.members_in(year):
        if member in (None, one.id):
            path = folder / f"{one.id}.html"
            report = Report(dataset, files, one.id, year, today)
            path.write_text(page(report, named.get(one.id)), encoding="utf-8")
            pages[one.id] = path
    return pages
