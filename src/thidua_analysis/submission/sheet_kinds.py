"""The one look at every text of a file, to see whether it needs another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import count

from thidua_analysis.excel import Sheet, Workbook
from thidua_analysis.findings import Finding, at
from thidua_analysis.form.model import current, forms
from thidua_analysis.messages import LANGUAGES, text
from thidua_analysis.submission.info import may_be_label
from thidua_analysis.submission.row_words import may_say, quick_key, says_something


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


#: Texts that were found to be data; many stand in several files.
_data: set[str] = set()
_MOST_REMEMBERED = 1 << 16


def telling(texts: frozenset[str]) -> frozenset[str]:
    """Return those of the texts that may be a heading, a label or a sign, or look unusual.

    Most texts of a file are data that people typed.
    """
    new = texts - _data
    found = frozenset(filter(_may_tell, new))
    if len(_data) > _MOST_REMEMBERED:
        _data.clear()
    _data.update(new - found)
    return found


@lru_cache(maxsize=1 << 12)
def _may_tell(raw: str) -> bool:
    quick = quick_key(raw)
    if quick is None:
        return True
    if quick in _words() or not quick or (quick[0].isdigit() and may_be_label(raw)):
        return True
    return may_say(raw.casefold()) and says_something(raw)


@cache
def _words() -> frozenset[str]:
    """Comparison forms of all headings and labels."""
    labels = (form.info.labels for form in forms().values())
    return frozenset().union(*labels, *(form.leaves for form in forms().values()))
