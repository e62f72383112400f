"""Charts on slides that the office program draws itself and people can edit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from thidua_analysis.charts import theme
from thidua_analysis.charts.caption import Native
from thidua_analysis.messages import language, text
from thidua_analysis.publish.deck import INSIDE, PLOT, TEXT, Box, clean, even, lines, tag

#: Inches of a bar with its label, between rows of bars, the most of a row, and of a name.
_BAR, _GAP, _WIDEST, _NAME = 0.27, 0.03, 1.0, 5.0
_LEGEND, _LINE = 0.45, 1.15
#: How many times the width of a chart its values stand from its left edge.
_TICKS = 0.07
#: Inches of the value beside the last point of a line, and of a name that is short.
_VALUE, _SHORT = 0.8, 1.2
#: What is free below the last rank, in ranks.
_BELOW = 0.4
_MARKS = ("CIRCLE", "SQUARE", "DIAMOND", "TRIANGLE")


def split(native: Native) -> list[Native]:
    """Return a chart as charts that each have room on a slide."""
    if native.kind != "bars" or not native.categories:
        return [native]
    high = PLOT[3] - _LEGEND * _legend(native)
    rows = range(len(native.categories))
    return [_only(native, some) for some in even(rows, lambda some: _least(native, some) <= high)]


def _legend(native: Native) -> bool:
    """Whether bars need a legend; short names such as years stand at the first bar of each series.

    Programs disagree on the order of a legend: some turn it with the bars, others do not.
    """
    return len(native.series) > 1 and _widest(native) >= _SHORT


def _widest(native: Native) -> float:
    return max(theme.text_width(clean(name), TEXT) for name, _ in native.series)


def _only(native: Native, rows: Sequence[int]) -> Native:
    series = tuple((name, tuple(own[at] for at in rows)) for name, own in native.series)
    return replace(native, categories=tuple(native.categories[at] for at in rows), series=series)


def _least(native: Native, rows: Sequence[int]) -> float:
    """Return the least height of rows of bars; a name may take several lines."""
    counted = [lines(clean(native.categories[at]), _NAME, TEXT) for at in rows]
    names = [count * TEXT * _LINE / 72 for count in counted]
    return len(rows) * (max(len(native.series) * _BAR, *names) + _GAP)


def insert(holder: Any, native: Native, whole: Native, alt: str) -> None:
    """Put a chart into its placeholder.

    Parameters
    ----------
    holder
        The placeholder.
    native
        What is drawn.
    whole
        The chart that it is a part of: all parts have one scale.
    alt
        What the chart shows, in words.
    """
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
    from pptx.util import Pt

    data: Any = CategoryChartData(number_format=native.format)  # type: ignore[no-untyped-call]
    data.categories = list(map(clean, native.categories))
    for name, values in native.series:
        data.add_series(clean(name), values)
    over_years = native.kind == "lines"
    kind = XL_CHART_TYPE.LINE_MARKERS if over_years else XL_CHART_TYPE.BAR_CLUSTERED
    frame = holder.insert_chart(kind, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
    frame.name = text("slides-part-chart")
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(native))
    chart.has_title = False
    chart.has_legend = len(native.series) > 1 if over_years else _legend(native)
    chart.font.size = Pt(TEXT)
    for end in chart._chartSpace.iter(tag("a:endParaRPr")):
        end.set("lang", text("office-language"))
    if chart.has_legend:
        chart.legend.include_in_layout = False
        place = XL_LEGEND_POSITION.RIGHT if over_years else XL_LEGEND_POSITION.TOP
        chart.legend.position = place
    (_lines if over_years else _bars)(chart, native, whole)


def _workbook(native: Native) -> bytes:
    """Return the data of a chart as the program opens them to edit; every name stays a text."""
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True})
    cells, form = book.add_worksheet(), book.add_format({"num_format": native.format})
    for at, category in enumerate(native.categories, 1):
        cells.write_string(at, 0, clean(category))
    for column, (name, values) in enumerate(native.series, 1):
        cells.write_string(0, column, clean(name))
        for at, value in enumerate(values, 1):
            if value is not None:
                cells.write_number(at, column, value, form)
    book.close()
    return stream.getvalue()


def _values(native: Native) -> list[float]:
    return [value for _, own in native.series for value in own if value is not None]


def _format(native: Native) -> str:
    """Return the format that prints numbers as the language does.

    Whole numbers from 0 get their separators as letters, whatever the language of the PC is; others
    follow the language that is named.
    """
    sign, locale = (".", "[$-42A]") if language() == "vi" else (",", "[$-809]")
    if native.format == "#,##0" and min(_values(native), default=0) >= 0:
        return f'[>=1000000]0"{sign}"000"{sign}"000;[>=1000]0"{sign}"000;0'
    return ";".join(f"{locale}{part}" for part in native.format.split(";"))


def _stand(chart: Any, box: Box) -> None:
    """Set where the plot of a chart stands without its names, in parts of the chart."""
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(tag("c:layout")):
        area.remove(old)
    layout = area.makeelement(tag("c:layout"))
    inner = layout.makeelement(tag("c:manualLayout"))
    layout.append(inner)
    told = [("layoutTarget", "inner"), ("xMode", "edge"), ("yMode", "edge")]
    told += [(name, f"{part:.4f}") for name, part in zip("xywh", box, strict=True)]
    for name, value in told:
        inner.append(inner.makeelement(tag(f"c:{name}"), {"val": value}))
    area.insert(0, layout)


def _bars(chart: Any, native: Native, whole: Native) -> None:
    """Lay bars from 0, the first on top, each with its value, all on the scale of the whole."""
    from pptx.enum.chart import XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
    from pptx.enum.dml import MSO_THEME_COLOR

    legend = _LEGEND * chart.has_legend
    names = max(theme.text_width(clean(name), TEXT) for name in whole.categories)
    left, rows = min(names, _NAME) + 0.2, range(len(native.categories))
    high = min(max(len(rows) * _WIDEST, _least(native, rows)), PLOT[3] - legend)
    wide = INSIDE - left - 0.05
    _stand(chart, (left / INSIDE, legend / PLOT[3], wide / INSIDE, high / PLOT[3]))
    named = len(native.series) > 1 and not chart.has_legend
    low, top = _scale(whole, wide, _widest(whole) + 0.1 if named else 0.0)
    axis, across, plot = chart.value_axis, chart.category_axis, chart.plots[0]
    axis.minimum_scale, axis.maximum_scale = low, top
    axis.visible = axis.has_major_gridlines = False
    across.reverse_order, across.major_tick_mark = True, XL_TICK_MARK.NONE
    across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    across.format.line.color.theme_color = MSO_THEME_COLOR.TEXT_2
    plot.gap_width, plot.overlap, plot.has_data_labels = 45, 0, True
    # labels of a series go before those of the plot
    for labels in [plot.data_labels, *(one.data_labels for one in plot.series if named)]:
        labels.number_format, labels.number_format_is_linked = _format(native), False
        labels.show_value, labels.position = True, XL_LABEL_POSITION.OUTSIDE_END
    for at, series in enumerate(plot.series, 1):
        # the last series, such as the year of the report, has the first colour
        series.format.fill.solid()
        series.format.fill.fore_color.theme_color = _accent(len(native.series) - at)
        known = (n for n, value in enumerate(native.series[at - 1][1]) if value is not None)
        if named and (first := next(known, None)) is not None:
            label = _label(series.points[first], _format(native), XL_LABEL_POSITION.OUTSIDE_END)
            label.append(label.makeelement(tag("c:separator")))
            label[-1].text = ": "


def _scale(native: Native, wide: float, name: float) -> tuple[float, float]:
    """Return the ends of the axis, from 0, so that names and values beside the bars have room."""
    values = _values(native)
    low, top = min([0.0, *values]), max([0.0, *values])
    label = max((theme.text_width(f"{value:+,.1f}%", TEXT) for value in values), default=0.0)
    label += name
    spare = (top - low) * label / (wide - label * (1 + (low < 0 < top))) or 1.0
    return low - spare * (low < 0), top + spare * (top > 0 or low == 0)


def _accent(at: int) -> Any:
    from pptx.enum.dml import MSO_THEME_COLOR

    return getattr(MSO_THEME_COLOR, f"ACCENT_{at % len(theme.PALETTE) + 1}")


def _lines(chart: Any, native: Native, _: Native) -> None:
    """Draw lines over the years; names stand at their ends where these are apart."""
    from pptx.enum.chart import XL_LABEL_POSITION, XL_MARKER_STYLE, XL_TICK_MARK
    from pptx.enum.dml import MSO_THEME_COLOR
    from pptx.util import Pt

    names = min(_widest(native), _NAME)
    gap, several = _gap(native), len(native.series) > 1
    # a long name takes two lines
    named = several and gap >= (_BAR if names < _SHORT else 2 * _BAR) and names < 2 * _SHORT
    chart.has_legend = several and not named
    # half a year is free beside the last point
    free = INSIDE * (1 - _TICKS) / (2 * len(native.categories))
    right = max(0.1, (names if named else _VALUE) + 0.4 - free)
    right = (names + 0.8 if chart.has_legend else right) / INSIDE
    top = _LEGEND / PLOT[3] if native.reverse else 0.04
    foot = 0.02 if native.reverse else 0.12
    _stand(chart, (_TICKS, top, 1 - _TICKS - right, 1 - top - foot))
    axis, across, plot = chart.value_axis, chart.category_axis, chart.plots[0]
    axis.tick_labels.number_format = "0;;" if native.reverse else _format(native)
    axis.tick_labels.number_format_is_linked = False
    axis.major_gridlines.format.line.color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
    axis.format.line.fill.background()
    across.format.line.color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
    axis.major_tick_mark = across.major_tick_mark = XL_TICK_MARK.NONE
    if native.reverse:
        # the years stand where the rank 0 would be, which is not printed
        axis.reverse_order, axis.major_unit = True, 1
        axis.minimum_scale, axis.maximum_scale = 0, max(_values(native), default=1.0) + _BELOW
    for at, series in enumerate(plot.series):
        series.smooth, series.format.line.width = False, Pt(3)
        mark = series.marker
        mark.style, mark.size = getattr(XL_MARKER_STYLE, _MARKS[at % len(_MARKS)]), 10
        mark.format.fill.solid()
        for fill in (series.format.line, mark.format.line):
            fill.color.theme_color = _accent(at)
        mark.format.fill.fore_color.theme_color = _accent(at)
        known = [n for n, value in enumerate(native.series[at][1]) if value is not None]
        if known and (named or not several or gap >= _BAR):
            place = XL_LABEL_POSITION.RIGHT
            _label(series.points[known[-1]], _format(native), place, named=named, valued=not named)


def _gap(native: Native) -> float:
    """Return the least distance of the ends of two lines in inches; 0 where one ends before."""
    ends = sorted(own[-1] for _, own in native.series if own[-1] is not None)
    if len(ends) < len(native.series):
        return 0.0
    values = _values(native)
    span = max(values) + _BELOW if native.reverse else max(values) - min(0.0, *values)
    near = min((after - before for before, after in pairwise(ends)), default=span)
    return (PLOT[3] - _LEGEND - 0.1) * near / (span or 1.0)


def _label(point: Any, form: str, place: Any, *, named: bool = True, valued: bool = True) -> Any:
    """Label a point with the name of its series, with its value or with both."""
    point.data_label.position = place
    label = point.data_label._dLbl
    for name, shown in (("c:showVal", valued), ("c:showSerName", named)):
        label.find(tag(name)).set("val", str(int(shown)))
    told = {"formatCode": form, "sourceLinked": "0"}
    label.insert(1, label.makeelement(tag("c:numFmt"), told))
    return label
