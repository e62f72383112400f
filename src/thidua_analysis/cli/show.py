"""How commands are called and answer: options, the data they open, texts for people, JSON."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from thidua_analysis.cli.calling import data_folder
from thidua_analysis.excel.cells import position
from thidua_analysis.findings import Finding, UsageError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import FILE, blocs_in, processed_of, raw_of
from thidua_analysis.form.forms import forms
from thidua_analysis.messages import LANGUAGES, describe, text
from thidua_analysis.submission import Submission
from thidua_analysis.submission import rows as output
from thidua_analysis.vietnamese.display import Lang, number
from thidua_analysis.vietnamese.quantities import places

if TYPE_CHECKING:
    from pandas import DataFrame

    from thidua_analysis.pipeline import BuildResult, Checked
    from thidua_analysis.publish.report import ReportResult

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_INDENT = " " * 6
_MOST_OTHER_CELLS = 12
#: What is said in JSON of a figure, of a cell behind one, and of a printed percentage.
FIGURE = (
    *("id", "indicator", "label", "year", "by", "numerator", "denominator", "value", "text"),
    *("coverage", "comparable", "unit", "missing", "incomplete", "reason"),
)
CELL = ("file", "sheet", "cell", "typed", "value", "role", "member", "correction")
PAIR = ("id", "verdict", "computed")

PATH = click.Path(path_type=Path)
DATA = click.option("--data", type=PATH, metavar="DIR", help="help-data")
LANG = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="vi", envvar="THIDUA_LANG", help="help-lang"
)
JSON = click.option("--json", "as_json", is_flag=True, help="help-json")
YEAR = click.option("--year", type=int, required=True, help="help-year")
MEMBER = click.option("--member", metavar="ID", help="help-member")
OUT = click.option("--out", type=PATH, metavar="DIR", help="help-out")
FILE_READ = click.argument("file", type=PATH, metavar="FILE", help="help-file")
ACCEPT = click.option("--accept", is_flag=True, help="help-accept")
REASON = click.option("--reason", default="", metavar="TEXT", help="help-accept-reason")

Function = TypeVar("Function", bound=Callable[..., Any])


def common(command: Function) -> Function:
    """Let a command answer in JSON or a language, on the data of a folder."""
    return JSON(LANG(DATA(command)))


@contextmanager
def progress(
    total: int, *, quiet: bool = False, words: str = ""
) -> Iterator[Callable[..., None] | None]:
    """Show a bar on a terminal while several files are read; nothing elsewhere."""
    if quiet or total < 2 or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=total)
        # the number of steps may be known only with the first of them
        yield lambda done, of=total, *_: bar.update(task, completed=done, total=of)


def opened(data: Path | None, near: Path | None = None) -> tuple[Path, Bloc]:
    """Return the data folder and who reports there.

    Where there is none, a file can still be checked by the sample bloc of a checkout; that is said.
    """
    try:
        folder = data_folder(data, near)
    except UsageError as error:
        folder = Path(__file__).parents[3] / "data"
        if error.key != "data-missing" or near is None or not (raw_of(folder) / FILE).is_file():
            raise
        print(text("data-sample", folder=folder), file=sys.stderr)
    homes = blocs_in(folder) if near else ()
    own = (home for home in homes if near and near.resolve().is_relative_to(home.resolve()))
    folder = next(own, folder)
    return folder, load_bloc(folder)


def tell(as_json: bool, record: Callable[[], Any], show: Callable[[], None]) -> None:
    """Print the record of what a command found as JSON, or show it to a person."""
    if as_json:
        print_json(record())
    else:
        show()


def print_json(record: Any) -> None:
    """Print a record for another program; paths and days as text, Decimals with all digits."""
    # the encoder writes no Decimal: it goes in as a text that nobody can have typed
    mark = secrets.token_hex(16)

    def other(value: object) -> str:
        return f"{mark}{value:f}{mark}" if isinstance(value, Decimal) else str(value)

    told = json.dumps(record, ensure_ascii=False, indent=1, default=other)
    print(re.sub(f'"{mark}([^"]*){mark}"', r"\1", told))


def reasoned(accept: bool, reason: str) -> bool:
    """Whether late changes are accepted; nobody accepts one without saying why."""
    if accept and not reason.strip():
        raise UsageError("accept-without-reason")
    return accept


def tabbed(values: Iterable[object]) -> str:
    """Return values as a line for people and spreadsheets: parted by tabs, missing ones empty."""
    return "\t".join("" if value is None else str(value) for value in values)


def file_record(checked: Checked, lang: Lang) -> dict[str, Any]:
    """What `thidua check --json` says about one file."""
    cells = checked.submission.tally
    record = {**output.file_record(checked.submission, lang), "rows": checked.counts}
    return {**record, **output.cells_record(cells)} if cells else record


def exit_code(found: Iterable[Checked]) -> int:
    """3 where a file cannot be read, else 1 where one has errors, else 0."""
    statuses = {one.submission.status for one in found}
    return 3 if "unreadable" in statuses else 1 if "errors" in statuses else 0


def refuse_unreadable(submissions: Iterable[Submission], lang: Lang, bloc: Bloc) -> None:
    """Where files cannot be read, say on stderr why, and exit with 3."""
    if unreadable := [one for one in submissions if one.status == "unreadable"]:
        _print_findings(unreadable, lang, bloc, sys.stderr)
        raise click.exceptions.Exit(3)


def print_findings(found: Iterable[Checked], lang: Lang, bloc: Bloc) -> None:
    """Print the findings of each file: what is wrong, in which cells, what to do."""
    _print_findings([one.submission for one in found], lang, bloc, sys.stdout)


def _print_findings(submissions: list[Submission], lang: Lang, bloc: Bloc, stream: TextIO) -> None:
    totals: Counter[str] = Counter()
    for submission in submissions:
        counts = Counter[str](f.severity for f in submission.findings)
        totals.update(counts)
        for line in _file_lines(submission, counts, lang, bloc, stream):
            print(line, file=stream)
    words = {
        "files": len(submissions),
        "errors": totals["error"],
        "warnings": totals["warning"],
        "unreadable": sum(one.status == "unreadable" for one in submissions),
    }
    print(text("check-total", lang, **words), file=stream)


def _file_lines(
    submission: Submission, counts: Counter[str], lang: Lang, bloc: Bloc, stream: TextIO
) -> Iterator[str]:
    by_severity = {f"{name}s": counts[name] for name in _COLOURS}
    yield text("check-file", lang, path=submission.path, **by_severity)
    if submission.form is not None:
        unknown = any(one.code == "member-unknown" for one in submission.findings)
        sender = text("check-no-member", lang) if unknown else bloc.name
        known = {
            "form": submission.form,
            "member": bloc.member(submission.member).short if submission.member else sender,
            "year": submission.year or "?",
            "revision": submission.revision,
        }
        yield f"  {text('check-identity', lang, **known)}"
        if not (counts["error"] or submission.cells_read):
            yield f"  {text('check-nothing-filled', lang)}"
    for group in _groups(submission):
        yield from _finding_lines(group, lang, stream)
    if tally := submission.tally:
        # where the cells went, and the ranges that are in no row, by sheet and reason
        names = ("read", "stored", "reported", "outside")
        yield "  " + text("cells-tally", lang, **{name: getattr(tally, name) for name in names})
        for (sheet, reason), listed in groupby(tally.listed, lambda one: (one.sheet, one.reason)):
            ranges = ", ".join(one.range for one in listed)
            yield f"      {sheet} · {text(f'outside-{reason}', lang)}: {ranges}"


def _groups(submission: Submission) -> list[list[Finding]]:
    """Findings in the order of the file, those of one code in one column with the first of them.

    What is said of the whole file stands first, sheets stand in the order of the form.
    """
    form = forms().get(submission.form or "")
    named = [form.info.sheet, *(table.sheet for table in form.tables)] if form else []
    named += [one.sheet for one in submission.findings if one.sheet]
    sheets = list(dict.fromkeys(named))

    def place(one: Finding) -> tuple[int, int, int]:
        sheet = sheets.index(one.sheet) if one.sheet else -1
        return (sheet, *(position(one.cell.partition(":")[0]) if one.cell else (0, 0)))

    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in sorted(submission.findings, key=place):
        column = (one.code, one.severity, one.sheet, one.heading)
        # findings on the file as a whole each say something else
        groups.setdefault(column if one.cell else (id(one),), []).append(one)
    return list(groups.values())


def _finding_lines(group: list[Finding], lang: Lang, stream: TextIO) -> Iterator[str]:
    first = group[0]
    place = f"{first.sheet}!{first.cell}" if first.sheet and first.cell else first.sheet
    label = _coloured(text(f"severity-{first.severity}", lang), first.severity, stream)
    yield f"  {label} · {place or text('whole-file', lang)} · {first.code}"
    yield wrapped(describe(first, lang), stream)
    if len(group) > 1:
        others = [f"{f.cell} (“{f.value}”)" if f.value else f"{f.cell}" for f in group[1:]]
        shown = ", ".join(others[:_MOST_OTHER_CELLS])
        more = len(others) - _MOST_OTHER_CELLS
        tail = text("more-cells", lang, count=more) if more > 0 else ""
        yield wrapped(text("other-cells", lang, cells=shown) + tail, stream)


def _coloured(words: str, severity: str, stream: TextIO) -> str:
    """Colour words on a terminal, unless NO_COLOR asks for none."""
    shown = stream.isatty() and not os.environ.get("NO_COLOR")
    return click.style(words, fg=_COLOURS[severity], bold=True) if shown else words


def wrapped(words: str, stream: TextIO) -> str:
    """Indent a text; on a terminal it is wrapped to its width, elsewhere it stays one line."""
    if not stream.isatty():
        return f"{_INDENT}{words}"
    width = max(40, shutil.get_terminal_size().columns)
    return textwrap.fill(
        words, width, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )


def print_not_read(files: Iterable[Path | str], lang: Lang, key: str = "not-read") -> None:
    """Name the files that nothing reads, since they are no spreadsheets or lie elsewhere."""
    for file in files:
        print(text(key, lang, file=file))


def print_rows(submission: Submission) -> None:
    """Print the tidy rows of a file, a table after the other, values parted by tabs."""
    for table, rows in submission.rows.items():
        if rows:
            print(f"# {table}")
            print(tabbed(["cell", *rows[0].values]))
        for row in rows:
            print(tabbed([f"{row.sheet}!{row.row}", *map(output.plain, row.values.values())]))


def print_build(result: BuildResult, data: Path | str, lang: Lang) -> None:
    """Print what a build did, and which files could not be read or have errors."""
    key = "build-done" if result.changed else "build-unchanged"
    errors, warnings = result.findings["error"], result.findings["warning"]
    words = {"files": result.files, "errors": errors, "warnings": warnings}
    raw, processed = f"{data}/raw", f"{data}/processed"  # an address is no path
    if isinstance(data, Path):
        raw, processed = str(raw_of(data)), str(processed_of(data))
    print(text(key, lang, folder=processed, **words))
    for name in result.unreadable:
        print(text("build-unreadable", lang, file=name))
    for name in result.wrong:
        print(text("build-wrong", lang, file=name))
    print_not_read(result.not_read, lang)
    if result.unreadable or errors:
        print(text("build-see-check", lang, folder=raw))


def print_report(result: ReportResult, year: int, lang: Lang) -> None:
    """Print which pages were written and which notebooks failed."""
    from thidua_analysis.publish.report import browser

    charts = sum(n for name, n in result.charts.items() if name[:1].isdigit())
    words = {"charts": charts, "ran": len(result.succeeded), "kept": len(result.skipped)}
    print(text("report-done", lang, year=year, page=result.folder / "index.html", **words))
    found, full = browser(), result.folder / "bao-cao-day-du.html"
    pdf = "report-pdf" if result.pdf else "report-pdf-failed" if found else "report-no-pdf"
    print("  " + text(pdf, lang, file=result.pdf, page=full, browser=found))
    for failure in result.failed:
        print("  " + text("notebook-failed", lang, failure=failure))


def jsonable(record: Mapping[Any, Any], names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a record, or some of it, as JSON can hold it: decimals as numbers, missing as null."""
    return {str(name): _jsonable(record[name]) for name in names or record}


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
    return [jsonable(row, columns) for row in frame.to_dict("records")]


