"""The command `thidua`: options, exit codes, printing; no logic of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import click
from click.exceptions import Exit

from thidua_analysis import parallel, pipeline
from thidua_analysis.cli import calling, exchange_commands, show, show_exchange
from thidua_analysis.cli.show import (
    ACCEPT,
    FILE_READ,
    JSON,
    LANG,
    PATH,
    REASON,
    YEAR,
    common,
    opened,
    tell,
)
from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import blocs_in, notebooks_of, raw_of, reports_of
from thidua_analysis.messages import Lang, text
from thidua_analysis.parallel import Engine
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader
from thidua_analysis.submission.rows import row_records

if TYPE_CHECKING:
    from thidua_analysis.publish.pack import Exported

#: Parts of the conference pack.
WHAT = ("charts", "slides", "tables", "forms", "document", "all")


def _print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"thidua-analysis {version('thidua-analysis')}")
        context.exit()


def _print_completion(context: click.Context, _: click.Parameter, shell: str | None) -> None:
    if shell:
        from click import shell_completion

        made: Any = shell_completion.get_completion_class(shell)
        print(made(context.command, {}, "thidua", calling.COMPLETE).source())
        context.exit()


def _named(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return what was given as NAME=VALUE by name."""
    for one in given:
        if "=" not in one:
            raise UsageError("parameter-form", given=one)
    return {name: value for name, _, value in (one.partition("=") for one in given)}


@click.group(
    cls=calling.Program,
    invoke_without_command=True,
    help="help-program",
    context_settings=calling.HELP,
)
@LANG
@click.option("--quiet", is_flag=True, expose_value=False, help="help-quiet")
@click.option("--verbose", is_flag=True, expose_value=False, help="help-verbose")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="help-version",
)
@click.option(
    "--show-completion",
    type=click.Choice(["bash", "zsh", "fish"]),
    is_eager=True,
    expose_value=False,
    callback=_print_completion,
    help="help-show-completion",
)
@click.pass_context
def app(context: click.Context, lang: Lang) -> None:
    """Say what to do next where no command is named; `calling.run` sees to what is said how."""
    # the language before the command is that of the command, unless it is given there too
    context.default_map = {name: {"lang": lang} for name in app.commands}
    if context.invoked_subcommand is None:
        show_exchange.print_next(lang)


for command in exchange_commands.COMMANDS:
    app.add_command(command)


@app.command("check", help="help-check")
@click.argument("paths", type=PATH, nargs=-1, required=True, metavar="PATH...", help="help-paths")
@click.option("--all", "every_cell", is_flag=True, help="help-every-cell")
@common
def check(
    paths: tuple[Path, ...], every_cell: bool, as_json: bool, lang: Lang, data: Path | None
) -> None:
    """Print every finding of files with its cell."""
    folder, bloc = opened(data, paths[0])
    reader = FileReader.of(folder, every_cell=every_cell)
    out = {(raw_of(folder) / name).resolve() for name in inputs.read_withdrawals(folder)}
    every = [(one, one.resolve() in out and one not in paths) for one in inputs.given(paths)]
    chosen, left = ([one for one, is_out in every if is_out == asked] for asked in (False, True))
    with show.progress(len(chosen), quiet=as_json) as advance:
        found = pipeline.check(chosen, bloc, reader=reader, progress=advance, raw=raw_of(folder))
    spare = inputs.not_read(paths)

    def record() -> dict[str, Any]:
        files = {"files": [show.file_record(one, lang) for one in found]}
        return {**files, "not_read": spare} if spare else files

    def print_all() -> None:
        show.print_findings(found, lang, bloc)
        show.print_not_read(spare, lang)
        show.print_not_read(left, lang, key="check-withdrawn")

    tell(as_json, record, print_all)
    raise Exit(show.exit_code(found))


@app.command("rows", help="help-rows")
@FILE_READ
@common
def rows(file: Path, as_json: bool, lang: Lang, data: Path | None) -> None:
    """Print the rows that are read from a file, with their cells."""
    folder, bloc = opened(data, file)
    if not file.is_file():
        raise inputs.no_file(file)
    submission = pipeline.read_one(FileReader.of(folder), file, bloc)
    tell(
        as_json,
        lambda: {table: row_records(found) for table, found in submission.rows.items()},
        lambda: show.print_rows(submission),
    )
    show.refuse_unreadable([submission], lang, bloc)


