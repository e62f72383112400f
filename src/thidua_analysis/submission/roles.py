"""What each row under the headings is: data, a section, a total, or the end of the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from thidua_analysis.excel import Merge, Sheet
from thidua_analysis.excel.cells import Value
from thidua_analysis.submission.locate import Located
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.vietnamese.text import key

_TOTAL = re.compile(
    r"(?:tổng cộng|tổng số|tổng|cộng|cộng chung|tổng chung|toàn tỉnh|cộng toàn tỉnh)"
    r"(?:\s*\([^)]*\))?\s*:?"
    r"|(?:cộng|tổng cộng|tổng)\s+(?:mục|phần|nhóm|cấp)?\s*(?:[ivx]+|[a-z]|\d+)"
)
_SIGNATURE = re.compile(
    r"^(?:người lập(?: biểu| bảng)?|thủ trưởng(?: đơn vị)?|xác nhận.*|kế toán(?: trưởng)?|"
    r"(?:tm|t/m|kt|k/t|tl|t/l|tuq)\b.*|\(?ký,? (?:ghi rõ )?họ.*|\(?ký tên.*|"
    r"(?:phó )?(?:chủ tịch|bí thư|trưởng ban|giám đốc)|nơi nhận\b.*|"
    r"\D+,\s*ngày\s+[\d.…]+\s*tháng\s+[\d.…]+\s*năm\s+[\d.…]+)$"
)
_NUMBERING = re.compile(r"^\(?(?:[ivxlc]+|[a-zđ]|\d+(?:\.\d+)*)\)?\s*[.:)\-–/]\s*", re.IGNORECASE)
_ORDINAL = re.compile(r"\(?(?:[ivxlc]+|[a-zđ]|\d+(?:\.\d+)*)\)?[.)]?", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"\(?\s*([a-zđ]|\d{1,2})\s*\)?(?:\s*=.*)?", re.IGNORECASE)


@dataclass(slots=True)
class Roles:
    """Rows of a located table by what they are; row numbers count from 1.

    ``sections`` maps a data row to the cell (row, column) of the section above it.
    """

    data: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    sections: dict[int, tuple[int, int]] = field(default_factory=dict)
    end: int = 0


def is_blank(value: Value) -> bool:
    """Whether a cell holds nothing to read."""
    return value is None or (isinstance(value, str) and not value.strip())


@lru_cache(maxsize=1 << 14)
def is_total(text: str) -> bool:
    """Whether a text labels a row of totals ("Tổng cộng", "Cộng mục I")."""
    return len(text) < 60 and _TOTAL.fullmatch(key(_NUMBERING.sub("", text))) is not None


def section_text(text: str) -> str:
    """Text of a section row without its numbering: "I. CẤP TỈNH" → "CẤP TỈNH"."""
    return _NUMBERING.sub("", text).strip()


def classify(located: Located, sheet: Sheet, texts: SheetTexts) -> Roles:
    """Decide for each row under the headings what it is.

    Data rows carry every required field, or numbers, or at least two values. A row whose only
    text stands in front is a section; a label such as "Tổng cộng" makes a total; the table ends
    at a signature block, at a remark after a blank row, or at the next headings.
    """
    work = _Classifier(located, sheet, texts)
    return work.run()


class _Classifier:
    def __init__(self, located: Located, sheet: Sheet, texts: SheetTexts) -> None:
        self.located, self.sheet, self.texts = located, sheet, texts
        fields = located.table.by_name
        self.columns = sorted(c.column for c in located.columns.values())
        self.required = [c.column for c in located.columns.values() if fields[c.name].required]
        self.numeric = frozenset(
            c.column for c in located.columns.values()
            if fields[c.name].is_numeric or fields[c.name].type == "rank"
        )  # fmt: skip
        self.roles = Roles(end=located.end)
        self.section: tuple[int, int] | None = None
        self.marked = {row for row, _ in sheet.errors} | {row for row, _ in sheet.uncalculated}

    def run(self) -> Roles:
        after_blank = False
        last = min(self.located.end, len(self.sheet.rows) + 1)
        for row in range(self.located.first, last):
            cells = self.sheet.rows[row - 1]
            filled = [
                c for c in self.columns
                if c <= len(cells) and (v := cells[c - 1]) is not None and v != ""
            ]  # fmt: skip
            if not filled and row not in self.marked and self._is_empty(cells):
                after_blank = True
                continue
            if row == self.located.first and self._numbers_columns(cells):
                continue
            if not self._take(row, cells, filled, after_blank):
                self.roles.end = row
                break
            after_blank = False
        return self.roles

    def _is_empty(self, cells: Sequence[Value]) -> bool:
        left, right = self.located.left, self.located.right
        return all(is_blank(v) for v in cells[left - 1 : right])

    def _take(self, row: int, cells: Sequence[Value], filled: list[int], after_blank: bool) -> bool:
        """Sort one row in; False where the table has ended before it."""
        label = self._total_label(row, cells)
        if label:
            self.roles.totals.append(row)
            return True
        complete = len(filled) > 1 and all(c in filled for c in self.required)
        if complete:
            self._add(row)
            return True
        if self._is_signature(row, cells, filled) or self._is_heading_of_next(row, cells, filled):
            return False
        lone = self._lone_text(row, cells, filled)
        if lone is None:
            if filled or row in self.marked:
                self._add(row)
            return True
        if after_blank and not self._is_section(row, lone):
            return False
        if self._is_section(row, lone):
            self.section = (row, lone)
        elif lone in self.required:
            self._add(row)
        return True

    def _add(self, row: int) -> None:
        self.roles.data.append(row)
        if self.section:
            self.roles.sections[row] = self.section

    def _total_label(self, row: int, cells: Sequence[Value]) -> bool:
        for column in range(self.located.left, self.located.right + 1):
            if column > len(cells) or column in self.numeric:
                continue
            value = cells[column - 1]
            if isinstance(value, str) and value and len(value) < 60:
                text = self.texts.shown(row, column)
                if _ORDINAL.fullmatch(text):
                    continue
                return is_total(text)
        return False

    def _numbers_columns(self, cells: Sequence[Value]) -> bool:
        """Whether this is the row "A B C 1 2 3" or "(1) (2) (3)" under the headings."""
        marks = []
        for value in cells[self.located.left - 1 : self.located.right]:
            if is_blank(value):
                continue
            text = f"{value:g}" if isinstance(value, float) else str(value).strip()
            found = _COLUMN_NUMBER.fullmatch(text)
            if not found:
                return False
            marks.append(found[1])
        numbers = [int(m) for m in marks if m.isdigit()]
        return len(marks) >= 2 and all(b == a + 1 for a, b in pairwise(numbers))

    def _is_signature(self, row: int, cells: Sequence[Value], filled: list[int]) -> bool:
        if len(filled) > 3 or any(c in self.numeric and not isinstance(cells[c - 1], str)
                                  for c in filled):  # fmt: skip
            return False
        for column in range(self.located.left, self.located.right + 1):
            text = self.texts.shown(row, column) if column <= len(cells) else ""
            if text and _SIGNATURE.match(key(text)):
                return True
        return False

    def _is_heading_of_next(self, row: int, cells: Sequence[Value], filled: list[int]) -> bool:
        """Whether only titles stand between this row and the next table's headings."""
        if self.located.end > len(self.sheet.rows):
            return False
        for later in range(row, self.located.end):
            line = self.sheet.rows[later - 1][self.located.left - 1 : self.located.right]
            texts = [v for v in line if not is_blank(v)]
            if len(texts) > 2 or any(not isinstance(v, str) for v in texts):
                return False
        return True

    def _lone_text(self, row: int, cells: Sequence[Value], filled: list[int]) -> int | None:
        """Column of the only text of a row, a numbering beside it left out; else None."""
        lone: int | None = None
        for column in range(self.located.left, min(self.located.right, len(cells)) + 1):
            value = cells[column - 1]
            if is_blank(value):
                continue
            if not isinstance(value, str):
                if column in self.columns:
                    return None
                continue
            text = self.texts.shown(row, column)
            if column not in self.columns and _ORDINAL.fullmatch(text):
                continue
            if lone is not None:
                return None
            lone = column
        return lone

    def _is_section(self, row: int, column: int) -> bool:
        """Whether a lone text heads the rows below it."""
        if row in self.marked:
            return False
        front = min(c for c in self.columns)
        merged = any(_covers(m, row, column) and m.right > m.left for m in self.sheet.merges)
        if merged or column < front or column in self.located.ordinals:
            return True
        return column == front and (
            self.required != [front] or self._numbered_as_section(row, column)
        )

    def _numbered_as_section(self, row: int, column: int) -> bool:
        text = self.texts.shown(row, column)
        before = self.texts.shown(row, column - 1) if column > 1 else ""
        roman = re.compile(r"\(?[IVX]+\)?[.)]?|[A-ZĐ][.)]?")
        return bool(roman.fullmatch(before) or re.match(r"^[IVX]+\s*[.\-–)]\s", text))


def _covers(merge: Merge, row: int, column: int) -> bool:
    return merge.top <= row <= merge.bottom and merge.left <= column <= merge.right
