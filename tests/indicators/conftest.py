"""Small datasets made by hand, so that every expected figure can be checked by counting."""

from types import SimpleNamespace

import pandas as pd
import pytest
from msgspec.structs import replace
from small import bloc_form, people, unit

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.selection import listed


def one(frame, **where):
    """The only figure of a frame at a place."""
    for name, value in where.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return pd.Series(listed(frame)[0])


def parts(figure):
    """Numerator and denominator of a figure."""
    return figure["numerator"], figure["denominator"]


@pytest.fixture(scope="session")
def made(bloc):
    """What makes small datasets, and picks single figures of a frame."""

    def dataset(*submissions, **changed):
        return Dataset.of(submissions, replace(bloc, **changed) if changed else bloc)

    return SimpleNamespace(
        unit=unit, bloc_form=bloc_form, people=people, one=one, parts=parts, dataset=dataset
    )
