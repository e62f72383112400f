"""What the commands print for people, and the records that they print as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from thidua_analysis.findings import Finding, Severity
from thidua_analysis.messages import describe, text
from thidua_analysis.submission import Submission
from thidua_analysis.submission import rows as output

if TYPE_CHECKING:
    from pandas import DataFrame

    from thidua_analysis.check import Checked
    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.pipeline import BuildResult
    from thidua_analysis.publish.report import ReportResult
    from thidua_analysis.submission.rows import Tally

_ORDER = {"error": 0, "warning": 1, "note": 2}
_MOST_OTHER_CELLS = 12
#: What is said in JSON of a figure, of a cell behind one, and of a printed percentage.
FIGURE = (
    *("id", "indicator", "label", "year", "by", "numerator", "denominator", "value", "text"),
    *("coverage", "comparable", "unit", "missing", "incomplete", "reason"),
)
CELL = ("file", "sheet", "cell", "typed", "value", "role", "member", "correction")
PAIR = ("id", "verdict", "computed")

Advance = Callable[..., None]


@contextmanager
def progress(total: int, *, quiet: bool = False, words: str = "") -> Iterator[Advance | None]:
    """Show a bar on a terminal while several files are read; nothing elsewhere."""
    if quiet or total < 2 or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda done, *_: bar.update(task, completed=done)


def file_record(checked: Checked, lang: str) -> dict[str, Any]:
    """What `thidua check --json` says about one file."""
    cells = checked.submission.tally
    record = {**output.file_record(checked.submission, lang), "rows": checked.counts}
    return {**record, **output.cells_record(cells)} if cells else record


def exit_code(found: Iterable[Checked]) -> int:
    """3 where a file cannot be read, else 1 where one has errors, else 0."""
    statuses = {one.submission.status for one in found}
    return 3 if "unreadable" in statuses else 1 if "errors" in statuses else 0


def print_findings(
    found: Iterable[Checked], lang: str, bloc: Bloc, stream: TextIO | None = None
) -> None:
    """Print the findings of each file: what is wrong, in which cells, what to do."""
    out = stream or sys.stdout
    totals: Counter[str] = Counter()
    for one in found:
        submission = one.submission
        counts = Counter(f.severity for f in submission.findings)
        totals.update(counts)
        totals.update(files=1, unreadable=int(submission.status == "unreadable"))
        print(_headline(submission, counts, lang, bloc), file=out)
        for group in _groups(submission.findings):
            print(_entry(group, lang), file=out)
        for line in _cells(submission.tally, lang) if submission.tally else ():
            print(line, file=out)
    print(
        text(
            "check-total",
            lang,
            files=totals["files"],
            errors=totals["error"],
            warnings=totals["warning"],
            unreadable=totals["unreadable"],
        ),
        file=out,
    )


def print_not_read(files: Iterable[Path | str], lang: str) -> None:
    """Name the files that nothing reads, since they are no spreadsheets or lie elsewhere."""
    for file in files:
        print(text("not-read", lang, file=file))


def _headline(submission: Submission, counts: Mapping[Severity, int], lang: str, bloc: Bloc) -> str:
    line = text(
        "check-file",
        lang,
        path=submission.path,
        errors=counts.get("error", 0),
        warnings=counts["warning"],
        notes=counts["note"],
    )
    if submission.form is None:
        return line
    member = bloc.member(submission.member).short if submission.member else bloc.name
    about = text(
        "check-identity",
        lang,
        form=submission.form,
        member=member,
        year=submission.year or "?",
        revision=submission.revision,
    )
    return f"{line}\n  {about}"


def _groups(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one code in one column together; errors first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        column = (one.code, one.severity, one.sheet, one.heading)
        # findings on the file as a whole each say something else
        groups.setdefault(column if one.cell else (id(one),), []).append(one)
    return sorted(groups.values(), key=lambda g: _ORDER[g[0].severity])


def _entry(group: list[Finding], lang: str) -> str:
    first = group[0]
    place = f"{first.sheet}!{first.cell}" if first.sheet and first.cell else first.sheet
    label = text(f"severity-{first.severity}", lang)
    lines = [
        f"  {label} · {place or text('whole-file', lang)} · {first.code}",
        f"      {describe(first, lang)}",
    ]
    if len(group) > 1:
        others = [f"{f.cell} (“{f.value}”)" if f.value else f"{f.cell}" for f in group[1:]]
        shown = ", ".join(others[:_MOST_OTHER_CELLS])
        more = len(others) - _MOST_OTHER_CELLS
        tail = text("more-cells", lang, count=more) if more > 0 else ""
        lines.append("      " + text("other-cells", lang, cells=shown) + tail)
    return "\n".join(lines)


def _cells(tally: Tally, lang: str) -> Iterator[str]:
    """Where the cells of a file went, and the ranges that are in no row, by sheet and reason."""
    counts = {name: getattr(tally, name) for name in ("read", "stored", "reported", "outside")}
    yield "  " + text("cells-tally", lang, **counts)
    for (sheet, reason), listed in groupby(tally.listed, lambda one: (one.sheet, one.reason)):
        ranges = [one.range for one in listed]
        yield f"      {sheet} · {text(f'outside-{reason}', lang)}: {', '.join(ranges)}"


def print_rows(submission: Submission) -> None:
    """Print the tidy rows of a file, a table after the other, values parted by tabs."""
    for table, rows in submission.rows.items():
        if not rows:
            continue
        print(f"# {table}")
        print("\t".join(["cell", *rows[0].values]))
        for row in rows:
            values = (output.plain(v) for v in row.values.values())
            place = f"{row.sheet}!{row.row}"
            print("\t".join([place, *("" if v is None else str(v) for v in values)]))


def print_build(result: BuildResult, data: Path, lang: str) -> None:
    """Print what a build did, and which files could not be read or have errors."""
    key = "build-done" if result.changed else "build-unchanged"
    print(
        text(
            key,
            lang,
            files=result.files,
            folder=data / "processed",
            errors=result.findings["error"],
            warnings=result.findings["warning"],
        )
    )
    for name in result.unreadable:
        print(text("build-unreadable", lang, file=name))
    for name in result.wrong:
        print(text("build-wrong", lang, file=name))
    print_not_read(result.not_read, lang)
    if result.unreadable or result.findings["error"]:
        print(text("build-see-check", lang, folder=data / "raw"))


@contextmanager
def steps(lang: str, year: int) -> Iterator[Advance]:
    """Tell on a terminal which part of a year's report is done."""
    with progress(99, words=text("report-running", lang, year=year)) as advance:
        yield advance or (lambda *_: None)