@app.command("build", help="help-build")
@ACCEPT
@REASON
@click.option("--engine", type=click.Choice(get_args(Engine)), default="local", help="help-engine")
@click.option("--scheduler", metavar="ADDRESS", help="help-scheduler")
@JSON
@LANG
@click.option("--data", metavar="DIR", help="help-data")
def build(
    accept: bool,
    reason: str,
    engine: Engine,
    scheduler: str | None,
    as_json: bool,
    lang: Lang,
    data: str | None,
) -> None:
    """Read every file and write the tables."""
    from thidua_analysis.store.opened import is_address

    with parallel.engine(engine, scheduler) as executor:
        folder: Path | str
        if data and is_address(data):
            folder = data.rstrip("/")
            result = pipeline.build(data, executor=executor)
        else:
            folder = calling.data_folder(Path(data) if data else None)
            result = exchange_commands.built(
                folder, accept, reason, lang, quiet=as_json, executor=executor
            )
    tell(
        as_json,
        lambda: {**result.manifest, "not_read": result.not_read},
        lambda: show.print_build(result, folder, lang),
    )
    raise Exit(3 if result.unreadable else 1 if result.findings["error"] else 0)


@app.command("report", help="help-report")
@click.option("--year", type=int, help="help-year")
@click.option("--all", "every_year", is_flag=True, help="help-every-year")
@click.option(
    "--set", "given", metavar="NAME=VALUE", multiple=True, callback=_named, help="help-report-set"
)
@click.option("--out", type=PATH, metavar="DIR", help="help-report-out")
@ACCEPT
@REASON
@click.option("--code", is_flag=True, help="help-code")
@click.option("--why", is_flag=True, help="help-why")
@click.option("--blocs", "each_bloc", is_flag=True, help="help-blocs")
@common
def report(
    year: int | None,
    every_year: bool,
    given: dict[str, str],
    out: Path | None,
    accept: bool,
    reason: str,
    code: bool,
    why: bool,
    each_bloc: bool,
    as_json: bool,
    lang: Lang,
    data: Path | None,
) -> None:
    """Build, run the notebooks and write the reports as far as they have changed."""
    from thidua_analysis.store import made

    folder = calling.data_folder(data)
    homes = blocs_in(folder)
    # what cannot be set is said before anything is built
    places = (*homes, folder) if each_bloc else (folder,)
    values = {place: made.chosen(place, given) for place in places}
    done = exchange_commands.built(folder, accept, reason, lang, year, quiet=as_json)
    if not as_json:
        show.print_build(done, folder, lang)
    years = made.years_of(done.manifest, year, every_year)
    told: dict[str, Any] = {"reports": [], "blocs": {}}
    if out and lang != "vi":
        out = out / lang  # beside the Vietnamese ones, never over them
    for home in homes if each_bloc else ():
        if not as_json:
            print(home.name)
        own = sorted(made.years_built(home).intersection(years))
        target = out / home.name if out else reports_of(home, lang)
        told["blocs"][home.name] = exchange_commands.reports(
            home, own, target, code, why, lang, values[home], quiet=as_json
        )
    target = out or reports_of(folder, lang)
    told["reports"] = exchange_commands.reports(
        folder, years, target, code, why, lang, values[folder], quiet=as_json
    )

    def point_to_blocs() -> None:
        if homes and not each_bloc:
            print(text("report-blocs", lang, n=len(homes)))

    tell(as_json, lambda: told, point_to_blocs)
    failed = any(
        one["failed"] for each in (told["reports"], *told["blocs"].values()) for one in each
    )
    raise Exit(3 if done.unreadable else int(failed))


