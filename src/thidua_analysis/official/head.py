"""The top of the printed form: title block, merged headings, the row of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from thidua_analysis.messages import text
from thidua_analysis.official.filled import Filled
from thidua_analysis.official.form_sheet import Sheet, spanned
from thidua_analysis.official.layout import ABOVE
from thidua_analysis.vietnamese.display import Lang


@dataclass(frozen=True, slots=True)
class Block:
    """A heading over some rows and columns, both counted from 0 and both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


def blocks(paths: Sequence[Sequence[str]], depth: int) -> Iterator[Block]:
    """Yield the headings of columns.

    Parameters
    ----------
    paths
        Headings of each column from the top; ``^`` continues the one above, and so does the
        rest of a path that is shorter than the depth.
    depth
        Number of heading rows.

    Examples
    --------
    >>> [b.text for b in blocks([("Tổng số",), ("Chia ra", "Nam"), ("Chia ra", "Nữ")], 2)]
    ['Tổng số', 'Chia ra', 'Nam', 'Nữ']
    """
    full = [tuple(path) + (ABOVE,) * (depth - len(path)) for path in paths]
    for left, path in enumerate(full):
        for top, heading in enumerate(path):
            if heading == ABOVE:
                continue
            bottom = top
            while bottom + 1 < depth and path[bottom + 1] == ABOVE:
                bottom += 1
            same = path[: bottom + 1]
            if left and full[left - 1][: bottom + 1] == same and top < depth - 1:
                continue
            right = left
            while (
                top < depth - 1 and right + 1 < len(full) and full[right + 1][: bottom + 1] == same
            ):
                right += 1
            yield Block(top, left, bottom, right, heading)


#: Where the left block ends and the right one begins, as shares of the width.
_LEFT, _RIGHT = 0.22, 0.72
_TITLE = 13
#: Headings are bold: they take the room of larger letters.
_BOLD = 12.5


def add(sheet: Sheet) -> int:
    """Write the top of a form and return the first row of its headings."""
    _title_block(sheet)
    first = sheet.row
    _headings(sheet)
    _numbers(sheet)
    return first


def _title_block(sheet: Sheet) -> None:
    """Write number and circular on the left, the title in the middle, who reports on the right.

    The title and the name of who reports stand over two rows.
    """
    form, lang = sheet.form, sheet.lang
    left = spanned(sheet.widths, _LEFT)
    right = max(spanned(sheet.widths, _RIGHT), left + 2)
    unit = text("official-reporting-unit", lang, unit=form.unit)
    ours = list(form.layout.head) or [unit]
    theirs = [unit if form.layout.head else ""]
    theirs += [text("official-recipient", lang)] if form.layout.recipient else []
    middle = [form.layout.title, text("official-year", lang, year=form.year)]
    middle += [text("official-illustrative-mark", lang)] if form.illustrative else []
    top = sheet.row
    two = max(
        sheet.lines(middle[0], left + 1, right - 1, _TITLE + 1),
        sheet.lines(theirs[0], right, sheet.last),
        sheet.lines(ours[0], 0, left) if len(ours) == 1 else 2.0,
    )
    _column(sheet, top, (0, left), ours, over_two=len(ours) == 1, align="left")
    _column(sheet, top, (left + 1, right - 1), middle, over_two=True, align="center")
    _column(sheet, top, (right, sheet.last), theirs, over_two=True, align="left")
    sheet.row = top
    ends = (len(ours) - 1 if len(ours) > 1 else 1, len(middle), len(theirs))
    for at in range(max(ends) + 1):
        third = ours[at] if at < len(ours) else ""
        sheet.next(max(two / 2 if at < 2 else 1, sheet.lines(third, 0, left)))
    sheet.put(0, sheet.last, unit_line(form, lang), align="right", italic=True)
    sheet.next()


def _column(
    sheet: Sheet,
    top: int,
    span: tuple[int, int],
    texts: Sequence[str],
    *,
    over_two: bool,
    align: str,
) -> None:
    """Write one block of the title: its first text is bold, and stands over two rows if asked."""
    sheet.row = top
    for at, content in enumerate(texts):
        first = at == 0
        words: dict[str, Any] = {
            "align": align,
            "bold": first or align == "center",
            "valign": "top",
        }
        if align == "center":
            words |= {"font_size": _TITLE if first else 11, "italic": at > 1, "bold": at < 2}
        else:
            words["indent"] = int(span[0] > 0)
        bottom = sheet.row + 1 if first and over_two else sheet.row
        sheet.put(*span, content, down_to=bottom, **words)
        sheet.row = bottom + 1


def unit_line(form: Filled, lang: Lang) -> str:
    """Return what the figures count."""
    if form.layout.unit_line or not form.counted_as:
        return form.layout.unit_line or ""
    counted = form.counted_as[0] if len(form.counted_as) == 1 else "mixed"
    return text(f"official-counted-{counted}", lang)


def _headings(sheet: Sheet) -> None:
    form, top = sheet.form, sheet.row
    depth = form.layout.depth
    paths = [(lead.heading,) for lead in form.layout.leads]
    found = list(blocks([*paths, *(column.path for column in form.columns)], depth))
    for block in found:
        sheet.row = top + block.top
        words = {"align": "center", "border": 1, "bold": True}
        sheet.put(block.left, block.right, block.text, down_to=top + block.bottom, **words)
    sheet.row = top
    for height in _heights(sheet, found, depth):
        sheet.next(height)


def _heights(sheet: Sheet, found: Sequence[Block], depth: int) -> list[float]:
    """Lines of each heading row: the lowest row gives way to headings over several rows."""
    needed = [1.0] * depth
    for block in sorted(found, key=lambda block: block.bottom - block.top):
        lines = sheet.lines(block.text, block.left, block.right, _BOLD)
        missing = lines - sum(needed[block.top : block.bottom + 1])
        needed[block.bottom] += max(0.0, missing)
    return needed


def _numbers(sheet: Sheet) -> None:
    """Write the row ``A B C 1 2 3``."""
    names = [lead.number for lead in sheet.form.layout.leads]
    names += [column.number for column in sheet.form.columns]
    at = 0
    for name, same in groupby(names):
        right = at + len(list(same)) - 1
        sheet.put(at, right, name, align="center", border=1, italic=True, font_size=10)
        at = right + 1
    sheet.next()
