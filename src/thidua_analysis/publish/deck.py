"""An empty deck of slides: its theme, layouts and placeholders, and text that fits its box."""

from __future__ import annotations

import copy
import datetime as dt
import io
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil
from typing import Any, NamedTuple, Self, TypeVar

from thidua_analysis.charts import theme
from thidua_analysis.messages import text
from thidua_analysis.publish.html import rendered

#: A font that every office has, with all Vietnamese letters.
FONT = "Arial"
_T = TypeVar("_T")
#: Left and upper edge, width and height, in inches.
Box = tuple[float, float, float, float]
_WIDTH, _HEIGHT, _EDGE = 40 / 3, 7.5, 0.6
#: Inches between the edges.
INSIDE = _WIDTH - 2 * _EDGE
#: Points of text, of a source, and what a line is high in parts of its letters.
TEXT, SMALL, _LINE = 18, 12, 1.2
#: Inches by which a text may be measured too wide.
_EQUAL = 0.01
_NO_TIME = dt.datetime(1980, 1, 1)
_SPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
}
#: Parts of the empty deck that tell of another program.
_LEFT_OUT = ("thumbnail", "extended-properties", "printerSettings")
#: Signs that no file of an office program may hold, and blanks that are no part of a name.
_NO_TEXT = re.compile(r"[\x00-\x20\x7f\ud800-\udfff\ufffe\uffff]+")


class _Look(NamedTuple):
    """How the paragraphs of one level look."""

    size: int = TEXT
    colour: str = "tx1"
    bold: bool = False
    bullet: bool = False
    before: int = 0
    align: str = "l"


class Place(NamedTuple):
    """A placeholder: its kind and number, where it stands, and the looks of its levels."""

    kind: str
    idx: int
    box: Box
    looks: tuple[_Look, ...] = (_Look(),)
    anchor: str = "t"

    @property
    def name(self) -> str:
        """What it is called in the list of what is on a slide."""
        return text(f"slides-part-{'source' if self is SOURCE else self.kind}")


_HEAD = Place("title", 0, (_EDGE, 0.42, INSIDE, 0.96), (_Look(28, bold=True),))
SAID = Place("body", 11, (_EDGE, 1.42, INSIDE, 0.62), (_Look(colour="tx2"),))
PLOT: Box = (_EDGE, 2.12, INSIDE, 4.26)
SOURCE = Place("body", 13, (_EDGE, 6.45, INSIDE, 0.42), (_Look(SMALL, "tx2"),), "b")
BODY = Place("body", 1, (_EDGE, 1.5, INSIDE, 5.2), (_Look(26, bullet=True, before=14),))
TABLE = Place("tbl", 12, (_EDGE, 1.5, INSIDE, 4.88))
#: What a key figure is, its number, what else there is to say.
FIGURE = (_Look(20, "tx2"), _Look(60, "accent1", bold=True), _Look(TEXT, "tx2"))
CARDS = tuple(
    Place("body", 11 + at, (x, y, 5.85, 2.6), FIGURE)
    for at, (x, y) in enumerate((x, y) for y in (1.5, 4.2) for x in (_EDGE, 6.88))
)
_FOOT = (
    Place("ftr", 20, (_EDGE, 6.98, 6.3, 0.32), (_Look(SMALL, "tx2"),), "ctr"),
    Place("sldNum", 21, (12.03, 6.98, 0.7, 0.32), (_Look(SMALL, "tx2", align="r"),), "ctr"),
)
LAYOUTS = {
    "cover": (
        Place("ctrTitle", 0, (_EDGE, 1.5, INSIDE, 2.2), (_Look(40, "accent1", bold=True),), "b"),
        Place("subTitle", 1, (_EDGE, 3.95, INSIDE, 2.6), (_Look(24, "tx2", before=8),)),
    ),
    "facts": (_HEAD, BODY),
    "cards": (_HEAD, *CARDS),
    "chart": (_HEAD, SAID, Place("chart", 12, PLOT), SOURCE),
    "picture": (_HEAD, SAID, Place("pic", 12, PLOT), SOURCE),
    "table": (_HEAD, TABLE, SOURCE),
}


