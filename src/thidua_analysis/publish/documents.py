"""The documents of the conference for Word: closing report, minutes of the vote, proposal."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from thidua_analysis import indicators, publish
from thidua_analysis.charts import phrases
from thidua_analysis.charts.series import measure, records
from thidua_analysis.charts.theme import text_width
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.counts import identity
from thidua_analysis.indicators.selection import honour_name, named
from thidua_analysis.indicators.targets import judged
from thidua_analysis.lineage.register import markup, unmarked
from thidua_analysis.messages import catalogue, text
from thidua_analysis.publish.downloads import Cell, Table, tables_of
from thidua_analysis.publish.first_screen import facts
from thidua_analysis.publish.html import TEMPLATES, Block
from thidua_analysis.publish.pack import Pack, Shown, settled
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import NO_VALUE, number, rank

#: Document → its file; its outline is a message.
FILES = {
    "report": "bao-cao-tong-ket.docx",
    "minutes": "bien-ban-binh-xet-suy-ton.docx",
    "proposal": "to-trinh.docx",
}
#: Styles and numbers of headings, by Nghị định 30/2020/NĐ-CP.
LOOKS = TEMPLATES.parent / "documents"
#: Page and its margins, letterhead and signatures, in millimetres.
_PAGE, _TOP, _LEFT, _RIGHT = (210, 297), 20, 30, 15
_WIDTH = _PAGE[0] - _LEFT - _RIGHT
_LETTERHEAD, _SIGNED = (68, 97), (80, 85)
_INCH, _PADDING, _CELL = 25.4, 3.6, 12
#: Charts of the report, one of each measure; the others are files of the pack.
_CHARTS = {
    "movements": ("result_value", "initiatives_recognized"),
    "commendations": ("awards_by_level", "awards_by_award", "non_leader_share"),
    "scores": ("score_total", "score_share"),
}
#: How a line of an outline begins → its style.
_STYLES = {"#": "Heading1", "##": "Heading2", ">": "Basis", ":": "Addressee"}
_OF_A_FIGURE = re.compile(r'data-figure="(\w+)')
#: Characters that no office file may hold.
_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]+")


def write_documents(pack: Pack) -> tuple[Path, ...]:
    """Write the closing report, and the minutes and the proposal as drafts; return their files.

    What the data do not say stands as a blank to be filled in.
    """
    for kind, name in FILES.items():
        write_file(pack.folder / name, _written(pack, kind))
    return tuple(pack.folder / name for name in FILES.values())


def _written(pack: Pack, kind: str) -> bytes:
    """Return a document written by its outline; what is computed comes where it says so."""
    words = _words(pack)
    outline = catalogue()[f"documents-{kind}"]["vi"].strip().splitlines()
    told, title, about = (line.format_map(words) for line in outline[:3])
    paper = Paper(pack, f"{title} {about[:1].lower()}{about[1:]}")
    paper.letterhead(told, draft=kind != "report", dated=kind != "minutes")
    for line, style in ((title, "Title"), (about, "Subtitle"), ("", "TitleRule")):
        paper.say(line, style)
    for line in outline[3:]:
        mark, _, rest = line.partition(" ")
        if line.startswith("@"):
            _BLOCKS[line[1:]](paper)
        elif mark in _STYLES:
            paper.say(rest.format_map(words), _STYLES[mark])
        else:
            paper.say(line.format_map(words))
    return paper.package()


def _words(pack: Pack) -> dict[str, object]:
    """Return what the outlines say of a bloc and a year; a blank where the data do not say it."""
    ds, year = pack.ds, pack.year
    blank = text("documents-open")
    honours = phrases.listed(_honours(ds, year), "honour") if _honours(ds, year) else blank
    known = {"year": year, "after": year + 1, "name": ds.bloc.name, "bloc": ds.bloc.called}
    roles = {
        f"{before}{role}": _role(ds, at, role) or blank
        for before, at in (("", year), ("next_", year + 1))
        for role in ("head", "deputy")
    }
    return {**known, **roles, "state": pack.state.replace(" · ", ". "), "honours": honours}


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
        self.styles = {style.style_id: style for style in self.doc.styles}
        self._set_up(title)

    def words(self, key: str, **more: object) -> str:
        """Return a text of the documents."""
        return text(f"documents-{key}", **{"bloc": self.ds.bloc.called, "year": self.year, **more})

    def say(self, words: str, style: str = "BodyText") -> Any:
        """Add a paragraph."""
        return self._put(self.doc.add_paragraph(), words, style)

    def told(self, sentences: Iterable[str]) -> None:
        """Add sentences, each a paragraph or an item; figures marked in them become text."""
        for sentence in map(unmarked, sentences):
            item = sentence.startswith("• ")
            self.say(sentence.removeprefix("• "), "ListBullet" if item else "BodyText")

    def show(self, block: Block, *, notes: bool = True) -> None:
        """Add the tables of a block; one without a table is told."""
        found = tables_of([block.html])
        if not found:
            self.told(block.plain.splitlines())
        for table in found:
            self.table(table, notes=notes)

    def table(self, table: Table, *, notes: bool = True) -> None:
        """Add a table with its caption and notes; what its rows are about opens them as a row."""
        self._caption("table", table.caption)
        grouped = table.head[:1] == [text("column-group")]
        head = table.head[grouped:]
        rows = list(_with_groups(table.rows) if grouped else table.rows)
        made = self.doc.add_table(1 + len(rows), len(head), self.styles["Figures"])
        _describe(made, table.caption)
        _set_widths(made, _widths(head, [row for row in rows if len(row) == len(head)]))
        totals = {text("column-bloc", bloc=self.ds.bloc.called), text("column-sum")}
        self._row(made.rows[0], [Cell(name) for name in head], "CellHead")
        for at, row in enumerate(rows, 1):
            total = row[0].text in totals and at == len(rows)
            self._row(made.rows[at], row, "CellTotal" if total else "Cell")
        self.say(" ".join(table.notes) if notes else "", "TableNote")

    def charts(self, part: str) -> None:
        """Add the charts of a part of the report as pictures."""
        shown: dict[str, Shown] = {}
        for one in self.pack.charts:
            indicator = one.figures[0].partition("/")[0] if one.figures else ""
            shown.setdefault(indicator, one)
        for indicator in _CHARTS[part]:
            if indicator in shown:
                self._chart(shown[indicator], indicator)

    def _chart(self, shown: Shown, indicator: str) -> None:
        from docx.shared import Mm

        run = self.say("", "Figure").add_run()
        picture = run.add_picture(io.BytesIO(shown.files["png"]), width=Mm(_WIDTH))
        alt = shown.alt.removesuffix(text("chart-table-below")).strip()
        picture._inline.docPr.set("descr", _clean(alt))
        of = next((name for name in ("member", "level") if f"/{name}=" in shown.figures[0]), "")
        by = text("chart-by", noun=text(f"noun-{of}")) if of and "_by_" not in indicator else ""
        name = " ".join(filter(None, [measure(indicator), by]))
        self._caption("chart", self.words("chart-caption", measure=name), "FigureCaption")

    def signed(self, left: Lines, right: Lines) -> None:
        """Add two columns: who gets the document or who wrote it, and who signs it."""
        table = self.doc.add_table(1, 2)
        _set_widths(table, _SIGNED)
        _whole(table.rows[0])
        for cell, lines in zip(table.rows[0].cells, (left, right), strict=True):
            self._lines(cell, lines)

    def letterhead(self, number: str, *, draft: bool, dated: bool) -> None:
        """Add whose document it is, the motto of the nation, number and date."""
        table = self.doc.add_table(2, 2)
        _set_widths(table, _LETTERHEAD)
        place = self.words("place-and-date", province=self.ds.bloc.province)
        cells: tuple[Lines, ...] = (
            [(self.ds.bloc.name, "Agency"), ("", "ShortRule")],
            [(self.words("nation"), "Crest"), (self.words("motto"), "Motto"), ("", "MottoRule")],
            [(number, "Number"), *[(self.words("draft"), "Draft")] * draft],
            [(place if dated else "", "PlaceAndDate")],
        )
        places = [cell for row in table.rows for cell in row.cells]
        for cell, lines in zip(places, cells, strict=True):
            self._lines(cell, lines)

    def package(self) -> bytes:
        """Return the file, the same bytes for the same data."""
        stream = io.BytesIO()
        self.doc.save(stream)
        return settled(stream.getvalue())

    def _put(self, paragraph: Any, words: str, style: str) -> Any:
        paragraph.style = self.styles[style]
        if words:
            paragraph.add_run(_clean(words))
        return paragraph

    def _lines(self, cell: Any, lines: Lines) -> None:
        for at, (words, style) in enumerate(lines):
            self._put(cell.add_paragraph() if at else cell.paragraphs[0], words, style)

    def _row(self, row: Any, cells: Sequence[Cell], style: str) -> None:
        places = row.cells
        _whole(row, head=style == "CellHead")
        if len(cells) < len(places):
            places, style = [places[0].merge(places[-1])], "CellGroup"
        for place, cell in zip(places, cells, strict=True):
            counts = cell.counts and style in ("Cell", "CellTotal")
            self._lines(place, [(cell.text, f"{style}Number" if counts else style)])

    def _caption(self, kind: str, words: str, style: str = "Caption") -> None:
        self._counts[kind] += 1
        name = self.words(kind)
        paragraph = self.say(f"{name} ", style)
        _field(paragraph, f"SEQ {name.replace(' ', '_')} \\* ARABIC", str(self._counts[kind]))
        paragraph.add_run(_clean(f". {words}"))

    def _set_up(self, title: str) -> None:
        from docx.shared import Mm

        section, day = self.doc.sections[0], dt.datetime(self.year, 12, 31)
        section.page_width, section.page_height = map(Mm, _PAGE)
        section.top_margin = section.bottom_margin = Mm(_TOP)
        section.left_margin, section.right_margin = Mm(_LEFT), Mm(_RIGHT)
        section.header_distance = section.footer_distance = Mm(_TOP // 2)
        section.different_first_page_header_footer = True
        number_ = section.header.paragraphs[0]
        _field(self._put(number_, "", "Header"), "PAGE", "2")
        banner = text("status-illustrative") if self.pack.illustrative else ""
        self._put(section.first_page_header.paragraphs[0], banner, "Illustrative")
        if banner:
            self._put(section.header.add_paragraph(), banner, "Illustrative")
        about = self.doc.core_properties
        about.title, about.language = _clean(title), "vi-VN"
        about.author = about.last_modified_by = _clean(self.ds.bloc.name)
        about.subject, about.comments, about.revision = self.pack.title, "", 1
        about.created = about.modified = day


def _dress(doc: Any) -> None:
    """Put the own styles and numbers in the place of those of the library."""
    from docx.oxml import parse_xml

    for part, name in ((doc.part._styles_part, "styles"), (doc.part.numbering_part, "numbering")):
        part.element[:] = list(parse_xml((LOOKS / f"{name}.xml").read_bytes()))


def _clean(words: str) -> str:
    return _CONTROL.sub(" ", words)


def _element(parent: Any, name: str, **values: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{name}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    parent.append(made)
    return made


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """Add what an office program counts itself, with what it is now."""
    run = _element(_element(paragraph._p, "fldSimple", instr=instruction), "r")
    _element(run, "t").text = shown


def _describe(table: Any, words: str) -> None:
    _element(table._tbl.tblPr, "tblCaption", val=_clean(words))


def _whole(row: Any, *, head: bool = False) -> None:
    """Keep a row on one page; a heading stands on every page."""
    properties = row._tr.get_or_add_trPr()
    _element(properties, "cantSplit")
    if head:
        _element(properties, "tblHeader")


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
    columns = [[name, *(row[at].text for row in rows)] for at, name in enumerate(head)]
    least = [max(_wide(word) for one in texts for word in one.split() or [""]) for texts in columns]
    wanted = [max(map(_wide, texts)) for texts in columns]
    if sum(least) >= _WIDTH:
        return [one * _WIDTH / sum(least) for one in least]
    left, asked = _WIDTH - sum(least), [b - a for a, b in zip(least, wanted, strict=True)]
    if sum(asked) <= left:
        spare = (left - sum(asked)) / len(head)
        return [one + spare for one in wanted]
    return [a + more * left / sum(asked) for a, more in zip(least, asked, strict=True)]


def _wide(words: str) -> float:
    return text_width(words, _CELL) * _INCH + _PADDING


def _with_groups(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    last = None
    for group, *row in rows:
        if group.text != last:
            last = group.text
            yield [group]
        yield row


def _movements(paper: Paper) -> None:
    ds, year = paper.ds, paper.year
    found: dict[Any, list[Record]] = {}
    for row in (row for row in named(ds, "movements") if row["year"] == year):
        found.setdefault(identity(row), []).append(row)
    if not found:
        paper.say(text("say-nothing"))
        return
    head = [paper.words("column-movement"), text("dimension-launched_by")]
    head += [text("dimension-method"), paper.words("column-by")]
    rows = [
        [
            Cell(str(own[0]["name"])),
            *(Cell(_kind(name, own[0][name])) for name in ("launched_by", "method")),
            Cell(", ".join(dict.fromkeys(ds.bloc.member(row["member"]).short for row in own))),
        ]
        for own in found.values()
    ]
    paper.table(Table(paper.words("movements", n=number(len(found))), [], head, rows))


def _kind(name: str, code: str | None) -> str:
    return text(f"name-{name}-{code}") if code else NO_VALUE


def _results(paper: Paper) -> None:
    told = facts(paper.ds, paper.year, "targets")
    paper.told(one for one in told if not _is_about(one, "targets_met"))
    paper.charts("movements")
    paper.show(publish.results(paper.ds, paper.year))


def _is_about(sentence: str, indicator: str) -> bool:
    return indicator in _OF_A_FIGURE.findall(markup(sentence))


def _targets(paper: Paper) -> None:
    ds, year = paper.ds, paper.year
    paper.told(one for one in facts(ds, year, "targets") if _is_about(one, "targets_met"))
    paper.told(publish.say_targets(ds, year).plain.splitlines())
    rows = judged(ds, year=year)
    if rows:
        paper.show(publish.targets(ds, year), notes=False)
    if any(row["status"] == "missed" for row in rows):
        paper.say(paper.words("causes"))


def _commendations(paper: Paper) -> None:
    paper.told(facts(paper.ds, paper.year, "commendations"))
    paper.charts("commendations")
    now = paper.ds.filter(year=paper.year)
    for across, by in (("subject", "level"), ("level", "member")):
        compute = indicators.functions()[f"awards_by_{across}"]
        frame, total = compute(now, by=(by, across)), compute(now, by=(across,))
        paper.show(publish.table(frame, across=across, total=total))


def _scores(paper: Paper) -> None:
    paper.told(facts(paper.ds, paper.year, "scores"))
    paper.charts("scores")
    _standing(paper)
    paper.show(publish.say_gaps(paper.ds, paper.year))


def _standing(paper: Paper) -> None:
    now = paper.ds.filter(year=paper.year)
    points = indicators.score_total(now, by=("member", "stage"))
    if not points["value"].isna().all():
        paper.show(publish.table(points, across="stage"))
    paper.show(publish.ranking(paper.ds, paper.year))


def _votes(paper: Paper) -> None:
    ds, year = paper.ds, paper.year
    if (least := ds.bloc.scoring_in(year).vote_threshold) is not None:
        paper.say(paper.words("threshold", percent=phrases.unrounded(least)))
    if any(row["year"] == year for name in ("votes", "honours") for row in ds.records(name)):
        paper.show(publish.honours(ds, year))
    else:
        paper.say(paper.words("votes-open"))


def _voted(ds: Dataset, year: int) -> dict[str, list[str]]:
    """Return honour → the members that the bloc voted for it, in their order."""
    rows = [row for row in named(ds, "honours") if row["year"] == year]
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda r: (r["voted_rank"] is None, r["voted_rank"] or 0)):
        if row["honour"] and row["member"]:
            found.setdefault(row["honour"], []).append(row["member"])
    return found


def _places(ds: Dataset, year: int) -> dict[str, int]:
    """Return honour → how many members the bloc may propose for it."""
    own = (quota for quota in ds.bloc.quotas if quota.year in (None, year))
    return {honour_name(ds, quota.honour): quota.places for quota in own}


def _honours(ds: Dataset, year: int) -> list[str]:
    return list({**_places(ds, year), **_voted(ds, year)})


def _role(ds: Dataset, year: int, role: str) -> str:
    """Return who has a role, as the forms and the settings of the bloc say; else nothing."""
    told = [r["member"] for r in ds.records("roles") if (r["year"], r["role"]) == (year, role)]
    told = told[-1:] + [getattr(one, role) for one in ds.bloc.roles if one.year == year]
    return next((ds.bloc.member(member).name for member in told if member), "")


def _members(paper: Paper) -> None:
    head = [paper.words("column-order"), text("column-member"), paper.words("column-person")]
    members = enumerate(paper.ds.expected(paper.year), 1)
    blank, bloc = Cell(paper.words("open")), paper.ds.bloc
    rows = [[Cell(str(at)), Cell(bloc.member(member).name), blank] for at, member in members]
    paper.table(Table(paper.words("members"), [], head, rows))


def _quotas(paper: Paper) -> None:
    for honour, places in _places(paper.ds, paper.year).items():
        paper.say(paper.words("quota", honour=honour, places=number(places)), "ListBullet")
    if not paper.ds.bloc.quotas:
        paper.say(paper.words("open"))


def _honoured(paper: Paper) -> None:
    ds, year = paper.ds, paper.year
    voted = _voted(ds, year)
    for honour in _honours(ds, year) or [paper.words("open")]:
        names = [ds.bloc.member(member).name for member in voted.get(honour, [])]
        shown = ", ".join(names) or paper.words("open")
        paper.say(paper.words("honoured", honour=honour, members=shown), "ListBullet")


def _proposed(paper: Paper) -> None:
    """Add whom the bloc proposes for each honour; places without a vote stay blank."""
    ds, year = paper.ds, paper.year
    ranked = {row["member"]: row for row in records(indicators.ranking(ds, year))}
    size = sum(row["rank"] is not None for row in ranked.values())
    met = records(indicators.targets_met(ds, by=("member",), year=year))
    votes = records(indicators.vote_share(ds, year=year))
    shown = {row["member"]: row["text"] for row in met}
    shown |= {(row["member"], row["honour"]): row["text"] for row in votes}
    chosen = records(indicators.proposals(ds, year))
    head = [paper.words("column-order"), *map(text, ("column-member", "column-rank"))]
    head += [text("column-score"), text("column-votes"), paper.words("column-targets")]
    for honour in _honours(ds, year) or [paper.words("open")]:
        members, places = _voted(ds, year).get(honour, []), _places(ds, year).get(honour)
        rows = [
            [
                Cell(ds.bloc.member(member).name),
                Cell(rank(own["rank"], size) if own.get("rank") else NO_VALUE, counts=True),
                *(Cell(one, counts=True) for one in (own.get("text", NO_VALUE),)),
                *(Cell(shown.get(at, NO_VALUE), counts=True) for at in ((member, honour), member)),
            ]
            for member in members
            for own in [ranked.get(member, {})]
        ]
        blank = [Cell(paper.words("open"))] * (len(head) - 1)
        rows += [blank] * max(0, (places or 1) - len(rows))
        rows = [[Cell(str(at)), *row] for at, row in enumerate(rows, 1)]
        by_points = [row for row in chosen if row["honour"] == honour]
        notes = list(_notes(paper, members, places, by_points))
        paper.table(Table(paper.words("proposed", honour=honour), notes, head, rows))


def _notes(
    paper: Paper, members: Sequence[str], places: int | None, by_points: Sequence[Record]
) -> Iterator[str]:
    """Say what is open: nobody voted, more than there are places, conditions to be confirmed."""
    if not members:
        names = ", ".join(row["label"] for row in by_points if row["member"])
        yield paper.words("by-points" if names else "unvoted", members=names)
    if places is not None and len(members) > places:
        yield paper.words("too-many", places=number(places))
    for condition in by_points[0]["conditions"] or () if by_points else ():
        yield phrases.sentence(text("mark-condition", condition=condition).capitalize())


def _signed(paper: Paper) -> None:
    keys = ("recipient-open", "recipient-members", "recipient-file")
    left = [(paper.words(key), "Recipient") for key in keys]
    right = [(paper.words(key), "Signer") for key in ("signer", "signer-head")]
    name = (paper.words("open"), "SignerName")
    paper.signed([(paper.words("recipients"), "Recipients"), *left], [*right, name])


def _minuted(paper: Paper) -> None:
    name = (paper.words("open"), "SignerName")
    roles = ("secretary", "chair")
    paper.signed(*([(paper.words(f"signer-{role}"), "Signer"), name] for role in roles))


#: What an outline asks for → what writes it.
_BLOCKS: dict[str, Callable[[Paper], None]] = {
    "movements": _movements,
    "results": _results,
    "targets": _targets,
    "commendations": _commendations,
    "scores": _scores,
    "standing": _standing,
    "votes": _votes,
    "members": _members,
    "quotas": _quotas,
    "honoured": _honoured,
    "proposals": lambda paper: paper.show(publish.proposals(paper.ds, paper.year)),
    "proposed": _proposed,
    "signed": _signed,
    "minuted": _minuted,
}