def print_figures(figures: Iterable[Mapping[str, Any]]) -> None:
    """Print figures with their ids, a line each."""
    for figure in figures:
        print(tabbed(figure[name] for name in ("id", "label", "text", "coverage")))


def print_claims(frame: DataFrame, lang: Lang) -> None:
    """Print each published claim, its computed value and the verdict."""
    if frame.empty:
        print(text("claims-none", lang))
        return
    for row in frame.to_dict("records"):
        print(f"{text('verdict-' + row['verdict'], lang)} · {row['claim']}")
        values = {"published": row["published"], "computed": row["computed"] or "–"}
        print("    " + text("claim-values", lang, **values))
        if row["why"]:
            print(f"    {row['why']}")
    counts = Counter(frame["verdict"])
    words = {"reproduced": counts["reproduced"], "wrong": counts["does-not-follow"]}
    print(text("claims-total", lang, underivable=counts["cannot-be-derived"], **words))


def print_pairs(frame: DataFrame) -> None:
    """Print the verdict on each printed percentage."""
    for row in frame.to_dict("records"):
        print(tabbed(row[n] for n in ("id", "verdict", "published", "computed", "why")))


def print_trace(record: Mapping[str, Any], lang: Lang) -> None:
    """Print the figures that a cell feeds, and the charts that draw them by their titles."""
    words = {"file": record["file"], "cell": record["cell"], "count": len(record["figures"])}
    print(text("trace-figures", lang, **words))
    for figure in record["figures"]:
        print("  " + tabbed(figure[name] for name in ("id", "label", "text")))
    print(text("trace-charts", lang, count=len(record["charts"])))
    for chart in record["charts"]:
        part = text("trace-part", lang, n=chart["notebook"].partition("_")[0].lstrip("0"))
        print("  " + tabbed([f"{part} · {chart['section']}", chart["label"]]))


def print_figure(shown: str, record: Mapping[str, Any], lang: Lang) -> None:
    """Print a figure as shown, what each file gives to it, then every cell."""
    print(shown)
    print(text("trace-cells", lang, figure=record["figure"], count=len(record["cells"])))
    for role, by_file in _sums(record["cells"]).items():
        total = sum(by_file.values())
        print(f"  {text(f'role-{role}', lang)}: {number(total, places(total), lang)}")
        for file, amount in by_file.items():
            print(f"    {file}\t{number(amount, places(amount), lang)}")
    for cell in record["cells"]:
        place = cell["file"] or ""
        if cell["cell"]:
            place += f" {cell['sheet']}!{cell['cell']}"
        role = text(f"role-{cell['role']}", lang)
        print("  " + tabbed([role, place, cell["typed"], cell["value"]]))


def _sums(cells: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Decimal]]:
    """Return role → file → what its cells add up to; what is no number adds nothing."""
    found: dict[str, dict[str, Decimal]] = {}
    for cell in cells:
        value = cell["value"]
        if cell["file"] and isinstance(value, int | float | Decimal):
            sums = found.setdefault(cell["role"], {})
            sums[cell["file"]] = sums.get(cell["file"], Decimal(0)) + Decimal(str(value))
    return found
