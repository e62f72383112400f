"""One page for a member: how its report stands, what to mend first, what is right already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from thidua_analysis.exchange import listing as said
from thidua_analysis.exchange.feedback import Report
from thidua_analysis.findings import Finding
from thidua_analysis.messages import describe, text
from thidua_analysis.publish.board import table_states
from thidua_analysis.vietnamese.display import NO_VALUE, date, number

_MOST_FIXES, _MOST_CELLS = 3, 6
#: Kinds of findings that cost more than the cell they stand at.
_FAR_REACHING = frozenset({"file", "identity", "structure"})

Section = dict[str, Any]


def page(report: Report, copy: str | None) -> str:
    """Return the page as HTML; everything from files is escaped.

    Parameters
    ----------
    report
        The report.
    copy
        File name of the marked copy, if there is one.
    """
    from thidua_analysis.publish.prepare import look

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

    from thidua_analysis.publish.exporter import FOLDER, NAME

    own = str(resources.files(__package__) / "templates")
    loader = jinja2.FileSystemLoader([own, str(FOLDER / NAME)])
    environment = jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True)
    return environment.get_template("member.html.j2")


def _lead(report: Report) -> str:
    used = report.used
    if used is None:
        return text("member-lead-none", year=report.year)
    return text(
        "member-lead",
        file=used.file.rpartition("/")[2],
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
        far = said.kind(first.code) in _FAR_REACHING
        return first.severity != "error", not far, -len(group)

    return sorted(groups.values(), key=weight)


def _fixes(report: Report, copy: str | None) -> Section:
    found = fixes(report.used.findings)[:_MOST_FIXES] if report.used else []
    about = text("member-fixes-about", copy=copy) if copy and found else ""
    if report.used and not found:
        about = text("member-fix-nothing")
    return {
        "title": text("member-fixes"),
        "about": about or ("" if found else text("member-lead-none", year=report.year)),
        "tag": "ol",
        "list": [_fix(group) for group in found],
    }


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
    if not any(said.kind(f.code) == "identity" for f in used.findings):
        yield text("member-right-identity")
    due, received = report.dataset.bloc.due(report.year), report.first_received
    if due and received and received <= due:
        yield text("member-right-time")
    states = table_states(report.form, used)
    for table in report.form.tables:
        one = states.get(table.id)
        if one and one.rows and not (one.errors or one.warnings):
            yield text("member-right-table", table=table.sheet, rows=one.rows)
    if report.fixed:
        yield text("member-right-fixed", count=len(report.fixed))


# --- tables ----------------------------------------------------------------------------------


def _tables(report: Report) -> Section:
    rows = []
    for name, one in table_states(report.form, report.used).items():
        state = text(f"table-state-{one.state}")
        sheet = report.form.table(name).sheet
        rows.append([sheet, state, one.rows, one.errors, one.warnings])
    names = ("table", "state", "rows", "errors", "warnings")
    return {
        "title": text("member-tables"),
        "table": {
            "caption": text("member-tables-caption", year=report.year),
            "headings": [text(f"member-column-{name}") for name in names],
            "rows": rows,
        },
    }


def _kinds(report: Report) -> Section:
    used = {f.year: f for f in report.files if f.used and f.member == report.member and f.year}
    years = sorted(used)[-5:]
    rows = []
    for name in said.kinds():
        cells = []
        for year in years:
            found = [f.severity for f in used[year].findings if said.kind(f.code) == name]
            cells.append(f"{found.count('error')} / {found.count('warning')}")
        rows.append([text(f"kind-of-{name}"), *cells])
    return {
        "title": text("member-kinds"),
        "table": {
            "caption": text("member-kinds-caption"),
            "headings": [text("member-column-kind"), *map(str, years)],
            "rows": rows,
        },
    }


def _files(report: Report) -> Section:
    names = ("file", "revision", "received", "errors", "warnings", "counts")
    rows = [
        [
            file.file.rpartition("/")[2],
            file.revision,
            date(day) if (day := report.received(file)) else text("said-unknown"),
            file.count("error"),
            file.count("warning"),
            text("said-yes" if file.used else "said-no"),
        ]
        for file in report.own
    ]
    return {
        "title": text("member-files"),
        "table": {
            "caption": text("member-files-caption", year=report.year),
            "headings": [text(f"member-column-{name}") for name in names],
            "rows": rows,
        },
    }
