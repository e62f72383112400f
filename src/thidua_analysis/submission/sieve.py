"""The one look at every text of a file, to see whether it needs another."""

from __future__ import annotations

from functools import lru_cache

from thidua_analysis.submission.identity.info import may_be_label
from thidua_analysis.submission.tables.blocks import may_be_heading
from thidua_analysis.submission.text.signs import says_something
from thidua_analysis.submission.text.usual import UNUSUAL


@lru_cache(maxsize=1 << 16)
def may_tell(raw: str) -> bool:
    """Whether a text may be a heading, a label or a sign, or holds unusual letters.

    Most texts of a file are data that people typed, and most stand in many files: one look-up
    settles them.
    """
    if UNUSUAL.search(raw) or raw.isspace():
        return True
    return may_be_heading(raw) or may_be_label(raw) or says_something(raw)
