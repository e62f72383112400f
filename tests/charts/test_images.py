"""Each kind looks as it did: pictures with the bundled font, compared by pytest-mpl (--mpl)."""

import pytest
from chart_frames import attainments, completeness, counts, days, points, shares, with_break

from thidua_analysis import charts

KINDS = {
    "slope": lambda: charts.slope(shares(6, 2)),
    "line": lambda: charts.line(with_break(shares(5, 5), 2017)),
    "multiples": lambda: charts.multiples(counts(6, 4)),
    "bars": lambda: charts.bars(shares(6, 2)),
    "targets": lambda: charts.targets(attainments(9), days(9)),
    "scores": lambda: charts.scores(points(6)),
    "waterfall": lambda: charts.waterfall(counts(6, 2)),
    "heatmap": lambda: charts.heatmap(completeness(6)),
    "bump": lambda: charts.bump(shares(6, 4, close=False)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.mpl_image_compare(savefig_kwargs={"dpi": 60}, tolerance=1, style="default")
def test_kind_looks_as_it_did(kind):
    return KINDS[kind]().figure
