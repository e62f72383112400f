"""The command `thidua`: options, exit codes, printing; no logic of its own."""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from thidua_analysis import cli_exchange, cli_export, cli_usage, files
from thidua_analysis.cli_options import (
    Accept,
    Data,
    Json,
    Lang,
    Language,
    Reason,
    Year,
    built,
    print_json,
)
from thidua_analysis.errors import ThiduaError, UsageError
from thidua_analysis.messages import text

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Đọc, kiểm tra và báo cáo số liệu thi đua, khen thưởng của các đơn vị trong khối.",
)


AnyYear = Annotated[int | None, typer.Option("--year", help="Năm báo cáo.")]


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"thidua-analysis {version('thidua-analysis')}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", help="In phiên bản.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Đọc, kiểm tra và báo cáo số liệu thi đua, khen thưởng của các đơn vị trong khối."""


_INTERRUPTED = 130


def main() -> None:
    """Run the command line; no traceback ever reaches the user unless THIDUA_DEBUG is set."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    lang = "en" if _asks_for_english(sys.argv) else "vi"
    try:
        done = app(standalone_mode=False)
    except ThiduaError as error:
        _fail(text(error.key, lang, **error.params), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        _fail(text("interrupted", lang), _INTERRUPTED)
    except Exception as error:
        if cli_usage.is_wrong_call(error):
            _fail(cli_usage.explained(error, lang), 2)
        if os.environ.get("THIDUA_DEBUG"):
            raise
        if cli_usage.is_refused(error):
            _fail(cli_usage.refused(error, lang), 2)
        _fail(text("unexpected", lang, what=f"{type(error).__name__}: {error}"), 70)
    if done == _INTERRUPTED:  # the parser of the command line makes this of Ctrl+C
        _fail(text("interrupted", lang), _INTERRUPTED)
    sys.exit(done if isinstance(done, int) else 0)


def _asks_for_english(arguments: list[str]) -> bool:
    return "--lang=en" in arguments or "en" in [
        after for before, after in pairwise(arguments) if before == "--lang"
    ]


def _fail(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)


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
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Kiểm tra tệp: in mọi lỗi, cảnh báo kèm ô. Mã thoát 0 không lỗi, 1 có lỗi, 3 có tệp không đọc được, 2 gọi sai."""  # noqa: E501
    from thidua_analysis import checking, printing
    from thidua_analysis.bloc import load_bloc
    from thidua_analysis.settings import FileReader

    folder = files.find_data(data, paths[0])
    bloc, reader = load_bloc(folder), FileReader.of(folder, every_cell=every_cell)
    chosen = list(files.given(paths))
    with printing.progress(len(chosen), quiet=as_json) as advance:
        found = checking.check(chosen, bloc, reader=reader, progress=advance, raw=folder / "raw")
    spare = files.not_read(paths)
    if as_json:
        record = {"files": [printing.file_record(one, lang.value) for one in found]}
        print_json({**record, "not_read": spare} if spare else record)
    else:
        printing.print_findings(found, lang.value, bloc)
        printing.print_not_read(spare, lang.value)
    raise typer.Exit(printing.exit_code(found))


