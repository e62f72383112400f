import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as altered

from thidua_analysis import indicators
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.form.bloc import Break
from thidua_analysis.indicators.selection import listed

pytestmark = pytest.mark.slow


def years(made, *given, level="province", member="ldld", **options):
    return made.dataset(
        *(made.unit(member, y, commendations=[made.people(level, direct=n)]) for y, n in given),
        **options,
    )


def test_the_new_law_of_2024_breaks_counts_of_awards(made):
    ds = years(made, (2022, 20), (2023, 25), (2024, 30), (2025, 31))
    frame = indicators.commendations(ds, level="province")
    assert [bool(c) for c in frame.comparable] == [False, True, False, True]
    assert "01/01/2024" in made.one(frame, year=2024).reason


def test_the_end_of_the_districts_breaks_the_grassroots_alone(made):
    ds = years(made, (2024, 20), (2025, 25), (2026, 30), level="grassroots")
    frame = indicators.awards_by_level(ds)
    assert [bool(c) for c in frame.comparable] == [False, False, False]
    assert "cấp huyện" in made.one(frame, year=2026).reason
    # a total over all levels holds them as well
    assert not made.one(indicators.commendations(ds), year=2025).comparable
    state = indicators.awards_by_level(years(made, (2024, 20), (2025, 25), level="state"))
    assert made.one(state, year=2025).comparable


def test_the_share_of_direct_work_goes_on_under_the_new_law(made):
    ds = years(made, (2023, 20), (2024, 25), (2025, 30), level="grassroots")
    assert [bool(c) for c in indicators.non_leader_share(ds).comparable] == [False, True, True]
    level = indicators.non_leader_share(ds, by=["year", "level"])
    assert [bool(c) for c in level.comparable] == [False, True, False]


def test_a_reorganisation_breaks_what_is_said_of_single_members(made):
    target = {"planned": 10, "actual": 11, "direction": "higher"}
    ten = [{**target, "target_name": f"Quà {n}"} for n in range(10)]
    ds = made.dataset(*(made.unit("ldld", y, targets=ten) for y in (2024, 2025)))
    alone = made.one(indicators.targets_met(ds, member="ldld"), year=2025)
    assert (alone.comparable, "sắp xếp" in alone.reason) == (False, True)
    assert made.one(indicators.targets_met(ds, by=["year"]), year=2025).comparable


def test_a_bloc_may_declare_that_one_member_counts_otherwise(made):
    declared = Break(
        id="class-line",
        from_=dt.date(2023, 1, 1),
        indicators=("non_leader_share",),
        members=("ldld",),
        vi="LĐLĐ xếp phó phòng vào lãnh đạo từ 2023",
        en="from 2023 the labour federation counts deputy heads as leaders",
    )
    ds = years(made, (2022, 20), (2023, 25), breaks=(declared,))
    assert not made.one(indicators.non_leader_share(ds), year=2023).comparable
    assert made.one(indicators.commendations(ds), year=2023).comparable
    other = years(made, (2022, 20), (2023, 25), member="hnd", breaks=(declared,))
    each = indicators.non_leader_share(other, by=["year", "member"])
    assert made.one(each, year=2023, member="hnd").comparable


def test_years_on_both_sides_of_a_break_are_never_added(made):
    ds = years(made, (2023, 25), (2024, 30))
    figure = made.one(indicators.commendations(ds, by=["level"]))
    assert (figure.value, figure.text) == (None, "–")
    assert figure.reason.startswith("không cộng các năm qua điểm gãy")
    assert (
        made.one(indicators.commendations(years(made, (2022, 5), (2023, 6)), by=["level"])).value
        == 11
    )


def test_raw_points_of_two_scales_are_not_compared_but_shares_are(samples):
    points = indicators.score_total(samples, year=2023, stage="appraised")
    share = indicators.score_share(samples, year=2023, stage="appraised")
    assert set(points.reason) == {"thang điểm khác năm trước"}
    assert share.comparable.all()


def test_no_change_is_computed_across_a_break(made):
    moved = indicators.changes(indicators.commendations(years(made, (2023, 25), (2024, 30))))
    row = made.one(moved)
    assert (row.before, row.now, row.change, row.change_text) == ("25", "30", None, "–")
    assert "01/01/2024" in row.reason


