"""The cells behind a figure as they are printed: address, what was typed, what it adds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from thidua_analysis.indicators.lineage import Term
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import MINUS, date, number
from thidua_analysis.vietnamese.literals import places

Cell = Mapping[str, Any]

#: So many cells or more below each other are printed as a range.
_RANGE = 3
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
#: A number as spreadsheets store it, not one that was typed with points between thousands.
_STORED = re.compile(r"(?!-?[1-9]\d{0,2}(?:\.\d{3})+$)-?\d+(?:\.\d+)?")
#: Day 0 of spreadsheet day numbers.
_DAY_ZERO = dt.date(1899, 12, 30)
_EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"


def cell_texts(cells: Iterable[Cell], terms: Iterable[Term]) -> list[str]:
    """Return cells of one sheet as texts.

    Parameters
    ----------
    cells
        As `thidua_analysis.lineage.cells` yields them.
    terms
        The terms of the figure, which say what is counted and what is a day.

    Returns
    -------
    list of str
        ``H9 = 3.666``, with the text where it says otherwise; ``F2 = 30/03/2023 (trừ)`` for a
        date; the bare address of a cell that counts one, ``C2–C9`` for several.
    """
    kinds = {(t.table, name, t.role): t for t in terms for name in t.fields}
    told, counted = [], []
    for cell in cells:
        term = kinds.get((cell["table"], cell["field"], cell["role"]))
        if _counts_one(cell, term):
            counted.append(cell["cell"])
        else:
            told.append(_told(cell, term))
    return [*told, *ranges(counted)]


def _counts_one(cell: Cell, term: Term | None) -> bool:
    """Whether a cell stands for one thing; of what may stand in several, the name is printed."""
    if not cell["cell"] or str(cell["value"]) != "1":
        return False
    if term is not None and term.counts:
        return term.role != "value"
    return cell["typed"] is None


def _told(cell: Cell, term: Term | None) -> str:
    if term is not None and term.counts:
        adds = "" if cell["cell"] else str(cell["value"])
    else:
        adds = _day(cell["value"]) if term is not None and term.days else _number(cell["value"])
    typed = cell["typed"]
    if typed is not None and _STORED.fullmatch(typed):
        typed = _number(Decimal(typed))
    known = adds.removeprefix(MINUS).removesuffix(f" {text('source-less')}")
    # a cell that holds a date, not text, is stored the other way round
    as_date = "/".join(reversed(typed.split("-"))) if typed and term and term.days else typed
    shown = "" if typed is None or known in (typed, as_date) else f" “{typed}”"
    address = f"{cell['cell'] or ''}{shown}".strip()
    return _EQUALS.join(filter(None, [address, adds]))


def _number(value: Any) -> str:
    exact = Decimal(str(value))
    return number(exact, places(exact))


def _day(value: Any) -> str:
    """Return the date of a day number, marked where it is taken off."""
    printed = date(_DAY_ZERO + dt.timedelta(days=abs(int(value))))
    return f"{printed} {text('source-less')}" if int(value) < 0 else printed


def ranges(addresses: Sequence[str]) -> list[str]:
    """Return addresses in the order of the sheet, cells below each other as ranges.

    Examples
    --------
    >>> ranges(["C4", "C2", "C3", "C9", "B7", "C10"])
    ['B7', 'C2–C4', 'C9', 'C10']
    """
    known = {a: (len(m[1]), m[1], int(m[2])) for a in addresses if (m := _ADDRESS.fullmatch(a))}
    others = [a for a in dict.fromkeys(addresses) if a not in known]
    return [*_runs(sorted(known.values())), *others]


def _runs(places: Sequence[tuple[int, str, int]]) -> Iterator[str]:
    run: list[int] = []
    for at, (width, column, row) in enumerate(places):
        run.append(row)
        if places[at + 1 : at + 2] == [(width, column, row + 1)]:
            continue
        if len(run) < _RANGE:
            yield from (f"{column}{one}" for one in run)
        else:
            yield f"{column}{run[0]}–{column}{run[-1]}"
        run = []
