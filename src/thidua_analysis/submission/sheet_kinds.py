"""Sheets that are not the sender's: the list of what to mend, lists of choices, the guide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count

from thidua_analysis.excel import Sheet, Workbook
from thidua_analysis.findings import Finding, at
from thidua_analysis.form.model import current, forms
from thidua_analysis.messages import LANGUAGES, text


def is_own(sheet: Sheet) -> bool:
    """Whether a sheet is the list of what to mend, in front of a marked copy that came back.

    A sender may name a sheet so as well: ours is known by its title.
    """
    title = sheet.value(1, 1)
    named = any(sheet.name.startswith(form.mending) for form in forms().values())
    return named and isinstance(title, str) and any(p.fullmatch(title) for p in _titles())


def name_of_list(book: Workbook) -> str:
    """Return the name of the list in a workbook: that of the one before, else one that is free."""
    former = next((sheet.name for sheet in book.sheets if is_own(sheet)), None)
    taken = {sheet.name.casefold() for sheet in book.sheets}
    wanted = current("unit").mending
    free = (name for n in count(2) if (name := f"{wanted} ({n})").casefold() not in taken)
    return former or (next(free) if wanted.casefold() in taken else wanted)


@cache
def _titles() -> list[re.Pattern[str]]:
    """How the title of the list reads, in every language and with any numbers."""
    titles = (text("list-title", lang, errors=0, warnings=0, notes=0) for lang in LANGUAGES)
    return [re.compile(re.escape(title).replace("0", "[0-9]+")) for title in titles]


def is_choices(sheet: str) -> bool:
    """Whether a sheet holds the template's lists of choices."""
    return any(sheet == form.choices for form in forms().values())


def is_guide(sheet: Sheet) -> bool:
    """Whether a sheet is the template's, and says how to fill it in: known by its first step."""
    named = sheet.name == text("template-instructions")
    return named and sheet.value(4, 1) == text("template-step", number=1)


def without_choices(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave the template's lists of choices out of what is said to be hidden."""
    for one in findings:
        if one.code != "hidden-data" or one.cell:
            yield one
            continue
        places = [place for place in one.params["what"].split("; ") if not is_choices(place)]
        if places:
            yield at(one, params={**one.params, "what": "; ".join(places)})
