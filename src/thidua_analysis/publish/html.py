"""Pieces of a page that notebooks show: markup made of escaped text only."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import nh3
import pandas as pd

from thidua_analysis.charts.caption import html_table
from thidua_analysis.lineage.register import markup, unmarked
from thidua_analysis.messages import language, text
from thidua_analysis.vietnamese.display import NO_VALUE

#: Templates of pages: the frame with its look, a part, the front page.
TEMPLATES = Path(str(files(__package__) / "templates" / "thidua"))
#: Weight → file of the font.
WEB_FONTS = {
    weight: Path(str(files("thidua_analysis"))) / "charts" / "fonts" / f"ThiduaSans-{name}.woff2"
    for weight, name in ((400, "Regular"), (700, "Bold"))
}


def look() -> dict[str, Any]:
    """Return what every page needs beside its content: fonts and the words of the frame."""
    words = (
        *("contents", "skip", "code", "parts", "blocs"),
        *("turn", "before", "after", "years", "downloads"),
    )
    return {
        "lang": language(),
        "office": text("office-language"),
        "fonts": [
            {"weight": weight, "data": base64.b64encode(path.read_bytes()).decode()}
            for weight, path in WEB_FONTS.items()
        ],
        "words": {word: text(f"page-{word}") for word in words},
    }


def rendered(template: str, page: Mapping[str, Any]) -> str:
    """Return a page as its template writes it; everything that is no markup is escaped."""
    seen = look()
    resources = {"page": page, "look": seen}
    return _environment().get_template(template).render(page=page, look=seen, resources=resources)


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True)


def escape_styles(shell: Any) -> None:
    """Make a shell show styled tables escaped: cells, labels, names and captions.

    pandas prints what is in them as it is, so that a cell of a workbook could bring markup.
    """
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("pandas.io.formats.style", "Styler", styled)


def styled(styler: Any) -> str:
    """Return a styled table as markup with every text escaped; its own formats stay for numbers."""
    safe = copy.deepcopy(styler)
    for place, function in list(safe._display_funcs.items()):
        safe._display_funcs[place] = _escaped(function)
    default = safe._display_funcs.default_factory
    safe._display_funcs.default_factory = lambda: _escaped(default())
    safe.format_index(escape="html", axis=0).format_index(escape="html", axis=1)
    for axis in (safe.index, safe.columns):
        axis.names = [None if name is None else escape(str(name)) for name in axis.names]
    if safe.caption:
        caption = safe.caption
        safe.set_caption(
            escape(caption) if isinstance(caption, str) else tuple(map(escape, caption))
        )
    return str(safe.to_html())


def _escaped(function: Any) -> Any:
    def shown(value: Any) -> Any:
        printed = function(value)
        return escape(printed) if isinstance(printed, str) else printed

    return shown


_TAGS = set(
    "a abbr aside b blockquote br caption code col colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img kbd li ol p picture pre s section small source span strong "
    "sub summary sup table tbody td tfoot th thead time tr u ul wbr".split()
)
#: These go with everything that they hold.
_DROPPED = set(
    "script style template iframe object embed noscript noembed noframes svg math title "
    "textarea select option button form frameset applet audio video canvas head xmp "
    "plaintext".split()
)
_ATTRIBUTES = {
    "*": set(
        "class style title lang dir scope colspan rowspan alt width height role tabindex open "
        "start datetime data-label".split()
    ),
    "a": {"href"},
    "img": {"src"},
    "source": {"srcset", "media"},
}
_PICTURE_DATA = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*$")
_ALLOWED = {
    "src": _PICTURE_DATA,
    "srcset": _PICTURE_DATA,
    "href": re.compile(r"https?://|mailto:|#|[\w./-]+$", re.I),
    # where a bar in a cell stands, nothing else
    "style": re.compile(r"(--(zero|from|part):\d{1,3}\.\d%;?)+$"),
}
_PICTURE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')


def sanitize(markup: str) -> str:
    """Return markup, also broken or hostile, without anything that could run, load or post.

    Examples
    --------
    >>> sanitize('<p onclick="x()">Tổng<script>alert(1)</script> số</main>')
    '<p>Tổng số</p>'
    """
    clean = nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes={"aria-"},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    return _PICTURE.sub(lambda img: img[0] if ' src="' in img[1] else "", clean)


def _attribute(tag: str, name: str, value: str) -> str | None:
    pattern = _ALLOWED.get(name)
    return value if pattern is None or pattern.match(value) else None


@dataclass(frozen=True)
class Block:
    """Something to show, in Jupyter and on a page: safe markup, and the same as plain text."""

    html: str
    plain: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.plain


class Cell(NamedTuple):
    """A printed figure in a table, with its id; no id where there is no value."""

    text: str
    figure: str = ""


def figure(row: Mapping[str, Any], shown: str | None = None) -> Cell:
    """Return a row of a frame of figures as a cell: its text, or another one, with its id."""
    known = row["value"] is not None
    return Cell(str(row["text"]) if shown is None else shown, row["id"] if known else "")


def unbroken(words: str) -> str:
    """Return a short text so that no line ends inside it."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def paragraph(*texts: str) -> Block:
    """Return paragraphs of text; figures that are marked in it become links."""
    shown = "".join(f"<p>{markup(one)}</p>" for one in texts)
    return Block(shown, unmarked("\n".join(texts)))


