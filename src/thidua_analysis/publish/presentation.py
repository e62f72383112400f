"""The report in other forms: a message a screen for the hall, a notebook as nbconvert asks."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from typing import Any

from thidua_analysis.messages import text
from thidua_analysis.publish.html import TEMPLATES, look, rendered
from thidua_analysis.publish.page import Page, Part, output_html
from thidua_analysis.publish.sources import NOWHERE

SCREENS = "trinh-chieu.html"
_LIST = re.compile(r'<ul class="(facts|cards)[^"]*">(.*?)</ul>', re.S)
_ITEM = re.compile(r"<li>(.*?)</li>", re.S)
_SHOWN = re.compile(
    r'<figure class="chart">(?P<chart>.*?)</figure>'
    r'|<table class="targets[^"]*">(?P<targets>.*?)</table>'
    r"|<table[^>]*>(?P<limits><caption>[^<]*</caption><thead>(?:(?!</thead>).)*</thead><tbody>"
    r'<tr class="limit">.*?)</table>',
    re.S,
)
_GROUP = re.compile(r'<tbody><tr class="group"><th[^>]*>(.*?)</th></tr>(.*?)</tbody>', re.S)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.S)
#: The table below a chart, and what a reader of a page may step on: a hall sees neither.
_UNSEEN = re.compile(
    r'<details>.*</details>|<source [^>]*>| tabindex="0"| role="group"| aria-label="[^"]*"', re.S
)
_MESSAGE = re.compile(r'<p class="message">(.*?)</p>', re.S)
_LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.S)


def screens(title: str, bloc: str, opening: str, state: str, parts: Iterable[Part]) -> str:
    """Return the page of screens: title, facts, a screen a key figure, a chart, a member's targets.

    Parameters
    ----------
    title, bloc
        What the report is called, and whose it is.
    opening
        The sentences and cards that open the front page.
    state
        The line that says how the data stand.
    parts
        The run notebooks, whose charts are shown.
    """
    lists = dict(_LIST.findall(NOWHERE.lead(opening)))
    head = f'<h1>{escape(title)}</h1><p class="lead">{escape(bloc)}</p>'
    shown = [{"kind": "title", "html": head + _LINK.sub(r"\1", state)}]
    if facts := lists.get("facts"):
        told = f'<h2>{escape(title)}</h2><ul class="facts">{facts}</ul>'
        shown.append({"kind": "opening", "html": told})
    cards = _ITEM.findall(lists.get("cards", ""))
    shown += [{"kind": "number", "html": card} for card in cards]
    script = (TEMPLATES / "screens.js").read_text(encoding="utf-8")
    told = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = {"title": f"{title} – {text('page-screens')}", "screens": [*shown, *_shown_by(parts)]}
    return rendered("screens.html.j2", {**page, "script": script, "hash": told})


def _shown_by(parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
    """Yield the charts of the parts, without the tables below them, and the tables of targets."""
    for part in parts:
        for cell in part.notebook["cells"]:
            for output in cell.get("outputs", []):
                for found in _SHOWN.finditer(NOWHERE.lead(output_html(output))):
                    kind, markup = next((k, m) for k, m in found.groupdict().items() if m)
                    for html in _screens_of(kind, markup):
                        yield {"kind": kind, "part": part.title, "html": html}


def _screens_of(kind: str, markup: str) -> Iterator[str]:
    if kind == "chart":
        shown = _MESSAGE.sub(r"<h2>\1</h2>", _UNSEEN.sub("", markup))
        yield f"<figure>{shown}</figure>"
        return
    caption = _CAPTION.search(markup)
    head, body = markup.split("</thead>", 1)
    head = f"{_CAPTION.sub('', head)}</thead>"
    if kind == "limits":
        yield f"<h2>{caption[1] if caption else ''}</h2><table>{head}{body}</table>"
    for name, rows in _GROUP.findall(body):
        yield f'<h2>{name}</h2><table class="targets">{head}<tbody>{rows}</tbody></table>'


def __getattr__(name: str) -> Any:
    """Make what nbconvert and JupyterLab ask for when they do: a report needs no nbconvert."""
    if name not in ("PagePreprocessor", "ThiduaExporter"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _for_nbconvert()[name]


@cache
def _for_nbconvert() -> dict[str, type]:
    from nbconvert.exporters import HTMLExporter
    from nbconvert.preprocessors import Preprocessor

    class PagePreprocessor(Preprocessor):
        """Puts the parts of the page and the look of the template where the template reads them."""

        def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
            """Prepare a notebook."""
            page = Page()
            page.add(nb.cells)
            name = str(resources.get("metadata", {}).get("name", ""))
            shown = page.content(page.title or name, code=True)
            return nb, {**resources, "page": shown, "look": look()}

    class ThiduaExporter(HTMLExporter):
        """Writes a notebook as a page of the report; in JupyterLab under Save and Export."""

        export_from_notebook = text("page-exporter")

        def __init__(self, **options: Any) -> None:
            options.setdefault("template_name", TEMPLATES.name)
            options.setdefault("extra_template_basedirs", [str(TEMPLATES.parent)])
            super().__init__(**options)  # type: ignore[no-untyped-call]

        def from_notebook_node(
            self, nb: Any, resources: dict[str, Any] | None = None, **options: Any
        ) -> tuple[Any, dict[str, Any]]:
            """Write the page as it is: the class above would read it again for its pictures."""
            return super(HTMLExporter, self).from_notebook_node(nb, resources, **options)

    return {one.__name__: one for one in (PagePreprocessor, ThiduaExporter)}
