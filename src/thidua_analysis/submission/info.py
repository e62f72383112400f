"""The sheet that says who reports: its labels with their values, and what nobody understands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile

from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import is_blank
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.forms import forms, of_forms
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission.heading_rows import are_headings
from thidua_analysis.submission.rows import readings
from thidua_analysis.submission.texts import SheetTexts, Sieve, nearest, shown, shows
from thidua_analysis.vietnamese.text import key

_LONGEST_LABEL = 200
#: more labels than this are no sheet that says who reports
_MOST_LABELS = 1000
#: so many labels make any sheet the one that says who reports
_ENOUGH = 3
#: how far from its label a value may stand, below and beside it
_STEPS_BELOW, _STEPS_BESIDE = 2, 4
#: a text longer than this explains and labels nothing
_LONGEST_UNKNOWN = 80
#: so many labels in a column make it the one of labels, on a sheet of another name
_ENOUGH_IN_LANE = 2
#: so far before the first and behind the last label others may stand
_MOST_BEYOND = 30
#: the number of a label: "1. Đơn vị báo cáo"
_NUMBERED = re.compile(r"\s*\d{1,2}\s*[.)/-]\s*(?=\D)")
_FEW = re.compile(r"(?:lần\s*)?(?:thứ\s*)?[1-9][0-9]?")
_SAID = re.compile(r"([^0-9]*[^0-9\s])\s*([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Label:
    """A label on a sheet; ``at`` is the cell of its value, ``inline`` the text behind its colon."""

    field: Field
    row: int
    column: int
    is_alias: bool
    inline: str | None
    at: Position = (0, 0)

    @property
    def place(self) -> Position:
        """Row and column of the label."""
        return self.row, self.column

    @property
    def address(self) -> str:
        """Address of the cell in which the value stands, or would stand."""
        return address(*self.at)


@dataclass(frozen=True, slots=True)
class Info:
    """The sheet `Thông tin`, or another that bears its labels.

    ``said`` is the label of each field whose value counts; ``below`` says that the values stand
    under them.
    """

    texts: SheetTexts
    said: Mapping[str, Label]
    labels: tuple[Label, ...]
    below: bool

    @property
    def is_named(self) -> bool:
        """Whether the sheet bears the name that the form gives it."""
        name = key(self.texts.sheet.name)
        return any(name == key(form.info.sheet) for form in forms().values())

    @property
    def is_enough(self) -> bool:
        """Whether the sheet is one that says who reports, and not one with a label in a title."""
        return self.is_named or len(self.said) >= _ENOUGH


def find_infos(texts: Iterable[SheetTexts]) -> list[Info]:
    """What the sheets say about who reports; first those that are meant for it.

    A sheet is meant for it by its name, else by three labels or more.
    """

    def rank(info: Info) -> tuple[bool, bool, int]:
        is_complete = info.is_named and len(info.said) >= _ENOUGH
        return not info.is_enough, not is_complete, -len(info.said)

    return sorted(filter(None, map(_info_on, texts)), key=rank)


def _info_on(texts: SheetTexts) -> Info | None:
    """The labels of a sheet with the places of their values; None where it bears none."""
    found = _labels_on(texts)
    if not found:
        return None
    taken = {label.place for label in found}
    beside = sum((label.row, label.column + 1) in taken for label in found)
    below = beside > sum((label.row + 1, label.column) in taken for label in found)
    labels = [replace(label, at=_value_of(texts, label, taken, below)) for label in found]

    def rank(label: Label) -> tuple[bool, bool]:
        # as the form prints it before an alias, and one with a value before one without
        return label.is_alias, not (label.inline or shows(texts.sheet, label.at))

    said: dict[str, Label] = {}
    for label in sorted(labels, key=rank):
        said.setdefault(label.field.name, label)
    return Info(texts, said, tuple(labels), below)


@of_forms
def _known() -> dict[str, tuple[Field, bool]]:
    """Comparison form of a label → field, and whether it is only an alias."""
    return {
        text: (asked, text != key(asked.heading))
        for form in forms().values()
        for text, asked in form.info.labels.items()
    }


@of_forms
@Sieve
def _may_be_labels(raw: str) -> bool:
    """Find the texts that read like labels, in any spelling or encoding."""
    return len(raw) <= _LONGEST_LABEL and any(map(_read_label, readings(raw)))


def _read_label(text: str) -> tuple[Field, bool, str | None] | None:
    """Field that a text labels, whether by an alias, and what stands behind its colon."""
    label, _, rest = _NUMBERED.sub("", text).partition(":")
    found = _known().get(key(text)) or _known().get(key(label))
    return (*found, rest.strip() or None) if found else None


def _labels_on(texts: SheetTexts) -> list[Label]:
    """Labels of the form on a sheet, from top to bottom and from left to right."""
    labelled = _may_be_labels(texts.strings)
    places = (
        (row, column)
        for row, cells in enumerate(texts.sheet.rows if labelled else (), 1)
        for column, raw in enumerate(cells, 1)
        if raw in labelled
    )
    read = ((at, _read_label(texts.shown(*at))) for at in places)
    labels = (Label(said[0], *at, *said[1:]) for at, said in read if said)
    found = list(islice(labels, _MOST_LABELS))
    fields = {label.place: label.field for label in found}
    return [one for one in found if not (one.is_alias and _is_value(one, fields, texts))]


def _is_value(label: Label, fields: Mapping[Position, Field], texts: SheetTexts) -> bool:
    """Whether a text that looks like a label is the value of another: "Năm" of "Kỳ báo cáo"."""
    text = key(texts.shown(*label.place))
    neighbours = (label.row, label.column - 1), (label.row - 1, label.column)
    codes = next((c for at in neighbours if at in fields and (c := fields[at].codes)), None)
    return codes is not None and any(text in f.code_index.get(codes, {}) for f in forms().values())


def _value_of(texts: SheetTexts, label: Label, taken: set[Position], below: bool) -> Position:
    """Where the value of a label stands: behind it, or the first filled cell beside or below."""
    if label.inline:
        return label.place
    row, column = label.place
    places = [(row, column + n) for n in range(1, _STEPS_BESIDE + 1)]
    if below:
        places = [(row + n, column) for n in range(1, _STEPS_BELOW + 1)]
    free = places[: next((n for n, at in enumerate(places) if at in taken), None)]
    return next((at for at in free if shows(texts.sheet, at)), (free or [label.place])[0])


def own_number(text: str, asked: Field) -> str | None:
    """Return the number of a text that says nothing else but how the label of a field begins.

    "Lần 2", "Lần gửi 2", "Năm báo cáo 2023" hold one.
    """
    said = _SAID.fullmatch(key(text))
    if said is None or int(said[2]) == 0:
        return None
    labels = (f"{key(label)} " for label in (asked.heading, *asked.aliases))
    return said[2] if any(label.startswith(f"{said[1]} ") for label in labels) else None


def only_number(text: str) -> str | None:
    """Return the only number in a text, to be proposed: "2" in "Lần thứ 2"."""
    numbers = re.findall("[0-9]+", text)
    number = int(numbers[0]) if len(numbers) == 1 and len(numbers[0]) <= 4 else 0
    return str(number) if number else None


@dataclass(frozen=True, slots=True)
class _Lane:
    """The column of labels, or their row where values stand below.

    ``steps`` say how far from their labels values stand, ``fields`` where known labels do.
    """

    info: Info
    number: int
    steps: Sequence[int]
    fields: Mapping[int, str]

    def label_at(self, along: int) -> Position:
        """Cell of the lane."""
        return (self.number, along) if self.info.below else (along, self.number)

    def value_at(self, along: int) -> Position | None:
        """The first filled cell where the values of known labels stand."""
        row, column = self.label_at(along)
        below = self.info.below
        places = ((row + n, column) if below else (row, column + n) for n in self.steps)
        return next((at for at in places if shows(self.info.texts.sheet, at)), None)

    def stands_in(self, along: int, form: Form, asked: Field) -> bool:
        """Whether the known labels around a place are a field's neighbours in the form."""
        names = [None, *(f.name for f in form.info.fields), None]
        at = names.index(asked.name)
        before = max((n for n in self.fields if n < along), default=0)
        behind = min((n for n in self.fields if n > along), default=0)
        return [self.fields.get(before), self.fields.get(behind)] == names[at - 1 : at + 2 : 2]

    def places(self) -> Iterator[int]:
        """From the first label to the last, and on in both directions to a gap or a table."""
        first, last = min(self.fields), max(self.fields)
        before = range(first - 1, max(0, first - 1 - _MOST_BEYOND), -1)
        behind = range(last + 1, last + 1 + _MOST_BEYOND)
        yield from range(first, last + 1)
        yield from takewhile(self._goes_on, before)
        yield from takewhile(self._goes_on, behind)

    def _goes_on(self, along: int) -> bool:
        sheet = self.info.texts.sheet
        if not shows(sheet, self.label_at(along)) and self.value_at(along) is None:
            return False
        return self.info.below or not any(map(are_headings, sheet.rows[along - 1 : along]))


