"""The command `thidua`: options, exit codes, printing; no logic of its own."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from thidua_analysis import parallel, pipeline
from thidua_analysis.cli import exchange_commands, show
from thidua_analysis.cli.show import (
    Accept,
    Data,
    File,
    Json,
    Language,
    Reason,
    Year,
    opened,
    tell,
)
from thidua_analysis.findings import ThiduaError, UsageError
from thidua_analysis.form.config import blocs_in, notebooks_of, raw_of, reports_of
from thidua_analysis.messages import catalogue, text
from thidua_analysis.parallel import Engine
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader
from thidua_analysis.submission.rows import row_records
from thidua_analysis.vietnamese.display import Lang

_INTERRUPTED = 130
#: Kind of wrong call, as the parser of the command line names it → key of the message.
_KINDS = {
    "MissingParameter": "usage-missing",
    "NoSuchOption": "usage-option",
    "BadParameter": "usage-value",
    "BadOptionUsage": "usage-needs-value",
}
#: Why the system refuses a file although the program is right → key of the words for it.
_REFUSED = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "refused-access"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "refused-full"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), "refused-taken"),
    errno.EROFS: "refused-read-only",
    errno.EBUSY: "refused-busy",
}
#: What is wrong with a value, as the parser says it → key of the message.
_VALUES = {
    r".*'(?P<value>.*)' is not one of (?P<accepted>.+)": "usage-choice",
    r".*valid integer.*": "usage-number",
}

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Đọc, kiểm tra và báo cáo số liệu thi đua, khen thưởng của các đơn vị trong khối.",
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"thidua-analysis {version('thidua-analysis')}")
        raise typer.Exit


@app.callback()
def _program(
    context: typer.Context,
    lang: Language = "vi",
    version: Annotated[
        bool,
        typer.Option("--version", help="In phiên bản.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Đọc, kiểm tra và báo cáo số liệu thi đua, khen thưởng của các đơn vị trong khối."""
    # the language before the command is that of the command, unless it is given there too
    commands = getattr(context.command, "commands", {})
    context.default_map = {name: {"lang": lang} for name in commands}


