"""Cell formats for marks: copies of the formats in use, with another fill, added at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from thidua_analysis.exchange.marks.markup import (
    Edit,
    Tag,
    UnmarkableError,
    edited,
    elements,
    only,
    with_attribute,
)

#: Fill of a mark by severity. No other program uses just these, so that they are known again.
FILLS = {"error": "FFFFC7C9", "warning": "FFFFE9A8", "note": "FFD6E8FB"}
#: Shades of a fill that nobody tells apart; each says which fill of the sender a mark covers.
SHADES = 64
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WANTED = frozenset(
    "styleSheet fonts font fills fill fgColor borders border cellXfs xf alignment".split()
)
_FONTS = {
    "title": '<font><b/><sz val="14"/><color rgb="FF12436D"/><name val="Times New Roman"/></font>',
    "strong": '<font><b/><sz val="12"/><name val="Times New Roman"/></font>',
    "plain": '<font><sz val="12"/><name val="Times New Roman"/></font>',
    "link": '<font><u/><sz val="12"/><color rgb="FF0000FF"/><name val="Times New Roman"/></font>',
}
_LOOKS = {
    "title": ("title", None, False),
    "text": ("plain", None, True),
    "plain": ("plain", None, False),
    "heading": ("strong", "FFE7EDF3", True),
    "link": ("link", None, True),
    **{severity: ("strong", colour, True) for severity, colour in FILLS.items()},
}

NEW_PART = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{_MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
).encode()


class Styles:
    """The part ``styles.xml`` with formats added to it.

    Parameters
    ----------
    part
        The part as it is.

    Raises
    ------
    UnmarkableError
        If it lacks fonts, fills or formats.
    """

    def __init__(self, part: bytes) -> None:
        self.part = part
        found = elements(part, _WANTED)
        self._fonts, self._fills, self._formats = (
            _list(found, name) for name in ("fonts", "fills", "cellXfs")
        )
        self._prefix = self._formats.prefix.decode()
        self._base = [t for t in found if t.name == "xf" and t.parent == "cellXfs"]
        self._counts = {
            "font": sum(t.name == "font" and t.parent == "fonts" for t in found),
            "fill": sum(t.name == "fill" and t.parent == "fills" for t in found),
            "xf": len(self._base),
        }
        self._ours = _own_fills(found)
        self._former: dict[int, int] = {}
        self._samples: dict[int, tuple[int, int]] = {}
        self._added: dict[str, list[str | bytes]] = {"font": [], "fill": [], "xf": []}
        self._known: dict[tuple[object, ...], int] = {}

    def marked(self, base: int, severity: str) -> int:
        """Return the number of the format that is ``base`` with the fill of a severity."""
        return self._refilled(base, self._fill(shade(severity, self._covered(base))))

    def unmarked(self, base: int) -> int | None:
        """Return the format with the fill that a former mark covers; None if it bears none."""
        if self._fill_of(base) not in self._ours:
            return None
        return self._refilled(base, self._own_fill(base))

    @property
    def samples(self) -> dict[int, int]:
        """Shade of the marks → a format with the fill of the sender that it covers."""
        return {
            number: base if self._fill_of(base) == fill else self._refilled(base, fill)
            for fill, (number, base) in self._samples.items()
        }

    def learn(self, samples: Mapping[int, int]) -> None:
        """Take in the samples of a former copy: shade → a format with the sender's fill."""
        self._former = {number: self._fill_of(style) for number, style in samples.items()}

    @property
    def bears_marks(self) -> bool:
        """Whether there were fills of former marks."""
        return bool(self._ours)

    def look(self, name: str) -> int:
        """Return the number of a format of the list sheet."""
        return self._once(("look", name), lambda: self._add("xf", self._look(name)))

    def render(self) -> bytes:
        """Return the part with everything added."""
        edits: list[Edit] = []
        for name, holder in (("font", self._fonts), ("fill", self._fills), ("xf", self._formats)):
            if self._added[name]:
                edits += _grown(self.part, holder, self._added[name], self._counts[name])
        return edited(self.part, edits)

    def _fill_of(self, base: int) -> int:
        if base >= len(self._base):
            return 0
        return int(self._base[base].attributes.get("fillId", "0"))

    def _own_fill(self, base: int) -> int:
        """Return the sender's fill: that of the format, or that which a former mark covers."""
        fill = self._fill_of(base)
        covered = self._former.get(self._ours[fill], 0) if fill in self._ours else fill
        return 0 if covered in self._ours else covered

    def _covered(self, base: int) -> int:
        """Return the number of the shade that says which fill of the sender is covered."""
        fill = self._own_fill(base)
        if not fill or (fill not in self._samples and len(self._samples) == SHADES - 1):
            return 0
        return self._samples.setdefault(fill, (len(self._samples) + 1, base))[0]

    def _refilled(self, base: int, fill: int) -> int:
        return self._once(("xf", base, fill), lambda: self._add("xf", self._copy(base, fill)))

    def _copy(self, base: int, fill: int) -> bytes:
        if base >= len(self._base):
            return self._xf(f'numFmtId="0" fontId="0" fillId="{fill}" borderId="0" applyFill="1"')
        tag = self._base[base]
        opened = with_attribute(tag.within(self.part), "fillId", str(fill))
        return with_attribute(opened, "applyFill", "1") + self.part[tag.end : tag.after]

    def _xf(self, attributes: str) -> bytes:
        return f"<{self._prefix}xf {attributes}/>".encode()

    def _look(self, name: str) -> bytes:
        font, colour, wraps = _LOOKS[name]
        number = self._once(("font", font), lambda: self._add("font", self._named(_FONTS[font])))
        fill = self._fill(colour) if colour else 0
        wrap = ' wrapText="1"' if wraps else ""
        p = self._prefix
        return (
            f'<{p}xf numFmtId="49" fontId="{number}" fillId="{fill}" borderId="0" quotePrefix="1" '
            f'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">'
            f'<{p}alignment vertical="top"{wrap}/></{p}xf>'
        ).encode()

    def _fill(self, colour: str) -> int:
        content = (
            f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/>'
            '<bgColor indexed="64"/></patternFill></fill>'
        )
        return self._once(("fill", colour), lambda: self._add("fill", self._named(content)))

    def _named(self, content: str) -> str:
        """Give the elements the prefix of the part."""
        if not self._prefix:
            return content
        closed = content.replace("</", "\0").replace("<", f"<{self._prefix}")
        return closed.replace("\0", f"</{self._prefix}")

    def _add(self, name: str, content: str | bytes) -> int:
        self._added[name].append(content)
        return self._counts[name] + len(self._added[name]) - 1

    def _once(self, key: tuple[object, ...], make: Callable[[], int]) -> int:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]


