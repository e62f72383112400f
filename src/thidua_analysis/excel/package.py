"""Packages: a zip container of parts, their XML and how they refer to each other; compound files.

Nothing that a file claims of itself is believed: bytes are counted while they are inflated, names
are resolved and never followed out, and no part may declare a document type.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from io import BytesIO
from typing import NamedTuple
from xml.parsers import expat

from thidua_analysis.excel.cells import Limits, Refusal, damaged, too_large, unsafe

_LOCAL_HEADER, _ENTRY = b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED = 0x1
#: Bytes taken from the file, and given back inflated, at a time.
_STEP, _MOST = 2**16, 2**22
_DECLARATION = re.compile(rb"\s*<\?xml\s([^>]*)\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOM, _WIDE_BOMS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
#: What expat reads as it stands, and what is rewritten as UTF-8. The list is closed: a codec such
#: as UTF-7 would hide a document type.
_AS_IT_IS = ("utf-8", "utf8", "us-ascii", "ascii")
_REWRITTEN = ("iso-8859-1", "latin1", *(f"windows-125{n}" for n in range(9)))
#: A million attributes in one tag or elements within elements take gigabytes to parse.
_LONG_TAG, _DEEPEST, _MOST_ELEMENTS = re.compile(rb"<[^<]{2000000}"), 256, 1_000_000


def members(data: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each member of a zip container, folders left out."""
    total = 0
    for info in _directory(data, limits):
        if info.flag_bits & _ENCRYPTED:
            raise Refusal("file-encrypted")
        content = _content(data, info, limits)
        total += len(content)
        if total > limits.total_bytes:
            raise too_large("total_bytes", limits.total_bytes, info.filename)
        yield info.filename, content


def _directory(data: bytes, limits: Limits) -> list[zipfile.ZipInfo]:
    # before the directory is parsed, since each entry costs time and memory: the marks of entries
    # are counted wherever they stand, and a container within the container may hold some too
    if data.count(_ENTRY) > 10 * limits.members:
        raise too_large("members", limits.members)
    try:
        with zipfile.ZipFile(BytesIO(data)) as container:
            listed = container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise damaged("zip") from error
    if len(listed) > limits.members:
        raise too_large("members", limits.members)
    if listed and min(info.header_offset for info in listed) > 0:
        raise unsafe("prefix")
    _refuse_names([info.orig_filename for info in listed])
    return [info for info in listed if not info.filename.endswith("/")]


def _refuse_names(names: list[str]) -> None:
    seen = set()
    for name in names:
        parts = name.split("/")
        if "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or ":" in parts[0]:
            raise unsafe("name", name)
        if name.casefold() in seen:
            raise unsafe("duplicate", name)
        seen.add(name.casefold())


def _content(data: bytes, info: zipfile.ZipInfo, limits: Limits) -> bytes:
    packed = _packed(data, info)
    if info.compress_type == zipfile.ZIP_STORED:
        content = bytes(packed)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        content = _inflated(packed, info.filename, limits)
    else:
        raise damaged(info.filename)
    if len(content) > limits.part_bytes:
        raise too_large("part_bytes", limits.part_bytes, info.filename)
    if zlib.crc32(content) != info.CRC:
        raise damaged(info.filename)
    return content


def _packed(data: bytes, info: zipfile.ZipInfo) -> memoryview:
    start = info.header_offset
    header = data[start : start + 30]
    if len(header) < 30 or not header.startswith(_LOCAL_HEADER):
        raise damaged(info.filename)
    name, extra = struct.unpack_from("<HH", header, 26)
    start += 30 + name + extra
    packed = memoryview(data)[start : start + info.compress_size]
    if len(packed) < info.compress_size:
        raise damaged(info.filename)
    return packed


def _inflated(packed: memoryview, name: str, limits: Limits) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces, size = [], 0
    try:
        for piece in _pieces(inflater, packed):
            pieces.append(piece)
            size += len(piece)
            if size > limits.part_bytes:
                raise too_large("part_bytes", limits.part_bytes, name)
            if size > limits.ratio_from_bytes and size > limits.ratio * len(packed):
                raise too_large("ratio", limits.ratio, name)
    except zlib.error as error:
        raise damaged(name) from error
    if not inflater.eof:
        raise damaged(name)
    return b"".join(pieces)


def _pieces(inflater: zlib._Decompress, packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), _STEP):
        rest: bytes | memoryview = packed[start : start + _STEP]
        while rest:
            yield inflater.decompress(rest, _MOST)
            rest = inflater.unconsumed_tail


