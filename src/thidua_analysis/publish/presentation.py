"""The report for the hall: one message and one figure a screen, turned by the arrow keys."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from thidua_analysis.messages import text
from thidua_analysis.publish.page import TEMPLATES, Part, output_html, rendered
from thidua_analysis.publish.sources import NOWHERE

SCREENS = "trinh-chieu.html"
_CARD = re.compile(r"<li>(.*?)</li>", re.S)
_CHART = re.compile(r'<figure class="chart">(.*?)</figure>', re.S)
#: The table below a chart, and what a reader of a page may step on: a hall sees neither.
_UNSEEN = re.compile(
    r'<details>.*</details>|<source [^>]*>| tabindex="0"| role="group"| aria-label="[^"]*"', re.S
)
_MESSAGE = re.compile(r'<p class="message">(.*?)</p>', re.S)


def screens(title: str, bloc: str, figures: str, parts: Iterable[Part]) -> str:
    """Return the page of screens: the title, a screen a key figure, a screen a chart.

    Parameters
    ----------
    title, bloc
        What the report is called, and whose it is.
    figures
        The cards of key figures, as the front page has them.
    parts
        The run notebooks, whose charts are shown.
    """
    cards = ({"kind": "number", "html": card} for card in _CARD.findall(NOWHERE.lead(figures)))
    shown = [{"kind": "title", "html": _opening(title, bloc)}, *cards, *_charts(parts)]
    script = (TEMPLATES / "screens.js").read_text(encoding="utf-8")
    told = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = {"title": f"{title} – {text('page-screens')}", "screens": shown}
    return rendered("screens.html.j2", {**page, "script": script, "hash": told})


def _opening(title: str, bloc: str) -> str:
    return f'<h1>{escape(title)}</h1><p class="lead">{escape(bloc)}</p>'


def _charts(parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
    """Yield the charts of the parts, without the tables below them."""
    for part in parts:
        for cell in part.notebook["cells"]:
            for output in cell.get("outputs", []):
                for chart in _CHART.findall(NOWHERE.lead(output_html(output))):
                    markup = _MESSAGE.sub(r"<h2>\1</h2>", _UNSEEN.sub("", chart))
                    shown = f"<figure>{markup}</figure>"
                    yield {"kind": "chart", "part": part.title, "html": shown}
