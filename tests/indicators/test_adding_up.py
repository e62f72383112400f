"""However the input is split or ordered, adding the parts gives the same figures."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thidua_analysis import indicators
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.selection import listed

pytestmark = pytest.mark.slow

ADDITIVE = [
    *("commendations", "non_leader_share", "non_leader_share_residual", "leader_share"),
    *("women_share", "ethnic_minority_share", "enterprise_share", "targets_met"),
    *("targets_exceeded", "result_value", "sent", "revisions", "error_rate", "completeness"),
]
SLOW = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
FILES = 21


def totals(frame):
    return {
        row["year"]: (row["numerator"], row["denominator"])
        for row in listed(frame)
        if row["numerator"] is not None
    }


def added(parts):
    found = {}
    for part in parts:
        for year, (numerator, denominator) in totals(part).items():
            n, d = found.get(year, (0, None if denominator is None else 0))
            found[year] = (n + numerator, None if denominator is None else d + denominator)
    return found


@pytest.mark.parametrize(
    ("name", "column"),
    [
        (name, column)
        for name in ADDITIVE
        for column in ("member", "level", "method", "award")
        if column == "member" or indicators.entry(name).table == "commendations"
    ],
)
def test_the_parts_of_a_breakdown_add_up_to_the_whole(samples, name, column):
    function = indicators.functions()[name]
    whole = totals(function(samples, by=["year"]))
    assert whole
    broken_down = function(samples, by=["year", column])
    assert added(frame for _, frame in broken_down.groupby(column)) == whole


@given(groups=st.lists(st.integers(0, 2), min_size=FILES, max_size=FILES))
@SLOW
def test_splitting_the_files_any_way_and_adding_gives_the_same(submissions, bloc, samples, groups):
    parts = [
        Dataset.of([s for s, g in zip(submissions, groups, strict=True) if g == group], bloc)
        for group in set(groups)
    ]
    for name in ("commendations", "non_leader_share", "women_share", "result_value"):
        function = indicators.functions()[name]
        assert added(function(part, by=["year"]) for part in parts) == totals(
            function(samples, by=["year"])
        )


@given(cut=st.integers(0, 20), at=st.integers(0, FILES - 1))
@SLOW
def test_splitting_a_file_by_rows_and_adding_gives_the_same(submissions, bloc, samples, cut, at):
    halves = [list(submissions), list(submissions)]
    for half, kept in zip(halves, (slice(0, cut), slice(cut, None)), strict=True):
        rows = {name: found[kept] for name, found in submissions[at].rows.items()}
        half[:] = [replace(submissions[at], rows=rows)]
    rest = [s for i, s in enumerate(submissions) if i != at]
    parts = [Dataset.of(part, bloc) for part in (*halves, rest)]
    for name in ("commendations", "non_leader_share", "targets_met"):
        function = indicators.functions()[name]
        assert added(function(part, by=["year"]) for part in parts) == totals(
            function(samples, by=["year"])
        )


@given(order=st.permutations(range(FILES)))
@SLOW
def test_reordering_the_files_changes_nothing(submissions, bloc, samples, order):
    mixed = Dataset.of([submissions[n] for n in order], bloc)
    for name in ("awards_by_award", "result_total", "rank", "score_share", "days_early"):
        function = indicators.functions()[name]
        one, other = function(samples), function(mixed)
        assert one.drop(columns="lineage").equals(other.drop(columns="lineage"))
        assert list(one.lineage) == list(other.lineage)


@given(gone=st.integers(0, FILES - 1))
@SLOW
def test_a_missing_file_never_moves_a_figure_silently(submissions, bloc, samples, gone):
    left = Dataset.of([s for n, s in enumerate(submissions) if n != gone], bloc)
    for name in ("commendations", "non_leader_share", "result_value", "targets_met", "sent"):
        function = indicators.functions()[name]
        whole = {row.year: row for row in function(samples, by=["year"]).itertuples()}
        for row in function(left, by=["year"]).itertuples():
            before = whole[row.year]
            same = (row.numerator, row.denominator) == (before.numerator, before.denominator)
            assert same or (row.missing and row.reporting < row.expected)
            if row.missing and row.year > 2021:
                assert not row.comparable


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_share_is_exact_to_28_digits_and_its_parts_are_exact(numerator, denominator):
    from thidua_analysis.indicators.figure import quotient

    exact = Fraction(numerator * 100, denominator)
    assert abs(Fraction(quotient(numerator, denominator)) - exact) <= exact / 10**27
