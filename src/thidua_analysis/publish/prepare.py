"""A run notebook made ready for its page: headings with ids, outputs as harmless markup."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator
from html import escape
from typing import Any

import mistune

from thidua_analysis.charts import theme
from thidua_analysis.messages import text
from thidua_analysis.publish.html import sanitize
from thidua_analysis.publish.sources import NOWHERE, Sources

#: Kinds of output in the order of preference; the first that is there is shown.
_KINDS = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.S)
#: The corner of a table that pandas prints: a heading without words.
_EMPTY_HEAD = re.compile(r"<th[^>]*>(?:\s|&nbsp;|\xa0)*</th>")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")

Part = dict[str, Any]


def to_html(markdown: str) -> str:
    """Return Markdown as markup; HTML inside it is shown as text."""
    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return sanitize(str(render(markdown)))


class Page:
    """Collects the parts of one page and its table of contents.

    Parameters
    ----------
    sources
        Where the links of figures lead; without it they are no links.
    shift
        By how many levels headings move down, for several notebooks on one page.
    """

    def __init__(self, sources: Sources = NOWHERE, shift: int = 0) -> None:
        self.sources = sources
        self.shift = shift
        self.title = ""
        self.contents: list[dict[str, Any]] = []
        self.parts: list[Part] = []

    def add(self, cells: list[Any], *, skip: Collection[str] = ()) -> None:
        """Add the cells of a notebook, but those with one of these tags."""
        for cell in cells:
            if any(tagged(cell, tag) for tag in skip):
                continue
            if cell["cell_type"] == "markdown":
                markup = _HEADING.sub(self._heading, to_html(_source(cell)))
                self.parts.append({"kind": "text", "html": markup})
            elif cell["cell_type"] == "code":
                outputs = [self.sources.lead(output_html(o)) for o in cell.get("outputs", [])]
                self._add_code(_source(cell), outputs)

    def _add_code(self, source: str, outputs: list[str]) -> None:
        """Add a cell; one that showed nothing folds together with the next one."""
        before = self.parts[-1] if self.parts else {}
        if before.get("kind") == "code" and not before["outputs"]:
            before["source"] = "\n\n".join(filter(None, [before["source"].rstrip(), source]))
            before["outputs"] = outputs
        else:
            self.parts.append({"kind": "code", "source": source, "outputs": outputs})

    def _heading(self, match: re.Match[str]) -> str:
        level = min(6, int(match[1]) + self.shift)
        words = re.sub(r"<[^>]+>", "", match[2]).strip()
        if level == 1:
            self.title = self.title or words
            return f"<h1>{match[2]}</h1>"
        anchor = f"muc-{len(self.contents) + 1}"
        part = ' class="new-part"' if match[1] == "1" and self.contents else ""
        self.contents.append({"id": anchor, "level": level, "text": words})
        return f'<h{level}{part} id="{anchor}">{match[2]}</h{level}>'


def tagged(cell: Any, tag: str) -> bool:
    """Whether a cell of a notebook has a tag."""
    return tag in cell.get("metadata", {}).get("tags", [])


def _source(cell: Any) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def output_html(output: Any) -> str:
    """Return one output of a cell as harmless markup."""
    kind = output["output_type"]
    if kind == "stream":
        return f"<pre>{escape(_joined(output['text']))}</pre>" if output["name"] == "stdout" else ""
    if kind == "error":
        lines = _ANSI.sub("", "\n".join(output["traceback"]))
        return f'<pre class="error">{escape(lines)}</pre>'
    data = output.get("data", {})
    found = next((name for name in _KINDS if name in data), None)
    return _shown(found, data, output.get("metadata", {})) if found else ""


def _shown(kind: str, data: Any, metadata: Any) -> str:
    value = _joined(data[kind])
    if kind == "text/html":
        return _EMPTY_HEAD.sub("<td></td>", sanitize(value))
    if kind == "text/markdown":
        return to_html(value)
    if kind == "text/plain":
        return f"<pre>{escape(value)}</pre>"
    if kind == "image/svg+xml":
        value = base64.b64encode(value.encode()).decode()
    alt = metadata.get(kind, {}).get("alt") or _joined(data.get("text/plain", ""))
    picture = f'<img src="data:{kind};base64,{"".join(value.split())}" alt="{escape(alt)}">'
    return f'<figure class="chart">{sanitize(picture)}</figure>'


def shown_by(notebook: dict[str, Any]) -> Iterator[str]:
    """Yield the markup that a run notebook shows, as its cells gave it."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            yield _joined(output.get("data", {}).get("text/html", ""))


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


def look() -> dict[str, Any]:
    """Return what every page needs beside its content: fonts and the words of the frame."""
    words = ("contents", "skip", "code", "parts", "index", "made-by", "home")
    return {
        "fonts": [
            {"weight": weight, "data": base64.b64encode(path.read_bytes()).decode()}
            for weight, path in theme.web_fonts().items()
        ],
        "words": {word: text(f"page-{word}") for word in words},
    }
