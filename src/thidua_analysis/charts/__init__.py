"""Charts of frames of figures: one function a kind, each returns a `Chart`.

========== ==================================================================================
function   use it for
========== ==================================================================================
slope      two years, one line a group, labels at both ends
line       more years, at most four lines in colour, a gap at a break in the series
multiples  more years and groups: one panel each, all on one scale
bars       shares and counts by level, award, method, with the change on the year before
targets    attainment around 100 %, with days early or late
scores     points of the members in their parts, the total at the end
waterfall  what each member adds to a total or to its change
heatmap    completeness by member and table
bump       ranks over the years
========== ==================================================================================
"""

from thidua_analysis.charts.attainment import targets
from thidua_analysis.charts.bars import bars, waterfall
from thidua_analysis.charts.chart import Chart
from thidua_analysis.charts.members import heatmap, scores
from thidua_analysis.charts.slopes import bump, slope
from thidua_analysis.charts.trends import line, multiples

__all__ = [
    "Chart",
    "bars",
    "bump",
    "heatmap",
    "line",
    "multiples",
    "scores",
    "slope",
    "targets",
    "waterfall",
]
