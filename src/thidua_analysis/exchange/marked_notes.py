"""Notes on cells: the part with their texts, and the part with the boxes that they show in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from thidua_analysis.excel import Position, address, position
from thidua_analysis.exchange.marked_package import (
    MAIN,
    Edit,
    Tag,
    UnmarkableError,
    edited,
    elements,
    escape,
    only,
    prefixed,
    within,
)

AUTHOR = "Cần sửa (thidua)"
#: What we say stands between these, alone or below what the sender said, so that it is known
#: again when a marked copy comes back, whoever wrote around it.
OPENING, CLOSING = f"[{AUTHOR}]", "[Hết]"
_LINE = rb"(?:\r?\n|&#10;|&#xA;)"
_OURS = re.compile(
    rb"(?:%s{2})?%s.*?%s" % (_LINE, re.escape(OPENING.encode()), re.escape(CLOSING.encode())),
    re.S,
)
_SHAPE = re.compile(
    rb"""<((?:[\w.-]+:)?)shape\b(?:[^>"']|"[^"]*"|'[^']*')*(?<!/)>.*?</\1shape>""", re.S
)
_ROW, _COLUMN = (
    re.compile(rb"<(?:[\w.-]+:)?%s>\s*(\d+)\s*</" % name) for name in (b"Row", b"Column")
)
_MAP = re.compile(rb"""(<(?:[\w.-]+:)?idmap\b[^>]*\bdata=["'])([^"']*)(["'])""")
_ROOT = re.compile(rb"<xml\b[^>]*")
_NUMBER = re.compile(rb"_x0000_s(\d+)")
#: Shapes are numbered in blocks of so many; programs number the boxes of notes from 1025.
_BLOCK = 1024

NEW_NOTES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{MAIN}">'
    "<authors></authors><commentList></commentList></comments>"
).encode()
_DIALECT = {
    b"v": b"urn:schemas-microsoft-com:vml",
    b"o": b"urn:schemas-microsoft-com:office:office",
    b"x": b"urn:schemas-microsoft-com:office:excel",
}
NEW_BOXES = (
    b'<xml><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)
_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
    "margin-left:60pt;margin-top:2pt;width:260pt;height:{height}pt;z-index:{order};"
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left}, 15, {top}, 2, {right}, 20, {bottom}, 8</x:Anchor>"
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
    "</x:ClientData></v:shape>"
)


class Noted(NamedTuple):
    """A part with notes, the cells that need a box for one now, and those whose box must go."""

    part: bytes
    new: frozenset[Position]
    dropped: frozenset[Position]


def with_notes(part: bytes, texts: Mapping[Position, str]) -> Noted:
    """Add notes to a part, and take away what former marks said.

    Whatever the sender wrote stays as it is, in notes of the sender and in ours; what we say is
    added below it.
    """
    found = elements(part, {"authors", "author", "commentList", "comment", "text", "r", "t"})
    listed = only(found, "commentList", 1)
    edits: list[Edit] = []
    todo, dropped = dict(texts), set()
    for tag, inner in within(found, "comment"):
        place = position(tag.attributes.get("ref", ""))
        if _is_ours_alone(part, inner):
            edits.append(tag.removed())
            dropped.add(place)
        elif any(t.name == "text" for t in inner):
            edits += _said_anew(part, inner, todo.pop(place, None))
    if todo:
        number, added = _author(part, found)
        notes = "".join(
            f'<comment ref="{address(*place)}" authorId="{number}"><text>{_run(said(text))}'
            "</text></comment>"
            for place, text in sorted(todo.items())
        )
        edits += [*added, *listed.append(part, notes)]
    return Noted(edited(part, edits), frozenset(todo), frozenset(dropped))


def _author(part: bytes, found: list[Tag]) -> tuple[int, list[Edit]]:
    """Return the number of our author, and what adds it where it was not there before."""
    names = [t.content(part).decode().strip() for t in found if t.name == "author"]
    if AUTHOR in names:
        return names.index(AUTHOR), []
    authors = only(found, "authors", 1)
    return len(names), authors.append(part, f"<author>{AUTHOR}</author>")


def said(text: str) -> str:
    """Return a text as it stands in a note, bounded so that it is known again."""
    return f"{OPENING}\n{text.replace(CLOSING, '')}\n{CLOSING}"


def _run(text: str) -> str:
    font = '<rPr><sz val="10"/><rFont val="Tahoma"/></rPr>'
    return f'<r>{font}<t xml:space="preserve">{escape(text)}</t></r>'


