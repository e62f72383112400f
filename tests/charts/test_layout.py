import itertools

from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.charts.sheet import spread

positions = st.lists(st.floats(0, 10, allow_nan=False), min_size=1, max_size=12)


@given(positions)
def test_labels_keep_a_line_apart(wanted):
    found = sorted(spread(wanted, 0.5, 0, 10))
    assert all(b - a >= 0.5 - 1e-9 for a, b in itertools.pairwise(found))
    assert found[0] >= -1e-9
    assert found[-1] <= 10 + 1e-9


@given(positions)
def test_labels_keep_their_order(wanted):
    found = spread(wanted, 0.5, 0, 10)
    pairs = [(w, f) for w, f in zip(wanted, found, strict=True)]
    for w1, f1 in pairs:
        for w2, f2 in pairs:
            if w1 < w2:
                assert f1 < f2


def test_labels_that_have_room_stay_where_they_are():
    assert spread([1.0, 5.0, 3.0], 0.5, 0, 10) == [1.0, 5.0, 3.0]


def test_too_many_labels_share_the_room_evenly():
    found = spread([5.0] * 11, 2.0, 0, 10)
    assert sorted(found) == [float(n) for n in range(11)]


def test_no_labels_no_places():
    assert spread([], 1, 0, 10) == []
