"""Missing is not zero: who is missing is said, and never moves a figure silently."""

from dataclasses import replace

from thidua_analysis import indicators
from thidua_analysis.findings import finding

AWARD = {"level": "province", "award": "Giấy khen", "status": "awarded"}


def test_a_member_without_a_file_is_missing_not_zero(made):
    ds = made.dataset(made.unit("ldld", commendations=[made.people(direct=20)]))
    figure = made.one(indicators.non_leader_share(ds))
    assert (figure.reporting, figure.expected) == (1, 6)
    assert figure.missing == ("mttq", "lhpn", "hnd", "ccb", "dtn")
    each = indicators.non_leader_share(ds, by=["year", "member"])
    assert list(each.member) == ["mttq", "ldld", "lhpn", "hnd", "ccb", "dtn"]
    assert list(each.value.isna()) == [True, False, True, True, True, True]
    assert made.one(each, member="mttq").text == "–"


def test_a_member_without_awards_of_a_level_is_not_missing(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[made.people("state", direct=20)]),
        made.unit("hnd", commendations=[made.people("province", direct=20)]),
    )
    figure = made.one(indicators.non_leader_share(ds, by=["year", "level"]), level="state")
    assert (figure.reporting, figure.missing) == (2, ("mttq", "lhpn", "ccb", "dtn"))


def test_a_member_whose_rows_cannot_be_used_is_missing(made):
    ds = made.dataset(
        made.unit("ldld", commendations=[made.people(direct=20)]),
        made.unit("hnd", commendations=[{**AWARD, "individuals": 8}]),
    )
    assert "hnd" in made.one(indicators.non_leader_share(ds)).missing


def test_a_row_lost_to_an_error_makes_the_total_of_its_member_partial(made):
    whole = made.unit("ldld", commendations=[{**AWARD, "individuals": 8}])
    lost = finding("value-not-in-list", sheet="Khen thưởng", cell="A3", value="Cấp ngành")
    ds = made.dataset(replace(whole, findings=(lost,)))
    assert made.one(indicators.commendations(ds)).lineage.partial == ("ldld",)
    assert made.one(indicators.commendations(made.dataset(whole))).lineage.partial == ()


def test_years_with_other_members_are_not_compared(made):
    ds = made.dataset(
        *(made.unit(m, 2022, commendations=[made.people(direct=20)]) for m in ("ldld", "hnd")),
        made.unit("ldld", 2023, commendations=[made.people(direct=30)]),
    )
    figure = made.one(indicators.commendations(ds), year=2023)
    assert not figure.comparable
    assert figure.reason == "số đơn vị báo cáo khác năm trước: Hội Nông dân"
    same = ds.filter(member="ldld")
    assert made.one(indicators.commendations(same), year=2023).comparable


def test_the_same_members_are_compared_though_others_are_missing(made):
    ds = made.dataset(
        *(made.unit("ldld", y, commendations=[made.people(direct=20)]) for y in (2022, 2023))
    )
    figure = made.one(indicators.commendations(ds), year=2023)
    assert (figure.comparable, figure.reporting) == (True, 1)


def test_a_half_year_is_not_compared_with_a_year(made):
    ds = made.dataset(
        made.unit("ldld", 2022, commendations=[made.people(direct=20)]),
        made.unit("ldld", 2023, period="six_months", commendations=[made.people(direct=20)]),
    )
    assert made.one(indicators.commendations(ds), year=2023).reason == "kỳ báo cáo khác năm trước"


def test_turns_are_not_compared_with_people(made):
    ds = made.dataset(
        made.unit("ldld", 2022, commendations=[made.people(direct=20)]),
        made.unit("ldld", 2023, counted_as="people", commendations=[made.people(direct=20)]),
    )
    reason = made.one(indicators.commendations(ds), year=2023).reason
    assert reason == "đơn vị đếm khác năm trước (lượt, người)"


def refused(sent, cell, sheet="Khen thưởng"):
    """Return what a member sent, with an error that keeps a cell of it out."""
    error = finding("number-format", sheet=sheet, cell=cell, value="năm")
    return replace(sent, findings=(error,))


def test_a_cell_refused_for_an_error_is_no_blank(made):
    """E: tập thể, G: hộ gia đình, H: cá nhân; a blank is nothing, what was refused is unknown."""
    awards = [{**AWARD, "individuals": 8}, {**AWARD, "collectives": 3, "individuals": 5}]
    sent = made.unit("ldld", commendations=awards)
    total = made.one(indicators.commendations(made.dataset(sent)))
    assert (total.value, total.lineage.partial) == (16, ())
    ds = made.dataset(refused(sent, cell="E2"))
    total = made.one(indicators.commendations(ds))
    assert (total.value, total.lineage.partial) == (16, ("ldld",))
    assert indicators.described(total) == "16 lượt (1/6 đơn vị, chưa đủ)"
    shown = indicators.awards_by_subject(ds)
    assert made.one(shown, subject="individuals").lineage.partial == ()
    assert made.one(shown, subject="collectives").lineage.partial == ("ldld",)


def test_a_refused_cell_touches_only_figures_that_need_it(made):
    awards = [{**AWARD, "individuals": 8}, {**AWARD, "individuals": 12, "women": 6}]
    sent = made.unit("ldld", commendations=awards)
    women = sent.rows["commendations"][1].cells["women"].replace("3", "2")
    ds = made.dataset(refused(sent, cell=women))
    share = made.one(indicators.women_share(ds))
    assert (share.text, share.lineage.partial) == ("50,0%", ("ldld",))
    assert made.one(indicators.commendations(ds)).lineage.partial == ()


def test_money_in_a_refused_cell_makes_the_sum_partial(made):
    results = [
        {"movement": "Tết", "measure": "Suất quà", "unit": "suất", "quantity": 5, "value_vnd": 10},
        {"movement": "Tết", "measure": "Nhà", "unit": "nhà", "quantity": 2},
    ]
    sent = made.unit("ldld", results=results)
    first = sent.rows["results"][0]
    ds = made.dataset(refused(sent, first.cells["value_vnd"].replace("2", "3"), first.sheet))
    total = made.one(indicators.result_value(ds, by=["year"]))
    assert (total.value, total.lineage.partial) == (10, ("ldld",))
