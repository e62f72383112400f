"""Commands of the exchange with members and of the pack; what building and reporting share."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import blocs_in, raw_of
from thidua_analysis.messages import speaking, text
from thidua_analysis.pipeline import BuildResult, read_one
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import FileReader

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.submission import Submission
    from thidua_analysis.vietnamese.display import Lang

Member = Annotated[
    str | None, typer.Option("--member", metavar="ID", help="Chỉ một đơn vị (mã trong bloc.toml).")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Nơi ghi.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (template, add, withdraw, status, feedback, diff):
        app.command()(command)
    app.command("new-year")(new_year)
    app.command("init")(init)
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
    folder: Path,
    years: Sequence[int],
    target: Path,
    code: bool,
    why: bool,
    lang: Lang,
    *,
    quiet: bool = False,
) -> list[dict[str, Any]]:
    """Make the reports of some years as far as they have changed; return what is told of each."""
    from thidua_analysis.exchange import late
    from thidua_analysis.store import made

    done: list[dict[str, Any]] = []
    for year in years:
        home = target / str(year)
        sources = made.sources(folder.resolve(), target, year, code=code, lang=lang)
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
            told |= _reported(folder, year, target, code, lang, quiet=quiet)
        done.append(told)
        if not any(one["failed"] for one in done):
            late.hold(folder, [year])
    return done


def _reported(
    folder: Path, year: int, out: Path, code: bool, lang: Lang, *, quiet: bool
) -> dict[str, Any]:
    """Make the report of a year and return what is told of it."""
    from thidua_analysis.publish.report import report as make_report

    # the number of steps is known with the first of them
    words = text("report-running", lang, year=year)
    with show.progress(99, words=words, quiet=quiet) as advance:
        step = advance or (lambda *_: None)
        result = make_report(folder, year, out, code=code, lang=lang, progress=step)
    if not quiet:
        show.print_report(result, year, lang)
    failed = [asdict(failure) for failure in result.failed]
    return {"pages": result.pages, "charts": result.charts, "failed": failed}


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


def init(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới của khối.", metavar="DIR")],
    name: Annotated[str | None, typer.Option("--name", help="Tên khối thi đua.")] = None,
    province: Annotated[str | None, typer.Option("--province", help="Tên tỉnh.")] = None,
    member: Annotated[
        list[str] | None,
        typer.Option(
            "--member",
            metavar="TÊN=TÊN_NGẮN",
            help="Một đơn vị (ghi nhiều lần); không ghi: sáu tổ chức của tỉnh.",
        ),
    ] = None,
    lang: Language = "vi",
) -> None:
    """Tạo thư mục làm việc cho một khối: data/raw/bloc.toml, sổ tay. Không đè tệp đã có. Mã thoát 0, 2 gọi sai."""  # noqa: E501
    from thidua_analysis.exchange.year_start import lay_out

    asked = {"province": province, "name": name}
    for key, given in asked.items():
        if not given and not sys.stdin.isatty():
            raise UsageError("init-needs", option=f"--{key}")
        asked[key] = given or typer.prompt(text(f"init-{key}", lang))
    pairs = [(one.partition("=")[0].strip(), one.partition("=")[2].strip()) for one in member or ()]
    for one, (full, short) in zip(member or (), pairs, strict=True):
        if not full or not short:
            raise UsageError("init-member", given=one)
    done = lay_out(folder, asked["name"] or "", asked["province"] or "", pairs)
    print(text("init-done", lang, folder=folder, n=len(done.made)))
    for place in done.kept:
        print(text("init-kept", lang, file=folder / place))
    print(text("init-next", lang, folder=folder))


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
