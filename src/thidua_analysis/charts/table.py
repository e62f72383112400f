"""Tables of a chart's or report's data as escaped HTML and as CSV text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from html import escape
from numbers import Integral

import pandas as pd

from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number

#: A number with its sign, parts, unit and remarks, or the mark of none.
_FIGURE = re.compile(
    r"–|không đổi|(?:[▲▼] )?[-−+]?\d[\d.,/]*%?(?: [^\W\d]+){0,3}(?: %)?(?: \([^)]*\))?"
)
#: Name of a row and heading of a column → where the cell leads.
Links = Mapping[tuple[str, str], str]
#: Tables with no more rows than these stay together in print.
SHORT = 16
_FORMULA = tuple("=+-@\t\r")


def printed(value: object) -> str:
    """Return a cell as it is printed: numbers the Vietnamese way, nothing for what is missing."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, Integral):
        return number(int(value), 0)
    if isinstance(value, Decimal | float):
        exact = Decimal(str(value)).normalize()
        return number(exact, max(0, -int(exact.as_tuple().exponent)))
    return str(value)


def html_table(
    data: pd.DataFrame, caption: str, *, total: bool = False, links: Links | None = None
) -> str:
    """Return the frame as a table whose every text is escaped.

    Parameters
    ----------
    data
        One row a line; the first column names the row.
    caption
        Printed above the table and read first by screen readers.
    total
        Whether the last row is a total.
    links
        Name of a row and heading of a column → where the cell leads.
    """
    figures = [_is_figures(data[name]) for name in data.columns]
    head = "".join(
        f'<th scope="col"{_class(figure)}>{escape(str(name))}</th>'
        for name, figure in zip(data.columns, figures, strict=True)
    )
    rows = [
        _row(row, figures, _hrefs(row, data.columns, links), last=total and index == len(data) - 1)
        for index, row in enumerate(data.itertuples(index=False, name=None))
    ]
    short = ' class="short"' if len(data) <= SHORT else ""
    return (
        f"<table{short}><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _hrefs(row: tuple[object, ...], columns: Iterable[object], links: Links | None) -> list[str]:
    return [(links or {}).get((str(row[0]), str(name)), "") for name in columns]


def _row(row: tuple[object, ...], figures: list[bool], hrefs: list[str], *, last: bool) -> str:
    first, *rest = [_linked(printed(v), href) for v, href in zip(row, hrefs, strict=True)]
    cells = "".join(
        f"<td{_class(figure)}>{value}</td>" for value, figure in zip(rest, figures[1:], strict=True)
    )
    mark = ' class="total"' if last else ""
    return f'<tr{mark}><th scope="row"{_class(figures[0])}>{first}</th>{cells}</tr>'


def _linked(value: str, href: str) -> str:
    return f'<a class="cells" href="{escape(href)}">{escape(value)}</a>' if href else escape(value)


def _class(figure: bool) -> str:
    return ' class="figure"' if figure else ""


def _is_figures(column: pd.Series) -> bool:
    texts = [printed(value) for value in column]
    return bool(texts) and all(_FIGURE.fullmatch(text) for text in texts)


def csv_text(data: pd.DataFrame) -> str:
    """Return the frame as CSV; text that a spreadsheet would take for a formula is marked.

    Where the figures have ids, ``thidua trace ID`` lists their cells; they are the last column.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    ids = data.attrs.get("ids", [])
    traced = len(ids) == len(data) and all(ids)
    head = [_plain(name) for name in data.columns]
    writer.writerow([*head, text("column-id")] if traced else head)
    for at, row in enumerate(data.itertuples(index=False)):
        cells = [_plain(value) for value in row]
        writer.writerow([*cells, ids[at]] if traced else cells)
    return stream.getvalue()


def _plain(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(_FORMULA) else value
    return str(value)
