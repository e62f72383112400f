"""Read a file of a member: bytes become a workbook, or findings that say why not."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from thidua_analysis.excel.archive import pack
from thidua_analysis.excel.cells import Sheet, Workbook, column_letters
from thidua_analysis.excel.display import as_seen
from thidua_analysis.excel.gate import Package, admit, remarks
from thidua_analysis.excel.limits import LIMITS, Limits
from thidua_analysis.excel.refusal import Refusal, damaged, listed
from thidua_analysis.excel.visible import visible
from thidua_analysis.excel.xlsx import read_xlsx
from thidua_analysis.findings import Finding, finding


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What became of a file.

    Parameters
    ----------
    workbook
        The workbook; None if and only if a finding says that the file cannot be read.
    findings
        Findings on the file as a whole.
    sha256
        Digest of the bytes as sent.
    kind
        What the file is, by its content: ``xlsx``, ``xlsm``, ``xlsb``, ``ods``, ``xls``, or the
        kind of file that was refused, as far as it is known.
    fallback
        Whether another than the usual reader gave the values.
    """

    workbook: Workbook | None
    findings: tuple[Finding, ...]
    sha256: str
    kind: str
    fallback: bool = False


def read(data: bytes, name: str, limits: Limits = LIMITS) -> Reading:
    """Read a spreadsheet of any kind.

    Parameters
    ----------
    data
        The file as sent; nothing in it is trusted.
    name
        Name under which it was sent; only its extension is looked at.
    limits
        What the file may ask of this machine.

    Returns
    -------
    Reading
        Problems of the file are findings in it; no exception leaves this function, except when
        the user interrupts the program.
    """
    found: list[Finding] = []
    workbook, kind = None, ""
    try:
        package = admit(data, limits)
        kind = package.kind
        found += remarks(package, name)
        book, how = _read(package, data, limits)
        _refuse_twins(book)
        covered: list[Finding] = []
        for sheet in book.sheets:
            as_seen(sheet)
            covered += visible(sheet, limits.cells)
        workbook = book
        found += [*how, *_hidden(workbook), *covered]
    except Refusal as refusal:
        kind = kind or refusal.params.get("kind", "")
        found.append(refusal.finding())
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        found.append(finding("reader-failed", params={"what": type(error).__name__}))
    fallback = any(remark.code == "reader-fallback" for remark in found)
    return Reading(workbook, tuple(found), hashlib.sha256(data).hexdigest(), kind, fallback)


def _read(package: Package, data: bytes, limits: Limits) -> tuple[Workbook, list[Finding]]:
    """Read what passed the gate, with remarks on how it was read."""
    if package.kind in ("xlsx", "xlsm"):
        return read_xlsx(package, limits), []
    book = _read_other(package, data, limits)
    found = []
    if book.links:
        found.append(finding("external-links", params={"what": listed(book.links)}))
    if not book.has_facts:
        # error cells look blank then: more than a note
        found.append(finding("reader-fallback", severity="warning"))
    return book, found


def _read_other(package: Package, data: bytes, limits: Limits) -> Workbook:
    # each of these takes modules that most files never need
    if package.kind == "ods":
        from thidua_analysis.excel.ods import read_ods

        styles = package.parts.get("styles.xml", b"")
        return read_ods(package.parts["content.xml"], styles, limits)
    from thidua_analysis.excel.worker import read_isolated

    if package.kind == "xlsb":
        needed = {n: [part] for n, part in package.parts.items() if n.endswith(_BINARY)}
        data = pack(needed)
    return read_isolated(package.kind, data, limits)


def _refuse_twins(workbook: Workbook) -> None:
    """Refuse two sheets of one name, as Excel does: nobody could say which of them is meant."""
    names: dict[str, str] = {}
    for sheet in workbook.sheets:
        name = unicodedata.normalize("NFC", sheet.name).casefold()
        if name in names:
            both = f"“{names[name]}”, “{sheet.name}”"
            raise damaged(both, of="twins")
        names[name] = sheet.name


#: Parts of an .xlsb package that are read.
_BINARY = (".bin", ".rels", "[content_types].xml")


def _hidden(workbook: Workbook) -> Iterator[Finding]:
    """Remark on what the sender may not know to be in the file, in one finding."""
    places = [place for sheet in workbook.sheets for place in _hidden_places(sheet)]
    if places:
        yield finding("hidden-data", params={"what": listed(places, "; ")})


def _hidden_places(sheet: Sheet) -> Iterator[str]:
    """Yield hidden places that hold something, as ``sheet``, ``sheet!5:7`` or ``sheet!C:C``."""
    if not (sheet.hidden or sheet.hidden_rows or sheet.hidden_columns):
        return
    filled = {(cell.row, cell.column) for cell in sheet.filled()}
    # what shows as an error or waits to be computed has no value, and is there all the same
    filled |= sheet.errors.keys() | sheet.uncalculated
    if sheet.hidden:
        yield from [sheet.name] if filled else []
        return
    for first, last in _spans(sheet.hidden_rows.intersection(row for row, _ in filled)):
        yield f"{sheet.name}!{first}:{last}"
    for first, last in _spans(sheet.hidden_columns.intersection(column for _, column in filled)):
        yield f"{sheet.name}!{column_letters(first)}:{column_letters(last)}"


def _spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Join neighbours: 3, 4, 7 are (3, 4) and (7, 7)."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = spans[-1][0], number
        else:
            spans.append((number, number))
    return spans
