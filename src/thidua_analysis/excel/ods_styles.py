"""Styles of an .ods document: fonts, number formats as Excel writes them, and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

from thidua_analysis.excel.number_formats import own_code

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
_NO_SIZE = re.compile(r"0*\.?0*[a-z%]*")
#: Styles inherit from each other; no honest chain is longer.
_DEEPEST = 20
_DATES = ("number:date-style", "number:time-style")
_PERCENT = "number:percentage-style"
_FORMATS = (
    *_DATES,
    _PERCENT,
    "number:number-style",
    "number:currency-style",
    "number:text-style",
)
#: Parts of a date, as (short, long) letters of a number format code.
_LETTERS = {
    "number:day": ("d", "dd"),
    "number:month": ("m", "mm"),
    "number:year": ("yy", "yyyy"),
    "number:day-of-week": ("ddd", "dddd"),
    "number:hours": ("h", "hh"),
    "number:minutes": ("m", "mm"),
    "number:seconds": ("s", "ss"),
    "number:am-pm": ("AM/PM", "AM/PM"),
}
#: Parts that are one piece of code whatever they say.
_FIXED = {
    "number:scientific-number": "0.00E+00",
    "number:fraction": "# ?/?",
    "number:text-content": "@",
}
_CONDITION = re.compile(r"value\(\) ?(<=|>=|!=|[<>=]) ?([-+0-9.eE]{1,24})")
#: What the sections of a code stand for where it names no conditions.
_USUAL = ((">=0",), (">0", "<0"), (">0", "<0", "=0"))
_MOST_DIGITS = 30


@lru_cache(maxsize=512)
def short(tag: str) -> str:
    """Return an expat name with a short prefix: ``table:table-cell``."""
    namespace, _, local = tag.rpartition(" ")
    return f"{_PREFIXES.get(namespace, '')}:{local}"


class _Style(NamedTuple):
    parent: str
    number_style: str
    font: str
    #: height of rows, width of columns
    size: str
    displays: bool


class OdsStyles:
    """All styles of a document, from the tree of what stands before its first table."""

    def __init__(self, tree: Element) -> None:
        #: by family and name; the name is empty for the default of a family
        self._styles: dict[tuple[str, str], _Style] = {}
        self._faces: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        #: conditions under which another number style is shown, with its name
        self._maps: dict[str, list[tuple[str, str]]] = {}
        for element in tree.iter():
            name = element.get("style:name", "")
            if element.tag == "style:font-face":
                self._faces[name] = element.get("svg:font-family", "").strip("'\"")
            elif element.tag in ("style:style", "style:default-style"):
                self._styles[element.get("style:family", ""), name] = self._style(element)
            elif element.tag in _FORMATS:
                self._codes[name], self._maps[name] = _code(element), _maps(element)

    def _style(self, element: Element) -> _Style:
        font, size, displays = "", "", True
        for properties in element:
            if properties.tag == "style:text-properties":
                face = properties.get("style:font-name", "")
                family = properties.get("fo:font-family", "").strip("'\"")
                font = self._faces.get(face, face) or family
            elif properties.tag in _SIZES:
                size = properties.get(_SIZES[properties.tag], "")
            elif properties.tag == "style:table-properties":
                displays = properties.get("table:display") != "false"
        parent = element.get("style:parent-style-name", "")
        return _Style(parent, element.get("style:data-style-name", ""), font, size, displays)

    def displays(self, name: str) -> bool:
        """Whether sheets of a style are shown."""
        style = self._styles.get(("table", name))
        return style is None or style.displays

    def has_no_size(self, name: str, family: str) -> bool:
        """Whether rows or columns of a style are of no height or width."""
        size = next((style.size for style in self._chain(family, name) if style.size), "")
        return bool(size) and _NO_SIZE.fullmatch(size.strip()) is not None

    def font(self, name: str, family: str = "table-cell") -> str | None:
        """Font name of a style, inherited where it names none."""
        return next((style.font for style in self._chain(family, name) if style.font), None)

    def code(self, name: str) -> str:
        """Number format code of a style of cells; ``""`` for General."""
        styles = self._chain("table-cell", name)
        named = next((style.number_style for style in styles if style.number_style), "")
        last, maps = self._codes.get(named, ""), self._maps.get(named, [])
        is_usual = tuple(condition for condition, _ in maps) in _USUAL
        sections = [
            ("" if is_usual else f"[{condition}]") + self._codes.get(shown, "")
            for condition, shown in maps
        ]
        return own_code(";".join([*sections, last]))

    def _chain(self, family: str, name: str) -> list[_Style]:
        """Return a style and all that it inherits from, the default of its family last."""
        chain: list[_Style] = []
        while name and (family, name) in self._styles and len(chain) < _DEEPEST:
            chain.append(self._styles[family, name])
            name = chain[-1].parent
        default = self._styles.get((family, ""))
        return [*chain, default] if default else chain


def _maps(style: Element) -> list[tuple[str, str]]:
    """Conditions of a number style, each with the name of the style that it leads to."""
    named = (
        (_CONDITION.fullmatch(found.get("style:condition", "")), found)
        for found in style.iter("style:map")
    )
    return [
        (condition[1].replace("!=", "<>") + condition[2], found.get("style:apply-style-name", ""))
        for condition, found in named
        if condition
    ][:3]


def _code(style: Element) -> str:
    """Format code of a number style without its conditions."""
    code, elapsed = "", style.get("number:truncate-on-overflow") == "false"
    for part in style:
        if part.tag in _LETTERS:
            letters = _LETTERS[part.tag][part.get("number:style") == "long"]
            if elapsed:
                # only the first part of a time may exceed a day
                letters, elapsed = f"[{letters}]", False
            code += f"mm{letters}" if part.get("number:textual") == "true" else letters
        elif part.tag == "number:text":
            code += _literal(part.text or "", style.tag)
        elif part.tag == "number:currency-symbol":
            # a symbol that is left to the country of the reader is not known here
            code += _literal(part.text or "¤", style.tag)
        elif part.tag == "number:fill-character" and part.text:
            code += f"*{part.text[0]}"
        elif part.tag == "number:number":
            digits = _digits(part)
            # no program knows "General%"
            code += "0" if digits == "General" and style.tag == _PERCENT else digits
        else:
            code += _FIXED.get(part.tag, "")
    return code


def _literal(text: str, style: str) -> str:
    if style in _DATES and len(text) == 1:
        return text
    if style == _PERCENT and "%" in text:
        before, _, behind = text.partition("%")
        return f"{_quoted(before)}%{_quoted(behind)}"
    return _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '"\\""') + '"' if text else ""


def _digits(number: Element) -> str:
    """Digits of a format: "#,##0.0,"."""
    given: Mapping[str, str] = number.attrib
    least = _count(given, "number:min-integer-digits")
    decimals = _count(given, "number:decimal-places")
    factor = given.get("number:display-factor", "1").partition(".")[0]
    thousands = (min(len(factor), _MOST_DIGITS) - 1) // 3
    grouped = given.get("number:grouping") == "true"
    # signs between digits, by the number of digits behind them
    embedded = {
        _count(sign.attrib, "number:position"): sign.text or ""
        for sign in number.iter("number:embedded-text")
    }
    says_nothing = "number:decimal-places" not in given and least == 1 and not thousands
    if says_nothing and not grouped and not embedded:
        return "General"
    whole = "0" * least or "#"
    if grouped:
        whole = f"#,{whole.rjust(3, '#')}"
    if embedded:
        digits = ("0" * least).rjust(max(least, *embedded) + 1, "#")
        whole = "".join(
            digit + _quoted(embedded.get(behind, ""))
            for behind, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True)
        )
    return whole + ("." + "0" * decimals if decimals else "") + "," * thousands


def _count(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name, "")
    return min(int(text), _MOST_DIGITS) if re.fullmatch("[0-9]{1,9}", text) else 0