def label_findings(form: Form, info: Info) -> Iterator[Finding]:
    """Findings on what stands where labels stand and is none of the form's.

    It is an error where it may be the label of something that is not said elsewhere and for
    which the form has a default: that must not be taken in silence.
    """
    values = set().union(*(form.code_index[f.codes] for f in form.info.fields if f.codes))
    # an alias may as well be the value of a label that is not known: "Năm"
    known = {
        at
        for label in info.labels
        if not (label.is_alias and key(info.texts.shown(*label.place)) in values)
        for at in (label.place, label.at)
    }
    for lane in _lanes(info):
        for along in lane.places():
            if known.isdisjoint((lane.label_at(along), lane.value_at(along))):
                yield from filter(None, [_look(form, lane, along)])


def _lanes(info: Info) -> Iterator[_Lane]:
    lanes: dict[int, dict[int, Label]] = {}
    for label in info.labels:
        if not (label.is_alias and are_headings(info.texts.sheet.rows[label.row - 1])):
            row, column = label.place
            number, along = (row, column) if info.below else (column, row)
            lanes.setdefault(number, {})[along] = label
    for number, found in lanes.items():
        if len(found) >= _ENOUGH_IN_LANE or (info.is_named and len(lanes) == 1):
            steps = {one.at[0] - one.row + one.at[1] - one.column for one in found.values()}
            fields = {along: label.field.name for along, label in found.items()}
            yield _Lane(info, number, sorted(steps - {0}), fields)