@app.command("verify", help="help-verify")
@click.option("--pairs", type=PATH, metavar="FILE.csv", help="help-pairs")
@common
def verify(pairs: Path | None, as_json: bool, lang: Lang, data: Path | None) -> None:
    """Compare what was published, or printed in a CSV file, with what is computed."""
    from thidua_analysis.lineage import claims, percentages

    if pairs is not None:
        frame = percentages.verify_pairs(pairs, lang)
        tell(as_json, lambda: show.records(frame, show.PAIR), lambda: show.print_pairs(frame))
        return
    frame = claims.verify(pipeline.load(calling.data_folder(data), lang))
    tell(as_json, lambda: show.records(frame), lambda: show.print_claims(frame, lang))
    raise Exit(int((frame["verdict"] == "does-not-follow").any()))


@app.command("figures", help="help-figures")
@YEAR
@common
def figures(year: int, as_json: bool, lang: Lang, data: Path | None) -> None:
    """List every figure of the reports of a year."""
    from thidua_analysis.lineage import register

    found = register.figures(pipeline.load(calling.data_folder(data), lang), year)
    tell(
        as_json,
        lambda: [show.jsonable(figure, show.FIGURE) for figure in found],
        lambda: show.print_figures(found),
    )


@app.command("trace", help="help-trace")
@click.argument("what", metavar="ID|FILE", help="help-trace-what")
@click.argument("cell", required=False, help="help-trace-cell")
@common
def trace(what: str, cell: str | None, as_json: bool, lang: Lang, data: Path | None) -> None:
    """Print the cells that make a figure, or the figures and charts that a cell goes into."""
    from thidua_analysis.indicators.dictionary import entry
    from thidua_analysis.lineage import register, tracing

    folder = calling.data_folder(data)
    if cell is None and inputs.is_submission(Path(what)):
        raise UsageError("trace-needs-cell", file=what)
    ds = pipeline.load(folder, lang)
    if cell is None:
        cells = show.records(tracing.trace(what, ds), show.CELL)
        record: dict[str, Any] = {"figure": what, "cells": cells}
        figure = register.find(ds, what)
        shown = f"{entry(figure['indicator']).label[lang]}: {figure['text']}"
        tell(as_json, lambda: record, lambda: show.print_figure(shown, record, lang))
        return
    sheet, _, address = cell.rpartition("!")
    name = inputs.below_raw(Path(what), folder)
    if not (raw_of(folder) / name).is_file():
        raise UsageError("trace-no-file", file=what)
    if not sheet:
        raise UsageError("trace-no-sheet", cell=cell)
    fed = [show.jsonable(f, show.FIGURE) for f in tracing.feeds(ds, name, sheet, address)]
    charts = tracing.charts_fed(ds, notebooks_of(folder), name, sheet, address)
    record = {"file": name, "cell": cell, "figures": fed, "charts": charts}
    tell(as_json, lambda: record, lambda: show.print_trace(record, lang))


@app.command("export", help="help-export")
@YEAR
@click.option("--what", type=click.Choice(WHAT), default="all", help="help-export-what")
@click.option("--out", type=PATH, metavar="DIR", help="help-export-out")
@ACCEPT
@REASON
@common
def export(
    year: int,
    what: str,
    out: Path | None,
    accept: bool,
    reason: str,
    as_json: bool,
    lang: Lang,
    data: Path | None,
) -> None:
    """Write the conference pack."""
    from thidua_analysis.publish import pack

    folder = calling.data_folder(data)
    with exchange_commands.accepting(folder, accept, reason, lang, year, quiet=as_json):
        ds = pipeline.load(folder, lang)
    words = text("export-running", lang, year=year)
    with show.progress(99, words=words, quiet=as_json) as advance:
        target = out or reports_of(folder, lang) / str(year) / pack.FOLDER
        done = pack.export(ds, year, what, target, progress=advance or (lambda *_: None))
    tell(as_json, lambda: _of_pack(done), lambda: show_exchange.print_pack(done, year, lang))
    raise Exit(int(bool(done.mismatches or done.failed or done.missing)))


def _of_pack(done: Exported) -> dict[str, Any]:
    """Return what is told of a conference pack."""
    told = {"folder": done.folder, "files": done.files, "missing": done.missing}
    failed = [asdict(failure) for failure in done.failed]
    mismatches = {str(path): wrong for path, wrong in done.mismatches.items()}
    return {**told, "failed": failed, "mismatches": mismatches}


def main() -> NoReturn:
    """Run the program."""
    calling.run(app)


if __name__ == "__main__":
    main()
