"""What the commands share: options, the build that respects published years, JSON."""

from __future__ import annotations

import errno
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thidua_analysis.errors import UsageError
from thidua_analysis.messages import text

if TYPE_CHECKING:
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


def is_wrong_call(error: BaseException) -> bool:
    """Whether the parser of the command line raised it."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def explained(error: Any, lang: str) -> str:
    """Return what is wrong with a call and where to see how it is made."""
    kind = type(error).__name__
    context = getattr(error, "ctx", None)
    if kind == "NoArgsIsHelpError":
        return str(error.message)
    said = str(error.message or error.format_message()).rstrip(".")
    option = getattr(error, "option_name", None)
    key = _KINDS.get(kind, "usage-command" if "command" in said else "usage-other")
    words = text(key, lang, name=option or _name(error), why=said)
    return f"{words} {text('usage-help', lang, command=_command(context))}"


def _name(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "?"
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name).rstrip(".")


def _command(context: Any) -> str:
    """Return the command as it is typed, whatever program started it."""
    parents = []
    while context is not None and context.parent is not None:
        parents.append(str(context.info_name))
        context = context.parent
    return " ".join(["thidua", *reversed(parents)])


def is_refused(error: BaseException) -> bool:
    """Whether the system refuses a file for a reason that the user can mend."""
    return isinstance(error, OSError) and error.errno in _REFUSED


def refused(error: Any, lang: str) -> str:
    """Return what is said where the system refuses to open, write or keep a file."""
    path = error.filename2 or error.filename or "?"
    return text("file-refused", lang, path=path, why=error.strerror or type(error).__name__)


class Lang(StrEnum):
    """Language of messages."""

    vi = "vi"
    en = "en"


Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Thư mục dữ liệu (mặc định: data).")
]
Language = Annotated[Lang, typer.Option("--lang", help="Ngôn ngữ của thông báo.")]
Json = Annotated[bool, typer.Option("--json", help="In JSON cho chương trình khác đọc.")]
Year = Annotated[int, typer.Option("--year", help="Năm báo cáo.")]
AnyYear = Annotated[int | None, typer.Option("--year", help="Năm báo cáo (mặc định: mọi năm).")]
Accept = Annotated[
    bool, typer.Option("--accept", help="Chấp nhận thay đổi muộn cho năm đã công bố; cần --reason.")
]
Reason = Annotated[str, typer.Option("--reason", help="Lý do chấp nhận.")]


def reasoned(accept: bool, reason: str) -> bool:
    """Whether late changes are accepted; nobody accepts one without saying why."""
    if accept and not reason.strip():
        raise UsageError("accept-without-reason")
    return accept


def print_json(record: Any) -> None:
    """Print a record for another program; paths and days as text, Decimals with all digits."""
    # the encoder writes no Decimal: it goes in as a text that nobody can have typed
    mark = secrets.token_hex(16)

    def other(value: object) -> str:
        return f"{mark}{value:f}{mark}" if isinstance(value, Decimal) else str(value)

    told = json.dumps(record, ensure_ascii=False, indent=1, default=other)
    print(re.sub(f'"{mark}([^"]*){mark}"', r"\1", told))


def built(
    folder: Path,
    accept: bool,
    reason: str,
    lang: Lang,
    *,
    until: int | None = None,
    quiet: bool = False,
) -> BuildResult:
    """Build, unless published years up to one have changed and nobody accepts it."""
    from thidua_analysis import pipeline
    from thidua_analysis.cli import show

    with (
        accepting(folder, accept, reason, lang, until=until, quiet=quiet),
        show.progress(len(pipeline.raw_files(folder)), quiet=quiet) as advance,
    ):
        return pipeline.build(folder, progress=advance)


@contextmanager
def accepting(
    folder: Path,
    accept: bool,
    reason: str,
    lang: Lang,
    *,
    until: int | None = None,
    quiet: bool = False,
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
        print(text("late-accepted", lang.value, files=", ".join(one.file for one in changes)))