@dataclass
class Deck:
    """The slides that are being made, and the part that each belongs to."""

    shown: Any
    parts: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, title: str, author: str, *, illustrative: bool) -> Self:
        """Return a deck without slides, with a banner on each where the data are not real."""
        from pptx import Presentation
        from pptx.opc.constants import RELATIONSHIP_TYPE as RT
        from pptx.util import Inches

        shown: Any = Presentation()
        shown.slide_width, shown.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
        shown._element.sldSz.attrib.pop("type", None)
        for owner in (shown, shown.slide_master, shown.notes_master):
            for style in owner._element.iter(tag("a:defRPr")):
                style.set("lang", text("office-language"))
        for prompt in shown.notes_master._element.findall(f".//{tag('a:r')}/{tag('a:t')}"):
            prompt.text = text("slides-part-body")
        for unused in list(shown.slide_layouts)[len(LAYOUTS) :]:
            shown.slide_layouts.remove(unused)
        _lay_out(shown, illustrative)
        about = shown.core_properties
        about.title, about.author, about.language = (
            clean(title),
            clean(author),
            text("office-language"),
        )
        about.created = about.modified = _NO_TIME
        about.comments, about.last_modified_by, about.revision = "", "", 1
        package: Any = shown.part.package
        for owner in (package, shown.part):
            for relation in list(owner._rels.values()):
                if relation.reltype.rpartition("/")[2] in _LEFT_OUT:
                    owner._rels.pop(relation.rId)
        for dressed in (shown.slide_master, shown.notes_master):
            _colour(dressed.part.part_related_by(RT.THEME))
        return cls(shown)

    def add(self, layout: str, title: str, part: str, notes: Iterable[str]) -> dict[int, Any]:
        """Add a slide with its title, foot and notes; return its other placeholders by number."""
        kind = self.shown.slide_layouts[list(LAYOUTS).index(layout)]
        slide = self.shown.slides.add_slide(kind)
        self.parts.setdefault(part, []).append(slide.slide_id)
        names = {place.idx: place.name for place in LAYOUTS[layout]}
        found = {one.placeholder_format.idx: one for one in slide.placeholders}
        for idx, one in found.items():
            one.name = names[idx]
        _write_title(found.pop(0), title, LAYOUTS[layout][0])
        for foot in kind.placeholders:
            if foot.placeholder_format.idx >= _FOOT[0].idx:
                _add_foot(slide, foot, part, len(self.shown.slides))
        told = "\n".join(filter(None, map(clean, notes)))
        slide.notes_slide.notes_text_frame.text = told
        return found

    def data(self) -> bytes:
        """Return the file."""
        for slide in self.shown.slides:
            for tree in (slide._element, slide.notes_slide._element):
                for run in tree.iter(tag("a:r")):
                    run.get_or_add_rPr().set("lang", text("office-language"))
        named = [(clean(name), uuid.uuid5(uuid.NAMESPACE_URL, name)) for name in self.parts]
        sections = [
            {"name": name, "id": f"{{{number}}}".upper(), "slides": slides}
            for (name, number), slides in zip(named, self.parts.values(), strict=True)
        ]
        self.shown._element.append(_markup(sections=sections).find(tag("p:extLst")))
        stream = io.BytesIO()
        self.shown.save(stream)
        return stream.getvalue()


def _lay_out(shown: Any, illustrative: bool) -> None:
    """Give the master and its layouts their own placeholders, names and drawings."""
    line = {"id": 50, "name": text("slides-line"), "box": (0, 0, _WIDTH, 0.14)}
    banner = {"id": 51, "name": text("slides-banner"), "box": (7.3, 6.95, 4.6, 0.38)}
    drawn = [line, *[{**banner, "words": text("status-illustrative")}] * illustrative]
    _fill(shown.slide_master, (_HEAD, BODY, *_FOOT), drawn)
    for (name, places), layout in zip(LAYOUTS.items(), shown.slide_layouts, strict=True):
        _fill(layout, (*places, *(() if name == "cover" else _FOOT)))
        layout.name = text(f"slides-layout-{name}")
        layout._element.attrib.pop("type", None)


def _fill(owner: Any, places: Iterable[Place], drawn: Iterable[Any] = ()) -> None:
    """Give a master or a layout its placeholders instead of those that it has."""
    tree = owner.shapes._spTree
    for old in tree.findall(tag("p:sp")):
        tree.remove(old)
    tree.extend(_markup(places=list(places), drawn=list(drawn)).findall(tag("p:sp")))


def _markup(**page: Any) -> Any:
    from pptx.oxml import parse_xml

    return parse_xml(rendered("slides.xml.j2", page))


def tag(name: str) -> str:
    """Return the whole name of an element: of ``a:r``, ``p:sp`` or ``c:chart``."""
    space, _, own = name.partition(":")
    return f"{{{_SPACES[space]}}}{own}"


