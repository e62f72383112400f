"""Palette, letters and sizes of every chart: the same look on every machine, light and dark."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags

FAMILY = "Thidua Sans"
FONTS = Path(str(files(__package__) / "fonts"))

#: Categorical colours of the Government Analysis Function. Neighbours in this order reach 3:1.
PALETTE = ("#12436d", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1")
NAVY, TEAL, PLUM, ORANGE, GREY, LILAC = PALETTE
#: Sequential blues, dark to light; the lightest needs an outline or a label.
BLUES = ("#12436d", "#2073bc", "#6bace6", "#d6e6f5")

PAPER = "#ffffff"
INK = "#262626"
MUTED = "#595959"
CONTEXT = "#757575"
RULE = "#bfbfbf"
#: Text on a dark and on a light bar: own values, so that the dark look can turn them around.
ON_DARK = "#fefefe"
ON_LIGHT = "#010101"

#: What each colour becomes on a dark page.
DARK = {
    PAPER: "#121417",
    INK: "#f2f2f2",
    MUTED: "#c4c7cc",
    CONTEXT: "#9aa0a8",
    RULE: "#5b616b",
    ON_DARK: "#020202",
    ON_LIGHT: "#fdfdfd",
    NAVY: "#cbe2f6",
    TEAL: "#1b7f77",
    PLUM: "#f8d0e3",
    ORANGE: "#bf5018",
    GREY: "#dddddd",
    LILAC: "#7f65b2",
    BLUES[1]: "#8fc1ee",
    BLUES[2]: "#2f6ea8",
    BLUES[3]: "#21394f",
}

#: Markers, one a series beside its colour.
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p", "h", "<", ">", "d")

#: Inches; at 150 dots an inch the picture is 1920 x 1080.
WIDTH, HEIGHT, DPI = 12.8, 7.2, 150
#: Inches of a picture for a phone: on a screen 360 pixels wide its labels are 13 pixels high.
PHONE_WIDTH, PHONE_HEIGHT = 4.7, 4.6
#: Points.
TITLE, SUBTITLE, LABEL, SMALL, TINY, SOURCE = 23.0, 14.0, 15.0, 14.4, 13.0, 11.5
MARGIN = 0.45

#: Signs that the font lacks → others of the same meaning that it has.
_PLAINER = dict(zip("✔☑✘☒★☆▪∞√", ("✓", "✓", "✗", "✗", "*", "*", "■", "vô hạn", "căn"), strict=True))
#: What stands for signs that nothing else can say.
_MISSING, _STARS = "*", re.compile("\0+")

RC: Any = {
    "font.family": [FAMILY],
    "font.size": LABEL,
    "text.color": INK,
    "text.parse_math": False,
    "text.hinting": "none",
    "axes.unicode_minus": True,
    "axes.facecolor": "none",
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": LABEL,
    "ytick.labelsize": LABEL,
    "figure.facecolor": PAPER,
    "savefig.facecolor": "auto",
    "svg.fonttype": "path",
    "svg.hashsalt": "thidua",
    "pdf.fonttype": 42,
    "lines.solid_capstyle": "round",
}


@cache
def _font_file(bold: bool) -> Path:
    return FONTS / f"ThiduaSans-{'Bold' if bold else 'Regular'}.ttf"


@cache
def _face(bold: bool) -> FT2Font:
    return FT2Font(str(_font_file(bold)))


@cache
def register() -> None:
    """Tell matplotlib of the bundled font, once a process."""
    for bold in (False, True):
        fontManager.addfont(str(_font_file(bold)))


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the bundled font and rules; a letter without a glyph is an error."""
    register()
    with mpl.rc_context(RC), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing from")
        yield


def font(*, bold: bool = False, size: float = LABEL) -> FontProperties:
    """Return the bundled font in one weight and size."""
    return FontProperties(family=FAMILY, weight="bold" if bold else "normal", size=size)


@cache
def letters() -> frozenset[int]:
    """Return the code points that both weights of the bundled font can draw."""
    return frozenset(_face(False).get_charmap()) & frozenset(_face(True).get_charmap())


def printable(text: object) -> str:
    """Return text in NFC on one line, in signs that the font has.

    A sign that it lacks is written in plainer ones that mean the same (㎡ as m2); where there are
    none, a star stands for it, and one for several together.
    """
    composed = " ".join(unicodedata.normalize("NFC", str(text)).split())
    known = letters()
    if all(ord(letter) in known for letter in composed):
        return composed
    plain = "".join(_plain(letter, known) for letter in composed)
    return " ".join(_STARS.sub(_MISSING, plain).split())


def _plain(letter: str, known: frozenset[int]) -> str:
    """What stands for a letter: itself, plainer signs, nothing for what only joins others."""
    if ord(letter) in known:
        return letter
    if letter in _PLAINER:
        return _PLAINER[letter]
    simple = unicodedata.normalize("NFKC", letter)
    if simple != letter and all(ord(part) in known for part in simple):
        return simple
    joins = unicodedata.category(letter) in ("Cf", "Mn", "Me")
    return "" if joins else "\0"


@cache
def _advance(letter: str, bold: bool) -> float:
    """Return how far a letter moves the pen, in parts of the size of the type."""
    face = _face(bold)
    glyph = face.load_char(ord(letter), flags=LoadFlags.NO_SCALE)
    return float(glyph.horiAdvance) / face.units_per_EM


def text_width(text: str, size: float = LABEL, *, bold: bool = False) -> float:
    """Return the width of a line of text in inches."""
    return sum(_advance(letter, bold) for letter in text) * size / 72


def wrap(
    text: str,
    width: float,
    size: float,
    *,
    bold: bool = False,
    lines: int = 2,
    balanced: bool = False,
) -> str:
    """Break text at spaces into lines no wider than so many inches.

    Balanced lines are of like length. What does not fit into the last line is cut with an
    ellipsis.
    """
    words = printable(text).split(" ")
    rows = _filled(words, width, size, bold)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join([rows[lines - 1], "…"])]
    elif balanced and len(rows) > 1:
        for part in range(23, 0, -1):
            tried = _filled(words, width * part / 24, size, bold)
            if len(tried) > len(rows):
                break
            rows = tried
    return "\n".join(shorten(row, width, size, bold=bold) for row in rows)


def _filled(words: list[str], width: float, size: float, bold: bool) -> list[str]:
    rows = [words[0]]
    for word in words[1:]:
        longer = f"{rows[-1]} {word}"
        if text_width(longer, size, bold=bold) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def shorten(text: str, width: float, size: float = LABEL, *, bold: bool = False) -> str:
    """Cut a line with an ellipsis where it is wider than so many inches."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text.removesuffix("…").rstrip()
    while kept and text_width(kept + " …", size, bold=bold) > width:
        kept = kept[:-1].rstrip()
    words, _, broken = kept.rpartition(" ")
    kept = words if words and len(broken) < len(words) else kept
    return kept.rstrip(" ,;") + " …"


def line_height(size: float = LABEL) -> float:
    """Return the height of a line of text in inches."""
    return size * 1.37 / 72


def on(colour: str) -> str:
    """Return the colour of text that reads well on a bar of this colour."""
    return ON_DARK if colour in (NAVY, PLUM, GREY, BLUES[0], BLUES[1]) else ON_LIGHT


def blank(width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """Return an empty figure that belongs to no window and no global list of figures."""
    return Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
