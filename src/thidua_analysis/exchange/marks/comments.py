"""Comments on cells: the part with their texts and the part with their boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from thidua_analysis.excel import address
from thidua_analysis.exchange.marks.markup import (
    Edit,
    Tag,
    UnmarkableError,
    edited,
    elements,
    escape,
    only,
)
from thidua_analysis.exchange.marks.sheet import Position, position

AUTHOR = "Cần sửa (thidua)"
#: What we say stands between these, alone or below what the sender said, so that it is known
#: again when a marked copy comes back, whoever wrote around it.
OPENING, CLOSING = f"[{AUTHOR}]", "[Hết]"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FONT = '<{p}rPr><{p}sz val="10"/><{p}rFont val="Tahoma"/></{p}rPr>'
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
_BLOCK = 1024
_NUMBER = re.compile(rb"_x0000_s(\d+)")

NEW_COMMENTS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}">'
    "<authors></authors><commentList></commentList></comments>"
).encode()
_DIALECT = {
    b"v": b"urn:schemas-microsoft-com:vml",
    b"o": b"urn:schemas-microsoft-com:office:office",
    b"x": b"urn:schemas-microsoft-com:office:excel",
}
_DECLARED = b"".join(b' xmlns:%s="%s"' % pair for pair in _DIALECT.items())
NEW_SHAPES = (
    b"<xml"
    + _DECLARED
    + b'><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
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


@dataclass(frozen=True, slots=True)
class Commented:
    """A part with comments added.

    Parameters
    ----------
    part
        The part.
    new
        Cells that have a comment of their own now, and need a box for it.
    dropped
        Cells whose comment of a former mark is gone, and whose box must go.
    """

    part: bytes
    new: frozenset[Position]
    dropped: frozenset[Position]


def with_comments(part: bytes, texts: Mapping[Position, str]) -> Commented:
    """Add comments to a part, and take away what former marks said.

    Whatever the sender wrote stays as it is, in comments of the sender and in ours; what we say
    is added below it.

    Parameters
    ----------
    part
        The part as it is; `NEW_COMMENTS` where there is none.
    texts
        Position of the cell, from 1 → text.

    Raises
    ------
    UnmarkableError
        If the part is not one of comments.
    """
    found = elements(part, {"authors", "author", "commentList", "comment", "text", "r", "t"})
    authors, listed = only(found, "authors", 1), only(found, "commentList", 1)
    if authors is None or listed is None:
        raise UnmarkableError("comments")
    prefix = listed.prefix.decode()
    edits: list[Edit] = []
    todo, dropped = dict(texts), set()
    for tag, inner in _comments(found):
        place = position(tag.attributes.get("ref", ""))
        if _is_ours_alone(part, inner):
            edits.append(_without(tag))
            dropped.add(place)
        elif any(t.name == "text" for t in inner):
            edits += _said_anew(part, inner, todo.pop(place, None), prefix)
    if todo:
        number, added = _author(part, found, authors, prefix)
        new = "".join(_comment(place, text, number, prefix) for place, text in sorted(todo.items()))
        edits += [*added, listed.append(part, new.encode())]
    return Commented(edited(part, edits), frozenset(todo), frozenset(dropped))


def _comments(found: list[Tag]) -> list[tuple[Tag, list[Tag]]]:
    """Return each comment with the elements in it."""
    comments: list[tuple[Tag, list[Tag]]] = []
    for tag in found:
        if tag.name == "comment":
            comments.append((tag, []))
        elif comments and tag.start < comments[-1][0].after:
            comments[-1][1].append(tag)
    return comments


def _author(part: bytes, found: list[Tag], authors: Tag, prefix: str) -> tuple[int, list[Edit]]:
    """Number of our author, and what adds it where it was not there before."""
    names = [t for t in found if t.name == "author"]
    for number, tag in enumerate(names):
        if tag.content(part).decode().strip() == AUTHOR:
            return number, []
    added = f"<{prefix}author>{AUTHOR}</{prefix}author>".encode()
    return len(names), [authors.append(part, added)]


def said(text: str) -> str:
    """Return a text as it stands in a comment, bounded so that it is known again."""
    return f"{OPENING}\n{text.replace(CLOSING, '')}\n{CLOSING}"


def _run(text: str, prefix: str) -> str:
    font = _FONT.format(p=prefix)
    words = escape(text).decode()
    return f'<{prefix}r>{font}<{prefix}t xml:space="preserve">{words}</{prefix}t></{prefix}r>'


def _comment(place: Position, text: str, author: int, prefix: str) -> str:
    return (
        f'<{prefix}comment ref="{address(*place)}" authorId="{author}"><{prefix}text>'
        f"{_run(said(text), prefix)}</{prefix}text></{prefix}comment>"
    )


def _words(inner: list[Tag]) -> list[Tag]:
    """Elements that hold the text of a comment, without readings of signs."""
    return [t for t in inner if t.name == "t" and t.parent in ("text", "r")]


def _is_ours_alone(part: bytes, inner: list[Tag]) -> bool:
    """Whether a comment holds what we said and nothing else."""
    text = b"".join(t.content(part) for t in _words(inner))
    rest = _OURS.sub(b"", text)
    return rest != text and not rest.strip()


def _said_anew(part: bytes, inner: list[Tag], text: str | None, prefix: str) -> list[Edit]:
    """Edits that take what we said out of a comment, and add another text below."""
    holder = next(t for t in inner if t.name == "text")
    edits: list[Edit] = []
    for tag, kept in _kept(part, _words(inner)):
        run = next((t for t in inner if t.name == "r" and t.start < tag.start < t.after), None)
        whole = tag.within(part) + kept + part[tag.close : tag.after]
        if run is None and text is not None:  # plain text must be a run before another one
            edits.append((tag.start, tag.after, _in_run(whole, prefix)))
        elif kept != tag.content(part):
            edits.append((tag.end, tag.close, kept) if kept or not run else _without(run))
    if text is not None:
        edits.append(holder.append(part, _run(f"\n\n{said(text)}", prefix).encode()))
    return edits


def _without(tag: Tag) -> Edit:
    return tag.start, tag.after, b""


def _in_run(element: bytes, prefix: str) -> bytes:
    return f"<{prefix}r>".encode() + element + f"</{prefix}r>".encode()


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


def with_shapes(part: bytes, texts: Mapping[Position, str], first: int) -> bytes:
    """Add the boxes of comments to a part that holds shapes.

    Boxes are drawn in a dialect that need not be well formed, so that what is there is left
    as it stands, but for the boxes of comments that are drawn anew.

    Parameters
    ----------
    part
        The part as it is; `NEW_SHAPES` where there is none.
    texts
        As for `with_comments`, but only of the cells that get a box.
    first
        Number from which shapes are numbered, at least.

    Raises
    ------
    UnmarkableError
        If the part has no end.
    """
    numbers = [int(n) for n in _NUMBER.findall(part)]
    number = max([first, *numbers]) + 1
    boxes = "" if b'id="_x0000_t202"' in part else _TYPE
    for order, (place, text) in enumerate(sorted(texts.items()), 1):
        boxes += _box(place, said(text), number, order)
        number += 1
    at = part.rfind(b"</xml>")
    if at < 0:
        raise UnmarkableError("shapes")
    return _with_names(_with_blocks(part[:at] + boxes.encode() + part[at:], number - 1))


def _with_names(part: bytes) -> bytes:
    """Declare the prefixes of our boxes where a program wrote the part with others."""

    def declared(matched: re.Match[bytes]) -> bytes:
        missing = (pair for pair in _DIALECT.items() if b"xmlns:%s=" % pair[0] not in matched[0])
        return matched[0] + b"".join(b' xmlns:%s="%s"' % pair for pair in missing)

    return _ROOT.sub(declared, part, count=1)


def _with_blocks(part: bytes, last: int) -> bytes:
    """State the blocks of 1,024 numbers that shapes are numbered in, as Excel wants it."""

    def extended(matched: re.Match[bytes]) -> bytes:
        blocks = {int(n) for n in matched[2].split(b",") if n.strip().isdigit()}
        known = sorted(blocks | set(range(1, last // _BLOCK + 1)))
        return matched[1] + ",".join(map(str, known)).encode() + matched[3]

    return _MAP.sub(extended, part, count=1)


def without_shapes(part: bytes, places: frozenset[Position]) -> bytes:
    """Take the boxes of comments on some cells away."""

    def kept(matched: re.Match[bytes]) -> bytes:
        row, column = _ROW.search(matched[0]), _COLUMN.search(matched[0])
        if row and column and (int(row[1]) + 1, int(column[1]) + 1) in places:
            return b""
        return matched[0]

    return _SHAPE.sub(kept, part)


def _box(place: Position, text: str, number: int, order: int) -> str:
    row, column = place[0] - 1, place[1] - 1
    lines = sum(1 + len(line) // 48 for line in text.split("\n"))
    return _BOX.format(
        number=number, order=order, height=14 * lines + 10, row=row, column=column,
        left=column + 1, right=column + 5, top=max(0, row - 1), bottom=max(0, row - 1) + lines,
    )  # fmt: skip
