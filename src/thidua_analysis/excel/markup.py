"""XML parts of a container: one encoding, no document type, elements by local name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from thidua_analysis.excel.refusal import damaged, too_large, unsafe

_DECLARATION = re.compile(rb"\s*<\?xml\s([^>]*)\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOM = b"\xef\xbb\xbf"
#: What expat and calamine read as it stands.
_AS_IT_IS = ("utf-8", "utf8", "us-ascii", "ascii")
_WINDOWS = tuple(f"windows-125{n}" for n in range(9))
#: What is rewritten as UTF-8. The list is closed: a codec such as UTF-7 would hide a DTD.
_REWRITTEN = ("iso-8859-1", "latin1", *_WINDOWS)
#: Line breaks and tabs too: an XML parser would change them on the way back.
_ENTITIES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\r", "&#13;"),
    ("\n", "&#10;"),
    ("\t", "&#9;"),
)
#: A million attributes in one tag or elements within elements take gigabytes to parse.
_LONG_TAG, _DEEPEST = re.compile(rb"<[^<]{2000000}"), 256
#: Parts up to this size (relations, styles) come again in other files made of one template.
_REMEMBERED = 2**15
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Element(NamedTuple):
    """A start tag: local names of its parent, itself and its attributes."""

    parent: str
    name: str
    attributes: Mapping[str, str]


def utf8(part: bytes) -> bytes | None:
    """Return an XML part in UTF-8, or None if nobody should try to read its encoding.

    Office documents are UTF-8 or UTF-16. Everything after this step may look for ASCII
    strings in the bytes.
    """
    if b"\0" in part[:4] or part[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _from_utf16(part)
    if part.startswith(_BOM):
        part = part[len(_BOM) :]
    declaration = _DECLARATION.match(part)
    named = declaration and _ENCODING.search(declaration[1])
    encoding = named[1].decode("ascii").lower() if named else "utf-8"
    if encoding in _AS_IT_IS:
        return part
    if encoding not in _REWRITTEN:
        return None
    return _without_declaration(part.decode(encoding, "replace")).encode()


def _from_utf16(part: bytes) -> bytes | None:
    if part[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff") or part[:4].count(0) > 2:
        return None
    if part[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        part = (b"\xfe\xff" if part[0] == 0 else b"\xff\xfe") + part
    try:
        return _without_declaration(part.decode("utf-16")).encode()
    except UnicodeError:
        return None


def _without_declaration(text: str) -> str:
    """Cut the declaration, which names an encoding that no longer holds."""
    return re.sub(r"^\s*<\?xml\s[^>]*\?>", "", text, count=1)


def refuse_dtd(part: bytes, name: str) -> None:
    """Refuse a part that declares a document type or an entity.

    No office program writes one; they serve to read other files or to explode in memory.

    Raises
    ------
    Refusal
        If there is one.
    """
    if b"!" in part and (b"<!DOCTYPE" in part or b"<!ENTITY" in part):
        raise unsafe("DTD", name)


def elements(
    part: bytes, wanted: Collection[str], name: str = "", most: int = 1_000_000
) -> Sequence[Element]:
    """All start tags with a wanted local name, whatever their prefix, in document order.

    Parameters
    ----------
    part
        An XML part in UTF-8 without document type.
    wanted
        Local names.
    name
        Name of the part, for the message.
    most
        Number of elements that is still reasonable.

    Raises
    ------
    Refusal
        If the part is not well formed or holds too many elements.
    """
    read = _elements if len(part) <= _REMEMBERED else _elements.__wrapped__
    return read(part, frozenset(wanted), name, most)


@lru_cache(maxsize=128)
def _elements(part: bytes, wanted: Collection[str], name: str, most: int) -> tuple[Element, ...]:
    found: list[Element] = []
    path = [""]

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local in wanted:
            if len(found) == most:
                raise too_large("part_bytes", most, name)
            plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            found.append(Element(path[-1], local, plain))
        path.append(local)

    def end(tag: str) -> None:
        path.pop()

    parse(part, name, start, end)
    return tuple(found)


def parse(
    part: bytes,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
    separator: str | None = " ",
) -> None:
    """Parse a part with expat; names come as ``"namespace local"``, or as they stand.

    Parameters
    ----------
    part
        An XML part in UTF-8.
    name
        Name of the part, for the message.
    start, end, text
        Called with each tag and text.
    separator
        None to leave prefixes alone.

    Raises
    ------
    Refusal
        If the part is not well formed, or its markup is of a kind that only fills memory.
    """
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

    parser = expat.ParserCreate(namespace_separator=separator)
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    if text:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_dtd
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError) as error:
        raise damaged(name) from error


def escape(text: str) -> str:
    """Return text as it may stand within markup, also within double quotes.

    The standard library's function for this loads its HTTP client along with it.
    """
    for character, entity in _ENTITIES:
        if character in text:
            text = text.replace(character, entity)
    return text


def unescape(text: str) -> str:
    """Return text with the references of XML resolved, and no others."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    hexadecimal, decimal, named = reference.groups()
    if named:
        return _NAMED[named]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _no_dtd(*_: object) -> None:
    raise unsafe("DTD")
