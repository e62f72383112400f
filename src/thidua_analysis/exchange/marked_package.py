"""A sender's workbook as the parts of its package: found, edited in place, packed again."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import NamedTuple
from xml.parsers import expat

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_TYPES = "[Content_Types].xml"
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b"</Relationships>"
)

#: Where a part changes: first byte, byte after the last one, and what stands there instead.
Edit = tuple[int, int, bytes]


class UnmarkableError(Exception):
    """Raised when a package is built so that it cannot be marked without loss."""


@dataclass(slots=True)
class Tag:
    """An element: its names, attributes, and where its tags stand in the part.

    ``start`` and ``end`` bound the start tag, ``close`` is where the end tag begins and ``after``
    where it ends; for an element without content both are ``end``.
    """

    name: str
    prefix: str
    attributes: dict[str, str]
    depth: int
    parent: str
    start: int
    end: int
    close: int
    after: int

    def opened(self, part: bytes) -> bytes:
        """Return the bytes of the start tag."""
        return part[self.start : self.end]

    def content(self, part: bytes) -> bytes:
        """Return the bytes between the start tag and the end tag."""
        return part[self.end : self.close]

    @property
    def relation(self) -> str | None:
        """The id of the relation that the element names, whatever the prefix of ``r:id``."""
        return next((v for k, v in self.attributes.items() if k.rpartition(":")[2] == "id"), None)

    def append(self, part: bytes, content: str, **attributes: int) -> list[Edit]:
        """Return the edits that add content without prefixes at its end, and set attributes."""
        opened = self.opened(part)
        for name, value in attributes.items():
            opened = with_attribute(opened, name, str(value))
        added = prefixed(content, self.prefix)
        if self.close > self.end or not opened.endswith(b"/>"):
            return [(self.start, self.end, opened), (self.close, self.close, added)]
        closing = f"</{self.prefix}{self.name}>".encode()
        return [(self.start, self.end, opened[:-2].rstrip() + b">" + added + closing)]

    def removed(self) -> Edit:
        """Return the edit that takes the element away."""
        return self.start, self.after, b""


def elements(part: bytes, wanted: Collection[str]) -> list[Tag]:
    """Return all elements with these local names, in document order."""
    found: list[Tag] = []
    path: list[tuple[str, Tag | None]] = [("", None)]
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        tag = None
        if local in wanted:
            at = parser.CurrentByteIndex
            end = _tag_end(part, at)
            depth, parent = len(path) - 1, path[-1][0]
            tag = Tag(local, prefix + colon, attributes, depth, parent, at, end, end, end)
            found.append(tag)
        path.append((local, tag))

    def end(_: str) -> None:
        tag = path.pop()[1]
        if tag is not None and part[tag.end - 2 : tag.end] != b"/>":
            tag.close = parser.CurrentByteIndex
            tag.after = _tag_end(part, tag.close)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(part, True)
        part.decode("utf-8")
    except (expat.ExpatError, ValueError) as error:
        raise UnmarkableError(str(error)) from error
    return found


def _tag_end(part: bytes, at: int) -> int:
    matched = _TAG.match(part, at)
    if matched is None:
        raise UnmarkableError(f"tag at byte {at}")
    return matched.end()


def only(found: Iterable[Tag], name: str, depth: int) -> Tag:
    """Return the first element of a name at a depth."""
    for tag in found:
        if tag.name == name and tag.depth == depth:
            return tag
    raise UnmarkableError(f"no {name}")


def within(found: Iterable[Tag], name: str) -> list[tuple[Tag, list[Tag]]]:
    """Return each element of a name, none of which lies in another, with the elements in it."""
    holders: list[tuple[Tag, list[Tag]]] = []
    for tag in found:
        if tag.name == name:
            holders.append((tag, []))
        elif holders and tag.start < holders[-1][0].after:
            holders[-1][1].append(tag)
    return holders


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """Return a start tag with an attribute set; all else stays as written."""
    written = f'"{escape(value)}"'.encode()
    for matched in _ATTRIBUTE.finditer(tag):
        if matched[1] == name.encode():
            return tag[: matched.start(2)] + written + tag[matched.end(2) :]
    end = -2 if tag.endswith(b"/>") else -1
    return tag[:end].rstrip() + b" " + name.encode() + b"=" + written + tag[end:]


def edited(part: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the part with spans replaced; edits at one place come in the order given."""
    pieces: list[bytes] = []
    at = 0
    for start, end, content in sorted(edits, key=lambda edit: edit[:2]):
        if start < at:
            raise UnmarkableError("edits overlap")
        pieces += [part[at:start], content]
        at = end
    return b"".join([*pieces, part[at:]])


