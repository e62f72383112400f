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
from thidua_analysis.publish.board import table_states
from thidua_analysis.store.revisions import SentFile, chain
from thidua_analysis.vietnamese.display import NO_VALUE, date, number

_MOST_FIXES, _MOST_CELLS, _MOST_YEARS = 3, 6, 5
#: Kinds of findings that cost more than the cell they stand at.
_FAR_REACHING = frozenset({"file", "identity", "structure"})

Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What is known on a day of one member's report for a year: all data, and all files sent."""

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
        return min((day for file in self.own if (day := self.received(file))), default=None)


def page(report: Report, copy: str | None) -> str:
    """Return the page as HTML; everything from files is escaped.

    ``copy`` is the file name of the marked copy, if there is one.
    """
    from thidua_analysis.publish.page import look

    member = report.dataset.bloc.member(report.member)
    sections = [_fixes(report, copy), _right(report), _tables(report), _kinds(report)]
    if report.own:
        sections.append(_files(report))
    sections = [{"id": f"muc-{n}", **section} for n, section in enumerate(sections, 1)]
    title = text("member-title", member=member.name, year=report.year)
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
    used = report.used
    if used is None:
        return text("member-lead-none", year=report.year)
    return text(
        "member-lead",
        file=_name(used),
        revision=used.revision,
        errors=used.count("error"),
        warnings=used.count("warning"),
        notes=used.count("note"),
        completeness=_completeness(report),
    )


def _completeness(report: Report) -> str:
    from thidua_analysis import indicators

    frame = indicators.completeness(
        report.dataset, by=("year", "member"), year=report.year, member=report.member
    )
    if not len(frame) or frame["value"].iloc[0] is None:
        return NO_VALUE
    # 99,96 % would be printed as 100,0 % beside an error: the counts say it without rounding
    return "/".join(number(frame[part].iloc[0], 0) for part in ("numerator", "denominator"))


def _timeliness(report: Report) -> str:
    due, received = report.dataset.bloc.due(report.year), report.first_received
    if due is None:
        return text("member-no-deadline")
    if received is not None:
        key = "member-on-time" if received <= due else "member-late"
        return text(key, received=date(received), due=date(due))
    if report.own:
        return text("member-time-unknown", due=date(due))
    if report.today <= due:
        return text("member-not-due", due=date(due), days=(due - report.today).days)
    return text("member-overdue", due=date(due))


def _name(file: SentFile) -> str:
    return file.file.rpartition("/")[2]


# --- what to mend first, and what is right already -------------------------------------------


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
    found = fixes(report.used.findings)[:_MOST_FIXES] if report.used else []
    if found:
        about = text("member-fixes-about", copy=copy) if copy else ""
    elif report.used:
        about = text("member-fix-nothing")
    else:
        about = text("member-lead-none", year=report.year)
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
    used = report.used
    if used is None:
        return
    if not any(kind(f.code) == "identity" for f in used.findings):
        yield text("member-right-identity")
    due, received = report.dataset.bloc.due(report.year), report.first_received
    if due and received and received <= due:
        yield text("member-right-time")
    states = table_states(report.form, used)
    for table in report.form.tables:
        one = states.get(table.id)
        if one and one.rows and not (one.errors or one.warnings):
            yield text("member-right-table", table=table.sheet, rows=one.rows)
    before = report.own[-2].findings if len(report.own) > 1 else ()
    if fixed := put_right(before, used.findings):
        yield text("member-right-fixed", count=len(fixed))


# --- tables ----------------------------------------------------------------------------------


def _table(name: str, year: int, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Section:
    caption = text(f"member-{name}-caption", year=year)
    table = {"caption": caption, "headings": headings, "rows": [*rows]}
    return {"title": text(f"member-{name}"), "table": table}


def _headings(*names: str) -> list[str]:
    return [text(f"member-column-{name}") for name in names]


def _tables(report: Report) -> Section:
    rows = (
        [sheet, text(f"table-state-{one.state}"), one.rows, one.errors, one.warnings]
        for name, one in table_states(report.form, report.used).items()
        for sheet in [report.form.table(name).sheet]
    )
    headings = _headings("table", "state", "rows", "errors", "warnings")
    return _table("tables", report.year, headings, rows)


def _kinds(report: Report) -> Section:
    """Errors and warnings of each kind in the last years, to see whether they come again."""
    used = {f.year: f for f in report.files if f.used and f.member == report.member and f.year}
    years = sorted(used)[-_MOST_YEARS:]
    rows = []
    for name in kinds():
        cells = []
        for year in years:
            found = [f.severity for f in used[year].findings if kind(f.code) == name]
            cells.append(f"{found.count('error')} / {found.count('warning')}")
        rows.append([text(f"kind-of-{name}"), *cells])
    return _table("kinds", report.year, [*_headings("kind"), *map(str, years)], rows)


def _files(report: Report) -> Section:
    rows = (
        [
            _name(file),
            file.revision,
            date(day) if (day := report.received(file)) else text("said-unknown"),
            file.count("error"),
            file.count("warning"),
            text("said-yes" if file.used else "said-no"),
        ]
        for file in report.own
    )
    headings = _headings("file", "revision", "received", "errors", "warnings", "counts")
    return _table("files", report.year, headings, rows)