def _look(form: Form, lane: _Lane, along: int) -> Finding | None:
    """What is wrong with a cell of the lane that is no known label."""
    info, at, place = lane.info, lane.label_at(along), lane.value_at(along)
    sheet = info.texts.sheet
    found = partial(finding, sheet=sheet.name, cell=address(*at))
    if at in sheet.errors:
        return found("formula-error", value=sheet.errors[at])
    if at in sheet.uncalculated:
        return found("formula-not-calculated")
    label, value = _shown(info, at), _shown(info, place) if place else ""
    is_text = isinstance(sheet.value(*at), str) and not is_blank(sheet.value(*at))
    if is_text and not place:
        label, _, value = label.partition(":")
    if not value.strip() or _is_covered(info, at) or (is_text and _is_no_label(label)):
        return None
    unsaid = [f for f in form.info.fields if f.name not in info.said]
    numbers = not is_text or 2 * len(info.said) >= len(form.info.fields)
    may_be = [
        f
        for f in unsaid
        if _fits(form, f, value, numbers=numbers)
        or (is_text and _resembles(form, f, label))
        or lane.stands_in(along, form, f)
    ]
    within = min(lane.fields) < along < max(lane.fields)
    if not may_be and (not within if not is_text or label.isupper() else not place and lane.steps):
        return None  # a title, a note or a table beside the labels
    may_be += [] if is_text else unsaid
    defaults = [f.heading for f in may_be if f.default is not None]
    near = nearest(label, (f.heading for f in unsaid)) if label else None
    meant = list(dict.fromkeys(f.heading for f in may_be))[:2]
    return found(
        "heading-unknown",
        severity="error" if defaults else None,
        value=label or None,
        suggestion=near or "; ".join(meant) or None,
        params={"of": "label-default", "missing": defaults[0]} if defaults else {"of": "label"},
    )


def _is_covered(info: Info, at: Position) -> bool:
    """Whether a cell lies under a merged one."""
    row, column = at
    return any(
        m.top <= row <= m.bottom and m.left <= column <= m.right and (m.top, m.left) != at
        for m in info.texts.sheet.merges
    )


def _shown(info: Info, at: Position) -> str:
    return info.texts.shown(*at) or shown(info.texts.sheet.value(*at))


def _fits(form: Form, asked: Field, value: str, *, numbers: bool) -> bool:
    """Whether a value is one that a field with a default takes."""
    if asked.codes:
        return key(value) in form.code_index[asked.codes]
    return numbers and asked.default is not None and _FEW.fullmatch(key(value)) is not None


def _resembles(form: Form, asked: Field, label: str) -> bool:
    """Whether a label looks like that of a field: alike, longer, or of the same first word."""
    said, heading = key(label), key(asked.heading)
    if nearest(said, (heading,)) or said.startswith(f"{heading} "):
        return True
    first = heading.split()[0]
    firsts = [key(f.heading).split()[0] for f in form.info.fields]
    return firsts.count(first) == 1 and said.split()[:1] == [first]


def _is_no_label(text: str) -> bool:
    """Whether a text is a title, a remark, a signature or guide text."""
    tests = row_words.is_title, row_words.is_remark, row_words.is_signature, row_words.is_signatory
    return len(text) > _LONGEST_UNKNOWN or any(test(text) for test in tests)