@app.command()
def rows(
    file: Annotated[Path, typer.Argument(help="Một tệp.", metavar="FILE", readable=False)],
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """In các dòng số liệu đọc được từ một tệp, kèm địa chỉ ô. Mã thoát như lệnh check."""
    from thidua_analysis import printing
    from thidua_analysis.bloc import load_bloc
    from thidua_analysis.checking import Checked, read_one
    from thidua_analysis.settings import FileReader
    from thidua_analysis.submission import output

    folder = files.find_data(data, file)
    if not file.is_file():
        raise files.no_file(file)
    bloc = load_bloc(folder)
    submission = read_one(FileReader.of(folder), file, bloc)
    if as_json:
        print_json({t: output.row_records(r) for t, r in submission.rows.items()})
    else:
        printing.print_rows(submission)
    if submission.status == "unreadable":
        checked = [Checked(submission, {})]
        printing.print_findings(checked, lang.value, bloc, stream=sys.stderr)
        raise typer.Exit(3)


@app.command()
def build(
    accept: Accept = False,
    reason: Reason = "",
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Đọc mọi tệp trong data/raw và ghi data/processed. Mã thoát như lệnh check; 2 cả khi tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis import printing

    folder = files.find_data(data)
    result = built(folder, accept, reason, lang, quiet=as_json)
    if as_json:
        print_json({**result.manifest, "not_read": result.not_read})
    else:
        printing.print_build(result, folder, lang.value)
    raise typer.Exit(3 if result.unreadable else 1 if result.findings["error"] else 0)


@app.command()
def report(
    year: AnyYear = None,
    every_year: Annotated[bool, typer.Option("--all", help="Mọi năm có dữ liệu.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Nơi ghi (mặc định: reports).")
    ] = None,
    accept: Accept = False,
    reason: Reason = "",
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Đọc số liệu, chạy các sổ tay, ghi reports/<năm>/. Không có --year: năm mới nhất. Mã thoát 0, 1 khi có sổ tay lỗi, 3 khi có tệp không đọc được, 2 gọi sai hoặc tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis import pipeline, printing
    from thidua_analysis.exchange.receive import late

    folder = files.find_data(data)
    done = built(folder, accept, reason, lang, until=year)
    printing.print_build(done, folder, lang.value)
    failed = False
    for one in pipeline.report_years(folder, year, every_year):
        with printing.steps(lang.value, one) as advance:
            result = pipeline.report(folder, one, out, progress=advance)
        printing.print_report(result, one, lang.value)
        failed = failed or bool(result.failed)
        if not result.failed:
            late.hold(folder, [one])
    raise typer.Exit(3 if done.unreadable else int(failed))


@app.command()
def verify(
    pairs: Annotated[
        Path | None, typer.Option("--pairs", metavar="FILE.csv", help="Bảng tỷ lệ đã in.")
    ] = None,
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Đối chiếu số đã công bố (data/raw/published.toml), hoặc tỷ lệ đã in trong một tệp CSV. Mã thoát 1 khi có số công bố không khớp."""  # noqa: E501
    from thidua_analysis import claims, pipeline, printing
    from thidua_analysis import pairs as printed_pairs

    if pairs is not None:
        frame = printed_pairs.verify_pairs(pairs, lang.value)
        wrong = False
    else:
        frame = claims.verify(pipeline.load(files.find_data(data), lang.value))
        wrong = bool((frame["verdict"] == "does-not-follow").any())
    if as_json:
        print_json(printing.records(frame, printing.PAIR if pairs is not None else None))
    elif pairs is not None:
        printing.print_pairs(frame)
    else:
        printing.print_claims(frame, lang.value)
    raise typer.Exit(int(wrong))


@app.command()
def figures(
    year: Year,
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Liệt kê mọi con số của các báo cáo trong năm, kèm mã để truy nguồn bằng lệnh trace."""
    from thidua_analysis import pipeline, printing, register

    found = register.figures(pipeline.load(files.find_data(data), lang.value), year)
    if as_json:
        print_json([printing.figure_record(figure) for figure in found])
        return
    for figure in found:
        line = (figure["id"], figure["label"], figure["text"], figure["coverage"] or "")
        print("\t".join(line))


@app.command()
def trace(
    what: Annotated[str, typer.Argument(help="Mã con số, hoặc tệp.", metavar="ID|FILE")],
    cell: Annotated[str | None, typer.Argument(help="Ô, ví dụ 'Chỉ tiêu!G7'.")] = None,
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Các ô tạo nên một con số; hoặc (tệp và ô) các con số và biểu đồ mà một ô góp vào."""
    from thidua_analysis import drawn, pipeline, printing, tracing

    folder = files.find_data(data)
    if cell is None and files.is_submission(Path(what)):
        raise UsageError("trace-needs-cell", file=what)
    ds = pipeline.load(folder, lang.value)
    if cell is None:
        cells = printing.records(tracing.trace(what, ds), printing.CELL)
        record: dict[str, Any] = {"figure": what, "cells": cells}
    else:
        sheet, _, address = cell.rpartition("!")
        name = files.below_raw(Path(what), folder)
        if not (folder / "raw" / name).is_file():
            raise UsageError("trace-no-file", file=what)
        if not sheet:
            raise UsageError("trace-no-sheet", cell=cell)
        fed = [printing.figure_record(f) for f in tracing.feeds(ds, name, sheet, address)]
        charts = drawn.feeds(ds, folder.resolve().parent / "notebooks", name, sheet, address)
        record = {"file": name, "cell": cell, "figures": fed, "charts": charts}
    if as_json:
        print_json(record)
    else:
        printing.print_trace(record, lang.value)


cli_exchange.register(app)
cli_export.register(app)


if __name__ == "__main__":
    main()
