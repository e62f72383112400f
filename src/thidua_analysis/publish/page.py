"""Pages of a report: one a notebook, all parts on one, the cells behind figures, the front page."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any, Self

import mistune

from thidua_analysis.charts.wording import whose
from thidua_analysis.dataset import Dataset
from thidua_analysis.messages import text
from thidua_analysis.publish.first_screen import headline
from thidua_analysis.publish.html import rendered, sanitize
from thidua_analysis.publish.lists import claims_in_short
from thidua_analysis.publish.notebook import Failure
from thidua_analysis.publish.sentences import say_roles
from thidua_analysis.publish.sources import NOWHERE, PAGE, Sources
from thidua_analysis.publish.status import CLAIMS_PAGE, hashes, status

FULL = "bao-cao-day-du.html"
FRONT = "index.html"
#: Kinds of output in the order of preference; the first that is there is shown.
_KINDS = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.S)
_DEFINITION = re.compile("<dt[ >].*?</dd>", re.S)
#: What opens a part: a list of sentences or of cards, and what is in it.
_OPENING = re.compile(r'(<ul class="(?:facts|cards key)">)(.*?)(</ul>)', re.S)
_ITEM = re.compile("<li>.*?</li>", re.S)
#: The corner of a table that pandas prints: a heading without words.
_EMPTY_HEAD = re.compile(r"<th[^>]*>(?:\s|&nbsp;)*</th>")
#: A link that leads to a file, not into its own page or to an address.
_TO_A_PAGE = re.compile(r'<a(?: class="[^"]*")? href="(?!#|[a-z]+:)([^"]*)">(.*?)</a>', re.S)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Page:
    """Collects the parts of one page and its table of contents.

    The links of figures lead to the sources, on their pages or on this one (``""``); without
    sources they are no links. The shift is by how many levels headings move down, for several
    notebooks on one page.
    """

    def __init__(
        self, sources: Sources = NOWHERE, shift: int = 0, target: str | None = None
    ) -> None:
        self.sources = sources
        self.shift = shift
        self.target = target
        #: anchors of the figures on the page
        self.printed: set[str] = set()
        self._opened: set[str] = set()
        self.title = ""
        self.contents: list[dict[str, Any]] = []
        self.parts: list[dict[str, Any]] = []

    def add(self, cells: Iterable[Any], *, skip: Collection[str] = ()) -> None:
        """Add the cells of a notebook, but those with one of these tags."""
        for cell in cells:
            if any(_tagged(cell, tag) for tag in skip):
                continue
            if cell["cell_type"] == "markdown":
                markup = to_html(_joined(cell["source"]))
                self.add_text(_HEADING.sub(self._heading, markup))
            elif cell["cell_type"] == "code":
                shown = map(output_html, cell.get("outputs", []))
                outputs = [self.lead(self._once(markup)) for markup in shown]
                self._add_code(_joined(cell["source"]), outputs)

    def _once(self, markup: str) -> str:
        """Leave out the sentences and cards that have opened another part of the page."""

        def new(match: re.Match[str]) -> str:
            items = [item for item in _ITEM.findall(match[2]) if item not in self._opened]
            self._opened.update(items)
            return f"{match[1]}{''.join(items)}{match[3]}" if items else ""

        return _OPENING.sub(new, markup)

    def lead(self, markup: str) -> str:
        """Lead the links of figures to their sources."""
        return self.sources.lead(markup, self.target, self.printed)

    def add_text(self, markup: str) -> None:
        """Add a text, unless there is none."""
        if markup:
            self.parts.append({"kind": "text", "html": markup})

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
        words = _plain(match[2])
        if level == 1:
            self.title = self.title or words
            return f"<h1>{match[2]}</h1>"
        anchor = f"muc-{len(self.contents) + 1}"
        part = ' class="new-part"' if match[1] == "1" and self.contents else ""
        self.contents.append({"id": anchor, "level": level, "text": words})
        return f'<h{level}{part} id="{anchor}">{match[2]}</h{level}>'

    def stand_alone(self, places: Mapping[str, str]) -> None:
        """Lead the links to other pages to their places on this one; others are no links."""

        def led(match: re.Match[str]) -> str:
            place = places.get(match[1].partition("#")[0])
            return f'<a href="#{place}">{match[2]}</a>' if place else match[2]

        for part in self.parts:
            if part["kind"] == "text":
                part["html"] = _TO_A_PAGE.sub(led, part["html"])
            else:
                part["outputs"] = [_TO_A_PAGE.sub(led, one) for one in part["outputs"]]

    def content(self, title: str, *, code: bool = False) -> dict[str, Any]:
        """Return the page as its template reads it, with the code of its cells or without."""
        shown = {"contents": self.contents, "parts": self.parts, "pages": [], "code": code}
        return {"title": title, **shown}


def to_html(markdown: str) -> str:
    """Return Markdown as markup; HTML inside it is shown as text."""
    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return sanitize(str(render(markdown)))


def _plain(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def _tagged(cell: Any, tag: str) -> bool:
    return tag in cell.get("metadata", {}).get("tags", [])


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


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


def _shown_by(cells: Iterable[Any]) -> Iterator[str]:
    """Yield the markup that run cells show, as they gave it."""
    for cell in cells:
        for output in cell.get("outputs", []):
            yield _joined(output.get("data", {}).get("text/html", ""))


@dataclass(frozen=True)
class Part:
    """A part of the report: a run notebook and the page that shows it."""

    href: str
    title: str
    #: the first paragraph below the heading
    about: str
    notebook: dict[str, Any]
    #: why it did not run to its end
    failure: Failure | None = None

    @property
    def shown(self) -> Iterator[str]:
        """Yield the markup that its cells show, as they gave it."""
        return _shown_by(self.notebook["cells"])


def part_of(name: str, notebook: dict[str, Any], failure: Failure | None = None) -> Part:
    """Return the part that a run notebook makes."""
    stem = name.removesuffix(".ipynb")
    rows = [row for cell in notebook["cells"][:1] for row in _joined(cell["source"]).splitlines()]
    title = next((row.removeprefix("# ") for row in rows if row.startswith("# ")), stem)
    about = next((row for row in rows if row and not row.startswith("#")), "")
    return Part(f"{stem.replace('_', '-')}.html", title, about, notebook, failure)


@dataclass(frozen=True)
class Pages:
    """Writes the pages of one report, each with links to all others."""

    parts: Sequence[Part]
    year: int
    footer: str = ""
    sources: Sources = NOWHERE
    #: page → further years and files to load, as the frame shows them
    around: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: whose report it is
    bloc: str = ""
    #: sentences with key figures, and how many published claims agree, for the front page
    opening: tuple[str, str] = ("", "")
    #: hashes of the files; code is shown with them, in the edition for analysts only
    hashes: str = ""
    #: page → its title and the anchors of the figures on it
    printed: dict[str, tuple[str, set[str]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, ds: Dataset, year: int, parts: Sequence[Part], footer: str, *, code: bool = False
    ) -> Self:
        """Return the pages of a report with their sources; the data end in the year."""
        opening = headline(ds, year).html, claims_in_short(ds, year)
        shown = (markup for part in parts for markup in part.shown)
        sources = Sources.of(ds, year, [*opening, *shown])
        told = hashes(ds, year).html if code else ""
        bloc = whose(ds)
        return cls(parts, year, footer, sources, bloc=bloc, opening=opening, hashes=told)

    def all(self, ds: Dataset) -> dict[str, str]:
        """Return all pages by file name, the front page first."""
        return {
            FRONT: self.front(ds),
            **{part.href: self.part(part) for part in self.parts},
            FULL: self.full(),
            PAGE: self.of_sources(ds),
            **{href: self._of_part(href) for href in self.sources.parts if href != PAGE},
        }

    def part(self, part: Part) -> str:
        """Return the page of one part."""
        page = Page(self.sources)
        self._fill(page, part)
        self.printed[part.href] = part.title, page.printed
        return self._written(part.href, self._content(page, part.title))

    def full(self) -> str:
        """Return the page of all parts, which needs no other file.

        The status of the data opens it; definitions and the sources of its figures close it.
        """
        page = Page(self.sources, shift=1, target="")
        page.add_text(f'<h1>{escape(self._title)}</h1><p class="lead">{escape(self.bloc)}</p>')
        self._all_parts(page)
        title, back = text("page-sources"), {"": (text("source-here"), page.printed)}
        page.contents.append({"id": "nguon", "level": 2, "text": title})
        told = [f'<h2 class="new-part" id="nguon">{escape(title)}</h2>', _about_sources()]
        own = self.sources.only(page.printed).sections(back, level=3)
        told += (markup for _, markup in own)
        page.add_text(f'<div class="sources">{"".join(told)}</div>')
        page.add_text(self.hashes)
        content = {**self._content(page, text("report-full")), "footer": self.footer}
        return rendered("index.html.j2", content)

    def paper(self, lines: Sequence[str]) -> str:
        """Return the page of all parts as it is printed: with a cover, without a link to a file."""
        page = self._all_parts(Page(shift=1))
        title = text("report-cover", year=self.year)
        cover = {"bloc": self.bloc, "title": title, "lines": lines}
        return rendered("paper.html.j2", {**page.content(self._title), "cover": cover})

    def _all_parts(self, page: Page) -> Page:
        places = {}
        for number, part in enumerate(self.parts):
            places[part.href] = f"muc-{len(page.contents) + 1}"
            self._fill(page, part, skip=("opening", "closing") if number else ("closing",))
        page.add(_closing(cell for part in self.parts for cell in part.notebook["cells"]))
        page.stand_alone(places)
        return page

    def of_sources(self, ds: Dataset) -> str:
        """Return the page that lists the files and cells behind every figure."""
        page, title = Page(), text("page-sources")
        page.add_text(f"<h1>{escape(title)}</h1>{_about_sources()}")
        page.parts.append({"kind": "code", "source": "", "outputs": [status(ds, self.year).html]})
        if PAGE in self.sources.parts:
            self._add_sources(page, self.sources)
        else:
            page.add_text(self._parts_of_sources())
        page.add_text(self.hashes)
        return self._written(PAGE, self._content(page, title))

    def _parts_of_sources(self) -> str:
        """Return links to the pages of the sources: of members, then of all that is of several."""
        items = [
            f'<li><a href="{href}">{escape(title)}</a> '
            f"({escape(text('source-figures', n=len(part.rows)))})</li>"
            for href, (title, part) in self.sources.parts.items()
        ]
        return f"<p>{escape(text('page-sources-parts'))}</p><ul>{''.join(items)}</ul>"

    def _of_part(self, href: str) -> str:
        """Return the page of the sources of one member, or of one indicator."""
        (title, sources), page = self.sources.parts[href], Page()
        title = f"{text('page-sources')}: {title}"
        back = f'<p><a href="{PAGE}">{escape(text("page-sources-all"))}</a></p>'
        page.add_text(f"<h1>{escape(title)}</h1>{back}{_about_sources()}")
        self._add_sources(page, sources)
        return self._written(href, self._content(page, title))

    def _add_sources(self, page: Page, sources: Sources) -> None:
        # the headings are folded, one below the other: they are their own contents
        for _, markup in sources.sections(self.printed):
            page.add_text(markup)

    def front(self, ds: Dataset) -> str:
        """Return the front page: sentences, key figures, the parts, how many claims agree."""
        full = {"href": FULL, "title": text("report-full"), "about": text("report-full-about")}
        _, printed = self.printed.setdefault(FRONT, (text("page-index"), set()))
        compared = any(part.href == CLAIMS_PAGE for part in self.parts)
        page = {
            "title": self._title,
            "lead": [whose(ds), *say_roles(ds, self.year, missing=False).plain.splitlines()],
            "opening": [status(ds, self.year).html],
            "figures": self.sources.lead(self.opening[0], printed=printed),
            "cards": [
                *({"href": p.href, "title": p.title, "about": _answered(p)} for p in self.parts),
                full,
            ],
            "claims": self.opening[1],
            "see": {"href": CLAIMS_PAGE, "title": text("page-see-claims")} if compared else {},
        }
        return self._written(FRONT, page, "home.html.j2")

    @property
    def _title(self) -> str:
        return text("report-title", year=self.year)

    def _content(self, page: Page, title: str) -> dict[str, Any]:
        return page.content(f"{title} – {self._title}", code=bool(self.hashes))

    def _fill(self, page: Page, part: Part, skip: Collection[str] = ()) -> None:
        page.add(part.notebook["cells"], skip=skip)
        if part.failure:
            said = text("report-failed", cell=part.failure.cell, error=part.failure.error)
            page.add_text(f'<div class="banner"><p>{escape(said)}</p></div>')

    def _written(self, href: str, page: dict[str, Any], template: str = "index.html.j2") -> str:
        links = [(FRONT, text("page-index")), *((part.href, part.title) for part in self.parts)]
        links += [(FULL, text("report-full")), (PAGE, text("page-sources"))]
        pages = [{"href": to, "title": title, "current": to == href} for to, title in links]
        around = self.around.get(href, {})
        return rendered(template, {**page, "pages": pages, "footer": self.footer, **around})


def _about_sources() -> str:
    keys = ("page-sources-about", "page-sources-notes")
    return "".join(f"<p>{escape(text(key))}</p>" for key in keys)


def _answered(part: Part) -> str:
    """Return what a part is about as plain words, without "This part answers:"."""
    answered = _plain(to_html(part.about)).removeprefix(text("page-answers"))
    return answered[:1].upper() + answered[1:]


def _closing(cells: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the cells that close all parts at once: heading, every definition once, the files."""
    ends = [cell for cell in cells if _tagged(cell, "closing")]
    heads = [cell for cell in ends if cell["cell_type"] == "markdown"]
    shown = [cell for cell in ends if cell.get("outputs")]
    if not heads or not shown:
        return []
    told = "".join(dict.fromkeys(_DEFINITION.findall("".join(_shown_by(shown)))))
    files = [cell for cell in shown if not _DEFINITION.search("".join(_shown_by([cell])))]
    words = _joined(heads[-1]["source"]).replace("## ", "# ", 1)
    output = {"output_type": "display_data", "data": {"text/html": f"<dl>{told}</dl>"}}
    definitions = {"cell_type": "code", "source": "", "outputs": [output] if told else []}
    return [{"cell_type": "markdown", "source": words}, definitions, *files[-1:]]
