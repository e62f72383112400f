"""Comments on cells: the part with their texts and the part with their boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

#: Author of our comments, by which they are known again when a marked copy comes back.
AUTHOR = "Cần sửa (thidua)"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FONT = '<{p}rPr><{p}sz val="10"/><{p}rFont val="Tahoma"/></{p}rPr>'
_SHAPE = re.compile(rb"<v:shape\b.*?</v:shape>", re.S)
_MAP = re.compile(rb"""(<o:idmap\b[^>]*\bdata=["'])([^"']*)(["'])""")
_BLOCK = 1024
_NUMBER = re.compile(rb"_x0000_s(\d+)")

NEW_COMMENTS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}">'
    "<authors></authors><commentList></commentList></comments>"
).encode()
NEW_SHAPES = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" '
    b'xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    b'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
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
    """Add comments to a part, and drop those of former marks.

    A cell that has the sender's own comment keeps it; ours is added below.

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
    found = elements(part, {"authors", "author", "commentList", "comment", "text", "t"})
    authors, listed = only(found, "authors", 1), only(found, "commentList", 1)
    if authors is None or listed is None:
        raise UnmarkableError("comments")
    prefix = listed.prefix.decode()
    ours, number, edits = _author(part, found, authors, prefix)
    todo, dropped = dict(texts), set()
    for tag in (t for t in found if t.name == "comment"):
        place = position(tag.attributes.get("ref", ""))
        if tag.attributes.get("authorId") == ours:
            edits.append((tag.start, tag.after, b""))
            dropped.add(place)
        elif place in todo:
            edits += _added_below(part, found, tag, todo.pop(place), prefix)
    new = "".join(_comment(place, text, number, prefix) for place, text in sorted(todo.items()))
    if new:
        edits.append(listed.append(part, new.encode()))
    return Commented(edited(part, edits), frozenset(todo), frozenset(dropped))


def _author(
    part: bytes, found: list[Tag], authors: Tag, prefix: str
) -> tuple[str | None, int, list[Edit]]:
    """Number of our author, if it was there before; its number now; what adds it."""
    names = [t for t in found if t.name == "author"]
    for number, tag in enumerate(names):
        if part[tag.end : tag.close].decode().strip() == AUTHOR:
            return str(number), number, []
    added = f"<{prefix}author>{AUTHOR}</{prefix}author>".encode()
    return None, len(names), [authors.append(part, added)]


def _run(text: str, prefix: str) -> str:
    font = _FONT.format(p=prefix)
    words = escape(text).decode()
    return f'<{prefix}r>{font}<{prefix}t xml:space="preserve">{words}</{prefix}t></{prefix}r>'


def _comment(place: Position, text: str, author: int, prefix: str) -> str:
    return (
        f'<{prefix}comment ref="{address(*place)}" authorId="{author}"><{prefix}text>'
        f"{_run(text, prefix)}</{prefix}text></{prefix}comment>"
    )


def _added_below(part: bytes, found: list[Tag], comment: Tag, text: str, prefix: str) -> list[Edit]:
    """Edits that add a text to a comment of the sender."""
    inner = [t for t in found if comment.start < t.start < comment.after]
    holder = next((t for t in inner if t.name == "text"), None)
    if holder is None:
        return []
    edits = [holder.append(part, _run(f"\n\n{text}", prefix).encode())]
    lone = next((t for t in inner if t.name == "t" and t.parent == "text"), None)
    if lone is not None:  # plain text must become a run before another run can follow
        run = f"<{prefix}r>".encode() + lone.whole(part) + f"</{prefix}r>".encode()
        edits.insert(0, (lone.start, lone.after, run))
    return edits


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
        boxes += _box(place, text, number, order)
        number += 1
    at = part.rfind(b"</xml>")
    if at < 0:
        raise UnmarkableError("shapes")
    return _with_blocks(part[:at] + boxes.encode() + part[at:], number - 1)


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
        row = re.search(rb"<x:Row>(\d+)</x:Row>", matched[0])
        column = re.search(rb"<x:Column>(\d+)</x:Column>", matched[0])
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
