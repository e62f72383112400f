"""Options that the commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
