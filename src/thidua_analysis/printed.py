"""Does a printed figure follow from its parts? Rules for percentages and qualified numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from thidua_analysis.vietnamese.display import Exact, rounded
from thidua_analysis.vietnamese.literals import EXACT

Verdict = Literal["follows", "truncated", "last-digit", "other-denominator", "does-not-follow"]
#: Qualifiers of a claim: equal, over, at least, under, at most, nearly, about.
Qualifier = Literal["=", ">", ">=", "<", "<=", "nearly", "about"]


def percent(numerator: Exact, denominator: Exact) -> Fraction:
    """Return 100 · n / d, exact."""
    return Fraction(numerator) * 100 / Fraction(denominator)


def half_up(value: Exact, decimals: int) -> Decimal:
    """Round to so many decimals, halves away from zero.

    Examples
    --------
    >>> half_up(Fraction(233 * 100, 1224), 2)
    Decimal('19.04')
    """
    return rounded(value, decimals)


def cut(value: Exact, decimals: int) -> Decimal:
    """Leave out what stands after so many decimals.

    Examples
    --------
    >>> cut(Fraction(233 * 100, 1224), 2)
    Decimal('19.03')
    """
    units = int(Fraction(value) * 10**decimals)
    return Decimal(units).scaleb(-decimals)


def judged(numerator: Exact, denominator: Exact, printed: Decimal, decimals: int) -> Verdict:
    """Judge a printed percentage by its parts alone; the first rule that matches wins.

    ``follows``: rounding half up gives it; ``truncated``: cutting gives it; ``last-digit``: it
    is one unit of the last digit off.
    """
    if not denominator:
        return "does-not-follow"
    exact = percent(numerator, denominator)
    nearest = half_up(exact, decimals)
    if nearest == printed:
        return "follows"
    if cut(exact, decimals) == printed:
        return "truncated"
    if abs(printed - nearest) == Decimal(1).scaleb(-decimals):
        return "last-digit"
    return "does-not-follow"


def within_precision(
    numerator: Decimal, denominator: Decimal, printed: Decimal, decimals: int
) -> bool:
    """Whether unrounded parts could give the printed percentage.

    Parts with decimals may have been rounded before they were printed: each is then taken as
    the interval of half a unit of its last digit to both sides; whole numbers are exact.
    """
    low_n, high_n = _interval(numerator)
    low_d, high_d = _interval(denominator)
    if low_d <= 0:
        return False
    half = Fraction(1, 2) / 10**decimals
    lowest, highest = percent(low_n, high_d), percent(high_n, low_d)
    return bool(lowest <= Fraction(printed) + half and highest >= Fraction(printed) - half)


def missing_part(
    known: Exact, printed: Decimal, decimals: int, *, known_is: Literal["numerator", "denominator"]
) -> tuple[Fraction, Fraction]:
    """Return the interval in which the other part lies that a printed percentage leaves open.

    Examples
    --------
    >>> low, high = missing_part(3666, Decimal(159), 0, known_is="numerator")
    >>> float(round(low, 1)), float(round(high, 1))
    (2298.4, 2312.9)
    """
    half = Fraction(1, 2) / 10**decimals
    low, high = Fraction(printed) - half, Fraction(printed) + half
    if known_is == "numerator":
        return Fraction(known) * 100 / high, Fraction(known) * 100 / low
    return Fraction(known) * low / 100, Fraction(known) * high / 100


def step(printed: Decimal) -> Decimal:
    """Return one unit of the last digit that is not zero: the next round step is so far away.

    Examples
    --------
    >>> step(Decimal("2000")), step(Decimal("48")), step(Decimal("48.5"))
    (Decimal('1E+3'), Decimal('1'), Decimal('0.1'))
    """
    exponent = printed.normalize(EXACT).as_tuple().exponent
    return Decimal(1).scaleb(int(exponent)) if printed else Decimal(1)


def agrees(value: Exact, qualifier: Qualifier, printed: Decimal, decimals: int) -> bool:
    """Whether a value may be printed with this qualifier and number.

    ``>`` ("trên", "hơn"): above it, but not so far that the next round step would be printed;
    ``nearly`` ("gần") the same below; ``about`` ("khoảng"): within half a step.
    """
    exact, claimed, far = Fraction(value), Fraction(printed), Fraction(step(printed))
    match qualifier:
        case "=":
            return half_up(exact, decimals) == printed
        case ">":
            return claimed < exact < claimed + far
        case ">=":
            return claimed <= exact < claimed + far
        case "<" | "nearly":
            return claimed - far < exact < claimed
        case "<=":
            return claimed - far < exact <= claimed
        case "about":
            return abs(exact - claimed) <= far / 2


def _interval(part: Decimal) -> tuple[Fraction, Fraction]:
    exponent = int(part.as_tuple().exponent)
    if exponent >= 0:
        return Fraction(part), Fraction(part)
    half = Fraction(1, 2) / 10**-exponent
    return Fraction(part) - half, Fraction(part) + half
