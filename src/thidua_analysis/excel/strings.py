"""Texts of an .xlsx workbook: the table of shared strings, and rich text with its fonts."""

from __future__ import annotations

import re
from typing import NamedTuple

from thidua_analysis.excel.cells import Runs
from thidua_analysis.excel.limits import Limits, damaged, too_large, unsafe
from thidua_analysis.excel.package import parse

#: Text in which nothing but the commonest references must be resolved.
PLAIN_TEXT = r"(?:[^<&]++|&(?:amp|lt|gt|quot|apos);)*+"
#: A text without fonts of its own; anything else is left to expat.
PLAIN_ELEMENT = rf'<t( xml:space="preserve")?+>({PLAIN_TEXT})</t>'
_NAME = "sharedStrings.xml"
_ITEM = re.compile(rf"\s*+<si>{PLAIN_ELEMENT}</si>")
_ROOT = re.compile(r"[^<]*+(?:<\?[^<>]*+>)?+[^<]*+<sst(?: [^<>]*+)?+>")
_CLAIM = re.compile(rb"""<sst(?=\s)[^<>]*?\suniqueCount\s*=\s*["']([0-9]+)""")
_SPACE = "http://www.w3.org/XML/1998/namespace space"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


class Text(NamedTuple):
    """A text, and the pieces that it is made of if it has more than one font."""

    text: str
    #: font None is that of the cell
    runs: Runs = ()


def read_strings(part: bytes, limits: Limits) -> list[Text]:
    """Read the table of shared strings, empty bytes if the workbook has none."""
    claim = _CLAIM.search(part)
    if claim and (len(claim[1]) > 10 or int(claim[1]) > len(part)):
        raise unsafe("uniqueCount", claim[1][:20].decode())
    if not part:
        return []
    strings = _plain_strings(decoded(part, _NAME))
    if strings is None:
        strings = _all_strings(part, limits)
    if max((len(string.text) for string in strings), default=0) > limits.string_characters:
        raise too_large("string_characters", limits.string_characters)
    return strings


def decoded(part: bytes, name: str) -> str:
    """Return markup as text, each line break one character as XML wants it."""
    try:
        text = part.decode()
    except UnicodeDecodeError as error:
        raise damaged(name) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _plain_strings(markup: str) -> list[Text] | None:
    """Texts of a table in which none has fonts of its own, else None."""
    root = _ROOT.match(markup)
    if not root:
        return None
    strings, at = [], root.end()
    while found := _ITEM.match(markup, at):
        strings.append(Text(stored_text(found[2], keeps_spaces=bool(found[1]))))
        at = found.end()
    return strings if markup[at:].strip() == "</sst>" else None


def _all_strings(part: bytes, limits: Limits) -> list[Text]:
    """Texts of a table in any markup; the size is bounded, because this is slow."""
    if len(part) > limits.rewritten_bytes:
        raise too_large("rewritten_bytes", limits.rewritten_bytes, _NAME)
    strings: list[Text] = []
    item: RichText | None = None
    root = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal item, root
        name = tag.rpartition(" ")[2]
        root = root or name
        if item:
            item.start(name, attributes)
        elif name == "si":
            item = RichText()

    def end(tag: str) -> None:
        nonlocal item
        name = tag.rpartition(" ")[2]
        if item and name == "si":
            strings.append(item.finished())
            item = None
        elif item:
            item.end(name)

    parse(part, _NAME, start, end, lambda text: item.text(text) if item else None)
    if root != "sst":
        raise damaged(_NAME)
    return strings


def stored_text(raw: str, keeps_spaces: bool) -> str:
    """Return what markup of `PLAIN_TEXT` says in an element for text."""
    return clean(unescaped(raw), keeps_spaces)


def unescaped(raw: str) -> str:
    """Resolve the references in markup of `PLAIN_TEXT`."""
    if "&" in raw:
        for reference, character in _REFERENCES:
            raw = raw.replace(reference, character)
    return raw


def clean(text: str, keeps_spaces: bool = True) -> str:
    """Trim a text as its element asks, and resolve ``_x000D_``: so Excel stores such characters."""
    if not keeps_spaces:
        text = text.strip(" \t\r\n")
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


class RichText:
    """Collects an ``si`` or ``is`` element while expat reads."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._runs: list[tuple[str, str | None]] = []
        self._pieces: list[str] | None = None
        self._keeps_spaces = False
        self._phonetic = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take a start tag."""
        if name == "rPh" or self._phonetic:
            # how to pronounce the signs is no text of the cell
            self._phonetic += 1
        elif name == "r":
            self._runs.append(("", None))
        elif name == "rFont" and self._runs:
            self._runs[-1] = self._runs[-1][0], attributes.get("val")
        elif name == "t":
            self._pieces, self._keeps_spaces = [], attributes.get(_SPACE) == "preserve"

    def text(self, text: str) -> None:
        """Take text."""
        if self._pieces is not None and not self._phonetic:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        """Take an end tag."""
        if self._phonetic:
            self._phonetic -= 1
        elif name == "t" and self._pieces is not None:
            text = clean("".join(self._pieces), self._keeps_spaces)
            self._texts.append(text)
            if self._runs:
                self._runs[-1] = self._runs[-1][0] + text, self._runs[-1][1]
            self._pieces = None

    def finished(self) -> Text:
        """Return the text."""
        return Text("".join(self._texts), tuple(self._runs))
