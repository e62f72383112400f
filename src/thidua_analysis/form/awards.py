"""The list of awards (danh hiệu thi đua, hình thức khen thưởng) and how they are spelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Literal

from msgspec import field
from msgspec.structs import replace

from thidua_analysis.findings import ConfigError
from thidua_analysis.form import config
from thidua_analysis.form.config import Entry
from thidua_analysis.vietnamese.text import key

FILE = "awards.toml"

Subject = Literal["individual", "collective", "household"]
#: who receives an award → the count that they stand in
COUNTED_AS: dict[Subject, str] = {
    "individual": "individuals",
    "collective": "collectives",
    "household": "households",
}


class Award(Entry):
    """An award as the law and the official forms know it.

    ``levels`` are those that decide on it: one level means that the name fixes it, several mean
    that the row's level completes the name. ``family`` picks its column in forms 0602.N, 0603.N.
    A name that is ``incomplete`` alone ("Bằng khen") means the award of its family and level.
    ``subjects`` are those who may receive it; none named: anyone.
    """

    name: str
    family: str
    levels: tuple[str, ...]
    aliases: tuple[str, ...]
    subjects: tuple[Subject, ...] = ()
    ranked: bool = False
    incomplete: bool = False
    status_only: bool = False
    from_: int | None = field(default=None, name="from")
    until: int | None = None


class _AwardList(Entry):
    """The file: ``words`` are words and their full or usual spelling, ``bodies`` who gives awards.

    An alias that holds ``{body}`` stands for one alias a body.
    """

    words: dict[str, str]
    bodies: tuple[str, ...]
    award: tuple[Award, ...]


_RANKS = {"nhất": "1", "nhì": "2", "ba": "3", "i": "1", "ii": "2", "iii": "3"}
_RANK = re.compile(r"[-–,(\s]*(?:\bhạng\s+(nhất|nhì|ba|iii|ii|i|1|2|3)|h\.?\s?([123]))$")
_OPTIONAL = re.compile(r"\b(?:của|cấp|bch|btv|btt)\s+")
#: who gives awards beside the bodies of the list
_AUTHORITIES = tuple(
    f"ubnd {at}" for at in ("tỉnh", "huyện", "thành phố", "thị xã", "xã", "phường")
)


@cache
def _list() -> _AwardList:
    """The file, with an alias for each body."""
    read = config.packaged(_AwardList, __package__, FILE)[FILE]
    award = tuple(
        replace(one, aliases=tuple(_in_full(one.aliases, read.bodies))) for one in read.award
    )
    return replace(read, award=award)


def _in_full(aliases: Iterable[str], bodies: Iterable[str]) -> Iterator[str]:
    for alias in aliases:
        if "{body}" in alias:
            yield from (alias.replace("{body}", body) for body in bodies)
        else:
            yield alias


@cache
def _words() -> re.Pattern[str]:
    longest_first = sorted(_list().words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


@cache
def _placed() -> re.Pattern[str]:
    """Who gives an award, with the name of the province, district or commune behind."""
    bodies = (*_AUTHORITIES, *map(_with_usual_words, _list().bodies))
    longest_first = sorted(set(bodies), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})(?: [^\W\d_]+){{1,3}}$")


def _with_usual_words(text: str) -> str:
    folded = _words().sub(lambda found: _list().words[found[0]], key(text))
    return _OPTIONAL.sub("", folded)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Comparison form of an award.

    sỹ = sĩ, TW = Trung ương, BK = Bằng khen and the like; "của", "cấp", "BCH", "BTV" and the name
    of the province, district or commune are optional.

    Examples
    --------
    >>> fold("BK của UBND tỉnh Lai Châu") == fold("Bằng khen Ủy ban nhân dân tỉnh")
    True
    """
    folded = _with_usual_words(key(text).replace("/", ", "))
    return _placed().sub(r"\1", folded)


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
    """Every award by the comparison form of each of its spellings."""
    index: dict[str, Award] = {}
    for award in _list().award:
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
def never_given_to(text: str) -> tuple[Subject, ...]:
    """Who cannot receive the award that a text names; nobody where it is not known.

    Examples
    --------
    >>> never_given_to("Tập thể lao động xuất sắc")
    ('individual', 'household')
    >>> never_given_to("Giấy khen")
    ()
    """
    award = match(text)
    if award is None or not award.subjects:
        return ()
    return tuple(one for one in COUNTED_AS if one not in award.subjects)


@lru_cache(maxsize=4096)
def canonical(text: str, level: str | None = None) -> str:
    """Name under which an award is counted: one for all its spellings; unknown ones as typed.

    A name that says too little alone is completed by the level of its row, where one award of
    its family is of that level alone.

    Examples
    --------
    >>> canonical("HCLĐ hạng III")
    'Huân chương Lao động hạng Ba'
    >>> canonical("BKTTg"), canonical("Bằng khen", "state")
    ('Bằng khen của Thủ tướng Chính phủ', 'Bằng khen của Thủ tướng Chính phủ')
    """
    award = match(text)
    if award is None:
        return text
    if award.incomplete:
        meant = {a.name for a in _list().award if (a.family, a.levels) == (award.family, (level,))}
        return meant.pop() if len(meant) == 1 else award.name
    rank = _split_rank(text)[1] if award.ranked else None
    names = {"1": "Nhất", "2": "Nhì", "3": "Ba"}
    return f"{award.name} hạng {names[rank]}" if rank else award.name
