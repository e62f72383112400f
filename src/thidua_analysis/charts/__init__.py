"""Charts of frames of figures: one function a kind, each returns a `Chart`.

============= ===============================================================================
function      use it for
============= ===============================================================================
dumbbells     two years of each group on one line, all groups in one sorted column
line          more years, at most four lines in colour, a gap at a break in the series
bars          shares and counts by level, award, method, with the change on the year before
scores        points of the members by stage, on the scale up to the maximum of the year
contributions what each member adds to a total or to its change
heatmap       completeness by member and table
bump          ranks over the years
============= ===============================================================================

Each draws a frame of figures, and any other frame with a column ``value``: ``year``, ``unit``,
``text`` and a column that names the groups are optional. Each takes ``title=`` and ``subtitle=``
of one's own; ``chart.titled("…")`` gives them to a chart that there is.

They are loaded when they are first used: what only says or prints figures needs no matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thidua_analysis.charts.chart import Chart
    from thidua_analysis.charts.coverage_map import heatmap
    from thidua_analysis.charts.group_bars import bars, contributions
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
]

#: Name → the module that defines it.
_HOMES = {
    "Chart": "chart",
    "bars": "group_bars",
    "bump": "years",
    "contributions": "group_bars",
    "dumbbells": "years",
    "heatmap": "coverage_map",
    "line": "trends",
    "scores": "score_dots",
}


def __getattr__(name: str) -> Any:
    """Load a chart when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
