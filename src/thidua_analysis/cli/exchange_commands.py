"""Commands of the exchange with members and of the pack; what building and reporting share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from thidua_analysis import pipeline
from thidua_analysis.cli import show, show_exchange
from thidua_analysis.cli.show import (
    Accept,
    Data,
    File,
    Json,
    Language,
    Reason,
    Year,
    opened,
    reasoned,
    tell,
)
from thidua_analysis.form.config import blocs_in, raw_of, reports_of
from thidua_analysis.messages import speaking, text
from thidua_analysis.pipeline import BuildResult, read_one
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.submission import Submission
    from thidua_analysis.vietnamese.display import Lang

Member = Annotated[
    str | None, typer.Option("--member", metavar="ID", help="Chỉ một đơn vị (mã trong bloc.toml).")
]
#: Parts of the conference pack.
What = Literal["charts", "slides", "tables", "forms", "document", "all"]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Nơi ghi.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (template, add, withdraw, status, feedback, diff, export):
        app.command()(command)
    app.command("new-year")(new_year)
    app.command("map")(map_headings)


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
    folder: Path, years: Sequence[int], target: Path, code: bool, why: bool, lang: Lang
) -> bool:
    """Make the reports of some years as far as they have changed; return whether one failed."""
    from thidua_analysis.exchange import late
    from thidua_analysis.store import made

    failed = False
    for year in years:
        told = made.sources(folder.resolve(), target, year, code=code, lang=lang)
        with speaking(lang):
            reasons = made.changes(target / str(year), told)
        if not reasons:
            charts = made.read(target / str(year))["told"]["charts"]
            show_exchange.print_kept(target / str(year), charts, year, lang)
        else:
            if why:
                print(text("report-why", lang, year=year, why="; ".join(reasons)))
            failed = _reported(folder, year, target, code, lang) or failed
        if not failed:
            late.hold(folder, [year])
    return failed


def _reported(folder: Path, year: int, out: Path, code: bool, lang: Lang) -> bool:
    """Make the report of a year and return whether a notebook failed."""
    from thidua_analysis.publish.report import report as make_report

    # the number of steps is known with the first of them
    with show.progress(99, words=text("report-running", lang, year=year)) as advance:
        result = make_report(
            folder, year, out, code=code, lang=lang, progress=advance or (lambda *_: None)
        )
    show.print_report(result, year, lang)
    return bool(result.failed)


def template(
    year: Year,
    member: Member = None,
    out: Out = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Tạo mẫu báo cáo .xlsx cho từng đơn vị và cho khối, điền sẵn chỉ tiêu, tiêu chí năm trước. Ghi vào reports/<năm>/mau-bao-cao. Mã thoát 0, 2 gọi sai."""  # noqa: E501
    from thidua_analysis.exchange.template import templates

    folder, bloc = opened(data)
    with _progress(bloc, quiet=as_json) as advance:
        written = templates(folder, year, member, out=out, progress=advance)
    tell(as_json, lambda: {"templates": written}, lambda: print(*written, sep="\n"))


def add(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Tệp nhận được, hoặc thư mục.", metavar="FILE...", readable=False),
    ],
    year: Annotated[
        int | None, typer.Option("--year", help="Năm báo cáo, nếu tệp không ghi.")
    ] = None,
    on: Annotated[
        dt.datetime | None,
        typer.Option(
            "--on", formats=["%Y-%m-%d", "%d/%m/%Y"], help="Ngày nhận (mặc định: hôm nay)."
        ),
    ] = None,
    accept: Accept = False,
    reason: Reason = "",
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Chép tệp nhận được vào data/raw/<năm>, không đè tệp nào, ghi ngày nhận, rồi kiểm tra. Mã thoát như lệnh check: 0 không lỗi, 1 có lỗi, 3 có tệp không đọc được, 2 gọi sai hoặc năm đã công bố mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.exchange import intake

    folder, bloc = opened(data)
    day = on.date() if on else None
    done = intake.add(folder, paths, year, on=day, accept=reasoned(accept, reason), reason=reason)
    tell(
        as_json,
        lambda: {"files": [show_exchange.added_record(one, lang) for one in done]},
        lambda: show_exchange.print_added(done, bloc, lang),
    )
    raise typer.Exit(show.exit_code(one.checked for one in done if one.checked))


