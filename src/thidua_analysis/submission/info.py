"""The sheet that says who reports on what: labels, each with its value beside, below or behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from thidua_analysis.excel import Position, address
from thidua_analysis.form.model import Field, forms
from thidua_analysis.submission.row_words import readings
from thidua_analysis.submission.texts import SheetTexts, is_blank
from thidua_analysis.vietnamese.text import key

_LONGEST_LABEL = 200
#: more labels than this are no sheet that says who reports
_MOST_LABELS = 1000
#: so many labels make any sheet the one that says who reports
_ENOUGH = 3
#: how far from its label a value may stand
_STEPS_BESIDE = 4
_STEPS_BELOW = 2
#: the number of a label: "1. Đơn vị báo cáo"
_NUMBERED = re.compile(r"\s*\d{1,2}\s*[.)/-]\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class Label:
    """A label found on a sheet; ``inline`` is the text behind its colon."""

    field: Field
    row: int
    column: int
    inline: str | None = None
    is_alias: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Where the value of a field stands; ``inline`` where it shares the label's cell."""

    row: int
    column: int
    inline: str | None = None

    @property
    def place(self) -> Position:
        """Row and column of the cell."""
        return self.row, self.column

    @property
    def address(self) -> str:
        """Address of the cell."""
        return address(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Info:
    """The sheet `Thông tin`, or another that bears its labels: field → where its value stands.

    ``labels`` are all labels, each with the place of its value; ``below`` says that the values
    stand under them.
    """

    texts: SheetTexts
    said: Mapping[str, Said]
    labels: tuple[tuple[Label, Said], ...]
    below: bool

    @property
    def is_named(self) -> bool:
        """Whether the sheet bears the name that the form gives it."""
        return key(self.texts.sheet.name) in _sheet_names()

    @property
    def is_complete(self) -> bool:
        """Whether a sheet of that name bears several labels."""
        return self.is_named and len(self.said) >= _ENOUGH

    @property
    def is_enough(self) -> bool:
        """Whether the sheet is one that says who reports, and not one with a label in a title."""
        return self.is_named or len(self.said) >= _ENOUGH


def find_infos(texts: Iterable[SheetTexts]) -> list[Info]:
    """What the sheets say about who reports; first those that are meant for it.

    A sheet is meant for it by its name, else by three labels or more.
    """
    found = [info for of_sheet in texts if (info := info_on(of_sheet))]
    return sorted(
        found, key=lambda info: (not info.is_enough, not info.is_complete, -len(info.said))
    )


def info_on(texts: SheetTexts) -> Info | None:
    """The labels of a sheet with the places of their values; None where it bears none."""
    labels = _labels_on(texts)
    if not labels:
        return None
    taken = {(label.row, label.column) for label in labels}
    beside = sum((label.row, label.column + 1) in taken for label in labels)
    below = beside > sum((label.row + 1, label.column) in taken for label in labels)
    placed = tuple((label, _place(texts, label, taken, below)) for label in labels)
    # as the form prints it before an alias, and one with a value before one without
    ranked = sorted(placed, key=lambda one: (one[0].is_alias, not _is_filled(texts, one[1])))
    said: dict[str, Said] = {}
    for label, place in ranked:
        said.setdefault(label.field.name, place)
    return Info(texts, said, placed, below)


def _is_filled(texts: SheetTexts, said: Said) -> bool:
    at, sheet = (said.row, said.column), texts.sheet
    is_typed = bool(said.inline) or not is_blank(sheet.value(*at))
    return is_typed or at in sheet.errors or at in sheet.uncalculated


@cache
def _sheet_names() -> frozenset[str]:
    return frozenset(key(form.info.sheet) for form in forms().values())


@cache
def _known() -> dict[str, tuple[Field, bool]]:
    """Comparison form of a label → field, and whether it is only an alias."""
    return {
        text: (asked, text != key(asked.heading))
        for form in forms().values()
        for text, asked in form.info.labels.items()
    }


@lru_cache(maxsize=1 << 14)
def may_be_label(raw: str) -> bool:
    """Whether a text reads like a label, in any spelling or encoding."""
    if len(raw) > _LONGEST_LABEL:
        return False
    return any(_read_label(reading) for reading in readings(raw))


@lru_cache(maxsize=1 << 10)
def _read_label(text: str) -> tuple[Field, str | None, bool] | None:
    """Field that a text labels, what stands behind its colon, and whether it is an alias."""
    label, _, rest = _NUMBERED.sub("", text).partition(":")
    found = _known().get(key(text)) or _known().get(key(label))
    return (found[0], rest.strip() or None, found[1]) if found else None


def _labels_on(texts: SheetTexts) -> list[Label]:
    """Labels of the form on a sheet, from top to bottom and from left to right."""
    labelled = set(filter(may_be_label, texts.strings))
    if not labelled:
        return []
    found = list(islice(_labels(texts, labelled), _MOST_LABELS))
    places = {(label.row, label.column): label for label in found}
    return [one for one in found if not (one.is_alias and _is_value(one, places, texts))]


def _labels(texts: SheetTexts, labelled: set[str]) -> Iterator[Label]:
    for row, cells in enumerate(texts.sheet.rows, 1):
        if labelled.isdisjoint(cells):
            continue
        for column, raw in enumerate(cells, 1):
            if isinstance(raw, str) and raw in labelled:
                read = _read_label(texts.shown(row, column))
                if read:
                    yield Label(read[0], row, column, read[1], read[2])


def _is_value(label: Label, places: Mapping[Position, Label], texts: SheetTexts) -> bool:
    """Whether a text that looks like a label is the value of another: "Năm" of "Kỳ báo cáo"."""
    text = key(texts.shown(label.row, label.column))
    for at in ((label.row, label.column - 1), (label.row - 1, label.column)):
        other = places.get(at)
        if other and other.field.codes:
            codes = other.field.codes
            return any(text in f.code_index.get(codes, {}) for f in forms().values())
    return False


def _place(texts: SheetTexts, label: Label, taken: set[Position], below: bool) -> Said:
    """Where the value of a label stands: behind it, or the first filled cell beside or below."""
    if label.inline:
        return Said(label.row, label.column, label.inline)
    steps = [(n, 0) for n in range(1, _STEPS_BELOW + 1)]
    if not below:
        steps = [(0, n) for n in range(1, _STEPS_BESIDE + 1)]
    places: list[Position] = []
    for down, right in steps:
        at = label.row + down, label.column + right
        if at in taken:
            break
        places.append(at)
    for at in places:
        if _is_filled(texts, Said(*at)):
            return Said(*at)
    row, column = places[0] if places else (label.row, label.column)
    return Said(row, column)


_SAID = re.compile(r"([^0-9]*[^0-9\s])\s*([0-9]{1,4})")
_DIGITS = re.compile("[0-9]+")


def own_number(text: str, asked: Field) -> str | None:
    """Return the number of a text that says nothing else but how its label begins.

    Parameters
    ----------
    text
        What was typed: "Lần 2", "Lần gửi 2", "Năm báo cáo 2023".
    asked
        The field.
    """
    said = _SAID.fullmatch(key(text))
    if said is None or int(said[2]) == 0:
        return None
    labels = (f"{key(label)} " for label in (asked.heading, *asked.aliases))
    return said[2] if any(label.startswith(f"{said[1]} ") for label in labels) else None


def only_number(text: str) -> str | None:
    """Return the only number in a text, to be proposed: "2" in "Lần thứ 2"."""
    numbers = _DIGITS.findall(text)
    number = int(numbers[0]) if len(numbers) == 1 and len(numbers[0]) <= 4 else 0
    return str(number) if number else None
