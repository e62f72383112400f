"""The digits of a number, exact, and what stands around them: bounds, scales, units."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import cache, lru_cache, wraps
from importlib.resources import files
from typing import Any, Literal, TypeVar, cast

from thidua_analysis.vietnamese.text import key, says_nothing

#: no rounding for any number that fits a cell's text
EXACT = Context(prec=400)
#: longer than any number somebody types; also keeps int() within its limit of digits
_LONGEST = 100

Called = TypeVar("Called", bound=Callable[..., Any])


def exactly(function: Called) -> Called:
    """Let a function add, subtract and multiply without rounding.

    The usual context keeps 28 digits, a number of 15 digits and 18 decimals has 33. What divides
    in it must say to how many digits.
    """

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return cast("Called", run)


def places(value: int | Decimal) -> int:
    """Count the decimals of a number, without zeros at its end.

    >>> places(5), places(Decimal("1.50"))
    (0, 1)
    """
    return max(0, -int(Decimal(value).normalize(EXACT).as_tuple().exponent))


def simplest(value: Any) -> Any:
    """Return a whole Decimal as int, another without zeros at its end, all else as it is."""
    if isinstance(value, Decimal):
        whole = int(value)
        return whole if whole == value else value.normalize(EXACT)
    return value


Style = Literal["plain", "one-dot", "one-comma", "vietnamese", "us", "dot-decimal", "space"]

#: tried in this order; (style, pattern, sign of the group, sign of the decimals)
_STYLES: tuple[tuple[Style, re.Pattern[str], str, str], ...] = (
    ("plain", re.compile(r"[0-9]+"), "", ""),
    ("one-dot", re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}"), ".", ""),
    ("one-comma", re.compile(r"[1-9][0-9]{0,2},[0-9]{3}"), "", ","),
    ("vietnamese", re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?|[0-9]+,[0-9]+"), ".", ","),
    ("us", re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?"), ",", "."),
    ("dot-decimal", re.compile(r"[0-9]+\.[0-9]+"), "", "."),
    (
        "space",
        re.compile(r"[1-9][0-9]{0,2}( [0-9]{3})+,[0-9]+|[1-9][0-9]{0,2}( [0-9]{3})+"),
        " ",
        ",",
    ),
)
_CODES: dict[Style, str] = {
    "us": "number-us-format",
    "dot-decimal": "number-dot-decimal",
    "space": "number-space-group",
}
_MINUS = ("-", "\u2212", "\u2013")


@dataclass(frozen=True, slots=True)
class Digits:
    """A number as its digits say it, before any unit."""

    value: Decimal
    style: Style

    @property
    def code(self) -> str | None:
        """The finding that the style of writing deserves."""
        return _CODES.get(self.style)


def read_digits(text: str) -> Digits | None:
    """Read digits with their separators and a sign; None where they follow no known grammar.

    A group never begins with 0, so that ``0.700`` is a decimal.
    """
    if len(text) > _LONGEST:
        return None
    negative = text.startswith(_MINUS)
    body = text[1:] if negative else text
    for style, pattern, group, decimals in _STYLES:
        if pattern.fullmatch(body):
            plain = body.replace(group, "") if group else body
            plain = plain.replace(decimals, ".") if decimals else plain
            return Digits(Decimal(f"-{plain}" if negative else plain), style)
    return None


Bound = Literal["ge", "gt", "le", "lt", "approx"]
DONG = "đồng"
#: scales that may stand before each other: "nghìn tỷ đồng"
_MOST_SCALES = 2
PERCENT = "%"
POINTS = "điểm"

#: letters only: "5²" and "5½" are other numbers than 5
_WORD = r"[^\W\d_\u00b2\u00b3\u00b9\u00bc-\u00be]{1,20}"
_UNIT = re.compile(
    rf"%|₫|(?:{_WORD}|[ckd]?m[23²³])(?:[ ./]{{1,2}}(?:{_WORD}|[ckd]?m[23²³])){{0,5}}\.?",
    re.IGNORECASE,
)
#: "từ 50 trở lên" is what "50 trở lên" is
_FROM = re.compile(r"từ\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: ``"triệu đồng"`` is 10⁶ × đồng, ``"hộ"`` 1 × hộ, ``"tỷ"`` 10⁹ × ""."""

    scale: int
    base: str


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("quantities.toml").read_text("utf-8"))


