"""How headings and labels are spelt: comparison forms, brackets at the end, units, years."""

from __future__ import annotations

import re

from thidua_analysis.vietnamese.text import key
from thidua_analysis.vietnamese.units import DONG, read_unit

_BRACKET = re.compile(r"\s*\((?:\s*(?:ĐVT|Đơn vị(?: tính)?)\s*:)?([^()]*)\)\s*$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:0000|(?:19|20)\d\d)\b")


def heading_key(path: str) -> str:
    """Comparison form of a heading path: parts joined by `` > ``, years as ``{year}``.

    Examples
    --------
    >>> heading_key("Thực hiện năm 2023")
    'thực hiện năm {year}'
    """
    parts = (key(part) for part in path.replace("{year}", "0000").split(">"))
    return " > ".join(_YEAR.sub("{year}", part) for part in parts)


def years_in(text: str) -> set[int]:
    """Years that a text names."""
    return {int(year) for year in _YEAR.findall(text)}


def is_year(text: str) -> bool:
    """Whether a text is a year and nothing else."""
    return _YEAR.fullmatch(text) is not None


def without_bracket(text: str) -> tuple[str, str | None]:
    """Split a text from the bracket at its end.

    Examples
    --------
    >>> without_bracket("Giá trị (triệu đồng)")
    ('Giá trị', 'triệu đồng')
    >>> without_bracket("Giá trị (ĐVT: triệu đồng)")
    ('Giá trị', 'triệu đồng')
    """
    bracket = _BRACKET.search(text)
    return (text[: bracket.start()], bracket[1].strip()) if bracket else (text, None)


def money_scale(unit: str | None) -> int | None:
    """Đồng in one unit of money ("triệu đồng", "tr.đ", "tỷ"); None where it is no money.

    Examples
    --------
    >>> money_scale("1.000 đồng"), money_scale("người")
    (1000, None)
    """
    if not unit:
        return None
    named = read_unit(unit)
    is_money = named.base == DONG or (named.base == "" and named.scale > 1)
    return named.scale if is_money else None
