"""From a printed figure to the list of its cells, by a link."""

import re

import pytest

from thidua_analysis import indicators, publish, register
from thidua_analysis.publish import anchors, provenance

LINK = re.compile(r'<a class="cells" href="([^"]*)">([^<]*)</a>')


@pytest.fixture(scope="module")
def sections(samples):
    return dict(provenance.sections(samples, 2023))


@pytest.fixture(scope="module")
def known(sections):
    return set(re.findall(r' id="(so-[0-9a-f]{12})"', "".join(sections.values())))


def test_every_figure_with_a_value_has_a_place_of_its_own(samples, known):
    listed = register.figures(samples, 2023)
    assert len(known) == len([figure for figure in listed if figure["value"] is not None])


def test_159_percent_leads_to_the_two_cells(sections):
    assert (
        "<summary>LĐLĐ · Sáng kiến tham gia Chương trình 01 triệu sáng kiến · "
        "159,0% (1/1 đơn vị)</summary>"
        '<ul id="so-"><li>2023/ldld.xlsx, Chỉ tiêu (tử số): H9 = 3666</li>'
        "<li>2023/ldld.xlsx, Chỉ tiêu (mẫu số): G9 = 2306</li></ul>"
    ) in re.sub("so-[0-9a-f]{12}", "so-", sections["attainment"])


def test_what_comes_from_a_rule_says_so(sections):
    assert "theo quy định (giá trị): “trừ lần gửi đầu” = -1" in sections["revisions"]


def test_the_figures_of_tables_and_cards_lead_to_their_cells(samples, known):
    now = samples.filter(year=2023)
    near = samples.filter(year=[2022, 2023])
    blocks = [
        publish.key_figures(near, 2023),
        publish.totals(indicators.women_share(samples), indicators.movements(samples)),
        publish.table(
            indicators.enterprise_share(samples, by=("year", "level")),
            total=indicators.enterprise_share(samples),
        ),
        publish.table(indicators.awards_by_level(now, by=("member", "level")), across="level"),
        publish.side_by_side(
            indicators.targets_met(now, by=("member",)),
            indicators.score_share(now, by=("member",), stage="appraised"),
        ),
    ]
    for block in blocks:
        found = LINK.findall(anchors.on_page(block.html))
        assert found, block.plain
        for href, shown in found:
            page, _, mark = href.partition("#")
            assert (page, mark in known) == (anchors.PAGE, True), shown


def test_figures_of_earlier_years_and_other_breakdowns_have_no_link(samples):
    shares = indicators.women_share(samples)
    assert [link is None for link in anchors.links(shares)] == [True, True, False]
    assert set(anchors.links(indicators.women_share(samples, by=("year", "award")))) == {None}
    narrowed = indicators.women_share(samples, level=("state", "province"))
    assert set(anchors.links(narrowed)) == {None}


def test_names_from_submissions_are_only_text(made_hostile):
    (markup,) = (html for name, html in provenance.sections(made_hostile, 2023) if name == "rank")
    assert "<script" not in markup
    assert "&lt;script&gt;" in markup


@pytest.fixture
def made_hostile(submissions, bloc):
    from dataclasses import replace

    from thidua_analysis.dataset import Dataset

    sent = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    ranks = [
        replace(row, values={**row.values, "cluster": "<script>alert(1)</script>"})
        for row in sent.rows["ranks"][:1]
    ]
    return Dataset.of([replace(sent, rows={"ranks": tuple(ranks)})], bloc)
