"""Values in whose cell an error was found are kept out of the rows."""

from __future__ import annotations

from collections.abc import Iterable

from thidua_analysis.findings import Finding
from thidua_analysis.submission.extraction.extracted import Extract


def withhold(parts: Iterable[Extract], found: Iterable[Finding]) -> None:
    """Drop every value whose cell an error names, whichever rule found it.

    Parameters
    ----------
    parts
        The tables as read.
    found
        All findings of the submission.
    """
    bad = {(f.sheet, f.cell) for f in found if f.severity == "error" and f.cell}
    sheets = {sheet for sheet, _ in bad}
    for part in parts:
        if part.sheet.name not in sheets:
            continue
        for name, column in part.columns.items():
            for position in range(len(column.values)):
                if (part.sheet.name, part.cell(name, position)) in bad:
                    column.drop(position)