@cache
def known_units() -> frozenset[str]:
    """Comparison forms of the units on the list of usual ones."""
    return frozenset(key(word) for word in _words()["units"]["words"].split(","))


@cache
def _alike() -> dict[str, str]:
    """Units that may stand for each other in a count → their group; measures stand alone."""
    groups = dict(_words()["alike"])
    measures = map(key, groups.pop("measures").split(","))
    found = {measure: measure for measure in measures}
    for group, words in groups.items():
        found.update((key(word), group) for word in words.split(","))
    return found


@cache
def _scale_pattern() -> re.Pattern[str]:
    longest_first = sorted(_words()["scales"], key=len, reverse=True)
    return re.compile(rf"({'|'.join(longest_first)})(?: (.+))?")


def _spelt(name: str) -> str:
    """Bring spellings of one unit together."""
    spelt: str = _words()["spellings"].get(name, name)
    return f"{DONG}{spelt[1:]}" if spelt.startswith("đ/") else spelt


@lru_cache(maxsize=4096)
def read_unit(text: str) -> Unit:
    """Read the unit of a row or the words behind a number; blank is no unit."""
    if "%" in text:
        return Unit(1, PERCENT)
    whole = rest = "" if says_nothing(text.strip()) else key(text)
    scales: list[int] = []
    while (
        len(scales) <= _MOST_SCALES
        and not _dong(rest)
        and (scaled := _scale_pattern().fullmatch(rest))
    ):
        scales.append(_words()["scales"][scaled[1]])
        rest = scaled[2] or ""
    dong = _dong(rest)
    scales += [dong] if dong and dong > 1 else []
    if len(scales) > _MOST_SCALES or len(set(scales)) < len(scales):
        # nobody counts in "triệu triệu đồng"
        return Unit(1, whole)
    if rest in _words()["percent"]["words"]:
        return Unit(math.prod(scales), PERCENT)
    return Unit(math.prod(scales), DONG if dong else _spelt(rest))


def _dong(name: str) -> int | None:
    """Đồng in one unit of money: 10⁶ for "tr.đ"; None for what is no money."""
    found: int | None = _words()["dong"].get(re.sub("[ .]", "", name))
    return found


def looks_like_unit(text: str) -> bool:
    """Whether the words behind a number can be a unit at all: a few words without digits."""
    return _UNIT.fullmatch(text) is not None


def is_known(unit: Unit) -> bool:
    """Whether the unit is on the list of usual ones, or a price such as ``đồng/kg``."""
    if unit.base in ("", DONG, PERCENT) or unit.base in known_units():
        return True
    per = unit.base.partition("/")
    return per[0] == DONG and per[2] in known_units()


def is_currency(unit: Unit) -> bool:
    """Whether the unit is money of another country."""
    return unit.base in _currencies()


@cache
def _currencies() -> frozenset[str]:
    return frozenset(key(word) for word in _words()["currencies"]["words"].split(","))


def restates(typed: str, asked: str) -> bool:
    """Whether the unit behind a number is the row's own, in full or begun.

    "350 suất" restates "suất quà"; "5 hộ nghèo" is more than "hộ" and restates nothing.
    """
    return typed == asked or (asked.startswith(f"{typed} ") and typed not in (DONG, PERCENT))


def counts_another(typed: str, asked: str) -> bool:
    """Whether a unit counts something else than the column does.

    "5 hộ" is no number of persons and "1 năm" none of months; "5 đồng chí" is one of persons.
    """
    own, other = _alike().get(asked), _alike().get(typed)
    return own is not None and other not in (None, own)


@cache
def _bound_pattern(place: Literal["before", "after"]) -> tuple[re.Pattern[str], dict[str, Bound]]:
    bounds: dict[str, Bound] = {
        word: bound for bound, words in _words()[place].items() for word in words
    }
    words = "|".join(re.escape(word) for word in sorted(bounds, key=len, reverse=True))
    pattern = rf"({words})(?<=\W)\s*|({words})\s+" if place == "before" else rf"\s+({words})"
    return re.compile(pattern, re.IGNORECASE), bounds


def split_bound(text: str) -> tuple[str, Bound | None]:
    """Take the bound off a quantity: ``"trên 2.000"`` gives ``("2.000", "gt")``."""
    pattern, bounds = _bound_pattern("before")
    before = pattern.match(text)
    if before:
        return text[before.end() :], bounds[(before[1] or before[2]).lower()]
    pattern, bounds = _bound_pattern("after")
    after = re.search(pattern.pattern + "$", text, re.IGNORECASE)
    if after:
        return _FROM.sub("", text[: after.start()], count=1), bounds[after[1].lower()]
    return text, None


