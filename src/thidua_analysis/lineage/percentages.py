"""Does each printed percentage of a table follow from its parts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Literal

import pandas as pd

from thidua_analysis.findings import UsageError
from thidua_analysis.indicators.figure import exact_share
from thidua_analysis.messages import text
from thidua_analysis.store import inputs
from thidua_analysis.vietnamese.display import Exact, Lang, number, rounded
from thidua_analysis.vietnamese.quantities import EXACT

Verdict = Literal["follows", "truncated", "last-digit", "other-denominator", "does-not-follow"]
#: Qualifiers of a claim: equal, over, at least, under, at most, nearly, about.
Qualifier = Literal["=", ">", ">=", "<", "<=", "nearly", "about"]


def judged(numerator: Exact, denominator: Exact, printed: Decimal, decimals: int) -> Verdict:
    """Judge a printed percentage by its parts alone; the first rule that matches wins.

    ``follows``: rounding half up gives it; ``truncated``: cutting gives it; ``last-digit``: it
    is one unit of the last digit off.
    """
    if not denominator:
        return "does-not-follow"
    exact = exact_share(numerator, denominator)
    nearest = rounded(exact, decimals)
    if nearest == printed:
        return "follows"
    if Decimal(int(exact * 10**decimals)).scaleb(-decimals) == printed:
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
    lowest, highest = exact_share(low_n, high_d), exact_share(high_n, low_d)
    return bool(lowest <= Fraction(printed) + half and highest >= Fraction(printed) - half)


def _interval(part: Decimal) -> tuple[Fraction, Fraction]:
    exponent = int(part.as_tuple().exponent)
    if exponent >= 0:
        return Fraction(part), Fraction(part)
    half = Fraction(1, 2) / 10**-exponent
    return Fraction(part) - half, Fraction(part) + half


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
            return rounded(exact, decimals) == printed
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


NEEDED = ("id", "numerator", "denominator", "published_pct")
OPTIONAL = ("what", "decimals", "source")
#: More parts than this are not tried for a misprint.
_MOST_SIBLINGS = 12
_SUM = re.compile(r"\(\s*([\d.,]+(?:\s*[-+=−]\s*[\d.,]+)+)\s*\)")


@dataclass(frozen=True, slots=True)
class Pair:
    """One printed percentage with its numerator and denominator."""

    id: str
    what: str
    numerator: Decimal
    denominator: Decimal
    published: Decimal
    decimals: int
    source: str


def verify_pairs(path: Path | str, lang: Lang | None = None) -> pd.DataFrame:
    """Judge every printed percentage of a table.

    Parameters
    ----------
    path
        CSV in UTF-8 with the columns ``id``, ``numerator``, ``denominator``, ``published_pct``;
        ``what`` (the description), ``decimals`` (where empty: those of the printed number) and
        ``source`` may be left out; further ones are left aside. Columns are parted by commas or
        tabs, or by semicolons: there the decimal sign is a comma, as Excel writes it in Vietnam.
    lang
        Language of ``why``.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``verdict`` (``follows``, ``truncated``, ``last-digit``, ``other-denominator``,
        ``does-not-follow``; the first rule that matches), ``published``, ``computed`` (rounded
        half up to the printed decimals), ``exact`` (to 6 decimals), ``why``.

    Raises
    ------
    UsageError
        If the file cannot be read, lacks a column, or a cell is no number.
    """
    pairs = tuple(read(Path(path)))
    rows = []
    for pair in pairs:
        verdict, why = verdict_of(pair, pairs, lang)
        exact = exact_share(pair.numerator, pair.denominator) if pair.denominator else None
        shown = [exact if exact is None else rounded(exact, n) for n in (pair.decimals, 6)]
        rows.append((pair.id, verdict, pair.published, *shown, why))
    columns = ["id", "verdict", "published", "computed", "exact", "why"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def verdict_of(pair: Pair, others: Sequence[Pair], lang: Lang | None = None) -> tuple[Verdict, str]:
    """Return the verdict on a pair and why.

    Another denominator is claimed only where the description gives a sum that holds, contains
    the denominator of the row, and another of its terms makes the percentage follow: "(931 =
    966-35)". A misprinted part is named, as a reason, where the parts of the same source do not
    add to the total and one changed digit makes both the sum and the percentage right.
    """
    verdict = judged(pair.numerator, pair.denominator, pair.published, pair.decimals)
    if verdict != "does-not-follow":
        return verdict, text(f"pair-{verdict}", lang)
    for other in other_denominators(pair):
        if judged(pair.numerator, other, pair.published, pair.decimals) == "follows":
            words = text("pair-other-denominator", lang, denominator=number(other, 0, lang))
            return "other-denominator", words
    for part in misprints(pair, others):
        return verdict, text("pair-misprint", lang, part=number(part, 0, lang))
    unrounded = pair.denominator and within_precision(
        pair.numerator, pair.denominator, pair.published, pair.decimals
    )
    return verdict, text("pair-unrounded" if unrounded else "pair-does-not-follow", lang)


def other_denominators(pair: Pair) -> list[Decimal]:
    """Return the other terms of a sum in the description that holds the denominator."""
    found: list[Decimal] = []
    for match in _SUM.finditer(pair.what):
        sides = [_terms(side) for side in match[1].replace("−", "-").split("=")]
        numbers = [abs(term) for side in sides for term in side]
        holds = len(sides) == 2 and sum(sides[0]) == sum(sides[1])
        if holds and pair.denominator in numbers:
            found += [n for n in numbers if n not in (0, pair.denominator)]
    return found


def misprints(pair: Pair, others: Sequence[Pair]) -> Iterator[Decimal]:
    """Yield what the numerator may have been, one digit changed, if its siblings say so.

    Siblings are pairs of the same source with the same denominator; two or more of them must
    add with the changed part to the denominator.
    """
    siblings = [
        other.numerator
        for other in others
        if (other.source, other.denominator) == (pair.source, pair.denominator)
        and other.id != pair.id
    ][:_MOST_SIBLINGS]
    sums = {
        sum(chosen, Decimal(0))
        for size in range(2, len(siblings) + 1)
        for chosen in combinations(siblings, size)
    }
    if pair.denominator - pair.numerator in sums:
        return
    for changed in _one_digit_changed(pair.numerator):
        follows = judged(changed, pair.denominator, pair.published, pair.decimals) == "follows"
        if follows and pair.denominator - changed in sums:
            yield changed


def _one_digit_changed(number: Decimal) -> Iterator[Decimal]:
    digits = str(number)
    for at, old in enumerate(digits):
        for new in "0123456789" if old.isdigit() else "":
            if new != old:
                yield Decimal(digits[:at] + new + digits[at + 1 :])


def read(path: Path) -> Iterator[Pair]:
    """Yield the pairs of a table; see `verify_pairs`."""
    if not path.exists():
        raise inputs.missing(path)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError("pairs-unreadable", file=str(path)) from None
    head = content.partition("\n")[0]
    parting = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(content, newline=""), delimiter=parting)
    missing = [c for c in NEEDED if c not in (reader.fieldnames or ())]
    if missing:
        words = {"columns": ", ".join(missing), "optional": ", ".join(OPTIONAL)}
        raise UsageError("pairs-columns", file=str(path), needed=", ".join(NEEDED), **words)
    for row in reader:
        yield _pair(path, reader.line_num, row, "," if parting == ";" else ".")


def _pair(path: Path, line: int, row: dict[str, str], sign: str) -> Pair:
    try:
        published = _finite(row["published_pct"], sign)
        decimals = row.get("decimals") or max(0, -int(published.as_tuple().exponent))
        return Pair(
            row["id"],
            row.get("what") or "",
            _finite(row["numerator"], sign),
            _finite(row["denominator"], sign),
            published,
            int(decimals),
            row.get("source") or "",
        )
    except (InvalidOperation, ValueError, TypeError):
        raise UsageError("pairs-number", file=str(path), line=line, sign=sign) from None


def _finite(digits: str, sign: str) -> Decimal:
    if sign == ",":
        if "." in digits:  # it might part thousands
            raise InvalidOperation
        digits = digits.replace(",", ".")
    number = Decimal(digits)
    if not number.is_finite():
        raise InvalidOperation
    return number


def _terms(side: str) -> list[Decimal]:
    found = re.findall(r"([-+]?)\s*(\d[\d.,]*)", side)
    return [Decimal(sign + re.sub(r"[.,]", "", digits)) for sign, digits in found]
