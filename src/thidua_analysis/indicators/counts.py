"""Sums and shares of commendations and of initiatives."""

from __future__ import annotations

from typing import Any

import pandas as pd

from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.errors import UsageError
from thidua_analysis.form.model import current
from thidua_analysis.indicators.dictionary import entry, indicator
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import Figure, Piece, shared, summed, whole
from thidua_analysis.indicators.selection import By, Scope, commended
from thidua_analysis.messages import text

#: Whom awards go to: the fields that are added up.
SUBJECTS = ("collectives", "households", "individuals")
#: The five classes of individuals: form 0603.N, rows 06 to 10.
CLASSES = ("leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct")
LEVEL = ("year", "level")


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
    return _share(ds, "non_leader_share", by, scope)


@indicator
def non_leader_share_residual(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the commended who are no leaders; see `non_leader_share`.

    Entrepreneurs count as non-leaders here; the two definitions differ by them.
    """
    return _share(ds, "non_leader_share_residual", by, scope)


@indicator
def leader_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the three classes of leaders among the commended; see `non_leader_share`."""
    return _share(ds, "leader_share", by, scope)


@indicator
def women_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the women among the commended individuals; see `non_leader_share`."""
    return _share(ds, "women_share", by, scope)


@indicator
def ethnic_minority_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the ethnic minorities among the commended individuals; see `non_leader_share`.

    They may be women as well: never add the two shares.
    """
    return _share(ds, "ethnic_minority_share", by, scope)


@indicator
def enterprise_share(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Return the enterprises among the commended collectives; see `non_leader_share`."""
    return _share(ds, "enterprise_share", by, scope)


def _classified(row: Record) -> bool:
    """Whether the five classes of a row are all given and add up to its individuals."""
    parts = whole(row, CLASSES)
    return parts is not None and parts == row["individuals"]


def _share(ds: Dataset, name: str, by: By, scope: Scope) -> pd.DataFrame:
    numerator, denominator = entry(name).added
    of_classes = not set(CLASSES).isdisjoint(numerator)

    def piece(row: Record) -> Piece | None:
        if whole(row, denominator) is None and not whole(row, numerator):
            return None
        return shared(row, numerator, denominator, usable=not of_classes or _classified(row))

    rows, wanted = commended(ds, by, {"status": "awarded", **scope})
    return figures(ds, name, rows, piece, by, wanted, same=("counted_as",))


@indicator
def commendations(
    ds: Dataset,
    by: By = ("year",),
    *,
    kind: str | None = None,
    status: str | None = "awarded",
    **scope: Any,
) -> pd.DataFrame:
    """Count commendations.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``level``, ``award``, ``method``,
        ``status``, ``family``, ``counted_as``, ``subject`` (collectives, households,
        individuals).
    kind
        Count only this field: one of the three subjects, ``enterprises``, a person class,
        ``women`` or ``ethnic_minority``; by default the three subjects together.
    status
        ``awarded``, ``proposed``, or None for both apart (then break down by it).
    **scope
        Only rows with these values, such as ``level="province"`` or
        ``method=("regular",)``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures; a row without any number is left out and named in ``lineage``.

    Raises
    ------
    UsageError
        If a column, value or kind is unknown.
    """
    return _commended(ds, "commendations", by, {"kind": kind, "status": status, **scope})


@indicator
def commendations_without_households(
    ds: Dataset, by: By = ("year",), **options: Any
) -> pd.DataFrame:
    """Count what both laws of 2003 and 2022 know, so that years before and after compare.

    Collectives and individuals; without households, which the law of 2003 does not name as
    subjects, and without titles that the law of 2022 has introduced. See `commendations`.
    """
    return _commended(ds, "commendations_without_households", by, options)


@indicator
def awards_by_level(ds: Dataset, by: By = ("year",), **options: Any) -> pd.DataFrame:
    """Count commendations by level; see `commendations`."""
    return _commended(ds, "awards_by_level", _with(by, "level"), options)


@indicator
def awards_by_award(ds: Dataset, by: By = ("year",), **options: Any) -> pd.DataFrame:
    """Count commendations by award, its spellings taken together; see `commendations`."""
    return _commended(ds, "awards_by_award", _with(by, "award"), options)


@indicator
def awards_by_method(ds: Dataset, by: By = ("year",), **options: Any) -> pd.DataFrame:
    """Count commendations by method; see `commendations`."""
    return _commended(ds, "awards_by_method", _with(by, "method"), options)


@indicator
def awards_by_subject(ds: Dataset, by: By = ("year",), **options: Any) -> pd.DataFrame:
    """Count commended collectives, households and individuals; see `commendations`."""
    return _commended(ds, "awards_by_subject", _with(by, "subject"), options)


def _with(by: By, column: str) -> By:
    return by if column in by else (*by, column)


def _commended(ds: Dataset, name: str, by: By, options: Scope) -> pd.DataFrame:
    both_laws = name == "commendations_without_households"
    scope: dict[str, Any] = {"status": "awarded", **options}
    kind = None if both_laws else scope.pop("kind", None)
    counted = [f.name for f in current("unit").table("commendations").fields if f.type == "count"]
    if kind is not None and kind not in counted:
        raise UsageError("kind-unknown", indicator=name, name=kind, accepted=", ".join(counted))
    by_subject = "subject" in by or "subject" in scope

    def piece(row: Record) -> Piece | None:
        given = [subject for subject in SUBJECTS if row[subject] is not None]
        if both_laws and (row["since"] is not None or given == ["households"]):
            return None
        fields = (kind,) if kind else entry(name).added[0]
        made = summed(row, *((row["subject"],) if by_subject else fields))
        # an award for people has no collectives: such a row lacks nothing
        return None if (kind or by_subject) and not made.usable else made

    def unit(ds: Dataset, figure: Figure) -> None:
        counted = {piece.row["counted_as"] for piece in figure.used}
        if len(counted) == 1:
            figure.unit = text(f"unit-{counted.pop()}", ds.lang)

    rows, wanted = commended(ds, by, scope)
    if by_subject:
        rows = [{**row, "subject": subject} for row in rows for subject in SUBJECTS]
    words = {"kind": kind} if kind else {}
    same = ("counted_as",)
    return figures(ds, name, rows, piece, by, wanted, options=words, same=same, finish=unit)


@indicator
def initiatives_submitted(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Add up initiatives submitted.

    Parameters
    ----------
    ds
        The dataset.
    by
        Columns to break down by: ``year``, ``member``, ``level``. One initiative may stand at
        several levels: a figure that would add levels has no value.
    **scope
        Only rows with these values, such as ``level="unit"``.

    Returns
    -------
    pandas.DataFrame
        Frame of figures.
    """
    return _initiatives(ds, "initiatives_submitted", by, scope)


@indicator
def initiatives_recognized(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Add up initiatives recognised; see `initiatives_submitted`."""
    return _initiatives(ds, "initiatives_recognized", by, scope)


@indicator
def initiative_benefit(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Add up the benefit in đồng; see `initiatives_submitted`."""
    return _initiatives(ds, "initiative_benefit", by, scope)


@indicator
def recognition_rate(ds: Dataset, by: By = LEVEL, **scope: Any) -> pd.DataFrame:
    """Return initiatives recognised by submitted, of one level; see `initiatives_submitted`."""
    return _initiatives(ds, "recognition_rate", by, scope)


def _initiatives(ds: Dataset, name: str, by: By, scope: Scope) -> pd.DataFrame:
    numerator, denominator = entry(name).added

    def piece(row: Record) -> Piece:
        return shared(row, numerator, denominator) if denominator else summed(row, *numerator)

    return figures(ds, name, ds.records("initiatives"), piece, by, scope, same=("level",))
