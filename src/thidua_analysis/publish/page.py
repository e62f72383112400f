"""Pages of a report: one a notebook, all parts on one, and the front page."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any, NamedTuple

import jinja2

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators import entry
from thidua_analysis.messages import text
from thidua_analysis.publish.lists import claims, key_figures
from thidua_analysis.publish.notebook import Failure
from thidua_analysis.publish.prepare import Page, look, shown_by, tagged, to_html
from thidua_analysis.publish.senders import status
from thidua_analysis.publish.sources import NOWHERE, PAGE, Sources

FULL = "bao-cao-day-du.html"
FRONT = "index.html"
_DEFINITION = re.compile("<dt>.*?</dd>", re.S)


@dataclass(frozen=True)
class Part:
    """A part of the report.

    Parameters
    ----------
    href
        File name of its page.
    title, about
        Its heading, and the first paragraph below it.
    notebook
        The run notebook.
    failure
        Why it did not run to its end.
    """

    href: str
    title: str
    about: str
    notebook: dict[str, Any]
    failure: Failure | None = None


class Front(NamedTuple):
    """What the front page shows of the year, as markup."""

    figures: str
    claims: str


def part_of(name: str, notebook: dict[str, Any], failure: Failure | None = None) -> Part:
    """Return the part that a run notebook makes.

    Examples
    --------
    >>> part_of("01_tong_quan.ipynb", {"cells": []}).href
    '01-tong-quan.html'
    """
    stem = name.removesuffix(".ipynb")
    rows = [row for cell in notebook["cells"][:1] for row in "".join(cell["source"]).splitlines()]
    title = next((row.removeprefix("# ") for row in rows if row.startswith("# ")), stem)
    about = next((row for row in rows if row and not row.startswith("#")), "")
    return Part(f"{stem.replace('_', '-')}.html", title, about, notebook, failure)


def links(parts: Sequence[Part], current: str, year: int) -> list[dict[str, Any]]:
    """Return the links between the pages."""
    pages = [(FRONT, text("page-index"))]
    pages += [(part.href, part.title) for part in parts]
    pages += [(FULL, text("report-full")), (PAGE, text("page-sources"))]
    return [{"href": h, "title": t, "current": h == current} for h, t in pages]


def write_all(ds: Dataset, year: int, parts: Sequence[Part], footer: str) -> dict[str, str]:
    """Return all pages of a report by file name, the front page first.

    Parameters
    ----------
    ds
        The dataset up to the year.
    year
        The year of the report.
    parts
        What the notebooks showed.
    footer
        Printed below every page.
    """
    front = Front(key_figures(ds, year).html, claims(ds, year).html)
    shown = [front.figures, front.claims, *(m for part in parts for m in shown_by(part.notebook))]
    sources = Sources.of(ds, year, shown)
    return {
        FRONT: write_front(ds, year, parts, footer, front, sources),
        **{part.href: write_part(part, parts, year, footer, sources) for part in parts},
        FULL: write_full(parts, year, footer, sources),
        PAGE: write_sources(ds, year, parts, footer, sources),
    }


def write_part(
    part: Part, parts: Sequence[Part], year: int, footer: str, sources: Sources = NOWHERE
) -> str:
    """Return the page of one part."""
    page = Page(sources)
    _fill(page, part)
    return _exported(
        {
            "title": f"{part.title} – {text('report-title', year=year)}",
            "contents": page.contents,
            "parts": page.parts,
            "pages": links(parts, part.href, year),
            "footer": footer,
        }
    )


def write_full(parts: Sequence[Part], year: int, footer: str, sources: Sources = NOWHERE) -> str:
    """Return the page of all parts: the status of the data opens it, definitions close it."""
    page = Page(sources, shift=1)
    title = text("report-title", year=year)
    page.parts.append({"kind": "text", "html": f"<h1>{escape(title)}</h1>"})
    for number, part in enumerate(parts):
        _fill(page, part, skip=("opening", "closing") if number else ("closing",))
    page.add(closing([part.notebook for part in parts]))
    return _exported(
        {
            "title": f"{title} – {text('report-full')}",
            "contents": page.contents,
            "parts": page.parts,
            "pages": links(parts, FULL, year),
            "footer": footer,
        }
    )


def write_sources(
    ds: Dataset, year: int, parts: Sequence[Part], footer: str, sources: Sources
) -> str:
    """Return the page that lists the cells behind every figure."""
    title, found = text("page-sources"), sources.sections
    words = (text("page-sources-about", year=year), text("page-sources-notes"))
    head = f"<h1>{escape(title)}</h1>" + "".join(f"<p>{escape(one)}</p>" for one in words)
    labels = [(name, entry(name).label[ds.lang]) for name in found]
    opening = {"kind": "code", "source": "", "outputs": [status(ds, year).html]}
    parts_of_page = [{"kind": "text", "html": html} for html in (head, *found.values())]
    return _exported(
        {
            "title": f"{title} – {text('report-title', year=year)}",
            "contents": [{"id": name, "level": 2, "text": label} for name, label in labels],
            "parts": [parts_of_page[0], opening, *parts_of_page[1:]],
            "pages": links(parts, PAGE, year),
            "footer": footer,
        }
    )


def closing(notebooks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells that close all parts at once: heading, every definition once, the files."""
    ends = [cell for book in notebooks for cell in book["cells"] if tagged(cell, "closing")]
    heads = [cell for cell in ends if cell["cell_type"] == "markdown"]
    shown = [cell for cell in ends if cell.get("outputs")]
    markup = "".join(m for m in shown_by({"cells": shown}))
    told = "".join(dict.fromkeys(_DEFINITION.findall(markup)))
    files = [cell for cell in shown if not _DEFINITION.search("".join(shown_by({"cells": [cell]})))]
    if not heads or not shown:
        return []
    words = "".join(heads[-1]["source"]).replace("## ", "# ", 1)
    output = {"output_type": "display_data", "data": {"text/html": f"<dl>{told}</dl>"}}
    return [
        {"cell_type": "markdown", "source": words},
        *([{"cell_type": "code", "source": "", "outputs": [output]}] if told else []),
        *files[-1:],
    ]


