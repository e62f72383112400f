"""Qualifiers of numbers ("trên 2.000") on their way through sums and shares."""

from __future__ import annotations

from collections.abc import Iterable

from thidua_analysis.vietnamese.units import Bound

_REVERSED: dict[Bound, Bound] = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def combined(bounds: Iterable[Bound | None]) -> Bound | None:
    """Return the qualifier of a sum: exact + gt = gt; above with below = approx.

    Examples
    --------
    >>> combined([None, "ge", "gt"])
    'gt'
    >>> combined(["gt", "lt"])
    'approx'
    >>> combined([None, None]) is None
    True
    """
    found = {bound for bound in bounds if bound}
    if not found:
        return None
    pairs: tuple[tuple[Bound, Bound], ...] = (("gt", "ge"), ("lt", "le"))
    for strict, loose in pairs:
        if found <= {strict, loose}:
            return strict if strict in found else loose
    return "approx"


def of_difference(now: Bound | None, before: Bound | None) -> Bound | None:
    """Return the qualifier of a change: the bound of the year before is reversed.

    Examples
    --------
    >>> of_difference("gt", None), of_difference(None, "gt"), of_difference("gt", "gt")
    ('gt', 'lt', 'approx')
    """
    return combined([now, _REVERSED.get(before, before) if before else None])


def of_quotient(numerator: Bound | None, denominator: Bound | None) -> Bound | None:
    """Return the qualifier of a share: the bound of the denominator is reversed.

    Examples
    --------
    >>> of_quotient(None, "gt")
    'lt'
    """
    return combined([numerator, _REVERSED.get(denominator, denominator) if denominator else None])