class Element(NamedTuple):
    """A start tag: local names of its parent, itself and its attributes."""

    parent: str
    name: str
    attributes: Mapping[str, str]


def utf8(part: bytes, name: str) -> bytes | None:
    """Return an XML part in UTF-8, or None if nobody should try to read its encoding.

    Everything after this step may look for ASCII strings in the bytes. A document type is refused:
    no office program writes one; they serve to read other files or to explode in memory.
    """
    if b"\0" in part[:4] or part.startswith(_WIDE_BOMS):
        read = _from_utf16(part)
    else:
        read = _from_bytes(part.removeprefix(_BOM))
    if read and (b"<!DOCTYPE" in read or b"<!ENTITY" in read):
        raise unsafe("DTD", name)
    return read


def _from_bytes(part: bytes) -> bytes | None:
    declaration = _DECLARATION.match(part)
    named = declaration and _ENCODING.search(declaration[1])
    encoding = named[1].decode("ascii").lower() if named else "utf-8"
    if encoding in _AS_IT_IS:
        return part
    if encoding not in _REWRITTEN:
        return None
    return _without_declaration(part.decode(encoding, "replace"))


def _from_utf16(part: bytes) -> bytes | None:
    if part[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff") or part[:4].count(0) > 2:
        return None
    if not part.startswith(_WIDE_BOMS):
        part = (b"\xfe\xff" if part[0] == 0 else b"\xff\xfe") + part
    try:
        return _without_declaration(part.decode("utf-16"))
    except UnicodeError:
        return None


def _without_declaration(text: str) -> bytes:
    """Cut the declaration, which names an encoding that no longer holds."""
    return re.sub(r"^\s*<\?xml\s[^>]*\?>", "", text, count=1).encode()


def elements(part: bytes, wanted: Collection[str], name: str) -> list[Element]:
    """All start tags with a wanted local name, whatever their prefix, in document order."""
    found: list[Element] = []
    path = [""]

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local in wanted:
            if len(found) == _MOST_ELEMENTS:
                raise too_large("part_bytes", _MOST_ELEMENTS, name)
            plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            found.append(Element(path[-1], local, plain))
        path.append(local)

    parse(part, name, start, lambda _: path.pop())
    return found


def parse(
    part: bytes,
    name: str,
    start: Callable[[str, dict[str, str]], object],
    end: Callable[[str], object],
    text: Callable[[str], object] | None = None,
) -> None:
    """Parse a part in UTF-8 with expat; tags and attributes come as ``"namespace local"``."""
    if _LONG_TAG.search(part):
        raise unsafe("markup", name)
    depth = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise unsafe("markup", name)
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    if text:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_dtd
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, KeyError | IndexError):
            raise  # none of the file's: an encoding that there is not is neither
        raise damaged(name) from error


def _no_dtd(*_: object) -> None:
    raise unsafe("DTD")


class Relation(NamedTuple):
    """One relation of a part."""

    #: last word of its type: ``worksheet``, ``sharedStrings`` …
    kind: str
    #: name of the part that it leads to, in lower case; empty if it leads out of the package
    part: str
    #: the target as written
    target: str


def relations(parts: Mapping[str, bytes], source: str) -> dict[str, Relation]:
    """Relations of a part by their id; those of the package itself if ``source`` is empty."""
    folder, base = posixpath.split(source)
    name = posixpath.join(folder, "_rels", f"{base}.rels")
    listed = elements(parts[name], {"Relationship"}, name) if name in parts else ()
    return {
        found.attributes.get("Id", ""): _relation(found.attributes, folder, parts)
        for found in listed
    }


def main_part(parts: Mapping[str, bytes]) -> str:
    """Name of the part that the package is about, in lower case."""
    related = relations(parts, "").values()
    named = (relation.part for relation in related if relation.kind == "officeDocument")
    return next(named, "xl/workbook.xml")


def _relation(attributes: Mapping[str, str], folder: str, parts: Mapping[str, bytes]) -> Relation:
    kind = attributes.get("Type", "").rpartition("/")[2]
    target = attributes.get("Target", "")
    if attributes.get("TargetMode") == "External":
        return Relation(kind, "", target)
    part = target.casefold()
    name = posixpath.normpath(posixpath.join("/", folder, part)).lstrip("/")
    # some programs write targets as seen from the root
    return Relation(kind, name if name in parts else part.lstrip("/"), target)


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


def compound_kind(data: bytes) -> tuple[str, bool]:
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
