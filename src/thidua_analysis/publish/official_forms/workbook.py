"""One workbook per form: the printed layout, the same figures as a plain table, the notes."""

from __future__ import annotations

import datetime as dt
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from thidua_analysis.errors import UsageError
from thidua_analysis.publish.official_forms import plain, printed
from thidua_analysis.publish.official_forms.filled import Filled
from thidua_analysis.vietnamese.display import Lang

#: Text from submissions stays text, whatever it begins with.
_OPTIONS = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
#: The same data give the same bytes: no time of writing.
_NO_TIME = dt.datetime(1980, 1, 1)


def write(form: Filled, folder: Path, lang: Lang) -> Path:
    """Write a form as ``0603N-2023.xlsx``.

    Parameters
    ----------
    form
        The filled form.
    folder
        Where to write; made if it is missing.
    lang
        Language of the texts that are not the form's own.

    Raises
    ------
    UsageError
        If the file cannot be written, for instance because it is open in Excel.
    """
    path = folder / f"{form.layout.file}-{form.year}.xlsx"
    content = BytesIO()
    book = xlsxwriter.Workbook(content, _OPTIONS)
    _fill(book, form, lang)
    book.close()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, content.getvalue())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError("official-not-written", path=str(path), why=why) from error
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that at every moment the old or the new one is there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _fill(book: Any, form: Filled, lang: Lang) -> None:
    title = f"{form.layout.title} – {form.year}"
    book.set_properties({"title": title, "author": form.unit, "created": _NO_TIME})
    book.set_custom_property("Language", "vi-VN" if lang == "vi" else "en-GB")
    printed.add(book, form, lang)
    plain.add(book, form, lang)