def _colour(part: Any) -> None:
    """Give a theme the palette of the charts and the font."""
    from pptx.oxml import parse_xml

    named = {"dk1": theme.INK, "lt1": theme.PAPER, "dk2": theme.MUTED, "lt2": theme.BLUES[3]}
    named |= {f"accent{at}": colour for at, colour in enumerate(theme.PALETTE, 1)}
    named |= {"hlink": theme.NAVY, "folHlink": theme.PLUM}
    colours = "".join(
        f'<a:{name}><a:srgbClr val="{value[1:].upper()}"/></a:{name}>'
        for name, value in named.items()
    )
    face = f'<a:latin typeface="{FONT}"/><a:ea typeface=""/><a:cs typeface=""/>'
    fonts = f"<a:majorFont>{face}</a:majorFont><a:minorFont>{face}</a:minorFont>"
    name, told = escape(text("slides-theme")), part.blob.decode("utf-8")
    for kind, inside in (("clrScheme", colours), ("fontScheme", fonts)):
        new = f'<a:{kind} name="{name}">{inside}</a:{kind}>'
        told = re.sub(rf"<a:{kind}\b.*?</a:{kind}>", new, told, flags=re.S)
    told = re.sub(r'(<a:theme\b[^>]*? name=)"[^"]*"', rf'\1"{name}"', told)
    if hasattr(part, "_element"):
        part._element = parse_xml(told.encode())
    else:
        part.blob = told.encode()


def _add_foot(slide: Any, foot: Any, part: str, number: int) -> None:
    """Add the foot that a layout has to a slide: the name of the part, or the number."""
    own, idx = copy.deepcopy(foot._element), foot.placeholder_format.idx
    body = own.txBody.bodyPr
    for inherited in (*own.spPr, *body, *own.txBody.find(tag("a:lstStyle"))):
        inherited.getparent().remove(inherited)
    body.attrib.clear()
    own.nvSpPr.cNvPr.set("id", str(80 + idx))
    own.find(f".//{tag('a:t')}").text = clean(part) if idx == _FOOT[0].idx else str(number)
    slide.shapes._spTree.append(own)


def clean(words: str) -> str:
    """Return a text as a file of an office program can hold it."""
    return _NO_TEXT.sub(" ", words).strip()


def lines(words: str, width: float, size: float, *, bold: bool = False) -> int:
    """Return how many lines a text takes; a word that is too long goes on in the next one.

    It is measured in letters that are no narrower than those of the slides.
    """
    found, used, blank = 1, 0.0, theme.text_width(" ", size, bold=bold)
    for word in words.split(" "):
        need = theme.text_width(word, size, bold=bold)
        if used and used + need > width + _EQUAL:
            found, used = found + 1, 0.0
        if need > width + _EQUAL:
            found, need = found + int(need // width), need % width
        used += need + blank
    return found


def height(words: str, width: float, size: float, *, bold: bool = False) -> float:
    """Return the height of a text in inches."""
    return lines(words, width, size, bold=bold) * size * _LINE / 72


def cut(words: str, box: Box, size: float, *, bold: bool = False) -> str:
    """Return as many words as a box has room for, with an ellipsis where some are left out."""
    whole = clean(words).split(" ")
    for kept in range(len(whole), 0, -1):
        told = " ".join([*whole[:kept], *["…"] * (kept < len(whole))])
        if height(told, box[2], size, bold=bold) <= box[3]:
            return told
    return theme.shorten(whole[0], box[2], size, bold=bold)


def even(rows: Sequence[_T], fits: Callable[[Sequence[_T]], bool]) -> list[Sequence[_T]]:
    """Split rows into as few parts of like size as fit."""
    for parts in range(1, len(rows) + 1):
        size = ceil(len(rows) / parts)
        found = [rows[at : at + size] for at in range(0, len(rows), size)]
        if all(map(fits, found)):
            return found
    return [rows[at : at + 1] for at in range(len(rows))]


def write(shape: Any, rows: Iterable[tuple[str, int]], size: int | None = None) -> None:
    """Write paragraphs, each on its level; the size is that of the layout unless one is given."""
    from pptx.util import Pt

    for at, (words, level) in enumerate(rows):
        frame = shape.text_frame
        paragraph = frame.add_paragraph() if at else frame.paragraphs[0]
        if level:
            paragraph.level = level
        run = paragraph.add_run()
        run.text = clean(words)
        if size:
            run.font.size = Pt(size)


def _write_title(shape: Any, title: str, place: Place) -> None:
    """Write a title in the largest letters that its box has room for."""
    title, usual = clean(title), place.looks[0].size
    sizes = [size for size in (usual, 36, 32, 28, 26, 24, 22, 20, TEXT) if size <= usual]
    fits = (s for s in sizes if height(title, place.box[2], s, bold=True) <= place.box[3])
    size = next(fits, sizes[-1])
    write(shape, [(cut(title, place.box, size, bold=True), 0)], size if size < usual else None)


def drop(shape: Any) -> None:
    """Take a placeholder that stays empty off its slide."""
    shape._element.getparent().remove(shape._element)
