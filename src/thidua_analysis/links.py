"""From a printed figure to the list of its cells: its anchor, its link, its mark in a sentence."""

from __future__ import annotations

import hashlib
import re
from html import escape

from thidua_analysis.vietnamese.text import key

#: How every anchor of a figure begins.
PREFIX = "so-"
#: Around the id and the text of a figure in a sentence; stored text never holds these.
_OPEN, _BETWEEN, _CLOSE = "\x01", "\x02", "\x03"
_MARKED = re.compile(f"{_OPEN}([^{_CLOSE}]*?){_BETWEEN}([^{_CLOSE}]*){_CLOSE}")


def anchor(figure: str) -> str:
    """Return the anchor of a figure: the same for every order and spelling of its breakdowns.

    Parameters
    ----------
    figure
        Its id, as `thidua_analysis.register` gives it.

    Examples
    --------
    >>> anchor("rank/year=2023/member=ldld"), anchor("rank/member=LDLD/year=2023")
    ('so-268ef46636b4', 'so-268ef46636b4')
    """
    indicator, *parts = figure.split("/")
    name = "/".join([indicator, *sorted(map(key, parts))])
    return PREFIX + hashlib.sha256(name.encode()).hexdigest()[:12]


def link(shown: str, figure: str | None) -> str:
    """Return a printed figure as markup that leads to its anchor and names its id.

    In Jupyter, where there is no list of cells, the link leads nowhere; the pages of a report
    lead it to theirs. A figure without an id is only escaped.
    """
    if not figure:
        return escape(shown)
    return (
        f'<a class="cells" href="#{anchor(figure)}" data-figure="{escape(figure)}">'
        f"{escape(shown)}</a>"
    )


def marked(shown: str, figure: str | None) -> str:
    """Return a printed figure as it goes into a sentence that becomes markup later.

    Examples
    --------
    >>> unmarked("Tỷ lệ nữ là " + marked("42,0%", "women_share/year=2023") + ".")
    'Tỷ lệ nữ là 42,0%.'
    """
    return f"{_OPEN}{figure}{_BETWEEN}{shown}{_CLOSE}" if figure else shown


def unmarked(words: str) -> str:
    """Return a sentence as plain text."""
    return _MARKED.sub(r"\2", words)


def markup(words: str) -> str:
    """Return a sentence as markup: its text escaped, its figures links."""
    texts = _MARKED.split(words)
    figures = zip(texts[1::3], texts[2::3], texts[3::3], strict=True)
    return escape(texts[0]) + "".join(
        link(shown, figure) + escape(after) for figure, shown, after in figures
    )
