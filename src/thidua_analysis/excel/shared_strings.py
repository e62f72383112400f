"""The table of shared strings of an .xlsx workbook: its bounds, and the fonts within a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from thidua_analysis.excel.cells import Runs
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.markup import unescape
from thidua_analysis.excel.refusal import damaged, too_large, unsafe
from thidua_analysis.excel.rewrite import rewrite

_NAME = "sharedStrings.xml"
_NAMESPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROOT = re.compile(rb"<sst(?=[\s>/])([^<>]*)>")
_CLAIM = re.compile(rb"""uniqueCount\s*=\s*["']([0-9]+)""")
# contents never reach into the next element of the same name: a plain .*? would search the rest
# of the table again for each one that is not closed
_ITEM = re.compile(rb"<si(?:\s[^<>/]*)?(?:/>|>((?:[^<]++|<(?!/?si[\s>/]))*+)</si>)")
_REFERENCE = re.compile(rb' t="s"[^<>]*>\s*<v>([0-9]{1,9})</v>')
_RUN = re.compile(rb"<r(?:\s[^<>/]*)?>((?:[^<]++|<(?!/?r[\s>/]))*+)</r>")
_RUN_FONT = re.compile(rb"""<rFont\s[^<>]*?val\s*=\s*["']([^"'<>]*)""")
_TEXT = re.compile(rb"<t(\s[^<>/]*)?>([^<]*)</t>")
_PHONETIC = re.compile(rb"<rPh[\s>](?:[^<]++|<(?!/?rPh[\s>/]))*+</rPh>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SharedStrings:
    """The table of shared strings, in plain markup.

    Parameters
    ----------
    part
        The part in UTF-8, without document type; empty if the workbook has none.
    limits
        Bounds that it must keep.

    Raises
    ------
    Refusal
        If it is broken, claims more strings than it can hold, or has one that is too long.
    """

    def __init__(self, part: bytes, limits: Limits) -> None:
        self._limits = limits
        plain = b"<!" not in part and part.find(b"<?", 2) < 0 and _ROOT.search(part)
        self._part = part if plain or not part else rewrite(part, _NAME, limits)
        # bytes with all markup: an upper bound that costs nothing
        self._longest = max(map(len, self._part.split(b"</si>")))
        if self._longest > limits.string_characters:
            self._longest = max(self.lengths, default=0)
        if self._longest > limits.string_characters:
            raise too_large("string_characters", limits.string_characters)

    @cached_property
    def items(self) -> list[bytes]:
        """Markup of each string."""
        return [match[1] or b"" for match in _ITEM.finditer(self._part)]

    @cached_property
    def lengths(self) -> list[int]:
        """Characters of each string."""
        return [
            sum(len(unescape(text.decode("utf-8", "replace"))) for _, text in _TEXT.findall(item))
            for item in self.items
        ]

    def text(self, index: int) -> str:
        """Return one string.

        Raises
        ------
        Refusal
            If there is no such string.
        """
        if not 0 <= index < len(self.items):
            raise damaged(f"{_NAME}: {index}")
        return texts(self.items[index])

    @cached_property
    def blanks(self) -> frozenset[int]:
        """Numbers of the strings that hold nothing but spaces."""
        return frozenset(n for n, item in enumerate(self.items) if not texts(item).strip())

    def refuse_amplified(self, bodies: Iterable[bytes], cells: int) -> None:
        """Refuse a few long strings that very many cells repeat: each cell becomes a copy.

        Parameters
        ----------
        bodies
            Rows and cells of the sheets.
        cells
            Number of cells in them.

        Raises
        ------
        Refusal
            If the texts of all cells together are too long.
        """
        most = self._limits.text_characters
        if cells * self._longest <= most:
            return
        total, lengths = 0, self.lengths
        for body in bodies:
            for match in _REFERENCE.finditer(body):
                index = int(match[1])
                if index >= len(lengths):
                    raise damaged(f"{_NAME}: {index}")
                total += lengths[index]
                if total > most:
                    raise too_large("text_characters", most)

    def without_claims(self) -> bytes:
        """Return the part without the counts in its root, for which readers set memory aside.

        Empty bytes if the workbook has no such part.

        Raises
        ------
        Refusal
            If the part claims more strings than it has bytes.
        """
        if not self._part:
            return b""
        root = _ROOT.search(self._part)
        if not root:
            raise damaged(_NAME)
        claim = _CLAIM.search(root[1])
        if claim and (len(claim[1]) > 10 or int(claim[1]) > len(self._part)):
            raise unsafe("uniqueCount", claim[1][:20].decode())
        closing = b"/>" if root[1].endswith(b"/") else b">"
        return b"".join((b'<sst xmlns="', _NAMESPACE, b'"', closing, self._part[root.end() :]))


def texts(item: bytes) -> str:
    """Text of an ``si`` or ``is`` element, without the readings of signs."""
    return "".join(_text(*found) for found in _TEXT.findall(_PHONETIC.sub(b"", item)))


def runs(item: bytes, font: str | None) -> Runs:
    """Cut the markup of a rich text into runs; nothing if the text has one font throughout.

    Parameters
    ----------
    item
        Content of an ``si`` or ``is`` element.
    font
        Font of the cell, which holds where a run names none.

    Returns
    -------
    tuple of (text, font name)
        Texts joined are the value of the cell.
    """
    found = []
    for run in _RUN.findall(item):
        named = _RUN_FONT.search(run)
        name = unescape(named[1].decode("utf-8", "replace")) if named else font
        found.append(("".join(_text(*text) for text in _TEXT.findall(run)), name))
    return tuple(found)


def _text(attributes: bytes, raw: bytes) -> str:
    """Text of a ``t`` element, by the rules of the reader of values."""
    text = raw.decode("utf-8", "replace")
    if b"preserve" not in attributes:
        text = text.strip(" \t\r\n")
    return decode_escapes(unescape(text))


def decode_escapes(text: str) -> str:
    """Resolve the escapes ``_x000D_`` with which Excel stores control characters."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
