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


# --- small bases --------------------------------------------------------------------------------


def target(n, met, year=2023):
    rows = [
        {"target_name": f"t{i}", "planned": 10, "actual": 10 if i < met else 9,
         "direction": "higher"}
        for i in range(n)
    ]  # fmt: skip
    return {"year": year, "targets": rows}


def test_a_change_in_points_needs_a_base_of_ten_in_both_years(made):
    def share(before, now):
        ds = made.dataset(
            made.unit("ldld", 2022, commendations=[made.people(direct=before, women=2)]),
            made.unit("ldld", 2023, commendations=[made.people(direct=now, women=3)]),
        )
        return made.one(indicators.changes(indicators.women_share(ds)))

    few = share(9, 12)
    assert (few.before, few.now, few.change, few.change_text) == ("2/9", "25,0%", None, "–")
    assert few.reason == "mẫu số dưới 10: chỉ nêu số, không tính phần trăm"
    assert share(12, 9).change is None
    assert share(10, 10).change_text == "+10,0 điểm %"


def test_a_count_below_ten_has_no_change_in_percent(made):
    def counted(*numbers):
        ds = made.dataset(
            *(
                made.unit("ldld", 2021 + i, commendations=[made.people(direct=n)])
                for i, n in enumerate(numbers)
            )
        )
        return indicators.commendations(ds)

    row = made.one(indicators.changes(counted(4, 5)))
    assert (row.change_text, row.percent, row.percent_text) == ("+1", None, "–")
    assert made.one(indicators.changes(counted(10, 5))).percent_text == "−50,0%"
    assert made.one(indicators.growth(counted(4, 5, 6))).text == "–"


def test_few_errors_among_few_cells_are_counts(made):
    from dataclasses import replace

    from thidua_analysis.findings import finding

    sent = made.unit("ldld", ranks=[{"cluster": "Cụm"}])
    wrong = finding("number-format", sheet="Xếp hạng", cell="C2", value="ba")
    figure = made.one(indicators.error_rate(made.dataset(replace(sent, findings=(wrong,))), member="ldld"))
    assert figure.text == "1/2"


def test_attainment_and_points_are_measures_whose_base_may_be_small(made):
    ds = made.dataset(made.unit("ldld", **target(1, 1)))
    assert made.one(indicators.attainment(ds)).text == "100,0%"


# --- targets met --------------------------------------------------------------------------------


def test_targets_met_are_compared_by_their_share(made):
    ds = made.dataset(
        made.unit("ldld", **target(10, 8, 2022)), made.unit("ldld", **target(20, 15, 2023))
    )
    row = made.one(indicators.changes(indicators.targets_met(ds, by=["year"])))
    assert (row.before, row.now, row.change, row.change_text) == (
        *("8/10", "15/20", -5, "−5,0 điểm %"),
    )


def test_few_targets_stand_as_both_fractions(made):
    ds = made.dataset(
        made.unit("ldld", **target(5, 4, 2022)), made.unit("ldld", **target(6, 5, 2023))
    )
    row = made.one(indicators.changes(indicators.targets_met(ds, by=["year"])))
    assert (row.before, row.now, row.change_text) == ("4/5", "5/6", "–")
    assert row.reason.startswith("mẫu số dưới 10")


# --- comparability by rows ----------------------------------------------------------------------


def by_levels(made, before, now):
    """Two years of a member; each level has people, women or None for a blank."""

    def rows(levels):
        return [
            made.people(lv, direct=n, women=w, method=how[0] if how else "regular")
            for lv, n, w, *how in levels
        ]

    return made.dataset(
        made.unit("ldld", 2022, commendations=rows(before)),
        made.unit("ldld", 2023, commendations=rows(now)),
    )


FULL = [("province", 40, 12), ("grassroots", 100, 60)]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        # left out in one year
        (FULL, [("province", 40, 12), ("grassroots", 100, None)], "LĐLĐ, Cấp cơ sở: năm 2023 có"),
        # left out in both, at other levels: the member is incomplete in both
        (
            [("province", 40, None), ("grassroots", 100, 60)],
            [("province", 40, 12), ("grassroots", 100, None)],
            "Cấp tỉnh: năm 2022 có dòng thiếu",
        ),
        # covered in part, in other parts each year
        (
            [*FULL, ("grassroots", 10, None)],
            [*FULL, ("grassroots", 90, None)],
            "Cấp cơ sở: năm 2023 có dòng thiếu",
        ),
        # no row at all is missing, not 0
        (FULL, FULL[:1], "Cấp cơ sở: năm 2023 không có dòng nào"),
        (FULL[:1], FULL, "Cấp cơ sở: năm 2022 không có dòng nào"),
    ],
)
def test_a_share_of_other_rows_is_not_compared_and_says_so(made, before, now, told):
    frame = indicators.women_share(by_levels(made, before, now), by=["year"], member="ldld")
    figure = made.one(frame, year=2023)
    assert not figure.comparable
    assert figure.reason.startswith("các dòng đủ số liệu khác năm trước")
    assert told in figure.reason
    assert made.one(indicators.changes(frame)).change is None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (FULL, [("province", 50, 12), ("grassroots", 80, 60)]),
        # the same level is left out whole in both years: what is common is compared
        ([*FULL, ("state", 30, None)], [*FULL, ("state", 50, None)]),
        # the same rows of a level are left out in both years
        (
            [*FULL, ("grassroots", 10, None, "thematic")],
            [*FULL, ("grassroots", 90, None, "thematic")],
        ),
        # a few at a level that occurs in one year only
        ([*FULL, ("state", 3, 1)], FULL),
        # a 0 is a number
        (FULL, [("province", 40, 12), ("grassroots", 100, 60), ("state", 0, None)]),
    ],
)
def test_a_share_of_the_same_rows_is_compared(made, before, now):
    figure = made.one(indicators.women_share(by_levels(made, before, now)), year=2023)
    assert (figure.comparable, figure.reason) == (True, None)


# --- what a share does not cover ----------------------------------------------------------------


def test_a_share_says_how_many_individuals_it_does_not_cover(made):
    rows = [made.people(direct=20, women=9), {**AWARD, "individuals": 7}]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    figure = made.one(indicators.women_share(ds))
    assert (made.parts(figure), figure.uncovered) == ((9, 20), 7)
    assert "chưa tính 7 lượt cá nhân thiếu số liệu" in indicators.described(figure)
    whole = made.one(indicators.women_share(made.dataset(made.unit("ldld", commendations=rows[:1]))))
    assert (whole.uncovered, "chưa tính" in indicators.described(whole)) == (0, False)


def test_what_is_not_covered_stands_under_the_tables(made):
    from thidua_analysis import publish

    rows = [made.people(direct=20, women=9), {**AWARD, "individuals": 7}]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    words = "chưa tính 7 lượt cá nhân thiếu số liệu"
    assert f"Cấp tỉnh: {words}" in publish.table(
        indicators.women_share(ds, by=("level",)), across="level"
    ).plain
    assert words in publish.totals(indicators.women_share(ds, by=("year",))).plain
    assert words in publish.side_by_side(indicators.women_share(ds, by=("member",))).plain


def test_targets_without_a_status_are_told_beside_those_met(made):
    given = target(12, 10)["targets"]
    open_ = {**given[0], "target_name": "chưa có", "actual": None}
    figure = made.one(
        indicators.targets_met(made.dataset(made.unit("ldld", targets=[*given, open_])), by=["year"])
    )
    assert (figure.text, figure.uncovered) == ("10/12", 1)
    assert "chưa tính 1 chỉ tiêu" in indicators.described(figure)
