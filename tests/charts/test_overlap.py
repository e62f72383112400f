"""No two labels of a chart overlap, and none leaves the picture: 3-12 members, 2-10 years."""

from itertools import combinations

import pytest
from chart_frames import (
    awards,
    completeness,
    counts,
    crossing,
    figure,
    frame,
    money,
    shares,
    stages,
    with_break,
)
from matplotlib.backends.backend_agg import FigureCanvasAgg

from thidua_analysis import charts
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts import theme

pytestmark = pytest.mark.slow

SOME = [(3, 2), (6, 3), (9, 7), (12, 2), (12, 10)]
EVERY = [(members, years) for members in range(3, 13) for years in range(2, 11)]
MAKERS = {
    "dumbbells close": lambda n, y: charts.dumbbells(shares(n, y)),
    "dumbbells wide": lambda n, y: charts.dumbbells(shares(n, y, close=False)),
    "line": lambda n, y: charts.line(shares(n, y)),
    "line of one": lambda n, y: charts.line(counts(1, y)),
    "line of money": lambda n, y: charts.line(money(n, y)),
    "line with a break": lambda n, y: charts.line(with_break(shares(n, y), 2013 + y)),
    "bars": lambda n, y: charts.bars(shares(n, y)),
    "bars of awards": lambda n, y: charts.bars(awards(n + y)),
    "contributions": lambda n, y: charts.contributions(counts(n, y)),
    "contributions of money": lambda n, y: charts.contributions(money(n, y)),
    "contributions total": lambda n, y: charts.contributions(counts(n, 1)),
    "bump": lambda n, y: charts.bump(crossing(n, y)),
    "bump with ties": lambda n, y: charts.bump(crossing(n, y, ties=2)),
    "heatmap": lambda n, y: charts.heatmap(completeness(n, min(7, y))),
    "scores": lambda n, y: charts.scores(*stages(n)),
}


def tick_labels(axis):
    """Labels of the ticks inside the axis: matplotlib makes some outside, and never draws them."""
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    return [label for tick in ticks for label in (tick.label1, tick.label2)]


def boxes(figure):
    """Return text and box of every label that is seen, a little smaller than its line."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, *tick_labels(axes.xaxis), *tick_labels(axes.yaxis)]
    found = []
    for text in texts:
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            rows = text.get_text().count("\n") + 1
            air = box.height / rows * 0.17  # ascenders and descenders that no letter fills
            found.append((text.get_text(), box.x0, box.y0 + air, box.x1, box.y1 - air))
    return found


def faults(figure, *, grows=False):
    """Pairs of labels that overlap, and labels that leave the picture; one for a phone grows."""
    width = figure.get_figwidth() * figure.dpi
    low, high = (-1e6, 1e6) if grows else (0, figure.get_figheight() * figure.dpi)
    found = boxes(figure)
    told = []
    for one, other in combinations(found, 2):
        across = min(one[3], other[3]) - max(one[1], other[1])
        down = min(one[4], other[4]) - max(one[2], other[2])
        if across > 1 and down > 1:
            told.append((one, other))
    inside = [x0 >= 0 and y0 >= low and x1 <= width and y1 <= high for _, x0, y0, x1, y1 in found]
    return told + [label for label, fits in zip(found, inside, strict=True) if not fits]


@pytest.mark.parametrize("size", SOME, ids=str)
@pytest.mark.parametrize("kind", MAKERS)
def test_labels_keep_apart_and_inside(kind, size):
    assert faults(MAKERS[kind](*size).figure) == []


@pytest.mark.parametrize("size", SOME, ids=str)
@pytest.mark.parametrize("kind", MAKERS)
def test_labels_keep_apart_on_a_phone(kind, size):
    chart = MAKERS[kind](*size)
    with theme.drawing():
        sheet = layout.phone()
        chart.draw(sheet)
    assert faults(sheet.figure, grows=True) == []


def test_values_near_zero_stand_clear_of_the_years_and_of_the_line():
    rows = [figure(n, year=year, unit="suất") for year, n in ((2021, 3), (2022, 2), (2023, 9000))]
    chart = charts.line(frame("commendations", rows))
    assert faults(chart.figure) == []
    near = [t for t in chart.figure.axes[0].texts if t.get_text() == "2"]
    assert near[0].get_path_effects()


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_labels_keep_apart_for_every_number_of_members_and_years(kind):
    found = {size: faults(MAKERS[kind](*size).figure) for size in EVERY}
    assert {size: told for size, told in found.items() if told} == {}


def test_every_kind_is_looked_at():
    assert {name.split()[0] for name in MAKERS} == set(charts.__all__) - {"Chart"}


def test_the_longest_name_of_an_award_is_written_whole_beside_many_others():
    names = ["Kỷ niệm chương (cấp bộ, ban, ngành, đoàn thể Trung ương)", *map(str, range(13))]
    rows = [
        figure(99 - n, unit="lượt", year=year, award=name)
        for n, name in enumerate(names)
        for year in (2022, 2023)
    ]
    drawn = charts.bars(frame("awards_by_award", rows)).figure
    assert names[0] in [text.get_text() for text in drawn.axes[0].texts]
    assert faults(drawn) == []


@pytest.mark.parametrize(("years", "head"), [(2, "So với 2014"), (1, None)])
def test_changes_beside_bars_say_what_they_are_compared_with(years, head):
    written = [text.get_text() for text in charts.bars(counts(4, years)).figure.axes[0].texts]
    assert [one for one in written if one.startswith("So với")] == ([head] if head else [])


def test_the_line_above_a_sum_keeps_off_its_name_on_a_phone():
    chart = charts.contributions(counts(6, 2))
    with theme.drawing():
        sheet = layout.phone()
        chart.draw(sheet)
    (axes,) = sheet.figure.axes
    names = [text for text in axes.texts if text.get_text() in ("Tăng, giảm chung", "Tổng số")]
    rule = next(line for line in axes.lines if list(line.get_xdata()) == [0, 1])
    box = names[0].get_window_extent(FigureCanvasAgg(sheet.figure).get_renderer())
    assert axes.transData.transform((0, rule.get_ydata()[0]))[1] > box.y1
