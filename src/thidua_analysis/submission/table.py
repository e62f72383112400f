"""A table as read from one place of a sheet: values, tidy rows, labels, what headings lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, cast

from thidua_analysis.excel import Position, Sheet, address
from thidua_analysis.excel.cells import column_letters
from thidua_analysis.findings import CODES, Finding, Severity, finding
from thidua_analysis.form.model import Field, Form, Table, years_in
from thidua_analysis.submission.body import Body
from thidua_analysis.submission.columns import Values
from thidua_analysis.submission.headings import Heading, has_words, may_mean
from thidua_analysis.submission.locate import TablePlace, UnitLine, Unread
from thidua_analysis.submission.rows import Datum, Row, section_text
from thidua_analysis.submission.texts import SheetTexts, accepted, nearest, shown, spoken
from thidua_analysis.vietnamese.text import key

#: what most rows have of notes and of texts typed otherwise
_NONE: Mapping[str, Any] = {}


class _Source(NamedTuple):
    """Where one value of tidy rows is from: a column of the sheet with its letters, or fixed."""

    name: str
    default: Datum
    column: Values | None = None
    letters: str = ""

    def values(self, positions: Sequence[int]) -> Sequence[Datum]:
        """Return the value in each of these rows, the default where a cell is blank."""
        if self.column is None:
            return [self.default] * len(positions)
        values, broken = self.column.values, self.column.broken
        return [
            self.default if values[at] is None and at not in broken else values[at]
            for at in positions
        ]


@dataclass(slots=True, eq=False)
class ReadTable:
    """A table as read from one place of a sheet.

    ``columns`` holds the values of every field by position among the data rows; personal ones
    too, which never leave the reader. ``left_out`` are the positions of rows that a broken key
    keeps out, ``unread`` the columns whose headings are blank or cannot be read.
    """

    located: TablePlace
    sheet: Sheet
    body: Body
    year: int | None
    unread: tuple[Unread, ...]
    columns: dict[str, Values] = field(init=False)
    left_out: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = len(self.body.data)
        self.columns = {f.name: Values([None] * rows) for f in self.table.fields}

    @property
    def table(self) -> Table:
        """The table of the form."""
        return self.located.table

    @property
    def cells_read(self) -> int:
        """Number of filled cells in the data rows, those with an error too."""
        return sum(
            len(column.values) - column.values.count(None) - len(column.places)
            + sum(column.values[position] is None for position in column.broken)
            for column in self.columns.values()
        )  # fmt: skip

    @property
    def kept(self) -> Sequence[int]:
        """Positions of the rows that stand in the result."""
        return [p for p in range(len(self.body.data)) if p not in self.left_out]

    def values(self, name: str) -> Sequence[Datum]:
        """Values of a field, one for each data row; None where blank, broken or without column."""
        return self.columns[name].values

    def value(self, name: str, position: int) -> Datum:
        """One value; the form's default where the cell is blank."""
        value = self.columns[name].values[position]
        if value is None and position not in self.columns[name].broken:
            return self.table.by_name[name].default
        return value

    def cell(self, name: str, position: int) -> str | None:
        """Address of the cell that holds a value; None for blanks and defaults."""
        column = self.columns[name]
        if column.values[position] is None:
            return None
        place = column.places.get(position)
        return address(*place) if place else self.own_cell(name, position)

    def own_cell(self, name: str, position: int) -> str:
        """Address of the cell of a field in a row, filled or not."""
        at = self.located.columns.get(name)
        return address(self.body.data[position], at.column if at else self.located.left)

    def report(
        self,
        code: str,
        at: Position | str | None,
        heading: str,
        value: str | None = None,
        *,
        suggestion: str | None = None,
        severity: str | None = None,
        **params: str,
    ) -> Finding:
        """Make a finding on a cell of the sheet."""
        return finding(
            code,
            severity=cast("Severity | None", severity),
            sheet=self.sheet.name,
            cell=address(*at) if isinstance(at, tuple) else at,
            heading=heading,
            value=value,
            suggestion=suggestion,
            params=params,
        )

    def report_value(self, code: str, name: str, position: int, **params: str) -> Finding:
        """Make a finding on a value, which is shown as typed or in Vietnamese digits."""
        said = self.columns[name].typed.get(position) or spoken(self.value(name, position))
        cell, heading = self.cell(name, position), self.table.by_name[name].heading
        return self.report(code, cell, heading, said, **params)

    def rows(self) -> Iterator[Row]:
        """The tidy rows: one for each data row, or one a stage where the form melts them."""
        stages = self.table.melt.fields if self.table.melt else (None,)
        melted = [self._rows(self.kept, self._sources(stage)) for stage in stages]
        return chain.from_iterable(zip(*melted, strict=True))

    def row(self, position: int) -> Row:
        """One tidy row of a table whose rows are not melted."""
        return next(self._rows([position], self._sources()))

    def _sources(self, stage: str | None = None) -> list[_Source]:
        """What a tidy row holds; ``stage`` is the field that a melted one is of."""
        table, melt, found = self.table, self.table.melt, list[_Source]()
        for name in table.columns:
            source = stage if stage and melt and name == melt.value else name
            if melt and name == melt.into:
                found.append(_Source(name, stage))
            elif name in table.constants:
                found.append(_Source(name, table.constants[name]))
            elif (asked := table.by_name[source]).type != "personal":
                at = self.located.columns.get(source)
                letters = column_letters(at.column if at else self.located.left)
                found.append(_Source(name, asked.default, self.columns[source], letters))
        return found

    def _rows(self, positions: Sequence[int], sources: Sequence[_Source]) -> Iterator[Row]:
        """Take tidy rows out of columns: what most values lack is not asked for one by one."""
        names = [source.name for source in sources]
        read = [(one.name, one.letters, one.column) for one in sources if one.column]
        cells_of = [(name, letters, column.values) for name, letters, column in read]
        moved, noted, typed = (
            [(name, said) for name, _, column in read if (said := getattr(column, of))]
            for of in ("places", "notes", "typed")
        )
        values = zip(*(one.values(positions) for one in sources), strict=True)
        for position, found in zip(positions, values, strict=True):
            number = self.body.data[position]
            digits = str(number)
            cells = {
                name: letters + digits
                for name, letters, column in cells_of
                if column[position] is not None
            }
            for name, places in moved:
                if position in places:
                    cells[name] = address(*places[position])
            yield Row(
                self.table.id,
                self.sheet.name,
                number,
                dict(zip(names, found, strict=True)),
                cells,
                {n: notes[position] for n, notes in noted if position in notes} or _NONE,
                {n: texts[position] for n, texts in typed if position in texts} or _NONE,
            )

    def merged_rows(self, asked: Field) -> dict[int, int]:
        """Row over which a text is merged → the row in which it stands: of data, or a total.

        A text merged over the total of a group and its rows stands beside the total. Numbers are
        never repeated.
        """
        data, column = self.body.data, self.located.columns[asked.name].column
        found: dict[int, int] = {}
        if not data or asked.is_numeric or asked.type == "rank":
            return found
        known, done = {*data, *self.body.totals}, 0
        tall = (m for m in self.sheet.merges if m.left == column and m.bottom > m.top)
        for merge in sorted(tall, key=lambda m: m.top):
            # ranges that overlap are no work of Excel: what one has covered is not gone over again
            if merge.top > done and merge.top in known:
                done = min(merge.bottom, data[-1])
                found.update(dict.fromkeys(range(merge.top, done + 1), merge.top))
        return found

    def take_sizes(self) -> Iterator[Finding]:
        """Take the size out of a rank typed "25/82"; its cell is the rank's.

        Where the column of sizes says another number, the rank is not taken.
        """
        for asked in self.table.fields:
            ranks = self.columns[asked.name]
            for position, size in list(ranks.sizes.items()) if asked.size else ():
                sizes = self.columns[asked.size or ""]
                if position in sizes.broken:
                    continue
                if sizes.values[position] is None:
                    sizes.values[position] = size
                    column = self.located.columns[asked.name].column
                    sizes.places[position] = self.body.data[position], column
                elif sizes.values[position] != size:
                    cell, typed = self.own_cell(asked.name, position), ranks.typed.get(position)
                    yield self.report("number-fraction", cell, asked.heading, typed)
                    ranks.drop(position)

    def proposal(self, heading: Heading) -> str:
        """What an unknown heading may have been meant for; a column of another year for nothing."""
        years = set().union(*map(years_in, heading.path))
        if years and self.year not in years:
            return ""
        without = {
            f.name: f.heading for f in self.table.fields if f.name not in self.located.columns
        }
        meant = [name for name in may_mean(self.table, heading.text) if name in without]
        return without[meant[0]] if meant else nearest(heading.text, without.values()) or ""

    def keep_defaults_out(self) -> None:
        """Keep the form's default out of rows in which an unread column may say otherwise.

        It stays out of all rows for fields that an unknown heading may mean.
        """
        unread = {row for one in self.unread if one.may_be_asked for row in one.rows}
        meant = {text for h in self.located.unknown for text in self.proposal(h).split("; ")}
        for asked in self.table.fields:
            if asked.default is not None and asked.name not in self.located.columns:
                everywhere = asked.heading in meant or asked.name in self.located.uncertain
                self.columns[asked.name].broken.update(
                    position
                    for position, row in enumerate(self.body.data)
                    if everywhere or row in unread
                )

    def require(self) -> Iterator[Finding]:
        """Report blank required cells, and keep their rows out."""
        for asked in self.table.required:
            column = self.columns[asked.name]
            stands = asked.name in self.located.columns or column.is_used
            is_known = stands and asked.name not in self.located.uncertain
            for position, value in enumerate(column.values):
                if value is not None:
                    continue
                self.left_out.add(position)
                if is_known and position not in column.broken:
                    cell = self.own_cell(asked.name, position)
                    yield self.report("required-missing", cell, asked.heading)


