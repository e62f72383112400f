"""Numbers as people in Vietnam write them: read exactly, or rejected with a finding."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import cast

from thidua_analysis.vietnamese.quantities import (
    DONG,
    EXACT,
    PERCENT,
    POINTS,
    Code,
    Column,
    Digits,
    Kind,
    Number,
    Unit,
    as_typed,
    column,
    complaint,
    counts_another,
    is_known,
    looks_like_unit,
    read_digits,
    read_unit,
    rejected,
    restates,
    scaled,
    split_bound,
    whole,
)
from thidua_analysis.vietnamese.text import LONGEST, half_width, is_cross, key, says_nothing

_LITERAL_PARTS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_SHOWN_DIGITS = ".15g"
_NUMBER = r"[-−–]?[0-9](?:[0-9., ]*[0-9])?"
_FRACTION = re.compile(r"([0-9.,]+) ?/ ?([0-9.,]+)")
_RANGE = re.compile(
    rf"(?:từ )?{_NUMBER}[^0-9()]*?(?: ?[-–—−÷~] ?| đến | tới ){_NUMBER}[^0-9()]*", re.IGNORECASE
)
_QUANTITY = re.compile(rf"({_NUMBER}) ?(.*)")
_REMARK = re.compile(r"([^()]*[^()\s]) ?\( ?([^()]+?) ?\)")
_RANKED = re.compile(r"(?:xếp )?(?:hạng|thứ)(?: thứ)? ?([0-9]+(?: ?/ ?[0-9]+)?)", re.IGNORECASE)
#: letters that look like digits, Latin and Cyrillic
_AS_DIGITS = str.maketrans("OoОоIІl|", "00001111")
_LETTERS = re.compile(
    r"(?<![^\W\d_])(?:(?=[OoОоIІl|.,]*[0-9])[0-9.,]*[OoОоIІl|][0-9OoОоIІl|.,]*|[OoОо])"
    r"(?![^\W\d_])"
)
_SIMPLE = re.compile(r"[0-9]{1,15}")


def from_cell(
    value: float | bool,
    kind: Kind,
    unit: str | None = None,
    percent_format: bool = False,
    scale: int = 1,
) -> Number:
    """Read a number that the file stores as a number.

    Excel keeps and shows 15 significant digits, so a fraction is taken with these: 1.1 + 2.2 is
    3.3, not 3.3000000000000003. In a column of percentages a fraction below 1 without a percent
    format has two readings; 1 and more are taken as percent.
    """
    if isinstance(value, bool):
        return rejected("number-is-boolean")
    if not math.isfinite(value):
        return rejected("number-not-finite")
    asked = column(kind, unit, scale)
    if percent_format and not asked.is_percent and (kind != "number" or asked.unit.base):
        return rejected("number-unit")
    exact = Decimal(int(value)) if value == int(value) else as_shown(value)
    if percent_format:
        exact = exact.scaleb(2, context=EXACT)
    result = whole(scaled(exact, None, asked))
    wrong = complaint(result, asked, percent_format)
    if wrong and isinstance(result, Decimal) and kind == "count":
        return replace(wrong, suggestion=_without_group_sign(result))
    return wrong or Number(result)


def whole_numbers(values: Sequence[object], least: float, most: float) -> list[int] | None:
    """Return the numbers of a column of whole numbers alone, from ``least`` to below ``most``."""
    if set(map(type, values)) != {float}:
        return None
    numbers = cast("Sequence[float]", values)
    if not all(map(float.is_integer, numbers)) or min(numbers) < least or max(numbers) >= most:
        return None
    return list(map(int, numbers))


def as_shown(value: float) -> Decimal:
    """Return a fraction with the digits that Excel keeps and shows of it."""
    return Decimal(format(value, _SHOWN_DIGITS))


def _without_group_sign(value: Decimal) -> str | None:
    """Return the count that an English Excel made a fraction of: 2.306 was typed for 2306.

    Only three decimals can have been a group; 2.3 may have been 2.300.
    """
    thousandfold = value.scaleb(3, context=EXACT)
    count = int(thousandfold)
    return str(count) if 1 <= value < 1000 and count == thousandfold else None


def from_date(
    value: dt.date | dt.time | dt.timedelta, format_code: str | None = None, kind: Kind = "number"
) -> Number:
    """Reject a date that Excel made of "3/7" or "12/82", and say what was probably typed.

    Excel sets ``d-mmm`` or ``mmm-yy`` by itself. Of a rank the smaller number stands first.
    """
    if not isinstance(value, dt.date):
        return rejected("number-is-date")
    day, month, year = value.day, value.month, f"{value.year % 100:02}"
    order = _order(format_code, value)
    if order == "my":
        return rejected("number-is-date", f"{month}/{year}")
    first, second = (month, day) if order == "md" else (day, month)
    if kind == "rank":
        first, second = sorted((first, second))
    return rejected("number-is-date", f"{first}/{second}")


def _order(format_code: str | None, value: dt.date) -> str:
    """Return the parts of a date in the order of its format, such as "dm" or "my"."""
    if not format_code:
        return "my" if value.day == 1 else "dm"
    letters = _LITERAL_PARTS.sub("", format_code.split(";")[0]).lower()
    order = "".join(dict.fromkeys(re.findall("[dmy]", letters)))
    return order if order in ("dm", "md", "my") else "dm"


def parse(
    typed: str,
    kind: Kind,
    unit: str | None = None,
    scale: int = 1,
    dot_decimals: bool = False,
    by_heading: bool = False,
) -> Number:
    """Read a number from text; what is not Vietnamese grammar comes back as an error.

    ``scale`` is that of the heading, 10**6 for "(triệu đồng)". ``dot_decimals``: the column also
    holds decimals with a point, so that "53.211" has two readings. ``by_heading``: the unit is the
    heading's, and "850 triệu" names it again; in a row whose own unit is "triệu đồng" it may scale
    twice.
    """
    if _SIMPLE.fullmatch(typed) and kind == "count":
        return Number(int(typed))
    stripped = typed.strip()
    if len(stripped) > LONGEST:
        return rejected("number-format")
    return _parse(stripped, column(kind, unit, scale, dot_decimals, by_heading))


@lru_cache(maxsize=1 << 14)
def _parse(typed: str, asked: Column) -> Number:
    text = half_width(typed)
    number = _read(text, asked)
    if number.value is None and not number.missing and _LETTERS.search(text):
        return _slip(text, asked) or number
    return number


def _read(text: str, asked: Column) -> Number:
    return _word(text, asked) or _with_remark(text, asked)


def _slip(text: str, asked: Column) -> Number | None:
    """Reject a letter typed for a digit ("2O", "l5"), and propose the digits."""
    if text.endswith("l") and not asked.is_whole:
        return None  # "5l" may be litres
    digits = _LETTERS.sub(lambda found: found[0].translate(_AS_DIGITS), text)
    if _read(digits, asked).value is None:
        return None
    letters = "".join(dict.fromkeys(a for a, b in zip(text, digits, strict=True) if a != b))
    return replace(rejected("number-format", digits), letters=letters)


def _word(text: str, asked: Column) -> Number | None:
    """Read cells that hold a sign or a word in the place of a number."""
    if says_nothing(text):
        return Number(None, missing=True)
    if is_cross(text):
        return Number(None, (("not-applicable", None),), missing=True)
    if key(text) == "không" and asked.kind != "rank":
        return Number(0, (("word-zero", None),))
    return None


def _with_remark(text: str, asked: Column) -> Number:
    """Take a remark in brackets off the end; a unit in brackets is a unit."""
    found = _REMARK.fullmatch(text)
    if not found:
        return _fraction(text, asked) or _quantity(text, asked)
    main, remark = found.groups()
    if looks_like_unit(remark) and is_known(read_unit(remark)):
        return _quantity(f"{main} {remark}", asked)
    number = _fraction(main, asked) or _quantity(main, asked)
    if number.value is None:
        return number
    codes = (*number.codes, ("number-note", None))
    return Number(number.value, codes, number.bound, remark, fraction=number.fraction)


def _fraction(text: str, asked: Column) -> Number | None:
    """Read "25/82": a rank and its size, and nothing anywhere else."""
    found = _FRACTION.fullmatch(text)
    parts = [read_digits(part) for part in found.groups()] if found else []
    values = [whole(part.value) for part in parts if part]
    if len(values) < 2:
        return None
    rank, size = values
    if not isinstance(rank, int) or not isinstance(size, int):
        return rejected("number-fraction")
    if asked.kind == "rank" and rank and size:
        return Number(rank, fraction=(rank, size))
    return rejected("number-fraction", fraction=(rank, size))


def _quantity(text: str, asked: Column) -> Number:
    """Read bound, digits and unit."""
    rest, bound = split_bound(text)
    if bound is None and _RANGE.fullmatch(text):
        return rejected("number-range")
    found = _QUANTITY.fullmatch(rest)
    digits = read_digits(found[1]) if found else None
    if not found or not digits or (found[2] and not looks_like_unit(found[2])):
        return rejected("number-format", _bare_rank(text) if asked.kind == "rank" else None)
    ambiguous = _ambiguity(digits, asked)
    if ambiguous:
        return ambiguous
    number = _measured(digits, _unit(found[2], asked), asked)
    if number.value is None or bound is None:
        return number
    return Number(number.value, (*number.codes, ("number-qualifier", None)), bound)


def _bare_rank(text: str) -> str | None:
    """What "hạng 3" and "xếp thứ 25/82" say without their words, to be proposed."""
    found = _RANKED.fullmatch(text)
    return found[1].replace(" ", "") if found else None


def _unit(words: str, asked: Column) -> Unit:
    """Read what stands behind the digits; in a column of points "95đ" are points, not đồng."""
    if asked.unit.base == POINTS and key(words) == "đ":
        return asked.unit
    return read_unit(words)


def _ambiguity(digits: Digits, asked: Column) -> Number | None:
    """Reject what Vietnamese and English readers would read a thousandfold apart."""
    doubtful = (digits.style == "one-dot" and (asked.dot_decimals or asked.is_percent)) or (
        digits.style == "one-comma" and (asked.dot_decimals or asked.is_whole)
    )
    if not doubtful:
        return None
    thousands = digits.value if digits.style == "one-dot" else digits.value.scaleb(3)
    return rejected("number-ambiguous", f"{int(thousands)}; {as_typed(thousands.scaleb(-3))}")


def _measured(digits: Digits, typed: Unit, asked: Column) -> Number:
    """Bring digits with the unit that was typed into the column's unit."""
    is_again = typed.base in ("", asked.unit.base) and typed.scale == asked.unit.scale > 1
    if is_again and asked.by_row:
        return rejected("number-unit", as_typed(digits.value))
    if not _agrees(typed, asked):
        return rejected("number-unit")
    names_its_scale = typed.scale > 1 or (typed.base == DONG and asked.unit.scale > 1)
    result = whole(scaled(digits.value, typed if names_its_scale else None, asked))
    codes: list[Code] = [(digits.code, None)] if digits.code else []
    if names_its_scale:
        codes.append(("number-scaled", None))
    if typed.base not in ("", DONG, PERCENT):
        codes.append(("number-unit", None))
    return complaint(result, asked, typed.base == PERCENT) or Number(result, tuple(codes))


def _agrees(typed: Unit, asked: Column) -> bool:
    """Whether the unit that was typed can be the column's."""
    if typed == Unit(1, ""):
        return True
    if asked.kind == "rank" or (asked.is_percent and typed.base != PERCENT):
        return False
    if typed.base == "":
        return True
    if asked.kind == "count":
        counted = typed.base not in (DONG, PERCENT) and is_known(typed)
        return counted and not counts_another(typed.base, asked.unit.base)
    if typed.base != DONG and typed.scale == 1 < asked.unit.scale:
        return False
    if asked.unit.base == "":
        return is_known(typed)
    return restates(typed.base, asked.unit.base)


def column_has_dot_decimals(typed: Iterable[object]) -> bool:
    """Whether a column holds a number whose decimal sign can only be a point: "12.5", "0.700"."""
    foreign = {"number-dot-decimal", "number-us-format"}
    return any(
        code in foreign
        for value in typed
        if isinstance(value, str) and ("." in value or "," in value)
        for code, _ in parse(value, "number").codes
    )
