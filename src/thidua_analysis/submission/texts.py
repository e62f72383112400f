"""What cells show: texts in whatever encoding, values as text, texts that look alike."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain

from thidua_analysis.excel import Position, Sheet
from thidua_analysis.excel.cells import Value, is_blank
from thidua_analysis.submission.rows import Datum
from thidua_analysis.vietnamese.cell_text import Text, may_be_legacy, read_text, supporting_words
from thidua_analysis.vietnamese.numbers import from_cell, parse
from thidua_analysis.vietnamese.text import key

_BLANK = Text(None)
#: signs and letters of Latin-1 that composed Vietnamese never has and legacy text is full of
_STRANGE = re.compile("[\u00a1-\u00bfÄ-ÇËÎ-ÑÖ-ØÛÜÞ-ßä-çëî-ñö-øûüþÿ]")
#: texts that are alike to so many percent may mean the same
_AT_LEAST = 75
#: a message names so many accepted texts
_MOST_NAMED = 8


class SheetTexts:
    """Reads the text of one sheet's cells, with what all its texts say of their encoding."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    @cached_property
    def strings(self) -> frozenset[str]:
        """All different texts of the sheet, as stored."""
        different = set(chain.from_iterable(self.sheet.rows))
        return frozenset(value for value in different if isinstance(value, str))

    @cached_property
    def blanks(self) -> frozenset[str]:
        """Texts of the sheet that show nothing."""
        return frozenset(text for text in self.strings if not text or text.isspace())

    @cached_property
    def is_strange(self) -> bool:
        """Whether some text of the sheet may be in a legacy encoding."""
        return _STRANGE.search("\n".join(self.strings)) is not None

    @cached_property
    def plain(self) -> Mapping[str, Text]:
        """What the texts of the sheet say; none where that may depend on where they stand."""
        return {} if self.is_strange else {raw: read_text(raw) for raw in self.strings}

    @cached_property
    def majority(self) -> str | None:
        """The legacy encoding for which most words of the sheet speak, if any does."""
        cells = chain.from_iterable(self.sheet.rows)
        times = Counter(value for value in cells if isinstance(value, str))
        votes: Counter[str] = Counter()
        for raw, count in times.items():
            for encoding, words in _support(raw).items():
                votes[encoding] += words * count
        if not votes:
            return None
        (best, most), *others = votes.most_common(2)
        return best if most >= 3 and (not others or most > 2 * others[0][1]) else None

    def of(self, raw: str, row: int, column: int) -> Text:
        """Text of a cell whose raw text is known; ``row`` and ``column`` count from 1."""
        if known := self.plain.get(raw):
            return known
        is_told = self.is_strange and may_be_legacy(raw)
        if not is_told or not (_support(raw) or self.majority):
            return read_text(raw)
        at = row, column
        return read_text(raw, self.sheet.fonts.get(at), self.majority, self.sheet.runs.get(at, ()))

    def at(self, row: int, column: int) -> Text:
        """Text at a position; blank where the cell holds no text."""
        value = self.sheet.value(row, column)
        if not isinstance(value, str) or not value.strip():
            return _BLANK
        return self.of(value, row, column)

    def shown(self, row: int, column: int) -> str:
        """Best reading of a text cell for finding headings and titles; ``""`` where none."""
        found = self.at(row, column)
        return found.value or found.suggestion or ""


@lru_cache(maxsize=1 << 15)
def _support(raw: str) -> Counter[str]:
    """Legacy encodings for which words of a text speak, with their number."""
    return supporting_words(raw)


def shows(sheet: Sheet, at: Position) -> bool:
    """Whether a cell holds something, shows an error or lacks its result."""
    return not is_blank(sheet.value(*at)) or at in sheet.errors or at in sheet.uncalculated


def nearest(text: str, accepted_texts: Iterable[str]) -> str | None:
    """The at most two accepted texts that look most like a text, parted by ``"; "``."""
    return _nearest(text, tuple(accepted_texts))


@lru_cache(maxsize=4096)
def _nearest(text: str, accepted_texts: tuple[str, ...]) -> str | None:
    from rapidfuzz import fuzz, process  # only needed where something is wrong

    different = {key(one): one for one in reversed(accepted_texts)}
    scored = process.extract(
        text, list(different.values()), scorer=fuzz.ratio, processor=str.casefold, limit=2
    )
    return "; ".join(best for best, score, _ in scored if score >= _AT_LEAST) or None


def accepted(texts: Iterable[str]) -> str:
    """A list of accepted texts for a message."""
    listed = list(texts)
    return "; ".join(listed[:_MOST_NAMED]) + ("; …" if len(listed) > _MOST_NAMED else "")


def is_filled(value: Value) -> bool:
    """Whether a cell holds something."""
    return value is not None and value != ""


def amount(value: Value) -> int | Decimal | None:
    """Number in a cell, also one typed as text; None where it holds none."""
    if isinstance(value, str):
        return parse(value, "number").value if value.strip() else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return from_cell(value, "number").value


def shown(value: Value) -> str:
    """A cell's value as the sender sees it, for messages and lineage."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return "" if value is None else str(value)


def as_percent(value: Value) -> str:
    """The value of a cell of percentages as the sender sees it: 0.7 is 70%."""
    if not isinstance(value, float):
        return shown(value)
    percent = from_cell(value, "percent", percent_format=True).value
    return shown(value) if percent is None else f"{spoken(percent)}%"


def spoken(value: Datum) -> str:
    """A number in Vietnamese digits, other values as text, for messages."""
    if isinstance(value, dt.date):
        return shown(value)
    if not isinstance(value, (int, Decimal)):
        return value or ""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")
