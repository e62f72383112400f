"""What a person sees in a cell: its number with the words, scale and sign of its number format."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

from thidua_analysis.excel.cells import Position, Sheet, Value
from thidua_analysis.excel.styles import date_kind

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
    """One section of a format: what stands before and behind the digits.

    ``shows`` is whether it shows the number at all; ``strange`` whether it puts signs between or
    against the digits, so that they read as another number.
    """

    before: str
    behind: str
    shows: bool
    is_text: bool = False
    strange: bool = False
    thousands: int = 0
    hundreds: int = 0
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


def as_seen(sheet: Sheet, codes: Mapping[Position, str]) -> Sheet:
    """Put what a person sees into the cells of a sheet whose format says more than their number.

    Parameters
    ----------
    sheet
        The sheet as stored.
    codes
        Number format codes of its cells; those that `is_telling` denies may be left out.

    Returns
    -------
    Sheet
        With texts such as "48,5 tỷ đồng" for numbers, which stay in ``stored``; percentages stay
        numbers. Cells that show another number, or none, are in ``unlike``.
    """
    changed: dict[int, list[Value]] = {}
    stored: dict[Position, Value] = {}
    percents: set[Position] = set()
    unlike: set[Position] = set()
    for position, code in codes.items():
        value = sheet.value(*position)
        if not is_telling(code) or type(value) not in (float, int, str) or value == "":
            continue
        found = shown(value, code)
        if found.is_percent:
            percents.add(position)
        elif found.contradicts:
            unlike.add(position)
        elif found.text is not None:
            row, column = position
            line = changed.setdefault(row, list(sheet.rows[row - 1]))
            stored[position], line[column - 1] = value, found.text
    if not (percents or unlike or changed):
        return sheet
    rows = [changed.get(row, cells) for row, cells in enumerate(sheet.rows, 1)]
    return replace(
        sheet,
        rows=rows if changed else sheet.rows,
        percents=percents,
        unlike=unlike,
        stored=stored,
    )


@lru_cache(maxsize=1024)
def is_telling(code: str) -> bool:
    """Whether a format may show something else than the number that a cell stores.

    Examples
    --------
    >>> is_telling('#,##0" đ"'), is_telling("0.0%"), is_telling('_(* #,##0_);_(* "-"_)')
    (True, True, True)
    >>> is_telling('_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)'), is_telling("dd/mm/yyyy")
    (False, False)
    """
    if not code or date_kind(code):
        return False
    form = _parsed(code)
    positive, *others = form.numbers
    negative = _without_sign(others[0]) if others and others[0].has_minus else None
    is_usual = (
        (form.text is None or form.text.is_plain)
        and positive.is_plain
        and not (others and (negative is None or not negative.is_plain))
        and all(zero.is_plain or _is_blank_zero(zero) for zero in others[1:])
    )
    return not is_usual


@lru_cache(maxsize=1 << 12)
def shown(value: float | str, code: str) -> Shown:
    """Return what a cell shows of its value.

    Parameters
    ----------
    value
        As stored.
    code
        Number format code that `is_telling`.

    Returns
    -------
    Shown
        The digits are those of the stored number, never rounded as the format rounds them.

    Examples
    --------
    >>> shown(20750000000.0, '#,##0" đ"').text, shown(0.5, '[<=1]0.0%;0.0"%"').is_percent
    ('20.750.000.000 đ', True)
    >>> shown(-5.0, "0;0").contradicts, shown(8.0, '">"0').text
    (True, '>8')
    """
    form = _parsed(code)
    if isinstance(value, str):
        return _text(value, form.text)
    if not math.isfinite(value):
        return _AS_STORED
    section, drops_sign = _chosen(value, form.numbers)
    if section is None:
        return _AS_STORED
    if not section.shows:
        return _words(value, section, form)
    negative = value < 0
    if (section.has_minus and value > 0) or (negative and drops_sign and not section.has_minus):
        return _CONTRADICTS
    bare = _without_sign(section) if section.has_minus else section
    if bare.is_percent:
        return Shown(is_percent=True)
    if bare.strange:
        return _CONTRADICTS
    digits, padded = _digits(abs(value), bare)
    before, behind = bare.before.lstrip(), bare.behind.rstrip()
    if before == "+" and not negative:
        before = ""
    if not (before or behind or bare.thousands or bare.hundreds or padded):
        return _AS_STORED
    if negative:
        before = before + "-" if section.has_minus else "-" + before
    return Shown(f"{before}{digits}{behind}")


def _text(value: str, section: _Section | None) -> Shown:
    """Text under the section for texts."""
    if section is None:
        return _AS_STORED
    if not section.shows:
        said = (section.before + section.behind).strip()
        return Shown(said) if said else _CONTRADICTS
    said = f"{section.before}{value}{section.behind}".strip()
    return _AS_STORED if said == value.strip() else Shown(said)


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
    padded = len(whole) < section.least
    if section.groups and len(whole) >= _GROUPED_FROM:
        whole = f"{int(whole):,}".replace(",", ".")
    decimals = decimals.rstrip("0")
    return whole.zfill(section.least) + (f",{decimals}" if decimals else ""), padded


def _chosen(value: float, sections: tuple[_Section, ...]) -> tuple[_Section | None, bool]:
    """Return the section for a number, and whether it shows negative numbers without their sign."""
    first, *others = sections
    if not any(one.condition for one in sections):
        if not others:
            return first, False
        if value < 0:
            return others[0], True
        return (others[1] if value == 0 and len(others) > 1 else first), False
    above = first.condition or (">", 0.0)
    if _holds(above, value):
        return first, _only_negative(above)
    if not others:
        return None, False
    below = others[0].condition or (("<", 0.0) if len(others) > 1 else None)
    if below is None:
        return others[0], above in ((">", 0.0), (">=", 0.0))
    if _holds(below, value):
        return others[0], _only_negative(below)
    return (others[1], False) if len(others) > 1 else (None, False)


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, limit = condition
    return _COMPARE[sign](value, limit)


def _only_negative(condition: tuple[str, float]) -> bool:
    sign, limit = condition
    return (sign in ("<", "<=") and limit <= 0) or (sign == "=" and limit < 0)


def _is_blank_zero(section: _Section) -> bool:
    """Whether it shows a zero as a dash or as nothing."""
    blank = not section.shows or section.least == 0
    return blank and set(section.before + section.behind) <= _NOTHING


def _without_sign(section: _Section) -> _Section:
    """Return a section without the sign or the brackets that stand for "negative"."""
    before, behind = section.before.rstrip(), section.behind
    if before.endswith("("):
        behind = behind.replace(")", "", 1)
    return replace(section, before=before[:-1], behind=behind)


@lru_cache(maxsize=1024)
def _parsed(code: str) -> _Format:
    sections = [_section(part) for part in _parts(code)]
    if len(sections) > 3:
        return _Format(tuple(sections[:3]), sections[3])
    if len(sections) > 1 and sections[-1].is_text:
        return _Format(tuple(sections[:-1]), sections[-1])
    only = sections[0]
    return _Format(tuple(sections), only if len(sections) == 1 and only.is_text else None)


def _parts(code: str) -> list[str]:
    """Cut a code at the semicolons that are no text."""
    parts = [""]
    for found in _TOKEN.finditer(code):
        if found["bare"] == ";":
            parts.append("")
        else:
            parts[-1] += found[0]
    return parts


def _section(part: str) -> _Section:
    """Read one section."""
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
        thousands=_commas(tokens[last]),
        hundreds=sum(bool(t["percent"]) for t in tokens),
        least=max(whole.count("0"), patterns[0] in ("", "General")),
        groups="," in whole.rstrip(","),
        condition=condition,
    )


def _commas(number: re.Match[str]) -> int:
    """How often a number is divided by a thousand."""
    return sum(len(number[name] or "") for name in ("least", "scale", "lower"))


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
    for name in ("currency", "quoted", "escaped", "percent", "bare"):
        if token[name]:
            return token[name]
    return ""
