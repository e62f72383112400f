"""What the commands of the exchange print for people, and the records that they print as JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.cli import show
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import Lang, date

if TYPE_CHECKING:
    from rich.console import Console

    from thidua_analysis.exchange.diff import Change, Difference, Moved, Moves
    from thidua_analysis.exchange.feedback import Feedback
    from thidua_analysis.exchange.intake import Added
    from thidua_analysis.exchange.mapping import Candidate, Proposal
    from thidua_analysis.exchange.year_start import YearStart
    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.form.model import Form
    from thidua_analysis.publish.board import Board, Place
    from thidua_analysis.publish.pack import Exported

_MOST = 40
#: More files than these in a folder are counted.
_FEW = 6
#: A terminal with fewer columns gets one column for all sheets of the form.
_WIDE = 150


def added_record(one: Added, lang: Lang) -> dict[str, Any]:
    """What `thidua add --json` says about one file."""
    checked = show.file_record(one.checked, lang) if one.checked else None
    return {"source": one.source, "file": one.file, "outcome": one.outcome, "checked": checked}


def print_added(done: Sequence[Added], bloc: Bloc, lang: Lang) -> None:
    """Print where each file went, then the findings in those that are new."""
    for one in done:
        print(text(f"add-{one.outcome}", lang, source=one.source, file=one.file))
    if found := [one.checked for one in done if one.checked]:
        show.print_findings(found, lang, bloc)


def print_board(board: Board, bloc: Bloc, lang: Lang, console: Console | None = None) -> None:
    """Print who has sent what: a table a year, members down, sheets across where they fit."""
    from rich.console import Console

    console = console or Console(width=None if sys.stdout.isatty() else 200)
    for year in board.due:
        console.print(_board_table(board, year, bloc, lang, wide=console.width >= _WIDE))
        own = next((p for p in board.places if p.year == year and p.member is None), None)
        if own:
            console.print(_bloc_line(own, lang), markup=False, highlight=False)
    lines = [one.line(lang) for one in board.unplaced]
    lines += [text("not-read", lang, file=file) for file in board.not_read]
    for line in lines:
        console.print(line, markup=False, highlight=False)


def _board_table(board: Board, year: int, bloc: Bloc, lang: Lang, *, wide: bool) -> Any:
    from rich.markup import escape
    from rich.table import Table

    from thidua_analysis.form.forms import current

    due = board.due[year]
    day = date(due, lang) if due else text("said-unknown", lang)
    table = Table(title=text("board-title", lang, year=year, due=day), title_justify="left")
    sheets = {t.id: t.sheet for t in current("unit", year).tables if not t.optional}
    for name in ("member", "file", "revision", "time", "errors", "warnings"):
        table.add_column(text(f"board-{name}", lang))
    if wide:
        for sheet in sheets.values():
            table.add_column(escape(sheet), justify="right")
    else:
        table.add_column(text("board-sheets", lang))
    for place in board.places:
        if place.member is not None and place.year == year:
            cells = [_table_cell(place, one, lang) for one in sheets]
            cells = cells if wide else [_sheets_sent(place, sheets, lang)]
            own = _place_cells(place, lang, turned_away=bool(board.turned_away(place)))
            table.add_row(*map(escape, [bloc.member(place.member).short, *own, *cells]))
    return table


def _place_cells(place: Place, lang: Lang, *, turned_away: bool) -> list[str]:
    missing = text("board-turned-away" if turned_away else "table-state-missing", lang)
    file = place.file.rpartition("/")[2] if place.file else missing
    if place.period not in (None, "year"):
        file = f"{file} ({text(f'board-period-{place.period}', lang)})"
    known = place.state == "sent"
    counts = [str(n) if known else "" for n in (place.errors, place.warnings)]
    return [file, str(place.revision or ""), _time(place, lang), *counts]


def _time(place: Place, lang: Lang) -> str:
    if place.late is None:
        return text("said-unknown", lang)
    if place.state == "missing":
        return text("board-overdue" if place.late else "board-not-due", lang)
    return text("board-late" if place.late else "board-on-time", lang)


def _table_cell(place: Place, table: str, lang: Lang) -> str:
    one = place.tables.get(table)
    if one is None or place.state == "missing":
        return "–"
    return str(one.rows) if one.state == "sent" else text(f"table-state-{one.state}", lang)


def _sheets_sent(place: Place, sheets: Mapping[str, str], lang: Lang) -> str:
    """Return how many sheets hold data, and which do not."""
    if place.state == "missing":
        return "–"
    known = {name: place.tables.get(table) for table, name in sheets.items()}
    without = [name for name, one in known.items() if one is None or one.state != "sent"]
    sent = f"{len(sheets) - len(without)}/{len(sheets)}"
    return text("board-without", lang, sent=sent, names=", ".join(without)) if without else sent


def _bloc_line(place: Place, lang: Lang) -> str:
    if place.state == "missing":
        return text("board-bloc-missing", lang)
    return text("board-bloc", lang, file=place.file, errors=place.errors, warnings=place.warnings)


def feedback_record(done: Feedback) -> dict[str, Any]:
    """Return what was written."""
    return {
        "folder": done.folder,
        "copies": [asdict(one) for one in done.copies],
        "pages": done.pages,
        "aside": list(done.aside),
    }


def print_feedback(done: Feedback, lang: Lang) -> None:
    """Print what was written for whom."""
    for copy in done.copies:
        how = text(f"copy-how-{copy.how or 'none'}", lang)
        name = copy.path.name if copy.path else "–"
        counts = ("errors", "warnings", "notes", "fixed")
        words = {count: getattr(copy, count) for count in counts}
        print(text("feedback-copy", lang, file=copy.file, name=name, how=how, **words))
    for path in done.aside:
        print(text("feedback-aside", lang, name=path.name, folder=path.parent))
    print(text("feedback-done", lang, folder=done.folder, pages=len(done.pages)))


def diff_record(difference: Difference, moved: Moves | None) -> dict[str, Any]:
    """Return a difference with what moves."""
    figures, charts = moved or ([], [])
    moves = {"figures": [asdict(one) for one in figures], "charts": charts}
    return {**asdict(difference), **moves}


def print_diff(difference: Difference, moved: Moves | None, year: int | None, lang: Lang) -> None:
    """Print a difference and what moves with it."""
    if difference.is_empty or moved is None:
        print(text("diff-same", lang))
        return
    _block("diff-changed", [_change(one, lang) for one in difference.changed], lang)
    _block("diff-added", [f"{one.cell} {one.row}" for one in difference.added], lang)
    _block("diff-removed", [f"{one.cell} {one.row}" for one in difference.removed], lang)
    shows = [one for one in moved.figures if one.shows]
    _block("diff-figures", [_moved(one, lang) for one in shows], lang, year=year)
    if hidden := len(moved.figures) - len(shows):
        print(text("diff-hidden", lang, count=hidden))
    charts = [f"{c['notebook']} · {c['section']}: {c['kind']} ({c['label']})" for c in moved.charts]
    _block("diff-charts", charts, lang)


def _block(key: str, lines: Sequence[str], lang: Lang, **words: Any) -> None:
    if not lines:
        return
    print(text(key, lang, count=len(lines), **words))
    for line in lines[:_MOST]:
        print(f"  {line}")
    if len(lines) > _MOST:
        print(f"  {text('diff-more', lang, count=len(lines) - _MOST)}")


def _change(one: Change, lang: Lang) -> str:
    none = text("diff-none", lang)
    place = one.after_cell or one.before_cell or one.row
    return f"{place} {one.heading} [{one.row}]: {one.before or none} → {one.after or none}"


def _moved(one: Moved, lang: Lang) -> str:
    none = text("diff-none", lang)
    about = f" [{one.about}]" if one.about else ""
    return f"{one.label}{about}: {one.before or none} → {one.after or none}"


def print_year(done: YearStart, year: int, bloc: Bloc, lang: Lang) -> None:
    """Print what was made, and what to think about."""
    from thidua_analysis.exchange.year_start import proposal_words

    print(text("year-folder", lang, folder=done.folder, forms=", ".join(done.forms)))
    for path in done.templates:
        print(f"  {path}")
    key = "year-checklist" if done.checklist else "year-checklist-kept"
    print(text(key, lang, path=done.checklist, year=year))
    if done.proposals:
        print(text("checklist-proposals", lang))
    for one in done.proposals:
        print(f"  - {proposal_words(one, bloc)}")


def print_mapping(form: Form | None, found: Sequence[Proposal], file: Path, lang: Lang) -> None:
    """Print proposals as TOML that a person pastes: remarks as comments, lines as they are."""
    if form is None:
        print(text("map-form-unknown", lang, file=file))
        return
    if not found:
        print(text("map-none", lang, file=file))
    for one in found:
        print("\n".join(_mapping_lines(form, one, lang)))


def _mapping_lines(form: Form, one: Proposal, lang: Lang) -> list[str]:
    heading = " ".join(one.heading.split())
    lines = [text("map-place", lang, sheet=one.sheet, cell=one.cell, heading=heading)]
    if one.best is None:
        return [*lines, text("map-nothing", lang, table=one.table)]
    key = f"map-blocked-{one.best.blocked}" if one.best.blocked else "map-best"
    lines.append(text("map-exact" if one.exact else key, lang, **_words(one.best)))
    if one.runner_up:
        lines.append(text("map-runner-up", lang, **_words(one.runner_up)))
    if one.line:
        place = {"form": form.id, "table": one.table, "field": one.best.field}
        lines += [text("map-paste", lang, **place), one.line]
        lines.append(text("map-confirm", lang, place=f"{one.sheet}!{one.cell}", **place))
    return lines


def _words(candidate: Candidate) -> dict[str, Any]:
    return {"field": candidate.field, "name": candidate.heading, "alike": candidate.alike}


def print_pack(done: Exported, year: int, lang: Lang) -> None:
    """Print where the conference pack lies, and what is wrong with it or missing in it."""
    if done.files:
        print(text("export-written", lang, year=year, folder=done.folder, n=len(done.files)))
    names = [path.relative_to(done.folder) for path in done.files]
    folders = [name.parent for name in names]
    for name in names:
        # of many files in a folder it alone is named
        if len(name.parts) == 1 or folders.count(name.parent) <= _FEW:
            print(f"  {name}")
    for folder in sorted({one for one in folders if one.parts and folders.count(one) > _FEW}):
        print(text("export-folder", lang, folder=folder, n=folders.count(folder)))
    for path, wrong in done.mismatches.items():
        print(text("official-written-mismatches", lang, path=path, n=wrong))
    for failure in done.failed:
        print(text("notebook-failed", lang, failure=failure), file=sys.stderr)
    if done.vietnamese_only:
        kinds = ", ".join(f"--what {kind}" for kind in done.vietnamese_only)
        print(text("export-vietnamese-only", lang, year=year, kinds=kinds))
    for extra in done.missing:
        what = text(f"export-kind-{extra}", lang)
        print(text("export-missing", lang, what=what, extra=extra), file=sys.stderr)


def print_kept(report: Path, charts: Mapping[str, int], year: int, lang: Lang) -> None:
    """Print that a report still holds, with the number of charts on its pages."""
    n = sum(count for name, count in charts.items() if name[:1].isdigit())
    print(text("report-kept", lang, year=year, page=report / "index.html", charts=n))


def print_next(lang: Lang) -> None:
    """Print what there is in the folder where the program is called, and what to do next."""
    from thidua_analysis import pipeline
    from thidua_analysis.cli.calling import data_folder
    from thidua_analysis.findings import UsageError
    from thidua_analysis.form.config import blocs_in, raw_of, reports_of
    from thidua_analysis.store import inputs, made
    from thidua_analysis.store.revisions import folder_year

    try:
        folder = data_folder(None)
    except UsageError:
        print(text("next-init", lang))
        return
    homes = blocs_in(folder) or (folder,)
    files = [path for home in homes for path in pipeline.raw_files(home)]
    years = sorted({folder_year(path.parent.name) or 0 for path in files})
    if not files:
        print(text("next-files", lang, folder=raw_of(folder)))
        return
    print(text("next-data", lang, folder=folder, n=len(files), years=", ".join(map(str, years))))
    report = reports_of(folder, lang) / str(years[-1])
    try:
        told = made.sources(folder.resolve(), report.parent, years[-1], code=False, lang=lang)
        known = {name.partition(" ")[2] for name in told if name.startswith("file ")}
        new = {inputs.below_raw(path, folder) for path in files} ^ known
        old = bool(new or made.changes(report, told))
    except OSError:
        old = True
    # with several blocs these work on one of them, data/raw/<bloc>/<year>/<file>
    newest = next(p for p in files if folder_year(p.parent.name) == years[-1])
    own = f' --data "{newest.parents[1]}"' if blocs_in(folder) else ""
    words = {"year": years[-1], "page": report / "index.html", "own": own}
    print(text("next-report" if old else "next-up-to-date", lang, **words))
