"""From a printed figure to the list of its cells, by a link."""

import re
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace as altered

from thidua_analysis import charts, indicators, publish
from thidua_analysis.lineage import register
from thidua_analysis.lineage.register import anchor, link, marked, markup, unmarked
from thidua_analysis.publish.sources import PAGE, Sources, figures_in

pytestmark = pytest.mark.slow

LINK = re.compile(r'<a class="cells"(?: id="[^"]*")? href="([^"]*)">([^<]*)</a>')


@pytest.fixture(scope="module")
def sources(samples):
    return Sources.of(samples, 2023)


def plain(markup):
    """Return markup with common spaces where a line must not end."""
    return markup.replace("\N{NO-BREAK SPACE}", " ")


def section(sources, indicator):
    """Return the figures of an indicator as a page lists them."""
    return dict(sources.sections({}))[indicator]


def read(items):
    """Return the sums of the files of a figure, and what is printed as their total."""
    rows = BeautifulSoup(items, "html.parser").select("li:not(.back)")
    sums = [row.select_one(".sum").get_text() for row in rows if row.select_one(".sum")]
    total = [row for row in rows if "total" in row.get("class", [])]
    return (sums[:-1], sums[-1]) if total else (sums, sums[0] if sums else "")


def amount(printed):
    return Decimal(printed.replace(".", "").replace(",", ".").replace("\N{MINUS SIGN}", "-"))


def test_every_figure_with_a_value_has_a_place_of_its_own(samples, sources):
    found = register.figures(samples, 2023)
    assert len(sources.rows) == len([f for f in found if f["value"] is not None])


def test_159_percent_leads_to_the_two_cells(sources):
    assert (
        "<summary>LĐLĐ · Sáng kiến tham gia Chương trình 01 triệu sáng kiến · "
        '159,0% (1/1 đơn vị)</summary><ul class="files" id="so-">'
        "<li><span>2023/ldld.xlsx · Chỉ tiêu</span>"
        '<span class="sum">3.666/2.306</span>'
        '<span class="of">tử số: H9 = 3.666; mẫu số: G9 = 2.306</span></li></ul>'
    ) in plain(re.sub("so-[0-9a-f]{12}", "so-", section(sources, "attainment")))


def test_the_parts_of_the_files_add_up_to_their_sum_and_the_sum_is_the_figure(sources):
    several = 0
    for figures in sources.figures.values():
        for one in figures.values():
            sums, total = read(one.items)
            several += len(sums) > 1
            if not sums:
                assert one.row["value"] == 0, one.head
                continue
            exact = [one.row["numerator"], one.row["denominator"]]
            exact = [one.row["value"]] if exact[1] is None else exact
            for at, part in enumerate(exact):
                parts = [amount(text.split("/")[at]) for text in sums]
                assert sum(parts) == amount(total.split("/")[at]) == part, one.head
    assert several > 100


def test_many_cells_fold_below_their_file_and_few_are_shown(sources):
    total = BeautifulSoup(section(sources, "non_leader_share"), "html.parser").ul
    assert [row.span.get_text() for row in total.select("li")][-1] == "Cộng"
    assert all(row.summary.get_text() == "30 ô" for row in total.select("li details")[:1])
    assert "<details" not in next(iter(sources.figures["attainment"].values())).items


def test_a_figure_leads_back_to_every_place_where_it_is_printed(samples):
    markup = publish.key_figures(samples.filter(year=[2022, 2023]), 2023).html
    sources, printed = Sources.of(samples, 2023, [markup]), set()
    led = sources.lead(markup + markup, PAGE, printed)
    names = re.findall(r' id="(in-so-[^"]+)"', led)
    assert len(names) == len(set(names)) == len(printed) > 3
    pages = {"index.html": ("Trang <đầu>", printed)}
    told = "".join(m for *_, m in sources.sections(pages))
    back = re.findall(
        r'<li class="back">[^<]*<a href="index.html#([^"]*)">Trang &lt;đầu&gt;</a>', told
    )
    assert sorted(back) == sorted(names)


def test_what_comes_from_a_rule_says_so(sources):
    assert "“trừ lần gửi đầu” = −1" in plain(section(sources, "revisions"))


def test_a_figure_that_counts_no_row_says_so(sources):
    assert not re.search("<ul[^>]*></ul>", "".join(m for *_, m in sources.sections({})))


