"""What the commands share: options, the build that respects published years, JSON."""

from __future__ import annotations

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
    """Whether late changes are accepted; nobody accepts one without saying why.

    Raises
    ------
    UsageError
        If they are accepted without a reason.
    """
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
    from thidua_analysis import pipeline, printing

    with (
        accepting(folder, accept, reason, lang, until=until, quiet=quiet),
        printing.progress(len(pipeline.raw_files(folder)), quiet=quiet) as advance,
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
    from thidua_analysis.exchange.receive import late

    accept = reasoned(accept, reason)
    changes = late.late_changes(folder, until)
    if not accept:
        late.refuse(changes)
    yield
    late.accept(folder, changes, reason)
    if changes and not quiet:
        print(text("late-accepted", lang.value, files=", ".join(one.file for one in changes)))
