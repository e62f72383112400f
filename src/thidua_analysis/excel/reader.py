"""Read a file of a member: bytes become a workbook, or findings that say why not."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZipFile

from thidua_analysis.excel.cells import (
    Merge,
    Position,
    Sheet,
    Value,
    Workbook,
    address,
    column_letters,
    is_blank,
)
from thidua_analysis.excel.gate import Package, admit, remarks
from thidua_analysis.excel.limits import LIMITS, Limits, Refusal, damaged, listed
from thidua_analysis.excel.number_formats import as_seen
from thidua_analysis.excel.xlsx import read_xlsx
from thidua_analysis.findings import Finding, finding

#: Longer texts are no word for an error.
_LONGEST_WORD = 40
#: What error words begin with; all other texts are passed over.
_MAY_BE = re.compile(r"[\s=]*(?:[#＃]|err|l[oỗ]|đang t|calc)", re.IGNORECASE)
#: Words by which Excel, LibreOffice and Google Sheets show that a cell has no value.
_WORDS = re.compile(
    r"=?#(?:N/?A|NV|N/D|NAME|REF|DIV/0|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|UNKNOWN|CONNECT"
    r"|BUSY|EXTERNAL|PYTHON|TIMEOUT|ERROR|GETTING_DATA)[!?]?"
    r"|#{3,}|(?:err|lỗi): ?[0-9]{3}"
    r"|(?:loading|đang tải)(?: dữ liệu)?\.*|(?:calculating|đang tính)\.{2,}",
    re.IGNORECASE,
)
#: The same in the language of a program: "#TÊN?", "#WERT!", "#¿NOMBRE?".
_LOCAL_WORD = re.compile(r"=?#[¡¿]?[^\W\d_]{2,20}(?:[ _/][^\W\d_]{1,20})? ?[!?]")
#: Blanks, and signs of no width.
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
#: Cells under merged ranges of one sheet up to which each has a finding of its own.
_MOST_COVERED = 200


def visible(sheet: Sheet, most: int) -> list[Finding]:
    """Take out of a sheet what nobody sees, and say where it hides something.

    Values under merged ranges, which may cover so many cells together at ``most``, go to
    ``covered``; words for an error go to ``errors``. A covered cell that repeats what its range
    shows hides nothing and is not reported.
    """
    while sheet.rows and not any(map(_shows, sheet.rows[-1])):
        sheet.rows.pop()
    covered = dict(_covered(sheet, most)) if sheet.merges else {}
    hiding = {at: merge for at, merge in covered.items() if _hides(sheet, at, merge)}
    for row, column in covered:
        at, value = (row, column), sheet.value(row, column)
        sheet.covered[at] = sheet.errors.pop(at, None) or value
        sheet.uncalculated.discard(at)
        if value is not None:
            sheet.rows[row - 1][column - 1] = ""
    _mark_error_words(sheet)
    return [] if sheet.hidden else list(_findings(sheet.name, hiding))


def _shows(value: Value) -> bool:
    return not (is_blank(value) or (isinstance(value, str) and _UNSEEN.fullmatch(value)))


def _covered(sheet: Sheet, most: int) -> Iterator[tuple[Position, Merge]]:
    """Cells with content under merged ranges, but for the first cell of each."""
    # errors and formulas without result have no value, and may stand beside all values
    marked: dict[int, set[int]] = {}
    for row, column in sheet.errors.keys() | sheet.uncalculated:
        marked.setdefault(row, set()).add(column)
    last = max([len(sheet.rows), *marked])
    for merge in dict.fromkeys(sheet.merges):
        for row in range(merge.top, min(merge.bottom, last) + 1):
            cells = sheet.rows[row - 1] if row <= len(sheet.rows) else []
            columns = range(merge.left, min(merge.right, len(cells)) + 1)
            most -= max(1, len(columns) - 1)
            if most < 0:
                raise damaged(f"{sheet.name}!{address(merge.top, merge.left)}")
            filled = {column for column in columns if not is_blank(cells[column - 1])}
            beside = {c for c in marked.get(row, ()) if merge.left <= c <= merge.right}
            for column in sorted(filled | beside):
                if (row, column) != (merge.top, merge.left):
                    yield (row, column), merge


def _hides(sheet: Sheet, at: Position, merge: Merge) -> bool:
    """Whether a covered cell holds something else than its range shows."""
    first = merge.top, merge.left
    if at in sheet.uncalculated or at in sheet.errors:
        return sheet.errors.get(at) != sheet.errors.get(first) or at in sheet.uncalculated
    own, shown = sheet.value(*at), sheet.value(*first)
    if isinstance(own, str) and isinstance(shown, str):
        return own.split() != shown.split()
    return type(own) is not type(shown) or own != shown


def _findings(sheet: str, covered: dict[Position, Merge]) -> Iterator[Finding]:
    """Say of each covered cell where it is, never what it holds: it may be a person's name."""
    cells = {address(*at): merge for at, merge in covered.items()}
    said = {
        cell: f"{address(merge.top, merge.left)}:{address(merge.bottom, merge.right)}"
        for cell, merge in cells.items()
    }
    if len(cells) > _MOST_COVERED:
        said = {next(iter(cells)): listed(cells)}
    for cell, what in said.items():
        params = {"what": what, "of": "under-merge", "place": cell}
        yield finding("hidden-data", sheet=sheet, cell=cell, params=params)


def _mark_error_words(sheet: Sheet) -> None:
    values = set().union(*sheet.rows)
    texts = (value for value in values if isinstance(value, str))
    words = {text: error_word(text) for text in texts if _MAY_BE.match(text)}
    if not any(words.values()):
        return
    for row, cells in enumerate(sheet.rows, 1):
        for column, value in enumerate(cells, 1):
            if isinstance(value, str) and (word := words.get(value)):
                sheet.errors[row, column] = word
                cells[column - 1] = ""


def error_word(text: str) -> str | None:
    """Return the error that a text spells ("Err:502"), None if it is another text."""
    if len(text) > _LONGEST_WORD:
        return None
    word = " ".join(unicodedata.normalize("NFKC", text).split())
    local = word.isupper() and _LOCAL_WORD.fullmatch(word)
    return word if local or _WORDS.fullmatch(word) else None


#: Parts of an .xlsb package that are read.
_BINARY = (".bin", ".rels", "[content_types].xml")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What became of a file."""

    #: None if and only if a finding says that the file cannot be read
    workbook: Workbook | None
    #: on the file as a whole
    findings: tuple[Finding, ...]
    #: of the bytes as sent
    sha256: str
    #: what the file is by its content, also where it was refused, as far as it is known
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
