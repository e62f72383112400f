"""Sheets that this program put into a workbook itself: they hold nothing of the sender."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from thidua_analysis.findings import Finding, at
from thidua_analysis.form import forms


def is_own(sheet: str) -> bool:
    """Whether a sheet is the list of what to mend, in front of a marked copy that came back."""
    return any(sheet == form.mending for form in forms().values())


def without_choices(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave the template's lists of choices out of what is said to be hidden."""
    own = {form.choices for form in forms().values()}
    for one in findings:
        if one.code != "hidden-data" or one.cell:
            yield one
            continue
        places = [place for place in one.params["what"].split("; ") if place not in own]
        if places:
            yield at(one, params={"what": "; ".join(places)})
