"""Sheets of paper, and how wide and high a text is when it is printed on one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import Lang

#: Sizes that are tried, in points: what is printed can be read and is not larger than a letter.
SIZES = (13, 12, 11)
#: Points of one unit of column width.
UNIT = 5.25
#: Letters by their width, as shares of their size; fonts that stand in for Times are wider.
_LETTERS = dict.fromkeys("fijlI.,:;-–()[]/ '", 0.33) | dict.fromkeys("mwMW+=%", 0.88)
_CAPITAL, _LETTER = 0.7, 0.53
#: Margins in inches: left and right, top, bottom.
MARGINS = (0.4, 0.4, 0.55)
#: Shares of the page that are filled: digits, by which columns are measured, are wider in fonts
#: that stand in for others, and programs round up the heights of rows.
_SURE, _ROUNDED = 0.92, 0.98


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper: its name, number in a workbook, and width and height in millimetres."""

    name: str
    number: int
    across: int
    down: int

    @property
    def landscape(self) -> bool:
        """Whether it lies on its long side."""
        return self.across > self.down

    @property
    def width(self) -> float:
        """Points between the margins, from left to right."""
        return (self.across / 25.4 * 72 - 2 * MARGINS[0] * 72) * _SURE

    @property
    def height(self) -> float:
        """Points between the margins, from top to bottom."""
        return (self.down / 25.4 * 72 - sum(MARGINS[1:]) * 72) * _ROUNDED


A4, A4_UPRIGHT = Paper("A4", 9, 297, 210), Paper("A4", 9, 210, 297)
A3 = Paper("A3", 8, 420, 297)


def set_up(sheet: Any, paper: Paper, lang: Lang) -> None:
    """Set up a sheet for a paper: its orientation, margins and page numbers.

    A paper that is not in every printer is named.
    """
    sheet.set_paper(paper.number)
    if paper.landscape:
        sheet.set_landscape()
    sheet.set_margins(*MARGINS[:1] * 2, *MARGINS[1:])
    named = f"&L&9{text('official-paper', lang, name=paper.name)}" if paper is A3 else ""
    sheet.set_footer(f"{named}&R&9&P/&N")


def points(widths: Sequence[float]) -> float:
    """Return the width of columns in points: one of width w is 7w + 5 pixels wide."""
    return sum((7 * width + 5) * 0.75 for width in widths)


def breadth(content: str) -> float:
    """Return the width of a text as a share of the size of its letters."""
    return sum(
        _LETTERS.get(letter, _CAPITAL if letter.isupper() else _LETTER)
        for letter in unicodedata.normalize("NFC", content)
    )


def wrapped(content: str, width: float, size: float) -> list[str]:
    """Return the lines of a text in a cell so many units wide, of letters of a size.

    Examples
    --------
    >>> wrapped("Trong đó: Doanh nghiệp", 10, 12)
    ['Trong', 'đó:', 'Doanh', 'nghiệp']
    """
    room, found, left = width * UNIT / size, [""], width * UNIT / size
    for word in content.split():
        needed = breadth(word)
        if found[-1] and needed > left:
            found, left = [*found, ""], room
        found[-1] = f"{found[-1]} {word}".lstrip()
        left -= needed + breadth(" ")
    return found
