"""What the labels of section rows say of the rows below them, and labels that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from thidua_analysis.excel import Position, address
from thidua_analysis.findings import CODES, Finding, finding
from thidua_analysis.form import Field, Form
from thidua_analysis.submission.columns.task import Values, shown
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.tables.headings import has_words
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.submission.text.signs import section_text
from thidua_analysis.vietnamese.text import key


def fill_sections(form: Form, texts: SheetTexts, part: Extract, found: list[Finding]) -> None:
    """Let the text of a section row stand for the field that the form names.

    A column of the field that is filled in any row goes before: a blank in it stays blank. The
    nearest section that the field accepts counts, so that a section "1. Tập thể" may stand under
    "I. CẤP TỈNH". A label that is blank or cannot be read is reported, and the rows of its
    section have no value; so is the nearest where a required field accepts none.
    """
    table = part.table
    if table.section is None or not (part.roles.sections or part.roles.unnamed):
        return
    asked = table.by_name[table.section]
    values = part.columns.setdefault(asked.name, Values([None] * len(part.roles.data)))
    if values.broken or any(value is not None for value in values.values):
        return
    labels = _Labels(form, texts, part, asked)
    for position, row in enumerate(part.roles.data):
        places = part.roles.sections.get(row, ())
        at = next((place for place in places if labels.counts(place)), None)
        if at and labels.value(at):
            values.values[position], values.places[position] = labels.value(at), at
        elif at or (places and asked.required):
            values.broken.add(position)
            labels.report(at or places[0])
    for place in part.roles.unnamed:
        labels.report(place)
    found.extend(labels.reported.values())
    found.extend(_errors_beside(part))


def _errors_beside(part: Extract) -> Iterator[Finding]:
    """Errors among the totals that stand beside the label of a section."""
    sheet, fields = part.sheet, part.table.by_name
    for row in part.roles.section_rows if sheet.errors or sheet.uncalculated else ():
        for name, column in part.located.columns.items():
            at = (row, column.column)
            if fields[name].is_numeric and (at in sheet.errors or at in sheet.uncalculated):
                error = sheet.errors.get(at)
                yield finding(
                    "formula-error" if error else "formula-not-calculated",
                    sheet=sheet.name,
                    cell=address(*at),
                    heading=fields[name].heading,
                    value=error,
                )


class _Labels:
    """The labels of the sections of one table, each read and reported once."""

    def __init__(self, form: Form, texts: SheetTexts, part: Extract, asked: Field) -> None:
        self.texts, self.part, self.asked = texts, part, asked
        self.codes = form.code_index[asked.codes] if asked.codes else None
        self.known = form.labels(asked.codes) if asked.codes else ()
        self.reported: dict[Position, Finding] = {}
        self._fault: dict[Position, Finding | None] = {}

    def value(self, place: Position) -> str | None:
        """What a label says; None where it says nothing that the field accepts."""
        if self.fault(place):
            return None
        text = section_text(self.texts.shown(*place))
        return self.codes.get(key(text)) if self.codes is not None else text or None

    def counts(self, place: Position) -> bool:
        """Whether a label settles the field, or would if it could be read."""
        return self.fault(place) is not None or self.value(place) is not None

    def report(self, place: Position) -> None:
        """Report a label that cannot be read or is not accepted."""
        self.reported.setdefault(place, self.fault(place) or self._not_in_list(place))

    def fault(self, place: Position) -> Finding | None:
        """What is wrong with a label, where anything is."""
        if place not in self._fault:
            self._fault[place] = self._find_fault(place)
        return self._fault[place]

    def _find_fault(self, place: Position) -> Finding | None:
        sheet = self.part.sheet
        raw = sheet.value(*place)
        text = self.texts.at(*place)
        if place in sheet.errors:
            return self._made("formula-error", place, sheet.errors[place])
        if place in sheet.uncalculated and not has_words(text.value or ""):
            return self._made("formula-not-calculated", place, None)
        if text.code and CODES[text.code] == "error":
            meant = text.suggestion or text.value
            return self._made(text.code, place, str(raw), meant, encoding="TCVN3/VNI")
        said = section_text(text.value or "")
        if not has_words(said):
            is_listed = bool(self.codes) and raw is not None and not isinstance(raw, str)
            return self._not_in_list(place) if is_listed else self._unnamed(place)
        if self.codes is not None and key(said) not in self.codes and nearest(said, self.known):
            return self._not_in_list(place)
        return None

    def _unnamed(self, place: Position) -> Finding:
        return self._made("required-missing", place, None, of="section")

    def _not_in_list(self, place: Position) -> Finding:
        text = self.texts.shown(*place) or shown(self.part.sheet.value(*place))
        near = nearest(section_text(text), self.known)
        listed = accepted(self.known)
        return self._made("value-not-in-list", place, text, near, accepted=listed)

    def _made(
        self,
        code: str,
        place: Position,
        value: str | None,
        suggestion: str | None = None,
        **params: str,
    ) -> Finding:
        is_private = self.part.table.is_private
        return finding(
            code,
            sheet=self.part.sheet.name,
            cell=address(*place),
            heading=self.asked.heading,
            value=None if is_private else value,
            suggestion=None if is_private and "encoding" in params else suggestion,
            params=params,
        )