def prefixed(content: str, prefix: str) -> bytes:
    """Return markup with the prefix that a part gives to its elements."""
    return re.sub("<(/?)", rf"<\1{prefix}", content).encode()


def escape(text: str) -> str:
    """Return text as it may stand in markup, without characters that XML does not allow."""
    return _NOT_XML.sub("\ufffd", text.translate(_ENTITIES))


class Relation(NamedTuple):
    """One relation of a part: its id, the last word of its type, and the part it leads to."""

    id: str
    kind: str
    part: str


class Package:
    """The parts of a package, by their names as written, that the gate has admitted."""

    def __init__(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(BytesIO(data)) as container:
                self._infos = {info.filename: info for info in container.infolist()}
                self.parts = {name: container.read(name) for name in self._infos}
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnmarkableError("zip") from error
        self._names = {name.casefold(): name for name in self.parts}

    @property
    def main(self) -> str:
        """The part that lists the sheets."""
        main = self.related("", "officeDocument") or self.find("xl/workbook.xml")
        if main is None:
            raise UnmarkableError("workbook")
        return main

    def find(self, name: str) -> str | None:
        """Return the name of a part as written, in whatever case it is asked for."""
        return self._names.get(name.casefold())

    def relations(self, source: str) -> list[Relation]:
        """Return the relations of a part to others; those of the package for ``""``."""
        listed = self.find(_relations_of(source))
        found = []
        for tag in elements(self.parts[listed], {"Relationship"}) if listed else ():
            kind, target = tag.attributes.get("Type", ""), tag.attributes.get("Target", "")
            if kind.startswith("http://purl.oclc.org/"):
                raise UnmarkableError("strict")
            if tag.attributes.get("TargetMode") == "External":
                continue
            resolved = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target))
            part = self.find(resolved.lstrip("/")) or self.find(target.lstrip("/"))
            if part:
                word = kind.rpartition("/")[2]
                found.append(Relation(tag.attributes.get("Id", ""), word, part))
        return found

    def related(self, source: str, kind: str) -> str | None:
        """Return the first part of a kind that a part relates to."""
        return next((r.part for r in self.relations(source) if r.kind == kind), None)

    def relate(self, source: str, kind: str, target: str) -> str:
        """Relate a part to another, and return the id of the relation."""
        name = self.find(_relations_of(source)) or self._put(_relations_of(source), _NO_RELATIONS)
        part = self.parts[name]
        found = elements(part, {"Relationships", "Relationship"})
        taken = {tag.attributes.get("Id") for tag in found}
        id_ = next(f"rIdCanSua{n}" for n in count(1) if f"rIdCanSua{n}" not in taken)
        entry = f'<Relationship Id="{id_}" Type="{RELATIONS}/{kind}" Target="/{target}"/>'
        self.parts[name] = edited(part, found[0].append(part, entry))
        return id_

    def add(self, pattern: str, content: bytes, content_type: str) -> str:
        """Add a part under the first free name such as ``xl/comments{}.xml``."""
        name = next(name for n in count(1) if not self.find(name := pattern.format(n)))
        self._put(name, content)
        types = self.find(_TYPES) or ""
        part = self.parts[types]
        found = elements(part, {"Types", "Default"})
        root = only(found, "Types", 0)
        if not name.endswith(".vml"):
            entry = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
            self.parts[types] = edited(part, root.append(part, entry))
        elif not any(t.attributes.get("Extension", "").casefold() == "vml" for t in found):
            # the type of an extension comes first: an order that all programs read
            entry = f'<Default Extension="vml" ContentType="{content_type}"/>'
            first = (root.end, root.end, prefixed(entry, root.prefix))
            self.parts[types] = edited(part, [first])
        return name

    def pack(self) -> bytes:
        """Return the package; parts stand in their order, new ones at the end."""
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as container:
            for name, content in self.parts.items():
                known = self._infos.get(name)
                info = zipfile.ZipInfo(name, known.date_time if known else (1980, 1, 1, 0, 0, 0))
                info.compress_type = known.compress_type if known else zipfile.ZIP_DEFLATED
                container.writestr(info, content)
        return packed.getvalue()

    def _put(self, name: str, content: bytes) -> str:
        self.parts[name] = content
        self._names[name.casefold()] = name
        return name


def _relations_of(source: str) -> str:
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{base}.rels")
