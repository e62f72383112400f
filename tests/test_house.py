"""The layout of the package keeps its bounds; see ``python -m benchmarks house``."""

import pytest

from benchmarks.house import House

#: Lines of the table that are met; a bound that is reached is added here and stays.
MET = ("root", "rooms", "depth", "twice", "room-circles", "circles", "module", "function")


@pytest.fixture(scope="module")
def table():
    return {name: (value, bound, offenders) for name, _, value, bound, offenders in House().table()}


@pytest.mark.parametrize("name", MET)
def test_the_layout_keeps_its_bound(table, name):
    value, bound, offenders = table[name]
    assert value <= bound, "\n".join(offenders)