def _fill(page: Page, part: Part, skip: Collection[str] = ()) -> None:
    page.add(part.notebook["cells"], skip=skip)
    if part.failure:
        said = text("report-failed", cell=part.failure.cell, error=part.failure.error)
        page.parts.append(
            {"kind": "text", "html": f'<div class="banner"><p>{escape(said)}</p></div>'}
        )


@cache
def exporter() -> Any:
    """Return the exporter with the template that nbconvert and JupyterLab use as well."""
    # Importing nbformat makes jsonschema build a grammar of addresses, half of its time.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from thidua_analysis.publish.exporter import ThiduaExporter

    return ThiduaExporter()


def _exported(page: Mapping[str, Any]) -> str:
    from nbformat.v4 import new_notebook

    empty = new_notebook()  # type: ignore[no-untyped-call]
    written, _ = exporter().from_notebook_node(empty, resources={"page": page})
    return str(written)


def write_front(
    ds: Dataset, year: int, parts: Sequence[Part], footer: str, front: Front, sources: Sources
) -> str:
    """Return the front page: status, key figures, the parts, the published claims."""
    from thidua_analysis.publish.exporter import FOLDER, NAME

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / NAME), autoescape=True, keep_trailing_newline=True
    )
    names = [("muc-1", "figures"), ("muc-2", "parts"), ("muc-3", "claims")]
    page = {
        "title": text("report-title", year=year),
        "lead": ds.bloc.name,
        "contents": [{"id": i, "level": 2, "text": text(f"page-{n}")} for i, n in names],
        "pages": links(parts, FRONT, year),
        "opening": [status(ds, year).html],
        "figures": sources.lead(front.figures),
        "cards": [
            *({"href": p.href, "title": p.title, "about": _plain(p.about)} for p in parts),
            {"href": FULL, "title": text("report-full"), "about": text("report-full-about")},
        ],
        "claims": sources.lead(front.claims),
        "footer": footer,
    }
    words = {name: text(f"page-{name}") for _, name in names}
    seen = look()
    seen["words"] |= words
    return environment.get_template("home.html.j2").render(page=page, look=seen)


def _plain(markdown: str) -> str:
    from html import unescape

    plain = unescape(re.sub(r"<[^>]+>", "", to_html(markdown))).strip()
    answered = plain.removeprefix(text("page-answers"))
    return answered[:1].upper() + answered[1:]
