"""Shares among those commended: direct work, leaders, women, ethnic minorities, enterprises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.dictionary import indicator
from thidua_analysis.indicators.frame import figures
from thidua_analysis.indicators.pieces import Piece, shared, whole
from thidua_analysis.indicators.rows import commended

By = Sequence[str]
LEADERS = ("leader_ministerial", "leader_department", "leader_other")
#: The five classes of individuals: form 0603.N, rows 06 to 10.
CLASSES = ("leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct")


@indicator
def non_leader_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return people in direct work among all individuals commended.

    Form 0603.N, row 10 by row 05. Only rows whose five classes are all given and add up enter.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``level``, ``award``, ``method`` …
    **scope
        Only rows with these values, such as ``method="regular"``; ``status`` is ``awarded``
        unless given.

    Returns
    -------
    pandas.DataFrame
        Frame of figures.
    """
    return _share(ds, "non_leader_share", ("direct",), ("individuals",), by, scope, classified)


@indicator
def non_leader_share_residual(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the commended who are no leaders; see `non_leader_share`.

    Entrepreneurs count as non-leaders here; the two definitions differ by them.
    """
    parts = ("direct", "entrepreneur")
    name = "non_leader_share_residual"
    return _share(ds, name, parts, ("individuals",), by, scope, classified)


@indicator
def leader_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the three classes of leaders among the commended; see `non_leader_share`."""
    return _share(ds, "leader_share", LEADERS, ("individuals",), by, scope, classified)


@indicator
def women_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the women among the commended individuals; see `non_leader_share`."""
    return _share(ds, "women_share", ("women",), ("individuals",), by, scope)


@indicator
def ethnic_minority_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the ethnic minorities among the commended individuals; see `non_leader_share`.

    They may be women as well: never add the two shares.
    """
    return _share(ds, "ethnic_minority_share", ("ethnic_minority",), ("individuals",), by, scope)


@indicator
def enterprise_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the enterprises among the commended collectives; see `non_leader_share`."""
    return _share(ds, "enterprise_share", ("enterprises",), ("collectives",), by, scope)


def classified(row: Record) -> bool:
    """Whether the five classes of a row are all given and add up to its individuals."""
    parts = whole(row, CLASSES)
    return parts is not None and parts == row["individuals"]


def _share(
    ds: Dataset,
    name: str,
    numerator: tuple[str, ...],
    denominator: tuple[str, ...],
    by: By,
    scope: dict[str, Any],
    usable: Callable[[Record], bool] = lambda row: True,
) -> pd.DataFrame:
    def piece(row: Record) -> Piece | None:
        if whole(row, denominator) is None and not whole(row, numerator):
            return None
        return shared(row, numerator, denominator, usable=usable(row))

    rows, wanted = commended(ds, by, {"status": "awarded", **scope})
    return figures(ds, name, rows, piece, by, wanted, same=("counted_as",))
