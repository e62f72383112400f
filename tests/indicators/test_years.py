"""A year in the scope, in the breakdowns or in the dataset: the same figures and the same gaps."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from thidua_analysis import indicators
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators.selection import listed

pytestmark = pytest.mark.slow

PARTS = [
    *("numerator", "denominator", "value", "text", "unit", "reporting", "expected", "missing"),
    *("bound", "comparable", "reason", "lineage"),
]
FUNCTIONS = [name for name in indicators.__all__ if name in indicators.functions()]
#: frames of their own that are of one year, or are made of a frame of figures
OTHERS = {
    *("appraisal", "changes", "contributions", "described", "entry", "functions", "growth"),
    *("neighbours", "proposals", "ranking", "sensitivity", "spread"),
}
BREAKDOWNS = [
    *((), ("member",), ("level",), ("member", "level"), ("level", "member"), ("stage",)),
    *(("kind", "member"), ("target_name",), ("award",), ("table",), ("member", "term")),
]
FILES = 21
SLOW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])


def figures(frame, by, **where):
    """Rows of a frame by where they stand, without the year."""
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return {tuple(row[c] for c in by): [row[part] for part in PARTS] for row in listed(frame)}


def called(ds, name, by, **scope):
    """Frame of an indicator; None where its rows have no such columns."""
    try:
        return indicators.functions()[name](ds, by=by, **scope)
    except UsageError:
        return None


def assert_agree(ds, name, **scope):
    for by in BREAKDOWNS:
        whole = called(ds, name, ("year", *by), **scope)
        if whole is None:
            continue
        for year in (*ds.years, 1999):
            expected = figures(whole, by, year=year)
            assert figures(called(ds, name, by, year=year, **scope), by) == expected
            assert figures(called(ds, name, by, year=[year], **scope), by) == expected
            by_year = called(ds, name, (*by, "year"), year=year, **scope)
            assert figures(by_year, by) == expected
        for years in (ds.years[:2], ds.years):
            part = ds.filter(year=years)
            drop = [p for p in PARTS if p != "lineage"]
            asked = called(ds, name, by, year=list(years), **scope)
            filtered = called(part, name, by, **scope)
            assert asked[drop].equals(filtered[drop])


def test_every_public_name_is_compared_or_is_no_indicator_by_year():
    assert {*FUNCTIONS, *OTHERS} == set(indicators.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("scope", [{}, {"member": ("hnd", "mttq")}])
def test_the_year_may_stand_in_the_scope_or_in_the_breakdowns(samples, name, scope):
    assert_agree(samples, name, **scope)


@given(
    gone=st.sets(st.integers(0, FILES - 1), max_size=9),
    without=st.dictionaries(
        st.integers(0, FILES - 1),
        st.sampled_from(["commendations", "targets", "scores", "ranks", "initiatives"]),
        max_size=6,
    ),
    name=st.sampled_from(FUNCTIONS),
    joined=st.sampled_from([None, 2022, 2023]),
    left=st.sampled_from([None, 2021, 2022]),
)
@SLOW
def test_they_agree_with_missing_members_tables_and_years(
    submissions, bloc, gone, without, name, joined, left
):
    sent = [
        replace(one, rows={t: r for t, r in one.rows.items() if t != without.get(n)})
        for n, one in enumerate(submissions)
        if n not in gone
    ]
    first, second, *rest = bloc.members
    members = (
        structs.replace(first, first_year=joined),
        structs.replace(second, last_year=left),
        *rest,
    )
    ds = Dataset.of(sent, structs.replace(bloc, members=members))
    assert_agree(ds, name)


def test_a_member_that_sent_its_report_of_the_year_is_not_missing_for_an_earlier_one(made):
    ds = made.dataset(
        made.unit("hnd", 2022, commendations=[made.people(direct=5)]),
        made.unit("ldld", 2023, commendations=[made.people(direct=20)]),
    )
    figure = made.one(indicators.commendations(ds, by=("member",), year=2023), member="ldld")
    assert (figure.value, figure.reporting, figure.expected, figure.missing) == (20, 1, 1, ())


def test_a_scope_of_members_in_another_spelling_covers_the_same_members(made):
    ds = made.dataset(made.unit("ldld", commendations=[made.people(direct=20)]))
    figure = made.one(indicators.commendations(ds, by=("year",), member="LDLD"))
    assert (figure.value, figure.reporting, figure.expected) == (20, 1, 1)


def test_no_year_asks_for_nothing(samples):
    whole = indicators.commendations(samples, by=("year", "member"))
    assert indicators.commendations(samples, by=("year", "member"), year=None).equals(whole)
