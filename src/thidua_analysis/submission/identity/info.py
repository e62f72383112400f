"""The sheet that says who reports on what: labels, each with its value beside, below or behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from thidua_analysis.excel import Position, address
from thidua_analysis.form import Field, forms
from thidua_analysis.submission.text.sheet_texts import SheetTexts, is_blank
from thidua_analysis.submission.text.usual import quick_key, readings
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
    def address(self) -> str:
        """Address of the cell."""
        return address(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Info:
    """The sheet `Thông tin`, or another that bears its labels: field → where its value stands."""

    texts: SheetTexts
    said: Mapping[str, Said]


def find_info(texts: Iterable[SheetTexts]) -> Info | None:
    """The sheet that bears most of the form's labels: by its name, else by three or more."""
    best: tuple[SheetTexts, list[Label]] | None = None
    for of_sheet in texts:
        labels = labels_on(of_sheet)
        named = key(of_sheet.sheet.name) in _sheet_names()
        if (
            labels
            and (named or len(labels) >= _ENOUGH)
            and (not best or len(labels) > len(best[1]))
        ):
            best = of_sheet, labels
    return Info(best[0], _places(*best)) if best else None


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
    quick = quick_key(raw)
    if quick is not None and not _NUMBERED.match(raw):
        return quick in _known()
    return any(_read_label(reading) for reading in readings(raw))


@lru_cache(maxsize=1 << 10)
def _read_label(text: str) -> tuple[Field, str | None, bool] | None:
    """Field that a text labels, what stands behind its colon, and whether it is an alias."""
    label, _, rest = _NUMBERED.sub("", text).partition(":")
    found = _known().get(key(text)) or _known().get(key(label))
    return (found[0], rest.strip() or None, found[1]) if found else None


def labels_on(texts: SheetTexts) -> list[Label]:
    """Labels of the form on a sheet, at most one a field: as the form prints it before an alias."""
    labelled = set(filter(may_be_label, texts.telling))
    if not labelled:
        return []
    found = list(islice(_labels(texts, labelled), _MOST_LABELS))
    places = {(label.row, label.column): label for label in found}
    best: dict[str, Label] = {}
    for label in found:
        if label.is_alias and _is_value(label, places, texts):
            continue
        other = best.get(label.field.name)
        if other is None or (other.is_alias and not label.is_alias):
            best[label.field.name] = label
    return sorted(best.values(), key=lambda label: (label.row, label.column))


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


def _places(texts: SheetTexts, labels: list[Label]) -> dict[str, Said]:
    taken = {(label.row, label.column) for label in labels}
    beside = sum((label.row, label.column + 1) in taken for label in labels)
    below = sum((label.row + 1, label.column) in taken for label in labels)
    return {label.field.name: _place(texts, label, taken, beside > below) for label in labels}


def _place(texts: SheetTexts, label: Label, taken: set[Position], below: bool) -> Said:
    """Where the value of a label stands: behind it, or the first filled cell beside or below."""
    if label.inline:
        return Said(label.row, label.column, label.inline)
    steps = [(n, 0) for n in range(1, _STEPS_BELOW + 1)]
    if not below:
        steps = [(0, n) for n in range(1, _STEPS_BESIDE + 1)]
    sheet = texts.sheet
    places: list[Position] = []
    for down, right in steps:
        at = label.row + down, label.column + right
        if at in taken:
            break
        places.append(at)
    for at in places:
        if not is_blank(sheet.value(*at)) or at in sheet.errors or at in sheet.uncalculated:
            return Said(*at)
    row, column = places[0] if places else (label.row, label.column)
    return Said(row, column)
