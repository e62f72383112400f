"""Scores stage by stage: what a member gave itself, what the others gave, and why they differ."""

from __future__ import annotations

from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.frames import plain
from thidua_analysis.indicators.scores import criteria, scores

STAGES = ("self", "cross", "appraised")
APPRAISAL = (
    *("year", "member", "label", "code", "criterion", "kind", "max_score", *STAGES),
    *("gap", "reason", "explained"),
)


def appraisal(ds: Dataset, year: int) -> pd.DataFrame:
    """Lay the stages of scoring side by side.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year.

    Returns
    -------
    pandas.DataFrame
        One row a member and criterion, in the order of the bloc's form: ``year``, ``member``,
        ``label``, ``code``, ``criterion``, ``kind``, ``max_score``, ``self``, ``cross``,
        ``appraised``, ``gap`` (self minus appraised), ``reason``, ``explained`` (False where the
        two differ, the bloc requires a reason and there is none).
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in scores(ds):
        if row["year"] == year:
            own = found.setdefault(
                (row["member"], row["code"] or row["criterion"]), _blank(ds, row)
            )
            own[row["stage"]] = row["score"]
            own["reason"] = own["reason"] or row["reason"]
    order = {row["code"]: at for at, row in enumerate(criteria(ds, year))}
    members = {member: at for at, member in enumerate(ds.members)}
    required = ds.bloc.scoring_in(year).reason_required
    rows = sorted(
        found.values(),
        key=lambda r: (members.get(r["member"], len(members)), order.get(r["code"], len(order))),
    )
    for row in rows:
        given = row["self"] is not None and row["appraised"] is not None
        row["gap"] = plain(row["self"] - row["appraised"]) if given else None
        row["explained"] = not (required and row["gap"] and not row["reason"])
    return pd.DataFrame(rows, columns=list(APPRAISAL), dtype=object)


def _blank(ds: Dataset, row: Record) -> dict[str, Any]:
    return {
        "year": row["year"],
        "member": row["member"],
        "label": ds.bloc.member(row["member"]).short,
        "code": row["code"],
        "criterion": row["criterion"],
        "kind": row["kind"],
        "max_score": row["max_score"],
        **dict.fromkeys(STAGES),
        "reason": None,
    }
