"""The command `thidua`: options, exit codes, printing; no logic of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from thidua_analysis import parallel, pipeline
from thidua_analysis.cli import calling, exchange_commands, show, show_exchange
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
from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import blocs_in, notebooks_of, raw_of, reports_of
from thidua_analysis.messages import text
from thidua_analysis.parallel import Engine
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader
from thidua_analysis.submission.rows import row_records

if TYPE_CHECKING:
    from thidua_analysis.publish.pack import Exported

#: Parts of the conference pack.
What = Literal["charts", "slides", "tables", "forms", "document", "all"]

app = typer.Typer(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
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
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Chỉ in lỗi; kết quả xem ở mã thoát.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="In thêm thời gian chạy; lỗi ngoài dự kiến in đầy đủ.")
    ] = False,
) -> None:
    """Đọc, kiểm tra và báo cáo số liệu thi đua, khen thưởng của các đơn vị trong khối."""
    # the language before the command is that of the command, unless it is given there too
    commands = getattr(context.command, "commands", {})
    context.default_map = {name: {"lang": lang} for name in commands}
    if context.invoked_subcommand is None:
        show_exchange.print_next(lang)


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
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Đọc số liệu, chạy các sổ tay, ghi reports/<năm>/. Không có --year: năm mới nhất. Mã thoát 0, 1 khi có sổ tay lỗi, 3 khi có tệp không đọc được, 2 gọi sai hoặc tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.store import made

    folder = inputs.find_data(data)
    done = exchange_commands.built(folder, accept, reason, lang, year, quiet=as_json)
    if not as_json:
        show.print_build(done, folder, lang)
    years, homes = made.years_of(done.manifest, year, every_year), blocs_in(folder)
    told: dict[str, Any] = {"reports": [], "blocs": {}}
    if out and lang != "vi":
        out = out / lang  # beside the Vietnamese ones, never over them
    for home in homes if each_bloc else ():
        if not as_json:
            print(home.name)
        own = sorted(made.years_built(home).intersection(years))
        target = out / home.name if out else reports_of(home, lang)
        told["blocs"][home.name] = exchange_commands.reports(
            home, own, target, code, why, lang, quiet=as_json
        )
    told["reports"] = exchange_commands.reports(
        folder, years, out or reports_of(folder, lang), code, why, lang, quiet=as_json
    )

    def point_to_blocs() -> None:
        if homes and not each_bloc:
            print(text("report-blocs", lang, n=len(homes)))

    tell(as_json, lambda: told, point_to_blocs)
    failed = any(
        one["failed"] for each in (told["reports"], *told["blocs"].values()) for one in each
    )
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


@app.command()
def export(
    year: Year,
    what: Annotated[
        What, typer.Option("--what", help="Phần cần xuất (mặc định: tất cả).", show_default=False)
    ] = "all",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Nơi ghi (mặc định: reports/<năm>/hoi-nghi)."),
    ] = None,
    accept: Accept = False,
    reason: Reason = "",
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Ghi bộ tài liệu hội nghị: biểu đồ, trang trình chiếu, bảng số liệu, các biểu 0601.N, 0602.N, 0603.N, văn bản. Mã thoát 0, 1 khi có dòng cột không khớp, thiếu thư viện hay sổ tay lỗi, 2 gọi sai hoặc tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.publish import pack

    folder = inputs.find_data(data)
    with exchange_commands.accepting(folder, accept, reason, lang, year, quiet=as_json):
        ds = pipeline.load(folder, lang)
    words = text("export-running", lang, year=year)
    with show.progress(99, words=words, quiet=as_json) as advance:
        target = out or reports_of(folder, lang) / str(year) / pack.FOLDER
        done = pack.export(ds, year, what, target, progress=advance or (lambda *_: None))
    tell(as_json, lambda: _of_pack(done), lambda: show_exchange.print_pack(done, year, lang))
    raise typer.Exit(int(bool(done.mismatches or done.failed or done.missing)))


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
