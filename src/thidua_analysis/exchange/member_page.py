"""One page for a member: how its report stands, what to mend first, what is right already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange.listing import kind, kinds, put_right
from thidua_analysis.findings import Finding
from thidua_analysis.form.model import Form, current, forms
from thidua_analysis.messages import describe, text
from thidua_analysis.publish.board import Place
from thidua_analysis.store.revisions import SentFile, chain
from thidua_analysis.vietnamese.display import NO_VALUE, date, number

_MOST_FIXES, _MOST_CELLS, _MOST_YEARS = 3, 6, 5
#: Kinds of findings that cost more than the cell they stand at.
_FAR_REACHING = frozenset({"file", "identity", "structure"})

Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What is known on a day of one member's report: its place on the board, and all files sent."""

    dataset: Dataset
    files: tuple[SentFile, ...]
    place: Place
    today: dt.date

    @property
    def own(self) -> list[SentFile]:
        """The member's files for the year, oldest first; the last one counts."""
        used = [file for file in self.files if file.file == self.place.file]
        return [*chain(self.files, used[0]), *used] if used else []

    @property
    def form(self) -> Form:
        """The form that was filled in, else the current one."""
        return forms()[self.own[-1].form or ""] if self.own else current("unit")


def page(report: Report, copy: str | None) -> str:
    """Return the page as HTML; everything from files is escaped.

    ``copy`` is the file name of the marked copy, if there is one.
    """
    from thidua_analysis.publish.page import look

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
    return str(_template().render(page=content, look=look()))


@cache
def _template() -> Any:
    import jinja2

    from thidua_analysis.publish.page import TEMPLATES

    own = str(resources.files(__package__) / "templates")
    loader = jinja2.FileSystemLoader([own, str(TEMPLATES)])
    environment = jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True)
    return environment.get_template("member.html.j2")


def _lead(report: Report) -> str:
    if not report.own:
        return text("member-lead-none", year=report.place.year)
    return text(
        "member-lead",
        file=_name(report.own[-1]),
        revision=report.place.revision,
        errors=report.place.errors,
        warnings=report.place.warnings,
        notes=report.own[-1].count("note"),
        completeness=_completeness(report),
    )


def _completeness(report: Report) -> str:
    from thidua_analysis import indicators

    about = {"year": report.place.year, "member": report.place.member}
    frame = indicators.completeness(report.dataset, by=("year", "member"), **about)
    if not len(frame) or frame["value"].iloc[0] is None:
        return NO_VALUE
    # 99,96 % would be printed as 100,0 % beside an error: the counts say it without rounding
    return "/".join(number(frame[part].iloc[0], 0) for part in ("numerator", "denominator"))


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


def _name(file: SentFile) -> str:
    return file.file.rpartition("/")[2]


def fixes(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings in groups of one code and column, those that help most first.

    Errors come before warnings; what concerns the file, who reports, sheets and headings before
    single cells, because it costs whole columns; then the group with most cells. Notes ask for
    nothing.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for found in findings:
        if found.severity != "note":
            key = (found.code, found.severity, found.sheet, found.heading)
            groups.setdefault(key, []).append(found)

    def weight(group: list[Finding]) -> tuple[bool, bool, int]:
        first = group[0]
        return first.severity != "error", kind(first.code) not in _FAR_REACHING, -len(group)

    return sorted(groups.values(), key=weight)


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
            sheet = report.form.table(name).sheet
            yield text("member-right-table", table=sheet, rows=one.rows)
    if len(report.own) > 1 and (fixed := put_right(report.own[-2].findings, found)):
        yield text("member-right-fixed", count=len(fixed))


def _table(name: str, year: int, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Section:
    caption = text(f"member-{name}-caption", year=year)
    table = {"caption": caption, "headings": headings, "rows": [*rows]}
    return {"title": text(f"member-{name}"), "table": table}


def _headings(*names: str) -> list[str]:
    return [text(f"member-column-{name}") for name in names]


def _tables(report: Report) -> Section:
    rows = (
        [sheet, text(f"table-state-{one.state}"), one.rows, one.errors, one.warnings]
        for name, one in report.place.tables.items()
        for sheet in [report.form.table(name).sheet]
    )
    headings = _headings("table", "state", "rows", "errors", "warnings")
    return _table("tables", report.place.year, headings, rows)


def _kinds(report: Report) -> Section:
    """Errors and warnings of each kind in the last years, to see whether they come again."""
    used = {
        f.year: f for f in report.files if f.used and f.member == report.place.member and f.year
    }
    years = sorted(used)[-_MOST_YEARS:]
    rows = []
    for name in kinds():
        cells = []
        for year in years:
            found = [f.severity for f in used[year].findings if kind(f.code) == name]
            cells.append(f"{found.count('error')} / {found.count('warning')}")
        rows.append([text(f"kind-of-{name}"), *cells])
    return _table("kinds", report.place.year, [*_headings("kind"), *map(str, years)], rows)


def _files(report: Report) -> Section:
    days = {row["file"]: row["received"] for row in report.dataset.records("submissions")}
    rows = (
        [
            _name(file),
            file.revision,
            date(day) if (day := days.get(file.file)) else text("said-unknown"),
            file.count("error"),
            file.count("warning"),
            text("said-yes" if file.used else "said-no"),
        ]
        for file in report.own
    )
    headings = _headings("file", "revision", "received", "errors", "warnings", "counts")
    return _table("files", report.place.year, headings, rows)
