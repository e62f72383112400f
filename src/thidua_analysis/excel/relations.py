"""Relations between the parts of a package: names in them are resolved, and never followed out."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from thidua_analysis.excel.markup import elements


class Relation(NamedTuple):
    """One relation of a part."""

    #: last word of its type: ``worksheet``, ``sharedStrings`` …
    kind: str
    #: name of the part that it leads to, in lower case; empty if it leads out of the package
    part: str
    #: the target as written
    target: str


def relations(parts: Mapping[str, bytes], source: str) -> dict[str, Relation]:
    """Relations of a part by their id; those of the package itself if ``source`` is empty.

    Raises
    ------
    Refusal
        If the part that lists them is not well formed.
    """
    folder, base = posixpath.split(source)
    name = posixpath.join(folder, "_rels", f"{base}.rels")
    if name not in parts:
        return {}
    return {
        found.attributes.get("Id", ""): _relation(found.attributes, folder, parts)
        for found in elements(parts[name], {"Relationship"}, name)
    }


def main_part(parts: Mapping[str, bytes]) -> str:
    """Name of the part that the package is about, in lower case.

    Raises
    ------
    Refusal
        If the relations of the package are not well formed.
    """
    for relation in relations(parts, "").values():
        if relation.kind == "officeDocument":
            return relation.part
    return "xl/workbook.xml"


def _relation(attributes: Mapping[str, str], folder: str, parts: Mapping[str, bytes]) -> Relation:
    kind = attributes.get("Type", "").rpartition("/")[2]
    target = attributes.get("Target", "")
    if attributes.get("TargetMode") == "External":
        return Relation(kind, "", target)
    return Relation(kind, _resolved(folder, target.casefold(), parts), target)


def _resolved(folder: str, target: str, parts: Mapping[str, bytes]) -> str:
    name = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    # some programs write targets as seen from the root
    return name if name in parts else target.lstrip("/")
