"""What a number format makes of a number: a date, or digits with words, a scale and a sign."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Literal

from thidua_analysis.excel.cells import Sheet

#: Codes behind the numbers that every program knows (ECMA-376 part 1, 18.8.30), as far as they
#: change what a number means.
BUILTIN = {
    **dict.fromkeys((5, 6), '"$"#,##0;("$"#,##0)'),
    **dict.fromkeys((7, 8), '"$"#,##0.00;("$"#,##0.00)'),
    9: "0%",
    10: "0.00%",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}

#: Text in quotes, escaped and padding characters, colours, conditions and locales.
_LITERAL = re.compile(r'"[^"]*"?|[\\_*].|\[[^\]]*\]', re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
#: Excel stores no longer code; on a longer one the patterns here would take their time.
LONGEST = 255
#: First serial number after the last date that Excel knows, 31 December 9999.
_END = 2_958_466
_DAYS_TO_1904 = 1_462
_DAY_MILLISECONDS = 86_400_000


def own_code(code: str) -> str:
    """Return a code as a workbook stores it in the form used here: ``""`` for General."""
    return "" if code.lower() == "general" else code[:LONGEST]


@lru_cache(maxsize=1024)
def date_kind(code: str) -> Literal["date", "duration"] | None:
    """Return what the code makes of a number: a date or time, an elapsed time, or neither."""
    if _ELAPSED.search(re.sub(r'"[^"]*"?', "", code)):
        return "duration"
    bare = _LITERAL.sub("", code)
    return "date" if _DATE_LETTER.search(bare) else None


def to_number(text: str) -> float | None:
    """Return the number that a file stores as text, None if it is none."""
    # Python takes 1_000 for a number
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def from_serial(
    serial: float, code: str, date_1904: bool = False
) -> float | dt.date | dt.datetime | dt.time | dt.timedelta:
    """Return what a number with a format code stands for: days since the epoch, or itself."""
    kind = date_kind(code)
    if kind is None or not abs(serial) < _END:  # nor is what is no number at all
        return serial
    if kind == "duration":
        return dt.timedelta(days=serial)
    days, milliseconds = divmod(round(serial * _DAY_MILLISECONDS), _DAY_MILLISECONDS)
    end = _END - _DAYS_TO_1904 if date_1904 else _END
    return _moment(days, milliseconds, date_1904) if 0 <= days < end else serial


def _moment(days: int, milliseconds: int, date_1904: bool) -> dt.date | dt.datetime | dt.time:
    rest = dt.timedelta(milliseconds=milliseconds)
    if days == 0:
        return (dt.datetime.min + rest).time()
    day = _epoch(days, date_1904) + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time()) + rest if milliseconds else day


def _epoch(days: int, date_1904: bool) -> dt.date:
    if date_1904:
        return dt.date(1904, 1, 1)
    # Excel counts a 29 February 1900, which never was
    return dt.date(1899, 12, 30) if days >= 60 else dt.date(1899, 12, 31)


#: Excel keeps and shows 15 significant digits.
_SHOWN_DIGITS = ".15g"
_EXACT = Context(prec=400)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<=": le, ">=": ge, "<>": ne, "<": lt, ">": gt, "=": eq,
}  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<condition>\[\s*(?P<sign><=|>=|<>|[<>=])\s*(?P<limit>[-+]?[0-9]*\.?[0-9]+(?:E[-+]?[0-9]{1,2})?)\s*\])
    |\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    |(?P<aside>\[[^\]]*\]|_.)
    |\*(?P<fill>.)
    |"(?P<quoted>[^"]*)"?
    |\\(?P<escaped>.)
    |(?P<text>@)
    |(?P<number>General|[0\#?](?:[0\#?,]*[0\#?])?(?P<least>,*)(?:\.[0\#?]*)?(?:E[-+]?[0\#?]+
        |\s*/\s*[0-9\#?]+)?(?P<scale>,*)|\.[0\#?]+(?P<lower>,*))
    |(?P<percent>%)
    |(?P<bare>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_MINUS = ("-", "−", "–")
_NOTHING = frozenset("-–—−.… ")
_ENDS_IN_DIGIT = re.compile(r"[0-9][\s.,/]*$")
_BEGINS_IN_DIGIT = re.compile(r"[\s.,]*[0-9]")
#: From so many digits on, points between them can have one meaning only.
_GROUPED_FROM = 7


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a format: what stands before and behind the digits."""

    before: str
    behind: str
    #: whether it shows the number at all
    shows: bool
    is_text: bool = False
    #: whether signs between or against the digits make them read as another number
    strange: bool = False
    #: how often the number is divided by a thousand, and multiplied by a hundred
    thousands: int = 0
    hundreds: int = 0
    #: digits before the decimal comma, with zeros in front where the number has fewer
    least: int = 1
    groups: bool = False
    condition: tuple[str, float] | None = None

    @property
    def has_minus(self) -> bool:
        """Whether a sign of its own says that the number is negative."""
        before = self.before.rstrip()
        return before.endswith(_MINUS) or (before.endswith("(") and ")" in self.behind)

    @property
    def is_plain(self) -> bool:
        """Whether it shows the number with nothing that changes or qualifies it."""
        says_more = self.before.strip() not in ("", "+") or self.behind.strip()
        changes = self.thousands or self.hundreds or self.strange or self.condition
        return self.shows and not (says_more or changes) and self.least < 2

    @property
    def is_percent(self) -> bool:
        """Whether it shows a percentage and says nothing more."""
        said = (self.before + self.behind).strip()
        return said == "%" and self.hundreds == 1 and not (self.thousands or self.strange)

    @property
    def is_blank(self) -> bool:
        """Whether it shows a zero as a dash or as nothing."""
        return not (self.shows and self.least) and set(self.before + self.behind) <= _NOTHING

    def without_sign(self) -> _Section:
        """Return it without the sign or the brackets that stand for "negative", if it has one."""
        if not self.has_minus:
            return self
        before = self.before.rstrip()
        behind = self.behind.replace(")", "", 1) if before.endswith("(") else self.behind
        return replace(self, before=before[:-1], behind=behind)


