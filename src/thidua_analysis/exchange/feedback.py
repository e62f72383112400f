"""Back to the members: a marked copy of each file, and one page a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePath
from typing import Any

from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange.listing import fixes, kind, kinds, put_right
from thidua_analysis.exchange.marking import How, write_marked_copy
from thidua_analysis.exchange.new_book import save, writing
from thidua_analysis.findings import Finding, NoDataError, UsageError
from thidua_analysis.form.config import raw_of, reports_of
from thidua_analysis.form.forms import current, forms
from thidua_analysis.form.model import Form
from thidua_analysis.messages import describe, speaking, text
from thidua_analysis.pipeline import Progress
from thidua_analysis.publish.board import Place, draw_up
from thidua_analysis.store.disk import remove_file, together, write_file
from thidua_analysis.store.inputs import load_limits
from thidua_analysis.store.made import content_hash
from thidua_analysis.store.revisions import SentFile, chain, sent_files
from thidua_analysis.vietnamese.display import NO_VALUE, Lang, date, number

FOLDER, _SUFFIX = "gui-lai", "-can-sua"
#: Below it: copies that must not be sent any more, since a later file or none is to be mended.
OLD = "cu"


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
    aside: tuple[Path, ...]


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
        Only this member, by its id or any of its names; all by default.
    out
        Folder to write to; ``reports/<year>/gui-lai`` beside the data folder by default.
    today
        The day that the pages count from.
    lang
        Language of the words in the copies and on the pages.
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
        If the bloc has no such member, a file cannot be written, or one changed meanwhile.
    """
    pipeline.build(data)
    dataset = Dataset.open(data, lang)
    member = dataset.bloc.named(member) if member else None
    chosen = _answered(files := sent_files(dataset.manifest), year, member)
    folder, copies = out or reports_of(data) / str(year) / FOLDER, list[Copy]()
    with writing(folder), together(folder):
        for file in chosen:
            copies.append(_copy(data, folder, chain(files, file), file, _taken(copies), lang))
            if progress:
                progress(len(copies), len(chosen), file.file)
        former = {_stem(one) for file in chosen for one in (*chain(files, file), file)}
        aside = _put_aside(folder, former - _taken(copies))
        with speaking(lang):
            pages = _pages(dataset, files, year, member, folder, copies, today or dt.date.today())
        _refuse_changed(data, dataset, chosen)
    return Feedback(folder, tuple(copies), pages, aside)


def _answered(files: Sequence[SentFile], year: int, member: str | None) -> list[SentFile]:
    """Return the files of a year that count, of one member or all; refuse a year without any."""
    if year not in (years := sorted({file.about for file in files if file.about})):
        raise NoDataError("no-year", year=year, years=", ".join(map(str, years)))
    asked = (file for file in files if file.about == year and member in (None, file.member))
    return [file for file in asked if not (file.superseded or file.withdrawn)]


def _refuse_changed(data: Path, dataset: Dataset, chosen: Iterable[SentFile]) -> None:
    """Refuse to mark files that are not those any more in which the findings are."""
    known = {one["file"]: one["sha256"] for one in dataset.manifest["files"]}
    names = [one.file for one in chosen if known[one.file]]
    if changed := [name for name in names if content_hash(raw_of(data) / name) != known[name]]:
        raise UsageError("feedback-changed", files=", ".join(changed))


def _stem(file: SentFile) -> str:
    return f"{PurePath(file.file).stem}{_SUFFIX}".casefold()


def _taken(copies: Iterable[Copy]) -> set[str]:
    return {copy.path.stem.casefold() for copy in copies if copy.path}


def _put_aside(folder: Path, stems: set[str]) -> tuple[Path, ...]:
    """Move former copies into a folder of their own, so that nobody sends them by mistake."""
    aside = []
    for path in sorted(folder.glob(f"*{_SUFFIX}.xls[xm]")):
        if path.stem.casefold() in stems:
            write_file(folder / OLD / path.name, path.read_bytes())
            remove_file(path)
            aside.append(folder / OLD / path.name)
    return tuple(aside)


