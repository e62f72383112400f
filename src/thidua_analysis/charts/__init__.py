"""Charts of frames of figures: one function a kind, each returns a `Chart`.

============= ===============================================================================
function      use it for
============= ===============================================================================
dumbbells     two years of each group on one line, all groups in one sorted column
line          more years, at most four lines in colour, a gap at a break in the series
bars          shares and counts by level, award, method, with the change on the year before
targets       attainment around 100 %, with days early or late
scores        points of the members by stage, on the scale up to the maximum of the year
contributions what each member adds to a total or to its change
heatmap       completeness by member and table
bump          ranks over the years
============= ===============================================================================
"""

from thidua_analysis.charts.attainment import targets
from thidua_analysis.charts.bars import bars, contributions
from thidua_analysis.charts.chart import Chart
from thidua_analysis.charts.heatmap import heatmap
from thidua_analysis.charts.score_dots import scores
from thidua_analysis.charts.trends import line
from thidua_analysis.charts.years import bump, dumbbells

__all__ = [
    "Chart",
    "bars",
    "bump",
    "contributions",
    "dumbbells",
    "heatmap",
    "line",
    "scores",
    "targets",
]
