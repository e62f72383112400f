"""The command `thidua`: options, exit codes, printing; no logic of its own."""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from thidua_analysis.cli import exchange_commands, options
from thidua_analysis.cli.options import (
    Accept,
    Data,
    Json,
    Lang,
    Language,
    Reason,
    Year,
    accepting,
    built,
    print_json,
)
from thidua_analysis.errors import ThiduaError, UsageError
from thidua_analysis.messages import text
from thidua_analysis.store import inputs

#: Where the official forms are written, below the folder of the export.
FORMS = "bieu-mau"


Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Nơi ghi (mặc định: reports/<năm>).")
]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(export)


def export(
    year: Year,
    out: Out = None,
    accept: Accept = False,
    reason: Reason = "",
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Ghi các biểu 0601.N, 0602.N, 0603.N và bảng tổng hợp khen thưởng của khối thành tệp Excel. Mã thoát 0, 1 khi có dòng cột không khớp, 2 gọi sai hoặc tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis import pipeline
    from thidua_analysis.official.forms import official_forms, write_forms

    folder = inputs.find_data(data)
    with accepting(folder, accept, reason, lang, until=year):
        ds = pipeline.load(folder, lang.value)
    target = (out or folder.resolve().parent / "reports" / str(year)) / FORMS
    forms = official_forms(ds, year)
    for form, path in zip(forms, write_forms(forms, target, lang.value), strict=True):
        wrong = len(form.mismatches)
        key = "official-written-mismatches" if wrong else "official-written"
        print(text(key, lang.value, path=path, n=wrong))
    raise typer.Exit(int(any(form.mismatches for form in forms)))


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
        if options.is_wrong_call(error):
            _fail(options.explained(error, lang), 2)
        if os.environ.get("THIDUA_DEBUG"):
            raise
        if options.is_refused(error):
            _fail(options.refused(error, lang), 2)
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
    from thidua_analysis import check as checking
    from thidua_analysis.cli import show
    from thidua_analysis.form.bloc import load_bloc
    from thidua_analysis.store.inputs import FileReader

    folder = inputs.find_data(data, paths[0])
    bloc, reader = load_bloc(folder), FileReader.of(folder, every_cell=every_cell)
    chosen = list(inputs.given(paths))
    with show.progress(len(chosen), quiet=as_json) as advance:
        found = checking.check(chosen, bloc, reader=reader, progress=advance, raw=folder / "raw")
    spare = inputs.not_read(paths)
    if as_json:
        record = {"files": [show.file_record(one, lang.value) for one in found]}
        print_json({**record, "not_read": spare} if spare else record)
    else:
        show.print_findings(found, lang.value, bloc)
        show.print_not_read(spare, lang.value)
    raise typer.Exit(show.exit_code(found))


@app.command()
def rows(
    file: Annotated[Path, typer.Argument(help="Một tệp.", metavar="FILE", readable=False)],
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """In các dòng số liệu đọc được từ một tệp, kèm địa chỉ ô. Mã thoát như lệnh check."""
    from thidua_analysis.check import Checked, read_one
    from thidua_analysis.cli import show
    from thidua_analysis.form.bloc import load_bloc
    from thidua_analysis.store.inputs import FileReader
    from thidua_analysis.submission import rows as output

    folder = inputs.find_data(data, file)
    if not file.is_file():
        raise inputs.no_file(file)
    bloc = load_bloc(folder)
    submission = read_one(FileReader.of(folder), file, bloc)
    if as_json:
        print_json({t: output.row_records(r) for t, r in submission.rows.items()})
    else:
        show.print_rows(submission)
    if submission.status == "unreadable":
        checked = [Checked(submission, {})]
        show.print_findings(checked, lang.value, bloc, stream=sys.stderr)
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
    from thidua_analysis.cli import show

    folder = inputs.find_data(data)
    result = built(folder, accept, reason, lang, quiet=as_json)
    if as_json:
        print_json({**result.manifest, "not_read": result.not_read})
    else:
        show.print_build(result, folder, lang.value)
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
    from thidua_analysis.cli import show
    from thidua_analysis.exchange import late
    from thidua_analysis.publish.report import report as make_report
    from thidua_analysis.publish.report import report_years

    folder = inputs.find_data(data)
    done = built(folder, accept, reason, lang, until=year)
    show.print_build(done, folder, lang.value)
    failed = False
    for one in report_years(folder, year, every_year):
        with show.steps(lang.value, one) as advance:
            result = make_report(folder, one, out, progress=advance)
        show.print_report(result, one, lang.value)
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
    from thidua_analysis import pipeline
    from thidua_analysis.claims import claims
    from thidua_analysis.claims import percentages as printed_pairs
    from thidua_analysis.cli import show

    if pairs is not None:
        frame = printed_pairs.verify_pairs(pairs, lang.value)
        wrong = False
    else:
        frame = claims.verify(pipeline.load(inputs.find_data(data), lang.value))
        wrong = bool((frame["verdict"] == "does-not-follow").any())
    if as_json:
        print_json(show.records(frame, show.PAIR if pairs is not None else None))
    elif pairs is not None:
        show.print_pairs(frame)
    else:
        show.print_claims(frame, lang.value)
    raise typer.Exit(int(wrong))


@app.command()
def figures(
    year: Year,
    as_json: Json = False,
    lang: Language = Lang.vi,
    data: Data = None,
) -> None:
    """Liệt kê mọi con số của các báo cáo trong năm, kèm mã để truy nguồn bằng lệnh trace."""
    from thidua_analysis import pipeline
    from thidua_analysis.cli import show
    from thidua_analysis.lineage import register

    found = register.figures(pipeline.load(inputs.find_data(data), lang.value), year)
    if as_json:
        print_json([show.figure_record(figure) for figure in found])
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
    from thidua_analysis import pipeline
    from thidua_analysis.cli import show
    from thidua_analysis.lineage import drawn, tracing

    folder = inputs.find_data(data)
    if cell is None and inputs.is_submission(Path(what)):
        raise UsageError("trace-needs-cell", file=what)
    ds = pipeline.load(folder, lang.value)
    if cell is None:
        cells = show.records(tracing.trace(what, ds), show.CELL)
        record: dict[str, Any] = {"figure": what, "cells": cells}
    else:
        sheet, _, address = cell.rpartition("!")
        name = inputs.below_raw(Path(what), folder)
        if not (folder / "raw" / name).is_file():
            raise UsageError("trace-no-file", file=what)
        if not sheet:
            raise UsageError("trace-no-sheet", cell=cell)
        fed = [show.figure_record(f) for f in tracing.feeds(ds, name, sheet, address)]
        charts = drawn.feeds(ds, folder.resolve().parent / "notebooks", name, sheet, address)
        record = {"file": name, "cell": cell, "figures": fed, "charts": charts}
    if as_json:
        print_json(record)
    else:
        show.print_trace(record, lang.value)


exchange_commands.register(app)
register(app)


if __name__ == "__main__":
    main()
