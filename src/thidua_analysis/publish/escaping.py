"""Shows pandas' styled tables with every text of the data escaped."""

from __future__ import annotations

import copy
from html import escape
from typing import Any


def install(shell: Any) -> None:
    """Make a shell show styled tables escaped: cells, labels, names and captions.

    pandas prints what is in them as it is, so that a cell of a workbook could bring markup.
    """
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("pandas.io.formats.style", "Styler", styled)


def styled(styler: Any) -> str:
    """Return a styled table as markup with every text escaped; its own formats stay for numbers."""
    safe = copy.deepcopy(styler)
    for place, function in list(safe._display_funcs.items()):
        safe._display_funcs[place] = _escaped(function)
    default = safe._display_funcs.default_factory
    safe._display_funcs.default_factory = lambda: _escaped(default())
    safe.format_index(escape="html", axis=0).format_index(escape="html", axis=1)
    for axis in (safe.index, safe.columns):
        axis.names = [None if name is None else escape(str(name)) for name in axis.names]
    if safe.caption:
        caption = safe.caption
        safe.set_caption(
            escape(caption) if isinstance(caption, str) else tuple(map(escape, caption))
        )
    return str(safe.to_html())


def _escaped(function: Any) -> Any:
    def shown(value: Any) -> Any:
        printed = function(value)
        return escape(printed) if isinstance(printed, str) else printed

    return shown
