"""Output files: pages made by notebooks, and what the notebooks show."""

from thidua_analysis.messages import in_its_language
from thidua_analysis.publish.first_screen import headline, key_figures
from thidua_analysis.publish.lists import (
    claims,
    errors,
    findings,
    honours,
    ranks,
    results,
    shared_measures,
)
from thidua_analysis.publish.sentences import (
    neighbours,
    proposals,
    ranking,
    say,
    say_gaps,
    say_roles,
    sensitivity,
)
from thidua_analysis.publish.sources import definitions, sources
from thidua_analysis.publish.status import board, board_of_years, opening, say_complete
from thidua_analysis.publish.tables import side_by_side, table, totals
from thidua_analysis.publish.target_results import say_targets, targets

__all__ = [
    "board",
    "board_of_years",
    "claims",
    "definitions",
    "errors",
    "findings",
    "headline",
    "honours",
    "key_figures",
    "neighbours",
    "opening",
    "proposals",
    "ranking",
    "ranks",
    "results",
    "say",
    "say_complete",
    "say_gaps",
    "say_roles",
    "say_targets",
    "sensitivity",
    "shared_measures",
    "side_by_side",
    "sources",
    "table",
    "targets",
    "totals",
]

# what is said of English figures is English, whatever is spoken otherwise
for _name in {*__all__} - {"definitions", "opening"}:
    globals()[_name] = in_its_language(globals()[_name])
