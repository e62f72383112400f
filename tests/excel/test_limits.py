import tomllib

import pytest

from thidua_analysis.excel import LIMITS, Limits
from thidua_analysis.findings import ConfigError


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "5", None])
def test_limit_that_is_no_positive_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ConfigError) as raised:
        Limits.from_mapping({"cells": value})
    assert raised.value.key == "limit-wrong"
    assert raised.value.params == {"name": "cells", "value": value}


def test_part_larger_than_the_whole_is_refused() -> None:
    with pytest.raises(ConfigError):
        Limits(part_bytes=600_000_000)


def test_worker_without_memory_to_start_in_is_refused() -> None:
    with pytest.raises(ConfigError):
        Limits(worker_bytes=1_000_000)


def test_misspelt_limit_is_refused() -> None:
    with pytest.raises(ConfigError) as raised:
        Limits.from_mapping({"cell": 5})
    assert (raised.value.key, raised.value.params) == ("limit-unknown", {"name": "cell"})


def test_analyst_raises_one_limit_and_keeps_the_others() -> None:
    limits = Limits.from_mapping(tomllib.loads("cells = 9_000_000"))
    assert limits.cells == 9_000_000
    assert {**limits.as_mapping(), "cells": LIMITS.cells} == LIMITS.as_mapping()
