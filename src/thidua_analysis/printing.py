"""What the commands print for people, and the records that they print as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from thidua_analysis.findings import Finding, Severity
from thidua_analysis.messages import describe, text
from thidua_analysis.submission import Submission, output

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc
    from thidua_analysis.checking import Checked
    from thidua_analysis.pipeline import BuildResult

_ORDER = {"error": 0, "warning": 1, "note": 2}
_MOST_OTHER_CELLS = 12

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
    return {**output.file_record(checked.submission, lang), "rows": checked.counts}


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
        totals.update(files=1, unreadable=submission.status == "unreadable")
        print(_headline(submission, counts, lang, bloc), file=out)
        for group in _groups(submission.findings):
            print(_entry(group, lang), file=out)
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
        groups.setdefault((one.code, one.severity, one.sheet, one.heading), []).append(one)
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
    """Print what a build did, and which files it could not read."""
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
    if result.unreadable or result.findings["error"]:
        print(text("build-see-check", lang, folder=data / "raw"))
