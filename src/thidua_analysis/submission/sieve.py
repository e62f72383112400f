"""The one look at every text of a file, to see whether it needs another."""

from __future__ import annotations

from functools import cache, lru_cache

from thidua_analysis.form import forms
from thidua_analysis.submission.identity.info import may_be_label
from thidua_analysis.submission.text.signs import may_say, says_something
from thidua_analysis.submission.text.usual import quick_key

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
