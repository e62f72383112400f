"""`…-can-sua.xlsx`: the copy of a sender's file that shows what to mend, and where."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Limits
from thidua_analysis.exchange.answer import said
from thidua_analysis.exchange.marks import Mark, UnmarkableError, mark, threaded
from thidua_analysis.exchange.marks.listing import Listing
from thidua_analysis.findings import Finding
from thidua_analysis.form import current
from thidua_analysis.messages import text
from thidua_analysis.submission.own_sheets import name_of_list
from thidua_analysis.vietnamese.display import Lang

#: How a copy was made: the sender's own package, a copy of its values, or the list alone.
How = Literal["marked", "converted", "list"]
SUFFIX = "-can-sua"
_OWN_KINDS = ("xlsx", "xlsm")


def write_marked_copy(
    source: Path,
    target: Path,
    findings: Sequence[Finding],
    fixed: Iterable[Finding] = (),
    *,
    revision: int = 1,
    limits: Limits = LIMITS,
    lang: Lang = "vi",
) -> tuple[Path, How]:
    """Write a copy of a file in which every finding is marked.

    Parameters
    ----------
    source
        The file as sent; it is only read.
    target
        Where the copy goes; its ending follows what the file is.
    findings
        What was found in it.
    fixed
        What was put right since the file before.
    revision
        The revision of the file.
    limits
        Limits of the reader.
    lang
        Language of the words.

    Returns
    -------
    tuple
        The file written, and how it was made.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    data = source.read_bytes()
    reading = excel.read(data, source.name, limits)

    # a cell with a thread of comments shows that alone
    unseen = threaded(data) if reading.workbook and reading.kind in _OWN_KINDS else frozenset()

    def listing(remark: str = "") -> Listing:
        return said.listing(
            findings,
            fixed,
            sheet=name_of_list(reading.workbook) if reading.workbook else current("unit").mending,
            remark=remark,
            unseen=unseen,
            revision=revision + 1,
            lang=lang,
        )

    listed = said.in_order(findings)[: said.MOST_LINES]
    marks = [_mark(one, lang) for one in listed if one.sheet and one.cell]
    if reading.workbook is None:
        remark = text("copy-list", lang, why=text("copy-why-unreadable", lang))
        return _list_alone(target, listing(remark))
    try:
        if reading.kind in _OWN_KINDS:
            return _written(
                target.with_suffix(f".{reading.kind}"), mark(data, marks, listing())
            ), "marked"
        remark = text("copy-converted", lang, kind=reading.kind)
        copy = _converted(reading.workbook)
        return _written(
            target.with_suffix(".xlsx"), mark(copy, marks, listing(remark))
        ), "converted"
    except UnmarkableError:
        remark = text("copy-list", lang, why=text("copy-why-structure", lang))
        return _list_alone(target, listing(remark))


def _mark(found: Finding, lang: Lang) -> Mark:
    return Mark(str(found.sheet), str(found.cell), found.severity, said.comment(found, lang))


def _converted(workbook: excel.Workbook) -> bytes:
    from thidua_analysis.exchange.answer.converted import write_copy

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.xlsx"
        write_copy(workbook, path)
        return path.read_bytes()


def _list_alone(target: Path, listing: Listing) -> tuple[Path, How]:
    """Write a workbook that holds nothing but the list."""
    from thidua_analysis.exchange.answer.list_book import write_list

    path = target.with_suffix(".xlsx")
    write_list(listing, path)
    return path, "list"


def _written(path: Path, content: bytes) -> Path:
    from thidua_analysis.errors import UsageError

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError("output-locked", path=str(path)) from error
    return path
