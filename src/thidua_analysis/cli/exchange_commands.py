"""Commands of the exchange with members and of the pack; what building and reporting share."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from thidua_analysis import pipeline
from thidua_analysis.cli import show, show_exchange
from thidua_analysis.cli.calling import command
from thidua_analysis.cli.show import (
    ACCEPT,
    FILE_READ,
    LANG,
    MEMBER,
    OUT,
    PATH,
    REASON,
    YEAR,
    common,
    opened,
    reasoned,
    tell,
)
from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import blocs_in, raw_of
from thidua_analysis.messages import speaking, text
from thidua_analysis.pipeline import BuildResult, read_one
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader

#: how a day may be written
DAYS = ("%Y-%m-%d", "%d/%m/%Y")

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.submission import Submission
    from thidua_analysis.vietnamese.display import Lang


def _progress(bloc: Bloc, *, quiet: bool) -> AbstractContextManager[Any]:
    """Show a bar while the files of a year go out: one a member, and one of the bloc."""
    return show.progress(len(bloc.members) + 1, quiet=quiet)


def _read(folder: Path, bloc: Bloc, *paths: Path, lang: Lang) -> list[Submission]:
    """Return what files say; where one cannot be read, say why and exit with 3."""
    for path in paths:
        if not path.is_file():
            raise inputs.no_file(path)
    reader = FileReader.of(folder)
    read = [read_one(reader, path, bloc) for path in paths]
    show.refuse_unreadable(read, lang, bloc)
    return read


def built(
    folder: Path,
    accept: bool,
    reason: str,
    lang: Lang,
    until: int | None = None,
    *,
    quiet: bool = False,
    executor: Executor | None = None,
) -> BuildResult:
    """Build, unless published years up to one have changed and nobody accepts it."""
    total = len(blocs_in(folder) or pipeline.raw_files(folder))
    with (
        accepting(folder, accept, reason, lang, until, quiet=quiet),
        show.progress(total, quiet=quiet) as advance,
    ):
        return pipeline.build(folder, progress=advance, executor=executor)


@contextmanager
def accepting(
    folder: Path, accept: bool, reason: str, lang: Lang, until: int | None, *, quiet: bool = False
) -> Iterator[None]:
    """Refuse late changes of published years up to one, or record them once all went well."""
    from thidua_analysis.exchange import late

    accept = reasoned(accept, reason)
    homes = blocs_in(folder) or (folder,)
    changes = {home: late.late_changes(home, until) for home in homes}
    if not accept:
        for found in changes.values():
            late.refuse(found)
    yield
    for home, found in changes.items():
        late.accept(home, found, reason)
    files = ", ".join(one.file for found in changes.values() for one in found)
    if files and not quiet:
        print(text("late-accepted", lang, files=files))


def reports(
    folder: Path,
    years: Sequence[int],
    target: Path,
    code: bool,
    why: bool,
    lang: Lang,
    parameters: Mapping[str, Any],
    *,
    quiet: bool = False,
) -> list[dict[str, Any]]:
    """Make the reports of some years as far as they have changed; return what is told of each."""
    from thidua_analysis.exchange import late
    from thidua_analysis.store import made

    done: list[dict[str, Any]] = []
    own = made.home_of(target, parameters)
    for year in years:
        home = own / str(year)
        sources = made.sources(
            folder.resolve(), own, year, code=code, lang=lang, parameters=parameters
        )
        with speaking(lang):
            reasons = made.changes(home, sources)
        told = {"year": year, "folder": home, "why": reasons}
        if not reasons:
            kept = made.read(home)["told"]
            told |= {"pages": kept["pages"], "charts": kept["charts"], "failed": []}
            if not quiet:
                show_exchange.print_kept(home, kept["charts"], year, lang)
        else:
            if why and not quiet:
                print(text("report-why", lang, year=year, why="; ".join(reasons)))
            told |= _reported(folder, year, target, code, lang, parameters, quiet=quiet)
        done.append(told)
        if not any(one["failed"] for one in done):
            late.hold(folder, [year])
    return done


def _reported(
    folder: Path,
    year: int,
    out: Path,
    code: bool,
    lang: Lang,
    parameters: Mapping[str, Any],
    *,
    quiet: bool,
) -> dict[str, Any]:
    """Make the report of a year and return what is told of it."""
    from thidua_analysis.publish.report import report as make_report

    # the number of steps is known with the first of them
    words = text("report-running", lang, year=year)
    with show.progress(99, words=words, quiet=quiet) as advance:
        step = advance or (lambda *_: None)
        result = make_report(
            folder, year, out, code=code, lang=lang, parameters=parameters, progress=step
        )
    if not quiet:
        show.print_report(result, year, lang)
    failed = [asdict(failure) for failure in result.failed]
    return {"pages": result.pages, "charts": result.charts, "failed": failed}


@command("template", help="help-template")
@YEAR
@MEMBER
@OUT
@common
def template(
    year: int, member: str | None, out: Path | None, as_json: bool, lang: Lang, data: Path | None
) -> None:
    """Write the blank form of each member and of the bloc."""
    from thidua_analysis.exchange.template import templates

    folder, bloc = opened(data)
    with _progress(bloc, quiet=as_json) as advance:
        written = templates(folder, year, member, out=out, progress=advance)
    tell(as_json, lambda: {"templates": written}, lambda: print(*written, sep="\n"))


@command("add", help="help-add")
@click.argument(
    "paths", type=PATH, nargs=-1, required=True, metavar="FILE...", help="help-add-paths"
)
@click.option("--year", type=int, help="help-add-year")
@click.option("--on", type=click.DateTime(DAYS), metavar="DD/MM/YYYY", help="help-add-on")
@ACCEPT
@REASON
@common
def add(
    paths: tuple[Path, ...],
    year: int | None,
    on: dt.datetime | None,
    accept: bool,
    reason: str,
    as_json: bool,
    lang: Lang,
    data: Path | None,
) -> None:
    """Take in what was received: copied, never over another file, noted and checked."""
    from thidua_analysis.exchange import intake

    folder, bloc = opened(data)
    day, accept = on.date() if on else None, reasoned(accept, reason)
    done = intake.add(folder, paths, year, on=day, accept=accept, reason=reason)
    tell(
        as_json,
        lambda: {"files": [show_exchange.added_record(one, lang) for one in done]},
        lambda: show_exchange.print_added(done, bloc, lang),
    )
    raise Exit(show.exit_code(one.checked for one in done if one.checked))


@command("withdraw", help="help-withdraw")
@click.argument("file", type=PATH, metavar="FILE", help="help-withdraw-file")
@click.option("--reason", default="", metavar="TEXT", help="help-withdraw-reason")
@click.option("--undo", is_flag=True, help="help-withdraw-undo")
@ACCEPT
@common
def withdraw(
    file: Path, reason: str, undo: bool, accept: bool, as_json: bool, lang: Lang, data: Path | None
) -> None:
    """Take a file out of the figures, or count it again."""
    from msgspec import to_builtins

    from thidua_analysis.exchange import intake

    folder, _ = opened(data)
    done = intake.withdraw(folder, file, reason, undo=undo, accept=accept)
    key = "withdraw-undone" if done.undone else "withdraw-done"
    tell(
        as_json,
        lambda: to_builtins(done),
        lambda: print(text(key, lang, file=done.file, reason=done.reason)),
    )


@command("status", help="help-status")
@click.option("--year", type=int, help="help-status-year")
@common
def status(year: int | None, as_json: bool, lang: Lang, data: Path | None) -> None:
    """Print who has sent what."""
    from thidua_analysis.exchange import intake

    folder, bloc = opened(data)
    board = intake.status(folder, year)
    tell(
        as_json,
        lambda: board.records(lang),
        lambda: show_exchange.print_board(board, bloc, lang),
    )


@command("feedback", help="help-feedback")
@YEAR
@MEMBER
@OUT
@common
def feedback(
    year: int, member: str | None, out: Path | None, as_json: bool, lang: Lang, data: Path | None
) -> None:
    """Write the marked copies and pages that go back to members."""
    from thidua_analysis.exchange.feedback import feedback as answer

    folder, bloc = opened(data)
    with _progress(bloc, quiet=as_json) as advance:
        done = answer(folder, year, member, out=out, lang=lang, progress=advance)
    tell(
        as_json,
        lambda: show_exchange.feedback_record(done),
        lambda: show_exchange.print_feedback(done, lang),
    )


@command("diff", help="help-diff")
@click.argument("first", type=PATH, metavar="FILE", help="help-diff-first")
@click.argument("second", type=PATH, metavar="FILE", help="help-diff-second")
@common
def diff(first: Path, second: Path, as_json: bool, lang: Lang, data: Path | None) -> None:
    """Compare two sendings of a member."""
    from thidua_analysis.exchange import diff as sendings

    folder, bloc = opened(data, first)
    before, after = _read(folder, bloc, first, second, lang=lang)
    found = sendings.compare(before, after, bloc, lang)
    moves = None if found.is_empty else sendings.moves(folder, before, after, bloc, lang)
    tell(
        as_json,
        lambda: show_exchange.diff_record(found, moves),
        lambda: show_exchange.print_diff(found, moves, after.year, lang),
    )
    raise Exit(int(not found.is_empty))


@command("new-year", help="help-new-year")
@click.argument("year", type=int, metavar="YEAR", help="help-new-year-year")
@OUT
@common
def new_year(year: int, out: Path | None, as_json: bool, lang: Lang, data: Path | None) -> None:
    """Prepare a year: folder, blank forms, checklist, proposals."""
    from thidua_analysis.exchange import year_start

    folder, bloc = opened(data)
    with _progress(bloc, quiet=as_json) as advance:
        done = year_start.new_year(folder, year, out=out, lang=lang, progress=advance)
    tell(
        as_json,
        lambda: asdict(done),
        lambda: show_exchange.print_year(done, year, bloc, lang),
    )


@command("init", help="help-init")
@click.argument("folder", type=PATH, metavar="DIR", help="help-init-folder")
@click.option("--name", metavar="TEXT", help="help-init-name")
@click.option("--province", metavar="TEXT", help="help-init-province")
@click.option("--member", multiple=True, metavar="NAME=SHORT", help="help-init-member")
@LANG
def init(
    folder: Path, name: str | None, province: str | None, member: tuple[str, ...], lang: Lang
) -> None:
    """Lay out the folder of a bloc."""
    from thidua_analysis.exchange.year_start import lay_out

    asked = {"province": province, "name": name}
    for key, given in asked.items():
        if not given and not sys.stdin.isatty():
            raise UsageError("init-needs", option=f"--{key}")
        asked[key] = given or click.prompt(text(f"init-{key}", lang))
    pairs = [(one.partition("=")[0].strip(), one.partition("=")[2].strip()) for one in member]
    for one, (full, short) in zip(member, pairs, strict=True):
        if not full or not short:
            raise UsageError("init-member", given=one)
    folder = folder.resolve()
    done = lay_out(folder, asked["name"] or "", asked["province"] or "", pairs)
    print(text("init-done", lang, folder=folder, n=len(done.made)))
    for place in done.kept:
        print(text("init-kept", lang, file=folder / place))
    print(text("init-next", lang, folder=folder))


@command("map", help="help-map")
@FILE_READ
@click.option("--confirm", multiple=True, metavar="SHEET!CELL=FIELD", help="help-map-confirm")
@common
def map_headings(
    file: Path, confirm: tuple[str, ...], as_json: bool, lang: Lang, data: Path | None
) -> None:
    """Propose what headings mean that the form does not know, or keep what a person confirmed."""
    from thidua_analysis.exchange import mapping

    folder, bloc = opened(data, file)
    path = next((p for p in (file, raw_of(folder) / file) if p.is_file()), file)
    (submission,) = _read(folder, bloc, path, lang=lang)
    limits = inputs.load_limits(folder)
    form, found = mapping.map_headings(path, submission, limits)
    if confirm:
        member = submission.member or mapping.member_named(path, bloc, limits)
        kept = mapping.confirm(folder, bloc, member, found, confirm)
        print(text("map-kept", lang, path=kept, member=member))
        return
    tell(
        as_json,
        lambda: {"form": form.id if form else None, "headings": [asdict(one) for one in found]},
        lambda: show_exchange.print_mapping(form, found, file, lang),
    )


COMMANDS = (init, new_year, template, add, withdraw, status, map_headings, diff, feedback)
