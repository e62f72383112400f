"""Notes under the form of movements (0601.N): repeated, incomplete and unusual ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from thidua_analysis.dataset import Record
from thidua_analysis.form import current
from thidua_analysis.indicators.launches import identity
from thidua_analysis.messages import text
from thidua_analysis.publish.official_forms.fill import begun
from thidua_analysis.publish.official_forms.filled import Note
from thidua_analysis.publish.official_forms.notes import Told
from thidua_analysis.publish.official_forms.refer import column_name

#: Fields by which the form breaks movements down.
_FIELDS = ("launched_by", "scope", "duration_months", "method")
_LISTED = 10
Movements = dict[tuple[Any, ...], list[Record]]


def of_movements(told: Told) -> Iterator[Note]:
    """Yield what must be said of the movements that a form counts."""
    found: Movements = {}
    for row in told.rows:
        found.setdefault(identity(row), []).append(row)
    yield from _repeated(told)
    yield from _blank(told, found)
    yield from _conflicting(told, found)
    yield from _unusual(told)
    yield from _later(told)


def _repeated(told: Told) -> Iterator[Note]:
    """Print both numbers where members report the same movement."""
    differing = {
        place: cell
        for place, cell in told.form.cells.items()
        if cell.value is not None and cell.reported != cell.value
    }
    if not differing:
        return
    shown = [
        text(
            "official-both-numbers",
            told.ds.lang,
            row=row,
            column=column_name(told.form, column),
            value=cell.value,
            reported=cell.reported,
        )
        for (row, column), cell in differing.items()
    ]
    yield told.say("official-distinct", tuple(differing), cells="; ".join(shown))


def _blank(told: Told, found: Movements) -> Iterator[Note]:
    """Name movements that stand in row 01 or column 1 only, for want of a field."""
    for field in _FIELDS:
        without = [rows for rows in found.values() if all(row[field] is None for row in rows)]
        if without:
            yield told.say(
                "official-blank-field", field=_heading(field), names=_names(told, without)
            )


def _conflicting(told: Told, found: Movements) -> Iterator[Note]:
    """Name movements that members describe differently: they stand in more than one row."""
    for field in _FIELDS[1:]:
        # durations of one class stand in one row
        compared = "term" if field == "duration_months" else field
        differing = [
            rows
            for rows in found.values()
            if len({row[compared] for row in rows if row[compared] is not None}) > 1
        ]
        if differing:
            yield told.say(
                "official-conflict", field=_heading(field), names=_names(told, differing)
            )


def _unusual(told: Told) -> Iterator[Note]:
    """Name figures where the form expects none (row 02 belongs to column 2, and so on)."""
    cells = [
        (cell.row, cell.column)
        for line in told.form.coded
        for cell in told.form.of_line(line)
        if line.source.usual and cell.value and cell.column not in line.source.usual
    ]
    if cells:
        yield told.say("official-unusual", tuple(cells), cells=told.where(cells))


def _later(told: Told) -> Iterator[Note]:
    later = [[row] for row in told.all_rows if not begun(row, told.form.year)]
    if later:
        yield told.say("official-launched-later", names=_names(told, later))


def _heading(field: str) -> str:
    return current("unit").table("movements").by_name[field].heading


def _names(told: Told, movements: Iterable[list[Record]]) -> str:
    quoted = list(dict.fromkeys(f"“{rows[0]['name']}”" for rows in movements))
    more = len(quoted) - _LISTED
    if more > 0:
        quoted = [*quoted[:_LISTED], text("official-more", told.ds.lang, n=more)]
    return ", ".join(quoted)
