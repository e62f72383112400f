"""Decide what a file is and whether it is safe to read, before any reader sees its bytes."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from thidua_analysis.excel.limits import Limits, Refusal, damaged, listed, too_large
from thidua_analysis.excel.package import main_part, members, relations, utf8
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
#: Compound files, the container of .xls and of encrypted workbooks [MS-CFB]: streams and storages
#: that give one away, in order of decision.
_SIGNS = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)
_MACRO_STORAGE, _ENTRY_BYTES = "_VBA_PROJECT_CUR", 128
#: Where the header tells the size of a sector (as a power of two), and how many of them its
#: tables fill: FAT, mini FAT, DIFAT.
_SECTOR_SHIFT, _TABLES = 0x1E, (0x2C, 0x40, 0x48)


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
        kind, has_macros = _compound_kind(data)
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


def _compound_kind(data: bytes) -> tuple[str, bool]:
    """Say what a compound file holds, and whether there are macros in it.

    The names are looked for wherever an entry of the directory may stand.
    """
    _refuse_false_header(data)
    for name, kind in _SIGNS:
        if _has_entry(data, name):
            if kind == "encrypted":
                raise Refusal("file-encrypted")
            return kind, _has_entry(data, _MACRO_STORAGE)
    return "ole", False


def _has_entry(data: bytes, name: str) -> bool:
    wanted = re.escape(name.encode("utf-16-le") + b"\0\0")
    return any(match.start() % _ENTRY_BYTES == 0 for match in re.finditer(wanted, data))


def _refuse_false_header(data: bytes) -> None:
    """Refuse tables that are larger than the file: readers allocate what these numbers say."""
    if len(data) < 512:
        raise damaged("compound")
    (shift,) = struct.unpack_from("<H", data, _SECTOR_SHIFT)
    counts = [struct.unpack_from("<I", data, offset)[0] for offset in _TABLES]
    if shift not in (9, 12) or any(count << shift > len(data) for count in counts):
        raise damaged("compound")


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
