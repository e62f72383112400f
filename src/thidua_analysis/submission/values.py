"""Turning the raw cells of one column into values of the field's type, with findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from thidua_analysis.excel import Sheet, address
from thidua_analysis.excel.cells import Value
from thidua_analysis.findings import Finding, Severity, finding
from thidua_analysis.form import Field, Form
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.locate import Column
from thidua_analysis.submission.rows import Datum, Note
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.vietnamese.dates import column_swapped, parse_date
from thidua_analysis.vietnamese.numbers import (
    Kind,
    Number,
    column_has_dot_decimals,
    from_cell,
    from_date,
    parse,
)
from thidua_analysis.vietnamese.text import key

if TYPE_CHECKING:
    from thidua_analysis.bloc import Bloc

_YEARS = range(1990, 2101)
_KINDS: dict[str, Kind] = {"count": "count", "number": "number", "money": "money",
                           "score": "number", "rank": "rank"}  # fmt: skip


@dataclass(slots=True)
class Values:
    """The values of one column, by row number; ``fractions`` holds the sizes in "25/82"."""

    values: dict[int, Datum] = field(default_factory=dict)
    notes: dict[int, Note] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    fractions: dict[int, int] = field(default_factory=dict)
    #: rows that share the cell of a row above (merged), and rows whose value stands elsewhere
    origin: dict[int, int] = field(default_factory=dict)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    #: rows whose cell holds an error: no value, and no follow-on findings
    broken: set[int] = field(default_factory=set)


def shown(value: Value) -> str:
    """A cell's value as the sender sees it, for messages and lineage."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    return "" if value is None else str(value)


