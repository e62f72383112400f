"""What the figures mean: bases, what is compared with what, and what a figure leaves out."""

import datetime as dt
from decimal import Decimal

import pytest

from thidua_analysis import awards, indicators
from thidua_analysis.bloc import Quota
from thidua_analysis.rules import Scoring

AWARD = {"level": "province", "award": "Bằng khen của Chủ tịch UBND tỉnh", "status": "awarded"}
CRITERIA = [
    {"code": "A", "criterion": "Nhiệm vụ", "max_score": 100, "kind": "main"},
    {"code": "D", "criterion": "Nộp chậm", "max_score": 5, "kind": "deduction"},
]


def award(name, level, n=1, **more):
    return {"award": name, "level": level, "status": "awarded", "individuals": n, **more}


# --- awards by family and level -----------------------------------------------------------------


def test_an_award_whose_name_does_not_fix_the_level_is_split_by_level(made):
    rows = [award("Giấy khen", "organization", 3), award("Giấy khen", "grassroots", 40)]
    frame = indicators.awards_by_award(made.dataset(made.unit("ldld", commendations=rows)))
    assert dict(zip(frame.award, frame.value, strict=True)) == {
        "Giấy khen (cấp tổ chức)": 3,
        "Giấy khen (cấp cơ sở)": 40,
    }


def test_awards_by_level_are_found_by_their_name_too(made):
    rows = [award("Giấy khen", "organization", 3), award("GK", "grassroots", 40)]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    assert made.one(indicators.commendations(ds, award="Giấy khen")).value == 43
    assert list(indicators.awards_by_award(ds, award="GK").value) == [3, 40]
    assert list(indicators.awards_by_award(ds, award="Giấy khen (cấp cơ sở)").value) == [40]


def test_a_name_that_says_too_little_is_the_award_of_its_level(made):
    rows = [award("Bằng khen", "province", 3), award("Bằng khen UBND tỉnh", "province", 4)]
    figure = made.one(
        indicators.awards_by_award(made.dataset(made.unit("ldld", commendations=rows)))
    )
    assert (figure.award, figure.value) == ("Bằng khen của Chủ tịch UBND tỉnh", 7)
    assert awards.canonical("Giấy khen", "grassroots") == "Giấy khen"


# --- honours ------------------------------------------------------------------------------------


def voted(made, quota, vote, honour, **more):
    scores = [
        {"member": m, "criterion": "A", "stage": "appraised", "score": s}
        for m, s in (("ldld", 90), ("hnd", 80))
    ]
    form = made.bloc_form(
        criteria=CRITERIA[:1],
        scores=scores,
        votes=[{"member": "ldld", "honour": vote, "votes_for": 5, "votes_cast": 6}],
        honours=[{"member": "ldld", "honour": honour, "voted_rank": 1, **more}],
    )
    rules = Scoring(conditions={"BKCT": ("đoàn kết",)})
    return made.dataset(form, quotas=(Quota(honour=quota, places=1),), scoring=(rules,))


@pytest.mark.parametrize(
    ("quota", "vote", "honour", "authority"),
    [
        ("Bằng khen của UBND tỉnh", "Bằng khen của Chủ tịch UBND tỉnh", "BK UBND tỉnh", None),
        ("Bằng khen của Chủ tịch UBND tỉnh", "Bằng khen Chủ tịch UBND tỉnh", "BKCT", "UBND tỉnh"),
        ("BKCT", "Bằng khen UBND tỉnh Lai Châu", "Bằng khen", "UBND tỉnh"),
        ("BKCT", "Bằng khen của Ủy ban nhân dân tỉnh", "Bằng khen", "Chủ tịch UBND tỉnh"),
    ],
)
def test_an_honour_is_one_in_quota_votes_and_proposal(made, quota, vote, honour, authority):
    ds = voted(made, quota, vote, honour, authority=authority)
    row = made.one(indicators.proposals(ds, 2023))
    assert (row.honour, row.votes, row.voted_honour) == (quota, "5/6", quota)
    assert (row.differs, row.conditions) == (False, ("đoàn kết",))


def test_another_honour_is_not_the_same(made):
    row = made.one(indicators.proposals(voted(made, "BKCT", "BKTTg", "Cờ UBND tỉnh"), 2023))
    assert (row.votes, row.differs) == (None, True)


# --- sensitivity --------------------------------------------------------------------------------


def test_each_criterion_is_left_out_in_turn_deductions_too(made):
    scores = [
        {"member": m, "criterion": c, "stage": "appraised", "score": s}
        for m, c, s in (("ldld", "A", 92), ("ldld", "D", 3), ("hnd", "A", 90), ("hnd", "D", 0))
    ]
    ds = made.dataset(made.bloc_form(criteria=CRITERIA, scores=scores))
    found = indicators.sensitivity(ds, 2023)
    without = found[(found.variant == "without") & (found.left_out == "D")]
    assert dict(zip(without.member, without["rank"], strict=True)) == {"ldld": 1, "hnd": 2}
    assert set(found[found.moved != 0].left_out) == {"D"}
