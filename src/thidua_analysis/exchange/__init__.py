"""The exchange with members: templates out, files in, marked copies back, revisions compared.

Names are loaded when they are used, so that light commands stay light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thidua_analysis.exchange.answer.feedback import feedback
    from thidua_analysis.exchange.issue.template import write_template
    from thidua_analysis.exchange.prepare.mapping import map_headings
    from thidua_analysis.exchange.prepare.year_start import new_year, templates
    from thidua_analysis.exchange.receive.board import status
    from thidua_analysis.exchange.receive.intake import add
    from thidua_analysis.exchange.receive.withdraw import withdraw
    from thidua_analysis.exchange.revise.compare import compare
    from thidua_analysis.exchange.revise.moved import figures_that_move

_HOMES = {
    "add": "receive.intake",
    "compare": "revise.compare",
    "feedback": "answer.feedback",
    "figures_that_move": "revise.moved",
    "map_headings": "prepare.mapping",
    "new_year": "prepare.year_start",
    "status": "receive.board",
    "templates": "prepare.year_start",
    "withdraw": "receive.withdraw",
    "write_template": "issue.template",
}

__all__ = [
    "add",
    "compare",
    "feedback",
    "figures_that_move",
    "map_headings",
    "new_year",
    "status",
    "templates",
    "withdraw",
    "write_template",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
