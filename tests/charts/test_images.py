"""Each kind looks as it did: pictures with the bundled font, compared by pytest-mpl (--mpl)."""

import pytest
from chart_frames import (
    completeness,
    counts,
    crossing,
    shares,
    stages,
    with_break,
)
from matplotlib.text import Text

from thidua_analysis import charts
from thidua_analysis.charts import theme

KINDS = {
    "dumbbells": lambda: charts.dumbbells(shares(6, 2)),
    "line": lambda: charts.line(with_break(shares(5, 5), 2017)),
    "bars": lambda: charts.bars(shares(6, 2)),
    "scores": lambda: charts.scores(*stages(6)),
    "contributions": lambda: charts.contributions(counts(6, 2)),
    "heatmap": lambda: charts.heatmap(completeness(6)),
    "bump": lambda: charts.bump(crossing(6, 4)),
    "bump_ties": lambda: charts.bump(crossing(7, 3, ties=2)),
    "contributions_total": lambda: charts.contributions(counts(6, 1)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.mpl_image_compare(savefig_kwargs={"dpi": 60}, tolerance=1, style="default")
def test_kind_looks_as_it_did(kind):
    return KINDS[kind]().figure


def test_every_kind_has_its_picture():
    assert {name.split("_")[0] for name in KINDS} == set(charts.__all__) - {"Chart"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_of_the_bundled_font(kind):
    figure = KINDS[kind]().figure
    words = [text for text in figure.findobj(Text) if text.get_text().strip()]
    assert words
    assert {text.get_fontname() for text in words} == {theme.FAMILY}
