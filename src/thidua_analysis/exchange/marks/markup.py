"""Elements of an XML part with their places in its bytes, and edits that leave the rest alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from xml.parsers import expat

_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "&#13;"))

Edit = tuple[int, int, bytes]


class UnmarkableError(Exception):
    """Raised when a package is built so that it cannot be marked without loss."""


@dataclass(slots=True)
class Tag:
    """An element: its names, attributes, and where its tags stand in the part.

    ``start`` and ``end`` bound the start tag, ``close`` is where the end tag begins; for an
    element without content all that follows is at ``end``.
    """

    name: str
    prefix: bytes
    attributes: dict[str, str]
    depth: int
    parent: str
    start: int
    end: int
    empty: bool
    close: int = 0
    after: int = 0

    def within(self, part: bytes) -> bytes:
        """Return the bytes of the start tag."""
        return part[self.start : self.end]

    def whole(self, part: bytes) -> bytes:
        """Return the bytes of the whole element."""
        return part[self.start : self.after]

    def content(self, part: bytes) -> bytes:
        """Return the bytes between the start tag and the end tag."""
        return part[self.end : self.close]

    def with_attribute(self, part: bytes, name: str, value: str) -> Edit:
        """Return the edit that sets an attribute."""
        return self.start, self.end, with_attribute(self.within(part), name, value)

    def append(self, part: bytes, content: bytes) -> Edit:
        """Return the edit that adds content at the end of the element."""
        if not self.empty:
            return self.close, self.close, content
        opened = self.within(part)[:-2].rstrip() + b">"
        name = self.prefix + self.name.encode()
        return self.start, self.end, opened + content + b"</" + name + b">"


def elements(part: bytes, wanted: Collection[str]) -> list[Tag]:
    """Return all elements with these local names, in document order.

    Parameters
    ----------
    part
        An XML part in UTF-8.
    wanted
        Local names.

    Raises
    ------
    UnmarkableError
        If the part is not well formed or not in UTF-8.
    """
    found: list[Tag] = []
    path: list[tuple[str, Tag | None]] = [("", None)]
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        tag = None
        if local in wanted:
            at = parser.CurrentByteIndex
            end = _tag_end(part, at)
            tag = Tag(local, (prefix + colon).encode(), attributes, len(path) - 1, path[-1][0],
                      at, end, part[end - 2 : end] == b"/>")  # fmt: skip
            found.append(tag)
        path.append((local, tag))

    def end(_: str) -> None:
        tag = path.pop()[1]
        if tag is None:
            return
        if tag.empty:
            tag.close = tag.after = tag.end
        else:
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


def only(found: Iterable[Tag], name: str, depth: int) -> Tag | None:
    """Return the first element of a name at a depth, None where there is none."""
    return next((tag for tag in found if tag.name == name and tag.depth == depth), None)


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """Return a start tag with an attribute set; all else stays as written."""
    wanted = name.encode()
    written = b'"' + escape(value) + b'"'
    for matched in _ATTRIBUTE.finditer(tag):
        if matched[1] == wanted:
            return tag[: matched.start(2)] + written + tag[matched.end(2) :]
    end = -2 if tag.endswith(b"/>") else -1
    return tag[:end].rstrip() + b" " + wanted + b"=" + written + tag[end:]


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


def escape(text: str) -> bytes:
    """Return text as it may stand in markup, without characters that XML does not allow."""
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return _NOT_XML.sub("\ufffd", text).encode()
