"""The line above a table that says in what its numbers are: "Đơn vị: triệu đồng"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field
from thidua_analysis.spellings import money_scale
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.tables.locate import Column, Located
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.vietnamese.text import key
from thidua_analysis.vietnamese.units import DONG, is_currency, read_unit

#: how far above the headings it may stand
_ROWS_ABOVE = 6
_LINE = re.compile(r"(?:^|.*\W)(?:đơn vị(?: tính)?(?: tiền(?: tệ)?)?|đvt|đv tính)(?:\s*:\s*(.+)|)$")
_BRACKET = re.compile(r"\([^()]*\)?")
_SEVERAL = re.compile(r"\s*[,;]\s*|\s+(?:và|hoặc)\s+")
#: "1.000 USD", "1.000 người"
_THOUSANDS = re.compile(r"1((?:[. ]?000)+)\s*(.+)")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What the line says: a unit of ``money``, of ``foreign`` money, of ``things``, or ``bare``."""

    row: int
    column: int
    kind: str
    scale: int

    def scales(self, asked: Field, column: Column) -> int:
        """Đồng in one unit of a column of money that says nothing itself; 1 for other columns."""
        if asked.type != "money":
            return 1
        return column.scale or (self.scale if self.kind in ("money", "bare") else asked.scale)

    def contradicts(self, asked: Field, column: Column) -> bool:
        """Whether it says another unit than the heading of a column."""
        if asked.type == "count":
            return self.kind in ("things", "bare") and self.scale > 1
        if asked.type != "money":
            return False
        differs = self.kind in ("money", "bare") and column.scale not in (None, self.scale)
        return differs or self.kind == "foreign"


def find_unit_line(located: Located, texts: SheetTexts) -> UnitLine | None:
    """Return the nearest line above a table that names a unit of money, or scales a count."""
    for row in range(located.top - 1, max(located.above, located.top - _ROWS_ABOVE) - 1, -1):
        cells = texts.sheet.rows[row - 1]
        for column, raw in enumerate(cells, 1):
            if not isinstance(raw, str) or raw not in texts.telling:
                continue
            found = _LINE.fullmatch(key(texts.shown(row, column)))
            said = found and (found[1] or _beside(texts, row, column))
            kind, scale = _unit(said) if said else ("", 1)
            if kind:
                return UnitLine(row, column, kind, scale)
    return None


def _beside(texts: SheetTexts, row: int, column: int) -> str:
    """Text of the next filled cell to the right."""
    cells = texts.sheet.rows[row - 1]
    return next(
        (key(texts.shown(row, at)) for at in range(column + 1, len(cells) + 1) if cells[at - 1]), ""
    )


def _unit(said: str) -> tuple[str, int]:
    """Kind and scale of the unit that a line names; of several, money counts."""
    units = [_one(part) for part in _SEVERAL.split(_BRACKET.sub("", said).strip()) if part]
    telling = [unit for unit in units if unit[0] in ("money", "foreign")]
    return (telling or (units if len(units) == 1 else [("", 1)]))[0]


def _one(text: str) -> tuple[str, int]:
    scale = money_scale(text)
    if scale:
        return ("money" if read_unit(text).base == DONG else "bare"), scale
    thousands = _THOUSANDS.fullmatch(text)
    unit = read_unit(thousands[2] if thousands else text)
    scale = unit.scale * (1000 ** thousands[1].count("000") if thousands else 1)
    if is_currency(unit):
        return "foreign", scale
    return ("things", scale) if unit.base != DONG and scale > 1 else ("", 1)


def report_contradiction(part: Extract, line: UnitLine, texts: SheetTexts) -> Iterator[Finding]:
    """Report a line that contradicts headings, and take no number of their columns."""
    table, columns = part.table, part.located.columns
    doubtful: list[Field] = []
    for asked in table.fields:
        if asked.name not in columns or not line.contradicts(asked, columns[asked.name]):
            continue
        values = part.columns[asked.name]
        filled = [p for p, value in enumerate(values.values) if value is not None]
        for position in filled:
            values.drop(position)
        doubtful += [asked] if filled else []
    if doubtful:
        yield finding(
            "unit-contradicts",
            sheet=part.sheet.name,
            cell=address(line.row, line.column),
            heading=doubtful[0].heading,
            value=texts.shown(line.row, line.column),
        )