@dataclass(frozen=True, slots=True)
class _Format:
    numbers: tuple[_Section, ...]
    text: _Section | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows: ``text`` in place of its number, or something that contradicts it."""

    text: str | None = None
    is_percent: bool = False
    contradicts: bool = False


_AS_STORED = Shown()
_CONTRADICTS = Shown(contradicts=True)


def as_seen(sheet: Sheet) -> None:
    """Put what a person sees into the cells whose format says more than their number.

    They get texts such as "48,5 tỷ đồng", and their number stays in ``stored``; percentages stay
    numbers. Cells that show another number than they store, or none, are in ``unlike``.
    """
    for (row, column), code in sheet.formats.items():
        value = sheet.value(row, column)
        if not is_telling(code) or type(value) not in (float, int, str) or value == "":
            continue
        found = shown(value, code)
        if found.is_percent:
            sheet.percents.add((row, column))
        elif found.contradicts:
            sheet.unlike.add((row, column))
        elif found.text is not None:
            sheet.stored[row, column] = value
            sheet.rows[row - 1][column - 1] = found.text


@lru_cache(maxsize=1024)
def is_telling(code: str) -> bool:
    """Whether a format may show something else than the number that a cell stores.

    ``#,##0" đ"`` and ``0.0%`` may; dates and the usual accounting formats do not.
    """
    if not code or date_kind(code):
        return False
    form = _parsed(code)
    positive, *others = form.numbers
    is_usual = (
        (form.text is None or form.text.is_plain)
        and positive.is_plain
        and all(one.has_minus and one.without_sign().is_plain for one in others[:1])
        and all(zero.is_plain or zero.is_blank for zero in others[1:])
    )
    return not is_usual


@lru_cache(maxsize=1 << 12)
def shown(value: float | str, code: str) -> Shown:
    """Return what a cell shows of its value under a code that `is_telling`.

    The digits are those of the stored number, never rounded as the format rounds them:
    ``20.750.000.000 đ`` under ``#,##0" đ"``.
    """
    form = _parsed(code)
    if isinstance(value, str):
        return _text(value, form.text)
    section, drops_sign = _chosen(value, form.numbers)
    if section is None or not math.isfinite(value):
        return _AS_STORED
    if not section.shows:
        return _words(value, section, form)
    is_negative = value < 0
    if (section.has_minus and value > 0) or (is_negative and drops_sign and not section.has_minus):
        return _CONTRADICTS
    bare = section.without_sign()
    if bare.is_percent:
        return Shown(is_percent=True)
    if bare.strange:
        return _CONTRADICTS
    digits, is_padded = _digits(abs(value), bare)
    before, behind = bare.before.lstrip(), bare.behind.rstrip()
    if before == "+" and not is_negative:
        before = ""
    if not (before or behind or bare.thousands or bare.hundreds or is_padded):
        return _AS_STORED
    if is_negative:
        before = before + "-" if section.has_minus else "-" + before
    return Shown(f"{before}{digits}{behind}")


def _text(value: str, section: _Section | None) -> Shown:
    """Text under the section for texts."""
    if section is None:
        return _AS_STORED
    said = f"{section.before}{value if section.shows else ''}{section.behind}".strip()
    if section.shows:
        return _AS_STORED if said == value.strip() else Shown(said)
    return Shown(said) if said else _CONTRADICTS


def _words(value: float, section: _Section, form: _Format) -> Shown:
    """Words in the place of a number: what they say must not be another number."""
    said = section.before.strip()
    # accounts show a zero as a dash, with their currency: "- ₫"
    if set(said) <= _NOTHING or not _NOTHING.isdisjoint(said.split()):
        is_zero = value == 0 and any(one.shows for one in form.numbers)
        return _AS_STORED if is_zero else _CONTRADICTS
    says_zero = said.casefold() == "không"
    if re.search("[0-9]", said) or (says_zero and value != 0):
        return _CONTRADICTS
    return Shown(said)


def _digits(value: float, section: _Section) -> tuple[str, bool]:
    """Digits of a number in the section's scale, and whether zeros stand before it."""
    exact = Decimal(int(value)) if value == int(value) else Decimal(format(value, _SHOWN_DIGITS))
    exact = exact.scaleb(2 * section.hundreds - 3 * section.thousands, context=_EXACT)
    whole, _, decimals = f"{exact:f}".partition(".")
    is_padded = len(whole) < section.least
    if section.groups and len(whole) >= _GROUPED_FROM:
        whole = f"{int(whole):,}".replace(",", ".")
    decimals = decimals.rstrip("0")
    return whole.zfill(section.least) + (f",{decimals}" if decimals else ""), is_padded