def _list(found: list[Tag], name: str) -> Tag:
    tag = only(found, name, 1)
    if tag is None:
        raise UnmarkableError(f"styles without {name}")
    return tag


def shade(severity: str, number: int = 0) -> str:
    """Return the fill of a severity; each of its shades differs by 3 of 255 at most."""
    channels = bytes.fromhex(FILLS[severity])
    less = (0, number >> 4 & 3, number >> 2 & 3, number & 3)
    return bytes(c - n for c, n in zip(channels, less, strict=True)).hex().upper()


def _own_fills(found: list[Tag]) -> dict[int, int]:
    """Numbers of the fills that a former mark left, and of the shade of each."""
    shades = {shade(severity, n): n for severity in FILLS for n in range(SHADES)}
    ours: dict[int, int] = {}
    number, within = -1, False
    for tag in found:
        if tag.name == "fill":
            within = tag.parent == "fills"
            number += within
        elif tag.name == "fgColor" and within:
            colour = tag.attributes.get("rgb", "").upper()
            if colour in shades:
                ours[number] = shades[colour]
    return ours


def _grown(part: bytes, holder: Tag, added: list[str | bytes], count: int) -> list[Edit]:
    """Edits that add entries to a list and say how many there are."""
    content = b"".join(c if isinstance(c, bytes) else c.encode() for c in added)
    if holder.empty:
        raise UnmarkableError(f"empty {holder.name}")
    counted = holder.with_attribute(part, "count", str(count + len(added)))
    return [counted, holder.append(part, content)]