def _in_english(command: Any) -> None:
    """Put the English help of the catalogue in the place of the Vietnamese one."""
    english = {one["vi"]: one["en"] for key, one in catalogue().items() if key.startswith("help-")}
    for one in (command, *command.params):
        if getattr(one, "help", None) in english:
            one.help = english[one.help]
    for part in getattr(command, "commands", {}).values():
        _in_english(part)


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language that was asked for: with the call, else by THIDUA_LANG."""
    asked = [b for a, b in pairwise(arguments) if a == "--lang"]
    asked += [one.partition("=")[2] for one in arguments if one.startswith("--lang=")]
    return "en" if (asked or [os.environ.get("THIDUA_LANG", "vi")])[-1] == "en" else "vi"


def main() -> None:
    """Run the command line; no traceback ever reaches the user unless THIDUA_DEBUG is set."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    lang, command = _language(sys.argv), typer.main.get_command(app)
    if lang == "en":
        _in_english(command)
    try:
        done = command(standalone_mode=False)
    except ThiduaError as error:
        _fail(text(error.key, lang, **error.params), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        _fail(text("interrupted", lang), _INTERRUPTED)
    except Exception as error:
        if os.environ.get("THIDUA_DEBUG") and not hasattr(error, "format_message"):
            raise
        if explained := _explained(error, lang):
            _fail(explained, 2)
        _fail(text("unexpected", lang, what=f"{type(error).__name__}: {error}"), 70)
    if done == _INTERRUPTED:  # the parser of the command line makes this of Ctrl+C
        _fail(text("interrupted", lang), _INTERRUPTED)
    sys.exit(done if isinstance(done, int) else 0)


def _fail(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)


def _explained(error: BaseException, lang: Lang) -> str | None:
    """Return what is wrong with a call, or why the system refuses a file; None for all else."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return _wrong_call(error, lang)
    if isinstance(error, OSError) and (why := _REFUSED.get(error.errno or 0)):
        path = error.filename2 or error.filename or text("refused-somewhere", lang)
        return text("file-refused", lang, path=path, why=text(why, lang))
    return None


def _wrong_call(error: Any, lang: Lang) -> str:
    """Return what the parser of the command line refused and where to see how a call is made."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error.message)
    said = str(error.message or error.format_message()).rstrip(".")
    name, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    if not name and parameter is not None:
        is_option = parameter.param_type_name == "option"
        name = parameter.opts[0] if is_option else (parameter.metavar or parameter.name).rstrip(".")
    # the command as it is typed, whatever program started it
    context, command = getattr(error, "ctx", None), ""
    while context is not None and context.parent is not None:
        command = f" {context.info_name}{command}"
        context = context.parent
    key = _KINDS.get(kind, "usage-command" if "command" in said else "usage-other")
    help_ = text("usage-help", lang, command=f"thidua{command}")
    for pattern, own in _VALUES.items():
        if key == "usage-value" and (found := re.fullmatch(pattern, said)):
            told = {name_: one.replace("'", "") for name_, one in found.groupdict().items()}
            return f"{text(own, lang, name=name or '?', **told)} {help_}"
    return f"{text(key, lang, name=name or '?', why=said)} {help_}"


@app.command()
def check(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Tệp hoặc thư mục.", metavar="PATH...", readable=False),
    ],
    every_cell: Annotated[
        bool, typer.Option("--all", help="In cả những ô không được đọc vào bảng nào, kèm lý do.")
    ] = False,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Kiểm tra tệp: in mọi lỗi, cảnh báo kèm ô. Mã thoát 0 không lỗi, 1 có lỗi, 3 có tệp không đọc được, 2 gọi sai."""  # noqa: E501
    folder, bloc = opened(data, paths[0])
    reader = FileReader.of(folder, every_cell=every_cell)
    chosen = list(inputs.given(paths))
    with show.progress(len(chosen), quiet=as_json) as advance:
        found = pipeline.check(chosen, bloc, reader=reader, progress=advance, raw=raw_of(folder))
    spare = inputs.not_read(paths)

    def record() -> dict[str, Any]:
        files = {"files": [show.file_record(one, lang) for one in found]}
        return {**files, "not_read": spare} if spare else files

    def print_all() -> None:
        show.print_findings(found, lang, bloc)
        show.print_not_read(spare, lang)

    tell(as_json, record, print_all)
    raise typer.Exit(show.exit_code(found))


@app.command()
def rows(file: File, as_json: Json = False, lang: Language = "vi", data: Data = None) -> None:
    """In các dòng số liệu đọc được từ một tệp, kèm địa chỉ ô. Mã thoát như lệnh check."""
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


@app.command()
def build(
    accept: Accept = False,
    reason: Reason = "",
    engine: Annotated[
        Engine, typer.Option("--engine", help="Nơi đọc tệp: máy này (local) hoặc cụm máy (dask).")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Địa chỉ bộ điều phối Dask."),
    ] = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="DIR", help="Thư mục dữ liệu (mặc định: data)."),
    ] = None,
) -> None:
    """Đọc mọi tệp trong data/raw và ghi data/processed. Mã thoát như lệnh check; 2 cả khi tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.store.opened import is_address

    with parallel.engine(engine, scheduler) as executor:
        if data and is_address(data):
            folder = Path(data)
            result = pipeline.build(data, executor=executor)
        else:
            folder = inputs.find_data(Path(data) if data else None)
            result = exchange_commands.built(
                folder, accept, reason, lang, quiet=as_json, executor=executor
            )
    tell(
        as_json,
        lambda: {**result.manifest, "not_read": result.not_read},
        lambda: show.print_build(result, folder, lang),
    )
    raise typer.Exit(3 if result.unreadable else 1 if result.findings["error"] else 0)


@app.command()
def report(
    year: Annotated[int | None, typer.Option("--year", help="Năm báo cáo.")] = None,
    every_year: Annotated[bool, typer.Option("--all", help="Mọi năm có dữ liệu.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Nơi ghi (mặc định: reports).")
    ] = None,
    accept: Accept = False,
    reason: Reason = "",
    code: Annotated[
        bool, typer.Option("--code", help="Kèm mã lệnh và mã băm, bản cho người phân tích.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Nói rõ vì sao phải làm lại từng báo cáo.")
    ] = False,
    each_bloc: Annotated[
        bool, typer.Option("--blocs", help="Cả báo cáo riêng của từng khối, khi có nhiều khối.")
    ] = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Đọc số liệu, chạy các sổ tay, ghi reports/<năm>/. Không có --year: năm mới nhất. Mã thoát 0, 1 khi có sổ tay lỗi, 3 khi có tệp không đọc được, 2 gọi sai hoặc tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.store import made

    folder = inputs.find_data(data)
    done = exchange_commands.built(folder, accept, reason, lang, year, quiet=False)
    show.print_build(done, folder, lang)
    years, homes = made.years_of(done.manifest, year, every_year), blocs_in(folder)
    if out and lang != "vi":
        out = out / lang  # beside the Vietnamese ones, never over them
    failed = False
    for home in homes if each_bloc else ():
        print(home.name)
        own = made.years_built(home).intersection(years)
        target = out / home.name if out else reports_of(home, lang)
        failed = exchange_commands.reports(home, sorted(own), target, code, why, lang) or failed
    failed = (
        exchange_commands.reports(folder, years, out or reports_of(folder, lang), code, why, lang)
        or failed
    )
    if homes and not each_bloc:
        print(text("report-blocs", lang, n=len(homes)))
    raise typer.Exit(3 if done.unreadable else int(failed))


@app.command()
def verify(
    pairs: Annotated[
        Path | None, typer.Option("--pairs", metavar="FILE.csv", help="Bảng tỷ lệ đã in.")
    ] = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Đối chiếu số đã công bố (data/raw/published.toml), hoặc tỷ lệ đã in trong một tệp CSV. Mã thoát 1 khi có số công bố không khớp."""  # noqa: E501
    from thidua_analysis.lineage import claims, percentages

    if pairs is not None:
        frame = percentages.verify_pairs(pairs, lang)
        tell(as_json, lambda: show.records(frame, show.PAIR), lambda: show.print_pairs(frame))
        return
    frame = claims.verify(pipeline.load(inputs.find_data(data), lang))
    tell(as_json, lambda: show.records(frame), lambda: show.print_claims(frame, lang))
    raise typer.Exit(int((frame["verdict"] == "does-not-follow").any()))


@app.command()
def figures(year: Year, as_json: Json = False, lang: Language = "vi", data: Data = None) -> None:
    """Liệt kê mọi con số của các báo cáo trong năm, kèm mã để truy nguồn bằng lệnh trace."""
    from thidua_analysis.lineage import register

    found = register.figures(pipeline.load(inputs.find_data(data), lang), year)
    tell(
        as_json,
        lambda: [show.jsonable(figure, show.FIGURE) for figure in found],
        lambda: show.print_figures(found),
    )


@app.command()
def trace(
    what: Annotated[str, typer.Argument(help="Mã con số, hoặc tệp.", metavar="ID|FILE")],
    cell: Annotated[str | None, typer.Argument(help="Ô, ví dụ 'Chỉ tiêu!G7'.")] = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Các ô tạo nên một con số; hoặc (tệp và ô) các con số và biểu đồ mà một ô góp vào."""
    from thidua_analysis.indicators.dictionary import entry
    from thidua_analysis.lineage import register, tracing

    folder = inputs.find_data(data)
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


exchange_commands.register(app)


if __name__ == "__main__":
    main()
