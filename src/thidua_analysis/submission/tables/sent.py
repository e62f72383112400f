"""Which tables of the form were sent: a sheet that is missing, or without its headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from thidua_analysis.excel import Cell, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Form
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.identity.identify import Identity
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.submission.text.signs import says_nothing
from thidua_analysis.vietnamese.text import key


def table_findings(
    form: Form,
    identity: Identity,
    parts: Mapping[str, Sequence[Extract]],
    texts: Mapping[str, SheetTexts],
) -> Iterator[Finding]:
    """Findings on the sheets of the form that were not sent, or not as tables.

    A sheet that bears the table's name and is blank, or says that there is nothing to report, was
    sent.

    Parameters
    ----------
    form
        The form.
    identity
        Where it is said who reports: `Thông tin` is a sheet of the form as well.
    parts
        Tables as read, by table.
    texts
        The visible sheets by name.
    """
    if identity.sheet is None:
        named = [t for name, t in texts.items() if key(name) == key(form.info.sheet)]
        labels = [f.heading for f in form.info.fields]
        filled = [one for sheet in named for one in _without_headings(labels, sheet, "label")]
        yield from filled or [finding("table-missing", params={"table": form.info.sheet})]
    # a sheet with another table of the form is no blank one of its own name
    used = {part.sheet.name for found in parts.values() for part in found}
    for table in form.tables:
        ids = {table.id, *(t.id for t in form.tables if t.adds_up_to == table.id)}
        if ids & parts.keys():
            continue
        named = [
            t for name, t in texts.items() if key(name) == table.sheet_key and name not in used
        ]
        for sheet in named:
            fields = table.by_name
            yield from _without_headings([fields[name].heading for name in table.expected], sheet)
        if not named and not table.optional:
            yield finding("table-missing", params={"table": table.sheet})


def _without_headings(
    headings: Iterable[str], texts: SheetTexts, of: str = "table"
) -> Iterator[Finding]:
    filled = list(texts.sheet.filled())
    if not filled or any(says_nothing(_text(texts, cell)) for cell in filled):
        return
    yield finding(
        "heading-missing",
        sheet=texts.sheet.name,
        cell=address(filled[0].row, filled[0].column),
        heading="; ".join(headings),
        params={"of": of},
    )


def _text(texts: SheetTexts, cell: Cell) -> str:
    return texts.shown(cell.row, cell.column)
