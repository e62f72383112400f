"""What an .xlsx stores around its cells: list of sheets, styles, texts, hidden columns, merges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from thidua_analysis.excel.cells import (
    Budget,
    Limits,
    Merge,
    Runs,
    column_number,
    damaged,
    too_large,
    unsafe,
)
from thidua_analysis.excel.number_formats import BUILTIN, own_code, to_number
from thidua_analysis.excel.package import Element, Relation, elements, main_part, parse, relations

#: Kinds of sheet without cells for people to fill in: charts, dialogs and old macros.
_NO_CELLS = ("chartsheet", "dialogsheet", "acrosheet")
_NOWHERE = Relation("", "", "")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_COLUMN = re.compile(r"[0-9]{1,5}")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_TRUE = frozenset({"1", "true", "on"})
#: Text in which nothing but the commonest references must be resolved.
PLAIN_TEXT = r"(?:[^<&]++|&(?:amp|lt|gt|quot|apos);)*+"
#: A text without fonts of its own; anything else is left to expat.
PLAIN_ELEMENT = rf'<t( xml:space="preserve")?+>({PLAIN_TEXT})</t>'
_NAME = "sharedStrings.xml"
_ITEM = re.compile(PLAIN_ELEMENT)
_SPACES = " \t\r\n"
_ITEMS = re.compile(rf"(?:\s*+<si>{PLAIN_ELEMENT}</si>)*+\s*+</sst>\s*\Z")
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


class Style(NamedTuple):
    """What the number in the ``s`` attribute of a cell stands for."""

    #: number format code; ``""`` for General and formats that change nothing
    code: str = ""
    font: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, eq=False)
class Book:
    """What all sheets of a workbook share."""

    entries: tuple[Entry, ...]
    date_1904: bool
    #: the program must compute all formulas when it opens the file: stored results are void
    computes: bool
    styles: list[Style]
    #: most have one font: only the others are more than a text
    strings: Sequence[str | Text]
    budget: Budget

    @cached_property
    def usual_texts(self) -> dict[str, str]:
        """Number as a cell stores it → shared text that is neither blank nor rich."""
        plain = ((at, text) for at, text in enumerate(self.strings) if isinstance(text, str))
        return {str(at): text for at, text in plain if text and not text.isspace()}

    @cached_property
    def usual_fonts(self) -> dict[str, str | None]:
        """Style as a cell names it → its font, where its format says nothing of the value."""
        fonts = {str(at): look.font for at, look in enumerate(self.styles) if not look.code}
        # a cell that names none has the first one
        return {**fonts, "": fonts["0"]} if "0" in fonts else fonts


def read_book(parts: Mapping[str, bytes], limits: Limits) -> Book:
    """Read the workbook part, and those that all sheets refer to."""
    main = main_part(parts)
    if main not in parts:
        raise damaged(main)
    related = relations(parts, main)
    listed = elements(parts[main], {"sheet", "workbookPr", "calcPr"}, main)
    sheets = [found for found in listed if found.name == "sheet" and found.parent == "sheets"]
    budget = Budget(limits)
    budget.refuse_sheets(len(sheets))
    entries = tuple(entry for found in sheets if (entry := _entry(found, related, parts)))
    if len({entry.part for entry in entries}) < len(entries):
        raise damaged(main)
    return Book(
        entries,
        any(is_set(found, "workbookPr", "date1904") for found in listed),
        any(is_set(found, "calcPr", "fullCalcOnLoad") for found in listed),
        read_styles(_of_type(related, "styles", parts)),
        read_strings(_of_type(related, "sharedStrings", parts), limits),
        budget,
    )


def _entry(
    found: Element, related: Mapping[str, Relation], parts: Mapping[str, bytes]
) -> Entry | None:
    name = found.attributes.get("name", "")
    relation = related.get(found.attributes.get("id", ""), _NOWHERE)
    if relation.kind.endswith(_NO_CELLS):
        return None
    if relation.part not in parts:
        raise damaged(name)
    return Entry(name, relation.part, found.attributes.get("state", "visible") != "visible")


def _of_type(related: Mapping[str, Relation], kind: str, parts: Mapping[str, bytes]) -> bytes:
    named = [relation.part for relation in related.values() if relation.kind == kind]
    return next((parts[part] for part in named if part in parts), b"")


def is_set(found: Element, name: str, attribute: str) -> bool:
    """Whether this is the element of that name, and its attribute says yes."""
    return found.name == name and found.attributes.get(attribute, "").lower() in _TRUE


def is_hidden(attributes: Mapping[str, str], size: str) -> bool:
    """Whether a row or column says that it is hidden, or has no height or width."""
    return attributes.get("hidden") in ("1", "true") or to_number(attributes.get(size, "1")) == 0


def hidden_columns(around: Iterable[Element], last: int) -> set[int]:
    """Return the columns up to the last one that do not show."""
    flags = bytearray(last + 1)
    for found in around:
        if found.name == "col" and is_hidden(found.attributes, "width"):
            first, end = (found.attributes.get(name, "") for name in ("min", "max"))
            if _COLUMN.fullmatch(first) and _COLUMN.fullmatch(end):
                shown = slice(int(first), min(int(end), last) + 1)
                flags[shown] = b"\1" * len(flags[shown])
    return {column for column, flag in enumerate(flags) if flag}


def merges(around: Iterable[Element], budget: Budget) -> list[Merge]:
    """Return the merged ranges of a sheet."""
    refs = [found.attributes.get("ref", "") for found in around if found.name == "mergeCell"]
    budget.take_merges(len(refs))
    return [merge for ref in refs if (merge := _merge(ref))]


def _merge(ref: str) -> Merge | None:
    matched = _RANGE.fullmatch(ref)
    if not matched:
        raise damaged(ref)
    left, top, right, bottom = matched.groups()
    if right is None:
        return None
    rows = sorted((int(top), int(bottom)))
    columns = sorted((column_number(left), column_number(right)))
    if rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
        raise damaged(ref)
    return Merge(rows[0], columns[0], rows[1], columns[1])


def read_styles(part: bytes) -> list[Style]:
    """Read the cell styles of a ``styles.xml``; empty bytes give none."""
    wanted = {"numFmt", "font", "name", "xf"}
    listed = elements(part, wanted, "styles.xml") if part else ()
    codes, fonts, is_of_cells = dict(BUILTIN), list[str | None](), False
    for found in listed:
        if found.parent == "numFmts":
            codes[_number(found, "numFmtId")] = own_code(found.attributes.get("formatCode", ""))
        elif found.name == "font":
            # conditional formats hold fonts too, which no cell names
            is_of_cells = found.parent == "fonts"
            fonts += [None] if is_of_cells else []
        elif found.name == "name" and found.parent == "font" and is_of_cells:
            fonts[-1] = found.attributes.get("val")
    return [
        Style(
            codes.get(_number(found, "numFmtId"), ""),
            fonts[font] if (font := _number(found, "fontId")) < len(fonts) else None,
        )
        for found in listed
        if found.name == "xf" and found.parent == "cellXfs"
    ]


def _number(found: Element, attribute: str) -> int:
    text = found.attributes.get(attribute, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def read_strings(part: bytes, limits: Limits) -> Sequence[str | Text]:
    """Read the table of shared strings, empty bytes if the workbook has none."""
    claim = _CLAIM.search(part)
    if claim and (len(claim[1]) > 10 or int(claim[1]) > len(part)):
        raise unsafe("uniqueCount", claim[1][:20].decode())
    if not part:
        return []
    strings: Sequence[str | Text] | None = _plain_strings(decoded(part, _NAME))
    if strings is None:
        strings = _all_strings(part, limits)
    texts = (string if isinstance(string, str) else string.text for string in strings)
    if max(map(len, texts), default=0) > limits.string_characters:
        raise too_large("string_characters", limits.string_characters)
    return strings


def decoded(part: bytes, name: str) -> str:
    """Return markup as text, each line break one character as XML wants it."""
    try:
        text = part.decode()
    except UnicodeDecodeError as error:
        raise damaged(name) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _plain_strings(markup: str) -> list[str] | None:
    """Texts of a table in which none has fonts of its own, else None."""
    root = _ROOT.match(markup)
    if not root or not _ITEMS.match(markup, root.end()):
        return None
    items = _ITEM.findall(markup, root.end())
    if "&" in markup or "_x" in markup:
        return [stored_text(text, keeps_spaces=bool(spaced)) for spaced, text in items]
    return [text if spaced else text.strip(_SPACES) for spaced, text in items]


def _all_strings(part: bytes, limits: Limits) -> list[str | Text]:
    """Texts of a table in any markup; the size is bounded, because this is slow."""
    if len(part) > limits.rewritten_bytes:
        raise too_large("rewritten_bytes", limits.rewritten_bytes, _NAME)
    strings: list[str | Text] = []
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
            text = item.finished()
            strings.append(text if text.runs else text.text)
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
        text = text.strip(_SPACES)
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
