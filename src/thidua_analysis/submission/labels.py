"""Labels of the sheet `Thông tin` that nobody understands: unknown, blank, numbers, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thidua_analysis.excel import Position, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission import row_words
from thidua_analysis.submission.columns import shown
from thidua_analysis.submission.heading_rows import are_headings
from thidua_analysis.submission.info import Info, Label
from thidua_analysis.submission.texts import is_blank, nearest
from thidua_analysis.vietnamese.text import key

#: a text longer than this explains and labels nothing
_LONGEST_LABEL = 80
#: so many labels in a column make it the one of labels, on a sheet of another name
_ENOUGH = 2
#: so far before the first and behind the last label others may stand
_MOST_BEYOND = 30
_FEW = re.compile(r"(?:lần\s*)?(?:thứ\s*)?[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class _Lane:
    """The column of labels, or their row where values stand below, and where its values stand."""

    info: Info
    number: int
    steps: tuple[int, ...]
    fields: Mapping[int, str]

    @property
    def first(self) -> int:
        """Where the first known label stands."""
        return min(self.fields)

    @property
    def last(self) -> int:
        """Where the last known label stands."""
        return max(self.fields)

    def stands_in(self, along: int, form: Form, asked: Field) -> bool:
        """Whether the known labels around a place are a field's neighbours in the form."""
        names = [None, *(f.name for f in form.info.fields), None]
        at = names.index(asked.name)
        before = max((n for n in self.fields if n < along), default=0)
        behind = min((n for n in self.fields if n > along), default=0)
        return [self.fields.get(before), self.fields.get(behind)] == names[at - 1 : at + 2 : 2]

    def label_at(self, along: int) -> Position:
        return (self.number, along) if self.info.below else (along, self.number)

    def value_at(self, along: int) -> Position | None:
        """The first filled cell where the values of known labels stand."""
        for step in self.steps:
            row, column = self.label_at(along)
            at = (row + step, column) if self.info.below else (row, column + step)
            if _is_filled(self.info, at):
                return at
        return None


def label_findings(form: Form, info: Info) -> Iterator[Finding]:
    """Findings on what stands where labels stand and is none of the form's.

    It is an error where it may be the label of something that is not said elsewhere and for
    which the form has a default: that must not be taken in silence.

    Parameters
    ----------
    form
        The form.
    info
        The sheet with its labels.
    """
    unsaid = [f for f in form.info.fields if f.name not in info.said]
    labels = [pair for pair in info.labels if not _may_be_value(form, info, pair[0])]
    known = {(at.row, at.column) for pair in labels for at in pair}
    for lane in _lanes(info):
        for along in _range(lane):
            at = lane.label_at(along)
            if at not in known and lane.value_at(along) not in known:
                yield from _look(form, lane, along, unsaid)


def _may_be_value(form: Form, info: Info, label: Label) -> bool:
    """Whether an alias may as well be the value of a label that is not known: "Năm"."""
    text = key(info.texts.shown(label.row, label.column))
    return label.is_alias and any(
        text in form.code_index[f.codes or ""] for f in form.info.fields if f.codes
    )


def _lanes(info: Info) -> Iterator[_Lane]:
    places: dict[int, dict[int, tuple[str, int]]] = {}
    for label, said in info.labels:
        row, column = label.row, label.column
        lane, along = (row, column) if info.below else (column, row)
        if not (label.is_alias and are_headings(info.texts.sheet.rows[row - 1])):
            step = said.row - row + said.column - column
            places.setdefault(lane, {})[along] = label.field.name, step
    for number, found in places.items():
        if len(found) < _ENOUGH and not (info.is_named and len(places) == 1):
            continue
        steps = sorted({step for _, step in found.values() if step})
        fields = {along: name for along, (name, _) in found.items()}
        yield _Lane(info, number, tuple(steps), fields)


def _range(lane: _Lane) -> Iterator[int]:
    """Places from the first label to the last, and on in both directions to a gap or a table."""
    yield from range(lane.first, lane.last + 1)
    for start, step in ((lane.first - 1, -1), (lane.last + 1, 1)):
        along = start
        while along > 0 and abs(along - start) < _MOST_BEYOND and not _is_gap(lane, along):
            yield along
            along += step


def _is_gap(lane: _Lane, along: int) -> bool:
    at = lane.label_at(along)
    if not _is_filled(lane.info, at) and lane.value_at(along) is None:
        return True
    rows = lane.info.texts.sheet.rows
    return not lane.info.below and along <= len(rows) and are_headings(rows[along - 1])


def _is_filled(info: Info, at: Position) -> bool:
    sheet = info.texts.sheet
    return not is_blank(sheet.value(*at)) or at in sheet.errors or at in sheet.uncalculated


def _look(form: Form, lane: _Lane, along: int, unsaid: Sequence[Field]) -> Iterator[Finding]:
    info, at, place = lane.info, lane.label_at(along), lane.value_at(along)
    sheet = info.texts.sheet
    if at in sheet.errors:
        yield _at(info, at, "formula-error", value=sheet.errors[at])
        return
    if at in sheet.uncalculated:
        yield _at(info, at, "formula-not-calculated")
        return
    label, value = _shown(info, at), _shown(info, place) if place else ""
    is_text = isinstance(sheet.value(*at), str) and not is_blank(sheet.value(*at))
    if is_text and not place:
        label, _, value = label.partition(":")
    if not value.strip() or _is_covered(info, at) or (is_text and _is_no_label(label)):
        return
    numbers = not is_text or 2 * len(info.said) >= len(form.info.fields)
    may_be = [
        f
        for f in unsaid
        if _fits(form, f, value, numbers=numbers)
        or (is_text and _resembles(form, f, label))
        or lane.stands_in(along, form, f)
    ]
    within = lane.first < along < lane.last
    if not may_be and (not within if not is_text or label.isupper() else not place and lane.steps):
        return  # a title, a note or a table beside the labels
    yield _unknown(info, at, label, unsaid, may_be if is_text else [*may_be, *unsaid])


def _unknown(
    info: Info, at: Position, label: str, unsaid: Sequence[Field], may_be: Sequence[Field]
) -> Finding:
    defaults = [f.heading for f in may_be if f.default is not None]
    near = nearest(label, (f.heading for f in unsaid)) if label else None
    is_meant = {f.heading: None for f in may_be}
    return _at(
        info,
        at,
        "heading-unknown",
        severity="error" if defaults else None,
        value=label or None,
        suggestion=near or ("; ".join(list(is_meant)[:2]) or None),
        params={"of": "label-default" if defaults else "label", "missing": defaults[0]}
        if defaults
        else {"of": "label"},
    )


def _at(info: Info, at: Position, code: str, **said: object) -> Finding:
    return finding(code, sheet=info.texts.sheet.name, cell=address(*at), **said)  # type: ignore[arg-type]


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
    if len(text) > _LONGEST_LABEL:
        return True
    tests = (
        row_words.is_title,
        row_words.is_remark,
        row_words.is_signature,
        row_words.is_signatory,
    )
    return any(test(text) for test in tests)
