"""Charts that a workbook draws itself from the cells of a table, and the room that both take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from thidua_analysis.charts import theme
from thidua_analysis.charts.phrases import sentence
from thidua_analysis.messages import text
from thidua_analysis.publish.downloads import MONEY, Number, Typed

if TYPE_CHECKING:
    from thidua_analysis.publish.pack import Shown

_FONT = {"name": "Times New Roman", "size": 12, "color": theme.INK}
_MARKERS = ("circle", "square", "diamond", "triangle", "x", "plus")
#: Widest column, width of a letter, points of a line.
_WIDEST, _LETTER, LINE = 60, 1.15, 17
#: Widest heading that does not widen its column.
_HEADING = 26
#: Widths of columns together that are read in print, and lines of a cell that give room for them.
_COLUMNS, _MOST_LINES = 185, 22
#: Pixels: the width, the height of what stands around the plot and of a bar, the least height.
_WIDTH, _AROUND, _BAR, _LEAST = 860, 110, 34, 380
#: Pixels that a page of A4 on its side holds where columns are a third wider, as in fonts that
#: stand in for others, and those between table and chart.
_PAGE, _SPACE = (690, 540), 60
#: A table and its chart are printed on one page unless they would be smaller than this.
_SMALLEST = 0.65
#: Lines of more series than these are not labelled with their values: they would overlap.
_LABELLED = 2
#: What words of a chart say of its own picture, which is not that of an office program.
_OF_PICTURE = ("chart-axis-cut", "dumbbells-base", "scores-deducted")


class Room(NamedTuple):
    """How many pixels wide and high a table is with what stands above it."""

    wide: float
    high: float


@dataclass(frozen=True)
class Series:
    """Where a series stands: columns of values and of its name, first row; headings are row -1."""

    column: int
    first: int
    name: tuple[int, int]


@dataclass(frozen=True)
class Drawing:
    """A chart with the table that it is drawn from, whose rows stand in its order.

    Parameters
    ----------
    found
        The table.
    shown
        The chart as the report shows it.
    series
        Where its series stand.
    categories
        Column of the names of the bars, or of the years.
    blank
        Cells (row and column) without a value: they stay empty, so that a line breaks off there.
    """

    found: Typed
    shown: Shown
    series: tuple[Series, ...]
    categories: int
    blank: frozenset[tuple[int, int]]


def drawing(found: Typed, shown: Shown | None) -> Drawing | None:
    """Return how to draw a chart from a table; None where a value is not there as it is drawn.

    The rows are put in the order of the chart: the cells of a series stand below each other.
    """
    if shown is None or shown.native is None or not shown.native.series:
        return None
    native, head = shown.native, found.table.head
    texts = [[cell.text for cell in row] for row in found.table.rows]
    wide = all(name in head[1:] for name, _ in native.series)
    order: list[int] = []
    series: list[Series] = []
    blank = set()
    for name, values in native.series:
        rows = [_row(texts, head, one, "" if wide else name) for one in native.categories]
        own = [row for row in rows if row is not None]
        if not own or len(own) < len(rows):
            return None
        columns = [list(head).index(name)] if wide else range(1, len(head))
        column = next((at for at in columns if _drawn(found, own, at, values, native.unit)), None)
        if column is None:
            return None
        at = 0 if wide else len(order)
        order += own if not wide or not order else []
        told = texts[own[0]].index(name) if name in texts[own[0]] else -1
        aside = (-1, column) if wide or told < 0 else (at, told)
        series.append(Series(column, at, aside))
        blank |= {(at + row, column) for row, value in enumerate(values) if value is None}
    if len(set(order)) < len(order):
        return None
    rest = [row for row in range(len(texts)) if row not in order]
    table = replace(found.table, total=found.table.total and bool(rest))
    table.rows = [found.table.rows[row] for row in [*order, *rest]]
    moved = Typed(table, tuple(found.numbers[row] for row in [*order, *rest]))
    named = texts[order[0]].index(native.categories[0])
    lines = native.kind == "lines"
    return Drawing(moved, shown, tuple(series), named, frozenset(blank if lines else ()))


def _row(
    texts: Sequence[Sequence[str]], head: Sequence[str], category: str, series: str
) -> int | None:
    """Return the row of a category: that of the series, or else that of the last year."""
    found = [at for at, row in enumerate(texts) if category in row]
    own = [at for at in found if series in texts[at]]
    if not own and (named := text("column-year")) in head:
        year = list(head).index(named)
        last = max(row[year] for row in texts)
        own = [at for at in found if texts[at][year] == last or texts[at][year] == category]
    own = own or found
    return own[0] if len(own) == 1 else None


def _drawn(
    found: Typed, rows: Sequence[int], column: int, values: Sequence[float | None], unit: str
) -> bool:
    """Whether the cells of a column hold the values of a chart: rounded, shares in percent."""
    numbers = (found.numbers[row][column] for row in rows)
    return all(_same(number, value, unit) for number, value in zip(numbers, values, strict=False))


def _same(number: Number | None, value: float | None, unit: str) -> bool:
    if number is None or value is None:
        return number is None and value is None
    if number.unit != unit and {number.unit, unit} <= set(MONEY):
        number = number.within(unit)
    exact = number.value * 100 if number.percent else number.value
    return abs(exact - Decimal(str(value))) <= (Decimal("0.051") if exact % 1 else 0)


def of_native(words: str) -> str:
    """Return what is said of a chart without what is true of its own picture only."""
    for key in _OF_PICTURE:
        told = re.escape(sentence(text(key, low="\0", year="\0"))).replace("\0", "[^ ]+")
        words = re.sub(f" ?{told}", "", words)
    return words


def alternative(shown: Shown) -> str:
    """Return the alternative text of a chart as an office program draws it: in bars or lines."""
    told, native = of_native(shown.alt), shown.native
    if native is None or native.reverse:
        return told
    _, colon, said = told.partition(":")
    return text("kind-line" if native.kind == "lines" else "kind-bars").rstrip(":") + colon + said


def draw(file: Any, sheet: Any, plot: Drawing, top: int, room: Room) -> None:
    """Draw a chart below its table, of which ``top`` is the row of the headings."""
    native = plot.shown.native
    if native is None:
        return
    lines, last = native.kind == "lines", len(native.categories) - 1
    chart = file.add_chart({"type": "line" if lines else "bar"})
    column = plot.series[0].column
    numbers = [one for row in plot.found.numbers if (one := row[column])]
    digits = numbers[0].format if numbers[0].percent else native.format
    if any(one.signed for one in numbers):
        digits = f"+{digits};-{digits};{digits}"
    for at, series in enumerate(plot.series):
        first, (aside, name) = top + 1 + series.first, series.name
        label = {"value": True, "num_format": digits, "font": _FONT}
        told = {} if lines and len(plot.series) > _LABELLED else {"data_labels": label}
        chart.add_series(
            {
                "name": [sheet.name, top + 1 + aside, name],
                "categories": [sheet.name, first, plot.categories, first + last, plot.categories],
                "values": [sheet.name, first, series.column, first + last, series.column],
                **(_line(at) if lines else {"fill": {"color": _colour(at)}, "gap": 45}),
                **told,
            }
        )
    # the message of the chart stands below the title of the sheet
    chart.set_title({"name": f"='{sheet.name}'!$A$2", "name_font": {**_FONT, "size": 14}})
    chart.set_legend({"position": "bottom", "font": _FONT} if len(plot.series) > 1 else {"none": 1})
    measured = f"{plot.found.table.head[column]} ({native.unit})".replace("=", "")
    least = None if any(one.value < 0 for one in numbers) else 0
    _axes(chart, digits, measured, least, lines=lines, reverse=native.reverse)
    bars = (last + 1) * len(plot.series)
    height = _LEAST if lines else max(_LEAST, _AROUND + _BAR * bars)
    chart.set_size({"width": _WIDTH, "height": height})
    alt = f"{alternative(plot.shown)} {text('workbook-table-above')}"
    below = top + len(plot.found.table.rows) + 2
    place = {"description": alt, "object_position": 2, "y_offset": 4}
    sheet.insert_chart(below, 0, chart, place)
    whole = room.high + _SPACE + height
    if min(_PAGE[0] / max(room.wide, _WIDTH), _PAGE[1] / whole) >= _SMALLEST:
        sheet.fit_to_pages(1, 1)
        return
    # a sheet that is fitted to its page is not broken where it should be
    shrunk = min(1.0, _PAGE[0] / max(room.wide, _WIDTH), _PAGE[1] / height)
    sheet.set_print_scale(int(shrunk * 100))
    sheet.set_h_pagebreaks([below])


def _axes(
    chart: Any, digits: str, measured: str, least: int | None, *, lines: bool, reverse: bool
) -> None:
    names: dict[str, Any] = {"num_font": _FONT, "major_gridlines": {"visible": False}}
    rule = {"visible": lines, "line": {"color": theme.RULE, "width": 0.75}}
    values = {"num_font": _FONT, "num_format": digits, "major_gridlines": rule, "name": measured}
    values |= {"name_font": {**_FONT, "bold": False}, "line": {"none": True}}
    if lines:
        chart.set_x_axis(names)
        ranks = {"reverse": True, "min": 1, "major_unit": 1} if reverse else {}
        chart.set_y_axis({**values, **ranks})
        return
    # the first bar on top; each bar is labelled, so that its axis need not be
    chart.set_y_axis({**names, "reverse": True, "line": {"color": theme.INK}})
    bare = {"label_position": "none", "major_tick_mark": "none", "min": least}
    chart.set_x_axis({**values, **bare})


def _colour(at: int) -> str:
    return theme.PALETTE[at % len(theme.PALETTE)]


def _line(at: int) -> dict[str, Any]:
    colour = _colour(at)
    paint = {"fill": {"color": colour}, "border": {"color": colour}}
    marker = {"type": _MARKERS[at % len(_MARKERS)], "size": 8, **paint}
    return {"line": {"color": colour, "width": 2.25}, "marker": marker}


def width_of(texts: Iterable[str], heading: str, widest: float = _WIDEST) -> float:
    """Return the width of a column that holds its longest cell and the words of its heading."""
    longest = max(map(len, texts), default=0)
    word = max(map(len, heading.split()), default=0)
    # at most three lines of a heading, where that does not make the column too wide
    return min(max(longest, word, min(len(heading) / 2.5, _HEADING), 8) * _LETTER + 3, widest)


def widths_of(columns: Sequence[tuple[Sequence[str], str]]) -> list[float]:
    """Return the widths of columns: their texts take as few lines as a page has room for."""
    widths = [width_of(texts, heading) for texts, heading in columns]
    for lines in range(1, _MOST_LINES):
        if sum(widths) <= _COLUMNS:
            break
        widths = [
            min(
                width,
                max(width_of((), heading), max(map(len, texts), default=0) * 1.25 / lines + 3),
            )
            for width, (texts, heading) in zip(widths, columns, strict=True)
        ]
    return widths


def height_of(words: Sequence[str], widths: Sequence[float]) -> float:
    """Return the height of a row in which the longest of its texts is seen to its end."""
    known = zip(words, widths, strict=False)
    lines = [len(wrap(one, int(width))) for one, width in known if len(one) > int(width) > 0]
    return LINE * max([1, *lines])