def _copy(
    data: Path,
    folder: Path,
    before: tuple[SentFile, ...],
    file: SentFile,
    taken: set[str],
    lang: Lang,
) -> Copy:
    source = raw_of(data) / file.file
    fixed = put_right(before[-1].findings, file.findings) if before else []
    path, how = None, None
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
    counts = file.count("error"), file.count("warning"), file.count("note")
    return Copy(file.file, file.member, path, how, *counts, len(fixed))


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
    sent = dataset.records("submissions")
    days = {row["file"]: row["received"] for row in sent if row["received"]}
    for place in draw_up(files, dataset.bloc, days, [year], today).places:
        if place.member and member in (None, place.member):
            words = page(Report(dataset, files, days, place, today), named.get(place.member))
            pages[place.member] = folder / f"{place.member}.html"
            save(pages[place.member], words.encode())
    return pages


_MOST_FIXES, _MOST_CELLS, _MOST_YEARS = 3, 6, 5
Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What is known on a day of one member's report: its place on the board, and all files sent."""

    dataset: Dataset
    files: tuple[SentFile, ...]
    days: Mapping[str, dt.date]
    place: Place
    today: dt.date

    @property
    def own(self) -> list[SentFile]:
        """The member's files for the year, oldest first; the last one counts."""
        used = [file for file in self.files if file.file == self.place.file]
        return [*chain(self.files, used[0]), *used] if used else []

    @property
    def form(self) -> Form:
        """The form that was filled in, else that of the year."""
        return forms()[self.own[-1].form or ""] if self.own else current("unit", self.place.year)


def page(report: Report, copy: str | None) -> str:
    """Return the page as HTML; everything from files is escaped.

    ``copy`` is the file name of the marked copy, if there is one.
    """
    import jinja2

    from thidua_analysis.publish.html import TEMPLATES, look

    member = report.dataset.bloc.member(str(report.place.member))
    sections = [_fixes(report, copy), _right(report), _tables(report), _kinds(report)]
    if report.own:
        sections.append(_files(report))
    sections = [{"id": f"muc-{n}", **section} for n, section in enumerate(sections, 1)]
    title = text("member-title", member=member.name, year=report.place.year)
    content = {
        "title": title,
        "heading": title,
        "lead": _lead(report),
        "timeliness": _timeliness(report),
        "sections": sections,
        "contents": [{"id": s["id"], "level": 2, "text": s["title"]} for s in sections],
        "pages": [],
        "footer": report.dataset.bloc.name,
    }
    own = str(resources.files(__package__) / "templates")
    loader = jinja2.FileSystemLoader([own, str(TEMPLATES)])
    environment = jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True)
    return environment.get_template("member.html.j2").render(page=content, look=look())


def _lead(report: Report) -> str:
    if not report.own:
        return text("member-lead-none", year=report.place.year)
    return text(
        "member-lead",
        file=PurePath(report.own[-1].file).name,
        revision=report.place.revision,
        errors=report.place.errors,
        warnings=report.place.warnings,
        notes=report.own[-1].count("note"),
        completeness=_completeness(report),
    )


def _completeness(report: Report) -> str:
    from thidua_analysis import indicators
    from thidua_analysis.indicators.selection import listed

    about = {"year": report.place.year, "member": report.place.member}
    rows = listed(indicators.completeness(report.dataset, by=("year", "member"), **about))
    if not rows or rows[0]["value"] is None:
        return NO_VALUE  # below, counts: 99,96 % would be printed as 100,0 % beside an error
    return "/".join(number(rows[0][part], 0) for part in ("numerator", "denominator"))


