"""The documents of the conference for Word: closing report, minutes of the vote, proposal."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from matplotlib.image import imread

from thidua_analysis import indicators, publish
from thidua_analysis.charts import phrases, theme
from thidua_analysis.charts.sheet import sheet
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.targets import judged
from thidua_analysis.lineage.register import markup, unmarked
from thidua_analysis.messages import message, text
from thidua_analysis.publish import lists
from thidua_analysis.publish.downloads import Cell, Table, tables_of
from thidua_analysis.publish.first_screen import facts
from thidua_analysis.publish.html import TEMPLATES, Block
from thidua_analysis.publish.pack import Pack, Shown, settled
from thidua_analysis.publish.sentences import who_leads
from thidua_analysis.publish.status import marks_of
from thidua_analysis.publish.target_results import FAR
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import number

#: Document → its file; its outline is a message.
FILES = {
    "report": "bao-cao-tong-ket.docx",
    "minutes": "bien-ban-binh-xet-suy-ton.docx",
    "proposal": "to-trinh.docx",
}
#: Styles, numbers of headings and the page, by Nghị định 30/2020/NĐ-CP.
LOOKS = TEMPLATES.parent / "documents"
#: Millimetres between the margins, of the columns of head and signatures, of cells, of an inch.
_WIDTH, _LETTERHEAD, _SIGNED, _PADDING, _INCH = 165, (68, 97), (80, 85), 3.6, 25.4
#: Points of the letters in tables; a table of at most so many rows stays on one page.
_CELL, _KEPT = 12, 12
#: How a line of an outline begins → its style.
_STYLES = {"#": "Heading1", "##": "Heading2", ">": "Basis", ":": "Addressee", "=": "Closing"}
_OF_A_FIGURE = re.compile(r'data-figure="(\w+)')
#: Characters that no office file may hold; letters of a title, at most.
_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]+")
_LONGEST = 255


def write_documents(pack: Pack) -> tuple[Path, ...]:
    """Write the closing report, and the minutes and the proposal as drafts; return their files.

    What the data do not say stands as a blank to be filled in.
    """
    for kind, name in FILES.items():
        write_file(pack.folder / name, _written(pack, kind))
    return tuple(pack.folder / name for name in FILES.values())


def _written(pack: Pack, kind: str) -> bytes:
    """Return a document written by its outline; what is computed comes where it says so."""
    honours = _honours(pack.ds, pack.year)
    words = {**_words(pack), "honours": ", ".join(one["honour"] for one in honours)}
    outline = message(f"documents-{kind}")["vi"].strip().splitlines()
    number_, title, about = (line.format_map(words) for line in outline[:3])
    paper = Paper(pack, f"{title} {about[:1].lower()}{about[1:]}")
    paper.letterhead(number_, draft=kind != "report", dated=kind != "minutes")
    for line, style in ((title, "Title"), (about, "Subtitle"), ("", "TitleRule")):
        paper.say(line, style)
    for line in outline[3:]:
        mark, _, rest = line.partition(" ")
        if mark.startswith("@"):
            _show(paper, mark[1:], rest.split())
        elif mark == "*":
            for own in honours:
                paper.say(rest.format_map({**words, **own}), "ListBullet")
        elif mark in _STYLES:
            paper.say(rest.format_map(words), _STYLES[mark])
        elif told := line.format_map(words):
            paper.say(told)
    stream = io.BytesIO()
    paper.doc.save(stream)
    return settled(stream.getvalue())


def _words(pack: Pack) -> dict[str, Any]:
    """Return what outlines say of a bloc and a year; a blank where the data do not say it."""
    ds, year, least = pack.ds, pack.year, pack.ds.bloc.scoring_in(pack.year).vote_threshold
    words: dict[str, Any] = {"year": year, "after": year + 1, "bloc": ds.bloc.called}
    words["name"] = ds.bloc.name
    # who leads in the year after stands in the forms of this one
    every = Dataset.open(ds.folder) if ds.folder else ds
    for role in ("head", "deputy"):
        for key, at in ((role, year), (f"next_{role}", year + 1)):
            words[key] = who_leads(every, at, role) or text("documents-open")
    missed = "missed" in {row["status"] for row in judged(ds, year=year)}
    words["causes"] = text("documents-causes") if missed else ""
    percent = "" if least is None else phrases.unrounded(least)
    words["threshold"] = percent and text("documents-threshold", percent=percent)
    told = pack.state.split(" · ")
    # of mistakes in the files only those that are left are told
    words["state"] = ". ".join(told if marks_of(ds, year)[0] else told[:-1])
    return words


def _honours(ds: Dataset, year: int) -> list[dict[str, str]]:
    """Return the honours with their places and whom the bloc voted; blanks where there is none."""
    places, voted, blank = lists.quotas(ds, year), lists.voted(ds, year), text("documents-open")
    found = []
    for honour in {**places, **voted} or [blank]:
        members = ", ".join(ds.bloc.member(member).name for member in voted.get(honour, []))
        own = number(places[honour]) if honour in places else blank
        found.append({"honour": honour, "places": own, "members": members or blank})
    return found


#: Texts with their styles.
Lines = Sequence[tuple[str, str]]


class Paper:
    """A document that is written from top to bottom; all that it looks like is in its styles."""

    def __init__(self, pack: Pack, title: str) -> None:
        from docx import Document

        self.pack, self.year, self.ds = pack, pack.year, pack.ds
        self.doc: Any = Document()
        self._counts = {"table": 0, "chart": 0}
        _dress(self.doc)
        self._set_up(title)

    def words(self, key: str, **more: str) -> str:
        """Return a text of the documents."""
        return text(f"documents-{key}", bloc=self.ds.bloc.called, year=str(self.year), **more)

    def say(self, words: str, style: str = "BodyText") -> Any:
        """Add a paragraph."""
        return self._put(self.doc.add_paragraph(), words, style)

    def told(self, sentences: Iterable[str]) -> None:
        """Add sentences, each a paragraph or an item; figures marked in them become text."""
        for sentence in map(unmarked, sentences):
            item = sentence.startswith("• ")
            self.say(sentence.removeprefix("• "), "ListBullet" if item else "BodyText")

    def show(self, block: Block) -> None:
        """Add the tables of a block; one without a table is told, nothing a blank."""
        found = tables_of([block.html])
        if block.plain == text("say-nothing"):
            if self.doc.paragraphs[-1].text != self.words("open"):
                self.say(self.words("open"))
        elif not found:
            folded = "<details" in block.html  # a list of what the sentence before names in short
            self.told(one for one in block.plain.splitlines() if not folded or one[0] != "•")
        for table in found:
            self.table(table)

    def table(self, table: Table) -> None:
        """Add a table with its caption and notes; what its rows are about opens them as a row."""
        self._caption("table", table.caption)
        grouped = table.head[:1] == [text("column-group")]
        head = table.head[grouped:]
        rows = list(_with_groups(table.rows) if grouped else table.rows)
        made = self.doc.add_table(1 + len(rows), len(head))
        made._tbl.tblPr.style = "Figures"
        made._tbl.tblPr.append(_element("w:tblCaption", val=_clean(table.caption)))
        _set_widths(made, _widths(head, [row for row in rows if len(row) == len(head)]))
        totals = {text("column-bloc", bloc=self.ds.bloc.called), text("column-sum")}
        heading, *below = made.rows
        self._row(heading, [Cell(name) for name in head], "CellHead")
        heading._tr.get_or_add_trPr().append(_element("w:tblHeader"))
        for at, (place, row) in enumerate(zip(below, rows, strict=True), 1):
            kept = "CellKept" if at < len(rows) <= _KEPT or at == len(rows) - 1 else "Cell"
            total = row[0].text in totals and at == len(rows)
            self._row(place, row, "CellTotal" if total else kept)
            if at > 1:  # LibreOffice loses rows where the first one must not be split either
                place._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        notes = " ".join(table.notes)
        for of_a_bar in (text("targets-scale"), text("targets-cut", limit=FAR)):
            notes = notes.replace(of_a_bar, "").strip()
        if notes:
            self.say(notes, "TableNote")

    def chart(self, shown: Shown) -> None:
        """Add a chart as a picture; its title, subtitle and source are text around it."""
        from docx.shared import Mm

        self._caption("chart", shown.title)
        top, bottom = _plot(shown)
        tall = _WIDTH * (bottom - top) * theme.HEIGHT / theme.WIDTH
        run, file = self.say("", "Figure").add_run(), io.BytesIO(shown.files["png"])
        picture = run.add_picture(file, Mm(_WIDTH), Mm(tall))._inline
        alt = shown.alt.removesuffix(text("chart-table-below")).strip()
        picture.docPr.set("descr", _clean(alt))
        edges = {"t": f"{top * 1e5:.0f}", "b": f"{(1 - bottom) * 1e5:.0f}"}
        fill = picture.graphic.graphicData.pic.blipFill
        fill.insert(1, _element("a:srcRect", **edges))
        self.say(f"{shown.subtitle} {shown.source}", "TableNote")

    def columns(self, widths: Sequence[float], *cells: Lines) -> None:
        """Add texts beside each other, without lines around them."""
        table = self.doc.add_table(len(cells) // 2, 2)
        _set_widths(table, widths)
        for row in table.rows:
            row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        places = [cell for row in table.rows for cell in row.cells]
        for cell, lines in zip(places, cells, strict=True):
            self._lines(cell, lines)

    def letterhead(self, told: str, *, draft: bool, dated: bool) -> None:
        """Add whose document it is, the motto of the nation, number and date."""
        place = self.words("place-and-date", province=self.ds.bloc.province)
        self.columns(
            _LETTERHEAD,
            [(self.ds.bloc.name, "Agency"), ("", "ShortRule")],
            [(self.words("nation"), "Crest"), (self.words("motto"), "Motto"), ("", "MottoRule")],
            [(told, "Number"), *[(self.words("draft"), "Draft")] * draft],
            [(place if dated else "", "PlaceAndDate")],
        )

    def _put(self, paragraph: Any, words: str, style: str) -> Any:
        paragraph._p.style = style
        if words:
            paragraph.add_run(_clean(words))
        return paragraph

    def _lines(self, cell: Any, lines: Lines) -> None:
        for at, (words, style) in enumerate(lines):
            self._put(cell.add_paragraph() if at else cell.paragraphs[0], words, style)

    def _row(self, row: Any, cells: Sequence[Cell], style: str) -> None:
        places = row.cells
        if len(cells) < len(places):
            places, style = [places[0].merge(places[-1])], "CellGroup"
        for place, cell in zip(places, cells, strict=True):
            counts = cell.counts and style in ("Cell", "CellKept", "CellTotal")
            self._lines(place, [(cell.text, f"{style}Number" if counts else style)])

    def _caption(self, kind: str, words: str) -> None:
        self._counts[kind] += 1
        name = self.words(kind)
        paragraph = self.say(f"{name} ", "Caption")
        _field(paragraph, f"SEQ {name.replace(' ', '_')} \\* ARABIC", str(self._counts[kind]))
        paragraph.add_run(_clean(f". {words}"))

    def _set_up(self, title: str) -> None:
        section = self.doc.sections[0]
        banner = text("status-illustrative") if self.pack.illustrative else ""
        self._put(section.first_page_header.paragraphs[0], banner, "Illustrative")
        _field(self._put(section.header.paragraphs[0], "", "Header"), "PAGE", "2")
        if banner:
            self._put(section.header.add_paragraph(), banner, "Illustrative")
        about = self.doc.core_properties
        about.title, about.language = _clean(title)[:_LONGEST], "vi-VN"
        about.author = about.last_modified_by = _clean(self.ds.bloc.name)[:_LONGEST]
        about.subject, about.comments, about.revision = self.pack.title, "", 1
        about.created = about.modified = dt.datetime(self.year, 12, 31)


def _dress(doc: Any) -> None:
    """Put the own styles, numbers and page in the place of those of the library."""
    from docx.oxml import parse_xml

    body, part = doc.element.body, doc.part
    styles, numbers, page = (
        parse_xml((LOOKS / f"{name}.xml").read_bytes()) for name in ("styles", "numbering", "page")
    )
    part._styles_part.element[:], part.numbering_part.element[:] = list(styles), list(numbers)
    body.replace(body.sectPr, page)


def _clean(words: str) -> str:
    return _CONTROL.sub(" ", words)


def _element(name: str, **values: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}") if name.startswith("w:") else key, value)
    return made


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """Add what an office program counts itself, with what it is now."""
    field, run, words = _element("w:fldSimple", instr=instruction), *map(_element, ("w:r", "w:t"))
    words.text = shown
    run.append(words)
    field.append(run)
    paragraph._p.append(field)


def _plot(shown: Shown) -> tuple[float, float]:
    """Return where the plot of a picture begins and ends, as shares of its height."""
    words = sheet(shown.title, shown.subtitle, shown.source)
    picture: Any = imread(io.BytesIO(shown.files["png"]))[:, :, :3]
    high = len(picture)
    top, bottom = (round(high * (1 - at / theme.HEIGHT)) for at in (words.top, words.bottom))
    drawn = (picture[top:bottom] < 1).any(axis=(1, 2)).nonzero()[0]
    return (top + min(drawn, default=0)) / high, (top + max(drawn, default=high) + 1) / high


def _set_widths(table: Any, widths: Sequence[float]) -> None:
    from docx.shared import Mm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _widths(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[float]:
    """Return the widths of columns: no word is broken, the longest texts have most room."""
    columns = [[row[at].text for row in rows] for at in range(len(head))]
    words = [[_wide(word) for one in texts for word in one.split()] for texts in columns]
    names = [[_wide(word, bold=True) for word in name.split()] for name in head]
    # a heading has at most about three lines; Times is narrower than the letters of the charts
    heads = [max([*each, sum(each) / 3]) for each in names]
    least = [max([own, *texts]) for own, texts in zip(heads, words, strict=True)]
    wide = [max([0.95 * _wide(one) for one in texts], default=0) for texts in columns]
    wanted = list(map(max, least, wide))
    asked = [b - a for a, b in zip(least, wanted, strict=True)]
    part = (_WIDTH - sum(least)) / max(sum(asked), 1)
    if part >= 1 or part < 0:
        whole = wanted if part >= 1 else least
        return [one * _WIDTH / sum(whole) for one in whole]
    return [a + more * part for a, more in zip(least, asked, strict=True)]


def _wide(words: str, *, bold: bool = False) -> float:
    return theme.text_width(words, _CELL, bold=bold) * _INCH + _PADDING


def _with_groups(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    last = None
    for group, *row in rows:
        if group.text != last:
            last = group.text
            yield [group]
        yield row


def _show(paper: Paper, name: str, words: Sequence[str]) -> None:
    """Write what an outline asks for: a block of this list, else what pages show by this name."""
    if name in _BLOCKS:
        _BLOCKS[name](paper, *words)
    else:
        block = getattr(publish, name, None) or getattr(lists, name)
        paper.show(block(paper.ds, paper.year))


def _facts(paper: Paper, part: str, *about: str) -> None:
    """Tell the sentences that open a part, all or those with a figure of these indicators."""
    told = facts(paper.ds, paper.year, part)
    paper.told(one for one in told if not about or {*about} & {*_OF_A_FIGURE.findall(markup(one))})


def _charts(paper: Paper, *wanted: str) -> None:
    """Add a chart of each of these indicators; the others are files of the pack."""
    of = {one.figures[0].partition("/")[0]: one for one in paper.pack.charts[::-1] if one.figures}
    for indicator in wanted:
        if indicator in of:
            paper.chart(of[indicator])


def _table(paper: Paper, indicator: str, down: str, across: str, *total: str) -> None:
    """Add a table of an indicator in the year, with the whole bloc below where that is wanted."""
    compute, now = indicators.functions()[indicator], paper.ds.filter(year=paper.year)
    frame = compute(now, by=(down, across))
    whole = compute(now, by=(across,)) if total else None
    known = frame if frame["value"].notna().any() else frame.iloc[:0]
    paper.show(publish.table(known, across=across, total=whole))


def _proposed(paper: Paper) -> None:
    for own in _honours(paper.ds, paper.year):
        paper.show(lists.proposed(paper.ds, paper.year, own["honour"]))


def _signed(paper: Paper, *roles: str) -> None:
    """Add beside each other who gets the document, or wrote it, and who signs it."""
    found: list[Lines] = []
    for role in roles:
        first, *rest = paper.words(role).splitlines()
        to = [(first, "Recipients"), *((line, "Recipient") for line in rest)]
        by = [*((line, "Signer") for line in (first, *rest)), (paper.words("open"), "SignerName")]
        found.append(to if role == "recipients" else by)
    paper.columns(_SIGNED, *found)


_BLOCKS: dict[str, Callable[..., None]] = {
    block.__name__.strip("_"): block for block in (_facts, _charts, _table, _proposed, _signed)
}
