"""Read a file of a member: the gate lets it pass or not, and its bytes become a workbook."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath
from zipfile import ZipFile

from thidua_analysis.excel.cells import (
    LIMITS,
    Limits,
    Merge,
    Position,
    Refusal,
    Sheet,
    Value,
    Workbook,
    address,
    column_letters,
    damaged,
    error_words,
    is_blank,
    listed,
    too_large,
)
from thidua_analysis.excel.number_formats import as_seen
from thidua_analysis.excel.package import compound_kind, main_part, members, relations, utf8
from thidua_analysis.excel.xlsx import read_xlsx
from thidua_analysis.findings import Finding, finding

_ZIP, _COMPOUND = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML_ENDINGS = (".xml", ".rels", ".vml")
#: Members that a reader needs; of all others only the size is of interest.
_KEPT_ENDINGS = (*_XML_ENDINGS, ".bin", "mimetype")
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_OOXML = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})
_EXTENSIONS = {
    "xlsx": _OOXML,
    "xlsm": _OOXML,
    "xlsb": frozenset({".xlsb"}),
    "ods": frozenset({".ods", ".ots"}),
    "xls": frozenset({".xls", ".xlt"}),
}
#: What people send by mistake, by its first bytes.
_MAGIC = (
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
)
_MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/|^basic/.+/|^scripts/.+/")
_LINKS = re.compile(r"^xl/externallinks/[^/]+\.(?:xml|bin)$|^xl/connections\.|^xl/embeddings/")


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """A file that passed the gate."""

    #: ``xlsx``, ``xlsm``, ``xlsb``, ``ods`` or ``xls``
    kind: str
    #: inflated members that a reader may need, by name in lower case; XML in UTF-8 and without
    #: document type; a reader may take them out as it goes
    parts: dict[str, bytes] = field(default_factory=dict)
    #: names of all members, as written
    names: tuple[str, ...] = ()
    has_macros: bool = False


def admit(data: bytes, limits: Limits) -> Package:
    """Let a file pass if it is a spreadsheet that breaks no rule."""
    if not data:
        raise Refusal("file-empty")
    if len(data) > limits.file_bytes:
        raise too_large("file_bytes", limits.file_bytes)
    if data.startswith(_ZIP):
        return _admit_zip(data, limits)
    if data.startswith(_COMPOUND):
        kind, has_macros = compound_kind(data)
        if kind != "xls":
            raise Refusal("file-not-spreadsheet", kind=kind)
        return Package(kind, has_macros=has_macros)
    raise Refusal("file-not-spreadsheet", kind=_other_kind(data))


def _admit_zip(data: bytes, limits: Limits) -> Package:
    parts, names = {}, []
    for name, content in members(data, limits):
        key = name.casefold()
        part = utf8(content, name) if key.endswith(_XML_ENDINGS) else content
        if part is not None and key.endswith(_KEPT_ENDINGS):
            parts[key] = part
        names.append(name)
    kind = _zip_kind(parts)
    if kind not in _EXTENSIONS:
        raise Refusal("file-not-spreadsheet", kind=kind)
    return Package(
        kind, parts, tuple(names), any(_MACROS.search(name.casefold()) for name in names)
    )


def _zip_kind(parts: Mapping[str, bytes]) -> str:
    mimetype = parts.get("mimetype", b"")[:100].decode("ascii", "replace").strip()
    if mimetype.startswith(_ODS) or (not mimetype and "content.xml" in parts):
        return _open_document_kind(parts)
    if mimetype.startswith("application/vnd.oasis"):
        return "odf"
    main, types = main_part(parts), parts.get("[content_types].xml", b"")
    if main.startswith("word/"):
        return "docx"
    if main.startswith("ppt/"):
        return "pptx"
    if main not in parts:
        if types:
            raise damaged(main)
        return "zip"
    if main.endswith(".bin"):
        return "xlsb"
    return "xlsm" if b"macroEnabled" in types else "xlsx"


def _open_document_kind(parts: Mapping[str, bytes]) -> str:
    if b"encryption-data" in parts.get("meta-inf/manifest.xml", b""):
        raise Refusal("file-encrypted")
    if "content.xml" not in parts:
        raise damaged("content.xml")
    return "ods" if b"spreadsheet" in parts["content.xml"] else "odf"


def _other_kind(data: bytes) -> str:
    """Say what a file is that is no spreadsheet, as far as its first bytes tell."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return "xml2003"
    if start.startswith((b"<!doctype html", b"<html")) or b"<table" in start or b"<html" in start:
        return "html"
    if start.startswith(b"<?xml"):
        return "xml"
    return _text_kind(data[:4096])


def _text_kind(start: bytes) -> str:
    wide = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in start and not wide:
        return "other"
    text = start.decode("utf-16" if wide else "utf-8", "ignore")
    if not wide and any(ord(character) < 32 and not character.isspace() for character in text):
        return "other"
    if not text.strip():
        return "other"
    return "csv" if any(mark in text.strip().splitlines()[0] for mark in ",;\t") else "text"


def remarks(package: Package, name: str) -> list[Finding]:
    """Return what the sender should know about a file that passed: warnings, no errors."""
    found = []
    extension = PurePath(name).suffix.lower()
    if extension not in _EXTENSIONS[package.kind]:
        found.append(
            finding("wrong-extension", params={"extension": extension, "kind": package.kind})
        )
    if package.has_macros:
        found.append(finding("macros-ignored"))
    if links := [name for name in package.names if _LINKS.search(name.casefold())]:
        targets = dict.fromkeys(_target(package, link) for link in links)
        found.append(finding("external-links", params={"what": listed(targets)}))
    return found


def _target(package: Package, link: str) -> str:
    """Name of the file that a link leads to, or of the member itself."""
    for relation in relations(package.parts, link.casefold()).values():
        return re.split(r"[/\\]", relation.target)[-1]
    return PurePath(link).name


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
    words = error_words(value for value in values if isinstance(value, str))
    if not words:
        return
    for row, cells in enumerate(sheet.rows, 1):
        for column, value in enumerate(cells, 1):
            if isinstance(value, str) and (word := words.get(value)):
                sheet.errors[row, column] = word
                cells[column - 1] = ""


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