def _words(inner: list[Tag]) -> list[Tag]:
    """Elements that hold the text of a note, without readings of signs."""
    return [t for t in inner if t.name == "t" and t.parent in ("text", "r")]


def _is_ours_alone(part: bytes, inner: list[Tag]) -> bool:
    """Whether a note holds what we said and nothing else."""
    text = b"".join(t.content(part) for t in _words(inner))
    rest = _OURS.sub(b"", text)
    return rest != text and not rest.strip()


def _said_anew(part: bytes, inner: list[Tag], text: str | None) -> list[Edit]:
    """Edits that take what we said out of a note, and add another text below."""
    holder = next(t for t in inner if t.name == "text")
    edits: list[Edit] = []
    for tag, kept in _kept(part, _words(inner)):
        run = next((t for t in inner if t.name == "r" and t.start < tag.start < t.after), None)
        if run is None and text is not None:  # plain text must be a run before another one
            whole = tag.opened(part) + kept + part[tag.close : tag.after]
            opened, closed = (prefixed(mark, tag.prefix) for mark in ("<r>", "</r>"))
            edits.append((tag.start, tag.after, opened + whole + closed))
        elif kept != tag.content(part):
            edits.append((tag.end, tag.close, kept) if kept or not run else run.removed())
    if text is not None:
        edits += holder.append(part, _run(f"\n\n{said(text)}"))
    return edits


def _kept(part: bytes, words: list[Tag]) -> Iterator[tuple[Tag, bytes]]:
    """Yield each element of a text with what is left of it without what we said."""
    text = b"".join(tag.content(part) for tag in words)
    ours = [found.span() for found in _OURS.finditer(text)]
    at = 0
    for tag in words:
        end = at + len(tag.content(part))
        kept, place = b"", at
        for first, last in ours:
            if first < end and last > at:
                kept += text[place : max(first, place)]
                place = min(last, end)
        yield tag, kept + text[place:end]
        at = end


def with_boxes(part: bytes, texts: Mapping[Position, str], dropped: Collection[Position]) -> bytes:
    """Add the boxes of new notes, and take those of dropped ones away.

    Boxes are drawn in a dialect that need not be well formed, so that what is there is left
    as it stands, but for the boxes of notes that are drawn anew.
    """

    def kept(matched: re.Match[bytes]) -> bytes:
        row, column = _ROW.search(matched[0]), _COLUMN.search(matched[0])
        gone = row and column and (int(row[1]) + 1, int(column[1]) + 1) in dropped
        return b"" if gone else matched[0]

    part = _SHAPE.sub(kept, part)
    before, end, after = part.rpartition(b"</xml>")
    if not end:
        raise UnmarkableError("shapes")
    last = max([_BLOCK, *(int(number) for number in _NUMBER.findall(part))])
    boxes = "" if b'id="_x0000_t202"' in part else _TYPE
    for order, (place, text) in enumerate(sorted(texts.items()), 1):
        boxes += _box(place, said(text), last + order, order)
    part = before + boxes.encode() + end + after
    return _ROOT.sub(_declared, _with_blocks(part, last + len(texts)), count=1)


def _declared(matched: re.Match[bytes]) -> bytes:
    """Declare the prefixes of our boxes where a program wrote the part with others."""
    missing = (pair for pair in _DIALECT.items() if b"xmlns:%s=" % pair[0] not in matched[0])
    return matched[0] + b"".join(b' xmlns:%s="%s"' % pair for pair in missing)


def _with_blocks(part: bytes, last: int) -> bytes:
    """State the blocks that shapes are numbered in, as Excel wants it."""

    def extended(matched: re.Match[bytes]) -> bytes:
        blocks = {int(n) for n in matched[2].split(b",") if n.strip().isdigit()}
        known = sorted(blocks | set(range(1, last // _BLOCK + 1)))
        return matched[1] + ",".join(map(str, known)).encode() + matched[3]

    return _MAP.sub(extended, part, count=1)


def _box(place: Position, text: str, number: int, order: int) -> str:
    row, column = place[0] - 1, place[1] - 1
    lines = sum(1 + len(line) // 48 for line in text.split("\n"))
    return _BOX.format(
        number=number, order=order, height=14 * lines + 10, row=row, column=column,
        left=column + 1, right=column + 5, top=max(0, row - 1), bottom=max(0, row - 1) + lines,
    )  # fmt: skip
