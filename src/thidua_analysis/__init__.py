"""Reads, checks and reports what the members of an emulation bloc (khối thi đua) submit.

The public names are loaded when they are first used, so that checking a file needs no pandas.

Examples
--------
>>> import thidua_analysis as td
>>> sorted(td.__all__)
['Dataset', 'build', 'charts', 'export', 'indicators', 'label', 'load', 'report', 'trace', 'verify']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thidua_analysis import charts, indicators
    from thidua_analysis.dataset import Dataset
    from thidua_analysis.indicators.dictionary import label
    from thidua_analysis.lineage.claims import verify
    from thidua_analysis.lineage.tracing import trace
    from thidua_analysis.pipeline import build, load
    from thidua_analysis.publish.pack import export
    from thidua_analysis.publish.report import report

__all__ = [
    "Dataset",
    "build",
    "charts",
    "export",
    "indicators",
    "label",
    "load",
    "report",
    "trace",
    "verify",
]

#: Public name → where it is defined; modules stand for themselves.
_HOMES = {
    "Dataset": "dataset",
    "build": "pipeline",
    "charts": "charts",
    "export": "publish.pack",
    "indicators": "indicators",
    "label": "indicators.dictionary",
    "load": "pipeline",
    "report": "publish.report",
    "trace": "lineage.tracing",
    "verify": "lineage.claims",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name == "__version__":
        return import_module("importlib.metadata").version("thidua-analysis")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{home}")
    value = module if home == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