def fill_sections(form: Form, texts: SheetTexts, part: ReadTable) -> Iterator[Finding]:
    """Let the text of a section row stand for the field that the form names.

    A column of the field that is filled in any row goes before: a blank in it stays blank. The
    nearest section that the field accepts counts, so that a section "1. Tập thể" may stand under
    "I. CẤP TỈNH". A label that is blank or cannot be read is reported, and the rows of its
    section have no value; so is the nearest where a required field accepts none.
    """
    section, body = part.table.section, part.body
    if section is None or part.columns[section].is_used:
        return
    column, labels = part.columns[section], _Labels(form, texts, part, section)
    wrong: dict[Position, None] = {}
    for position, row in enumerate(body.data):
        places = body.sections.get(row, ())
        at = next((place for place in places if any(labels.read(place))), None)
        value = labels.read(at)[0] if at else None
        if at and value:
            column.values[position], column.places[position] = value, at
        elif at or (places and labels.asked.required):
            column.broken.add(position)
            wrong[at or places[0]] = None
    yield from map(labels.report, dict.fromkeys((*wrong, *body.unnamed)))
    if body.sections or body.unnamed:
        yield from _errors_beside(part)


def _errors_beside(part: ReadTable) -> Iterator[Finding]:
    """Errors among the totals that stand beside the label of a section."""
    for row in part.body.section_rows:
        for name, column in part.located.columns.items():
            at, asked = (row, column.column), part.table.by_name[name]
            fault = part.sheet.fault(*at)
            if asked.is_numeric and fault in ("formula-error", "formula-not-calculated"):
                yield part.report(fault, at, asked.heading, part.sheet.errors.get(at))