class ColumnReader:
    """Reads the columns of one located table.

    Parameters
    ----------
    form, bloc
        Lists of codes and members.
    sheet, texts
        The sheet and the reader of its texts.
    year
        Year of the report, for suggestions on dates.
    found
        List to which findings are added.
    private
        Keep typed values out of findings (lists of recipients).
    """

    def __init__(
        self,
        form: Form,
        bloc: Bloc,
        sheet: Sheet,
        texts: SheetTexts,
        year: int | None,
        found: list[Finding],
        private: bool = False,
    ) -> None:
        self.form, self.bloc, self.sheet, self.texts = form, bloc, sheet, texts
        self.year, self.found, self.private = year, found, private

    def read(
        self,
        asked: Field,
        column: Column,
        rows: Sequence[int],
        scale: int = 1,
        units: Mapping[int, str] | None = None,
    ) -> Values:
        """Read one column.

        Parameters
        ----------
        asked
            The field.
        column
            Where it stands.
        rows
            Numbers of the data rows, counted from 1.
        scale
            Đồng in one unit, for money.
        units
            Row → unit of the row, for quantities.
        """
        result = Values()
        raw = self._raw(column.column, rows, asked, result)
        if asked.type in _KINDS:
            self._numbers(asked, column, raw, scale, units or {}, result)
        elif asked.type == "date":
            self._dates(asked, column, raw, result)
        else:
            self._texts(asked, column, raw, result)
        return result

    def _raw(
        self, column: int, rows: Sequence[int], asked: Field, result: Values
    ) -> dict[int, Value]:
        """Filled cells of the column; error cells and uncalculated formulas are reported."""
        sheet, lines = self.sheet, self.sheet.rows
        raw: dict[int, Value] = {}
        for row in rows:
            cells = lines[row - 1]
            if column <= len(cells):
                value = cells[column - 1]
                if value is not None and value != "":
                    raw[row] = value
        for row, at_column in [p for p in (*sheet.errors, *sheet.uncalculated) if p[1] == column]:
            if row in raw or row in rows:
                raw.pop(row, None)
                self._bad_formula(row, at_column, asked, result)
        return raw

    def _bad_formula(self, row: int, column: int, asked: Field, result: Values) -> None:
        if row in result.broken:
            return
        error = self.sheet.errors.get((row, column))
        code = "formula-error" if error else "formula-not-calculated"
        self._report(code, row, column, asked, error, result=result)

    def _report(
        self,
        code: str,
        row: int,
        column: int,
        asked: Field,
        value: str | None,
        suggestion: str | None = None,
        severity: Severity | None = None,
        result: Values | None = None,
        **params: str,
    ) -> None:
        made = finding(
            code,
            severity=severity,
            sheet=self.sheet.name,
            cell=address(row, column),
            heading=asked.heading,
            value=None if self.private else value,
            suggestion=None if self.private else suggestion,
            params=params,
        )
        self.found.append(made)
        if made.severity == "error" and result is not None:
            result.broken.add(row)

    # --- text, codes, members -------------------------------------------------------------

    def _texts(
        self, asked: Field, column: Column, raw: Mapping[int, Value], result: Values
    ) -> None:
        resolve = self._resolver(asked)
        for row, value in raw.items():
            typed = value if isinstance(value, str) else shown(value)
            if not typed.strip():
                continue
            text = self.texts.of(typed, row, column.column)
            if text.code and asked.type != "personal":
                self._text_finding(text, row, column.column, asked, typed, result)
            if text.value is None:
                continue
            if text.value != typed:
                result.typed[row] = typed
            found = resolve(text.value) if resolve else text.value
            if found is not None:
                result.values[row] = found
            elif not (asked.type == "code" and text.value in ("-", "–")):
                self._not_in_list(asked, row, column.column, text.value, result)

    def _text_finding(
        self, text: object, row: int, column: int, asked: Field, typed: str, result: Values
    ) -> None:
        code, suggestion = text.code, text.suggestion  # type: ignore[attr-defined]
        proposal = suggestion or text.value  # type: ignore[attr-defined]
        self._report(code, row, column, asked, typed, proposal, result=result, encoding="TCVN3/VNI")

    def _resolver(self, asked: Field) -> Callable[[str], Datum] | None:
        if asked.type == "code":
            index = self.form.code_index[asked.codes or ""]
            return lambda text: index.get(key(text))
        if asked.type == "member":
            return self.bloc.match_member
        if asked.type == "year":
            return _year
        return None

    def _not_in_list(self, asked: Field, row: int, column: int, text: str, result: Values) -> None:
        labels: tuple[str, ...]
        if asked.type == "member":
            labels, code = tuple(m.name for m in self.bloc.members), "member-unknown"
        elif asked.type == "year":
            labels, code = ("2023",), "value-not-in-list"
        else:
            labels, code = self.form.labels(asked.codes or ""), "value-not-in-list"
        near = nearest(text, labels) if asked.type != "year" else None
        self._report(
            code, row, column, asked, text, near, result=result,
            accepted=accepted(labels),
        )  # fmt: skip

    # --- numbers --------------------------------------------------------------------------

    def _numbers(
        self,
        asked: Field,
        column: Column,
        raw: Mapping[int, Value],
        scale: int,
        units: Mapping[int, str],
        result: Values,
    ) -> None:
        kind = _KINDS[asked.type]
        whole = kind in ("count", "rank")
        values = result.values
        slow: list[int] = []
        percents = self.sheet.percents
        for row, value in raw.items():
            if (
                type(value) is float
                and value >= 0
                and value.is_integer()
                and value < 1e15
                and (whole or not percents or (row, column.column) not in percents)
            ):
                values[row] = int(value) * scale
            else:
                slow.append(row)
        if not slow:
            return
        dots = column_has_dot_decimals([v for v in raw.values() if isinstance(v, str)])
        for row in slow:
            number = self._number(raw[row], row, column.column, kind, units.get(row), scale, dots)
            self._take_number(number, asked, row, column.column, raw[row], result)

    def _number(
        self,
        value: Value,
        row: int,
        column: int,
        kind: Kind,
        unit: str | None,
        scale: int,
        dots: bool,
    ) -> Number:
        if isinstance(value, (dt.date, dt.time, dt.timedelta)):
            date = value if isinstance(value, dt.date) else dt.date(1900, 1, 1)
            return from_date(date, self.sheet.formats.get((row, column)), kind)
        if isinstance(value, str):
            return parse(value, kind, unit, scale, dots)
        percent = (row, column) in self.sheet.percents
        return from_cell(value, kind, unit, percent, scale)  # type: ignore[arg-type]

    def _take_number(
        self, number: Number, asked: Field, row: int, column: int, value: Value, result: Values
    ) -> None:
        typed = shown(value)
        for code, severity in number.codes:
            near = number.suggestion or _spoken(number.value)
            self._report(
                code, row, column, asked, typed, near, severity, result
            )  # fmt: skip
        if row in result.broken:
            return
        if number.fraction and asked.type == "rank":
            result.values[row], result.fractions[row] = number.fraction
        elif number.value is not None:
            if asked.type == "score" and number.value < 0:
                self._report("number-negative", row, column, asked, typed, result=result)
                return
            result.values[row] = number.value
        if isinstance(value, str) and not number.missing:
            result.typed[row] = typed
        if number.bound or number.remark:
            result.notes[row] = Note(typed, number.bound, number.remark)

    # --- dates ----------------------------------------------------------------------------

    def _dates(
        self, asked: Field, column: Column, raw: Mapping[int, Value], result: Values
    ) -> None:
        if column_swapped(raw.values()):
            culprit = next((v for v in raw.values() if isinstance(v, str)), None)
            self._report("date-swapped", column.heading_row, column.column, asked, shown(culprit))
            result.broken.update(raw)
            return
        for row, value in raw.items():
            if isinstance(value, bool):
                self._report("date-format", row, column.column, asked, shown(value), result=result)
                continue
            read = parse_date(value, self.year)
            if read.code:
                self._report(
                    read.code, row, column.column, asked, shown(value), read.suggestion,
                    result=result,
                )  # fmt: skip
            if read.value is not None:
                result.values[row] = read.value
                if isinstance(value, str):
                    result.typed[row] = value


def _year(text: str) -> int | None:
    digits = key(text).removeprefix("năm").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) in _YEARS else None


def _spoken(value: int | Decimal | None) -> str | None:
    """A number in Vietnamese digits, for messages."""
    if value is None:
        return None
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")
