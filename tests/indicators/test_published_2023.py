"""The figures that were published for 2023 come out of the sample submissions."""

import pytest

from thidua_analysis import indicators


def test_the_share_of_direct_work_by_year_and_level(samples, published_2023):
    frame = indicators.non_leader_share(samples, by=["year", "level"])
    want = published_2023["non_leader_share"]["by_year_and_level"]
    found = {(str(r.year), r.level): r for r in frame.itertuples()}
    assert len(found) == 15
    for year, levels in want.items():
        for level, parts in levels.items():
            figure = found[year, level]
            assert (figure.numerator, figure.denominator) == (parts["direct"], parts["individuals"])
            assert round(float(figure.value), 4) == parts["percent"]
            assert (figure.reporting, figure.expected) == (6, 6)
    assert [r.text for r in frame.itertuples() if r.year == 2023] == [
        *("52,0%", "56,3%", "61,1%", "66,4%", "70,2%"),
    ]


def test_the_share_rose_on_2022_at_every_level(samples):
    frame = indicators.non_leader_share(samples, by=["year", "level"], year=2023)
    moved = indicators.changes(indicators.non_leader_share(samples, by=["year", "level"]))
    assert frame.comparable.all()
    assert all(row.change > 0 for row in moved.itertuples())


def test_the_two_definitions_differ_by_the_entrepreneurs(samples):
    for direct, rest, leaders in zip(
        indicators.non_leader_share(samples).itertuples(),
        indicators.non_leader_share_residual(samples).itertuples(),
        indicators.leader_share(samples).itertuples(),
        strict=True,
    ):
        people = indicators.commendations(samples, kind="entrepreneur", year=direct.year)
        assert rest.numerator - direct.numerator == people.numerator.item()
        assert rest.numerator + leaders.numerator == rest.denominator


def test_53211_gifts_and_who_gave_them(samples, published_2023):
    gifts = {"measure": "Suất quà tặng hộ khó khăn", "year": 2023}
    total = indicators.result_total(samples, by=["year"], **gifts).iloc[0]
    assert (total.value, total.text, total.unit) == (53211, "53.211", "suất quà")
    each = indicators.result_total(samples, by=["year", "member"], **gifts)
    assert dict(zip(each.member, each.value, strict=True)) == published_2023["gifts"]["by_member"]


def test_shelters_and_gifts_are_worth_over_48_billion(samples, published_2023):
    want = published_2023["mai_am_and_gifts_ldld"]
    measures = ("Suất quà tặng hộ khó khăn", "Nhà Mái ấm Công đoàn")
    frame = indicators.result_value(samples, member="ldld", year=2023, measure=measures)
    assert sorted(frame.value, reverse=True) == want["rows"]
    total = indicators.result_value(
        samples, by=["year"], member="ldld", year=2023, measure=measures
    ).iloc[0]
    assert (total.value, total.text) == (want["value_vnd"], "48,4 tỷ đồng")


def test_3666_initiatives_are_159_percent_265_days_early(samples, published_2023):
    want = published_2023["ldld_initiatives_target"]
    target = "Sáng kiến tham gia Chương trình 01 triệu sáng kiến"
    where = {"member": "ldld", "year": 2023, "target_name": target}
    reached = indicators.attainment(samples, **where).iloc[0]
    assert (reached.numerator, reached.denominator) == (want["actual"], want["planned"])
    assert round(float(reached.value), 4) == want["percent"]
    assert reached.text == "159,0%"
    assert indicators.over_target(samples, **where).iloc[0].text == "59,0%"
    assert indicators.target_status(samples, **where).iloc[0].text == "Vượt"
    assert indicators.days_early(samples, **where).iloc[0].value == want["days_early"]
    sent = indicators.initiatives_submitted(samples, member="ldld", year=2023, level="unit")
    assert sent.value.item() == want["submitted_at_unit_level"]


def test_over_2000_initiatives_are_recognised(samples, published_2023):
    want = published_2023["initiatives_recognized"]
    total = indicators.initiatives_recognized(samples, level="unit", year=2023).iloc[0]
    assert total.value == want["value"] > 2000
    each = indicators.initiatives_recognized(
        samples, by=["year", "member"], level="unit", year=2023
    )
    assert dict(zip(each.member, each.value, strict=True)) == want["by_member"]


def test_ranks_3_of_7_and_25_of_82(samples, published_2023):
    frame = indicators.rank(samples, member="ldld", year=2023)
    want = {r["cluster"]: f"{r['rank']}/{r['size']}" for r in published_2023["ldld_ranks"]}
    assert dict(zip(frame.cluster, frame.text, strict=True)) == want
    behind = indicators.rank_percentile(samples, member="ldld", year=2023)
    assert list(behind.text) == ["66,7%", "70,4%"]


@pytest.mark.parametrize("stage", ["self", "cross", "appraised"])
def test_scores_by_stage(samples, published_2023, stage):
    want = published_2023["scores_total"]
    frame = indicators.score_total(samples, year=2023, stage=stage)
    found = {row.member: float(row.value) for row in frame.itertuples()}
    assert found == {member: points[stage] for member, points in want["by_member"].items()}
    share = indicators.score_share(samples, year=2023, stage=stage)
    assert set(share.denominator) == {want["maximum"]}


def test_votes(samples, published_2023):
    frame = indicators.vote_share(samples, year=2023)
    found = {(r.member, r.honour, r.numerator, r.denominator) for r in frame.itertuples()}
    assert found == {
        (v["member"], v["honour"], v["votes_for"], v["votes_cast"]) for v in published_2023["votes"]
    }
    assert "5/6" in set(frame.text)


def test_the_order_by_points_is_the_order_that_was_voted(samples, published_2023):
    frame = indicators.proposals(samples, 2023)
    found = list(zip(frame.member, frame.honour, frame.voted_rank, strict=True))
    assert found == [(h["member"], h["honour"], h["voted_rank"]) for h in published_2023["honours"]]
    assert not frame.differs.any()


def test_every_figure_says_that_the_values_are_made_up(samples):
    assert indicators.non_leader_share(samples).attrs["illustrative"]
