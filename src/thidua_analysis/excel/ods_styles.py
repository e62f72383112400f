"""Styles of an .ods document: fonts, number formats, and which sheets are hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from thidua_analysis.excel.ods_formats import OdsFormats

#: Short names of the namespaces that matter (OpenDocument 1.3 part 3; LibreOffice's own last).
_PREFIXES = {
    f"urn:oasis:names:tc:opendocument:xmlns:{name}": prefix
    for name, prefix in {
        "office:1.0": "office",
        "style:1.0": "style",
        "text:1.0": "text",
        "table:1.0": "table",
        "drawing:1.0": "draw",
        "datastyle:1.0": "number",
        "svg-compatible:1.0": "svg",
        "xsl-fo-compatible:1.0": "fo",
    }.items()
} | {
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
    "http://www.w3.org/1999/xlink": "xlink",
}
#: Where the size of rows and columns stands.
_SIZES = {
    "style:table-row-properties": "style:row-height",
    "style:table-column-properties": "style:column-width",
}
_NOTHING = re.compile(r"0*\.?0*[a-z%]*")
#: Styles inherit from each other; no honest chain is longer.
_DEEPEST = 20


def short(tag: str) -> str:
    """Return an expat name with a short prefix: ``table:table-cell``."""
    namespace, _, local = tag.rpartition(" ")
    return f"{_PREFIXES.get(namespace, '')}:{local}"


def shortened(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return attributes under names with a short prefix."""
    return {short(name): value for name, value in attributes.items()}


@dataclass(slots=True)
class _Style:
    parent: str = ""
    data_style: str = ""
    font: str = ""
    #: height of rows, width of columns
    size: str = ""
    displays: bool = True


@dataclass(slots=True)
class OdsStyles:
    """Collects styles while the parts of a document are parsed.

    `start`, `text` and `end` are to be called with all that stands outside of the tables.
    """

    #: by family and name; the name is empty for the default of a family
    _styles: dict[tuple[str, str], _Style] = field(default_factory=dict)
    _faces: dict[str, str] = field(default_factory=dict)
    _style: _Style = field(default_factory=_Style)
    _formats: OdsFormats = field(default_factory=OdsFormats)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take note of a start tag with short names."""
        if self._formats.is_open:
            self._formats.start(name, attributes)
        elif name in ("style:style", "style:default-style"):
            self._style = _Style(
                attributes.get("style:parent-style-name", ""),
                attributes.get("style:data-style-name", ""),
            )
            family = attributes.get("style:family", "")
            self._styles[family, attributes.get("style:name", "")] = self._style
        elif name == "style:font-face":
            family = attributes.get("svg:font-family", "")
            self._faces[attributes.get("style:name", "")] = family.strip("'\"")
        elif name == "style:text-properties":
            named = attributes.get("style:font-name", "")
            family = attributes.get("fo:font-family", "").strip("'\"")
            self._style.font = self._faces.get(named, named) or family
        elif name in _SIZES:
            self._style.size = attributes.get(_SIZES[name], "")
        elif name == "style:table-properties":
            self._style.displays = attributes.get("table:display") != "false"
        else:
            self._formats.start(name, attributes)

    def text(self, text: str) -> None:
        """Take note of text."""
        self._formats.text(text)

    def end(self, name: str) -> None:
        """Take note of an end tag with a short name."""
        self._formats.end(name)

    def displays(self, name: str) -> bool:
        """Whether sheets of a style are shown."""
        style = self._styles.get(("table", name))
        return style.displays if style else True

    def has_no_size(self, name: str, family: str) -> bool:
        """Whether rows or columns of a style are of no height or width."""
        size = next((style.size for style in self._chain(family, name) if style.size), "")
        return bool(size) and _NOTHING.fullmatch(size.strip()) is not None

    def font(self, name: str, family: str = "table-cell") -> str | None:
        """Font name of a style, inherited where it names none."""
        return next((style.font for style in self._chain(family, name) if style.font), None)

    def code(self, name: str) -> str:
        """Number format code of a style of cells; ``""`` for General."""
        chain = self._chain("table-cell", name)
        named = next((style.data_style for style in chain if style.data_style), "")
        return self._formats.code(named)

    def _chain(self, family: str, name: str) -> list[_Style]:
        """Return a style and all that it inherits from, the default of its family last."""
        chain: list[_Style] = []
        while name and (family, name) in self._styles and len(chain) < _DEEPEST:
            chain.append(self._styles[family, name])
            name = chain[-1].parent
        default = self._styles.get((family, ""))
        return [*chain, default] if default else chain
