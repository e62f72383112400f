"""The command `export`: files to send on, such as the official forms of a year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thidua_analysis import files
from thidua_analysis.cli_options import Accept, Data, Lang, Language, Reason, Year, accepting
from thidua_analysis.messages import text

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
    from thidua_analysis.publish.official import official_forms, write_forms

    folder = files.find_data(data)
    with accepting(folder, accept, reason, lang, until=year):
        ds = pipeline.load(folder, lang.value)
    target = (out or folder.resolve().parent / "reports" / str(year)) / FORMS
    forms = official_forms(ds, year)
    for form, path in zip(forms, write_forms(forms, target, lang.value), strict=True):
        wrong = len(form.mismatches)
        key = "official-written-mismatches" if wrong else "official-written"
        print(text(key, lang.value, path=path, n=wrong))
    raise typer.Exit(int(any(form.mismatches for form in forms)))
