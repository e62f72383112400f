"""Pieces of a page that notebooks show: markup made of escaped text only."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import nh3
import pandas as pd

from thidua_analysis.charts.chart import html_table
from thidua_analysis.lineage.register import markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import NO_VALUE


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
    "figure h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul wbr".split()
)
#: These go with everything that they hold.
_DROPPED = set(
    "script style template iframe object embed noscript noembed noframes svg math title "
    "textarea select option button form frameset applet audio video canvas head xmp "
    "plaintext".split()
)
_ATTRIBUTES = {
    "*": set(
        "class title lang dir scope colspan rowspan alt width height role tabindex open start "
        "datetime".split()
    ),
    "a": {"href"},
    "img": {"src"},
}
_ALLOWED = {
    "src": re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*$"),
    "href": re.compile(r"https?://|mailto:|#|[\w./-]+$", re.I),
}
_PICTURE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')


def sanitize(markup: str) -> str:
    """Return markup without anything that could run, load, post or escape its place.

    Parameters
    ----------
    markup
        Any text, also broken or hostile.

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
    """Something to show, in Jupyter and on a page.

    Parameters
    ----------
    html
        Markup in which every text from data is escaped.
    plain
        The same as plain text.
    """

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


def printed(rows: Sequence[Mapping[str, object]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return rows as a table that leads its figures to their cells.

    Parameters
    ----------
    rows
        Heading → text or `Cell`; what is not there is printed as ``–``.
    columns
        The headings in their order; by default as they first come.
    """
    columns = list(columns) or list(dict.fromkeys(column for row in rows for column in row))
    cells = [[_cell(row.get(column, NO_VALUE)) for column in columns] for row in rows]
    data = pd.DataFrame([[cell.text for cell in row] for row in cells], columns=columns)
    data.attrs["ids"] = {
        (at, column): cell.figure
        for at, row in enumerate(cells)
        for column, cell in zip(columns, row, strict=True)
        if cell.figure
    }
    return data


def _cell(value: object) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)  # type: ignore[arg-type]


def figure(row: Mapping[str, Any], shown: str | None = None) -> Cell:
    """Return a row of a frame of figures as a cell: its text, or another one, with its id."""
    known = row["value"] is not None
    return Cell(str(row["text"]) if shown is None else shown, row["id"] if known else "")


def paragraph(words: str, kind: str = "") -> Block:
    """Return a paragraph of text; figures that are marked in it become links."""
    mark = f' class="{kind}"' if kind else ""
    return Block(f"<p{mark}>{markup(words)}</p>", unmarked(words))


def paragraphs(rows: Iterable[str]) -> Block:
    """Return several paragraphs; see `paragraph`."""
    rows = list(rows)
    return Block("".join(f"<p>{markup(row)}</p>" for row in rows), unmarked("\n".join(rows)))


def bullets(rows: Iterable[str], kind: str = "") -> Block:
    """Return a list of texts; see `paragraph`."""
    rows = list(rows)
    mark = f' class="{kind}"' if kind else ""
    items = "".join(f"<li>{markup(row)}</li>" for row in rows)
    return Block(f"<ul{mark}>{items}</ul>", unmarked("\n".join(f"• {row}" for row in rows)))


def folded(rows: Sequence[str]) -> Block:
    """Return a long list that folds out; nothing where there is none."""
    if not rows:
        return Block("", "")
    listed = bullets(rows)
    head = escape(text("page-all", n=len(rows)))
    return Block(f"<details><summary>{head}</summary>{listed.html}</details>", listed.plain)


def table_block(
    data: pd.DataFrame,
    caption: str,
    note: str = "",
    *,
    total: bool = False,
    more: Sequence[str] = (),
) -> Block:
    """Return a table that scrolls on narrow screens, with a note below; see `html_table`.

    What is ``more`` folds out below the note.
    """
    words = f'<p class="note">{escape(note)}</p>' if note else ""
    words += folded(more).html
    shown = (
        f'<div class="scroll" role="group" aria-label="{escape(caption)}" tabindex="0">'
        f"{html_table(data, caption, total=total)}</div>{words}"
    )
    plain = "\n".join([caption, data.to_string(index=False), note, *more])
    return Block(shown, unmarked(plain).strip())