def _chosen(value: float, sections: tuple[_Section, ...]) -> tuple[_Section | None, bool]:
    """Return the section for a number, and whether it shows negative numbers without their sign."""
    first, *others = sections
    if not others and not first.condition:
        return first, False
    has_zero = len(others) > 1 or any(one.condition for one in others)
    above = first.condition or (">" if has_zero else ">=", 0.0)
    below = (others[0].condition or (("<", 0.0) if len(others) > 1 else None)) if others else None
    if _holds(above, value):
        return first, _is_negative(above)
    if others and below is None:
        return others[0], above in ((">", 0.0), (">=", 0.0))
    if below and _holds(below, value):
        return others[0], _is_negative(below)
    return (others[1], False) if len(others) > 1 else (None, False)


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, limit = condition
    return _COMPARE[sign](value, limit)


def _is_negative(condition: tuple[str, float]) -> bool:
    """Whether it holds for negative numbers alone."""
    sign, limit = condition
    return (sign in ("<", "<=") and limit <= 0) or (sign == "=" and limit < 0)


@lru_cache(maxsize=1024)
def _parsed(code: str) -> _Format:
    parts = [""]
    for token in _TOKEN.finditer(code):
        # semicolons within texts are part of their token
        if token["bare"] == ";":
            parts.append("")
        else:
            parts[-1] += token[0]
    sections = tuple(map(_section, parts))
    if len(sections) > 3:
        return _Format(sections[:3], sections[3])
    last = sections[-1] if sections[-1].is_text else None
    return _Format(sections[:-1] if last and len(sections) > 1 else sections, last)


def _section(part: str) -> _Section:
    tokens = list(_TOKEN.finditer(part))
    condition = next(((t["sign"], float(t["limit"])) for t in tokens if t["condition"]), None)
    numbers = [n for n, t in enumerate(tokens) if t["number"] or t["text"]]
    if not numbers:
        return _Section("".join(map(_literal, tokens)), "", shows=False, condition=condition)
    first, last = numbers[0], numbers[-1]
    before = "".join(map(_literal, tokens[:first]))
    behind = "".join(map(_literal, tokens[last + 1 :]))
    patterns = [tokens[n]["number"] or "" for n in numbers]
    between = [said for t in tokens[first + 1 : last] if (said := _literal(t))]
    whole = re.split("[.E/]", "".join(patterns), flags=re.IGNORECASE)[0]
    return _Section(
        before,
        behind,
        shows=True,
        is_text=any(t["text"] for t in tokens),
        strange=not _is_grouping(between, patterns)
        or bool(_ENDS_IN_DIGIT.search(before) or _BEGINS_IN_DIGIT.match(behind)),
        thousands=sum(len(tokens[last][name] or "") for name in ("least", "scale", "lower")),
        hundreds=sum(bool(t["percent"]) for t in tokens),
        least=max(whole.count("0"), patterns[0] in ("", "General")),
        groups="," in whole.rstrip(","),
        condition=condition,
    )


def _is_grouping(between: list[str], patterns: list[str]) -> bool:
    """Whether signs between digits only part thousands, as points do in Vietnam."""
    if not between or any("/" in pattern for pattern in patterns):
        return True
    sizes = {len(pattern.partition(".")[0]) for pattern in patterns[1:]}
    return len(set(between)) == 1 and between[0] in (".", " ") and sizes == {3}


def _literal(token: re.Match[str]) -> str:
    """What a token of a format shows as it stands."""
    if fill := token["fill"]:
        # it fills the width of the column: a digit that is repeated would make another number
        return fill if fill.isalnum() else ""
    if token["aside"]:
        return " " if token["aside"].startswith("_") else ""
    shown = ("currency", "quoted", "escaped", "percent", "bare")
    return next((token[name] for name in shown if token[name]), "")
