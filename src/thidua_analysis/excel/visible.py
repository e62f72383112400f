"""What a person sees of the cells: nothing under merged ranges, and error words are errors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from thidua_analysis.excel.cells import Merge, Position, Sheet, Value, address
from thidua_analysis.excel.limits import damaged, listed
from thidua_analysis.findings import Finding, finding

#: Longer texts are no word for an error.
_LONGEST_WORD = 40
#: What error words begin with; all other texts are passed over.
_MAY_BE = re.compile(r"[\s=]*(?:[#＃]|err|l[oỗ]|đang t|calc)", re.IGNORECASE)
#: Words by which Excel, LibreOffice and Google Sheets show that a cell has no value.
_WORDS = re.compile(
    r"=?#(?:N/?A|NV|N/D|NAME|REF|DIV/0|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|UNKNOWN|CONNECT"
    r"|BUSY|EXTERNAL|PYTHON|TIMEOUT|ERROR|GETTING_DATA)[!?]?"
    r"|#{3,}|(?:err|lỗi): ?[0-9]{3}"
    r"|(?:loading|đang tải)(?: dữ liệu)?\.*|(?:calculating|đang tính)\.{2,}",
    re.IGNORECASE,
)
#: The same in the language of a program: "#TÊN?", "#WERT!", "#¿NOMBRE?".
_LOCAL_WORD = re.compile(r"=?#[¡¿]?[^\W\d_]{2,20}(?:[ _/][^\W\d_]{1,20})? ?[!?]")
#: Blanks, and signs of no width.
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
#: Cells under merged ranges of one sheet up to which each has a finding of its own.
_MOST_COVERED = 200


def visible(sheet: Sheet, most: int) -> tuple[Sheet, list[Finding]]:
    """Return a sheet without the values that nobody sees, and with error words as errors.

    Parameters
    ----------
    sheet
        The sheet as the file stores it.
    most
        Cells that its merged ranges may cover together.

    Returns
    -------
    tuple of Sheet and list of Finding
        The very sheet where there is nothing of this kind. A covered cell that repeats what its
        range shows hides nothing and is not reported.

    Raises
    ------
    Refusal
        If ranges lie over each other so often that no program can have written them.
    """
    sheet = _cut(sheet)
    covered = dict(_covered(sheet, most)) if sheet.merges else {}
    words = _error_words(chain.from_iterable(sheet.rows))
    if not covered and not words:
        return sheet, []
    reported = {at: merge for at, merge in covered.items() if _hides(sheet, at, merge)}
    seen = _without(sheet, covered)
    seen = _with_errors(seen, words) if words else seen
    return seen, [] if sheet.hidden else list(_findings(sheet.name, reported))


def _cut(sheet: Sheet) -> Sheet:
    """Leave out the last rows in which there is nothing to be seen."""
    rows, last = sheet.rows, len(sheet.rows)
    while last and not any(map(_shows, rows[last - 1])):
        last -= 1
    return sheet if last == len(rows) else replace(sheet, rows=rows[:last])


def _shows(value: Value) -> bool:
    return is_filled(value) and not (isinstance(value, str) and not _UNSEEN.sub("", value))


def _covered(sheet: Sheet, most: int) -> Iterator[tuple[Position, Merge]]:
    """Cells with content under merged ranges, but for the first cell of each."""
    marked = sheet.errors.keys() | sheet.uncalculated
    for merge in dict.fromkeys(sheet.merges):
        for row in range(merge.top, min(merge.bottom, len(sheet.rows)) + 1):
            cells = sheet.rows[row - 1]
            right = min(merge.right, len(cells))
            most -= max(1, right - merge.left)
            if most < 0:
                raise damaged(f"{sheet.name}!{address(merge.top, merge.left)}")
            for column in range(merge.left, right + 1):
                at = row, column
                if at != (merge.top, merge.left) and (is_filled(cells[column - 1]) or at in marked):
                    yield at, merge
    # an error or a formula without result may stand to the right of all values
    if marked:
        yield from _covered_marks(sheet.merges, marked)


def _covered_marks(
    merges: Iterable[Merge], marked: Iterable[Position]
) -> Iterator[tuple[Position, Merge]]:
    by_row: dict[int, list[int]] = {}
    for row, column in marked:
        by_row.setdefault(row, []).append(column)
    for merge in merges:
        for row in by_row.keys() & range(merge.top, merge.bottom + 1):
            for column in by_row[row]:
                first = (row, column) == (merge.top, merge.left)
                if merge.left <= column <= merge.right and not first:
                    yield (row, column), merge


def is_filled(value: Value) -> bool:
    """Whether a cell holds something: spaces are nothing."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def _hides(sheet: Sheet, at: Position, merge: Merge) -> bool:
    """Whether a covered cell holds something else than its range shows."""
    first = merge.top, merge.left
    if at in sheet.uncalculated or at in sheet.errors:
        return sheet.errors.get(at) != sheet.errors.get(first) or at in sheet.uncalculated
    own, shown = sheet.value(*at), sheet.value(*first)
    if isinstance(own, str) and isinstance(shown, str):
        return own.split() != shown.split()
    return type(own) is not type(shown) or own != shown