Kind = Literal["count", "number", "money", "percent", "rank"]
#: code of a finding, and its severity where it differs from the usual one
Code = tuple[str, Literal["error", "warning", "note"] | None]
RANK = "hạng"


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from a cell, or why there is none."""

    #: int where whole; money in đồng; None where missing or rejected
    value: int | Decimal | None
    codes: tuple[Code, ...] = ()
    bound: Bound | None = None
    #: what stood in brackets behind the number
    remark: str | None = None
    #: what may have been meant; two proposals are parted by "; "
    suggestion: str | None = None
    #: the cell says that there is no value ("-", "…", "x", blank)
    missing: bool = False
    #: the two numbers of "25/82"
    fraction: tuple[int, int] | None = None
    #: letters that were typed for digits: the "O" of "2O"
    letters: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What the column and the row ask for.

    ``by_row`` is whether the row's own unit names the scale, and not the heading.
    """

    kind: Kind
    unit: Unit
    dot_decimals: bool = False
    by_row: bool = False

    @property
    def is_percent(self) -> bool:
        """Whether values are percentages."""
        return self.unit.base == PERCENT

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers from 0 make sense."""
        return self.kind in ("count", "rank")


@lru_cache(maxsize=1024)
def column(
    kind: Kind,
    unit: str | None,
    scale: int = 1,
    dot_decimals: bool = False,
    by_heading: bool = False,
) -> Column:
    """Combine the kind of a column, the unit of the row and the scale in the heading.

    "Đơn vị: triệu đồng" above a table and the same in the heading scale once, so a unit that
    has a scale of its own takes the place of the heading's.
    """
    if scale != 10 ** _zeros(scale):
        raise ValueError(f"scale is no power of ten: {scale}")
    named = read_unit(unit or "")
    by_row = named.scale > 1 and not by_heading
    if kind == "percent":
        named = Unit(1, PERCENT)
    elif kind == "rank":
        named = Unit(1, RANK)
    elif kind == "money":
        named = Unit(named.scale if named.scale > 1 and named.base == DONG else scale, DONG)
    elif named.scale == 1:
        named = Unit(scale, named.base)
    return Column(kind, named, dot_decimals, by_row)


def rejected(
    code: str, suggestion: str | None = None, fraction: tuple[int, int] | None = None
) -> Number:
    """Return a number without value, with an error."""
    return Number(None, ((code, "error"),), suggestion=suggestion, fraction=fraction)


def whole(value: Decimal) -> int | Decimal:
    """Return an int where the value is whole; else the Decimal with the digits as typed."""
    return int(value) if value == value.to_integral_value(context=EXACT) else value


def scaled(value: Decimal, typed: Unit | None, asked: Column) -> Decimal:
    """Bring a value to the column's result, exactly, from a unit that names a scale of its own."""
    column_zeros = _zeros(asked.unit.scale)
    if typed is None and asked.kind != "money":
        return value
    if typed is None:
        return value.scaleb(column_zeros, context=EXACT)
    zeros = _zeros(typed.scale) - (0 if asked.kind == "money" else column_zeros)
    return value.scaleb(zeros, context=EXACT)


def _zeros(scale: int) -> int:
    return len(str(scale)) - 1


def as_typed(value: Decimal) -> str:
    """Write a value without grouping and with a decimal comma, for suggestions."""
    text = f"{value:f}".replace(".", ",")
    return text.rstrip("0").rstrip(",") if "," in text else text


def complaint(value: int | Decimal, asked: Column, signed: bool = False) -> Number | None:
    """Return the error of a value that its column cannot hold, if any.

    A value is signed if the cell itself says per cent, by a sign or by its number format.
    """
    if asked.is_whole and isinstance(value, Decimal):
        return rejected("number-not-integer")
    if asked.is_whole and value < 0:
        return rejected("number-negative")
    if asked.kind == "rank" and value == 0:
        return rejected("number-format")
    if asked.is_percent and not signed and isinstance(value, Decimal) and -1 < value < 1:
        percent = as_typed(value.scaleb(2, context=EXACT))
        return rejected("number-percent-scale", f"{as_typed(value)}%; {percent}%")
    return None