def bullets(texts: Sequence[str]) -> Block:
    """Return a list of texts; see `paragraph`."""
    items = "".join(f"<li>{markup(one)}</li>" for one in texts)
    return Block(f"<ul>{items}</ul>", unmarked("\n".join(f"• {one}" for one in texts)))


def folded(rows: Sequence[str]) -> Block:
    """Return a long list that folds out; nothing where there is none."""
    if not rows:
        return Block("", "")
    listed = bullets(rows)
    head = escape(text("page-all", n=len(rows)))
    return Block(f"<details><summary>{head}</summary>{listed.html}</details>", listed.plain)


def table_block(
    rows: Iterable[Mapping[str, object]],
    caption: str,
    notes: Iterable[str] = (),
    *,
    columns: Iterable[str] = (),
    total: bool = False,
    more: Sequence[str] = (),
    marks: Mapping[int, str] | None = None,
) -> Block:
    """Return a table that scrolls on narrow screens and leads its figures to their cells.

    Parameters
    ----------
    rows
        Heading → text, number or `Cell`; what is not there is printed as ``–``. Where there is
        none, it is said that there are no figures.
    caption
        Printed above.
    notes
        Sentences below; empty ones are left out.
    columns
        The headings in their order; by default as they first come.
    total
        Whether the last row is a total.
    more
        What folds out below the notes.
    marks
        Number of a row → its class.
    """
    rows = list(rows)
    if not rows:
        return paragraph(text("say-nothing"))
    data, note = _frame(rows, columns), " ".join(filter(None, notes))
    data.attrs["marks"] = marks or {}
    words = f'<p class="note">{escape(note)}</p>' if note else ""
    shown = (
        f'<div class="scroll" role="group" aria-label="{escape(caption)}">'
        f"{html_table(data, caption, total=total)}</div>{words}{folded(more).html}"
    )
    plain = "\n".join([caption, data.to_string(index=False), note, *more])
    return Block(shown, unmarked(plain).strip())


def _frame(rows: Sequence[Mapping[str, object]], columns: Iterable[str]) -> pd.DataFrame:
    columns = list(columns) or list(dict.fromkeys(column for row in rows for column in row))
    cells = [[row.get(column, NO_VALUE) for column in columns] for row in rows]
    shown = [[one.text if isinstance(one, Cell) else one for one in row] for row in cells]
    data = pd.DataFrame(shown, columns=columns)
    data.attrs["ids"] = {
        (at, column): one.figure
        for at, row in enumerate(cells)
        for column, one in zip(columns, row, strict=True)
        if isinstance(one, Cell) and one.figure
    }
    return data


#: Width and height of a small line, and how far it stays from the edge.
_WIDTH, _HEIGHT, _EDGE = 200, 44, 6
#: A small line spans at least this part of its highest value, so that little stays little.
_LEAST_SPAN = 0.25
#: Ink of small lines on light and on dark screens.
_INK, _INK_DARK = "#12436d", "#cbe2f6"


def small_line(alt: str, heights: Mapping[int, float], joined: Sequence[bool]) -> str:
    """Return values over the years as a small line with its first and last year; see `line`."""
    if not (picture := line(alt, heights, joined)):
        return ""
    first, last = min(heights), max(heights)
    return f'{picture}<span class="years"><span>{first}</span><span>{last}</span></span>'


def line(alt: str, heights: Mapping[int, float], joined: Sequence[bool]) -> str:
    """Return values over the years as a small line.

    Parameters
    ----------
    alt
        What it shows, in words.
    heights
        Year → value; fewer than two are no line.
    joined
        Whether each value but the first is joined to the one before.
    """
    if len(heights) < 2:
        return ""
    first, last = min(heights), max(heights)
    top, low = max(heights.values()), min(heights.values())
    span = max(top - low, _LEAST_SPAN * max(abs(top), abs(low))) or 1.0
    places = [
        (
            _EDGE + (_WIDTH - 2 * _EDGE) * (year - first) / (last - first),
            _HEIGHT / 2 - (_HEIGHT - 2 * _EDGE) * (height - (top + low) / 2) / span,
        )
        for year, height in heights.items()
    ]
    steps = zip(["M", *("L" if one else "M" for one in joined)], places, strict=True)
    path = "".join(f"{step}{x:.1f} {y:.1f}" for step, (x, y) in steps)
    sizes = [*[2.5] * (len(places) - 1), 4.5]
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
        for (x, y), size in zip(places, sizes, strict=True)
    )
    dark = (
        f"@media screen and (prefers-color-scheme:dark){{g{{stroke:{_INK_DARK};fill:{_INK_DARK}}}}}"
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f"<style>g{{stroke:{_INK};fill:{_INK};stroke-width:0}}{dark}</style>"
        f'<g><path d="{path}" style="fill:none;stroke-width:2.5"/>{dots}</g></svg>'
    )
    picture = base64.b64encode(svg.encode()).decode()
    return (
        f'<img class="line" src="data:image/svg+xml;base64,{picture}" alt="{escape(alt)}" '
        f'width="{_WIDTH}" height="{_HEIGHT}">'
    )
