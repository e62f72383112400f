"""Pieces of a page that notebooks show: markup made of escaped text only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import pandas as pd

from thidua_analysis.charts.table import Links, html_table


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


def paragraph(words: str, kind: str = "") -> Block:
    """Return a paragraph of plain text."""
    mark = f' class="{kind}"' if kind else ""
    return Block(f"<p{mark}>{escape(words)}</p>", words)


def paragraphs(rows: Iterable[str]) -> Block:
    """Return several paragraphs."""
    rows = list(rows)
    return Block("".join(f"<p>{escape(row)}</p>" for row in rows), "\n".join(rows))


def bullets(rows: Iterable[str], kind: str = "") -> Block:
    """Return a list of plain texts."""
    rows = list(rows)
    mark = f' class="{kind}"' if kind else ""
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    return Block(f"<ul{mark}>{items}</ul>", "\n".join(f"• {row}" for row in rows))


def table_block(
    data: pd.DataFrame,
    caption: str,
    note: str = "",
    *,
    total: bool = False,
    links: Links | None = None,
) -> Block:
    """Return a table that scrolls on narrow screens, with a note below; see `html_table`."""
    words = f'<p class="note">{escape(note)}</p>' if note else ""
    markup = (
        f'<div class="scroll" role="group" aria-label="{escape(caption)}" tabindex="0">'
        f"{html_table(data, caption, total=total, links=links)}</div>{words}"
    )
    return Block(markup, f"{caption}\n{data.to_string(index=False)}\n{note}".strip())