def test_whatever_prints_figures_leads_them_to_their_cells(samples):
    now, near = samples.filter(year=2023), samples.filter(year=[2022, 2023])
    shares = indicators.women_share(samples, by=("year", "level"))
    shown = [
        publish.key_figures(near, 2023),
        publish.totals(indicators.women_share(samples), indicators.movements(samples)),
        publish.table(shares, total=indicators.women_share(samples)),
        publish.table(indicators.awards_by_level(now, by=("member", "level")), across="level"),
        publish.side_by_side(
            indicators.targets_met(now, by=("member",)),
            indicators.score_share(now, by=("member",), stage="appraised"),
        ),
        publish.say(shares),
        publish.say_targets(samples, 2023),
        publish.results(samples, 2023),
        publish.honours(samples, 2023),
        publish.ranks(samples),
        publish.proposals(samples, 2023),
        publish.claims(samples, 2023),
        charts.line(shares),
        charts.heatmap(indicators.completeness(now, by=("year", "member", "table"))),
        charts.scores(indicators.score_total(now, by=("year", "member", "stage"))),
    ]
    sources = Sources.of(samples, 2023, [block._repr_html_() for block in shown])
    for block in shown:
        markup = block._repr_html_()
        assert figures_in([markup]), block
        led = LINK.findall(sources.lead(markup))
        assert len(led) == markup.count('<a class="cells"'), block
        assert all(href.startswith(f"{PAGE}#so-") for href, _ in led)


def test_a_figure_of_an_earlier_year_is_listed_with_its_year(samples):
    shares = indicators.women_share(samples)
    block = publish.totals(shares)
    head = f"<summary>2021 · {shares['text'].iloc[0]} ("
    assert head in section(Sources.of(samples, 2023, [block.html]), "women_share")
    assert "<summary>2021" not in section(Sources.of(samples, 2023), "women_share")


def test_a_figure_in_another_breakdown_or_narrowed_down_is_listed(samples):
    narrowed = indicators.women_share(samples, year=2023, level=("state", "province"))
    block = publish.totals(narrowed)
    sources = Sources.of(samples, 2023, [block.html])
    assert "<summary>Cấp Nhà nước, Cấp tỉnh · " in section(sources, "women_share")
    assert LINK.findall(sources.lead(block.html))


def test_an_id_finds_in_all_data_what_a_part_of_the_data_gave(samples):
    part = samples.filter(year=2023, member=["ldld", "hnd"])
    frame = indicators.commendations(part, by=("level",))
    for name, value in zip(register.ids(frame), frame["value"], strict=True):
        assert "/member=ldld|hnd/" in name
        assert register.find(samples, name)["value"] == value


def test_a_link_without_a_place_is_only_text(sources):
    gone = link("1 < 2", "women_share/year=1999")
    assert sources.lead(f"<p>{gone}</p>") == "<p>1 &lt; 2</p>"
    assert Sources({}).lead(link("x", "women_share/year=2023")) == "x"


def test_ids_that_nobody_can_find_are_passed_over(samples):
    wrong = ["no_such/year=2023", "women_share/colour=red", "women_share", "<script>", "rank/x"]
    markup = [link("1", name) for name in wrong]
    assert Sources.of(samples, 2023, markup).rows.keys() == Sources.of(samples, 2023).rows.keys()


def test_a_name_in_another_spelling_has_the_same_anchor():
    assert anchor("result_total/measure=Hoà giải/year=2023") == anchor(
        "result_total/year=2023/measure=hòa giải"
    )
    assert anchor("women_share/year=2023") != anchor("women_share/year=2022")


def test_text_around_a_figure_in_a_sentence_is_escaped():
    words = f"<b> & {marked('5 < 6', 'women_share/year=2023')} <i>"
    assert unmarked(words) == "<b> & 5 < 6 <i>"
    assert re.sub("so-[0-9a-f]+", "so-", markup(words)) == (
        '&lt;b&gt; &amp; <a class="cells" href="#so-" data-figure="women_share/year=2023">'
        "5 &lt; 6</a> &lt;i&gt;"
    )


def test_names_from_submissions_are_only_text(made_hostile):
    markup = section(Sources.of(made_hostile, 2023), "rank")
    assert "<script" not in markup
    assert "&lt;script&gt;" in markup


@pytest.fixture
def made_hostile(submissions, bloc):
    from dataclasses import replace

    from thidua_analysis.dataset import Dataset

    sent = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    ranks = [
        altered(row, values={**row.values, "cluster": "<script>alert(1)</script>"})
        for row in sent.rows["ranks"][:1]
    ]
    return Dataset.of([replace(sent, rows={"ranks": tuple(ranks)})], bloc)