def test_a_year_that_nobody_reported_on_breaks_the_series(made):
    moved = indicators.changes(indicators.commendations(years(made, (2021, 25), (2023, 30))))
    assert made.one(moved).reason == "không có số liệu năm 2022 để so sánh"


def test_points_come_from_exact_shares_or_from_printed_ones_and_say_which(made):
    ds = made.dataset(
        made.unit("ldld", 2022, commendations=[made.people(direct=763, classes=(0, 0, 0, 470))]),
        made.unit("ldld", 2023, commendations=[made.people(direct=786, classes=(0, 0, 0, 438))]),
    )
    frame = indicators.non_leader_share(ds)
    exact = made.one(indicators.changes(frame))
    assert float(exact.change) == float(Fraction(78600, 1224) - Fraction(76300, 1233))
    assert (exact.change_text, exact.basis) == ("+2,3 điểm %", "exact")
    printed = made.one(indicators.changes(frame, printed=True))
    assert (printed.change, printed.basis) == (Fraction("2.3"), "printed")


def test_a_count_changes_in_percent_too(made):
    row = made.one(
        indicators.changes(indicators.commendations(years(made, (2022, 20), (2023, 25))))
    )
    assert (row.change, row.change_text, row.percent_text) == (5, "+5", "+25,0%")


def test_a_better_rank_is_a_gain(samples):
    moved = indicators.changes(indicators.rank(samples, member="ldld", year=(2022, 2023)))
    assert [row.change for row in moved.itertuples()] == [2, 7]


def test_growth_needs_an_unbroken_series(made):
    doubled = years(made, (2021, 10), (2022, 15), (2023, 40))
    row = made.one(indicators.growth(indicators.commendations(doubled)))
    assert (row.percent, row.text) == (Decimal(100), "+100,0%")
    broken = made.one(
        indicators.growth(indicators.commendations(years(made, (2023, 10), (2024, 20))))
    )
    assert (broken.percent, broken.text) == (None, "–")
    shares = made.one(indicators.growth(indicators.non_leader_share(doubled)))
    assert shares.reason == "dãy số không cho phép tính tốc độ tăng bình quân"


def test_changes_need_years(samples):
    with pytest.raises(UsageError):
        indicators.changes(indicators.commendations(samples, by=["level"], year=2023))


def without(submission, *fields):
    """The same submission without what it says in some fields."""
    tables = {
        table: tuple(
            altered(
                row,
                values={k: None if k in fields else v for k, v in row.values.items()},
                cells={k: v for k, v in row.cells.items() if k not in fields},
            )
            for row in rows
        )
        for table, rows in submission.rows.items()
    }
    return replace(submission, rows=tables)


def only(condition, change):
    return lambda sent: change(sent) if condition(sent) else sent


OTHER_MEMBERS = {
    "as sent": lambda sent: sent,
    "a file is missing": only(lambda s: (s.member, s.year) == ("hnd", 2022), lambda s: None),
    "a member left numbers out": only(
        lambda s: (s.member, s.year) == ("dtn", 2023),
        lambda s: without(s, "women", "direct", "actual", "quantity", "submitted", "score"),
    ),
    "some members left others out": only(
        lambda s: s.member in ("ldld", "ccb") and s.year == 2022,
        lambda s: without(s, "ethnic_minority", "enterprises", "recognized", "value_vnd"),
    ),
}


@pytest.fixture(scope="module", params=OTHER_MEMBERS, ids=str)
def reported(request, submissions, bloc):
    change = OTHER_MEMBERS[request.param]
    return Dataset.of([found for s in submissions if (found := change(s))], bloc)


