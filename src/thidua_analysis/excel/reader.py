"""Read a file of a member: bytes become a workbook, or findings that say why not."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZipFile

from thidua_analysis.excel.cells import Sheet, Workbook, column_letters
from thidua_analysis.excel.display import as_seen
from thidua_analysis.excel.gate import Package, admit, remarks
from thidua_analysis.excel.limits import LIMITS, Limits, Refusal, damaged, listed
from thidua_analysis.excel.visible import visible
from thidua_analysis.excel.xlsx import read_xlsx
from thidua_analysis.findings import Finding, finding

#: Parts of an .xlsb package that are read.
_BINARY = (".bin", ".rels", "[content_types].xml")


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
    """

    workbook: Workbook | None
    findings: tuple[Finding, ...]
    sha256: str
    kind: str


def read(data: bytes, name: str, limits: Limits = LIMITS) -> Reading:
    """Read a spreadsheet of any kind as sent, under the name that it has.

    Problems of the file are findings; no exception leaves this function, except when the user
    interrupts the program.
    """
    found: list[Finding] = []
    workbook, kind = None, ""
    try:
        package = admit(data, limits)
        kind = package.kind
        found += remarks(package, name)
        stored = _stored(package, data, limits)
        found += _remarks_on(stored)
        covered: list[Finding] = []
        for sheet in stored.sheets:
            as_seen(sheet)
            covered += visible(sheet, limits.cells)
        workbook = stored
        found += [*_hidden(workbook), *covered]
    except Refusal as refusal:
        kind = kind or refusal.params.get("kind", "")
        found.append(refusal.finding())
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        found.append(finding("reader-failed", params={"what": type(error).__name__}))
    return Reading(workbook, tuple(found), hashlib.sha256(data).hexdigest(), kind)


def _stored(package: Package, data: bytes, limits: Limits) -> Workbook:
    """Read what passed the gate, as the file stores it."""
    if package.kind in ("xlsx", "xlsm"):
        return read_xlsx(package.parts, limits)
    # each of these takes modules that most files never need
    if package.kind == "ods":
        from thidua_analysis.excel.ods import read_ods

        styles = package.parts.get("styles.xml", b"")
        return read_ods(package.parts["content.xml"], styles, limits)
    from thidua_analysis.excel.worker import read_isolated

    data = _packed(package) if package.kind == "xlsb" else data
    return read_isolated(package.kind, data, limits)


def _packed(package: Package) -> bytes:
    """Pack parts anew: what was checked, and no second directory or name that a file may hide."""
    packed = BytesIO()
    with ZipFile(packed, "w") as container:
        for name, part in package.parts.items():
            if name.endswith(_BINARY):
                container.writestr(name, part)
    return packed.getvalue()


def _remarks_on(workbook: Workbook) -> Iterator[Finding]:
    """Remark on how a workbook was read; refuse two sheets of one name, as Excel does.

    Nobody could say which of them is meant.
    """
    if workbook.links:
        yield finding("external-links", params={"what": listed(workbook.links)})
    if not workbook.has_facts:
        # error cells look blank then: more than a note
        yield finding("reader-fallback", severity="warning")
    names: dict[str, str] = {}
    for sheet in workbook.sheets:
        name = unicodedata.normalize("NFC", sheet.name).casefold()
        if name in names:
            raise damaged(f"“{names[name]}”, “{sheet.name}”", of="twins")
        names[name] = sheet.name


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
