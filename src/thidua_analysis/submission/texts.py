"""What cells show: texts in whatever encoding, values as text; what was agreed to put for them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Annotated, Any

from msgspec import Meta

from thidua_analysis.excel import Position, Sheet, Workbook, position
from thidua_analysis.excel.cells import Value, is_blank
from thidua_analysis.form.config import Entry
from thidua_analysis.form.forms import current
from thidua_analysis.form.model import heading_key
from thidua_analysis.submission.rows import Datum
from thidua_analysis.vietnamese.cell_text import Text, may_be_legacy, read_text, supporting_words
from thidua_analysis.vietnamese.numbers import from_cell, parse
from thidua_analysis.vietnamese.text import REMEMBERED, clean, key

_BLANK = Text(None)
_Said = Annotated[str, Meta(min_length=1)]
#: signs and letters of Latin-1 that composed Vietnamese never has and legacy text is full of
_STRANGE = re.compile("[\u00a1-\u00bfÄ-ÇËÎ-ÑÖ-ØÛÜÞ-ßä-çëî-ñö-øûüþÿ]")
#: texts that are alike to so many percent may mean the same
_AT_LEAST = 75
#: a message names so many accepted texts
_MOST_NAMED = 8
#: a sieve remembers so many texts
_MOST_SIFTED = 1 << 16


class Sieve:
    """Finds the few of many texts of which something holds.

    Texts of which it does not hold are remembered, up to a bound: on the next sheet with the same
    ones they are passed over all at once.
    """

    def __init__(self, holds: Callable[[str], object]) -> None:
        self._holds, self._others = holds, set[str]()

    def __call__(self, texts: Set[str]) -> set[str]:
        """Return those of the texts of which it holds."""
        unknown = texts - self._others
        found = set(filter(self._holds, unknown))
        if len(found) < len(unknown):
            if len(self._others) + len(unknown) > _MOST_SIFTED:
                self.cache_clear()
            short = (text for text in unknown - found if len(text) <= REMEMBERED)
            self._others.update(islice(short, _MOST_SIFTED))
        return found

    def cache_clear(self) -> None:
        """Forget all texts."""
        self._others.clear()


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
        """Whether some text of the sheet may be in a legacy encoding.

        Only then may what a text says depend on where it stands.
        """
        return _STRANGE.search("\n".join(self.strings)) is not None

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
        if not self.is_strange or not may_be_legacy(raw):
            return read_text(raw)
        if not (_support(raw) or self.majority):
            return read_text(raw)
        at = row, column
        return read_text(raw, self.sheet.font(*at), self.majority, self.sheet.runs.get(at, ()))

    def at(self, row: int, column: int) -> Text:
        """Text at a position; blank where the cell holds no text."""
        value = self.sheet.value(row, column)
        if not isinstance(value, str) or not value.strip():
            return _BLANK
        return self.of(value, row, column)

    def shown(self, row: int, column: int) -> str:
        """Best reading of a text cell for finding headings and titles; ``""`` where none."""
        return self.at(row, column).best


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


class Correction(Entry):
    """One entry of ``data/raw/corrections.toml``.

    ``file`` is the path below ``data/raw``; ``expected`` the text that the cell shows in the file
    as received (``""`` for a blank cell).
    """

    file: _Said
    sheet: _Said
    cell: Annotated[str, Meta(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")]
    expected: str
    #: text, number or day
    replacement: Any
    reason: _Said
    reported_on: dt.date

    def __post_init__(self) -> None:
        """Refuse what no cell holds."""
        if type(self.replacement) not in (str, int, float, dt.date):
            raise ValueError("replacement")

    @property
    def words(self) -> str:
        """What was done and why, as lineage shows it."""
        change = f"“{self.expected}” → “{self.replacement}”"
        return f"{change} ({self.reported_on:%d/%m/%Y}: {self.reason})"


class CorrectionList(Entry):
    """Everything that ``data/raw/corrections.toml`` says."""

    corrections: tuple[Correction, ...] = ()


def apply(
    book: Workbook, wanted: Iterable[Correction]
) -> tuple[Workbook, tuple[Correction, ...], tuple[Correction, ...]]:
    """Put replacements into the cells of a workbook, also over errors and blank formulas.

    Returned with it are the corrections whose cell shows the expected text, and are applied, and
    those whose cell no longer does.
    """
    sheets = {clean(sheet.name): sheet for sheet in book.sheets}
    applied: list[Correction] = []
    stale: list[Correction] = []
    for one in wanted:
        sheet = sheets.get(clean(one.sheet))
        if sheet is None or _shown(sheet, *position(one.cell)) != clean(one.expected):
            stale.append(one)
            continue
        sheets[clean(one.sheet)] = _replaced(sheet, *position(one.cell), one.replacement)
        applied.append(one)
    made = replace(book, sheets=tuple(sheets[clean(sheet.name)] for sheet in book.sheets))
    return made, tuple(applied), tuple(stale)


def _shown(sheet: Sheet, row: int, column: int) -> str:
    if (row, column) in sheet.errors:
        return sheet.errors[row, column]
    return clean(shown(sheet.value(row, column)))


def _replaced(sheet: Sheet, row: int, column: int, value: Value) -> Sheet:
    rows = [list(cells) for cells in sheet.rows]
    rows += [[] for _ in range(row - len(rows))]
    line = rows[row - 1]
    line += [None] * (column - len(line))
    line[column - 1] = float(value) if isinstance(value, int) else value
    errors = {place: text for place, text in sheet.errors.items() if place != (row, column)}
    return replace(
        sheet,
        rows=rows,
        errors=errors,
        uncalculated=sheet.uncalculated - {(row, column)},
        unlike=sheet.unlike - {(row, column)},
    )


class OwnHeadings(Entry):
    """One entry of ``data/raw/mappings.toml``: headings on a member's sheet → fields of a table.

    Years in the name of the sheet and in headings stand for that of any report.
    """

    member: _Said
    sheet: _Said
    table: _Said
    headings: Annotated[dict[str, str], Meta(min_length=1)]


class OwnHeadingList(Entry):
    """Everything that ``data/raw/mappings.toml`` says."""

    mappings: tuple[OwnHeadings, ...] = ()


def with_form_headings(
    book: Workbook, wanted: Iterable[OwnHeadings], member: str | None
) -> Workbook | None:
    """Put the form's headings in place of a member's own; None where there are none."""
    own = [one for one in wanted if one.member == member]
    sheets = tuple(_with_headings(sheet, own) for sheet in book.sheets)
    changed = any(new is not old for new, old in zip(sheets, book.sheets, strict=True))
    return replace(book, sheets=sheets) if changed else None


def _with_headings(sheet: Sheet, own: Sequence[OwnHeadings]) -> Sheet:
    """The sheet with the form's headings: where one first stands, and wherever two stand."""
    meant = {
        heading_key(heading): current("unit").table(one.table).by_name[field].heading
        for one in own
        if heading_key(one.sheet) == heading_key(sheet.name)
        for heading, field in one.headings.items()
    }
    texts, rows, done = SheetTexts(sheet), list(sheet.rows), set[str]()
    for number, cells in enumerate(sheet.rows if meant else ()):
        read = {c: heading_key(texts.shown(number + 1, c + 1)) for c in range(len(cells))}
        found = {c: text for c, text in read.items() if text in meant}
        if len(found) > 1 or not done.issuperset(found.values()):
            rows[number] = [meant[found[c]] if c in found else v for c, v in enumerate(cells)]
            done.update(found.values())
    return replace(sheet, rows=rows) if done else sheet