def test_whatever_changes_is_of_the_same_members(reported):
    """A change stays the same where the data are narrowed down to those in both years."""
    narrowed, compared = {}, 0
    for name, function in indicators.functions().items():
        for by in indicators.entry(name).shown:
            frame = function(reported, by=by)
            rows = {tuple(row[c] for c in by): row for row in listed(frame)}
            for moved in listed(indicators.changes(frame)):
                if moved["change"] is None or not rows[tuple(moved[c] for c in by)]["expected"]:
                    continue
                at = tuple(moved[c] for c in by)
                pair = rows[at], rows[at[0] - 1, *at[1:]]
                now, then = (
                    frozenset(reported.expected(row["year"])) - {*row["missing"]} for row in pair
                )
                same = now & then
                if (name, by, same) not in narrowed:
                    own = function(reported.filter(member=same), by=by)
                    narrowed[name, by, same] = {tuple(r[c] for c in by): r for r in listed(own)}
                for row in pair:
                    alone = narrowed[name, by, same][tuple(row[c] for c in by)]
                    assert (alone["numerator"], alone["denominator"]) == (
                        row["numerator"],
                        row["denominator"],
                    ), (name, at)
                compared += 1
    assert compared > 300


def test_a_member_who_gave_a_part_one_year_and_nothing_the_other_is_not_compared(made):
    """It was in 30,6% of 2022 with a part of its rows, and not in that of 2023."""
    both = {"collectives": 20, "enterprises": 5, "individuals": None}
    ds = made.dataset(
        *(made.unit("ccb", y, commendations=[made.people(**both)]) for y in (2022, 2023)),
        made.unit("hnd", 2022, commendations=[made.people(**both), made.people(collectives=9)]),
        made.unit("hnd", 2023, commendations=[made.people(collectives=9)]),
    )
    figure = made.one(indicators.enterprise_share(ds), year=2023)
    assert figure.reason == "số đơn vị báo cáo khác năm trước: Hội Nông dân"
    assert made.one(indicators.changes(indicators.enterprise_share(ds))).change is None


people = st.integers(0, 60)
levels = ("state", "central", "province", "grassroots")
year = st.dictionaries(st.sampled_from(levels), st.tuples(people, people), min_size=1)


@given(before=year, now=year)
def test_mix_and_rate_add_up_to_the_change_of_a_share(made, before, now):
    ds = made.dataset(
        *(
            made.unit(
                "ldld",
                y,
                commendations=[
                    made.people(level, direct=direct, classes=(0, 0, 0, other))
                    for level, (direct, other) in groups.items()
                ],
            )
            for y, groups in ((2022, before), (2023, now))
        )
    )
    found = indicators.contributions(ds, "non_leader_share", "level", 2023)
    rows = indicators.changes(indicators.non_leader_share(ds))
    if len(rows) and pd.notna(rows.iloc[-1].change):
        near = partial(pytest.approx, abs=1e-9)
        assert found.attrs["total"] == near(rows.iloc[-1].change)
        assert found["total"].sum() == near(rows.iloc[-1].change)
        assert (found["mix"] + found["rate"]).tolist() == near(found["total"].tolist())
    else:
        assert found.empty


def test_a_change_of_the_mix_alone_has_no_rate(made):
    def both(first, second):
        return [
            made.people("state", direct=first, classes=(0, 0, 0, first)),
            made.people("province", direct=second, classes=(0, 0, 0, 0)),
        ]

    ds = made.dataset(
        made.unit("ldld", 2022, commendations=both(20, 20)),
        made.unit("ldld", 2023, commendations=both(20, 80)),
    )
    found = indicators.contributions(ds, "non_leader_share", "level", 2023)
    assert all(row.rate == 0 for row in found.itertuples())
    assert found.attrs["total"] == float(Fraction(250, 3) - Fraction(200, 3))


def test_the_change_of_a_count_is_that_of_its_members(samples):
    found = indicators.contributions(samples, "commendations", "member", 2023)
    assert list(found.group) == ["mttq", "ldld", "lhpn", "hnd", "ccb", "dtn"]
    assert found.attrs["total"] == 4674 - 4405


def test_a_change_across_a_break_has_no_parts(made):
    found = indicators.contributions(
        years(made, (2023, 9), (2024, 9)), "commendations", "level", 2024
    )
    assert (len(found), "01/01/2024" in found.attrs["reason"]) == (0, True)


def test_lists_have_no_contributions(samples):
    with pytest.raises(UsageError):
        indicators.contributions(samples, "days_early", "member", 2023)
