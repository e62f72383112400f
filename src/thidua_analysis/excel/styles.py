"""Styles of an .xlsx workbook: the number format code and the font behind a style number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from thidua_analysis.excel.display import is_telling
from thidua_analysis.excel.markup import Element, elements, escape
from thidua_analysis.excel.number_formats import BUILTIN, own_code

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PART = "styles.xml"


@dataclass(frozen=True, eq=False)
class Styles:
    """What the numbers in the ``s`` attribute of cells stand for.

    Parameters
    ----------
    part
        The part ``styles.xml``, empty if the workbook has none.
    codes
        Number format code of each style; ``""`` for General and formats that change nothing.
    """

    part: bytes
    codes: tuple[str, ...]

    @cached_property
    def telling(self) -> Mapping[int, str]:
        """Styles under which a cell may show something else than it stores, with their code."""
        return {n: code for n, code in enumerate(self.codes) if is_telling(code)}

    @cached_property
    def fonts(self) -> tuple[str | None, ...]:
        """Font name of each style; read only when text looks like a legacy encoding."""
        if not self.part:
            return ()
        listed = elements(self.part, {"font", "name", "xf"}, _PART)
        names = _font_names(listed)
        return tuple(
            names[font] if (font := _number(found, "fontId")) < len(names) else None
            for found in listed
            if found.name == "xf" and found.parent == "cellXfs"
        )

    def code(self, style: int) -> str:
        """Number format code of a style."""
        return self.codes[style] if style < len(self.codes) else ""

    def font(self, style: int) -> str | None:
        """Font name of a style."""
        return self.fonts[style] if style < len(self.fonts) else None

    def minimal_part(self) -> bytes:
        """Return a ``styles.xml`` with the number formats alone, for the reader of values."""
        numbers = {code: 164 + n for n, code in enumerate(sorted(set(self.codes) - {""}))}
        formats = "".join(
            f'<numFmt numFmtId="{number}" formatCode="{escape(code)}"/>'
            for code, number in numbers.items()
        )
        cells = "".join(f'<xf numFmtId="{numbers.get(code, 0)}"/>' for code in self.codes)
        return (
            f'<styleSheet xmlns="{_NAMESPACE}"><numFmts>{formats}</numFmts>'
            f"<cellXfs>{cells}</cellXfs></styleSheet>"
        ).encode()


def read_styles(part: bytes) -> Styles:
    """Read the number formats of a ``styles.xml``; empty bytes give no styles.

    Raises
    ------
    Refusal
        If the part is not well formed.
    """
    if not part:
        return Styles(part, ())
    listed = elements(part, {"numFmt", "xf"}, _PART)
    custom = {
        _number(found, "numFmtId"): found.attributes.get("formatCode", "")
        for found in listed
        if found.parent == "numFmts"
    }
    known = BUILTIN | {n: own_code(code) for n, code in custom.items()}
    return Styles(
        part,
        tuple(
            known.get(_number(found, "numFmtId"), "")
            for found in listed
            if found.name == "xf" and found.parent == "cellXfs"
        ),
    )


def _font_names(listed: Sequence[Element]) -> list[str | None]:
    names: list[str | None] = []
    current = False
    for found in listed:
        if found.name == "font":
            # conditional formats hold fonts too, which no cell names
            current = found.parent == "fonts"
            names += [None] if current else []
        elif found.name == "name" and found.parent == "font" and current:
            names[-1] = found.attributes.get("val")
    return names


def _number(found: Element, attribute: str) -> int:
    text = found.attributes.get(attribute, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