class _Labels:
    """The labels of the sections of one table, each read once."""

    def __init__(self, form: Form, texts: SheetTexts, part: ReadTable, section: str) -> None:
        self.texts, self.part, self.asked = texts, part, part.table.by_name[section]
        codes = self.asked.codes
        self.codes = form.code_index[codes] if codes else None
        self.known = form.labels(codes) if codes else ()
        self._read: dict[Position, tuple[str | None, Finding | None]] = {}

    def read(self, place: Position) -> tuple[str | None, Finding | None]:
        """What a label says, if it is what the field accepts, and what is wrong with it."""
        if place not in self._read:
            text, fault = section_text(self.texts.shown(*place)), self._fault(place)
            value = text or None if self.codes is None else self.codes.get(key(text))
            self._read[place] = None if fault else value, fault
        return self._read[place]

    def report(self, place: Position) -> Finding:
        """The finding on a label that cannot be read or is not accepted."""
        return self.read(place)[1] or self._not_in_list(place)

    def _fault(self, place: Position) -> Finding | None:
        sheet, private = self.part.sheet, self.part.table.is_private
        raw, text = sheet.value(*place), self.texts.at(*place)
        said = section_text(text.value or "")
        if place in sheet.errors:
            return self._made("formula-error", place, sheet.errors[place])
        if place in sheet.uncalculated and not has_words(text.value or ""):
            return self._made("formula-not-calculated", place)
        if text.code and CODES[text.code] == "error":
            meant = None if private else text.suggestion or text.value
            return self._made(text.code, place, str(raw), meant, encoding="TCVN3/VNI")
        is_number = raw is not None and not isinstance(raw, str)
        if not has_words(said) and not (self.codes and is_number):
            return self._made("required-missing", place, of="section")
        is_slip = self.codes and key(said) not in self.codes and nearest(said, self.known)
        return self._not_in_list(place) if is_slip or not has_words(said) else None

    def _not_in_list(self, place: Position) -> Finding:
        text = self.texts.shown(*place) or shown(self.part.sheet.value(*place))
        near = nearest(section_text(text), self.known)
        return self._made("value-not-in-list", place, text, near, accepted=accepted(self.known))

    def _made(
        self, code: str, place: Position, value: str | None = None, near: str | None = None,
        **params: str,
    ) -> Finding:  # fmt: skip
        value = None if self.part.table.is_private else value
        return self.part.report(code, place, self.asked.heading, value, suggestion=near, **params)


def report_contradiction(part: ReadTable, line: UnitLine, texts: SheetTexts) -> Iterator[Finding]:
    """Report a line that contradicts headings, and take no number of their columns."""
    doubtful: list[Field] = []
    for asked in part.table.fields:
        column, values = part.located.columns.get(asked.name), part.columns[asked.name]
        if not column or not line.contradicts(asked, column):
            continue
        filled = [p for p, value in enumerate(values.values) if value is not None]
        if filled:
            doubtful.append(asked)
            for position in filled:
                values.drop(position)
    if doubtful:
        at = line.row, line.column
        yield part.report("unit-contradicts", at, doubtful[0].heading, texts.shown(*at))
