"""Tables of a chart's or report's data as escaped HTML and as CSV text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from numbers import Integral

import pandas as pd

from thidua_analysis import formulas
from thidua_analysis.links import link, markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number
from thidua_analysis.vietnamese.literals import places

#: A number with its sign, parts, unit and remarks, or the mark of none.
_FIGURE = re.compile(
    r"–|không đổi|(?:[▲▼] )?(?:dưới |[-−+])?\d[\d.,/]*%?(?: [^\W\d]+){0,3}(?: %)?(?: \([^)]*\))?"
)
#: Number of a row and heading of a column → id of the figure that is printed there; a frame that
#: is printed carries it in ``attrs["ids"]``.
Ids = Mapping[tuple[int, str], str]
#: Texts of no more letters than these are not broken into lines.
_WORDS = 18
#: Tables with no more rows than these stay together in print.
SHORT = 18


def printed(value: object) -> str:
    """Return a cell as it is printed: numbers the Vietnamese way, nothing for what is missing."""
    if _is_missing(value):
        return "–"
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, Integral):
        return number(int(value), 0)
    if isinstance(value, Decimal | float):
        exact = Decimal(str(value))
        return number(exact, places(exact))
    return str(value)


def html_table(data: pd.DataFrame, caption: str, *, total: bool = False) -> str:
    """Return the frame as a table whose every text is escaped and whose figures are links.

    Parameters
    ----------
    data
        One row a line; the first column names the row. Its ``attrs["ids"]`` are `Ids`; texts may
        have figures marked in them.
    caption
        Printed above the table and read first by screen readers.
    total
        Whether the last row is a total.
    """
    kinds = [_kind(data[name], first=not at) for at, name in enumerate(data.columns)]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{escape(str(name))}</th>'
        for name, kind in zip(data.columns, kinds, strict=True)
    )
    ids: Ids = data.attrs.get("ids", {})
    rows = [
        _row(
            [_linked(printed(v), ids.get((at, str(n)))) for v, n in zip(row, data, strict=True)],
            kinds,
            last=total and at == len(data) - 1,
        )
        for at, row in enumerate(data.itertuples(index=False, name=None))
    ]
    short = ' class="short"' if len(data) <= SHORT else ""
    return (
        f"<table{short}><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _row(cells: list[str], kinds: list[str], *, last: bool) -> str:
    first, *rest = cells
    others = "".join(
        f"<td{_class(kind)}>{value}</td>" for value, kind in zip(rest, kinds[1:], strict=True)
    )
    mark = ' class="total"' if last else ""
    return f'<tr{mark}><th scope="row"{_class(kinds[0])}>{first}</th>{others}</tr>'


def _linked(shown: str, figure: str | None) -> str:
    return link(shown, figure) if figure else markup(shown)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _kind(column: pd.Series, *, first: bool) -> str:
    """Return whether a column holds figures, or words so short that they stay on one line."""
    texts = [unmarked(printed(value)) for value in column]
    if texts and all(_FIGURE.fullmatch(text) for text in texts):
        return "figure"
    return "words" if not first and all(len(text) <= _WORDS for text in texts) else ""


def csv_text(data: pd.DataFrame) -> str:
    """Return the frame as CSV; text that a spreadsheet would take for a formula is marked.

    Where each row holds one figure, its id is the last column: ``thidua trace ID`` lists the cells.
    """
    ids = _ids_of_rows(data)
    head = [str(name) for name in data.columns]
    rows = [
        [None if _is_missing(value) else value for value in row]
        for row in data.itertuples(index=False, name=None)
    ]
    if ids:
        head.append(text("column-id"))
        rows = [[*row, ids.get(at)] for at, row in enumerate(rows)]
    # pages hold line feeds alone
    return formulas.csv_text(head, rows).replace("\r\n", "\n")


def _ids_of_rows(data: pd.DataFrame) -> dict[int, str]:
    """Return the id of each row; none where a row holds several figures."""
    rows: dict[int, set[str]] = {}
    for (at, _), figure in data.attrs.get("ids", {}).items():
        rows.setdefault(at, set()).add(figure)
    if any(len(figures) > 1 for figures in rows.values()):
        return {}
    return {at: figures.pop() for at, figures in rows.items()}


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
