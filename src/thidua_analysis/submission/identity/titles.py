"""What titles, file names and folders say about who reports on which year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from thidua_analysis.submission.tables.blocks import are_headings
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

_TITLE_ROWS = 12
_YEAR_IN_TITLE = re.compile(r"(?<!tháng [0-9] )(?<!tháng [0-9][0-9] )\bnăm\s+((?:19|20)[0-9]{2})\b")
_YEAR_IN_NAME = re.compile(r"(?<!\d)((?:19|20)[0-9]{2})(?!\d)")
_FOLDER = re.compile("(?:19|20)[0-9]{2}")
#: a title that begins so names somebody else
_ADDRESSED = ("kính gửi", "nơi nhận")


def titles(texts: Iterable[SheetTexts]) -> Iterator[str]:
    """Texts above the first headings of each sheet, as they are compared."""
    for of_sheet in texts:
        for row, cells in enumerate(of_sheet.sheet.rows[:_TITLE_ROWS], 1):
            if are_headings(cells):
                break
            for column, value in enumerate(cells, 1):
                if isinstance(value, str) and value:
                    yield key(of_sheet.shown(row, column))


def year_in_titles(texts: Iterable[SheetTexts]) -> int | None:
    """The one year that titles name ("BÁO CÁO NĂM 2023"); days are passed over."""
    years = {year for title in titles(texts) for year in _YEAR_IN_TITLE.findall(title)}
    return int(years.pop()) if len(years) == 1 else None


def years_named(name: str) -> list[int]:
    """Years that the name of a file or sheet states."""
    return [int(year) for year in _YEAR_IN_NAME.findall(name)]


def member_in_titles(texts: Iterable[SheetTexts], bloc: Bloc) -> str | None:
    """The one member that titles name: alone in its cell, else in full within a title."""
    lines = [t for t in titles(texts) if t and not t.startswith(_ADDRESSED)]
    alone = {member for line in lines if (member := bloc.match_member(line))}
    if alone:
        return alone.pop() if len(alone) == 1 else None
    named = {
        member
        for spelling, member in bloc.spellings.items()
        for line in lines
        if _contains(line, spelling)
    }
    return named.pop() if len(named) == 1 else None


def _contains(line: str, spelling: str) -> bool:
    full = spelling.endswith(" tỉnh") or " tỉnh " in spelling
    return full and f" {spelling} " in f" {line} "


def member_in_path(path: PurePath, bloc: Bloc) -> str | None:
    """The member whose name or id the file's name holds, between dashes or spaces."""
    stem = re.sub(r"[_\s]+", " ", _YEAR_IN_NAME.sub(" ", path.stem)).strip(" -")
    parts = [stem, *re.split(r"\s*[-–]\s*", stem), *stem.split(" "), *re.split(r"[\s.-]+", stem)]
    return next(filter(None, (bloc.match_member(part.strip()) for part in parts)), None)


def years_of_path(path: PurePath) -> Iterator[tuple[int, str]]:
    """Years that the file's name and its folder state, with words for the place."""
    named = set(_YEAR_IN_NAME.findall(path.stem))
    if len(named) == 1:
        yield int(named.pop()), path.name
    if _FOLDER.fullmatch(path.parent.name):
        yield int(path.parent.name), path.parent.name
