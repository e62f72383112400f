"""Every figure of a written report is a link, and every link leads to the cells of that figure."""

import re

import pytest
from bs4 import BeautifulSoup

import thidua_analysis as td
from thidua_analysis.messages import text
from thidua_analysis.publish.presentation import SCREENS
from thidua_analysis.publish.sources import PAGE
from thidua_analysis.vietnamese.display import money, money_alike

pytestmark = pytest.mark.slow

#: Columns that hold no figures of the dictionary.
OTHERS = {
    text(f"column-{name}")
    for name in (
        # names, dates and what was typed or published
        *("claim", "published", "why", "file", "revision", "cluster", "unit"),
        *("year", "voted", "seat", "finding", "place"),
        # worked out by the table itself from the figures beside it
        *("change", "coverage", "rank", "margin", "apart", "more-points", "weight", "count"),
    )
}
#: Parts of a figure: they stand on the page of sources as the sums of its cells.
PARTS = {
    text(f"column-{name}") for name in ("numerator", "denominator", "vnd", "planned", "actual")
}
#: Tables that hold none: ranks in other ways of counting, who has sent what.
OTHER_TABLES = {
    text("table-sensitivity", year=2023),
    text("table-board", year=2023, due="20/12/2023"),
    text("table-board-years"),
}
#: What a sentence says beside figures: years, how many are listed, changes.
SAID = re.compile(
    r"[Nn]ăm 20\d\d|các năm 20\d\d–20\d\d"
    r"|(?:tăng|giảm) ở (?:cả )?\d+|trong \d+ |[Tt]hứ hạng của cả \d+ đơn vị"
    r"|(?:Chưa đạt|sau hạn) \d+ chỉ tiêu|Có \d+ điểm tiêu chí|\d+ trong số đó|Còn \d+ chỗ"
    r"|(?:Tăng|Giảm) nhiều nhất: [^(]*\([\d.,]+ [^)]*\)|(?:tăng|giảm) [\d.,]+ (?:điểm %|\S+),"
    r"|Đối chiếu \d+ nội dung [^.]*|Không có lỗi[^.]*|Không còn lỗi[^.]*|\d+ báo cáo là bản gửi lại"
    r"|(?:tăng|giảm) [\d.,]+\s(?:điểm\s%|tỷ\sđồng|[^\W\d]+\s?[^\W\d]*)(?:,| so với|[.;])"
    r"|; \d+ chỉ tiêu chưa đạt|báo cáo của \d+ đơn vị|\(\d+ tiêu chí\)"
    r"|hơn [^.\d]* [\d,]+ điểm|đủ cả \d+ biểu|\d+ lượt chấm|\d+ lượt (?:ghi|chưa ghi)"
)


@pytest.fixture(scope="module")
def places(report):
    """Anchor of every figure on the page of sources → its head and its list of cells."""
    page = BeautifulSoup((report / PAGE).read_text(encoding="utf-8"), "html.parser")
    return {
        cells["id"]: (cells.parent.summary.get_text(), cells.get_text())
        for cells in page.select('ul[id^="so-"]')
    }


@pytest.fixture(scope="module")
def pages(report):
    return {
        path.name: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").main
        for path in sorted(report.glob("*.html"))
        if path.name not in (PAGE, SCREENS)
    }


@pytest.fixture(scope="module")
def names(report):
    """Names with digits in them, as the members typed them."""
    ds = td.load(report.parents[1] / "data")
    return {row["target_name"] for row in ds.records("targets") if row["target_name"]}


def cells_of(table):
    """Heading and cell of everything in the body of a table but the names of its rows."""
    heads = [head.get_text() for head in table.thead.find_all("th")]
    for row in table.select("tbody tr"):
        cells = row.find_all(["th", "td"])
        if len(cells) == len(heads):  # others head a group of rows
            yield from list(zip(heads, cells, strict=True))[1:]


def figures_of(main):
    """Heading and cell of every figure in the tables of a page."""
    for table in main.find_all("table"):
        if table.caption.get_text() not in OTHER_TABLES:
            yield from (
                (head, cell)
                for head, cell in cells_of(table)
                if head not in OTHERS and re.search(r"\d", cell.get_text())
            )


def sentences_of(main):
    """Sentences that were computed: not of charts, the status of the data, notes, code."""
    around = ["table", "figure", "details", "dl"]
    for said in main.select(".output p, .output li"):
        kinds = {kind for part in (said, *said.parents) for kind in part.get("class", [])}
        if not said.find_parent(around) and not kinds & {"state", "banner", "note", "cards"}:
            yield said


