"""The one look at every text of a file, to see whether it needs another."""

from __future__ import annotations

from functools import cache, lru_cache

from thidua_analysis.form import forms
from thidua_analysis.submission.text.signs import may_say, says_something
from thidua_analysis.submission.text.usual import quick_key


@lru_cache(maxsize=1 << 16)
def may_tell(raw: str) -> bool:
    """Whether a text may be a heading, a label or a sign, or holds unusual letters.

    Most texts of a file are data that people typed, and many stand in several files: one look-up
    settles them.
    """
    quick = quick_key(raw)
    if quick is None:
        return True
    return quick in _words() or not quick or (may_say(raw.casefold()) and says_something(raw))


@cache
def _words() -> frozenset[str]:
    """Comparison forms of all headings and labels."""
    labels = (form.info.labels for form in forms().values())
    return frozenset().union(*labels, *(form.leaves for form in forms().values()))
