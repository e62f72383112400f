"""The exchange with members: templates out, files in, marked copies back, revisions compared.

Names are loaded when they are used, so that light commands stay light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thidua_analysis.exchange.diff import compare, figures_that_move
    from thidua_analysis.exchange.feedback import feedback
    from thidua_analysis.exchange.intake import add, status, withdraw
    from thidua_analysis.exchange.mapping import map_headings
    from thidua_analysis.exchange.template import templates, write_template
    from thidua_analysis.exchange.year_start import new_year

_HOMES = {
    "add": "intake",
    "compare": "diff",
    "feedback": "feedback",
    "figures_that_move": "diff",
    "map_headings": "mapping",
    "new_year": "year_start",
    "status": "intake",
    "templates": "template",
    "withdraw": "intake",
    "write_template": "template",
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