def withdraw(
    file: Annotated[
        Path, typer.Argument(help="Tệp trong data/raw.", metavar="FILE", readable=False)
    ],
    reason: Annotated[str, typer.Option("--reason", help="Lý do.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Tính lại tệp đã rút.")] = False,
    accept: Accept = False,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Rút một tệp khỏi số liệu (tệp vẫn giữ, ghi vào data/raw/withdrawn.toml kèm lý do), hoặc tính lại bằng --undo. Mã thoát 0, 2 gọi sai hoặc năm đã công bố mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.exchange import intake

    folder, _ = opened(data)
    done = intake.withdraw(folder, file, reason, undo=undo, accept=accept)
    key = "withdraw-undone" if done.undone else "withdraw-done"
    tell(
        as_json,
        lambda: done.model_dump(mode="json"),
        lambda: print(text(key, lang, file=done.file, reason=done.reason)),
    )


def status(
    year: Annotated[
        int | None, typer.Option("--year", help="Năm báo cáo (mặc định: mọi năm).")
    ] = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Bảng ai đã gửi, còn thiếu trang nào, muộn, lần gửi thứ mấy, bao nhiêu lỗi. Mã thoát 0, 2 gọi sai."""  # noqa: E501
    from thidua_analysis.exchange import intake

    folder, bloc = opened(data)
    board = intake.status(folder, year)
    tell(
        as_json,
        lambda: board.records(lang),
        lambda: show_exchange.print_board(board, bloc, lang),
    )


def feedback(
    year: Year,
    member: Member = None,
    out: Out = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Tạo bản sao <tên>-can-sua.xlsx đánh dấu ô cần sửa và trang HTML cho từng đơn vị. Ghi vào reports/<năm>/gui-lai. Mã thoát 0, 2 gọi sai."""  # noqa: E501
    from thidua_analysis.exchange.feedback import feedback as answer

    folder, bloc = opened(data)
    with _progress(bloc, quiet=as_json) as advance:
        done = answer(folder, year, member, out=out, lang=lang, progress=advance)
    tell(
        as_json,
        lambda: show_exchange.feedback_record(done),
        lambda: show_exchange.print_feedback(done, lang),
    )


def diff(
    first: Annotated[Path, typer.Argument(help="Lần gửi trước.", metavar="FILE", readable=False)],
    second: Annotated[Path, typer.Argument(help="Lần gửi sau.", metavar="FILE", readable=False)],
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """So hai lần gửi của một đơn vị: ô thay đổi, dòng thêm bớt, con số và biểu đồ thay đổi theo. Mã thoát 0 không khác, 1 có khác, 3 có tệp không đọc được, 2 gọi sai."""  # noqa: E501
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
    raise typer.Exit(int(not found.is_empty))


def new_year(
    year: Annotated[int, typer.Argument(help="Năm mới.", metavar="YEAR")],
    out: Out = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Chuẩn bị một năm mới: thư mục, mẫu báo cáo, danh sách việc, đề xuất từ các năm trước. Không sửa tệp đã có. Mã thoát 0, 2 gọi sai."""  # noqa: E501
    from thidua_analysis.exchange import year_start

    folder, bloc = opened(data)
    with _progress(bloc, quiet=as_json) as advance:
        done = year_start.new_year(folder, year, out=out, lang=lang, progress=advance)
    tell(
        as_json,
        lambda: asdict(done),
        lambda: show_exchange.print_year(done, year, bloc, lang),
    )


def map_headings(
    file: File,
    confirm: Annotated[
        list[str] | None,
        typer.Option(
            "--confirm", metavar="SHEET!CELL=FIELD",
            help="Ghi nhớ nghĩa của một tiêu đề của đơn vị này; dùng được nhiều lần.",
        ),
    ] = None,
    as_json: Json = False,
    lang: Language = "vi",
    data: Data = None,
) -> None:  # fmt: skip
    """Đề xuất dòng TOML cho tiêu đề cột chưa có trong biểu; người dùng xem rồi tự chép vào biểu, hoặc xác nhận riêng cho đơn vị bằng --confirm. Mã thoát 0, 3 tệp không đọc được, 2 gọi sai."""  # noqa: E501
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
    lang: Language = "vi",
    data: Data = None,
) -> None:
    """Ghi bộ tài liệu hội nghị: biểu đồ, trang trình chiếu, bảng số liệu, các biểu 0601.N, 0602.N, 0603.N, văn bản. Mã thoát 0, 1 khi có dòng cột không khớp, thiếu thư viện hay sổ tay lỗi, 2 gọi sai hoặc tệp của năm đã công bố thay đổi mà thiếu --accept."""  # noqa: E501
    from thidua_analysis.publish import pack

    folder = inputs.find_data(data)
    with accepting(folder, accept, reason, lang, year):
        ds = pipeline.load(folder, lang)
    with show.progress(99, words=text("export-running", lang, year=year)) as advance:
        target = out or reports_of(folder, lang) / str(year) / pack.FOLDER
        done = pack.export(ds, year, what, target, progress=advance or (lambda *_: None))
    show_exchange.print_pack(done, year, lang)
    raise typer.Exit(int(bool(done.mismatches or done.failed or done.missing)))