def _timeliness(report: Report) -> str:
    place, due = report.place, report.dataset.bloc.due(report.place.year)
    if due is None:
        return text("member-no-deadline")
    if place.received is not None:
        key = "member-late" if place.late else "member-on-time"
        return text(key, received=date(place.received), due=date(due))
    if place.files:
        return text("member-time-unknown", due=date(due))
    if place.late:
        return text("member-overdue", due=date(due))
    return text("member-not-due", due=date(due), days=(due - report.today).days)


def _fixes(report: Report, copy: str | None) -> Section:
    found = fixes(report.own[-1].findings)[:_MOST_FIXES] if report.own else []
    if found:
        about = text("member-fixes-about", copy=copy) if copy else ""
    elif report.own:
        about = text("member-fix-nothing")
    else:
        about = text("member-lead-none", year=report.place.year)
    listed = [_fix(group) for group in found]
    return {"title": text("member-fixes"), "about": about, "tag": "ol", "list": listed}


def _fix(group: Sequence[Finding]) -> dict[str, str]:
    first = group[0]
    label = f"{text(f'severity-{first.severity}')}:"
    cells = [f"{one.sheet}!{one.cell}" for one in group if one.cell]
    if not cells:
        return {"strong": label, "text": describe(first)}
    shown = ", ".join(cells[:_MOST_CELLS]) + (" …" if len(cells) > _MOST_CELLS else "")
    words = text("member-fix", message=describe(first), count=len(cells), cells=shown)
    return {"strong": label, "text": words}


def _right(report: Report) -> Section:
    entries = [{"text": words} for words in _right_things(report)]
    about = "" if entries else text("member-right-none")
    return {"title": text("member-right"), "about": about, "tag": "ul", "list": entries}


def _right_things(report: Report) -> Iterator[str]:
    if not report.own:
        return
    found = report.own[-1].findings
    if not any(kind(one.code) == "identity" for one in found):
        yield text("member-right-identity")
    if report.place.received and report.place.late is False:
        yield text("member-right-time")
    for name, one in report.place.tables.items():
        if one.rows and not (one.errors or one.warnings):
            table = report.form.table(name)
            yield text("member-right-table", table=table.sheet, rows=one.rows)
    if len(report.own) > 1 and (fixed := put_right(report.own[-2].findings, found)):
        yield text("member-right-fixed", count=len(fixed))


def _table(
    name: str, year: int, columns: str, rows: Iterable[Sequence[Any]], years: Iterable[int] = ()
) -> Section:
    caption = text(f"member-{name}-caption", year=year)
    headings = [*(text(f"member-column-{column}") for column in columns.split()), *map(str, years)]
    table = {"caption": caption, "headings": headings, "rows": [*rows]}
    return {"title": text(f"member-{name}"), "table": table}


def _tables(report: Report) -> Section:
    sheets = {table.id: table.sheet for table in report.form.tables}
    rows = (
        [sheets[name], text(f"table-state-{one.state}"), one.rows, one.errors, one.warnings]
        for name, one in report.place.tables.items()
    )
    return _table("tables", report.place.year, "table state rows errors warnings", rows)


def _kinds(report: Report) -> Section:
    """Errors and warnings of each kind in the last years, to see whether they come again."""
    own = (f for f in report.files if f.used and f.member == report.place.member)
    used = {file.year: file for file in own if file.year}
    years = sorted(used)[-_MOST_YEARS:]
    rows = []
    for name in kinds():
        cells = []
        for year in years:
            found = [f.severity for f in used[year].findings if kind(f.code) == name]
            cells.append(f"{found.count('error')} / {found.count('warning')}")
        rows.append([text(f"kind-of-{name}"), *cells])
    return _table("kinds", report.place.year, "kind", rows, years)


def _files(report: Report) -> Section:
    rows = (
        [
            PurePath(file.file).name,
            file.revision,
            date(day) if (day := report.days.get(file.file)) else text("said-unknown"),
            file.count("error"),
            file.count("warning"),
            text("said-yes" if file.used else "said-no"),
        ]
        for file in report.own
    )
    columns = "file revision received errors warnings counts"
    return _table("files", report.place.year, columns, rows)
