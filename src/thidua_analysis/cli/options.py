"""What the commands share: options, JSON or text, wrong calls, published years."""

from __future__ import annotations

import errno
import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thidua_analysis.errors import UsageError
from thidua_analysis.messages import text
from thidua_analysis.store import inputs
from thidua_analysis.vietnamese.display import Lang

if TYPE_CHECKING:
    from thidua_analysis.form.bloc import Bloc
    from thidua_analysis.pipeline import BuildResult

#: Kind of wrong call, as the parser of the command line names it → key of the message.
_KINDS = {
    "MissingParameter": "usage-missing",
    "NoSuchOption": "usage-option",
    "BadParameter": "usage-value",
    "BadOptionUsage": "usage-needs-value",
}
#: Why the system refuses a file although the program is right: locked, not allowed, disk full.
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EBUSY})

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Thư mục dữ liệu (mặc định: data).")
]
Language = Annotated[Lang, typer.Option("--lang", help="Ngôn ngữ của thông báo.")]
Json = Annotated[bool, typer.Option("--json", help="In JSON cho chương trình khác đọc.")]
Year = Annotated[int, typer.Option("--year", help="Năm báo cáo.")]
File = Annotated[Path, typer.Argument(help="Một tệp.", metavar="FILE", readable=False)]
Accept = Annotated[
    bool, typer.Option("--accept", help="Chấp nhận thay đổi muộn cho năm đã công bố; cần --reason.")
]
Reason = Annotated[str, typer.Option("--reason", help="Lý do chấp nhận.")]


def explained(error: BaseException, lang: Lang) -> str | None:
    """Return what is wrong with a call, or why the system refuses a file; None for all else."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return _wrong_call(error, lang)
    if isinstance(error, OSError) and error.errno in _REFUSED:
        path = error.filename2 or error.filename or "?"
        return text("file-refused", lang, path=path, why=error.strerror or type(error).__name__)
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
    return f"{text(key, lang, name=name or '?', why=said)} {help_}"


def opened(data: Path | None, near: Path | None = None) -> tuple[Path, Bloc]:
    """Return the data folder and who reports there."""
    from thidua_analysis.form.bloc import load_bloc

    folder = inputs.find_data(data, near)
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


def built(
    folder: Path, accept: bool, reason: str, lang: Lang, until: int | None = None, *, quiet: bool
) -> BuildResult:
    """Build, unless published years up to one have changed and nobody accepts it."""
    from thidua_analysis import pipeline
    from thidua_analysis.cli import show

    with (
        accepting(folder, accept, reason, lang, until, quiet=quiet),
        show.progress(len(pipeline.raw_files(folder)), quiet=quiet) as advance,
    ):
        return pipeline.build(folder, progress=advance)


@contextmanager
def accepting(
    folder: Path, accept: bool, reason: str, lang: Lang, until: int | None, *, quiet: bool = False
) -> Iterator[None]:
    """Refuse late changes of published years up to one, or record them once all went well."""
    from thidua_analysis.exchange import late

    accept = reasoned(accept, reason)
    changes = late.late_changes(folder, until)
    if not accept:
        late.refuse(changes)
    yield
    late.accept(folder, changes, reason)
    if changes and not quiet:
        print(text("late-accepted", lang, files=", ".join(one.file for one in changes)))
