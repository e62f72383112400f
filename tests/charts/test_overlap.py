"""No two labels of a chart overlap, and none leaves the picture: 3-12 members, 2-10 years."""

from itertools import combinations

import pytest
from chart_frames import attainments, completeness, counts, days, points, shares
from matplotlib.backends.backend_agg import FigureCanvasAgg

from thidua_analysis import charts

SIZES = [(3, 2), (6, 3), (9, 7), (12, 2), (12, 10)]
MAKERS = {
    "slope close": lambda n, y: charts.slope(shares(n, y)),
    "slope wide": lambda n, y: charts.slope(shares(n, y, close=False)),
    "line": lambda n, y: charts.line(shares(n, y)),
    "line of one": lambda n, y: charts.line(counts(1, y)),
    "multiples": lambda n, y: charts.multiples(counts(n, y)),
    "bars": lambda n, y: charts.bars(shares(n, y)),
    "waterfall": lambda n, y: charts.waterfall(counts(n, y)),
    "waterfall total": lambda n, y: charts.waterfall(counts(n, 1)),
    "bump": lambda n, y: charts.bump(shares(n, y, close=False)),
    "heatmap": lambda n, y: charts.heatmap(completeness(n, min(7, y))),
    "targets": lambda n, y: charts.targets(attainments(n + y), days(n + y)),
    "scores": lambda n, y: charts.scores(points(n)),
    "scores of parts": lambda n, y: charts.scores(points(n, parts=tuple("abcdefgh"))),
}


def tick_labels(axis):
    """Labels of the ticks inside the axis: matplotlib makes some outside, and never draws them."""
    low, high = sorted(axis.get_view_interval())
    ticks = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
    return [label for place, label in ticks if low <= place <= high]


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


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", MAKERS)
def test_labels_keep_apart_and_inside(kind, size):
    figure = MAKERS[kind](*size).figure
    width, _ = figure.get_size_inches() * figure.dpi
    found = boxes(figure)
    for one, other in combinations(found, 2):
        across = min(one[3], other[3]) - max(one[1], other[1])
        down = min(one[4], other[4]) - max(one[2], other[2])
        assert across <= 1 or down <= 1, (one, other)
    for label in found:
        assert label[1] >= 0, label
        assert label[3] <= width, label
