"""One column of a table: raw cells in, values and findings out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from thidua_analysis.excel import Position, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, Severity, finding
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.form.model import Field, Form
from thidua_analysis.submission.locate import Column
from thidua_analysis.submission.rows import Datum, Note
from thidua_analysis.submission.texts import (
    SheetTexts,
    accepted,
    as_percent,
    nearest,
    shown,
    spoken,
)
from thidua_analysis.vietnamese.cell_text import Text, read_text
from thidua_analysis.vietnamese.display import column_swapped, parse_date
from thidua_analysis.vietnamese.numbers import (
    as_shown,
    column_has_dot_decimals,
    from_cell,
    from_date,
    parse,
    whole_numbers,
)
from thidua_analysis.vietnamese.quantities import DONG, POINTS, Kind, Number, places
from thidua_analysis.vietnamese.text import half_width, key, says_nothing

YEARS = range(1990, 2101)
_KINDS: Mapping[str, Kind] = {
    "count": "count", "number": "number", "money": "money", "score": "number", "rank": "rank",
}  # fmt: skip
#: No figure of a bloc is so large; the tables hold every smaller number exactly …
_TOO_LARGE = 10**18
#: … that has no more decimals than these
_DECIMALS = 18


@dataclass(slots=True)
class Values:
    """The values of one column, by position among the data rows (from 0).

    ``values`` are None where a cell is blank or broken: an error stands in it, so that it has no
    value and no follow-on findings. ``scale`` is đồng in one unit of the cells. ``notes`` are
    bounds and remarks, ``typed`` texts that say something else than the value, ``sizes`` the
    second number of a rank typed "25/82". ``places`` says where a value stands if not in the
    row's own cell: above in a merged cell, in a section row, in the rank's cell.
    """

    values: list[Datum]
    scale: int = 1
    broken: set[int] = field(default_factory=set)
    notes: dict[int, Note] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    places: dict[int, Position] = field(default_factory=dict)

    @property
    def is_used(self) -> bool:
        """Whether any row has a value, or lacks it for an error."""
        return bool(self.broken) or any(value is not None for value in self.values)

    def repeat(self, first: int, position: int, place: Position) -> None:
        """Let the value of one row, which stands at a place, hold in another or the same."""
        self.values[position] = self.values[first]
        if first in self.broken:
            self.broken.add(position)
        elif self.values[first] is not None:
            self.places[position] = place

    def drop(self, position: int) -> None:
        """Keep a value out: an error stands in its cell."""
        self.values[position] = None
        self.broken.add(position)
        for entries in (self.notes, self.typed, self.sizes, self.places):
            entries.pop(position, None)


@dataclass
class ColumnReader:
    """Reads one column by the type of its field.

    ``rows`` are the numbers of the data rows, ``raws`` its cells in them (blank is ``""`` or
    None), ``units`` the unit of each row. Nothing typed in a ``private`` table (a list of
    recipients) stands in findings.
    """

    form: Form
    bloc: Bloc
    texts: SheetTexts
    asked: Field
    column: Column
    rows: Sequence[int]
    raws: Sequence[Value]
    year: int | None = None
    private: bool = False
    scale: int = 1
    units: Sequence[Datum] = ()

    def read(self) -> tuple[Values, list[Finding]]:
        """The values of the column, and what is wrong with its cells."""
        self.result = Values([None] * len(self.rows), self.scale)
        self.findings: list[Finding] = []
        self._report_faults()
        if self.asked.type in _KINDS:
            self._read_numbers(_KINDS[self.asked.type])
        elif self.asked.type == "date":
            self._read_dates()
        else:
            self._read_texts()
        return self.result, self.findings

    def _filled(self) -> list[tuple[int, Value]]:
        """Positions and contents of the cells that hold something that can be read."""
        broken, cells = self.result.broken, enumerate(self.raws)
        return [(at, v) for at, v in cells if v is not None and v != "" and at not in broken]

    def _place(self, position: int) -> Position:
        return self.rows[position], self.column.column

    def _report(
        self,
        code: str,
        position: int,
        value: str | None,
        suggestion: str | None = None,
        severity: Severity | None = None,
        repeatable: bool = False,
        **params: str,
    ) -> None:
        """Add a finding on one cell; an error breaks the cell.

        ``repeatable`` says that the suggestion comes from the form, so that it may be shown even
        where nothing typed may be.
        """
        made = finding(
            code,
            severity=severity,
            sheet=self.texts.sheet.name,
            cell=address(*self._place(position)),
            heading=self.asked.heading,
            value=None if self.private else value,
            suggestion=None if self.private and not repeatable else suggestion,
            params=params,
        )
        self.findings.append(made)
        if made.severity == "error":
            self.result.drop(position)

    def _report_faults(self) -> None:
        """Report cells whose value cannot be taken for what it shows."""
        sheet = self.texts.sheet
        has_faults = sheet.errors or sheet.uncalculated or sheet.unlike
        for position, raw in enumerate(self.raws) if has_faults else ():
            if code := sheet.fault(*self._place(position)):
                stored = shown(raw) if code == "number-display" else None
                self._report(code, position, sheet.errors.get(self._place(position)) or stored)

    def _text(self, position: int, raw: str) -> Text:
        """Text of a cell out of whatever encoding; what was mended in it, or lost, is reported."""
        text = self.texts.of(raw, self.rows[position], self.column.column)
        if text.code and self.asked.type != "personal":
            meant = text.suggestion or text.value
            self._report(text.code, position, raw, meant, encoding="TCVN3/VNI")
        return text

    def _words(self, position: int, raw: str) -> str | None:
        """Words of a cell that should hold a number or a date; None where they are lost."""
        text = self._text(position, raw)
        return text.value if text.code else raw

    # --- dates --------------------------------------------------------------------------------

    def _read_dates(self) -> None:
        """Read dates; where day and month are swapped in one, none of the column is taken."""
        cells = dict(self._filled())
        if column_swapped(cells.values()):
            self._report_swapped(cells)
            return
        for position, raw in cells.items():
            if isinstance(raw, dt.date):
                self.result.values[position] = raw.date() if isinstance(raw, dt.datetime) else raw
            else:
                self._take_date(position, raw)

    def _take_date(self, position: int, raw: Value) -> None:
        if isinstance(raw, bool):
            self._report("date-format", position, shown(raw))
            return
        read = parse_date(raw, self.year)
        if isinstance(raw, str) and (read.code or read.value is None):
            said = self._words(position, raw)
            if said is None:
                return
            read = parse_date(said, self.year)
        if read.code:
            self._report(read.code, position, shown(raw), read.suggestion)
        if read.value is not None and position not in self.result.broken:
            self.result.values[position] = read.value
            if isinstance(raw, str):
                self.result.typed[position] = raw

    def _report_swapped(self, cells: Mapping[int, Value]) -> None:
        """Report the column at its heading, with the text that gives it away."""
        texts = [raw for raw in cells.values() if isinstance(raw, str)]
        culprit = next((t for t in texts if column_swapped([t])), texts[0] if texts else "")
        self.findings.append(
            finding(
                "date-swapped",
                sheet=self.texts.sheet.name,
                cell=address(self.column.heading_row, self.column.column),
                heading=self.asked.heading,
                value=None if self.private else culprit,
            )
        )
        for position in cells:
            self.result.drop(position)

    # --- numbers ------------------------------------------------------------------------------

    def _read_numbers(self, kind: Kind) -> None:
        least = 1 if kind == "rank" else 0
        most = float(_TOO_LARGE) if self.scale == 1 and not self.texts.sheet.percents else 0.0
        values, broken = self.result.values, self.result.broken
        if not broken and (plain := whole_numbers(self.raws, least, most)):
            values[:] = plain
            return
        dots = column_has_dot_decimals(self.raws)
        for position, raw in enumerate(self.raws):
            if raw is None or raw == "" or position in broken:
                continue
            if isinstance(raw, float) and least <= raw < most:
                if raw.is_integer():
                    values[position] = int(raw)  # nothing can be wrong with most numbers
                    continue
                if kind == "number" and raw > 1 and float(exact := as_shown(raw)) == raw:
                    values[position] = exact
                    continue
            said = self._words(position, raw) if isinstance(raw, str) else raw
            if said is not None:
                self._take_number(position, raw, self._number(position, said, kind, dots))

    def _number(self, position: int, value: Value, kind: Kind, dots: bool) -> Number:
        place, sheet = self._place(position), self.texts.sheet
        of_row = self.units[position] if self.units else None
        # what a number counts where neither the row nor the form says so: a score counts points
        usual = POINTS if self.asked.type == "score" else None
        unit = str(of_row) if of_row else self.column.unit or self.asked.counts or usual
        if isinstance(value, str):
            # a unit that stands in the number format is no second one
            by_heading = place in sheet.stored or not of_row
            return parse(value, kind, unit, self.scale, dots, by_heading)
        if isinstance(value, (int, float)):
            return from_cell(value, kind, unit, place in sheet.percents, self.scale)
        date = cast("dt.date | dt.time | dt.timedelta", value)
        return from_date(date, sheet.formats.get(place), kind)

    def _take_number(self, position: int, raw: Value, number: Number) -> None:
        result, value = self.result, number.value
        if number.codes:
            self._report_number(position, raw, number)
        if position in result.broken:
            return
        if value is not None and (
            not -_TOO_LARGE < value < _TOO_LARGE or places(value) > _DECIMALS
        ):
            self._report("number-not-finite", position, shown(raw))
        elif self.asked.type == "score" and value is not None and value < 0:
            self._report("number-negative", position, shown(raw))
        else:
            result.values[position] = value
            if number.fraction and self.asked.type == "rank":
                result.values[position], result.sizes[position] = number.fraction
            is_other = value is not None and (self.scale > 1 or float(value) != raw)
            if is_other and not number.missing:
                result.typed[position] = shown(raw)
            if number.bound or number.remark:
                result.notes[position] = Note(shown(raw), number.bound, number.remark)

    def _report_number(self, position: int, raw: Value, number: Number) -> None:
        seen = self._seen(position, raw)
        near = number.suggestion or (spoken(number.value) if number.value is not None else None)
        # the heading of money says another unit than the one in which it is taken
        measure = f" {DONG}" if self.asked.type == "money" else ""
        for code, severity in number.codes:
            self._report(
                code, position, seen, near, severity, measure=measure, letters=number.letters
            )

    # --- texts, codes, members and years ------------------------------------------------------

    def _read_texts(self) -> None:
        result, meaning = self.result, self._meaning
        plain = None if self.texts.is_strange else read_text
        for position, value in self._filled():
            raw = value if isinstance(value, str) else self._seen(position, value)
            read = plain(raw) if plain else None
            text = (self._text(position, raw) if read is None or read.code else read).value
            if not text or position in result.broken:
                continue
            said = meaning(text)
            if said is not None:
                result.values[position] = said
                if text != raw:
                    result.typed[position] = raw
            elif key(text) and not says_nothing(text):
                self._report_not_in_list(position, text)

    def _seen(self, position: int, value: Value) -> str:
        is_percent = self._place(position) in self.texts.sheet.percents
        return as_percent(value) if is_percent else shown(value)

    @property
    def _meaning(self) -> Callable[[str], Datum]:
        """What a text stands for; None where it stands for nothing."""
        if self.asked.type == "code":
            index = self.form.code_index[self.asked.codes or ""]
            return cache(lambda text: index.get(key(text)))
        if self.asked.type == "member":
            return cache(self.bloc.match_member)
        if self.asked.type == "year":
            return year_of
        return lambda text: None if self.asked.required and says_nothing(text) else text

    def _report_not_in_list(self, position: int, text: str) -> None:
        code, near = "value-not-in-list", None
        labels: tuple[str, ...] = (f"{YEARS.start}–{YEARS.stop - 1}",)
        if self.asked.type == "member":
            members = self.bloc.members
            code, labels = "member-unknown", tuple(m.name for m in members)
            near = nearest(text, (name for m in members for name in (m.name, *m.aliases)))
        elif self.asked.type != "year":
            codes = self.asked.codes or ""
            labels = self.form.shown_labels(codes)
            near = nearest(text, self.form.all_labels(codes))
        self._report(code, position, text, near, repeatable=True, accepted=accepted(labels))


def year_of(text: str) -> int | None:
    """Year that a text names: "2023", "Năm 2023"."""
    digits = key(half_width(text)).removeprefix("năm").strip()
    is_number = len(digits) == 4 and digits.isascii() and digits.isdigit()
    return int(digits) if is_number and int(digits) in YEARS else None
