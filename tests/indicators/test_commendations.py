import pytest

from thidua_analysis import indicators
from thidua_analysis.findings import UsageError

AWARD = {"level": "province", "award": "Bằng khen của Chủ tịch UBND tỉnh", "status": "awarded"}


def test_a_blank_kind_is_not_zero_and_not_an_error(made):
    ds = made.dataset(made.unit("ldld", commendations=[{**AWARD, "collectives": 3}]))
    figure = made.one(indicators.commendations(ds))
    assert (figure.value, figure.lineage.left_out) == (3, ())
    assert indicators.commendations(ds, kind="individuals").empty


def test_a_row_without_any_number_is_named(made):
    ds = made.dataset(made.unit("ldld", commendations=[{**AWARD, "collectives": 3}, AWARD]))
    figure = made.one(indicators.commendations(ds))
    assert figure.lineage.left_out == ("2023/ldld.xlsx#Khen thưởng!3",)
    assert figure.lineage.partial == ("ldld",)


def test_proposals_are_never_added_to_what_was_granted(made):
    proposed = {**AWARD, "status": "proposed", "individuals": 9}
    ds = made.dataset(made.unit("ldld", commendations=[{**AWARD, "individuals": 2}, proposed]))
    assert made.one(indicators.commendations(ds)).value == 2
    frame = indicators.commendations(ds, by=["year", "status"], status=None)
    assert made.one(frame, status="proposed").value == 9


def test_the_spellings_of_an_award_are_one_award(made):
    rows = [{**AWARD, "award": name, "individuals": 1} for name in ("BKCT", "Bằng khen UBND tỉnh")]
    ds = made.dataset(made.unit("ldld", commendations=rows))
    figure = made.one(indicators.awards_by_award(ds))
    assert (figure.award, figure.value) == ("Bằng khen của Chủ tịch UBND tỉnh", 2)


def test_cultured_families_are_no_commendations(made):
    families = {**AWARD, "level": "grassroots", "award": "Gia đình văn hóa", "households": 49084}
    ds = made.dataset(made.unit("ldld", commendations=[{**AWARD, "households": 1}, families]))
    assert made.one(indicators.commendations(ds)).value == 1


def test_a_row_without_a_method_is_shown_as_not_stated(made):
    ds = made.dataset(made.unit("ldld", commendations=[{**AWARD, "individuals": 1}]))
    frame = indicators.awards_by_method(ds)
    assert (made.one(frame).method, frame.attrs["names"]["method"]["unknown"]) == (
        *("unknown", "Không rõ"),
    )


def test_turns_and_people_are_never_added(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[{**AWARD, "individuals": 1}]),
        made.unit("lhpn", counted_as="people", commendations=[{**AWARD, "individuals": 1}]),
    )
    figure = made.one(indicators.commendations(ds))
    assert (figure.value, figure.text, figure.comparable) == (None, "–", False)
    assert figure.reason == "không cộng lượt với người"
    frame = indicators.commendations(ds, by=["year", "counted_as"])
    assert set(zip(frame.counted_as, frame.unit, strict=True)) == {
        *(("turns", "lượt"), ("people", "người")),
    }


def test_levels_stand_in_the_order_of_the_form(samples):
    frame = indicators.awards_by_level(samples, year=2023)
    assert list(frame.level) == ["state", "central", "province", "organization", "grassroots"]


def test_the_kinds_add_up_to_the_total(samples):
    total = indicators.commendations(samples).set_index("year").value
    frame = indicators.awards_by_subject(samples)
    assert list(frame.subject[:3]) == ["collectives", "households", "individuals"]
    assert frame.groupby("year").value.sum().to_dict() == total.to_dict()


def test_only_rows_whose_classes_add_up_enter_the_share(made):
    good = made.people(direct=6, classes=(0, 1, 1, 2))
    wrong = {**made.people(direct=6, classes=(0, 1, 1, 2)), "individuals": 11}
    blank = {**AWARD, "individuals": 5}
    ds = made.dataset(made.unit("ldld", commendations=[good, wrong, blank]))
    figure = made.one(indicators.non_leader_share(ds))
    assert made.parts(figure) == (6, 10)
    assert len(figure.lineage.left_out) == 2
    assert made.parts(made.one(indicators.non_leader_share_residual(ds))) == (7, 10)
    assert made.parts(made.one(indicators.leader_share(ds))) == (3, 10)


def test_collectives_are_no_gap_in_a_share_of_people(made):
    flag = {**AWARD, "award": "Cờ thi đua của UBND tỉnh", "collectives": 4}
    ds = made.dataset(made.unit("ldld", commendations=[made.people(direct=12), flag]))
    figure = made.one(indicators.non_leader_share(ds))
    assert (made.parts(figure), figure.lineage.left_out) == ((12, 12), ())


def test_a_share_of_few_is_printed_as_counts(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[made.people(direct=5, classes=(0, 0, 0, 4))])
    )
    figure = made.one(indicators.non_leader_share(ds))
    assert figure.text == "5/9"
    assert str(figure.value).startswith("55.5555")


def test_percentages_are_never_averaged(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[made.people(direct=90, classes=(0, 0, 0, 10))]),
        made.unit("lhpn", commendations=[made.people(direct=1, classes=(0, 0, 0, 9))]),
    )
    assert made.parts(made.one(indicators.non_leader_share(ds))) == (91, 110)


def test_women_and_enterprises_have_their_own_whole(made):
    row = made.people(direct=12, women=7, ethnic_minority=5, collectives=20, enterprises=8)
    ds = made.dataset(made.unit("ldld", commendations=[row]))
    assert made.parts(made.one(indicators.women_share(ds))) == (7, 12)
    assert made.parts(made.one(indicators.ethnic_minority_share(ds))) == (5, 12)
    assert made.one(indicators.enterprise_share(ds)).text == "40,0%"


def test_a_figure_in_one_line_names_parts_unit_and_coverage(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[made.people(direct=45, classes=(0, 0, 0, 21))])
    )
    figure = made.one(indicators.non_leader_share(ds))
    assert indicators.described(figure) == "68,2% (45/66 lượt cá nhân; 1/6 đơn vị, chưa đủ)"


def test_half_is_rounded_up(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[made.people(direct=1, classes=(0, 0, 0, 15))])
    )
    assert made.one(indicators.non_leader_share(ds)).text == "6,3%"


@pytest.mark.parametrize("wrong", [{"by": ["year", "colour"]}, {"colour": "red"}, {"kind": "cats"}])
def test_an_unknown_breakdown_is_named_with_what_is_accepted(samples, wrong):
    with pytest.raises(UsageError) as refused:
        indicators.commendations(samples, **wrong)
    assert refused.value.params["name"] in ("colour", "cats")
    assert "individuals" in refused.value.params["accepted"]