def print_report(result: ReportResult, year: int, lang: str) -> None:
    """Print which pages were written and which notebooks failed."""
    from thidua_analysis.publish.pdf import browser

    print(
        text(
            "report-done",
            lang,
            year=year,
            page=result.folder / "index.html",
            charts=sum(n for name, n in result.charts.items() if name[:1].isdigit()),
            ran=len(result.succeeded),
            kept=len(result.skipped),
        )
    )
    found, full = browser(), result.folder / "bao-cao-day-du.html"
    pdf = "report-pdf" if result.pdf else "report-pdf-failed" if found else "report-no-pdf"
    print("  " + text(pdf, lang, file=result.pdf, page=full, browser=found))
    for failure in result.failed:
        print("  " + text("notebook-failed", lang, failure=failure))


def figure_record(figure: Mapping[str, Any]) -> dict[str, Any]:
    """What `thidua figures --json` says about one figure."""
    return {name: _jsonable(figure[name]) for name in FIGURE}


def jsonable(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as JSON can hold it: decimals as numbers, missing as null."""
    return {name: _jsonable(value) for name, value in record.items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return jsonable(value)
    if isinstance(value, (list, tuple)):
        return [_jsonable(part) for part in value]
    if isinstance(value, Fraction):
        return float(value)
    if hasattr(value, "item"):
        return _jsonable(value.item())
    missing = isinstance(value, float) and value != value
    return None if missing else output.plain(value)


def records(frame: DataFrame, columns: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a frame, or some of its columns, as JSON can hold them."""
    rows = frame[list(columns)] if columns else frame
    return [jsonable({str(k): v for k, v in row.items()}) for row in rows.to_dict("records")]


def print_claims(frame: DataFrame, lang: str) -> None:
    """Print each published claim, its computed value and the verdict."""
    for row in frame.to_dict("records"):
        print(f"{text('verdict-' + row['verdict'], lang)} · {row['claim']}")
        print(
            "    "
            + text(
                "claim-values", lang, published=row["published"], computed=row["computed"] or "–"
            )
        )
        if row["why"]:
            print(f"    {row['why']}")
    counts = Counter(frame["verdict"])
    print(
        text(
            "claims-total",
            lang,
            reproduced=counts["reproduced"],
            wrong=counts["does-not-follow"],
            underivable=counts["cannot-be-derived"],
        )
    )


def print_pairs(frame: DataFrame) -> None:
    """Print the verdict on each printed percentage."""
    for row in frame.to_dict("records"):
        line = (row["id"], row["verdict"], row["published"], row["computed"], row["why"])
        print("\t".join("" if part is None else str(part) for part in line))


def print_trace(record: Mapping[str, Any], lang: str) -> None:
    """Print the cells behind a figure, or the figures that a cell feeds."""
    if "cells" in record:
        print(text("trace-cells", lang, figure=record["figure"], count=len(record["cells"])))
        for cell in record["cells"]:
            place = cell["file"] or ""
            if cell["cell"]:
                place += f" {cell['sheet']}!{cell['cell']}"
            line = (text(f"role-{cell['role']}", lang), place, cell["typed"], cell["value"])
            print("  " + "\t".join("" if part is None else str(part) for part in line))
        return
    words = {"file": record["file"], "cell": record["cell"], "count": len(record["figures"])}
    print(text("trace-figures", lang, **words))
    for figure in record["figures"]:
        print(f"  {figure['id']}\t{figure['label']}\t{figure['text']}")
    print(text("trace-charts", lang, count=len(record["charts"])))
    for chart in record["charts"]:
        place = f"{chart['notebook']} · {chart['section']}"
        print(f"  {place}\t{chart['kind']}\t{chart['label']}")
