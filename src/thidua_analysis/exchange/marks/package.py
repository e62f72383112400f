"""The parts of a workbook's package: read, related, added to and packed again."""

from __future__ import annotations

import posixpath
import re
import zipfile
from io import BytesIO
from typing import NamedTuple

from thidua_analysis.exchange.marks.markup import (
    Tag,
    UnmarkableError,
    edited,
    elements,
    escape,
    only,
)

_TYPES = "[Content_Types].xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b"</Relationships>"
)


class Relation(NamedTuple):
    """One relation of a part: its id, the last word of its type, and the part it leads to."""

    id: str
    kind: str
    part: str


class Package:
    """The parts of a package by their names as written.

    Parameters
    ----------
    data
        A package that the gate has admitted.

    Raises
    ------
    UnmarkableError
        If it is no package, or of the strict kind that few programs write.
    """

    def __init__(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(BytesIO(data)) as container:
                self._infos = {info.filename: info for info in container.infolist()}
                self.parts = {name: container.read(name) for name in self._infos}
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnmarkableError("zip") from error
        self._names = {name.casefold(): name for name in self.parts}
        if _TYPES.casefold() not in self._names:
            raise UnmarkableError(_TYPES)

    def find(self, name: str) -> str | None:
        """Return the name of a part as written, in whatever case it is asked for."""
        return self._names.get(name.casefold())

    def relations(self, source: str) -> list[Relation]:
        """Return the relations of a part to others; those of the package for ``""``."""
        listed = self.find(_relations_of(source))
        if listed is None:
            return []
        found = []
        for tag in elements(self.parts[listed], {"Relationship"}):
            kind, target = tag.attributes.get("Type", ""), tag.attributes.get("Target", "")
            if kind.startswith("http://purl.oclc.org/"):
                raise UnmarkableError("strict")
            if tag.attributes.get("TargetMode") == "External":
                continue
            part = self.find(_resolved(source, target)) or self.find(target.lstrip("/"))
            if part:
                word = kind.rpartition("/")[2]
                found.append(Relation(tag.attributes.get("Id", ""), word, part))
        return found

    def related(self, source: str, kind: str) -> str | None:
        """Return the first part of a kind that a part relates to."""
        return next((r.part for r in self.relations(source) if r.kind == kind), None)

    def relate(self, source: str, kind: str, target: str) -> str:
        """Relate a part to another, and return the id of the relation."""
        name = self.find(_relations_of(source))
        if name is None:
            name = _relations_of(source)
            self._put(name, _NO_RELATIONS)
        part = self.parts[name]
        found = elements(part, {"Relationships", "Relationship"})
        taken = {tag.attributes.get("Id") for tag in found}
        number = next(n for n in range(1, len(taken) + 2) if f"rIdCanSua{n}" not in taken)
        entry = f'Id="rIdCanSua{number}" Type="{_OFFICE}{kind}" Target="/{target}"'
        self.parts[name] = _appended(part, found[0], f"Relationship {entry}")
        return f"rIdCanSua{number}"

    def add(self, pattern: str, content: bytes, content_type: str) -> str:
        """Add a part under the first free name such as ``xl/comments{}.xml``."""
        names = (pattern.format(n) for n in range(1, len(self.parts) + 2))
        name = next((name for name in names if not self.find(name)), None)
        if name is None:
            raise UnmarkableError(pattern)
        self._put(name, content)
        types = self._types()
        if name.endswith(".vml"):
            self._default_type("vml", content_type)
        else:
            entry = f'Override PartName="/{name}" ContentType="{content_type}"'
            self.parts[types] = _appended(self.parts[types], self._types_root(), entry)
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

    def _put(self, name: str, content: bytes) -> None:
        self.parts[name] = content
        self._names[name.casefold()] = name

    def _types(self) -> str:
        return self._names[_TYPES.casefold()]

    def _types_root(self) -> Tag:
        root = only(elements(self.parts[self._types()], {"Types"}), "Types", 0)
        if root is None:
            raise UnmarkableError(_TYPES)
        return root

    def _default_type(self, extension: str, content_type: str) -> None:
        """State the type of an extension, as the first entry: an order that all programs read."""
        types = self._types()
        part = self.parts[types]
        known = elements(part, {"Default"})
        if any(t.attributes.get("Extension", "").casefold() == extension for t in known):
            return
        root = self._types_root()
        entry = (
            f'{root.prefix.decode()}Default Extension="{extension}" ContentType="{content_type}"'
        )
        self.parts[types] = edited(part, [(root.end, root.end, f"<{entry}/>".encode())])


def _appended(part: bytes, holder: Tag, entry: str) -> bytes:
    content = f"<{holder.prefix.decode()}{entry}/>".encode()
    return edited(part, [holder.append(part, content)])


def _relations_of(source: str) -> str:
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _resolved(source: str, target: str) -> str:
    folder = posixpath.dirname(source)
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def reference(sheet: str, cell: str) -> str:
    """Return the address of a cell as a link within the workbook names it."""
    quoted = sheet.replace("'", "''")
    plain = re.fullmatch(r"[^\W\d]\w*", sheet)
    return f"{sheet}!{cell}" if plain and sheet.isascii() else f"'{quoted}'!{cell}"


def attribute(value: str) -> str:
    """Return a value as it stands within an attribute."""
    return escape(value).decode()