def short_of(head):
    """Return an amount of money that is given to the đồng as columns of tables print it."""
    found = re.search(r"([\d.]+) (triệu )?đồng \(", head)
    if not found:
        return ""
    amount = int(found[1].replace(".", "")) * (10**6 if found[2] else 1)
    return f" {money(amount)} {money_alike([amount, 10**9])(amount)}"


def is_limit(printed, place):
    """Whether a text is plan and actual of a target where less is better, as its cells say."""
    parts = re.match(r"([\d.,]+)/([\d.,]+)", printed)
    return bool(parts) and all(part in place[1] for part in parts.groups())


def test_the_report_has_figures_of_every_kind(pages):
    assert len(pages) == 8
    full = pages["bao-cao-day-du.html"]
    assert len(list(figures_of(full))) > 600
    assert len(full.select("figure.chart details table a.cells")) > 250
    assert len([said for said in sentences_of(full) if said.select("a.cells")]) >= 4
    assert len(full.select(".cards > li")) >= 10
    assert len(pages["index.html"].select(".cards > li:has(.value)")) == 4


def test_every_figure_in_a_table_is_a_link(pages):
    bare = [
        (name, head, cell.get_text())
        for name, main in pages.items()
        for head, cell in figures_of(main)
        if not cell.select("a.cells")
    ]
    assert bare == []


def test_every_figure_on_a_card_is_a_link(pages):
    for name, main in pages.items():
        for card in main.select(".cards > li:has(.value)"):
            assert card.select(".value > a.cells"), (name, card.get_text())
            parts = [more for more in card.select(".more") if "/" in more.get_text()]
            assert all(more.select("a.cells") for more in parts), (name, card.get_text())
            assert not re.search(r"6/6 đơn vị", card.get_text())


def test_every_figure_in_a_computed_sentence_is_a_link(pages, names):
    bare = []
    for name, main in pages.items():
        for said in sentences_of(main):
            rest = "".join(t for t in said.find_all(string=True) if not t.find_parent("a"))
            for one in names:
                rest = rest.replace(one, "")
            if re.search(r"\d", SAID.sub("", rest)):
                bare.append((name, said.get_text()))
    assert bare == []


def test_the_title_of_a_chart_leads_to_its_figures(pages):
    """A value in it is a link; how many rose, fell or were met is counted in the table below."""
    titles = pages["bao-cao-day-du.html"].select("figcaption .message")
    linked = [title for title in titles if title.select("a.cells")]
    assert len(linked) >= 8
    bare = "".join(t for said in titles for t in said.find_all(string=True) if t.parent.name != "a")
    assert not re.search(r"\d%", bare)
    assert not re.search(r"(?:đạt|: |\() ?\d[\d.]* (?:lượt|tỷ|suất|sáng kiến)", bare)


def test_every_link_of_a_figure_leads_to_the_cells_of_that_figure(pages, places):
    """On the full report, which is mailed alone, the cells stand at its end."""
    for name, main in pages.items():
        alone = name == "bao-cao-day-du.html"
        links = main.select("a.cells")
        assert links, name
        for link in links:
            page, _, mark = link["href"].partition("#")
            assert (page, mark in places) == ("" if alone else PAGE, True), (name, link)
            assert places[mark][1].strip(), (name, link)
            if alone:
                assert main.find(id=mark).parent.summary.get_text() == places[mark][0]


def test_every_figure_is_found_again_from_its_cells(report, pages):
    """The way back leads to the place where a page prints the figure."""
    page = BeautifulSoup((report / PAGE).read_text(encoding="utf-8"), "html.parser")
    back = {
        (a["href"], cells["id"])
        for cells in page.select("ul.files")
        for a in cells.select(".back a")
    }
    printed = {
        (f"{name}#in-{mark}", mark)
        for name, main in pages.items()
        if name != "bao-cao-day-du.html"
        for mark in {link["href"].partition("#")[2] for link in main.select("a.cells")}
    }
    assert back == printed
    assert all(pages[at.partition("#")[0]].find(id=f"in-{mark}") for at, mark in sorted(back)[:50])


def test_what_is_printed_is_what_its_place_says(pages, places):
    """The text of a link stands in the head of its place, but for parts of a figure."""
    missing = []
    for name, main in pages.items():
        parts = {link for head, cell in figures_of(main) if head in PARTS for link in cell("a")}
        for link in main.select("a.cells"):
            mark = link["href"].partition("#")[2]
            head = places[mark][0]
            printed = re.sub(r" \(\d+/\d+\)$", "", link.get_text())
            said = printed in head + short_of(head) or is_limit(printed, places[mark])
            if link not in parts and not said:
                missing.append((name, printed, head))
    assert missing == []
