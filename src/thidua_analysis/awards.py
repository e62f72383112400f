"""The list of awards (danh hiệu thi đua, hình thức khen thưởng) and how they are spelt."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from pydantic import Field

from thidua_analysis import config
from thidua_analysis.config import Entry
from thidua_analysis.errors import ConfigError
from thidua_analysis.vietnamese.text import key

FILE = "awards.toml"


class Award(Entry):
    """An award as the law and the official forms know it.

    ``levels`` are those that decide on it: one level means that the name fixes it, several mean
    that the row's level completes the name. ``family`` picks its column in forms 0602.N, 0603.N.
    """

    name: str
    family: str
    levels: tuple[str, ...]
    aliases: tuple[str, ...]
    ranked: bool = False
    status_only: bool = False
    from_: int | None = Field(default=None, alias="from")
    until: int | None = None


class _AwardList(Entry):
    award: tuple[Award, ...]


_RANKS = {"nhất": "1", "nhì": "2", "ba": "3", "i": "1", "ii": "2", "iii": "3"}
_RANK = re.compile(r"[,\s]*\b(?:hạng\s+(nhất|nhì|ba|iii|ii|i|1|2|3)|h([123]))$")
_OPTIONAL = re.compile(r"\b(?:của|cấp)\s+")
_CENTRAL = re.compile(r"\b(?:tw|t\.ư|tư)(?=\s|$)")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Comparison form of an award: sỹ = sĩ, TW = Trung ương, "của" and "cấp" optional."""
    folded = key(text).replace("chiến sỹ", "chiến sĩ").replace("/", ", ")
    folded = _CENTRAL.sub("trung ương", folded)
    folded = re.sub(r"\s*,\s*", ", ", folded)
    return _OPTIONAL.sub("", folded)


@lru_cache(maxsize=4096)
def _split_rank(text: str) -> tuple[str, str | None]:
    folded = fold(text)
    found = _RANK.search(folded)
    if not found:
        return folded, None
    rank = found[1] or found[2]
    return folded[: found.start()], _RANKS.get(rank, rank)


@cache
def awards() -> dict[str, Award]:
    """Every award by the comparison form of each of its spellings.

    Raises
    ------
    ConfigError
        If two awards share a spelling.
    """
    text = (resources.files(__package__) / "forms" / FILE).read_text(encoding="utf-8")
    index: dict[str, Award] = {}
    for award in config.parse(_AwardList, text, FILE).award:
        for spelling in (award.name, *award.aliases):
            other = index.setdefault(fold(spelling), award)
            if other is not award:
                raise ConfigError(
                    "config-collision",
                    file=FILE,
                    spelling=spelling,
                    first=other.name,
                    second=award.name,
                )
    return index


@cache
def names() -> tuple[str, ...]:
    """Names of all awards, in the order of the list."""
    return tuple(dict.fromkeys(award.name for award in awards().values()))


@lru_cache(maxsize=4096)
def match(text: str) -> Award | None:
    """Return the award that a text names exactly, in any accepted spelling; else None.

    Examples
    --------
    >>> match("Huân chương Lao động hạng III").name
    'Huân chương Lao động'
    >>> match("Chiến sỹ thi đua cơ sở").levels
    ('grassroots',)
    >>> match("Hộ sản xuất kinh doanh giỏi") is None
    True
    """
    whole = awards().get(fold(text))
    if whole is not None:
        return whole
    base, rank = _split_rank(text)
    found = awards().get(base)
    return found if rank and found and found.ranked else None


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """Name under which an award is counted: one for all its spellings; unknown ones as typed.

    Examples
    --------
    >>> canonical("HCLĐ hạng III")
    'Huân chương Lao động hạng Ba'
    >>> canonical("BKTTg")
    'Bằng khen của Thủ tướng Chính phủ'
    """
    award = match(text)
    if award is None:
        return text
    rank = _split_rank(text)[1] if award.ranked else None
    names = {"1": "Nhất", "2": "Nhì", "3": "Ba"}
    return f"{award.name} hạng {names[rank]}" if rank else award.name