def _without(sheet: Sheet, covered: Iterable[Position]) -> Sheet:
    gone = frozenset(covered)
    if not gone:
        return sheet
    rows = list(sheet.rows)
    for row in {row for row, _ in gone if row <= len(rows)}:
        # rows that are equal may be one list
        rows[row - 1] = [
            "" if (row, column) in gone else value for column, value in enumerate(rows[row - 1], 1)
        ]
    return replace(
        sheet,
        rows=rows,
        errors={at: text for at, text in sheet.errors.items() if at not in gone},
        uncalculated=sheet.uncalculated - gone,
        covered={at: sheet.errors.get(at) or sheet.value(*at) for at in gone},
    )


def _findings(sheet: str, covered: dict[Position, Merge]) -> Iterator[Finding]:
    """Say of each covered cell where it is, never what it holds: it may be a person's name."""
    if len(covered) > _MOST_COVERED:
        cells = listed(address(*at) for at in covered)
        yield _finding(sheet, next(iter(covered)), cells)
        return
    for at, merge in covered.items():
        last = address(merge.bottom, merge.right)
        yield _finding(sheet, at, f"{address(merge.top, merge.left)}:{last}")


def _finding(sheet: str, at: Position, what: str) -> Finding:
    cell = address(*at)
    params = {"what": what, "of": "under-merge", "place": cell}
    return finding("hidden-data", sheet=sheet, cell=cell, params=params)


# --- error words --------------------------------------------------------------------------------


def _error_words(values: Iterable[Value]) -> dict[str, str]:
    """Texts that are words for an error → the word."""
    texts = (value for value in frozenset(values) if type(value) is str and _MAY_BE.match(value))
    found = ((text, error_word(text)) for text in texts)
    return {text: word for text, word in found if word}


def error_word(text: str) -> str | None:
    """Return the error that a text spells, None if it is another text.

    Examples
    --------
    >>> error_word(" #N/A"), error_word("Err:502"), error_word("#1 toàn tỉnh")
    ('#N/A', 'Err:502', None)
    """
    if len(text) > _LONGEST_WORD:
        return None
    word = " ".join(unicodedata.normalize("NFKC", text).split())
    local = word.isupper() and _LOCAL_WORD.fullmatch(word)
    return word if local or _WORDS.fullmatch(word) else None


def _with_errors(sheet: Sheet, words: dict[str, str]) -> Sheet:
    rows, errors = list(sheet.rows), dict(sheet.errors)
    for number, cells in enumerate(sheet.rows, 1):
        found = [c for c, value in enumerate(cells, 1) if isinstance(value, str) and value in words]
        if found:
            line = list(cells)
            for column in found:
                errors[number, column] = words[str(cells[column - 1])]
                line[column - 1] = ""
            rows[number - 1] = line
    return replace(sheet, rows=rows, errors=errors)
